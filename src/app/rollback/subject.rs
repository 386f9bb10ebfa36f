//! What is brought back, and where.

use crate::app::{self, remotes};
use crate::domain::{Release, Workspace};

/// A service that moves in an environment, and no release says why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RolloutId {
    /// Where.
    pub environment: String,
    /// Which.
    pub service: String,
}

/// What is brought back.
#[derive(Debug, Clone, PartialEq)]
pub enum Subject<'a> {
    /// A release.
    Release(&'a Release),
    /// A rollout that no release knows.
    Rollout(&'a RolloutId),
}

impl<'a> Subject<'a> {
    /// The services that go back.
    pub fn services(&self) -> Vec<&'a str> {
        match self {
            Self::Release(release) => release.services().collect(),
            Self::Rollout(rollout) => vec![&rollout.service],
        }
    }

    /// For people.
    pub fn title(&self) -> &'a str {
        match self {
            Self::Release(release) => &release.title,
            Self::Rollout(rollout) => &rollout.service,
        }
    }
}

/// Where something is brought back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// The environment.
    pub environment: String,
    /// One region of it; `None`: all there are.
    pub region: Option<String>,
}

impl std::fmt::Display for Target {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.region {
            Some(region) => write!(formatter, "{} · {region}", self.environment),
            None => write!(formatter, "{}", self.environment),
        }
    }
}

/// What the panel speaks of: the rollout picked here, else the release all panels speak of, else
/// the first that is listed.
pub fn selected(state: &app::State) -> Option<Subject<'_>> {
    if let Some(picked) = state.rollback.rollout.as_ref().filter(|picked| picked.beside == state.release) {
        return Some(Subject::Rollout(&picked.rollout));
    }
    if let Some(release) = state.release.as_deref().and_then(|id| state.workspace.release(id)) {
        return Some(Subject::Release(release));
    }
    let first = state.rollback.index.first(state.now.wall)?;
    state.workspace.releases.get(first).map(Subject::Release)
}

/// Where a subject can be brought back, in the order of its stages.
pub fn targets(workspace: &Workspace, subject: &Subject<'_>) -> Vec<Target> {
    let mut targets = Vec::new();
    let mut add = |environment: &str, region: Option<&str>| {
        let target = Target { environment: environment.to_owned(), region: region.map(str::to_owned) };
        if !targets.contains(&target) {
            targets.push(target);
        }
        if region.is_none() {
            let regions = workspace.environment(environment).map(|found| found.regions.as_slice());
            for region in regions.unwrap_or_default() {
                let target = Target { environment: environment.to_owned(), region: Some(region.id.clone()) };
                if !targets.contains(&target) {
                    targets.push(target);
                }
            }
        }
    };
    match subject {
        Subject::Rollout(rollout) => add(&rollout.environment, None),
        Subject::Release(release) => {
            for stage in &release.stages {
                add(&stage.environment, stage.region.as_deref());
            }
        }
    }
    targets
}

/// The target in view: the one chosen, where the subject goes there; else the one whose stage
/// began last; else the first.
pub fn target(state: &app::State, subject: &Subject<'_>) -> Option<Target> {
    let targets = targets(&state.workspace, subject);
    if let Some(chosen) = state.rollback.target.as_ref().filter(|chosen| targets.contains(chosen)) {
        return Some(chosen.clone());
    }
    let latest = match subject {
        Subject::Release(release) => {
            let begun = release.stages.iter().filter(|stage| stage.start <= state.now.wall);
            begun.max_by_key(|stage| stage.start)
        }
        Subject::Rollout(_) => None,
    };
    let latest =
        latest.map(|stage| Target { environment: stage.environment.clone(), region: stage.region.clone() });
    latest.or_else(|| targets.into_iter().next())
}

/// Whether the rollout can still be seen, where anything is known of its environment.
pub fn is_seen(state: &app::State, rollout: &RolloutId) -> bool {
    let face = state.remotes.running(&rollout.environment, state.now);
    remotes::value_of(&face).is_none_or(|running| running.services.contains_key(&rollout.service))
}
