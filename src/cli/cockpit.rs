//! `tminus` alone: the cockpit.

use super::{CliError, Context, Exit};

/// Options of the cockpit.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Args {
    /// The panel to open on
    #[arg(long, value_name = "PANEL", value_parser = ["calendar", "board", "monitor", "rollback"])]
    pub view: Option<String>,
    /// A theme's name, or a path to a theme file
    #[arg(long, value_name = "THEME")]
    pub theme: Option<String>,
    /// Spend as few bytes as possible: sweeping charts, a slower clock
    #[arg(long)]
    pub low_bandwidth: bool,
    /// Draw with ASCII only
    #[arg(long)]
    pub ascii: bool,
}

/// Runs it.
pub fn run(_context: &Context, _args: Args) -> Result<Exit, CliError> {
    Err(CliError::wrong("the cockpit is not built yet", "wait for the commit that brings it"))
}
