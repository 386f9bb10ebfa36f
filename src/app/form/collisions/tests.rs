use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;

use super::*;
use crate::app::calendar::conflicts::Job;
use crate::app::form::{Name, edit_release, snapshot};
use crate::app::message::Typed;
use crate::app::state::Look;
use crate::app::{Effect, Intent, ListId, Message, update};
use crate::domain::conflicts::Code;
use crate::domain::window::WallTime;
use crate::domain::workspace::{Origin, VersionsSource};
use crate::domain::{Environment, Now, WindowKind, Workspace, samples};

fn now() -> Now {
    Now { wall: "2026-11-25T08:00:00Z".parse().unwrap(), mono: Duration::from_secs(100) }
}

/// Two releases of `checkout` on Wednesday and Friday, and a freeze of Thursday from noon.
fn workspace() -> Workspace {
    let mut freeze = samples::window("year-end", WindowKind::Freeze);
    let local = |text: &str| WallTime::Local(text.parse().unwrap());
    (freeze.start, freeze.end) = (local("2026-11-26T12:00:00"), local("2026-11-27T00:00:00"));
    let on =
        |day: &str| samples::stage("production", &format!("{day}T13:00:00Z"), &format!("{day}T15:00:00Z"));
    let production =
        Environment { id: "production".into(), regions: Vec::new(), capacity: None, versions: None };
    Workspace {
        environments: vec![production],
        services: vec![samples::service("checkout", &[]), samples::service("payments", &[])],
        releases: vec![
            samples::release("checkout-4.2", &[("checkout", "4.2.0")], vec![on("2026-11-25")]),
            samples::release("checkout-4.3", &[("checkout", "4.3.0")], vec![on("2026-11-27")]),
        ],
        windows: vec![freeze],
        origin: Origin::Files("/w".into()),
        ..Workspace::default()
    }
}

fn pass(state: &mut State, message: Message) -> Vec<Effect> {
    let effects = update(state, now(), message);
    for effect in &effects {
        if let Effect::Judge(job) = effect {
            answer(state, job);
        }
    }
    effects
}

fn answer(state: &mut State, job: &Job) {
    let judged = Message::Judged { number: job.number, result: Ok(Judgement::of(job)) };
    pass(state, judged);
}

fn opening() -> State {
    State::new(now(), Tz::UTC, Look::default())
}

fn open(workspace: Workspace) -> State {
    let mut state = opening();
    pass(&mut state, Message::WorkspaceLoaded(Arc::new(workspace), Vec::new()));
    state
}

fn want(state: &mut State, intent: Intent) -> Vec<Effect> {
    pass(state, Message::Intent(intent))
}

fn types(state: &mut State, text: &str) {
    for character in text.chars() {
        pass(state, Message::Typed(Typed::Character(character)));
    }
}

fn retype(state: &mut State, text: &str) {
    pass(state, Message::Typed(Typed::End));
    pass(state, Message::Typed(Typed::DeleteToStart));
    types(state, text);
}

fn fill(state: &mut State, name: Name, text: &str) {
    let index = form(state).fields.iter().position(|field| field.name == name).unwrap();
    want(state, Intent::SelectRow(ListId::Form, index));
    retype(state, text);
    want(state, Intent::NextField);
}

fn form(state: &State) -> &Form {
    match state.overlays.last() {
        Some(Overlay::Form(form)) => form,
        other => panic!("no form: {other:?}"),
    }
}

fn told(state: &State) -> Vec<(Code, String)> {
    let telling = tell(state, form(state)).expect("there is something to judge");
    telling.entries.iter().map(|entry| (entry.conflict.code, entry.head.clone())).collect()
}

fn unknown(state: &State) -> Vec<String> {
    tell(state, form(state)).map(|telling| telling.unknown).unwrap_or_default()
}

const FROZEN: &str = "freeze year-end  production  Thu 26 Nov 12:00–14:00 UTC";

