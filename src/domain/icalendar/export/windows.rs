//! A window as an event, or as several where others would expand its rule to something else.

use chrono::{DateTime, Days, NaiveDateTime, Utc};
use chrono_tz::Tz;

use super::{AHEAD, BEHIND, Draft, Event, Wanted};
use crate::domain::recurrence::{Occurrence, Rule, Until, clock_change, occurrences, upcoming};
use crate::domain::window::WallTime;
use crate::domain::{Window, WindowKind, Workspace};

/// The events of a window.
pub fn events(workspace: &Workspace, window: &Window, wanted: &Wanted) -> Vec<Event> {
    let from = wanted.from.unwrap_or_else(|| earliest(window));
    let Ok(next) = upcoming(window, from, 1) else { return Vec::new() };
    if next.first().is_none_or(|next| wanted.to.is_some_and(|to| next.start >= to)) {
        return Vec::new();
    }
    let uid = |suffix: &str| format!("window.{}{suffix}@{}", window.id, super::domain_of(workspace));
    match Series::of(window) {
        Some(series) => series.events(window, wanted, uid),
        None => upcoming(window, earliest(window), 1)
            .unwrap_or_default()
            .into_iter()
            .map(|one| single(window, &one, uid("")))
            .collect(),
    }
}

/// Before anything of the window.
fn earliest(window: &Window) -> DateTime<Utc> {
    let times = std::iter::once(&window.start).chain(&window.also);
    let first = times.map(|time| instant(*time, window.time_zone)).min();
    first.unwrap_or_default() - chrono::TimeDelta::days(3)
}

fn instant(time: WallTime, zone: Tz) -> DateTime<Utc> {
    match time {
        WallTime::Instant(instant) => instant.to_utc(),
        WallTime::Local(local) => clock_change::as_calendars_do(zone, local),
    }
}

fn wall(time: WallTime, zone: Tz) -> NaiveDateTime {
    match time {
        WallTime::Local(local) => local,
        WallTime::Instant(instant) => instant.with_timezone(&zone).naive_local(),
    }
}

fn told(draft: &mut Draft, window: &Window) {
    draft.property("SUMMARY", &window.title);
    let what = match window.kind {
        WindowKind::Freeze if window.hard => "Hard freeze",
        WindowKind::Freeze => "Freeze",
        WindowKind::Change => "Change window",
    };
    let mut lines = vec![what.to_owned()];
    for (name, list) in
        [("environments", &window.environments), ("services", &window.services), ("regions", &window.regions)]
    {
        lines.extend(list.as_ref().map(|list| format!("{name}: {}", list.join(", "))));
    }
    if !window.allow.is_empty() {
        let words: Vec<&str> = window.allow.iter().map(|change| change.word()).collect();
        lines.push(format!("lets through: {}", words.join(", ")));
    }
    draft.property("DESCRIPTION", &lines.join("\n"));
    let mut categories = vec![window.kind.word()];
    categories.extend(window.layer.as_deref());
    draft.list("CATEGORIES", &categories);
    draft.property("STATUS", "CONFIRMED");
    draft.property("TRANSP", if window.kind == WindowKind::Freeze { "OPAQUE" } else { "TRANSPARENT" });
}

fn single(window: &Window, one: &Occurrence, uid: String) -> Event {
    let mut draft = Draft::default();
    draft.span(one.start, one.end, window.time_zone);
    told(&mut draft, window);
    draft.event(uid)
}

/// A recurring window as others will read it.
struct Series {
    /// The window, read as RFC 5545 says, beginning where its rule does.
    theirs: Window,
    first: NaiveDateTime,
}

impl Series {
    /// `None`: it happens once at most.
    fn of(window: &Window) -> Option<Self> {
        let zone = window.time_zone;
        let mut theirs = Window { uid: Some("theirs".to_owned()), ..window.clone() };
        let length = wall(window.end, zone) - wall(window.start, zone);
        let mut first = wall(window.start, zone);
        if let Some(text) = &window.repeat {
            let rule = Rule::parse(text).ok()?;
            let days = [31, 400, 5_000, 36_600];
            let on_rule = days.into_iter().find_map(|days| {
                let to = first.checked_add_days(Days::new(days)).unwrap_or(first);
                rule.starts(first, first, to).ok()?.first().copied()
            });
            // The others take a start beside the rule for an occurrence; ours is none.
            match on_rule {
                Some(start) => first = start,
                None => theirs.repeat = None,
            }
        }
        if theirs.repeat.is_none() {
            if window.also.is_empty() {
                return None;
            }
            // One that is on no rule is not an occurrence of its own: the first added one is.
            if window.repeat.is_some() {
                first = wall(*window.also.first()?, zone);
            }
        }
        theirs.start = WallTime::Local(first);
        theirs.end = WallTime::Local(first + length);
        Some(Self { theirs, first })
    }

