//! Health checks as the panel shows them: each at each place, with what became of it lately.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::app::list::{step, walked};
use crate::app::state::{Tone, matches_filter};
use crate::app::{Effect, Intent, ListId, State as Cockpit};
use crate::domain::analysis;
use crate::domain::health::{self, CheckResult as Passed, HealthCheck, Outcome, Target, Told};
use crate::domain::judge::Verdict;
use crate::domain::{Face, Question, Safe};

use super::rollouts::{Key, Seen};

/// Results kept of a check at a place.
const KEPT: usize = 40;
/// Checks asked at a time.
const MOST: usize = 150;

/// What the view remembers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    /// What became of each check, the newest last.
    pub history: BTreeMap<Question, VecDeque<Past>>,
    /// The check chosen; `None`: the first.
    pub chosen: Option<Question>,
    /// The check whose program runs at the next press.
    pub armed: Option<Question>,
}

/// One run of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// When its answer came.
    pub at: DateTime<Utc>,
    /// What it was.
    pub result: Passed,
    /// What was found, or why nothing was.
    pub found: Safe,
    /// How long it took, where it ran.
    pub milliseconds: Option<u64>,
}

/// A check at a place, and what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry<'a> {
    /// The check.
    pub check: &'a HealthCheck,
    /// What is asked.
    pub question: Question,
    /// Where.
    pub target: Target,
    /// How its last answer looks.
    pub face: Face<'a, Outcome>,
    /// What counts now.
    pub result: Passed,
    /// What became of it, the newest last.
    pub past: Option<&'a VecDeque<Past>>,
}

impl Entry<'_> {
    /// How many times in a row it was as it is now.
    pub fn streak(&self) -> usize {
        let Some(past) = self.past else { return 0 };
        let Some(latest) = past.back() else { return 0 };
        past.iter().rev().take_while(|run| run.result == latest.result).count()
    }

    /// Its last failure.
    pub fn last_failure(&self) -> Option<&Past> {
        self.past?.iter().rev().find(|run| run.result == Passed::Fails)
    }

    fn text(&self) -> String {
        let data = if self.check.data { "data" } else { "" };
        let Target { service, check, .. } = &self.target;
        format!(
            "{service} {check} {} {} {data} {}",
            self.check.title,
            self.target.place(),
            self.check.probe.word()
        )
    }
}

/// The place in the list: service checks before data checks, what fails first.
fn rank(entry: &Entry<'_>) -> (bool, u8) {
    let worst = match entry.result {
        Passed::Fails if entry.check.critical => 0,
        Passed::Fails => 1,
        Passed::Unknown => 2,
        Passed::Passes => 3,
    };
    (entry.check.data, worst)
}

/// Every check at every place that the filter lets through.
pub fn listed(state: &Cockpit) -> Vec<Entry<'_>> {
    let filter = &state.monitor.filter;
    let mut entries: Vec<Entry<'_>> = state
        .workspace
        .services
        .iter()
        .flat_map(|service| {
            let version =
                |environment: &str, region: Option<&str>| version_at(state, &service.id, environment, region);
            health::targets(&state.workspace, service, version)
        })
        .filter_map(|(check, question)| entry(state, check, question))
        .filter(|entry| filter.is_empty() || matches_filter(filter, &entry.text()))
        .take(MOST)
        .collect();
    entries.sort_by_key(rank);
    entries
}

fn entry<'a>(state: &'a Cockpit, check: &'a HealthCheck, question: Question) -> Option<Entry<'a>> {
    let target = question.health_target()?.clone();
    let face = state.remotes.health(&question, state.now);
    let result = match &face {
        Face::Fresh(outcome) if outcome.passes => Passed::Passes,
        Face::Fresh(_) => Passed::Fails,
        _ => Passed::Unknown,
    };
    let past = state.monitor.health.history.get(&question);
    Some(Entry { check, question, target, face, result, past })
}

/// The version that a check asks about: the one on its way there, else the only one that runs.
fn version_at(state: &Cockpit, service: &str, environment: &str, region: Option<&str>) -> Option<String> {
    let is_there = |seen: &&Seen| {
        let key = &seen.key;
        let fits = region.is_none() || key.region.is_none() || key.region.as_deref() == region;
        key.service == service && key.environment == environment && fits
    };
    if let Some(seen) = state.monitor.index.rollouts.iter().find(is_there) {
        return Some(seen.key.to.to_string());
    }
    let map = &state.monitor.index.skew;
    let runs = |row: &&crate::domain::rollout::skew::Row| {
        let places = map.places.iter().zip(&row.counts);
        row.service == service
            && places.into_iter().any(|(place, count)| {
                let fits = region.is_none() || place.region.as_deref() == region;
                place.environment == environment && fits && count.is_some_and(|count| count > 0.0)
            })
    };
    let mut running = map.rows.iter().filter(runs);
    match (running.next(), running.next()) {
        (Some(only), None) => Some(only.version.to_string()),
        _ => None,
    }
}

