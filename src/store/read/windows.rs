//! `windows.toml`

use std::path::{Path, PathBuf};

use chrono::TimeZone;
use chrono_tz::Tz;
use toml::de::DeValue;

use super::super::report::Report;
use super::super::wire::{At, windows as wire};
use super::entry::{Recovery, document, entry, raw_id, strangers, take_list};
use super::names::Names;
use super::{values, with_text};
use crate::domain::window::WallTime;
use crate::domain::{Problem, Window, WindowKind};

/// Reads the workspace's windows.
pub fn read(root: &Path, zone: Tz, names: &mut Names, problems: &mut Vec<Problem>) -> Vec<Window> {
    let before = problems.len();
    let windows = with_text(root, PathBuf::from("windows.toml"), problems, |report, text| {
        read_text(report, text, zone, names)
    });
    if windows.is_none() && problems.len() > before {
        names.windows_partial = true;
    }
    windows.unwrap_or_default()
}

/// Reads windows from their file's text.
pub fn read_text(report: &mut Report<'_>, text: &str, zone: Tz, names: &mut Names) -> Vec<Window> {
    let (value, whole) = document(report, text, Recovery::Keep);
    names.windows_partial = !whole;
    let Some(value) = value else { return Vec::new() };
    strangers(report, &value, super::super::wire::keys::known::<wire::Windows>(), "");
    let DeValue::Table(mut table) = value.into_inner() else { return Vec::new() };
    let mut windows = Vec::new();
    for value in take_list(report, &mut table, "window") {
        let id = raw_id(&value);
        if let Some(window) = entry::<wire::Window>(report, value, "window") {
            if id.as_ref().is_some_and(|id| names.windows.contains(id)) {
                report.error(
                    &window.id.span,
                    format!("the window `{}` is there twice: ids must differ", window.id.value),
                );
                continue;
            }
            windows.extend(convert(report, window, zone, names));
        }
        names.windows.extend(id);
    }
    windows
}

fn convert(report: &mut Report<'_>, wire: wire::Window, zone: Tz, names: &Names) -> Option<Window> {
    let errors = report.errors();
    let id = values::word(report, &wire.id, "id");
    let zone = match &wire.time_zone {
        Some(at) => values::zone(report, at).unwrap_or(zone),
        None => zone,
    };
    let start = values::wall(report, &wire.start);
    let end = values::wall(report, &wire.end);
    if let (Some(start), Some(end)) = (start, end)
        && !is_before(zone, start, end)
    {
        report.error(&wire.end.span, "the window ends before it starts: `end` must be after `start`");
    }
    if let Some(repeat) = &wire.repeat {
        check_rule(report, repeat);
    }
    let mut times = |list: &[At<toml::value::Datetime>]| -> Vec<WallTime> {
        list.iter().filter_map(|at| values::wall(report, at)).collect()
    };
    let (skip, also) = (times(&wire.skip), times(&wire.also));
    if report.errors() > errors {
        return None;
    }
    // A reference to nothing is a mistake, but a freeze that is left out would open the gate.
    references(report, &wire, names);
    let branches = branches(report, &wire);
    // An empty list is an absent one: a freeze that applies to nothing would be a trap.
    let list = |list: Option<Vec<At<String>>>| {
        let list = list.filter(|list| !list.is_empty())?;
        Some(list.into_iter().map(|at| at.value).collect())
    };
    let id = id?;
    Some(Window {
        title: wire.title.map_or_else(|| id.clone(), values::prose),
        id,
        kind: wire.kind,
        start: start?,
        end: end?,
        time_zone: zone,
        repeat: wire.repeat.map(|at| bare_rule(&at.value).to_owned()),
        environments: list(wire.environments),
        services: list(wire.services),
        regions: list(wire.regions),
        allow: wire.allow,
        hard: wire.hard && wire.kind == WindowKind::Freeze,
        skip,
        also,
        uid: wire.uid.map(values::prose),
        layer: wire.layer.map(values::prose),
        branches,
    })
}

