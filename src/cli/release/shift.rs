//! `tminus release move`

use std::path::Path;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use super::super::{CliError, Context, Exit};
use super::{apply, read, report, writable};
use crate::domain::moment::parse_span;
use crate::domain::{Edit, Release, Stage, parse_moment};
use crate::store::{self, Outcome};

/// Options of `tminus release move`.
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("where").required(true).args(["by", "to"])))]
pub struct Args {
    /// The release
    #[arg(value_name = "ID")]
    id: String,
    /// By how much on the wall clock: 2h, -30m, 1d
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    by: Option<String>,
    /// So that it starts then; the other stages keep their distance
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    to: Option<String>,
    /// The stage that --to is about, counted from 0; absent: the first in time
    #[arg(long, value_name = "N")]
    stage: Option<usize>,
    /// Move that stage alone
    #[arg(long, requires = "stage")]
    only: bool,
}

/// Runs it.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let root = writable(context)?;
    let release = read(&root, &args.id)?;
    let index = anchor(&release, args.stage)?;
    let outcome = match (&args.by, &args.to) {
        (Some(by), _) => {
            let by = signed_span(by).map_err(|what| CliError::wrong("--by cannot be read", what))?;
            if args.only {
                move_one(&root, &release, index, |stage| on_the_wall(stage, by))?
            } else {
                move_by(&root, &args.id, by)?
            }
        }
        (None, Some(to)) => {
            let to = time(context, &root, to)?;
            if args.only {
                move_one(&root, &release, index, |stage| Ok((to, to + (stage.end - stage.start))))?
            } else {
                move_to(&root, &release, index, to)?
            }
        }
        (None, None) => return Err(CliError::wrong("nowhere to move to", "give --by or --to")),
    };
    report(context, &root, &args.id, "moved", outcome)
}

fn anchor(release: &Release, stage: Option<usize>) -> Result<usize, CliError> {
    let id = &release.id;
    match stage {
        Some(index) if index < release.stages.len() => Ok(index),
        Some(index) => Err(CliError::wrong(
            format!("`{id}` has no stage {index}"),
            format!("it has {}, counted from 0", release.stages.len()),
        )),
        None => {
            let first = release.stages.iter().enumerate().min_by_key(|(_, stage)| stage.start);
            let none = || CliError::wrong(format!("`{id}` has no stages"), "`tminus release edit` adds one");
            first.map(|(index, _)| index).ok_or_else(none)
        }
    }
}

fn signed_span(text: &str) -> Result<TimeDelta, String> {
    match text.strip_prefix('-') {
        Some(rest) => parse_span(rest).map(|span| -span),
        None => parse_span(text.strip_prefix('+').unwrap_or(text)),
    }
}

fn time(context: &Context, root: &Path, text: &str) -> Result<DateTime<Utc>, CliError> {
    let zone = store::read_zone(root);
    let wrong = |what| CliError::wrong("a TIME cannot be read", what);
    let clock = Context::clock();
    let now = match &context.global.at {
        Some(at) => parse_moment(at, clock, zone).map_err(wrong)?,
        None => clock,
    };
    // A plan is not made to the nanosecond.
    parse_moment(text, now, zone).map(|time| time.trunc_subsecs(0)).map_err(wrong)
}

fn move_by(root: &Path, id: &str, by: TimeDelta) -> Result<Outcome, CliError> {
    apply(root, &Edit::MoveRelease { release: id.to_owned(), by })
}

/// A stage that was moved on the wall, as instants.
fn on_the_wall(stage: &Stage, by: TimeDelta) -> Result<(DateTime<Utc>, DateTime<Utc>), CliError> {
    let moved = |time: DateTime<Utc>| {
        let local = time.with_timezone(&stage.time_zone).naive_local();
        let local = local.checked_add_signed(by).unwrap_or(local);
        match crate::domain::resolve_local(stage.time_zone, local) {
            crate::domain::Resolved::Unique(time)
            | crate::domain::Resolved::Ambiguous { earlier: time, .. } => Ok(time),
            crate::domain::Resolved::Skipped { next_valid, .. } => {
                let what = crate::domain::moment::skipped(stage.time_zone, local, next_valid);
                Err(CliError::wrong("the stage cannot be moved there", what))
            }
        }
    };
    Ok((moved(stage.start)?, moved(stage.end)?))
}

fn move_one(
    root: &Path,
    release: &Release,
    index: usize,
    to: impl FnOnce(&Stage) -> Result<(DateTime<Utc>, DateTime<Utc>), CliError>,
) -> Result<Outcome, CliError> {
    let stage = &release.stages[index];
    let edit = Edit::MoveStage {
        release: release.id.clone(),
        stage: index,
        from: (stage.start, stage.end),
        to: to(stage)?,
    };
    apply(root, &edit)
}

/// The whole release, so that one stage starts at an instant. By how much depends on how that
/// stage is written: on the wall or as an instant; over a clock change the two differ.
fn move_to(root: &Path, release: &Release, index: usize, to: DateTime<Utc>) -> Result<Outcome, CliError> {
    let stage = &release.stages[index];
    let local = |time: DateTime<Utc>| time.with_timezone(&stage.time_zone).naive_local();
    let on_the_wall = local(to) - local(stage.start);
    let elapsed = to - stage.start;
    let mut edits = vec![on_the_wall];
    if elapsed != on_the_wall {
        edits.push(elapsed);
    }
    for by in edits {
        let edit = Edit::MoveRelease { release: release.id.clone(), by };
        let applied = store::Journal::of(root).apply(&edit).map_err(super::error)?;
        let now = read(root, &release.id)?;
        if now.stages.get(index).is_some_and(|stage| stage.start == to) {
            super::tell(&applied.notices);
            return Ok(applied.outcome);
        }
        store::Journal::of(root).apply(&applied.inverse).map_err(super::error)?;
    }
    Err(CliError::wrong(
        format!("`{}` cannot be moved there: the time occurs twice", release.id),
        "move its stages one by one with --stage N --only",
    ))
}
