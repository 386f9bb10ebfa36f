mod putting;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::*;
use crate::app::state::Look;
use crate::app::{Effect, Intent, Message, State as App, update};
use crate::domain::question::Tag;
use crate::domain::samples;
use crate::domain::workspace::Origin;
use crate::domain::{Answer, Edit, Now, Service, Status, WindowKind, Workspace};

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn at(text: &str) -> Now {
    Now { wall: utc(text), mono: Duration::from_secs(100) }
}

const BERLIN: Tz = Tz::Europe__Berlin;

/// One release of one stage, planned in Berlin.
fn planned(start: &str, hours: i64) -> Workspace {
    let mut stage = samples::stage("production", start, start);
    stage.end = stage.start + TimeDelta::hours(hours);
    stage.time_zone = BERLIN;
    Workspace {
        releases: vec![samples::release("r", &[("a", "1.0.0")], vec![stage])],
        origin: Origin::Files("/w".into()),
        ..Workspace::default()
    }
}

fn open(workspace: Workspace, now: &str) -> App {
    let mut state = App::new(at(now), BERLIN, Look::default());
    load(&mut state, workspace);
    state
}

fn load(state: &mut App, workspace: Workspace) -> Vec<Effect> {
    let now = state.now;
    update(state, now, Message::WorkspaceLoaded(Arc::new(workspace), Vec::new()))
}

fn press(state: &mut App, intents: &[Intent]) -> Vec<Effect> {
    let now = state.now;
    intents.iter().flat_map(|intent| update(state, now, Message::Intent(*intent))).collect()
}

fn saved(effects: &[Effect]) -> Option<(u64, &Edit)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Save { number, edit } => Some((*number, edit)),
        _ => None,
    })
}

#[test]
fn the_selection_is_kept_over_a_reload_that_adds_above() {
    let mut state = open(planned("2026-11-25T13:00:00Z", 2), "2026-11-25T08:00:00Z");
    let held = state.calendar.selected.clone();
    assert!(matches!(&held, Some(Selected::Stage { release, .. }) if release == "r"));
    let mut more = planned("2026-11-25T13:00:00Z", 2);
    let early = samples::stage("production", "2026-11-25T07:00:00Z", "2026-11-25T08:00:00Z");
    more.releases.insert(0, samples::release("a", &[], vec![early]));
    load(&mut state, more.clone());
    assert_eq!(state.calendar.selected, held);
    assert_eq!(selected_place(&state), Some(1));
    more.releases.remove(1);
    load(&mut state, more);
    assert_ne!(state.calendar.selected, held);
}

#[test]
fn the_filter_hides_and_the_next_stage_does_not_care() {
    let mut state = open(planned("2026-11-25T13:00:00Z", 2), "2026-11-25T08:00:00Z");
    state.set_filter("PROD planned a".into());
    press(&mut state, &[Intent::Stay]);
    assert_eq!(state.calendar.timeline.len(), 1);
    state.set_filter("staging".into());
    press(&mut state, &[Intent::Stay]);
    assert_eq!(state.calendar.timeline.len(), 0);
    assert_eq!(next_stage(&state).map(|(release, _)| release.id.as_str()), Some("r"));
}

#[test]
fn the_calendar_follows_a_release_that_another_panel_selects() {
    let mut workspace = planned("2026-11-25T13:00:00Z", 2);
    let far = samples::stage("production", "2027-02-01T07:00:00Z", "2027-02-01T08:00:00Z");
    workspace.releases.push(samples::release("z", &[], vec![far]));
    let mut state = open(workspace, "2026-11-25T08:00:00Z");
    state.release = Some("z".into());
    let now = state.now;
    update(&mut state, now, Message::Tick);
    assert_eq!(state.calendar.focus, utc("2027-02-01T07:00:00Z"));
    assert!(matches!(&state.calendar.selected, Some(Selected::Stage { release, .. }) if release == "z"));
}

#[test]
fn tags_become_past_releases_and_keep_the_list_where_it_was() {
    let mut workspace = planned("2026-11-25T13:00:00Z", 2);
    let service = Service { id: "a".into(), repository: Some("../a".into()), ..Service::default() };
    workspace.services = vec![service];
    let mut state = open(workspace, "2026-11-25T08:00:00Z");
    press(&mut state, &[Intent::ShowAgenda]);
    let question = crate::domain::Question::Tags { service: "a".into() };
    assert!(wanted(&state).contains(&question));
    let (top, row) = (state.calendar.top, state.calendar.row);
    let generation = state.remotes.get(&question).unwrap().pending().unwrap().0;
    let tag = |day: u32| Tag {
        name: format!("v{day}").as_str().into(),
        at: utc("2026-11-01T08:00:00Z") + TimeDelta::days(i64::from(day)),
        subject: "".into(),
    };
    let now = state.now;
    let result = Ok(Answer::Tags((0..20).rev().map(tag).collect()));
    update(&mut state, now, Message::Answered { question, generation, result });
    assert_eq!(state.calendar.timeline.len(), 21);
    assert_eq!(state.calendar.top - top, state.calendar.row - row);
    assert!(state.calendar.row > row);
}

