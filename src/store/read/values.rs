//! Values that several files share: zones, times, lengths of time, ids.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use toml::value::Datetime;

use super::super::report::Report;
use super::super::wire::At;
use crate::domain::moment::{parse_span, parse_zone, skipped};
use crate::domain::window::WallTime;
use crate::domain::{Resolved, Safe, resolve_local};

/// An IANA time zone.
pub fn zone(report: &mut Report<'_>, at: &At<String>) -> Option<Tz> {
    let zone = parse_zone(&at.value);
    if let Err(message) = &zone {
        report.error(&at.span, message);
    }
    zone.ok()
}

/// A length of time.
pub fn span(report: &mut Report<'_>, at: &At<String>) -> Option<TimeDelta> {
    let span = parse_span(&at.value);
    if let Err(message) = &span {
        report.error(&at.span, message);
    }
    span.ok()
}

/// An optional length of time.
pub fn maybe_span(report: &mut Report<'_>, at: Option<&At<String>>) -> Option<TimeDelta> {
    at.and_then(|at| span(report, at))
}

/// Whether a text can be a glob of names in a repository; the sentence about what is wrong with it.
pub fn check_glob(key: &str, glob: &str, example: &str) -> Result<(), String> {
    let mut open = false;
    for character in glob.chars() {
        match character {
            '[' => open = true,
            ']' => open = false,
            _ => {}
        }
    }
    let wrong = if glob.is_empty() {
        "is empty"
    } else if glob.starts_with('-') {
        "begins with `-`"
    } else if open {
        "has `[` without `]`"
    } else if glob.chars().any(|c| c.is_whitespace() || c.is_control()) {
        "holds a space, which no name has"
    } else {
        return Ok(());
    };
    Err(format!("`{key}` {wrong}: write a glob such as {example}"))
}

/// A text that stands for something: not empty, and nothing in it that cannot be seen.
pub fn word(report: &mut Report<'_>, at: &At<String>, what: &str) -> Option<String> {
    if at.value.trim().is_empty() {
        report.error(&at.span, format!("the {what} is empty"));
        return None;
    }
    if at.value.len() > 500 {
        report.error(&at.span, format!("the {what} is longer than 500 bytes"));
        return None;
    }
    if Safe::new(&at.value).as_str() != at.value {
        let shown = Safe::new(&at.value);
        report.error(&at.span, format!("the {what} `{shown}` holds a character that cannot be seen"));
        return None;
    }
    Some(at.value.clone())
}

/// Text for people: what it cannot show is made visible.
pub fn prose(text: String) -> String {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && text.len() < 8192 {
        return text;
    }
    Safe::new(text).to_string()
}

/// Text of several lines for people: what it cannot show is made visible, line breaks stay.
pub fn lines(text: String) -> String {
    Safe::multiline(text).to_string()
}

/// A time as written: on the wall, or an instant. A bare date is its midnight.
pub fn wall(report: &mut Report<'_>, at: &At<Datetime>) -> Option<WallTime> {
    let time = wall_time(&at.value);
    if time.is_none() {
        let message = format!("found {}: write a date and time, 2026-11-25T14:00:00", at.value);
        report.error(&at.span, message);
    }
    time
}

/// A time of a stage: an instant. A skipped local time is an error, an ambiguous one a notice.
pub fn instant(report: &mut Report<'_>, at: &At<Datetime>, zone: Tz) -> Option<DateTime<Utc>> {
    let local = match wall(report, at)? {
        WallTime::Instant(time) => return Some(time.to_utc()),
        WallTime::Local(local) => local,
    };
    match resolve_local(zone, local) {
        Resolved::Unique(time) => Some(time),
        Resolved::Ambiguous { earlier, later } => {
            let offset = zone.from_utc_datetime(&later.naive_utc()).format("%:z").to_string();
            let message = format!(
                "{} occurs twice in {}, where clocks go back: the earlier is taken, write {0}{offset} for the later",
                local.format("%Y-%m-%dT%H:%M:%S"),
                zone.name(),
            );
            report.notice(&at.span, message);
            Some(earlier)
        }
        Resolved::Skipped { next_valid, .. } => {
            report.error(&at.span, skipped(zone, local, next_valid));
            None
        }
    }
}

/// What a TOML date-time says, where it has a date.
pub fn wall_time(datetime: &Datetime) -> Option<WallTime> {
    let date = datetime.date?;
    let date = NaiveDate::from_ymd_opt(i32::from(date.year), u32::from(date.month), u32::from(date.day))?;
    let time = match datetime.time {
        None => NaiveTime::MIN,
        Some(time) => NaiveTime::from_hms_nano_opt(
            u32::from(time.hour),
            u32::from(time.minute),
            u32::from(time.second.unwrap_or(0)),
            time.nanosecond.unwrap_or(0),
        )?,
    };
    let local: NaiveDateTime = date.and_time(time);
    let minutes = match datetime.offset {
        None => return Some(WallTime::Local(local)),
        Some(toml::value::Offset::Z) => 0,
        Some(toml::value::Offset::Custom { minutes }) => i32::from(minutes),
    };
    let offset = FixedOffset::east_opt(minutes * 60)?;
    offset.from_local_datetime(&local).single().map(WallTime::Instant)
}
