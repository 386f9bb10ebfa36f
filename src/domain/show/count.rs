//! Times on the count: so many days, hours and minutes before or after T-0.

use std::fmt;

use chrono::{DateTime, Days, TimeDelta, Utc};

use super::Zero;
use crate::domain::moment::{Resolved, resolve_local};

/// The furthest a step may lie from T-0.
const FURTHEST_DAYS: u64 = 366;

/// A time on the count: `T-2d`, `T-1d2h30m`, `T-0`, `T+72h`.
///
/// Days are civil days on the wall of the count's zone, so that `T-7d` has the hour of T-0 also
/// where clocks change in between; hours, minutes and seconds are elapsed time, counted from
/// there. A wall time that a clock change skips is the first instant after it, one that occurs
/// twice the earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CountTime {
    side: Side,
    days: u64,
    seconds: u64,
}

/// Which side of T-0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Side {
    #[default]
    Before,
    After,
}

impl CountTime {
    /// Reads `T-2d`, `T-1d 2h`, `T-0`, `T+90m`; the error says what would be right.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            let shown = crate::domain::Safe::new(text);
            format!("`{shown}` is not a time on the count: write T-7d, T-2d4h, T-30m, T-0 or T+72h")
        };
        let rest = text.trim().strip_prefix(['T', 't']).ok_or_else(wrong)?.trim();
        if rest.is_empty() {
            return Ok(Self::default());
        }
        let (side, mut rest) = match (rest.strip_prefix(['-', '−']), rest.strip_prefix('+')) {
            (Some(rest), _) => (Side::Before, rest.trim_start()),
            (_, Some(rest)) => (Side::After, rest.trim_start()),
            _ => return Err(wrong()),
        };
        if rest.is_empty() {
            return Err(wrong());
        }
        if rest == "0" {
            return Ok(Self::default());
        }
        let (mut days, mut seconds) = (0_u64, 0_u64);
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
            let number: u64 = rest[..digits].parse().map_err(|_| wrong())?;
            let unit = rest[digits..].chars().next().ok_or_else(wrong)?;
            let (into, each) = match unit {
                'w' => (&mut days, 7),
                'd' => (&mut days, 1),
                'h' => (&mut seconds, 3600),
                'm' => (&mut seconds, 60),
                's' => (&mut seconds, 1),
                _ => return Err(wrong()),
            };
            *into = number.checked_mul(each).and_then(|more| into.checked_add(more)).ok_or_else(wrong)?;
            rest = rest[digits + unit.len_utf8()..].trim_start();
        }
        if days.saturating_add(seconds / 86_400) > FURTHEST_DAYS {
            let shown = crate::domain::Safe::new(text);
            return Err(format!("`{shown}` is further than {FURTHEST_DAYS} days from T-0"));
        }
        Ok(Self { side, days, seconds })
    }

    /// So much elapsed time before (negative) or after T-0.
    pub fn elapsed(time: TimeDelta) -> Self {
        let side = if time <= TimeDelta::zero() { Side::Before } else { Side::After };
        Self { side, days: 0, seconds: time.num_seconds().unsigned_abs() }
    }

    /// The instant, seen from T-0.
    pub fn resolve(&self, zero: Zero) -> DateTime<Utc> {
        let elapsed = TimeDelta::seconds(self.seconds as i64);
        let day = self.same_hour(zero).unwrap_or(zero.at);
        match self.side {
            Side::Before => day - elapsed,
            Side::After => day + elapsed,
        }
    }

    /// The hour of T-0 so many days away.
    fn same_hour(&self, zero: Zero) -> Option<DateTime<Utc>> {
        if self.days == 0 {
            return Some(zero.at);
        }
        let wall = zero.at.with_timezone(&zero.zone).naive_local();
        let there = match self.side {
            Side::Before => wall.checked_sub_days(Days::new(self.days))?,
            Side::After => wall.checked_add_days(Days::new(self.days))?,
        };
        Some(match resolve_local(zero.zone, there) {
            Resolved::Unique(time) | Resolved::Ambiguous { earlier: time, .. } => time,
            Resolved::Skipped { transition, .. } => transition,
        })
    }
}

