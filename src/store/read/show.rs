//! The run of show in `releases/<id>.toml`.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::super::report::Report;
use super::super::wire::keys::nearest;
use super::super::wire::{At, show as wire};
use super::names::Names;
use super::{queries, values};
use crate::domain::condition::Condition;
use crate::domain::show::check::TEMPLATES;
use crate::domain::show::order::order;
use crate::domain::show::{Anchor, Check, CountTime, Hold, RunOfShow, Step};
use crate::domain::{Safe, Stage};

/// Reads it; what is wrong is reported, and the release is then left out as a whole.
pub fn read(
    report: &mut Report<'_>,
    count: Option<&At<wire::Count>>,
    holds: Vec<At<wire::Hold>>,
    steps: Vec<At<wire::Step>>,
    stages: &[Stage],
    workspace: Tz,
) -> RunOfShow {
    let (anchor, time_zone) =
        count.map_or_else(Default::default, |at| where_zero_lies(report, &at.value, workspace));
    let first = stages.iter().min_by_key(|stage| stage.start).map(|stage| stage.time_zone);
    let zone = time_zone.or(first).unwrap_or(workspace);
    let holds = read_holds(report, &holds, zone);
    let read: Vec<Option<Step>> = steps.iter().map(|at| step(report, at, zone)).collect();
    let is_whole = read.iter().all(Option::is_some);
    let read: Vec<Step> = read.into_iter().flatten().collect();
    references(report, &steps);
    // Of steps that cannot be read the order is not known.
    if is_whole && let Err(circle) = order(&read) {
        let names: Vec<&str> = circle.0.iter().map(|place| read[*place].id.as_str()).collect();
        let at = &steps[circle.0[0]].value;
        let span = at.after.first().map_or(&at.id.span, |after| &after.span);
        let message = match names.as_slice() {
            [itself] => format!("the step `{itself}` waits for itself: take it out of `after`"),
            _ => format!(
                "these steps wait for each other: {}: break the circle in one `after`",
                names.join(", ")
            ),
        };
        report.error(span, message);
    }
    RunOfShow { anchor, time_zone, holds, steps: read }
}

/// A reference to an environment or region that does not exist is a mistake, but no reason to leave
/// the release out.
pub fn check_places(report: &mut Report<'_>, count: &wire::Count, names: &Names) {
    let Some(environment) = &count.environment else { return };
    names.environment(report, &environment.span, &environment.value);
    if let Some(region) = &count.region {
        names.region(report, &region.span, &environment.value, &region.value);
    }
}

fn where_zero_lies(report: &mut Report<'_>, wire: &wire::Count, workspace: Tz) -> (Anchor, Option<Tz>) {
    let zone = wire.time_zone.as_ref().and_then(|at| values::zone(report, at));
    let anchor = match (&wire.zero, &wire.environment, &wire.region) {
        (Some(zero), None, None) => {
            let at = values::instant(report, zero, zone.unwrap_or(workspace));
            at.map_or(Anchor::FirstStage, Anchor::Instant)
        }
        (Some(zero), _, _) => {
            report.error(&zero.span, "[count] has both `zero` and `environment`: leave one out");
            Anchor::FirstStage
        }
        (None, Some(environment), region) => Anchor::Environment {
            environment: environment.value.clone(),
            region: region.as_ref().map(|at| at.value.clone()),
        },
        (None, None, Some(region)) => {
            report.error(&region.span, "[count] has a `region` without an `environment`: write both");
            Anchor::FirstStage
        }
        (None, None, None) => Anchor::FirstStage,
    };
    (anchor, zone)
}

fn read_holds(report: &mut Report<'_>, wire: &[At<wire::Hold>], zone: Tz) -> Vec<Hold> {
    let mut holds: Vec<Hold> = Vec::new();
    for At { value: wire, .. } in wire {
        let since = values::instant(report, &wire.since, zone);
        let until = wire.until.as_ref().map(|at| values::instant(report, at, zone));
        if wire.reason.value.trim().is_empty() {
            report.error(&wire.reason.span, "the reason is empty: a hold says why");
        }
        let Some(since) = since else { continue };
        if let (Some(Some(until)), Some(at)) = (until, &wire.until)
            && until < since
        {
            report.error(&at.span, "the hold ends before it begins: `until` must not be before `since`");
        }
        if let Some(before) = holds.last() {
            match before.until {
                None => report.error(
                    &wire.since.span,
                    "the hold before this one still goes on: give it an `until`, only the last may be open",
                ),
                Some(until) if until > since => report.error(
                    &wire.since.span,
                    "this hold begins before the one above it ended: holds follow each other",
                ),
                Some(_) => {}
            }
        }
        let reason = values::prose(wire.reason.value.clone());
        holds.push(Hold { since, until: until.flatten(), by: wire.by.clone().map(values::prose), reason });
    }
    holds
}

