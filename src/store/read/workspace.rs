//! `tminus.toml`: its entries one by one, so that a bad one does not close the rest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono_tz::Tz;
use toml::de::{DeTable, DeValue};

use super::super::report::{Report, whole_file};
use super::super::wire::{At, keys, workspace as wire};
use super::entry::{Recovery, Value, document, entry, raw_id, strangers, take_list, take_table};
use super::names::Names;
use super::{backends, calendars, folder_name, queries, services, values, with_text};
use crate::domain::hours::WorkingHours;
use crate::domain::workspace::{Policy, VersionsSource};
use crate::domain::{Environment, Problem, Region, Severity, Workspace};

/// Reads the workspace's own file; what it defines goes into `names`.
pub fn read(root: &Path, names: &mut Names, problems: &mut Vec<Problem>) -> Workspace {
    let file = PathBuf::from("tminus.toml");
    let before = problems.len();
    let workspace =
        with_text(root, file.clone(), problems, |report, text| read_text(report, root, text, names));
    workspace.unwrap_or_else(|| {
        names.partial = true;
        if problems.len() == before {
            problems.push(whole_file(Severity::Error, &file, "is gone: run `tminus init` to write one"));
        }
        Workspace { name: folder_name(root), ..Workspace::default() }
    })
}

/// Reads the workspace from its file's text.
pub fn read_text(report: &mut Report<'_>, root: &Path, text: &str, names: &mut Names) -> Workspace {
    let (value, whole) = document(report, text, Recovery::Keep);
    names.partial = !whole;
    convert(report, root, value, names)
}

/// Reads only what decides how a release's local times are read: the workspace's zone, and the
/// environments' regions with theirs. What is wrong is not said here.
pub fn read_zones(root: &Path, names: &mut Names) -> Tz {
    let zone = with_text(root, PathBuf::from("tminus.toml"), &mut Vec::new(), |report, text| {
        let (value, _) = document(report, text, Recovery::Keep);
        let DeValue::Table(mut table) = value?.into_inner() else { return None };
        let own = take_table(report, &mut table, "workspace");
        let own = own.and_then(|own| entry::<wire::Workspace>(report, own, "workspace"));
        environments(report, &mut table, names);
        own?.time_zone.and_then(|at| values::zone(report, &at))
    });
    zone.flatten().unwrap_or(Tz::UTC)
}

fn convert(report: &mut Report<'_>, root: &Path, value: Option<Value<'_>>, names: &mut Names) -> Workspace {
    let mut workspace = Workspace { name: folder_name(root), ..Workspace::default() };
    let Some(value) = value else { return workspace };
    strangers(report, &value, keys::known::<wire::File>(), "");
    let DeValue::Table(mut table) = value.into_inner() else { return workspace };

    if let Some(own) = take_table(report, &mut table, "workspace")
        && let Some(own) = entry::<wire::Workspace>(report, own, "workspace")
    {
        if let Some(name) = own.name.filter(|name| !name.trim().is_empty()) {
            workspace.name = values::prose(name);
        }
        workspace.time_zone = own.time_zone.and_then(|at| values::zone(report, &at)).unwrap_or(Tz::UTC);
    }
    collect_names(&mut table, names);
    workspace.backends = backends::read(report, &mut table);
    workspace.environments = environments(report, &mut table, names);
    workspace.services = services::read(report, &mut table, names);
    workspace.calendars = calendars::read(report, &mut table, names);
    if let Some(policy) = take_table(report, &mut table, "policy") {
        workspace.policy = self::policy(report, policy);
    }
    workspace
}

/// What the file defines, entries that turn out broken included.
fn collect_names(table: &mut DeTable<'_>, names: &mut Names) {
    let ids = |name: &str| -> Vec<String> {
        let list = table.get(name).and_then(|value| value.get_ref().as_array());
        list.map(|list| list.iter().filter_map(raw_id).collect()).unwrap_or_default()
    };
    names.services.extend(ids("service"));
    names.environments.extend(ids("environment").into_iter().map(|id| (id, BTreeMap::new())));
    if let Some(backends) = table.get("backend").and_then(|value| value.get_ref().as_table()) {
        names.backends.extend(backends.keys().map(|key| key.get_ref().to_string()));
    }
}

