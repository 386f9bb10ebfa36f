//! What is done to a run of show: edits of the release's file, which undo takes back.

use super::{About, Asking, reckoning, refuse, view, view_mut};
use crate::app::line_edit::LineEdit;
use crate::app::{Effect, State, update};
use crate::domain::show::changes::{self, Refused};
use crate::domain::show::{CountTime, StepDeed};
use crate::domain::{Edit, Patch, Release};

/// Does something to the selected step.
pub fn to_selected(state: &mut State, deed: &StepDeed) -> Vec<Effect> {
    match selected(state) {
        Ok(step) => to(state, &step, deed),
        Err(why) => refuse(state, why),
    }
}

/// Does something to a step.
pub fn to(state: &mut State, step: &str, deed: &StepDeed) -> Vec<Effect> {
    let by = state.who.clone();
    save(state, |state, release| {
        changes::change_step(release, state.workspace.time_zone, step, deed, by.as_deref(), state.now.wall)
    })
}

/// Asks for what a deed on the selected step needs; what would be refused anyway is refused now.
pub fn ask_about_selected(state: &mut State, about: impl Fn(String) -> About) -> Vec<Effect> {
    let step = match selected(state) {
        Ok(step) => step,
        Err(why) => return refuse(state, why),
    };
    let about = about(step.clone());
    let known = release(state).and_then(|release| release.show.step(&step).cloned());
    let (trial, text) = match &about {
        About::Move(_) => {
            let at = known.and_then(|known| known.at).unwrap_or_default();
            (StepDeed::Move(at), at.to_string())
        }
        _ => (StepDeed::Skip { reason: "…".to_owned() }, String::new()),
    };
    let tried = release(state).map(|release| {
        changes::change_step(release, state.workspace.time_zone, &step, &trial, None, state.now.wall)
    });
    if let Some(Err(refused)) = tried {
        return refuse(state, refused.to_string());
    }
    ask(state, about, text)
}

/// Asks why the count is held.
pub fn ask_to_hold(state: &mut State) -> Vec<Effect> {
    let tried = release(state)
        .map(|release| changes::hold(release, state.workspace.time_zone, "…", None, state.now.wall));
    match tried {
        Some(Err(refused)) => refuse(state, refused.to_string()),
        _ => ask(state, About::Hold, String::new()),
    }
}

/// Lets the count go on.
pub fn resume(state: &mut State) -> Vec<Effect> {
    save(state, |state, release| changes::resume(release, state.workspace.time_zone, state.now.wall))
}

/// Opens the line, unless nothing could be written anyway.
pub fn ask(state: &mut State, about: About, text: String) -> Vec<Effect> {
    if !state.workspace.is_writable() {
        return refuse(state, "this workspace is read-only: `tminus init` makes one that can be changed");
    }
    if let Some(view) = view_mut(state) {
        view.asking = Some(Asking { about, line: LineEdit::new(text), trouble: None });
    }
    Vec::new()
}

/// The person pressed Enter: what was typed is taken, or stays with what is wrong about it.
pub fn answer(state: &mut State) -> Vec<Effect> {
    let Some(asking) = view(state).and_then(|view| view.asking.clone()) else { return Vec::new() };
    let typed = asking.line.text().trim().to_owned();
    let done = match &asking.about {
        About::Run { step, .. } => {
            close(state);
            return super::checks::run(state, step);
        }
        About::Skip(_) | About::Hold if typed.is_empty() => Err("say why".to_owned()),
        About::Skip(step) => Ok((step.clone(), StepDeed::Skip { reason: typed.clone() })),
        About::Move(step) => CountTime::parse(&typed).map(|to| (step.clone(), StepDeed::Move(to))),
        About::Hold => {
            close(state);
            let by = state.who.clone();
            return save(state, |state, release| {
                changes::hold(release, state.workspace.time_zone, &typed, by.as_deref(), state.now.wall)
            });
        }
    };
    match done {
        Ok((step, deed)) => {
            close(state);
            to(state, &step, &deed)
        }
        Err(trouble) => {
            if let Some(asking) = view_mut(state).and_then(|view| view.asking.as_mut()) {
                asking.trouble = Some(trouble);
            }
            Vec::new()
        }
    }
}

fn close(state: &mut State) {
    if let Some(view) = view_mut(state) {
        view.asking = None;
    }
}

fn save(state: &mut State, change: impl FnOnce(&State, &Release) -> Result<Patch, Refused>) -> Vec<Effect> {
    // A second change on top of what is not read back yet would be refused as changed meanwhile.
    if state.history.unsaved() > 0 {
        return refuse(state, "the last change is still being saved: wait until it is");
    }
    let changed = match release(state) {
        Some(release) => change(state, release).map_err(|refused| refused.to_string()),
        None => Err("the release is gone".to_owned()),
    };
    match changed {
        Ok(patch) => update::save(state, Edit::Patch(patch)),
        Err(why) => refuse(state, why),
    }
}

/// The release that is looked at.
fn release(state: &State) -> Option<&Release> {
    state.workspace.release(&view(state)?.release)
}

/// The id of the selected step, or why there is none.
pub fn selected(state: &State) -> Result<String, String> {
    let view = view(state).ok_or("no run of show is open")?;
    let reckoning = reckoning(state, &view.release)?;
    let step = reckoning.steps.get(view.place(&reckoning)).ok_or("no step is selected")?;
    Ok(step.step.id.clone())
}
