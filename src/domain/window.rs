//! Windows: stretches of the calendar. A freeze denies, a change window allows.

use chrono::{DateTime, FixedOffset, NaiveDateTime, TimeDelta};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::ChangeType;

/// One `[[window]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// Its id.
    pub id: String,
    /// What it does.
    pub kind: WindowKind,
    /// For people; the id where the file has none.
    pub title: String,
    /// First occurrence's start.
    pub start: WallTime,
    /// First occurrence's end (half-open).
    pub end: WallTime,
    /// The zone its wall times are in.
    pub time_zone: Tz,
    /// RFC 5545 RRULE, as written (without the `RRULE:` prefix).
    pub repeat: Option<String>,
    /// Environments it applies to; `None`: all.
    pub environments: Option<Vec<String>>,
    /// Services it applies to; `None`: all.
    pub services: Option<Vec<String>>,
    /// Regions it applies to; `None`: all.
    pub regions: Option<Vec<String>>,
    /// Change types that pass a freeze.
    pub allow: Vec<ChangeType>,
    /// Not even an exception passes.
    pub hard: bool,
    /// Starts of occurrences left out (EXDATE); wins over `also`.
    pub skip: Vec<WallTime>,
    /// Starts of occurrences added (RDATE).
    pub also: Vec<WallTime>,
    /// The UID of the iCalendar event it was imported from.
    pub uid: Option<String>,
    /// The layer it lies in, which can be shown and hidden: `holidays`, `marketing`.
    pub layer: Option<String>,
    /// Branches it freezes, as globs (`main`, `release/*`), in the repositories of the services it
    /// applies to; empty: none is watched.
    pub branches: Vec<String>,
}

/// The layer of the freezes that stop the line.
pub const STOP_LAYER: &str = "stop-the-line";
/// How the id of a freeze that stops the line begins: `stop-the-line-20261125-1422`.
pub const STOP_THE_LINE: &str = "stop-the-line";
/// How long a stopped line stands where nobody says until when.
pub const USUAL_STOP: TimeDelta = TimeDelta::hours(24);

impl Window {
    /// Whether it is a freeze that some change does not pass. A freeze that lets everything pass
    /// only tells people something: a holiday, a campaign.
    pub fn denies(&self) -> bool {
        self.kind == WindowKind::Freeze && !ChangeType::ALL.iter().all(|change| self.allow.contains(change))
    }

    /// Whether it is a freeze that somebody called at once, with a reason (its title), rather
    /// than one that was planned. While it runs it is shown as an emergency.
    pub fn stops_the_line(&self) -> bool {
        self.kind == WindowKind::Freeze && self.id.starts_with(STOP_THE_LINE)
    }
}

/// What a window does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum WindowKind {
    /// Allows.
    Change,
    /// Denies.
    Freeze,
}

impl WindowKind {
    /// The word used in the files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Freeze => "freeze",
        }
    }
}

/// A time as written: on the wall of some zone, or an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WallTime {
    /// On the wall of the window's zone.
    Local(NaiveDateTime),
    /// With an offset: one instant.
    Instant(DateTime<FixedOffset>),
}
