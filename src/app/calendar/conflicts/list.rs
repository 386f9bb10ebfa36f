//! Everything that collides, as a list to go through.

use crate::app::calendar::selecting;
use crate::app::{Intent, ListId, Overlay, State, list};
use crate::domain::conflicts::Conflict;

use super::super::Selected;
use super::Judgement;

/// A list over the calendar; Enter goes to what is selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct List {
    /// Which conflict is selected.
    pub selected: usize,
}

/// What it lists: the whole plan's, by start.
pub fn entries(state: &State) -> &[Conflict] {
    state.calendar.conflicts.judgement.as_ref().map(Judgement::all).unwrap_or_default()
}

/// Opens it at the selected stage's first conflict, else at the first that has not ended.
pub fn open(state: &mut State) {
    let all = entries(state);
    let of_selected = match &state.calendar.selected {
        Some(Selected::Stage { release, stage }) => {
            all.iter().position(|it| it.release == *release && it.stage == *stage)
        }
        _ => None,
    };
    let ahead = || all.iter().position(|it| it.end > state.now.wall);
    let selected = of_selected.or_else(ahead).unwrap_or(0);
    state.overlays.push(Overlay::Conflicts(List { selected }));
}

/// Carries out an intent on the list that lies on top; `false`: it means nothing to it.
pub fn in_list(state: &mut State, intent: Intent) -> bool {
    let count = entries(state).len();
    let page = state.feedback.list(ListId::Overlay).map_or(10, |(_, rows)| rows.max(2)) as isize - 1;
    let Some(Overlay::Conflicts(shown)) = state.overlays.last_mut() else { return false };
    let by = match intent {
        Intent::ScrollList(ListId::Overlay, rows) => isize::from(rows),
        Intent::SelectRow(ListId::Overlay, index) => {
            shown.selected = index;
            return true;
        }
        Intent::Open => {
            let selected = shown.selected;
            go_to(state, selected);
            return true;
        }
        _ => match list::walked(intent, page) {
            Some(by) => by,
            None => return false,
        },
    };
    shown.selected = list::step(shown.selected, by, count);
    true
}

/// Goes to the stage that a conflict is told of.
fn go_to(state: &mut State, index: usize) {
    let Some(conflict) = entries(state).get(index).cloned() else { return };
    state.overlays.pop();
    let release = state.workspace.release(&conflict.release);
    let Some(start) = release.and_then(|it| it.stages.get(conflict.stage)).map(|it| it.start) else { return };
    state.calendar.focus = start;
    super::super::settle(state);
    let selected = Selected::Stage { release: conflict.release, stage: conflict.stage };
    selecting::hold(state, Some(selected));
}
