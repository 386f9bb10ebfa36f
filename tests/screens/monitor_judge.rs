//! The verdict in the monitor: beside the charts, as a view of its own, and its faces.

use tminus::app::monitor::View;
use tminus::app::{Intent, State, snapshot};

use crate::monitor::{World, later, open_with, press, serve};
use crate::{assert_screens, draw, sample, text};

fn open() -> State {
    open_with(|workspace| {
        for metric in &mut workspace.services[0].metrics {
            metric.interval = Some(chrono::TimeDelta::seconds(30));
        }
    })
}

fn shown(world: World) -> State {
    let mut state = open();
    serve(&mut state, sample::now(), world);
    serve(&mut state, later(6), world);
    press(&mut state, Intent::ShowView(View::Judge));
    serve(&mut state, later(7), world);
    state
}

#[test]
fn a_canary_that_fails_is_told_with_its_numbers() {
    let state = shown(World::Failing);
    assert_screens("monitor-judge", &state);
    let screen = text(&draw(&state, (120, 40)));
    assert!(screen.contains("✖ FAILING") && screen.contains("error rate"), "{screen}");
    let json = &snapshot::of(&state)["monitor"];
    assert_eq!(json["judge"]["verdict"], "failing", "{json}");
    assert_eq!(json["verdict"]["verdict"], "failing");
    // The same in the list of rollouts and in its train.
    assert_eq!(json["rollouts"][0]["verdict"]["word"], "failing", "{json}");
    let mut train = shown(World::Failing);
    press(&mut train, Intent::ShowView(View::Train));
    let trains = &snapshot::of(&train)["monitor"]["train"]["trains"][0];
    assert_eq!(trains["verdict"], "failing", "{trains}");
    assert!(trains["cars"].as_array().unwrap().iter().any(|car| car["verdict"]["verdict"] == "failing"));
    assert!(json["judge"]["samples"][0]["samples"].as_array().is_some_and(|samples| samples.len() > 10));
    let mut plain = state;
    plain.look.ascii = true;
    assert!(text(&draw(&plain, (120, 40))).contains("x FAILING"));
}

#[test]
fn the_overview_carries_the_verdict_at_every_size() {
    let mut state = shown(World::Failing);
    press(&mut state, Intent::ShowView(View::Overview));
    assert_screens("monitor-judge-beside", &state);
    for size in [(80, 24), (120, 40), (200, 60)] {
        let screen = text(&draw(&state, size));
        assert!(screen.contains("✖ FAILING"), "{size:?}\n{screen}");
    }
}

#[test]
fn loading_stale_and_failing_are_never_healthy() {
    let mut loading = open();
    press(&mut loading, Intent::ShowView(View::Judge));
    assert_screens("monitor-judge-loading", &loading);
    let mut stale = shown(World::Canary);
    let before = snapshot::of(&stale)["monitor"]["judge"]["verdict"].clone();
    assert_ne!(before, serde_json::Value::Null);
    for seconds in [70, 130, 200, 270, 340] {
        serve(&mut stale, later(seconds), World::Down);
    }
    assert_screens("monitor-judge-stale", &stale);
    let json = &snapshot::of(&stale)["monitor"];
    assert_ne!(json["judge"]["verdict"], "healthy", "{json}");
    assert_eq!(json["verdict"]["fresh"], false, "{json}");
    let quiet = text(&draw(&shown(World::Quiet), (120, 40)));
    assert!(quiet.contains("no rollout") && !quiet.contains("HEALTHY"), "{quiet}");
}

#[test]
fn keys_choose_a_metric_and_its_numbers_can_be_copied() {
    let mut state = shown(World::Failing);
    press(&mut state, Intent::Down);
    assert_eq!(state.monitor.judge.metric.as_deref(), Some("latency p95"));
    let screen = text(&draw(&state, (120, 40)));
    assert!(screen.contains("latency p95"), "{screen}");
    let text = tminus::app::monitor::selected_text(&state).unwrap();
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(file["metrics"].as_array().map(Vec::len), Some(3), "{text}");
    assert!(file["metrics"][0]["canary"].as_array().is_some_and(|samples| samples.len() > 4));
}