#[test]
fn a_line_typed_into_a_freeze_tells_it_with_its_overlap_and_a_day_out_of_it_clears_it() {
    let mut state = open(workspace());
    want(&mut state, Intent::QuickAdd);
    types(&mut state, "payments 8.1 production thu");
    assert_eq!(tell(&state, form(&state)), None, "nothing can be judged yet");
    types(&mut state, " 11:00-14:00");
    assert_eq!(told(&state), [(Code::Freeze, FROZEN.to_owned())]);
    assert_eq!(unknown(&state), [""; 0]);
    let telling = tell(&state, form(&state)).unwrap();
    assert_eq!(telling.entries[0].words, "lies in the freeze year-end for 120 min");
    assert_eq!(telling.counted().as_deref(), Some("1 block"));
    retype(&mut state, "payments 8.1 production wed 16:00-18:00");
    assert_eq!(told(&state), []);
    // It is told, and nothing is asked.
    retype(&mut state, "payments 8.1 production thu 11:00-14:00");
    let effects = want(&mut state, Intent::Open);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Save { .. })), "{effects:?}");
}

#[test]
fn the_stages_of_a_new_release_are_judged_as_soon_as_they_read() {
    let mut state = open(workspace());
    want(&mut state, Intent::NewRelease);
    assert_eq!(tell(&state, form(&state)), None);
    fill(&mut state, Name::Environment, "production");
    fill(&mut state, Name::Start, "2026-11-26 11:00");
    fill(&mut state, Name::End, "14:00");
    // A release that has no services yet, and so no name, lies in a freeze all the same.
    assert_eq!(told(&state), [(Code::Freeze, FROZEN.to_owned())]);
    want(&mut state, Intent::AddPart);
    assert_eq!(unknown(&state).len(), 1, "the stage that does not read yet is not called clear");
    want(&mut state, Intent::RemovePart);
    fill(&mut state, Name::Start, "2026-11-25 14:00");
    fill(&mut state, Name::End, "16:00");
    assert_eq!(told(&state), []);
    fill(&mut state, Name::Items, "checkout@4.4.0");
    let same = "same-service checkout-4.2  production  Wed 25 Nov 14:00–15:00 UTC";
    assert_eq!(told(&state), [(Code::SameService, same.to_owned())]);
}

#[test]
fn a_release_that_is_changed_does_not_collide_with_itself() {
    let mut state = open(workspace());
    edit_release(&mut state, "checkout-4.2", 0);
    pass(&mut state, Message::Tick);
    assert_eq!(told(&state), []);
    fill(&mut state, Name::Start, "2026-11-25 14:00");
    assert_eq!(told(&state), [], "nor with where it was");
    fill(&mut state, Name::Start, "2026-11-27 14:00");
    let same = "same-service checkout-4.3  production  Fri 27 Nov 14:00–15:00 UTC";
    assert_eq!(told(&state), [(Code::SameService, same.to_owned())]);
    fill(&mut state, Name::Start, "2026-11-26 14:00");
    assert_eq!(told(&state)[0].0, Code::Freeze);
}

#[test]
fn blocks_come_before_warnings() {
    let mut plan = workspace();
    plan.releases[0].owner = Some("mira".into());
    let mut state = open(plan);
    want(&mut state, Intent::QuickAdd);
    types(&mut state, "payments 8.1 production wed 14:00 for 30h @mira");
    let codes: Vec<Code> = told(&state).into_iter().map(|(code, _)| code).collect();
    // The warning begins a day earlier.
    assert_eq!(codes, [Code::Freeze, Code::OwnerOverlap]);
}

#[test]
fn what_is_not_known_is_said_and_never_called_clear() {
    let mut state = opening();
    let effects = update(&mut state, now(), Message::WorkspaceLoaded(Arc::new(workspace()), Vec::new()));
    update(&mut state, now(), Message::Intent(Intent::QuickAdd));
    for character in "payments 8.1 production thu 11:00-14:00".chars() {
        update(&mut state, now(), Message::Typed(Typed::Character(character)));
    }
    let telling = tell(&state, form(&state)).unwrap();
    assert_eq!((telling.standing, telling.entries.len()), (Standing::Unknown, 0));
    assert!(telling.unknown[0].contains("not known yet"), "{:?}", telling.unknown);
    // The answer comes while it is typed.
    let job = effects.iter().find_map(|effect| match effect {
        Effect::Judge(job) => Some(job),
        _ => None,
    });
    answer(&mut state, job.unwrap());
    assert_eq!(told(&state), [(Code::Freeze, FROZEN.to_owned())]);
    assert_eq!(unknown(&state), [""; 0]);
}

