//! Steps of a run of show, added, changed and taken out by form, key by key.

use std::sync::Arc;

use chrono_tz::Tz;

use super::*;
use crate::app::message::Typed;
use crate::app::state::Look;
use crate::app::{Effect, Intent, ListId, Message, Overlay, State, show, update};
use crate::domain::condition::Condition;
use crate::domain::show::{Check, CountTime, Step};
use crate::domain::{Change, Now, Patch, Place, PlanFile, Value, samples};

fn now() -> Now {
    Now { wall: "2026-11-25T13:00:00Z".parse().unwrap(), ..Now::default() }
}

fn step(id: &str, at: &str, after: &[&str]) -> Step {
    Step {
        id: id.into(),
        title: format!("Do {id}"),
        at: (!at.is_empty()).then(|| CountTime::parse(at).unwrap()),
        after: after.iter().map(|id| (*id).to_owned()).collect(),
        ..Step::default()
    }
}

/// T-0 is at 14:00; it is 13:00.
fn workspace() -> Workspace {
    let stage = samples::stage("production", "2026-11-25T14:00:00Z", "2026-11-25T16:00:00Z");
    let mut release = samples::release("checkout-4.2", &[("checkout", "4.2.0")], vec![stage]);
    let argv = vec!["./smoke".to_owned(), "--text=all is well".to_owned()];
    let until = Condition::parse("== 0").unwrap();
    release.show.steps = vec![
        Step { owner: Some("mira".into()), ..step("freeze", "T-2d", &[]) },
        Step {
            check: Some(Check::Query { query: "failed".into(), until }),
            ..step("tests", "", &["freeze"])
        },
        Step { check: Some(Check::Command { argv, timeout: None }), ..step("smoke", "T-1h", &["tests"]) },
        step("poll", "", &["smoke"]),
    ];
    Workspace {
        releases: vec![release],
        origin: crate::domain::workspace::Origin::Files("/w".into()),
        ..Workspace::default()
    }
}

fn load(state: &mut State, workspace: Workspace) {
    update(state, now(), Message::WorkspaceLoaded(Arc::new(workspace), Vec::new()));
}

/// The run of show, with one of its steps selected.
fn open(selected: &str) -> State {
    let mut state = State::new(now(), Tz::UTC, Look::default());
    load(&mut state, workspace());
    state.release = Some("checkout-4.2".into());
    want(&mut state, Intent::ShowRunOfShow);
    show::select_step(&mut state, selected.to_owned());
    state
}

fn want(state: &mut State, intent: Intent) -> Vec<Effect> {
    update(state, now(), Message::Intent(intent))
}

fn types(state: &mut State, text: &str) {
    for character in text.chars() {
        update(state, now(), Message::Typed(Typed::Character(character)));
    }
}

fn form(state: &State) -> &Form {
    match state.overlays.last() {
        Some(Overlay::Form(form)) => form,
        other => panic!("no form: {other:?}"),
    }
}

/// Types a field anew; what is offered is not taken.
fn fill(state: &mut State, name: Name, text: &str) {
    let index = form(state).at(name, None).unwrap();
    want(state, Intent::SelectRow(ListId::Form, index));
    update(state, now(), Message::Typed(Typed::End));
    update(state, now(), Message::Typed(Typed::DeleteToStart));
    types(state, text);
    if form(state).popup.is_some() {
        want(state, Intent::Back);
    }
}

fn said(state: &State, name: Name) -> String {
    let said = &form(state).fields[form(state).at(name, None).unwrap()].said;
    said.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join("; ")
}

fn patch(effects: &[Effect]) -> (u64, Patch) {
    match effects {
        [Effect::Save { number, edit: Edit::Patch(patch) }] => (*number, patch.clone()),
        other => panic!("{other:?}"),
    }
}

fn set(id: &str, key: &str, value: Option<Value>) -> Change {
    Change::Set { place: Place::Id("step".into(), id.into()), key: key.into(), value }
}

