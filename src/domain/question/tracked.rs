//! A release's version in the tracker, with its issues.

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::Safe;

/// A version in the tracker.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrackerVersion {
    /// Its id there.
    pub id: Safe,
    /// Its name.
    pub name: Safe,
    /// Its planned start, as a civil date.
    pub start_date: Option<NaiveDate>,
    /// Its planned or actual release, as a civil date.
    pub release_date: Option<NaiveDate>,
    /// Whether it is released there.
    pub released: bool,
    /// Whether it is archived there.
    pub archived: bool,
    /// Issues not begun.
    pub to_do: Option<u32>,
    /// Issues begun.
    pub in_progress: Option<u32>,
    /// Issues done.
    pub done: Option<u32>,
    /// Open issues; `None`: not asked for.
    pub open: Option<Vec<Ticket>>,
    /// Its address, for people.
    pub url: Option<Safe>,
    /// The answer is partial.
    pub warnings: Vec<Safe>,
}

/// An issue in the tracker.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ticket {
    /// `PAY-12`.
    pub key: Safe,
    /// Its title.
    pub summary: Safe,
    /// Its status, as the tracker names it.
    pub status: Safe,
    /// `new`, `indeterminate`, `done`: the same in every language.
    pub category: Safe,
    /// Its priority.
    pub priority: Option<Safe>,
    /// Whose turn it is.
    pub assignee: Option<Safe>,
    /// Keys of open issues that block it.
    pub blocked_by: Vec<Safe>,
    /// Whether its priority or type says that it blocks the release.
    pub blocker: bool,
    /// When it last changed there, where it says.
    pub updated: Option<DateTime<Utc>>,
}
