//! `windows.toml`

use serde::Deserialize;
use toml::value::Datetime;

use super::At;
use crate::domain::{ChangeType, WindowKind};

/// Freezes and change windows. Its entries are read one by one, so that a bad one does not close
/// the rest; this is the shape of the whole for editors.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[expect(dead_code, reason = "only its keys are asked for")]
pub struct Windows {
    /// In any order.
    #[serde(rename = "window", default)]
    pub windows: Vec<Window>,
}

/// A stretch of the calendar.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Window {
    /// Its id.
    pub id: At<String>,
    /// A freeze denies, a change window allows.
    pub kind: WindowKind,
    /// For people.
    pub title: Option<String>,
    /// The first occurrence's start.
    #[cfg_attr(test, schemars(with = "String"))]
    pub start: At<Datetime>,
    /// The first occurrence's end: half-open.
    #[cfg_attr(test, schemars(with = "String"))]
    pub end: At<Datetime>,
    /// IANA; absent: the workspace's.
    pub time_zone: Option<At<String>>,
    /// RFC 5545 RRULE.
    pub repeat: Option<At<String>>,
    /// Absent: all.
    pub environments: Option<Vec<At<String>>>,
    /// Absent: all.
    pub services: Option<Vec<At<String>>>,
    /// Absent: all.
    pub regions: Option<Vec<At<String>>>,
    /// Change types that pass a freeze.
    #[serde(default)]
    pub allow: Vec<ChangeType>,
    /// Not even an exception passes.
    #[serde(default)]
    pub hard: bool,
    /// Starts of occurrences left out; wins over `also`.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub skip: Vec<At<Datetime>>,
    /// Starts of occurrences added.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "Vec<String>"))]
    pub also: Vec<At<Datetime>>,
    /// The UID of the iCalendar event it was imported from; importing again updates it.
    pub uid: Option<String>,
    /// A layer that can be shown and hidden: holidays, marketing…
    pub layer: Option<String>,
    /// A freeze's frozen branches, as globs: main, release/*; watched in the services' repositories.
    #[serde(default)]
    pub branches: Vec<At<String>>,
}
