//! Forms: empty, filled, with what is wrong, with what is offered.

use chrono_tz::Tz;
use tminus::app::form::{self, Name};
use tminus::app::message::Typed;
use tminus::app::{Effect, Intent, ListId, Message, Overlay, State, update};
use tminus::domain::window::WallTime;
use tminus::domain::{ChangeType, Window, WindowKind};

use crate::{assert_screens, draw, sample, text};

pub fn want(state: &mut State, intents: &[Intent]) {
    for intent in intents {
        let now = state.now;
        update(state, now, Message::Intent(*intent));
    }
}

pub fn types(state: &mut State, text: &str) {
    for character in text.chars() {
        let now = state.now;
        update(state, now, Message::Typed(Typed::Character(character)));
    }
}

/// Puts the focus on the n-th field of a name, from 0.
pub fn go_to(state: &mut State, name: Name, nth: usize) {
    let Some(Overlay::Form(form)) = state.overlays.last() else { panic!("no form") };
    let fields = form.fields.iter().enumerate().filter(|(_, field)| field.name == name);
    let (index, _) = fields.into_iter().nth(nth).unwrap();
    want(state, &[Intent::SelectRow(ListId::Form, index)]);
}

/// Types a field anew and goes on.
pub fn fill(state: &mut State, name: Name, nth: usize, text: &str) {
    go_to(state, name, nth);
    let now = state.now;
    update(state, now, Message::Typed(Typed::End));
    update(state, now, Message::Typed(Typed::DeleteToStart));
    types(state, text);
    want(state, &[Intent::NextField]);
}

#[test]
fn a_new_release_that_is_still_empty() {
    let mut state = sample::open();
    want(&mut state, &[Intent::NewRelease]);
    assert_screens("form-release-empty", &state);
}

#[test]
fn a_new_release_with_what_is_offered() {
    let mut state = sample::open();
    want(&mut state, &[Intent::NewRelease]);
    types(&mut state, "c");
    assert_screens("form-release-offers", &state);
}

#[test]
fn a_release_as_its_file_says() {
    let mut state = sample::open();
    want(&mut state, &[Intent::EditSelected]);
    assert_screens("form-release-filled", &state);
}

#[test]
fn a_release_with_what_is_wrong() {
    let mut state = sample::open();
    want(&mut state, &[Intent::NewRelease]);
    fill(&mut state, Name::Items, 0, "chekout@4.2.0");
    fill(&mut state, Name::Environment, 0, "producton");
    fill(&mut state, Name::Start, 0, "2026-03-29 02:30");
    fill(&mut state, Name::Soak, 0, "an hour");
    want(&mut state, &[Intent::SaveForm]);
    go_to(&mut state, Name::Start, 0);
    assert_screens("form-release-wrong", &state);
}

#[test]
fn notes_and_a_question_before_leaving() {
    let mut state = sample::open();
    want(&mut state, &[Intent::EditSelected]);
    go_to(&mut state, Name::Notes, 0);
    types(&mut state, "Support has the summary and calls back at noon.");
    want(&mut state, &[Intent::Open, Intent::Open]);
    types(
        &mut state,
        "If the ledger is slow: wait, it catches up within ten minutes after the first stage has begun.",
    );
    want(&mut state, &[Intent::Back]);
    assert_screens("form-release-notes", &state);
}

#[test]
fn forms_fit_any_size() {
    let mut state = sample::open();
    want(&mut state, &[Intent::EditSelected]);
    for size in [(60, 15), (61, 16), (80, 15), (60, 60), (300, 80)] {
        let shown = text(&draw(&state, size));
        assert!(shown.contains("environment") || shown.contains("start"), "{size:?}\n{shown}");
    }
}

/// The sample company with a freeze over the production stages.
fn frozen() -> State {
    let mut workspace = sample::workspace();
    workspace.windows = vec![Window {
        id: "thanksgiving".into(),
        kind: WindowKind::Freeze,
        title: "Thanksgiving".into(),
        start: WallTime::Local("2026-11-25T12:00:00".parse().unwrap()),
        end: WallTime::Local("2026-11-28T00:00:00".parse().unwrap()),
        time_zone: Tz::America__New_York,
        repeat: Some("FREQ=YEARLY".into()),
        environments: Some(vec!["production".into()]),
        services: None,
        regions: None,
        allow: vec![ChangeType::Emergency],
        hard: false,
        skip: Vec::new(),
        also: Vec::new(),
        uid: None,
        layer: None,
        branches: vec!["main".into()],
    }];
    sample::with(workspace)
}

#[test]
fn a_new_window_that_is_still_empty() {
    let mut state = sample::open();
    want(&mut state, &[Intent::NewWindow]);
    assert_screens("form-window-empty", &state);
}

