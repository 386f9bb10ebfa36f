//! What the tracker says beside what the plan says.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::{Project, ends_on};
use crate::domain::question::TrackerVersion;
use crate::domain::release::TrackerRef;
use crate::domain::{Release, Status, Workspace};

/// One version: there, here, or both.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing<'a> {
    /// Which.
    pub reference: TrackerRef,
    /// As the tracker has it; `None`: it has no such version.
    pub version: Option<&'a TrackerVersion>,
    /// The release that names it; `None`: nobody planned it here.
    pub release: Option<&'a Release>,
    /// The civil date the release's plan ends on, in the workspace's zone.
    pub ends: Option<NaiveDate>,
    /// Where the two differ; empty where one of them is missing on purpose.
    pub differences: Vec<Difference>,
}

impl Standing<'_> {
    /// In the tracker, still to come, and not planned here.
    pub fn is_unplanned(&self) -> bool {
        self.release.is_none() && self.version.is_some_and(|version| State::of(version) == State::Unreleased)
    }
}

/// Where a version stands in the tracker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Still to come.
    Unreleased,
    /// Released.
    Released,
    /// Put away; whether it was ever released does not matter any more.
    Archived,
}

impl State {
    /// Of a version.
    pub fn of(version: &TrackerVersion) -> Self {
        match (version.archived, version.released) {
            (true, _) => Self::Archived,
            (false, true) => Self::Released,
            (false, false) => Self::Unreleased,
        }
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unreleased => "unreleased",
            Self::Released => "released",
            Self::Archived => "archived",
        }
    }
}

/// One thing that differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// The version's release date and the date the plan ends on.
    Date {
        /// In the tracker; `None`: it has none.
        there: Option<NaiveDate>,
        /// In the plan; `None`: it has no stage.
        here: Option<NaiveDate>,
    },
    /// Where the two stand.
    Status {
        /// In the tracker.
        there: State,
        /// In the plan.
        here: Status,
    },
    /// The release names a version that the tracker does not have.
    Missing,
}

impl Difference {
    /// Its name in JSON.
    pub fn field(self) -> &'static str {
        match self {
            Self::Date { .. } => "release-date",
            Self::Status { .. } => "status",
            Self::Missing => "missing",
        }
    }

    /// For people; dates here are those of `zone`.
    pub fn sentence(self, zone: Tz) -> String {
        match self {
            Self::Date { there: Some(there), here: Some(here) } => {
                format!("release date {there} there, the plan ends on {here} here ({zone})")
            }
            Self::Date { there: Some(there), here: None } => {
                format!("release date {there} there, no stage here")
            }
            Self::Date { here: Some(here), .. } => {
                format!("no release date there, the plan ends on {here} here ({zone})")
            }
            Self::Date { .. } => "no date on either side".to_owned(),
            Self::Status { there, here } => format!("{} there, {} here", there.word(), here.word()),
            Self::Missing => "the tracker has no such version".to_owned(),
        }
    }
}

/// Every version of a project and every release that names one of it, sorted by release date
/// (those without one last), name and release.
pub fn compare<'a>(
    workspace: &'a Workspace,
    project: &Project,
    versions: &'a [TrackerVersion],
) -> Vec<Standing<'a>> {
    let mut planned: BTreeMap<&str, Vec<&Release>> = BTreeMap::new();
    for release in &workspace.releases {
        if let Some(tracker) = &release.tracker
            && tracker.backend == project.backend
            && tracker.project == project.key
        {
            planned.entry(&tracker.version).or_default().push(release);
        }
    }
    let reference = |name: &str| TrackerRef {
        backend: project.backend.clone(),
        project: project.key.clone(),
        version: name.to_owned(),
    };
    let mut standings = Vec::new();
    let mut there = BTreeSet::new();
    for version in versions {
        let name = version.name.as_str();
        there.insert(name);
        match planned.get(name) {
            None => standings.push(Standing {
                reference: reference(name),
                version: Some(version),
                release: None,
                ends: None,
                differences: Vec::new(),
            }),
            Some(releases) => standings.extend(releases.iter().map(|release| {
                let ends = ends_on(release, workspace.time_zone);
                let differences = differences(version, release, ends);
                Standing {
                    reference: reference(name),
                    version: Some(version),
                    release: Some(release),
                    ends,
                    differences,
                }
            })),
        }
    }
    for (name, releases) in planned.iter().filter(|(name, _)| !there.contains(*name)) {
        standings.extend(releases.iter().map(|release| Standing {
            reference: reference(name),
            version: None,
            release: Some(release),
            ends: ends_on(release, workspace.time_zone),
            differences: vec![Difference::Missing],
        }));
    }
    standings.sort_by_cached_key(|standing| {
        let date = standing.version.and_then(|version| version.release_date);
        let release = standing.release.map(|release| release.id.clone());
        (date.is_none(), date, standing.reference.version.clone(), release)
    });
    standings
}

fn differences(version: &TrackerVersion, release: &Release, ends: Option<NaiveDate>) -> Vec<Difference> {
    let mut found = Vec::new();
    // What was called off, or taken back, has no date that could hold.
    let is_dated = !matches!(release.status, Status::Cancelled | Status::RolledBack);
    if is_dated && version.release_date != ends {
        found.push(Difference::Date { there: version.release_date, here: ends });
    }
    let there = State::of(version);
    let agrees = match there {
        State::Unreleased => !matches!(release.status, Status::Completed | Status::Cancelled),
        State::Released => release.status == Status::Completed,
        State::Archived => !release.is_live(),
    };
    if !agrees {
        found.push(Difference::Status { there, here: release.status });
    }
    found
}
