//! Watches, as messages come in.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::*;
use crate::app::state::Look;
use crate::app::{Effect, Intent, Message, Panel, State as Cockpit, update};
use crate::domain::question::{Alert, RunningHistory, ShareLine};
use crate::domain::stabilisation::{Note, Phase};
use crate::domain::trigger::{Trigger, When};
use crate::domain::workspace::{BackendConfig, BackendKind, Origin, VersionsSource};
use crate::domain::{Answer, Environment, Failure, FailureKind, Now, Workspace, samples};

fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_612_800 + minutes * 60, 0).unwrap()
}

fn now(minutes: i64) -> Now {
    Now { wall: at(minutes), mono: Duration::from_secs((100_000 + minutes * 60).cast_unsigned()) }
}

/// cart 2 was to be everywhere five hours ago.
fn workspace(change: impl FnOnce(&mut Workspace)) -> Workspace {
    let stage = samples::stage("production", "2026-11-25T08:00:00Z", "2026-11-25T09:00:00Z");
    let stage = crate::domain::Stage { start: at(-360), end: at(-300), ..stage };
    let mut release = samples::release("cart-2", &[("cart", "2.0.0")], vec![stage]);
    release.owner = Some("mira".into());
    let mut service = samples::service("cart", &[]);
    service.escalation = vec!["mira".into(), "@oncall".into(), "@duty".into()];
    let versions = VersionsSource::Query { backend: None, query: "q".into() };
    let mut workspace = Workspace {
        environments: vec![Environment {
            id: "production".into(),
            regions: Vec::new(),
            capacity: None,
            versions: Some(versions),
        }],
        services: vec![service],
        backends: vec![BackendConfig::new("prom", BackendKind::Prometheus)],
        releases: vec![release],
        origin: Origin::Files("/srv/shop".into()),
        ..Workspace::default()
    };
    change(&mut workspace);
    workspace
}

fn open(change: impl FnOnce(&mut Workspace)) -> Cockpit {
    let mut state = Cockpit::new(now(0), Tz::UTC, Look::default());
    state.panel = Panel::Calendar;
    update(&mut state, now(0), Message::WorkspaceLoaded(Arc::new(workspace(change)), Vec::new()));
    state
}

/// Version 2 has been everywhere since so many minutes after noon.
fn ran(since: i64) -> RunningHistory {
    let minutes: Vec<i64> = (-96..=0).map(|quarter| quarter * 15).collect();
    let line = |version: &str, count: &dyn Fn(i64) -> f64| ShareLine {
        service: "cart".into(),
        region: None,
        version: version.into(),
        counts: minutes.iter().map(|minute| Some(count(*minute)).filter(|count| *count > 0.0)).collect(),
    };
    let share = |minute: i64| {
        if minute < since - 60 {
            0.0
        } else if minute < since {
            2.0
        } else {
            4.0
        }
    };
    RunningHistory {
        times: minutes.iter().map(|minute| at(*minute)).collect(),
        lines: vec![line("1.0.0", &|minute| 4.0 - share(minute)), line("2.0.0", &share)],
        warnings: Vec::new(),
    }
}

fn answer(state: &mut Cockpit, question: &Question, result: Result<Answer, Failure>) -> Vec<Effect> {
    let now = state.now;
    let generation = state.remotes.ask(question, now);
    update(state, now, Message::Answered { question: question.clone(), generation, result })
}

fn history_question(state: &Cockpit) -> Question {
    let is_it = |question: &Question| matches!(question, Question::RunningHistory { .. });
    wanted(state).into_iter().find(is_it).expect("what ran is asked whatever the panel")
}

fn alert(state: AlertState, minutes: i64) -> Alert {
    let labels = [("service", "cart"), ("environment", "production")];
    Alert {
        name: "CartSlow".into(),
        labels: labels.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
        summary: "".into(),
        state,
        since: at(minutes),
        id: None,
        silenced_by: Vec::new(),
        inhibited_by: Vec::new(),
    }
}

/// What is known at a minute: what ran, and alerts; answers with the titles of what rang.
fn look(state: &mut Cockpit, minute: i64, since: i64, alerts: Vec<Alert>) -> Vec<String> {
    look_at(state, minute * 60, since, alerts)
}

