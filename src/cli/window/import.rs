//! `tminus window import`: iCalendar to windows.

use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::super::{CliError, Context, Exit, names, output};
use super::Plan;
use crate::domain::icalendar::merge::{Choices, Merge, Vanished, merge};
use crate::domain::icalendar::{MAX_BYTES, Note, Reading, read};
use crate::domain::moment::parse_zone;
use crate::domain::{ChangeType, Safe, WindowKind};

/// Options of `tminus window import`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The file, or - for standard input
    #[arg(value_name = "FILE.ics")]
    file: PathBuf,
    /// What the events become
    #[arg(long, value_name = "freeze|change", value_parser = super::fields::kind, default_value = "freeze")]
    kind: WindowKind,
    /// Where new windows apply; absent: everywhere; can be given several times
    #[arg(long = "environment", value_name = "ENV")]
    environments: Vec<String>,
    /// To which services; absent: all
    #[arg(long = "service", value_name = "SERVICE")]
    services: Vec<String>,
    /// In which regions; absent: all
    #[arg(long = "region", value_name = "REGION")]
    regions: Vec<String>,
    /// Change types that pass the freezes
    #[arg(long, value_name = "TYPE", value_parser = super::fields::change)]
    allow: Vec<ChangeType>,
    /// The zone of whole days and of times without one; absent: the workspace's
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// The layer they lie in: holidays, marketing…
    #[arg(long, value_name = "NAME")]
    layer: Option<String>,
    /// Remove windows of the layer whose events are not in the file any more
    #[arg(long, requires = "layer")]
    prune: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// Runs it.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let plan = Plan::open(context)?;
    let workspace = plan.workspace();
    names::scope(workspace, &args.environments, &args.services, &args.regions)?;
    let zone = match &args.time_zone {
        None => workspace.time_zone,
        Some(name) => parse_zone(name).map_err(|what| CliError::wrong("--time-zone cannot be read", what))?,
    };
    let bytes = bytes(&args.file)?;
    let reading = read(&bytes, zone);
    if reading.is_nothing() {
        return Err(CliError::wrong(
            format!("{} is no iCalendar file", shown(&args.file)),
            "a file that begins with BEGIN:VCALENDAR is expected: is it a web page?",
        ));
    }
    let choices = Choices {
        kind: args.kind,
        environments: args.environments.clone(),
        services: args.services.clone(),
        regions: args.regions.clone(),
        allow: args.allow.clone(),
        layer: args.layer.clone(),
        vanished: if args.prune { Vanished::Remove } else { Vanished::Keep },
    };
    let merge = merge(workspace, &reading, &choices);
    if !args.dry_run {
        plan.change(format!("import {}", shown(&args.file)), merge.changes.clone())?;
    }
    let dry = if args.dry_run { "would be " } else { "" };
    tell(context, &reading, &merge, dry);
    Ok(Exit::Yes)
}

/// The file's bytes, within bounds.
fn bytes(file: &Path) -> Result<Vec<u8>, CliError> {
    let unreadable = |error: std::io::Error| {
        CliError::wrong(format!("{} cannot be read: {error}", shown(file)), "name a file that can be read")
    };
    let mut bytes = Vec::new();
    let bound = MAX_BYTES as u64 + 1;
    if file == Path::new("-") {
        std::io::stdin().lock().take(bound).read_to_end(&mut bytes).map_err(unreadable)?;
    } else {
        let open = std::fs::File::open(file).map_err(unreadable)?;
        open.take(bound).read_to_end(&mut bytes).map_err(unreadable)?;
    }
    if bytes.len() > MAX_BYTES {
        let what = format!("{} is larger than {} MiB", shown(file), MAX_BYTES >> 20);
        return Err(CliError::wrong(what, "split it, or import the calendars that matter"));
    }
    Ok(bytes)
}

fn shown(file: &Path) -> Safe {
    if file == Path::new("-") { Safe::new("standard input") } else { Safe::new(file.display().to_string()) }
}

/// Says what came of it.
fn tell(context: &Context, reading: &Reading, merge: &Merge, dry: &str) {
    if context.global.json {
        output::print_json("import", said(reading, merge));
    } else {
        summary(reading, merge, dry);
    }
}

/// What came of it, for scripts.
pub fn said(reading: &Reading, merge: &Merge) -> Value {
    let notes = |notes: &[Note]| -> Vec<_> {
        notes.iter().map(|note| json!({ "line": note.line, "why": note.why })).collect()
    };
    json!({
        "imported": merge.imported.len(),
        "updated": merge.updated.len(),
        "skipped": notes(&reading.skipped),
        "unchanged": merge.unchanged,
        "removed": merge.removed,
        "vanished": merge.vanished,
        "cancelled": reading.cancelled,
        "notices": notes(&reading.notices),
        "left_out": {
            "releases": merge.own.releases.union(&merge.own.elsewhere).collect::<Vec<_>>(),
            "windows": merge.own.windows,
        },
        "windows": { "imported": merge.imported, "updated": merge.updated },
    })
}

/// What came of it, for people.
pub fn summary(reading: &Reading, merge: &Merge, dry: &str) {
    let count = |count: usize| if count == 1 { "1 window".to_owned() } else { format!("{count} windows") };
    let mut text = format!(
        "{} {dry}imported, {} {dry}updated, {} unchanged\n",
        count(merge.imported.len()),
        merge.updated.len(),
        merge.unchanged
    );
    for id in &merge.removed {
        text.push_str(&format!("{dry}removed: {id}\n"));
    }
    for id in &merge.vanished {
        text.push_str(&format!("not in the calendar any more, kept: {id} (--prune removes it)\n"));
    }
    for sentence in merge.own.told() {
        text.push_str(&format!("{sentence}\n"));
    }
    output::print(&text);
    for note in &reading.skipped {
        output::complain(&format!("tminus: line {}: {}: skipped", note.line, note.why));
    }
    for note in &reading.notices {
        output::complain(&format!("tminus: notice: line {}: {}", note.line, note.why));
    }
}
