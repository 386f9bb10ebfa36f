//! A run of show on screen as JSON.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::{check_of, reckoning, view};
use crate::app::State;
use crate::domain::Face;
use crate::domain::show::words;

/// What is on screen; nothing where no run of show is open.
pub fn snapshot(state: &State) -> Option<Value> {
    let view = view(state)?;
    let reckoning = match reckoning(state, &view.release) {
        Ok(reckoning) => reckoning,
        Err(why) => return Some(json!({ "release": view.release, "says": why })),
    };
    let clock = &reckoning.clock;
    let steps = reckoning.steps.iter().map(|step| {
        let holds = match check_of(state, &view.release, step.step) {
            Face::Fresh(checked) => Some(checked.holds),
            _ => None,
        };
        json!({
            "id": step.step.id,
            "title": step.step.title,
            "owner": step.step.owner,
            "state": step.state.word(),
            "count": words::at(step, clock),
            "start": rfc3339(step.expected.0),
            "end": rfc3339(step.expected.1),
            "late": step.late.num_seconds(),
            "slip": step.slip.num_seconds(),
            "critical": step.is_critical,
            "check_holds": holds,
        })
    });
    Some(json!({
        "release": view.release,
        "standing": words::standing(&reckoning).word(),
        "says": words::sentence(&reckoning, state.zone),
        "t": words::count(clock, reckoning.now, 1),
        "left": clock.left(reckoning.now).num_seconds(),
        "counted": rfc3339(clock.counted),
        "expected": rfc3339(clock.expected),
        "held": clock.held.num_seconds(),
        "steps": steps.collect::<Vec<_>>(),
    }))
}

fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}
