//! `tminus calendar export`

use serde_json::json;

use super::output::{print, print_json};
use super::{CliError, Context, Exit, past};
use crate::domain::icalendar::export::{Wanted, calendar, events};
use crate::store::ledger::Ledger;

/// Options of `tminus calendar export`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// iCalendar, which is what comes anyway
    #[arg(long)]
    ics: bool,
    /// Only what ends after this
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    from: Option<String>,
    /// Only what starts before this
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    to: Option<String>,
    /// Only this layer of windows; `releases` for the stages; can be given several times
    #[arg(long = "layer", value_name = "NAME")]
    layers: Vec<String>,
}

/// Runs it.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let (opened, known) = past::open(context)?;
    let workspace = &opened.workspace;
    let now = context.now(workspace)?;
    let time = |option: &str, text: &Option<String>| {
        text.as_ref().map(|text| Context::moment(workspace, now, option, text)).transpose()
    };
    let wanted = Wanted {
        from: time("--from", &args.from)?,
        to: time("--to", &args.to)?,
        layers: args.layers.clone(),
        now,
    };
    let events = events(workspace, &wanted);
    let mut ledger = Ledger::open(workspace.origin.root(), "export");
    let events: Vec<_> = events
        .into_iter()
        .map(|event| {
            let revision = ledger.revision(&event.uid, &event.content(), now);
            (event, revision)
        })
        .collect();
    if let Err(error) = ledger.save() {
        super::output::complain(&format!(
            "tminus: notice: revisions cannot be remembered ({error}): a change will not raise SEQUENCE"
        ));
    }
    let text = calendar(&workspace.name, &events, now);
    if context.global.json {
        print_json("export", json!({ "events": events.len(), "ics": text }));
    } else {
        print(&text);
    }
    Ok(Context::exit_with(&opened.problems, known))
}
