//! Occurrences of windows: when exactly a freeze denies and a change window allows.
//!
//! A window's times are wall time in its own zone, so a rule is expanded in wall time and each
//! occurrence keeps its wall-clock ends over a clock change. What a clock change skips or
//! repeats fails closed ([`clock_change`]), unless the window was imported from a calendar (it has
//! a `uid`): then RFC 5545 says.
//!
//! Where the window's `start` does not match its rule, only what matches is an occurrence (as
//! in python-dateutil; RFC 5545 leaves it undefined).

pub mod clock_change;
pub mod pattern;
mod plain;
mod rule;
mod spelled;
mod upcoming;
pub mod words;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

pub use rule::{RecurrenceError, Rule, Until};
pub use upcoming::{ever, upcoming};

use super::Window;
use super::window::WallTime;

/// Farther than any zone's clock is from UTC, a skipped day included.
const MARGIN: TimeDelta = TimeDelta::days(3);

/// One occurrence of a window: the half-open interval [start, end), never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Occurrence {
    /// When it begins.
    pub start: DateTime<Utc>,
    /// When it ends.
    pub end: DateTime<Utc>,
    /// Its start on the wall of the window's zone: its name among its siblings.
    pub wall_start: NaiveDateTime,
}

/// A window made ready to be asked for its occurrences.
#[derive(Debug, Clone)]
pub struct Recurrence<'a> {
    window: &'a Window,
    rule: Option<Rule>,
    /// The first start in wall time.
    first: NaiveDateTime,
    /// Every occurrence's length in wall time.
    length: TimeDelta,
}

impl<'a> Recurrence<'a> {
    /// Reads a window's rule.
    pub fn new(window: &'a Window) -> Result<Self, RecurrenceError> {
        let first = wall(window.start, window);
        Ok(Self {
            window,
            rule: window.repeat.as_deref().map(Rule::parse).transpose()?,
            first,
            length: wall(window.end, window) - first,
        })
    }

    /// The occurrences that touch [from, to), sorted by start.
    pub fn between(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Vec<Occurrence>, RecurrenceError> {
        let earliest = saturating(from, -MARGIN - self.length.max(TimeDelta::zero()));
        let latest = saturating(to, MARGIN);
        // By wall start: an added occurrence that the rule brings too is one occurrence.
        let mut found: BTreeMap<NaiveDateTime, Occurrence> = BTreeMap::new();
        let own = match &self.rule {
            Some(rule) => rule.starts(self.first, earliest, latest)?,
            None => vec![self.first],
        };
        for wall_start in own {
            let occurrence = self.occurrence(wall_start);
            if !self.is_past_until(&occurrence) {
                found.insert(wall_start, occurrence);
            }
        }
        for also in &self.window.also {
            let mut occurrence = self.occurrence(wall(*also, self.window));
            if let WallTime::Instant(exact) = also {
                occurrence.start = exact.to_utc();
            }
            found.entry(occurrence.wall_start).or_insert(occurrence);
        }
        let mut found: Vec<Occurrence> = found
            .into_values()
            .filter(|found| found.start < found.end && found.start < to && from < found.end)
            .filter(|found| !self.is_skipped(found))
            .collect();
        found.sort_unstable();
        Ok(found)
    }

    fn occurrence(&self, wall_start: NaiveDateTime) -> Occurrence {
        let Window { kind, time_zone, .. } = *self.window;
        if self.window.uid.is_some() {
            return self.imported(wall_start);
        }
        let exact = wall_start == self.first;
        let start = match self.window.start {
            WallTime::Instant(instant) if exact => instant.to_utc(),
            _ => clock_change::start(kind, time_zone, wall_start),
        };
        let end = match self.window.end {
            WallTime::Instant(instant) if exact => instant.to_utc(),
            _ => clock_change::end(kind, time_zone, wall_start + self.length),
        };
        Occurrence { start, end, wall_start }
    }

    /// An occurrence of a window that came from a calendar: the other programs that show the
    /// calendar must see the same. Where a clock change leaves nothing of it, it is as long as its
    /// siblings.
    fn imported(&self, wall_start: NaiveDateTime) -> Occurrence {
        let zone = self.window.time_zone;
        let start = match self.window.start {
            WallTime::Instant(instant) if wall_start == self.first => instant.to_utc(),
            _ => clock_change::as_calendars_do(zone, wall_start),
        };
        let end = match self.window.end {
            WallTime::Instant(instant) if wall_start == self.first => instant.to_utc(),
            _ => clock_change::as_calendars_do(zone, wall_start + self.length),
        };
        let end = if end > start { end } else { start + self.length };
        Occurrence { start, end, wall_start }
    }

    fn is_past_until(&self, occurrence: &Occurrence) -> bool {
        match self.rule.as_ref().and_then(Rule::until) {
            Some(Until::Instant(until)) => occurrence.start > until,
            _ => false,
        }
    }

    fn is_skipped(&self, occurrence: &Occurrence) -> bool {
        self.window.skip.iter().any(|skip| match skip {
            WallTime::Local(local) => *local == occurrence.wall_start,
            WallTime::Instant(instant) => {
                instant.to_utc() == occurrence.start
                    || instant.with_timezone(&self.window.time_zone).naive_local() == occurrence.wall_start
            }
        })
    }
}

/// The occurrences of a window that touch [from, to), sorted by start.
pub fn occurrences(
    window: &Window,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Vec<Occurrence>, RecurrenceError> {
    Recurrence::new(window)?.between(from, to)
}

/// A time of a window on the wall of its zone.
fn wall(time: WallTime, window: &Window) -> NaiveDateTime {
    match time {
        WallTime::Local(local) => local,
        WallTime::Instant(instant) => instant.with_timezone(&window.time_zone).naive_local(),
    }
}

fn saturating(instant: DateTime<Utc>, by: TimeDelta) -> NaiveDateTime {
    let naive = instant.naive_utc();
    let bound = if by < TimeDelta::zero() { NaiveDateTime::MIN } else { NaiveDateTime::MAX };
    naive.checked_add_signed(by).unwrap_or(bound)
}

#[cfg(test)]
mod tests;
