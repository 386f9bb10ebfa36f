//! The command line: one file a subcommand, each a thin face of the same domain functions and
//! backends that the panels show.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

pub mod alerts;
pub mod ask;
pub mod branches;
pub mod burn;
pub mod calendar;
pub mod calendar_export;
pub mod calendar_publish;
pub mod can_i_deploy;
pub mod cockpit;
pub mod completions;
pub mod conflicts;
pub mod context;
pub mod demo;
pub mod doctor;
pub mod golive;
pub mod graph;
pub mod health;
pub mod init;
pub mod judge;
pub mod man;
pub mod monitor;
pub mod names;
pub mod output;
pub mod past;
pub mod release;
mod rename;
pub mod reset;
pub mod rollouts;
pub mod show;
pub mod silence;
pub mod slots;
pub mod table;
pub mod tracker;
pub mod undo;
mod unseen;
pub mod versions;
pub mod watch;
pub mod window;

pub use context::Context;
pub use output::{CliError, Exit};

/// A release cockpit in the terminal: can we ship, is it going well, and how do we get back?
#[derive(Debug, Parser)]
#[command(name = "tminus", version, about)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(flatten)]
    cockpit: cockpit::Args,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Options every command takes.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Global {
    /// The workspace: a folder with a tminus.toml
    #[arg(short = 'w', long, global = true, value_name = "DIR")]
    pub workspace: Option<PathBuf>,
    /// Print one JSON document
    #[arg(long, global = true)]
    pub json: bool,
    /// Answer as of this time instead of now
    #[arg(long, global = true, value_name = "TIME", allow_hyphen_values = true)]
    pub at: Option<String>,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Open the cockpit on a simulated company
    Demo(demo::Args),
    /// Write a commented tminus.toml from what is found here
    Init(init::Args),
    /// Read every file, ask every backend who it is, and say what to mend
    Doctor(doctor::Args),
    /// Stages and windows that touch a range of time
    Calendar(calendar::Args),
    /// What collides: freezes, change windows, services, owners, capacity, order
    Conflicts(conflicts::Args),
    /// The next starts at which nothing blocks a release, and why not earlier
    Slots(slots::Args),
    /// A go-live over regions: a stage a region, each at its own local hour
    Golive(golive::Args),
    /// Add, show, list, move, edit and cancel releases
    Release(Box<release::Args>),
    /// Freezes and change windows: add, list, import calendars, stop the line
    Window(window::Args),
    /// Take back the last edit, or one of them; --list shows them
    Undo(undo::Args),
    /// Do again what was taken back
    Redo(undo::Args),
    /// Versions of the tracker beside the plan: list, adopt, push a date
    Tracker(tracker::Args),
    /// A release's run of show: its count, its steps, what is late
    Show(Box<show::Args>),
    /// What fires, is about to, or is muted; whether it began after a release did
    Alerts(alerts::Args),
    /// Silences for a planned deployment: list, add, expire
    Silence(Box<silence::Args>),
    /// What landed on frozen branches, by whom, excused or not
    Branches(branches::Args),
    /// Services, dependencies, cycles and deployment waves
    Graph(graph::Args),
    /// Which version of each service runs in each environment
    Versions(versions::Args),
    /// Rollouts beside their plans, trains, what is astray, what changed before alerts
    Rollouts(rollouts::Args),
    /// Would this version work with what runs there?
    #[command(name = "can-i-deploy")]
    CanIDeploy(can_i_deploy::Args),
    /// Watch a rollout, live or over history (--at): a line a change, the verdict as exit status
    Monitor(monitor::Args),
    /// Releases in their stabilisation watch: who watches, what is open; notes and hand-overs
    Watch(watch::Args),
    /// How fast error budgets are spent, and what is left of them
    Burn(burn::Args),
    /// Smoke, synthetic and data checks, asked once
    Health(health::Args),
    /// Judge a canary by numbers in a file
    Judge(judge::Args),
    /// Put a terminal back in order after a crash
    Reset(reset::Args),
    /// Print completions for a shell
    Completions(completions::Args),
    /// Print the manual page
    Man(man::Args),
}

/// Runs the program; the exit status is the contract's.
pub fn main() -> ExitCode {
    // A panic's report; a second installation (in a test) changes nothing.
    let _ = color_eyre::install();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return output::usage(&error),
    };
    let context = Context::new(cli.global);
    let outcome = match cli.command {
        None => cockpit::run(&context, cli.cockpit),
        Some(Command::Demo(args)) => demo::run(&context, args, cli.cockpit),
        Some(Command::Init(args)) => init::run(&context, args),
        Some(Command::Doctor(args)) => doctor::run(&context, args),
        Some(Command::Calendar(args)) => calendar::run(&context, args),
        Some(Command::Conflicts(args)) => conflicts::run(&context, args),
        Some(Command::Slots(args)) => slots::run(&context, args),
        Some(Command::Golive(args)) => golive::run(&context, args),
        Some(Command::Release(args)) => release::run(&context, *args),
        Some(Command::Window(args)) => window::run(&context, args),
        Some(Command::Undo(args)) => undo::run(&context, &args, undo::Way::Undo),
        Some(Command::Redo(args)) => undo::run(&context, &args, undo::Way::Redo),
        Some(Command::Tracker(args)) => tracker::run(&context, &args),
        Some(Command::Show(args)) => show::run(&context, *args),
        Some(Command::Alerts(args)) => alerts::run(&context, &args),
        Some(Command::Silence(args)) => silence::run(&context, &args),
        Some(Command::Branches(args)) => branches::run(&context, &args),
        Some(Command::Graph(args)) => graph::run(&context, args),
        Some(Command::Versions(args)) => versions::run(&context, args),
        Some(Command::Rollouts(args)) => rollouts::run(&context, &args),
        Some(Command::CanIDeploy(args)) => can_i_deploy::run(&context, args),
        Some(Command::Monitor(args)) => monitor::run(&context, &args),
        Some(Command::Watch(args)) => watch::run(&context, args),
        Some(Command::Burn(args)) => burn::run(&context, &args),
        Some(Command::Health(args)) => health::run(&context, &args),
        Some(Command::Judge(args)) => judge::run(&context, &args),
        Some(Command::Reset(args)) => reset::run(&context, args),
        Some(Command::Completions(args)) => completions::run(&context, args),
        Some(Command::Man(args)) => man::run(&context, args),
    };
    output::finish(outcome)
}

/// The command line's grammar, for completions and the manual.
pub fn grammar() -> clap::Command {
    Cli::command()
}

#[cfg(test)]
mod tests {
    /// clap looks at a subcommand only when it is called, and at all of them for completions.
    #[test]
    fn the_grammar_holds() {
        super::grammar().debug_assert();
    }
}
