//! A month: weeks as rows, days as cells with counts and first titles.

use chrono::Datelike;
use ratatui::layout::Rect;

use super::Canvas;
use super::heat::Heat;
use super::marks::{self, Shown, Thing};
use crate::app::calendar;
use crate::app::{Axis, Intent, ListId, State};
use crate::domain::WindowKind;
use crate::domain::calendar::{Day, days};
use crate::theme::Role;

/// Columns for the numbers of weeks.
const GUTTER: u16 = 4;

/// Draws it.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let (first, count) = calendar::grid(state);
    let days = days(first, count, state.zone);
    let (Some(from), Some(to)) = (days.first().map(|day| day.start), days.last().map(|day| day.end)) else {
        return;
    };
    let shown = marks::shown(state, from, to);
    let width = area.width.saturating_sub(GUTTER) / 7;
    for (index, day) in days.iter().take(7).enumerate() {
        let x = area.x + GUTTER + width * index as u16;
        canvas.text(x, area.y, width - 1, &day.date.format("%a").to_string(), Role::Dim);
    }
    let heat = Heat::new(state, &days);
    let weeks = days.len() / 7;
    let height = (area.height.saturating_sub(1) / weeks.max(1) as u16).max(1);
    for (week, days) in days.chunks(7).enumerate() {
        let y = area.y + 1 + height * week as u16;
        if y >= area.bottom() {
            break;
        }
        if let Some(thursday) = days.get(3) {
            let number = format!("{}", thursday.date.iso_week().week());
            canvas.text(area.x, y, GUTTER - 1, &number, Role::Dim);
        }
        for (column, day) in days.iter().enumerate() {
            let x = area.x + GUTTER + width * column as u16;
            let room = Rect::new(x, y, width, height.min(area.bottom() - y));
            let intent = Intent::SelectRow(ListId::CalendarDays, week * 7 + column);
            canvas.hit(room, intent, Some(ListId::CalendarDays));
            canvas.field(room, day.start, day.end, Axis::Whole);
            let heat = heat.sign(week * 7 + column);
            cell(canvas, Rect { width: width - 1, ..room }, state, &shown, *day, heat);
        }
    }
}

fn cell(
    canvas: &mut Canvas<'_>,
    area: Rect,
    state: &State,
    shown: &[Shown<'_>],
    day: Day,
    (heat, warmth): (&str, Role),
) {
    let on_day: Vec<&Shown<'_>> = shown.iter().filter(|shown| touches(shown, day)).collect();
    let frozen = on_day.iter().any(|shown| shown.is_freeze());
    if frozen {
        canvas.hatch(Rect { height: area.height.max(2) - 1, ..area }, Role::Freeze);
        canvas.text(area.x, area.y, 1, "┃", Role::Freeze);
    }
    let cursor = calendar::cursor(state);
    let today = state.now.wall.with_timezone(&state.zone).date_naive();
    let role = match day.date {
        date if date == cursor => Role::Selected,
        date if date == today => Role::Now,
        date if date.month() == cursor.month() => Role::Text,
        _ => Role::Dim,
    };
    let mut number = day.date.format("%-d").to_string();
    if day.date.day() == 1 {
        number = day.date.format("%-d %b").to_string();
    }
    if day.date == today && area.width >= 12 {
        number.push_str(" today");
    }
    let used = 1 + canvas.text(area.x + 1, area.y, area.width - 1, &number, role);
    let stages = on_day.iter().filter(|shown| matches!(shown.what, Thing::Stage(..))).count();
    let tags = on_day.iter().filter(|shown| matches!(shown.what, Thing::Tag(..))).count();
    let counts = match (stages, tags) {
        (0, 0) => String::new(),
        (0, tags) => format!("•{tags}"),
        (stages, 0) => stages.to_string(),
        (stages, tags) => format!("{stages} •{tags}"),
    };
    let role = if stages > 0 { Role::Text } else { Role::Past };
    let right = canvas.text_right(area.x + used, area.y, area.width.saturating_sub(used), &counts, role);
    // Beside the number of the day, so that they stand in line.
    let x = area.x + used.max(3) + 1;
    if stages > 0 && x + right + 1 < area.right() {
        canvas.text(x, area.y, 1, heat, warmth);
    }
    titles(canvas, area, &on_day, day);
}

/// As many as fit: what is selected or on its way, stages, windows that begin, past releases.
fn titles(canvas: &mut Canvas<'_>, area: Rect, on_day: &[&Shown<'_>], day: Day) {
    let rank = |shown: &Shown<'_>| match shown.what {
        _ if shown.selected || shown.place.is_none() => 0,
        Thing::Stage(..) => 1,
        Thing::Window(_) if shown.is_freeze() => 2,
        Thing::Tag(..) | Thing::Version(_) => 3,
        Thing::Window(_) => 4,
    };
    // A window is named on its first day; change windows only where they are selected.
    let mut named: Vec<&&Shown<'_>> = on_day
        .iter()
        .filter(|shown| match shown.what {
            Thing::Window(window) => {
                let named = shown.selected || window.kind == WindowKind::Freeze;
                shown.start >= day.start && named
            }
            _ => true,
        })
        .collect();
    named.sort_by_key(|shown| rank(shown));
    let room = usize::from(area.height.saturating_sub(1));
    let fits = if named.len() > room { room.saturating_sub(usize::from(room > 1)) } else { room };
    for (y, shown) in (area.y + 1..).zip(named.iter().take(fits)) {
        let (text, role) = (shown.title(), shown.role());
        if matches!(shown.what, Thing::Stage(..)) {
            marks::cell(canvas, area.x, y, area.width, &format!("▌{text}"), role);
            if let Some(alarm) = shown.alarm() {
                canvas.text(area.x, y, 1, "▌", alarm);
            }
        } else {
            canvas.text(area.x, y, area.width, &text, role);
        }
        if let Some(place) = shown.place {
            let intent = Intent::SelectRow(ListId::Agenda, place);
            canvas.hit(Rect::new(area.x, y, area.width, 1), intent, Some(ListId::CalendarDays));
        }
    }
    if named.len() > fits && room > 1 {
        let more = format!(" +{} more", named.len() - fits);
        canvas.text(area.x, area.bottom() - 1, area.width, &more, Role::Dim);
    }
}

fn touches(shown: &Shown<'_>, day: Day) -> bool {
    shown.start < day.end && (day.start < shown.end || day.start <= shown.start)
}
