//! RANGE=THISANDFUTURE: a change of one occurrence and of all later ones.

use chrono::{Days, NaiveDateTime, TimeDelta};

use super::event::Event;
use super::{Draft, Reading};
use crate::domain::recurrence::{Rule, Until};
use crate::domain::window::WallTime;

/// How far ahead moved occurrences are written out where the rule cannot say them.
const WRITTEN_OUT: Days = Days::new(366 * 20);
/// And how many at most.
const MOST: usize = 2000;

/// Ends the series before the change, and lets a second one go on after it: moved by as much,
/// and as long, as the changed occurrence.
pub fn split(
    main: &mut Draft,
    more: &mut Vec<Draft>,
    rule: Option<&Rule>,
    master: &Event,
    event: &Event,
    reading: &mut Reading,
) {
    let Some(changes) = &event.changes else { return };
    if !event.start.beside(&changes.start) || !changes.start.beside(&master.start) {
        reading.skip(
            event.line,
            "RANGE=THISANDFUTURE in another zone than the series is not understood: only this occurrence is changed",
        );
        return;
    }
    let (at, by) = (changes.start.wall, event.start.wall - changes.start.wall);
    let (first, text) = (master.start.wall, main.repeat.clone());
    let mut tail = Draft {
        uid: format!("{}#{}+", main.uid, super::series::key(&changes.start)),
        line: event.line,
        title: event.title.clone(),
        repeat: None,
        also: Vec::new(),
        ..main.clone()
    };
    let moved = |wall: NaiveDateTime| WallTime::Local(wall + by);
    let mut starts: Vec<NaiveDateTime> = Vec::new();
    if let Some(rule) = rule {
        let horizon = first.checked_add_days(WRITTEN_OUT).unwrap_or(first);
        starts = rule.starts(first, at + TimeDelta::seconds(1), horizon).unwrap_or_default();
        if let Some(Until::Instant(until)) = rule.until()
            && let super::zones::Zone::Known(zone) = &master.start.zone
        {
            starts.retain(|start| {
                crate::domain::recurrence::clock_change::as_calendars_do(*zone, *start) <= until
            });
        }
        // The series ends before; a day's UNTIL would take the changed one in.
        let end = (at - TimeDelta::seconds(1)).format("%Y%m%dT%H%M%S");
        main.repeat = Some(bounded(main.repeat.as_deref(), Some(&end.to_string())));
    }
    let (kept, gone): (Vec<_>, Vec<_>) = main.also.iter().copied().partition(|also| is_before(*also, at));
    main.also = kept;
    let skipped = |wall: NaiveDateTime| main.skip.contains(&WallTime::Local(wall));
    let same_day = starts.first().is_none_or(|start| (*start + by).date() == start.date());
    if let (Some(rule), Some(next)) = (rule, starts.iter().find(|start| !skipped(**start)))
        && same_day
        && rule.has_one_time_of_day()
    {
        tail.start = moved(*next);
        tail.end = WallTime::Local(*next + by + event.length);
        let last = (!rule.is_endless()).then(|| starts.last().map(|last| *last + by)).flatten();
        let last = last.map(|last| last.format("%Y%m%dT%H%M%S").to_string());
        tail.repeat = Some(bounded(text.as_deref(), last.as_deref()));
    } else if let Some(next) = starts.iter().find(|start| !skipped(**start)) {
        tail.start = moved(*next);
        tail.end = WallTime::Local(*next + by + event.length);
        tail.also =
            starts.iter().filter(|start| *start > next).take(MOST).map(|start| moved(*start)).collect();
        if rule.is_some_and(Rule::is_endless) {
            let why = "its moved occurrences are written out, for twenty years: no rule says them";
            reading.note(event.line, why);
        }
    } else if gone.is_empty() {
        return;
    }
    tail.skip =
        main.skip.iter().filter(|skip| !is_before(**skip, at)).map(|skip| shifted(*skip, by)).collect();
    tail.also.extend(gone.into_iter().map(|also| shifted(also, by)));
    if starts.is_empty()
        && let Some(WallTime::Local(start)) = tail.also.first().copied()
    {
        tail.start = WallTime::Local(start);
        tail.end = WallTime::Local(start + event.length);
    }
    more.push(tail);
}

fn shifted(time: WallTime, by: TimeDelta) -> WallTime {
    match time {
        WallTime::Local(local) => WallTime::Local(local + by),
        WallTime::Instant(instant) => WallTime::Instant(instant + by),
    }
}

fn is_before(time: WallTime, at: NaiveDateTime) -> bool {
    match time {
        WallTime::Local(local) => local < at,
        WallTime::Instant(instant) => instant.naive_local() < at,
    }
}

/// The rule with another end.
fn bounded(rule: Option<&str>, until: Option<&str>) -> String {
    let rule = rule.unwrap_or_default();
    let kept = rule.split(';').filter(|part| !part.starts_with("UNTIL=") && !part.starts_with("COUNT="));
    let mut parts: Vec<String> = kept.map(str::to_owned).collect();
    parts.extend(until.map(|until| format!("UNTIL={until}")));
    parts.join(";")
}
