//! `tminus completions`

use clap_complete::Shell;

use super::output::print;
use super::{CliError, Context, Exit, grammar};

/// Options of `tminus completions`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The shell to complete in
    #[arg(value_enum)]
    shell: Shell,
}

/// Runs it.
pub fn run(_context: &Context, args: Args) -> Result<Exit, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut grammar(), "tminus", &mut script);
    print(&String::from_utf8_lossy(&script));
    Ok(Exit::Yes)
}
