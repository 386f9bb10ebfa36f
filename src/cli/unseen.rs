//! A cockpit that nobody sees: what a view of the monitor asks and derives, for the command line.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{CliError, ask};
use crate::app::monitor::View;
use crate::app::monitor::window::Window;
use crate::app::state::Look;
use crate::app::{Message, Panel, State, update};
use crate::domain::{Answer, Now, Question, Workspace};

/// An answer may lead to another question: what runs, then its numbers.
const ROUNDS: usize = 3;

/// A cockpit on a view of the monitor.
pub fn monitor(workspace: &Workspace, view: View, window: Window, now: DateTime<Utc>) -> State {
    let moment = Now { wall: now, mono: Duration::from_secs(1) };
    let mut state = State::new(moment, workspace.time_zone, Look::default());
    state.panel = Panel::Monitor;
    state.monitor.view = view;
    state.monitor.window = window;
    update(&mut state, moment, Message::WorkspaceLoaded(Arc::new(workspace.clone()), Vec::new()));
    state
}

/// Asks what is wanted, until nothing is left to ask.
pub fn ask_all(
    state: &mut State,
    now: DateTime<Utc>,
    wanted: impl Fn(&State) -> Vec<Question>,
) -> Result<(), CliError> {
    for _ in 0..ROUNDS {
        let mut seen = BTreeSet::new();
        let open: Vec<Question> = wanted(state)
            .into_iter()
            .filter(|question| !is_answered(state, question) && seen.insert(question.clone()))
            .collect();
        if open.is_empty() {
            break;
        }
        let workspace = Arc::clone(&state.workspace);
        let answers: Vec<Result<Answer, _>> = ask::all(&workspace, &open, now)?;
        for (question, result) in open.into_iter().zip(answers) {
            let moment = state.now;
            let generation = state.remotes.ask(&question, moment);
            update(state, moment, Message::Answered { question, generation, result });
        }
    }
    Ok(())
}

/// Whether an answer came, good or bad. The cockpit itself notes as asked what nobody carries out here.
fn is_answered(state: &State, question: &Question) -> bool {
    let remote = state.remotes.get(question);
    remote.is_some_and(|remote| remote.since().is_some() || remote.trouble().is_some())
}
