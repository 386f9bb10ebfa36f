//! Versions nobody planned, adopting, and dates that go to the tracker, played message by message.

use std::sync::Arc;

use chrono_tz::Tz;

use super::*;
use crate::app::calendar::What;
use crate::app::message::Typed;
use crate::app::state::Look;
use crate::app::{Intent, Message, Overlay};
use crate::domain::samples::{release, service, stage};
use crate::domain::workspace::{BackendConfig, BackendKind, Origin};
use crate::domain::{Environment, Failure, FailureKind, Now, Release, Workspace};

fn now() -> Now {
    Now { wall: "2026-11-24T09:00:00Z".parse().unwrap(), ..Now::default() }
}

fn version(name: &str, date: Option<&str>) -> TrackerVersion {
    TrackerVersion {
        id: name.into(),
        name: name.into(),
        release_date: date.map(|date| date.parse().unwrap()),
        ..TrackerVersion::default()
    }
}

fn planned() -> Release {
    Release {
        tracker: TrackerRef::parse("jira:PAY/4.2.0"),
        ..release(
            "checkout-4.2",
            &[("checkout", "4.2.0")],
            vec![stage("production", "2026-11-25T10:00:00Z", "2026-11-25T12:00:00Z")],
        )
    }
}

fn workspace(releases: Vec<Release>) -> Workspace {
    let environment =
        Environment { id: "production".into(), regions: Vec::new(), capacity: None, versions: None };
    let mut jira = BackendConfig::new("jira", BackendKind::Jira);
    jira.projects = vec!["PAY".into()];
    Workspace {
        environments: vec![environment],
        services: vec![service("checkout", &[])],
        backends: vec![jira],
        releases,
        origin: Origin::Files("/nowhere".into()),
        ..Workspace::default()
    }
}

/// A cockpit on the plan, with what the tracker answered.
fn opened(answer: Result<Vec<TrackerVersion>, Failure>) -> State {
    let mut state = State::new(now(), Tz::UTC, Look::default());
    let asked =
        update(&mut state, now(), Message::WorkspaceLoaded(Arc::new(workspace(vec![planned()])), vec![]));
    answer_versions(&mut state, &asked, answer);
    state
}

fn answer_versions(state: &mut State, effects: &[Effect], answer: Result<Vec<TrackerVersion>, Failure>) {
    let asked = effects.iter().find_map(|effect| match effect {
        Effect::Ask { question: question @ Question::TrackerVersions { .. }, generation } => {
            Some((question.clone(), *generation))
        }
        _ => None,
    });
    let (question, generation) = asked.expect("the versions were asked for");
    let result = answer.map(Answer::TrackerVersions);
    update(state, now(), Message::Answered { question, generation, result });
}

fn update(state: &mut State, now: Now, message: Message) -> Vec<Effect> {
    crate::app::update(state, now, message)
}

fn press(state: &mut State, intent: Intent) -> Vec<Effect> {
    update(state, now(), Message::Intent(intent))
}

fn type_words(state: &mut State, words: &str) {
    update(state, now(), Message::Typed(Typed::Paste(words.into())));
}

fn down() -> Failure {
    Failure::new(FailureKind::Unreachable, "jira does not answer", "start it")
}

fn select(state: &mut State, name: &str) {
    let reference = TrackerRef { backend: "jira".into(), project: "PAY".into(), version: name.into() };
    let row = row(state, &reference).unwrap();
    let date = row.version.as_ref().and_then(|version| version.release_date).unwrap();
    crate::app::calendar::select_day(state, date, Selected::Version { reference });
}

fn phase(state: &State) -> &Phase {
    let Some(Overlay::Push(dialog)) = state.overlays.last() else { panic!("{:?}", state.overlays) };
    &dialog.phase
}

#[test]
fn a_version_that_nobody_planned_lies_on_its_own_date_in_every_zone() {
    let mut state =
        opened(Ok(vec![version("4.2.0", Some("2026-11-25")), version("4.3.0", Some("2026-11-27"))]));
    assert_eq!(state.tracker.unplanned.len(), 1);
    for zone in [Tz::UTC, Tz::Pacific__Kiritimati, Tz::Pacific__Honolulu] {
        state.zone = zone;
        update(&mut state, now(), Message::Tick);
        let timeline = &state.calendar.timeline;
        let marks = (0..timeline.len()).filter_map(|place| timeline.get(place));
        let days: Vec<_> = marks
            .filter(|mark| matches!(mark.what, What::Version(_)))
            .map(|mark| mark.start.with_timezone(&zone).to_string()[..16].to_owned())
            .collect();
        assert_eq!(days, ["2026-11-27 00:00"], "{zone}");
    }
}

