//! The panel as JSON, and what is selected as text.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::app::State;
use crate::domain::Face;
use crate::domain::question::SilenceState;

use super::alerts::Heard;
use super::rollouts::Seen;
use super::{
    Pane, burn, health, is_acknowledged, listed, listed_alerts, listed_events, metrics, rollouts, selected,
    view,
};

/// What is on screen, as JSON.
pub fn snapshot(state: &State) -> Value {
    let window = &state.monitor.window;
    let chosen = selected(state);
    let mut shown = json!({
        "view": state.monitor.view.word(),
        "window": {
            "seconds": window.seconds(),
            "step": window.span().step,
            "end": time(window.end(state.now.wall)),
            "following": window.paused_at().is_none(),
        },
        "environments": rollouts::environments(&state.workspace).map(|id| environment(state, id)).collect::<Vec<_>>(),
        "rollouts": listed(state).into_iter().map(|seen| {
            rollout(state, seen, chosen.is_some_and(|chosen| chosen.key == seen.key))
        }).collect::<Vec<_>>(),
        "metrics": chosen.map(|seen| signals(state, seen)),
        "verdict": super::judge::summary(state),
        "error_budget": chosen.and_then(|seen| {
            Some(burn::told(state, &burn::of_service(state, &seen.key.service)?))
        }),
        "health": chosen.and_then(|seen| health::standing_of(state, seen)),
        "alerts": listed_alerts(state).into_iter().map(|heard| alert(state, heard)).collect::<Vec<_>>(),
        "advice": super::advice::snapshot(state),
        "silences": silences(state),
        "timeline": listed_events(state).into_iter().map(|event| json!({
            "time": time(event.at),
            "kind": event.kind.word(),
            "text": event.text,
            "place": event.place,
            "release": event.release,
        })).collect::<Vec<_>>(),
    });
    let (silence_list, silences_over) = super::alert_list::snapshot(state);
    shown["silence_list"] = silence_list;
    shown["silences_over"] = silences_over;
    if let (Some(own), Some(fields)) = (view::snapshot(state), shown.as_object_mut()) {
        fields.insert(state.monitor.view.word().to_owned(), own);
    }
    shown
}

/// How many silences hold now; `None`: not known.
pub fn silences(state: &State) -> Option<usize> {
    let backends = state.workspace.backends.iter();
    let managers = backends.filter(|b| b.kind == crate::domain::workspace::BackendKind::Alertmanager);
    let mut sum = None;
    for manager in managers {
        let face = state.remotes.silences(&manager.name, state.now);
        let Face::Fresh(silences) = face else { return None };
        sum = Some(
            sum.unwrap_or(0)
                + silences.iter().filter(|silence| silence.state == SilenceState::Active).count(),
        );
    }
    sum
}

fn environment(state: &State, id: &str) -> Value {
    let face = state.remotes.history(&rollouts::present_question(state, id), state.now);
    let fleet = state.monitor.index.fleets.iter().find(|fleet| fleet.environment == id);
    json!({
        "environment": id,
        "fresh": is_fresh(&face),
        "why": why(&face),
        "services": fleet.map(|fleet| fleet.services),
        "instances": fleet.map(|fleet| fleet.instances),
    })
}

/// A rollout as JSON.
pub fn rollout_document(state: &State, seen: &Seen) -> Value {
    let is_selected = selected(state).is_some_and(|chosen| chosen.key == seen.key);
    rollout(state, seen, is_selected)
}

fn rollout(state: &State, seen: &Seen, is_selected: bool) -> Value {
    let face = state.remotes.history(&rollouts::present_question(state, &seen.key.environment), state.now);
    json!({
        "service": seen.key.service,
        "environment": seen.key.environment,
        "region": seen.key.region,
        "from": seen.from,
        "to": seen.key.to,
        "share": seen.share,
        "instances": { "new": seen.instances.0, "all": seen.instances.1 },
        "phase": seen.phase.word(),
        "since": time(seen.since),
        "began_before_window": seen.began_before,
        "release": seen.release,
        "plan": seen.position.as_ref().map(|position| {
            super::train::plan(position, seen.share, state.monitor.window.end(state.now.wall), state.zone)
        }),
        "verdict": super::judge::row(state, seen),
        "watch": super::watches::of_rollout(state, seen)
            .map(|entry| entry.watch.line(state.now.wall)),
        "fresh": is_fresh(&face),
        "selected": is_selected,
    })
}

fn signals(state: &State, seen: &Seen) -> Value {
    let of_metric = |metric| {
        let readings = metrics::readings(state, seen, metric);
        let versions = readings.iter().map(|reading| {
            let latest = reading.latest();
            json!({
                "version": reading.version,
                "latest": latest.map(|(_, value)| value),
                "time": latest.map(|(at, _)| time(at)),
                "beyond_limit": latest.map(|(_, value)| metrics::is_beyond(metric, value)),
                "fresh": is_fresh(&reading.present),
                "why": why(&reading.present)
                    .or_else(|| reading.absence().map(|absence| absence.words(chrono_tz::Tz::UTC))),
                "warnings": reading.series().map(|series| &series.warnings),
                "infos": reading.series().map(|series| &series.infos),
            })
        });
        json!({
            "name": metric.name,
            "unit": metric.unit,
            "limit": metric.limit,
            "versions": versions.collect::<Vec<_>>(),
        })
    };
    metrics::of(state, seen).iter().map(of_metric).collect()
}

fn alert(state: &State, heard: &Heard) -> Value {
    let mut value = crate::domain::alerts::document(heard, &state.monitor.index.alerts);
    value["began"] = json!(super::alerts::began(state, heard));
    value["fresh"] = json!(is_fresh(&state.remotes.alerts(&heard.source, state.now)));
    value["acknowledged"] = json!(is_acknowledged(state, heard));
    value["quiet"] = json!(super::alert_list::quiet(state, heard));
    value
}

/// The selected alert, as text.
pub(super) fn alert_text(state: &State) -> Option<String> {
    listed_alerts(state).get(super::selected_alert(state)).map(|heard| {
        let labels = heard.alert.labels.iter().map(|(name, value)| format!("{name}=\"{value}\""));
        let labels = labels.collect::<Vec<_>>().join(", ");
        let since = time(heard.alert.since);
        let alert = &heard.alert;
        format!("{} {} since {since} {{{labels}}} {}", alert.name, alert.state.word(), alert.summary)
    })
}

/// What is selected in the part that has the keys, as text to copy.
pub fn selected_text(state: &State) -> Option<String> {
    view::selected_text(state)
}

/// What is selected in the overview.
pub(super) fn overview_text(state: &State) -> Option<String> {
    match state.monitor.pane {
        Pane::Rollouts => selected(state).map(Seen::sentence),
        Pane::Alerts => alert_text(state),
        Pane::Timeline => listed_events(state)
            .get(super::selected_event(state))
            .map(|event| format!("{} {} {}", time(event.at), event.text, event.place)),
    }
}

pub(super) fn is_fresh<T>(face: &Face<'_, T>) -> bool {
    matches!(face, Face::Fresh(_))
}

pub(super) fn why<T>(face: &Face<'_, T>) -> Option<String> {
    match face {
        Face::NotAsked | Face::Loading => Some("loading".to_owned()),
        Face::Stale { trouble: Some(trouble), .. } | Face::Failed(trouble) => {
            Some(trouble.failure.to_string())
        }
        Face::Stale { .. } => Some("stale".to_owned()),
        Face::Fresh(_) => None,
    }
}

pub(super) fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
