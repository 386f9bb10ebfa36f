//! `tminus demo`: the cockpit on a simulated company.

use serde_json::json;
use tokio::runtime::Runtime;

use super::{CliError, Context, Exit, cockpit, output};
use crate::demo::{DemoError, Options, World};

/// Options of `tminus demo`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How many times faster than real the story unfolds
    #[arg(long, value_name = "N", default_value_t = 1.0)]
    speed: f64,
    /// The same number tells the same story
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Serve it without the cockpit: print one line of JSON that says where, until ended
    #[arg(long)]
    headless: bool,
}

/// Runs it.
pub fn run(_context: &Context, args: Args, cockpit: cockpit::Args) -> Result<Exit, CliError> {
    let runtime = Runtime::new().map_err(|error| {
        CliError::wrong(format!("the demo cannot start: {error}"), "close other programs")
    })?;
    let options = Options { speed: args.speed, seed: args.seed, now: Context::clock() };
    let signals = runtime.block_on(async { Signals::listen() });
    let mut signals = signals.map_err(|error| {
        CliError::wrong(format!("the demo cannot listen for signals: {error}"), "try again")
    })?;
    // A signal that comes while the company is being made must not leave its folder behind.
    let world = runtime.block_on(async {
        tokio::select! {
            world = World::start(options) => world.map(Some),
            () = signals.ended() => Ok(None),
        }
    });
    let Some(world) = world.map_err(complain)? else { return Ok(Exit::Yes) };
    if args.headless {
        print_addresses(&world);
        runtime.block_on(signals.ended());
        drop(world);
        runtime.shutdown_background();
        return Ok(Exit::Yes);
    }
    open_cockpit(&world, cockpit)
}

/// The cockpit on the world's workspace; the world lives as long as this borrows it.
fn open_cockpit(_world: &World, _cockpit: cockpit::Args) -> Result<Exit, CliError> {
    Err(CliError::wrong(
        "the cockpit is not built yet",
        "use --headless, or wait for the commit that brings it",
    ))
}

fn print_addresses(world: &World) {
    let line = json!({
        "workspace": world.workspace(), "jira": world.jira_url(), "prometheus": world.prometheus_url(),
        "alertmanager": world.alertmanager_url(),
    });
    output::print(&format!("{line}\n"));
}

fn complain(error: DemoError) -> CliError {
    let mend = match &error {
        DemoError::File { .. } => "free some space, or let TMPDIR name a folder that can be written",
        DemoError::Git { .. } => "install git 2.28 or newer and see that it is on PATH",
        DemoError::Listen(_) => "allow listening on loopback, or free some ports",
        DemoError::Speed(_) => "give --speed a number such as 1 or 10",
    };
    CliError::wrong(error.to_string(), mend)
}

/// The signals that end a program politely.
struct Signals {
    #[cfg(unix)]
    all: [tokio::signal::unix::Signal; 4],
}

impl Signals {
    #[cfg(unix)]
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let all = [
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
            signal(SignalKind::hangup())?,
            signal(SignalKind::quit())?,
        ];
        Ok(Self { all })
    }

    #[cfg(not(unix))]
    fn listen() -> std::io::Result<Self> {
        Ok(Self {})
    }

    /// Waits for any of them.
    async fn ended(&mut self) {
        #[cfg(unix)]
        {
            let [interrupt, terminate, hangup, quit] = &mut self.all;
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
                _ = quit.recv() => {}
            }
        }
        #[cfg(not(unix))]
        {
            // Without signals there is only Ctrl-C.
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}
