use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;

use super::*;
use crate::app::calendar::Selected;
use crate::app::state::Look;
use crate::app::{Effect, Intent, Message, update};
use crate::domain::conflicts::Code;
use crate::domain::window::WallTime;
use crate::domain::workspace::Origin;
use crate::domain::{Now, WindowKind, Workspace, samples};

fn now() -> Now {
    Now { wall: "2026-11-25T08:00:00Z".parse().unwrap(), mono: Duration::from_secs(100) }
}

/// A release on Wednesday afternoon, and a freeze of all Thursday.
fn workspace() -> Workspace {
    let stage = samples::stage("production", "2026-11-25T13:00:00Z", "2026-11-25T15:00:00Z");
    let mut freeze = samples::window("freeze", WindowKind::Freeze);
    let local = |text: &str| WallTime::Local(text.parse().unwrap());
    (freeze.start, freeze.end) = (local("2026-11-26T00:00:00"), local("2026-11-27T00:00:00"));
    Workspace {
        releases: vec![samples::release("r", &[("a", "1.0.0")], vec![stage])],
        windows: vec![freeze],
        origin: Origin::Files("/w".into()),
        ..Workspace::default()
    }
}

fn job(effects: Vec<Effect>) -> Option<Job> {
    effects.into_iter().find_map(|effect| match effect {
        Effect::Judge(job) => Some(*job),
        _ => None,
    })
}

fn load(state: &mut State, workspace: Workspace) -> Option<Job> {
    job(update(state, now(), Message::WorkspaceLoaded(Arc::new(workspace), Vec::new())))
}

fn answer(state: &mut State, job: &Job) -> Option<Job> {
    let result = Ok(Judgement::of(job));
    self::job(update(state, now(), Message::Judged { number: job.number, result }))
}

fn press(state: &mut State, intents: &[Intent]) -> Vec<Effect> {
    intents.iter().flat_map(|intent| update(state, now(), Message::Intent(*intent))).collect()
}

fn open() -> State {
    let mut state = State::new(now(), Tz::UTC, Look::default());
    let job = load(&mut state, workspace()).unwrap();
    assert_eq!(standing(&state), Standing::Unknown);
    assert_eq!(answer(&mut state, &job), None, "judged once is enough");
    assert_eq!(standing(&state), Standing::Judged);
    state
}

#[test]
fn a_move_into_a_freeze_is_told_at_the_step_that_does_it_and_the_way_back_mends_it() {
    let mut state = open();
    let broken = |state: &State| -> Vec<Code> {
        let trial = state.calendar.conflicts.trial.as_ref().unwrap();
        trial.breaks().map(|conflict| conflict.code).collect()
    };
    press(&mut state, &[Intent::MoveStage]);
    assert_eq!(broken(&state), []);
    press(&mut state, &[Intent::Right]);
    assert_eq!(broken(&state), [Code::Freeze]);
    assert_eq!(snapshot_of_moving(&state)["breaks"][0]["with"][0], "freeze");
    press(&mut state, &[Intent::Left]);
    assert_eq!(broken(&state), []);
    press(&mut state, &[Intent::Back]);
    assert_eq!(state.calendar.conflicts.trial, None);
}

fn snapshot_of_moving(state: &State) -> Value {
    crate::app::calendar::snapshot(state)["moving"].clone()
}

#[test]
fn what_is_put_down_in_a_freeze_is_written_and_said_and_marked() {
    let mut state = open();
    let effects = press(&mut state, &[Intent::MoveStage, Intent::Right, Intent::Open]);
    let saved = effects.iter().find_map(|effect| match effect {
        Effect::Save { number, edit } => Some((*number, edit.clone())),
        _ => None,
    });
    let (number, inverse) = saved.expect("nothing is asked");
    update(&mut state, now(), Message::EditSaved { number, inverse, notices: Vec::new() });
    let notice = state.notice.clone().unwrap();
    assert!(notice.text.starts_with("✖ 1 block there: freeze freeze"), "{notice:?}");
    let mut moved = workspace();
    let day = chrono::TimeDelta::days(1);
    moved.releases[0].stages[0].start += day;
    moved.releases[0].stages[0].end += day;
    let job = load(&mut state, moved).unwrap();
    assert_eq!(standing(&state), Standing::Behind, "the last good one is kept, and said to be old");
    answer(&mut state, &job);
    assert_eq!(severity(&state, "r", 0), Some(Severity::Block));
    let rows = crate::app::calendar::plain(&crate::app::calendar::details(&state));
    assert!(rows.contains("denied by freeze until Fri 27 Nov 00:00 UTC; next opening Fri 27 Nov"), "{rows}");
    // The move out of it says what it mends.
    press(&mut state, &[Intent::MoveStage, Intent::Left]);
    let trial = state.calendar.conflicts.trial.as_ref().unwrap();
    assert_eq!(trial.mends().map(|conflict| conflict.code).collect::<Vec<_>>(), [Code::Freeze]);
    assert_eq!(trial.worst(), None);
}

