//! A release in one line: `checkout 4.2 canary prod eu tue 14:00-16:00 @payments`.
//!
//! Words may come in any order, but a version follows its service, and what is said after an
//! environment (regions, day, time, zone, strategy, steps, soak) belongs to its stages; what is
//! said before the first belongs to all. The beginning of a word will do where it can be only
//! one; nothing is guessed silently.
//!
//! | file | does |
//! |---|---|
//! | `token` | the line's words, with their places |
//! | `vocabulary` | what a word can mean in this workspace |
//! | `read` | words to what was said |
//! | `clock` | times of day, days and zones |
//! | `settle` | what was said to a release with instants |
//! | `offer` | how the word under the cursor could go on |

use std::ops::Range;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::Workspace;
use super::edit::NewRelease;

mod clock;
mod offer;
mod read;
mod settle;
mod token;
mod vocabulary;

pub use offer::{Offer, Offers, offers};

/// What a line says.
#[derive(Debug, Clone, PartialEq)]
pub struct Understood {
    /// The release to be.
    pub new: NewRelease,
    /// When its stages are, in its order.
    pub times: Vec<Times>,
    /// What was taken that should be looked at before Enter.
    pub notices: Vec<Remark>,
}

/// When a stage is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// The zone its local times are in.
    pub zone: Tz,
    /// When it begins.
    pub start: DateTime<Utc>,
    /// When it ends.
    pub end: DateTime<Utc>,
}

impl Times {
    /// Both times on the wall of the zone and in UTC:
    /// `Tue 2026-11-24 14:00 to 16:00 Europe/Berlin (+01:00), 13:00 to 15:00 UTC`.
    pub fn sentence(&self) -> String {
        let (start, end) = (self.start.with_timezone(&self.zone), self.end.with_timezone(&self.zone));
        let span = |start: chrono::NaiveDateTime, end: chrono::NaiveDateTime| {
            let to = if start.date() == end.date() { "%H:%M" } else { "%a %Y-%m-%d %H:%M" };
            (start.format("%a %Y-%m-%d %H:%M").to_string(), end.format(to).to_string())
        };
        let (from, to) = span(start.naive_local(), end.naive_local());
        let (mut utc_from, utc_to) = span(self.start.naive_utc(), self.end.naive_utc());
        if start.date_naive() == self.start.date_naive() {
            utc_from = self.start.format("%H:%M").to_string();
        }
        let (one, other) = (start.format("%:z").to_string(), end.format("%:z").to_string());
        let offset = if one == other { one } else { format!("{one}, then {other}") };
        format!("{from} to {to} {} ({offset}), {utc_from} to {utc_to} UTC", self.zone.name())
    }
}

/// A word about a part of the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Which bytes of the line.
    pub span: Range<usize>,
    /// What was found, and what would be right.
    pub message: String,
}

/// Reads a line. What is wrong with it comes in the line's order.
pub fn quick_add(line: &str, workspace: &Workspace, now: DateTime<Utc>) -> Result<Understood, Vec<Remark>> {
    let said = read::read(line, workspace, now);
    let settled = settle::settle(said, line, workspace, now);
    settled.map_err(|mut mistakes| {
        mistakes.sort_by_key(|mistake| (mistake.span.start, mistake.span.end));
        mistakes
    })
}

#[cfg(test)]
mod tests;
