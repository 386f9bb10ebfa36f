//! What time it is in each region, and where on everybody's day the selected stage lies.

use chrono::{DateTime, TimeDelta, Utc};
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::Canvas;
use crate::app::State;
use crate::app::calendar::{self, offices};
use crate::domain::calendar::Day;
use crate::domain::office::{self, Light, Office, Seen};
use crate::theme::Role;

/// Terminals at least this wide and high show the strip below the days.
const STRIP_FROM: (u16, u16) = (120, 36);
/// Offices in the strip at most: of a high terminal, and of others. The details have all of them.
const MOST_OFFICES: (usize, usize) = (8, 4);
/// Rows of a high terminal.
const HIGH: u16 = 50;
/// Cells of a day: half an hour each.
const CELLS: u16 = 48;
/// Columns of what stands before the day.
const LABEL: u16 = 31;

/// One clock for each region of the workspace; where it has none, for each zone that matters.
/// Answers with the columns used.
pub fn title(canvas: &mut Canvas<'_>, x: u16, y: u16, right: u16, state: &State) -> u16 {
    let mut at = x;
    for (name, time, night) in clocks(state) {
        let text = format!("{name} {time}");
        let width = text.width() as u16 + if night { 2 } else { 0 };
        if at + width > right {
            break;
        }
        at += canvas.text(at, y, width, &format!("{name} "), Role::Dim);
        at += canvas.text(at, y, width, &time, if night { Role::Dim } else { Role::Text });
        if night {
            at += canvas.text(at, y, 2, " ☾", Role::Dim);
        }
        at += 3;
    }
    at - x
}

/// Each clock's name, its time, and whether it is night there.
fn clocks(state: &State) -> Vec<(String, String, bool)> {
    let now = state.now.wall;
    let here = now.with_timezone(&state.zone).date_naive();
    let clock = |name: String, zone: chrono_tz::Tz| {
        let local = now.with_timezone(&zone);
        let shift = match (local.date_naive() - here).num_days() {
            0 => String::new(),
            days => format!(" {days:+}d"),
        };
        let night = office::light(zone, now, calendar::hours(state)) == Light::Night;
        (name, format!("{}{shift}", local.format("%H:%M")), night)
    };
    let offices = office::offices(&state.workspace);
    if !offices.is_empty() {
        return offices.into_iter().map(|office| clock(office.region.to_owned(), office.zone)).collect();
    }
    // Zones that read alike now, as UTC and Etc/UTC do, are named once.
    let reads = |zone: chrono_tz::Tz| now.with_timezone(&zone).format("%z %Z").to_string();
    let own = reads(state.zone);
    let zones = state.zones().into_iter().filter(|zone| reads(*zone) != own);
    let city = |zone: &chrono_tz::Tz| zone.name().rsplit('/').next().unwrap_or_default().replace('_', " ");
    zones.map(|zone| clock(city(&zone), zone)).collect()
}

/// Rows of the strip: whatever is selected, so that the days stay where they are; 0 where there is
/// no office or no room.
pub fn height(area: Rect, state: &State) -> u16 {
    let fits = state.size.0 >= STRIP_FROM.0 && state.size.1 >= STRIP_FROM.1 && area.width >= LABEL + CELLS;
    match office::offices(&state.workspace).len() {
        0 => 0,
        offices if fits => offices.min(most_offices(state)) as u16 + 2,
        _ => 0,
    }
}

fn most_offices(state: &State) -> usize {
    if state.size.1 >= HIGH { MOST_OFFICES.0 } else { MOST_OFFICES.1 }
}

/// The days of all offices one below the other, on one line of time, with the selected stage marked.
pub fn strip(canvas: &mut Canvas<'_>, area: Rect, state: &State, rows: u16) {
    if rows == 0 {
        return;
    }
    let span = offices::watched(state);
    let day = Day::at(span.map_or(state.calendar.focus, |(start, _)| start), state.zone);
    let views = offices::views(state, span.unwrap_or((day.start, day.start)));
    let y = area.bottom().saturating_sub(rows);
    canvas.rule(area.x, y, area.width);
    let shown = views.len().min(most_offices(state));
    head(canvas, area, y + 1, state, day, views.len() - shown);
    for (y, (office, seen)) in (y + 2..).zip(views.iter().take(shown)) {
        row(canvas, Rect { y, height: 1, ..area }, state, (office, seen), day, span);
    }
}

/// The hours of the person's own day, and what the signs mean.
fn head(canvas: &mut Canvas<'_>, area: Rect, y: u16, state: &State, day: Day, more: usize) {
    let date = day.date.format("%a %-d %b");
    let words = match more {
        0 => format!("{date}  on your clock"),
        more => format!("{date}  {more} more in details"),
    };
    canvas.text(area.x, y, LABEL - 2, &words, Role::Dim);
    let x = area.x + LABEL;
    for cell in (0..CELLS).step_by(6) {
        let at = instant(day, cell).with_timezone(&state.zone);
        canvas.text(x + cell, y, 5, &at.format("%H:%M").to_string(), Role::Dim);
    }
    let legend = [
        ("█", Role::Accent, "stage"),
        ("▄", Role::Text, "at work"),
        ("▁", Role::Dim, "awake"),
        ("·", Role::Border, "night"),
    ];
    let mut at = x + CELLS + 2;
    for (sign, role, word) in legend {
        if at + word.width() as u16 + 2 > area.right() {
            break;
        }
        at += canvas.text(at, y, 1, cell_sign(state, sign), role) + 1;
        at += canvas.text(at, y, 8, word, Role::Dim) + 2;
    }
}

fn row(
    canvas: &mut Canvas<'_>,
    area: Rect,
    state: &State,
    (office, seen): (&Office<'_>, &Seen),
    day: Day,
    span: Option<(DateTime<Utc>, DateTime<Utc>)>,
) {
    let name = canvas.text(area.x, area.y, 8, office.region, Role::Text).max(4) + 1;
    let role = if seen.working { Role::Text } else { Role::Dim };
    let times = span.map(|_| offices::times(seen)).unwrap_or_default();
    canvas.text(area.x + name, area.y, LABEL - name - 1, &times, role);
    let x = area.x + LABEL;
    for cell in 0..CELLS {
        let (from, to) = (instant(day, cell), instant(day, cell + 1));
        let (sign, role) = if span.is_some_and(|(start, end)| start < to && from < end) {
            ("█", Role::Accent)
        } else {
            match office::light(office.zone, from, calendar::hours(state)) {
                Light::Working => ("▄", Role::Text),
                Light::Awake => ("▁", Role::Dim),
                Light::Night => ("·", Role::Border),
            }
        };
        canvas.text(x + cell, area.y, 1, cell_sign(state, sign), role);
    }
    if let Some(note) = span.and_then(|_| offices::note(seen)) {
        let x = x + CELLS + 2;
        // The days themselves show it too: a part of a word shows nothing.
        if x + note.width() as u16 > area.right() {
            return;
        }
        let role = if seen.night { Role::Accent } else { Role::Dim };
        canvas.text(x, area.y, area.right().saturating_sub(x), &note, role);
    }
}

/// Half hours from the beginning of the day; a day of 23 hours ends in the next one.
fn instant(day: Day, cell: u16) -> DateTime<Utc> {
    day.start + TimeDelta::minutes(30 * i64::from(cell))
}

/// Without blocks every sign needs one of its own.
fn cell_sign<'a>(state: &State, sign: &'a str) -> &'a str {
    match sign {
        "█" if state.look.ascii => "#",
        "▄" if state.look.ascii => "=",
        "▁" if state.look.ascii => "-",
        sign => sign,
    }
}
