//! `tminus silence list`

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::super::output::{complain, print, print_json};
use super::super::table::{Style, Table};
use super::super::{CliError, Context, Exit, names};
use crate::domain::question::Silence;
use crate::domain::silence::{document, holds, own, request};
use crate::domain::{Workspace, format};

/// Options of `tminus silence list`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only those that were made here for this release
    #[arg(long, value_name = "ID")]
    release: Option<String>,
    /// Also those that ended in the last six hours
    #[arg(long)]
    all: bool,
}

/// Runs it.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let opened = context.open()?;
    let workspace = &opened.workspace;
    if let Some(id) = &args.release {
        names::release(workspace, id)?;
    }
    let now = Context::clock();
    let told = super::silences(workspace, now)?;
    let mut rows: Vec<(&str, &Silence)> = Vec::new();
    for (name, told) in &told {
        match told {
            Ok(silences) => rows.extend(silences.iter().map(|silence| (name.as_str(), silence))),
            Err(failure) => complain(&format!("tminus: the silences of {name} are not known: {failure}")),
        }
    }
    rows.retain(|(_, silence)| args.all || holds(silence));
    rows.retain(|(_, silence)| {
        let of = own(silence).map(|own| own.release);
        args.release.is_none() || of == args.release
    });
    if context.global.json {
        let silences: Vec<Value> =
            rows.iter().map(|(name, silence)| document(silence, name, workspace, now)).collect();
        let unknown = told.iter().filter_map(|(name, told)| {
            let failure = told.as_ref().err()?;
            Some(json!({ "backend": name, "code": failure.kind, "why": failure.to_string() }))
        });
        let unknown: Vec<Value> = unknown.collect();
        print_json("silences", json!({ "silences": silences, "unknown": unknown }));
    } else {
        print(&text(&rows, workspace, now));
    }
    let exit = if told.iter().all(|(_, told)| told.is_ok()) { Exit::Yes } else { Exit::Unknown };
    Ok(Context::exit_with(&opened.problems, exit))
}

fn text(rows: &[(&str, &Silence)], workspace: &Workspace, now: DateTime<Utc>) -> String {
    if rows.is_empty() {
        return "no silence that is known\n".to_owned();
    }
    let zone = workspace.time_zone;
    let mut table = Table::new(&["STATE", "UNTIL", "MUTES", "BY", "WHY", "ID"]);
    let mut over = Vec::new();
    for (_, silence) in rows {
        let until = format::local_time(silence.ends, zone);
        let mutes = request::list(&silence.matchers);
        table.row([silence.state.word(), &until, &mutes, &silence.by, &silence.comment, &silence.id]);
        let why = own(silence)
            .filter(|_| holds(silence))
            .and_then(|own| own.over(workspace, now).map(|over| (own.release, over.sentence(zone))));
        over.extend(why);
    }
    let mut out = table.render(Style::of_stdout());
    over.dedup();
    for (release, why) in over {
        out.push_str(&format!("{why}: end its silences with tminus silence expire --release {release}\n"));
    }
    out
}
