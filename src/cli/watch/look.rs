//! A cockpit that nobody sees: it asks and derives what the view of the watches does.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::super::{CliError, ask};
use crate::app::monitor::window::Window;
use crate::app::monitor::{self, View, advice, judge, watches};
use crate::app::state::Look;
use crate::app::{Effect, Message, Panel, State, update};
use crate::domain::alerts::past::History;
use crate::domain::question::{Alert, AlertState, Span};
use crate::domain::workspace::BackendKind;
use crate::domain::{Answer, Failure, FailureKind, Now, Question, Workspace};

/// An answer may lead to another question: what runs, then its numbers.
const ROUNDS: u64 = 4;
/// How far back alerts of then may have begun, in seconds.
const DAY: u32 = 86_400;
/// Points of an alert's series over that time: one a minute.
const POINTS: u32 = 1440;
/// What went on at an instant was recorded within so long before it.
const LATELY: TimeDelta = TimeDelta::minutes(10);

/// The cockpit as of an instant, once everything was asked.
pub fn look(workspace: &Workspace, now: DateTime<Utc>, is_past: bool) -> Result<State, CliError> {
    let first = Now { wall: now, mono: Duration::from_secs(1) };
    let mut state = State::new(first, workspace.time_zone, Look::default());
    state.panel = Panel::Monitor;
    state.monitor.view = View::Watch;
    state.monitor.window = Window::default();
    take(&mut state, first, Message::WorkspaceLoaded(Arc::new(workspace.clone()), Vec::new()));
    for round in 1..=ROUNDS {
        let open: Vec<Question> = wanted(&state);
        if open.is_empty() {
            break;
        }
        let (lost, open): (Vec<Question>, Vec<Question>) =
            open.into_iter().partition(|question| is_past && tells_of_now_alone(question));
        let mut told = ask::all(workspace, &open, now)?;
        told.extend(then(workspace, &lost, now)?);
        for (question, result) in open.into_iter().chain(lost).zip(told) {
            let moment = state.now;
            let generation = state.remotes.ask(&question, moment);
            take(&mut state, moment, Message::Answered { question, generation, result });
        }
        // Rules look once a second.
        let later = Now { wall: now, mono: Duration::from_secs(1 + 2 * round) };
        take(&mut state, later, Message::Tick);
    }
    let last = Now { wall: now, mono: Duration::from_secs(3 + 2 * ROUNDS) };
    take(&mut state, last, Message::Tick);
    Ok(state)
}

/// What is not asked yet.
fn wanted(state: &State) -> Vec<Question> {
    let mut seen = BTreeSet::new();
    let is_answered = |question: &Question| {
        let remote = state.remotes.get(question);
        remote.is_some_and(|remote| remote.since().is_some() || remote.trouble().is_some())
    };
    let all = [watches::wanted(state), monitor::wanted(state), advice::wanted(state), judge::wanted(state)];
    all.into_iter()
        .flatten()
        .filter(|question| !question.is_on_demand() && !is_answered(question))
        .filter(|question| seen.insert(question.clone()))
        .collect()
}

/// Of the past only what is kept over time can be asked.
fn tells_of_now_alone(question: &Question) -> bool {
    matches!(question, Question::Alerts { .. } | Question::Silences { .. })
}

/// What can be said of then in place of what is told of now alone: a Prometheus keeps its alerts.
fn then(
    workspace: &Workspace,
    lost: &[Question],
    now: DateTime<Utc>,
) -> Result<Vec<Result<Answer, Failure>>, CliError> {
    let kept = |question: &Question| {
        let Question::Alerts { backend } = question else { return None };
        let is_kept = workspace.backend(backend).is_some_and(|it| it.kind == BackendKind::Prometheus);
        let span = Span::new(Some(now), DAY, POINTS);
        is_kept.then(|| Question::AlertHistory { backend: backend.clone(), span })
    };
    let asked: Vec<Question> = lost.iter().filter_map(kept).collect();
    let mut told = ask::all(workspace, &asked, now)?.into_iter();
    let answers = lost.iter().map(|question| match kept(question) {
        None => Err(not_kept("which alerts fired then is not kept there")),
        Some(_) => match told.next() {
            Some(Ok(Answer::AlertHistory(history))) => alerts_then(&history, now),
            Some(Err(failure)) => Err(failure),
            _ => Err(not_kept("which alerts fired then was not told")),
        },
    });
    Ok(answers.collect())
}

/// The alerts that went on at an instant. Where anything was not recorded, it is not known.
fn alerts_then(history: &History, now: DateTime<Utc>) -> Result<Answer, Failure> {
    let doubts = history.doubts(now - LATELY, now, chrono_tz::UTC);
    if !doubts.is_empty() {
        return Err(not_kept(&doubts.join("; ")));
    }
    let went_on = history.list.iter().filter(|past| past.alert.since <= now && past.ended.is_none());
    let alerts: Vec<Alert> = went_on
        .map(|past| {
            let state = if past.fired.is_some() { AlertState::Firing } else { AlertState::Pending };
            Alert { state, ..past.alert.clone() }
        })
        .collect();
    Ok(Answer::Alerts(alerts.into()))
}

fn not_kept(what: &str) -> Failure {
    Failure::new(FailureKind::NotFound, what, "look at now, without --at")
}

/// Takes a message; verdicts that are asked for are reached at once.
fn take(state: &mut State, moment: Now, message: Message) {
    for effect in update(state, moment, message) {
        if let Effect::Assess(job) = effect {
            let (number, verdicts) = (job.number, job.run());
            take(state, moment, Message::Assessed { number, result: Ok(verdicts) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::alerts::Past;

    #[test]
    fn without_a_workspace_nothing_is_asked_and_nobody_watches() {
        let now = DateTime::from_timestamp(1_795_612_800, 0).unwrap();
        let state = look(&Workspace::default(), now, false).unwrap();
        assert!(watches::all(&state).is_empty());
        let answers: Vec<&Answer> = state.remotes.iter().filter_map(|(_, remote)| remote.last()).collect();
        assert!(answers.is_empty());
    }

    #[test]
    fn what_went_on_then_is_read_out_of_what_was_kept() {
        let now = DateTime::from_timestamp(1_795_612_800, 0).unwrap();
        let minutes = |minutes: i64| now - TimeDelta::minutes(minutes);
        let past = |name: &str, fired: Option<i64>, ended: Option<i64>| Past {
            alert: Alert {
                name: name.into(),
                labels: std::collections::BTreeMap::new(),
                summary: "".into(),
                state: AlertState::Firing,
                since: minutes(30),
                id: None,
                silenced_by: Vec::new(),
                inhibited_by: Vec::new(),
            },
            fired: fired.map(minutes),
            ended: ended.map(minutes),
            seen: now,
            began_before: false,
        };
        let mut history = History {
            list: vec![
                past("Slow", Some(20), None),
                past("Soon", None, None),
                past("Gone", Some(20), Some(5)),
            ],
            step: 60,
            ..History::default()
        };
        let Ok(Answer::Alerts(alerts)) = alerts_then(&history, now) else { panic!() };
        let found: Vec<_> = alerts.iter().map(|alert| (alert.name.as_str(), alert.state)).collect();
        assert_eq!(found, [("Slow", AlertState::Firing), ("Soon", AlertState::Pending)]);
        history.not_kept = Some("no rule is recorded".into());
        assert!(alerts_then(&history, now).is_err(), "what was not kept is not known");
    }
}
