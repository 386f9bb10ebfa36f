//! What lies before the window: a day of alerts and of rollouts, whatever the zoom. What changed
//! before something went wrong does not depend on how much of it is on screen.

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::State;
use crate::app::remotes::value_of;
use crate::domain::alerts::{Heard, Past, past};
use crate::domain::question::{Silence, Span};
use crate::domain::silence;
use crate::domain::workspace::{BackendKind, VersionsSource};
use crate::domain::{Face, Question, format};

use super::rollouts::{self, Key, Seen};
use super::silences;
use super::window::Window;

/// How far back is looked at least, in seconds.
const DAY: u32 = 86_400;
/// Points of an alert's series over that time: one a minute over a day.
const ALERT_POINTS: u32 = 1440;
/// Points of what ran over that time: one each two minutes over a day.
const ROLLOUT_POINTS: u32 = 720;
/// Before a rollout its numbers are looked at for as long, to know what was usual.
const BEFORE: TimeDelta = TimeDelta::minutes(20);

/// A day, or the window where that is longer.
fn seconds(window: &Window) -> u32 {
    window.seconds().max(DAY)
}

/// From when on alerts and rollouts are known at all.
pub fn start(state: &State) -> DateTime<Utc> {
    let window = &state.monitor.window;
    window.end(state.now.wall) - TimeDelta::seconds(i64::from(seconds(window)))
}

/// The questions for alerts that began and ended: one a Prometheus.
pub fn alert_questions(state: &State) -> Vec<Question> {
    let window = &state.monitor.window;
    let span = Span::new(window.paused_at(), seconds(window), ALERT_POINTS);
    let servers = state.workspace.backends.iter().filter(|backend| backend.kind == BackendKind::Prometheus);
    servers.map(|backend| Question::AlertHistory { backend: backend.name.clone(), span }).collect()
}

/// The question for what ran in an environment; only a Prometheus remembers.
pub fn rollout_question(state: &State, environment: &str) -> Option<Question> {
    let window = &state.monitor.window;
    let source = &state.workspace.environment(environment)?.versions;
    let span = Span::new(window.paused_at(), seconds(window), ROLLOUT_POINTS);
    matches!(source, Some(VersionsSource::Query { .. })).then(|| rollouts::question_over(environment, span))
}

/// The questions for what ran everywhere.
pub fn rollout_questions(state: &State) -> Vec<Question> {
    let environments = rollouts::environments(&state.workspace);
    environments.filter_map(|environment| rollout_question(state, environment)).collect()
}

/// Every coming of an alert that is known, each once, with the server that tells of it. One that an
/// answer of now tells no more of is over, whatever the older answer says.
pub(super) fn gather_alerts(state: &State) -> Vec<(String, Past)> {
    let questions = alert_questions(state);
    let told = questions.iter().filter_map(|question| {
        let Question::AlertHistory { backend, .. } = question else { return None };
        Some((backend.as_str(), value_of(&state.remotes.alert_history(question, state.now))?))
    });
    let mut all = past::merge(told);
    if state.monitor.window.paused_at().is_none() {
        for (backend, past) in &mut all {
            let now = state.remotes.alerts(backend, state.now);
            let is_known = matches!(now, Face::Fresh(alerts) if alerts.warnings.is_empty());
            let is_open = past.ended.is_none();
            if is_known && is_open && !past::unheard(std::slice::from_ref(past), &heard(state)).is_empty() {
                past.ended = Some(past.seen);
            }
        }
    }
    all
}

fn heard(state: &State) -> Vec<Heard> {
    super::alerts::gather(state)
}

/// Every rollout of the day.
pub(super) fn gather_rollouts(state: &State) -> Vec<Seen> {
    let environments = rollouts::environments(&state.workspace);
    let known = environments.filter_map(|environment| {
        let question = rollout_question(state, environment)?;
        let face = state.remotes.history(&question, state.now);
        Some(rollouts::of_history(state, environment, value_of(&face)?))
    });
    known.flatten().collect()
}

/// Those comings that the list of alerts of now does not show, with the server that tells of them.
pub fn beside(state: &State) -> Vec<&(String, Past)> {
    let index = &state.monitor.index;
    let shown = |past: &Past| past::unheard(std::slice::from_ref(past), &index.alerts).is_empty();
    index.past.iter().filter(|(_, past)| !shown(past)).collect()
}

/// The silence that muted an alert when it began, of those that are still told of.
pub fn silenced_by<'a>(state: &'a State, past: &Past) -> Option<&'a Silence> {
    silences::all(state).into_iter().map(|told| told.silence).find(|silence| past.is_silenced_by(silence))
}