    fn events(&self, window: &Window, wanted: &Wanted, uid: impl Fn(&str) -> String) -> Vec<Event> {
        let (zone, theirs) = (window.time_zone, &self.theirs);
        let (apart, mut left_out) = self.differences(window, wanted);
        left_out.extend(window.skip.iter().map(|skip| wall(*skip, zone)));
        left_out.sort_unstable();
        left_out.dedup();
        let mut draft = Draft::default();
        let start = clock_change::as_calendars_do(zone, self.first);
        wall_time(&mut draft, "DTSTART", self.first, zone);
        wall_time(&mut draft, "DTEND", wall(theirs.end, zone), zone);
        draft.needs(zone, start);
        if let Some(rule) = theirs.repeat.as_deref() {
            draft.lines.push(format!("RRULE:{}", rule_in_utc(rule, zone)));
        }
        for skip in &left_out {
            wall_time(&mut draft, "EXDATE", *skip, zone);
        }
        for also in window.also.iter().filter(|also| wall(**also, zone) != self.first) {
            wall_time(&mut draft, "RDATE", wall(*also, zone), zone);
        }
        told(&mut draft, window);
        if zone == Tz::UTC {
            draft.zones.clear();
        }
        let also = draft.lines.iter().any(|line| line.starts_with("RDATE"));
        // Without a rule and without its one start nothing would be left of it.
        let empty = theirs.repeat.is_none() && !also && left_out.contains(&self.first);
        let mut events = Vec::new();
        if !empty {
            events.push(draft.event(uid("")));
        }
        for one in apart {
            events.push(single(window, &one, uid(&one.wall_start.format(".%Y%m%dT%H%M").to_string())));
        }
        events
    }

    /// The occurrences that others would see elsewhere, and the starts they would see them at.
    fn differences(&self, window: &Window, wanted: &Wanted) -> (Vec<Occurrence>, Vec<NaiveDateTime>) {
        let theirs = &self.theirs;
        // What came from a calendar is read alike; UTC has no clock changes.
        if window.uid.is_some() && window.start == theirs.start || window.time_zone == Tz::UTC {
            return (Vec::new(), Vec::new());
        }
        let first = earliest(window);
        let (from, to) = (first.max(wanted.now - BEHIND), wanted.now.max(first) + AHEAD);
        let ours = occurrences(window, from, to).unwrap_or_default();
        let others = occurrences(theirs, from, to).unwrap_or_default();
        let apart: Vec<Occurrence> =
            ours.iter().filter(|one| others.binary_search(one).is_err()).copied().collect();
        let gone = others.iter().filter(|one| ours.binary_search(one).is_err()).map(|one| one.wall_start);
        (apart, gone.collect())
    }
}

fn wall_time(draft: &mut Draft, name: &str, wall: NaiveDateTime, zone: Tz) {
    let wall = wall.format("%Y%m%dT%H%M%S");
    draft.lines.push(match zone {
        Tz::UTC => format!("{name}:{wall}Z"),
        zone => format!("{name};TZID={}:{wall}", zone.name()),
    });
}

/// The rule with its UNTIL in UTC, which is all that RFC 5545 allows beside a zone.
fn rule_in_utc(rule: &str, zone: Tz) -> String {
    let until = Rule::parse(rule).ok().and_then(|rule| rule.until());
    let end = match until {
        None => return rule.to_ascii_uppercase(),
        Some(Until::Instant(instant)) => instant,
        Some(Until::Wall(wall)) => clock_change::as_calendars_do(zone, wall),
        Some(Until::Day(day)) => {
            let last = day.and_hms_opt(23, 59, 59).unwrap_or_default();
            clock_change::as_calendars_do(zone, last)
        }
    };
    let upper = rule.to_ascii_uppercase();
    let kept = upper.split(';').filter(|part| !part.trim_start().starts_with("UNTIL="));
    let mut parts: Vec<String> = kept.map(str::to_owned).collect();
    parts.push(format!("UNTIL={}", end.format("%Y%m%dT%H%M%SZ")));
    parts.join(";")
}
