use std::sync::Arc;

use chrono::TimeDelta;

use super::search::{QUARTER, on_wall};
use super::*;
use crate::domain::conflicts::{RunningVersions, Severity};
use crate::domain::samples;
use crate::domain::window::WallTime;
use crate::domain::workspace::{Environment, Region};
use crate::domain::{Status, Window, WindowKind, Workspace};

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn window(id: &str, kind: WindowKind, start: &str, end: &str, repeat: Option<&str>) -> Window {
    let mut window = samples::window(id, kind);
    window.start = WallTime::Local(start.parse().unwrap());
    window.end = WallTime::Local(end.parse().unwrap());
    window.time_zone = chrono_tz::Europe::Berlin;
    window.repeat = repeat.map(str::to_owned);
    window
}

fn workspace(releases: Vec<Release>, windows: Vec<Window>) -> Workspace {
    let region = |id: &str| Region { id: id.to_owned(), time_zone: None };
    let environment = |id: &str, capacity| Environment {
        id: id.to_owned(),
        regions: vec![region("eu"), region("us")],
        capacity,
        versions: None,
    };
    Workspace {
        time_zone: chrono_tz::Europe::Berlin,
        environments: vec![environment("staging", Some(2)), environment("production", None)],
        services: vec![
            samples::service("a", &[("b", "^2")]),
            samples::service("b", &[]),
            samples::service("c", &[]),
        ],
        releases,
        windows,
        ..Workspace::default()
    }
}

fn search(workspace: Workspace, id: &str, moved: Moved, from: &str, count: usize) -> Slots {
    let checker = Checker::new(Arc::new(workspace), &RunningVersions::new(), None);
    let release = checker.workspace().release(id).unwrap().clone();
    find(&checker, &release, moved, utc(from), count)
}

fn starts(found: &Slots) -> Vec<String> {
    found.slots.iter().map(|slot| slot.start.format("%m-%dT%H:%M").to_string()).collect()
}

fn refused(found: &Slots) -> Vec<String> {
    let when = |at: DateTime<Utc>| at.format("%m-%dT%H:%M").to_string();
    let line =
        |it: &Refused| format!("{}..{} {} {}", when(it.from), when(it.to), it.code.word(), it.with.join(","));
    found.refused.iter().map(line).collect()
}

#[test]
fn a_release_is_led_past_a_freeze_a_closed_door_and_a_rival() {
    let own = samples::release(
        "own",
        &[("c", "2.0.0")],
        vec![samples::stage("production", "2026-12-18T15:00:00Z", "2026-12-18T17:00:00Z")],
    );
    let rival = samples::release(
        "rival",
        &[("c", "1.9.0")],
        vec![samples::stage("production", "2027-01-04T08:00:00Z", "2027-01-04T10:20:00Z")],
    );
    let windows = vec![
        window(
            "office",
            WindowKind::Change,
            "2026-01-05T09:00:00",
            "2026-01-05T17:00:00",
            Some("FREQ=WEEKLY;BYDAY=MO,TU"),
        ),
        window("year-end", WindowKind::Freeze, "2026-12-18T14:00:00", "2027-01-04T06:00:00", None),
    ];
    let found = search(workspace(vec![own, rival], windows), "own", Moved::Whole, "2026-12-18T13:05:00Z", 3);
    assert_eq!(starts(&found), ["01-04T10:30", "01-05T08:00", "01-11T08:00"]);
    assert_eq!(
        refused(&found),
        [
            "12-18T13:15..01-04T05:00 freeze year-end",
            "01-04T05:00..01-04T08:00 outside-window office",
            "01-04T08:00..01-04T10:30 same-service rival",
            "01-05T07:00..01-05T08:00 outside-window office",
            "01-06T07:00..01-11T08:00 outside-window office",
        ]
    );
    assert!(found.refused.iter().all(|it| it.message.len() > 10));
}

