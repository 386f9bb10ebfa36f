use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;

use super::*;
use crate::app::Message;
use crate::app::state::Look;
use crate::domain::workspace::Origin;
use crate::domain::{Environment, Now, Region, Workspace, samples};

fn now() -> Now {
    Now { wall: "2026-11-25T08:00:00Z".parse().unwrap(), mono: Duration::from_secs(100) }
}

/// A release of two stages, and regions in Berlin and New York.
fn open(status: Status) -> State {
    let stage = |start: &str, end: &str| samples::stage("production", start, end);
    let stages = vec![
        stage("2026-11-25T13:00:00Z", "2026-11-25T15:00:00Z"),
        stage("2026-11-26T16:00:00Z", "2026-11-26T17:00:00Z"),
    ];
    let mut release = samples::release("r", &[("a", "1.0.0")], stages);
    release.status = status;
    let region = |id: &str, zone| Region { id: id.into(), time_zone: Some(zone) };
    let regions = vec![region("eu", Tz::Europe__Berlin), region("us", Tz::America__New_York)];
    let workspace = Workspace {
        environments: vec![Environment { id: "production".into(), regions, capacity: None, versions: None }],
        releases: vec![release, samples::release("r-copy", &[], Vec::new())],
        origin: Origin::Files("/w".into()),
        ..Workspace::default()
    };
    let mut state = State::new(now(), Tz::UTC, Look::default());
    update(&mut state, now(), Message::WorkspaceLoaded(Arc::new(workspace), Vec::new()));
    state.release = Some("r".into());
    update(&mut state, now(), Message::Tick);
    state.calendar.selected = Some(Selected::Stage { release: "r".into(), stage: 0 });
    state
}

fn press(state: &mut State, intents: &[Intent]) -> Vec<Edit> {
    let effects = intents.iter().flat_map(|intent| update(state, now(), Message::Intent(*intent)));
    let saved = effects.filter_map(|effect| match effect {
        Effect::Save { edit, .. } => Some(edit),
        _ => None,
    });
    saved.collect()
}

#[test]
fn a_whole_release_moves_together_and_a_stretch_is_the_hands_alone() {
    let mut state = open(Status::Planned);
    let edits = press(&mut state, &[Intent::MoveRelease, Intent::Right, Intent::Lengthen, Intent::Open]);
    let [Edit::MoveStages { stages, .. }] = edits.as_slice() else { panic!("{edits:?}") };
    let lengths: Vec<_> = stages.iter().map(|it| (it.to.1 - it.to.0).num_minutes()).collect();
    assert_eq!(lengths, [135, 60]);
    assert!(stages.iter().all(|it| it.to.0 - it.from.0 == TimeDelta::days(1)));
}

#[test]
fn of_a_release_that_is_under_way_what_is_over_stays() {
    let mut state = open(Status::InProgress);
    state.calendar.selected = Some(Selected::Stage { release: "r".into(), stage: 1 });
    let later = Now { wall: "2026-11-25T18:00:00Z".parse().unwrap(), mono: Duration::from_secs(200) };
    update(&mut state, later, Message::Intent(Intent::MoveRelease));
    assert_eq!(state.calendar.moving.as_ref().unwrap().along, []);
}

#[test]
fn a_copy_gets_an_id_of_its_own_whatever_became_of_the_release() {
    let mut state = open(Status::Completed);
    let edits = press(&mut state, &[Intent::CopyRelease, Intent::NextPeriod, Intent::Lengthen, Intent::Open]);
    let by = TimeDelta::days(7);
    assert_eq!(edits, [Edit::CopyRelease { release: "r".into(), id: "r-copy-2".into(), by }]);
    assert_eq!(press(&mut state, &[Intent::CopyRelease, Intent::Back]), []);
}

#[test]
fn a_stage_is_split_into_one_a_region() {
    let mut state = open(Status::Planned);
    let edits = press(&mut state, &[Intent::SplitStage]);
    let [Edit::Patch(patch)] = edits.as_slice() else { panic!("{edits:?}") };
    assert_eq!(patch.title, "split r, stage 1, by region");
    let mut state = open(Status::Completed);
    assert_eq!(press(&mut state, &[Intent::SplitStage]), []);
    assert!(state.notice.as_ref().unwrap().text.contains("completed"));
}

#[test]
fn a_go_live_makes_a_stage_a_region_of_those_that_are_there() {
    let mut state = open(Status::Planned);
    press(&mut state, &[Intent::PlanGoLive]);
    let dialog = |state: &State| match state.overlays.last() {
        Some(crate::app::Overlay::GoLive(dialog)) => (**dialog).clone(),
        other => panic!("{other:?}"),
    };
    let starts = |state: &State| -> Vec<(String, String)> {
        let stages = dialog(state).plan.stages;
        let start = |local: chrono::NaiveDateTime| local.format("%d %H:%M").to_string();
        stages.into_iter().map(|it| (it.region, start(it.local_start))).collect()
    };
    let of = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(region, start)| ((*region).to_owned(), (*start).to_owned())).collect()
    };
    // 13:00 UTC is the hour that was planned; each region has it on its own clock.
    assert_eq!(starts(&state), of(&[("eu", "25 13:00"), ("us", "25 13:00")]));
    press(&mut state, &[Intent::Lengthen, Intent::Down, Intent::Right]);
    assert_eq!(starts(&state), of(&[("eu", "25 13:30"), ("us", "26 13:30")]));
    press(&mut state, &[Intent::PreviousPeriod]);
    let order: Vec<_> = dialog(&state).plan.stages.into_iter().map(|it| it.region).collect();
    assert_eq!(order, ["us", "eu"]);
    let edits = press(&mut state, &[Intent::Open]);
    let [Edit::Patch(patch)] = edits.as_slice() else { panic!("{edits:?}") };
    // The two stages of all regions become those of the regions: nothing is added or taken out.
    let region = |change: &crate::domain::Change| match change {
        crate::domain::Change::Set { key, value: Some(crate::domain::Value::Text(region)), .. }
            if key == "region" =>
        {
            Some(region.clone())
        }
        crate::domain::Change::Set { .. } => None,
        other => panic!("{other:?}"),
    };
    assert_eq!(patch.changes.iter().filter_map(region).collect::<Vec<_>>(), ["us", "eu"]);
    assert!(state.overlays.is_empty());
}
