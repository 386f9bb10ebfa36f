//! The board panel's state and what its keys do.

mod arrange;
mod facts;
mod index;
mod json;
#[cfg(test)]
mod tests;
mod words;

pub use arrange::{Arrangement, Column, GAP, arrangement, columns, panel_size};
pub use facts::{
    Behind, Comes, HISTORY_SECONDS, Known, Since, behind, comes, compatibility, main_version, newest,
    oldest_version, running, same_version, since,
};
pub use index::{Consumer, Index};
pub use json::snapshot;
pub use words::{Fit, requirement_fit, selected_text, shares_words};

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::domain::{Environment, Question, Service};

use super::{Effect, Intent, ListId, list};

/// What the panel remembers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    /// Words that what is listed must hold.
    pub filter: String,
    /// The id of the service chosen last.
    pub chosen: Option<String>,
    /// The release all panels spoke of when it was chosen: when they speak of another, its
    /// service is selected instead.
    pub chosen_under: Option<String>,
    /// The id of the environment chosen last; `None`: the last in promotion order.
    pub environment: Option<String>,
    /// Which part of the panel has the keys.
    pub pane: Pane,
    /// Whether the details have the whole panel, where they do not fit beside the list.
    pub inside: bool,
    /// The first row of the details.
    pub details_top: usize,
    /// What is looked up, worked out when the workspace was read.
    pub index: Arc<Index>,
}

/// A part of the panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pane {
    /// The services.
    #[default]
    List,
    /// What is known of the selected one.
    Details,
}

/// The services listed, by their place in the workspace.
pub fn listed(state: &super::State) -> Vec<usize> {
    state.board.index.listed(&state.board.filter)
}

/// Which of the listed services is selected: the chosen one, or one of the release that all
/// panels came to speak of since, or the first.
pub fn selected_row(state: &super::State, listed: &[usize]) -> Option<usize> {
    let row_of = |id: &str| {
        let place = state.board.index.place(id)?;
        // Places are listed in order.
        listed.binary_search(&place).ok()
    };
    let elsewhere =
        state.release.as_ref().filter(|release| Some(*release) != state.board.chosen_under.as_ref());
    let release = elsewhere.and_then(|id| state.workspace.release(id));
    let spoken_of = release.and_then(|release| release.services().find_map(row_of));
    let chosen = state.board.chosen.as_deref().and_then(row_of);
    spoken_of.or(chosen).or(if listed.is_empty() { None } else { Some(0) })
}

/// The selected service's place in the workspace.
pub fn selected_place(state: &super::State) -> Option<usize> {
    let listed = listed(state);
    selected_row(state, &listed).map(|row| listed[row])
}

/// The place of the selected environment: the chosen one, else the last in promotion order.
pub fn environment_place(state: &super::State) -> Option<usize> {
    let environments = &state.workspace.environments;
    let chosen = state.board.environment.as_ref();
    let chosen = chosen.and_then(|id| environments.iter().position(|environment| environment.id == *id));
    chosen.or_else(|| environments.len().checked_sub(1))
}

/// The selected environment.
pub fn environment(state: &super::State) -> Option<&Environment> {
    environment_place(state).and_then(|place| state.workspace.environments.get(place))
}

/// Carries out what the person wants; `None`: it means nothing here.
pub fn handle(state: &mut super::State, intent: Intent) -> Option<Vec<Effect>> {
    let by = list::walked(intent, page(state)).unwrap_or(0);
    match intent {
        _ if by != 0 && arrange::pane(state) == Pane::Details => scroll_details(state, by),
        _ if by != 0 => step(state, by),
        Intent::ScrollList(ListId::Services, rows) => step(state, isize::from(rows)),
        Intent::ScrollList(ListId::BoardDetails, rows) => scroll_details(state, isize::from(rows)),
        Intent::SelectRow(ListId::Services, row) => {
            state.board.pane = Pane::List;
            choose(state, row);
        }
        Intent::SelectRow(ListId::BoardEnvironments, place) => {
            let clicked = state.workspace.environments.get(place)?;
            state.board.environment = Some(clicked.id.clone());
        }
        Intent::SelectRow(ListId::BoardDetails, _) => state.board.pane = Pane::Details,
        Intent::NextEnvironment | Intent::Right => turn(state, 1),
        Intent::PreviousEnvironment | Intent::Left => turn(state, -1),
        Intent::NextPane => {
            let next = if arrange::pane(state) == Pane::List { Pane::Details } else { Pane::List };
            state.board.pane = next;
            state.board.inside = false;
        }
        Intent::Open => {
            state.board.pane = Pane::Details;
            let arrangement = arrangement(state, panel_size(state), listed(state).len());
            state.board.inside = !matches!(arrangement, Arrangement::Beside(_));
        }
        Intent::Back if arrange::pane(state) == Pane::Details => {
            state.board.inside = false;
            state.board.pane = Pane::List;
        }
        _ => return None,
    }
    Some(Vec::new())
}

