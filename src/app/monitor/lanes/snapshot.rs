//! The view as JSON, and what is selected as text.

use serde_json::{Value, json};

use crate::app::State;
use crate::domain::correlation::Correlated;

use super::super::past;
use super::super::snapshot::time;
use super::keys::{selected_row, selected_signal};
use super::{Certainty, Event, Held, Pane, Row, correlated, rows};

/// The view as JSON.
pub fn snapshot(state: &State) -> Value {
    let rows = rows(state);
    let selected = rows.get(selected_row(state, &rows));
    let event =
        |event: &Event| json!({ "time": time(event.at), "kind": event.kind.word(), "text": event.text });
    let held = |held: &Held| json!({ "from": time(held.from), "to": held.to.map(time) });
    let row = |row: &Row| {
        json!({
            "lane": row.lane.word(),
            "label": row.label,
            "held": row.held.iter().map(held).collect::<Vec<_>>(),
            "events": row.events.iter().map(event).collect::<Vec<_>>(),
            "note": row.note.as_ref().map(|note| &note.text),
            "certainty": match row.note.as_ref().map_or(Certainty::Known, |note| note.certainty) {
                Certainty::Known => "known",
                Certainty::Stale => "stale",
                Certainty::Unknown => "unknown",
            },
        })
    };
    json!({
        "lanes": rows.iter().map(row).collect::<Vec<_>>(),
        "selected": selected.map(|row| json!({ "lane": row.lane.word(), "label": row.label })),
        "before": document(&correlated(state)),
        "not_known": past::unknown(state),
    })
}

/// What changed before alerts and rises, as JSON.
pub fn document(all: &[Correlated]) -> Value {
    let of = |found: &Correlated| {
        let before = found.before.iter().map(|before| {
            json!({
                "time": time(before.change.at),
                "kind": before.change.kind.word(),
                "what": before.change.what,
                "service": before.change.service,
                "environment": before.change.environment,
                "region": before.change.region,
                "lag_seconds": before.lag.num_seconds(),
                "distance": before.distance.words(),
                "followed": before.followed.map(|followed| json!({
                    "times": followed.times,
                    "n": followed.of,
                    "within_seconds": followed.within.num_seconds(),
                })),
            })
        });
        json!({
            "time": time(found.signal.at),
            "kind": found.signal.kind.word(),
            "name": found.signal.name,
            "service": found.signal.service,
            "environment": found.signal.environment,
            "region": found.signal.region,
            "ended": found.signal.ended.map(time),
            "before": before.collect::<Vec<_>>(),
            "words": found.sentence(),
        })
    };
    all.iter().map(of).collect()
}

/// What is selected, as text to copy.
pub fn selected_text(state: &State) -> Option<String> {
    let rows = rows(state);
    let row = rows.get(selected_row(state, &rows))?;
    let line = |event: &Event| format!("{} {}", time(event.at), event.text);
    match state.monitor.lanes.pane {
        Pane::Lanes => {
            let events: Vec<String> = row.events.iter().map(line).collect();
            Some([vec![row.label.clone()], events].concat().join("\n"))
        }
        Pane::Events => row.events.get(state.monitor.lanes.event).map(line),
        Pane::Before => correlated(state).get(selected_signal(state)).map(Correlated::sentence),
    }
}
