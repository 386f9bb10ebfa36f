//! A step's check in a run of show: a query that must meet a condition, or a program that ends
//! with 0. What does not answer clearly is a failure, and no yes.

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::capability::SeriesSource;
use super::http::{Limits, words};
use super::process::{self, Program};
use crate::domain::condition::Condition;
use crate::domain::question::Checked;
use crate::domain::show::check;
use crate::domain::{Failure, FailureKind, Safe};

/// By a query: every series must meet the condition.
pub async fn by_query(
    source: &dyn SeriesSource,
    query: &str,
    until: Condition,
    now: DateTime<Utc>,
) -> Result<Checked, Failure> {
    let answer = source.instant(query, now).await?;
    if let Some(warning) = answer.warnings.first() {
        let what = format!("the check's answer came with a warning: {warning}");
        return Err(Failure::new(
            FailureKind::Garbled,
            what,
            "a partial answer is no yes, look at the source",
        ));
    }
    let values: Vec<f64> = answer.samples.iter().map(|(_, value)| *value).collect();
    check::judge(&values, until).ok_or_else(|| {
        let what = if values.is_empty() {
            "the check's query answers no series"
        } else {
            "the check's query answers something that is no number"
        };
        Failure::new(
            FailureKind::NotFound,
            what,
            "no data is no yes: look at the query, or add `or vector(0)`",
        )
    })
}

/// By a program's exit status. It is never run a second time by itself.
pub async fn by_command(
    root: Option<&Path>,
    argv: &[String],
    timeout: Option<Duration>,
    limits: &Limits,
) -> Result<Checked, Failure> {
    let name = format!("the check {}", argv.first().map_or("(empty)", String::as_str));
    let program = Program {
        argv: argv.iter().map(Into::into).collect(),
        folder: root.map(Path::to_owned),
        set: Vec::new(),
        unset: &[],
        time: timeout.unwrap_or(limits.program),
        bytes: limits.output,
    };
    let mend = "run it by hand in the workspace folder";
    let outcome = process::run(&program)
        .await
        .map_err(|error| Failure::new(FailureKind::Command, format!("{name}: {error}"), mend))?;
    let Some(code) = outcome.status.code() else {
        let what = format!("{name} was ended by a signal ({})", outcome.status);
        return Err(Failure::new(FailureKind::Command, what, mend));
    };
    // The last line is where programs say what came of it.
    let said = if outcome.stdout.trim_ascii().is_empty() { &outcome.stderr } else { &outcome.stdout };
    let last = said.trim_ascii_end().rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let last = words(Safe::from_bytes(last));
    let last = if last.trim().is_empty() { String::new() } else { format!(": {last}") };
    Ok(Checked { holds: code == 0, found: Safe::new(format!("ended with {code}{last}")) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(argv: &[&str], timeout: Duration) -> Result<Checked, Failure> {
        let argv: Vec<String> = argv.iter().map(|word| (*word).to_owned()).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(by_command(None, &argv, Some(timeout), &Limits::default()))
    }

    #[cfg(unix)]
    #[test]
    fn a_program_says_yes_no_or_nothing() {
        let long = Duration::from_secs(10);
        let checked = run(&["sh", "-c", "echo one; echo all 12 green"], long).unwrap();
        assert_eq!((checked.holds, checked.found.as_str()), (true, "ended with 0: all 12 green"));
        let checked = run(&["sh", "-c", "echo 3 red >&2; exit 7"], long).unwrap();
        assert_eq!((checked.holds, checked.found.as_str()), (false, "ended with 7: 3 red"));
        assert_eq!(run(&["sh", "-c", "kill -9 $$"], long).unwrap_err().kind, FailureKind::Command);
        assert_eq!(run(&["/nonexistent"], long).unwrap_err().kind, FailureKind::Command);
        assert_eq!(run(&["sleep", "60"], Duration::from_millis(50)).unwrap_err().kind, FailureKind::Command);
    }
}
