//! `[[service.health]]`

use std::ops::Range;

use chrono::TimeDelta;

use super::super::report::Report;
use super::super::wire::{At, health as wire};
use super::names::Names;
use super::{queries, values};
use crate::domain::condition::Condition;
use crate::domain::health::{HealthCheck, HttpProbe, INTERVAL, Probe, SHORTEST, TEMPLATES};

/// How long a request may take, unless it says otherwise.
const TIMEOUT: TimeDelta = TimeDelta::seconds(5);

/// Reads a service's health checks; a bad one is left out.
pub fn read(report: &mut Report<'_>, wires: Vec<At<wire::Health>>, names: &Names) -> Vec<HealthCheck> {
    let mut checks: Vec<HealthCheck> = Vec::new();
    for At { span, value: wire } in wires {
        let Some(id) = values::word(report, &wire.id, "id") else { continue };
        if checks.iter().any(|earlier| earlier.id == id) {
            report.error(&wire.id.span, format!("the health check `{id}` is there twice: ids must differ"));
            continue;
        }
        let errors = report.errors();
        let mut environments = Vec::new();
        for at in &wire.environments {
            names.environment(report, &at.span, &at.value);
            environments.push(at.value.clone());
        }
        let interval = interval(report, wire.interval.as_ref());
        let title = wire.title.clone().map_or_else(|| id.clone(), values::prose);
        let (critical, data) = (wire.critical, wire.data);
        let probe = probe(report, &span, &id, wire);
        if let Some(probe) = probe.filter(|_| report.errors() == errors) {
            checks.push(HealthCheck { id, title, probe, environments, interval, critical, data });
        }
    }
    checks
}

fn interval(report: &mut Report<'_>, at: Option<&At<String>>) -> TimeDelta {
    let Some((at, interval)) = at.and_then(|at| Some((at, values::span(report, at)?))) else {
        return INTERVAL;
    };
    if interval < SHORTEST {
        report.error(&at.span, "an interval under 5s asks too often: write 5s or more");
    }
    interval
}

/// What a check asks: exactly one thing.
fn probe(report: &mut Report<'_>, span: &Range<usize>, id: &str, wire: wire::Health) -> Option<Probe> {
    match (wire.query, wire.until, wire.http, wire.run.is_empty()) {
        (Some(query), Some(until), None, true) => {
            queries::check(report, &query, TEMPLATES);
            match Condition::parse(&until.value) {
                Ok(until) => Some(Probe::Query { query: query.value, until }),
                Err(message) => {
                    report.error(&until.span, message);
                    None
                }
            }
        }
        (None, None, Some(http), true) => Some(Probe::Http(request(report, http.value)?)),
        (None, None, None, false) => {
            for argument in &wire.run {
                queries::check_templates(report, span, argument, TEMPLATES);
            }
            let timeout = values::maybe_span(report, wire.timeout.as_ref());
            Some(Probe::Command { argv: wire.run, timeout })
        }
        _ => {
            let message = format!(
                "the health check `{id}` asks one thing: write query with until, \
                 http = {{ url = \"https://…\" }} or run = [\"…\"]"
            );
            report.error(span, message);
            None
        }
    }
}

fn request(report: &mut Report<'_>, wire: wire::HttpProbe) -> Option<HttpProbe> {
    queries::check_templates(report, &wire.url.span, &wire.url.value, TEMPLATES);
    let is_address = ["http://", "https://"].iter().any(|scheme| wire.url.value.starts_with(scheme));
    if !is_address {
        report.error(&wire.url.span, "a url begins with http:// or https://");
        return None;
    }
    let mut status = Vec::new();
    if let Some(at) = &wire.status {
        match u16::try_from(at.value).ok().filter(|status| (100..600).contains(status)) {
            Some(found) => status.push(found),
            None => report.error(&at.span, format!("found status {}: 100 to 599 is accepted", at.value)),
        }
    }
    let timeout = values::maybe_span(report, wire.timeout.as_ref()).unwrap_or(TIMEOUT);
    if timeout <= TimeDelta::zero() || timeout > TimeDelta::minutes(2) {
        let span = wire.timeout.map(|at| at.span).unwrap_or_default();
        report.error(&span, "a request waits more than nothing and at most 2m");
    }
    let contains = wire.contains.filter(|text| !text.is_empty());
    Some(HttpProbe { url: wire.url.value, status, timeout, contains, redirects: wire.redirects })
}
