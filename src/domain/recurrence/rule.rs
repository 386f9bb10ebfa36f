//! RFC 5545 recurrence rules, expanded in wall time.
//!
//! The rule never sees a zone: it is expanded on a clock without gaps, and the caller reads
//! each wall time in the window's zone afterwards.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};
use rrule::{RRule, RRuleSet, Unvalidated};

use super::plain::Plain;

/// How many starts one expansion looks at, before it is refused as too dense.
const MAX_STARTS: usize = 100_000;

/// Why a rule cannot be expanded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecurrenceError {
    /// A part is not `NAME=VALUE`.
    #[error("`{0}` is not a part of a rule; write NAME=VALUE, separated by semicolons: FREQ=WEEKLY;BYDAY=FR")]
    Part(String),
    /// A part is given twice.
    #[error("`{0}` is given twice; once is enough")]
    Twice(String),
    /// `UNTIL` cannot be read.
    #[error("UNTIL={0} is not a time; write 20271231, 20271231T180000 (wall time) or 20271231T180000Z")]
    Until(String),
    /// The rule is not one of RFC 5545.
    #[error("`{rule}` is not a rule of RFC 5545: {why}")]
    Rule {
        /// As written.
        rule: String,
        /// Why not.
        why: String,
    },
    /// The rule brings more occurrences than can be looked at.
    #[error("`{0}` brings more than {MAX_STARTS} occurrences in that range; make the rule coarser")]
    TooDense(String),
}

/// When a rule ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// At the end of this day, wall time.
    Day(NaiveDate),
    /// At this wall time, inclusive.
    Wall(NaiveDateTime),
    /// At this instant, inclusive.
    Instant(DateTime<Utc>),
}

/// A rule, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    text: String,
    /// Without UNTIL, which the crate would read in its own way, and without COUNT.
    rest: RRule<Unvalidated>,
    until: Option<Until>,
    count: Option<u32>,
    /// The period in seconds, where every period is equally long: FREQ=WEEKLY and finer.
    period: Option<i64>,
    /// Exactly one start a period: no BY… part.
    regular: bool,
    /// It may start at several times of a day.
    hours: bool,
    /// Where it is one that needs no walk.
    plain: Option<Plain>,
}

impl Rule {
    /// Reads a rule as written in the files, with or without the prefix `RRULE:`.
    pub fn parse(text: &str) -> Result<Self, RecurrenceError> {
        let parts = parts(text)?;
        let value = |name: &str| parts.iter().find(|part| part.0 == name).map(|part| part.1.as_str());
        let refuse = |why: String| RecurrenceError::Rule { rule: text.to_owned(), why };
        let until = value("UNTIL").map(parse_until).transpose()?;
        let number = |name: &str| {
            let number = value(name).map(|number| number.parse::<u32>().ok().filter(|number| *number > 0));
            match number {
                Some(None) => Err(refuse(format!("{name} must be a whole number from 1"))),
                Some(found) => Ok(found),
                None => Ok(None),
            }
        };
        let count = number("COUNT")?;
        let interval = number("INTERVAL")?.unwrap_or(1);
        let kept: Vec<String> = parts
            .iter()
            .filter(|(name, _)| name != "UNTIL" && name != "COUNT")
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let rest: RRule<Unvalidated> =
            kept.join(";").parse().map_err(|error: rrule::RRuleError| refuse(error.to_string()))?;
        let unit = match value("FREQ") {
            Some("WEEKLY") => Some(7 * 86_400),
            Some("DAILY") => Some(86_400),
            Some("HOURLY") => Some(3600),
            Some("MINUTELY") => Some(60),
            Some("SECONDLY") => Some(1),
            _ => None,
        };
        let in_days = |name: &str| ["BYHOUR", "BYMINUTE", "BYSECOND"].contains(&name);
        let rule = Self {
            plain: Plain::of(&parts),
            hours: unit.is_some_and(|unit| unit < 86_400) || parts.iter().any(|(name, _)| in_days(name)),
            text: text.to_owned(),
            rest,
            until,
            count,
            period: unit.map(|unit| unit * i64::from(interval)),
            regular: !parts.iter().any(|(name, _)| name.starts_with("BY")),
        };
        // Some contradictions only show when a first start is there.
        rule.set(DateTime::UNIX_EPOCH.naive_utc())?;
        Ok(rule)
    }

    /// When it ends, where it says.
    pub fn until(&self) -> Option<Until> {
        self.until
    }

    /// Whether it goes on for ever.
    pub fn is_endless(&self) -> bool {
        self.until.is_none() && self.count.is_none()
    }

    /// Whether every start is at the first one's time of day.
    pub fn has_one_time_of_day(&self) -> bool {
        !self.hours
    }

    /// Whether a year of it is more than one expansion looks at.
    pub fn is_dense(&self) -> bool {
        let first = DateTime::UNIX_EPOCH.naive_utc();
        self.hours && self.starts(first, first, first + TimeDelta::days(366)).is_err()
    }

