//! Questions to answers: git, Jira, Prometheus, Alertmanager.
//!
//! | room | is |
//! |---|---|
//! | [`capability`] | what can be asked, in small traits |
//! | [`registry`] | which backend can do what: one line a kind |
//! | [`http`] | one client layer: bounds, retries, credentials, names of failures |
//! | [`git`], [`jira`], [`prometheus`], [`alertmanager`], [`caldav`] | a folder a backend |
//! | [`running`] | what runs where, by PromQL, file or command |
//! | [`burn`], [`check`], `health` | an objective's events; a step's check; health checks |
//! | [`secret`], [`process`] | secrets; programs run for an answer |

pub mod alertmanager;
pub mod burn;
pub mod caldav;
pub mod capability;
pub mod check;
pub mod git;
mod health;
pub mod http;
pub mod jira;
pub mod labels;
mod measured;
#[cfg(test)]
mod mutated;
pub mod process;
pub mod prometheus;
pub mod registry;
pub mod running;
pub mod secret;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

pub use self::http::Limits;
use self::registry::{Capabilities, Ground};
use self::secret::Secrets;
use crate::domain::question::{Checked, Identity, Span};
use crate::domain::release::TrackerRef;
use crate::domain::show;
use crate::domain::silence;
use crate::domain::template;
use crate::domain::tracker::{Push, Pushed};
use crate::domain::workspace::{BackendKind, VersionsSource};
use crate::domain::{Answer, Environment, Failure, FailureKind, Question, Release, Service, Workspace};

/// The name under which git answers where the workspace configures none.
const GIT: &str = "git";

/// The backends of a workspace. Cheap to make and to clone; nothing is opened before it is needed.
/// Dropping an answer on its way gives the question up: connections close, programs are killed.
#[derive(Clone)]
pub struct Backends {
    inner: Arc<Inner>,
}

struct Inner {
    workspace: Arc<Workspace>,
    ground: Ground,
    connected: BTreeMap<String, Capabilities>,
}

impl Backends {
    /// Those that the workspace configures, and git.
    pub fn new(workspace: Arc<Workspace>) -> Self {
        Self::with_limits(workspace, Limits::default())
    }

    /// With other bounds than the usual ones.
    pub fn with_limits(workspace: Arc<Workspace>, limits: Limits) -> Self {
        let root = workspace.origin.root().map(std::path::Path::to_owned);
        let secrets = Arc::new(Secrets::new(root.clone(), limits));
        let ground = Ground { root, secrets, limits };
        let configured = workspace.backends.iter();
        let mut connected: BTreeMap<String, Capabilities> =
            configured.map(|config| (config.name.clone(), registry::connect(config, &ground))).collect();
        if workspace.first_backend(BackendKind::Git).is_none() {
            connected.entry(GIT.to_owned()).or_insert_with(|| registry::git(&ground));
        }
        Self { inner: Arc::new(Inner { workspace, ground, connected }) }
    }

    /// The workspace they were made from.
    pub fn workspace(&self) -> &Arc<Workspace> {
        &self.inner.workspace
    }

    /// Answers, or gives up in time. `now` is the instant a question without a time is about.
    pub async fn answer(&self, question: &Question, now: DateTime<Utc>) -> Result<Answer, Failure> {
        // Each call has its own deadline, but a question may take many calls: pages, dialects.
        let limit = self.inner.limit(question);
        let in_time = tokio::time::timeout(limit, self.inner.answer(question, now)).await;
        in_time.unwrap_or_else(|_| Err(late(self.source_of(question).as_deref(), limit)))
    }

    /// Changes a version's release date in its tracker, once; see [`capability::TrackerControl`].
    pub async fn push(&self, push: &Push) -> Pushed {
        let name = &push.reference.backend;
        let control = self
            .inner
            .backend(name)
            .and_then(|backend| able(name, backend.tracker_control.as_deref(), "way to change a version"));
        match control {
            Ok(control) => control.set_release_date(push).await,
            Err(failure) => Pushed::Refused(failure),
        }
    }

    /// Makes a silence, once; see [`capability::SilenceControl`].
    pub async fn silence(&self, request: &silence::Request) -> silence::Created {
        match self.silence_control(&request.backend) {
            Ok(control) => control.silence(request).await,
            Err(failure) => silence::Created::Refused(failure),
        }
    }

