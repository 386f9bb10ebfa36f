//! What is being moved, from where to where, and what that breaks and mends, under the days.

use ratatui::layout::Rect;

use super::{Canvas, conflicts};
use crate::app::State;
use crate::app::calendar::Moving;
use crate::app::calendar::conflicts::{Standing, Trial, awaited, standing, told_of, unknowns};
use crate::domain::conflicts::Conflict;
use crate::theme::Role;

/// Rows about conflicts at most, and where there is little room.
const MOST: (usize, usize) = (4, 2);

/// Draws it. Answers with the rows used.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State, moving: &Moving) -> u16 {
    let preview = moving.preview(state.zone, state.now.wall);
    let mut below: Vec<(String, Role)> = Vec::new();
    match (&moving.notice, preview.is_past) {
        (Some(notice), _) => below.push((format!("▲ {notice}"), Role::Attention)),
        (None, true) => below.push(("▲ before now".to_owned(), Role::Attention)),
        (None, false) => {}
    }
    let most = if area.height < 22 { MOST.1 } else { MOST.0 };
    below.extend(consequences(state, most));
    let rows = 4 + below.len() as u16;
    let y = area.bottom().saturating_sub(rows);
    canvas.rule(area.x, y, area.width);
    let label = if moving.copy.is_some() { "COPYING" } else { "MOVING" };
    let x = area.x + canvas.text(area.x, y + 1, 8, label, Role::Attention) + 1;
    let release = state.workspace.release(&moving.release);
    let stage = release.and_then(|release| release.stages.get(moving.hand.stage));
    if let (Some(release), Some(stage)) = (release, stage) {
        let what = match moving.along.len() {
            _ if moving.copy.is_some() => {
                format!("{} to {}", release.title, moving.copy.as_deref().unwrap_or_default())
            }
            0 => format!("{}  {}", release.title, super::marks::place(stage)),
            others => format!("{}  {} stages together", release.title, others + 1),
        };
        let used = canvas.text(x, y + 1, area.right().saturating_sub(x), &what, Role::Title);
        if let Some(by) = &preview.by {
            let x = x + used + 2;
            canvas.text(x, y + 1, area.right().saturating_sub(x), by, Role::Accent);
        }
    }
    let times = [
        ("from", preview.from, preview.from_here, Role::Dim),
        ("to", preview.to, preview.to_here, Role::Accent),
    ];
    for (row, (label, own, here, role)) in (y + 2..).zip(times) {
        canvas.text(area.x, row, 5, label, Role::Dim);
        let mut x = area.x + 5;
        x += canvas.text(x, row, area.right().saturating_sub(x), &own, role);
        if let Some(here) = here {
            canvas.text(x + 2, row, area.right().saturating_sub(x + 2), &format!("= {here}"), Role::Dim);
        }
    }
    for (row, (text, role)) in (y + 4..).zip(below) {
        canvas.text(area.x, row, area.width, &text, role);
    }
    rows
}

/// What the move breaks and mends, in at most so many rows.
fn consequences(state: &State, most: usize) -> Vec<(String, Role)> {
    let known = &state.calendar.conflicts;
    let Some(trial) = &known.trial else {
        return vec![("◌ what it would collide with is not known yet".to_owned(), Role::Unknown)];
    };
    let mut rows: Vec<(String, Role)> = Vec::new();
    let mut breaks: Vec<&Conflict> = trial.breaks().collect();
    breaks.sort_by_key(|conflict| conflict.severity());
    for conflict in breaks {
        let (sign, role) = conflicts::sign(conflict.severity());
        rows.push((format!("{sign} {}", told_of(conflict, &trial.release.id)), role));
    }
    let mends: Vec<&Conflict> = trial.mends().collect();
    if !mends.is_empty() {
        let words: Vec<String> = mends.iter().map(|conflict| named(conflict)).collect();
        rows.insert(
            rows.len().min(most.saturating_sub(1)),
            (format!("● mends {}", words.join(", ")), Role::Good),
        );
    }
    if rows.is_empty() {
        rows.push(as_before(state, trial));
    }
    if rows.len() > most {
        let hidden = rows.len() - most;
        rows.truncate(most);
        if let Some((text, _)) = rows.first_mut() {
            text.push_str(&format!("  +{hidden} more"));
        }
    }
    if standing(state) == Standing::Behind {
        rows.push(("≈ against the plan before its last change".to_owned(), Role::Stale));
    }
    rows
}

/// A move that changes nothing.
fn as_before(state: &State, trial: &Trial) -> (String, Role) {
    if let Some(conflict) = trial.after.first() {
        let (sign, role) = conflicts::sign(conflict.severity());
        let more = trial.after.len() - 1;
        let more = if more > 0 { format!("  +{more} more") } else { String::new() };
        let told = told_of(conflict, &trial.release.id);
        return (format!("{sign} as before: {told}{more}"), role);
    }
    match (unknowns(state).first(), awaited(state).first()) {
        (Some(unknown), _) => (format!("◌ nothing known collides; {unknown}"), Role::Unknown),
        (None, Some(environment)) => {
            let words = format!("◌ nothing known collides; what runs in {environment} is not known yet");
            (words, Role::Unknown)
        }
        (None, None) => ("● nothing collides".to_owned(), Role::Good),
    }
}

fn named(conflict: &Conflict) -> String {
    format!("{} {}", conflict.code.word(), conflict.with.join(", ")).trim_end().to_owned()
}
