//! `tminus slots`

use std::fmt::Write as _;
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::output::{complain, print, print_json};
use super::table::Style;
use super::{CliError, Context, Exit, conflicts, names};
use crate::domain::conflicts::{Checker, Code};
use crate::domain::format::{local_span, local_time};
use crate::domain::slots::{Ahead, Moved, Slot, Slots, find};
use crate::domain::{Release, Safe, Workspace};

/// Options of `tminus slots`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The release
    #[arg(value_name = "RELEASE")]
    release: String,
    /// Move this stage alone, counted from 0; without it, all stages together
    #[arg(long, value_name = "N")]
    stage: Option<usize>,
    /// The earliest start; without it, now
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    from: Option<String>,
    /// How many starts
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=100))]
    count: u16,
}

/// Runs it.
pub fn run(context: &Context, args: Args) -> Result<Exit, CliError> {
    let opened = context.open()?;
    let workspace = Arc::new(opened.workspace);
    let release = names::release(&workspace, &args.release)?;
    let moved = moved(release, args.stage)?;
    let now = context.now(&workspace)?;
    let from = match &args.from {
        Some(text) => Context::moment(&workspace, now, "--from", text)?,
        None => now,
    };
    let (running, known) = conflicts::running(&workspace, now)?;
    let checker = Checker::new(Arc::clone(&workspace), &running, None);
    for unreadable in checker.unreadable() {
        complain(&conflicts::unreadable_line(&unreadable.window, &unreadable.error.to_string()));
    }
    let found = find(&checker, release, moved, from, args.count.into());
    if context.global.json {
        print_json("slots", document(release, &found));
    } else {
        print(&text(release, &found, &workspace, from));
    }
    let exit = match (checker.unreadable().is_empty(), found.slots.is_empty()) {
        (false, _) => Exit::Wrong,
        (true, true) => Exit::No,
        (true, false) => known,
    };
    Ok(Context::exit_with(&opened.problems, exit))
}

fn moved(release: &Release, stage: Option<usize>) -> Result<Moved, CliError> {
    let id = Safe::new(&release.id);
    let count = release.stages.len();
    match stage {
        _ if count == 0 => {
            Err(CliError::wrong(format!("{id} has no stages"), "add one with `tminus release edit`"))
        }
        Some(stage) if stage >= count => Err(CliError::wrong(
            format!("{id} has no stage {stage}"),
            format!("stages count from 0, its last is {}", count - 1),
        )),
        Some(stage) => Ok(Moved::Stage(stage)),
        None => Ok(Moved::Whole),
    }
}

fn document(release: &Release, found: &Slots) -> Value {
    let slots = found.slots.iter().map(|slot| {
        let stages = slot.stages.iter().map(|placed| {
            json!({ "stage": placed.stage, "start": rfc3339(placed.start), "end": rfc3339(placed.end) })
        });
        json!({
            "start": rfc3339(slot.start),
            "stages": stages.collect::<Vec<_>>(),
            "warnings": slot.warnings,
            "in_hours": slot.at_work == slot.stages.len(),
        })
    });
    let refused = found.refused.iter().map(|refused| {
        json!({
            "from": rfc3339(refused.from),
            "to": rfc3339(refused.to),
            "code": refused.code,
            "with": refused.with,
            "message": refused.message,
        })
    });
    json!({
        "release": release.id,
        "slots": slots.collect::<Vec<_>>(),
        "refused": refused.collect::<Vec<_>>(),
    })
}

fn text(release: &Release, found: &Slots, workspace: &Workspace, from: DateTime<Utc>) -> String {
    let style = Style::of_stdout();
    let zone = workspace.time_zone;
    let mut out = String::new();
    if found.slots.is_empty() {
        let since = local_time(from, zone);
        let _ =
            writeln!(out, "{}: nothing clears every block in the 90 days from {since}", style.bad("none"));
    }
    // The first of the slots is the best of them: said where it is not the earliest anyway.
    let says_best =
        found.slots.iter().any(|slot| found.slots.first().is_some_and(|best| slot.start < best.start));
    for ahead in found.by_time() {
        let (place, slot) = match ahead {
            Ahead::Start(place, slot) => (place, slot),
            Ahead::Refused(refused) => {
                let span = local_span(refused.from, refused.to, zone);
                let _ = writeln!(out, "not {span}  {}: {}", refused.code.word(), Safe::new(&refused.message));
                continue;
            }
        };
        let best = if says_best && place == 0 { "  best" } else { "" };
        let _ = writeln!(out, "{}{best}{}", style.good(&local_time(slot.start, zone)), remarks(slot, style));
        for placed in &slot.stages {
            let stage = &release.stages[placed.stage];
            let region = stage.region.as_ref().map(|region| format!("/{region}")).unwrap_or_default();
            let place = Safe::new(format!("{}{region}", stage.environment));
            let when = local_span(placed.start, placed.end, stage.time_zone);
            let _ = writeln!(out, "  stage {}  {place}  {when}", placed.stage);
        }
    }
    out
}

fn remarks(slot: &Slot, style: Style) -> String {
    let mut words: Vec<&str> = slot.warnings.iter().map(|code: &Code| code.word()).collect();
    if slot.at_work < slot.stages.len() {
        words.push("outside working hours");
    }
    if words.is_empty() { String::new() } else { format!("  ({})", style.doubtful(&words.join(", "))) }
}

fn rfc3339(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
