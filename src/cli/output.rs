//! Standard output, standard error and the exit status, as the contract says.

use std::io::{self, Write};
use std::process::ExitCode;

use serde::Serialize;
use serde_json::{Map, Value};

/// How a command ends when it could answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: done, or yes, go, healthy.
    Yes,
    /// 1: the answer is no.
    No,
    /// 2: the call or a file is wrong.
    Wrong,
    /// 3: the answer is not known.
    Unknown,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Yes => 0,
            Exit::No => 1,
            Exit::Wrong => 2,
            Exit::Unknown => 3,
        })
    }
}

/// A command that could not answer: `tminus: what happened: what to do`.
#[derive(Debug, thiserror::Error)]
#[error("{what}: {mend}")]
pub struct CliError {
    /// What happened.
    pub what: String,
    /// What to do.
    pub mend: String,
    /// With which status the program ends.
    pub exit: Exit,
}

impl CliError {
    /// A wrong call or file: status 2.
    pub fn wrong(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { what: what.into(), mend: mend.into(), exit: Exit::Wrong }
    }

    /// A refusal: status 1.
    pub fn refused(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { what: what.into(), mend: mend.into(), exit: Exit::No }
    }

    /// Something did not say: status 3.
    pub fn unknown(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { what: what.into(), mend: mend.into(), exit: Exit::Unknown }
    }
}

/// The contract's envelope, in its order.
#[derive(Serialize)]
struct Document<'a> {
    schema: &'a str,
    kind: &'a str,
    #[serde(flatten)]
    fields: Map<String, Value>,
}

/// Writes to standard output; a closed pipe ends quietly, as `git` does. An answer that is lost
/// otherwise (a full disk) must not look like one that was given.
pub fn print(text: &str) {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        Err(error) => {
            complain(&format!(
                "tminus: standard output cannot be written ({error}): make room, or send it elsewhere"
            ));
            std::process::exit(2);
        }
    }
}

/// Writes one JSON document of this kind, in the contract's envelope, with a line feed.
pub fn print_json(kind: &str, fields: Value) {
    let fields = match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    let document = Document { schema: "tminus/1", kind, fields };
    // Strings, numbers and maps with strings for keys: there is nothing that could fail.
    print(&format!("{}\n", serde_json::to_string(&document).unwrap_or_default()));
}

/// Writes a line to standard error; a closed one is no reason to fail.
pub fn complain(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// A call clap could not read: help and version end with 0, all else with 2.
pub fn usage(error: &clap::Error) -> ExitCode {
    use clap::error::ErrorKind;
    if error.use_stderr() && error.kind() != ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        complain(&format!("tminus: {}", one_line(&error.render().to_string())));
    } else {
        let _ = error.print();
    }
    if error.use_stderr() { Exit::Wrong.into() } else { Exit::Yes.into() }
}

/// clap's paragraphs (what happened, tips, usage, where to read on) as the contract's one line.
fn one_line(said: &str) -> String {
    let mut paragraphs =
        said.split("\n\n").map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "));
    let first = paragraphs.next().unwrap_or_default();
    let what = first.strip_prefix("error: ").unwrap_or(&first).trim_end_matches(':').to_owned();
    let rest: Vec<String> = paragraphs.collect();
    let of = |mark: &str| rest.iter().find_map(|text| text.strip_prefix(mark).map(str::to_owned));
    match (of("tip: "), of("Usage: ")) {
        (Some(tip), _) => format!("{what}: {tip}"),
        (None, Some(usage)) => format!("{what}: write it as {usage}, see --help"),
        (None, None) => format!("{what}: see --help"),
    }
}

/// Turns a command's outcome into the exit status, and says what went wrong.
pub fn finish(outcome: Result<Exit, CliError>) -> ExitCode {
    match outcome {
        Ok(exit) => exit.into(),
        Err(error) => {
            complain(&format!("tminus: {error}"));
            error.exit.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_call_is_told_in_one_line() {
        for (words, line) in [
            (
                &["tminus", "grpah"][..],
                "unrecognized subcommand 'grpah': a similar subcommand exists: 'graph'",
            ),
            (
                &["tminus", "calendar", "--bogus"],
                "unexpected argument '--bogus' found: write it as tminus calendar [OPTIONS], see --help",
            ),
        ] {
            let error = super::super::grammar().try_get_matches_from(words).unwrap_err();
            assert_eq!(one_line(&error.render().to_string()), line);
        }
    }
}
