//! `tminus window`: freezes and change windows, from a script.

use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::release::{error, tell, writable};
use super::{CliError, Context, Exit, output, rename};
use crate::domain::{Change, Edit, Patch, Place, PlanFile, Problem, Severity, Window, Workspace};
use crate::store::{self, Opened, Outcome};

mod add;
mod fields;
mod import;
mod list;
mod occurrence;
mod refresh;
mod remove;
mod show;
mod stop;

pub use remove::confirm;

/// Options of `tminus window`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

/// What to do with the windows.
#[derive(Debug, Subcommand)]
enum Command {
    /// Add a freeze or a change window
    Add(Box<add::Args>),
    /// List freezes and change windows, with their next occurrence
    List(list::Args),
    /// Show one window, and its next occurrences
    Show(show::Args),
    /// Change what a window says
    Edit(Box<add::EditArgs>),
    /// Give a window another id, and in all exceptions that name it
    Rename(rename::Args),
    /// Remove a window
    Remove(remove::Args),
    /// Leave one occurrence of a window out
    Skip(occurrence::Args),
    /// Add one occurrence to a window
    Also(occurrence::Args),
    /// Read an iCalendar file: each event becomes a window
    Import(Box<import::Args>),
    /// Read the calendars that the workspace follows, now
    Refresh(refresh::Args),
    /// Stop the line: freeze everything, at once, with a reason
    Stop(stop::Args),
    /// End a freeze that stopped the line
    Resume(stop::ResumeArgs),
}

/// Runs it.
pub fn run(context: &Context, args: Args) -> Result<Exit, CliError> {
    match args.command {
        Command::Add(args) => add::run(context, &args),
        Command::List(args) => list::run(context, &args),
        Command::Show(args) => show::run(context, &args),
        Command::Edit(args) => add::edit(context, &args),
        Command::Rename(args) => rename::window(context, &args),
        Command::Remove(args) => remove::run(context, &args),
        Command::Skip(args) => occurrence::skip(context, &args),
        Command::Also(args) => occurrence::also(context, &args),
        Command::Import(args) => import::run(context, &args),
        Command::Refresh(args) => refresh::run(context, &args),
        Command::Stop(args) => stop::run(context, &args),
        Command::Resume(args) => stop::resume(context, &args),
    }
}

/// The list in `windows.toml`.
const LIST: &str = "window";

/// The windows' file.
const FILE: &str = "windows.toml";

/// A workspace whose windows can be changed.
pub struct Plan {
    root: PathBuf,
    opened: Opened,
}

impl Plan {
    /// Opens it. A window that cannot be read could be the one that is meant, so the file must be
    /// right first.
    pub fn open(context: &Context) -> Result<Self, CliError> {
        let root = writable(context)?;
        let opened = context.open()?;
        let wrong =
            |problem: &Problem| problem.severity == Severity::Error && problem.file == Path::new(FILE);
        if opened.problems.iter().any(wrong) {
            return Err(CliError::wrong(
                format!("{FILE} is wrong and is not touched"),
                "mend what is said above, then try again",
            ));
        }
        Ok(Self { root, opened })
    }

    /// Its folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The workspace as it was read.
    pub fn workspace(&self) -> &Workspace {
        &self.opened.workspace
    }

    /// The window with this id.
    pub fn window(&self, id: &str) -> Result<&Window, CliError> {
        super::names::window(self.workspace(), id)
    }

    /// Makes changes of `windows.toml`, all or none.
    pub fn change(&self, title: impl Into<String>, changes: Vec<Change>) -> Result<Outcome, CliError> {
        if changes.is_empty() {
            return Ok(Outcome::Unchanged);
        }
        let patch = Patch { file: PlanFile::Windows, title: title.into(), before: None, changes };
        let applied = store::Journal::of(&self.root).apply(&Edit::Patch(patch)).map_err(error)?;
        tell(&applied.notices);
        Ok(applied.outcome)
    }

    /// Says what became of a window.
    pub fn report(
        &self,
        context: &Context,
        id: &str,
        done: &str,
        outcome: Outcome,
    ) -> Result<Exit, CliError> {
        let opened = context.open()?;
        let window = super::names::window(&opened.workspace, id)?;
        let now = context.now(&opened.workspace)?;
        if context.global.json {
            output::print_json("window", show::json(window, now));
        } else {
            let word = if outcome == Outcome::Written { done } else { "unchanged" };
            output::print(&format!("{word}: {}", show::text(window, now)));
        }
        Ok(Exit::Yes)
    }
}

/// The place of a window in the file.
fn place(id: &str) -> Place {
    Place::Id(LIST.to_owned(), id.to_owned())
}
