//! When which question is asked: only what somebody looks at, no oftener than it changes, and
//! later and later where it fails.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::domain::budget::Importance;
use crate::domain::{Now, Question, Remote, burn};

use super::Panel;
use super::budgets::importance;
use super::{Effect, State, board, calendar, health, monitor, rollback};

/// The longest wait before a failed question is asked again.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// Answers nobody looked at for this long are forgotten.
const FORGET_AFTER: Duration = Duration::from_mins(15);
/// Questions on their way to one backend at a time; the rest waits its turn.
const MOST_PENDING: usize = 24;

/// How often a question is asked while somebody looks.
pub fn interval(question: &Question) -> Duration {
    Duration::from_secs(match question {
        Question::Running { .. } | Question::Alerts { .. } => 10,
        // Days by the hour: heavy to answer, and a new point comes once an hour.
        Question::RunningHistory { span, .. } if span.step >= 3600 && span.end.is_none() => 300,
        // A day and more at a coarse step: what is now is asked beside it.
        Question::AlertHistory { span, .. } => {
            if span.end.is_some() {
                3600
            } else {
                u64::from(span.step).clamp(30, 300)
            }
        }
        // Points minutes apart, over days.
        Question::RunningHistory { span, .. } if span.step >= 300 && span.end.is_none() => 120,
        Question::Metric { span, .. } | Question::RunningHistory { span, .. } => {
            // A span that ended does not change.
            if span.end.is_some() { 3600 } else { u64::from(span.step).clamp(5, 60) }
        }
        // Until its end has come it is asked like one that follows the clock.
        Question::Measured { window, .. } => u64::from(*window).clamp(30, 60),
        // Short windows move within a minute; the longer one is, the dearer it is to answer.
        Question::Burn { part, .. } => match part {
            burn::Part::Short => 60,
            burn::Part::Long => 300,
            burn::Part::Period => 900,
        },
        Question::Health { every, .. } => u64::from(*every).max(5),
        Question::StepQuery { .. } => 15,
        Question::Silences { .. } => 30,
        // Never asked by itself; this says how long its answer counts.
        Question::StepCommand { .. } | Question::HealthCommand(_) => 100,
        Question::Identity { .. } | Question::Tracker { .. } => 60,
        Question::Changes { .. }
        | Question::WorkspaceChanges
        | Question::TrackerVersions { .. }
        | Question::FrozenBranches { .. } => 120,
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
    wanted.extend(monitor::health::begun(state));
    // What is typed is judged by what runs, whatever the panel below.
    if state.panel != Panel::Calendar && super::form::is_about_release(state) {
        wanted.extend(calendar::conflicts::wanted(state));
    }
    wanted.extend(monitor::watches::wanted(state));
    wanted.extend(monitor::advice::wanted(state));
    wanted.extend(monitor::judge::wanted(state));
    wanted.extend(monitor::silences::wanted(state));
    wanted.extend(health::wanted(state));
    wanted
}

/// Asks what is due and drops what nobody waits for any more.
pub fn poll(state: &mut State) -> Vec<Effect> {
    let wanted = wanted(state);
    let now = state.now;
    let in_view: BTreeSet<&Question> = wanted.iter().collect();
    let workspace = Arc::clone(&state.workspace);
    let source = |question: &Question| health::source(&workspace, question).unwrap_or_default().to_owned();
    let mut pending: BTreeMap<String, usize> = BTreeMap::new();
    let mut given_up = Vec::new();
    state.remotes.retain(|question, remote| {
        if remote.pending().is_some() {
            if in_view.contains(question) {
                *pending.entry(source(question)).or_default() += 1;
            } else {
                given_up.push(question.clone());
            }
            return true;
        }
        let idle = remote.since().map_or(Duration::MAX, |at| now.mono.saturating_sub(at.mono));
        in_view.contains(question) || remote.trouble().is_some() || idle < FORGET_AFTER
    });
    let mut effects: Vec<Effect> = given_up.into_iter().map(Effect::Cancel).collect();
    // What matters most first, and of that what has waited longest: where the budget does not
    // reach, all come round.
    let mut due: Vec<(Importance, Duration, &Question)> = in_view
        .iter()
        .filter_map(|question| {
            let due = due(question, state.remotes.get(question)).filter(|due| *due <= now.mono)?;
            Some((importance(question), due, *question))
        })
        .collect();
    due.sort_by_key(|(importance, due, _)| (*importance, *due));
    state.budgets.nobody_waits();
    for (importance, _, question) in due {
        let backend = source(question);
        let on_their_way = pending.get(&backend).copied().unwrap_or(0);
        if on_their_way >= MOST_PENDING || !state.budgets.take(&workspace, &backend, importance, now) {
            continue;
        }
        pending.insert(backend, on_their_way + 1);
        let generation = state.remotes.ask(question, now);
        effects.push(Effect::Ask { question: question.clone(), generation });
    }
    effects
}

/// When something next happens by itself, on the monotonic clock: a question is due, or an answer
/// grows stale.
pub fn next_due(state: &State) -> Option<Duration> {
    let now = state.now;
    let of = |question: &Question| {
        let remote = state.remotes.get(question);
        let stale = remote.and_then(Remote::since).map(|at| at.mono + fresh_for(question));
        let stale = stale.filter(|at| *at >= now.mono).map(|at| at + Duration::from_millis(1));
        // What waits for the budget is not due before there is some.
        let due = due(question, remote).map(|due| {
            let backend = health::source(&state.workspace, question).unwrap_or_default();
            due.max(now.mono + state.budgets.wait(backend, importance(question), now))
        });
        [due, stale].into_iter().flatten().min()
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
    let workspace = Arc::clone(&state.workspace);
    let mut effects = Vec::new();
    for question in std::mem::take(&mut state.overdue) {
        // A person waits for it: it comes before everything, but not beyond the budget.
        let backend = health::source(&workspace, &question).unwrap_or_default();
        if state.budgets.take(&workspace, backend, Importance::Vital, now) {
            let generation = state.remotes.ask(&question, now);
            effects.push(Effect::Ask { question, generation });
        } else {
            state.overdue.insert(question);
        }
    }
    effects
}

#[cfg(test)]
mod tests;
