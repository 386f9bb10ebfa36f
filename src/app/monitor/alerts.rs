//! Alerts of all backends as one list: each alert once, what matters to the rollout first.

use std::cmp::Reverse;

use crate::app::State;
use crate::app::remotes::value_of;
use crate::domain::question::{Alert, AlertState};
use crate::domain::workspace::BackendKind;
use crate::domain::{Face, Safe};

use super::rollouts::Seen;

/// One alert, wherever it was heard of.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// The alert.
    pub alert: Alert,
    /// The backend that told of it.
    pub source: String,
    /// The same for the same alert until it ends; what is acknowledged.
    pub fingerprint: String,
}

impl Heard {
    /// Whether somebody or something decided that nobody needs to hear it.
    pub fn is_muted(&self) -> bool {
        matches!(self.alert.state, AlertState::Silenced | AlertState::Inhibited)
    }

    /// The labels that say what it is about: service, environment, region, version.
    pub fn about(&self) -> Vec<&str> {
        let names = [&["service", "app"][..], &["environment", "env"], &["region"], &["version"]];
        let found = names.iter().filter_map(|names| names.iter().find_map(|name| self.alert.label(name)));
        found.map(Safe::as_str).collect()
    }

    /// Whether its labels fit a rollout: its service, and nothing that says otherwise.
    pub fn concerns(&self, rollout: &Seen) -> bool {
        let label = |names: &[&str]| names.iter().find_map(|name| self.alert.label(name)).map(Safe::as_str);
        let fits = |found: Option<&str>, wanted: &str| found.is_none_or(|found| found == wanted);
        label(&["service", "app"]) == Some(rollout.key.service.as_str())
            && fits(label(&["environment", "env"]), &rollout.key.environment)
            && rollout.key.region.as_deref().is_none_or(|region| fits(label(&["region"]), region))
            && fits(label(&["version"]), &rollout.key.to)
    }

    /// What a filter looks at.
    pub fn text(&self) -> String {
        let labels = self.alert.labels.values().map(Safe::as_str);
        let words = [self.alert.name.as_str(), self.alert.summary.as_str(), state_word(self.alert.state)];
        words.into_iter().chain(labels).collect::<Vec<_>>().join(" ")
    }
}

/// The word for what an alert does.
pub fn state_word(state: AlertState) -> &'static str {
    match state {
        AlertState::Firing => "firing",
        AlertState::Pending => "pending",
        AlertState::Silenced => "silenced",
        AlertState::Inhibited => "inhibited",
    }
}

/// The backends that know alerts, the better informed first: only an Alertmanager knows what is
/// silenced, only a Prometheus what is pending.
pub fn backends(state: &State) -> impl Iterator<Item = &str> {
    let of = |kind| state.workspace.backends.iter().filter(move |backend| backend.kind == kind);
    of(BackendKind::Alertmanager).chain(of(BackendKind::Prometheus)).map(|backend| backend.name.as_str())
}

/// Every alert once. One that two backends tell of is taken from the one whose answer is fresh,
/// then from the better informed.
pub fn gather(state: &State) -> Vec<Heard> {
    let faces = backends(state).map(|name| (name, state.remotes.alerts(name, state.now)));
    let (fresh, rest): (Vec<_>, Vec<_>) = faces.partition(|(_, face)| matches!(face, Face::Fresh(_)));
    let mut heard: Vec<Heard> = Vec::new();
    for (name, face) in fresh.iter().chain(&rest) {
        let known = heard.len();
        for alert in value_of(face).into_iter().flat_map(|alerts| alerts.iter()) {
            if !heard[..known].iter().any(|other| is_same(&other.alert, alert)) {
                let fingerprint = fingerprint(alert);
                heard.push(Heard { alert: alert.clone(), source: (*name).to_owned(), fingerprint });
            }
        }
    }
    heard
}

/// First what fires, what began after the rollout before the rest; last what is muted.
pub fn sort(heard: &mut [Heard], rollout: Option<&Seen>) {
    heard.sort_by_key(|heard| {
        let after = rollout.is_some_and(|rollout| heard.alert.since >= rollout.since);
        let concerns = rollout.is_some_and(|rollout| heard.concerns(rollout));
        let place = (heard.is_muted(), !after, !concerns, heard.alert.state, Reverse(heard.alert.since));
        (place, heard.fingerprint.clone())
    });
}

/// An Alertmanager's alert carries the sender's external labels too: one set of labels holds
/// the other.
fn is_same(one: &Alert, other: &Alert) -> bool {
    let (small, large) = if one.labels.len() <= other.labels.len() { (one, other) } else { (other, one) };
    one.name == other.name && small.labels.iter().all(|(name, value)| large.labels.get(name) == Some(value))
}

/// FNV-1a over name, labels and beginning: an alert that ends and comes again is a new one, and
/// is not acknowledged.
fn fingerprint(alert: &Alert) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut feed = |text: &str| {
        for byte in text.bytes().chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    feed(&alert.name);
    for (name, value) in &alert.labels {
        feed(name);
        feed(value);
    }
    feed(&alert.since.timestamp().to_string());
    format!("{hash:016x}")
}
