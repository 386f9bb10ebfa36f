//! The run of show of a release, over the panels: its steps as a list, and the war room.

mod checks;
mod deeds;
mod json;
mod keys;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::domain::Release;
use crate::domain::show::{Reckoning, reckon};

use super::calendar::Selected;
use super::line_edit::LineEdit;
use super::state::Tone;
use super::{Context, Overlay, Panel};

pub use checks::{answered, check_of, wanted};
pub use json::snapshot;
pub use keys::{handle, open, type_into};

/// What is remembered of runs of show, open or not.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    /// Release and step whose check marked the step done: once is enough, what a person takes back
    /// stays taken back.
    settled: BTreeSet<(String, String)>,
}

/// A run of show that is looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// The release.
    pub release: String,
    /// As what it is drawn.
    pub screen: Screen,
    /// The id of the selected step; `None`: the first that is not over.
    pub selected: Option<String>,
    /// What the person is asked for.
    pub asking: Option<Asking>,
}

/// As what a run of show is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// The steps as a list.
    Steps,
    /// Large, for a wall.
    WarRoom,
}

/// A line that is typed before something is done.
#[derive(Debug, Clone, PartialEq)]
pub struct Asking {
    /// What for.
    pub about: About,
    /// As typed.
    pub line: LineEdit,
    /// What is wrong with it.
    pub trouble: Option<String>,
}

/// What a line is typed for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// Why a step is left out.
    Skip(String),
    /// To which time on the count a step goes.
    Move(String),
    /// Why the count is held.
    Hold,
    /// Whether a step's program shall run: nothing is typed.
    Run {
        /// The step.
        step: String,
        /// The command as it will run.
        command: String,
    },
}

impl View {
    /// Where its keys come from.
    pub fn context(&self) -> Context {
        match (&self.asking, self.screen) {
            (Some(_), _) => Context::Typing,
            (None, Screen::Steps) => Context::RunOfShow,
            (None, Screen::WarRoom) => Context::WarRoom,
        }
    }

    /// Its context while nothing is typed.
    pub fn own_context(&self) -> Context {
        match self.screen {
            Screen::Steps => Context::RunOfShow,
            Screen::WarRoom => Context::WarRoom,
        }
    }

    /// The place of the selected step in the reckoning.
    pub fn place(&self, reckoning: &Reckoning<'_>) -> usize {
        let chosen =
            self.selected.as_ref().and_then(|id| reckoning.steps.iter().position(|step| step.step.id == *id));
        let open = || reckoning.steps.iter().position(|step| !step.state.is_over());
        chosen.or_else(open).unwrap_or(0)
    }
}

/// The run of show on top of the panels.
pub fn view(state: &super::State) -> Option<&View> {
    state.overlays.iter().rev().find_map(|overlay| match overlay {
        Overlay::Show(view) => Some(view.as_ref()),
        _ => None,
    })
}

/// Selects a step of the run of show on top of the panels, where one is.
pub fn select_step(state: &mut super::State, id: String) {
    if let Some(view) = view_mut(state) {
        view.selected = Some(id);
    }
}

fn view_mut(state: &mut super::State) -> Option<&mut View> {
    state.overlays.iter_mut().rev().find_map(|overlay| match overlay {
        Overlay::Show(view) => Some(view.as_mut()),
        _ => None,
    })
}

/// What comes of a release's run of show now; the error says what is missing.
pub fn reckoning<'a>(state: &'a super::State, release: &str) -> Result<Reckoning<'a>, String> {
    let release: &Release = state
        .workspace
        .release(release)
        .ok_or_else(|| format!("the release {release} is gone: Esc closes this"))?;
    if release.show.is_empty() {
        let others = if shows(state).is_empty() { "" } else { "[ and ] go to the releases that have one.\n" };
        return Err(format!(
            "a adds its first step.\n{others}\nIts steps are tables of releases/{}.toml:\n\n[[step]]\nid = \"freeze-branch\"\n\
             title = \"Freeze the release branch\"\nat = \"T-2d\"        or  after = [\"another-step\"]\n\
             duration = \"30m\"\nowner = \"{}\"",
            release.id,
            release.owner.as_deref().unwrap_or("mira"),
        ));
    }
    reckon(release, state.workspace.time_zone, state.now.wall)
}

/// The live releases that have a run of show, by their T-0.
fn shows(state: &super::State) -> Vec<(chrono::DateTime<chrono::Utc>, &str)> {
    let releases = state.workspace.releases.iter();
    let live = releases.filter(|release| release.is_live() && !release.show.is_empty());
    let zero = |release| crate::domain::show::zero(release, state.workspace.time_zone).ok();
    let mut shows: Vec<_> =
        live.filter_map(|release| Some((zero(release)?.at, release.id.as_str()))).collect();
    shows.sort_unstable();
    shows
}

/// Whether the digits of a count on screen change every second.
pub fn ticks(state: &super::State) -> bool {
    let left = view(state).and_then(|view| {
        let reckoning = reckoning(state, &view.release).ok()?;
        Some(reckoning.clock.left(reckoning.now))
    });
    left.is_some_and(|left| left.num_seconds().abs() < 86_400)
}

/// The release whose run of show a key would open.
fn wanted_release(state: &super::State) -> Option<String> {
    if state.panel == Panel::Calendar
        && let Some(Selected::Stage { release, .. }) = &state.calendar.selected
    {
        return Some(release.clone());
    }
    state.release.clone().filter(|id| state.workspace.release(id).is_some())
}

fn refuse(state: &mut super::State, what: impl Into<String>) -> Vec<super::Effect> {
    state.say(Tone::Refused, what);
    Vec::new()
}
