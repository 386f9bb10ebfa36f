//! A stage in the hand: it moves along the wall clock of the zone it is planned in, over clock
//! changes.

use chrono::{DateTime, Datelike, Days, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::domain::Stage;
use crate::domain::edit::StageMove;
use crate::domain::moment::{Resolved, resolve_local};

/// The shortest a stage can be made.
pub const SHORTEST: TimeDelta = TimeDelta::minutes(15);

/// A stage in the hand.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// Counted from 0, in file order.
    pub stage: usize,
    /// Where it was.
    pub from: (DateTime<Utc>, DateTime<Utc>),
    /// Where it would go.
    pub to: (DateTime<Utc>, DateTime<Utc>),
    /// The zone it is planned in.
    pub time_zone: Tz,
    /// Where it was on the wall of its zone.
    origin: (NaiveDateTime, NaiveDateTime),
    /// Where it would go on that wall, had that no clock changes.
    wall: (NaiveDateTime, NaiveDateTime),
}

/// By how much a key moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Days on the wall; the hour stays.
    Days(i64),
    /// Minutes on the wall.
    Minutes(i64),
    /// Minutes that its end moves.
    Longer(i64),
}

impl Held {
    /// Takes a stage up.
    pub fn new(stage: usize, at: &Stage) -> Self {
        let from = (at.start, at.end);
        let origin = (local(at.start, at.time_zone), local(at.end, at.time_zone));
        Self { stage, from, to: from, time_zone: at.time_zone, origin, wall: origin }
    }

    /// Whether it would go elsewhere than it was.
    pub fn is_moved(&self) -> bool {
        self.from != self.to
    }

    /// As a part of an edit.
    pub fn as_move(&self) -> StageMove {
        StageMove { stage: self.stage, from: self.from, to: self.to }
    }

    /// Moves it by a step. Answers with what a clock change does to the new place.
    pub fn step(&mut self, step: Step) -> Option<String> {
        let length = self.wall.1 - self.wall.0;
        let wall = match step {
            Step::Days(days) => {
                let by = Days::new(days.unsigned_abs());
                let moved = |time: NaiveDateTime| {
                    if days < 0 { time.checked_sub_days(by) } else { time.checked_add_days(by) }
                };
                moved(self.wall.0).zip(moved(self.wall.1))
            }
            Step::Minutes(minutes) => {
                // From where it really is: a skipped time was jumped over.
                let start = local(self.to.0, self.time_zone) + TimeDelta::minutes(minutes);
                let start = match resolve_local(self.time_zone, start) {
                    Resolved::Skipped { .. } if minutes < 0 => {
                        local(self.to.0 + TimeDelta::minutes(minutes), self.time_zone)
                    }
                    _ => start,
                };
                Some((start, start + length))
            }
            Step::Longer(minutes) => {
                let longer = (length + TimeDelta::minutes(minutes)).max(SHORTEST);
                Some((self.wall.0, self.wall.0 + longer))
            }
        };
        self.put(wall.unwrap_or(self.wall))
    }

    /// Puts its start at an instant; it stays as long as it is on the wall.
    pub fn start_at(&mut self, start: DateTime<Utc>) -> Option<String> {
        let length = self.wall.1 - self.wall.0;
        let start = local(start, self.time_zone);
        self.put((start, start.checked_add_signed(length).unwrap_or(start)))
    }

    /// Puts its end at an instant.
    pub fn end_at(&mut self, end: DateTime<Utc>) -> Option<String> {
        let end = local(end, self.time_zone).max(self.wall.0 + SHORTEST);
        self.put((self.wall.0, end))
    }

    /// Puts it somewhere.
    pub fn put_at(&mut self, to: (DateTime<Utc>, DateTime<Utc>)) {
        self.to = to;
        self.wall = (local(to.0, self.time_zone), local(to.1, self.time_zone));
    }

    /// By how much its start is moved on the wall.
    pub fn shift(&self) -> TimeDelta {
        self.wall.0 - self.origin.0
    }

