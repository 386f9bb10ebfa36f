//! The rollback panel's state and what its keys do.

pub mod index;
pub mod item;
mod json;
pub mod plan;
pub mod problem;
pub mod subject;

pub use index::{Entry, Index, Section};
pub use item::Item;
pub use plan::Plan;
pub use subject::{RolloutId, Subject, Target};

use crate::domain::Question;

use super::{Effect, Intent, ListId, list};

/// What the panel remembers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    /// Words that what is listed must hold.
    pub filter: String,
    /// The workspace's releases in the panel's order.
    pub index: Index,
    /// The rollout picked here; it counts until another release is picked anywhere.
    pub rollout: Option<Picked>,
    /// Where to, as the person chose.
    pub target: Option<Target>,
    /// Which part has the keys.
    pub pane: Pane,
    /// What is selected in the plan.
    pub item: Option<Item>,
}

/// A rollout, picked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picked {
    /// Which.
    pub rollout: RolloutId,
    /// The release all panels spoke of then.
    pub beside: Option<String>,
}

/// A part of the panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pane {
    /// What can be brought back.
    #[default]
    List,
    /// The way back of one of them.
    Plan,
}

/// Carries out what the person wants; `None`: it means nothing here.
pub fn handle(state: &mut super::State, intent: Intent) -> Option<Vec<Effect>> {
    follow_the_others(state);
    let pane = state.rollback.pane;
    match intent {
        Intent::NextPane => {
            state.rollback.pane = if pane == Pane::List { Pane::Plan } else { Pane::List };
        }
        Intent::Open | Intent::Right if pane == Pane::List => state.rollback.pane = Pane::Plan,
        Intent::Back | Intent::Left if pane == Pane::Plan => state.rollback.pane = Pane::List,
        Intent::NextEnvironment => choose_target(state, 1),
        Intent::PreviousEnvironment => choose_target(state, -1),
        Intent::SelectRow(ListId::Backouts, row) => {
            state.rollback.pane = Pane::List;
            select_entry(state, |_, _| row);
        }
        Intent::SelectRow(ListId::Plan, row) => {
            state.rollback.pane = Pane::Plan;
            select_item(state, |_, _| row);
        }
        Intent::ScrollList(ListId::Backouts, rows) => {
            select_entry(state, |at, count| list::step(at, isize::from(rows), count));
        }
        Intent::ScrollList(ListId::Plan, rows) => {
            select_item(state, |at, count| list::step(at, isize::from(rows), count));
        }
        _ => {
            let shown = if pane == Pane::List { ListId::Backouts } else { ListId::Plan };
            let page = state.feedback.list(shown).map_or(10, |(_, rows)| rows.max(1));
            let by = list::walked(intent, isize::try_from(page).unwrap_or(1))?;
            let step = |at: usize, count: usize| list::step(at, by, count);
            match pane {
                Pane::List => select_entry(state, step),
                Pane::Plan => select_item(state, step),
            }
        }
    }
    Some(Vec::new())
}

/// A rollout that is gone from sight ends its being picked.
fn follow_the_others(state: &mut super::State) {
    let gone =
        state.rollback.rollout.as_ref().is_some_and(|picked| !subject::is_seen(state, &picked.rollout));
    if gone {
        state.rollback.rollout = None;
    }
}

/// The place of what the panel speaks of among its entries; `None`: it is not listed.
pub fn place(state: &super::State, entries: &[(Section, Entry)]) -> Option<usize> {
    match subject::selected(state)? {
        Subject::Rollout(rollout) => {
            let is = |entry: &Entry| matches!(entry, Entry::Rollout(other) if other == rollout);
            entries.iter().position(|(_, entry)| is(entry))
        }
        Subject::Release(release) => {
            let at = state.workspace.releases.binary_search_by(|other| other.id.cmp(&release.id)).ok()?;
            entries.iter().position(|(_, entry)| *entry == Entry::Release(at))
        }
    }
}

