//! `tminus can-i-deploy`

use super::{CliError, Context, Exit};

/// Options of `tminus can-i-deploy`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs it.
pub fn run(_context: &Context, _args: Args) -> Result<Exit, CliError> {
    Err(CliError::wrong("can-i-deploy is not built yet", "wait for the commit that brings it"))
}