fn environments(report: &mut Report<'_>, table: &mut DeTable<'_>, names: &mut Names) -> Vec<Environment> {
    let mut environments: Vec<Environment> = Vec::new();
    for value in take_list(report, table, "environment") {
        let broken = raw_id(&value);
        let environment = entry::<wire::Environment>(report, value, "environment")
            .and_then(|wire| environment(report, wire, &environments, names));
        match environment {
            Some(environment) => {
                let regions = environment.regions.iter().map(|region| (region.id.clone(), region.time_zone));
                names.environments.insert(environment.id.clone(), regions.collect());
                environments.push(environment);
            }
            // Its regions are not known now: references to them would only repeat the complaint.
            None => {
                if let Some(id) = broken
                    && !environments.iter().any(|known| known.id == id)
                {
                    names.broken.insert(id);
                }
            }
        }
    }
    environments
}

fn environment(
    report: &mut Report<'_>,
    wire: wire::Environment,
    earlier: &[Environment],
    names: &Names,
) -> Option<Environment> {
    let id = values::word(report, &wire.id, "id")?;
    if earlier.iter().any(|environment| environment.id == id) {
        report.error(&wire.id.span, format!("the environment `{id}` is there twice: ids must differ"));
        return None;
    }
    let mut regions: Vec<Region> = Vec::new();
    for at in wire.regions {
        let (region, time_zone) = match at.value {
            wire::RegionEntry::Id(id) => (At { span: at.span, value: id }, None),
            wire::RegionEntry::Table(table) => (table.id, table.time_zone),
        };
        let Some(region_id) = values::word(report, &region, "region") else { continue };
        if regions.iter().any(|earlier| earlier.id == region_id) {
            report.error(&region.span, format!("the region `{region_id}` is there twice: ids must differ"));
            continue;
        }
        // A zone that is not known is reported; the region is there all the same.
        let time_zone = time_zone.and_then(|at| values::zone(report, &at));
        regions.push(Region { id: region_id, time_zone });
    }
    let versions = wire.versions.and_then(|at| versions(report, at, names));
    Some(Environment { id, regions, capacity: wire.capacity, versions })
}

fn versions(report: &mut Report<'_>, at: At<wire::Versions>, names: &Names) -> Option<VersionsSource> {
    let table = match at.value {
        wire::Versions::Query(query) => {
            let query = At { span: at.span, value: query };
            queries::check(report, &query, queries::VERSIONS);
            return Some(VersionsSource::Query { backend: None, query: query.value });
        }
        wire::Versions::Table(table) => table,
    };
    match (table.query, table.file, table.command) {
        (Some(query), None, None) => {
            queries::check(report, &query, queries::VERSIONS);
            if let Some(backend) = &table.backend {
                names.backend(report, &backend.span, &backend.value);
            }
            let backend = table.backend.map(|at| at.value);
            Some(VersionsSource::Query { backend, query: query.value })
        }
        (None, Some(file), None) => Some(VersionsSource::File(PathBuf::from(file))),
        (None, None, Some(command)) if !command.is_empty() => Some(VersionsSource::Command(command)),
        _ => {
            let message = "`versions` needs one of: PromQL as a string, { query = \"…\" }, \
                           { file = \"running.json\" } or { command = [\"…\"] }";
            report.error(&at.span, message);
            None
        }
    }
}

fn policy(report: &mut Report<'_>, value: Value<'_>) -> Policy {
    let mut policy = Policy::default();
    let Some(wire) = entry::<wire::Policy>(report, value, "policy") else { return policy };
    let mut seconds = |at: &At<String>| {
        let span = values::span(report, at)?;
        u32::try_from(span.num_seconds()).ok()
    };
    if let Some(near) = wire.near.as_ref().and_then(&mut seconds) {
        policy.near_seconds = near;
    }
    policy.stale_seconds = wire.stale.as_ref().and_then(&mut seconds);
    if let Some(at) = &wire.hours {
        match WorkingHours::parse(&at.value) {
            Ok(hours) => policy.hours = hours,
            Err(message) => report.error(&at.span, crate::domain::Safe::new(message).as_str()),
        }
    }
    policy
}
