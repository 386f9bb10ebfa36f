//! What the calendar shows, as JSON and as text.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::app::{State, tracker};

use super::conflicts::document;
use super::layers::layers;
use super::selecting::{period, place_of};
use super::{Kept, Mark, Shape, What, arranged, details, past_news, plain};

/// What is on screen, as JSON: the entries of the range as `tminus calendar` has them, past
/// releases beside them.
pub fn snapshot(state: &State) -> Value {
    let (from, to) = period(state);
    let calendar = &state.calendar;
    let (mut entries, mut past, mut versions) = (Vec::new(), Vec::new(), Vec::new());
    for mark in calendar.timeline.touching(from, to) {
        match mark.what {
            What::Tag(_) => past.extend(entry(state, mark)),
            What::Version(_) => versions.extend(entry(state, mark)),
            _ => entries.extend(entry(state, mark)),
        }
    }
    let selected = calendar.selected.as_ref().and_then(|selected| place_of(state, selected));
    let moving = calendar.moving.as_ref().map(|moving| {
        let hand = &moving.hand;
        let trial = calendar.conflicts.trial.as_ref();
        json!({
            "release": moving.release, "stage": hand.stage, "copy": moving.copy,
            "from": [time(hand.from.0), time(hand.from.1)],
            "to": [time(hand.to.0), time(hand.to.1)],
            "breaks": trial.map(|it| it.breaks().map(document).collect::<Vec<_>>()),
            "mends": trial.map(|it| it.mends().map(document).collect::<Vec<_>>()),
            "along": moving.along.iter().map(|held| json!({
                "stage": held.stage, "start": time(held.to.0), "end": time(held.to.1),
            })).collect::<Vec<_>>(),
        })
    });
    let unsaved = calendar.placed.iter().map(|placed| {
        json!({
            "release": placed.release, "stage": placed.stage,
            "start": time(placed.to.0), "end": time(placed.to.1),
        })
    });
    json!({
        "view": calendar.shape.word(),
        "time_zone": state.zone.name(),
        "from": time(from),
        "to": time(to),
        "filter": calendar.filter,
        "layers": layers(state).iter().map(|layer| {
            json!({ "name": layer.name, "windows": layer.windows, "hidden": layer.hidden })
        }).collect::<Vec<_>>(),
        "timeline": (calendar.shape == Shape::Lanes).then(|| timeline(state)),
        "entries": entries,
        "past": past,
        "not_planned": versions,
        "tracker": tracker::snapshot(state),
        "past_notice": past_news(state).map(|(text, _)| text),
        "unreadable": calendar.timeline.unreadable.iter().map(|(window, why)| {
            json!({ "id": state.workspace.windows.get(*window as usize).map(|window| &window.id), "why": why })
        }).collect::<Vec<_>>(),
        "selected": selected.and_then(|place| calendar.timeline.get(place)).and_then(|mark| entry(state, mark)),
        "moving": moving,
        "go_live": state.overlays.iter().find_map(|overlay| match overlay {
            crate::app::Overlay::GoLive(dialog) => Some(super::golive::snapshot(dialog)),
            _ => None,
        }),
        "slots": state.overlays.iter().find_map(|overlay| match overlay {
            crate::app::Overlay::Slots(finder) => Some(super::slots::snapshot(finder)),
            _ => None,
        }),
        "conflicts": super::conflicts::snapshot(state),
        "unsaved": unsaved.collect::<Vec<_>>(),
    })
}

/// The lanes with something on the axis; their entries by the id of release, window or service.
fn timeline(state: &State) -> Value {
    let lanes = &state.calendar.lanes;
    let ids = |places: &[usize]| -> Vec<Value> {
        let marks = places.iter().filter_map(|place| state.calendar.timeline.get(*place));
        marks
            .filter_map(|mark| entry(state, mark))
            .map(|it| json!({ "kind": it["kind"], "id": it.get("id").or(it.get("service")), "stage": it["stage"] }))
            .collect()
    };
    let rows = arranged(state).into_iter().map(|lane| {
        json!({
            "lane": lane.lane.map_or("windows", |lane| lanes.index.title(lane)),
            "entries": ids(&lane.places),
        })
    });
    json!({ "by": lanes.index.by().word(), "zoom": lanes.zoom.word(), "lanes": rows.collect::<Vec<_>>() })
}

fn entry(state: &State, mark: &Mark) -> Option<Value> {
    let workspace = &state.workspace;
    Some(match mark.what {
        What::Stage(release, index) => {
            let release = workspace.releases.get(release as usize)?;
            let stage = release.stages.get(index as usize)?;
            json!({
                "kind": "stage", "id": release.id, "stage": index, "title": release.title,
                "start": time(mark.start), "end": time(mark.end),
                "environment": stage.environment, "region": stage.region,
                "services": release.services().collect::<Vec<_>>(), "status": release.status.word(),
            })
        }
        What::Window(window) => {
            let window = workspace.windows.get(window as usize)?;
            json!({
                "kind": window.kind.word(), "id": window.id, "title": window.title,
                "start": time(mark.start), "end": time(mark.end),
                "environments": window.environments, "regions": window.regions, "services": window.services,
                "branches": window.branches, "kept": kept(super::branches::kept(state, window, mark.start)),
            })
        }
        What::Tag(tag) => {
            let past = state.calendar.plan.past.get(tag as usize)?;
            let service = workspace.services.get(past.service as usize)?;
            json!({
                "kind": "tag", "service": service.id, "tag": past.name, "time": time(past.at),
                "subject": past.subject,
            })
        }
        What::Version(version) => {
            let version = state.tracker.unplanned.get(version as usize)?;
            json!({
                "kind": "version", "tracker": version.reference.to_string(), "date": version.date,
            })
        }
    })
}

/// Whether frozen branches were kept: `yes`, `unknown`, how much landed, or null where none is watched.
fn kept(kept: Kept) -> Value {
    match kept {
        Kept::NotWatched => Value::Null,
        Kept::Yes => json!("yes"),
        Kept::Unknown => json!("unknown"),
        Kept::No(landed) => json!(landed),
    }
}

fn time(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// What is selected, as text to copy.
pub fn selected_text(state: &State) -> Option<String> {
    state.calendar.selected.as_ref()?;
    let rows: Vec<_> = details(state).into_iter().filter(|row| !row.is_empty()).collect();
    let lines = plain(&rows);
    let words: Vec<&str> = lines.lines().map(str::trim).collect();
    (!words.is_empty()).then(|| words.join("; "))
}