/// The same at a second.
fn look_at(state: &mut Cockpit, second: i64, since: i64, alerts: Vec<Alert>) -> Vec<String> {
    let moment = |more: i64| Now {
        wall: at(0) + TimeDelta::seconds(second + more),
        mono: Duration::from_secs((100_000 + second + more).cast_unsigned()),
    };
    let mut effects = update(state, moment(0), Message::Tick);
    let question = history_question(state);
    let history = RunningHistory { times: ran(since).times, ..ran(since) };
    effects.extend(answer(state, &question, Ok(Answer::RunningHistory(history))));
    // The window on screen, which begins after it arrived.
    let question = super::super::rollouts::present_question(state, "production");
    let line = ShareLine {
        service: "cart".into(),
        region: None,
        version: "2.0.0".into(),
        counts: vec![Some(4.0); 2],
    };
    let times = vec![moment(-15).wall, moment(0).wall];
    let present = RunningHistory { times, lines: vec![line], warnings: Vec::new() };
    effects.extend(answer(state, &question, Ok(Answer::RunningHistory(present))));
    let question = Question::Alerts { backend: "prom".into() };
    effects.extend(answer(state, &question, Ok(Answer::Alerts(alerts.into()))));
    effects.extend(update(state, moment(2), Message::Tick));
    let rings = effects.into_iter().filter_map(|effect| match effect {
        Effect::Ring(ring) => Some(ring.title.to_string()),
        _ => None,
    });
    rings.collect()
}

fn only(state: &Cockpit) -> &Entry {
    assert_eq!(all(state).len(), 1, "{:?}", all(state));
    &all(state)[0]
}

#[test]
fn a_release_that_arrived_is_watched_from_when_it_was_seen_everywhere() {
    let mut state = open(|_| {});
    // Before anybody told, the plan is all there is, and that is said.
    assert_eq!(only(&state).watch.begins, Beginning::Planned(at(-300)));
    assert!(!only(&state).unknown.is_empty());
    look(&mut state, 0, -240, Vec::new());
    let entry = only(&state);
    assert_eq!(entry.watch.begins, Beginning::Observed(at(-240)));
    assert_eq!(
        (entry.watch.phase, entry.watch.line(at(0)).as_str()),
        (Phase::Watching, "watch: mira, 68 h left")
    );
    assert_eq!(entry.unknown, Vec::<String>::new());
    assert_eq!(entry.chain, ["@oncall", "@duty"]);
}

#[test]
fn a_rollout_that_goes_on_is_no_watch_and_one_that_failed_to_answer_is_doubted() {
    let mut state = open(|_| {});
    look(&mut state, 0, 30, Vec::new());
    assert!(all(&state).is_empty());
    let mut state = open(|_| {});
    let question = history_question(&state);
    let down = Failure::new(FailureKind::Unreachable, "prom refused", "start it");
    answer(&mut state, &question, Err(down));
    update(&mut state, now(1), Message::Tick);
    let entry = only(&state);
    assert!(entry.unknown.iter().any(|why| why.contains("prom refused")), "{:?}", entry.unknown);
    assert!(matches!(face(&state), Face::Failed(_)));
}

#[test]
fn nobody_acknowledges_and_the_next_is_called_until_somebody_does() {
    let mut state = open(|_| {});
    let fires = || vec![alert(AlertState::Firing, -5), alert(AlertState::Firing, -600)];
    let rung = look(&mut state, 0, -240, fires());
    assert_eq!(rung, ["CartSlow fires"], "the older one has nothing to do with it");
    let entry = only(&state);
    assert_eq!(entry.timers.len(), 1);
    assert_eq!(entry.timers[0].next, Some((at(10), "@oncall".to_owned())));
    assert_eq!(look(&mut state, 9, -240, fires()), Vec::<String>::new());
    assert_eq!(look(&mut state, 10, -240, fires()), ["call @oncall: cart 2.0.0"]);
    assert_eq!(look(&mut state, 12, -240, fires()), Vec::<String>::new(), "once a turn");
    assert_eq!(look(&mut state, 20, -240, fires()), Vec::<String>::new());
    assert_eq!(look(&mut state, 25, -240, fires()), ["call @duty: cart 2.0.0"]);
    let acknowledged = |workspace: &mut Workspace| {
        workspace.releases[0].watch.notes = vec![Note {
            time: at(26),
            by: "sam".into(),
            to: None,
            acknowledge: true,
            close: false,
            text: "on it".into(),
        }];
    };
    let workspace = Arc::new(workspace(acknowledged));
    update(&mut state, now(27), Message::WorkspaceLoaded(workspace, Vec::new()));
    for minute in [30, 35, 40] {
        assert_eq!(look(&mut state, minute, -240, fires()), Vec::<String>::new(), "{minute}");
    }
    assert_eq!(only(&state).timers[0].acknowledged, Some(("sam".to_owned(), at(26))));
    // A new thing is nobody's yet.
    let both = vec![alert(AlertState::Firing, -5), alert(AlertState::Firing, 30)];
    assert_eq!(look(&mut state, 46, -240, both), ["CartSlow fires", "call @oncall: cart 2.0.0"]);
}

