//! The slot finder: the next starts that clear every block, seen in the calendar before one is
//! taken.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::app::state::Tone;
use crate::app::{Effect, Intent, ListId, Overlay, State, list};
use crate::domain::Release;
use crate::domain::conflicts::Code;
use crate::domain::slots::{self, Ahead, Moved, Refused, Slots};

use super::Selected;
use super::conflicts::Judgement;
use super::moving::{self, By, Scope};

/// How many starts are looked for.
const WANTED: usize = 12;

/// A search to carry out beside everything else.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    /// Its number: the latest counts.
    pub number: u64,
    /// The plan.
    pub judgement: Judgement,
    /// The release as it stands.
    pub release: Release,
    /// What of it is moved.
    pub moved: Moved,
    /// The earliest start.
    pub from: DateTime<Utc>,
}

impl Search {
    /// Looks. May take its time: not for the thread that draws.
    pub fn run(&self) -> Slots {
        slots::find(self.judgement.checker(), &self.release, self.moved, self.from, WANTED)
    }
}

/// The finder over the calendar.
#[derive(Debug, Clone, PartialEq)]
pub struct Finder {
    /// The release.
    pub release: String,
    /// The stage that was selected.
    pub stage: usize,
    /// What is moved.
    pub scope: Scope,
    /// The number of the search whose answer counts.
    number: u64,
    /// What was found, starts in the order of time; `None`: still looking.
    pub found: Option<Result<Slots, String>>,
    /// Which of the starts is selected; the best at first.
    pub selected: usize,
    /// Which of the starts is the best: in working hours, with the fewest warnings.
    pub best: usize,
    /// Where the calendar was.
    back: DateTime<Utc>,
}

/// Opens it for the selected stage, or for what is in the hand.
pub fn open(state: &mut State) -> Vec<Effect> {
    let (release, stage, scope) = match (&state.calendar.moving, &state.calendar.selected) {
        (Some(moving), _) => (moving.release.clone(), moving.hand.stage, moving.scope),
        (None, Some(Selected::Stage { release, stage })) => (release.clone(), *stage, Scope::Stage),
        (None, _) => {
            state.say(Tone::Refused, moving::no_stage(state, "no slot to find"));
            return Vec::new();
        }
    };
    if let Err(why) = moving::take_up(state, &release, stage, scope, By::Keys) {
        state.say(Tone::Refused, why);
        return Vec::new();
    }
    state.calendar.moving = None;
    let back = state.calendar.focus;
    let finder = Finder { release, stage, scope, number: 0, found: None, selected: 0, best: 0, back };
    state.overlays.push(Overlay::Slots(Box::new(finder)));
    search(state)
}

/// Begins to look, anew where something changed.
fn search(state: &mut State) -> Vec<Effect> {
    let judgement = state.calendar.conflicts.judgement().cloned();
    let from = state.now.wall;
    state.calendar.searches += 1;
    let number = state.calendar.searches;
    let workspace = state.workspace.clone();
    let Some(finder) = finder_mut(state) else { return Vec::new() };
    (finder.number, finder.found, finder.selected) = (number, None, 0);
    let moved = match finder.scope {
        Scope::Stage => Moved::Stage(finder.stage),
        Scope::Release => Moved::Whole,
    };
    let Some(release) = workspace.release(&finder.release).cloned() else { return Vec::new() };
    let Some(judgement) = judgement else {
        finder.found = Some(Err("the plan is not judged yet: try again in a moment".into()));
        return Vec::new();
    };
    vec![Effect::FindSlots(Box::new(Search { number, judgement, release, moved, from }))]
}

/// A search ended.
pub fn found(state: &mut State, number: u64, result: Result<Slots, String>) {
    let Some(finder) = finder_mut(state).filter(|finder| finder.number == number) else { return };
    let mut result = result;
    if let Ok(slots) = &mut result {
        // The list is in the order of time; the best of them is selected first.
        let best = slots.slots.first().map(|slot| slot.start);
        slots.slots.sort_by_key(|slot| slot.start);
        finder.best = slots.slots.iter().position(|slot| Some(slot.start) == best).unwrap_or(0);
        finder.selected = finder.best;
    }
    finder.found = Some(result);
    preview(state);
}

