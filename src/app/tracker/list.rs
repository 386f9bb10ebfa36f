//! The list of versions: to come, not planned, different.

use super::Row;
use crate::app::calendar::{Selected, select_day};
use crate::app::state::Tone;
use crate::app::{Effect, Intent, ListId, State, list};

/// The list over the panels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct List {
    /// The selected row.
    pub selected: usize,
}

/// What an intent means to the list on top; `None`: nothing of its own.
pub fn handle(state: &mut State, list: List, intent: Intent, by: isize) -> Option<Vec<Effect>> {
    let rows = state.tracker.rows.len();
    let selected = list.selected.min(rows.saturating_sub(1));
    match intent {
        _ if by != 0 => keep(state, list::step(selected, by, rows)),
        Intent::SelectRow(ListId::Overlay, index) => keep(state, index),
        Intent::Open => {
            let row = state.tracker.rows.get(selected).cloned();
            if let Some(row) = row {
                go(state, &row);
            }
        }
        Intent::AdoptVersion => {
            let row = state.tracker.rows.get(selected).cloned()?;
            if let Some(release) = &row.release {
                state.say(Tone::Refused, format!("{} is planned already, as {release}", row.reference));
                return Some(Vec::new());
            }
            return Some(super::adopt_version(state, &row.reference));
        }
        Intent::PushDate => {
            let row = state.tracker.rows.get(selected).cloned()?;
            if let Some(release) = &row.release {
                super::push::begin(state, release);
            } else {
                let words = format!("{} is not planned here: i plans it", row.reference);
                state.say(Tone::Refused, words);
            }
        }
        _ => return None,
    }
    Some(Vec::new())
}

/// The rows are others now: the selected one stays selected, wherever it went.
pub(super) fn keep_place(state: &mut State, before: &[Row]) {
    let after = &state.tracker.rows;
    for overlay in &mut state.overlays {
        if let crate::app::Overlay::Versions(list) = overlay
            && let Some(held) = before.get(list.selected)
        {
            let same = |row: &Row| row.reference == held.reference;
            let exactly = |row: &Row| same(row) && row.release == held.release;
            let place = after.iter().position(exactly).or_else(|| after.iter().position(same));
            list.selected = place.unwrap_or(list.selected);
        }
    }
}

fn keep(state: &mut State, selected: usize) {
    if let Some(crate::app::Overlay::Versions(list)) = state.overlays.last_mut() {
        list.selected = selected;
    }
}

/// Closes the list and shows the version in the calendar, where it has a day.
fn go(state: &mut State, row: &Row) {
    let planned = row.release.as_ref().and_then(|id| state.workspace.release(id));
    if let Some(release) = planned.filter(|release| !release.stages.is_empty()) {
        let last = (0..release.stages.len()).max_by_key(|index| release.stages[*index].end).unwrap_or(0);
        let (release, start) = (release.id.clone(), release.stages[last].start);
        let date = start.with_timezone(&state.zone).date_naive();
        state.overlays.pop();
        return select_day(state, date, Selected::Stage { release, stage: last });
    }
    let date = row.version.as_ref().and_then(|version| version.release_date);
    match date.filter(|_| row.release.is_none()) {
        Some(date) => {
            let reference = row.reference.clone();
            state.overlays.pop();
            select_day(state, date, Selected::Version { reference });
        }
        None => state.say(Tone::Refused, format!("{} has no date to show it on", row.reference)),
    }
}
