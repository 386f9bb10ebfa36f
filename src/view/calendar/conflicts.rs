//! Everything that collides, as a list: one row each, what is selected in full below.

use ratatui::layout::Rect;

use super::{Canvas, marks};
use crate::app::calendar::conflicts::{self, List, Standing, counted, counts};
use crate::app::{Intent, ListId, State, calendar, list};
use crate::domain::conflicts::{Conflict, Severity};
use crate::theme::Role;
use crate::view::overlay::window;

/// Rows for what is selected.
const BELOW: u16 = 6;

/// Draws it over the screen.
pub fn draw(canvas: &mut Canvas<'_>, screen: Rect, state: &State, shown: &List) {
    let all = conflicts::entries(state);
    let mut unknowns = conflicts::unknowns(state);
    let awaited = conflicts::awaited(state);
    if !awaited.is_empty() {
        unknowns.push(format!("asking what runs in {}", awaited.join(", ")));
    }
    let rows = (all.len() as u16).max(3).saturating_add(BELOW + 2 + unknowns.len().min(3) as u16);
    let inside = window(canvas, screen, "What collides · Enter goes there", 112, rows.saturating_add(2));
    let mut y = inside.y;
    canvas.text(inside.x, y, inside.width, &summary(state, all), Role::Text);
    for unknown in unknowns.iter().take(3) {
        y += 1;
        canvas.text(inside.x, y, inside.width, &format!("◌ {unknown}"), Role::Unknown);
    }
    y += 2;
    let below = BELOW.min(inside.height / 2);
    let room = Rect { y, height: inside.bottom().saturating_sub(y + below), ..inside };
    let fits = usize::from(room.height);
    let selected = shown.selected.min(all.len().saturating_sub(1));
    let top = list::first_row(0, selected, fits, all.len());
    canvas.list(ListId::Overlay, top, room.height);
    for (index, conflict) in all.iter().enumerate().skip(top).take(fits) {
        let row = Rect { y: room.y + (index - top) as u16, height: 1, ..room };
        entry(canvas, row, state, conflict);
        if index == selected {
            canvas.select(row);
        }
        canvas.hit(row, Intent::SelectRow(ListId::Overlay, index), Some(ListId::Overlay));
    }
    if all.len() > fits {
        let words = format!(" {}–{} of {} ", top + 1, (top + fits).min(all.len()), all.len());
        canvas.text_right(inside.x, inside.bottom(), inside.width, &words, Role::Dim);
    }
    if let Some(conflict) = all.get(selected) {
        let y = inside.bottom().saturating_sub(below);
        canvas.rule(inside.x, y, inside.width);
        let room = Rect { y: y + 1, height: below - 1, ..inside };
        let used = canvas.paragraph(room, &conflict.message, Role::Text);
        let rest = Rect { y: room.y + used, height: room.height.saturating_sub(used), ..room };
        if rest.height > 0 {
            canvas.paragraph(rest, &format!("→ {}", conflict.way_out), Role::Accent);
        }
    }
}

/// How many of what is on screen collide; a click lists them. Answers with the columns used.
pub fn title(canvas: &mut Canvas<'_>, x: u16, y: u16, room: u16, state: &State) -> u16 {
    let (blocks, warnings) = counts(conflicts::on_screen(state));
    let words = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let mut parts = Vec::new();
    if blocks > 0 {
        parts.push((format!("✖ {}", words(blocks, "block")), Role::Bad));
    }
    if warnings > 0 {
        parts.push((format!("▲ {}", words(warnings, "warning")), Role::Attention));
    }
    if !conflicts::unknowns(state).is_empty() {
        parts.push(("◌ not all is known".to_owned(), Role::Unknown));
    }
    let mut used = 0;
    for (text, role) in parts {
        let width = unicode_width::UnicodeWidthStr::width(text.as_str()) as u16;
        let gap = if used > 0 { 2 } else { 0 };
        if used + gap + width > room {
            break;
        }
        used += gap + canvas.text(x + used + gap, y, width, &text, role);
    }
    if used > 0 {
        canvas.hit(Rect::new(x, y, used, 1), Intent::ShowConflicts, None);
    }
    used
}

fn summary(state: &State, all: &[Conflict]) -> String {
    let found = counted(counts(all)).unwrap_or_else(|| "nothing collides".to_owned());
    match conflicts::standing(state) {
        Standing::Judged => format!("{found} in the whole plan"),
        Standing::Behind => format!("≈ {found} before the last change; the plan is being judged"),
        Standing::Unknown => "◌ the plan is being judged: what collides is not known yet".to_owned(),
    }
}

fn entry(canvas: &mut Canvas<'_>, row: Rect, state: &State, conflict: &Conflict) {
    let (sign, role) = sign(conflict.severity());
    let mut x = row.x + canvas.text(row.x, row.y, 2, sign, role) + 1;
    canvas.text(x, row.y, 17, conflict.code.word(), role);
    x += 18;
    let times = calendar::span(conflict.start, conflict.end, state.zone, state.now.wall);
    let width = unicode_width::UnicodeWidthStr::width(times.as_str()) as u16;
    let right = row.right().saturating_sub(width);
    let beside = right.saturating_sub(x + 2);
    let release = state.workspace.release(&conflict.release);
    let title = release.map_or(conflict.release.as_str(), |release| release.title.as_str());
    let place = release.and_then(|it| it.stages.get(conflict.stage)).map(marks::place).unwrap_or_default();
    let with = conflict.with.join(", ");
    let what = format!("{title}  {place}  × {with}");
    let what = what.trim_end_matches("  × ");
    canvas.text(x, row.y, beside, what, Role::Text);
    canvas.text(right, row.y, width, &times, Role::Dim);
}

/// The sign and the look of a severity.
pub fn sign(severity: Severity) -> (&'static str, Role) {
    match severity {
        Severity::Block => ("✖", Role::Bad),
        Severity::Warn => ("▲", Role::Attention),
    }
}
