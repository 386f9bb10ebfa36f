//! A judgement as JSON: the same for the panel and for the command line.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use super::compare::{Compared, Measured, Pair};
use super::conditions::{Conditions, Standing};
use super::steps::Step;
use super::subject::Subject;
use super::{Assessed, Assessment};
use crate::domain::rollout::{Event, EventKind};

/// A rollout and what is said of it, with the events that came after `since`.
pub fn of(subject: &Subject, assessment: &Assessment, since: Option<DateTime<Utc>>) -> Value {
    let events = subject.events.iter().filter(|event| since.is_none_or(|since| event.at > since));
    let step = assessment.steps.iter().rev().find(|step| step.began.is_some());
    json!({
        "time": time(assessment.now),
        "service": subject.service,
        "environment": subject.environment,
        "region": subject.region,
        "release": subject.release,
        "from": subject.from,
        "to": Some(&subject.to).filter(|to| !to.is_empty()),
        "since": time(subject.since),
        "began_before": subject.began_before,
        "ended": subject.ended.map(time),
        "phase": subject.phase.word(),
        "share": subject.share,
        "step": step.map(self::step),
        "steps": assessment.steps.iter().map(self::step).collect::<Vec<_>>(),
        "soak_left": assessment.soak_left.map(seconds),
        "verdict": assessment.verdict,
        "score": assessment.score,
        "why": assessment.why,
        "metrics": assessment.metrics.iter().map(metric).collect::<Vec<_>>(),
        "health": assessment.health,
        "events": events.map(event).collect::<Vec<_>>(),
    })
}

/// A metric and what is said of it.
pub fn metric(metric: &Assessed) -> Value {
    let finding = metric.compared.as_ref().map(|compared| &compared.finding);
    let look = metric.compared.as_ref().and_then(|compared| compared.look);
    let companions = finding.map(|finding| &finding.companions[..]).unwrap_or_default().iter();
    json!({
        "name": metric.name,
        "result": metric.found.word(),
        "critical": metric.critical,
        "group": metric.group.0,
        "weight": metric.group.1,
        "found_at": metric.found_at.map(time),
        "n": finding.map(|finding| [finding.n.0, finding.n.1]),
        "needed": metric.compared.as_ref().and_then(|compared| compared.needed),
        "look": look.map(|look| look.number),
        "confidence": look.map(|look| look.confidence),
        "estimate": finding.and_then(|finding| finding.estimate),
        "interval": finding.and_then(|finding| finding.interval).map(|(low, high)| [low, high]),
        "effect": finding.and_then(|finding| finding.effect),
        "p": finding.and_then(|finding| finding.p),
        "e_value": finding.and_then(|finding| finding.e_value),
        "alarm_at": metric.compared.as_deref().and_then(Compared::alarm_at),
        "alarm_at_look": finding.and_then(|finding| finding.alarm_at_look),
        "companions": companions.map(|companion| json!({
            "test": companion.test.word(),
            "p": companion.p,
            "detail": companion.detail,
            "stands_out": metric.compared.as_ref().is_some_and(|it| it.stands_out(companion)),
        })).collect::<Vec<_>>(),
        "conditions": metric.conditions.as_ref().map(conditions),
        "value": metric.value.map(|(_, value)| value),
        "value_time": metric.value.map(|(at, _)| time(at)),
        "latest_breaks": metric.latest_breaks,
        "unit": metric.unit,
        "baseline": metric.baseline_value,
        "baseline_is": metric.baseline.word(),
        "seconds_between_samples": metric.interval,
        "made": metric.made,
        "why": metric.why,
        "not_known": metric.doubt,
        "source_age": metric.age.map(seconds),
    })
}

/// The samples behind a metric.
pub fn samples(metric: &Assessed) -> Value {
    metric.pairs.iter().map(sample).collect()
}

fn sample(pair: &Pair) -> Value {
    let measured = |measured: Option<Measured>| match measured {
        Some(Measured::Value(value)) => json!(value),
        Some(Measured::Counts(bad, total)) => json!([bad, total]),
        None => Value::Null,
    };
    json!({
        "time": time(pair.at),
        "canary": measured(pair.canary),
        "baseline_time": time(pair.baseline_at),
        "baseline": measured(pair.baseline),
    })
}

fn conditions(conditions: &Conditions) -> Value {
    let standing = match conditions.standing {
        Standing::Waiting => "waiting",
        Standing::Holds => "holds",
        Standing::Fails => "fails",
        Standing::Inconclusive => "inconclusive",
        Standing::Error => "error",
    };
    json!({
        "standing": standing,
        "rule": conditions.rule,
        "successes": conditions.successes,
        "failures": conditions.failures,
        "inconclusive": conditions.between,
        "unknown_in_a_row": conditions.unknown_in_a_row,
        "broke_at": conditions.broke.map(|(at, _)| time(at)),
        "broke_with": conditions.broke.map(|(_, value)| value),
    })
}

fn step(step: &Step) -> Value {
    json!({
        "number": step.number,
        "percent": step.percent,
        "began": step.began.map(time),
        "ended": step.ended.map(time),
        "verdict": step.verdict,
        "incomplete": step.is_incomplete,
        "why": step.why,
    })
}

fn event(event: &Event) -> Value {
    let (kind, from, to) = match &event.kind {
        EventKind::Appeared(_) => ("appeared", None, None),
        EventKind::ShareMoved { from, to } => ("share", Some(*from), Some(*to)),
        EventKind::Completed => ("completed", None, None),
        EventKind::RolledBack => ("rolled-back", None, None),
    };
    json!({ "time": time(event.at), "event": kind, "from": from, "to": to })
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn seconds(length: TimeDelta) -> i64 {
    length.num_seconds()
}
