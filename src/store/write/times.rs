//! A time in a file, changed so that it stays written the way it was.

use chrono::{
    DateTime, FixedOffset, NaiveDateTime, NaiveTime, Offset, SubsecRound, TimeDelta, TimeZone, Timelike, Utc,
};
use chrono_tz::Tz;

use crate::domain::moment::skipped;
use crate::domain::window::WallTime;
use crate::domain::{Resolved, resolve_local};

/// A time as it stands in a file.
pub struct Written<'text> {
    /// As written.
    pub text: &'text str,
    /// What it says.
    pub time: WallTime,
    /// The zone in which local times are read.
    pub zone: Tz,
}

impl Written<'_> {
    /// The same time written for another instant: local stays local, an offset stays an offset.
    pub fn at(&self, instant: DateTime<Utc>) -> String {
        match self.time {
            WallTime::Local(_) => {
                let local = self.zone.from_utc_datetime(&instant.naive_utc());
                // The later of two equal local times can only be told with its offset.
                match resolve_local(self.zone, local.naive_local()) {
                    Resolved::Unique(_) => self.local(local.naive_local()),
                    Resolved::Ambiguous { earlier, .. } if earlier == instant => {
                        self.local(local.naive_local())
                    }
                    _ => self.offset(local.naive_local(), local.offset().fix()),
                }
            }
            WallTime::Instant(time) => {
                let local = instant.with_timezone(time.offset());
                self.offset(local.naive_local(), *time.offset())
            }
        }
    }

    /// The same time moved on the wall: 14:00 stays 14:00 when it is moved by whole days.
    pub fn moved(&self, by: TimeDelta) -> Result<String, String> {
        let far = || format!("{} cannot be moved that far", self.text);
        match self.time {
            WallTime::Local(local) => {
                let local = local.checked_add_signed(by).ok_or_else(far)?;
                match resolve_local(self.zone, local) {
                    Resolved::Skipped { next_valid, .. } => Err(skipped(self.zone, local, next_valid)),
                    Resolved::Unique(_) | Resolved::Ambiguous { .. } => Ok(self.local(local)),
                }
            }
            WallTime::Instant(time) => {
                let wall = time.with_timezone(&self.zone);
                let moved = wall.naive_local().checked_add_signed(by).ok_or_else(far)?;
                // An offset that is the zone's own follows the zone; any other is an instant.
                if wall.offset().fix() != *time.offset() {
                    let moved = time.checked_add_signed(by).ok_or_else(far)?;
                    return Ok(self.offset(moved.naive_local(), *time.offset()));
                }
                match resolve_local(self.zone, moved) {
                    Resolved::Skipped { next_valid, .. } => Err(skipped(self.zone, moved, next_valid)),
                    Resolved::Unique(instant) | Resolved::Ambiguous { earlier: instant, .. } => {
                        Ok(self.offset(moved, offset_at(self.zone, instant)))
                    }
                }
            }
        }
    }

    fn local(&self, local: NaiveDateTime) -> String {
        if self.text.len() == "2026-11-25".len() && local.time() == NaiveTime::MIN {
            return local.format("%Y-%m-%d").to_string();
        }
        let separator = match self.text.as_bytes().get(10) {
            Some(b' ') => ' ',
            Some(b't') => 't',
            _ => 'T',
        };
        let fraction = if local.nanosecond() == 0 { "" } else { "%.f" };
        // TOML 1.1 lets the seconds be left out; whoever did so keeps it.
        let seconds =
            if local.second() == 0 && fraction.is_empty() && !self.has_seconds() { "" } else { ":%S" };
        local.trunc_subsecs(9).format(&format!("%Y-%m-%d{separator}%H:%M{seconds}{fraction}")).to_string()
    }

    fn offset(&self, local: NaiveDateTime, offset: FixedOffset) -> String {
        let local = self.local(local);
        // A bare date has no place for an offset.
        let local = if local.len() == "2026-11-25".len() { format!("{local}T00:00:00") } else { local };
        match self.text.chars().last() {
            Some(letter @ ('Z' | 'z')) if offset.local_minus_utc() == 0 => format!("{local}{letter}"),
            _ => format!("{local}{offset}"),
        }
    }

    fn has_seconds(&self) -> bool {
        let time = self.text.get(11..).unwrap_or_default();
        let time = time.split(['+', '-', 'Z', 'z']).next().unwrap_or_default();
        time.is_empty() || time.matches(':').count() == 2
    }
}