    /// Puts it so much later on the wall than it was.
    pub fn shift_to(&mut self, by: TimeDelta) -> Option<String> {
        let moved = |time: NaiveDateTime| time.checked_add_signed(by).unwrap_or(time);
        self.put((moved(self.origin.0), moved(self.origin.1)))
    }

    /// Puts it on the wall of its zone, where the calendar goes that far.
    fn put(&mut self, wall: (NaiveDateTime, NaiveDateTime)) -> Option<String> {
        if !(1..=9999).contains(&wall.0.year()) || !(1..=9999).contains(&wall.1.year()) {
            return None;
        }
        // Where it was is where it was, also at the second of two equal hours.
        if wall == self.origin {
            (self.wall, self.to) = (wall, self.from);
            return None;
        }
        let (start, first) = resolve(self.time_zone, wall.0);
        let (end, second) = resolve(self.time_zone, wall.1);
        self.wall = wall;
        let shortest = SHORTEST.min(self.from.1 - self.from.0);
        self.to = (start, end.max(start + shortest));
        second.or(first)
    }
}

/// The instant of a local time; and what should be known of it.
fn resolve(time_zone: Tz, wall: NaiveDateTime) -> (DateTime<Utc>, Option<String>) {
    let said = wall.format("%-d %b %H:%M");
    let zone = time_zone.name();
    match resolve_local(time_zone, wall) {
        Resolved::Unique(instant) => (instant, None),
        Resolved::Ambiguous { earlier, .. } => {
            (earlier, Some(format!("{said} occurs twice in {zone}: the earlier is taken")))
        }
        Resolved::Skipped { next_valid, transition, .. } => {
            let next = next_valid.format("%H:%M");
            (transition, Some(format!("{said} does not occur in {zone}: moved on to {next}")))
        }
    }
}

fn local(instant: DateTime<Utc>, zone: Tz) -> NaiveDateTime {
    instant.with_timezone(&zone).naive_local()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::samples;

    proptest::proptest! {
        /// Whatever way it took, on the way back it is where it was: to the second, and at the
        /// same of two equal hours.
        #[test]
        fn there_and_back_is_where_it_was(
            zone in 0..chrono_tz::TZ_VARIANTS.len(),
            quarter in 1_100_000_i64..2_100_000,
            length in 1_i64..400,
            days in proptest::collection::vec(-40_i64..40, 1..6),
        ) {
            let mut stage = samples::stage("x", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z");
            stage.time_zone = chrono_tz::TZ_VARIANTS[zone];
            stage.start = DateTime::from_timestamp(quarter * 900, 0).unwrap();
            stage.end = stage.start + TimeDelta::minutes(15 * length);
            let mut held = Held::new(0, &stage);
            for by in &days {
                held.step(Step::Days(*by));
            }
            held.step(Step::Days(-days.iter().sum::<i64>()));
            proptest::prop_assert_eq!(held.to, held.from);
            held.shift_to(TimeDelta::minutes(105));
            held.shift_to(TimeDelta::zero());
            proptest::prop_assert_eq!(held.to, held.from);
        }
    }

    #[test]
    fn what_moves_along_keeps_its_distance_on_the_wall() {
        let mut one = samples::stage("x", "2027-03-25T13:00:00Z", "2027-03-25T15:00:00Z");
        one.time_zone = Tz::Europe__Berlin;
        let mut other = samples::stage("x", "2027-03-25T18:00:00Z", "2027-03-25T20:00:00Z");
        other.time_zone = Tz::America__New_York;
        let (mut one, mut other) = (Held::new(0, &one), Held::new(1, &other));
        one.step(Step::Days(7));
        other.shift_to(one.shift());
        // Berlin's clocks went forward in between, New York's did before.
        assert_eq!((one.to.0 - one.from.0).num_hours(), 7 * 24 - 1);
        assert_eq!((other.to.0 - other.from.0).num_hours(), 7 * 24);
    }
}
