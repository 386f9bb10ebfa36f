//! One list of days and entries; only the rows on screen are built.

use ratatui::layout::Rect;

use super::Canvas;
use super::marks::{self, Shown, Thing, Way};
use crate::app::calendar;
use crate::app::{Intent, ListId, State, list};
use crate::domain::WindowKind;
use crate::domain::calendar::Day;
use crate::theme::Role;

/// Draws it.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let timeline = &state.calendar.timeline;
    let held = calendar::selected_place(state);
    let row =
        held.map_or_else(|| timeline.row_of_day(calendar::cursor(state)), |place| timeline.row_of(place));
    let rows = usize::from(area.height);
    let top = list::first_row(state.calendar.top, row, rows, timeline.agenda_rows());
    canvas.list(ListId::Agenda, top, area.height);
    canvas.hit(area, Intent::Stay, Some(ListId::Agenda));
    for (y, row) in (area.y..area.bottom()).zip(top..) {
        match timeline.agenda_row(row) {
            Some((day, None)) => title(canvas, Rect { y, height: 1, ..area }, state, day),
            Some((_, Some(place))) => {
                let Some(mark) = timeline.get(place) else { continue };
                let Some(shown) = marks::one(state, place, mark) else { continue };
                let area = Rect { y, height: 1, ..area };
                entry(canvas, area, state, &shown);
                canvas.hit(area, Intent::SelectRow(ListId::Agenda, place), Some(ListId::Agenda));
            }
            None => {}
        }
    }
}

/// A day, and the freezes that it lies in.
fn title(canvas: &mut Canvas<'_>, area: Rect, state: &State, day: usize) {
    let timeline = &state.calendar.timeline;
    let Some(agenda_day) = timeline.days().get(day) else { return };
    let today = state.now.wall.with_timezone(&state.zone).date_naive();
    let is_today = agenda_day.date == today;
    let mut words = calendar::day_of(agenda_day.date, today);
    if is_today {
        words.push_str("  today");
        let is_empty =
            timeline.days().get(day + 1).map_or(timeline.len(), |next| next.first) == agenda_day.first;
        if is_empty {
            words.push_str("  nothing begins");
        }
    }
    let role = if is_today { Role::Now } else { Role::Title };
    let role = if calendar::cursor(state) == agenda_day.date && state.calendar.selected.is_none() {
        Role::Selected
    } else {
        role
    };
    let x = area.x + canvas.text(area.x, area.y, area.width, &words, role) + 3;
    let at = Day::of(agenda_day.date, state.zone);
    let begun = timeline.places(at.start, at.end).filter(|(_, mark)| mark.start < at.start);
    let mut freezes =
        begun.filter_map(|(place, mark)| marks::one(state, place, mark)).filter(Shown::is_freeze);
    if let Some(freeze) = freezes.next() {
        let until = freeze.end.with_timezone(&state.zone);
        let until = format!(
            "{} until {} {}",
            freeze.title(),
            calendar::day_of(until.date_naive(), today),
            until.format("%H:%M")
        );
        canvas.text_right(x, area.y, area.right().saturating_sub(x + 1), &until, Role::Freeze);
    }
}

fn entry(canvas: &mut Canvas<'_>, area: Rect, state: &State, shown: &Shown<'_>) {
    if shown.selected {
        canvas.select(area);
    }
    let dim = |role: Role| if shown.selected { Role::Selected } else { role };
    let start = shown.start.with_timezone(&state.zone);
    let end = shown.end.with_timezone(&state.zone);
    let times = if matches!(shown.what, Thing::Version(_)) {
        "that day".to_owned()
    } else if shown.start == shown.end {
        format!("{}", start.format("%H:%M"))
    } else if start.date_naive() == end.date_naive() {
        format!("{}–{}", start.format("%H:%M"), end.format("%H:%M"))
    } else {
        format!("{}–{}", start.format("%H:%M"), end.format("%-d %b"))
    };
    canvas.text(area.x + 1, area.y, 13, &times, dim(Role::Dim));
    let x = area.x + 15;
    let room = area.right().saturating_sub(x);
    let wide = room >= 90;
    let (title, place) = (if wide { 34 } else { room.saturating_sub(34).max(14) }, 18);
    let role = match shown.role() {
        // Names in a list need no ground of their own.
        Role::Planned => Role::Text,
        role => role,
    };
    canvas.text(x, area.y, title, &shown.title(), role);
    let x = x + title + 1;
    let left = area.right().saturating_sub(x);
    match shown.what {
        Thing::Stage(release, stage) => {
            canvas.text(x, area.y, place.min(left), &marks::place(stage), dim(Role::Text));
            let x = x + place + 1;
            let status = release.status.word();
            canvas.text(x, area.y, area.right().saturating_sub(x).min(12), status, dim(Role::Dim));
            let x = x + 13;
            if wide && x < area.right() {
                let items: Vec<String> =
                    release.items.iter().map(|item| format!("{} {}", item.service, item.version)).collect();
                canvas.text(x, area.y, area.right() - x, &items.join(", "), dim(Role::Dim));
            }
        }
        Thing::Window(window) => {
            let kind = match window.kind {
                WindowKind::Freeze if window.denies() => "freeze",
                WindowKind::Freeze => window.layer.as_deref().unwrap_or("notice"),
                WindowKind::Change => "change window",
            };
            let words = if start.date_naive() == end.date_naive() {
                let environments = window.environments.as_ref().map(|ids| ids.join(", "));
                format!("{kind}, {}", environments.unwrap_or_else(|| "all environments".into()))
            } else {
                format!("{kind} until {}", end.format("%a %-d %b %H:%M"))
            };
            canvas.text(x, area.y, left, &words, dim(Role::Dim));
        }
        Thing::Version(version) => {
            let words = format!("in the tracker ({}), not planned here", version.reference.backend);
            canvas.text(x, area.y, left, &words, dim(Role::Dim));
        }
        Thing::Tag(_, _, subject) => {
            canvas.text(x, area.y, left, subject, dim(Role::Past));
        }
    }
    if shown.way == Way::From {
        canvas.fill(Rect::new(area.x, area.y, area.width, 1), Role::Past);
        on_its_way(canvas, area, state, shown);
    }
}

/// Where a stage that is being moved or saved goes.
fn on_its_way(canvas: &mut Canvas<'_>, area: Rect, state: &State, shown: &Shown<'_>) {
    let Thing::Stage(release, stage) = shown.what else { return };
    let calendar = &state.calendar;
    let Some(index) = release.stages.iter().position(|known| std::ptr::eq(known, stage)) else { return };
    let unsaved = calendar.placed.iter().find(|placed| placed.release == release.id && placed.stage == index);
    let held = calendar.moving.as_ref().and_then(|moving| moving.carries(&release.id, index));
    let (to, word, role) = match (held, unsaved) {
        (Some(held), _) => (held.to, "»", Role::Selected),
        (None, Some(placed)) => (placed.to, "▲ UNSAVED", Role::Attention),
        (None, None) => return,
    };
    let start = to.0.with_timezone(&state.zone);
    let words = format!(" {word} {} ", start.format("%a %-d %b %H:%M"));
    canvas.text_right(area.x, area.y, area.width, &words, role);
}
