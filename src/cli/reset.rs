//! `tminus reset`

use super::{CliError, Context, Exit};

/// Options of `tminus reset`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs it.
pub fn run(_context: &Context, _args: Args) -> Result<Exit, CliError> {
    crate::runtime::terminal::reset().map(|()| Exit::Yes).map_err(|error| {
        CliError::wrong(format!("standard output: {error}"), "run it in the terminal to mend")
    })
}
