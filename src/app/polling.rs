//! When which question is asked: only what somebody looks at, no oftener than it changes, and
//! later and later where it fails.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::domain::{Now, Question, Remote};

use super::Panel;
use super::{Effect, State, board, calendar, health, monitor, rollback};

/// The longest wait before a failed question is asked again.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// Answers nobody looked at for this long are forgotten.
const FORGET_AFTER: Duration = Duration::from_mins(15);
/// Questions on their way at a time; the rest waits its turn.
const MOST_PENDING: usize = 24;

/// How often a question is asked while somebody looks.
pub fn interval(question: &Question) -> Duration {
    Duration::from_secs(match question {
        Question::Running { .. } | Question::Alerts { .. } => 10,
        // Days by the hour: heavy to answer, and a new point comes once an hour.
        Question::RunningHistory { span, .. } if span.step >= 3600 && span.end.is_none() => 300,
        Question::Metric { span, .. } | Question::RunningHistory { span, .. } => {
            // A span that ended does not change.
            if span.end.is_some() { 3600 } else { u64::from(span.step).clamp(5, 60) }
        }
        // Until its end has come it is asked like one that follows the clock.
        Question::Measured { step, .. } => u64::from(*step).clamp(10, 60),
        Question::StepQuery { .. } => 15,
        Question::Silences { .. } => 30,
        // Never asked by itself; this says how long its answer counts.
        Question::StepCommand { .. } => 100,
        Question::Identity { .. } | Question::Tracker { .. } => 60,
        Question::Changes { .. } | Question::TrackerVersions { .. } | Question::FrozenBranches { .. } => 120,
        Question::Tags { .. } => 300,
    })
}

/// How long an answer counts as fresh: three polls (algorithms, section 1).
pub fn fresh_for(question: &Question) -> Duration {
    interval(question) * 3
}

/// When a question is due again, on the monotonic clock; `None`: it is on its way, or only asked
/// when a person wants it.
pub fn due<T>(question: &Question, remote: Option<&Remote<T>>) -> Option<Duration> {
    if question.is_on_demand() {
        return None;
    }
    let Some(remote) = remote else { return Some(Duration::ZERO) };
    if remote.pending().is_some() {
        return None;
    }
    let regular = interval(question);
    if let Some(trouble) = remote.trouble() {
        let doubled = regular.saturating_mul(1 << trouble.count.min(6).saturating_sub(1));
        let asked = trouble.failure.retry_after.unwrap_or_default();
        return Some(trouble.at.mono + doubled.min(LONGEST_WAIT).max(regular).max(asked.min(LONGEST_WAIT)));
    }
    Some(remote.since().map_or(Duration::ZERO, |at| at.mono + regular))
}

/// What is looked at now.
pub fn wanted(state: &State) -> Vec<Question> {
    let mut wanted = match state.panel {
        Panel::Calendar => calendar::wanted(state),
        Panel::Board => board::wanted(state),
        Panel::Monitor => monitor::wanted(state),
        Panel::Rollback => rollback::wanted(state),
    };
    wanted.extend(super::show::wanted(state));
    // What is typed is judged by what runs, whatever the panel below.
    if state.panel != Panel::Calendar && super::form::is_about_release(state) {
        wanted.extend(calendar::conflicts::wanted(state));
    }
    wanted.extend(health::wanted(state));
    wanted
}

/// Asks what is due and drops what nobody waits for any more.
pub fn poll(state: &mut State) -> Vec<Effect> {
    let wanted = wanted(state);
    let now = state.now;
    let mut effects = Vec::new();
    let in_view: BTreeSet<&Question> = wanted.iter().collect();
    let mut pending = 0;
    state.remotes.retain(|question, remote| {
        if remote.pending().is_some() {
            if in_view.contains(question) {
                pending += 1;
            } else {
                effects.push(Effect::Cancel(question.clone()));
            }
            return true;
        }
        let idle = remote.since().map_or(Duration::MAX, |at| now.mono.saturating_sub(at.mono));
        in_view.contains(question) || remote.trouble().is_some() || idle < FORGET_AFTER
    });
    for question in wanted {
        if pending >= MOST_PENDING {
            break;
        }
        if due(&question, state.remotes.get(&question)).is_some_and(|due| due <= now.mono) {
            let generation = state.remotes.ask(&question, now);
            effects.push(Effect::Ask { question, generation });
            pending += 1;
        }
    }
    effects
}

/// When something next happens by itself, on the monotonic clock: a question is due, or an answer
/// grows stale.
pub fn next_due(state: &State) -> Option<Duration> {
    let of = |question: &Question| {
        let remote = state.remotes.get(question);
        let stale = remote.and_then(Remote::since).map(|at| at.mono + fresh_for(question));
        let stale = stale.filter(|at| *at >= state.now.mono).map(|at| at + Duration::from_millis(1));
        [due(question, remote), stale].into_iter().flatten().min()
    };
    wanted(state).iter().filter_map(of).min()
}

/// Makes everything looked at due at once, failures included.
pub fn refresh(state: &mut State) {
    for question in wanted(state).into_iter().filter(|question| !question.is_on_demand()) {
        let pending = state.remotes.get(&question).is_some_and(|remote| remote.pending().is_some());
        if !pending {
            state.overdue.insert(question);
        }
    }
}

/// Asks again what [`refresh`] marked.
pub fn ask_overdue(state: &mut State) -> Vec<Effect> {
    let now: Now = state.now;
    let questions = std::mem::take(&mut state.overdue);
    let ask = |question: Question| {
        let generation = state.remotes.ask(&question, now);
        Effect::Ask { question, generation }
    };
    questions.into_iter().map(ask).collect()
}
