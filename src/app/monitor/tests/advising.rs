//! Triggers, as messages come in.

use chrono::TimeDelta;

use super::*;
use crate::app::monitor::advice;
use crate::domain::condition::Condition;
use crate::domain::question::Series;
use crate::domain::trigger::{Remedy, SCOPE, Standing, Trigger, When};

fn trigger(id: &str, when: When, minutes: i64) -> Trigger {
    Trigger {
        id: id.into(),
        title: format!("trigger {id}"),
        when,
        hold: TimeDelta::minutes(minutes),
        within: SCOPE,
        remedy: Remedy::Rollback,
        environments: Vec::new(),
    }
}

/// Cart has a trigger on its errors, that hold for a minute, and one on an alert.
fn watching() -> crate::app::State {
    let mut state = rolling();
    let mut workspace = workspace();
    let errors = When::Metric { name: "errors".into(), is: Condition::parse("> 0.02").unwrap() };
    workspace.services[0].triggers =
        vec![trigger("errors", errors, 1), trigger("page", When::Alert("CartDown".into()), 0)];
    workspace.services[0].fix_forward = Some(TimeDelta::minutes(35));
    let now = state.now;
    update(&mut state, now, Message::WorkspaceLoaded(Arc::new(workspace), Vec::new()));
    state
}

/// So many quarters of a minute later.
fn quarter(number: i64) -> Now {
    let seconds = number * 15;
    Now {
        wall: at(0) + TimeDelta::seconds(seconds),
        mono: now(0).mono + Duration::from_secs(seconds.cast_unsigned()),
    }
}

/// What runs and what is measured is answered, and a moment later looked at.
fn measured(state: &mut crate::app::State, number: i64, value: Option<f64>) {
    let then = quarter(number);
    let question = rollouts::present_question(state, "production");
    let generation = state.remotes.ask(&question, then);
    let mut later = history();
    later.times.iter_mut().for_each(|time| *time += TimeDelta::seconds(number * 15));
    let result = Ok(Answer::RunningHistory(later));
    update(state, then, Message::Answered { question, generation, result });
    let rollout = cart(state);
    let metric = &state.workspace.services[0].metrics[0];
    let question = metrics::question(rollout, metric, "2.0.0", state.monitor.window.present());
    let start = then.wall - TimeDelta::minutes(1);
    let series = Series { start, step: 15, values: vec![value; 5], ..Series::default() };
    let generation = state.remotes.ask(&question, then);
    let result = Ok(Answer::Metric(series));
    update(state, then, Message::Answered { question, generation, result });
    let moment = TimeDelta::seconds(2);
    let after = Now { wall: then.wall + moment, mono: then.mono + Duration::from_secs(2) };
    update(state, after, Message::Tick);
}

fn cart(state: &crate::app::State) -> &Seen {
    state.monitor.index.rollouts.iter().find(|seen| seen.key.service == "cart").unwrap()
}

#[test]
fn a_condition_that_holds_becomes_advice_and_one_key_leads_there() {
    let mut state = watching();
    state.panel = Panel::Calendar;
    // Whatever panel is on screen, what triggers look at is asked.
    let wanted = crate::app::polling::wanted(&state);
    let errors =
        |question: &Question| matches!(question, Question::Metric { metric, .. } if metric == "errors");
    assert!(wanted.iter().any(errors));
    for number in 0..4 {
        measured(&mut state, number, Some(0.05));
        assert_eq!(advice::foremost(&state), None, "{number}");
    }
    measured(&mut state, 4, Some(0.05));
    let given = advice::foremost(&state).expect("the condition held for a minute").clone();
    assert_eq!((given.key.service.as_str(), given.release.as_deref()), ("cart", Some("cart-2")));
    assert_eq!(given.recommendation.remedy, Remedy::Rollback);
    assert_eq!(given.recommendation.clocks.forward.words(), "35 m");
    let json = snapshot(&state);
    assert_eq!(json["advice"][0]["recommendation"]["remedy"], "rollback");
    state.panel = Panel::Monitor;
    let effects = press(&mut state, Intent::ShowWayBack);
    assert_eq!((state.panel, effects), (Panel::Rollback, Vec::new()));
    assert_eq!(state.release.as_deref(), Some("cart-2"));
    let target = state.rollback.target.as_ref().map(|target| target.environment.as_str());
    assert_eq!(target, Some("production"));
    measured(&mut state, 5, Some(0.0));
    assert_eq!(advice::foremost(&state), None);
}

#[test]
fn advice_rings_once_and_not_again_while_it_comes_and_goes() {
    let mut state = watching();
    let mut rings = 0;
    for number in 0..24 {
        // It lets go for a moment, and comes again.
        let value = if number == 10 { 0.0 } else { 0.05 };
        rings += measured_with_rings(&mut state, number, value);
    }
    assert!(advice::foremost(&state).is_some());
    assert_eq!(rings, 1);
}

/// Like [`measured`]; answers how often it rang.
fn measured_with_rings(state: &mut crate::app::State, number: i64, value: f64) -> usize {
    let before = state.rung.len();
    measured(state, number, Some(value));
    state.rung.len() - before
}

#[test]
fn silence_neither_rings_nor_calms() {
    let mut state = watching();
    measured(&mut state, 0, Some(0.05));
    for number in 1..8 {
        measured(&mut state, number, None);
    }
    assert_eq!(advice::foremost(&state), None);
    let key = cart(&state).key.clone();
    // Nobody said how many alerts there are.
    assert_eq!(state.monitor.advisor.standings[&key], [Standing::Unknown, Standing::Unknown]);
    for number in 8..13 {
        measured(&mut state, number, Some(0.05));
    }
    assert!(advice::foremost(&state).is_some());
    // What was asked too long ago is not known, and takes nothing back.
    let much_later = Now { mono: quarter(13).mono + Duration::from_mins(10), wall: at(14) };
    update(&mut state, much_later, Message::Tick);
    assert!(advice::foremost(&state).is_some());
}

#[test]
fn a_paused_window_recommends_nothing_new() {
    let mut state = watching();
    press(&mut state, Intent::TogglePause);
    let looked = state.monitor.advisor.clone();
    update(&mut state, now(5), Message::Tick);
    assert_eq!(state.monitor.advisor, looked);
}
