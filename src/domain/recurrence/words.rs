//! Rules as a sentence: `every second Friday at 18:00 to Monday 06:00, until 31 Dec 2027`.

use chrono::{Datelike, NaiveDateTime, NaiveTime, Timelike, Weekday};

use super::rule::parts;
pub use super::spelled::day_name;
use super::spelled::{MONTHS, and, clock, date, moment, nth, or, ordinal, together};
use super::{RecurrenceError, Rule, Until, wall};
use crate::domain::Window;
use crate::domain::window::WallTime;

/// A rule as a sentence, of a series that begins at `first`: where the rule names no day, the
/// first one's day counts.
pub fn sentence(rule: &str, first: NaiveDateTime) -> Result<String, RecurrenceError> {
    let read = Rule::parse(rule)?;
    let parts = parts(rule)?;
    let said = Said { parts: &parts, first };
    let mut sentence = said.days();
    if let Some(times) = said.times() {
        sentence.push_str(&format!(" at {times}"));
    }
    sentence.push_str(&said.end(&read));
    Ok(sentence)
}

/// When a window is, as a sentence: its rule with the hours, or its two times where it has none.
pub fn window_sentence(window: &Window) -> Result<String, RecurrenceError> {
    let (start, end) = (wall(window.start, window), wall(window.end, window));
    let Some(rule) = &window.repeat else {
        return Ok(format!("{} to {}", moment(start), moment(end)));
    };
    let read = Rule::parse(rule)?;
    let parts = parts(rule)?;
    let said = Said { parts: &parts, first: start };
    let mut sentence = said.days();
    let length = end - start;
    let midnight = |time: NaiveDateTime| time.time() == NaiveTime::MIN;
    let one_time = said.times();
    if let Some(times) = &one_time {
        sentence.push_str(&format!(" at {times}, for {}", crate::domain::format::duration(length)));
    } else if midnight(start) && midnight(end) {
        match length.num_days() {
            1 => sentence.push_str(", all day"),
            days => sentence.push_str(&format!(", for {days} days")),
        }
    } else {
        sentence.push_str(&format!(" at {} to ", clock(start.time())));
        let days = (end.date() - start.date()).num_days();
        if days > 0 {
            sentence.push_str(&match (said.weekday(), days) {
                (_, 1) => "the next day ".to_owned(),
                (Some(_), 2..=6) => format!("{} ", day_name(end.weekday())),
                (_, days) => format!("{days} days later, "),
            });
        }
        sentence.push_str(&clock(end.time()));
    }
    sentence.push_str(&said.end(&read));
    let list = |times: &[WallTime]| -> String {
        let shown: Vec<String> = times.iter().take(3).map(|time| date(wall(*time, window))).collect();
        let more = times.len().saturating_sub(3);
        if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { and(&shown) }
    };
    if !window.skip.is_empty() {
        sentence.push_str(&format!(", but not on {}", list(&window.skip)));
    }
    if !window.also.is_empty() {
        sentence.push_str(&format!(", and also on {}", list(&window.also)));
    }
    Ok(sentence)
}

struct Said<'a> {
    parts: &'a [(String, String)],
    first: NaiveDateTime,
}

