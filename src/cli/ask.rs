//! Questions to the outside from the command line: all at once, each answered or not.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::future::join_all;

use super::CliError;
use crate::backend::Backends;
use crate::domain::question::{Answer, Question, Running};
use crate::domain::{Failure, FailureKind, Workspace};

/// What runs in each of these environments, in their order.
pub fn running(
    workspace: &Workspace,
    environments: &[&str],
    now: DateTime<Utc>,
) -> Result<Vec<Result<Running, Failure>>, CliError> {
    let questions: Vec<Question> = environments
        .iter()
        .map(|environment| Question::Running { environment: (*environment).to_owned() })
        .collect();
    let answers = all(workspace, &questions, now)?;
    let running = answers.into_iter().map(|answer| match answer? {
        Answer::Running(running) => Ok(running),
        _ => Err(Failure::new(FailureKind::Internal, "the answer is to another question", "report this")),
    });
    Ok(running.collect())
}

/// Where questions to the outside run.
pub fn runtime() -> Result<tokio::runtime::Runtime, CliError> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| {
        CliError::unknown(format!("nothing can be asked: {error}"), "free some memory or file handles")
    })
}

/// The answers to questions, in their order; one that fails fails alone.
pub fn all(
    workspace: &Workspace,
    questions: &[Question],
    now: DateTime<Utc>,
) -> Result<Vec<Result<Answer, Failure>>, CliError> {
    let runtime = runtime()?;
    let backends = Backends::new(Arc::new(workspace.clone()));
    Ok(runtime.block_on(join_all(questions.iter().map(|question| backends.answer(question, now)))))
}
