//! `tminus calendar publish`: the plan to a CalDAV server, confirmed by name.

use std::sync::Arc;

use serde_json::json;

use super::window::confirm;
use super::{CliError, Context, Exit, ask, output};
use crate::backend::Limits;
use crate::backend::caldav::{Caldav, Outcome};
use crate::backend::http::Client;
use crate::backend::secret::Secrets;
use crate::domain::icalendar::export::{Wanted, events};
use crate::domain::workspace::{BackendConfig, BackendKind};
use crate::domain::{Failure, Safe, Workspace};
use crate::runtime::publish::{Action, Done, Plan, Step, plan};

/// Options of `tminus calendar publish`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The backend of type caldav; absent: the only one
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// Say what would be sent, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// The backend's name again: the confirmation where nobody can be asked
    #[arg(long, value_name = "NAME", conflicts_with = "yes")]
    confirm: Option<String>,
    /// Ask nobody
    #[arg(long)]
    yes: bool,
    /// Only this layer of windows; `releases` for the stages; can be given several times
    #[arg(long = "layer", value_name = "LAYER")]
    layers: Vec<String>,
}

/// Runs it.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let opened = context.open()?;
    let workspace = &opened.workspace;
    let config = backend(workspace, args.name.as_deref())?;
    let now = context.now(workspace)?;
    let wanted = Wanted { from: None, to: None, layers: args.layers.clone(), now };
    let root = workspace.origin.root();
    let limits = Limits::default();
    let secrets = Arc::new(Secrets::new(root.map(std::path::Path::to_owned), limits));
    let server = Caldav::new(Arc::new(Client::new(config.clone(), secrets, limits)));
    let address = config.url.clone().unwrap_or_default();
    let runtime = ask::runtime()?;
    let planned = runtime.block_on(plan(root, &address, &server, events(workspace, &wanted), now));
    let mut planned = planned.map_err(|failure| unknown(&failure))?;
    if args.dry_run || (planned.changes() == 0 && !planned.missing) {
        let steps = planned.steps.clone();
        let results = steps.iter().map(|step| (step, None)).collect::<Vec<_>>();
        report(context, &config.name, &results);
        runtime.block_on(planned.finish(&server)).map_err(|failure| unknown(&failure))?;
        return Ok(exit(&results));
    }
    if !args.yes {
        confirm(&config.name, args.confirm.as_deref(), || {
            output::complain(&format!(
                "{} changes go to {} ({})",
                planned.changes(),
                Safe::new(&config.name),
                Safe::new(&address)
            ));
        })?;
    }
    if planned.missing {
        match runtime.block_on(server.make()) {
            Outcome::Done(_) => {}
            Outcome::Conflict => {
                return Err(CliError::refused("the calendar appeared meanwhile", "try again"));
            }
            Outcome::Failed(failure) | Outcome::Unknown(failure) => return Err(unknown(&failure)),
        }
    }
    let steps = planned.steps.clone();
    let results = runtime.block_on(send(&mut planned, &server, &steps));
    report(context, &config.name, &results);
    runtime.block_on(planned.finish(&server)).map_err(|failure| unknown(&failure))?;
    Ok(exit(&results))
}

/// Sends one after the other, and nothing after one whose end is not known.
async fn send<'a>(planned: &mut Plan, server: &Caldav, steps: &'a [Step]) -> Vec<(&'a Step, Option<Done>)> {
    let mut results = Vec::new();
    let mut lost = false;
    for step in steps {
        if lost {
            results.push((step, None));
            continue;
        }
        let done = planned.carry_out(server, step).await;
        lost = matches!(done, Done::Unknown(_));
        results.push((step, Some(done)));
    }
    results
}

fn backend<'a>(workspace: &'a Workspace, name: Option<&str>) -> Result<&'a BackendConfig, CliError> {
    let servers: Vec<&BackendConfig> =
        workspace.backends.iter().filter(|backend| backend.kind == BackendKind::Caldav).collect();
    let known = || servers.iter().map(|backend| backend.name.as_str()).collect::<Vec<_>>().join(", ");
    match (name, servers.as_slice()) {
        (_, []) => Err(CliError::wrong(
            "no calendar server is configured",
            "write [backend.NAME] with type = \"caldav\", url, user and token into tminus.toml",
        )),
        (None, [only]) => Ok(only),
        (None, _) => {
            Err(CliError::wrong("there are several calendar servers", format!("name one of {}", known())))
        }
        (Some(name), _) => servers.iter().find(|backend| backend.name == name).copied().ok_or_else(|| {
            let what = format!("`{}` is no backend of type caldav", Safe::new(name));
            CliError::wrong(what, format!("known are {}", known()))
        }),
    }
}

fn unknown(failure: &Failure) -> CliError {
    CliError::unknown(failure.what.to_string(), failure.mend.to_string())
}

fn words(step: &Step, done: Option<&Done>) -> (&'static str, Option<String>) {
    let planned = match &step.action {
        Action::Keep => "unchanged",
        Action::Add { .. } => "add",
        Action::Replace { .. } => "replace",
        Action::Delete { .. } => "delete",
        Action::ChangedThere => "changed there, left alone",
        Action::Forget => "gone there already",
    };
    match done {
        None | Some(Done::Done) => (planned, None),
        Some(Done::Conflict) => ("changed there meanwhile, left alone", None),
        Some(Done::Failed(failure)) => ("failed", Some(failure.to_string())),
        Some(Done::Unknown(failure)) => ("unknown", Some(failure.to_string())),
    }
}

fn report(context: &Context, name: &str, results: &[(&Step, Option<Done>)]) {
    if context.global.json {
        let list: Vec<_> = results
            .iter()
            .map(|(step, done)| {
                let (word, why) = words(step, done.as_ref());
                json!({ "uid": step.uid, "resource": step.name, "action": word, "sent": done.is_some() && step.action.is_change(), "why": why })
            })
            .collect();
        output::print_json("publish", json!({ "backend": name, "resources": list }));
        return;
    }
    let mut unchanged = 0;
    for (step, done) in results {
        let (word, why) = words(step, done.as_ref());
        if word == "unchanged" {
            unchanged += 1;
            continue;
        }
        let why = why.map(|why| format!(": {why}")).unwrap_or_default();
        let not_yet = if done.is_none() && step.action.is_change() { "would " } else { "" };
        output::print(&format!("{not_yet}{word}: {}{}\n", Safe::new(&step.name), Safe::new(why)));
    }
    output::print(&format!("{unchanged} unchanged\n"));
}

/// 0: all is there; 1: something was left alone or refused; 3: nobody knows.
fn exit(results: &[(&Step, Option<Done>)]) -> Exit {
    let any =
        |test: fn(&Step, Option<&Done>) -> bool| results.iter().any(|(step, done)| test(step, done.as_ref()));
    if any(|_, done| matches!(done, Some(Done::Unknown(_)))) {
        Exit::Unknown
    } else if any(|step, done| {
        matches!(done, Some(Done::Conflict | Done::Failed(_))) || step.action == Action::ChangedThere
    }) {
        Exit::No
    } else {
        Exit::Yes
    }
}