fn step(report: &mut Report<'_>, at: &At<wire::Step>, zone: Tz) -> Option<Step> {
    let wire = &at.value;
    let errors = report.errors();
    let id = values::word(report, &wire.id, "id");
    let when = wire.at.as_ref().and_then(|at| match CountTime::parse(&at.value) {
        Ok(time) => Some(time),
        Err(message) => {
            report.error(&at.span, message);
            None
        }
    });
    if wire.at.is_none() && wire.after.is_empty() {
        let name = Safe::new(&wire.id.value);
        let message = format!("the step `{name}` begins never: write at = \"T-2d\" or after = [\"…\"]");
        report.error(&wire.id.span, message);
    }
    let duration = values::maybe_span(report, wire.duration.as_ref());
    let time_zone = wire.time_zone.as_ref().and_then(|at| values::zone(report, at));
    let check = wire.check.as_ref().and_then(|at| check(report, at));
    let mut instant = |at: Option<&At<toml::value::Datetime>>| -> Option<DateTime<Utc>> {
        at.and_then(|at| values::instant(report, at, zone))
    };
    let (started, done) = (instant(wire.started.as_ref()), instant(wire.done.as_ref()));
    if let (Some(started), Some(done), Some(at)) = (started, done, &wire.done)
        && done < started
    {
        report.error(&at.span, "the step is done before it was begun: `done` must not be before `started`");
    }
    if let Some(skipped) = &wire.skipped
        && skipped.value.trim().is_empty()
    {
        report.error(&skipped.span, "the reason is empty: a step that is left out says why");
    }
    if report.errors() > errors {
        return None;
    }
    let id = id?;
    let prose = |text: &Option<String>| text.clone().map(values::prose);
    Some(Step {
        title: prose(&wire.title).filter(|title| !title.trim().is_empty()).unwrap_or_else(|| id.clone()),
        id,
        at: when,
        after: wire.after.iter().map(|at| at.value.clone()).collect(),
        duration: duration.unwrap_or_default(),
        owner: prose(&wire.owner),
        time_zone,
        check,
        started,
        done,
        by: prose(&wire.by),
        skipped: wire.skipped.as_ref().map(|at| values::prose(at.value.clone())),
    })
}

fn check(report: &mut Report<'_>, at: &At<wire::StepCheck>) -> Option<Check> {
    let wire = &at.value;
    let timeout = values::maybe_span(report, wire.timeout.as_ref());
    match (&wire.query, &wire.until, wire.run.is_empty()) {
        (Some(query), Some(until), true) => {
            queries::check(report, query, TEMPLATES);
            match Condition::parse(&until.value) {
                Ok(until) => Some(Check::Query { query: query.value.clone(), until }),
                Err(message) => {
                    report.error(&until.span, message);
                    None
                }
            }
        }
        (None, None, false) => {
            for argument in &wire.run {
                queries::check_templates(report, &at.span, argument, TEMPLATES);
            }
            Some(Check::Command { argv: wire.run.clone(), timeout })
        }
        _ => {
            let message = "`check` needs { query = \"…\", until = \"< 0.01\" } or { run = [\"…\"] }";
            report.error(&at.span, message);
            None
        }
    }
}

/// Ids that are there twice, and an `after` that names no step.
fn references(report: &mut Report<'_>, steps: &[At<wire::Step>]) {
    let ids: Vec<&str> = steps.iter().map(|step| step.value.id.value.as_str()).collect();
    for (place, step) in steps.iter().enumerate() {
        let id = &step.value.id;
        if ids[..place].contains(&id.value.as_str()) {
            let shown = Safe::new(&id.value);
            report.error(&id.span, format!("the step `{shown}` is there twice: ids must differ"));
        }
        for after in &step.value.after {
            if ids.contains(&after.value.as_str()) {
                continue;
            }
            let shown = Safe::new(&after.value);
            let mend = match nearest(&after.value, ids.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "write a [[step]] with this id, or take it out".to_owned(),
            };
            report.error(&after.span, format!("there is no step `{shown}`: {mend}"));
        }
    }
}
