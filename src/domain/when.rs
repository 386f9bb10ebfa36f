//! Times as people say them while planning: `14:00`, `tue 14:00`, `25 nov`, `tomorrow 9:30`.
//!
//! Everything that a TIME of the command line can be is understood too ([`super::moment`]).

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeZone, Timelike, Utc, Weekday};
use chrono_tz::Tz;

use super::mistaken;
use super::moment::{Resolved, parse_local, parse_moment, parse_offset, resolve_local};
use super::window::WallTime;

/// What a time is said relative to.
#[derive(Debug, Clone, Copy)]
pub struct Around {
    /// Now.
    pub now: DateTime<Utc>,
    /// The zone of local times.
    pub zone: Tz,
    /// The day of a time that names none.
    pub day: NaiveDate,
}

/// Reads a time as a person says it: on the wall of the zone, or an instant where an offset is
/// said. What is relative to now is the wall time it will be then.
pub fn parse_when(text: &str, around: &Around) -> Result<WallTime, String> {
    let text = text.trim();
    let is_relative = text.starts_with(['+', '-']) || text.eq_ignore_ascii_case("now");
    if is_relative {
        return parse_moment(text, around.now, around.zone).map(|instant| on_the_wall(instant, around.zone));
    }
    let found = match parse_offset(text) {
        Some(instant) => Some(WallTime::Instant(instant)),
        None => parse_local(text).or_else(|| spoken(text, around)).map(WallTime::Local),
    };
    let year = |time: &WallTime| match time {
        WallTime::Local(local) => local.year(),
        WallTime::Instant(instant) => instant.year(),
    };
    match found {
        Some(time) if !(1..=9999).contains(&year(&time)) => {
            Err(format!("`{text}` is outside the years 0001 to 9999"))
        }
        Some(time) => Ok(time),
        None => Err(mistaken::when(text, today(around)).unwrap_or_else(|| format!(
            "`{text}` is not a time: write 2026-11-25 14:00, 14:00, tue 14:00, 25 nov 14:00, tomorrow 14:00, \
             +3d or now"
        ))),
    }
}

/// An instant as a wall time of the zone; with its offset where the wall shows that time twice
/// and this is the later one.
pub fn on_the_wall(instant: DateTime<Utc>, zone: Tz) -> WallTime {
    let local = zone.from_utc_datetime(&instant.naive_utc());
    let wall = local.naive_local().with_nanosecond(0).unwrap_or_else(|| local.naive_local());
    match resolve_local(zone, wall) {
        Resolved::Ambiguous { later, .. } if later <= instant => WallTime::Instant(local.fixed_offset()),
        _ => WallTime::Local(wall),
    }
}

fn today(around: &Around) -> NaiveDate {
    around.now.with_timezone(&around.zone).date_naive()
}

fn spoken(text: &str, around: &Around) -> Option<chrono::NaiveDateTime> {
    if let Some(time) = parse_clock(text) {
        return Some(around.day.and_time(time));
    }
    let today = today(around);
    if let Some(day) = parse_day(text, today) {
        return Some(day.and_time(NaiveTime::MIN));
    }
    let (day, clock) = text.rsplit_once([' ', 'T', 't'])?;
    Some(parse_day(day, today)?.and_time(parse_clock(clock)?))
}