impl fmt::Display for CountTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::from(if self.side == Side::Before { "T-" } else { "T+" });
        let parts = [
            (self.days, 'd'),
            (self.seconds / 3600, 'h'),
            (self.seconds / 60 % 60, 'm'),
            (self.seconds % 60, 's'),
        ];
        for (number, unit) in parts {
            if number > 0 {
                text.push_str(&format!("{number}{unit}"));
            }
        }
        if self.days == 0 && self.seconds == 0 {
            text.push('0');
        }
        formatter.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;

    fn zero(at: &str, zone: Tz) -> Zero {
        Zero { at: at.parse().unwrap(), zone }
    }

    fn at(text: &str, zero: Zero) -> String {
        let time = CountTime::parse(text).unwrap().resolve(zero);
        time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    }

    #[test]
    fn every_way_to_write_a_time_on_the_count() {
        let zero = zero("2026-11-25T13:00:00Z", Tz::Europe__Berlin);
        for (text, expected, canonical) in [
            ("T-7d", "2026-11-18T13:00:00Z", "T-7d"),
            ("T-2w", "2026-11-11T13:00:00Z", "T-14d"),
            ("T-1d 2h", "2026-11-24T11:00:00Z", "T-1d2h"),
            ("T-90m", "2026-11-25T11:30:00Z", "T-1h30m"),
            ("t-30s", "2026-11-25T12:59:30Z", "T-30s"),
            ("T-0", "2026-11-25T13:00:00Z", "T-0"),
            ("T+0", "2026-11-25T13:00:00Z", "T-0"),
            ("T", "2026-11-25T13:00:00Z", "T-0"),
            ("T+72h", "2026-11-28T13:00:00Z", "T+72h"),
            ("T + 1d1m", "2026-11-26T13:01:00Z", "T+1d1m"),
        ] {
            assert_eq!(at(text, zero), expected, "{text}");
            let parsed = CountTime::parse(text).unwrap();
            let elapsed = CountTime::elapsed(parsed.resolve(zero) - zero.at);
            assert_eq!(elapsed.resolve(zero), parsed.resolve(zero), "{text}");
            assert_eq!(parsed.to_string(), canonical, "{text}");
            assert_eq!(CountTime::parse(canonical), Ok(parsed));
        }
    }

    #[test]
    fn what_is_none_says_what_would_be() {
        for text in
            ["", "7d", "-7d", "T7d", "T-", "T-7", "T-7x", "T-d", "T-1.5h", "T--1h", "T-99999999999999999999d"]
        {
            assert!(CountTime::parse(text).is_err(), "{text}");
        }
        assert!(CountTime::parse("T-7").unwrap_err().contains("write T-7d"));
        assert!(CountTime::parse("T-400d").unwrap_err().contains("further than 366 days"));
    }

    #[test]
    fn days_keep_the_hour_over_a_clock_change_and_hours_do_not() {
        // Clocks go back on 25 October: T-0 is at 14:00 in winter time.
        let zero = zero("2026-10-27T13:00:00Z", Tz::Europe__Berlin);
        assert_eq!(at("T-7d", zero), "2026-10-20T12:00:00Z", "14:00 in summer time");
        assert_eq!(at("T-168h", zero), "2026-10-20T13:00:00Z", "168 hours, 15:00 in summer time");
        assert_eq!(at("T-2d1h", zero), "2026-10-25T12:00:00Z");
    }

    #[test]
    fn an_hour_that_does_not_occur_is_the_first_instant_after_it() {
        let zero = zero("2026-03-30T00:30:00Z", Tz::Europe__Berlin);
        assert_eq!(at("T-1d", zero), "2026-03-29T01:00:00Z", "02:30 is skipped, clocks show 03:00");
        let twice = Zero { at: "2026-10-26T01:30:00Z".parse().unwrap(), zone: Tz::Europe__Berlin };
        assert_eq!(at("T-1d", twice), "2026-10-25T00:30:00Z", "the earlier 02:30");
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_what_is_read(days in 0_u64..300, seconds in 0_u64..86_400, after in proptest::bool::ANY) {
            let side = if after && days + seconds > 0 { Side::After } else { Side::Before };
            let time = CountTime { side, days, seconds };
            proptest::prop_assert_eq!(CountTime::parse(&time.to_string()), Ok(time));
        }
    }
}
