//! The mouse in the calendar: what is grabbed moves or is stretched, and is put down where it is
//! let go.

#![expect(clippy::unwrap_used, reason = "what a test has built is there")]

use proptest::prelude::*;
use tminus::app::message::Pointer;
use tminus::app::{Effect, Hit, Intent, ListId, Message, State, update};
use tminus::domain::Edit;

use crate::{assert_screens, feedback, sample};

const SIZE: (u16, u16) = (120, 40);

/// Draws, as the loop does, so that the state knows what is where.
fn drawn(state: &mut State) {
    state.size = SIZE;
    state.feedback = feedback(state, SIZE);
}

fn send(state: &mut State, message: Message) -> Vec<Effect> {
    let now = state.now;
    let effects = update(state, now, message);
    drawn(state);
    effects
}

/// What the terminal sends for a press, as the loop takes it: a click, and the button.
fn press(state: &mut State, x: u16, y: u16) {
    if let Some(intent) = state.feedback.at(x, y).map(|hit| hit.intent) {
        send(state, Message::Intent(intent));
    }
    send(state, Message::Pointer(Pointer::Pressed(x, y)));
}

fn drag(state: &mut State, x: u16, y: u16) {
    send(state, Message::Pointer(Pointer::Dragged(x, y)));
}

fn let_go(state: &mut State, x: u16, y: u16) -> Vec<Effect> {
    send(state, Message::Pointer(Pointer::Released(x, y)))
}

fn open(shape: Intent) -> State {
    let mut state = sample::open();
    drawn(&mut state);
    send(&mut state, Message::Intent(shape));
    state
}

/// Where the stage is that begins at this time.
fn bar(state: &State, start: &str) -> Hit {
    let place = state.calendar.timeline.first_from(sample::instant(start));
    let wanted = Intent::SelectRow(ListId::Agenda, place);
    let is_bar = |hit: &&Hit| hit.intent == wanted && state.feedback.time_at(hit.x, hit.y).is_some();
    *state.feedback.hits.iter().find(is_bar).unwrap()
}

fn saved(effects: &[Effect]) -> Option<Edit> {
    effects.iter().find_map(|effect| match effect {
        Effect::Save { edit, .. } => Some(edit.clone()),
        _ => None,
    })
}

/// To where the stage was put: start and end.
fn put(effects: &[Effect]) -> (String, String) {
    let Some(Edit::MoveStage { release, to, .. }) = saved(effects) else { panic!("{effects:?}") };
    assert_eq!(release, "catalog-1.7");
    (to.0.to_rfc3339(), to.1.to_rfc3339())
}

/// The stage of Catalog 1.7, Thursday 16:00 to 18:00 in Berlin.
const CATALOG: &str = "2026-11-26T15:00:00Z";

/// Columns between Thursday and Friday in the week.
fn day_to_the_right(state: &State, hit: Hit) -> u16 {
    let (from, _) = state.feedback.time_at(hit.x, hit.y).unwrap();
    let next = state.feedback.fields.iter().find(|field| field.from == from + chrono::TimeDelta::days(1));
    next.unwrap().x + (hit.x - 1) - state.feedback.fields.iter().find(|field| field.from == from).unwrap().x
}

#[test]
fn a_bar_is_moved_from_the_point_where_it_was_grabbed() {
    let mut state = open(Intent::ShowWeek);
    let hit = bar(&state, CATALOG);
    // Grabbed in its second half hour, put an hour (two rows) up and a day on.
    let (x, y) = (hit.x + 2, hit.y + 1);
    press(&mut state, x, y);
    let to = (day_to_the_right(&state, hit) + 3, y - 2);
    drag(&mut state, to.0, y - 1);
    drag(&mut state, to.0, to.1);
    assert_screens("calendar-dragging", &state);
    let effects = let_go(&mut state, to.0, to.1);
    assert_eq!(put(&effects), ("2026-11-27T14:00:00+00:00".into(), "2026-11-27T16:00:00+00:00".into()));
    assert_eq!((&state.calendar.moving, &state.calendar.press), (&None, &None));
}

