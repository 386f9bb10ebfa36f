//! The slot finder: the next starts of a release at which nothing blocks it, and why the earlier
//! ones do not do.
//!
//! A release is shifted with all its stages on the wall clock of each stage's own zone, on a grid
//! of quarters of an hour; or one stage alone. It is not tried minute by minute: from a start
//! that is blocked the finder jumps to where the block can end.

mod search;

use chrono::{DateTime, TimeDelta, Utc};

use self::search::Search;
use super::Release;
use super::conflicts::{Checker, Code};

/// How far ahead is looked.
pub const HORIZON: TimeDelta = TimeDelta::days(90);

/// What is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// All stages together.
    Whole,
    /// One stage, counted from 0; the others stay.
    Stage(usize),
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Slots {
    /// Starts that clear all blocks: those in working hours first, then those with fewer
    /// warnings, then the earlier. The earliest is always among them.
    pub slots: Vec<Slot>,
    /// Why the starts before them do not do, by time; without a gap up to the first that does.
    pub refused: Vec<Refused>,
}

/// What lies ahead, for people: a start that does, or a stretch that does not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Ahead<'a> {
    /// The slot, by its place among the slots.
    Start(usize, &'a Slot),
    /// The stretch.
    Refused(&'a Refused),
}

impl Slots {
    /// Starts and refused stretches in the order in which they lie ahead.
    pub fn by_time(&self) -> Vec<Ahead<'_>> {
        let starts = self.slots.iter().enumerate().map(|(place, slot)| Ahead::Start(place, slot));
        let mut all: Vec<Ahead<'_>> = starts.chain(self.refused.iter().map(Ahead::Refused)).collect();
        all.sort_by_key(|ahead| match ahead {
            Ahead::Start(_, slot) => (slot.start, 1),
            Ahead::Refused(refused) => (refused.from, 0),
        });
        all
    }
}

/// A start at which nothing blocks.
#[derive(Debug, Clone, PartialEq)]
pub struct Slot {
    /// When the first of the moved stages begins.
    pub start: DateTime<Utc>,
    /// Every moved stage.
    pub stages: Vec<Placed>,
    /// What is not a block and should be known, each once.
    pub warnings: Vec<Code>,
    /// How many of the moved stages lie in working hours.
    pub at_work: usize,
}

/// A stage, and where it would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// Its index, counted from 0, in file order.
    pub stage: usize,
    /// When it would begin.
    pub start: DateTime<Utc>,
    /// When it would end.
    pub end: DateTime<Utc>,
}

/// Starts that do not do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The first start that does not.
    pub from: DateTime<Utc>,
    /// The first that is not refused for this.
    pub to: DateTime<Utc>,
    /// The rule.
    pub code: Code,
    /// With what.
    pub with: Vec<String>,
    /// One sentence.
    pub message: String,
}

/// Looks for starts at `from` or later, at most [`HORIZON`] later.
pub fn find(checker: &Checker, release: &Release, moved: Moved, from: DateTime<Utc>, count: usize) -> Slots {
    let Some(search) = Search::new(checker, release, moved, from) else { return Slots::default() };
    search.run(from, count)
}

/// Adds a refused stretch, to the one before where it goes on for the same reason.
fn push(refused: &mut Vec<Refused>, next: Refused) {
    match refused.last_mut() {
        Some(last) if last.to >= next.from && last.code == next.code && last.with == next.with => {
            last.to = next.to;
            last.message = next.message;
        }
        _ => refused.push(next),
    }
}

/// The best first, as many as asked for, the earliest among them.
fn rank(found: &mut Slots, count: usize) {
    let earliest = found.slots.first().cloned();
    found.slots.sort_by_key(|slot| (std::cmp::Reverse(slot.at_work), slot.warnings.len(), slot.start));
    found.slots.truncate(count);
    if let Some(earliest) = earliest
        && !found.slots.contains(&earliest)
    {
        found.slots.truncate(count.saturating_sub(1));
        found.slots.push(earliest);
    }
    // Where there are fewer than asked for, all that was refused says why.
    if found.slots.len() >= count {
        let last = found.slots.iter().map(|slot| slot.start).max();
        found.refused.retain(|refused| last.is_none_or(|last| refused.from < last));
    }
}

#[cfg(test)]
mod tests;
