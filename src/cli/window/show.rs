//! `tminus window show`, and how a window is shown everywhere on the command line.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::super::{CliError, Context, Exit, names, output};
use crate::domain::format::local_span;
use crate::domain::recurrence::words::window_sentence;
use crate::domain::recurrence::{Occurrence, upcoming};
use crate::domain::window::WallTime;
use crate::domain::{Safe, Window};

/// How many occurrences are shown.
const NEXT: usize = 5;

/// Options of `tminus window show`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The window
    #[arg(value_name = "ID")]
    id: String,
}

/// Runs it.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let opened = context.open()?;
    let window = names::window(&opened.workspace, &args.id)?;
    let now = context.now(&opened.workspace)?;
    if context.global.json {
        output::print_json("window", json(window, now));
    } else {
        output::print(&text(window, now));
    }
    Ok(Context::exit_with(&opened.problems, Exit::Yes))
}

/// A window as in its file, key by key, with its next occurrences.
pub fn json(window: &Window, now: DateTime<Utc>) -> Value {
    let next: Vec<Value> = upcoming(window, now, NEXT).unwrap_or_default().iter().map(occurrence).collect();
    let times = |list: &[WallTime]| list.iter().map(|time| written(*time)).collect::<Vec<_>>();
    json!({
        "id": window.id,
        "kind": window.kind,
        "title": window.title,
        "start": written(window.start),
        "end": written(window.end),
        "time_zone": window.time_zone.name(),
        "repeat": window.repeat,
        "sentence": window.repeat.as_ref().and_then(|_| window_sentence(window).ok()),
        "environments": window.environments,
        "services": window.services,
        "regions": window.regions,
        "allow": window.allow,
        "hard": window.hard,
        "skip": times(&window.skip),
        "also": times(&window.also),
        "uid": window.uid,
        "layer": window.layer,
        "branches": window.branches,
        "next": next,
    })
}

fn occurrence(occurrence: &Occurrence) -> Value {
    let said = |instant: DateTime<Utc>| instant.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
    json!({ "start": said(occurrence.start), "end": said(occurrence.end) })
}

/// A time as it stands in the file.
pub fn written(time: WallTime) -> String {
    match time {
        WallTime::Local(local) => local.format("%Y-%m-%dT%H:%M:%S").to_string(),
        WallTime::Instant(instant) => instant.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true),
    }
}

/// Several lines for people.
pub fn text(window: &Window, now: DateTime<Utc>) -> String {
    let mut lines = vec![format!("{}  {}  {}", window.id, window.kind.word(), window.title)];
    let mut line = |name: &str, value: String| lines.push(format!("  {name:<12} {value}"));
    let (start, end) = (written(window.start).replace('T', " "), written(window.end).replace('T', " "));
    line("first", format!("{start} – {end} {}", window.time_zone.name()));
    if let Some(rule) = &window.repeat {
        line("repeats", window_sentence(window).unwrap_or_else(|_| rule.clone()));
        line("", rule.clone());
    }
    for (name, list) in
        [("environments", &window.environments), ("services", &window.services), ("regions", &window.regions)]
    {
        line(name, list.as_ref().map_or_else(|| "all".to_owned(), |list| list.join(", ")));
    }
    if !window.allow.is_empty() {
        line("lets through", window.allow.iter().map(|change| change.word()).collect::<Vec<_>>().join(", "));
    }
    if window.hard {
        line("hard", "not even an exception passes".to_owned());
    }
    for (name, list) in [("left out", &window.skip), ("added", &window.also)] {
        if !list.is_empty() {
            line(
                name,
                list.iter().map(|time| written(*time).replace('T', " ")).collect::<Vec<_>>().join(", "),
            );
        }
    }
    if let Some(layer) = &window.layer {
        line("layer", layer.clone());
    }
    if let Some(uid) = &window.uid {
        line("calendar", uid.clone());
    }
    match upcoming(window, now, NEXT) {
        Ok(next) if next.is_empty() => line("next", "never again".to_owned()),
        Ok(next) => {
            for (index, one) in next.iter().enumerate() {
                let name = if index == 0 { "next" } else { "" };
                line(name, local_span(one.start, one.end, window.time_zone));
            }
        }
        Err(error) => line("next", format!("not known: {error}")),
    }
    let lines: Vec<Safe> = lines.iter().map(Safe::new).collect();
    lines.iter().fold(String::new(), |text, line| text + line + "\n")
}
