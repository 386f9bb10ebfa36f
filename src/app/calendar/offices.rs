//! What each office sees of a stage, in words.

use chrono::{DateTime, FixedOffset, Utc};

use crate::app::State;
use crate::domain::office::{Office, Seen, offices, seen};

use super::details::{Row, Said};

/// Columns of a region's name at most.
const NAME: usize = 10;

/// The stage whose view from the offices is shown: the one being moved, else the selected one.
pub fn watched(state: &State) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    if let Some(moving) = &state.calendar.moving {
        return Some(moving.hand.to);
    }
    let Some(super::Selected::Stage { release, stage }) = &state.calendar.selected else { return None };
    let stage = state.workspace.release(release)?.stages.get(*stage)?;
    Some((stage.start, stage.end))
}

/// Each office and what it sees of an interval.
pub fn views(state: &State, span: (DateTime<Utc>, DateTime<Utc>)) -> Vec<(Office<'_>, Seen)> {
    let hours = super::hours(state);
    let see = |office: Office<'_>| seen(office.zone, span, state.zone, state.now.wall, hours);
    offices(&state.workspace).into_iter().map(|office| (office, see(office))).collect()
}

/// A row an office; nothing where all of them read the same clock as the person.
pub(super) fn rows(state: &State) -> Vec<Row> {
    let Some(span) = watched(state) else { return Vec::new() };
    let title = match state.calendar.moving {
        Some(_) => "what each office would see",
        None => "what each office sees",
    };
    let views = views(state, span);
    let here = span.0.with_timezone(&state.zone).naive_local();
    if views.iter().all(|(_, seen)| seen.start == here && seen.change.is_none()) {
        return Vec::new();
    }
    let width = views.iter().map(|(office, _)| office.region.chars().count()).max().unwrap_or(0).min(NAME);
    let mut rows = vec![Vec::new(), vec![(title.to_owned(), Said::Dim)]];
    for (office, seen) in &views {
        let said = if seen.working { Said::Text } else { Said::Dim };
        let mut row = vec![(format!("  {:<width$} ", office.region), Said::Dim), (times(seen), said)];
        if let Some(note) = note(seen) {
            row.push((format!(" {note}"), if seen.night { Said::Accent } else { Said::Dim }));
        }
        rows.push(row);
        if let Some((now, then)) = seen.change {
            let words = format!("  {:<width$} ▲ {} now, {} then", "", offset(now), offset(then));
            rows.push(vec![(words, Said::Attention)]);
        }
    }
    rows
}

/// `Wed 25 15:00–17:00 CET`.
pub fn times(seen: &Seen) -> String {
    let start = seen.start.format("%a %-d %H:%M");
    let (begins, ends) = &seen.names;
    let named = if begins == ends { String::new() } else { format!(" {begins}") };
    if seen.start.date() == seen.end.date() {
        format!("{start}{named}–{} {ends}", seen.end.format("%H:%M"))
    } else {
        format!("{start}{named}–{} {ends}", seen.end.format("%a %H:%M"))
    }
}

/// Another day, night, out of hours.
pub fn note(seen: &Seen) -> Option<String> {
    let mut parts = Vec::new();
    if seen.day_shift != 0 {
        parts.push(format!("{:+}d", seen.day_shift));
    }
    if seen.night {
        parts.push("night".to_owned());
    } else if !seen.working {
        parts.push("off-hours".to_owned());
    }
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// `UTC+2`, `UTC-3:30`.
fn offset(offset: FixedOffset) -> String {
    let minutes = offset.local_minus_utc() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    match (minutes.abs() / 60, minutes.abs() % 60) {
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}
