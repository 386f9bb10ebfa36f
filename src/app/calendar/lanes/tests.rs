use std::sync::Arc;

use chrono_tz::Tz;

use super::*;
use crate::app::calendar::{Selected, Shape, cursor};
use crate::app::state::Look;
use crate::app::{Intent, ListId, Message, State, update};
use crate::domain::samples;
use crate::domain::workspace::Origin;
use crate::domain::{Now, Service, Workspace};

/// Two teams; a release of both, one of each, a day apart.
fn workspace() -> Workspace {
    let service =
        |id: &str, owner: &str| Service { owner: Some(owner.to_owned()), ..samples::service(id, &[]) };
    let release = |id: &str, items: &[(&str, &str)], day: u32| {
        let time = |hour: u32| format!("2026-11-{day}T{hour:02}:00:00Z");
        let mut stage = samples::stage("production", &time(10), &time(12));
        stage.time_zone = Tz::UTC;
        samples::release(id, items, vec![stage])
    };
    Workspace {
        services: vec![service("web", "storefront"), service("ledger", "finance")],
        releases: vec![
            release("both", &[("ledger", "1.0.0"), ("web", "1.0.0")], 24),
            release("ledger-2", &[("ledger", "2.0.0")], 26),
            release("web-2", &[("web", "2.0.0")], 25),
        ],
        origin: Origin::Files("/w".into()),
        ..Workspace::default()
    }
}

fn open() -> State {
    let now = Now { wall: "2026-11-23T08:00:00Z".parse().unwrap(), mono: std::time::Duration::from_secs(10) };
    let mut state = State::new(now, Tz::UTC, Look::default());
    update(&mut state, now, Message::WorkspaceLoaded(Arc::new(workspace()), Vec::new()));
    press(&mut state, &[Intent::ShowTimeline]);
    state
}

fn press(state: &mut State, intents: &[Intent]) {
    for intent in intents {
        let now = state.now;
        update(state, now, Message::Intent(*intent));
    }
}

fn at(state: &State) -> (String, String) {
    let lane = state.calendar.lanes.lane.map_or("windows", |lane| state.calendar.lanes.index.title(lane));
    let release = match &state.calendar.selected {
        Some(Selected::Stage { release, .. }) => release.as_str(),
        _ => "nothing",
    };
    (lane.to_owned(), release.to_owned())
}

#[test]
fn down_goes_along_a_lane_and_then_to_the_next_one() {
    let mut state = open();
    press(&mut state, &[Intent::First]);
    let mut seen = vec![at(&state)];
    for _ in 0..4 {
        press(&mut state, &[Intent::Down]);
        seen.push(at(&state));
    }
    let said = |lane: &str, release: &str| (lane.to_owned(), release.to_owned());
    let there = [
        said("finance", "both"),
        said("finance", "ledger-2"),
        said("storefront", "both"),
        said("storefront", "web-2"),
    ];
    assert_eq!(seen[..4], there);
    assert_eq!(seen[4], there[3], "the last one stays");
    press(&mut state, &[Intent::Up; 3]);
    assert_eq!(at(&state), there[0], "and back the same way");
}

#[test]
fn a_page_is_a_lane_and_stays_near_in_time() {
    let mut state = open();
    press(&mut state, &[Intent::First, Intent::Down, Intent::PageDown]);
    assert_eq!(at(&state), ("storefront".to_owned(), "web-2".to_owned()));
    press(&mut state, &[Intent::PageUp]);
    assert_eq!(at(&state).0, "finance");
}

#[test]
fn right_goes_along_the_axis_and_takes_what_lies_there_in_the_lane() {
    let mut state = open();
    press(&mut state, &[Intent::First, Intent::Right]);
    assert_eq!(cursor(&state).to_string(), "2026-11-25");
    assert_eq!(at(&state), ("finance".to_owned(), "nothing".to_owned()), "web-2 is another lane's");
    press(&mut state, &[Intent::Right]);
    assert_eq!(at(&state), ("finance".to_owned(), "ledger-2".to_owned()));
    let before = state.calendar.lanes.wall();
    press(&mut state, &[Intent::Right; 12]);
    assert_eq!(cursor(&state).to_string(), "2026-12-08");
    assert_ne!(state.calendar.lanes.wall(), before, "the axis follows the cursor");
}

#[test]
fn the_selection_and_the_cursor_stay_whatever_the_view() {
    let mut state = open();
    press(&mut state, &[Intent::Last]);
    let (selected, day) = (state.calendar.selected.clone(), cursor(&state));
    for show in [Intent::ShowMonth, Intent::ShowAgenda, Intent::ShowWeek, Intent::ShowTimeline] {
        press(&mut state, &[show]);
        assert_eq!((&state.calendar.selected, cursor(&state)), (&selected, day), "{show:?}");
        // What the agenda shows is known once it is drawn.
        let (from, to) = crate::app::calendar::period(&state);
        let shows = from <= state.calendar.focus && state.calendar.focus < to;
        assert!(shows || show == Intent::ShowAgenda, "{show:?} shows the cursor");
    }
    for _ in 0..4 {
        press(&mut state, &[Intent::GroupLanes, Intent::ZoomIn]);
        assert_eq!(state.calendar.selected, selected);
    }
    assert_eq!(state.calendar.lanes.index.by(), LanesBy::Team, "round and round");
    assert_eq!(state.calendar.lanes.zoom, Zoom::Hours);
}

#[test]
fn zoom_goes_from_six_hours_to_a_quarter_and_keeps_the_cursor_on_the_axis() {
    let mut state = open();
    press(&mut state, &[Intent::First]);
    press(&mut state, &[Intent::ZoomIn; 9]);
    let mut seen = vec![state.calendar.lanes.zoom];
    for _ in 0..9 {
        press(&mut state, &[Intent::ZoomOut]);
        seen.push(state.calendar.lanes.zoom);
        let (from, to) = state.calendar.lanes.range(state.zone);
        assert!(from <= state.calendar.focus && state.calendar.focus < to);
    }
    seen.dedup();
    assert_eq!(seen, Zoom::ALL);
    assert_eq!(state.calendar.shape, Shape::Lanes);
}

#[test]
fn the_lanes_can_be_had_as_json() {
    let state = open();
    let screen = crate::app::calendar::snapshot(&state);
    assert_eq!(screen["view"], "timeline");
    let lanes = screen["timeline"]["lanes"].as_array().unwrap();
    let said: Vec<_> =
        lanes.iter().map(|lane| (lane["lane"].as_str().unwrap(), lane["entries"].to_string())).collect();
    assert_eq!(said.len(), 2);
    assert_eq!(said[0].0, "finance");
    assert!(said[0].1.contains("\"ledger-2\"") && !said[0].1.contains("\"web-2\""), "{said:?}");
}

#[test]
fn the_wheel_and_the_keys_for_periods_work_too() {
    let mut state = open();
    press(&mut state, &[Intent::First, Intent::NextPeriod]);
    assert_eq!(cursor(&state).to_string(), "2026-12-08");
    press(&mut state, &[Intent::PreviousPeriod]);
    assert_eq!(at(&state), ("finance".to_owned(), "both".to_owned()));
    press(&mut state, &[Intent::ScrollList(ListId::Lanes, 3)]);
    assert_eq!(at(&state).1, "ledger-2");
    press(&mut state, &[Intent::GoToNow]);
    assert_eq!(state.calendar.focus, state.now.wall);
}
