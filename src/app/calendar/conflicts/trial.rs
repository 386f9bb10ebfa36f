//! What would be while stages are in the hand: what the move breaks, what it mends.

use crate::app::State;
use crate::domain::conflicts::{Conflict, Severity};
use crate::domain::{Release, Status};

use super::judgement::{is_same, touched, worst};

/// A release as it would be, and what it would collide with.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// The release with its stages where they would go.
    pub release: Release,
    /// What it collides with where it is.
    before: Vec<Conflict>,
    /// What it would collide with.
    pub after: Vec<Conflict>,
    /// The stages of others that would have a part in it.
    others: Vec<(String, usize, Severity)>,
}

impl Trial {
    /// What the move breaks.
    pub fn breaks(&self) -> impl Iterator<Item = &Conflict> {
        self.after.iter().filter(|conflict| !self.before.iter().any(|old| is_same(old, conflict)))
    }

    /// What the move mends.
    pub fn mends(&self) -> impl Iterator<Item = &Conflict> {
        self.before.iter().filter(|conflict| !self.after.iter().any(|new| is_same(new, conflict)))
    }

    /// What a stage of the release would have a part in.
    pub fn of_stage(&self, stage: usize) -> impl Iterator<Item = &Conflict> {
        let id = &self.release.id;
        self.after.iter().filter(move |conflict| {
            let own = conflict.release == *id && conflict.stage == stage;
            let theirs = conflict.release != *id
                && conflict.names(id)
                && conflict.with_stage.is_none_or(|with| with == stage);
            own || theirs
        })
    }

    /// Whether it says of a conflict what would become of it.
    pub(super) fn replaces(&self, conflict: &Conflict) -> bool {
        self.before.iter().any(|old| old == conflict)
    }

    /// The worst that another release's stage would have a part in.
    pub(super) fn touching(&self, release: &str, stage: usize) -> Option<Severity> {
        let found = self.others.iter().filter(|(id, index, _)| id == release && *index == stage);
        let (mut blocks, mut any) = (false, false);
        for (_, _, severity) in found {
            any = true;
            blocks |= *severity == Severity::Block;
        }
        any.then_some(if blocks { Severity::Block } else { Severity::Warn })
    }

    /// The worst of what it would collide with.
    pub fn worst(&self) -> Option<Severity> {
        worst(&self.after)
    }
}

/// What is judged has changed: what would be is told anew.
pub fn restart(state: &mut State) {
    state.calendar.conflicts.trial = None;
    try_out(state);
}

/// After every step of a move: what would be. Costs nothing where nothing moved.
pub fn try_out(state: &mut State) {
    let Some(tried) = in_the_hand(state) else {
        state.calendar.conflicts.trial = None;
        return;
    };
    let conflicts = &state.calendar.conflicts;
    let Some(judgement) = conflicts.judgement.as_ref() else { return };
    let before = match &conflicts.trial {
        Some(trial) if trial.release == tried => return,
        Some(trial) if trial.release.id == tried.id => trial.before.clone(),
        _ => judgement.checker().of(&tried.id),
    };
    let after = judgement.checker().what_if(&tried);
    let workspace = judgement.workspace();
    let mut others = Vec::new();
    for conflict in &after {
        let part = touched(conflict, workspace, Some(&tried)).into_iter();
        let part = part.filter(|(release, _)| *release != tried.id);
        others.extend(part.map(|(release, stage)| (release.to_owned(), stage, conflict.severity())));
    }
    state.calendar.conflicts.trial = Some(Trial { release: tried, before, after, others });
}

/// The release in the hand, with its stages where they would go.
fn in_the_hand(state: &State) -> Option<Release> {
    let moving = state.calendar.moving.as_ref()?;
    let mut release = state.workspace.release(&moving.release)?.clone();
    if let Some(id) = &moving.copy {
        // Planned anew: what let the other through a freeze does not count for it.
        release.id.clone_from(id);
        (release.status, release.exceptions) = (Status::default(), Vec::new());
    }
    for held in moving.all() {
        if let Some(stage) = release.stages.get_mut(held.stage) {
            (stage.start, stage.end) = held.to;
        }
    }
    Some(release)
}
