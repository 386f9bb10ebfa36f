//! `tminus tracker list`

use serde_json::{Value, json};

use super::super::output::{complain, print, print_json};
use super::super::table::{Style, Table};
use super::super::{CliError, Context, Exit};
use crate::domain::tracker::{Project, Standing, State, compare, projects};
use crate::domain::{Failure, Workspace};

/// Options of `tminus tracker list`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only these projects; without it, all that the workspace uses
    #[arg(value_name = "PROJECT")]
    projects: Vec<String>,
    /// Also versions that are released or archived, where nothing differs
    #[arg(long)]
    all: bool,
}

/// Runs it.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let opened = context.open()?;
    let workspace = &opened.workspace;
    let asked = asked(workspace, &args.projects)?;
    let answers = super::versions(workspace, &asked)?;
    let mut standings = Vec::new();
    let mut unknown: Vec<(&Project, &Failure)> = Vec::new();
    for (project, answer) in asked.iter().zip(&answers) {
        match answer {
            Ok(versions) => standings.extend(compare(workspace, project, versions)),
            Err(failure) => unknown.push((project, failure)),
        }
    }
    standings.retain(|standing| args.all || is_worth_a_line(standing));
    for (project, failure) in &unknown {
        complain(&format!("tminus: {} of {} is not known: {failure}", project.key, project.backend));
    }
    if context.global.json {
        let versions: Vec<Value> = standings.iter().map(|it| document(workspace, it)).collect();
        let unknown: Vec<Value> = unknown
            .iter()
            .map(|(project, failure)| {
                json!({
                    "backend": project.backend, "project": project.key, "code": failure.kind,
                    "why": failure.to_string(),
                })
            })
            .collect();
        let zone = workspace.time_zone.name();
        print_json("tracker", json!({ "time_zone": zone, "versions": versions, "unknown": unknown }));
    } else {
        print(&text(workspace, &standings, &asked));
    }
    let exit = if unknown.is_empty() { Exit::Yes } else { Exit::Unknown };
    Ok(Context::exit_with(&opened.problems, exit))
}

fn asked(workspace: &Workspace, wanted: &[String]) -> Result<Vec<Project>, CliError> {
    let known = projects(workspace);
    if known.is_empty() {
        return Err(CliError::wrong(
            "the workspace uses no project of a tracker",
            "write projects = [\"PAY\"] under [backend.jira], or tracker = \"jira:PAY/4.2.0\" in a release",
        ));
    }
    if let Some(stranger) = wanted.iter().find(|key| known.iter().all(|project| project.key != **key)) {
        let keys: Vec<&str> = known.iter().map(|project| project.key.as_str()).collect();
        return Err(CliError::wrong(
            format!("the workspace uses no project `{}`", crate::domain::Safe::new(stranger)),
            format!("known are {}; others are listed with `projects` under [backend.jira]", keys.join(", ")),
        ));
    }
    let chosen = known.into_iter().filter(|project| wanted.is_empty() || wanted.contains(&project.key));
    Ok(chosen.collect())
}

/// What is still to come, and what differs.
fn is_worth_a_line(standing: &Standing<'_>) -> bool {
    !standing.differences.is_empty()
        || standing.version.is_some_and(|version| State::of(version) == State::Unreleased)
}

/// A version as JSON has it; the cockpit's list is the same.
fn document(workspace: &Workspace, standing: &Standing<'_>) -> Value {
    let version = standing.version;
    let differences: Vec<Value> = standing
        .differences
        .iter()
        .map(|difference| {
            json!({ "field": difference.field(), "message": difference.sentence(workspace.time_zone) })
        })
        .collect();
    json!({
        "tracker": standing.reference.to_string(),
        "backend": standing.reference.backend,
        "project": standing.reference.project,
        "version": standing.reference.version,
        "id": version.map(|version| &version.id),
        "state": version.map(|version| State::of(version).word()),
        "start_date": version.and_then(|version| version.start_date),
        "release_date": version.and_then(|version| version.release_date),
        "url": version.and_then(|version| version.url.as_ref()),
        "release": standing.release.map(|release| &release.id),
        "status": standing.release.map(|release| release.status),
        "plan_ends": standing.ends,
        "differences": differences,
    })
}

fn text(workspace: &Workspace, standings: &[Standing<'_>], asked: &[Project]) -> String {
    let zone = workspace.time_zone;
    if standings.is_empty() {
        let keys: Vec<&str> = asked.iter().map(|project| project.key.as_str()).collect();
        return format!("nothing is to come in {}\n", keys.join(", "));
    }
    let mut table = Table::new(&["VERSION", "THERE", "DATE THERE", "ENDS HERE", "RELEASE", "DIFFERS"]);
    for standing in standings {
        let date = |date: Option<chrono::NaiveDate>| date.map(|date| date.to_string()).unwrap_or_default();
        let differs: Vec<String> =
            standing.differences.iter().map(|difference| difference.sentence(zone)).collect();
        let differs = if standing.is_unplanned() {
            format!("not planned here: tminus tracker adopt {}", quoted(&standing.reference.to_string()))
        } else {
            differs.join("; ")
        };
        table.row([
            standing.reference.to_string().as_str(),
            standing.version.map_or("missing", |version| State::of(version).word()),
            &date(standing.version.and_then(|version| version.release_date)),
            &date(standing.ends),
            standing.release.map_or("", |release| &release.id),
            &differs,
        ]);
    }
    format!("{}\nplans end on dates of {zone}\n", table.render(Style::of_stdout()))
}

/// As a shell wants it.
fn quoted(text: &str) -> String {
    let is_plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "._-+:/@".contains(c));
    if is_plain { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}