fn page(state: &super::State) -> isize {
    let list = if arrange::pane(state) == Pane::Details { ListId::BoardDetails } else { ListId::Services };
    let rows = state.feedback.list(list).map_or(10, |(_, rows)| rows.max(2) - 1);
    isize::try_from(rows).unwrap_or(1)
}

fn scroll_details(state: &mut super::State, by: isize) {
    // How far it goes is known when it is drawn: drawing clamps, and the next step starts there.
    let drawn = state.feedback.list(ListId::BoardDetails).map_or(state.board.details_top, |(top, _)| top);
    state.board.details_top = drawn.saturating_add_signed(by).min(100_000);
}

fn step(state: &mut super::State, by: isize) {
    let listed = listed(state);
    if let Some(row) = selected_row(state, &listed) {
        choose(state, list::step(row, by, listed.len()));
    }
}

/// Chooses a listed service; the release that brings it next becomes the one all panels speak of.
fn choose(state: &mut super::State, row: usize) {
    let Some(place) = listed(state).get(row).copied() else { return };
    if selected_place(state) != Some(place) {
        state.board.details_top = 0;
    }
    if let Some(release) = comes(state, environment(state), place).map(|comes| comes.release.id.clone()) {
        state.release = Some(release);
    }
    state.board.chosen = state.workspace.services.get(place).map(|service| service.id.clone());
    state.board.chosen_under.clone_from(&state.release);
}

fn turn(state: &mut super::State, by: isize) {
    if let Some(place) = environment_place(state) {
        let next = list::step(place, by, state.workspace.environments.len());
        state.board.environment = Some(state.workspace.environments[next].id.clone());
    }
}

/// The questions whose answers the panel shows: what runs everywhere, and for the rows on screen
/// what they add.
pub fn wanted(state: &super::State) -> Vec<Question> {
    let workspace = &state.workspace;
    let sourced = workspace.environments.iter().filter(|environment| environment.versions.is_some());
    let mut wanted: Vec<Question> =
        sourced.map(|environment| Question::Running { environment: environment.id.clone() }).collect();
    let here = environment(state);
    wanted.extend(here.and_then(facts::history_question));
    let listed = listed(state);
    let selected = selected_row(state, &listed);
    let tickets = arrange::shows(state, Column::Tickets);
    let mut releases = BTreeSet::new();
    for row in selected.into_iter().chain(on_screen(state, listed.len()).filter(|row| Some(*row) != selected))
    {
        let place = listed[row];
        let service: &Service = &workspace.services[place];
        wanted.push(Question::Tags { service: service.id.clone() });
        wanted.extend(facts::behind_question(state, here, service));
        if tickets || Some(row) == selected {
            let release = comes(state, here, place).map(|comes| comes.release);
            let tracked = release.filter(|release| release.tracker.is_some());
            releases.extend(tracked.map(|release| release.id.clone()));
        }
    }
    wanted.extend(releases.into_iter().map(|release| Question::Tracker { release }));
    wanted
}

/// The rows of the list that are on screen.
fn on_screen(state: &super::State, count: usize) -> std::ops::Range<usize> {
    let (top, rows) = state.feedback.list(ListId::Services).unwrap_or((0, usize::from(state.size.1)));
    let top = top.min(count);
    top..(top + rows).min(count)
}

/// The workspace was read anew: selections that no longer exist move on.
pub fn reconcile(state: &mut super::State) {
    state.board.index = Arc::new(Index::of(&state.workspace));
    if state.board.chosen.as_ref().is_some_and(|id| state.board.index.place(id).is_none()) {
        state.board.chosen = None;
        state.board.details_top = 0;
    }
}
