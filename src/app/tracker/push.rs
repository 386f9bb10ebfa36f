//! Bringing a date to the tracker: the difference, a confirmation by name, and what became of it.

use super::{doubt, row};
use crate::app::line_edit::LineEdit;
use crate::app::message::Typed;
use crate::app::state::Tone;
use crate::app::{Effect, Overlay, State};
use crate::domain::tracker::{Push, Pushed, propose};

/// The window over the panels.
#[derive(Debug, Clone, PartialEq)]
pub struct Dialog {
    /// What would be sent.
    pub push: Push,
    /// What was typed to confirm it.
    pub line: LineEdit,
    /// Why what was read may be old; `None`: it is fresh.
    pub doubt: Option<String>,
    /// How far it is.
    pub phase: Phase,
}

/// How far a change is.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase {
    /// It waits to be confirmed.
    Asking,
    /// What was typed does not confirm it.
    Mistyped,
    /// It is on its way.
    Sending,
    /// It ended so.
    Ended(Pushed),
}

impl Dialog {
    /// Whether something can be typed.
    pub fn is_asking(&self) -> bool {
        matches!(self.phase, Phase::Asking | Phase::Mistyped)
    }

    /// Types into it.
    pub fn apply(&mut self, typed: &Typed) {
        if self.is_asking() {
            self.line.apply(typed);
            self.phase = Phase::Asking;
        }
    }
}

/// Shows what bringing a release's date to the tracker would change there.
pub fn begin(state: &mut State, release: &str) {
    if super::is_sending(state) {
        return state.say(Tone::Refused, "a change is on its way to the tracker: wait for its end");
    }
    let Some(release) = state.workspace.release(release) else { return };
    let Some(reference) = &release.tracker else {
        let words = format!("{} names no version in a tracker: write `tracker` in its file", release.id);
        return state.say(Tone::Refused, words);
    };
    let doubt = doubt(state, reference);
    let known = row(state, reference).and_then(|row| row.version.as_ref());
    let known = known.or_else(|| super::version(state, reference));
    let Some(version) = known else {
        let doubt = doubt.unwrap_or_else(|| "the tracker has no such version".to_owned());
        return state.say(Tone::Refused, format!("{reference}: {doubt}"));
    };
    match propose(&state.workspace, release, version) {
        Ok(push) => {
            let dialog = Dialog { push, line: LineEdit::default(), doubt, phase: Phase::Asking };
            state.overlays.push(Overlay::Push(Box::new(dialog)));
        }
        Err(why) => state.say(Tone::Refused, why.to_string()),
    }
}

/// Enter: sends it where it is confirmed by name; closes it where it ended.
pub fn confirm(state: &mut State) -> Vec<Effect> {
    let Some(Overlay::Push(dialog)) = state.overlays.last_mut() else { return Vec::new() };
    match dialog.phase {
        Phase::Sending => return Vec::new(),
        Phase::Ended(_) => {
            state.overlays.pop();
            return Vec::new();
        }
        Phase::Asking | Phase::Mistyped if dialog.line.text() != dialog.push.word() => {
            dialog.phase = Phase::Mistyped;
            return Vec::new();
        }
        Phase::Asking | Phase::Mistyped => {}
    }
    dialog.phase = Phase::Sending;
    let push = dialog.push.clone();
    state.tracker.troubles.remove(&push.reference);
    state.tracker.sending = Some(push.clone());
    vec![Effect::Push(Box::new(push))]
}

/// It ended: says so where it is still looked at. Whether it is.
pub(super) fn ended(state: &mut State, push: &Push, outcome: Pushed) -> bool {
    let open = state.overlays.iter_mut().find_map(|overlay| match overlay {
        Overlay::Push(dialog) if dialog.push == *push => Some(dialog),
        _ => None,
    });
    let Some(dialog) = open else { return false };
    dialog.phase = Phase::Ended(outcome);
    true
}
