//! Moving stages: one, or all of a release together, by keys or by mouse; seen before it is done.

mod dragging;
mod held;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::app::state::Tone;
use crate::app::{Effect, Intent, State, update};
use crate::domain::{Edit, Release, Status};

use super::{Selected, words};

pub use dragging::{Press, pointer};
pub use held::Held;
use held::Step;

/// Stages that are being moved, not yet put down.
#[derive(Debug, Clone, PartialEq)]
pub struct Moving {
    /// The release.
    pub release: String,
    /// The stage that keys and mouse speak of.
    pub hand: Held,
    /// Stages of the same release that move along, by the same time on the wall.
    pub along: Vec<Held>,
    /// What moves.
    pub scope: Scope,
    /// Who moves it.
    pub by: By,
    /// The id of the copy that is placed; `None`: the release itself moves.
    pub copy: Option<String>,
    /// What the person should know of the new place: a clock change.
    pub notice: Option<String>,
}

/// What moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One stage.
    Stage,
    /// Every stage of the release that can still happen.
    Release,
}

/// Who moves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Keys: Enter puts it down.
    Keys,
    /// The mouse: letting go puts it down.
    Mouse,
}

/// A stage that was put down and whose files do not say so yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// The release.
    pub release: String,
    /// Its stage.
    pub stage: usize,
    /// Where it was.
    pub from: (DateTime<Utc>, DateTime<Utc>),
    /// Where it goes.
    pub to: (DateTime<Utc>, DateTime<Utc>),
    /// The edit's number.
    pub number: u64,
    /// What it collides with there.
    pub collides: Option<String>,
}

/// Why what is selected is no stage, and which keys help with it.
pub fn no_stage(state: &State, what: &str) -> String {
    let why = match &state.calendar.selected {
        Some(Selected::Window { .. }) => {
            "a window is changed by its form, e; Del leaves this occurrence out, Ins adds another"
        }
        Some(Selected::Tag { .. }) => {
            "a past release stays where it happened; n plans the next one, Enter tells of this one"
        }
        Some(Selected::Version { .. }) => {
            "its date is the tracker's; i plans it here, and then it can be moved"
        }
        Some(Selected::Stage { .. }) | None => "select a stage of a release first",
    };
    format!("{what}: {why}")
}

/// Takes the selected stage up, or says why not.
pub fn begin(state: &mut State, scope: Scope) {
    let Some(Selected::Stage { release, stage }) = state.calendar.selected.clone() else {
        state.say(Tone::Refused, no_stage(state, "nothing to move"));
        return;
    };
    match take_up(state, &release, stage, scope, By::Keys) {
        Ok(moving) => {
            state.calendar.focus = moving.hand.from.0;
            state.calendar.pane = super::Pane::Days;
            state.calendar.moving = Some(moving);
        }
        Err(why) => state.say(Tone::Refused, why),
    }
}

/// A stage in the hand, and what moves along; or why it stays.
pub fn take_up(state: &State, id: &str, stage: usize, scope: Scope, by: By) -> Result<Moving, String> {
    let gone = || "the stage is not there any more".to_owned();
    if !state.workspace.is_writable() {
        return Err("this workspace is read-only: `tminus init` makes one that can be changed".into());
    }
    let release = state.workspace.release(id).ok_or_else(gone)?;
    let title = &release.title;
    match release.status {
        Status::Completed => {
            return Err(format!("{title} is completed: what happened stays where it happened"));
        }
        Status::RolledBack => {
            return Err(format!("{title} was rolled back: what happened stays where it happened"));
        }
        Status::Cancelled => {
            return Err(format!("{title} is cancelled: plan it again first (status = \"planned\")"));
        }
        _ => {}
    }
    if state.calendar.placed.iter().any(|placed| placed.release == id) {
        return Err(format!("{title} is still being saved: wait until it is"));
    }
    let at = release.stages.get(stage).ok_or_else(gone)?;
    let hand = Held::new(stage, at);
    let mut moving = Moving {
        release: id.to_owned(),
        hand,
        along: Vec::new(),
        scope: Scope::Stage,
        by,
        copy: None,
        notice: None,
    };
    moving.extend(release, scope, state.now.wall);
    Ok(moving)
}

