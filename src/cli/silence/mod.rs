//! `tminus silence`: silences of the Alertmanager; made for a planned deployment only, and ended
//! with it.

use std::io::{self, IsTerminal, Write};

use chrono::{DateTime, Utc};
use clap::Subcommand;

use super::alerts::Told;
use super::{CliError, Context, Exit, ask};
use crate::domain::question::{Answer, Question, Silence};
use crate::domain::workspace::BackendKind;
use crate::domain::{Safe, Workspace};

mod add;
mod expire;
mod list;

/// Options of `tminus silence`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

/// What to do with silences.
#[derive(Debug, Subcommand)]
enum Command {
    /// List silences: what they mute, who made them, until when
    List(list::Args),
    /// Silence alerts for one stage of a release, until it ends at the latest
    Add(add::Args),
    /// End silences now: by id, or all that were made for a release
    Expire(expire::Args),
}

/// Runs it.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    super::alerts::no_past(context, "silences")?;
    match &args.command {
        Command::List(args) => list::run(context, args),
        Command::Add(args) => add::run(context, args),
        Command::Expire(args) => expire::run(context, args),
    }
}

/// The silences of each Alertmanager; one that fails fails alone.
fn silences(workspace: &Workspace, now: DateTime<Utc>) -> Result<Vec<Told<Vec<Silence>>>, CliError> {
    let managers = managers(workspace)?;
    let questions: Vec<Question> =
        managers.iter().map(|name| Question::Silences { backend: (*name).to_owned() }).collect();
    let answers = ask::all(workspace, &questions, now)?.into_iter().map(|answer| {
        answer.map(|answer| match answer {
            Answer::Silences(silences) => silences,
            _ => Vec::new(),
        })
    });
    Ok(managers.into_iter().map(str::to_owned).zip(answers).collect())
}

fn managers(workspace: &Workspace) -> Result<Vec<&str>, CliError> {
    let managers = workspace.backends.iter().filter(|backend| backend.kind == BackendKind::Alertmanager);
    let managers: Vec<&str> = managers.map(|backend| backend.name.as_str()).collect();
    if managers.is_empty() {
        let mend = "write [backend.alertmanager] with its url in tminus.toml";
        return Err(CliError::wrong("the workspace has no Alertmanager", mend));
    }
    Ok(managers)
}

/// Nothing is sent without a yes: `--yes`, or the word typed where there is a terminal.
fn confirm(yes: bool, word: &str) -> Result<(), CliError> {
    if yes {
        return Ok(());
    }
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Err(CliError::refused("nothing was sent: it is not confirmed", "add --yes"));
    }
    let mut terminal = io::stderr().lock();
    let asked = write!(terminal, "Type {word} to send it: ").and_then(|()| terminal.flush());
    let mut answer = String::new();
    if asked.is_ok() {
        // Nothing typed is no yes.
        let _ = io::stdin().read_line(&mut answer);
    }
    let given = answer.trim_end_matches(['\r', '\n']);
    if given == word {
        return Ok(());
    }
    let what = format!("nothing was sent: `{}` does not confirm it", Safe::new(given));
    Err(CliError::refused(what, format!("write exactly {word}")))
}
