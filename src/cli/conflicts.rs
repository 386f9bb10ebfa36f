//! `tminus conflicts`

use std::fmt::Write as _;
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::output::{complain, print, print_json};
use super::table::Style;
use super::{CliError, Context, Exit, ask};
use crate::domain::conflicts::{self, Checker, Conflict, RunningVersions, Severity};
use crate::domain::format::local_span;
use crate::domain::{Safe, Workspace};

/// Options of `tminus conflicts`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only what collides at this time or later
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    from: Option<String>,
    /// Only what collides before this time
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    to: Option<String>,
}

/// Runs it.
pub fn run(context: &Context, args: Args) -> Result<Exit, CliError> {
    let opened = context.open()?;
    let workspace = Arc::new(opened.workspace);
    let now = context.now(&workspace)?;
    let range = range(&workspace, now, &args)?;
    let (running, known) = running(&workspace, now)?;
    let checker = Checker::new(Arc::clone(&workspace), &running, None);
    for unreadable in checker.unreadable() {
        complain(&unreadable_line(&unreadable.window, &unreadable.error.to_string()));
    }
    let mut found = checker.all();
    // The whole plan is judged all the same, and nothing is clipped.
    found.retain(|conflict| conflict.touches(range.0, range.1));
    if context.global.json {
        print_json("conflicts", json!({ "conflicts": found.iter().map(document).collect::<Vec<_>>() }));
    } else {
        print(&text(&found, &workspace, known));
    }
    let is_block = |conflict: &Conflict| conflict.severity() == Severity::Block;
    let exit = match (checker.unreadable().is_empty(), found.iter().any(is_block)) {
        (false, _) => Exit::Wrong,
        (true, true) => Exit::No,
        (true, false) => known,
    };
    Ok(Context::exit_with(&opened.problems, exit))
}

/// What runs where it matters, and whether everybody who was asked has answered.
pub fn running(workspace: &Workspace, now: DateTime<Utc>) -> Result<(RunningVersions, Exit), CliError> {
    let environments = conflicts::environments_to_ask(workspace);
    if environments.is_empty() {
        return Ok((RunningVersions::new(), Exit::Yes));
    }
    let mut exit = Exit::Yes;
    let mut running = RunningVersions::new();
    for (environment, answer) in environments.iter().zip(ask::running(workspace, &environments, now)?) {
        match answer {
            Ok(answer) => {
                for warning in &answer.warnings {
                    complain(&format!("tminus: notice: {}: {warning}", Safe::new(environment)));
                }
                running.insert((*environment).to_owned(), answer);
            }
            Err(failure) => {
                complain(&format!("tminus: {}: {failure}", Safe::new(environment)));
                exit = Exit::Unknown;
            }
        }
    }
    Ok((running, exit))
}

/// How a window that cannot be expanded is told.
pub fn unreadable_line(window: &str, why: &str) -> String {
    format!("tminus: window {}: {}", Safe::new(window), Safe::new(why))
}

fn range(
    workspace: &Workspace,
    now: DateTime<Utc>,
    args: &Args,
) -> Result<(DateTime<Utc>, DateTime<Utc>), CliError> {
    let read = |option: &str, text: &Option<String>| {
        text.as_deref().map(|text| Context::moment(workspace, now, option, text)).transpose()
    };
    let from = read("--from", &args.from)?.unwrap_or(DateTime::<Utc>::MIN_UTC);
    let to = read("--to", &args.to)?.unwrap_or(DateTime::<Utc>::MAX_UTC);
    if to < from {
        return Err(CliError::wrong(
            format!("the range ends at {}, before it begins at {}", rfc3339(to), rfc3339(from)),
            "give a --to after --from",
        ));
    }
    Ok((from, to))
}

fn document(conflict: &Conflict) -> Value {
    json!({
        "code": conflict.code,
        "severity": conflict.severity(),
        "release": conflict.release,
        "stage": conflict.stage,
        "with": conflict.with,
        "start": rfc3339(conflict.start),
        "end": rfc3339(conflict.end),
        "message": conflict.message,
        "way_out": conflict.way_out,
    })
}

/// For people: each with its time, its sentence and the way out, and how many there are.
fn text(found: &[Conflict], workspace: &Workspace, known: Exit) -> String {
    let style = Style::of_stdout();
    // What was not answered may hide an order that is broken: that is not clear.
    if found.is_empty() && known != Exit::Yes {
        let unknown = style.doubtful("not known");
        return format!(
            "{unknown}: nothing collides in the plan itself, but what runs was not told everywhere (see above)\n"
        );
    }
    if found.is_empty() {
        return format!("{}: nothing collides\n", style.good("clear"));
    }
    let mut out = String::new();
    for conflict in found {
        let severity = match conflict.severity() {
            Severity::Block => style.bad("block"),
            Severity::Warn => style.doubtful("warn "),
        };
        let when = local_span(conflict.start, conflict.end, workspace.time_zone);
        let (message, way_out) = (Safe::new(&conflict.message), Safe::new(&conflict.way_out));
        let _ = writeln!(out, "{severity}  {:<17}  {when}", conflict.code.word());
        let _ = writeln!(out, "       {message}\n       way out: {way_out}\n");
    }
    let blocks = found.iter().filter(|conflict| conflict.severity() == Severity::Block).count();
    let count = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let _ = writeln!(out, "{}, {}", count(blocks, "block"), count(found.len() - blocks, "warning"));
    out
}

fn rfc3339(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