/// Takes a copy of the selected release up: all its stages, whatever became of it.
pub fn begin_copy(state: &mut State) {
    let Some(Selected::Stage { release: id, stage }) = state.calendar.selected.clone() else {
        state.say(Tone::Refused, no_stage(state, "nothing to copy"));
        return;
    };
    if !state.workspace.is_writable() {
        state.say(Tone::Refused, "this workspace is read-only: `tminus init` makes one that can be changed");
        return;
    }
    let Some(release) = state.workspace.release(&id) else { return };
    let Some(at) = release.stages.get(stage) else { return };
    let others = release.stages.iter().enumerate().filter(|(index, _)| *index != stage);
    let moving = Moving {
        hand: Held::new(stage, at),
        along: others.map(|(index, stage)| Held::new(index, stage)).collect(),
        scope: Scope::Release,
        by: By::Keys,
        copy: Some(free_id(state, &id)),
        notice: None,
        release: id,
    };
    state.calendar.focus = moving.hand.from.0;
    state.calendar.pane = super::Pane::Days;
    state.calendar.moving = Some(moving);
}

/// The id of a copy, which no release has yet.
fn free_id(state: &State, id: &str) -> String {
    let first = format!("{id}-copy");
    let numbered = (2_u32..).map(|number| format!("{first}-{number}"));
    let mut all = std::iter::once(first.clone()).chain(numbered);
    all.find(|id| state.workspace.release(id).is_none()).unwrap_or(first)
}

/// Carries out an intent while a stage is being moved; `None`: it means nothing special.
pub fn handle(state: &mut State, intent: Intent) -> Option<Vec<Effect>> {
    if intent == Intent::Back && state.calendar.moving.is_none() && state.calendar.press.take().is_some() {
        return Some(Vec::new());
    }
    let moving = state.calendar.moving.as_mut()?;
    let step = match intent {
        // A copy is whole, and as long as what it is copied from.
        Intent::Lengthen | Intent::Shorten | Intent::MoveRelease | Intent::FindSlots
            if moving.copy.is_some() =>
        {
            return Some(Vec::new());
        }
        Intent::Left => Step::Days(-1),
        Intent::Right => Step::Days(1),
        Intent::PreviousPeriod => Step::Days(-7),
        Intent::NextPeriod => Step::Days(7),
        Intent::Up => Step::Minutes(-15),
        Intent::Down => Step::Minutes(15),
        Intent::PageUp => Step::Minutes(-60),
        Intent::PageDown => Step::Minutes(60),
        Intent::Lengthen => Step::Longer(15),
        Intent::Shorten => Step::Longer(-15),
        Intent::Open => return Some(put_down(state)),
        Intent::Back => {
            leave(state);
            return Some(Vec::new());
        }
        Intent::MoveRelease => {
            let other = match moving.scope {
                Scope::Stage => Scope::Release,
                Scope::Release => Scope::Stage,
            };
            if let Some(release) = state.workspace.release(&moving.release) {
                moving.extend(release, other, state.now.wall);
            }
            return Some(Vec::new());
        }
        // What would take another entry under the hand waits until this one is put down.
        Intent::SelectRow(..) | Intent::ScrollList(..) | Intent::First | Intent::Last | Intent::MoveStage => {
            return Some(Vec::new());
        }
        _ => return None,
    };
    moving.step(step);
    state.calendar.focus = moving.hand.to.0;
    Some(Vec::new())
}

/// Lets it go where it was.
fn leave(state: &mut State) {
    state.calendar.press = None;
    let Some(moving) = state.calendar.moving.take() else { return };
    if moving.by == By::Keys {
        state.calendar.focus = moving.hand.from.0;
    }
    state.say(Tone::Done, "left where it was");
}

/// Puts it down where it is: the files follow.
pub fn put_down(state: &mut State) -> Vec<Effect> {
    let collides = super::conflicts::put_down_into(state);
    let Some(moving) = state.calendar.moving.take() else { return Vec::new() };
    if let Some(id) = moving.copy.clone() {
        return put_down_copy(state, &moving, id, collides);
    }
    let moves: Vec<_> = moving.all().filter(|held| held.is_moved()).map(Held::as_move).collect();
    let release = moving.release.clone();
    let edit = match moves.as_slice() {
        [] => {
            state.say(Tone::Done, "left where it was");
            return Vec::new();
        }
        [one] => Edit::MoveStage { release: release.clone(), stage: one.stage, from: one.from, to: one.to },
        _ => Edit::MoveStages { release: release.clone(), stages: moves.clone() },
    };
    let effects = update::save(state, edit);
    for effect in &effects {
        if let Effect::Save { number, .. } = effect {
            state.calendar.placed.extend(moves.iter().map(|it| Placed {
                release: release.clone(),
                stage: it.stage,
                from: it.from,
                to: it.to,
                number: *number,
                collides: collides.clone(),
            }));
        }
    }
    if moving.by == By::Keys {
        state.calendar.focus = moving.hand.to.0;
    }
    effects
}

