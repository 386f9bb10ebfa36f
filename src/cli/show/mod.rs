//! `tminus show`: a release's run of show, and what is done to it.

use chrono::{DateTime, Utc};
use clap::Subcommand;

use super::{CliError, Context, Exit, ask, names, output, release};
use crate::domain::question::Checked;
use crate::domain::show::changes::{self, Refused};
use crate::domain::show::{Check, CountTime, Reckoning, StepDeed, StepState, reckon};
use crate::domain::{Answer, Edit, Failure, Patch, Question, Release, Workspace};
use crate::store;

mod document;
mod text;

pub use document::{count_json, holds_json, steps_json};

/// Options of `tminus show`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The release
    #[arg(value_name = "RELEASE")]
    release: String,
    /// Who does it; without it, who is signed in
    #[arg(long, global = true, value_name = "NAME")]
    by: Option<String>,
    #[command(subcommand)]
    deed: Option<Deed>,
}

/// What is done.
#[derive(Debug, Subcommand)]
enum Deed {
    /// A step begins
    Start(StepArgs),
    /// A step is done
    Done(StepArgs),
    /// A step is left out
    Skip(SkipArgs),
    /// As if nothing had happened to a step
    Reopen(StepArgs),
    /// A step goes to another time on the count
    Move(MoveArgs),
    /// Ask a step's check; the step is done when it holds
    Check(StepArgs),
    /// Hold the count
    Hold(HoldArgs),
    /// Let the count go on
    Resume,
}

#[derive(Debug, clap::Args)]
struct StepArgs {
    /// The step
    #[arg(value_name = "STEP")]
    step: String,
}

#[derive(Debug, clap::Args)]
struct SkipArgs {
    /// The step
    #[arg(value_name = "STEP")]
    step: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

#[derive(Debug, clap::Args)]
struct MoveArgs {
    /// The step
    #[arg(value_name = "STEP")]
    step: String,
    /// When on the count: T-2d, T-1h30m, T+72h
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    to: String,
}

#[derive(Debug, clap::Args)]
struct HoldArgs {
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

/// Runs it.
pub fn run(context: &Context, args: Args) -> Result<Exit, CliError> {
    match args.deed {
        None => show(context, &args.release),
        Some(deed) => {
            let by = args.by.or_else(store::person::signed_in);
            act(context, &args.release, &deed, by.as_deref())
        }
    }
}

/// What became of a step's check; `None`: it is not looked at now.
pub type Checks = Vec<(String, Result<Checked, Failure>)>;

fn show(context: &Context, id: &str) -> Result<Exit, CliError> {
    let opened = context.open()?;
    let workspace = &opened.workspace;
    let release = names::release(workspace, id)?;
    let now = context.now(workspace)?;
    let reckoning = reckoned(release, workspace, now)?;
    let checks = watched(workspace, &reckoning)?;
    for (step, answer) in &checks {
        if let Err(failure) = answer {
            output::complain(&format!("tminus: {step}: {failure}"));
        }
    }
    if context.global.json {
        output::print_json("show", document::of(release, &reckoning, &checks));
    } else {
        output::print(&text::of(release, &reckoning, &checks));
    }
    let exit = if !reckoning.is_on_plan() {
        Exit::No
    } else if checks.iter().any(|(_, answer)| answer.is_err()) {
        Exit::Unknown
    } else {
        Exit::Yes
    };
    Ok(Context::exit_with(&opened.problems, exit))
}

fn reckoned<'a>(
    release: &'a Release,
    workspace: &Workspace,
    now: DateTime<Utc>,
) -> Result<Reckoning<'a>, CliError> {
    if release.show.is_empty() {
        return Err(CliError::wrong(
            format!("{} has no run of show", release.id),
            format!("write its steps as [[step]] in releases/{}.toml", release.id),
        ));
    }
    reckon(release, workspace.time_zone, now)
        .map_err(|what| CliError::unknown(what, format!("mend releases/{}.toml", release.id)))
}

/// The checks by query of the steps that could be done now. Programs run only where
/// `tminus show RELEASE check STEP` asks for it.
fn watched(workspace: &Workspace, reckoning: &Reckoning<'_>) -> Result<Checks, CliError> {
    let release = reckoning.release.id.clone();
    let is_open = |state| matches!(state, StepState::Ready | StepState::Running);
    let steps: Vec<String> = reckoning
        .steps
        .iter()
        .filter(|step| is_open(step.state) && matches!(step.step.check, Some(Check::Query { .. })))
        .map(|step| step.step.id.clone())
        .collect();
    if steps.is_empty() || reckoning.clock.is_over {
        return Ok(Vec::new());
    }
    let questions: Vec<Question> = steps
        .iter()
        .map(|step| Question::StepQuery { release: release.clone(), step: step.clone() })
        .collect();
    let answers = ask::all(workspace, &questions, reckoning.now)?;
    Ok(steps.into_iter().zip(answers.into_iter().map(checked)).collect())
}

