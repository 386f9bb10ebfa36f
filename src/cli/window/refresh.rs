//! `tminus window refresh`: the calendars that the workspace follows, now.

use serde_json::{Value, json};

use super::super::{CliError, Context, Exit, names, output};
use super::Plan;
use super::import::{said, summary};
use crate::domain::Safe;
use crate::domain::subscription::Subscription;
use crate::runtime::calendars::{Effort, Refreshed, refresh};

/// Options of `tminus window refresh`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The calendars; absent: all of tminus.toml
    #[arg(value_name = "ID")]
    ids: Vec<String>,
}

/// Runs it.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let plan = Plan::open(context)?;
    let workspace = plan.workspace();
    let chosen: Vec<&Subscription> = if args.ids.is_empty() {
        workspace.calendars.iter().collect()
    } else {
        args.ids.iter().map(|id| names::calendar(workspace, id)).collect::<Result<_, _>>()?
    };
    if chosen.is_empty() {
        return Err(CliError::wrong(
            "the workspace follows no calendar",
            "write [[calendar]] with id and url (or file) into tminus.toml, or `tminus window import FILE.ics`",
        ));
    }
    let runtime = super::super::ask::runtime()?;
    let now = Context::clock();
    let (mut list, mut exit) = (Vec::new(), Exit::Yes);
    for subscription in chosen {
        let id = Safe::new(&subscription.id);
        match runtime.block_on(refresh(plan.root(), subscription, Effort::Whole, now)) {
            Ok(Refreshed::Unchanged) => {
                list.push(json!({ "id": subscription.id, "unchanged": true }));
                say(context, &format!("{id}: unchanged\n"));
            }
            Ok(Refreshed::Read(both)) => {
                let (reading, merge) = *both;
                let mut entry = said(&reading, &merge);
                if let Value::Object(fields) = &mut entry {
                    fields.insert("id".to_owned(), json!(subscription.id));
                }
                list.push(entry);
                if !context.global.json {
                    output::print(&format!("{id}: "));
                    summary(&reading, &merge, "");
                }
            }
            Err(failure) => {
                exit = Exit::Unknown;
                output::complain(&format!("tminus: {failure}"));
                list.push(json!({ "id": subscription.id, "error": failure.to_string() }));
            }
        }
    }
    if context.global.json {
        output::print_json("refresh", json!({ "calendars": list }));
    }
    Ok(exit)
}

fn say(context: &Context, text: &str) {
    if !context.global.json {
        output::print(text);
    }
}