/// The questions of the checks on screen; programs are none of them.
pub(super) fn wanted(state: &Cockpit) -> Vec<Question> {
    listed(state)
        .into_iter()
        .map(|entry| entry.question)
        .filter(|question| !question.is_on_demand())
        .collect()
}

/// The questions of the checks of services whose rollouts go on, where they do.
pub(super) fn wanted_beside(state: &Cockpit) -> Vec<Question> {
    let active = || state.monitor.index.rollouts.iter().filter(|seen| seen.phase.is_active());
    let mut wanted: Vec<Question> =
        active().flat_map(|seen| of_rollout(state, seen)).map(|e| e.question).collect();
    wanted.retain(|question| !question.is_on_demand());
    wanted.sort();
    wanted.dedup();
    wanted
}

/// Programs that were begun: they are not ended because somebody looks elsewhere.
pub fn begun(state: &Cockpit) -> Vec<Question> {
    let pending = state.remotes.iter().filter(|(question, remote)| {
        matches!(question, Question::HealthCommand(_)) && remote.pending().is_some()
    });
    pending.map(|(question, _)| question.clone()).collect()
}

/// The checks of a rollout's service where it goes on.
pub fn of_rollout<'a>(state: &'a Cockpit, seen: &Seen) -> Vec<Entry<'a>> {
    let Key { environment, region, service, to } = &seen.key;
    let Some(service) = state.workspace.service(service) else { return Vec::new() };
    let place = (environment.as_str(), region.as_deref());
    let found = analysis::health::at_place(&state.workspace, service, place, Some(to));
    found.into_iter().filter_map(|(check, question)| entry(state, check, question)).collect()
}

/// The checks of a rollout as its verdict weighs them: as they are, or, where the window is paused,
/// as they were at its end, if somebody looked then.
pub fn told_of(state: &Cockpit, seen: &Seen) -> Vec<Told> {
    let entries = of_rollout(state, seen).into_iter();
    match state.monitor.window.paused_at() {
        None => entries.map(|entry| told(&entry)).collect(),
        Some(at) => entries.map(|entry| told_at(&entry, at)).collect(),
    }
}

/// What was known of a check at an instant: its last run before it, while that counted.
fn told_at(entry: &Entry<'_>, at: DateTime<Utc>) -> Told {
    let told = Told::new(entry.check, &entry.target);
    let counts = TimeDelta::from_std(crate::app::polling::fresh_for(&entry.question)).unwrap_or_default();
    let run = entry.past.into_iter().flatten().rev().find(|past| past.at <= at);
    match run.filter(|past| at - past.at <= counts) {
        Some(past) => told.ran(past.result, &past.found, past.milliseconds, past.at),
        None => told.because(Some("nobody asked at that time".to_owned())),
    }
}

/// What the checks of a rollout come to; `None`: it has none.
pub fn standing_of(state: &Cockpit, seen: &Seen) -> Option<Verdict> {
    let entries = of_rollout(state, seen);
    let results: Vec<(Passed, bool)> =
        entries.iter().map(|entry| (entry.result, entry.check.critical)).collect();
    health::standing(&results)
}

/// What is known of one check of a rollout, over its places: what triggers look at.
pub fn result_of(state: &Cockpit, seen: &Seen, check: &str) -> Option<Passed> {
    let entries = of_rollout(state, seen);
    let found: Vec<Passed> =
        entries.iter().filter(|entry| entry.check.id == check).map(|entry| entry.result).collect();
    let is = |wanted| found.contains(&wanted);
    match found.as_slice() {
        [] => None,
        _ if is(Passed::Fails) => Some(Passed::Fails),
        _ if is(Passed::Unknown) => Some(Passed::Unknown),
        _ => Some(Passed::Passes),
    }
}

/// An answer came: it is kept, whatever it says. A question that was given up says nothing.
pub(super) fn record(state: &mut Cockpit, question: &Question) {
    let now = state.now;
    let Some(remote) = state.remotes.get(question) else { return };
    let failed = remote.trouble().filter(|trouble| trouble.at == now);
    let answered = remote.since().filter(|at| *at == now).and(remote.last());
    let past = match (failed, answered) {
        (Some(trouble), _) => Past {
            at: now.wall,
            result: Passed::Unknown,
            found: Safe::new(trouble.failure.to_string()),
            milliseconds: None,
        },
        (None, Some(crate::domain::Answer::Health(outcome))) => Past {
            at: now.wall,
            result: if outcome.passes { Passed::Passes } else { Passed::Fails },
            found: outcome.found.clone(),
            milliseconds: Some(outcome.milliseconds),
        },
        _ => return,
    };
    let kept = state.monitor.health.history.entry(question.clone()).or_default();
    kept.push_back(past);
    while kept.len() > KEPT {
        kept.pop_front();
    }
}