fn checked(answer: Result<Answer, Failure>) -> Result<Checked, Failure> {
    match answer? {
        Answer::Checked(checked) => Ok(checked),
        _ => Err(Failure::new(
            crate::domain::FailureKind::Internal,
            "the answer is to another question",
            "report this",
        )),
    }
}

fn act(context: &Context, id: &str, deed: &Deed, by: Option<&str>) -> Result<Exit, CliError> {
    let root = release::writable(context)?;
    let zone = store::read_zone(&root);
    let known = release::read(&root, id)?;
    let now = happened(context, zone)?;
    let step = |step: &StepArgs, deed: StepDeed| {
        changes::change_step(&known, zone, &step.step, &deed, by, now).map_err(refused)
    };
    let patch = match deed {
        Deed::Start(args) => step(args, StepDeed::Start)?,
        Deed::Done(args) => step(args, StepDeed::Finish)?,
        Deed::Reopen(args) => step(args, StepDeed::Reopen)?,
        Deed::Skip(SkipArgs { step: id, reason }) => {
            step(&StepArgs { step: id.clone() }, StepDeed::Skip { reason: reason.clone() })?
        }
        Deed::Move(MoveArgs { step: id, to }) => {
            let to = CountTime::parse(to).map_err(|what| CliError::wrong("--to cannot be read", what))?;
            step(&StepArgs { step: id.clone() }, StepDeed::Move(to))?
        }
        Deed::Check(args) => return check(context, &known, &args.step, now),
        Deed::Hold(args) => changes::hold(&known, zone, &args.reason, by, now).map_err(refused)?,
        Deed::Resume => changes::resume(&known, zone, now).map_err(refused)?,
    };
    save(context, id, patch)
}

/// Asks a step's check, and marks the step done where it holds.
fn check(context: &Context, known: &Release, id: &str, now: DateTime<Utc>) -> Result<Exit, CliError> {
    let opened = context.open()?;
    let workspace = &opened.workspace;
    // What cannot be done now is refused before a program runs for it.
    let patch = changes::change_step(known, workspace.time_zone, id, &StepDeed::Finish, Some("check"), now)
        .map_err(refused)?;
    let (release, step) = (known.id.clone(), id.to_owned());
    let question = match known.show.step(id).and_then(|step| step.check.as_ref()) {
        Some(Check::Query { .. }) => Question::StepQuery { release, step },
        Some(Check::Command { .. }) => Question::StepCommand { release, step },
        None => {
            let mend = format!("write check = … under it, or `tminus show {release} done {step}`");
            return Err(CliError::wrong(format!("the step {step} has no check"), mend));
        }
    };
    let answer = ask::all(workspace, &[question], now)?.pop().map(checked);
    match answer {
        Some(Ok(Checked { holds: true, found })) => {
            output::complain(&format!("tminus: {id}: {found}"));
            save(context, &known.id, patch)
        }
        Some(Ok(Checked { holds: false, found })) => {
            Err(CliError::refused(format!("{id} is not done yet ({found})"), "ask again later"))
        }
        Some(Err(failure)) => Err(CliError::unknown(failure.what.to_string(), failure.mend.to_string())),
        None => Err(CliError::unknown("nobody answered", "report this")),
    }
}

/// When something happened: now, or `--at`. What is still to come has not happened by now, and is
/// written all the same: whoever rehearses a day says so.
fn happened(context: &Context, zone: chrono_tz::Tz) -> Result<DateTime<Utc>, CliError> {
    let workspace = Workspace { time_zone: zone, ..Workspace::default() };
    let at = context.now(&workspace)?;
    if at > Context::clock() {
        output::complain("tminus: notice: --at is still to come: until then it counts as not yet done");
    }
    Ok(at)
}

fn save(context: &Context, id: &str, patch: Patch) -> Result<Exit, CliError> {
    let root = release::writable(context)?;
    let title = patch.title.clone();
    let outcome = release::apply(&root, &Edit::Patch(patch))?;
    release::report(context, &root, id, &title, outcome)
}

fn refused(refused: Refused) -> CliError {
    CliError::refused(refused.what, refused.mend)
}
