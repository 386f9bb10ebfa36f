//! The watches as JSON; the cockpit and the command line say the same.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::app::State as Cockpit;
use crate::app::monitor::snapshot::{is_fresh, time, why};
use crate::domain::stabilisation::{Note, Timer, words};

use super::{Entry, face, is_planned_only, listed, release, selected, selected_row};

/// The view as JSON.
pub(in crate::app::monitor) fn snapshot(state: &Cockpit) -> Value {
    let listed = listed(state);
    let row = selected_row(state, &listed);
    let face = face(state);
    let watches = listed.iter().enumerate().map(|(index, entry)| {
        let mut told = document(state, entry);
        told["selected"] = json!(index == row);
        told
    });
    json!({
        "watches": watches.collect::<Vec<_>>(),
        "fresh": is_fresh(&face),
        "why": why(&face),
    })
}

/// One watch as a document.
pub fn document(state: &Cockpit, entry: &Entry) -> Value {
    let now = state.now.wall;
    let watch = &entry.watch;
    let release = release(state, entry);
    let plan = release.map(|release| &release.watch);
    let notes = plan.map(|plan| plan.notes_by(now)).unwrap_or_default();
    json!({
        "release": entry.id.release,
        "title": entry.title,
        "service": entry.id.service,
        "version": entry.version,
        "environment": entry.id.environment,
        "region": entry.id.region,
        "phase": watch.phase.word(),
        "began": time(watch.begins.at()),
        "began_known": watch.begins.word(),
        "planned_only": is_planned_only(entry),
        "first_until": time(watch.first_until),
        "ends": time(watch.ends),
        "left_seconds": watch.left(now).num_seconds(),
        "ended": watch.ended.as_ref().map(|ended| json!({ "time": ended.at.map(time), "why": ended.words() })),
        "watcher": watch.watcher.as_ref().map(|watcher| json!({
            "name": watcher.name,
            "because": watcher.because.word(),
        })),
        "sensitivity": {
            "value": watch.sensitivity.value(),
            "word": watch.sensitivity.word(),
            "hold_factor": watch.sensitivity.factor(),
            "says": plan.map(|plan| watch.sensitivity_words(plan, now, state.zone)),
        },
        "open": entry.timers.iter().map(timer).collect::<Vec<_>>(),
        "escalation": {
            "chain": entry.chain,
            "says": words::escalation(&entry.timers, &entry.chain, now),
            "after_seconds": plan.map(|plan| plan.escalate_after.num_seconds()),
        },
        "verdict": super::verdict(state, entry),
        "unknown": entry.unknown,
        "notes": notes.into_iter().rev().map(note).collect::<Vec<_>>(),
    })
}

fn timer(timer: &Timer) -> Value {
    json!({
        "kind": timer.open.kind.word(),
        "what": timer.open.what,
        "since": time(timer.open.since),
        "since_exact": timer.open.is_exact,
        "acknowledged": timer.acknowledged.as_ref().map(|(by, at)| json!({ "by": by, "time": time(*at) })),
        "level": timer.level,
        "call": timer.call,
        "next": timer.next.as_ref().map(|(at, name)| json!({ "name": name, "time": time(*at) })),
    })
}

fn note(note: &Note) -> Value {
    json!({
        "time": time(note.time),
        "by": note.by,
        "to": note.to,
        "acknowledge": note.acknowledge,
        "close": note.close,
        "text": note.text,
    })
}

/// What is selected, as text to copy.
pub(in crate::app::monitor) fn selected_text(state: &Cockpit) -> Option<String> {
    let entry = selected(state)?;
    let now = state.now.wall;
    let mut lines = vec![head(state, entry, now)];
    lines.extend(entry.timers.iter().map(|timer| {
        format!("open since {}: {}, {}", time(timer.open.since), timer.open.what, timer.words(now))
    }));
    let notes = release(state, entry).map(|release| release.watch.notes_by(now)).unwrap_or_default();
    lines.extend(notes.into_iter().rev().map(|note| {
        let words = words::note(note);
        format!("{} {}: {words}", time(note.time), note.by)
    }));
    Some(lines.join("\n"))
}

fn head(state: &Cockpit, entry: &Entry, now: DateTime<Utc>) -> String {
    let began = entry.watch.begins_words(now, state.zone);
    let line = entry.watch.line(now);
    format!(
        "{}: {} {} in {}, {began}; {line}",
        entry.id.release,
        entry.id.service,
        entry.version,
        entry.id.place()
    )
}