#[test]
fn stages_keep_their_wall_clocks_and_move_together() {
    let mut eu = samples::stage("production", "2026-10-20T12:00:00Z", "2026-10-20T13:00:00Z");
    (eu.time_zone, eu.region) = (chrono_tz::Europe::Berlin, Some("eu".to_owned()));
    let mut us = samples::stage("production", "2026-10-20T18:00:00Z", "2026-10-20T19:00:00Z");
    (us.time_zone, us.region) = (chrono_tz::America::New_York, Some("us".to_owned()));
    let own = samples::release("own", &[("c", "2.0.0")], vec![eu, us]);
    // Denied to the US until after Berlin's clocks have changed and New York's have not.
    let mut freeze = window("us", WindowKind::Freeze, "2026-10-01T00:00:00", "2026-10-27T19:00:00", None);
    freeze.regions = Some(vec!["us".to_owned()]);
    let found = search(workspace(vec![own], vec![freeze]), "own", Moved::Whole, "2026-10-20T08:00:00Z", 1);
    let slot = &found.slots[0];
    assert_eq!(
        slot.stages,
        [
            Placed { stage: 0, start: utc("2026-10-27T13:00:00Z"), end: utc("2026-10-27T14:00:00Z") },
            Placed { stage: 1, start: utc("2026-10-27T18:00:00Z"), end: utc("2026-10-27T19:00:00Z") }
        ]
    );
    assert_eq!((slot.at_work, slot.start), (1, utc("2026-10-27T13:00:00Z")));
}

#[test]
fn a_full_environment_and_a_late_provider_are_waited_for() {
    let stage = |environment: &str, start: &str, end: &str| samples::stage(environment, start, end);
    let other = |id: &str, start: &str, end: &str| {
        samples::release(id, &[("c", "1.0.0")], vec![stage("staging", start, end)])
    };
    let mut provider = other("provider", "2026-11-25T00:00:00Z", "2026-11-25T11:30:00Z");
    provider.items[0] = crate::domain::release::Item { service: "b".to_owned(), version: "2.1.0".to_owned() };
    let own = samples::release(
        "own",
        &[("a", "1.0.0")],
        vec![stage("staging", "2026-11-25T08:00:00Z", "2026-11-25T09:00:00Z")],
    );
    let releases = vec![
        other("d", "2026-11-25T12:00:00Z", "2026-11-25T14:00:00Z"),
        other("e", "2026-11-25T13:00:00Z", "2026-11-25T15:00:00Z"),
        own,
        provider,
    ];
    let found = search(workspace(releases, vec![]), "own", Moved::Stage(0), "2026-11-25T08:00:00Z", 2);
    assert_eq!(starts(&found), ["11-25T11:30", "11-26T07:00"]);
    assert_eq!(refused(&found), ["11-25T08:00..11-25T11:30 dependency-order b"]);
    assert_eq!(found.slots[0].warnings, []);
}

#[test]
fn nothing_is_found_where_nothing_can_be_and_the_reason_is_said() {
    let own = samples::release(
        "own",
        &[("c", "1.0.0")],
        vec![
            samples::stage("staging", "2026-11-25T08:00:00Z", "2026-11-25T10:00:00Z"),
            samples::stage("production", "2026-11-25T09:00:00Z", "2026-11-25T11:00:00Z"),
        ],
    );
    let whole = search(workspace(vec![own.clone()], vec![]), "own", Moved::Whole, "2026-11-25T08:00:00Z", 3);
    assert!(whole.slots.is_empty());
    assert_eq!(whole.refused[0].code, Code::PromotionOrder);
    let alone =
        search(workspace(vec![own.clone()], vec![]), "own", Moved::Stage(1), "2026-11-25T08:00:00Z", 1);
    assert_eq!(alone.slots[0].start, utc("2026-11-25T10:00:00Z"));
    let mut short =
        window("short", WindowKind::Change, "2026-01-05T09:00:00", "2026-01-05T10:00:00", Some("FREQ=DAILY"));
    short.environments = Some(vec!["staging".to_owned()]);
    let closed = search(workspace(vec![own], vec![short]), "own", Moved::Stage(0), "2026-11-25T08:00:00Z", 3);
    assert!(closed.slots.is_empty());
    assert_eq!(refused(&closed), ["11-25T08:00..02-23T08:00 outside-window short"]);
}

