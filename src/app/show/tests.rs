//! Messages in, state and effects out.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use chrono_tz::Tz;

use super::*;
use crate::app::message::Typed;
use crate::app::state::Look;
use crate::app::{Effect, Intent, Message, update};
use crate::domain::question::Checked;
use crate::domain::show::{Check, CountTime, Hold, Step};
use crate::domain::workspace::{BackendConfig, BackendKind, Origin};
use crate::domain::{
    Answer, Change, Edit, Failure, FailureKind, Now, Patch, Place, Question, Value, Workspace, samples,
};

fn now(minutes: i64) -> Now {
    let wall = "2026-11-25T13:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    let mono = Duration::from_secs(10_000 + minutes.unsigned_abs() * 60);
    Now { wall: wall + TimeDelta::minutes(minutes), mono }
}

fn step(id: &str, at: &str, after: &[&str]) -> Step {
    Step {
        id: id.into(),
        title: format!("Do {id}"),
        at: (!at.is_empty()).then(|| CountTime::parse(at).unwrap()),
        after: after.iter().map(|id| (*id).to_owned()).collect(),
        duration: TimeDelta::minutes(10),
        ..Step::default()
    }
}

/// T-0 is at 14:00; it is 13:00.
fn workspace() -> Workspace {
    let mut release = samples::release(
        "checkout-4.2",
        &[("checkout", "4.2.0")],
        vec![samples::stage("production", "2026-11-25T14:00:00Z", "2026-11-25T16:00:00Z")],
    );
    let until = crate::domain::condition::Condition::parse("== 0").unwrap();
    release.show.steps = vec![
        step("freeze", "T-1h", &[]),
        Step { check: Some(Check::Query { query: "failed".into(), until }), ..step("tests", "T-1h", &[]) },
        Step {
            check: Some(Check::Command { argv: vec!["./smoke".into(), "{{version}}".into()], timeout: None }),
            ..step("smoke", "T-1h", &[])
        },
        step("poll", "T-30m", &["freeze", "tests"]),
    ];
    Workspace {
        releases: vec![release],
        backends: vec![BackendConfig::new("prometheus", BackendKind::Prometheus)],
        origin: Origin::Files("/srv".into()),
        ..Workspace::default()
    }
}

fn open_on(workspace: Workspace) -> crate::app::State {
    let mut state = crate::app::State::new(now(0), Tz::UTC, Look::default());
    state.who = Some("mira".into());
    update(&mut state, now(0), Message::WorkspaceLoaded(Arc::new(workspace), vec![]));
    state.release = Some("checkout-4.2".into());
    press(&mut state, Intent::ShowRunOfShow);
    state
}

fn press(state: &mut crate::app::State, intent: Intent) -> Vec<Effect> {
    let now = state.now;
    update(state, now, Message::Intent(intent))
}

fn type_text(state: &mut crate::app::State, text: &str) {
    let now = state.now;
    update(state, now, Message::Typed(Typed::Paste(text.into())));
}

fn saved(effects: &[Effect]) -> Option<&Patch> {
    effects.iter().find_map(|effect| match effect {
        Effect::Save { edit: Edit::Patch(patch), .. } => Some(patch),
        _ => None,
    })
}

fn asked(effects: &[Effect]) -> Vec<&Question> {
    let asked = effects.iter().filter_map(|effect| match effect {
        Effect::Ask { question, .. } => Some(question),
        _ => None,
    });
    asked.filter(|question| !matches!(question, Question::Identity { .. })).collect()
}

fn question(step: &str) -> Question {
    let (release, step) = ("checkout-4.2".to_owned(), step.to_owned());
    if step == "smoke" {
        Question::StepCommand { release, step }
    } else {
        Question::StepQuery { release, step }
    }
}

/// Answers a question that is on its way.
fn answer(
    state: &mut crate::app::State,
    question: &Question,
    result: Result<Answer, Failure>,
) -> Vec<Effect> {
    let generation =
        state.remotes.get(question).and_then(crate::domain::Remote::pending).expect("it is asked").0;
    let now = state.now;
    update(state, now, Message::Answered { question: question.clone(), generation, result })
}