impl Said<'_> {
    fn value(&self, name: &str) -> Option<&str> {
        self.parts.iter().find(|part| part.0 == name).map(|part| part.1.as_str())
    }

    fn numbers(&self, name: &str) -> Vec<i32> {
        let list = self.value(name).unwrap_or_default().split(',');
        list.filter_map(|number| number.trim().trim_start_matches('+').parse().ok()).collect()
    }

    fn interval(&self) -> i32 {
        self.numbers("INTERVAL").first().copied().unwrap_or(1)
    }

    /// Weekdays with their number in the month or year, where they have one.
    fn weekdays(&self) -> Vec<(Option<i32>, Weekday)> {
        let one = |text: &str| {
            let text = text.trim();
            let at = text.len().checked_sub(2)?;
            let day = match text.get(at..)? {
                "MO" => Weekday::Mon,
                "TU" => Weekday::Tue,
                "WE" => Weekday::Wed,
                "TH" => Weekday::Thu,
                "FR" => Weekday::Fri,
                "SA" => Weekday::Sat,
                "SU" => Weekday::Sun,
                _ => return None,
            };
            Some((text[..at].trim_start_matches('+').parse().ok(), day))
        };
        self.value("BYDAY").unwrap_or_default().split(',').filter_map(one).collect()
    }

    /// The one weekday on which it starts, where it is one.
    fn weekday(&self) -> Option<Weekday> {
        match (self.weekdays().as_slice(), self.value("FREQ")) {
            ([(_, day)], _) => Some(*day),
            ([], Some("WEEKLY")) => Some(self.first.weekday()),
            _ => None,
        }
    }

    /// Which days.
    fn days(&self) -> String {
        let unit = match self.value("FREQ") {
            Some("DAILY") => "day",
            Some("WEEKLY") => "week",
            Some("MONTHLY") => "month",
            Some("YEARLY") => "year",
            Some("HOURLY") => "hour",
            Some("MINUTELY") => "minute",
            _ => "second",
        };
        let every = |what: &str| match self.interval() {
            1 => format!("every {what}"),
            2 => format!("every second {what}"),
            number => format!("every {} {what}", ordinal(number)),
        };
        let weekdays = self.weekdays();
        let plain: Vec<String> = weekdays.iter().map(|(_, day)| day_name(*day).to_owned()).collect();
        let mut limits: Vec<String> = Vec::new();
        let months: Vec<String> = self
            .numbers("BYMONTH")
            .iter()
            .filter_map(|month| MONTHS.get(usize::try_from(*month).ok()?.checked_sub(1)?))
            .map(|month| (*month).to_owned())
            .collect();
        let numbered =
            |numbers: &[i32]| -> Vec<String> { numbers.iter().map(|number| nth(*number)).collect() };
        let month_days = numbered(&self.numbers("BYMONTHDAY"));
        let year_days = numbered(&self.numbers("BYYEARDAY"));
        let weeks: Vec<String> = self.numbers("BYWEEKNO").iter().map(ToString::to_string).collect();
        let positions = numbered(&self.numbers("BYSETPOS"));

        let mut head = match unit {
            "week" if weekdays.is_empty() => every(day_name(self.first.weekday())),
            "week" if plain.len() == 1 => every(&plain[0]),
            "week" if self.interval() == 1 && plain.len() > 1 => {
                format!("every {}", together(&weekdays, &plain))
            }
            "week" => format!("{} on {}", every("week"), together(&weekdays, &plain)),
            _ => every(unit),
        };
        if unit != "week" && !weekdays.is_empty() {
            let named: Vec<String> = weekdays
                .iter()
                .zip(&plain)
                .map(|((number, _), day)| match number {
                    Some(number) => format!("the {} {day}", nth(*number)),
                    None => day.clone(),
                })
                .collect();
            let named = if weekdays.iter().all(|(number, _)| number.is_none()) {
                together(&weekdays, &plain)
            } else {
                and(&named)
            };
            limits.push(if positions.is_empty() {
                format!("on {named}")
            } else {
                format!("on the {} {}", and(&positions), plain.join(" or "))
            });
        } else if !positions.is_empty() {
            limits.push(format!("the {} of them", and(&positions)));
        }
        if !month_days.is_empty() {
            let day = if weekdays.is_empty() { "on the" } else { "if it is the" };
            let days = if weekdays.is_empty() { and(&month_days) } else { or(&month_days) };
            let last = if month_days.iter().any(|day| day.ends_with("last")) { " day" } else { "" };
            limits.push(format!("{day} {days}{last}"));
        }
        if !year_days.is_empty() {
            limits.push(format!("on the {} day of the year", and(&year_days)));
        }
        if !weeks.is_empty() {
            limits.push(format!("in week {}", and(&weeks)));
        }
        if !months.is_empty() {
            limits.push(format!("in {}", and(&months)));
        }
        let has_day = !weekdays.is_empty() || !month_days.is_empty() || !year_days.is_empty();
        match unit {
            "month" if !has_day && weeks.is_empty() => {
                limits.insert(0, format!("on the {}", nth(self.first.day() as i32)));
            }
            "year" if !has_day && weeks.is_empty() => {
                let month = MONTHS[self.first.month0() as usize];
                let on = if months.is_empty() {
                    format!("on {} {month}", self.first.day())
                } else {
                    format!("on the {}", nth(self.first.day() as i32))
                };
                limits.insert(0, on);
            }
            _ => {}
        }
        for limit in limits {
            head.push(' ');
            head.push_str(&limit);
        }
        let matters = (unit == "week" && self.interval() > 1 && plain.len() > 1) || !weeks.is_empty();
        if let Some(start) = self.value("WKST").filter(|start| matters && *start != "MO") {
            let day = [("SU", "Sunday"), ("SA", "Saturday")].into_iter().find(|(short, _)| *short == start);
            head.push_str(&format!(" (weeks begin on {})", day.map_or(start, |(_, day)| day)));
        }
        head
    }

    /// The times of day that the rule itself names.
    fn times(&self) -> Option<String> {
        let (hours, minutes, seconds) =
            (self.numbers("BYHOUR"), self.numbers("BYMINUTE"), self.numbers("BYSECOND"));
        if hours.is_empty() && minutes.is_empty() && seconds.is_empty() {
            return None;
        }
        let sub_daily = matches!(self.value("FREQ"), Some("HOURLY" | "MINUTELY" | "SECONDLY"));
        if hours.is_empty() && sub_daily {
            let list = |numbers: &[i32]| and(&numbers.iter().map(ToString::to_string).collect::<Vec<_>>());
            let minutes = (!minutes.is_empty()).then(|| format!("minute {}", list(&minutes)));
            let seconds = (!seconds.is_empty()).then(|| format!("second {}", list(&seconds)));
            return Some(minutes.into_iter().chain(seconds).collect::<Vec<_>>().join(", "));
        }
        let or_first =
            |numbers: Vec<i32>, first: u32| if numbers.is_empty() { vec![first as i32] } else { numbers };
        let hours = or_first(hours, self.first.hour());
        let minutes = or_first(minutes, self.first.minute());
        let seconds = or_first(seconds, self.first.second());
        let mut times = Vec::new();
        for hour in &hours {
            for minute in &minutes {
                for second in &seconds {
                    let tail = if *second == 0 { String::new() } else { format!(":{second:02}") };
                    times.push(format!("{hour:02}:{minute:02}{tail}"));
                }
            }
        }
        Some(and(&times))
    }

    fn end(&self, rule: &Rule) -> String {
        if let Some(count) = self.value("COUNT") {
            return if count == "1" { ", once".to_owned() } else { format!(", {count} times") };
        }
        match rule.until() {
            None => String::new(),
            Some(Until::Day(day)) => format!(", until {}", date(day.and_time(NaiveTime::MIN))),
            Some(Until::Wall(wall)) => format!(", until {} {}", date(wall), clock(wall.time())),
            Some(Until::Instant(instant)) => {
                let wall = instant.naive_utc();
                format!(", until {} {} UTC", date(wall), clock(wall.time()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::samples;
    use crate::domain::window::WindowKind;

    #[test]
    fn every_part_of_a_rule_has_its_words() {
        // A Friday.
        let first: NaiveDateTime = "2026-12-18T18:30:00".parse().unwrap();
        for (rule, said) in [
            ("FREQ=DAILY", "every day"),
            ("FREQ=DAILY;INTERVAL=2", "every second day"),
            ("FREQ=DAILY;BYMONTH=12,1", "every day in December and January"),
            ("FREQ=WEEKLY", "every Friday"),
            ("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "every second Friday"),
            ("FREQ=WEEKLY;INTERVAL=3;BYDAY=MO,TU", "every 3rd week on Monday and Tuesday"),
            ("FREQ=WEEKLY;BYDAY=MO,WE,FR", "every Monday, Wednesday and Friday"),
            ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every day from Monday to Friday"),
            (
                "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU",
                "every second week on Sunday and Monday (weeks begin on Sunday)",
            ),
            ("FREQ=MONTHLY", "every month on the 18th"),
            ("FREQ=MONTHLY;BYMONTHDAY=1,15", "every month on the 1st and 15th"),
            ("FREQ=MONTHLY;BYMONTHDAY=-1", "every month on the last day"),
            ("FREQ=MONTHLY;BYDAY=2TU", "every month on the 2nd Tuesday"),
            ("FREQ=MONTHLY;BYDAY=1MO,-1FR", "every month on the 1st Monday and the last Friday"),
            ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "every month on Friday if it is the 13th"),
            (
                "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
                "every month on the last Monday or Tuesday or Wednesday or Thursday or Friday",
            ),
            ("FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=28", "every 3rd month on the 28th"),
            ("FREQ=YEARLY", "every year on 18 December"),
            ("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24", "every year on the 24th in December"),
            ("FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO", "every year on the last Monday in May"),
            ("FREQ=YEARLY;BYMONTH=3", "every year on the 18th in March"),
            ("FREQ=YEARLY;BYYEARDAY=100", "every year on the 100th day of the year"),
            ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "every year on Monday in week 20"),
            ("FREQ=HOURLY;INTERVAL=6", "every 6th hour"),
            ("FREQ=HOURLY;BYMINUTE=0,30", "every hour at minute 0 and 30"),
            ("FREQ=DAILY;BYHOUR=9,17", "every day at 09:30 and 17:30"),
            ("FREQ=DAILY;BYHOUR=9;BYMINUTE=0;BYSECOND=5", "every day at 09:00:05"),
            ("FREQ=DAILY;COUNT=10", "every day, 10 times"),
            ("FREQ=DAILY;UNTIL=20271231", "every day, until 31 Dec 2027"),
            ("FREQ=DAILY;UNTIL=20271231T180000", "every day, until 31 Dec 2027 18:00"),
            ("FREQ=DAILY;UNTIL=20271231T180000Z", "every day, until 31 Dec 2027 18:00 UTC"),
        ] {
            assert_eq!(sentence(rule, first).unwrap(), said, "{rule}");
        }
        assert!(sentence("FREQ=SOMETIMES", first).is_err());
    }

    #[test]
    fn a_window_says_its_hours_and_what_it_leaves_out() {
        let mut window = samples::window("w", WindowKind::Freeze);
        let local = |text: &str| WallTime::Local(text.parse().unwrap());
        let mut said = |start: &str, end: &str, rule: Option<&str>| {
            (window.start, window.end) = (local(start), local(end));
            window.repeat = rule.map(str::to_owned);
            window_sentence(&window).unwrap()
        };
        assert_eq!(
            said(
                "2026-12-18T18:00:00",
                "2026-12-21T06:00:00",
                Some("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;UNTIL=20271231")
            ),
            "every second Friday at 18:00 to Monday 06:00, until 31 Dec 2027"
        );
        assert_eq!(
            said("2026-12-18T18:00:00", "2027-01-04T06:00:00", Some("FREQ=YEARLY")),
            "every year on 18 December at 18:00 to 17 days later, 06:00"
        );
        assert_eq!(
            said("2026-12-18T22:00:00", "2026-12-19T02:00:00", Some("FREQ=DAILY")),
            "every day at 22:00 to the next day 02:00"
        );
        assert_eq!(
            said("2026-12-18T00:00:00", "2026-12-19T00:00:00", Some("FREQ=WEEKLY")),
            "every Friday, all day"
        );
        assert_eq!(
            said("2026-12-18T18:00:00", "2027-01-04T06:00:00", None),
            "Fri 18 Dec 2026 18:00 to Mon 4 Jan 2027 06:00"
        );
        window.repeat = Some("FREQ=YEARLY".to_owned());
        window.skip = vec![local("2027-12-18T18:00:00")];
        window.also = vec![local("2028-02-01T18:00:00")];
        assert!(
            window_sentence(&window).unwrap().ends_with(", but not on 18 Dec 2027, and also on 1 Feb 2028")
        );
    }
}
