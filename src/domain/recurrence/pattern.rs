//! A rule as a form shows it: how often, on which days, until when. Rules with other parts (hours,
//! weeks of the year, positions) are none of these; a form leaves them as text.

use chrono::{Datelike, NaiveDateTime, Weekday};

use super::rule::parts;
use super::{RecurrenceError, Rule};

/// A recurrence that a form can build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// Its unit.
    pub every: Every,
    /// Each so many of them; from 1.
    pub interval: u32,
    /// On which days of it.
    pub days: Days,
    /// Only in these months (1 to 12); empty: in all.
    pub months: Vec<u32>,
    /// When it ends.
    pub end: End,
}

/// The unit of a recurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Every {
    /// `DAILY`
    Day,
    /// `WEEKLY`
    Week,
    /// `MONTHLY`
    Month,
    /// `YEARLY`
    Year,
}

impl Every {
    /// Every one, from the shortest.
    pub const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::Year];

    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Day => "DAILY",
            Self::Week => "WEEKLY",
            Self::Month => "MONTHLY",
            Self::Year => "YEARLY",
        }
    }
}

/// The days of a recurrence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Days {
    /// That of the first start.
    First,
    /// These weekdays, in the order of the week.
    Weekdays(Vec<Weekday>),
    /// This weekday of the month (or of the year): 1 the first, -1 the last.
    Nth(i32, Weekday),
    /// These days of the month: 1 the first, -1 the last.
    OfMonth(Vec<i32>),
}

/// When a recurrence ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Never.
    Never,
    /// As UNTIL says: `20271231`, `20271231T180000`, `20271231T180000Z`.
    Until(String),
    /// After so many occurrences, skipped ones counted.
    After(u32),
}

impl Pattern {
    /// Every week on the day of the first start.
    pub fn weekly() -> Self {
        Self { every: Every::Week, interval: 1, days: Days::First, months: Vec::new(), end: End::Never }
    }

    /// Reads a rule. `None`: it is a good rule that a form cannot show whole.
    pub fn read(rule: &str) -> Result<Option<Self>, RecurrenceError> {
        Rule::parse(rule)?;
        let parts = parts(rule)?;
        let known = ["FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "UNTIL", "COUNT"];
        let value = |name: &str| parts.iter().find(|part| part.0 == name).map(|part| part.1.as_str());
        let is_default = |part: &&(String, String)| part.0 == "WKST" && part.1 == "MO";
        if parts.iter().filter(|part| !is_default(part)).any(|part| !known.contains(&part.0.as_str())) {
            return Ok(None);
        }
        let Some(every) = Every::ALL.into_iter().find(|every| value("FREQ") == Some(every.name())) else {
            return Ok(None);
        };
        let interval = value("INTERVAL").and_then(|number| number.parse().ok()).unwrap_or(1);
        let numbers = |name: &str| -> Vec<i32> {
            let list = value(name).unwrap_or_default().split(',');
            list.filter_map(|number| number.trim().trim_start_matches('+').parse().ok()).collect()
        };
        let weekdays: Vec<(i32, Weekday)> =
            value("BYDAY").unwrap_or_default().split(',').filter_map(weekday).collect();
        let days = match (weekdays.as_slice(), numbers("BYMONTHDAY")) {
            ([], days) if days.is_empty() => Days::First,
            ([], days) => Days::OfMonth(days),
            ([(number, day)], days) if *number != 0 && days.is_empty() => Days::Nth(*number, *day),
            (plain, days) if days.is_empty() && plain.iter().all(|(number, _)| *number == 0) => {
                let mut days: Vec<Weekday> = plain.iter().map(|(_, day)| *day).collect();
                days.sort_by_key(Weekday::num_days_from_monday);
                days.dedup();
                Days::Weekdays(days)
            }
            _ => return Ok(None),
        };
        let months = numbers("BYMONTH").into_iter().filter_map(|month| u32::try_from(month).ok()).collect();
        let end = match (value("UNTIL"), value("COUNT")) {
            (Some(until), None) => End::Until(until.to_owned()),
            (None, Some(count)) => End::After(count.parse().unwrap_or(1)),
            (None, None) => End::Never,
            (Some(_), Some(_)) => return Ok(None),
        };
        Ok(Some(Self { every, interval, days, months, end }))
    }

    /// The rule.
    pub fn rule(&self) -> String {
        let mut rule = format!("FREQ={}", self.every.name());
        if self.interval > 1 {
            rule.push_str(&format!(";INTERVAL={}", self.interval));
        }
        let list = |numbers: Vec<String>| numbers.join(",");
        if !self.months.is_empty() {
            rule.push_str(&format!(
                ";BYMONTH={}",
                list(self.months.iter().map(ToString::to_string).collect())
            ));
        }
        match &self.days {
            Days::First => {}
            Days::Weekdays(days) if days.is_empty() => {}
            Days::Weekdays(days) => {
                rule.push_str(&format!(
                    ";BYDAY={}",
                    list(days.iter().map(|day| short(*day).to_owned()).collect())
                ));
            }
            Days::Nth(number, day) => rule.push_str(&format!(";BYDAY={number}{}", short(*day))),
            Days::OfMonth(days) if days.is_empty() => {}
            Days::OfMonth(days) => {
                rule.push_str(&format!(
                    ";BYMONTHDAY={}",
                    list(days.iter().map(ToString::to_string).collect())
                ));
            }
        }
        match &self.end {
            End::Never => {}
            End::Until(until) => rule.push_str(&format!(";UNTIL={until}")),
            End::After(count) => rule.push_str(&format!(";COUNT={count}")),
        }
        rule
    }

    /// The days that fit a first start, for a form that offers them: its weekday, its number in
    /// the month, its day of the month.
    pub fn days_like(first: NaiveDateTime) -> [Days; 3] {
        let number = i32::try_from(first.day0() / 7 + 1).unwrap_or(1);
        // A fifth one is not in every month: the last is.
        let number = if number == 5 { -1 } else { number };
        [
            Days::Weekdays(vec![first.weekday()]),
            Days::Nth(number, first.weekday()),
            Days::OfMonth(vec![i32::try_from(first.day()).unwrap_or(1)]),
        ]
    }
}

/// `2TU`; 0 where it has no number.
fn weekday(text: &str) -> Option<(i32, Weekday)> {
    let text = text.trim();
    let at = text.len().checked_sub(2)?;
    let day = SHORT.into_iter().find(|(short, _)| text.get(at..) == Some(*short))?.1;
    let number = text[..at].trim_start_matches('+');
    Some((if number.is_empty() { 0 } else { number.parse().ok()? }, day))
}

const SHORT: [(&str, Weekday); 7] = [
    ("MO", Weekday::Mon),
    ("TU", Weekday::Tue),
    ("WE", Weekday::Wed),
    ("TH", Weekday::Thu),
    ("FR", Weekday::Fri),
    ("SA", Weekday::Sat),
    ("SU", Weekday::Sun),
];

fn short(day: Weekday) -> &'static str {
    SHORT[day.num_days_from_monday() as usize].0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_form_can_show_it_writes_again() {
        for rule in [
            "FREQ=DAILY",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;UNTIL=20271231",
            "FREQ=MONTHLY;BYDAY=-1FR;COUNT=12",
            "FREQ=MONTHLY;BYMONTHDAY=1,-1",
            "FREQ=YEARLY;BYMONTH=5,6;BYDAY=2TU;UNTIL=20271231T180000Z",
        ] {
            assert_eq!(Pattern::read(rule).unwrap().unwrap().rule(), rule);
        }
    }

