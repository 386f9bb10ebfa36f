//! The lanes, played message by message.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::*;
pub(super) use crate::app::State as Cockpit;
use crate::app::monitor::View;
pub(super) use crate::app::monitor::{rollouts, selected};
use crate::app::state::Look;
use crate::app::{Intent, ListId, Message, Panel, update};
use crate::domain::correlation::Correlated;
use crate::domain::question::{
    Alert, AlertState, Changes, Commit, RunningHistory, Series, ShareLine, Ticket, TrackerVersion,
};
use crate::domain::release::TrackerRef;
use crate::domain::service::{Direction, Metric};
use crate::domain::workspace::{BackendConfig, BackendKind, Origin, VersionsSource};
use crate::domain::{Answer, Environment, Failure, Now, Question, Safe, Service, Workspace, samples};

pub(super) fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_612_800 + minutes * 60, 0).unwrap()
}

fn now() -> Now {
    Now { wall: at(0), mono: Duration::from_secs(10_000) }
}

/// web needs cart; both tell their errors.
fn workspace() -> Workspace {
    let errors = Metric {
        name: "errors".into(),
        query: "e{v=\"{{version}}\"}".into(),
        direction: Direction::Increase,
        limit: Some(0.5),
        ..Metric::default()
    };
    let service = |id: &str, needs: &[(&str, &str)]| Service {
        repository: Some(format!("../{id}")),
        metrics: vec![errors.clone()],
        ..samples::service(id, needs)
    };
    let mut release = samples::release("cart-2", &[("cart", "2.0.0")], Vec::new());
    release.tracker = TrackerRef::parse("jira:CART/2.0.0");
    let versions = VersionsSource::Query { backend: None, query: "q".into() };
    Workspace {
        name: "shop".into(),
        environments: vec![Environment {
            id: "production".into(),
            regions: Vec::new(),
            capacity: None,
            versions: Some(versions),
        }],
        services: vec![service("cart", &[]), service("web", &[("cart", "")])],
        backends: vec![
            BackendConfig::new("prom", BackendKind::Prometheus),
            BackendConfig::new("am", BackendKind::Alertmanager),
            BackendConfig::new("jira", BackendKind::Jira),
        ],
        releases: vec![release],
        origin: Origin::Files("/srv/shop".into()),
        ..Workspace::default()
    }
}

pub(super) fn answer(state: &mut Cockpit, question: &Question, result: Result<Answer, Failure>) {
    let now = state.now;
    let generation = state.remotes.ask(question, now);
    update(state, now, Message::Answered { question: question.clone(), generation, result });
}

pub(super) fn press(state: &mut Cockpit, intent: Intent) {
    let now = state.now;
    update(state, now, Message::Intent(intent));
}

/// cart 1 → 2 since twenty minutes at half; web stands. From a minute on.
pub(super) fn history(from: i64) -> RunningHistory {
    let line = |service: &str, version: &str, count: &dyn Fn(i64) -> f64| ShareLine {
        service: service.into(),
        region: None,
        version: version.into(),
        counts: (from..=0).map(|minute| Some(count(minute)).filter(|count| *count > 0.0)).collect(),
    };
    RunningHistory {
        times: (from..=0).map(at).collect(),
        lines: vec![
            line("cart", "1.0.0", &|minute| if minute < -20 { 4.0 } else { 2.0 }),
            line("cart", "2.0.0", &|minute| if minute < -20 { 0.0 } else { 2.0 }),
            line("web", "7.0.0", &|_| 3.0),
        ],
        warnings: Vec::new(),
    }
}

/// A cockpit on the lanes.
pub(super) fn open() -> Cockpit {
    let mut state = Cockpit::new(now(), Tz::UTC, Look::default());
    state.panel = Panel::Monitor;
    update(&mut state, now(), Message::WorkspaceLoaded(Arc::new(workspace()), Vec::new()));
    let history = history(-60);
    let question = rollouts::question(&state, "production");
    answer(&mut state, &question, Ok(Answer::RunningHistory(history)));
    press(&mut state, Intent::ShowView(View::Lanes));
    state
}

pub(super) fn row(state: &Cockpit, lane: Lane) -> Row {
    rows(state).into_iter().find(|row| row.lane == lane).unwrap()
}

fn series(rises_at: i64) -> Series {
    Series {
        start: at(-60),
        step: 60,
        values: (-60..=0).map(|minute| Some(if minute < rises_at { 0.1 } else { 0.9 })).collect(),
        ..Series::default()
    }
}

fn answer_metrics(state: &mut Cockpit, rises: &[(&str, i64)]) {
    for question in wanted(state) {
        let Question::Metric { service, .. } = &question else { continue };
        let minute = rises.iter().find(|(name, _)| name == service).map_or(99, |(_, minute)| *minute);
        answer(state, &question, Ok(Answer::Metric(series(minute))));
    }
}

pub(super) fn firing(name: &str, service: &str, minutes: i64) -> Alert {
    let labels = BTreeMap::from([(Safe::new("service"), Safe::new(service))]);
    Alert {
        name: name.into(),
        labels,
        summary: "".into(),
        state: AlertState::Firing,
        since: at(minutes),
        id: None,
        silenced_by: Vec::new(),
        inhibited_by: Vec::new(),
    }
}

pub(super) fn alert(state: &mut Cockpit, name: &str, service: &str, minutes: i64) {
    let alert = firing(name, service, minutes);
    let question = Question::Alerts { backend: "prom".into() };
    answer(state, &question, Ok(Answer::Alerts(vec![alert].into())));
}

