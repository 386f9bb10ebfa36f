//! The rules that most windows have, without walking: every so many days, or on these days of
//! every so many weeks, at the first start's time of day.
//!
//! A plan with hundreds of windows is expanded anew with every change of them; a general
//! expansion takes microseconds an occurrence, and these are a sum of days. The general one is
//! the judge of this one (the test below).

use chrono::{Datelike, Days, NaiveDateTime, TimeDelta, Weekday};

/// A rule of days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plain {
    /// Days from one round to the next.
    pub every: u64,
    /// The days of a round, counted from its first: rising, fewer than `every`; with the day on
    /// which a week begins. `None`: the day of the first start.
    pub days: Option<(Weekday, Vec<u64>)>,
}

impl Plain {
    /// Recognises a rule by its parts; `None`: it is another one.
    pub fn of(parts: &[(String, String)]) -> Option<Self> {
        let value = |name: &str| parts.iter().find(|part| part.0 == name).map(|part| part.1.as_str());
        let known = ["FREQ", "INTERVAL", "BYDAY", "WKST", "UNTIL", "COUNT"];
        if parts.iter().any(|(name, _)| !known.contains(&name.as_str())) {
            return None;
        }
        let interval: u64 = value("INTERVAL").map_or(Ok(1), str::parse).ok().filter(|it| *it > 0)?;
        match (value("FREQ")?, value("BYDAY")) {
            ("DAILY", None) => Some(Self { every: interval, days: None }),
            ("WEEKLY", None) => Some(Self { every: interval.checked_mul(7)?, days: None }),
            ("WEEKLY", Some(days)) => {
                let week = value("WKST").map_or(Some(Weekday::Mon), weekday)?;
                let mut offsets = Vec::new();
                for day in days.split(',') {
                    offsets.push(u64::from(weekday(day)?.days_since(week)));
                }
                offsets.sort_unstable();
                offsets.dedup();
                Some(Self { every: interval.checked_mul(7)?, days: Some((week, offsets)) })
            }
            _ => None,
        }
    }

    /// The starts from `from` until `to` (inclusive both) of a series that begins at `first`, of
    /// which only the first `count` are starts; `None`: more than `most` would have to be looked
    /// at.
    pub fn starts(
        &self,
        first: NaiveDateTime,
        (from, to): (NaiveDateTime, NaiveDateTime),
        count: Option<u64>,
        most: usize,
    ) -> Option<Vec<NaiveDateTime>> {
        let alone = [0];
        let (origin, offsets) = match &self.days {
            None => (first, alone.as_slice()),
            Some((week, offsets)) => {
                let into = first.weekday().days_since(*week);
                (first.checked_sub_days(Days::new(u64::from(into)))?, offsets.as_slice())
            }
        };
        // The starts before `first` in its own round are none.
        let skipped =
            offsets.iter().filter(|offset| origin + TimeDelta::days(**offset as i64) < first).count();
        // Whole rounds before `from` are jumped over, one is kept for safety.
        let round = ((from - origin).num_days() / self.every as i64 - 1).max(0);
        let mut number = (round as u64).saturating_mul(offsets.len() as u64);
        let mut base = origin.checked_add_days(Days::new((round as u64).checked_mul(self.every)?))?;
        let mut starts = Vec::new();
        loop {
            for offset in offsets {
                let start = base.checked_add_days(Days::new(*offset))?;
                // Which start of the series it is, from 0.
                let place = number.checked_sub(skipped as u64);
                number += 1;
                let Some(place) = place else { continue };
                if start > to || count.is_some_and(|count| place >= count) {
                    return Some(starts);
                }
                if start >= from {
                    if starts.len() >= most {
                        return None;
                    }
                    starts.push(start);
                }
            }
            base = base.checked_add_days(Days::new(self.every))?;
        }
    }
}

fn weekday(text: &str) -> Option<Weekday> {
    match text.trim() {
        "MO" => Some(Weekday::Mon),
        "TU" => Some(Weekday::Tue),
        "WE" => Some(Weekday::Wed),
        "TH" => Some(Weekday::Thu),
        "FR" => Some(Weekday::Fri),
        "SA" => Some(Weekday::Sat),
        "SU" => Some(Weekday::Sun),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::rule::{Rule, parts};
    use super::*;

    #[test]
    fn only_rules_of_days_are_taken() {
        let taken = |text: &str| Plain::of(&parts(text).unwrap()).is_some();
        for text in
            ["FREQ=DAILY", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR,MO;WKST=SU;COUNT=3", "FREQ=DAILY;UNTIL=20260101"]
        {
            assert!(taken(text), "{text}");
        }
        for text in [
            "FREQ=DAILY;BYDAY=MO",
            "FREQ=MONTHLY",
            "FREQ=WEEKLY;BYDAY=1MO",
            "FREQ=HOURLY",
            "FREQ=DAILY;BYHOUR=3",
        ] {
            assert!(!taken(text), "{text}");
        }
    }

    proptest::proptest! {
        /// What the general expansion brings, from wherever it is asked.
        #[test]
        fn a_sum_of_days_brings_what_a_walk_brings(
            weekly in 0..2_usize,
            interval in 1..6_u32,
            days in 0..128_u32,
            week in 0..3_usize,
            count in proptest::option::of(1_u32..60),
            first in 0_i64..40_000_000,
            later in -2_000_000_i64..40_000_000,
            length in 0_i64..8_000_000,
        ) {
            let names = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
            let chosen: Vec<&str> = names.into_iter().enumerate()
                .filter(|(place, _)| days & (1 << place) != 0).map(|(_, name)| name).collect();
            let freq = ["DAILY", "WEEKLY"][weekly];
            let mut text = format!("FREQ={freq};INTERVAL={interval}");
            if weekly == 1 && !chosen.is_empty() {
                text += &format!(";BYDAY={}", chosen.join(","));
                text += ["", ";WKST=SU", ";WKST=WE"][week];
            }
            if let Some(count) = count {
                text += &format!(";COUNT={count}");
            }
            let rule = Rule::parse(&text).unwrap();
            let base: NaiveDateTime = "2025-01-01T00:00:00".parse().unwrap();
            let first = base + TimeDelta::seconds(first);
            let from = first + TimeDelta::seconds(later);
            let to = from + TimeDelta::seconds(length);
            proptest::prop_assert_eq!(
                rule.starts(first, from, to).unwrap(), rule.walk(first, from, to).unwrap(), "{}", text
            );
        }
    }
}
