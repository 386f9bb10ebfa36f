//! Anything on screen can be had as JSON.

use serde_json::{Value, json};

use super::health::{self, HealthStatus};
use super::{Panel, State, board, calendar, emergency, form, monitor, rollback};

/// What the panel on screen shows, in the contract's envelope.
pub fn of(state: &State) -> Value {
    let shown = match state.panel {
        Panel::Calendar => calendar::snapshot(state),
        Panel::Board => board::snapshot(state),
        Panel::Monitor => monitor::snapshot(state),
        Panel::Rollback => rollback::snapshot(state),
    };
    json!({
        "schema": "tminus/1",
        "kind": "screen",
        "time": state.now.wall.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        "workspace": state.workspace.name,
        "simulated": state.look.simulated,
        "panel": state.panel.word(),
        "emergencies": emergency::snapshot(state),
        "backends": health::backends(state).iter().map(backend).collect::<Vec<_>>(),
        "form": form::snapshot(state),
        "show": super::show::snapshot(state),
        state.panel.word(): shown,
    })
}

fn backend(health: &health::Health<'_>) -> Value {
    let (status, detail) = match &health.status {
        HealthStatus::Unknown => ("unknown", None),
        HealthStatus::Loading => ("loading", None),
        HealthStatus::Good { .. } => ("good", None),
        HealthStatus::Partial { warning } => ("partial", Some(warning.to_string())),
        HealthStatus::Silent { age } => ("silent", Some(format!("no answer for {} s", age.as_secs()))),
        HealthStatus::Down { failure, .. } => ("down", Some(failure.to_string())),
    };
    let requests = health
        .spent
        .map(|spent| json!({ "last_minute": spent.used, "budget": spent.allowed, "waiting": spent.waiting }));
    json!({
        "name": health.name,
        "type": health.kind.word(),
        "status": status,
        "detail": detail,
        "requests": requests,
    })
}
