//! `tminus undo` and `tminus redo`: edits of commands and of the cockpit, taken back and done again.

use chrono::SecondsFormat;
use serde_json::{Value, json};

use super::release::{error, tell, writable};
use super::table::{Style, Table};
use super::{CliError, Context, Exit, output};
use crate::domain::edit::{Recorded, Standing};
use crate::store::Journal;

/// Options of `tminus undo`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which edit, by its number; absent: the last that can be
    #[arg(value_name = "NUMBER")]
    number: Option<u64>,
    /// List the edits, the newest first, and change nothing
    #[arg(long, conflicts_with = "number")]
    list: bool,
}

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Take back.
    Undo,
    /// Do again.
    Redo,
}

impl Way {
    fn word(self) -> &'static str {
        match self {
            Self::Undo => "undo",
            Self::Redo => "redo",
        }
    }
}

/// Runs it.
pub fn run(context: &Context, args: &Args, way: Way) -> Result<Exit, CliError> {
    let root = writable(context)?;
    let journal = Journal::of(&root);
    let edits = journal.edits();
    if args.list {
        list(context, &edits);
        return Ok(Exit::Yes);
    }
    let fits = |known: &&Recorded| match way {
        Way::Undo => {
            known.standing == Standing::Done || (args.number.is_some() && known.standing == Standing::Stuck)
        }
        Way::Redo => known.standing == Standing::Undone,
    };
    let found = match args.number {
        Some(number) => {
            let known = edits.iter().find(|known| known.number == number);
            let known = known.ok_or_else(|| {
                CliError::wrong(format!("there is no edit {number}"), "`tminus undo --list` shows them")
            })?;
            if !fits(&known) {
                let what = format!("edit {number} ({}) is {}", known.title, standing(known.standing));
                let other = if way == Way::Undo { "redo" } else { "undo" };
                return Err(CliError::refused(what, format!("`tminus {other} {number}` does the opposite")));
            }
            known
        }
        None => newest(&edits, way).ok_or_else(|| {
            let what = if way == Way::Undo { "nothing to take back" } else { "nothing to do again" };
            CliError::refused(what, "`tminus undo --list` shows what was edited on this machine")
        })?,
    };
    let applied = journal.apply(&found.edit).map_err(|failure| {
        let failure = error(failure);
        let what = format!("{} of {}: {}", way.word(), found.title, failure.what);
        CliError { what, ..failure }
    })?;
    tell(&applied.notices);
    let done = if way == Way::Undo { "taken back" } else { "done again" };
    if context.global.json {
        let mut fields = described(found);
        fields["standing"] = json!(if way == Way::Undo { "undone" } else { "done" });
        output::print_json(way.word(), fields);
    } else {
        output::print(&format!("{done}: {} ({})\n", found.title, found.file));
    }
    Ok(Exit::Yes)
}

/// The one to take: the newest that was done, or the oldest undone after it.
fn newest(edits: &[Recorded], way: Way) -> Option<&Recorded> {
    let last = edits.iter().rposition(|known| known.standing == Standing::Done);
    match way {
        Way::Undo => last.map(|index| &edits[index]),
        Way::Redo => {
            let after = last.map_or(0, |index| index + 1);
            edits[after..].iter().find(|known| known.standing == Standing::Undone)
        }
    }
}

fn list(context: &Context, edits: &[Recorded]) {
    if context.global.json {
        let edits: Vec<Value> = edits.iter().rev().map(described).collect();
        return output::print_json("edits", json!({"edits": edits}));
    }
    if edits.is_empty() {
        return output::print("nothing was edited on this machine yet\n");
    }
    let mut table = Table::new(&["number", "time", "edit", "file", ""]);
    for known in edits.iter().rev() {
        table.row([
            known.number.to_string(),
            known.time.format("%Y-%m-%d %H:%M:%S UTC").to_string(),
            known.title.clone(),
            known.file.clone(),
            standing(known.standing).to_owned(),
        ]);
    }
    output::print(&table.render(Style::of_stdout()));
}

fn described(known: &Recorded) -> Value {
    let word = match known.standing {
        Standing::Done => "done",
        Standing::Undone => "undone",
        Standing::Stuck => "stuck",
    };
    json!({
        "number": known.number,
        "time": known.time.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        "title": known.title,
        "file": known.file,
        "standing": word,
    })
}

fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Done => "done",
        Standing::Undone => "taken back",
        Standing::Stuck => "cannot be taken back: others changed the same",
    }
}
