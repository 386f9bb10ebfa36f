//! Messages in, state and effects out.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::*;
use crate::app::state::{Look, Tone};
use crate::app::{Effect, Intent, ListId, Message, Panel, update};
use crate::domain::Metric;
use crate::domain::question::{Alert, AlertState, RunningHistory, ShareLine};
use crate::domain::release::Item;
use crate::domain::workspace::{BackendConfig, BackendKind, Origin, VersionsSource};
use crate::domain::{
    Answer, ChangeType, Environment, Failure, FailureKind, Now, Release, Safe, Service, Status, Workspace,
};

fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_612_800 + minutes * 60, 0).unwrap()
}

fn now(minutes: i64) -> Now {
    Now { wall: at(minutes), mono: Duration::from_secs((10_000 + minutes * 60).cast_unsigned()) }
}

fn workspace() -> Workspace {
    let backend = |name: &str, kind| BackendConfig::new(name, kind);
    let metric =
        |name: &str, query: &str| Metric { name: name.into(), query: query.into(), ..Metric::default() };
    let release = |id: &str, service: &str, version: &str| Release {
        id: id.into(),
        title: id.into(),
        change: ChangeType::Normal,
        status: Status::Planned,
        owner: None,
        tracker: None,
        items: vec![Item { service: service.into(), version: version.into() }],
        stages: Vec::new(),
        checks: Vec::new(),
        exceptions: Vec::new(),
        notes: None,
        show: crate::domain::show::RunOfShow::default(),
        watch: crate::domain::stabilisation::Plan::default(),
    };
    let versions = VersionsSource::Query { backend: None, query: "q".into() };
    Workspace {
        name: "shop".into(),
        environments: vec![
            Environment { id: "test".into(), regions: Vec::new(), capacity: None, versions: None },
            Environment {
                id: "production".into(),
                regions: Vec::new(),
                capacity: None,
                versions: Some(versions),
            },
        ],
        services: vec![Service {
            id: "cart".into(),
            metrics: vec![metric("errors", "e{v=\"{{version}}\"}"), metric("load", "l{r=\"{{ region }}\"}")],
            ..Service::default()
        }],
        backends: vec![backend("prom", BackendKind::Prometheus), backend("am", BackendKind::Alertmanager)],
        releases: vec![release("cart-2", "cart", "v2.0.0"), release("mail-5", "mail", "5.0.0")],
        origin: Origin::Files("/srv/shop".into()),
        ..Workspace::default()
    }
}

fn open() -> crate::app::State {
    let mut state = crate::app::State::new(now(0), Tz::UTC, Look::default());
    state.panel = Panel::Monitor;
    update(&mut state, now(0), Message::WorkspaceLoaded(Arc::new(workspace()), Vec::new()));
    state
}

fn answer(state: &mut crate::app::State, question: &Question, result: Result<Answer, Failure>) {
    let now = state.now;
    let generation = state.remotes.ask(question, now);
    update(state, now, Message::Answered { question: question.clone(), generation, result });
}

fn press(state: &mut crate::app::State, intent: Intent) -> Vec<Effect> {
    let now = state.now;
    let effects = update(state, now, Message::Intent(intent));
    effects.into_iter().filter(|effect| !matches!(effect, Effect::Ask { .. } | Effect::Cancel(_))).collect()
}

/// cart 1 → 2 since ten minutes at half, mail 4 → 5 since five at half.
fn history() -> RunningHistory {
    let times: Vec<_> = (-60..=0).map(at).collect();
    let line = |service: &str, version: &str, count: &dyn Fn(i64) -> f64| ShareLine {
        service: service.into(),
        region: Some("eu".into()),
        version: version.into(),
        counts: (-60..=0).map(|minute| Some(count(minute)).filter(|count| *count > 0.0)).collect(),
    };
    let step =
        |since: i64, before: f64, after: f64| move |minute: i64| if minute < since { before } else { after };
    RunningHistory {
        times,
        lines: vec![
            line("cart", "1.0.0", &step(-10, 4.0, 2.0)),
            line("cart", "2.0.0", &step(-10, 0.0, 2.0)),
            line("mail", "4.0.0", &step(-5, 4.0, 2.0)),
            line("mail", "5.0.0", &step(-5, 0.0, 2.0)),
            line("web", "1.0.0", &step(0, 3.0, 3.0)),
        ],
        warnings: Vec::new(),
    }
}

fn rolling() -> crate::app::State {
    let mut state = open();
    let question = rollouts::question(&state, "production");
    answer(&mut state, &question, Ok(Answer::RunningHistory(history())));
    state
}

fn alert(name: &str, labels: &[(&str, &str)], state: AlertState, minutes: i64) -> Alert {
    Alert {
        name: name.into(),
        labels: labels.iter().map(|(k, v)| (Safe::new(k), Safe::new(v))).collect::<BTreeMap<_, _>>(),
        summary: "".into(),
        state,
        since: at(minutes),
        id: None,
        silenced_by: Vec::new(),
        inhibited_by: Vec::new(),
    }
}