#[test]
fn the_lower_edge_stretches() {
    let mut state = open(Intent::ShowWeek);
    let hit = bar(&state, CATALOG);
    let edge = hit.y + hit.height - 1;
    press(&mut state, hit.x + 1, edge);
    drag(&mut state, hit.x + 1, edge - 1);
    let effects = let_go(&mut state, hit.x + 1, edge - 1);
    assert_eq!(put(&effects), ("2026-11-26T15:00:00+00:00".into(), "2026-11-26T16:30:00+00:00".into()));
}

#[test]
fn a_day_of_the_month_keeps_the_hour() {
    let mut state = open(Intent::ShowMonth);
    let hit = bar(&state, CATALOG);
    press(&mut state, hit.x + 1, hit.y);
    let monday =
        state.feedback.fields.iter().find(|field| field.from == sample::instant("2026-11-29T23:00:00Z"));
    let monday = *monday.unwrap();
    drag(&mut state, monday.x + 1, monday.y + 1);
    let effects = let_go(&mut state, monday.x + 1, monday.y + 1);
    assert_eq!(put(&effects), ("2026-11-30T15:00:00+00:00".into(), "2026-11-30T17:00:00+00:00".into()));
}

#[test]
fn on_the_timeline_a_bar_moves_across_and_its_right_end_stretches() {
    let mut state = open(Intent::ShowTimeline);
    let hit = bar(&state, CATALOG);
    let field = state.feedback.fields[0];
    let per_day = (f64::from(field.width) / (field.to - field.from).num_days() as f64).round() as u16;
    press(&mut state, hit.x, hit.y);
    drag(&mut state, hit.x + per_day, hit.y);
    let effects = let_go(&mut state, hit.x + per_day, hit.y);
    let Some(Edit::MoveStage { from, to, .. }) = saved(&effects) else { panic!("{effects:?}") };
    let moved = to.0 - from.0;
    assert!((moved - chrono::TimeDelta::days(1)).abs() < chrono::TimeDelta::hours(3), "{moved}");
    assert_eq!(moved.num_minutes() % 15, 0);
    assert_eq!(to.1 - to.0, from.1 - from.0);
    // Closer, a bar has several cells; the last one is its end.
    let mut state = open(Intent::ShowWeek);
    let hit = bar(&state, CATALOG);
    press(&mut state, hit.x, hit.y);
    let_go(&mut state, hit.x, hit.y);
    for intent in [Intent::ShowTimeline, Intent::ZoomIn, Intent::ZoomIn] {
        send(&mut state, Message::Intent(intent));
    }
    let hit = bar(&state, CATALOG);
    let end = sample::instant("2026-11-26T17:00:00Z");
    let ends = |x: &u16| state.feedback.time_at(*x, hit.y).is_some_and(|(_, to)| to >= end);
    let last = (hit.x..SIZE.0).find(ends).unwrap();
    press(&mut state, last, hit.y);
    drag(&mut state, last + 3, hit.y);
    let effects = let_go(&mut state, last + 3, hit.y);
    let Some(Edit::MoveStage { from, to, .. }) = saved(&effects) else { panic!("{effects:?}") };
    assert!(from.0 == to.0 && from.1 < to.1, "{effects:?}");
}

