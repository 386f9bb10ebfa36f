//! How the backends are: who answers, who does not, since when, and when it is tried next.

use std::time::Duration;

use crate::domain::workspace::{BackendKind, VersionsSource};
use crate::domain::{Face, Failure, Now, Question, Safe, Workspace};

use super::budgets::Spent;
use super::{State, polling};

/// How one backend is.
#[derive(Debug, Clone, PartialEq)]
pub struct Health<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it is.
    pub kind: BackendKind,
    /// How it looks.
    pub status: HealthStatus<'a>,
    /// How much of its budget is spent; `None`: it is not reached over the network.
    pub spent: Option<Spent>,
}

/// How a backend looks.
#[derive(Debug, Clone, PartialEq)]
pub enum HealthStatus<'a> {
    /// Nothing was asked of it yet.
    Unknown,
    /// The first answer is on its way.
    Loading,
    /// It answers.
    Good {
        /// Its last answer's age.
        age: Duration,
    },
    /// It answers, but not for all of its sources: what it tells is not known to be whole.
    Partial {
        /// What it says of that.
        warning: &'a Safe,
    },
    /// It answered, and has not for longer than an answer counts.
    Silent {
        /// Its last good answer's age.
        age: Duration,
    },
    /// It does not answer.
    Down {
        /// The latest failure.
        failure: &'a Failure,
        /// Since when.
        since: Now,
        /// Until it is tried again.
        next_try: Duration,
    },
}

/// Every configured backend and how it is, in file order.
pub fn backends(state: &State) -> Vec<Health<'_>> {
    let workspace = &state.workspace;
    workspace
        .backends
        .iter()
        .map(|backend| Health {
            name: &backend.name,
            kind: backend.kind,
            status: status(state, &backend.name),
            spent: state.budgets.spent(workspace, &backend.name, state.now),
        })
        .collect()
}

/// The question that keeps each backend's health known.
pub fn wanted(state: &State) -> Vec<Question> {
    let names = state.workspace.backends.iter().map(|backend| backend.name.clone());
    names.map(|backend| Question::Identity { backend }).collect()
}

/// The name of the backend that answers a question.
pub fn source<'a>(workspace: &'a Workspace, question: &'a Question) -> Option<&'a str> {
    let first = |kind| workspace.first_backend(kind).map(|backend| backend.name.as_str());
    match question {
        Question::Identity { backend }
        | Question::Alerts { backend }
        | Question::AlertHistory { backend, .. }
        | Question::Silences { backend }
        | Question::TrackerVersions { backend, .. } => Some(backend),
        // Git answers even where nobody configures it.
        Question::Tags { .. }
        | Question::Changes { .. }
        | Question::WorkspaceChanges
        | Question::FrozenBranches { .. } => first(BackendKind::Git).or(Some("git")),
        Question::Metric { .. }
        | Question::Measured { .. }
        | Question::Burn { .. }
        | Question::StepQuery { .. } => first(BackendKind::Prometheus),
        Question::Health { target, .. } => {
            let service = workspace.service(&target.service)?;
            let check = service.health.iter().find(|check| check.id == target.check)?;
            let is_query = matches!(check.probe, crate::domain::health::Probe::Query { .. });
            first(BackendKind::Prometheus).filter(|_| is_query)
        }
        Question::StepCommand { .. } | Question::HealthCommand(_) => None,
        Question::Running { environment } | Question::RunningHistory { environment, .. } => {
            match workspace.environment(environment)?.versions.as_ref()? {
                VersionsSource::Query { backend: Some(name), .. } => Some(name),
                VersionsSource::Query { backend: None, .. } => first(BackendKind::Prometheus),
                VersionsSource::File(_) | VersionsSource::Command(_) => None,
            }
        }
        Question::Tracker { release } => {
            workspace.release(release)?.tracker.as_ref().map(|tracker| tracker.backend.as_str())
        }
    }
}

fn status<'a>(state: &'a State, name: &str) -> HealthStatus<'a> {
    let mut latest_good: Option<Now> = None;
    let mut trouble = None;
    let mut warning = None;
    let mut loading = false;
    for (question, remote) in state.remotes.iter() {
        if source(&state.workspace, question) != Some(name) {
            continue;
        }
        loading |= remote.pending().is_some();
        latest_good = latest_good.max(remote.since());
        if let Face::Fresh(answer) = remote.face(state.now, polling::fresh_for(question)) {
            warning = warning.or(answer.warnings().first());
        }
        if let Some(found) = remote.trouble().filter(|found| speaks_of_the_backend(&found.failure)) {
            let newer = trouble
                .as_ref()
                .is_none_or(|(old, _): &(&crate::domain::remote::Trouble, _)| found.at > old.at);
            if newer {
                trouble = Some((found, polling::due(question, Some(remote))));
            }
        }
    }
    match (trouble, latest_good) {
        (Some((trouble, due)), good) if good.is_none_or(|good| good < trouble.at) => HealthStatus::Down {
            failure: &trouble.failure,
            since: trouble.since,
            next_try: due.unwrap_or_default().saturating_sub(state.now.mono),
        },
        (_, Some(good)) => {
            let age = state.now.mono.saturating_sub(good.mono);
            match warning {
                _ if age > counts_for() => HealthStatus::Silent { age },
                Some(warning) => HealthStatus::Partial { warning },
                None => HealthStatus::Good { age },
            }
        }
        _ if loading => HealthStatus::Loading,
        _ => HealthStatus::Unknown,
    }
}

/// How long the last good answer says that a backend answers: as long as who it is counts as known.
fn counts_for() -> Duration {
    polling::fresh_for(&Question::Identity { backend: String::new() })
}

/// Whether a failure tells of the backend as a whole, not of one question (a bad query, a
/// missing version).
fn speaks_of_the_backend(failure: &Failure) -> bool {
    use crate::domain::FailureKind::{BadQuery, Cancelled, Command, File, NotConfigured, NotFound};
    !matches!(failure.kind, BadQuery | Cancelled | NotFound | NotConfigured | Command | File)
}
