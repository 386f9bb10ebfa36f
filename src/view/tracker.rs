//! The tracker's windows over the panels: the list of versions, and a date that goes there.

use chrono::NaiveDate;
use ratatui::layout::Rect;
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;

use super::Canvas;
use super::overlay::{Row, text_window, typed_line, window};
use crate::app::tracker::{Dialog, List, Phase, doubt, news};
use crate::app::{Intent, ListId, State, list, tracker};
use crate::domain::tracker::{Difference, Pushed, State as Standing};
use crate::theme::Role;

/// Columns of the list: the version, its date there, the date here.
const COLUMNS: (u16, u16, u16) = (30, 12, 12);

/// Draws the list of versions.
pub fn versions(canvas: &mut Canvas<'_>, screen: Rect, state: &State, list: List) {
    let rows = &state.tracker.rows;
    if rows.is_empty() {
        let words = match news(state) {
            Some(news) => (news, Role::Unknown),
            None if tracker::wanted(state).is_empty() => (
                "No project of a tracker is used: write projects = [\"PAY\"] under [backend.jira]."
                    .to_owned(),
                Role::Dim,
            ),
            None => {
                ("Nothing is to come, and nothing differs; or it is still being read.".to_owned(), Role::Dim)
            }
        };
        return text_window(canvas, screen, "Tracker", &[vec![words]], 0);
    }
    let height = u16::try_from(rows.len()).unwrap_or(u16::MAX).saturating_add(5);
    let inside = window(canvas, screen, "Tracker · versions beside the plan", 118, height);
    let zone = state.workspace.time_zone;
    let (name, there, here) = COLUMNS;
    for (x, words) in
        [(0, "VERSION"), (name, "DATE THERE"), (name + there, "ENDS HERE"), (name + there + here, "DIFFERS")]
    {
        canvas.text(inside.x + x, inside.y, inside.width.saturating_sub(x), words, Role::Dim);
    }
    let fits = inside.height.saturating_sub(2);
    let selected = list.selected.min(rows.len() - 1);
    let top = list::first_row(0, selected, usize::from(fits), rows.len());
    canvas.list(ListId::Overlay, top, fits);
    for (index, row) in rows.iter().enumerate().skip(top).take(usize::from(fits)) {
        let y = inside.y + 1 + (index - top) as u16;
        let area = Rect::new(inside.x, y, inside.width, 1);
        let date = |date: Option<NaiveDate>| date.map_or_else(|| "–".to_owned(), |date| date.to_string());
        let version = row.version.as_ref();
        let title = format!("{}/{}", row.reference.project, row.reference.version);
        let (words, role) = words(state, row);
        canvas.text(inside.x, y, name - 1, &title, Role::Text);
        let dated = date(version.and_then(|version| version.release_date));
        canvas.text(inside.x + name, y, there - 1, &dated, Role::Text);
        canvas.text(inside.x + name + there, y, here - 1, &date(row.ends), Role::Text);
        let x = name + there + here;
        canvas.text(inside.x + x, y, inside.width.saturating_sub(x), &words, role);
        if index == selected {
            canvas.select(area);
        }
        canvas.hit(area, Intent::SelectRow(ListId::Overlay, index), Some(ListId::Overlay));
    }
    let y = inside.bottom() - 1;
    let hint = format!("Enter shows it  i plans it here  p brings the date there   dates here: {zone}");
    canvas.text(inside.x, y, inside.width, &hint, Role::Dim);
    if rows.len() > usize::from(fits) {
        let words = format!(" {} of {} ", selected + 1, rows.len());
        canvas.text_right(inside.x, inside.bottom(), inside.width, &words, Role::Dim);
    }
}

/// What is to be said of a version.
fn words(state: &State, row: &tracker::Row) -> (String, Role) {
    if let Some(doubt) = doubt(state, &row.reference) {
        return (format!("≈ {doubt}"), Role::Stale);
    }
    if !row.differences.is_empty() {
        let zone = state.workspace.time_zone;
        // The dates stand beside.
        let said = row.differences.iter().map(|difference| match difference {
            Difference::Date { .. } => "the dates differ".to_owned(),
            other => other.sentence(zone),
        });
        let said: Vec<String> = said.collect();
        return (format!("▲ {}", said.join("; ")), Role::Attention);
    }
    match (&row.release, &row.version) {
        (None, _) => ("◇ not planned here".to_owned(), Role::Accent),
        (Some(release), Some(version)) => {
            (format!("as planned: {release}, {}", Standing::of(version).word()), Role::Dim)
        }
        (Some(release), None) => (release.clone(), Role::Dim),
    }
}

