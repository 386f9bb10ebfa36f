//! `tminus versions`

use super::{CliError, Context, Exit};

/// Options of `tminus versions`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs it.
pub fn run(_context: &Context, _args: Args) -> Result<Exit, CliError> {
    Err(CliError::wrong("versions is not built yet", "wait for the commit that brings it"))
}
