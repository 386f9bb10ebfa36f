//! `tminus demo`: the cockpit on a simulated company.

use serde_json::json;
use tokio::runtime::Runtime;

use super::{CliError, Context, Exit, cockpit, output};
use crate::demo::{DemoError, Options, World};
use crate::runtime::world::{Keep, Prepare, Source};

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
    #[command(flatten)]
    cockpit: cockpit::Args,
}

/// Runs it.
pub fn run(_context: &Context, args: Args, before: cockpit::Args) -> Result<Exit, CliError> {
    let options = Options { speed: args.speed, seed: args.seed, now: Context::clock() };
    if !(options.speed.is_finite() && options.speed > 0.0) {
        return Err(complain(DemoError::Speed(options.speed)));
    }
    let runtime = cockpit::background()?;
    let ended = if args.headless {
        serve(&runtime, options)
    } else {
        open_cockpit(&runtime, options, args.cockpit.or(before))
    };
    runtime.shutdown_background();
    ended
}

/// Serves the company and says where, until a signal ends it.
fn serve(runtime: &Runtime, options: Options) -> Result<Exit, CliError> {
    let mut signals = runtime.block_on(async { Signals::listen() }).map_err(|error| {
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
    print_addresses(&world);
    runtime.block_on(signals.ended());
    drop(world);
    Ok(Exit::Yes)
}

/// The cockpit on the company's workspace, which is made while the first frame is on screen.
fn open_cockpit(runtime: &Runtime, options: Options, cockpit: cockpit::Args) -> Result<Exit, CliError> {
    let handle = runtime.handle().clone();
    let prepare: Prepare = Box::new(move |mut ending| {
        let world = handle.block_on(async {
            tokio::select! {
                biased;
                _ = ending.wait_for(|ending| *ending) => Err("the cockpit is closed".to_owned()),
                world = World::start(options) => world.map_err(|error| complain(error).to_string()),
            }
        })?;
        let folder = world.workspace().to_owned();
        let keep: Keep = Box::new(world);
        Ok((folder, keep))
    });
    let mut options = cockpit::options(cockpit, Source::Prepared(prepare));
    options.look.simulated = true;
    cockpit::open(options, runtime)
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
