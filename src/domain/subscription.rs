//! Calendars that a workspace follows: `[[calendar]]`.

use std::path::PathBuf;

use chrono_tz::Tz;

use super::icalendar::merge::Choices;
use super::workspace::BackendConfig;

/// How often a calendar is read where the file does not say, in seconds.
pub const REFRESH: u32 = 3600;

/// One `[[calendar]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Subscription {
    /// Its id.
    pub id: String,
    /// Where it is read from.
    pub source: Source,
    /// What its events become, and in which layer they lie.
    pub choices: Choices,
    /// The zone of whole days and floating times; `None`: the workspace's.
    pub time_zone: Option<Tz>,
    /// How often it is read, in seconds.
    pub refresh_seconds: u32,
}

/// Where a calendar is read from.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// A file, relative to the workspace.
    File(PathBuf),
    /// A server, with who we are to it.
    Server(Box<BackendConfig>),
}
