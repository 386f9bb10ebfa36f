//! `tminus window stop` and `resume`: stop the line.

use chrono::SubsecRound;

use super::super::{CliError, Context, Exit, names, output};
use super::{LIST, Plan, place, remove};
use crate::domain::icalendar::merge::time;
use crate::domain::when::on_the_wall;
use crate::domain::window::{STOP_LAYER, STOP_THE_LINE, USUAL_STOP};
use crate::domain::{Change, Value};

/// Options of `tminus window stop`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Until when; absent: a day
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    until: Option<String>,
    /// Only there; absent: everywhere
    #[arg(long = "environment", value_name = "ENV")]
    environments: Vec<String>,
}

/// Options of `tminus window resume`.
#[derive(Debug, clap::Args)]
pub struct ResumeArgs {
    /// The freeze
    #[arg(value_name = "ID")]
    id: String,
    /// Its id again: the confirmation where nobody can be asked
    #[arg(long, value_name = "ID", conflicts_with = "yes")]
    confirm: Option<String>,
    /// Ask nobody
    #[arg(long)]
    yes: bool,
}

/// Stops the line.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let plan = Plan::open(context)?;
    let workspace = plan.workspace();
    let reason = args.reason.trim();
    if reason.is_empty() {
        return Err(CliError::wrong("a stop needs a reason", "say why: --reason \"payments are down\""));
    }
    names::scope(workspace, &args.environments, &[], &[])?;
    let now = context.now(workspace)?.trunc_subsecs(0);
    let until = match &args.until {
        None => now + USUAL_STOP,
        Some(text) => Context::moment(workspace, now, "--until", text)?,
    };
    if until <= now {
        return Err(CliError::wrong("--until is not after now", "give a later time, or +4h"));
    }
    let zone = workspace.time_zone;
    let stem = format!("{STOP_THE_LINE}-{}", now.with_timezone(&zone).format("%Y%m%d-%H%M"));
    let taken = |id: &String| workspace.windows.iter().any(|window| window.id == *id);
    let mut ids = std::iter::once(stem.clone()).chain((2..).map(|count| format!("{stem}-{count}")));
    let id = ids.find(|id| !taken(id)).unwrap_or(stem);
    let mut table = vec![
        ("id", Value::text(&id)),
        ("kind", Value::text("freeze")),
        ("title", Value::text(reason)),
        ("start", time(on_the_wall(now, zone))),
        ("end", time(on_the_wall(until, zone))),
        ("time_zone", Value::text(zone.name())),
    ];
    if !args.environments.is_empty() {
        table.push(("environments", Value::words(args.environments.iter().map(String::as_str))));
    }
    table.push(("layer", Value::text(STOP_LAYER)));
    let table = table.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    let outcome = plan.change("stop the line", vec![Change::Add { list: LIST.to_owned(), table }])?;
    plan.report(context, &id, "the line is stopped", outcome)
}

/// Ends a stop now: it stays in the record.
pub fn resume(context: &Context, args: &ResumeArgs) -> Result<Exit, CliError> {
    let plan = Plan::open(context)?;
    let window = plan.window(&args.id)?;
    if !window.stops_the_line() {
        return Err(CliError::refused(
            format!("`{}` is a planned window, and did not stop the line", args.id),
            format!("`tminus window remove {}` removes it, a release's exception passes it", args.id),
        ));
    }
    let now = context.now(plan.workspace())?.trunc_subsecs(0);
    if !args.yes {
        remove::confirm(&args.id, args.confirm.as_deref(), || {
            output::complain(&super::show::text(window, now));
        })?;
    }
    let instant = |time| {
        crate::domain::recurrence::clock_change::as_calendars_do(
            window.time_zone,
            super::fields::wall(time, window.time_zone),
        )
    };
    if instant(window.end) <= now {
        return plan.report(context, &args.id, "it ended before", crate::store::Outcome::Unchanged);
    }
    // One that has hardly begun leaves nothing to record.
    let change = if instant(window.start) >= now {
        Change::Remove { place: place(&args.id) }
    } else {
        let end = time(on_the_wall(now, window.time_zone));
        Change::Set { place: place(&args.id), key: "end".to_owned(), value: Some(end) }
    };
    let gone = matches!(change, Change::Remove { .. });
    let outcome = plan.change(format!("resume after {}", args.id), vec![change])?;
    if gone {
        output::print(&format!("removed: {}\n", args.id));
        return Ok(Exit::Yes);
    }
    plan.report(context, &args.id, "the line goes on", outcome)
}