/// The workspace was read anew: what became of checks that are gone is forgotten.
pub(super) fn reconcile(state: &mut Cockpit) {
    let mut history = std::mem::take(&mut state.monitor.health.history);
    history.retain(|question, _| {
        let service = question.health_target().and_then(|target| state.workspace.service(&target.service));
        let id = question.health_target().map(|target| &target.check);
        service.is_some_and(|service| service.health.iter().any(|check| Some(&check.id) == id))
    });
    state.monitor.health.history = history;
}

/// The selected row.
pub fn selected_row(state: &Cockpit, entries: &[Entry<'_>]) -> usize {
    let chosen = state.monitor.health.chosen.as_ref();
    let row = chosen.and_then(|question| entries.iter().position(|entry| entry.question == *question));
    row.unwrap_or(0)
}

/// What the view's own keys do.
pub(super) fn handle(state: &mut Cockpit, intent: Intent) -> Option<Vec<Effect>> {
    let page = state.feedback.list(ListId::Health).map_or(5, |(_, rows)| rows.max(1).cast_signed());
    if intent == Intent::RunCheck {
        return Some(run(state));
    }
    state.monitor.health.armed = None;
    if let Some(by) = walked(intent, page) {
        walk(state, by);
        return Some(Vec::new());
    }
    match intent {
        Intent::ScrollList(ListId::Health, rows) => walk(state, isize::from(rows)),
        Intent::SelectRow(ListId::Health, row) => choose(state, row),
        _ => return None,
    }
    Some(Vec::new())
}

fn walk(state: &mut Cockpit, by: isize) {
    let entries = listed(state);
    let row = step(selected_row(state, &entries), by, entries.len());
    choose(state, row);
}

fn choose(state: &mut Cockpit, row: usize) {
    let question = listed(state).get(row).map(|entry| entry.question.clone());
    state.monitor.health.chosen = question;
}

/// Asks the selected check now. A program is named first, and runs at the second press: it belongs
/// to whoever wrote the workspace's files.
fn run(state: &mut Cockpit) -> Vec<Effect> {
    let entries = listed(state);
    let Some(entry) = entries.get(selected_row(state, &entries)) else {
        state.say(Tone::Refused, "there is no check to run");
        return Vec::new();
    };
    let (question, words) = (entry.question.clone(), entry.check.probe.words());
    if state.remotes.get(&question).is_some_and(|remote| remote.pending().is_some()) {
        state.say(Tone::Refused, "it is running");
        return Vec::new();
    }
    if question.is_on_demand() && state.monitor.health.armed.as_ref() != Some(&question) {
        state.monitor.health.armed = Some(question);
        state.say(Tone::Done, format!("once more runs, on this machine: {words}"));
        return Vec::new();
    }
    state.monitor.health.armed = None;
    let now = state.now;
    let generation = state.remotes.ask(&question, now);
    vec![Effect::Ask { question, generation }]
}

/// The view as JSON.
pub(super) fn snapshot(state: &Cockpit) -> Value {
    let entries = listed(state);
    let row = selected_row(state, &entries);
    let checks = entries.iter().enumerate().map(|(index, entry)| {
        let mut told = serde_json::to_value(told(entry)).unwrap_or_default();
        let runs = entry.past.into_iter().flatten().map(|past| {
            json!({ "at": past.at, "result": past.result, "found": past.found, "milliseconds": past.milliseconds })
        });
        told["history"] = runs.collect();
        told["streak"] = json!(entry.streak());
        told["selected"] = json!(index == row);
        told
    });
    json!({ "checks": checks.collect::<Vec<_>>() })
}

fn told(entry: &Entry<'_>) -> Told {
    let told = Told::new(entry.check, &entry.target);
    let latest = entry.past.and_then(VecDeque::back).map(|past| past.at).unwrap_or_default();
    let why = match &entry.face {
        Face::Fresh(_) => None,
        Face::NotAsked if entry.question.is_on_demand() => Some("its program was not run".to_owned()),
        Face::NotAsked | Face::Loading => Some("loading".to_owned()),
        Face::Stale { trouble: Some(trouble), .. } | Face::Failed(trouble) => {
            Some(trouble.failure.to_string())
        }
        Face::Stale { .. } => Some("stale".to_owned()),
    };
    match crate::app::remotes::value_of(&entry.face) {
        Some(outcome) => told.found(entry.result, outcome, latest).because(why),
        None => told.because(why),
    }
}

/// What is selected, as text to copy.
pub(super) fn selected_text(state: &Cockpit) -> Option<String> {
    let entries = listed(state);
    let entry = entries.get(selected_row(state, &entries))?;
    let found = crate::app::remotes::value_of(&entry.face).map(|outcome| format!(": {}", outcome.found));
    let word = match entry.result {
        Passed::Passes => "passes",
        Passed::Fails => "fails",
        Passed::Unknown => "not known",
    };
    let Target { service, check, .. } = &entry.target;
    Some(format!("{service} {check} in {}: {word}{}", entry.target.place(), found.unwrap_or_default()))
}