fn checked(holds: bool) -> Result<Answer, Failure> {
    Ok(Answer::Checked(Checked { holds, found: "0".into() }))
}

fn word(state: &crate::app::State) -> &str {
    state.notice.as_ref().map_or("", |notice| notice.text.as_str())
}

#[test]
fn a_step_begins_and_is_done_by_key_and_by_name() {
    let mut state = open_on(workspace());
    assert_eq!(state.context(), Context::RunOfShow);
    let effects = press(&mut state, Intent::StartStep);
    let patch = saved(&effects).unwrap();
    assert_eq!(patch.title, "checkout-4.2: start freeze");
    let place = Place::Id("step".into(), "freeze".into());
    let set =
        |key: &str, value: Value| Change::Set { place: place.clone(), key: key.into(), value: Some(value) };
    let time = Value::Time("2026-11-25T13:00:00Z".into());
    assert_eq!(patch.changes, [set("started", time), set("by", Value::text("mira"))]);
    // Until that is on disk and read back, nothing is built upon it.
    assert!(saved(&press(&mut state, Intent::FinishStep)).is_none());
    assert!(word(&state).contains("still being saved"), "{}", word(&state));
}

#[test]
fn what_makes_no_sense_is_refused_in_words_and_nothing_is_saved() {
    let mut state = open_on(workspace());
    press(&mut state, Intent::Last);
    assert!(saved(&press(&mut state, Intent::StartStep)).is_none());
    assert_eq!(word(&state), "poll waits for freeze, tests: finish or skip that first");
    assert!(saved(&press(&mut state, Intent::ResumeCount)).is_none());
    assert!(word(&state).contains("not held"));
    press(&mut state, Intent::CheckStep);
    assert!(word(&state).contains("waits for"), "{}", word(&state));
}

#[test]
fn a_step_is_skipped_with_a_reason_and_not_without() {
    let mut state = open_on(workspace());
    press(&mut state, Intent::SkipStep);
    assert_eq!(state.context(), Context::Typing);
    assert!(saved(&press(&mut state, Intent::Open)).is_none());
    let asking = view(&state).unwrap().asking.clone().unwrap();
    assert_eq!(asking.trouble.as_deref(), Some("say why"));
    type_text(&mut state, "no freeze today");
    let effects = press(&mut state, Intent::Open);
    let patch = saved(&effects).unwrap();
    assert_eq!(patch.title, "checkout-4.2: skip freeze");
    assert!(format!("{patch:?}").contains("no freeze today"));
    assert_eq!(state.context(), Context::RunOfShow);
}

#[test]
fn a_line_that_is_left_changes_nothing() {
    let mut state = open_on(workspace());
    press(&mut state, Intent::HoldCount);
    type_text(&mut state, "wait");
    let effects = press(&mut state, Intent::Back);
    assert!(saved(&effects).is_none() && view(&state).unwrap().asking.is_none());
    press(&mut state, Intent::Back);
    assert_eq!(state.overlays.len(), 0);
}

#[test]
fn the_count_is_held_and_goes_on() {
    let mut state = open_on(workspace());
    press(&mut state, Intent::HoldCount);
    type_text(&mut state, "ledger");
    let effects = press(&mut state, Intent::Open);
    assert!(matches!(&saved(&effects).unwrap().changes[0], Change::Add { list, .. } if list == "hold"));

    let mut held = workspace();
    let since = now(-10).wall;
    held.releases[0].show.holds = vec![Hold { since, until: None, by: None, reason: "ledger".into() }];
    let mut state = open_on(held);
    assert!(saved(&press(&mut state, Intent::StartStep)).is_none());
    assert!(word(&state).contains("the count is held"), "{}", word(&state));
    press(&mut state, Intent::HoldCount);
    assert!(view(&state).unwrap().asking.is_none() && word(&state).contains("already"));
    let effects = press(&mut state, Intent::ResumeCount);
    let change = &saved(&effects).unwrap().changes[0];
    assert!(
        matches!(change, Change::Set { place: Place::Nth(list, 0), key, .. } if list == "hold" && key == "until")
    );
}