#[test]
fn a_window_that_repeats_is_read_back() {
    let mut state = frozen();
    form::edit_window(&mut state, "thanksgiving");
    go_to(&mut state, Name::Repeats, 0);
    types(&mut state, "m");
    fill(&mut state, Name::Weekdays, 0, "last thu");
    go_to(&mut state, Name::Repeats, 0);
    assert_screens("form-window-repeats", &state);
}

#[test]
fn a_window_with_what_is_wrong() {
    let mut state = frozen();
    form::edit_window(&mut state, "thanksgiving");
    go_to(&mut state, Name::Repeats, 0);
    types(&mut state, "b");
    fill(&mut state, Name::Rule, 0, "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30");
    fill(&mut state, Name::Environments, 0, "produktion");
    want(&mut state, &[Intent::SaveForm]);
    assert_screens("form-window-wrong", &state);
}

#[test]
fn the_glass_before_it_is_broken() {
    let mut state = frozen();
    form::except(&mut state, "checkout-4.2", 2);
    fill(&mut state, Name::Reason, 0, "CVE in the payment library");
    fill(&mut state, Name::Expires, 0, "2026-11-25 21:00");
    fill(&mut state, Name::Confirm, 0, "checkout-4.1");
    go_to(&mut state, Name::Expires, 0);
    assert_screens("form-exception", &state);
}

#[test]
fn the_line_before_it_is_stopped() {
    let mut state = sample::open();
    want(&mut state, &[Intent::StopTheLine]);
    types(&mut state, "Payments lose money");
    fill(&mut state, Name::Until, 0, "18:00");
    want(&mut state, &[Intent::SaveForm]);
    assert_screens("form-stop", &state);
}

#[test]
fn a_release_before_it_is_cancelled_and_a_window_before_it_goes() {
    let mut state = frozen();
    form::cancel_release(&mut state, "checkout-4.2");
    assert_screens("form-cancel", &state);
    want(&mut state, &[Intent::Back]);
    form::remove_window(&mut state, "thanksgiving");
    assert_screens("form-remove", &state);
}

#[test]
fn a_save_that_failed_keeps_everything() {
    let mut state = sample::open();
    want(&mut state, &[Intent::EditSelected]);
    fill(&mut state, Name::Title, 0, "Checkout 4.2, the big one");
    let now = state.now;
    let effects = update(&mut state, now, Message::Intent(Intent::SaveForm));
    let [Effect::Save { number, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    let why = "releases/checkout-4.2.toml: No space left on device (os error 28): free some space; nothing was lost";
    update(&mut state, now, Message::EditFailed { number: *number, why: why.into() });
    assert_screens("form-refused", &state);
}

#[test]
fn a_line_read_back_while_it_is_typed() {
    let mut state = sample::open();
    want(&mut state, &[Intent::QuickAdd]);
    types(&mut state, "checkout 4.3 canary prod eu us tue 14:00-16:00 soak 60m @mira");
    assert_screens("form-quick-add", &state);
}

#[test]
fn a_line_with_what_is_wrong_and_what_is_offered() {
    let mut state = sample::open();
    want(&mut state, &[Intent::QuickAdd]);
    types(&mut state, "chekout 4.3 tue 14:00-16:00 prod");
    assert_screens("form-quick-add-wrong", &state);
}

/// The sample company with a freeze over its production stages, judged as the runtime does.
fn judged() -> State {
    let mut state = frozen();
    settle(&mut state);
    state
}

/// Lets what is asked to be judged be judged.
fn settle(state: &mut State) {
    let now = state.now;
    let effects = update(state, now, Message::Tick);
    sample::judge(state, effects);
}

#[test]
fn a_line_that_collides_while_it_is_typed() {
    let mut state = judged();
    want(&mut state, &[Intent::QuickAdd]);
    types(&mut state, "checkout 4.3 prod eu wed 15:00 for 4h @mira");
    settle(&mut state);
    assert_screens("form-quick-add-collides", &state);
}

#[test]
fn a_release_that_collides_while_it_is_typed() {
    let mut state = judged();
    want(&mut state, &[Intent::EditSelected]);
    fill(&mut state, Name::Start, 1, "2026-11-25 17:00");
    fill(&mut state, Name::End, 1, "20:00");
    go_to(&mut state, Name::Start, 1);
    settle(&mut state);
    assert_screens("form-release-collides", &state);
}

#[test]
fn a_line_before_the_plan_was_judged() {
    let mut state = sample::opening();
    let now = state.now;
    let workspace = std::sync::Arc::new(sample::workspace());
    update(&mut state, now, Message::WorkspaceLoaded(workspace, Vec::new()));
    want(&mut state, &[Intent::QuickAdd]);
    types(&mut state, "checkout 4.3 prod eu tue 14:00-16:00");
    assert_screens("form-quick-add-unjudged", &state);
}