/// The copy is written; it is told of by its first stage until the files say so.
fn put_down_copy(state: &mut State, moving: &Moving, id: String, collides: Option<String>) -> Vec<Effect> {
    let by = moving.hand.shift();
    let edit = Edit::CopyRelease { release: moving.release.clone(), id: id.clone(), by };
    let effects = update::save(state, edit);
    for effect in &effects {
        if let Effect::Save { number, .. } = effect {
            let (from, to, stage) = (moving.hand.from, moving.hand.to, moving.hand.stage);
            let (release, collides, number) = (id.clone(), collides.clone(), *number);
            state.calendar.placed.push(Placed { release, stage, from, to, number, collides });
        }
    }
    state.calendar.focus = moving.hand.to.0;
    effects
}

impl Moving {
    /// Everything that is in the hand.
    pub fn all(&self) -> impl Iterator<Item = &Held> {
        std::iter::once(&self.hand).chain(&self.along)
    }

    /// Where this stage would go, if it is in the hand.
    pub fn carries(&self, release: &str, stage: usize) -> Option<&Held> {
        // A copy leaves what it is copied from where it is.
        if self.release == release && self.copy.is_none() {
            self.all().find(|held| held.stage == stage)
        } else {
            None
        }
    }

    /// Puts one of the stages in the hand elsewhere.
    pub fn put(&mut self, stage: usize, to: (DateTime<Utc>, DateTime<Utc>)) {
        let held = std::iter::once(&mut self.hand).chain(&mut self.along).find(|held| held.stage == stage);
        if let Some(held) = held {
            held.put_at(to);
        }
    }

    /// Takes the other stages along, or leaves them. Of a release that is under way, what is over
    /// stays where it happened.
    fn extend(&mut self, release: &Release, scope: Scope, now: DateTime<Utc>) {
        self.scope = scope;
        self.along.clear();
        if scope == Scope::Release {
            let is_under_way = matches!(release.status, Status::InProgress | Status::Paused);
            let others =
                release.stages.iter().enumerate().filter(|(index, stage)| {
                    *index != self.hand.stage && !(is_under_way && stage.end <= now)
                });
            self.along.extend(others.map(|(index, stage)| Held::new(index, stage)));
        }
        self.follow();
    }

    fn step(&mut self, step: Step) {
        self.notice = self.hand.step(step);
        self.follow();
    }

    /// What moves along does.
    fn follow(&mut self) {
        let by = self.hand.shift();
        for held in &mut self.along {
            let notice = held.shift_to(by);
            self.notice = self.notice.take().or(notice);
        }
    }

    /// Where it was and where it would go, in its own zone and in the one on screen.
    pub fn preview(&self, zone: Tz, now: DateTime<Utc>) -> Preview {
        let own = |(start, end)| words::span(start, end, self.hand.time_zone, now);
        let shown = |(start, end)| {
            let differs = !words::same_wall(self.hand.time_zone, zone, start)
                || !words::same_wall(self.hand.time_zone, zone, end);
            differs.then(|| words::span(start, end, zone, now))
        };
        Preview {
            from: own(self.hand.from),
            to: own(self.hand.to),
            from_here: shown(self.hand.from),
            to_here: shown(self.hand.to),
            by: shift_in_words(self.hand.shift()),
            is_past: self.hand.to.0 < now,
        }
    }
}

/// A move in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Where it was, in its own zone.
    pub from: String,
    /// Where it would go, in its own zone.
    pub to: String,
    /// Where it was in the zone on screen, where that shows other times.
    pub from_here: Option<String>,
    /// Where it would go in the zone on screen, where that shows other times.
    pub to_here: Option<String>,
    /// By how much on the wall: `+1 d 2 h`; `None`: it begins where it did.
    pub by: Option<String>,
    /// It would begin before now.
    pub is_past: bool,
}

fn shift_in_words(by: TimeDelta) -> Option<String> {
    let sign = if by < TimeDelta::zero() { '−' } else { '+' };
    (!by.is_zero()).then(|| format!("{sign}{}", super::details::length(by.abs())))
}

/// What the files say anew: stages that are where they were put are no longer waited for, and
/// those that are being moved and were changed meanwhile are let go.
pub fn reconcile(state: &mut State) {
    let workspace = state.workspace.clone();
    let times = |release: &str, stage: usize| {
        workspace.release(release)?.stages.get(stage).map(|stage| (stage.start, stage.end))
    };
    state.calendar.placed.retain(|placed| times(&placed.release, placed.stage) == Some(placed.from));
    let is_lost =
        state.calendar.moving.as_ref().is_some_and(|moving| {
            moving.all().any(|held| times(&moving.release, held.stage) != Some(held.from))
        });
    if is_lost {
        state.calendar.moving = None;
        state.calendar.press = None;
        state.say(Tone::Refused, "the stage was changed in its file meanwhile: look, and move it again");
    }
}

#[cfg(test)]
mod tests;
