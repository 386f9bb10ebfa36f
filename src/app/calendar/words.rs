//! How times and things are said.

use chrono::{DateTime, Datelike, NaiveDate, Offset, TimeZone, Utc};
use chrono_tz::Tz;

use crate::domain::{Status, Window};

/// `Wed 25 Nov`, with the year where it is not that of `now`.
pub fn day_of(date: NaiveDate, now: NaiveDate) -> String {
    if date.year() == now.year() {
        date.format("%a %-d %b").to_string()
    } else {
        date.format("%a %-d %b %Y").to_string()
    }
}

/// `Wed 25 Nov 14:00–16:00 CET`, `Fri 18 Dec 18:00 – Mon 4 Jan 2027 06:00 CET`; both zones' names
/// where a clock change lies between.
pub fn span(start: DateTime<Utc>, end: DateTime<Utc>, zone: Tz, now: DateTime<Utc>) -> String {
    let today = now.with_timezone(&zone).date_naive();
    let (start, end) = (start.with_timezone(&zone), end.with_timezone(&zone));
    let (begins, ends) = (start.format("%Z").to_string(), end.format("%Z").to_string());
    let first = format!("{} {}", day_of(start.date_naive(), today), start.format("%H:%M"));
    let changed = if begins == ends { String::new() } else { format!(" {begins}") };
    if start == end {
        format!("{first} {begins}")
    } else if start.date_naive() == end.date_naive() {
        format!("{first}{changed}–{} {ends}", end.format("%H:%M"))
    } else {
        let last = day_of(end.date_naive(), today);
        format!("{first}{changed} – {last} {} {ends}", end.format("%H:%M"))
    }
}

/// `14:00–16:00 CET`, where the day is said elsewhere.
pub fn clock(start: DateTime<Utc>, end: DateTime<Utc>, zone: Tz) -> String {
    let (start, end) = (start.with_timezone(&zone), end.with_timezone(&zone));
    format!("{}–{}", start.format("%H:%M"), end.format("%H:%M"))
}

/// Whether two zones show the same wall time at an instant.
pub fn same_wall(one: Tz, other: Tz, at: DateTime<Utc>) -> bool {
    let offset = |zone: Tz| zone.offset_from_utc_datetime(&at.naive_utc()).fix();
    offset(one) == offset(other)
}

/// Whether a zone's clocks are as far from UTC at one instant as at another.
pub fn same_wall_over(zone: Tz, one: DateTime<Utc>, other: DateTime<Utc>) -> bool {
    let offset = |at: DateTime<Utc>| zone.offset_from_utc_datetime(&at.naive_utc()).fix();
    offset(one) == offset(other)
}

/// The sign before a release of this status; planned ones need none.
pub fn status_sign(status: Status) -> &'static str {
    match status {
        Status::Draft => "○",
        Status::Planned => "·",
        Status::Approved => "✓",
        Status::InProgress => "▸",
        Status::Paused => "▲",
        Status::Completed => "●",
        Status::RolledBack => "◂",
        Status::Cancelled => "×",
    }
}

/// What a window applies to, in words: `production; checkout; all regions`.
pub fn window_scope(window: &Window) -> String {
    let part = |list: Option<&Vec<String>>, all: &str| match list {
        Some(ids) if ids.is_empty() => "nothing".to_owned(),
        Some(ids) => ids.join(", "),
        None => all.to_owned(),
    };
    format!(
        "{} · {} · {}",
        part(window.environments.as_ref(), "all environments"),
        part(window.services.as_ref(), "all services"),
        part(window.regions.as_ref(), "all regions")
    )
}

/// Everything a window can be found by, in lower case.
pub(super) fn window_text(window: &Window) -> String {
    format!("{} {} {} {}", window.id, window.title, window.kind.word(), window_scope(window)).to_lowercase()
}
