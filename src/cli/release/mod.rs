//! `tminus release`: the plan, from a script.

use clap::Subcommand;

use super::context::complain_about;
use super::{CliError, Context, Exit, output, rename};
use crate::domain::workspace::Origin;
use crate::domain::{Edit, Release};
use crate::store::{self, EditError, Outcome};

mod add;
mod edit;
mod list;
mod more;
mod quick;
mod set;
mod shift;
mod show;

pub use add::item;

/// Options of `tminus release`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

/// What to do with the plan.
#[derive(Debug, Subcommand)]
enum Command {
    /// Write a new release file
    Add(Box<add::Args>),
    /// Show one release
    Show(show::Args),
    /// List releases
    List(list::Args),
    /// Move a release, or one stage of it
    Move(shift::Args),
    /// Cancel a release
    Cancel(CancelArgs),
    /// Copy a release, to another time
    Copy(more::CopyArgs),
    /// Give a release another id
    Rename(rename::Args),
    /// Split a stage over the regions of its environment
    Split(more::SplitArgs),
    /// Break-glass: let a release pass a freeze
    Except(Box<more::ExceptArgs>),
    /// Change a release: its keys, or all of it in $VISUAL or $EDITOR
    Edit(Box<edit::Args>),
}

/// Options of `tminus release cancel`.
#[derive(Debug, clap::Args)]
struct CancelArgs {
    /// The release
    #[arg(value_name = "ID")]
    id: String,
}

/// Runs it.
pub fn run(context: &Context, args: Args) -> Result<Exit, CliError> {
    match args.command {
        Command::Add(args) => add::run(context, *args),
        Command::Show(args) => show::run(context, &args),
        Command::List(args) => list::run(context, &args),
        Command::Move(args) => shift::run(context, &args),
        Command::Cancel(args) => cancel(context, &args.id),
        Command::Edit(args) => edit::run(context, &args),
        Command::Copy(args) => more::copy(context, &args),
        Command::Rename(args) => rename::release(context, &args),
        Command::Split(args) => more::split(context, &args),
        Command::Except(args) => more::except(context, *args),
    }
}

fn cancel(context: &Context, id: &str) -> Result<Exit, CliError> {
    let root = writable(context)?;
    let release = read(&root, id)?;
    if !release.is_live() && release.status != crate::domain::Status::Cancelled {
        let what = format!("`{id}` is {}", release.status.word());
        return Err(CliError::refused(what, "only a release that has not ended can be cancelled"));
    }
    let edit = Edit::SetStatus {
        release: id.to_owned(),
        from: release.status,
        to: crate::domain::Status::Cancelled,
    };
    let outcome = apply(&root, &edit)?;
    report(context, &root, id, "cancelled", outcome)
}

/// The folder of the workspace, where edits can be written.
pub fn writable(context: &Context) -> Result<std::path::PathBuf, CliError> {
    match context.locate()?.origin {
        Origin::Files(root) => Ok(root),
        Origin::Git(root) => Err(CliError::wrong(
            format!("{} has no tminus.toml, so the workspace is read-only", root.display()),
            "run `tminus init` there to write one",
        )),
        Origin::Nowhere => {
            Err(CliError::wrong("no workspace here", "run `tminus init`, or name one with -w DIR"))
        }
    }
}

/// Carries out an edit, and says what should be known.
pub fn apply(root: &std::path::Path, edit: &Edit) -> Result<Outcome, CliError> {
    let applied = store::Journal::of(root).apply(edit).map_err(error)?;
    tell(&applied.notices);
    Ok(applied.outcome)
}

/// Says what should be known of an edit.
pub(super) fn tell(notices: &[String]) {
    for notice in notices {
        output::complain(&format!("tminus: notice: {notice}"));
    }
}

/// One release as its file says now.
pub fn read(root: &std::path::Path, id: &str) -> Result<Release, CliError> {
    store::read_release(root, id).map_err(error)
}

/// Says what became of an edit: the release as it is now.
pub fn report(
    context: &Context,
    root: &std::path::Path,
    id: &str,
    done: &str,
    outcome: Outcome,
) -> Result<Exit, CliError> {
    let release = read(root, id)?;
    if context.global.json {
        output::print_json("release", show::json(&release));
        return Ok(Exit::Yes);
    }
    let word = match outcome {
        Outcome::Written => done,
        Outcome::Unchanged => "unchanged",
    };
    output::print(&format!("{word}: {}", show::text(&release)));
    Ok(Exit::Yes)
}

/// An edit that was not carried out, for the command line.
pub(super) fn error(error: EditError) -> CliError {
    match error {
        EditError::Unknown { release, hint } => {
            CliError::wrong(format!("there is no release `{release}`"), hint)
        }
        EditError::Broken { file, problems } => {
            complain_about(&problems);
            let what = format!("{} is wrong and is not touched", file.display());
            CliError::wrong(what, "mend what is said above, `tminus release edit` opens it")
        }
        EditError::Wrong { problems, .. } => {
            complain_about(&problems);
            CliError::wrong("the file would be wrong, nothing was written", "say it otherwise")
        }
        EditError::Changed { what, differences } => {
            let all: Vec<String> = differences.iter().map(ToString::to_string).collect();
            let how = if all.is_empty() { String::new() } else { format!(" ({})", all.join("; ")) };
            CliError::refused(format!("{what} changed meanwhile{how}"), "look at it and try again")
        }
        EditError::Refused { what, mend } => CliError::wrong(what, mend),
        EditError::Io { what, error, mend } => CliError::wrong(format!("{what}: {error}"), mend),
        EditError::Locked { waited, holder } => CliError::refused(
            format!("another writer holds the workspace ({holder}), waited {:.1} s", waited.as_secs_f64()),
            "end it, or try again",
        ),
    }
}
