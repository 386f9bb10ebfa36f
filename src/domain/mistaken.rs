//! Times and days that look like one and are none: what is wrong with them, and what is meant.

use chrono::{Datelike, NaiveDate};

use super::Safe;
use super::when::{parse_clock, parse_day, parse_month};

/// What is wrong with a day, a time of day, or both; `None`: it does not look like one, or nothing
/// is wrong with it.
pub fn when(text: &str, today: NaiveDate) -> Option<String> {
    let text = text.trim();
    clock(text).or_else(|| day(text, today)).or_else(|| {
        let (date, time) = text.rsplit_once([' ', 'T', 't'])?;
        let is_both =
            looks_like_clock(time) && (parse_day(date, today).is_some() || day(date, today).is_some());
        is_both.then(|| day(date, today).or_else(|| clock(time)))?
    })
}

/// What is wrong with a time of day: `25:00`, `14:60`, `13pm`.
pub fn clock(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let (bare, half) = match lower.strip_suffix("am").or_else(|| lower.strip_suffix("pm")) {
        Some(bare) => (bare, true),
        None => (lower.as_str(), false),
    };
    let numbers = numbers(bare)?;
    let (hour, minute) = (*numbers.first()?, numbers.get(1).copied().unwrap_or(0));
    if numbers.len() == 1 && !half {
        return None;
    }
    let shown = Safe::new(text);
    if minute > 59 || numbers.get(2).is_some_and(|second| *second > 59) {
        let meant = match (minute, hour) {
            (60, 0..=22) if !half => format!(": did you mean {:02}:00?", hour + 1),
            _ => String::new(),
        };
        return Some(format!("`{shown}` is no time of day, minutes and seconds go to 59{meant}"));
    }
    if half {
        let wrong = !(1..=12).contains(&hour);
        let meant = if hour < 24 { format!(": did you mean {hour:02}:{minute:02}?") } else { String::new() };
        return wrong
            .then(|| format!("`{shown}` is no time of day, with am and pm hours go from 1 to 12{meant}"));
    }
    // 24:00 alone is said, as the end of a day.
    if parse_clock(bare).is_some() || (hour == 24 && numbers.iter().skip(1).all(|number| *number == 0)) {
        return None;
    }
    let meant = match hour {
        24..=47 => format!(": did you mean {:02}:{minute:02} of the next day?", hour - 24),
        _ => ": write 00:00 to 23:59".to_owned(),
    };
    Some(format!("`{shown}` is no time of day, the day ends at 24:00{meant}"))
}

/// What is wrong with a stretch of a day: `14:00-25:00`.
pub fn range(text: &str) -> Option<String> {
    let (start, end) = text.split_once(['-', '–'])?;
    let is_hour =
        |part: &str| (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let fits = |part: &str| looks_like_clock(part) || is_hour(part);
    if !fits(start) || !fits(end) {
        return None;
    }
    let whole = |part: &str| if is_hour(part) { format!("{part}:00") } else { part.to_owned() };
    clock(&whole(start)).or_else(|| clock(&whole(end)))
}

/// What is wrong with a day: `30 feb`, `2026-13-01`, `31.11.`.
pub fn day(text: &str, today: NaiveDate) -> Option<String> {
    let lower = text.trim().to_lowercase();
    if parse_day(&lower, today).is_some() {
        return None;
    }
    let dashed: Vec<&str> = lower.split('-').collect();
    let parts: Vec<&str> = lower.split(['.', ' ', '/']).filter(|part| !part.is_empty()).collect();
    let number = |part: &str| part.parse::<u32>().ok().filter(|_| part.len() <= 2);
    let year_of = |part: &str| part.parse::<i32>().ok().filter(|_| part.len() == 4);
    let (year, month, day) = match (dashed.as_slice(), parts.as_slice()) {
        ([year, month, day], _) => (Some(year_of(year)?), number(month)?, number(day)?),
        (_, [one, other, rest @ ..]) if rest.len() <= 1 => {
            let year = match rest.first() {
                Some(year) => Some(year_of(year)?),
                None => None,
            };
            match (parse_month(other), parse_month(one)) {
                (Some(month), _) => (year, month, number(one)?),
                (None, Some(month)) => (year, month, number(other)?),
                // Numbers alone are a date with a dot behind each.
                (None, None) if lower.ends_with('.') || (lower.contains('.') && year.is_some()) => {
                    (year, number(other)?, number(one)?)
                }
                (None, None) => return None,
            }
        }
        _ => return None,
    };
    Some(format!("`{}` is no day, {}", Safe::new(text.trim()), why(year, month, day, dashed.len() == 3)))
}

/// Why there is no such day.
fn why(year: Option<i32>, month: u32, day: u32, is_iso: bool) -> String {
    if !(1..=12).contains(&month) {
        let swapped = year.and_then(|year| NaiveDate::from_ymd_opt(year, day, month));
        return match swapped {
            Some(date) if is_iso => format!("months go from 01 to 12: did you mean {date}?"),
            Some(date) => format!("months go from 1 to 12: did you mean {}?", date.format("%-d.%-m.%Y")),
            None => "months go from 1 to 12".to_owned(),
        };
    }
    // Without a year, February is as long as it can be.
    let long = |year: i32| {
        let next = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
        let first = NaiveDate::from_ymd_opt(next.0, next.1, 1);
        first.and_then(|first| first.pred_opt()).map_or(31, |last| last.day())
    };
    let name = NaiveDate::from_ymd_opt(2000, month, 1).map(|date| date.format("%B").to_string());
    let name = name.unwrap_or_default();
    let last = long(year.unwrap_or(2024));
    match (day, year) {
        (0, _) => "days begin with 1".to_owned(),
        (_, Some(year)) => format!("{name} {year} ends on the {last}{}", ending(last)),
        (_, None) if month == 2 => "February ends on the 28th, or in a leap year on the 29th".to_owned(),
        (_, None) => format!("{name} ends on the {last}{}", ending(last)),
    }
}

fn ending(day: u32) -> &'static str {
    match day {
        31 => "st",
        _ => "th",
    }
}

