//! Versions of a tracker beside the plan: which of them nobody planned here, where the two
//! differ, and what a change of a date over there would be.
//!
//! Dates of a tracker are civil dates, without a zone: a plan is compared with them by the date
//! its last stage ends on in the workspace's zone.

pub mod adopt;
mod compare;
pub mod push;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use chrono::{NaiveDate, TimeDelta};
use chrono_tz::Tz;

use super::workspace::BackendKind;
use super::{Release, Workspace};

pub use adopt::{Adoption, Wishes, adopt};
pub use compare::{Difference, Standing, State, compare};
pub use push::{Dates, NoPush, Push, Pushed, Sent, propose};

/// A project of a tracker.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Project {
    /// The backend's name.
    pub backend: String,
    /// Its key: `PAY`.
    pub key: String,
}

/// The projects a workspace uses, sorted: those that releases name, and those listed under the
/// backends.
pub fn projects(workspace: &Workspace) -> Vec<Project> {
    let named = workspace.releases.iter().filter_map(|release| release.tracker.as_ref());
    let named = named.map(|tracker| (tracker.backend.as_str(), tracker.project.as_str()));
    let trackers = workspace.backends.iter().filter(|backend| backend.kind == BackendKind::Jira);
    let listed = trackers
        .flat_map(|backend| backend.projects.iter().map(|project| (backend.name.as_str(), project.as_str())));
    let distinct: BTreeSet<(&str, &str)> = named.chain(listed).collect();
    let owned = |(backend, key): (&str, &str)| Project { backend: backend.to_owned(), key: key.to_owned() };
    distinct.into_iter().map(owned).collect()
}

/// The civil date a release's plan ends on in a zone: that of the last instant of its last stage,
/// so a stage that ends at midnight ends on the day before. `None`: nothing is planned.
pub fn ends_on(release: &Release, zone: Tz) -> Option<NaiveDate> {
    let end = release.stages.iter().map(|stage| stage.end).max()?;
    Some((end - TimeDelta::nanoseconds(1)).with_timezone(&zone).date_naive())
}