#[test]
fn the_plan_is_judged_once_at_a_time_and_the_latest_counts() {
    let mut state = State::new(now(), Tz::UTC, Look::default());
    let first = load(&mut state, workspace()).unwrap();
    assert_eq!(load(&mut state, workspace()), None, "one is on its way");
    assert_eq!(load(&mut state, workspace()), None);
    let second = answer(&mut state, &first).expect("what came meanwhile is judged after it");
    assert!(Arc::ptr_eq(&second.workspace, &state.workspace));
    let late = Message::Judged { number: first.number, result: Err("late".into()) };
    update(&mut state, now(), late);
    assert_eq!(state.calendar.conflicts.failed(), None, "nobody waits for the first any more");
    answer(&mut state, &second);
    assert_eq!(standing(&state), Standing::Judged);
}

#[test]
fn a_judgement_that_fails_is_said_and_not_tried_until_the_plan_changes() {
    let mut state = open();
    let job = load(&mut state, workspace()).unwrap();
    let failed = Message::Judged { number: job.number, result: Err("it panicked".into()) };
    let again = self::job(update(&mut state, now(), failed));
    assert_eq!(again, None);
    assert_eq!(unknowns(&state), ["it panicked"]);
    assert_eq!(self::job(update(&mut state, now(), Message::Tick)), None);
    assert!(load(&mut state, workspace()).is_some());
}

#[test]
fn a_window_that_does_not_read_is_unknown_and_never_good() {
    let mut state = State::new(now(), Tz::UTC, Look::default());
    let mut broken = workspace();
    broken.windows[0].repeat = Some("FREQ=SOMETIMES".into());
    let job = load(&mut state, broken).unwrap();
    answer(&mut state, &job);
    assert!(unknowns(&state)[0].starts_with("window freeze: "), "{:?}", unknowns(&state));
}

#[test]
fn the_list_goes_to_the_stage_that_collides() {
    let mut workspace = workspace();
    let far = samples::stage("production", "2027-03-03T13:00:00Z", "2027-03-03T15:00:00Z");
    workspace.releases.push(samples::release("s", &[("a", "2.0.0")], vec![far.clone()]));
    workspace.releases.push(samples::release("t", &[("a", "3.0.0")], vec![far]));
    let mut state = State::new(now(), Tz::UTC, Look::default());
    let job = load(&mut state, workspace).unwrap();
    answer(&mut state, &job);
    press(&mut state, &[Intent::ShowConflicts, Intent::Down, Intent::Up, Intent::Open]);
    assert!(state.overlays.is_empty());
    let selected = Selected::Stage { release: "s".into(), stage: 0 };
    assert_eq!(state.calendar.selected, Some(selected));
    assert_eq!(state.calendar.focus.to_rfc3339(), "2027-03-03T13:00:00+00:00");
    assert_eq!(severity(&state, "t", 0), Some(Severity::Block), "both sides of a pair are marked");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]

    /// However it went: back where it was, it breaks nothing and mends nothing.
    #[test]
    fn there_and_back_breaks_and_mends_nothing(
        steps in proptest::collection::vec(0_usize..4, 0..20)
    ) {
        use Intent::{Left, NextPeriod, PreviousPeriod, Right};
        let ways = [(Left, Right), (Right, Left), (NextPeriod, PreviousPeriod), (PreviousPeriod, NextPeriod)];
        let mut state = open();
        press(&mut state, &[Intent::MoveStage]);
        for step in &steps {
            press(&mut state, &[ways[*step].0]);
        }
        for step in steps.iter().rev() {
            press(&mut state, &[ways[*step].1]);
        }
        let trial = state.calendar.conflicts.trial.as_ref().unwrap();
        proptest::prop_assert_eq!(trial.breaks().count() + trial.mends().count(), 0);
        let effects = press(&mut state, &[Intent::Open]);
        let is_saved = effects.iter().any(|effect| matches!(effect, Effect::Save { .. }));
        proptest::prop_assert!(!is_saved);
    }
}
