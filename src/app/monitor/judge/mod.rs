//! The verdict on rollouts: the same judgement as `tminus monitor` makes, from the panel's answers,
//! worked out once a round of answers, beside the loop: no key waits for statistics.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::app::list::{step, walked};
use crate::app::{Effect, Intent, ListId, Panel, State as Cockpit};
use crate::domain::analysis::memory::Memory;
use crate::domain::analysis::subject::{LOOKBACK, Subject};
use crate::domain::analysis::{Assessed, Assessment, document, file};
use crate::domain::judge::Verdict;
use crate::domain::question::Span;
use crate::domain::rollout::Phase;
use crate::domain::trigger::When;
use crate::domain::{Metric, Question, Workspace};

use super::health;
use super::rollouts::{self, Key, Seen};

mod job;
mod word;

use job::Target;
pub use job::{Job, Verdicts};
pub use word::{Word, row, word};

/// Rollouts that are judged at a time, the selected one first: as many as a list shows.
const MOST: usize = 16;
/// A window whose points lie closer than this tells when a rollout began well enough, in seconds.
const FINE: u32 = 60;
/// While a round of answers is not complete, what is known is judged this often.
const PATIENCE: Duration = Duration::from_secs(5);
/// Ages grow without answers too.
const AGEING: Duration = Duration::from_secs(10);
/// What is measured now may not have been scraped yet.
const SETTLED: TimeDelta = TimeDelta::seconds(5);

/// What the panel remembers of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    /// The metric chosen; `None`: the first.
    pub metric: Option<String>,
    /// The judgements.
    judged: BTreeMap<Key, Judged>,
    memory: Memory,
    looked: Option<Duration>,
    /// Something was answered since.
    changed: bool,
    /// How many judgements were asked for.
    number: u64,
    /// The judgement that is on its way.
    pending: Option<u64>,
}

/// A rollout and what is said of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// What was judged.
    pub subject: Subject,
    /// What is said of it.
    pub assessment: Assessment,
    /// What that is made from.
    pub questions: Arc<[Question]>,
}

impl Judged {
    /// Whether a metric's answers failed, are stale or in part.
    pub fn is_doubted(&self) -> bool {
        self.subject.doubt.is_some() || self.assessment.is_doubted()
    }

    /// What most metrics were compared with, as triggers want to know it.
    pub fn baseline(&self) -> crate::domain::trigger::Baseline {
        self.assessment.baseline()
    }
}

/// What is said of a rollout, if it was judged.
pub fn of<'a>(state: &'a Cockpit, key: &Key) -> Option<&'a Judged> {
    state.monitor.judge.judged.get(key)
}

/// What is said of the selected rollout.
pub fn of_selected(state: &Cockpit) -> Option<&Judged> {
    of(state, &super::selected(state)?.key)
}

/// The verdict on a rollout, where the numbers behind it are fresh.
pub fn fresh_verdict(state: &Cockpit, key: &Key) -> Option<Verdict> {
    let judged = of(state, key)?;
    // What was found stays found, whatever became of the answers since.
    let counts = judged.assessment.verdict == Verdict::Failing || !judged.is_doubted();
    counts.then_some(judged.assessment.verdict)
}

/// The rollouts that are judged: those on screen, and those whose triggers wait for a verdict.
fn targets(state: &Cockpit) -> Vec<&Seen> {
    let is_open = state.panel == Panel::Monitor;
    let mut targets: Vec<&Seen> = super::selected(state).filter(|_| is_open).into_iter().collect();
    // One that arrived is judged while it is watched, for as long as the window reaches back to it.
    let is_watched = |seen: &Seen| super::watches::of_rollout(state, seen).is_some();
    let is_listed = |seen: &Seen| is_open && seen.phase == Phase::Completed;
    let open = |seen: &&Seen| seen.phase.is_active() || is_watched(seen) || is_listed(seen);
    for seen in state.monitor.index.rollouts.iter().filter(open) {
        let waits = || {
            let service = state.workspace.service(&seen.key.service);
            service.is_some_and(|it| it.triggers.iter().any(|t| matches!(t.when, When::Verdict(_))))
        };
        if targets.len() < MOST
            && targets.iter().all(|it| it.key != seen.key)
            && (is_open || waits() || is_watched(seen))
        {
            targets.push(seen);
        }
    }
    targets
}

