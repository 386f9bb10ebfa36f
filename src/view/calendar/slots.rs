//! The slot finder: starts that clear every block, and why the earlier ones do not; below the
//! days, in which the selected one is seen.

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::{Canvas, marks};
use crate::app::calendar::slots::{Finder, main_blocker};
use crate::app::calendar::{self, Scope};
use crate::app::{Intent, ListId, State, list};
use crate::domain::slots::{HORIZON, Slot, Slots};
use crate::theme::Role;
use crate::view::overlay::window;

/// Rows of starts at most, where there is room.
const MOST: u16 = 12;

/// Draws it over the lower part of the screen.
pub fn draw(canvas: &mut Canvas<'_>, screen: Rect, state: &State, finder: &Finder) {
    let height = (screen.height / 2).clamp(12, 26).min(screen.height.saturating_sub(4));
    let part = Rect { y: screen.bottom().saturating_sub(height + 4), height: height + 3, ..screen };
    let inside = window(canvas, part, &title(state, finder), screen.width.min(132), height);
    let keys = " Enter moves it there · r whole release or stage · Esc leaves ";
    canvas.text(inside.x, inside.bottom(), inside.width.saturating_sub(16), keys, Role::Dim);
    match &finder.found {
        None => say(canvas, inside, "looking for starts that clear every block …", Role::Dim),
        Some(Err(why)) => say(canvas, inside, &format!("◌ {why}"), Role::Unknown),
        Some(Ok(found)) => answer(canvas, inside, state, finder, found),
    }
}

fn say(canvas: &mut Canvas<'_>, area: Rect, words: &str, role: Role) {
    canvas.paragraph(area, words, role);
}

fn title(state: &State, finder: &Finder) -> String {
    let release = state.workspace.release(&finder.release);
    let name = release.map_or(finder.release.as_str(), |release| release.title.as_str());
    let what = match (finder.scope, release.and_then(|it| it.stages.get(finder.stage))) {
        (Scope::Stage, Some(stage)) => marks::place(stage),
        _ => "all stages together".to_owned(),
    };
    format!("Slots for {name}, {what}")
}

fn answer(canvas: &mut Canvas<'_>, area: Rect, state: &State, finder: &Finder, found: &Slots) {
    let refused = found.refused.len() as u16;
    let below = (refused + 2).min(area.height / 2).max(3);
    let rows = (found.slots.len() as u16).min(MOST).min(area.height.saturating_sub(below));
    if found.slots.is_empty() {
        none(canvas, area, found);
    }
    let top = list::first_row(0, finder.selected, usize::from(rows), found.slots.len());
    canvas.list(ListId::Overlay, top, rows);
    for (index, slot) in found.slots.iter().enumerate().skip(top).take(usize::from(rows)) {
        let row = Rect { y: area.y + (index - top) as u16, height: 1, ..area };
        entry(canvas, row, state, finder, slot);
        if index == finder.selected {
            canvas.select(row);
        }
        canvas.hit(row, Intent::SelectRow(ListId::Overlay, index), Some(ListId::Overlay));
    }
    if found.slots.len() > usize::from(rows) {
        let words = format!(" {}–{} of {} ", top + 1, top + usize::from(rows), found.slots.len());
        canvas.text_right(area.x, area.bottom(), area.width, &words, Role::Dim);
    }
    if found.refused.is_empty() {
        return;
    }
    let first = area.y + rows.max(2) + 1;
    canvas.text(area.x, first, area.width, "why not earlier", Role::Title);
    let room = usize::from(area.bottom().saturating_sub(first + 1));
    for (index, (y, refused)) in (first + 1..area.bottom()).zip(&found.refused).enumerate() {
        let hidden = found.refused.len().saturating_sub(room);
        if index + 1 == room && hidden > 0 {
            canvas.text(area.x, y, area.width, &format!("  and {} more", hidden + 1), Role::Dim);
            break;
        }
        let times = calendar::span(refused.from, refused.to, state.zone, state.now.wall);
        let used = canvas.text(area.x, y, area.width, &format!("✖ {times}  "), Role::Dim);
        let room = area.width.saturating_sub(used);
        let told = calendar::conflicts::without_subject(&refused.message, &finder.release);
        canvas.text(area.x + used, y, room, told, Role::Text);
    }
}

fn none(canvas: &mut Canvas<'_>, area: Rect, found: &Slots) {
    let days = HORIZON.num_days();
    let mut words = format!("✖ No start within {days} days clears every block");
    if let Some((code, with, span)) = main_blocker(found) {
        let with = if with.is_empty() { String::new() } else { format!(" ({})", with.join(", ")) };
        let most = format!(": most of the time it is {}{with}, for {}", code.word(), calendar::length(span));
        words.push_str(&most);
    }
    canvas.paragraph(area, &words, Role::Bad);
}

fn entry(canvas: &mut Canvas<'_>, row: Rect, state: &State, finder: &Finder, slot: &Slot) {
    let placed = slot.stages.iter().find(|placed| placed.stage == finder.stage).or(slot.stages.first());
    let (start, end) = placed.map_or((slot.start, slot.start), |placed| (placed.start, placed.end));
    let times = calendar::span(start, end, state.zone, state.now.wall);
    let mut x = row.x + canvas.text(row.x, row.y, row.width, &format!("● {times}"), Role::Text) + 3;
    let mut more = vec![(format!("in {}", calendar::length(start - state.now.wall)), Role::Dim)];
    if slot.at_work < slot.stages.len() {
        more.push(("▲ outside working hours".to_owned(), Role::Attention));
    }
    more.extend(slot.warnings.iter().map(|code| (format!("▲ {}", code.word()), Role::Attention)));
    for (text, role) in more {
        if x + text.width() as u16 > row.right() {
            break;
        }
        x += canvas.text(x, row.y, row.right().saturating_sub(x), &text, role) + 3;
    }
}
