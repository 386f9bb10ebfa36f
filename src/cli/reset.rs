//! `tminus reset`

use super::{CliError, Context, Exit};

/// Options of `tminus reset`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs it.
pub fn run(_context: &Context, _args: Args) -> Result<Exit, CliError> {
    Err(CliError::wrong("reset is not built yet", "wait for the commit that brings it"))
}