    /// The starts in wall time from `from` until `to` (inclusive both), ascending, of a series
    /// that begins at `first`. `first` itself is a start only if it matches the rule.
    ///
    /// An instant UNTIL is not applied here: only who knows the zone can.
    pub fn starts(
        &self,
        first: NaiveDateTime,
        from: NaiveDateTime,
        to: NaiveDateTime,
    ) -> Result<Vec<NaiveDateTime>, RecurrenceError> {
        if let Some(plain) = &self.plain {
            let count = self.count.map(u64::from);
            let starts = plain.starts(first, (from, self.last(to)), count, MAX_STARTS);
            return starts.ok_or_else(|| RecurrenceError::TooDense(self.text.clone()));
        }
        self.walk(first, from, to)
    }

    /// The last start that there may be.
    fn last(&self, to: NaiveDateTime) -> NaiveDateTime {
        match self.until {
            Some(Until::Day(day)) => to.min(day.and_time(NaiveTime::MIN) + TimeDelta::seconds(86_399)),
            Some(Until::Wall(wall)) => to.min(wall),
            Some(Until::Instant(_)) | None => to,
        }
    }

    /// The same for every rule, start by start.
    pub(super) fn walk(
        &self,
        first: NaiveDateTime,
        from: NaiveDateTime,
        to: NaiveDateTime,
    ) -> Result<Vec<NaiveDateTime>, RecurrenceError> {
        let fraction = TimeDelta::nanoseconds(first.nanosecond().into());
        let first = first - fraction;
        let last = self.last(to);
        let (first, left) = self.fast_forward(first, from);
        let mut starts = Vec::new();
        for (seen, start) in (&self.set(first)?).into_iter().enumerate() {
            let start = start.naive_utc() + fraction;
            if left.is_some_and(|left| seen as u64 >= left) || start > last {
                break;
            }
            if seen >= MAX_STARTS {
                return Err(RecurrenceError::TooDense(self.text.clone()));
            }
            if start >= from {
                starts.push(start);
            }
        }
        Ok(starts)
    }

    /// A later first start that brings the same starts from `from` on, and how many of `COUNT`
    /// are left: whole periods can be jumped over where all are equally long.
    fn fast_forward(&self, first: NaiveDateTime, from: NaiveDateTime) -> (NaiveDateTime, Option<u64>) {
        let count = self.count.map(u64::from);
        let Some(period) = self.period.filter(|_| count.is_none() || self.regular) else {
            return (first, count);
        };
        let periods = ((from - first).num_seconds() / period - 1).max(0);
        let left = count.map(|count| count.saturating_sub(periods.unsigned_abs()));
        let jump = TimeDelta::try_seconds(periods.saturating_mul(period)).unwrap_or_default();
        first.checked_add_signed(jump).map_or((first, count), |later| (later, left))
    }

    fn set(&self, first: NaiveDateTime) -> Result<RRuleSet, RecurrenceError> {
        let first = first.and_utc().with_timezone(&rrule::Tz::UTC);
        let rule = self
            .rest
            .clone()
            .validate(first)
            .map_err(|error| RecurrenceError::Rule { rule: self.text.clone(), why: error.to_string() })?;
        Ok(RRuleSet::new(first).rrule(rule).limit())
    }
}

/// The parts of a rule, names and values in capitals.
pub fn parts(text: &str) -> Result<Vec<(String, String)>, RecurrenceError> {
    let upper = text.trim().to_ascii_uppercase();
    let body = upper.strip_prefix("RRULE:").unwrap_or(&upper);
    let mut parts: Vec<(String, String)> = Vec::new();
    for part in body.split(';').filter(|part| !part.trim().is_empty()) {
        let (name, value) = part.split_once('=').ok_or_else(|| RecurrenceError::Part(part.to_owned()))?;
        let (name, value) = (name.trim().to_owned(), value.trim().to_owned());
        if parts.iter().any(|known| known.0 == name) {
            return Err(RecurrenceError::Twice(name));
        }
        parts.push((name, value));
    }
    Ok(parts)
}

