//! What every subcommand starts from: the options all commands take, the workspace, the clock.

use chrono::{DateTime, Utc};

use super::{CliError, Exit, Global, output};
use crate::domain::workspace::Origin;
use crate::domain::{Problem, Severity, Workspace, parse_moment};
use crate::store::{self, Located, Opened};

/// The options all commands take.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// As typed.
    pub global: Global,
}

impl Context {
    /// From the options as typed.
    pub fn new(global: Global) -> Self {
        Self { global }
    }

    /// The wall clock. The command line is an edge, so it may look.
    pub fn clock() -> DateTime<Utc> {
        Utc::now()
    }

    /// Finds the workspace; that there is none is an answer too.
    pub fn locate(&self) -> Result<Located, CliError> {
        store::locate(self.global.workspace.as_deref())
            .map_err(|error| CliError::wrong(error.what, error.mend))
    }

    /// Opens the workspace and says on standard error what is wrong with its files. That there is
    /// none is an error.
    pub fn open(&self) -> Result<Opened, CliError> {
        let located = self.locate()?;
        if located.origin == Origin::Nowhere {
            return Err(CliError::wrong(
                "no workspace here: no tminus.toml in this folder or above, and no git repository",
                "run `tminus init` to write one, name one with -w DIR, or try `tminus demo`",
            ));
        }
        let opened = store::open(&located);
        complain_about(&opened.problems);
        Ok(opened)
    }

    /// The exit status of an answer: 2 where a file was wrong, whatever the answer is.
    pub fn exit_with(problems: &[Problem], exit: Exit) -> Exit {
        if problems.iter().any(|problem| problem.severity == Severity::Error) { Exit::Wrong } else { exit }
    }

    /// The time answers are as of: `--at`, else the clock.
    pub fn now(&self, workspace: &Workspace) -> Result<DateTime<Utc>, CliError> {
        let clock = Self::clock();
        match &self.global.at {
            None => Ok(clock),
            Some(text) => parse_moment(text, clock, workspace.time_zone)
                .map_err(|what| CliError::wrong("--at cannot be read", what)),
        }
    }

    /// A TIME of an option, relative to `now`, in the workspace's zone.
    pub fn moment(
        workspace: &Workspace,
        now: DateTime<Utc>,
        option: &str,
        text: &str,
    ) -> Result<DateTime<Utc>, CliError> {
        parse_moment(text, now, workspace.time_zone)
            .map_err(|what| CliError::wrong(format!("{option} cannot be read"), what))
    }
}

/// Says on standard error what is wrong with files.
pub fn complain_about(problems: &[Problem]) {
    for problem in problems {
        let place = match problem.line {
            0 => problem.file.display().to_string(),
            line => format!("{}:{line}:{}", problem.file.display(), problem.column),
        };
        let place = crate::domain::Safe::new(place);
        let words = match problem.severity {
            Severity::Error => "",
            Severity::Notice => "notice: ",
        };
        output::complain(&format!("tminus: {words}{place}: {}\n{}\n", problem.message, problem.rendered));
    }
}
