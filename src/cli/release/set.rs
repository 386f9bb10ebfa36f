//! `tminus release edit ID --title …`: keys one by one, without an editor.

use std::path::Path;

use chrono::{DateTime, Utc};

use super::super::{CliError, Context, Exit};
use super::add::{self, written};
use super::{apply, read, report, tell};
use crate::domain::format::local_time;
use crate::domain::patch::{Before, Change, Patch, Place, PlanFile, Value};
use crate::domain::release::TrackerRef;
use crate::domain::{Edit, Release, Workspace};
use crate::store::Outcome;

/// Keys to set. An empty value takes a key away.
#[derive(Debug, clap::Args)]
pub struct Keys {
    /// For people
    #[arg(long)]
    title: Option<String>,
    /// draft, planned, approved, in-progress, paused, completed, rolled-back or cancelled
    #[arg(long, value_name = "STATUS")]
    status: Option<String>,
    /// The person who owns it
    #[arg(long)]
    owner: Option<String>,
    /// standard, normal or emergency
    #[arg(long, value_name = "TYPE")]
    change: Option<String>,
    /// Its version in the tracker
    #[arg(long, value_name = "BACKEND:PROJECT/VERSION")]
    tracker: Option<String>,
    /// Free words, several lines
    #[arg(long)]
    notes: Option<String>,
    /// A service and its version: added, or the version changed; `checkout@` takes it out
    #[arg(long = "item", value_name = "SERVICE@VERSION")]
    items: Vec<String>,
    /// A key of a stage, counted from 0: `--stage 0:start=2026-11-26T14:00`, `--stage 0:soak=`
    #[arg(long = "stage", value_name = "N:KEY=VALUE")]
    stages: Vec<String>,
}

impl Keys {
    /// Whether none is named.
    pub fn is_empty(&self) -> bool {
        let keys = [&self.title, &self.status, &self.owner, &self.change, &self.tracker, &self.notes];
        keys.iter().all(|key| key.is_none()) && self.items.is_empty() && self.stages.is_empty()
    }
}

/// Runs it.
pub fn run(context: &Context, root: &Path, id: &str, keys: &Keys) -> Result<Exit, CliError> {
    let release = read(root, id)?;
    let opened = context.open()?;
    let now = context.now(&opened.workspace)?;
    let mut changes = Vec::new();
    let top = [
        ("title", &keys.title),
        ("change", &keys.change),
        ("status", &keys.status),
        ("owner", &keys.owner),
        ("tracker", &keys.tracker),
        ("notes", &keys.notes),
    ];
    if let Some(tracker) = keys.tracker.as_ref().filter(|tracker| !tracker.is_empty())
        && TrackerRef::parse(tracker).is_none()
    {
        let what = format!("`{tracker}` is not a version in a tracker");
        return Err(CliError::wrong(what, "write backend:project/version, jira:PAY/4.2.0"));
    }
    for (key, value) in top {
        let Some(text) = value else { continue };
        let value = (!text.is_empty()).then(|| Value::text(text));
        changes.push(Change::Set { place: Place::Top, key: key.to_owned(), value });
    }
    for text in &keys.items {
        item(&release, &opened.workspace, text, &mut changes)?;
    }
    for text in &keys.stages {
        changes.push(stage(&release, text, now)?);
    }
    let stretched = stretched(&release, &keys.stages, now)?;
    let patch = Patch {
        file: PlanFile::Release(id.to_owned()),
        title: format!("edit {id}"),
        before: Some(Box::new(Before::Release(release))),
        changes,
    };
    let outcome: Outcome = apply(root, &Edit::Patch(patch))?;
    if let (Some(notice), Outcome::Written) = (stretched, &outcome) {
        tell(&[notice]);
    }
    report(context, root, id, "changed", outcome)
}