/// Reads a time of day: `14:00`, `9:30`, `14:00:30`.
pub fn parse_clock(text: &str) -> Option<NaiveTime> {
    let mut numbers = [0_u32; 3];
    let mut count = 0;
    for part in text.split(':') {
        let is_short = (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        *numbers.get_mut(count)? = part.parse().ok().filter(|_| is_short)?;
        count += 1;
    }
    let [hour, minute, second] = numbers;
    (count >= 2).then(|| NaiveTime::from_hms_opt(hour, minute, second)).flatten()
}

/// Reads a day: `2026-11-25`, `today`, `tomorrow`, `tue` (the next one, today included), `next
/// tue` (in the week after this one), `25 nov`, `nov 25 2027`, `25.11.`, `25.11.2026`. Without a
/// year it is the next such day.
pub fn parse_day(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    let text = text.trim().to_lowercase();
    if let Ok(date) = NaiveDate::parse_from_str(&text, "%Y-%m-%d") {
        return Some(date);
    }
    match text.as_str() {
        "today" => return Some(today),
        "tomorrow" => return today.checked_add_days(Days::new(1)),
        "yesterday" => return today.checked_sub_days(Days::new(1)),
        _ => {}
    }
    if let Some(rest) = text.strip_prefix("next ") {
        let monday = today.checked_sub_days(Days::new(today.weekday().num_days_from_monday().into()))?;
        let weekday = parse_weekday(rest)?;
        return monday.checked_add_days(Days::new(7 + u64::from(weekday.num_days_from_monday())));
    }
    if let Some(weekday) = parse_weekday(&text) {
        let ahead = (7 + weekday.num_days_from_monday() - today.weekday().num_days_from_monday()) % 7;
        return today.checked_add_days(Days::new(ahead.into()));
    }
    let parts: Vec<&str> = text.split(['.', ' ', '/']).filter(|part| !part.is_empty()).collect();
    let (day, month, year) = match parts.as_slice() {
        [day, month] => (day, month, None),
        [day, month, year] if year.len() == 4 => (day, month, Some(year.parse::<i32>().ok()?)),
        _ => return None,
    };
    let (day, month) = match (parse_month(month), parse_month(day)) {
        (Some(month), _) => (day.parse::<u32>().ok()?, month),
        (None, Some(named)) => (month.parse::<u32>().ok()?, named),
        // Numbers alone are a date with dots only: with a slash nobody knows which is the month.
        (None, None) if text.contains('.') => (day.parse::<u32>().ok()?, month.parse::<u32>().ok()?),
        (None, None) => return None,
    };
    if let Some(year) = year {
        return NaiveDate::from_ymd_opt(year, month, day);
    }
    // A 29th of February may be years ahead.
    (0..9)
        .filter_map(|ahead| NaiveDate::from_ymd_opt(today.year() + ahead, month, day))
        .find(|date| *date >= today)
}

/// Reads a weekday by its name or at least its first three letters.
pub fn parse_weekday(text: &str) -> Option<Weekday> {
    const NAMES: [(&str, Weekday); 7] = [
        ("monday", Weekday::Mon),
        ("tuesday", Weekday::Tue),
        ("wednesday", Weekday::Wed),
        ("thursday", Weekday::Thu),
        ("friday", Weekday::Fri),
        ("saturday", Weekday::Sat),
        ("sunday", Weekday::Sun),
    ];
    let text = text.to_lowercase();
    let long_enough = text.chars().count() >= 3;
    NAMES.into_iter().find(|(name, _)| long_enough && name.starts_with(&text)).map(|(_, weekday)| weekday)
}

/// The number of a month by its name or at least its first three letters.
pub fn parse_month(text: &str) -> Option<u32> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let long_enough = text.chars().count() >= 3;
    (1..).zip(NAMES).find(|(_, name)| long_enough && name.starts_with(text)).map(|(number, _)| number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around() -> Around {
        Around {
            now: "2026-11-25T13:22:10Z".parse().unwrap(),
            zone: Tz::Europe__Berlin,
            day: NaiveDate::from_ymd_opt(2026, 11, 27).unwrap(),
        }
    }

    fn read(text: &str) -> String {
        match parse_when(text, &around()) {
            Ok(WallTime::Local(local)) => local.format("%Y-%m-%dT%H:%M:%S").to_string(),
            Ok(WallTime::Instant(instant)) => instant.to_rfc3339(),
            Err(why) => why,
        }
    }

    #[test]
    fn every_way_to_say_a_time() {
        // Wednesday 25 November 2026, 14:22:10 in Berlin.
        for (text, expected) in [
            ("14:00", "2026-11-27T14:00:00"),
            ("9:30", "2026-11-27T09:30:00"),
            ("tue 14:00", "2026-12-01T14:00:00"),
            ("wed 16:00", "2026-11-25T16:00:00"),
            ("Wednesday", "2026-11-25T00:00:00"),
            ("next wed 16:00", "2026-12-02T16:00:00"),
            ("next mon 9:00", "2026-11-30T09:00:00"),
            ("today 18:00", "2026-11-25T18:00:00"),
            ("tomorrow 9:30", "2026-11-26T09:30:00"),
            ("25 nov 14:00", "2026-11-25T14:00:00"),
            ("24 nov 14:00", "2027-11-24T14:00:00"),
            ("nov 30", "2026-11-30T00:00:00"),
            ("29 feb", "2028-02-29T00:00:00"),
            ("1.12. 08:00", "2026-12-01T08:00:00"),
            ("1.12.2027 08:00", "2027-12-01T08:00:00"),
            ("2026-11-25 14:00", "2026-11-25T14:00:00"),
            ("2026-11-25", "2026-11-25T00:00:00"),
            ("2026-11-25T14:00:00-05:00", "2026-11-25T14:00:00-05:00"),
            ("now", "2026-11-25T14:22:10"),
            ("+3d", "2026-11-28T14:22:10"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_a_time_says_what_would_be() {
        for text in
            ["", "25:00", "14", "tues 14", "11/12", "31 feb", "mo 14:00", "14:0x", "12026-01-01", "x y z"]
        {
            assert!(parse_when(text, &around()).is_err(), "{text}: {}", read(text));
        }
        assert!(read("teusday").contains("tue 14:00"));
    }

    #[test]
    fn the_later_of_two_equal_hours_keeps_its_offset() {
        let later: DateTime<Utc> = "2026-10-25T01:30:00Z".parse().unwrap();
        assert!(matches!(on_the_wall(later, Tz::Europe__Berlin), WallTime::Instant(_)));
        let earlier = later - chrono::TimeDelta::hours(1);
        assert!(matches!(on_the_wall(earlier, Tz::Europe__Berlin), WallTime::Local(_)));
    }
}
