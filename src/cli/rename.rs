//! `tminus release rename` and `tminus window rename`: another id, with all that names it.

use super::release::{apply, read, report, writable};
use super::window::{Plan, confirm};
use super::{CliError, Context, Exit, output};
use crate::domain::Edit;
use crate::domain::edit::Rename;
use crate::domain::renaming::{Named, excepted, left_by_release, left_by_window};

/// Options of both.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Its id so far
    #[arg(value_name = "ID")]
    id: String,
    /// Its id from then on
    #[arg(value_name = "NEW")]
    new: String,
    /// The id so far again: the confirmation where something keeps the old id and nobody can be asked
    #[arg(long, value_name = "ID", conflicts_with = "yes")]
    confirm: Option<String>,
    /// Ask nobody
    #[arg(long)]
    yes: bool,
}

impl Args {
    fn edit(&self, what: Named) -> Edit {
        Edit::Rename(Rename { what, from: self.id.clone(), to: self.new.clone(), patch: None })
    }

    /// Says what a new id does not reach, and has that confirmed.
    fn ask(&self, left: &[String]) -> Result<(), CliError> {
        for sentence in left {
            output::complain(&format!("tminus: notice: {sentence}"));
        }
        if left.is_empty() || self.yes {
            return Ok(());
        }
        confirm(&self.id, self.confirm.as_deref(), || {})
    }
}

/// Renames a release: its file gets another name.
pub fn release(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let root = writable(context)?;
    let known = read(&root, &args.id)?;
    args.ask(&left_by_release(&context.open()?.workspace, &known))?;
    let outcome = apply(&root, &args.edit(Named::Release))?;
    report(context, &root, &args.new, "renamed", outcome)
}

/// Renames a window, and in every release the exceptions that name it.
pub fn window(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let plan = Plan::open(context)?;
    let window = plan.window(&args.id)?;
    args.ask(&left_by_window(plan.workspace(), window))?;
    let named = excepted(plan.workspace(), &args.id);
    let outcome = apply(plan.root(), &args.edit(Named::Window))?;
    if !named.is_empty() && !context.global.json {
        let all = named.join(", ");
        output::complain(&format!("tminus: notice: exceptions name it anew in {all}"));
    }
    plan.report(context, &args.new, "renamed", outcome)
}
