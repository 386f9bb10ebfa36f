//! `tminus versions`

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::output::{complain, print, print_json};
use super::table::{Style, Table};
use super::{CliError, Context, Exit, ask, names};
use crate::domain::format::share;
use crate::domain::question::{Running, VersionShare};
use crate::domain::{Failure, FailureKind, Workspace};

/// Options of `tminus versions`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only this environment; may be given several times
    #[arg(long, value_name = "ENV")]
    environment: Vec<String>,
}

/// Runs it.
pub fn run(context: &Context, args: Args) -> Result<Exit, CliError> {
    let opened = context.open()?;
    let workspace = &opened.workspace;
    let now = context.now(workspace)?;
    let mut environments: Vec<&str> = Vec::new();
    for id in &args.environment {
        let environment = names::environment(workspace, id)?;
        if !environments.contains(&environment.id.as_str()) {
            environments.push(&environment.id);
        }
    }
    if args.environment.is_empty() {
        environments = workspace.environments.iter().map(|environment| environment.id.as_str()).collect();
    }
    let answers = ask::running(workspace, &environments, now)?;
    let answers: Vec<(&str, Result<Running, Failure>)> = environments.into_iter().zip(answers).collect();
    for (environment, answer) in &answers {
        match answer {
            Err(failure) => complain(&format!("tminus: {environment}: {failure}")),
            Ok(running) => {
                for warning in &running.warnings {
                    complain(&format!("tminus: notice: {environment}: {warning}"));
                }
            }
        }
    }
    if context.global.json {
        print_json("versions", json!({ "services": document(workspace, &answers) }));
    } else {
        print(&text(workspace, &answers));
    }
    let exit = if is_known(&args, &answers) { Exit::Yes } else { Exit::Unknown };
    Ok(Context::exit_with(&opened.problems, exit))
}

/// Whether everything that was asked for was answered. An environment that nobody asked for by
/// name, and that has no source, is shown as unknown without making the whole answer so.
fn is_known(args: &Args, answers: &[(&str, Result<Running, Failure>)]) -> bool {
    let unasked =
        |failure: &Failure| args.environment.is_empty() && failure.kind == FailureKind::NotConfigured;
    let answered = answers.is_empty() || answers.iter().any(|(_, answer)| answer.is_ok());
    answered && answers.iter().all(|(_, answer)| answer.as_ref().err().is_none_or(unasked))
}

/// Every service of the workspace, and every other that runs somewhere.
fn services<'a>(
    workspace: &'a Workspace,
    answers: &'a [(&str, Result<Running, Failure>)],
) -> BTreeSet<&'a str> {
    let planned = workspace.services.iter().map(|service| service.id.as_str());
    let seen = answers.iter().filter_map(|(_, answer)| answer.as_ref().ok());
    planned.chain(seen.flat_map(|running| running.services.keys().map(String::as_str))).collect()
}

/// `null` where it is not known, an empty list where the service does not run.
fn document(workspace: &Workspace, answers: &[(&str, Result<Running, Failure>)]) -> Map<String, Value> {
    let of_service = |service: &str| {
        let cells = answers.iter().map(|(environment, answer)| {
            let versions = answer.as_ref().ok().map(|running| running.services.get(service));
            let versions = versions.map(|versions| json!(versions.map(Vec::as_slice).unwrap_or_default()));
            (*environment, versions.unwrap_or(Value::Null))
        });
        json!(cells.collect::<BTreeMap<_, _>>())
    };
    let services = services(workspace, answers);
    services.into_iter().map(|service| (service.to_owned(), of_service(service))).collect()
}

fn text(workspace: &Workspace, answers: &[(&str, Result<Running, Failure>)]) -> String {
    if answers.is_empty() {
        return "no environments: name them in tminus.toml\n".to_owned();
    }
    let environments = answers.iter().map(|(environment, _)| *environment);
    let mut table = Table::new(&["SERVICE"].into_iter().chain(environments).collect::<Vec<_>>());
    for service in services(workspace, answers) {
        let cells = answers.iter().map(|(_, answer)| match answer {
            Err(_) => "?".to_owned(),
            Ok(running) => cell(running.services.get(service).map(Vec::as_slice).unwrap_or_default()),
        });
        table.row([service.to_owned()].into_iter().chain(cells));
    }
    let mut out = table.render(Style::of_stdout());
    if answers.iter().any(|(_, answer)| answer.is_err()) {
        out.push_str("\n? not known   - does not run\n");
    }
    out
}

fn cell(versions: &[VersionShare]) -> String {
    match versions {
        [] => "-".to_owned(),
        [only] => only.version.as_str().to_owned(),
        several => {
            let parts = several.iter().map(|part| format!("{} {}", part.version, share(part.share)));
            parts.collect::<Vec<_>>().join(", ")
        }
    }
}