/// A consumer that is planned for Friday needs this release to have landed by then.
#[test]
fn a_release_that_others_wait_for_is_not_moved_behind_them() {
    let stage = |start: &str, end: &str| vec![samples::stage("production", start, end)];
    let own =
        samples::release("own", &[("b", "2.0.0")], stage("2026-11-23T08:00:00Z", "2026-11-23T10:00:00Z"));
    let consumer =
        samples::release("web", &[("a", "1.0.0")], stage("2026-11-27T08:00:00Z", "2026-11-27T10:00:00Z"));
    let found =
        search(workspace(vec![own, consumer], vec![]), "own", Moved::Whole, "2026-11-26T07:00:00Z", 5);
    assert_eq!(starts(&found), ["11-26T07:00"]);
    let last = found.refused.last().unwrap();
    assert_eq!((last.code, &last.with[..]), (Code::DependencyOrder, &["b".to_owned()][..]));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 24, ..Default::default() })]

    /// Every slot is clear of blocks, and no quarter of an hour before the first one is.
    #[test]
    fn a_slot_is_clear_and_the_first_one_is_the_first(
        rivals in proptest::collection::vec((0_i64..300, 1_i64..30, 0_usize..2, 0_usize..2), 0..12),
        freeze in proptest::option::of((0_i64..200, 1_i64..80)),
        open in 0_usize..3,
        at in 0_i64..200,
        length in 1_i64..6,
    ) {
        let begin = utc("2026-10-19T00:00:00Z");
        let hours = |hours: i64| begin + TimeDelta::hours(hours);
        let stage = |place: usize, start: DateTime<Utc>, length: i64| {
            let mut stage = samples::stage(["staging", "production"][place], "2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z");
            (stage.start, stage.end) = (start, start + TimeDelta::hours(length));
            stage.time_zone = chrono_tz::Europe::Berlin;
            stage
        };
        let mut releases: Vec<Release> = rivals.iter().enumerate().map(|(number, (start, length, place, service))| {
            let service = ["b", "c"][*service];
            samples::release(&format!("r-{number:02}"), &[(service, "1.0.0")], vec![stage(*place, hours(*start), *length)])
        }).collect();
        let own = samples::release("own", &[("c", "2.0.0")], vec![
            stage(0, hours(at), length), stage(1, hours(at + length + 1), 2),
        ]);
        releases.insert(0, own.clone());
        releases.sort_by(|one, other| one.id.cmp(&other.id));
        let mut windows: Vec<Window> = freeze.into_iter().map(|(start, length)| {
            let mut freeze = samples::window("freeze", WindowKind::Freeze);
            freeze.start = WallTime::Local(hours(start).naive_utc());
            freeze.end = WallTime::Local(hours(start + length).naive_utc());
            freeze
        }).collect();
        windows.extend((open > 0).then(|| {
            let mut window = window("open", WindowKind::Change, "2026-10-01T01:30:00", "2026-10-01T13:00:00", Some("FREQ=DAILY"));
            window.environments = Some(vec![["staging", "production"][open - 1].to_owned()]);
            window
        }));
        let checker = Checker::new(Arc::new(workspace(releases, windows)), &RunningVersions::new(), None);
        let from = hours(5);
        let found = find(&checker, &own, Moved::Whole, from, 4);
        let blocks = |start: DateTime<Utc>| {
            let zone = chrono_tz::Europe::Berlin;
            let wall = |at: DateTime<Utc>| at.with_timezone(&zone).naive_local();
            let by = wall(start) - wall(own.stages[0].start);
            let mut moved = own.clone();
            // What stays where it is keeps its own hours, the second of two equal ones too.
            for stage in moved.stages.iter_mut().filter(|_| !by.is_zero()) {
                match (on_wall(stage.start, by, zone), on_wall(stage.end, by, zone)) {
                    (Some(start), Some(end)) if start < end => (stage.start, stage.end) = (start, end),
                    _ => return true,
                }
            }
            // The second of two equal hours cannot be said on the wall.
            moved.stages[0].start != start
                || checker.what_if(&moved).iter().any(|it| it.severity() == Severity::Block)
        };
        for slot in &found.slots {
            proptest::prop_assert!(!blocks(slot.start), "{}", slot.start);
        }
        let first = found.slots.iter().map(|slot| slot.start).min();
        let mut at = from;
        while at < first.unwrap_or(from + TimeDelta::days(20)) {
            proptest::prop_assert!(blocks(at), "{} is before {:?}", at, first);
            at += QUARTER;
        }
    }
}

#[test]
fn a_release_that_is_over_is_looked_for_as_if_it_were_planned() {
    let mut own = samples::release(
        "own",
        &[("c", "1.0.0")],
        vec![samples::stage("staging", "2026-11-25T08:00:00Z", "2026-11-25T10:00:00Z")],
    );
    own.status = Status::Cancelled;
    let freeze = window("f", WindowKind::Freeze, "2026-11-25T00:00:00", "2026-11-26T00:00:00", None);
    let found = search(workspace(vec![own], vec![freeze]), "own", Moved::Whole, "2026-11-25T08:00:00Z", 1);
    assert_eq!(starts(&found), ["11-25T23:00"]);
}