/// The finder, where it lies on top.
fn finder_mut(state: &mut State) -> Option<&mut Finder> {
    match state.overlays.last_mut() {
        Some(Overlay::Slots(finder)) => Some(finder),
        _ => None,
    }
}

/// Carries out an intent on the finder that lies on top; `None`: it is another window's.
pub fn in_finder(state: &mut State, intent: Intent) -> Option<Vec<Effect>> {
    let finder = finder_mut(state)?;
    let count = slots_of(finder).len();
    let by = match intent {
        Intent::Up => -1,
        Intent::Down => 1,
        Intent::First => isize::MIN / 2,
        Intent::Last => isize::MAX / 2,
        Intent::ScrollList(ListId::Overlay, rows) => isize::from(rows.signum()),
        Intent::SelectRow(ListId::Overlay, index) => {
            finder.selected = slot_at(finder, index);
            preview(state);
            return Some(Vec::new());
        }
        Intent::MoveRelease => {
            finder.scope = match finder.scope {
                Scope::Stage => Scope::Release,
                Scope::Release => Scope::Stage,
            };
            state.calendar.moving = None;
            return Some(search(state));
        }
        Intent::Open => return Some(take(state)),
        Intent::Back => {
            let back = finder.back;
            state.overlays.pop();
            state.calendar.moving = None;
            state.calendar.focus = back;
            return Some(Vec::new());
        }
        _ => return Some(Vec::new()),
    };
    finder.selected = list::step(finder.selected, by, count);
    preview(state);
    Some(Vec::new())
}

/// The slot in a row of the list; of a refused stretch, the next slot after it.
fn slot_at(finder: &Finder, row: usize) -> usize {
    let Some(Ok(found)) = &finder.found else { return 0 };
    let ahead = found.by_time();
    let place = |ahead: &Ahead<'_>| match ahead {
        Ahead::Start(place, _) => Some(*place),
        Ahead::Refused(_) => None,
    };
    let later = ahead.iter().skip(row).find_map(place);
    later.or_else(|| ahead.iter().rev().find_map(place)).unwrap_or(0)
}

fn slots_of(finder: &Finder) -> &[slots::Slot] {
    match &finder.found {
        Some(Ok(found)) => &found.slots,
        _ => &[],
    }
}

/// Shows the selected start in the calendar behind.
fn preview(state: &mut State) {
    let Some(Overlay::Slots(finder)) = state.overlays.last() else { return };
    let finder = finder.clone();
    let Some(slot) = slots_of(&finder).get(finder.selected) else {
        state.calendar.moving = None;
        return;
    };
    let taken = moving::take_up(state, &finder.release, finder.stage, finder.scope, By::Keys);
    let Ok(mut moving) = taken else { return };
    for placed in &slot.stages {
        moving.put(placed.stage, (placed.start, placed.end));
    }
    state.calendar.focus = moving.hand.to.0;
    state.calendar.moving = Some(moving);
}

/// Moves it there.
fn take(state: &mut State) -> Vec<Effect> {
    if state.calendar.moving.is_none() {
        return Vec::new();
    }
    state.overlays.pop();
    moving::put_down(state)
}

/// The files say something else: what was found may not hold any more.
pub fn reconcile(state: &mut State) -> Vec<Effect> {
    let Some(finder) = finder_mut(state) else { return Vec::new() };
    let (release, stage) = (finder.release.clone(), finder.stage);
    if state.workspace.release(&release).is_none_or(|release| release.stages.len() <= stage) {
        state.overlays.pop();
        state.calendar.moving = None;
        state.say(Tone::Refused, "the stage is not there any more");
        return Vec::new();
    }
    search(state)
}