/// Frozen branches; one that cannot be a branch's glob is left out, the freeze itself stays.
fn branches(report: &mut Report<'_>, wire: &wire::Window) -> Vec<String> {
    if wire.kind == WindowKind::Change
        && let Some(first) = wire.branches.first()
    {
        report.error(&first.span, "a change window freezes no branch: write `branches` under a freeze");
        return Vec::new();
    }
    let mut globs = Vec::new();
    for at in &wire.branches {
        match values::check_glob("branches", &at.value, "main or release/*") {
            Ok(()) => globs.push(at.value.clone()),
            Err(message) => report.error(&at.span, message),
        }
    }
    globs
}

fn references(report: &mut Report<'_>, wire: &wire::Window, names: &Names) {
    for at in wire.environments.iter().flatten() {
        names.environment(report, &at.span, &at.value);
    }
    for at in wire.services.iter().flatten() {
        names.service(report, &at.span, &at.value);
    }
    for at in wire.regions.iter().flatten() {
        names.any_region(report, &at.span, &at.value);
    }
}

/// Compares on the wall, or as instants where one of the two is an instant.
fn is_before(zone: Tz, start: WallTime, end: WallTime) -> bool {
    let instant = |time: WallTime| match time {
        WallTime::Instant(time) => time.to_utc(),
        WallTime::Local(local) => match crate::domain::resolve_local(zone, local) {
            crate::domain::Resolved::Unique(time) => time,
            crate::domain::Resolved::Ambiguous { earlier, .. } => earlier,
            crate::domain::Resolved::Skipped { transition, .. } => transition,
        },
    };
    match (start, end) {
        (WallTime::Local(start), WallTime::Local(end)) => start < end,
        (start, end) => instant(start) < instant(end),
    }
}

fn bare_rule(rule: &str) -> &str {
    let rule = rule.trim();
    match rule.get(..6) {
        Some(prefix) if prefix.eq_ignore_ascii_case("RRULE:") => &rule[6..],
        _ => rule,
    }
}

/// RFC 5545: the rule must be readable, and its parts must go together.
fn check_rule(report: &mut Report<'_>, at: &At<String>) {
    // UNTIL is compared with the window's own times later; here any start will do.
    let parts: Vec<&str> = bare_rule(&at.value)
        .split(';')
        .filter(|part| !part.get(..6).is_some_and(|name| name.eq_ignore_ascii_case("UNTIL=")))
        .collect();
    let until = bare_rule(&at.value).split(';').find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.eq_ignore_ascii_case("UNTIL").then_some(value)
    });
    let parsed = parts.join(";").parse::<rrule::RRule<rrule::Unvalidated>>();
    let start = rrule::Tz::UTC.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).single();
    let outcome = match (parsed, start) {
        (Ok(rule), Some(start)) => rule.validate(start).map(|_| ()).map_err(|error| error.to_string()),
        (Err(error), _) => Err(error.to_string()),
        (Ok(_), None) => Ok(()),
    };
    if let Err(error) = outcome {
        let hint = "write an RFC 5545 RRULE such as FREQ=WEEKLY;BYDAY=MO,TU";
        report.error(&at.span, format!("`repeat` cannot be read: {error}: {hint}"));
    } else if let Some(until) = until
        && !is_until(until)
    {
        let message = "UNTIL cannot be read: write 20271231, 20271231T180000 or 20271231T180000Z";
        report.error(&at.span, message);
    }
}

fn is_until(text: &str) -> bool {
    use chrono::{NaiveDate, NaiveDateTime};
    let local = text.strip_suffix(['Z', 'z']).unwrap_or(text);
    NaiveDateTime::parse_from_str(local, "%Y%m%dT%H%M%S").is_ok()
        || (local.len() == text.len() && text.len() == 8 && NaiveDate::parse_from_str(text, "%Y%m%d").is_ok())
}
