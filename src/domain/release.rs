//! Releases: the intent. Which services go to which versions, in which stages, when, who owns it.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::show::RunOfShow;
use super::stabilisation;

/// One `releases/<id>.toml`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Release {
    /// The file's name without `.toml`.
    pub id: String,
    /// For people; the id where the file has none.
    pub title: String,
    /// ITIL's change type.
    pub change: ChangeType,
    /// Where it stands.
    pub status: Status,
    /// The person who owns it.
    pub owner: Option<String>,
    /// Its version in the tracker.
    pub tracker: Option<TrackerRef>,
    /// Services and the versions they go to.
    pub items: Vec<Item>,
    /// In file order.
    pub stages: Vec<Stage>,
    /// The go/no-go poll.
    pub checks: Vec<Check>,
    /// Break-glass exceptions.
    pub exceptions: Vec<Exception>,
    /// Free words for people, several lines.
    pub notes: Option<String>,
    /// The run of show.
    pub show: RunOfShow,
    /// How it is watched once it has arrived.
    pub watch: stabilisation::Plan,
}

impl Release {
    /// Whether it can still happen: not completed, rolled back or cancelled.
    pub fn is_live(&self) -> bool {
        !matches!(self.status, Status::Completed | Status::RolledBack | Status::Cancelled)
    }

    /// The ids of its services, in file order.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        self.items.iter().map(|item| item.service.as_str())
    }

    /// The version it brings of a service.
    pub fn version_of(&self, service: &str) -> Option<&str> {
        self.items.iter().find(|item| item.service == service).map(|item| item.version.as_str())
    }
}

/// ITIL's change types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ChangeType {
    /// Pre-approved.
    Standard,
    /// Goes through approval.
    #[default]
    Normal,
    /// Cannot wait.
    Emergency,
}

impl ChangeType {
    /// Every one, in the order of the files' documentation.
    pub const ALL: [Self; 3] = [Self::Standard, Self::Normal, Self::Emergency];

    /// The word used in the files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Normal => "normal",
            Self::Emergency => "emergency",
        }
    }
}

/// Where a release stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Being written.
    Draft,
    /// Planned, not yet approved.
    #[default]
    Planned,
    /// May go.
    Approved,
    /// Going.
    InProgress,
    /// Stopped half-way.
    Paused,
    /// Done.
    Completed,
    /// Brought back.
    RolledBack,
    /// Will not happen.
    Cancelled,
}

impl Status {
    /// Every one, in the order of the files' documentation.
    pub const ALL: [Self; 8] = [
        Self::Draft,
        Self::Planned,
        Self::Approved,
        Self::InProgress,
        Self::Paused,
        Self::Completed,
        Self::RolledBack,
        Self::Cancelled,
    ];

    /// The word used in the files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Planned => "planned",
            Self::Approved => "approved",
            Self::InProgress => "in-progress",
            Self::Paused => "paused",
            Self::Completed => "completed",
            Self::RolledBack => "rolled-back",
            Self::Cancelled => "cancelled",
        }
    }
}

/// How a stage brings the new version in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// A growing share.
    Canary,
    /// A second fleet, then a switch.
    BlueGreen,
    /// Instance by instance.
    Rolling,
    /// Everything together.
    AllAtOnce,
}

impl Strategy {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Canary, Self::BlueGreen, Self::Rolling, Self::AllAtOnce];

    /// The word used in the files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Canary => "canary",
            Self::BlueGreen => "blue-green",
            Self::Rolling => "rolling",
            Self::AllAtOnce => "all-at-once",
        }
    }
}

/// A service and the version it goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The service's id.
    pub service: String,
    /// The version to come.
    pub version: String,
}

/// One step of a release: an environment (and region), a time, a strategy.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// Where.
    pub environment: String,
    /// Which region; `None`: all of them.
    pub region: Option<String>,
    /// When it begins.
    pub start: DateTime<Utc>,
    /// When it ends (half-open); after `start`.
    pub end: DateTime<Utc>,
    /// The zone its times are planned in.
    pub time_zone: Tz,
    /// How.
    pub strategy: Option<Strategy>,
    /// Percent of traffic or instances, rising.
    pub steps: Vec<f64>,
    /// How long it is watched after its end.
    pub soak: Option<TimeDelta>,
}

impl Stage {
    /// Whether the half-open intervals [start, end) and [from, to) meet; a stage without length
    /// (a tag's) lies where it starts.
    pub fn touches(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> bool {
        self.start < to && (from < self.end || from == self.start)
    }
}

/// `backend:project/version`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrackerRef {
    /// The backend's name.
    pub backend: String,
    /// The project's key.
    pub project: String,
    /// The version's name.
    pub version: String,
}

impl TrackerRef {
    /// Reads `backend:project/version`; the version may itself hold slashes.
    pub fn parse(text: &str) -> Option<Self> {
        let (backend, rest) = text.split_once(':')?;
        let (project, version) = rest.split_once('/')?;
        let filled = !backend.is_empty() && !project.is_empty() && !version.is_empty();
        filled.then(|| Self {
            backend: backend.to_owned(),
            project: project.to_owned(),
            version: version.to_owned(),
        })
    }
}

impl std::fmt::Display for TrackerRef {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}:{}/{}", self.backend, self.project, self.version)
    }
}

/// One question of the go/no-go poll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Its id.
    pub id: String,
    /// For people.
    pub title: String,
    /// Who answers it.
    pub role: Option<String>,
}

/// Break-glass: lets a release through the one freeze it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// The window's id.
    pub window: String,
    /// Why.
    pub reason: String,
    /// Who.
    pub by: String,
    /// The ticket that stands for it.
    pub ticket: Option<String>,
    /// When it lapses.
    pub expires: DateTime<Utc>,
    /// Commits on a frozen branch that it excuses, by the beginning of their ids.
    pub commits: Vec<String>,
}