/// When a rollout began: as the window shows it, else as the day does, else as planned.
pub fn began(state: &State, seen: &Seen) -> Option<DateTime<Utc>> {
    if !seen.began_before {
        return Some(seen.since);
    }
    let same = |key: &Key| *key == seen.key;
    let of_day = state.monitor.index.day.iter().find(|day| same(&day.key) && !day.began_before);
    of_day.map(|day| day.since).or_else(|| {
        let position = seen.position.as_ref()?;
        let release = state.workspace.release(&position.release)?;
        let its = release.stages.iter().filter(|stage| {
            stage.environment == seen.key.environment
                && (stage.region.is_none() || seen.key.region.is_none() || stage.region == seen.key.region)
        });
        its.map(|stage| stage.start).filter(|start| *start <= seen.since).max()
    })
}

/// From when on alerts and rises are told: from the rollout's beginning, or from the window's
/// where that is earlier.
pub fn told_from(state: &State) -> DateTime<Utc> {
    let start = state.monitor.window.start(state.now.wall);
    let began = super::selected(state).map(|seen| began(state, seen).unwrap_or_else(|| self::start(state)));
    began.map_or(start, |began| began.max(self::start(state)).min(start))
}

/// The stretches over which a rollout's numbers are asked for: the window's, and the shortest that
/// begins before the rollout did.
pub fn number_spans(state: &State, seen: &Seen) -> Vec<Span> {
    let window = &state.monitor.window;
    let end = window.end(state.now.wall);
    let age = end - began(state, seen).unwrap_or_else(|| start(state)) + BEFORE;
    let whole = Window::over(u32::try_from(age.num_seconds()).unwrap_or(0), window.paused_at()).span();
    let mut spans = vec![window.span()];
    if whole != window.span() {
        spans.push(whole);
    }
    spans
}

/// What is not known of the alerts and changes told, a sentence each.
pub fn unknown(state: &State) -> Vec<String> {
    let window = &state.monitor.window;
    let (from, to) = (told_from(state), window.end(state.now.wall));
    let mut unknown = Vec::new();
    let questions = alert_questions(state);
    if questions.is_empty() && super::alerts::backends(state).next().is_some() {
        unknown.push("alerts that ended: no Prometheus tells of them".to_owned());
    }
    for question in &questions {
        let Question::AlertHistory { backend, .. } = question else { continue };
        let said = |what: String| format!("alerts of the past of {backend}: {what}");
        match state.remotes.alert_history(question, state.now) {
            Face::Fresh(history) => {
                unknown.extend(history.doubts(from, to, state.zone).into_iter().map(said));
            }
            Face::NotAsked | Face::Loading => unknown.push(said("not told yet".to_owned())),
            Face::Stale { trouble: None, .. } => unknown.push(said("stale".to_owned())),
            Face::Stale { trouble: Some(trouble), .. } => {
                unknown.push(said(format!("stale: {}", trouble.failure)));
            }
            Face::Failed(trouble) => unknown.push(said(trouble.failure.to_string())),
        }
    }
    if let Some(seen) = super::selected(state).filter(|seen| began(state, seen).is_none()) {
        let far = format::duration(TimeDelta::seconds(i64::from(seconds(window))));
        unknown.push(format!("{} began more than {far} before: only that long is looked at", seen.key.to));
    }
    if window.paused_at().is_some() {
        unknown.extend(unknown_then(state, to));
    }
    unknown
}

/// What nobody can tell of an instant in the past.
fn unknown_then(state: &State, then: DateTime<Utc>) -> Vec<String> {
    let mut unknown: Vec<String> = silences::managers(state)
        .map(|name| format!("alerts of {name} then: it tells of now alone"))
        .collect();
    if silences::managers(state).next().is_some() && then < state.now.wall - silence::LATELY {
        let lately = format::duration(silence::LATELY);
        unknown.push(format!("silences then: those that ended more than {lately} ago are told no more"));
    }
    if let Some(Question::Tracker { release }) =
        super::selected(state).and_then(|seen| super::lanes::tickets_of(state, seen))
    {
        match value_of(&state.remotes.tracker(&release, state.now)) {
            Some(version) => {
                let open = version.open.as_deref().unwrap_or_default();
                let later = open.iter().filter(|ticket| ticket.updated.is_none_or(|at| at > then)).count();
                if later > 0 || version.open.is_none() {
                    unknown.push(format!(
                        "tickets of {release} then: {later} changed since, and those closed since are not told"
                    ));
                } else {
                    unknown.push(format!("tickets of {release} then: those closed since are not told"));
                }
            }
            None => unknown.push(format!("tickets of {release} then: not told")),
        }
    }
    unknown
}
