//! `tminus release copy`, `split` and `except`.

use std::path::Path;

use super::super::{CliError, Context, Exit};
use super::{apply, error, read, report, writable};
use crate::domain::moment::parse_span;
use crate::domain::release::Exception;
use crate::domain::{Edit, planning};
use crate::store;

/// Options of `tminus release copy`.
#[derive(Debug, clap::Args)]
pub struct CopyArgs {
    /// The release
    #[arg(value_name = "ID")]
    id: String,
    /// The id of the copy
    #[arg(value_name = "NEW")]
    new: String,
    /// When its first stage starts, in that stage's zone
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, conflicts_with = "by")]
    to: Option<String>,
    /// By how much its stages are moved: 7d, -2h
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    by: Option<String>,
}

/// Copies a release: its text, planned anew. What belongs to the one alone stays behind: its
/// version in the tracker and its exceptions.
pub fn copy(context: &Context, args: &CopyArgs) -> Result<Exit, CliError> {
    let root = writable(context)?;
    let release = read(&root, &args.id)?;
    let mut by = chrono::TimeDelta::zero();
    if let Some(text) = &args.by {
        let (sign, length) = match text.strip_prefix('-') {
            Some(length) => (-1, length),
            None => (1, text.trim_start_matches('+')),
        };
        by = parse_span(length).map_err(|what| CliError::wrong("--by cannot be read", what))? * sign;
    }
    if let Some(text) = &args.to {
        let Some(first) = release.stages.iter().min_by_key(|stage| stage.start) else {
            return Err(CliError::wrong(format!("`{}` has no stage", args.id), "copy it without --to"));
        };
        let workspace = context.open()?.workspace;
        let zone = first.time_zone;
        let to = crate::domain::parse_moment(text, context.now(&workspace)?, zone)
            .map_err(|what| CliError::wrong("--to cannot be read", what))?;
        let wall = |time: chrono::DateTime<chrono::Utc>| time.with_timezone(&zone).naive_local();
        by = wall(to) - wall(first.start);
    }
    let edit = store::copy(&root, &args.id, &args.new, by).map_err(error)?;
    let outcome = apply(&root, &edit)?;
    report(context, &root, &args.new, "copied", outcome)
}

/// Options of `tminus release split`.
#[derive(Debug, clap::Args)]
pub struct SplitArgs {
    /// The release
    #[arg(value_name = "ID")]
    id: String,
    /// Which stage, counted from 0
    #[arg(long, value_name = "N", default_value_t = 0)]
    stage: usize,
}

/// Splits a stage over its regions.
pub fn split(context: &Context, args: &SplitArgs) -> Result<Exit, CliError> {
    let root = writable(context)?;
    let release = read(&root, &args.id)?;
    let opened = context.open()?;
    let patch = planning::split(&opened.workspace, &release, args.stage)
        .map_err(|what| CliError::wrong("the stage is not split", what))?;
    let outcome = apply(&root, &Edit::Patch(patch))?;
    report(context, &root, &args.id, "split", outcome)
}

/// Options of `tminus release except`.
#[derive(Debug, clap::Args)]
pub struct ExceptArgs {
    /// The release
    #[arg(value_name = "ID")]
    id: String,
    /// The freeze it passes
    #[arg(long, value_name = "WINDOW")]
    window: String,
    /// Why
    #[arg(long)]
    reason: String,
    /// Who answers for it
    #[arg(long, value_name = "PERSON")]
    by: String,
    /// When it lapses by itself
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    expires: String,
    /// The ticket that stands for it
    #[arg(long)]
    ticket: Option<String>,
}

/// Break-glass.
pub fn except(context: &Context, args: ExceptArgs) -> Result<Exit, CliError> {
    let root = writable(context)?;
    let release = read(&root, &args.id)?;
    let opened = context.open()?;
    let now = context.now(&opened.workspace)?;
    let expires = Context::moment(&opened.workspace, now, "--expires", &args.expires)?;
    let exception = Exception {
        window: args.window,
        reason: args.reason,
        by: args.by,
        ticket: args.ticket,
        commits: Vec::new(),
        expires,
    };
    let patch = planning::except(&opened.workspace, &release, &exception, now)
        .map_err(|what| CliError::wrong("no exception was made", what))?;
    let outcome = apply(Path::new(&root), &Edit::Patch(patch))?;
    report(context, &root, &args.id, "excepted", outcome)
}