    /// Ends a silence, once; see [`capability::SilenceControl`].
    pub async fn expire(&self, backend: &str, id: &str) -> silence::Expired {
        match self.silence_control(backend) {
            Ok(control) => control.expire(id).await,
            Err(failure) => silence::Expired::Refused(failure),
        }
    }

    fn silence_control(&self, name: &str) -> Result<&dyn capability::SilenceControl, Failure> {
        able(name, self.inner.backend(name)?.silence_control.as_deref(), "way to change silences")
    }

    /// The name of the backend that answers a question; `None`: a file, a command, or nobody.
    pub fn source_of(&self, question: &Question) -> Option<String> {
        let workspace = &self.inner.workspace;
        match question {
            Question::Identity { backend }
            | Question::Alerts { backend }
            | Question::AlertHistory { backend, .. }
            | Question::Silences { backend }
            | Question::TrackerVersions { backend, .. } => Some(backend.clone()),
            Question::Tags { .. }
            | Question::Changes { .. }
            | Question::WorkspaceChanges
            | Question::FrozenBranches { .. } => Some(self.inner.git_name()),
            Question::Tracker { release } => {
                workspace.release(release)?.tracker.as_ref().map(|tracker| tracker.backend.clone())
            }
            Question::Metric { .. }
            | Question::Measured { .. }
            | Question::Burn { .. }
            | Question::StepQuery { .. } => self.inner.prometheus_name(None),
            Question::Health { target, .. } => {
                let service = workspace.service(&target.service)?;
                let check = service.health.iter().find(|check| check.id == target.check)?;
                let is_query = matches!(check.probe, crate::domain::health::Probe::Query { .. });
                if is_query { self.inner.prometheus_name(None) } else { None }
            }
            Question::StepCommand { .. } | Question::HealthCommand(_) => None,
            Question::Running { environment } | Question::RunningHistory { environment, .. } => {
                match workspace.environment(environment)?.versions.as_ref()? {
                    VersionsSource::Query { backend, .. } => self.inner.prometheus_name(backend.as_deref()),
                    VersionsSource::File(_) | VersionsSource::Command(_) => None,
                }
            }
        }
    }

    /// Asks every backend who it is, all at once; by name.
    pub async fn probe_all(&self) -> Vec<(String, Result<Identity, Failure>)> {
        let limit = self.inner.ground.limits.question;
        let asked = self.inner.connected.iter().map(|(name, backend)| async move {
            let in_time = tokio::time::timeout(limit, backend.identity.identity()).await;
            (name.clone(), in_time.unwrap_or_else(|_| Err(late(Some(name), limit))))
        });
        futures_util::future::join_all(asked).await
    }
}

impl std::fmt::Debug for Backends {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Backends").field("names", &self.inner.connected.keys()).finish()
    }
}

impl Inner {
    /// How long a question may take. A step's check may have a bound of its own.
    fn limit(&self, question: &Question) -> Duration {
        let usual = self.ground.limits.question;
        if let Question::HealthCommand(target) | Question::Health { target, .. } = question {
            return self.limit_of_check(target).map_or(usual, |own| usual.max(own + Duration::from_secs(5)));
        }
        let Question::StepCommand { release, step } = question else { return usual };
        let step = self.workspace.release(release).and_then(|release| release.show.step(step));
        match step.and_then(|step| step.check.as_ref()) {
            Some(show::Check::Command { timeout: Some(timeout), .. }) => {
                // The program's own bound speaks first.
                usual.max(timeout.to_std().unwrap_or_default() + Duration::from_secs(5))
            }
            _ => usual,
        }
    }

    fn limit_of_check(&self, target: &crate::domain::health::Target) -> Option<Duration> {
        let service = self.workspace.service(&target.service)?;
        let check = service.health.iter().find(|check| check.id == target.check)?;
        match &check.probe {
            crate::domain::health::Probe::Query { .. } => None,
            crate::domain::health::Probe::Http(http) => http.timeout.to_std().ok(),
            crate::domain::health::Probe::Command { timeout, .. } => {
                timeout.and_then(|own| own.to_std().ok())
            }
        }
    }

