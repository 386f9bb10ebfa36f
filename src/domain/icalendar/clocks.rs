//! Where an imported series meets a clock change: its times are read as RFC 5545 reads them, and
//! a window of our own would be read closed. People should know.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::{Draft, Reading};
use crate::domain::recurrence::Rule;
use crate::domain::window::WallTime;

/// How many years of a series are looked at.
const YEARS: i32 = 5;
/// How many notices are enough to make the point.
const ENOUGH: usize = 50;

/// The wall times that zones skip or repeat, remembered.
#[derive(Debug, Default)]
pub struct Clocks {
    known: BTreeMap<(&'static str, i32), Vec<(NaiveDateTime, NaiveDateTime)>>,
    said: usize,
}

impl Clocks {
    /// Notes the first time that the series starts or ends in a skipped or repeated hour.
    pub fn look(&mut self, draft: &Draft, rule: Option<&Rule>, reading: &mut Reading) {
        let (WallTime::Local(first), WallTime::Local(end)) = (draft.start, draft.end) else { return };
        if self.said >= ENOUGH || draft.time_zone == Tz::UTC {
            return;
        }
        let length = end - first;
        let found = (first.year()..first.year() + YEARS).find_map(|year| {
            self.changes(draft.time_zone, year).iter().find_map(|(from, to)| {
                [(TimeDelta::zero(), "starts"), (length, "ends")].into_iter().find_map(|(shift, word)| {
                    let inside = |wall: &NaiveDateTime| *wall + shift >= *from && *wall + shift < *to;
                    let at = match rule {
                        None => Some(first).filter(inside),
                        // A rule without hours starts at one time of day only.
                        Some(rule) if rule.has_one_time_of_day() => {
                            let day = (*from - shift).date();
                            [day, day.succ_opt().unwrap_or(day)]
                                .map(|day| day.and_time(first.time()))
                                .into_iter()
                                .find(|wall| inside(wall) && brings(rule, first, *wall))
                        }
                        Some(rule) => rule
                            .starts(first, *from - shift, *to - shift)
                            .unwrap_or_default()
                            .into_iter()
                            .find(inside),
                    };
                    at.map(|wall| (wall + shift, word))
                })
            })
        });
        if let Some((wall, word)) = found {
            self.said += 1;
            let why = format!(
                "an occurrence {word} at {} in {}, where the clocks change: it is read as RFC 5545 says (what is \
                 skipped with the offset before, what occurs twice as the first), not closed as windows of your own",
                wall.format("%Y-%m-%d %H:%M"),
                draft.time_zone.name()
            );
            reading.note(draft.line, why);
        }
    }

    fn changes(&mut self, zone: Tz, year: i32) -> &[(NaiveDateTime, NaiveDateTime)] {
        self.known.entry((zone.name(), year)).or_insert_with(|| changes(zone, year))
    }
}

fn brings(rule: &Rule, first: NaiveDateTime, wall: NaiveDateTime) -> bool {
    wall >= first && !rule.starts(first, wall, wall).unwrap_or_default().is_empty()
}

/// The wall times that a zone skips or repeats in a year.
fn changes(zone: Tz, year: i32) -> Vec<(NaiveDateTime, NaiveDateTime)> {
    let Some(first) = NaiveDate::from_ymd_opt(year, 1, 1) else { return Vec::new() };
    let first = first.and_time(NaiveTime::MIN).and_utc();
    let offset = |at: DateTime<Utc>| zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc();
    let mut found = Vec::new();
    for week in 0..53 {
        let (mut before, mut after) =
            (first + TimeDelta::days(7 * week), first + TimeDelta::days(7 * week + 7));
        let (from, to) = (offset(before), offset(after));
        if from == to {
            continue;
        }
        while after - before > TimeDelta::seconds(1) {
            let middle = before + (after - before) / 2;
            if offset(middle) == from { before = middle } else { after = middle }
        }
        let at = |offset: i32| after.naive_utc() + TimeDelta::seconds(offset.into());
        found.push((at(from.min(to)), at(from.max(to))));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hours_of_a_zone_that_are_skipped_or_repeated() {
        let said: Vec<String> = changes(Tz::Europe__Berlin, 2026)
            .iter()
            .map(|(from, to)| format!("{} {}", from.format("%m-%dT%H:%M:%S"), to.format("%H:%M:%S")))
            .collect();
        assert_eq!(said, ["03-29T02:00:00 03:00:00", "10-25T02:00:00 03:00:00"]);
        assert!(changes(Tz::Asia__Kolkata, 2026).is_empty());
    }
}
