//! `tminus window remove`: confirmed by name.

use std::io::{BufRead, IsTerminal};

use serde_json::json;

use super::super::{CliError, Context, Exit, output};
use super::{Plan, place, show};
use crate::domain::Change;

/// Options of `tminus window remove`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The window
    #[arg(value_name = "ID")]
    id: String,
    /// The window's id again: the confirmation where nobody can be asked
    #[arg(long, value_name = "ID", conflicts_with = "yes")]
    confirm: Option<String>,
    /// Ask nobody
    #[arg(long)]
    yes: bool,
}

/// Runs it.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let plan = Plan::open(context)?;
    let window = plan.window(&args.id)?;
    let now = context.now(plan.workspace())?;
    if !args.yes {
        confirm(&args.id, args.confirm.as_deref(), || {
            output::complain(&show::text(window, now));
        })?;
    }
    let before = show::json(window, now);
    plan.change(format!("remove the window {}", args.id), vec![Change::Remove { place: place(&args.id) }])?;
    if context.global.json {
        output::print_json("window", json!({ "removed": before }));
    } else {
        output::print(&format!("removed: {}\n", args.id));
    }
    Ok(Exit::Yes)
}

/// Has the name typed again, or given with `--confirm`.
pub fn confirm(name: &str, given: Option<&str>, show: impl FnOnce()) -> Result<(), CliError> {
    let typed = match given {
        Some(given) => given.to_owned(),
        None if std::io::stdin().is_terminal() => {
            show();
            output::complain(&format!("type {name} to go on:"));
            let mut line = String::new();
            let read = std::io::stdin().lock().read_line(&mut line);
            read.map_err(|error| {
                CliError::wrong(format!("nothing could be read: {error}"), "give --confirm")
            })?;
            line.trim().to_owned()
        }
        None => {
            return Err(CliError::refused(
                format!("`{name}` is not confirmed, and nobody can be asked here"),
                format!("give --confirm {name}, or --yes"),
            ));
        }
    };
    if typed == name {
        return Ok(());
    }
    Err(CliError::refused(format!("that is not `{name}`: nothing was done"), "give its name exactly so"))
}
