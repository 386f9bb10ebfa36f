//! A repository without files: its tags are past releases, and what came since the last of them
//! is the next one.

use chrono::{DateTime, Utc};

use super::output::complain;
use super::{CliError, Context, Exit, ask};
use crate::domain::question::{Answer, Changes, Question, Tag};
use crate::domain::release::Item;
use crate::domain::workspace::Origin;
use crate::domain::{Release, Stage, Status, Workspace};
use crate::store::Opened;

/// The id of the release that is to come.
const NEXT: &str = "next";

/// Opens the workspace; where it is made from a repository, with the releases that its tags tell
/// of. The exit says whether all of it is known.
pub fn open(context: &Context) -> Result<(Opened, Exit), CliError> {
    let mut opened = context.open()?;
    let mut exit = Exit::Yes;
    if matches!(opened.workspace.origin, Origin::Git(_)) {
        match releases(&opened.workspace, Context::clock()) {
            Ok(releases) => opened.workspace.releases = releases,
            Err(error) => {
                complain(&format!("tminus: {error}"));
                exit = error.exit;
            }
        }
    }
    Ok((opened, exit))
}

/// The past releases by id, and the next one where anything came since.
fn releases(workspace: &Workspace, now: DateTime<Utc>) -> Result<Vec<Release>, CliError> {
    let mut releases = Vec::new();
    for service in &workspace.services {
        let Answer::Tags(tags) = one(workspace, Question::Tags { service: service.id.clone() }, now)? else {
            continue;
        };
        let last = tags.first().map(|tag| tag.name.to_string());
        let since = Question::Changes { service: service.id.clone(), from: last.clone(), to: None };
        if let Answer::Changes(changes) = one(workspace, since, now)?
            && changes.count > 0
        {
            releases.push(next(&changes, last.as_deref()));
        }
        releases.extend(tags.iter().map(|tag| past(workspace, &service.id, tag)));
    }
    releases.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(releases)
}

fn one(workspace: &Workspace, question: Question, now: DateTime<Utc>) -> Result<Answer, CliError> {
    match ask::all(workspace, &[question], now)?.pop() {
        Some(Ok(answer)) => Ok(answer),
        Some(Err(failure)) => Err(CliError::unknown(failure.what.to_string(), failure.mend.to_string())),
        None => Err(CliError::unknown("nobody answered", "report this")),
    }
}

/// A tag says when, and nothing of where: its one stage has no environment and no length.
fn past(workspace: &Workspace, service: &str, tag: &Tag) -> Release {
    let stage = Stage {
        environment: String::new(),
        region: None,
        start: tag.at,
        end: tag.at,
        time_zone: workspace.time_zone,
        strategy: None,
        steps: Vec::new(),
        soak: None,
    };
    let item = Item { service: service.to_owned(), version: tag.name.to_string() };
    Release {
        id: tag.name.to_string(),
        title: if tag.subject.is_empty() { tag.name.to_string() } else { tag.subject.to_string() },
        status: Status::Completed,
        items: vec![item],
        stages: vec![stage],
        ..empty()
    }
}

fn next(changes: &Changes, last: Option<&str>) -> Release {
    let commits = if changes.count == 1 { "commit" } else { "commits" };
    let since = last.map(|last| format!(" since {last}")).unwrap_or_default();
    Release {
        id: NEXT.to_owned(),
        title: format!("{} {commits}{since}", changes.count),
        status: Status::Draft,
        ..empty()
    }
}

fn empty() -> Release {
    Release {
        id: String::new(),
        title: String::new(),
        change: crate::domain::ChangeType::default(),
        status: Status::default(),
        owner: None,
        tracker: None,
        items: Vec::new(),
        stages: Vec::new(),
        checks: Vec::new(),
        exceptions: Vec::new(),
        notes: None,
        show: crate::domain::show::RunOfShow::default(),
        watch: crate::domain::stabilisation::Plan::default(),
    }
}