#[test]
fn adopting_saves_a_draft_says_what_could_not_be_told_and_follows_it() {
    let mut state = opened(Ok(vec![version("checkout 5.0", Some("2026-11-27"))]));
    select(&mut state, "checkout 5.0");
    let effects = press(&mut state, Intent::AdoptVersion);
    let saved = effects.iter().find_map(|effect| match effect {
        Effect::Save { number, edit: Edit::AddRelease(new) } => Some((*number, new.clone())),
        _ => None,
    });
    let (number, new) = saved.expect("an edit is saved");
    assert_eq!((new.id.as_str(), new.status), ("checkout-5.0", crate::domain::Status::Draft));
    let inverse = Edit::Restore {
        file: crate::domain::PlanFile::Release(new.id.clone()),
        title: "add".into(),
        now: "written".into(),
        then: String::new(),
    };
    update(&mut state, now(), Message::EditSaved { number, inverse, notices: Vec::new() });
    let said = state.notice.as_ref().unwrap().text.clone();
    assert!(said.contains("saved") && said.contains("only the day is known"), "{said}");
    // The file is read: the draft is selected, and the version is offered no longer.
    let adopted = Release {
        tracker: TrackerRef::parse("jira:PAY/checkout 5.0"),
        ..release(
            "checkout-5.0",
            &[],
            vec![stage("production", "2026-11-27T10:00:00Z", "2026-11-27T11:00:00Z")],
        )
    };
    let company = workspace(vec![planned(), adopted]);
    update(&mut state, now(), Message::WorkspaceLoaded(Arc::new(company), vec![]));
    assert!(state.tracker.unplanned.is_empty());
    let stage = Selected::Stage { release: "checkout-5.0".into(), stage: 0 };
    assert_eq!(state.calendar.selected, Some(stage));
    // And one key takes it back.
    let undone = press(&mut state, Intent::Undo);
    assert!(matches!(&undone[0], Effect::Save { edit: Edit::Restore { .. }, .. }), "{undone:?}");
}

#[test]
fn a_date_is_sent_once_and_only_when_its_name_is_typed() {
    let mut state = opened(Ok(vec![version("4.2.0", Some("2026-11-20"))]));
    state.calendar.selected = Some(Selected::Stage { release: "checkout-4.2".into(), stage: 0 });
    assert_eq!(differences(&state, "checkout-4.2").len(), 1);
    press(&mut state, Intent::PushDate);
    assert_eq!(phase(&state), &Phase::Asking);
    type_words(&mut state, "pay/4.2.0");
    assert_eq!(press(&mut state, Intent::Open), []);
    assert_eq!(phase(&state), &Phase::Mistyped);
    update(&mut state, now(), Message::Typed(Typed::DeleteToStart));
    type_words(&mut state, "PAY/4.2.0");
    let sent = press(&mut state, Intent::Open);
    let [Effect::Push(push)] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!(push.release_date.to_string(), "2026-11-25");
    // Enter again, and p again, send nothing more.
    assert_eq!(press(&mut state, Intent::Open), []);
    press(&mut state, Intent::Back);
    press(&mut state, Intent::PushDate);
    assert!(state.overlays.is_empty() && state.notice.as_ref().unwrap().text.contains("on its way"));
    let outcome = Pushed::Written { now: push.wanted() };
    let asked = update(&mut state, now(), Message::Pushed(push.clone(), Box::new(outcome)));
    assert!(state.notice.as_ref().unwrap().text.contains("2026-11-25 in the tracker now"));
    // What is there now is asked at once.
    answer_versions(&mut state, &asked, Ok(vec![version("4.2.0", Some("2026-11-25"))]));
    assert!(differences(&state, "checkout-4.2").is_empty());
}

#[test]
fn leaving_the_window_sends_nothing() {
    let mut state = opened(Ok(vec![version("4.2.0", Some("2026-11-20"))]));
    state.calendar.selected = Some(Selected::Stage { release: "checkout-4.2".into(), stage: 0 });
    press(&mut state, Intent::PushDate);
    type_words(&mut state, "PAY/4.2.0");
    assert_eq!(press(&mut state, Intent::Back), []);
    assert!(state.overlays.is_empty() && !is_sending(&state));
}

