//! The monitor panel: rollouts as they are seen, their numbers, alerts, and what happened.

pub mod advice;
pub mod alert_list;
pub mod alerts;
pub mod burn;
pub mod charts;
pub mod health;
pub mod judge;
mod keys;
pub mod lanes;
pub mod metrics;
pub mod past;
pub mod rollouts;
pub mod silences;
pub mod skew;
mod snapshot;
pub mod timeline;
pub mod train;
pub mod view;
pub mod watches;
pub mod window;

pub use alerts::{backends as alert_backends, gather as gather_alerts};
pub use keys::handle;
pub use snapshot::{rollout_document, selected_text, silences, snapshot};
pub use view::View;

use chrono::{DateTime, Utc};

use crate::domain::Question;
use crate::domain::alerts::Past;
use crate::domain::question::Span;
use crate::domain::rollout::skew::Skew;
use crate::domain::rollout::train::Train;
use crate::domain::workspace::BackendKind;

use alerts::Heard;
use rollouts::{Fleet, Key, Seen};
use timeline::Event;
use window::Window;

/// What the panel remembers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    /// Words that what is listed must hold.
    pub filter: String,
    /// What the panel is drawn as.
    pub view: View,
    /// The stretch of time looked at.
    pub window: Window,
    /// The part that keys go to.
    pub pane: Pane,
    /// The rollout chosen; `None`: the first.
    pub rollout: Option<Key>,
    /// The alert chosen, by fingerprint; `None`: the first.
    pub alert: Option<String>,
    /// The event chosen, by time and words; `None`: the newest, whatever comes.
    pub event: Option<(DateTime<Utc>, timeline::Kind, String, String)>,
    /// The lanes' own.
    pub lanes: lanes::State,
    /// The trains' own.
    pub train: train::State,
    /// The skew map's own.
    pub skew: skew::State,
    /// The verdict's own.
    pub judge: judge::State,
    /// The error budgets' own.
    pub burn: burn::State,
    /// The health checks' own.
    pub health: health::State,
    /// The stabilisation watches' own.
    pub watches: watches::State,
    /// The charts' own.
    pub charts: charts::State,
    /// The alerts' own.
    pub alerts: alert_list::Own,
    /// Changes of silences on their way.
    pub control: silences::Control,
    /// How often the next metric was asked for.
    pub metric: usize,
    /// The stretch looked at before this one: its numbers stay on screen until the new ones come.
    pub span_before: Option<Span>,
    /// What was derived from the answers when they came.
    pub index: Index,
    /// What the triggers saw.
    pub advisor: advice::Advisor,
    /// The release that was spoken of when a rollout was chosen here.
    agreed: Option<String>,
}

/// Derived once an answer, not once a frame.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Index {
    /// Rollouts, those that go on first.
    pub rollouts: Vec<Seen>,
    /// What runs where.
    pub fleets: Vec<Fleet>,
    /// Alerts, what matters first.
    pub alerts: Vec<Heard>,
    /// What happened, newest first; planned stages may lie ahead.
    pub events: Vec<Event>,
    /// Which version runs where, and what is astray.
    pub skew: Skew,
    /// Releases on their way.
    pub trains: Vec<Train>,
    /// Every coming of an alert within a day, the earliest first, with the server that tells of it.
    pub past: Vec<(String, Past)>,
    /// Every rollout within a day, whatever the window.
    pub day: Vec<Seen>,
}

/// A part of the panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pane {
    /// The rollouts.
    #[default]
    Rollouts,
    /// The alerts.
    Alerts,
    /// The timeline.
    Timeline,
}

impl Pane {
    /// The next one, round and round.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Rollouts => Self::Alerts,
            Self::Alerts => Self::Timeline,
            Self::Timeline => Self::Rollouts,
        }
    }
}

/// The questions whose answers the panel shows: what runs and alerts whatever the view, and what
/// the view asks besides.
pub fn wanted(state: &super::State) -> Vec<Question> {
    let window = &state.monitor.window;
    let mut spans = vec![window.present(), window.span()];
    spans.dedup();
    let mut wanted = Vec::new();
    for environment in rollouts::environments(&state.workspace) {
        wanted.extend(spans.iter().map(|span| rollouts::question_over(environment, *span)));
    }
    wanted.extend(alerts::backends(state).map(|backend| Question::Alerts { backend: backend.to_owned() }));
    let alertmanagers = state.workspace.backends.iter().filter(|b| b.kind == BackendKind::Alertmanager);
    wanted.extend(alertmanagers.map(|backend| Question::Silences { backend: backend.name.clone() }));
    wanted.extend(past::alert_questions(state));
    wanted.extend(view::wanted(state));
    wanted
}

/// The questions for the selected rollout's numbers.
pub fn wanted_metrics(state: &super::State) -> Vec<Question> {
    let window = &state.monitor.window;
    let mut spans = vec![window.present(), charts::span(state)];
    spans.dedup();
    let mut wanted = Vec::new();
    if let Some(rollout) = selected(state) {
        for metric in metrics::of(state, rollout) {
            for version in metrics::versions(rollout) {
                let question = |span: &Span| metrics::question(rollout, metric, version, *span);
                wanted.extend(spans.iter().map(question));
            }
        }
    }
    wanted.extend(charts::pinned(state).iter().flat_map(|chart| charts::wanted_of(state, chart)));
    wanted
}