#[test]
fn pending_alerts_ring_while_it_is_watched_closely_and_not_later() {
    let pending = || vec![alert(AlertState::Pending, -1)];
    let mut fresh = open(|_| {});
    assert_eq!(look(&mut fresh, 0, -30, pending()), ["CartSlow is pending"]);
    assert_eq!(look(&mut fresh, 1, -30, vec![alert(AlertState::Firing, -1)]), ["CartSlow fires"]);
    // Short of its end it is almost as usual.
    let mut late = open(|workspace| workspace.releases[0].watch.length = TimeDelta::hours(5));
    assert_eq!(look(&mut late, 0, -280, pending()), Vec::<String>::new());
    let sensitivity = only(&late).watch.sensitivity;
    assert!(sensitivity.value() > 0.0 && sensitivity.value() < 0.5, "{sensitivity:?}");
}

#[test]
fn triggers_hold_for_less_time_while_a_release_settles() {
    let fires = || vec![alert(AlertState::Firing, -1)];
    let trigger = |workspace: &mut Workspace| {
        workspace.services[0].triggers = vec![Trigger {
            id: "slow".into(),
            when: When::Alert("CartSlow".into()),
            hold: TimeDelta::minutes(10),
            within: TimeDelta::days(3),
            ..Trigger::default_of_service()
        }];
    };
    // Everywhere since half an hour: its first hour, holds are halved.
    let mut settling = open(trigger);
    let mut fired = None;
    for quarter in 0..44 {
        look_at(&mut settling, quarter * 15, -30, fires());
        let given = settling.monitor.advisor.given.first();
        fired = fired.or_else(|| given.map(|_| quarter * 15));
    }
    // Ten minutes as written; seen from the second second on.
    assert_eq!(fired, Some(300), "{:?}", settling.monitor.advisor.standings);
    assert!(only(&settling).timers.iter().any(|timer| timer.open.kind == Kind::Recommendation));
    // The same at its very end: the plain rule, as it is written.
    let mut settled = open(|workspace| {
        trigger(workspace);
        workspace.releases[0].watch.length = TimeDelta::minutes(1);
    });
    look(&mut settled, 0, -30, fires());
    assert_eq!(only(&settled).watch.phase, Phase::Over);
    assert!(only(&settled).watch.sensitivity.is_normal());
}

#[test]
fn what_a_trigger_no_longer_looks_at_is_not_asked() {
    let with = |within: TimeDelta| {
        let mut state = open(|workspace| {
            let is = crate::domain::condition::Condition::parse("> 0.02").unwrap();
            workspace.services[0].metrics = vec![crate::domain::Metric {
                name: "errors".into(),
                query: "e".into(),
                ..Default::default()
            }];
            workspace.services[0].triggers = vec![Trigger {
                id: "errors".into(),
                when: When::Metric { name: "errors".into(), is },
                within,
                ..Trigger::default_of_service()
            }];
        });
        look(&mut state, 0, -240, Vec::new());
        let wanted = advice::wanted(&state);
        wanted.iter().any(|question| matches!(question, Question::Metric { .. }))
    };
    assert!(with(TimeDelta::days(3)), "whatever the window on screen, it looks for three days");
    assert!(!with(TimeDelta::hours(1)));
}

#[test]
fn keys_choose_a_watch_and_open_its_forms() {
    let mut state = open(|workspace| {
        let mut second = workspace.releases[0].clone();
        second.id = "cart-3".into();
        second.items[0].service = "mail".into();
        workspace.releases.push(second);
    });
    state.panel = Panel::Monitor;
    state.monitor.view = super::super::View::Watch;
    look(&mut state, 0, -240, Vec::new());
    assert_eq!(listed(&state).len(), 2);
    update(&mut state, now(0), Message::Intent(Intent::Down));
    let chosen = selected(&state).unwrap().id.clone();
    update(&mut state, now(0), Message::Intent(Intent::HandOver));
    let json = crate::app::snapshot::of(&state);
    assert_eq!(json["form"]["kind"], "watch-hand-over", "{json}");
    update(&mut state, now(0), Message::Intent(Intent::Back));
    update(&mut state, now(0), Message::Intent(Intent::Acknowledge));
    assert!(state.overlays.is_empty(), "there is nothing to acknowledge");
    // It keeps its place when others come and go.
    state.monitor.filter = "mail".into();
    assert_eq!(listed(&state).len(), 1);
    state.monitor.filter.clear();
    assert_eq!(selected(&state).unwrap().id, chosen);
    assert_eq!(state.release.as_deref(), Some(chosen.release.as_str()));
}

#[test]
fn nobody_watching_is_a_gap_and_said() {
    let mut state = open(|workspace| workspace.releases[0].owner = None);
    look(&mut state, 0, -240, Vec::new());
    let json = snapshot(&state);
    assert_eq!(json["watches"][0]["watcher"], serde_json::Value::Null);
    assert_eq!(json["watches"][0]["escalation"]["chain"][0], "mira");
    assert!(only(&state).watch.line(at(0)).contains("nobody watches"));
}