fn alerts_of(backend: &str) -> Question {
    Question::Alerts { backend: backend.into() }
}

fn names(state: &crate::app::State) -> Vec<&str> {
    listed_alerts(state).iter().map(|heard| heard.alert.name.as_str()).collect()
}

#[test]
fn only_environments_that_tell_their_versions_are_asked() {
    let state = open();
    let asked: Vec<_> = wanted(&state)
        .into_iter()
        .filter_map(|question| match question {
            Question::RunningHistory { environment, span } => Some((environment, span.end, span.seconds)),
            _ => None,
        })
        .collect();
    assert_eq!(asked, [("production".to_owned(), None, 3600)]);
}

#[test]
fn a_rollout_is_listed_with_its_release_and_its_numbers_are_asked() {
    let state = rolling();
    let seen: Vec<_> =
        listed(&state).iter().map(|seen| (seen.key.service.as_str(), seen.release.as_deref())).collect();
    assert_eq!(seen, [("mail", Some("mail-5")), ("cart", Some("cart-2"))]);
    assert!(!wanted(&state).iter().any(|question| matches!(question, Question::Metric { .. })));
    let mut state = state;
    press(&mut state, Intent::Down);
    let metrics: Vec<_> = wanted(&state)
        .into_iter()
        .filter_map(|question| match question {
            Question::Metric { metric, version, region, .. } => Some((metric, version, region)),
            _ => None,
        })
        .collect();
    let row = |metric: &str, version: &str, region: Option<&str>| {
        (metric.to_owned(), version.to_owned(), region.map(str::to_owned))
    };
    let expected = [
        row("errors", "2.0.0", None),
        row("errors", "1.0.0", None),
        row("load", "2.0.0", Some("eu")),
        row("load", "1.0.0", Some("eu")),
    ];
    assert_eq!(metrics, expected);
}

#[test]
fn choosing_a_rollout_chooses_its_release_and_the_other_way_round() {
    let mut state = rolling();
    press(&mut state, Intent::Down);
    assert_eq!(state.release.as_deref(), Some("cart-2"));
    state.release = Some("mail-5".into());
    assert_eq!(selected(&state).map(|seen| seen.key.service.as_str()), Some("mail"));
    press(&mut state, Intent::Down);
    assert_eq!(state.release.as_deref(), Some("cart-2"));
}

#[test]
fn the_selection_stays_on_its_rollout_when_the_order_changes() {
    let mut state = rolling();
    press(&mut state, Intent::Down);
    let mut grown = history();
    grown.lines.push(ShareLine {
        service: "web".into(),
        region: Some("eu".into()),
        version: "2.0.0".into(),
        counts: (-60..=0).map(|minute| (minute > -2).then_some(1.0)).collect(),
    });
    let question = rollouts::question(&state, "production");
    answer(&mut state, &question, Ok(Answer::RunningHistory(grown)));
    assert_eq!(listed(&state).len(), 3);
    assert_eq!(selected(&state).map(|seen| seen.key.service.as_str()), Some("cart"));
}

#[test]
fn a_paused_window_asks_a_question_that_does_not_move() {
    let mut state = rolling();
    press(&mut state, Intent::TogglePause);
    let paused = rollouts::question(&state, "production");
    state.now = now(3);
    assert_eq!(rollouts::question(&state, "production"), paused);
    assert!(matches!(paused, Question::RunningHistory { span, .. } if span.end == Some(at(0))));
    press(&mut state, Intent::Back);
    assert_eq!(state.monitor.window.paused_at(), None);
}

#[test]
fn what_was_known_stays_while_another_window_is_asked_for() {
    let mut state = rolling();
    press(&mut state, Intent::ZoomIn);
    assert_eq!(listed(&state).len(), 2);
    let question = rollouts::question(&state, "production");
    answer(&mut state, &question, Ok(Answer::RunningHistory(RunningHistory::default())));
    assert_eq!(listed(&state).len(), 0);
}

#[test]
fn one_alert_told_by_two_backends_is_one_and_the_alertmanager_knows_better() {
    let mut state = rolling();
    let labels = [("service", "cart"), ("cluster", "c1")];
    let plain = alert("Slow", &labels[..1], AlertState::Firing, -3);
    let pending = alert("Full", &[("service", "web")], AlertState::Pending, -1);
    answer(&mut state, &alerts_of("prom"), Ok(Answer::Alerts(vec![plain, pending].into())));
    assert_eq!(names(&state), ["Slow", "Full"]);
    let silenced = alert("Slow", &labels, AlertState::Silenced, -3);
    answer(&mut state, &alerts_of("am"), Ok(Answer::Alerts(vec![silenced].into())));
    assert_eq!(names(&state), ["Full", "Slow"]);
    assert_eq!(state.monitor.index.alerts[1].alert.state, AlertState::Silenced);
}