#[test]
fn a_step_moves_to_a_time_that_reads_and_what_was_typed_stays_where_it_does_not() {
    let mut state = open_on(workspace());
    press(&mut state, Intent::MoveStep);
    type_text(&mut state, "x");
    assert!(saved(&press(&mut state, Intent::Open)).is_none());
    let asking = view(&state).unwrap().asking.clone().unwrap();
    assert_eq!(asking.line.text(), "T-1hx");
    assert!(asking.trouble.unwrap().contains("write T-7d"));
    let now = state.now;
    update(&mut state, now, Message::Typed(Typed::DeleteToStart));
    type_text(&mut state, "T-2d4h");
    let effects = press(&mut state, Intent::Open);
    assert_eq!(saved(&effects).unwrap().title, "checkout-4.2: move freeze to T-2d4h");
}

#[test]
fn a_query_that_holds_marks_its_step_done_once() {
    let mut state = open_on(workspace());
    let later = now(1);
    update(&mut state, later, Message::Tick);
    assert!(state.remotes.get(&question("tests")).is_some(), "asked because it is ready and looked at");
    assert!(state.remotes.get(&question("smoke")).is_none(), "a program never runs by itself");
    assert!(saved(&answer(&mut state, &question("tests"), checked(false))).is_none());
    update(&mut state, now(2), Message::Tick);
    let effects = answer(&mut state, &question("tests"), checked(true));
    let patch = saved(&effects).unwrap().clone();
    assert_eq!(patch.title, "checkout-4.2: tests done");
    assert!(format!("{patch:?}").contains("Text(\"check\")"));
    // The person takes it back: it is not done again behind their back.
    update(
        &mut state,
        now(2),
        Message::EditSaved { number: 1, inverse: Edit::Patch(patch), notices: vec![] },
    );
    update(&mut state, now(3), Message::Tick);
    assert!(saved(&answer(&mut state, &question("tests"), checked(true))).is_none());
}

#[test]
fn what_is_not_known_never_marks_a_step_done() {
    let mut state = open_on(workspace());
    update(&mut state, now(1), Message::Tick);
    let failure = Failure::new(FailureKind::NotFound, "no series", "look at the query");
    assert!(saved(&answer(&mut state, &question("tests"), Err(failure))).is_none());
    let known = state.workspace.releases[0].show.step("tests").unwrap().clone();
    assert!(matches!(check_of(&state, "checkout-4.2", &known), crate::domain::Face::Failed(_)));

    // A step whose time has not come is not asked about, and not done by an answer that came late.
    let mut early = workspace();
    early.releases[0].show.steps[1].at = Some(CountTime::parse("T-10m").unwrap());
    let mut state = open_on(early);
    update(&mut state, now(1), Message::Tick);
    assert!(state.remotes.get(&question("tests")).is_none());
}

#[test]
fn a_held_count_marks_nothing_done_that_has_not_begun() {
    let mut held = workspace();
    let since = now(-5).wall;
    held.releases[0].show.holds = vec![Hold { since, until: None, by: None, reason: "ledger".into() }];
    held.releases[0].show.steps[1].at = Some(CountTime::parse("T-2h").unwrap());
    let mut state = open_on(held.clone());
    update(&mut state, now(1), Message::Tick);
    assert!(saved(&answer(&mut state, &question("tests"), checked(true))).is_none());
    // What runs goes on.
    held.releases[0].show.steps[1].started = Some(since);
    let mut state = open_on(held);
    update(&mut state, now(1), Message::Tick);
    assert!(saved(&answer(&mut state, &question("tests"), checked(true))).is_some());
}

#[test]
fn a_program_runs_only_after_the_person_saw_it_and_said_yes() {
    let mut state = open_on(workspace());
    press(&mut state, Intent::Down);
    press(&mut state, Intent::Down);
    let effects = press(&mut state, Intent::CheckStep);
    assert!(asked(&effects).is_empty());
    let about = view(&state).unwrap().asking.as_ref().unwrap().about.clone();
    assert_eq!(about, About::Run { step: "smoke".into(), command: "./smoke 4.2.0".into() });
    type_text(&mut state, "; rm -rf /");
    let effects = press(&mut state, Intent::Open);
    assert_eq!(asked(&effects), [&question("smoke")]);
    // Looking elsewhere does not end it, and nothing asks it again.
    press(&mut state, Intent::Back);
    let effects = update(&mut state, now(1), Message::Tick);
    assert!(!effects.contains(&Effect::Cancel(question("smoke"))));
    let effects = answer(&mut state, &question("smoke"), checked(true));
    assert_eq!(saved(&effects).unwrap().title, "checkout-4.2: smoke done");
    for minutes in [2, 30, 300] {
        let effects = update(&mut state, now(minutes), Message::Tick);
        assert!(!asked(&effects).contains(&&question("smoke")));
    }
    let effects = press(&mut state, Intent::Refresh);
    assert!(!asked(&effects).contains(&&question("smoke")));
}

