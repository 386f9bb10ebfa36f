//! `tminus watch`: releases in their stabilisation watch, and what is noted in it.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use clap::Subcommand;
use serde_json::json;

use super::output::{complain, print, print_json};
use super::table::{Style, Table};
use super::{CliError, Context, Exit, names, release};
use crate::app::State;
use crate::app::monitor::watches::{self, Entry};
use crate::domain::stabilisation::changes::{Said, add};
use crate::domain::stabilisation::{Phase, words};
use crate::domain::{Edit, Face, format};
use crate::store;

mod look;

/// Options of `tminus watch`.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    /// Only this release
    #[arg(value_name = "RELEASE")]
    release: Option<String>,
    #[command(subcommand)]
    deed: Option<Deed>,
}

/// What is noted.
#[derive(Debug, Subcommand)]
enum Deed {
    /// Note what you see; --to hands the watch over, --acknowledge says that what is open is known
    Note(NoteArgs),
    /// Close the watch: nobody has to look any more
    Close(CloseArgs),
}

#[derive(Debug, clap::Args)]
struct NoteArgs {
    /// The release
    #[arg(value_name = "RELEASE")]
    release: String,
    /// Who says it; without it, who is signed in
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Who watches from here on
    #[arg(long, value_name = "NAME")]
    to: Option<String>,
    /// Everything that is open is known: nobody else is called for it
    #[arg(long)]
    acknowledge: bool,
    /// What
    #[arg(value_name = "TEXT")]
    text: Option<String>,
}

#[derive(Debug, clap::Args)]
struct CloseArgs {
    /// The release
    #[arg(value_name = "RELEASE")]
    release: String,
    /// Who closes it
    #[arg(long, value_name = "NAME")]
    by: String,
    /// Why
    #[arg(value_name = "TEXT")]
    text: Option<String>,
}

/// Runs it.
pub fn run(context: &Context, args: Args) -> Result<Exit, CliError> {
    match args.deed {
        None => list(context, args.release.as_deref()),
        Some(Deed::Note(args)) => {
            let by = args.by.or_else(store::person::signed_in);
            let by = by.ok_or_else(|| CliError::wrong("nobody says it", "add --by NAME"))?;
            let text = args.text.unwrap_or_default();
            note(
                context,
                &args.release,
                &Said { by, to: args.to, acknowledge: args.acknowledge, close: false, text },
            )
        }
        Some(Deed::Close(CloseArgs { release, by, text })) => {
            let text = text.unwrap_or_default();
            note(context, &release, &Said { by, close: true, text, ..Said::default() })
        }
    }
}

fn note(context: &Context, id: &str, said: &Said) -> Result<Exit, CliError> {
    let root = release::writable(context)?;
    let known = release::read(&root, id)?;
    let zone = store::read_zone(&root);
    let workspace = crate::domain::Workspace { time_zone: zone, ..crate::domain::Workspace::default() };
    let now = context.now(&workspace)?;
    let patch = add(&known, said, now).map_err(|refused| CliError::refused(refused.what, refused.mend))?;
    let title = patch.title.clone();
    let outcome = release::apply(&root, &Edit::Patch(patch))?;
    release::report(context, &root, id, &title, outcome)
}

fn list(context: &Context, wanted: Option<&str>) -> Result<Exit, CliError> {
    let opened = context.open()?;
    let workspace = &opened.workspace;
    let now = context.now(workspace)?;
    if let Some(wanted) = wanted {
        names::release(workspace, wanted)?;
    }
    let state = look::look(workspace, now, context.global.at.is_some())?;
    let entries: Vec<&Entry> = watches::all(&state)
        .iter()
        .filter(|entry| wanted.is_none_or(|wanted| entry.id.release == wanted))
        .collect();
    complain_about(&state, &entries);
    if context.global.json {
        let told = entries.iter().map(|entry| watches::document(&state, entry));
        print_json("watch", json!({ "at": now, "watches": told.collect::<Vec<_>>() }));
    } else {
        print(&text(&state, &entries, wanted, now));
    }
    Ok(Context::exit_with(&opened.problems, exit(&state, &entries)))
}

