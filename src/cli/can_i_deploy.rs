//! `tminus can-i-deploy`

use serde_json::json;

use super::output::{print, print_json};
use super::table::{Style, Table};
use super::{CliError, Context, Exit, ask, names};
use crate::domain::Safe;
use crate::domain::compatibility::{Compatibility, Known, Verdict, can_i_deploy};

/// Options of `tminus can-i-deploy`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What would be deployed
    #[arg(value_name = "SERVICE@VERSION")]
    what: String,
    /// Where
    #[arg(long, value_name = "ENV")]
    to: String,
}

/// Runs it.
pub fn run(context: &Context, args: Args) -> Result<Exit, CliError> {
    let (service, version) = read(&args.what)?;
    let opened = context.open()?;
    let workspace = &opened.workspace;
    let service = &names::service(workspace, service)?.id;
    let environment = &names::environment(workspace, &args.to)?.id;
    let now = context.now(workspace)?;
    let answer = ask::running(workspace, &[environment], now)?.pop();
    let why;
    let known = match &answer {
        Some(Ok(running)) => Known::Running(running),
        Some(Err(failure)) => {
            why = failure.to_string();
            Known::Unknown(&why)
        }
        None => Known::Unknown("nobody was asked"),
    };
    let found = can_i_deploy(workspace, service, version, environment, known);
    if context.global.json {
        let about = json!({
            "service": service,
            "version": version,
            "environment": environment,
            "verdict": found.verdict,
            "reasons": found.reasons,
        });
        print_json("can-i-deploy", about);
    } else {
        print(&text(&found, service, version, environment));
    }
    let exit = match found.verdict {
        Verdict::Yes => Exit::Yes,
        Verdict::No => Exit::No,
        Verdict::Unknown => Exit::Unknown,
    };
    Ok(Context::exit_with(&opened.problems, exit))
}

fn read(what: &str) -> Result<(&str, &str), CliError> {
    let parts = what.split_once('@').filter(|(service, version)| !service.is_empty() && !version.is_empty());
    parts.ok_or_else(|| {
        let shown = Safe::new(what);
        CliError::wrong(format!("`{shown}` is not SERVICE@VERSION"), "write it like checkout@4.2.0")
    })
}

fn text(found: &Compatibility, service: &str, version: &str, environment: &str) -> String {
    let style = Style::of_stdout();
    let what = Safe::new(format!("{service} {version}"));
    let mut out = match found.verdict {
        Verdict::Yes => format!("{}: {what} works with what runs in {environment}\n", style.good("yes")),
        Verdict::No => format!("{}: {what} does not work with what runs in {environment}\n", style.bad("no")),
        Verdict::Unknown => {
            format!("{}: whether {what} works in {environment} cannot be said\n", style.doubtful("unknown"))
        }
    };
    if !found.reasons.is_empty() {
        let mut table = Table::new(&["REASON", "SERVICE", "REQUIRES", "FOUND", "WHY"]);
        for reason in &found.reasons {
            let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
            table.row([
                reason.code.word(),
                &reason.service,
                &or_dash(&reason.requires),
                &or_dash(&reason.found),
                &reason.message,
            ]);
        }
        out.push('\n');
        out.push_str(&table.render(style));
    }
    out
}