#[test]
fn down_goes_along_the_day_and_on_to_the_next() {
    let mut workspace = planned("2026-11-25T13:00:00Z", 2);
    let stage = |start: &str, end: &str| samples::stage("production", start, end);
    workspace.releases.push(samples::release(
        "s",
        &[],
        vec![
            stage("2026-11-25T15:00:00Z", "2026-11-25T16:00:00Z"),
            stage("2026-12-25T15:00:00Z", "2026-12-25T16:00:00Z"),
        ],
    ));
    let mut state = open(workspace, "2026-11-25T08:00:00Z");
    let held = |state: &App| match &state.calendar.selected {
        Some(Selected::Stage { release, stage }) => (release.clone(), *stage),
        other => panic!("{other:?}"),
    };
    let mut seen = vec![held(&state)];
    for _ in 0..3 {
        press(&mut state, &[Intent::Down]);
        seen.push(held(&state));
    }
    let expected = [("r", 0), ("s", 0), ("s", 1), ("s", 1)].map(|(id, stage)| (id.to_owned(), stage));
    assert_eq!(seen, expected);
    press(&mut state, &[Intent::Up, Intent::Up]);
    assert_eq!(held(&state), ("r".to_owned(), 0));
}

#[test]
fn a_window_without_end_is_there_however_far_one_goes() {
    let mut workspace = planned("2026-11-25T13:00:00Z", 2);
    let mut window = samples::window("w", WindowKind::Freeze);
    window.repeat = Some("FREQ=YEARLY".into());
    workspace.windows = vec![window];
    let mut state = open(workspace, "2026-11-25T08:00:00Z");
    press(&mut state, &[Intent::ShowMonth]);
    for _ in 0..134 {
        press(&mut state, &[Intent::NextPeriod]);
    }
    let (from, until) = period(&state);
    assert_eq!(state.calendar.focus.format("%Y-%m").to_string(), "2038-01");
    assert_eq!(state.calendar.timeline.touching(from, until).count(), 1);
}

#[test]
fn the_agendas_rows_and_entries_agree() {
    let mut workspace = planned("2026-11-20T13:00:00Z", 2);
    for day in [0, 0, 3, 9, 9, 9] {
        let start = utc("2026-11-21T10:00:00Z") + TimeDelta::days(day);
        let mut stage = samples::stage("x", "2026-11-21T10:00:00Z", "2026-11-21T10:00:00Z");
        stage.start = start;
        stage.end = start + TimeDelta::hours(1);
        workspace.releases[0].stages.push(stage);
    }
    // Today has no entry and is there all the same.
    let state = open(workspace, "2026-11-23T08:00:00Z");
    let timeline = &state.calendar.timeline;
    let mut places = Vec::new();
    let mut titles = 0;
    for row in 0..timeline.agenda_rows() {
        match timeline.agenda_row(row) {
            Some((_, Some(place))) => {
                assert_eq!(timeline.row_of(place), row);
                places.push(place);
            }
            Some((day, None)) => {
                assert_eq!(timeline.row_of_day(timeline.days()[day].date), row);
                titles += 1;
            }
            None => {}
        }
    }
    assert_eq!(places, (0..7).collect::<Vec<_>>());
    assert_eq!((titles, timeline.days().len()), (5, 5));
    assert!(timeline.days().iter().any(|day| day.date.to_string() == "2026-11-23"));
}

#[test]
fn the_snapshot_has_the_contracts_fields() {
    let state = open(planned("2026-11-25T13:00:00Z", 2), "2026-11-25T08:00:00Z");
    let shown = snapshot(&state);
    assert_eq!(shown["entries"][0]["kind"], "stage");
    assert_eq!(shown["entries"][0]["start"], "2026-11-25T13:00:00Z");
    assert_eq!(shown["selected"]["id"], "r");
    assert_eq!(shown["entries"][0]["region"], serde_json::Value::Null);
    assert!(selected_text(&state).unwrap().contains("Wed 25 Nov 14:00–16:00 CET"));
}

