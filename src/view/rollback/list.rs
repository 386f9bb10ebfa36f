//! What can be brought back.

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use crate::app::rollback::{Entry, Pane, Section, place};
use crate::app::{Intent, ListId, State, list};
use crate::theme::Role;
use crate::view::{Canvas, face};

/// A row on screen: a heading, or an entry by its place.
enum Row {
    Blank,
    Heading(Section),
    Entry(usize),
}

/// Draws it.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let entries = state.rollback.index.entries(state);
    if entries.is_empty() {
        return empty(canvas, area, state);
    }
    let rows = rows(&entries);
    let selected = place(state, &entries);
    let is_selected = |row: &Row| matches!(row, Row::Entry(at) if Some(*at) == selected);
    let selected_row = rows.iter().position(is_selected).unwrap_or(0);
    let (top, _) = state.feedback.list(ListId::Backouts).unwrap_or((0, 0));
    let fits = usize::from(area.height);
    let mut top = list::first_row(top, selected_row, fits, rows.len());
    // The first heading comes into sight with its first entry.
    if selected_row == 1 {
        top = 0;
    }
    canvas.list(ListId::Backouts, top, area.height);
    for (y, row) in (area.y..area.bottom()).zip(&rows[top..]) {
        let line = Rect::new(area.x, y, area.width, 1);
        match row {
            Row::Blank => {}
            Row::Heading(section) => {
                canvas.text(area.x, y, area.width, section.title(), Role::Dim);
            }
            Row::Entry(at) => {
                entry(canvas, line, state, &entries[*at]);
                if Some(*at) == selected {
                    canvas.text(area.x, y, 1, "▸", Role::Accent);
                    if state.rollback.pane == Pane::List {
                        canvas.select(line);
                    }
                }
                canvas.hit(line, Intent::SelectRow(ListId::Backouts, *at), Some(ListId::Backouts));
            }
        }
    }
}

fn rows(entries: &[(Section, Entry)]) -> Vec<Row> {
    let mut rows = Vec::with_capacity(entries.len() + 8);
    let mut last = None;
    for (place, (section, _)) in entries.iter().enumerate() {
        if last != Some(*section) {
            if last.is_some() {
                rows.push(Row::Blank);
            }
            rows.push(Row::Heading(*section));
            last = Some(*section);
        }
        rows.push(Row::Entry(place));
    }
    rows
}

fn entry(canvas: &mut Canvas<'_>, line: Rect, state: &State, (section, entry): &(Section, Entry)) {
    let date = |at: Option<chrono::DateTime<chrono::Utc>>| {
        at.map(|at| at.with_timezone(&state.zone).format("%-d %b %Y").to_string()).unwrap_or_default()
    };
    let (title, right, role) = match entry {
        Entry::Rollout(rollout) => (rollout.service.clone(), rollout.environment.clone(), Role::Attention),
        Entry::Release(place) => {
            let Some(release) = state.workspace.releases.get(*place) else { return };
            let right = match section {
                Section::Done => date(release.stages.iter().map(|stage| stage.end).max()),
                Section::Planned => date(release.stages.iter().map(|stage| stage.start).min()),
                _ => release.status.word().replace('-', " "),
            };
            let role = if *section == Section::Done { Role::Past } else { Role::Text };
            (release.title.clone(), right, role)
        }
    };
    let (mark, x) = match entry {
        Entry::Rollout(_) => ("▲ ", line.x + 2),
        Entry::Release(_) => ("", line.x + 2),
    };
    let used = canvas.text_right(line.x, line.y, line.width, &right, Role::Dim);
    let room = line.right().saturating_sub(x + used + 2);
    canvas.text(x, line.y, room, &format!("{mark}{title}"), role);
}

fn empty(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    canvas.list(ListId::Backouts, 0, area.height);
    if state.rollback.filter.is_empty() {
        let hint = "A release appears here with its file in releases/: `tminus release add` writes one. \
                    A service of which two versions run appears by itself.";
        face::message(canvas, area, Role::Dim, "nothing to bring back", hint);
    } else {
        let title = format!("nothing matches /{}", state.rollback.filter);
        let title = super::super::canvas::cut(&title, title.width().min(60)).into_owned();
        face::message(canvas, area, Role::Dim, &title, "Esc clears the filter.");
    }
}