#[test]
fn an_unknown_outcome_stays_in_sight_until_it_is_tried_again() {
    let mut state = opened(Ok(vec![version("4.2.0", Some("2026-11-20"))]));
    state.calendar.selected = Some(Selected::Stage { release: "checkout-4.2".into(), stage: 0 });
    press(&mut state, Intent::PushDate);
    type_words(&mut state, "PAY/4.2.0");
    let sent = press(&mut state, Intent::Open);
    let [Effect::Push(push)] = sent.as_slice() else { panic!("{sent:?}") };
    let outcome = Pushed::Unknown { why: Some(down()), now: Err(down()) };
    update(&mut state, now(), Message::Pushed(push.clone(), Box::new(outcome)));
    assert!(matches!(phase(&state), Phase::Ended(Pushed::Unknown { .. })));
    press(&mut state, Intent::Back);
    let details = crate::app::calendar::plain(&crate::app::calendar::details(&state));
    assert!(details.contains("what became of PAY/4.2.0 is not known"), "{details}");
}

#[test]
fn a_tracker_that_does_not_answer_is_never_good_news() {
    let mut state = opened(Err(down()));
    assert_eq!(news(&state).as_deref(), Some("◌ PAY of jira unreachable"));
    state.calendar.selected = Some(Selected::Stage { release: "checkout-4.2".into(), stage: 0 });
    press(&mut state, Intent::PushDate);
    assert!(state.overlays.is_empty());
    let said = &state.notice.as_ref().unwrap().text;
    assert!(said.contains("not known: unreachable"), "{said}");
}

#[test]
fn the_list_goes_to_a_version_and_adopts_one_without_a_date() {
    let mut state = opened(Ok(vec![
        version("4.2.0", Some("2026-11-20")),
        version("checkout 5.0", Some("2026-12-15")),
        version("later", None),
    ]));
    press(&mut state, Intent::ShowVersions);
    let names: Vec<&str> = state.tracker.rows.iter().map(|row| row.reference.version.as_str()).collect();
    assert_eq!(names, ["4.2.0", "checkout 5.0", "later"]);
    press(&mut state, Intent::Last);
    let adopted = press(&mut state, Intent::AdoptVersion);
    assert!(matches!(&adopted[0], Effect::Save { edit: Edit::AddRelease(new), .. } if new.stages.is_empty()));
    press(&mut state, Intent::Up);
    press(&mut state, Intent::Open);
    assert!(state.overlays.is_empty());
    assert!(
        matches!(&state.calendar.selected, Some(Selected::Version { reference }) if reference.version == "checkout 5.0")
    );
    assert_eq!(crate::app::calendar::cursor(&state).to_string(), "2026-12-15");
}

#[test]
fn leaving_while_a_change_is_on_its_way_takes_a_second_word() {
    let mut state = opened(Ok(vec![version("4.2.0", Some("2026-11-20"))]));
    state.calendar.selected = Some(Selected::Stage { release: "checkout-4.2".into(), stage: 0 });
    press(&mut state, Intent::PushDate);
    type_words(&mut state, "PAY/4.2.0");
    press(&mut state, Intent::Open);
    assert_eq!(press(&mut state, Intent::Quit), []);
    assert!(state.notice.as_ref().unwrap().text.contains("on its way"));
    assert_eq!(press(&mut state, Intent::Quit), [Effect::Quit]);
}

#[test]
fn the_list_holds_on_to_a_version_while_its_date_changes() {
    let mut state =
        opened(Ok(vec![version("4.2.0", Some("2026-11-27")), version("5.0", Some("2026-11-26"))]));
    press(&mut state, Intent::ShowVersions);
    press(&mut state, Intent::Down);
    let held = |state: &State| {
        let Some(Overlay::Versions(list)) = state.overlays.last() else { panic!() };
        (list.selected, state.tracker.rows[list.selected].reference.version.clone())
    };
    assert_eq!(held(&state), (1, "4.2.0".to_owned()));
    state.overdue.extend(wanted(&state));
    let asked = update(&mut state, now(), Message::Tick);
    answer_versions(
        &mut state,
        &asked,
        Ok(vec![version("4.2.0", Some("2026-11-25")), version("5.0", Some("2026-11-26"))]),
    );
    assert_eq!(held(&state), (0, "4.2.0".to_owned()));
}