/// Says on standard error what could not be looked at.
fn complain_about(state: &State, entries: &[&Entry]) {
    match watches::face(state) {
        Face::Failed(trouble) | Face::Stale { trouble: Some(trouble), .. } => {
            complain(&format!("tminus: what runs is not known: {}", trouble.failure));
        }
        _ => {}
    }
    let mut said: Vec<&str> = entries.iter().flat_map(|entry| &entry.unknown).map(String::as_str).collect();
    said.sort_unstable();
    said.dedup();
    for why in said {
        complain(&format!("tminus: {why}"));
    }
}

/// 1: something is open that nobody acknowledged; 3: whether anything is is not known.
fn exit(state: &State, entries: &[&Entry]) -> Exit {
    let live = || entries.iter().filter(|entry| entry.watch.phase.is_live());
    if live().any(|entry| entry.unacknowledged().next().is_some()) {
        return Exit::No;
    }
    let doubted = |entry: &&&Entry| entry.watch.phase == Phase::NotKnown || !entry.unknown.is_empty();
    let is_unknown = live().any(|entry| doubted(&entry)) || !matches!(watches::face(state), Face::Fresh(()));
    if is_unknown { Exit::Unknown } else { Exit::Yes }
}

fn text(state: &State, entries: &[&Entry], wanted: Option<&str>, now: DateTime<Utc>) -> String {
    let style = Style::of_stdout();
    if entries.is_empty() {
        let who = wanted.unwrap_or("no release");
        let is = if wanted.is_some() { "is in no watch" } else { "is in its watch" };
        return format!("{who} {is}\n");
    }
    let head = [
        "RELEASE",
        "SERVICE",
        "VERSION",
        "PLACE",
        "WATCHER",
        "PHASE",
        "LEFT",
        "SENSITIVITY",
        "OPEN",
        "NEXT CALL",
    ];
    let mut table = Table::new(&head);
    for entry in entries {
        let watch = &entry.watch;
        let watcher = watch.watcher.as_ref().map_or("nobody", |watcher| watcher.name.as_str());
        let open = match (entry.timers.len(), entry.unknown.is_empty()) {
            (0, false) => "?".to_owned(),
            (count, _) => count.to_string(),
        };
        let calls = if entry.timers.is_empty() {
            String::new()
        } else {
            words::escalation(&entry.timers, &entry.chain, now)
        };
        table.row([
            entry.id.release.clone(),
            entry.id.service.clone(),
            entry.version.to_string(),
            entry.id.place(),
            watcher.to_owned(),
            watch.phase.word().to_owned(),
            watch.left_words(now),
            format!("{} {:.2}", watch.sensitivity.word(), watch.sensitivity.value()),
            open,
            calls,
        ]);
    }
    let mut out = table.render(style);
    for entry in entries {
        details(&mut out, state, entry, wanted.is_some(), now);
    }
    out
}

/// What is open, and with `all` of it who watches, since when and what was noted.
fn details(out: &mut String, state: &State, entry: &Entry, all: bool, now: DateTime<Utc>) {
    let place = format!("{} {} in {}", entry.id.service, entry.version, entry.id.place());
    if all {
        let watch = &entry.watch;
        let _ = write!(out, "\n{place}: {}\n", watch.begins_words(now, state.zone));
        if let Some(watcher) = &watch.watcher {
            let _ = writeln!(out, "  watches: {}", watcher.words(now, state.zone));
        }
        if let Some(release) = watches::release(state, entry).filter(|_| watch.phase.is_live()) {
            let _ = writeln!(out, "  {}", watch.sensitivity_words(&release.watch, now, state.zone));
        }
    }
    for timer in &entry.timers {
        let since = format::local_time(timer.open.since, state.zone);
        let lead = if all { "  " } else { "" };
        let whose = if all { String::new() } else { format!("{place}: ") };
        let _ = writeln!(out, "{lead}open: {whose}{} since {since}, {}", timer.open.what, timer.words(now));
    }
    if all {
        let notes =
            watches::release(state, entry).map(|release| release.watch.notes_by(now)).unwrap_or_default();
        for note in notes.into_iter().rev() {
            let at = format::local_time(note.time, state.zone);
            let _ = writeln!(out, "  {at} {}: {}", note.by, words::note(note));
        }
    }
}