#[test]
fn two_alerts_of_one_backend_are_two_even_where_one_has_more_labels() {
    let mut state = rolling();
    let one = alert("Slow", &[("service", "cart")], AlertState::Firing, -3);
    let other = alert("Slow", &[("service", "cart"), ("pod", "7")], AlertState::Firing, -3);
    answer(&mut state, &alerts_of("am"), Ok(Answer::Alerts(vec![one, other].into())));
    assert_eq!(names(&state).len(), 2);
}

#[test]
fn alerts_that_began_after_the_rollout_come_first_and_muted_ones_last() {
    let mut state = rolling();
    let service = [("service", "cart")];
    let list = vec![
        alert("Old", &[], AlertState::Firing, -30),
        alert("Muted", &service, AlertState::Silenced, -1),
        alert("New", &service, AlertState::Pending, -8),
    ];
    answer(&mut state, &alerts_of("am"), Ok(Answer::Alerts(list.into())));
    press(&mut state, Intent::Down);
    assert_eq!(names(&state), ["New", "Old", "Muted"]);
}

#[test]
fn an_acknowledged_alert_that_comes_again_is_not_acknowledged() {
    let mut state = rolling();
    let mut slow = alert("Slow", &[("service", "cart")], AlertState::Firing, -3);
    answer(&mut state, &alerts_of("am"), Ok(Answer::Alerts(vec![slow.clone()].into())));
    assert_eq!(press(&mut state, Intent::Acknowledge), [Effect::KeepPerson]);
    assert!(is_acknowledged(&state, &state.monitor.index.alerts[0]));
    slow.since = at(-1);
    answer(&mut state, &alerts_of("am"), Ok(Answer::Alerts(vec![slow].into())));
    assert!(!is_acknowledged(&state, &state.monitor.index.alerts[0]));
    press(&mut state, Intent::Acknowledge);
    press(&mut state, Intent::Acknowledge);
    assert!(!is_acknowledged(&state, &state.monitor.index.alerts[0]));
}

#[test]
fn the_timeline_tells_what_happened_newest_first_and_leads_to_the_rollout() {
    let mut state = rolling();
    let texts: Vec<_> = listed_events(&state).iter().map(|event| event.text.clone()).collect();
    assert_eq!(texts, ["mail 5.0.0 appeared, 50 %", "cart 2.0.0 appeared, 50 %"]);
    press(&mut state, Intent::SelectRow(ListId::Timeline, 1));
    assert_eq!(state.monitor.pane, Pane::Timeline);
    press(&mut state, Intent::Open);
    assert_eq!(selected(&state).map(|seen| seen.key.service.as_str()), Some("cart"));
    assert_eq!(state.monitor.pane, Pane::Rollouts);
}

#[test]
fn the_filter_holds_for_rollouts_alerts_and_events() {
    let mut state = rolling();
    answer(
        &mut state,
        &alerts_of("am"),
        Ok(Answer::Alerts(vec![alert("Slow", &[("service", "cart")], AlertState::Firing, -3)].into())),
    );
    state.set_filter("mail eu".into());
    assert_eq!((listed(&state).len(), listed_alerts(&state).len(), listed_events(&state).len()), (1, 0, 1));
}

#[test]
fn what_is_on_screen_is_had_as_json_with_its_freshness() {
    let mut state = rolling();
    let shown = snapshot(&state);
    assert_eq!(shown["rollouts"][0]["service"], "mail");
    assert_eq!((&shown["rollouts"][0]["fresh"], &shown["rollouts"][0]["share"]), (&true.into(), &0.5.into()));
    assert_eq!(shown["silences"], serde_json::Value::Null);
    assert_eq!(shown["window"]["following"], true);
    state.now = now(10);
    let down = Failure::new(FailureKind::Unreachable, "prom is away", "start it");
    let question = rollouts::question(&state, "production");
    answer(&mut state, &question, Err(down));
    let shown = snapshot(&state);
    assert_eq!(shown["rollouts"][0]["fresh"], false);
    assert_eq!(shown["environments"][0]["why"], "prom is away: start it");
    assert_eq!(selected_text(&state).as_deref(), Some("mail 4.0.0 → 5.0.0 in production · eu, 50 %"));
}