    async fn answer(&self, question: &Question, now: DateTime<Utc>) -> Result<Answer, Failure> {
        match question {
            Question::Identity { backend } => {
                self.backend(backend)?.identity.identity().await.map(Answer::Identity)
            }
            Question::Tags { service } => {
                let name = self.git_name();
                let source = able(&name, self.backend(&name)?.versions.as_deref(), "version tags")?;
                source.tags(self.service(service)?).await.map(Answer::Tags)
            }
            Question::Changes { service, from, to } => {
                let name = self.git_name();
                let source = able(&name, self.backend(&name)?.changes.as_deref(), "changes")?;
                let service = self.service(service)?;
                source.changes(service, from.as_deref(), to.as_deref()).await.map(Answer::Changes)
            }
            Question::WorkspaceChanges => {
                let name = self.git_name();
                let source = able(&name, self.backend(&name)?.changes.as_deref(), "changes")?;
                source.of_workspace().await.map(Answer::Changes)
            }
            Question::FrozenBranches { service, branches, from, to } => {
                let name = self.git_name();
                let source = able(&name, self.backend(&name)?.branches.as_deref(), "branches")?;
                let service = self.service(service)?;
                source.landed(service, branches, (*from, *to), now).await.map(Answer::FrozenBranches)
            }
            Question::Running { environment } => self.running(environment, now).await.map(Answer::Running),
            Question::RunningHistory { environment, span } => self.history(environment, *span, now).await,
            Question::Metric { .. } | Question::Measured { .. } => self.metric(question, now).await,
            Question::Health { target, .. } | Question::HealthCommand(target) => {
                health::ask(self, target, now).await.map(Answer::Health)
            }
            Question::Burn { service, environment, version, part } => {
                let asked = burn::Asked {
                    service: self.service(service)?,
                    environment: environment.as_deref().map(|id| self.environment(id)).transpose()?,
                    version: version.as_deref(),
                    part: *part,
                };
                burn::ask(self.series(None)?, &asked, now).await.map(Answer::Burned)
            }
            Question::Alerts { backend } => {
                let source = able(backend, self.backend(backend)?.alerts.as_deref(), "alerts")?;
                source.alerts().await.map(Answer::Alerts)
            }
            Question::AlertHistory { backend, span } => {
                let source = self.backend(backend)?.alert_history.as_deref();
                let source = able(backend, source, "alerts of the past")?;
                source.alert_history(*span, now).await.map(Answer::AlertHistory)
            }
            Question::Silences { backend } => {
                let source = able(backend, self.backend(backend)?.silences.as_deref(), "silences")?;
                source.silences().await.map(Answer::Silences)
            }
            Question::Tracker { release } => {
                let TrackerRef { backend, project, version } = self.tracker(release)?;
                let source = able(backend, self.backend(backend)?.tickets.as_deref(), "tickets")?;
                source.version(project, version).await.map(Answer::Tracker)
            }
            Question::TrackerVersions { backend, project } => {
                let source = able(backend, self.backend(backend)?.tickets.as_deref(), "tickets")?;
                source.versions(project).await.map(Answer::TrackerVersions)
            }
            Question::StepQuery { release, step } | Question::StepCommand { release, step } => {
                self.check(release, step, now).await.map(Answer::Checked)
            }
        }
    }

    async fn check(&self, id: &str, step: &str, now: DateTime<Utc>) -> Result<Checked, Failure> {
        let release = self.release(id)?;
        let found = release.show.step(step).and_then(|step| step.check.as_ref());
        let found = found.ok_or_else(|| {
            unknown(format!("the step {step} of {id} has no check"), "write check = … under its [[step]]")
        })?;
        let garbled = |error: template::UnknownTemplate| {
            let what = format!("the check of the step {step} of {id}: {error}");
            Failure::new(FailureKind::BadQuery, what, format!("correct it in releases/{id}.toml"))
        };
        match found {
            show::Check::Query { query, until } => {
                let query = show::check::query(release, query).map_err(garbled)?;
                check::by_query(self.series(None)?, &query, *until, now).await
            }
            show::Check::Command { argv, timeout } => {
                let argv = show::check::command(release, argv).map_err(garbled)?;
                let timeout = timeout.and_then(|timeout| timeout.to_std().ok());
                check::by_command(self.ground.root.as_deref(), &argv, timeout, &self.ground.limits).await
            }
        }
    }