/// The question for what ran, from which a rollout's beginning is read.
fn history(state: &Cockpit, seen: &Seen) -> Question {
    let window = state.monitor.window;
    if !seen.began_before && window.span().step <= FINE {
        return rollouts::question(state, &seen.key.environment);
    }
    let span = Span { end: window.paused_at(), seconds: LOOKBACK, step: FINE };
    rollouts::question_over(&seen.key.environment, span)
}

/// As of when: what is measured now may not have been scraped yet.
fn as_of(state: &Cockpit) -> DateTime<Utc> {
    let window = state.monitor.window;
    window.paused_at().unwrap_or(state.now.wall - SETTLED)
}

fn metrics<'a>(workspace: &'a Workspace, service: &str) -> &'a [Metric] {
    workspace.service(service).map_or(&[][..], |service| service.judged())
}

/// What must be asked for the verdicts.
pub fn wanted(state: &Cockpit) -> Vec<Question> {
    let mut wanted = Vec::new();
    for seen in targets(state) {
        let metrics = metrics(&state.workspace, &seen.key.service);
        let checks = health::of_rollout(state, seen).into_iter().map(|entry| entry.question);
        wanted.extend(checks.filter(|question| !question.is_on_demand()));
        if metrics.is_empty() {
            continue;
        }
        wanted.push(history(state, seen));
        // As it was judged last: to read it out of a history again is not for every key press.
        wanted.extend(of(state, &seen.key).into_iter().flat_map(|judged| judged.questions.iter().cloned()));
    }
    wanted
}

/// The workspace was read anew: its metrics may be other ones.
pub fn reconcile(state: &mut Cockpit) {
    state.monitor.judge.looked = None;
}

/// An answer came.
pub fn answered(state: &mut Cockpit, question: &Question) {
    let is_ours = question.health_target().is_some()
        || matches!(question, Question::Measured { .. } | Question::RunningHistory { .. });
    if is_ours {
        state.monitor.judge.changed = true;
    }
}

/// After every message: has the rollouts judged again when a round of answers is complete, or time
/// has passed. One judgement at a time: what comes meanwhile is judged after it.
pub fn settle(state: &mut Cockpit) -> Vec<Effect> {
    if state.monitor.judge.pending.is_some() {
        return Vec::new();
    }
    let now = state.now;
    let since = state.monitor.judge.looked.map_or(Duration::MAX, |looked| now.mono.saturating_sub(looked));
    let targets = targets(state);
    let is_new = targets.iter().any(|seen| !state.monitor.judge.judged.contains_key(&seen.key));
    let is_due = since >= AGEING
        || (state.monitor.judge.changed && (since >= PATIENCE || !is_pending(state)))
        || (is_new && since >= Duration::from_secs(1));
    if !is_due || (targets.is_empty() && state.monitor.judge.judged.is_empty()) {
        return Vec::new();
    }
    let targets: Vec<Target> = targets
        .into_iter()
        .map(|seen| Target {
            key: seen.key.clone(),
            history: history(state, seen),
            release: seen.release.clone(),
            health: health::told_of(state, seen),
        })
        .collect();
    let is_needed = |question: &Question| {
        matches!(question, Question::Measured { .. }) || targets.iter().any(|it| it.history == *question)
    };
    let (remotes, as_of) = (state.remotes.only(is_needed), as_of(state));
    let bench = &mut state.monitor.judge;
    bench.looked = Some(now.mono);
    bench.changed = false;
    bench.number += 1;
    bench.pending = Some(bench.number);
    let memory = std::mem::take(&mut bench.memory);
    let workspace = Arc::clone(&state.workspace);
    vec![Effect::Assess(Box::new(Job {
        number: bench.number,
        workspace,
        targets,
        remotes,
        now,
        as_of,
        memory,
    }))]
}

