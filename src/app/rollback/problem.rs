//! What is missing or in the way.

use crate::app;
use crate::domain::Face;
use crate::domain::backout::{Backout, MissingKind};
use crate::domain::question::Running;
use crate::domain::version::same_version;

use super::subject::Target;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gravity {
    /// Without it there is no way back.
    Bad,
    /// Not known, so not to be trusted.
    Unknown,
    /// Deserves attention.
    Attention,
}

impl Gravity {
    /// The word used in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Bad => "missing",
            Self::Unknown => "unknown",
            Self::Attention => "attention",
        }
    }
}

/// Something missing or in the way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// How bad it is.
    pub gravity: Gravity,
    /// The service it is about; empty: all of them.
    pub service: String,
    /// What.
    pub what: String,
    /// What to do about it.
    pub mend: String,
}

/// Everything missing or in the way, the worst first. That what runs is not known is said by the
/// plan's knowledge.
pub fn find(
    state: &app::State,
    backout: &Backout,
    target: &Target,
    running: Option<&Running>,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for missing in backout.missing.iter().filter(|missing| missing.kind != MissingKind::RunningUnknown) {
        let service = missing.service.clone().unwrap_or_default();
        let mut mend = missing.mend.to_string();
        let gravity = match missing.kind {
            MissingKind::PreviousUnknown => {
                match state.remotes.tags(&service, state.now) {
                    Face::Loading => "its tags are being read".clone_into(&mut mend),
                    Face::Failed(trouble) => mend = trouble.failure.to_string(),
                    _ => {}
                }
                Gravity::Unknown
            }
            MissingKind::RunningUnknown => Gravity::Unknown,
            MissingKind::NotRunning | MissingKind::NoVerify | MissingKind::NoDone => Gravity::Attention,
            MissingKind::Incompatible
            | MissingKind::NoPlaybook
            | MissingKind::NoSteps
            | MissingKind::NoCommand
            | MissingKind::NoValue
            | MissingKind::UnknownTemplate => Gravity::Bad,
        };
        let step = missing.step.as_ref().filter(|step| !missing.what.contains(step.as_str()));
        let what = match (step, &missing.service) {
            (Some(step), _) => format!("{service}, step {step}: {}", missing.what),
            (None, Some(service)) if !missing.what.contains(service.as_str()) => {
                format!("{service}: {}", missing.what)
            }
            _ => missing.what.to_string(),
        };
        problems.push(Problem { gravity, service, what, mend });
    }
    if let Some(running) = running {
        problems.extend(what_else_runs(backout, target, running));
    }
    problems.sort();
    problems.dedup();
    problems
}

/// Versions that are neither the one to leave nor the one to return to; and partial answers.
fn what_else_runs(backout: &Backout, target: &Target, running: &Running) -> Vec<Problem> {
    let mut problems = Vec::new();
    for warning in &running.warnings {
        problems.push(Problem {
            gravity: Gravity::Unknown,
            service: String::new(),
            what: format!("what runs in {} was answered only in part: {warning}", target.environment),
            mend: "what is not listed may still run".to_owned(),
        });
    }
    for plan in backout.waves.iter().flatten() {
        let to = plan.to.as_ref().map(|to| to.version.as_str());
        for share in plan.running.iter().flatten() {
            let known = same_version(&share.version, &plan.from)
                || to.is_some_and(|to| same_version(&share.version, to));
            if !known {
                problems.push(Problem {
                    gravity: Gravity::Attention,
                    service: plan.service.clone(),
                    what: format!(
                        "{} also runs {} in {target}, which is neither",
                        plan.service, share.version
                    ),
                    mend: "find out why before anything is brought back".to_owned(),
                });
            }
        }
    }
    problems
}