#[test]
fn a_step_is_added_and_looked_at() {
    let mut state = open("poll");
    want(&mut state, Intent::AddStep);
    assert_eq!(form(&state).title(), "New step of checkout-4.2");
    fill(&mut state, Name::Title, "Warm the caches");
    fill(&mut state, Name::At, "t-90m");
    assert!(said(&state, Name::At).contains("12:30 UTC"), "{}", said(&state, Name::At));
    // The steps that are there are offered, one after the other.
    fill(&mut state, Name::After, "");
    types(&mut state, "smo");
    assert_eq!(form(&state).popup.as_ref().map(|popup| popup.words.clone()), Some(vec!["smoke".to_owned()]));
    want(&mut state, Intent::Open);
    fill(&mut state, Name::Duration, "15m");
    fill(&mut state, Name::Run, "./warm 'all of them' {{version}}");
    assert_eq!(said(&state, Name::Run), "3 words, no shell: ./warm · all of them · {{version}}");
    let (number, patch) = patch(&want(&mut state, Intent::SaveForm));
    assert_eq!(patch.title, "checkout-4.2: add warm-the-caches");
    assert_eq!(patch.file, PlanFile::Release("checkout-4.2".into()));
    let run = Value::words(["./warm", "all of them", "{{version}}"]);
    let table = [
        ("id", Value::text("warm-the-caches")),
        ("title", Value::text("Warm the caches")),
        ("at", Value::text("T-1h30m")),
        ("after", Value::words(["smoke"])),
        ("duration", Value::text("15m")),
        ("check", Value::Inline(vec![("run".into(), run)])),
    ];
    let table = table.map(|(key, value)| (key.to_owned(), value)).to_vec();
    assert_eq!(patch.changes, [Change::Add { list: "step".into(), table }]);
    saved(&mut state, number);
    assert_eq!(show::view(&state).unwrap().selected.as_deref(), Some("warm-the-caches"));
}

#[test]
fn only_what_changed_is_written() {
    let mut state = open("smoke");
    want(&mut state, Intent::EditSelected);
    assert_eq!(form(&state).value(Name::Run, None), "./smoke '--text=all is well'");
    fill(&mut state, Name::At, "T-30m");
    fill(&mut state, Name::After, "");
    let (_, patch) = patch(&want(&mut state, Intent::SaveForm));
    assert_eq!(patch.title, "checkout-4.2: change smoke: at, after");
    assert_eq!(patch.changes, [set("smoke", "at", Some(Value::text("T-30m"))), set("smoke", "after", None)]);
    let mut state = open("smoke");
    want(&mut state, Intent::EditSelected);
    assert_eq!(want(&mut state, Intent::SaveForm), []);
    assert_eq!(state.notice.unwrap().text, "nothing changed");
}

#[test]
fn a_check_becomes_another() {
    let mut state = open("tests");
    want(&mut state, Intent::EditSelected);
    fill(&mut state, Name::Query, "");
    fill(&mut state, Name::Until, "");
    fill(&mut state, Name::Run, "./ci");
    fill(&mut state, Name::Timeout, "2m");
    let (_, patch) = patch(&want(&mut state, Intent::SaveForm));
    let check = vec![("run".into(), Value::words(["./ci"])), ("timeout".into(), Value::text("2m"))];
    assert_eq!(patch.changes, [set("tests", "check", Some(Value::Inline(check)))]);
}

#[test]
fn what_is_wrong_is_said_in_place() {
    for (name, typed, words) in [
        (Name::After, "poll", "these would wait for each other: freeze, tests, smoke, poll: take one out"),
        (Name::After, "freeze", "it would wait for itself: take it out"),
        (Name::After, "smoek", "there is no step `smoek`: did you mean `smoke`?"),
        (Name::At, "2d", "`2d` is not a time on the count: write T-7d, T-2d4h, T-30m, T-0 or T+72h"),
        (Name::Run, "./a 'b", "a quote is not closed: write './my smoke' --env production"),
        (Name::Run, "./a {{verison}}", "unknown template {{verison}}: did you mean {{version}}?"),
        (Name::Until, "zero", "`until` is `zero`: write < 0.01, <= 5, == 1, != 0, >= 2 or > 0"),
        (Name::Timeout, "2m", "only a program takes so long: empty this, or name the program"),
    ] {
        let mut state = open("freeze");
        want(&mut state, Intent::EditSelected);
        fill(&mut state, name, typed);
        assert_eq!(form(&state).wrongs(), [(name, words)], "{typed}");
        assert_eq!(want(&mut state, Intent::SaveForm), [], "{typed}");
    }
    let mut state = open("freeze");
    want(&mut state, Intent::EditSelected);
    fill(&mut state, Name::Query, "up");
    assert_eq!(form(&state).wrongs(), [], "what was not typed yet is not wrong yet");
    assert_eq!(want(&mut state, Intent::SaveForm), []);
    assert_eq!(
        form(&state).wrongs(),
        [(Name::Until, "what must its answer meet? Write == 0, < 0.01 or >= 2")]
    );
    fill(&mut state, Name::Run, "./a");
    let words = "a check asks or runs, not both: empty this, or the query above";
    assert_eq!(form(&state).wrongs(), [(Name::Run, words)]);
    // One that neither has a time nor waits for anything begins never.
    let mut state = open("freeze");
    want(&mut state, Intent::EditSelected);
    fill(&mut state, Name::At, "");
    assert_eq!(want(&mut state, Intent::SaveForm), []);
    assert!(said(&state, Name::At).starts_with("it would begin never: write T-2d, T-30m or T+1h"));
}

