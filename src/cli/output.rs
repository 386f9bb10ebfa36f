//! Standard output, standard error and the exit status, as the contract says.

use std::io::{self, Write};
use std::process::ExitCode;

use serde_json::{Map, Value, json};

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

/// Writes to standard output; a closed pipe ends quietly, as `git` does.
pub fn print(text: &str) {
    let mut out = io::stdout().lock();
    if out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_err() {
        std::process::exit(0);
    }
}

/// Writes one JSON document of this kind, in the contract's envelope, with a line feed.
pub fn print_json(kind: &str, fields: Value) {
    let mut document = Map::new();
    document.insert("schema".to_owned(), json!("tminus/1"));
    document.insert("kind".to_owned(), json!(kind));
    if let Value::Object(fields) = fields {
        document.extend(fields);
    }
    print(&format!("{}\n", Value::Object(document)));
}

/// Writes a line to standard error; a closed one is no reason to fail.
pub fn complain(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// A call clap could not read: help and version end with 0, all else with 2.
pub fn usage(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    if error.use_stderr() { Exit::Wrong.into() } else { Exit::Yes.into() }
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