proptest::proptest! {
    #[test]
    fn no_order_of_keys_breaks_it(keys in proptest::collection::vec(0_usize..18, 0..60)) {
        use Intent::{
            Back, Down, First, GoToNow, Last, Left, Lengthen, MoveStage, NextPane, NextPeriod, Open, PageDown,
            PageUp, Right, ShowAgenda, ShowMonth, ShowWeek, Up,
        };
        let intents = [
            Back, Down, First, GoToNow, Last, Left, Lengthen, MoveStage, NextPane, NextPeriod, Open, PageDown,
            PageUp, Right, ShowAgenda, ShowMonth, ShowWeek, Up,
        ];
        let mut state = open(planned("2026-11-25T13:00:00Z", 2), "2026-11-25T08:00:00Z");
        for key in keys {
            press(&mut state, &[intents[key]]);
            let _ = (snapshot(&state), details(&state));
        }
    }
}

#[test]
fn the_load_of_a_day_counts_what_begins_there_and_passes_the_filter() {
    let stage = |start: &str, hours: i64| {
        let mut stage = samples::stage("production", start, start);
        stage.end = stage.start + TimeDelta::hours(hours);
        stage
    };
    let mut cancelled = samples::release("c", &[("a", "1.0.0")], vec![stage("2026-11-25T13:00:00Z", 1)]);
    cancelled.status = Status::Cancelled;
    let workspace = Workspace {
        releases: vec![
            // Runs into the next day: it counts once, where it begins.
            samples::release(
                "a",
                &[("a", "1.0.0")],
                vec![stage("2026-11-25T21:00:00Z", 8), stage("2026-11-25T09:00:00Z", 1)],
            ),
            samples::release("b", &[("b", "1.0.0")], vec![stage("2026-11-26T09:00:00Z", 1)]),
            cancelled,
        ],
        origin: Origin::Files("/w".into()),
        ..Workspace::default()
    };
    let mut state = open(workspace, "2026-11-25T08:00:00Z");
    let days = crate::domain::calendar::days("2026-11-24".parse().unwrap(), 4, BERLIN);
    assert_eq!(heat(&state, &days), [0, 2, 1, 0]);
    state.calendar.filter = "b 1.0".into();
    press(&mut state, &[Intent::Stay]);
    assert_eq!(heat(&state, &days), [0, 0, 1, 0]);
    state.release = Some("b".into());
    press(&mut state, &[Intent::Stay, Intent::MoveStage, Intent::Right]);
    assert_eq!(heat(&state, &days), [0, 0, 0, 1], "it counts where it is held");
}

#[test]
fn a_level_of_load_is_never_nothing_of_something() {
    assert_eq!((0..=4).map(|count| heat_level(count, 4)).collect::<Vec<_>>(), [0, 2, 4, 6, 8]);
    assert_eq!((heat_level(1, 1000), heat_level(1000, 1000), heat_level(0, 0)), (1, 8, 0));
}

#[test]
fn windows_are_expanded_anew_only_where_they_changed_and_always_then() {
    let window = |id: &str, repeat: &str| {
        let mut window = samples::window(id, WindowKind::Freeze);
        window.repeat = Some(repeat.to_owned());
        window
    };
    let count = |state: &App, id: &str| {
        let all = (0..state.calendar.timeline.len()).filter_map(|place| state.calendar.timeline.get(place));
        let ids = all.filter_map(|mark| identify(state, mark));
        ids.filter(|selected| matches!(selected, Selected::Window { window, .. } if window == id)).count()
    };
    let mut workspace = planned("2026-11-25T13:00:00Z", 1);
    workspace.windows = vec![window("daily", "FREQ=DAILY"), window("weekly", "FREQ=WEEKLY")];
    let mut state = open(workspace.clone(), "2026-11-25T08:00:00Z");
    let (daily, weekly) = (count(&state, "daily"), count(&state, "weekly"));
    assert!(daily > 300 && weekly > 40, "{daily} {weekly}");
    // The second one changes its rule, the first goes, a third comes: places shift.
    workspace.windows = vec![window("weekly", "FREQ=WEEKLY;INTERVAL=2"), window("monthly", "FREQ=MONTHLY")];
    load(&mut state, workspace.clone());
    assert_eq!(count(&state, "daily"), 0);
    assert!(count(&state, "weekly").abs_diff(weekly / 2) <= 1 && count(&state, "monthly") > 10);
    // An order that changed takes nobody else's occurrences.
    let before = count(&state, "weekly");
    workspace.windows.reverse();
    load(&mut state, workspace);
    assert_eq!(count(&state, "weekly"), before);
    // Far away they are expanded around there.
    press(&mut state, &[Intent::ShowMonth]);
    press(&mut state, &[Intent::NextPeriod; 30]);
    let (from, to) = period(&state);
    assert!(state.calendar.timeline.touching(from, to).count() >= 2);
}