/// `9:30`, `25:00`, `14:00:00`, `2pm`: digits with a colon, or am or pm behind.
fn looks_like_clock(text: &str) -> bool {
    let lower = text.to_lowercase();
    let bare = lower.strip_suffix("am").or_else(|| lower.strip_suffix("pm"));
    let half = bare.is_some();
    numbers(bare.unwrap_or(&lower)).is_some_and(|numbers| numbers.len() > 1 || half)
}

/// One to three numbers of up to two digits with colons between.
fn numbers(text: &str) -> Option<Vec<u32>> {
    let numbers: Option<Vec<u32>> = text
        .split(':')
        .map(|part| {
            let is_short = (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse().ok().filter(|_| is_short)
        })
        .collect();
    numbers.filter(|numbers| numbers.len() <= 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        when(text, NaiveDate::from_ymd_opt(2026, 11, 25).unwrap()).unwrap_or_default()
    }

    #[test]
    fn what_is_wrong_is_said_with_what_is_meant() {
        for (text, why) in [
            (
                "25:00",
                "`25:00` is no time of day, the day ends at 24:00: did you mean 01:00 of the next day?",
            ),
            ("24:30", "did you mean 00:30 of the next day?"),
            ("99:00", "write 00:00 to 23:59"),
            ("14:60", "minutes and seconds go to 59: did you mean 15:00?"),
            ("14:75", "minutes and seconds go to 59"),
            ("13pm", "with am and pm hours go from 1 to 12: did you mean 13:00?"),
            ("30 feb", "`30 feb` is no day, February ends on the 28th, or in a leap year on the 29th"),
            ("Feb 30 2026", "February 2026 ends on the 28th"),
            ("31 nov", "November ends on the 30th"),
            ("32 dec 2026", "December 2026 ends on the 31st"),
            ("31.11.", "November ends on the 30th"),
            ("30.2.2028", "February 2028 ends on the 29th"),
            ("2026-13-01", "`2026-13-01` is no day, months go from 01 to 12: did you mean 2026-01-13?"),
            ("2026-02-30", "February 2026 ends on the 28th"),
            ("0 nov", "days begin with 1"),
            ("2026-11-25 25:00", "`25:00` is no time of day"),
            ("2026-11-25T14:61", "`14:61` is no time of day"),
            ("30 feb 14:00", "`30 feb` is no day"),
            ("tue 25:00", "`25:00` is no time of day"),
        ] {
            assert!(said(text).contains(why), "{text}: {}", said(text));
        }
        assert!(range("14:00-25:00").unwrap().contains("`25:00`"));
        assert!(range("14-25").unwrap().contains("`25:00`"));
    }

    #[test]
    fn what_is_right_or_no_time_at_all_is_left_to_others() {
        for text in [
            "14:00",
            "24:00",
            "9:30",
            "2pm",
            "12am",
            "14",
            "4.2",
            "4.2.0",
            "2026.11.2",
            "29 feb",
            "25 nov",
            "2026-11-25",
            "eu",
            "checkout 4.2",
            "1/2",
            "canary 5",
            "14:00:00:00",
            "2026-11-25 14:00",
            "",
        ] {
            assert_eq!(said(text), "", "{text}");
        }
        assert_eq!(range("14-16"), None);
        assert_eq!(range("4.2-25"), None);
        assert_eq!(range("2026-13-01"), None);
    }
}