/// What refuses most of the time: the rule, with what, for how long.
pub fn main_blocker(found: &Slots) -> Option<(Code, &[String], TimeDelta)> {
    let mut sums: Vec<(Code, &[String], TimeDelta)> = Vec::new();
    for Refused { code, with, from, to, .. } in &found.refused {
        match sums.iter_mut().find(|(known, of, _)| known == code && *of == with.as_slice()) {
            Some((_, _, sum)) => *sum += *to - *from,
            None => sums.push((*code, with, *to - *from)),
        }
    }
    sums.into_iter().max_by_key(|(_, _, sum)| *sum)
}

/// As JSON, as `tminus slots` has it.
pub fn snapshot(finder: &Finder) -> Value {
    let time = |at: DateTime<Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
    let (found, why) = match &finder.found {
        None => (None, None),
        Some(Ok(found)) => (Some(found), None),
        Some(Err(why)) => (None, Some(why)),
    };
    json!({
        "release": finder.release, "stage": finder.stage, "whole": finder.scope == Scope::Release,
        "looking": finder.found.is_none(), "failed": why, "selected": finder.selected,
        "slots": found.map(|found| found.slots.iter().enumerate().map(|(place, slot)| json!({
            "start": time(slot.start), "best": place == finder.best,
            "stages": slot.stages.iter().map(|placed| json!({
                "stage": placed.stage, "start": time(placed.start), "end": time(placed.end),
            })).collect::<Vec<_>>(),
            "warnings": slot.warnings,
        })).collect::<Vec<_>>()),
        "refused": found.map(|found| found.refused.iter().map(|refused| json!({
            "from": time(refused.from), "to": time(refused.to), "code": refused.code,
            "with": refused.with, "message": refused.message,
        })).collect::<Vec<_>>()),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use chrono_tz::Tz;

    use super::*;
    use crate::app::state::Look;
    use crate::app::{Message, update};
    use crate::domain::window::WallTime;
    use crate::domain::workspace::Origin;
    use crate::domain::{Edit, Now, WindowKind, Workspace, samples};

    fn now() -> Now {
        Now { wall: "2026-11-25T08:00:00Z".parse().unwrap(), mono: Duration::from_secs(100) }
    }

    fn send(state: &mut State, message: Message) -> Vec<Effect> {
        let effects = update(state, now(), message);
        // Carries out what runs beside everything else.
        let mut rest = Vec::new();
        for effect in effects {
            match effect {
                Effect::Judge(job) => {
                    let result = Ok(Judgement::of(&job));
                    rest.extend(send(state, Message::Judged { number: job.number, result }));
                }
                Effect::FindSlots(search) => {
                    let result = Ok(search.run());
                    rest.extend(send(state, Message::SlotsFound { number: search.number, result }));
                }
                other => rest.push(other),
            }
        }
        rest
    }

    /// A release of two stages on the day of a freeze that lasts until the end.
    fn open(freeze_until: &str) -> State {
        let stage = |start: &str, end: &str| samples::stage("production", start, end);
        let stages = vec![
            stage("2026-11-25T13:00:00Z", "2026-11-25T15:00:00Z"),
            stage("2026-11-25T16:00:00Z", "2026-11-25T17:00:00Z"),
        ];
        let mut freeze = samples::window("freeze", WindowKind::Freeze);
        let local = |text: &str| WallTime::Local(text.parse().unwrap());
        (freeze.start, freeze.end) = (local("2026-11-25T00:00:00"), local(freeze_until));
        let workspace = Workspace {
            releases: vec![samples::release("r", &[("a", "1.0.0")], stages)],
            windows: vec![freeze],
            origin: Origin::Files("/w".into()),
            ..Workspace::default()
        };
        let mut state = State::new(now(), Tz::UTC, Look::default());
        send(&mut state, Message::WorkspaceLoaded(Arc::new(workspace), Vec::new()));
        state
    }

    fn press(state: &mut State, intents: &[Intent]) -> Vec<Effect> {
        intents.iter().flat_map(|intent| send(state, Message::Intent(*intent))).collect()
    }

    fn shown(state: &State) -> &Finder {
        match state.overlays.last() {
            Some(Overlay::Slots(finder)) => finder,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_selected_start_is_seen_before_it_is_taken() {
        let mut state = open("2026-11-26T00:00:00");
        press(&mut state, &[Intent::FindSlots]);
        let found = shown(&state).found.clone().unwrap().unwrap();
        assert!(!found.refused.is_empty(), "today is frozen");
        let moving = state.calendar.moving.clone().unwrap();
        // The list goes by time; the best of it is shown first.
        assert!(found.slots.is_sorted_by_key(|slot| slot.start));
        let best = shown(&state).best;
        assert!(best > 0, "the first start lies in the night");
        assert_eq!(moving.hand.to.0, found.slots[best].start);
        assert_eq!(state.calendar.conflicts.trial.as_ref().unwrap().of_stage(0).count(), 0);
        press(&mut state, &[Intent::Down]);
        assert_eq!(state.calendar.moving.as_ref().unwrap().hand.to.0, found.slots[best + 1].start);
        let effects = press(&mut state, &[Intent::Open]);
        let saved = effects.iter().find_map(|effect| match effect {
            Effect::Save { edit: Edit::MoveStage { to, .. }, .. } => Some(*to),
            _ => None,
        });
        assert_eq!(saved.unwrap().0, found.slots[best + 1].start);
        assert!(state.overlays.is_empty());
    }

    #[test]
    fn esc_leaves_everything_where_it_was() {
        let mut state = open("2026-11-26T00:00:00");
        let focus = state.calendar.focus;
        let effects = press(&mut state, &[Intent::FindSlots, Intent::Down, Intent::Down, Intent::Back]);
        assert!(!effects.iter().any(|effect| matches!(effect, Effect::Save { .. })));
        assert_eq!((state.calendar.moving.as_ref(), state.calendar.focus), (None, focus));
    }

    #[test]
    fn the_whole_release_finds_its_own_slots_and_moves_together() {
        let mut state = open("2026-11-26T00:00:00");
        press(&mut state, &[Intent::FindSlots, Intent::MoveRelease]);
        assert_eq!(shown(&state).scope, Scope::Release);
        let moving = state.calendar.moving.clone().unwrap();
        assert_eq!(moving.along.len(), 1);
        assert_eq!(moving.along[0].to.0 - moving.hand.to.0, TimeDelta::hours(3), "their distance is kept");
        let effects = press(&mut state, &[Intent::Open]);
        let together = |effect: &Effect| matches!(effect, Effect::Save { edit: Edit::MoveStages { stages, .. }, .. } if stages.len() == 2);
        assert!(effects.iter().any(together), "{effects:?}");
    }

    #[test]
    fn where_nothing_is_found_the_main_blocker_is_named_and_enter_does_nothing() {
        let mut state = open("2027-11-26T00:00:00");
        press(&mut state, &[Intent::FindSlots]);
        let found = shown(&state).found.clone().unwrap().unwrap();
        assert_eq!(found.slots, []);
        let (code, with, span) = main_blocker(&found).unwrap();
        assert_eq!((code, with), (Code::Freeze, &["freeze".to_owned()][..]));
        assert!(span >= TimeDelta::days(89), "{span}");
        assert_eq!(press(&mut state, &[Intent::Open]), []);
        assert!(matches!(state.overlays.last(), Some(Overlay::Slots(_))));
    }

    #[test]
    fn an_answer_to_an_older_search_is_dropped() {
        let mut state = open("2026-11-26T00:00:00");
        press(&mut state, &[Intent::FindSlots]);
        let late = Message::SlotsFound { number: 0, result: Err("late".into()) };
        send(&mut state, late);
        assert!(shown(&state).found.clone().unwrap().is_ok());
    }
}
