//! The lanes: what began, paused, advanced and ended, beside commits, changes of the workspace,
//! alerts, rises and tickets, over one axis of time; and what changed before each alert and rise.

mod changes;
mod facts;
mod keys;
mod rows;
mod snapshot;

pub use facts::{correlated, tickets_of, wanted};
pub(super) use keys::handle;
pub use keys::{selected_row, selected_signal};
pub use rows::rows;
pub use snapshot::{document, selected_text, snapshot};

use chrono::{DateTime, Utc};

use super::rollouts::Key;

/// What the view remembers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    /// The part that keys go to.
    pub pane: Pane,
    /// The row chosen, by lane and label; `None`: the first.
    pub row: Option<(Lane, String)>,
    /// The event of the row chosen, counted from the newest.
    pub event: usize,
    /// The alert or rise chosen, by name, service and time; `None`: the latest.
    pub signal: Option<(String, Option<String>, DateTime<Utc>)>,
}

/// A part of the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pane {
    /// The lanes.
    #[default]
    Lanes,
    /// What happened in the selected row.
    Events,
    /// What changed before alerts and rises.
    Before,
}

impl Pane {
    /// The next one, round and round.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Lanes => Self::Events,
            Self::Events => Self::Before,
            Self::Before => Self::Lanes,
        }
    }
}

/// What kind of things a row shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// A rollout.
    Rollout,
    /// An alert.
    Alert,
    /// A number that rose.
    Rise,
    /// What the selected rollout's version brings.
    Commits,
    /// Changes of the workspace's own files.
    Configuration,
    /// The release's tickets.
    Tickets,
}

impl Lane {
    /// A short word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Rollout => "rollout",
            Self::Alert => "alert",
            Self::Rise => "rise",
            Self::Commits => "commits",
            Self::Configuration => "config",
            Self::Tickets => "tickets",
        }
    }
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What kind.
    pub lane: Lane,
    /// Of what: `checkout production · eu`.
    pub label: String,
    /// The share of the new version over time, for a rollout.
    pub shares: Vec<(DateTime<Utc>, Option<f64>)>,
    /// Each time it held, for an alert or a rise, the earliest first.
    pub held: Vec<Held>,
    /// What happened, newest first; some may lie outside of the window.
    pub events: Vec<Event>,
    /// What it is about where no time is known, or why nothing is.
    pub note: Option<Note>,
    /// The rollout it leads to.
    pub rollout: Option<Key>,
    /// How bad it is.
    pub tone: Tone,
}

/// A stretch in which something held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// From when.
    pub from: DateTime<Utc>,
    /// Until when; `None`: it goes on.
    pub to: Option<DateTime<Utc>>,
}

/// How bad a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// It tells.
    Plain,
    /// It wants attention.
    Attention,
    /// It is bad.
    Bad,
    /// Somebody decided that nobody needs to hear of it.
    Muted,
}

/// Something that happened in a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub kind: Kind,
    /// In words.
    pub text: String,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A version appeared.
    Began,
    /// Its share moved.
    Advanced,
    /// It has stood since.
    Paused,
    /// It is everywhere.
    Ended,
    /// It went back.
    Back,
    /// An alert or a rise began.
    Wrong,
    /// A commit, an edit, a ticket that changed.
    Changed,
}

impl Kind {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Began => "began",
            Self::Advanced => "advanced",
            Self::Paused => "paused",
            Self::Ended => "ended",
            Self::Back => "back",
            Self::Wrong => "wrong",
            Self::Changed => "changed",
        }
    }
}

/// Words in place of marks.
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    /// The words.
    pub text: String,
    /// How sure it is.
    pub certainty: Certainty,
}

/// How sure something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// It is known.
    Known,
    /// It was known, and is old.
    Stale,
    /// It is not known.
    Unknown,
}

#[cfg(test)]
mod past_tests;
#[cfg(test)]
mod tests;
