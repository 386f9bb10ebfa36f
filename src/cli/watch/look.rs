//! A cockpit that nobody sees: it asks and derives what the view of the watches does.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::super::{CliError, ask};
use crate::app::monitor::window::Window;
use crate::app::monitor::{self, View, advice, judge, watches};
use crate::app::state::Look;
use crate::app::{Effect, Message, Panel, State, update};
use crate::domain::{Failure, FailureKind, Now, Question, Workspace};

/// An answer may lead to another question: what runs, then its numbers.
const ROUNDS: u64 = 4;

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
        told.extend(lost.iter().map(|_| Err(not_kept())));
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

fn not_kept() -> Failure {
    Failure::new(FailureKind::NotFound, "which alerts fired then is not asked", "look at now, without --at")
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
    use crate::domain::Answer;

    #[test]
    fn without_a_workspace_nothing_is_asked_and_nobody_watches() {
        let now = DateTime::from_timestamp(1_795_612_800, 0).unwrap();
        let state = look(&Workspace::default(), now, false).unwrap();
        assert!(watches::all(&state).is_empty());
        let answers: Vec<&Answer> = state.remotes.iter().filter_map(|(_, remote)| remote.last()).collect();
        assert!(answers.is_empty());
    }
}