    #[test]
    fn what_it_cannot_show_whole_is_left_as_text_and_what_is_wrong_is_said() {
        for rule in [
            "FREQ=HOURLY",
            "FREQ=DAILY;BYHOUR=9",
            "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1",
            "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
            "FREQ=MONTHLY;BYDAY=1MO,3MO",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU",
        ] {
            assert_eq!(Pattern::read(rule), Ok(None), "{rule}");
        }
        assert!(Pattern::read("FREQ=NEVER").is_err());
    }

    #[test]
    fn the_days_of_a_first_start() {
        let days = |text: &str| Pattern::days_like(text.parse().unwrap());
        assert_eq!(
            days("2026-11-10T10:00:00"),
            [Days::Weekdays(vec![Weekday::Tue]), Days::Nth(2, Weekday::Tue), Days::OfMonth(vec![10])]
        );
        assert_eq!(days("2026-11-30T10:00:00")[1], Days::Nth(-1, Weekday::Mon));
    }

    proptest::proptest! {
        #[test]
        fn a_built_rule_is_a_rule_and_reads_back(
            every in 0..4_usize,
            interval in 1_u32..9,
            days in 0..4_usize,
            months in proptest::collection::btree_set(1_u32..13, 0..3),
            end in 0..3_usize,
        ) {
            let every = Every::ALL[every];
            let days = match days {
                0 => Days::First,
                1 => Days::Weekdays(vec![Weekday::Mon, Weekday::Sun]),
                2 if matches!(every, Every::Month | Every::Year) => Days::Nth(-2, Weekday::Wed),
                _ if every != Every::Week => Days::OfMonth(vec![1, 31, -1]),
                _ => Days::First,
            };
            let end = [End::Never, End::Until("20271231".into()), End::After(5)][end].clone();
            let pattern = Pattern { every, interval, days, months: months.into_iter().collect(), end };
            proptest::prop_assert_eq!(Pattern::read(&pattern.rule()).unwrap(), Some(pattern));
        }
    }
}