fn offset_at(zone: Tz, instant: DateTime<Utc>) -> FixedOffset {
    zone.offset_from_utc_datetime(&instant.naive_utc()).fix()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::read::values::wall_time;

    fn written(text: &str) -> Written<'_> {
        let time = wall_time(&text.parse().unwrap()).unwrap();
        Written { text, time, zone: chrono_tz::Europe::Berlin }
    }

    #[test]
    fn the_way_it_is_written_stays() {
        let instant = DateTime::parse_from_rfc3339("2026-07-01T08:00:00Z").unwrap().to_utc();
        for (before, after) in [
            ("2026-11-25T14:00:00", "2026-07-01T10:00:00"),
            ("2026-11-25 14:00:00", "2026-07-01 10:00:00"),
            ("2026-11-25T14:00", "2026-07-01T10:00"),
            ("2026-11-25T14:00:00Z", "2026-07-01T08:00:00Z"),
            ("2026-11-25T14:00:00z", "2026-07-01T08:00:00z"),
            ("2026-11-25T14:00:00-05:00", "2026-07-01T03:00:00-05:00"),
            ("2026-11-25", "2026-07-01T10:00:00"),
        ] {
            assert_eq!(written(before).at(instant), after, "{before}");
        }
    }

    #[test]
    fn two_in_the_afternoon_stays_two_in_the_afternoon() {
        for (before, days, after) in [
            ("2026-10-20T14:00:00", 10, "2026-10-30T14:00:00"),
            ("2026-10-20T14:00:00+02:00", 10, "2026-10-30T14:00:00+01:00"),
            ("2026-10-20T14:00:00Z", 10, "2026-10-30T14:00:00Z"),
            ("2026-10-20", 10, "2026-10-30"),
        ] {
            assert_eq!(written(before).moved(TimeDelta::days(days)).unwrap(), after, "{before}");
        }
        let error = written("2026-03-28T02:30:00").moved(TimeDelta::days(1)).unwrap_err();
        assert!(error.contains("next valid time is 2026-03-29T03:00:00"), "{error}");
    }

    #[test]
    fn the_later_of_two_equal_hours_is_told_with_its_offset() {
        let later = DateTime::parse_from_rfc3339("2026-10-25T01:30:00Z").unwrap().to_utc();
        assert_eq!(written("2026-10-24T02:30:00").at(later), "2026-10-25T02:30:00+01:00");
        let earlier = later - TimeDelta::hours(1);
        assert_eq!(written("2026-10-24T02:30:00").at(earlier), "2026-10-25T02:30:00");
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_says_the_instant(seconds in 1_500_000_000_i64..2_000_000_000, which in 0_usize..5) {
            let text = ["2026-11-25T14:00:00", "2026-11-25 14:00", "2026-11-25T14:00:00Z", "2026-11-25T14:00:00+02:00", "2026-11-25"][which];
            let instant = DateTime::from_timestamp(seconds, 0).unwrap();
            let again = written(text).at(instant);
            let read = match wall_time(&again.parse().unwrap()).unwrap() {
                WallTime::Instant(time) => time.to_utc(),
                WallTime::Local(local) => match resolve_local(chrono_tz::Europe::Berlin, local) {
                    Resolved::Unique(time) | Resolved::Ambiguous { earlier: time, .. } => time,
                    Resolved::Skipped { .. } => panic!("skipped"),
                },
            };
            proptest::prop_assert_eq!(read, instant);
        }
    }
}
