//! `tminus release show`, and how a release is shown everywhere on the command line.

use std::fmt::Write;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::super::show as run_of_show;
use super::super::{CliError, Context, Exit, output, past};
use crate::domain::{Release, Stage};
use crate::store;

/// Options of `tminus release show`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The release
    #[arg(value_name = "ID")]
    id: String,
}

/// Runs it.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let (opened, exit) = past::open(context)?;
    let Some(release) = opened.workspace.release(&args.id) else {
        let root = opened.workspace.origin.root();
        let file = format!("releases/{}.toml", args.id);
        if opened.problems.iter().any(|problem| problem.file == std::path::Path::new(&file)) {
            return Err(CliError::wrong(format!("{file} cannot be used"), "mend what is said above"));
        }
        let hint = root.map_or_else(String::new, |root| store::hint(root, &args.id));
        let id = crate::domain::Safe::new(&args.id);
        return Err(CliError::wrong(format!("there is no release `{id}`"), hint));
    };
    if context.global.json {
        output::print_json("release", json(release));
    } else {
        output::print(&text(release));
    }
    Ok(Context::exit_with(&opened.problems, exit))
}

/// A release as in its file, key by key, with its id.
pub fn json(release: &Release) -> Value {
    let items: Vec<Value> =
        release.items.iter().map(|item| json!({"service": item.service, "version": item.version})).collect();
    let checks: Vec<Value> = release
        .checks
        .iter()
        .map(|check| json!({"id": check.id, "title": check.title, "role": check.role}))
        .collect();
    let exceptions: Vec<Value> = release
        .exceptions
        .iter()
        .map(|exception| {
            let mut value = json!({
                "window": exception.window,
                "reason": exception.reason,
                "by": exception.by,
                "ticket": exception.ticket,
                "expires": rfc3339(exception.expires),
            });
            // As in the file: most exceptions list none.
            if !exception.commits.is_empty() {
                value["commits"] = json!(exception.commits);
            }
            value
        })
        .collect();
    let mut value = json!({
        "id": release.id,
        "title": release.title,
        "change": release.change,
        "status": release.status,
        "owner": release.owner,
        "tracker": release.tracker.as_ref().map(ToString::to_string),
        "item": items,
        "stage": release.stages.iter().map(stage_json).collect::<Vec<_>>(),
        "check": checks,
        "exception": exceptions,
    });
    // Keys that most files do not have are only there where they are said.
    if let Some(notes) = &release.notes {
        value["notes"] = json!(notes);
    }
    if !release.show.is_empty() {
        value["count"] = run_of_show::count_json(release);
        value["hold"] = run_of_show::holds_json(release);
        value["step"] = run_of_show::steps_json(release);
    }
    value
}

fn stage_json(stage: &Stage) -> Value {
    json!({
        // A tag does not say where.
        "environment": (!stage.environment.is_empty()).then_some(&stage.environment),
        "region": stage.region,
        "start": rfc3339(stage.start),
        "end": rfc3339(stage.end),
        "time_zone": stage.time_zone.name(),
        "strategy": stage.strategy,
        "steps": stage.steps,
        "soak": stage.soak.map(|soak| soak.num_seconds()),
    })
}

fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// A release for people.
pub fn text(release: &Release) -> String {
    let mut text = format!("{}  {}\n", release.id, release.title);
    let owner = release.owner.as_deref().unwrap_or("no owner");
    let _ = writeln!(text, "  {}, {} change, {owner}", release.status.word(), release.change.word());
    if let Some(tracker) = &release.tracker {
        let _ = writeln!(text, "  tracker {tracker}");
    }
    for item in &release.items {
        let _ = writeln!(text, "  {} {}", item.service, item.version);
    }
    for (index, stage) in release.stages.iter().enumerate() {
        let _ = writeln!(text, "  stage {index}  {:<16} {}{}", place(stage), times(stage), manner(stage));
    }
    for check in &release.checks {
        let role = check.role.as_ref().map_or_else(String::new, |role| format!(" ({role})"));
        let _ = writeln!(text, "  check {}: {}{role}", check.id, check.title);
    }
    for exception in &release.exceptions {
        let expires = exception.expires.format("%Y-%m-%d %H:%M UTC");
        let _ = writeln!(text, "  exception from {} by {} until {expires}", exception.window, exception.by);
    }
    text
}

/// `production/eu`
pub fn place(stage: &Stage) -> String {
    match &stage.region {
        Some(region) => format!("{}/{region}", stage.environment),
        None => stage.environment.clone(),
    }
}

/// The stage's times on its own wall, with the zone named.
pub fn times(stage: &Stage) -> String {
    let start = stage.start.with_timezone(&stage.time_zone);
    let end = stage.end.with_timezone(&stage.time_zone);
    let day = if start.date_naive() == end.date_naive() { "%H:%M" } else { "%Y-%m-%d %H:%M" };
    format!("{} to {} {}", start.format("%a %Y-%m-%d %H:%M"), end.format(day), stage.time_zone.name())
}

fn manner(stage: &Stage) -> String {
    let mut words = Vec::new();
    words.extend(stage.strategy.map(|strategy| strategy.word().to_owned()));
    if !stage.steps.is_empty() {
        let steps: Vec<String> = stage.steps.iter().map(|step| format!("{step} %")).collect();
        words.push(steps.join(", "));
    }
    if let Some(soak) = stage.soak.and_then(|soak| soak.to_std().ok()) {
        words.push(format!("soak {}", humantime::format_duration(soak)));
    }
    if words.is_empty() { String::new() } else { format!("; {}", words.join("; ")) }
}