#[test]
fn a_window_that_does_not_read_and_what_runs_where_nobody_answers_are_said() {
    let mut plan = workspace();
    let mut broken = samples::window("broken", WindowKind::Freeze);
    broken.repeat = Some("FREQ=NEVER".into());
    plan.windows.push(broken);
    plan.environments[0].versions = Some(VersionsSource::Query { backend: None, query: "deployed".into() });
    plan.services =
        vec![samples::service("checkout", &[("payments", "^4.1")]), samples::service("payments", &[])];
    let mut state = open(plan);
    want(&mut state, Intent::QuickAdd);
    types(&mut state, "checkout 4.4 production mon 11:00-14:00");
    let unknown = unknown(&state);
    assert!(unknown.iter().any(|it| it.starts_with("window broken: ")), "{unknown:?}");
    assert!(unknown.contains(&"what runs in production is not known: no answer yet".into()), "{unknown:?}");
}

#[test]
fn the_first_release_of_an_empty_plan_is_judged_too() {
    let mut state = open(Workspace { releases: Vec::new(), ..workspace() });
    assert_eq!(state.calendar.conflicts.judgement(), None);
    want(&mut state, Intent::QuickAdd);
    types(&mut state, "payments 8.1 production thu 11:00-14:00");
    assert_eq!(told(&state), [(Code::Freeze, FROZEN.to_owned())]);
}

#[test]
fn nothing_is_judged_again_while_nothing_changes() {
    let mut state = open(workspace());
    want(&mut state, Intent::QuickAdd);
    types(&mut state, "payments 8.1 production thu 11:00-14:00");
    let before = form(&state).collisions.as_ref().unwrap().found.as_ptr();
    pass(&mut state, Message::Tick);
    types(&mut state, " ");
    pass(&mut state, Message::Typed(Typed::Left));
    assert_eq!(form(&state).collisions.as_ref().unwrap().found.as_ptr(), before);
}

#[test]
fn what_lies_years_away_is_not_judged_at_every_key_and_that_is_said() {
    let mut state = open(workspace());
    want(&mut state, Intent::NewRelease);
    fill(&mut state, Name::Environment, "production");
    fill(&mut state, Name::Start, "2026-11-26 11:00");
    fill(&mut state, Name::End, "2999-11-26 11:00");
    let draft = form(&state).draft.as_ref().unwrap();
    assert_eq!((draft.release.stages.len(), draft.unread), (0, 1));
}

#[test]
fn an_open_form_is_in_the_json_of_the_screen() {
    let mut state = open(workspace());
    assert_eq!(snapshot(&state), None);
    want(&mut state, Intent::QuickAdd);
    types(&mut state, "payments 8.1 production thu 11:00-14:00");
    let effects = want(&mut state, Intent::CopyJson);
    let [Effect::Copy(text)] = effects.as_slice() else { panic!("{effects:?}") };
    let screen: serde_json::Value = serde_json::from_str(text).unwrap();
    let shown = &screen["form"];
    assert_eq!(shown["kind"], "quick-add");
    assert_eq!(shown["fields"][0]["text"], "payments 8.1 production thu 11:00-14:00");
    assert_eq!(shown["conflicts"]["standing"], "judged");
    let found = &shown["conflicts"]["found"][0];
    assert_eq!((&found["code"], &found["severity"]), (&"freeze".into(), &"block".into()));
    assert_eq!(found["start"], "2026-11-26T12:00:00Z");
    assert_eq!(found["end"], "2026-11-26T14:00:00Z");
    retype(&mut state, "paymints 8.1 production thu 11:00-14:00");
    let shown = snapshot(&state).unwrap();
    assert!(!shown["fields"][0]["errors"][0].as_str().unwrap().is_empty(), "{shown}");
    assert!(shown["conflicts"].is_null());
}
