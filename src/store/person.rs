//! The person's own settings: `config.toml` in the platform's config folder, or where
//! `TMINUS_CONFIG` says.

use std::path::{Path, PathBuf};

use chrono::Weekday;
use directories::ProjectDirs;
use toml::Value;

use super::read::entry::{Recovery, document, entry};
use super::read::values;
use super::report::{Report, place, whole_file};
use super::source::{self, Source};
use super::wire::{At, person as wire};
use crate::domain::office::DayHours;
use crate::domain::person::{ChartsLook, KeyBinding, PinnedChart};
use crate::domain::ring::{Notification, RingSettings};
use crate::domain::{Person, Problem, Safe, Severity};

/// The person's file; `None` where the platform has no such place.
pub fn config_file() -> Option<PathBuf> {
    if let Some(file) = std::env::var_os("TMINUS_CONFIG").filter(|value| !value.is_empty()) {
        return Some(PathBuf::from(file));
    }
    Some(project()?.config_dir().join("config.toml"))
}

/// The folder for logs and other state of this machine.
pub fn state_folder() -> Option<PathBuf> {
    let project = project()?;
    Some(project.state_dir().unwrap_or_else(|| project.data_local_dir()).to_owned())
}

/// Who sits here, by the name they are signed in with: what is written beside what they do.
pub fn signed_in() -> Option<String> {
    let named = ["USER", "LOGNAME", "USERNAME"].iter().filter_map(|name| std::env::var(name).ok());
    named.map(|name| Safe::new(name.trim()).to_string()).find(|name| !name.is_empty())
}

fn project() -> Option<ProjectDirs> {
    ProjectDirs::from("", "", "tminus")
}

/// Reads the person's file. Where it is missing or broken, the defaults hold.
pub fn load() -> (Person, Vec<Problem>) {
    config_file().map_or_else(Default::default, |file| load_from(&file))
}

/// Reads the person's file from a path.
pub fn load_from(file: &Path) -> (Person, Vec<Problem>) {
    match source::read(file) {
        Source::Missing => (Person::default(), Vec::new()),
        Source::Unusable { at: None, message } => {
            (Person::default(), vec![whole_file(Severity::Error, file, &message)])
        }
        Source::Unusable { at: Some(before), message } => {
            let problem = place(Severity::Error, file, &before, &(before.len()..before.len()), &message);
            (Person::default(), vec![problem])
        }
        Source::Text(text) => {
            let mut report = Report::new(file, &text);
            let (value, _) = document(&mut report, &text, Recovery::Drop);
            let person = value
                .and_then(|value| entry::<wire::Person>(&mut report, value, ""))
                .map(|wire| convert(&mut report, wire))
                .unwrap_or_default();
            (person, report.finish())
        }
    }
}

/// A path of the person's, `~` understood.
pub fn expand(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), directories::BaseDirs::new()) {
        (Ok(rest), Some(base)) => base.home_dir().join(rest),
        _ => path.to_owned(),
    }
}

fn convert(report: &mut Report<'_>, wire: wire::Person) -> Person {
    let week_start = wire.week_start.and_then(|at| weekday(report, &at));
    let hours = wire.calendar.hours.and_then(|at| hours(report, &at));
    let tick_seconds = wire.ui.tick.and_then(|at| {
        let seconds = values::span(report, &at)?.num_seconds();
        u32::try_from(seconds).ok().map(|seconds| seconds.max(1))
    });
    Person {
        workspace: wire.workspace.map(PathBuf::from),
        time_zone: wire.time_zone.and_then(|at| values::zone(report, &at)),
        theme: wire.ui.theme,
        week_start,
        hours,
        hidden_layers: wire.calendar.hidden_layers,
        last_view: wire.last_view,
        calendar_view: wire.calendar.view,
        lanes_by: wire.calendar.lanes,
        zoom: wire.calendar.zoom,
        tick_seconds,
        low_bandwidth: wire.ui.low_bandwidth,
        ascii: wire.ui.ascii,
        mouse: wire.ui.mouse,
        keys: bindings(report, wire.keys),
        filters: wire.filters.into_iter().collect(),
        charts: wire.charts.into_iter().map(charts).collect(),
        acknowledged: wire.acknowledged,
        ring: ring(report, wire.ring),
    }
}

fn charts(wire: wire::Charts) -> ChartsLook {
    let pinned = wire.pinned.map(|wire::Pinned { service, environment, region, metric }| PinnedChart {
        service,
        environment,
        region,
        metric,
    });
    ChartsLook { workspace: wire.workspace, band: wire.band, pinned }
}

fn ring(report: &mut Report<'_>, wire: wire::Ring) -> RingSettings {
    let notification = wire.osc.and_then(|at| match at.value {
        9 => Some(Notification::Osc9),
        777 => Some(Notification::Osc777),
        other => {
            report.error(&at.span, format!("`osc` is {other}: write 9 or 777, as your terminal understands"));
            None
        }
    });
    let webhook = wire.webhook.and_then(|at| match url::Url::parse(&at.value) {
        Ok(url) if ["http", "https"].contains(&url.scheme()) && url.has_host() => Some(at.value),
        _ => {
            report.error(&at.span, "`webhook` is no web address: write https://chat.example.com/hooks/…");
            None
        }
    });
    RingSettings { bell: wire.bell, notification, webhook, command: wire.command }
}

fn weekday(report: &mut Report<'_>, at: &At<String>) -> Option<Weekday> {
    let day = at.value.parse().ok();
    if day.is_none() {
        let found = Safe::new(&at.value);
        report.error(&at.span, format!("`week_start` is `{found}`: write monday, sunday or saturday"));
    }
    day
}

fn hours(report: &mut Report<'_>, at: &At<String>) -> Option<DayHours> {
    let hours = DayHours::parse(&at.value);
    if hours.is_none() {
        let found = Safe::new(&at.value);
        let message =
            format!("`hours` is `{found}`: write two times of a day, the earlier first: 07:00-20:00");
        report.error(&at.span, message);
    }
    hours
}

fn bindings(report: &mut Report<'_>, keys: impl IntoIterator<Item = (String, Value)>) -> Vec<KeyBinding> {
    let mut bindings = Vec::new();
    for (name, value) in keys {
        match value {
            Value::Table(context) => {
                for (action, value) in context {
                    bindings.extend(binding(report, &name, action, value));
                }
            }
            value => bindings.extend(binding(report, "global", name, value)),
        }
    }
    bindings
}

fn binding(report: &mut Report<'_>, context: &str, action: String, value: Value) -> Option<KeyBinding> {
    let keys = match value {
        Value::String(key) => Some(vec![key]),
        Value::Array(list) => list.into_iter().map(|key| key.as_str().map(str::to_owned)).collect(),
        _ => None,
    };
    if keys.is_none() {
        let message =
            format!("keys of `{}` in [keys]: write a key, \"ctrl-k\", or a list of keys", Safe::new(&action));
        report.error(&super::read::entry::nowhere(), message);
    }
    Some(KeyBinding { context: context.to_owned(), action, keys: keys? })
}