#[test]
fn a_span_beside_the_bars_begins_a_new_release_then() {
    let mut state = open(Intent::ShowWeek);
    let from = |at: &str| sample::instant(at);
    let field =
        |state: &State, at: &str| *state.feedback.fields.iter().find(|field| field.from == from(at)).unwrap();
    // Monday 13:00 to 15:00 in Berlin, on which nothing is.
    let first = field(&state, "2026-11-23T12:00:00Z");
    press(&mut state, first.x + 2, first.y);
    let_go(&mut state, first.x + 2, first.y);
    assert!(state.overlays.is_empty(), "a click begins nothing");
    press(&mut state, first.x + 2, first.y);
    let last = field(&state, "2026-11-23T13:30:00Z");
    drag(&mut state, last.x + 2, last.y);
    let_go(&mut state, last.x + 2, last.y);
    let Some(tminus::app::Overlay::Form(form)) = state.overlays.last() else { panic!("no form") };
    let line = form.fields[0].value().trim_end().to_owned();
    assert_eq!(line, "2026-11-23 13:00-15:00");
    // What is typed behind it reads.
    let whole = format!("{line} catalog 1.8 prod");
    let read = tminus::domain::quick_add::quick_add(&whole, &state.workspace, from("2026-11-20T08:00:00Z"));
    assert_eq!(read.unwrap().times[0].start, from("2026-11-23T12:00:00Z"));
    // Esc lets go of it.
    state.overlays.clear();
    drawn(&mut state);
    press(&mut state, first.x + 2, first.y);
    drag(&mut state, last.x + 2, last.y);
    send(&mut state, Message::Intent(Intent::Back));
    let_go(&mut state, last.x + 2, last.y);
    assert!(state.overlays.is_empty());
}

#[test]
fn a_click_moves_nothing_and_esc_lets_go() {
    let mut state = open(Intent::ShowWeek);
    let hit = bar(&state, CATALOG);
    press(&mut state, hit.x + 1, hit.y);
    assert_eq!(saved(&let_go(&mut state, hit.x + 1, hit.y)), None);
    assert_eq!(state.calendar.moving, None);
    press(&mut state, hit.x + 1, hit.y);
    drag(&mut state, hit.x + 1, hit.y - 3);
    assert!(state.calendar.moving.is_some());
    send(&mut state, Message::Intent(Intent::Back));
    drag(&mut state, hit.x + 1, hit.y - 5);
    assert_eq!(state.calendar.moving, None, "the mouse holds nothing any more");
    assert_eq!(saved(&let_go(&mut state, hit.x + 1, hit.y - 5)), None);
}

#[test]
fn a_press_that_a_window_took_grabs_nothing_below() {
    let mut state = open(Intent::ShowWeek);
    let hit = bar(&state, CATALOG);
    send(&mut state, Message::Intent(Intent::ShowHelp));
    press(&mut state, hit.x + 1, hit.y);
    drag(&mut state, hit.x + 1, hit.y - 3);
    assert_eq!(state.calendar.moving, None);
}

#[test]
fn what_is_over_says_why_it_stays() {
    let mut workspace = sample::workspace();
    workspace.releases[0].status = tminus::domain::Status::Completed;
    let mut state = sample::with(workspace);
    drawn(&mut state);
    send(&mut state, Message::Intent(Intent::ShowWeek));
    let hit = bar(&state, CATALOG);
    press(&mut state, hit.x + 1, hit.y);
    drag(&mut state, hit.x + 1, hit.y - 3);
    assert_eq!(state.calendar.moving, None);
    assert!(state.notice.as_ref().unwrap().text.contains("completed"), "{:?}", state.notice);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Wherever the mouse went meanwhile: let go where it was grabbed, nothing is written.
    #[test]
    fn there_and_back_writes_nothing(
        way in proptest::collection::vec((0_u16..120, 0_u16..40), 0..8), month in proptest::bool::ANY
    ) {
        let mut state = open(if month { Intent::ShowMonth } else { Intent::ShowWeek });
        let hit = bar(&state, CATALOG);
        press(&mut state, hit.x + 1, hit.y);
        let grabbed = state.feedback.time_at(hit.x + 1, hit.y).unwrap();
        for (x, y) in way {
            drag(&mut state, x, y);
        }
        // Rows fold and unfold under the mouse: back is where the same time is.
        let back = *state.feedback.fields.iter().find(|field| field.from == grabbed.0).unwrap();
        prop_assert_eq!(saved(&let_go(&mut state, back.x + 1, back.y)), None);
    }
}