#[test]
fn it_asks_for_commits_changes_tickets_and_the_numbers_of_the_service_and_of_those_that_need_it() {
    let asked = wanted(&open());
    assert!(asked.contains(&Question::WorkspaceChanges));
    let commits =
        Question::Changes { service: "cart".into(), from: Some("1.0.0".into()), to: Some("2.0.0".into()) };
    assert!(asked.contains(&commits));
    assert!(asked.contains(&Question::Tracker { release: "cart-2".into() }));
    let numbers: Vec<_> = asked
        .iter()
        .filter_map(|question| match question {
            Question::Metric { service, version, .. } => Some((service.as_str(), version.as_str())),
            _ => None,
        })
        .collect();
    assert_eq!(numbers, [("cart", "2.0.0"), ("web", "7.0.0")]);
}

#[test]
fn a_rollout_tells_what_began_advanced_and_where_it_stands() {
    let told: Vec<_> =
        row(&open(), Lane::Rollout).events.iter().map(|event| (event.kind, event.at)).collect();
    assert!(told.contains(&(Kind::Began, at(-20))) && told.contains(&(Kind::Paused, at(-20))), "{told:?}");
}

#[test]
fn an_alert_and_a_rise_are_told_with_their_lag_behind_the_deployment() {
    let mut state = open();
    answer_metrics(&mut state, &[("cart", -16), ("web", -14)]);
    alert(&mut state, "WebErrors", "web", -12);
    let told: Vec<_> = correlated(&state).iter().map(Correlated::sentence).collect();
    assert_eq!(
        told,
        [
            "errors of cart: 4 m after cart 2.0.0, same service; the like followed 1 of 1 within 5 m (n = 1)",
            "errors of web: 6 m after cart 2.0.0, its provider; the like followed 1 of 1 within 10 m (n = 1)",
            "WebErrors of web: 8 m after cart 2.0.0, its provider; the like followed 1 of 1 within 10 m (n = 1)",
        ]
    );
    let shown = snapshot(&state);
    assert_eq!(shown["before"][0]["before"][0]["lag_seconds"], 240);
    assert_eq!(shown["before"][0]["before"][0]["followed"]["n"], 1);
    let lanes: Vec<_> = rows(&state).iter().map(|row| row.lane).collect();
    let expected = [
        Lane::Rollout,
        Lane::Alert,
        Lane::Rise,
        Lane::Rise,
        Lane::Commits,
        Lane::Configuration,
        Lane::Tickets,
    ];
    assert_eq!(lanes, expected);
}

#[test]
fn a_partial_answer_shows_no_rise() {
    let mut state = open();
    for question in wanted(&state) {
        if matches!(question, Question::Metric { .. }) {
            let partial = Series { warnings: vec!["store eu-2 did not answer".into()], ..series(-10) };
            answer(&mut state, &question, Ok(Answer::Metric(partial)));
        }
    }
    assert_eq!(correlated(&state), []);
}

#[test]
fn commits_configuration_and_tickets_lie_beside_and_what_is_not_known_says_so() {
    let mut state = open();
    assert_eq!(row(&state, Lane::Commits).note.map(|note| note.certainty), Some(Certainty::Unknown));
    let commit = |minutes, subject: &str| Commit {
        id: "abc".into(),
        author: "Mira".into(),
        at: at(minutes),
        subject: subject.into(),
    };
    let changes =
        Changes { count: 2, commits: vec![commit(-30, "faster"), commit(-3000, "first")], unkept: false };
    for question in wanted(&state) {
        let result = match &question {
            Question::Changes { .. } => Ok(Answer::Changes(changes.clone())),
            Question::WorkspaceChanges => Ok(Answer::Changes(Changes { unkept: true, ..Changes::default() })),
            Question::Tracker { .. } => Ok(Answer::Tracker(TrackerVersion {
                open: Some(vec![Ticket {
                    key: "CART-7".into(),
                    status: "To do".into(),
                    blocker: true,
                    updated: Some(at(-5)),
                    ..Ticket::default()
                }]),
                ..TrackerVersion::default()
            })),
            _ => continue,
        };
        answer(&mut state, &question, result);
    }
    let commits = row(&state, Lane::Commits);
    assert_eq!(commits.events[0].text, "faster  Mira");
    assert_eq!(commits.note.map(|note| note.text), Some("1 commit before this window".to_owned()));
    let configuration = row(&state, Lane::Configuration).note.unwrap();
    assert_eq!(configuration.certainty, Certainty::Unknown);
    assert_eq!(configuration.text, "the workspace is in no git repository: only what is edited here is told");
    let tickets = row(&state, Lane::Tickets);
    assert_eq!((tickets.events[0].at, tickets.tone), (at(-5), Tone::Attention));
    assert_eq!(tickets.note.map(|note| note.text), Some("1 open, 1 blocking".to_owned()));
}

#[test]
fn keys_walk_the_parts_and_lead_from_an_alert_to_what_changed_and_on_to_the_rollout() {
    let mut state = open();
    alert(&mut state, "CartErrors", "cart", -12);
    press(&mut state, Intent::SelectRow(ListId::LaneRows, 1));
    press(&mut state, Intent::Open);
    assert_eq!(state.monitor.lanes.pane, Pane::Before);
    press(&mut state, Intent::Open);
    assert_eq!(state.monitor.view, View::Overview);
    assert_eq!(selected(&state).map(|seen| seen.key.service.as_str()), Some("cart"));
    press(&mut state, Intent::ShowView(View::Lanes));
    press(&mut state, Intent::Back);
    assert_eq!((state.monitor.view, state.monitor.lanes.pane), (View::Lanes, Pane::Lanes));
    press(&mut state, Intent::Back);
    assert_eq!(state.monitor.view, View::Overview);
}
