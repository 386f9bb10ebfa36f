//! `tminus` alone: the cockpit.

use super::{CliError, Context, Exit};
use crate::app::Panel;
use crate::app::person::SLOW_TICK;
use crate::app::state::Look;
use crate::runtime::world::Source;
use crate::runtime::{Options, cockpit};

/// Options of the cockpit.
#[derive(Debug, Clone, Default, clap::Args)]
#[group(id = "cockpit")]
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

impl Args {
    /// These, and where they say nothing, those written before the subcommand.
    #[must_use]
    pub fn or(self, before: Self) -> Self {
        Self {
            view: self.view.or(before.view),
            theme: self.theme.or(before.theme),
            low_bandwidth: self.low_bandwidth || before.low_bandwidth,
            ascii: self.ascii || before.ascii,
        }
    }
}

/// Runs it.
pub fn run(context: &Context, args: Args) -> Result<Exit, CliError> {
    let options = options(args, context.global.workspace.clone().map_or(Source::Nearest, Source::Folder));
    let runtime = background()?;
    let ended = open(options, &runtime);
    // Nobody waits for answers any more.
    runtime.shutdown_background();
    ended
}

/// The cockpit's options from the command line's.
pub fn options(args: Args, source: Source) -> Options {
    let tick_seconds = if args.low_bandwidth { SLOW_TICK } else { 1 };
    Options {
        source,
        panel: args.view.as_deref().and_then(Panel::from_word),
        theme: args.theme,
        look: Look { ascii: args.ascii, low_bandwidth: args.low_bandwidth, tick_seconds, ..Look::default() },
    }
}

/// What carries out everything but the loop.
pub fn background() -> Result<tokio::runtime::Runtime, CliError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(8)
        .thread_stack_size(1024 * 1024)
        .enable_all()
        .build()
        .map_err(|error| {
            CliError::wrong(format!("no threads: {error}"), "raise the limits of this session (ulimit)")
        })
}

/// Opens it.
pub fn open(options: Options, runtime: &tokio::runtime::Runtime) -> Result<Exit, CliError> {
    match cockpit(runtime, options) {
        Ok(0) => Ok(Exit::Yes),
        Ok(status) => std::process::exit(i32::from(status)),
        Err(error) => Err(CliError::wrong(
            format!("the cockpit: {error}"),
            "open it in a terminal, or use a command with --json (see tminus --help)",
        )),
    }
}
