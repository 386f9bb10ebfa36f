//! The words that sentences about rules are made of.

use chrono::{NaiveDateTime, NaiveTime, Timelike, Weekday};

/// The months, by their number less one.
pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Monday to Friday, else the days one by one.
pub fn together(weekdays: &[(Option<i32>, Weekday)], names: &[String]) -> String {
    let mut days: Vec<u32> = weekdays.iter().map(|(_, day)| day.num_days_from_monday()).collect();
    days.sort_unstable();
    days.dedup();
    match days.as_slice() {
        [0, 1, 2, 3, 4] => "day from Monday to Friday".to_owned(),
        [0, 1, 2, 3, 4, 5, 6] => "day of the week".to_owned(),
        _ => and(names),
    }
}

/// `1st`, `22nd`, `last`, `second to last`.
pub fn nth(number: i32) -> String {
    match number {
        -1 => "last".to_owned(),
        -2 => "second to last".to_owned(),
        number if number < 0 => format!("{} to last", ordinal(-number)),
        number => ordinal(number),
    }
}

/// `1st`, `22nd`.
pub fn ordinal(number: i32) -> String {
    let suffix = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{suffix}")
}

/// `a, b and c`.
pub fn and(words: &[String]) -> String {
    joined(words, "and")
}

/// `a, b or c`.
pub fn or(words: &[String]) -> String {
    joined(words, "or")
}

fn joined(words: &[String], last: &str) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., end] => format!("{} {last} {end}", rest.join(", ")),
    }
}

/// The full name of a weekday.
pub fn day_name(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "Monday",
        Weekday::Tue => "Tuesday",
        Weekday::Wed => "Wednesday",
        Weekday::Thu => "Thursday",
        Weekday::Fri => "Friday",
        Weekday::Sat => "Saturday",
        Weekday::Sun => "Sunday",
    }
}

/// `18:00`; seconds where there are any.
pub fn clock(time: NaiveTime) -> String {
    let format = if time.second() == 0 { "%H:%M" } else { "%H:%M:%S" };
    time.format(format).to_string()
}

/// `18 Dec 2026`.
pub fn date(time: NaiveDateTime) -> String {
    time.format("%-d %b %Y").to_string()
}

/// `Fri 18 Dec 2026 18:00`.
pub fn moment(time: NaiveDateTime) -> String {
    format!("{} {} {}", time.format("%a"), date(time), clock(time.time()))
}
