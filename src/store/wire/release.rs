//! `releases/<id>.toml`

use serde::Deserialize;
use toml::value::Datetime;

use super::At;
use super::show::{Count, Hold, Step};
use super::watch::Watch;
use crate::domain::{ChangeType, Status, Strategy};

/// One release: the intent.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Release {
    /// For people.
    pub title: Option<String>,
    /// ITIL's change type; absent: normal.
    pub change: Option<ChangeType>,
    /// Where it stands; absent: planned.
    pub status: Option<Status>,
    /// The person who owns it.
    pub owner: Option<String>,
    /// Its version in the tracker: backend:project/version.
    pub tracker: Option<At<String>>,
    /// Free words for people, several lines.
    pub notes: Option<String>,
    /// Services and the versions they go to.
    #[serde(rename = "item", default)]
    pub items: Vec<Item>,
    /// Its stages.
    #[serde(rename = "stage", default)]
    pub stages: Vec<At<Stage>>,
    /// The go/no-go poll.
    #[serde(rename = "check", default)]
    pub checks: Vec<Check>,
    /// Break-glass exceptions.
    #[serde(rename = "exception", default)]
    pub exceptions: Vec<Exception>,
    /// Where T-0 of the run of show lies; absent: at the start of the first stage.
    pub count: Option<At<Count>>,
    /// When the count stood still; tminus writes it.
    #[serde(rename = "hold", default)]
    pub holds: Vec<At<Hold>>,
    /// The run of show.
    #[serde(rename = "step", default)]
    pub steps: Vec<At<Step>>,
    /// How it is watched once it has arrived.
    pub watch: Option<Watch>,
}

/// A service and the version it goes to.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Item {
    /// The service's id.
    pub service: At<String>,
    /// The version to come.
    pub version: At<String>,
}

/// One step of a release: an environment (and region), a window of time, a strategy.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Stage {
    /// Where.
    pub environment: At<String>,
    /// Which region; absent: all of them.
    pub region: Option<At<String>>,
    /// A local time in time_zone, or with an offset.
    #[cfg_attr(test, schemars(with = "String"))]
    pub start: At<Datetime>,
    /// A local time in time_zone, or with an offset.
    #[cfg_attr(test, schemars(with = "String"))]
    pub end: At<Datetime>,
    /// IANA; absent: the region's, else the workspace's.
    pub time_zone: Option<At<String>>,
    /// How the new version comes in.
    pub strategy: Option<Strategy>,
    /// Percent, rising.
    #[serde(default)]
    pub steps: Vec<At<f64>>,
    /// How long it is watched after its end: 60m, 2h 30m…
    pub soak: Option<At<String>>,
    /// What its local times meant when they were planned; tminus writes it.
    pub resolved: Option<At<Resolved>>,
}

/// What the local times of a stage meant when they were planned.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Resolved {
    /// The start, with its offset.
    #[cfg_attr(test, schemars(with = "String"))]
    pub start: At<Datetime>,
    /// The end, with its offset.
    #[cfg_attr(test, schemars(with = "String"))]
    pub end: At<Datetime>,
    /// In which zone, IANA.
    pub time_zone: String,
    /// By which version of the time zone database: 2025b.
    pub tz: Option<String>,
}

/// One question of the go/no-go poll.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Check {
    /// Its id.
    pub id: At<String>,
    /// For people.
    pub title: Option<String>,
    /// Who answers it.
    pub role: Option<String>,
}

/// Break-glass: lets the release through the one freeze it names.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Exception {
    /// The window's id.
    pub window: At<String>,
    /// Why.
    pub reason: At<String>,
    /// Who.
    pub by: At<String>,
    /// The ticket that stands for it.
    pub ticket: Option<String>,
    /// When it lapses.
    #[cfg_attr(test, schemars(with = "String"))]
    pub expires: At<Datetime>,
    /// Commits on a frozen branch that it excuses: ids, or their first seven digits and more.
    #[serde(default)]
    pub commits: Vec<At<String>>,
}
