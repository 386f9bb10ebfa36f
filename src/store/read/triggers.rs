//! `[[service.trigger]]`

use super::super::report::Report;
use super::super::wire::{At, workspace as wire};
use super::names::Names;
use super::values;
use crate::domain::Safe;
use crate::domain::condition::Condition;
use crate::domain::trigger::{SCOPE, Trigger, When};

/// Reads a service's triggers; a bad one is left out. `metrics` are the names of its metrics.
pub fn read(
    report: &mut Report<'_>,
    wires: Vec<At<wire::Trigger>>,
    metrics: &[&str],
    names: &Names,
) -> Vec<Trigger> {
    let mut triggers: Vec<Trigger> = Vec::new();
    for At { span, value: wire } in wires {
        let Some(id) = values::word(report, &wire.id, "id") else { continue };
        if triggers.iter().any(|earlier| earlier.id == id) {
            report.error(&wire.id.span, format!("the trigger `{id}` is there twice: ids must differ"));
            continue;
        }
        let errors = report.errors();
        let environments = wire.environments.iter().map(|at| {
            names.environment(report, &at.span, &at.value);
            at.value.clone()
        });
        let environments = environments.collect();
        let hold = values::maybe_span(report, wire.hold.as_ref()).unwrap_or_default();
        let within = values::maybe_span(report, wire.within.as_ref()).unwrap_or(SCOPE);
        let remedy = wire.recommend;
        let title = wire.title.clone().map_or_else(|| id.clone(), values::prose);
        let Some(when) = when(report, &span, wire, metrics) else { continue };
        if report.errors() > errors {
            continue;
        }
        triggers.push(Trigger { id, title, when, hold, within, remedy, environments });
    }
    triggers
}

/// What a trigger looks at: exactly one thing.
fn when(
    report: &mut Report<'_>,
    span: &std::ops::Range<usize>,
    wire: wire::Trigger,
    metrics: &[&str],
) -> Option<When> {
    let wire::Trigger { id, metric, is, verdict, alert, burn, health, .. } = wire;
    let named = [metric.is_some(), verdict.is_some(), alert.is_some(), burn.is_some(), health.is_some()];
    if named.iter().filter(|named| **named).count() != 1 {
        let message = format!(
            "the trigger `{}` looks at one thing: write metric with is, or verdict, alert, burn or health",
            id.value
        );
        report.error(span, message);
        return None;
    }
    if metric.is_none()
        && let Some(is) = &is
    {
        report.error(&is.span, "`is` belongs to `metric`: leave it out, or write metric = \"…\"");
        return None;
    }
    if let Some(at) = metric {
        if !metrics.contains(&at.value.as_str()) {
            let (shown, known) = (Safe::new(&at.value), metrics.join(", "));
            let known = if known.is_empty() { "none is written yet".to_owned() } else { known };
            report.error(&at.span, format!("the service has no metric `{shown}`: it has {known}"));
            return None;
        }
        let Some(is) = is else {
            report.error(&at.span, "the metric needs `is`: write is = \"> 0.02\"");
            return None;
        };
        return Some(When::Metric { name: at.value, is: condition(report, &is)? });
    }
    if let Some(at) = burn {
        return condition(report, &at).map(When::Burn);
    }
    if let Some(at) = alert {
        return values::word(report, &at, "alert").map(When::Alert);
    }
    if let Some(at) = health {
        return values::word(report, &at, "health").map(When::Health);
    }
    verdict.map(When::Verdict)
}

fn condition(report: &mut Report<'_>, at: &At<String>) -> Option<Condition> {
    match Condition::parse(&at.value) {
        Ok(condition) => Some(condition),
        Err(message) => {
            // The condition's own sentence begins with the key of playbooks.
            report.error(&at.span, message.replacen("`until` is ", "found ", 1));
            None
        }
    }
}
