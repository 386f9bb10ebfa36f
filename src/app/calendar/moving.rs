//! Moving a stage by keys: along the wall clock of the zone it is planned in, over clock changes.

use chrono::{DateTime, Days, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::app::state::Tone;
use crate::app::{Effect, Intent, State, update};
use crate::domain::moment::{Resolved, resolve_local};
use crate::domain::{Edit, Status};

use super::{Selected, words};

/// The shortest a stage can be made.
const SHORTEST: TimeDelta = TimeDelta::minutes(15);

/// A stage that is being moved, not yet put down.
#[derive(Debug, Clone, PartialEq)]
pub struct Moving {
    /// The release.
    pub release: String,
    /// Its stage.
    pub stage: usize,
    /// Where it was.
    pub from: (DateTime<Utc>, DateTime<Utc>),
    /// Where it would go.
    pub to: (DateTime<Utc>, DateTime<Utc>),
    /// The zone it is planned in.
    pub time_zone: Tz,
    /// What the person should know of the new place: a clock change.
    pub notice: Option<String>,
    /// Where it would go on the wall of its zone, had that no clock changes.
    wall: (NaiveDateTime, NaiveDateTime),
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
}

/// By how much a key moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Days(i64),
    Minutes(i64),
    Longer(i64),
}

/// Takes the selected stage up, or says why not.
pub fn begin(state: &mut State) {
    let Some(Selected::Stage { release: id, stage }) = state.calendar.selected.clone() else {
        state.say(Tone::Refused, "nothing to move: select a stage of a release first");
        return;
    };
    if !state.workspace.is_writable() {
        state.say(Tone::Refused, "this workspace is read-only: `tminus init` makes one that can be changed");
        return;
    }
    let Some(release) = state.workspace.release(&id) else { return };
    let why = match release.status {
        Status::Completed => Some("is completed: what happened stays where it happened"),
        Status::RolledBack => Some("was rolled back: what happened stays where it happened"),
        Status::Cancelled => Some("is cancelled: plan it again first (status = \"planned\")"),
        _ => None,
    };
    let title = release.title.clone();
    let Some(at) = release.stages.get(stage) else { return };
    let (from, time_zone) = ((at.start, at.end), at.time_zone);
    if let Some(why) = why {
        state.say(Tone::Refused, format!("{title} {why}"));
        return;
    }
    if state.calendar.placed.iter().any(|placed| placed.release == id && placed.stage == stage) {
        state.say(Tone::Refused, format!("{title} is still being saved: wait until it is"));
        return;
    }
    let wall = (local(from.0, time_zone), local(from.1, time_zone));
    let moving = Moving { release: id, stage, from, to: from, time_zone, notice: None, wall };
    state.calendar.focus = from.0;
    state.calendar.pane = super::Pane::Days;
    state.calendar.moving = Some(moving);
}

/// Carries out an intent while a stage is being moved; `None`: it means nothing special.
pub fn handle(state: &mut State, intent: Intent) -> Option<Vec<Effect>> {
    state.calendar.moving.as_ref()?;
    let step = match intent {
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
            let moving = state.calendar.moving.take()?;
            state.calendar.focus = moving.from.0;
            state.say(Tone::Done, "left where it was");
            return Some(Vec::new());
        }
        // What would take another entry under the hand waits until this one is put down.
        Intent::SelectRow(..) | Intent::ScrollList(..) | Intent::First | Intent::Last | Intent::MoveStage => {
            return Some(Vec::new());
        }
        _ => return None,
    };
    if let Some(moving) = state.calendar.moving.as_mut() {
        moving.step(step);
        state.calendar.focus = moving.to.0;
    }
    Some(Vec::new())
}

fn put_down(state: &mut State) -> Vec<Effect> {
    let Some(moving) = state.calendar.moving.take() else { return Vec::new() };
    let Moving { release, stage, from, to, .. } = moving;
    if from == to {
        state.say(Tone::Done, "left where it was");
        return Vec::new();
    }
    let edit = Edit::MoveStage { release: release.clone(), stage, from, to };
    let effects = update::save(state, edit);
    for effect in &effects {
        if let Effect::Save { number, .. } = effect {
            let number = *number;
            state.calendar.placed.push(Placed { release: release.clone(), stage, from, to, number });
        }
    }
    state.calendar.focus = to.0;
    effects
}