fn select_entry(state: &mut super::State, step: impl Fn(usize, usize) -> usize) {
    let entries = state.rollback.index.entries(state);
    let at = place(state, &entries);
    let row = at.map_or(0, |at| step(at, entries.len()));
    match entries.get(row).map(|(_, entry)| entry) {
        Some(Entry::Release(place)) => {
            state.rollback.rollout = None;
            state.release = state.workspace.releases.get(*place).map(|release| release.id.clone());
        }
        Some(Entry::Rollout(rollout)) => {
            let beside = state.release.clone();
            state.rollback.rollout = Some(Picked { rollout: rollout.clone(), beside });
        }
        None => return,
    }
    if at != Some(row) {
        state.rollback.item = None;
    }
}

fn select_item(state: &mut super::State, step: impl Fn(usize, usize) -> usize) {
    let Some(plan) = plan::of(state) else { return };
    let mut items = item::items(&plan);
    let row = step(item::position(&items, state.rollback.item.as_ref()), items.len());
    if row < items.len() {
        state.rollback.item = Some(items.swap_remove(row));
    }
}

fn choose_target(state: &mut super::State, by: isize) {
    let Some(subject) = subject::selected(state) else { return };
    let targets = subject::targets(&state.workspace, &subject);
    let current = subject::target(state, &subject);
    let at = targets.iter().position(|target| Some(target) == current.as_ref()).unwrap_or(0);
    let count = isize::try_from(targets.len()).unwrap_or(1).max(1);
    let next = (isize::try_from(at).unwrap_or(0) + by).rem_euclid(count);
    state.rollback.target = usize::try_from(next).ok().and_then(|next| targets.into_iter().nth(next));
}

/// Speaks of a rollout that was seen: of its release where one brings it, at its place.
pub fn show_rollout(state: &mut super::State, release: Option<String>, key: &super::monitor::rollouts::Key) {
    state.rollback.pane = Pane::Plan;
    state.rollback.item = None;
    state.rollback.target = Some(Target { environment: key.environment.clone(), region: key.region.clone() });
    if let Some(release) = release {
        state.rollback.rollout = None;
        state.release = Some(release);
    } else {
        let rollout = RolloutId { environment: key.environment.clone(), service: key.service.clone() };
        state.rollback.rollout = Some(Picked { rollout, beside: state.release.clone() });
    }
}

/// The questions whose answers the panel shows: what runs where the selected one goes, and the
/// tags of its services where no completed release says what was before.
pub fn wanted(state: &super::State) -> Vec<Question> {
    let Some(subject) = subject::selected(state) else { return Vec::new() };
    let mut wanted = Vec::new();
    let mut last: Option<String> = None;
    for target in subject::targets(&state.workspace, &subject) {
        let has_source =
            state.workspace.environment(&target.environment).is_some_and(|found| found.versions.is_some());
        if has_source && last.as_ref() != Some(&target.environment) {
            let question = Question::Running { environment: target.environment.clone() };
            if !wanted.contains(&question) {
                wanted.push(question);
            }
        }
        last = Some(target.environment);
    }
    for service in subject.services() {
        let found = state.workspace.service(service);
        if found.is_some_and(|found| found.repository.is_some()) {
            wanted.push(Question::Tags { service: service.to_owned() });
        }
    }
    wanted
}

/// What is on screen, as JSON.
pub fn snapshot(state: &super::State) -> serde_json::Value {
    json::of(state)
}

/// What is selected, as text to copy: in the plan a step's exact command.
pub fn selected_text(state: &super::State) -> Option<String> {
    let plan = plan::of(state);
    match (state.rollback.pane, plan) {
        (Pane::Plan, Some(plan)) => {
            let items = item::items(&plan);
            item::text(&plan, items.get(item::position(&items, state.rollback.item.as_ref()))?)
        }
        (_, Some(plan)) => Some(format!("{}, {}", plan.headline(), plan.target)),
        (_, None) => subject::selected(state).map(|subject| subject.title().to_owned()),
    }
}

/// The workspace was read anew: selections that no longer exist move on.
pub fn reconcile(state: &mut super::State) {
    state.rollback.index = Index::new(&state.workspace);
    let gone = |picked: &Picked| state.workspace.environment(&picked.rollout.environment).is_none();
    if state.rollback.rollout.as_ref().is_some_and(gone) {
        state.rollback.rollout = None;
    }
}
