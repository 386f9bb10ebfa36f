//! The hours in which the people who decide and watch are at work.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc, Weekday};
use chrono_tz::Tz;

use super::moment::{Resolved, resolve_local};

/// Working hours on the wall of the workspace's zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkingHours {
    /// When a day begins.
    pub from: NaiveTime,
    /// When it ends, on the same day.
    pub to: NaiveTime,
    /// On which days.
    pub days: Vec<Weekday>,
}

impl Default for WorkingHours {
    /// Monday to Friday, 08:00 to 18:00.
    fn default() -> Self {
        let hour = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or(NaiveTime::MIN);
        Self {
            from: hour(8),
            to: hour(18),
            days: vec![Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri],
        }
    }
}

impl WorkingHours {
    /// Reads `08:00-18:00`, with days before it where they are not Monday to Friday:
    /// `mon-thu 08:00-17:00`, `mon,wed,sat 10:00-14:00`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!("`{text}` are no working hours: write 08:00-18:00, or mon-fri 08:00-18:00 with the days")
        };
        let (days, hours) = match text.trim().rsplit_once(' ') {
            Some((days, hours)) => (parse_days(days).ok_or_else(wrong)?, hours),
            None => (Self::default().days, text.trim()),
        };
        let (from, to) = hours.split_once('-').ok_or_else(wrong)?;
        let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").map_err(|_| wrong());
        let (from, to) = (time(from)?, time(to)?);
        if to <= from {
            return Err(format!("`{text}` ends before it begins: a working day ends on the day it began"));
        }
        Ok(Self { from, to, days })
    }

    /// Whether [start, end) lies in one working day, on the wall of a zone.
    pub fn hold(&self, start: DateTime<Utc>, end: DateTime<Utc>, zone: Tz) -> bool {
        let (start, end) = (start.with_timezone(&zone).naive_local(), end.with_timezone(&zone).naive_local());
        start.date() == end.date()
            && self.days.contains(&start.weekday())
            && self.from <= start.time()
            && end.time() <= self.to
    }

    /// When the next working day begins, after an instant.
    pub fn next(&self, after: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let today = after.with_timezone(&zone).date_naive();
        let begins = |date: NaiveDate| match resolve_local(zone, date.and_time(self.from)) {
            Resolved::Unique(begins) | Resolved::Ambiguous { earlier: begins, .. } => begins,
            Resolved::Skipped { transition, .. } => transition,
        };
        let days = (0..=8).filter_map(|ahead| today.checked_add_days(Days::new(ahead)));
        days.filter(|date| self.days.contains(&date.weekday())).map(begins).find(|begins| *begins > after)
    }
}

fn parse_days(text: &str) -> Option<Vec<Weekday>> {
    let mut days = Vec::new();
    for part in text.split(',').map(str::trim) {
        match part.split_once('-') {
            None => days.push(part.parse().ok()?),
            Some((first, last)) => {
                let (first, last): (Weekday, Weekday) =
                    (first.trim().parse().ok()?, last.trim().parse().ok()?);
                let mut day = first;
                days.push(day);
                while day != last {
                    day = day.succ();
                    days.push(day);
                }
            }
        }
    }
    Some(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_as_people_write_them() {
        let read = |text: &str| WorkingHours::parse(text).map(|it| (it.days.len(), it.from.to_string()));
        assert_eq!(read("08:00-18:00"), Ok((5, "08:00:00".to_owned())));
        assert_eq!(read("sun-thu 9:30-17:00"), Ok((5, "09:30:00".to_owned())));
        assert_eq!(read("mon,wed,saturday 10:00 - 14:00").map(|it| it.0).ok(), None);
        assert_eq!(read("mon,wed,saturday 10:00-14:00"), Ok((3, "10:00:00".to_owned())));
        for wrong in ["", "all day", "18:00-08:00", "08:00", "funday 08:00-18:00", "25:00-26:00"] {
            assert!(WorkingHours::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_working_day_is_that_of_the_zone() {
        let hours = WorkingHours::default();
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let zone = chrono_tz::Europe::Berlin;
        assert!(hours.hold(at("2026-11-25T07:00:00Z"), at("2026-11-25T17:00:00Z"), zone));
        assert!(!hours.hold(at("2026-11-25T06:59:00Z"), at("2026-11-25T08:00:00Z"), zone));
        assert!(!hours.hold(at("2026-11-28T10:00:00Z"), at("2026-11-28T11:00:00Z"), zone));
        let friday = at("2026-11-27T07:00:00Z");
        assert_eq!(hours.next(friday, zone), Some(at("2026-11-30T07:00:00Z")));
        assert_eq!(hours.next(friday - chrono::TimeDelta::seconds(1), zone), Some(friday));
    }
}
