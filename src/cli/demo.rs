//! `tminus demo`: the cockpit on a simulated company.

use super::{CliError, Context, Exit, cockpit};

/// Options of `tminus demo`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs it.
pub fn run(_context: &Context, _args: Args, _cockpit: cockpit::Args) -> Result<Exit, CliError> {
    Err(CliError::wrong("demo is not built yet", "wait for the commit that brings it"))
}