#[test]
fn an_id_that_is_taken_is_not_taken_again() {
    let mut state = open("freeze");
    want(&mut state, Intent::AddStep);
    fill(&mut state, Name::Id, "smoke");
    assert_eq!(said(&state, Name::Id), "the step smoke is already there: choose another id, smoke-2");
    fill(&mut state, Name::Id, "two words");
    assert!(said(&state, Name::Id).contains("cannot be an id"), "{}", said(&state, Name::Id));
    // Nor is one that is made from the title.
    fill(&mut state, Name::Id, "");
    fill(&mut state, Name::Title, "Smoke");
    assert_eq!(said(&state, Name::Id), "smoke-2");
    fill(&mut state, Name::At, "T-0");
    let (_, patch) = patch(&want(&mut state, Intent::SaveForm));
    assert_eq!(patch.title, "checkout-4.2: add smoke-2");
}

#[test]
fn a_step_goes_by_its_id_and_who_waited_for_it_goes_on() {
    let mut state = open("freeze");
    want(&mut state, Intent::Remove);
    let about = form(&state).about.join("\n");
    assert!(about.contains("tests waits for nothing any more: it begins at T-2d."), "{about}");
    types(&mut state, "free");
    assert_eq!(want(&mut state, Intent::SaveForm), []);
    types(&mut state, "ze");
    let (number, removal) = patch(&want(&mut state, Intent::Open));
    assert_eq!(
        removal.changes,
        [
            set("tests", "after", None),
            set("tests", "at", Some(Value::text("T-2d"))),
            Change::Remove { place: Place::Id("step".into(), "freeze".into()) },
        ]
    );
    saved(&mut state, number);
    assert_eq!(show::view(&state).unwrap().selected.as_deref(), Some("tests"), "the list keeps its place");
    let mut state = open("tests");
    want(&mut state, Intent::Remove);
    types(&mut state, "tests");
    let (_, removal) = patch(&want(&mut state, Intent::Open));
    assert_eq!(removal.changes[0], set("smoke", "after", Some(Value::words(["freeze"]))));
    assert_eq!(removal.changes.len(), 2, "{:?}", removal.changes);
}

#[test]
fn the_file_changes_under_the_form() {
    let mut state = open("smoke");
    want(&mut state, Intent::EditSelected);
    fill(&mut state, Name::At, "T-30m");
    let mut changed = workspace();
    changed.releases[0].show.steps[2].at = Some(CountTime::parse("T-45m").unwrap());
    changed.releases[0].show.steps[2].owner = Some("ana".into());
    load(&mut state, changed);
    assert_eq!(form(&state).value(Name::Owner, None), "ana", "what was not touched follows the file");
    assert_eq!(form(&state).value(Name::At, None), "T-30m", "what was typed stays");
    assert!(said(&state, Name::At).contains("the file says T-45m by now"), "{}", said(&state, Name::At));
    let (_, patch) = patch(&want(&mut state, Intent::SaveForm));
    assert_eq!(patch.changes, [set("smoke", "at", Some(Value::text("T-30m")))]);
    // A step that is gone cannot be saved, and nothing typed is lost.
    let mut state = open("poll");
    want(&mut state, Intent::EditSelected);
    fill(&mut state, Name::Title, "Go?");
    let mut gone = workspace();
    gone.releases[0].show.steps.pop();
    load(&mut state, gone);
    assert!(form(&state).news[0].contains("poll is gone from releases/checkout-4.2.toml"));
    assert_eq!(form(&state).value(Name::Title, None), "Go?");
    // Another form of the same file counts on what is there now.
    let mut state = open("poll");
    want(&mut state, Intent::AddStep);
    let mut more = workspace();
    more.releases[0].show.steps.push(step("caches", "T-1h", &[]));
    load(&mut state, more);
    fill(&mut state, Name::Id, "caches");
    assert!(said(&state, Name::Id).contains("already there"), "{}", said(&state, Name::Id));
}

#[test]
fn the_first_step_is_added_to_a_release_that_has_none() {
    let mut empty = workspace();
    empty.releases[0].show.steps.clear();
    let mut state = open("poll");
    load(&mut state, empty);
    assert!(show::reckoning(&state, "checkout-4.2").unwrap_err().starts_with("a adds its first step"));
    want(&mut state, Intent::EditSelected);
    assert_eq!(state.notice.as_ref().unwrap().text, "there is no step yet: a adds the first");
    want(&mut state, Intent::AddStep);
    fill(&mut state, Name::Title, "Freeze");
    fill(&mut state, Name::At, "T-2d");
    let (_, patch) = patch(&want(&mut state, Intent::SaveForm));
    assert_eq!(patch.title, "checkout-4.2: add freeze");
}
