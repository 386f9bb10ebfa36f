//! `[watch]` in `releases/<id>.toml`

use chrono::TimeDelta;
use chrono_tz::Tz;

use super::super::report::Report;
use super::super::wire::{At, watch as wire};
use super::names::Names;
use super::values;
use crate::domain::stabilisation::{Note, Plan};

/// Reads it; what is wrong is reported, and the release is then left out as a whole: who watches
/// must not be guessed.
pub fn read(report: &mut Report<'_>, wire: Option<&wire::Watch>, zone: Tz) -> Plan {
    let Some(wire) = wire else { return Plan::default() };
    let usual = Plan::default();
    let by = wire.by.as_ref().and_then(|at| values::word(report, at, "name in `by`"));
    let length = longer_than_nothing(report, wire.length.as_ref(), "for = \"72h\"").unwrap_or(usual.length);
    let first = values::maybe_span(report, wire.first.as_ref()).unwrap_or(usual.first);
    if let Some(at) = wire.first.as_ref().filter(|_| first > length) {
        report.error(&at.span, "`first` is longer than the watch: it must not be above `for`");
    }
    let after = longer_than_nothing(report, wire.escalate_after.as_ref(), "escalate_after = \"15m\"");
    let environments = wire.environments.iter().map(|at| at.value.clone()).collect();
    let notes = wire.notes.iter().filter_map(|at| note(report, at, zone)).collect();
    Plan { by, length, first, escalate_after: after.unwrap_or(usual.escalate_after), environments, notes }
}

/// A reference to an environment that does not exist is a mistake, but no reason to leave the
/// release out.
pub fn check_places(report: &mut Report<'_>, wire: &wire::Watch, names: &Names) {
    for environment in &wire.environments {
        names.environment(report, &environment.span, &environment.value);
    }
}

fn longer_than_nothing(report: &mut Report<'_>, at: Option<&At<String>>, example: &str) -> Option<TimeDelta> {
    let span = values::maybe_span(report, at);
    if let (Some(span), Some(at)) = (span, at)
        && span < TimeDelta::seconds(1)
    {
        report.error(&at.span, format!("it must be longer than nothing: write {example}"));
    }
    span
}

fn note(report: &mut Report<'_>, At { span, value: wire }: &At<wire::Note>, zone: Tz) -> Option<Note> {
    let time = values::instant(report, &wire.time, zone);
    let by = values::word(report, &wire.by, "name in `by`");
    let to = wire.to.as_ref().map(|at| values::word(report, at, "name in `to`"));
    let text = wire.text.clone().map(values::lines).unwrap_or_default();
    if text.trim().is_empty() && wire.to.is_none() && !wire.acknowledge && !wire.close {
        report.error(span, "the note says nothing: write text, to, acknowledge = true or close = true");
    }
    let to = match to {
        Some(None) => return None,
        Some(to) => to,
        None => None,
    };
    Some(Note { time: time?, by: by?, to, acknowledge: wire.acknowledge, close: wire.close, text })
}
