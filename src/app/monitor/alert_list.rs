//! The view of alerts: all of them with their labels and why they are quiet, and the silences.

use serde_json::{Value, json};

use crate::app::list::{step, walked};
use crate::app::{Effect, Intent, ListId, State};
use crate::domain::alerts::{Began, Heard, inhibitors};
use crate::domain::format;
use crate::domain::silence::document;

use super::silences::{self, listed};
use super::{keys, listed_alerts, selected_alert};

/// What the view remembers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Own {
    /// The part that keys go to.
    pub pane: Pane,
    /// The silence chosen, by id; `None`: the first.
    pub silence: Option<String>,
}

/// A part of the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pane {
    /// The alerts.
    #[default]
    Alerts,
    /// The silences.
    Silences,
}

/// The row of the selected silence.
pub fn selected_silence(state: &State) -> usize {
    let chosen = state.monitor.alerts.silence.as_ref();
    let row =
        chosen.and_then(|id| listed(state).iter().position(|told| told.silence.id.as_str() == id.as_str()));
    row.unwrap_or(0)
}

/// What the view's own keys do.
pub(super) fn handle(state: &mut State, intent: Intent) -> Option<Vec<Effect>> {
    if let Some(by) = walked(intent, page(state)) {
        walk(state, by);
        return Some(Vec::new());
    }
    let own = &mut state.monitor.alerts;
    match intent {
        Intent::NextPane => {
            own.pane = if own.pane == Pane::Alerts { Pane::Silences } else { Pane::Alerts };
        }
        Intent::Back if own.pane == Pane::Silences => own.pane = Pane::Alerts,
        Intent::Acknowledge if own.pane == Pane::Alerts => return Some(keys::acknowledge(state)),
        Intent::SelectRow(list, row) => {
            own.pane = pane_of(list)?;
            choose(state, row);
        }
        Intent::ScrollList(list, rows) => {
            own.pane = pane_of(list)?;
            walk(state, isize::from(rows));
        }
        Intent::Open => open(state),
        _ => return None,
    }
    Some(Vec::new())
}

fn pane_of(list: ListId) -> Option<Pane> {
    match list {
        ListId::Alerts => Some(Pane::Alerts),
        ListId::Silences => Some(Pane::Silences),
        _ => None,
    }
}

fn page(state: &State) -> isize {
    let list = if state.monitor.alerts.pane == Pane::Alerts { ListId::Alerts } else { ListId::Silences };
    state.feedback.list(list).map_or(5, |(_, rows)| rows.max(1).cast_signed())
}

fn walk(state: &mut State, by: isize) {
    let (row, count) = match state.monitor.alerts.pane {
        Pane::Alerts => (selected_alert(state), listed_alerts(state).len()),
        Pane::Silences => (selected_silence(state), listed(state).len()),
    };
    choose(state, step(row, by, count));
}

fn choose(state: &mut State, row: usize) {
    match state.monitor.alerts.pane {
        Pane::Alerts => {
            let chosen = listed_alerts(state).get(row).map(|heard| heard.fingerprint.clone());
            state.monitor.alert = chosen;
        }
        Pane::Silences => {
            let chosen = listed(state).get(row).map(|told| told.silence.id.to_string());
            state.monitor.alerts.silence = chosen;
        }
    }
}

/// From an alert to the silence that mutes it or to the alert that hides it; from a silence to the
/// first alert it mutes.
fn open(state: &mut State) {
    match state.monitor.alerts.pane {
        Pane::Alerts => {
            let alerts = listed_alerts(state);
            let Some(heard) = alerts.get(selected_alert(state)) else { return };
            if let Some(id) = heard.alert.silenced_by.first() {
                let id = id.to_string();
                state.monitor.alerts.silence = Some(id);
                state.monitor.alerts.pane = Pane::Silences;
            } else if let Some(other) = inhibitors(heard, alerts.iter().copied()).first() {
                state.monitor.alert = Some(other.fingerprint.clone());
            } else {
                let words = "nothing mutes it: s silences it for the planned stage";
                state.say(crate::app::state::Tone::Done, words);
            }
        }
        Pane::Silences => {
            let silences = listed(state);
            let Some(told) = silences.get(selected_silence(state)) else { return };
            let alerts = listed_alerts(state);
            let muted = alerts.iter().find(|heard| heard.alert.silenced_by.contains(&told.silence.id));
            match muted.map(|heard| heard.fingerprint.clone()) {
                Some(fingerprint) => {
                    state.monitor.alert = Some(fingerprint);
                    state.monitor.alerts.pane = Pane::Alerts;
                }
                None => state.say(crate::app::state::Tone::Done, "it mutes nothing that fires now"),
            }
        }
    }
}

/// Why nobody hears an alert: who silenced it until when, or which worse one hides it.
pub fn quiet(state: &State, heard: &Heard) -> Vec<String> {
    let mut why = Vec::new();
    for id in &heard.alert.silenced_by {
        why.push(match silences::by_id(state, id) {
            Some(told) => {
                let until = format::local_time(told.silence.ends, state.zone);
                format!("silenced by {} until {until}: {}", told.silence.by, told.silence.comment)
            }
            None => format!("silenced by {id}, of which no more is known"),
        });
    }
    let hidden = inhibitors(heard, &state.monitor.index.alerts);
    for other in &hidden {
        let about = other.about().join(" · ");
        why.push(format!("hidden by {}, which is worse ({about})", other.alert.name));
    }
    if hidden.is_empty() && !heard.alert.inhibited_by.is_empty() {
        why.push("hidden by another alert, of which no more is known".to_owned());
    }
    why
}

/// How many began after the selected rollout, and how many before, muted ones left out; `None`:
/// there is no rollout.
pub fn counts(state: &State) -> Option<(usize, usize)> {
    let rollout = super::selected(state)?;
    let heard = state.monitor.index.alerts.iter().filter(|heard| !heard.is_muted());
    let (after, before): (Vec<_>, Vec<_>) =
        heard.partition(|heard| Began::of(&heard.alert, rollout.since) == Began::After);
    Some((after.len(), before.len()))
}

/// The silences as JSON, and those of ours whose deployment is over.
pub(super) fn snapshot(state: &State) -> (Value, Value) {
    let now = state.now.wall;
    let listed = listed(state).into_iter().map(|told| {
        let mut value = document(told.silence, told.source, &state.workspace, now);
        let face = state.remotes.silences(told.source, state.now);
        value["fresh"] = json!(matches!(face, crate::domain::Face::Fresh(_)));
        value
    });
    let over = silences::offers(state).into_iter().map(|offer| {
        json!({
            "id": offer.told.silence.id,
            "release": offer.deployment.release,
            "stage": offer.deployment.stage,
            "why": offer.over.sentence(state.zone),
        })
    });
    (listed.collect(), over.collect())
}

/// What is selected, as text to copy.
pub(super) fn selected_text(state: &State) -> Option<String> {
    match state.monitor.alerts.pane {
        Pane::Alerts => super::snapshot::alert_text(state),
        Pane::Silences => {
            let silences = listed(state);
            let silence = silences.get(selected_silence(state))?.silence;
            let what = crate::domain::silence::request::list(&silence.matchers);
            let until = silence.ends.to_rfc3339();
            Some(format!(
                "{} {} {{{what}}} until {until} by {}: {}",
                silence.id,
                silence.state.word(),
                silence.by,
                silence.comment
            ))
        }
    }
}