    async fn running(
        &self,
        environment: &str,
        now: DateTime<Utc>,
    ) -> Result<crate::domain::question::Running, Failure> {
        let root = self.ground.root.as_deref();
        match self.versions_source(environment)? {
            VersionsSource::Query { backend, query } => {
                let source = self.series(backend.as_deref())?;
                running::by_query(source, environment, query, now).await
            }
            VersionsSource::File(file) => running::by_file(root, file, &self.ground.limits).await,
            VersionsSource::Command(argv) => running::by_command(root, argv, &self.ground.limits).await,
        }
    }

    async fn history(&self, environment: &str, span: Span, now: DateTime<Utc>) -> Result<Answer, Failure> {
        let history = match self.versions_source(environment)? {
            VersionsSource::Query { backend, query } => {
                let source = self.series(backend.as_deref())?;
                running::history_by_query(source, environment, query, span, now).await?
            }
            _ => running::history_of(self.running(environment, now).await?, now),
        };
        Ok(Answer::RunningHistory(history))
    }

    fn backend(&self, name: &str) -> Result<&Capabilities, Failure> {
        self.connected.get(name).ok_or_else(|| {
            unknown(format!("there is no backend {name}"), format!("write [backend.{name}] in tminus.toml"))
        })
    }

    fn service(&self, id: &str) -> Result<&Service, Failure> {
        self.workspace.service(id).ok_or_else(|| {
            unknown(format!("there is no service {id}"), "write its [[service]] in tminus.toml")
        })
    }

    fn environment(&self, id: &str) -> Result<&Environment, Failure> {
        self.workspace.environment(id).ok_or_else(|| {
            unknown(format!("there is no environment {id}"), "write its [[environment]] in tminus.toml")
        })
    }

    fn versions_source(&self, environment: &str) -> Result<&VersionsSource, Failure> {
        self.environment(environment)?.versions.as_ref().ok_or_else(|| {
            let what = format!("nothing says which versions run in {environment}");
            unknown(what, "write versions = … under its [[environment]]")
        })
    }

    fn release(&self, id: &str) -> Result<&Release, Failure> {
        self.workspace.release(id).ok_or_else(|| {
            unknown(format!("there is no release {id}"), "tminus release list names those that are")
        })
    }

    fn tracker(&self, release: &str) -> Result<&TrackerRef, Failure> {
        let known = self.release(release)?;
        known.tracker.as_ref().ok_or_else(|| {
            let what = format!("the release {release} names no version in a tracker");
            unknown(what, "write tracker = \"jira:PROJECT/VERSION\" in its file")
        })
    }

    fn series(&self, name: Option<&str>) -> Result<&dyn capability::SeriesSource, Failure> {
        let name = self.prometheus_name(name).ok_or_else(|| {
            unknown("no Prometheus is configured".to_owned(), "write [backend.prometheus] with its url")
        })?;
        able(&name, self.backend(&name)?.series.as_deref(), "series")
    }

    fn prometheus_name(&self, name: Option<&str>) -> Option<String> {
        let first =
            || self.workspace.first_backend(BackendKind::Prometheus).map(|config| config.name.as_str());
        name.or_else(first).map(str::to_owned)
    }

    fn git_name(&self) -> String {
        let configured = self.workspace.first_backend(BackendKind::Git);
        configured.map_or_else(|| GIT.to_owned(), |config| config.name.clone())
    }
}

fn able<'a, T: ?Sized>(name: &str, capability: Option<&'a T>, what: &str) -> Result<&'a T, Failure> {
    capability.ok_or_else(|| {
        let mend = "ask one of another kind: see [backend.*] in tminus.toml";
        unknown(format!("the backend {name} knows no {what}"), mend)
    })
}

/// A question whose calls, one after the other, took too long.
fn late(name: Option<&str>, limit: std::time::Duration) -> Failure {
    let what =
        format!("{}: the question was not answered in full within {limit:?}", name.unwrap_or("versions"));
    Failure::new(FailureKind::Timeout, what, "ask for less, or ask who runs it why it is slow")
}

fn unknown(what: String, mend: impl AsRef<str>) -> Failure {
    Failure::new(FailureKind::NotConfigured, what, mend)
}