#[test]
fn a_program_that_fails_is_said_and_marks_nothing() {
    let mut state = open_on(workspace());
    press(&mut state, Intent::Down);
    press(&mut state, Intent::Down);
    press(&mut state, Intent::CheckStep);
    press(&mut state, Intent::Open);
    let failure = Failure::new(FailureKind::Command, "it took longer than 15s", "run it by hand");
    assert!(saved(&answer(&mut state, &question("smoke"), Err(failure))).is_none());
    assert!(word(&state).starts_with("smoke is not known: it took longer"), "{}", word(&state));
}

#[test]
fn a_read_only_workspace_is_only_looked_at() {
    let mut read_only = workspace();
    read_only.origin = Origin::Git("/srv".into());
    let mut state = open_on(read_only);
    for intent in [Intent::StartStep, Intent::SkipStep, Intent::HoldCount, Intent::MoveStep] {
        assert!(saved(&press(&mut state, intent)).is_none());
        assert!(word(&state).contains("read-only") && view(&state).unwrap().asking.is_none());
    }
}

#[test]
fn the_war_room_and_the_list_are_a_key_apart_and_go_away_together() {
    let mut state = open_on(workspace());
    press(&mut state, Intent::ShowWarRoom);
    assert_eq!(state.context(), Context::WarRoom);
    let effects = update(&mut state, now(1), Message::Tick);
    assert!(
        asked(&effects).iter().any(|question| matches!(question, Question::Alerts { .. }))
            || state.remotes.get(&Question::Alerts { backend: "prometheus".into() }).is_some()
    );
    press(&mut state, Intent::ShowRunOfShow);
    assert_eq!(state.context(), Context::RunOfShow);
    press(&mut state, Intent::ShowRunOfShow);
    assert!(state.overlays.is_empty());
    state.release = None;
    press(&mut state, Intent::ShowRunOfShow);
    assert!(state.overlays.is_empty() || state.calendar.selected.is_some());
}

#[test]
fn a_count_near_t_0_ticks_and_one_that_is_not_looked_at_does_not() {
    let mut state = open_on(workspace());
    assert!(ticks(&state));
    let earlier = Now { wall: now(0).wall - TimeDelta::days(3), ..now(0) };
    state.now = earlier;
    assert!(!ticks(&state));
    state.overlays.clear();
    assert!(!ticks(&state));
}

#[test]
fn what_is_on_screen_can_be_had_as_json() {
    let state = open_on(workspace());
    let json = snapshot(&state).unwrap();
    assert_eq!(json["t"], "T-01:00:00");
    assert_eq!(json["steps"].as_array().unwrap().len(), 4);
    assert_eq!(json["steps"][3]["state"], "planned");
    assert!(json["steps"][1]["check_holds"].is_null());
}

#[test]
fn the_next_release_that_has_a_run_of_show_is_a_key_away() {
    let mut more = workspace();
    let mut later = more.releases[0].clone();
    later.id = "web-5".into();
    later.stages[0].start += TimeDelta::days(1);
    let bare = samples::release("bare", &[], later.stages.clone());
    more.releases.splice(0..0, [bare]);
    more.releases.push(later);
    let mut state = open_on(more);
    let mut releases = Vec::new();
    for _ in 0..3 {
        press(&mut state, Intent::NextPeriod);
        releases.push(view(&state).unwrap().release.clone());
    }
    assert_eq!(releases, ["web-5", "checkout-4.2", "web-5"]);
    assert_eq!(state.release.as_deref(), Some("web-5"), "the other panels follow");
}