impl Moving {
    fn step(&mut self, step: Step) {
        let before = self.clone();
        self.notice = None;
        let length = self.wall.1 - self.wall.0;
        match step {
            Step::Days(days) => {
                let by = Days::new(days.unsigned_abs());
                let moved = |time: NaiveDateTime| {
                    if days < 0 { time.checked_sub_days(by) } else { time.checked_add_days(by) }
                };
                if let (Some(start), Some(end)) = (moved(self.wall.0), moved(self.wall.1)) {
                    self.wall = (start, end);
                }
            }
            Step::Minutes(minutes) => {
                // From where it really is: a skipped time was jumped over.
                let start = local(self.to.0, self.time_zone) + TimeDelta::minutes(minutes);
                let start = match resolve_local(self.time_zone, start) {
                    Resolved::Skipped { .. } if minutes < 0 => {
                        local(self.to.0 + TimeDelta::minutes(minutes), self.time_zone)
                    }
                    _ => start,
                };
                self.wall = (start, start + length);
            }
            Step::Longer(minutes) => {
                let longer = (length + TimeDelta::minutes(minutes)).max(SHORTEST);
                self.wall.1 = self.wall.0 + longer;
            }
        }
        let start = self.resolve(self.wall.0);
        let end = self.resolve(self.wall.1);
        self.to = (start, end.max(start + SHORTEST));
        if !(1..=9999).contains(&chrono::Datelike::year(&start)) {
            *self = before;
        }
    }

    /// The instant of a local time in the stage's zone; a clock change is noted.
    fn resolve(&mut self, wall: NaiveDateTime) -> DateTime<Utc> {
        let said = wall.format("%-d %b %H:%M");
        let zone = self.time_zone.name();
        match resolve_local(self.time_zone, wall) {
            Resolved::Unique(instant) => instant,
            Resolved::Ambiguous { earlier, .. } => {
                self.notice = Some(format!("{said} occurs twice in {zone}: the earlier is taken"));
                earlier
            }
            Resolved::Skipped { next_valid, transition, .. } => {
                let next = next_valid.format("%H:%M");
                self.notice = Some(format!("{said} does not occur in {zone}: moved on to {next}"));
                transition
            }
        }
    }

    /// Where it was and where it would go, in its own zone and in the one on screen.
    pub fn preview(&self, zone: Tz, now: DateTime<Utc>) -> Preview {
        let own = |(start, end)| words::span(start, end, self.time_zone, now);
        let shown = |(start, end)| {
            let differs = !words::same_wall(self.time_zone, zone, start)
                || !words::same_wall(self.time_zone, zone, end);
            differs.then(|| words::span(start, end, zone, now))
        };
        Preview {
            from: own(self.from),
            to: own(self.to),
            from_here: shown(self.from),
            to_here: shown(self.to),
            is_past: self.to.0 < now,
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
    /// It would begin before now.
    pub is_past: bool,
}

fn local(instant: DateTime<Utc>, zone: Tz) -> NaiveDateTime {
    instant.with_timezone(&zone).naive_local()
}

/// What the files say anew: stages that are where they were put are no longer waited for, and
/// one that is being moved and was changed meanwhile is let go.
pub fn reconcile(state: &mut State) {
    let workspace = state.workspace.clone();
    let times = |release: &str, stage: usize| {
        workspace.release(release)?.stages.get(stage).map(|stage| (stage.start, stage.end))
    };
    state.calendar.placed.retain(|placed| times(&placed.release, placed.stage) == Some(placed.from));
    let lost = state
        .calendar
        .moving
        .as_ref()
        .is_some_and(|moving| times(&moving.release, moving.stage) != Some(moving.from));
    if lost {
        state.calendar.moving = None;
        state.say(Tone::Refused, "the stage was changed in its file meanwhile: look, and move it again");
    }
}
