//! Names that people type: what they mean, or what they probably meant.

use super::CliError;
use crate::domain::{Environment, Release, Safe, Service, Workspace};
use crate::store::nearest;

/// The release with this id.
pub fn release<'a>(workspace: &'a Workspace, id: &str) -> Result<&'a Release, CliError> {
    let known = || workspace.releases.iter().map(|release| release.id.as_str());
    workspace.release(id).ok_or_else(|| unknown("release", id, known(), "`tminus release list` names them"))
}

/// The service with this id.
pub fn service<'a>(workspace: &'a Workspace, id: &str) -> Result<&'a Service, CliError> {
    let known = || workspace.services.iter().map(|service| service.id.as_str());
    workspace.service(id).ok_or_else(|| unknown("service", id, known(), "add it to tminus.toml"))
}

/// The environment with this id.
pub fn environment<'a>(workspace: &'a Workspace, id: &str) -> Result<&'a Environment, CliError> {
    let known = || workspace.environments.iter().map(|environment| environment.id.as_str());
    workspace.environment(id).ok_or_else(|| unknown("environment", id, known(), "add it to tminus.toml"))
}

/// An error about a name that nothing has, with the one that was probably meant.
fn unknown<'a>(what: &str, id: &str, known: impl Iterator<Item = &'a str> + Clone, mend: &str) -> CliError {
    let happened = format!("unknown {what} `{}`", Safe::new(id));
    if let Some(meant) = nearest(id, known.clone()) {
        return CliError::wrong(happened, format!("did you mean `{meant}`?"));
    }
    let mut words: Vec<&str> = known.collect();
    words.sort_unstable();
    let mend = match words.len() {
        1..=8 => format!("known are {}; or {mend}", words.join(", ")),
        _ => mend.to_owned(),
    };
    CliError::wrong(happened, mend)
}
