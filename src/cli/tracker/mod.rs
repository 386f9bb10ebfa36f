//! `tminus tracker`: versions of the tracker beside the plan.

use clap::Subcommand;

use super::{CliError, Context, Exit, ask};
use crate::domain::question::{Answer, TrackerVersion};
use crate::domain::release::TrackerRef;
use crate::domain::tracker::Project;
use crate::domain::{Failure, FailureKind, Question, Workspace};

mod adopt;
mod list;
mod push;

/// Options of `tminus tracker`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

/// What to do with the tracker's versions.
#[derive(Debug, Subcommand)]
enum Command {
    /// List versions, with their dates there and here
    List(list::Args),
    /// Plan a version of the tracker as a draft release
    Adopt(adopt::Args),
    /// Bring a release's date to the tracker
    Push(push::Args),
}

/// Runs it.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    match &args.command {
        Command::List(args) => list::run(context, args),
        Command::Adopt(args) => adopt::run(context, args),
        Command::Push(args) => push::run(context, args),
    }
}

/// The versions of projects, in their order; one that fails fails alone.
fn versions(
    workspace: &Workspace,
    projects: &[Project],
) -> Result<Vec<Result<Vec<TrackerVersion>, Failure>>, CliError> {
    let questions: Vec<Question> = projects
        .iter()
        .map(|project| Question::TrackerVersions {
            backend: project.backend.clone(),
            project: project.key.clone(),
        })
        .collect();
    let answers = ask::all(workspace, &questions, Context::clock())?;
    let versions = answers.into_iter().map(|answer| match answer? {
        Answer::TrackerVersions(versions) => Ok(versions),
        _ => Err(Failure::new(FailureKind::Internal, "the answer is to another question", "report this")),
    });
    Ok(versions.collect())
}

/// One version, asked for now.
fn version(workspace: &Workspace, reference: &TrackerRef) -> Result<TrackerVersion, CliError> {
    let project = Project { backend: reference.backend.clone(), key: reference.project.clone() };
    let answered = versions(workspace, &[project])?.pop();
    let all = match answered {
        Some(Ok(all)) => all,
        Some(Err(failure)) => {
            return Err(CliError::unknown(failure.what.to_string(), failure.mend.to_string()));
        }
        None => return Err(CliError::unknown("nobody answered", "report this")),
    };
    let found = all.iter().find(|version| version.name.as_str() == reference.version).cloned();
    found.ok_or_else(|| {
        let what = format!("{} has no version `{}`", reference.project, reference.version);
        let known = all.iter().map(|version| version.name.as_str());
        let mend = match crate::store::nearest(&reference.version, known) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "`tminus tracker list --all` names those that are".to_owned(),
        };
        CliError::wrong(what, mend)
    })
}

/// `jira:PAY/4.2.0`, as typed; the backend may be left out where there is one tracker.
fn reference(workspace: &Workspace, text: &str) -> Result<TrackerRef, CliError> {
    use crate::domain::workspace::BackendKind;
    let trackers = || workspace.backends.iter().filter(|backend| backend.kind == BackendKind::Jira);
    let whole = match (trackers().next(), trackers().nth(1)) {
        (Some(only), None) if !text.contains(':') => format!("{}:{text}", only.name),
        _ => text.to_owned(),
    };
    TrackerRef::parse(&whole).ok_or_else(|| {
        let what = format!("`{}` is not a version in a tracker", crate::domain::Safe::new(text));
        CliError::wrong(what, "write backend:project/version, jira:PAY/4.2.0")
    })
}