#[test]
fn a_long_window_still_says_what_is_now() {
    let mut state = rolling();
    (0..4).for_each(|_| {
        press(&mut state, Intent::ZoomOut);
    });
    // A day ago nothing but cart's old version; the points lie six minutes apart and end before
    // mail began to move.
    let mut coarse = history();
    coarse.times = coarse.times.iter().map(|time| at(-6) - (at(0) - *time) * 6).collect();
    coarse.lines.retain(|line| line.service != "mail");
    let question = rollouts::question(&state, "production");
    answer(&mut state, &question, Ok(Answer::RunningHistory(coarse)));
    let shares = |state: &crate::app::State| -> Vec<(String, f64)> {
        listed(state).iter().map(|seen| (seen.key.service.clone(), seen.share)).collect()
    };
    assert_eq!(shares(&state), [("mail".to_owned(), 0.5), ("cart".to_owned(), 0.5)]);
    let mut moved = history();
    for (line, count) in moved.lines.iter_mut().zip([1.0, 3.0]) {
        line.counts[60] = Some(count);
    }
    let question = rollouts::present_question(&state, "production");
    assert!(wanted(&state).contains(&question));
    answer(&mut state, &question, Ok(Answer::RunningHistory(moved)));
    assert_eq!(shares(&state)[1], ("cart".to_owned(), 0.75));
    let since: Vec<_> = listed(&state).iter().map(|seen| seen.since).collect();
    assert_eq!(since, [at(-5), at(-66)]);
}

#[test]
fn every_view_speaks_of_the_same_rollout_and_esc_leads_back() {
    let mut state = rolling();
    press(&mut state, Intent::Down);
    let chosen = selected(&state).map(|seen| seen.key.clone());
    for view in View::ALL {
        press(&mut state, Intent::ShowView(*view));
        assert_eq!((state.monitor.view, snapshot(&state)["view"].as_str()), (*view, Some(view.word())));
        assert_eq!(selected(&state).map(|seen| seen.key.clone()), chosen);
        press(&mut state, Intent::Back);
        assert_eq!(state.monitor.view, View::Overview);
    }
    press(&mut state, Intent::PreviousView);
    assert_eq!(Some(&state.monitor.view), View::ALL.last());
    press(&mut state, Intent::NextView);
    assert_eq!(state.monitor.view, View::Overview);
}

#[test]
fn the_skew_map_keeps_its_place_and_leads_from_a_version_to_what_is_astray() {
    let mut state = rolling();
    press(&mut state, Intent::ShowView(View::Skew));
    let row = |state: &crate::app::State| {
        let row = skew::listed(state)[skew::selected_row(state)];
        (row.service.clone(), row.version.to_string())
    };
    press(&mut state, Intent::Last);
    assert_eq!(row(&state), ("web".to_owned(), "1.0.0".to_owned()), "one version only comes last");
    state.set_filter("mail".into());
    assert_eq!(skew::listed(&state).len(), 2);
    press(&mut state, Intent::Back);
    assert_eq!((state.monitor.view, row(&state).0), (View::Skew, "web".to_owned()));
    let shown = snapshot(&state);
    assert_eq!(shown["skew"]["places"][0]["region"], "eu");
    assert_eq!(shown["skew"]["selected"][0], "web");
    assert_eq!(selected_text(&state).as_deref(), Some("web 1.0.0: production · eu 3"));
}

mod advising;
mod judging;
mod reminding;

#[test]
fn a_train_has_its_cars_and_what_no_release_plans_and_leads_to_the_rollout() {
    let mut state = rolling();
    let mut workspace = workspace();
    workspace.releases[0].stages = vec![crate::domain::Stage {
        environment: "production".into(),
        region: None,
        start: at(-15),
        end: at(45),
        time_zone: Tz::UTC,
        strategy: Some(crate::domain::Strategy::Canary),
        steps: vec![50.0, 100.0],
        soak: None,
    }];
    let moment = state.now;
    update(&mut state, moment, Message::WorkspaceLoaded(Arc::new(workspace), Vec::new()));
    press(&mut state, Intent::ShowView(View::Train));
    let shown = snapshot(&state);
    assert_eq!(shown["train"]["trains"][0]["release"], "cart-2");
    assert_eq!(shown["train"]["trains"][0]["cars"][0]["state"], "going");
    assert_eq!(shown["train"]["not_planned"][0], "mail 4.0.0 → 5.0.0 in production · eu, 50 %");
    // Half for ten minutes: the first of two steps, each of half an hour.
    let rollouts = shown["rollouts"].as_array().unwrap();
    let cart = rollouts.iter().find(|row| row["service"] == "cart").unwrap();
    assert_eq!((&cart["plan"]["step"], &cart["plan"]["seconds_left"]), (&1.into(), &1200.into()));
    let mail = rollouts.iter().find(|row| row["service"] == "mail").unwrap();
    assert_eq!(mail["plan"], serde_json::Value::Null);
    press(&mut state, Intent::First);
    press(&mut state, Intent::Down);
    press(&mut state, Intent::Open);
    assert_eq!(state.monitor.view, View::Overview);
    assert_eq!(selected(&state).map(|seen| seen.key.service.as_str()), Some("cart"));
}
