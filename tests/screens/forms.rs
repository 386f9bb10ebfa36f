//! Forms: empty, filled, with what is wrong, with what is offered.

use tminus::app::form::Name;
use tminus::app::message::Typed;
use tminus::app::{Intent, ListId, Message, Overlay, State, update};

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
