//! `tminus calendar`

use chrono::{DateTime, Days, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::output::{complain, print, print_json};
use super::table::{Style, Table};
use super::{CliError, Context, Exit, past};
use crate::domain::calendar::{Entry, Listing, What, entries};
use crate::domain::format::local_span;
use crate::domain::moment::midnight;
use crate::domain::{Safe, Workspace};

/// Days shown where `--to` says nothing.
const DAYS: u64 = 14;

/// Options of `tminus calendar`.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, override_usage = "tminus calendar [OPTIONS]")]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// Where the range begins; without it, today's midnight
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    from: Option<String>,
    /// Where the range ends; without it, two weeks after its beginning
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    to: Option<String>,
}

/// What else can be done with the calendar.
#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Print releases and windows as iCalendar
    Export(super::calendar_export::Args),
    /// Send releases and windows to a CalDAV server
    Publish(super::calendar_publish::Args),
}

/// Runs it.
pub fn run(context: &Context, args: Args) -> Result<Exit, CliError> {
    match &args.command {
        Some(Command::Export(args)) => return super::calendar_export::run(context, args),
        Some(Command::Publish(args)) => return super::calendar_publish::run(context, args),
        None => {}
    }
    let (opened, known) = past::open(context)?;
    let workspace = &opened.workspace;
    let (from, to) = range(context, workspace, &args)?;
    let listing = entries(workspace, from, to);
    for (window, error) in &listing.unreadable {
        complain(&format!("tminus: window {}: {}", Safe::new(&window.id), Safe::new(error.to_string())));
    }
    if context.global.json {
        let entries: Vec<Value> = listing.entries.iter().map(document).collect();
        print_json("calendar", json!({ "entries": entries }));
    } else {
        print(&text(&listing, workspace, (from, to)));
    }
    let exit = if listing.unreadable.is_empty() { known } else { Exit::Wrong };
    Ok(Context::exit_with(&opened.problems, exit))
}

fn range(
    context: &Context,
    workspace: &Workspace,
    args: &Args,
) -> Result<(DateTime<Utc>, DateTime<Utc>), CliError> {
    let now = context.now(workspace)?;
    let zone = workspace.time_zone;
    let read = |option: &str, text: &Option<String>| {
        text.as_deref().map(|text| Context::moment(workspace, now, option, text)).transpose()
    };
    let from =
        read("--from", &args.from)?.unwrap_or_else(|| midnight(zone, now.with_timezone(&zone).date_naive()));
    let to = match read("--to", &args.to)? {
        Some(to) => to,
        None => from
            .with_timezone(&zone)
            .checked_add_days(Days::new(DAYS))
            .map_or_else(|| from + Days::new(DAYS), |to| to.to_utc()),
    };
    if to < from {
        return Err(CliError::wrong(
            format!("the range ends at {}, before it begins at {}", rfc3339(to), rfc3339(from)),
            "give a --to after --from",
        ));
    }
    Ok((from, to))
}

fn document(entry: &Entry<'_>) -> Value {
    let (start, end) = (rfc3339(entry.start), rfc3339(entry.end));
    match entry.what {
        What::Stage { release, index, stage } => json!({
            "kind": "stage",
            "id": release.id,
            "stage": index,
            "title": release.title,
            "start": start,
            "end": end,
            // A tag does not say where.
            "environment": (!stage.environment.is_empty()).then_some(&stage.environment),
            "region": stage.region,
            "services": release.services().collect::<Vec<_>>(),
            "status": release.status.word(),
        }),
        What::Window { window, .. } => json!({
            "kind": window.kind.word(),
            "id": window.id,
            "title": window.title,
            "start": start,
            "end": end,
            // Empty: all of them.
            "environments": window.environments.as_deref().unwrap_or_default(),
            "regions": window.regions.as_deref().unwrap_or_default(),
            "services": window.services.as_deref().unwrap_or_default(),
        }),
    }
}

fn text(listing: &Listing<'_>, workspace: &Workspace, (from, to): (DateTime<Utc>, DateTime<Utc>)) -> String {
    let zone = workspace.time_zone;
    if listing.entries.is_empty() {
        return format!("nothing is planned {} ({zone})\n", local_span(from, to, zone));
    }
    let mut table = Table::new(&["WHEN", "WHAT", "ID", "WHERE", "SERVICES", "STATUS"]);
    for entry in &listing.entries {
        let when = local_span(entry.start, entry.end, zone);
        match entry.what {
            What::Stage { release, stage, .. } => {
                let region = stage.region.as_ref().map(|region| format!(" · {region}")).unwrap_or_default();
                let place = format!("{}{region}", stage.environment);
                let services = release.services().collect::<Vec<_>>().join(", ");
                table.row([&when, "stage", &release.id, &place, &services, release.status.word()]);
            }
            What::Window { window, .. } => {
                let list = |list: &Option<Vec<String>>, all: &str| match list.as_deref() {
                    None | Some([]) => all.to_owned(),
                    Some(list) => list.join(", "),
                };
                let regions = list(&window.regions, "");
                let region = if regions.is_empty() { regions } else { format!(" · {regions}") };
                let place = format!("{}{region}", list(&window.environments, "everywhere"));
                table.row([
                    &when,
                    window.kind.word(),
                    &window.id,
                    &place,
                    &list(&window.services, "all"),
                    "",
                ]);
            }
        }
    }
    table.render(Style::of_stdout())
}

/// An instant as JSON carries it.
fn rfc3339(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