/// Rollouts were judged, or could not be.
pub fn assessed(state: &mut Cockpit, number: u64, result: Result<Verdicts, String>) {
    let bench = &mut state.monitor.judge;
    if bench.pending != Some(number) {
        return;
    }
    bench.pending = None;
    match result {
        Ok(verdicts) => {
            bench.judged = verdicts.judged;
            bench.memory = verdicts.memory;
        }
        // A verdict that cannot be made anew is none.
        Err(why) => {
            bench.judged.clear();
            state.say(crate::app::state::Tone::Refused, why);
        }
    }
}

/// Whether an answer of this round is still on its way.
fn is_pending(state: &Cockpit) -> bool {
    let is_ours = |question: &Question| matches!(question, Question::Measured { .. });
    state.remotes.iter().any(|(question, remote)| is_ours(question) && remote.pending().is_some())
}

/// The selected metric's row.
pub fn selected_row(state: &Cockpit) -> usize {
    let chosen = state.monitor.judge.metric.as_ref();
    let metrics = of_selected(state).map_or(&[][..], |judged| &judged.assessment.metrics);
    chosen.and_then(|name| metrics.iter().position(|metric| metric.name == *name)).unwrap_or(0)
}

/// The selected metric.
pub fn selected_metric(state: &Cockpit) -> Option<&Assessed> {
    of_selected(state)?.assessment.metrics.get(selected_row(state))
}

/// What the view's own keys do.
pub(super) fn handle(state: &mut Cockpit, intent: Intent) -> Option<Vec<Effect>> {
    let page = state.feedback.list(ListId::Judge).map_or(5, |(_, rows)| rows.max(1).cast_signed());
    if let Some(by) = walked(intent, page) {
        walk(state, by);
        return Some(Vec::new());
    }
    match intent {
        Intent::ScrollList(ListId::Judge, rows) => walk(state, isize::from(rows)),
        Intent::SelectRow(ListId::Judge, row) => choose(state, row),
        Intent::NextPane => next_rollout(state),
        _ => return None,
    }
    Some(Vec::new())
}

fn walk(state: &mut Cockpit, by: isize) {
    let count = of_selected(state).map_or(0, |judged| judged.assessment.metrics.len());
    choose(state, step(selected_row(state), by, count));
}

fn choose(state: &mut Cockpit, row: usize) {
    let judged = of_selected(state);
    let name = judged.and_then(|judged| Some(judged.assessment.metrics.get(row)?.name.clone()));
    state.monitor.judge.metric = name;
}

fn next_rollout(state: &mut Cockpit) {
    let listed = super::listed(state);
    let here = super::selected(state).and_then(|here| listed.iter().position(|seen| seen.key == here.key));
    let next = here.map_or(0, |here| (here + 1) % listed.len());
    if let Some(key) = listed.get(next).map(|seen| seen.key.clone()) {
        super::select(state, &key);
    }
}

/// The view as JSON: everything, with the samples behind it.
pub(super) fn snapshot(state: &Cockpit) -> Value {
    let Some(judged) = of_selected(state) else { return Value::Null };
    let mut value = document::of(&judged.subject, &judged.assessment, None);
    let metrics = judged.assessment.metrics.iter();
    let samples: Vec<Value> =
        metrics.map(|metric| json!({ "name": metric.name, "samples": document::samples(metric) })).collect();
    value["samples"] = Value::Array(samples);
    value["selected"] = json!(selected_metric(state).map(|metric| &metric.name));
    value
}

/// The verdict as every view's JSON has it.
pub(super) fn summary(state: &Cockpit) -> Value {
    let Some(judged) = of_selected(state) else { return Value::Null };
    let metrics = judged.assessment.metrics.iter();
    json!({
        "verdict": judged.assessment.verdict,
        "score": judged.assessment.score,
        "why": judged.assessment.why,
        "fresh": !judged.is_doubted(),
        "metrics": metrics.map(document::metric).collect::<Vec<_>>(),
        "health": judged.assessment.health,
    })
}

/// The very numbers that were compared, as `tminus judge` takes them.
pub(super) fn selected_text(state: &Cockpit) -> Option<String> {
    serde_json::to_string_pretty(&file::document(&of_selected(state)?.assessment)).ok()
}
