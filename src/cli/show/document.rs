//! A run of show as JSON.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use super::Checks;
use crate::domain::Release;
use crate::domain::show::reckoning::Between;
use crate::domain::show::{Anchor, Check, Hold, Reckoned, Reckoning, words};

/// The whole, as of the reckoning's instant.
pub fn of(release: &Release, reckoning: &Reckoning<'_>, checks: &Checks) -> Value {
    let clock = &reckoning.clock;
    json!({
        "release": release.id,
        "title": release.title,
        "status": release.status,
        "time": rfc3339(reckoning.now),
        "standing": words::standing(reckoning).word(),
        "says": words::sentence(reckoning, clock.zero.zone),
        "count": {
            "t": words::count(clock, reckoning.now, 1),
            "left": clock.left(reckoning.now).num_seconds(),
            "planned": rfc3339(clock.zero.at),
            "counted": rfc3339(clock.counted),
            "expected": rfc3339(clock.expected),
            "time_zone": clock.zero.zone.name(),
            "held": clock.held.num_seconds(),
            "hold": clock.hold.map(hold_json),
            "slack": clock.slack.map(|slack| slack.num_seconds()),
        },
        "holds": release.show.holds.iter().map(hold_json).collect::<Vec<_>>(),
        "steps": reckoning.steps.iter().map(|step| step_json(step, reckoning, checks)).collect::<Vec<_>>(),
    })
}

fn step_json(reckoned: &Reckoned<'_>, reckoning: &Reckoning<'_>, checks: &Checks) -> Value {
    let step = reckoned.step;
    let waits_for: Vec<Value> =
        reckoned.waits_for.iter().map(|other| json!({ "step": other.id, "owner": other.owner })).collect();
    let seconds = |length: TimeDelta| length.num_seconds();
    json!({
        "id": step.id,
        "title": step.title,
        "owner": step.owner,
        "state": reckoned.state.word(),
        "at": step.at.map(|at| at.to_string()),
        "count": words::at(reckoned, &reckoning.clock),
        "after": step.after,
        "duration": seconds(step.duration),
        "planned": between(reckoned.planned),
        "due": between(reckoned.due),
        "expected": between(reckoned.expected),
        "started": step.started.map(rfc3339),
        "done": step.done.map(rfc3339),
        "by": step.by,
        "skipped": step.skipped,
        "late": seconds(reckoned.late),
        "slip": seconds(reckoned.slip),
        "slack": reckoned.slack.map(seconds),
        "critical": reckoned.is_critical,
        "waits_for": waits_for,
        "night": reckoned.is_at_night,
        "check": step.check.as_ref().map(|check| check_json(&step.id, check, checks)),
    })
}

/// `holds` is null while it is not known, or not looked at.
fn check_json(id: &str, check: &Check, checks: &Checks) -> Value {
    let answer = checks.iter().find(|(step, _)| step == id).map(|(_, answer)| answer);
    let mut value = match check {
        Check::Query { query, until } => json!({ "query": query, "until": until.to_string() }),
        Check::Command { argv, .. } => json!({ "run": argv }),
    };
    value["holds"] = json!(answer.and_then(|answer| answer.as_ref().ok()).map(|checked| checked.holds));
    value["found"] = match answer {
        None => Value::Null,
        Some(Ok(checked)) => json!(checked.found),
        Some(Err(failure)) => json!(failure.what),
    };
    value
}

fn between((start, end): Between) -> Value {
    json!({ "start": rfc3339(start), "end": rfc3339(end) })
}

fn hold_json(hold: &Hold) -> Value {
    json!({
        "since": rfc3339(hold.since),
        "until": hold.until.map(rfc3339),
        "by": hold.by,
        "reason": hold.reason,
    })
}

/// `[count]` of a release, as in its file.
pub fn count_json(release: &Release) -> Value {
    let show = &release.show;
    let (environment, region, zero) = match &show.anchor {
        Anchor::FirstStage => (None, None, None),
        Anchor::Environment { environment, region } => (Some(environment), region.as_ref(), None),
        Anchor::Instant(at) => (None, None, Some(rfc3339(*at))),
    };
    let zone = show.time_zone.map(chrono_tz::Tz::name);
    json!({ "environment": environment, "region": region, "zero": zero, "time_zone": zone })
}

/// `[[hold]]` of a release, as in its file.
pub fn holds_json(release: &Release) -> Value {
    json!(release.show.holds.iter().map(hold_json).collect::<Vec<_>>())
}

/// `[[step]]` of a release, as in its file.
pub fn steps_json(release: &Release) -> Value {
    let step = |step: &crate::domain::show::Step| {
        json!({
            "id": step.id,
            "title": step.title,
            "at": step.at.map(|at| at.to_string()),
            "after": step.after,
            "duration": step.duration.num_seconds(),
            "owner": step.owner,
            "time_zone": step.time_zone.map(chrono_tz::Tz::name),
            "check": step.check.as_ref().map(|check| match check {
                Check::Query { query, until } => json!({ "query": query, "until": until.to_string() }),
                Check::Command { argv, timeout } => {
                    json!({ "run": argv, "timeout": timeout.map(|timeout| timeout.num_seconds()) })
                }
            }),
            "started": step.started.map(rfc3339),
            "done": step.done.map(rfc3339),
            "by": step.by,
            "skipped": step.skipped,
        })
    };
    json!(release.show.steps.iter().map(step).collect::<Vec<_>>())
}

fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