fn parse_until(text: &str) -> Result<Until, RecurrenceError> {
    let wall = |text: &str| NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").ok();
    let until = match text.strip_suffix('Z') {
        Some(instant) => wall(instant).map(|wall| Until::Instant(wall.and_utc())),
        None if text.contains('T') => wall(text).map(Until::Wall),
        None => NaiveDate::parse_from_str(text, "%Y%m%d").ok().map(Until::Day),
    };
    until.ok_or_else(|| RecurrenceError::Until(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wall(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    fn starts(rule: &str, first: &str, from: &str, to: &str) -> Vec<String> {
        let starts = Rule::parse(rule).unwrap().starts(wall(first), wall(from), wall(to)).unwrap();
        starts.iter().map(|start| start.format("%Y-%m-%dT%H:%M").to_string()).collect()
    }

    #[test]
    fn until_ends_with_the_day_the_wall_time_or_is_left_to_the_zone() {
        let daily = |until: &str| {
            starts(
                &format!("FREQ=DAILY;UNTIL={until}"),
                "2026-01-01T18:00:00",
                "2026-01-01T00:00:00",
                "2026-01-09T00:00:00",
            )
            .len()
        };
        assert_eq!(daily("20260103"), 3);
        assert_eq!(daily("20260103T180000"), 3);
        assert_eq!(daily("20260103T175959"), 2);
        assert_eq!(daily("20260103T175959Z"), 8);
    }

    #[test]
    fn a_first_start_that_does_not_match_is_not_a_start() {
        let found = starts(
            "FREQ=WEEKLY;BYDAY=FR",
            "2026-01-01T18:00:00",
            "2026-01-01T00:00:00",
            "2026-01-10T00:00:00",
        );
        assert_eq!(found, ["2026-01-02T18:00", "2026-01-09T18:00"]);
    }

    #[test]
    fn a_29th_of_february_and_a_31st_come_only_where_they_exist() {
        let yearly =
            starts("FREQ=YEARLY", "2024-02-29T00:00:00", "2024-01-01T00:00:00", "2033-01-01T00:00:00");
        assert_eq!(yearly, ["2024-02-29T00:00", "2028-02-29T00:00", "2032-02-29T00:00"]);
        let monthly =
            starts("FREQ=MONTHLY", "2026-01-31T00:00:00", "2026-01-01T00:00:00", "2026-06-01T00:00:00");
        assert_eq!(monthly, ["2026-01-31T00:00", "2026-03-31T00:00", "2026-05-31T00:00"]);
    }

    #[test]
    fn what_is_wrong_with_a_rule_is_said() {
        for (rule, said) in [
            ("FREQ=FORTNIGHTLY", "FORTNIGHTLY"),
            ("BYDAY=MO", "FREQ"),
            ("FREQ=DAILY;COUNT=0", "COUNT"),
            ("FREQ=DAILY;INTERVAL=-1", "INTERVAL"),
            ("FREQ=DAILY;UNTIL=tomorrow", "UNTIL=TOMORROW"),
            ("FREQ=DAILY;FREQ=WEEKLY", "twice"),
            ("every friday", "NAME=VALUE"),
            ("FREQ=DAILY;BYHOUR=25", "BYHOUR"),
        ] {
            let error = Rule::parse(rule).unwrap_err().to_string();
            assert!(error.to_uppercase().contains(&said.to_uppercase()), "{rule}: {error}");
        }
    }

    /// 180 expansions as python-dateutil 2.9.0 makes them (`rrulestr(rule, dtstart=first)`).
    #[test]
    fn rules_expand_as_in_python_dateutil() {
        #[derive(serde::Deserialize)]
        struct Vector {
            rule: String,
            first: NaiveDateTime,
            from: NaiveDateTime,
            to: NaiveDateTime,
            starts: Vec<NaiveDateTime>,
        }
        let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/recurrence.json"));
        let vectors: Vec<Vector> = serde_json::from_str(text).unwrap();
        assert!(vectors.len() > 150);
        for vector in vectors {
            let rule = Rule::parse(&vector.rule).unwrap();
            let found = rule.starts(vector.first, vector.from, vector.to).unwrap();
            assert_eq!(found, vector.starts, "{} from {}", vector.rule, vector.first);
        }
    }

    #[test]
    fn a_rule_that_never_matches_ends() {
        let never = starts(
            "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
            "2026-01-01T00:00:00",
            "2026-01-01T00:00:00",
            "2027-01-01T00:00:00",
        );
        assert!(never.is_empty());
    }

    #[test]
    fn a_rule_too_dense_is_refused_rather_than_cut() {
        let rule = Rule::parse("FREQ=SECONDLY").unwrap();
        let found = rule.starts(
            wall("2020-01-01T00:00:00"),
            wall("2026-01-01T00:00:00"),
            wall("2026-02-01T00:00:00"),
        );
        assert!(matches!(found, Err(RecurrenceError::TooDense(_))));
    }

    proptest::proptest! {
        /// Jumping over whole periods brings the starts that going one by one brings.
        #[test]
        fn fast_forward_changes_nothing(
            freq in 0..4_usize,
            interval in 1_i64..9,
            by in 0..4_usize,
            count in proptest::option::of(1_u32..400),
            first in 0_i64..20_000_000,
            later in 0_i64..40_000_000,
        ) {
            let freq = ["WEEKLY", "DAILY", "HOURLY", "HOURLY;BYHOUR=3,9,15"][freq];
            let by = ["", ";BYDAY=MO,FR", ";BYMONTH=3,4", ";WKST=SU;BYDAY=SU,TU"][by];
            let count = count.map_or(String::new(), |count| format!(";COUNT={count}"));
            let text = format!("FREQ={freq};INTERVAL={interval}{by}{count}");
            let Ok(rule) = Rule::parse(&text) else { return Ok(()) };
            let base = wall("2025-01-01T00:00:00");
            let first = base + TimeDelta::seconds(first);
            let from = first + TimeDelta::seconds(later);
            let to = from + TimeDelta::days(40);
            let jumped = rule.starts(first, from, to).unwrap();
            let all = rule.starts(first, first, to).unwrap();
            let expected: Vec<_> = all.into_iter().filter(|start| *start >= from).collect();
            proptest::prop_assert_eq!(jumped, expected, "{}", text);
        }
    }
}