/// Draws what would be changed in the tracker, and what became of it.
pub fn push(canvas: &mut Canvas<'_>, screen: Rect, state: &State, dialog: &Dialog) {
    let width = 78.min(screen.width.saturating_sub(4));
    let room = usize::from(width.saturating_sub(4));
    let mut rows = difference(state, dialog);
    rows.push(Vec::new());
    for (words, role) in outcome(dialog) {
        rows.extend(wrapped(&words, room).into_iter().map(|line| vec![(line, role)]));
    }
    let typed = u16::from(dialog.is_asking());
    let height = u16::try_from(rows.len()).unwrap_or(u16::MAX).saturating_add(2 + typed);
    let inside = window(canvas, screen, &format!("To the tracker · {}", dialog.push.word()), width, height);
    // The word to type and the line it is typed on stay in sight, whatever has no room.
    let fits = usize::from(inside.height - typed.min(inside.height));
    let hidden = rows.len().saturating_sub(fits);
    for (y, row) in (inside.y..).zip(rows.iter().skip(hidden)) {
        let spans: Vec<_> = row.iter().map(|(text, role)| canvas.span(text.as_str(), *role)).collect();
        canvas.line(inside.x, y, inside.width, &Line::from(spans));
    }
    if dialog.is_asking() {
        let y = inside.bottom() - 1;
        canvas.text(inside.x, y, 2, "›", Role::Accent);
        typed_line(canvas, Rect::new(inside.x + 2, y, inside.width.saturating_sub(2), 1), &dialog.line);
    }
}

/// Field by field: there, and what it becomes.
fn difference(state: &State, dialog: &Dialog) -> Vec<Row> {
    let push = &dialog.push;
    let backend = &push.reference.backend;
    let head = format!("{backend}, from the plan of {}", push.release);
    let mut rows = vec![vec![(head, Role::Dim)], Vec::new()];
    for ((field, there), (_, here)) in push.read.fields().into_iter().zip(push.wanted().fields()) {
        let name = (format!("{field:<14}"), Role::Dim);
        if there == here {
            rows.push(vec![name, (there, Role::Text)]);
        } else {
            let there = format!("{there}  →  ");
            rows.push(vec![name, (there, Role::Past), (here, Role::Accent)]);
        }
    }
    rows.push(vec![(format!("the plan ends on that day in {}", state.workspace.time_zone), Role::Dim)]);
    if let Some(doubt) = &dialog.doubt {
        rows.push(vec![(format!("≈ {doubt}: it is read again before anything is sent"), Role::Stale)]);
    }
    rows
}

fn outcome(dialog: &Dialog) -> Vec<(String, Role)> {
    let word = dialog.push.word();
    match &dialog.phase {
        Phase::Asking => vec![(format!("Type {word} and Enter to send it; Esc leaves it."), Role::Text)],
        Phase::Mistyped => {
            vec![(
                format!("▲ That does not confirm it. Type exactly {word}; Esc leaves it."),
                Role::Attention,
            )]
        }
        Phase::Sending => vec![("sending, once …".to_owned(), Role::Dim)],
        Phase::Ended(outcome) => {
            let (sign, role) = match outcome {
                Pushed::Written { .. } => ("●", Role::Good),
                Pushed::Changed { .. } => ("▲", Role::Attention),
                Pushed::Refused(_) => ("✖", Role::Bad),
                Pushed::Unknown { .. } => ("◌", Role::Unknown),
            };
            vec![(format!("{sign} {}", outcome.sentence(&dialog.push)), role)]
        }
    }
}

/// A text in lines of at most so many columns, cut between words where that is possible.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_inclusive(' ') {
        let mut rest = word;
        while !rest.is_empty() {
            let Some(line) = lines.last_mut() else { break };
            if line.width() + rest.trim_end().width() <= width {
                line.push_str(rest);
                break;
            }
            if line.is_empty() {
                // A word longer than a line is broken where it must be.
                let mut used = 0;
                let cut = rest.char_indices().find(|(_, character)| {
                    used += unicode_width::UnicodeWidthChar::width(*character).unwrap_or(0);
                    used > width
                });
                let at =
                    cut.map_or(rest.len(), |(at, _)| at).max(rest.chars().next().map_or(1, char::len_utf8));
                line.push_str(&rest[..at]);
                rest = &rest[at..];
            }
            lines.push(String::new());
        }
    }
    lines
}
