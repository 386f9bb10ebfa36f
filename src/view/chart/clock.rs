//! The time axis: which dot an instant lies on, and round local times to write below.

use chrono::{DateTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;

/// How a chart moves as time passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Motion {
    /// The newest is at the right; everything moves left.
    Scrolling,
    /// As on a heart monitor: the newest overwrites the oldest, nothing else moves.
    Sweeping,
}

/// A stretch of time over a number of dots. Instants fall into slots counted from the epoch, so
/// that nothing moves until the next slot begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    seconds: i64,
    dots: i64,
    newest: i64,
    motion: Motion,
}

impl Clock {
    /// The `seconds` up to `end`, over so many dots.
    pub fn new(end: DateTime<Utc>, seconds: u32, dots: usize, motion: Motion) -> Self {
        let (seconds, dots) = (i64::from(seconds.max(1)), dots.max(1) as i64);
        let newest = slot(end, seconds, dots);
        Self { seconds, dots, newest, motion }
    }

    /// The dot of an instant; `None`: outside.
    pub fn dot(&self, at: DateTime<Utc>) -> Option<usize> {
        let slot = slot(at, self.seconds, self.dots);
        let back = self.newest - slot;
        (0..self.dots).contains(&back).then(|| match self.motion {
            Motion::Scrolling => (self.dots - 1 - back) as usize,
            Motion::Sweeping => slot.rem_euclid(self.dots) as usize,
        })
    }

    /// The dot of the newest instant.
    pub fn cursor(&self) -> usize {
        match self.motion {
            Motion::Scrolling => (self.dots - 1) as usize,
            Motion::Sweeping => self.newest.rem_euclid(self.dots) as usize,
        }
    }

    /// What keeps a dotted line's dots in place while it scrolls.
    pub fn parity(&self) -> usize {
        match self.motion {
            Motion::Scrolling => (self.newest + 1 - self.dots).rem_euclid(4) as usize,
            Motion::Sweeping => 0,
        }
    }

    /// How it moves.
    pub fn motion(&self) -> Motion {
        self.motion
    }

    /// Round local times that lie inside, far enough apart for their labels: dot and label.
    pub fn ticks(&self, zone: Tz) -> Vec<(usize, String)> {
        const STEPS: [i64; 15] = [
            60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 345_600,
            604_800,
        ];
        // A label and some air: ten cells.
        let apart = 20 * self.seconds / self.dots;
        let step = STEPS.into_iter().find(|step| *step >= apart).unwrap_or(604_800);
        let end = (self.newest + 1) * self.seconds / self.dots;
        let offset = offset_at(end, zone);
        let first = (end - self.seconds + offset).div_euclid(step);
        let last = (end + offset).div_euclid(step);
        (first..=last)
            .filter_map(|number| {
                let local = number * step;
                let instant = DateTime::from_timestamp(local - offset_at(local - offset, zone), 0)?;
                let shown = instant.with_timezone(&zone);
                let midnight = shown.time() == chrono::NaiveTime::MIN && self.seconds > 43_200;
                let form = if step >= 86_400 || midnight { "%-d %b" } else { "%H:%M" };
                Some((self.dot(instant)?, shown.format(form).to_string()))
            })
            .collect()
    }
}

fn slot(at: DateTime<Utc>, seconds: i64, dots: i64) -> i64 {
    (i128::from(at.timestamp_millis()) * i128::from(dots)).div_euclid(i128::from(seconds) * 1000) as i64
}

fn offset_at(timestamp: i64, zone: Tz) -> i64 {
    let instant = DateTime::from_timestamp(timestamp, 0).unwrap_or_default();
    i64::from(zone.offset_from_utc_datetime(&instant.naive_utc()).fix().local_minus_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    #[test]
    fn nothing_moves_until_the_next_slot_begins() {
        let before = Clock::new(at("2026-11-25T13:22:00Z"), 3600, 120, Motion::Scrolling);
        assert_eq!(before, Clock::new(at("2026-11-25T13:22:29Z"), 3600, 120, Motion::Scrolling));
        let after = Clock::new(at("2026-11-25T13:22:30Z"), 3600, 120, Motion::Scrolling);
        let instant = at("2026-11-25T13:00:00Z");
        assert_eq!(after.dot(instant).unwrap() + 1, before.dot(instant).unwrap());
    }

    #[test]
    fn the_ends_are_on_the_chart_and_what_lies_outside_is_not() {
        let clock = Clock::new(at("2026-11-25T13:22:00Z"), 3600, 120, Motion::Scrolling);
        assert_eq!(clock.dot(at("2026-11-25T13:22:00Z")), Some(119));
        assert_eq!(clock.dot(at("2026-11-25T12:22:30Z")), Some(0));
        assert_eq!(clock.dot(at("2026-11-25T12:22:00Z")), None);
        assert_eq!(clock.dot(at("2026-11-25T13:22:30Z")), None);
    }

    #[test]
    fn a_sweep_keeps_every_instant_where_it_is() {
        let instant = at("2026-11-25T13:00:00Z");
        let dots: Vec<_> = ["13:22:00", "13:37:10", "13:59:59"]
            .map(|time| Clock::new(at(&format!("2026-11-25T{time}Z")), 3600, 120, Motion::Sweeping))
            .iter()
            .map(|clock| clock.dot(instant))
            .collect();
        assert_eq!(dots, [Some(0); 3]);
        let newest = Clock::new(at("2026-11-25T13:22:00Z"), 3600, 120, Motion::Sweeping);
        assert_eq!((newest.cursor(), newest.dot(at("2026-11-25T12:23:00Z"))), (44, Some(46)));
    }

    #[test]
    fn ticks_are_round_in_the_zone_they_are_read_in() {
        let labels = |zone, seconds, dots| -> Vec<String> {
            let clock = Clock::new(at("2026-11-25T13:22:00Z"), seconds, dots, Motion::Scrolling);
            clock.ticks(zone).into_iter().map(|(_, label)| label).collect()
        };
        assert_eq!(labels(Tz::Europe__Berlin, 3600, 100), ["13:30", "13:45", "14:00", "14:15"]);
        assert_eq!(labels(Tz::Asia__Kolkata, 3600, 100), ["18:00", "18:15", "18:30", "18:45"]);
        assert_eq!(labels(Tz::Europe__Berlin, 86_400, 100), ["18:00", "25 Nov", "06:00", "12:00"]);
        assert_eq!(labels(Tz::Europe__Berlin, 604_800, 100).first().unwrap(), "19 Nov");
    }
}