/// A stage of which only the start was set is stretched, not moved: that is said, and refused
/// where nothing would be left of it, with the command that moves it.
fn stretched(release: &Release, stages: &[String], now: DateTime<Utc>) -> Result<Option<String>, CliError> {
    let key = |index: usize, key: &str| {
        let begin = format!("{index}:{key}=");
        stages.iter().rev().find_map(|text| text.strip_prefix(&begin)).filter(|value| !value.is_empty())
    };
    for (index, stage) in release.stages.iter().enumerate() {
        let (Some(start), None, None) = (key(index, "start"), key(index, "end"), key(index, "time_zone"))
        else {
            continue;
        };
        let (_, instant) = written(start, now, stage.time_zone)?;
        if instant == stage.start {
            continue;
        }
        let mend = format!(
            "`tminus release move {} --stage {index} --only --to {start}` moves start and end",
            release.id
        );
        if instant >= stage.end {
            let end = local_time(stage.end, stage.time_zone);
            return Err(CliError::wrong(
                format!("stage {index} ends at {end}, it would end before it starts"),
                mend,
            ));
        }
        let length = crate::domain::format::duration(stage.end - instant);
        return Ok(Some(format!("stage {index} keeps its end and is {length} long now: {mend}")));
    }
    Ok(None)
}

fn item(
    release: &Release,
    workspace: &Workspace,
    text: &str,
    changes: &mut Vec<Change>,
) -> Result<(), CliError> {
    // An item counts where it is now: one that was taken out moves those behind it.
    let there = |service: &str, changes: &[Change]| {
        let mut names: Vec<&str> = release.services().collect();
        for change in changes {
            match change {
                Change::Remove { place: Place::Nth(list, index) } if list == "item" => {
                    names.remove(*index);
                }
                _ => {}
            }
        }
        names.iter().position(|known| *known == service)
    };
    if let Some(service) = text.strip_suffix('@') {
        let index = there(service, changes).ok_or_else(|| {
            CliError::wrong(
                format!("`{service}` is not in `{}`", release.id),
                "`tminus release show` lists its items",
            )
        })?;
        changes.push(Change::Remove { place: Place::Nth("item".to_owned(), index) });
        return Ok(());
    }
    let (service, version) = add::item(workspace, text)?;
    changes.push(match there(&service, changes) {
        Some(index) => Change::Set {
            place: Place::Nth("item".to_owned(), index),
            key: "version".to_owned(),
            value: Some(Value::text(version)),
        },
        None => Change::Add {
            list: "item".to_owned(),
            table: vec![
                ("service".to_owned(), Value::text(service)),
                ("version".to_owned(), Value::text(version)),
            ],
        },
    });
    Ok(())
}

/// `0:start=2026-11-26T14:00`
fn stage(release: &Release, text: &str, now: DateTime<Utc>) -> Result<Change, CliError> {
    let wrong = || {
        CliError::wrong(
            format!("`{text}` is no key of a stage"),
            "write N:KEY=VALUE, 0:start=2026-11-26T14:00",
        )
    };
    let (index, rest) = text.split_once(':').ok_or_else(wrong)?;
    let (key, value) = rest.split_once('=').ok_or_else(wrong)?;
    let index: usize = index.trim().parse().map_err(|_| wrong())?;
    let Some(stage) = release.stages.get(index) else {
        let what = format!("`{}` has {} stages, counted from 0", release.id, release.stages.len());
        return Err(CliError::wrong(what, "`tminus release show` lists them"));
    };
    let value = match key {
        _ if value.is_empty() => None,
        "start" | "end" => Some(Value::Time(written(value, now, stage.time_zone)?.0)),
        "steps" => Some(Value::List(add::steps(value)?.into_iter().map(Value::Number).collect())),
        "environment" | "region" | "time_zone" | "strategy" | "soak" => Some(Value::text(value)),
        _ => {
            let known = "environment, region, start, end, time_zone, strategy, steps, soak";
            return Err(CliError::wrong(format!("a stage has no key `{key}`"), format!("known are {known}")));
        }
    };
    Ok(Change::Set { place: Place::Nth("stage".to_owned(), index), key: key.to_owned(), value })
}
