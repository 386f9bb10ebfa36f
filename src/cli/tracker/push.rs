//! `tminus tracker push`: a difference, a confirmation by name, one attempt, and what is there then.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::sync::Arc;

use serde_json::{Value, json};

use super::super::output::{print, print_json};
use super::super::table::{Style, Table};
use super::super::{CliError, Context, Exit, names};
use crate::backend::Backends;
use crate::domain::Workspace;
use crate::domain::tracker::push::NoPush;
use crate::domain::tracker::{Dates, Push, Pushed, propose};

/// Options of `tminus tracker push`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The release whose date goes to the tracker
    #[arg(value_name = "RELEASE")]
    release: String,
    /// Show the difference, and send nothing
    #[arg(long, conflicts_with = "confirm")]
    dry_run: bool,
    /// Confirm by name, PROJECT/VERSION: needed where there is no terminal to ask on
    #[arg(long, value_name = "PROJECT/VERSION")]
    confirm: Option<String>,
}

/// Runs it.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let opened = context.open()?;
    let workspace = &opened.workspace;
    let release = names::release(workspace, &args.release)?;
    let Some(reference) = &release.tracker else {
        let none = NoPush::NoTracker(release.id.clone());
        return Err(CliError::wrong(none.to_string(), "`tminus release edit` opens its file"));
    };
    let version = super::version(workspace, reference)?;
    let push = match propose(workspace, release, &version) {
        Ok(push) => push,
        Err(same @ NoPush::Same { .. }) => {
            let dates = Dates::from(&version);
            let message = same.to_string();
            let report = Report { outcome: "same", there: &dates, here: &dates, now: None, message };
            report.say(context, workspace, &args.release);
            return Ok(Exit::Yes);
        }
        Err(none @ (NoPush::NoTracker(_) | NoPush::NoStage(_))) => {
            return Err(CliError::wrong(none.to_string(), "see `tminus release edit`"));
        }
        Err(none) => return Err(CliError::refused(none.to_string(), "nothing was sent")),
    };
    if !context.global.json {
        print(&diff(workspace, &push));
    }
    if args.dry_run {
        return Ok(tell(context, workspace, &push, None));
    }
    confirm(args, &push)?;
    let outcome = send(workspace, &push)?;
    Ok(tell(context, workspace, &push, Some(&outcome)))
}

fn send(workspace: &Workspace, push: &Push) -> Result<Pushed, CliError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| {
        CliError::unknown(format!("nothing can be sent: {error}"), "free some memory or file handles")
    })?;
    let backends = Backends::new(Arc::new(workspace.clone()));
    Ok(runtime.block_on(backends.push(push)))
}

fn confirm(args: &Args, push: &Push) -> Result<(), CliError> {
    let word = push.word();
    let given = match &args.confirm {
        Some(given) => given.clone(),
        None if io::stdin().is_terminal() && io::stderr().is_terminal() => {
            let mut terminal = io::stderr().lock();
            let asked = write!(terminal, "Type {word} to send it: ").and_then(|()| terminal.flush());
            let mut answer = String::new();
            if asked.is_ok() {
                // Nothing typed is no yes.
                let _ = io::stdin().read_line(&mut answer);
            }
            answer.trim_end_matches(['\r', '\n']).to_owned()
        }
        None => {
            let mend = format!("add --confirm '{word}', or look first with --dry-run");
            return Err(CliError::refused("nothing was sent: it is not confirmed", mend));
        }
    };
    if given == word {
        return Ok(());
    }
    let what = format!("nothing was sent: `{}` does not confirm it", crate::domain::Safe::new(given));
    Err(CliError::refused(what, format!("write exactly {word}")))
}

/// Says what became of it, and with which status that ends; `None`: nothing was to be sent.
fn tell(context: &Context, workspace: &Workspace, push: &Push, outcome: Option<&Pushed>) -> Exit {
    let (word, message, now) = match outcome {
        None => ("dry-run", "nothing was sent".to_owned(), None),
        Some(outcome) => {
            let now = match outcome {
                Pushed::Written { now } | Pushed::Changed { now } | Pushed::Unknown { now: Ok(now), .. } => {
                    Some(now)
                }
                Pushed::Refused(_) | Pushed::Unknown { now: Err(_), .. } => None,
            };
            (outcome.word(), outcome.sentence(push), now)
        }
    };
    let report = Report { outcome: word, there: &push.read, here: &push.wanted(), now, message };
    report.say(context, workspace, &push.release);
    match outcome {
        None | Some(Pushed::Written { .. }) => Exit::Yes,
        Some(Pushed::Changed { .. } | Pushed::Refused(_)) => Exit::No,
        Some(Pushed::Unknown { .. }) => Exit::Unknown,
    }
}

/// What became of it, for a person or a script.
struct Report<'a> {
    outcome: &'a str,
    there: &'a Dates,
    here: &'a Dates,
    now: Option<&'a Dates>,
    message: String,
}

impl Report<'_> {
    fn say(&self, context: &Context, workspace: &Workspace, release: &str) {
        if !context.global.json {
            return print(&format!("{}\n", self.message));
        }
        let tracker = workspace.release(release).and_then(|release| release.tracker.as_ref());
        let pairs = self.there.fields().into_iter().zip(self.here.fields());
        let fields: Vec<Value> = pairs
            .map(|((field, there), (_, here))| {
                json!({ "field": field, "there": there, "here": here, "changes": there != here })
            })
            .collect();
        let now = self.now.map(|now| now.fields().into_iter().collect::<BTreeMap<_, _>>());
        print_json(
            "push",
            json!({
                "release": release,
                "tracker": tracker.map(ToString::to_string),
                "time_zone": workspace.time_zone.name(),
                "outcome": self.outcome,
                "fields": fields,
                "now": now,
                "message": self.message,
            }),
        );
    }
}

/// Field by field: there, and what it becomes.
fn diff(workspace: &Workspace, push: &Push) -> String {
    let style = Style::of_stdout();
    let mut table = Table::new(&["FIELD", "THERE", "BECOMES"]);
    for ((field, there), (_, here)) in push.read.fields().into_iter().zip(push.wanted().fields()) {
        let becomes = if there == here { String::new() } else { format!("→ {here}") };
        table.row([field, &there, &becomes]);
    }
    let head = format!("{} in {}, from the release {}", push.word(), push.reference.backend, push.release);
    let zone = workspace.time_zone;
    format!("{}\n{}dates here are those of {zone}\n", style.heading(&head), table.render(Style::Plain))
}
