//! `tminus release list`

use std::fmt::Write;

use serde_json::json;

use super::super::{CliError, Context, Exit, output, past};
use super::show;
use crate::domain::{Release, Status};

/// Options of `tminus release list`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only with this status; can be given several times
    #[arg(long, value_name = "STATUS", value_parser = status)]
    status: Vec<Status>,
    /// Only with this service
    #[arg(long, value_name = "SERVICE")]
    service: Option<String>,
    /// Only with a stage in this environment
    #[arg(long, value_name = "ENV")]
    environment: Option<String>,
    /// Only with a stage that ends after this time
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    from: Option<String>,
    /// Only with a stage that starts before this time
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    to: Option<String>,
}

fn status(text: &str) -> Result<Status, String> {
    Status::ALL
        .into_iter()
        .find(|status| status.word() == text)
        .ok_or_else(|| format!("one of {} is accepted", Status::ALL.map(Status::word).join(", ")))
}

/// Runs it.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let (opened, exit) = past::open(context)?;
    let workspace = &opened.workspace;
    let now = context.now(workspace)?;
    let time = |option: &str, text: &Option<String>| {
        text.as_ref().map(|text| Context::moment(workspace, now, option, text)).transpose()
    };
    let (from, to) = (time("--from", &args.from)?, time("--to", &args.to)?);
    let touches = |release: &Release| {
        release.stages.iter().any(|stage| {
            from.is_none_or(|from| from < stage.end)
                && to.is_none_or(|to| stage.start < to)
                && args.environment.as_ref().is_none_or(|environment| *environment == stage.environment)
        })
    };
    let any_time = from.is_none() && to.is_none() && args.environment.is_none();
    let releases: Vec<&Release> = workspace
        .releases
        .iter()
        .filter(|release| args.status.is_empty() || args.status.contains(&release.status))
        .filter(|release| {
            args.service.as_ref().is_none_or(|id| release.services().any(|service| service == id))
        })
        .filter(|release| any_time || touches(release))
        .collect();
    if context.global.json {
        let list: Vec<_> = releases.iter().map(|release| show::json(release)).collect();
        output::print_json("releases", json!({ "releases": list }));
    } else {
        output::print(&table(&releases));
    }
    Ok(Context::exit_with(&opened.problems, exit))
}

fn table(releases: &[&Release]) -> String {
    if releases.is_empty() {
        return "no releases\n".to_owned();
    }
    let width = |text: &str| unicode_width::UnicodeWidthStr::width(text);
    let ids = releases.iter().map(|release| width(&release.id)).max().unwrap_or(2).max(2);
    let mut text = format!("ID{}  STATUS       FIRST STAGE         STAGES  TITLE\n", " ".repeat(ids - 2));
    for release in releases {
        let start = release.stages.iter().min_by_key(|stage| stage.start).map_or_else(
            || "-".to_owned(),
            |stage| stage.start.with_timezone(&stage.time_zone).format("%Y-%m-%d %H:%M").to_string(),
        );
        let pad = " ".repeat(ids - width(&release.id));
        let (status, count) = (release.status.word(), release.stages.len());
        let _ =
            writeln!(text, "{}{pad}  {status:<11}  {start:<18}  {count:>6}  {}", release.id, release.title);
    }
    text
}