/// The rollouts that the filter lets through.
pub fn listed(state: &super::State) -> Vec<&Seen> {
    let filter = &state.monitor.filter;
    let all = state.monitor.index.rollouts.iter();
    all.filter(|seen| filter.is_empty() || super::state::matches_filter(filter, &seen.text())).collect()
}

/// The alerts that the filter lets through.
pub fn listed_alerts(state: &super::State) -> Vec<&Heard> {
    let filter = &state.monitor.filter;
    let all = state.monitor.index.alerts.iter();
    all.filter(|heard| filter.is_empty() || super::state::matches_filter(filter, &heard.text())).collect()
}

/// The events up to the window's end that the filter lets through.
pub fn listed_events(state: &super::State) -> Vec<&Event> {
    let filter = &state.monitor.filter;
    let end = state.monitor.window.end(state.now.wall);
    let all = &state.monitor.index.events;
    let first = all.partition_point(|event| event.at > end);
    let past = all[first..].iter();
    past.filter(|event| filter.is_empty() || super::state::matches_filter(filter, &event.words())).collect()
}

/// The selected rollout: the one of the release all panels speak of where that was chosen
/// elsewhere, else the one chosen here, else the first.
pub fn selected(state: &super::State) -> Option<&Seen> {
    let listed = listed(state);
    let monitor = &state.monitor;
    let elsewhere = state.release.as_ref().filter(|_| state.release != monitor.agreed);
    let spoken_of = || {
        let release = elsewhere?;
        listed.iter().find(|seen| seen.release.as_ref() == Some(release))
    };
    let chosen = || {
        let key = monitor.rollout.as_ref()?;
        listed.iter().find(|seen| seen.key == *key)
    };
    spoken_of().or_else(chosen).or_else(|| listed.first()).copied()
}

/// Chooses a rollout; the other panels speak of its release from now on.
pub fn select(state: &mut super::State, key: &Key) {
    let Some(seen) = state.monitor.index.rollouts.iter().find(|seen| seen.key == *key) else { return };
    if let Some(release) = &seen.release {
        state.release = Some(release.clone());
    }
    state.monitor.agreed = state.release.clone();
    state.monitor.rollout = Some(key.clone());
    sort_alerts(state);
}

/// The row of the selected alert.
pub fn selected_alert(state: &super::State) -> usize {
    let chosen = state.monitor.alert.as_ref();
    let row = chosen.and_then(|id| listed_alerts(state).iter().position(|heard| heard.fingerprint == *id));
    row.unwrap_or(0)
}

/// The row of the selected event.
pub fn selected_event(state: &super::State) -> usize {
    let chosen = state.monitor.event.as_ref();
    let row = chosen.and_then(|(at, kind, text, place)| {
        let id = (*at, *kind, text.as_str(), place.as_str());
        listed_events(state).iter().position(|event| event.id() == id)
    });
    row.unwrap_or(0)
}

/// Whether the person has acknowledged an alert.
pub fn is_acknowledged(state: &super::State, heard: &Heard) -> bool {
    state.person.acknowledged.contains(&heard.fingerprint)
}

/// An answer came: what is derived from it is derived anew.
pub fn answered(state: &mut super::State, question: &Question) {
    judge::answered(state, question);
    watches::answered(state, question);
    match question {
        Question::RunningHistory { environment, span }
            if [state.monitor.window.span(), state.monitor.window.present()].contains(span) =>
        {
            rebuild(state, Changed::Environment(environment));
        }
        Question::RunningHistory { environment, .. }
            if past::rollout_question(state, environment).as_ref() == Some(question) =>
        {
            state.monitor.index.day = past::gather_rollouts(state);
        }
        Question::AlertHistory { .. } => rebuild(state, Changed::Alerts),
        Question::Health { .. } | Question::HealthCommand(_) => health::record(state, question),
        Question::Alerts { .. } => {
            rebuild(state, Changed::Alerts);
            super::form::silence_news(state);
        }
        Question::Silences { .. } => super::form::silence_news(state),
        _ => {}
    }
}

/// The workspace was read anew: what is derived from it too.
pub fn reconcile(state: &mut super::State) {
    health::reconcile(state);
    watches::reconcile(state);
    judge::reconcile(state);
    rebuild(state, Changed::Everything);
}

/// What changed, and so what is derived anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed<'a> {
    /// The workspace, or the window.
    Everything,
    /// What ran in an environment.
    Environment(&'a str),
    /// Alerts.
    Alerts,
}

/// Derives from the answers there are what changed with them.
pub fn rebuild(state: &mut super::State, changed: Changed<'_>) {
    let before = std::mem::take(&mut state.monitor.index);
    let (rollouts, fleets, skew, trains) = if changed == Changed::Alerts {
        (before.rollouts, before.fleets, before.skew, before.trains)
    } else {
        let (rollouts, fleets) = rollouts::gather(state, &before, changed);
        let map = skew::gather(state);
        let trains = train::gather(state, &rollouts, &map);
        (rollouts, fleets, map, trains)
    };
    let alerts = alerts::gather(state);
    let past = past::gather_alerts(state);
    let day = if changed == Changed::Everything { past::gather_rollouts(state) } else { before.day };
    let events = timeline::gather(state, &rollouts, &alerts, &past);
    state.monitor.index = Index { rollouts, fleets, alerts, events, skew, trains, past, day };
    sort_alerts(state);
}

fn sort_alerts(state: &mut super::State) {
    let mut alerts = std::mem::take(&mut state.monitor.index.alerts);
    alerts::sort(&mut alerts, selected(state));
    state.monitor.index.alerts = alerts;
}

#[cfg(test)]
mod tests;
