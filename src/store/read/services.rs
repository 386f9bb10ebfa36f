//! `[[service]]`

use std::collections::BTreeSet;

use toml::de::DeTable;

use super::super::report::Report;
use super::super::wire::{At, workspace as wire};
use super::entry::{entry, take_list};
use super::names::Names;
use super::{health, metrics, queries, triggers, values};
use crate::domain::service::Slo;
use crate::domain::{Dependency, DependencyKind, Safe, Service, burn};

/// Reads the services; a bad one is left out.
pub fn read(report: &mut Report<'_>, table: &mut DeTable<'_>, names: &Names) -> Vec<Service> {
    let mut services = Vec::new();
    let mut seen = BTreeSet::new();
    for value in take_list(report, table, "service") {
        let Some(wire) = entry::<wire::Service>(report, value, "service") else { continue };
        let Some(id) = values::word(report, &wire.id, "id") else { continue };
        if seen.contains(&id) {
            report.error(&wire.id.span, format!("the service `{id}` is there twice: ids must differ"));
            continue;
        }
        seen.insert(id.clone());
        services.push(service(report, id, wire, names));
    }
    services
}

/// A service with a bad value loses that value: it is still deployed, and others depend on it.
fn service(report: &mut Report<'_>, id: String, wire: wire::Service, names: &Names) -> Service {
    let tier = wire.tier.and_then(|at| match at.value {
        1..=4 => u8::try_from(at.value).ok(),
        other => {
            report.error(&at.span, format!("found tier {other}: 1 (most critical) to 4 is accepted"));
            None
        }
    });
    if let Some(at) = &wire.playbook {
        names.playbook(report, &at.span, &at.value);
    }
    let metrics = metrics::read(report, wire.metrics);
    let metric_names: Vec<&str> = metrics.iter().map(|metric| metric.name.as_str()).collect();
    let triggers = triggers::read(report, wire.triggers, &metric_names, names);
    Service {
        triggers,
        health: health::read(report, wire.health, names),
        fix_forward: values::maybe_span(report, wire.fix_forward.as_ref()),
        owner: wire.owner.map(values::prose),
        escalation: wire.escalation.into_iter().map(values::prose).collect(),
        tier,
        repository: wire.repository,
        tags: wire.tags.and_then(|at| glob(report, at)),
        depends_on: wire.depends_on.into_iter().filter_map(|at| dependency(report, &id, at, names)).collect(),
        playbook: wire.playbook.map(|at| at.value),
        slo: wire.slo.and_then(|wire| slo(report, wire)),
        metrics,
        id,
    }
}

fn glob(report: &mut Report<'_>, at: At<String>) -> Option<String> {
    match values::check_glob("tags", &at.value, "v* or checkout-v[0-9]*") {
        Ok(()) => Some(at.value),
        Err(message) => {
            report.error(&at.span, message);
            None
        }
    }
}

fn dependency(
    report: &mut Report<'_>,
    consumer: &str,
    at: At<wire::DependencyEntry>,
    names: &Names,
) -> Option<Dependency> {
    let table = match at.value {
        wire::DependencyEntry::Id(service) => wire::Dependency {
            service: At { span: at.span, value: service },
            version: None,
            kind: DependencyKind::Hard,
        },
        wire::DependencyEntry::Table(table) => table,
    };
    let provider = values::word(report, &table.service, "service")?;
    if provider == consumer {
        report.error(&table.service.span, format!("`{consumer}` depends on itself: name another service"));
        return None;
    }
    names.provider(report, &table.service.span, &provider);
    // A requirement that cannot be read stays as written: left out, any version would do.
    let version = table.version.map(|at| match semver::VersionReq::parse(&at.value) {
        Ok(_) => at.value,
        Err(error) => {
            let found = Safe::new(&at.value);
            let message =
                format!("`{found}` is not a semver requirement ({error}): write ^4.1, ~4.1.2 or >=4, <6");
            report.error(&at.span, message);
            found.to_string()
        }
    });
    Some(Dependency { service: provider, version, kind: table.kind })
}

fn slo(report: &mut Report<'_>, wire: wire::Slo) -> Option<Slo> {
    queries::check(report, &wire.errors, queries::OBJECTIVE);
    queries::check(report, &wire.total, queries::OBJECTIVE);
    let objective = wire.objective.value;
    if !(objective > 0.0 && objective < 100.0) {
        let message = format!("found objective {objective}: percent above 0 and below 100 is accepted, 99.9");
        report.error(&wire.objective.span, message);
        return None;
    }
    let window_days = match &wire.window {
        Some(at) => values::span(report, at)?.as_seconds_f64() / 86_400.0,
        None => 30.0,
    };
    if window_days <= 0.0 {
        let span = wire.window.map(|at| at.span).unwrap_or_default();
        report.error(&span, "the window is empty: write 30d or 7d");
        return None;
    }
    let slo = Slo { objective, window_days, errors: wire.errors.value, total: wire.total.value };
    if let Some(never) = burn::words::never(&slo) {
        report.notice(&wire.objective.span, never);
    }
    for (query, span) in [(&slo.errors, &wire.errors.span), (&slo.total, &wire.total.span)] {
        if burn::query::compares_version_by_equality(query) {
            let mend = "the objective is asked for all versions at once: write version=~\"{{version}}\"";
            report.notice(span, mend);
        }
    }
    Some(slo)
}
