//! Names that people type: what they mean, or what they probably meant.

use super::CliError;
use crate::domain::subscription::Subscription;
use crate::domain::{Environment, Release, Safe, Service, Window, Workspace};
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

/// The window with this id.
pub fn window<'a>(workspace: &'a Workspace, id: &str) -> Result<&'a Window, CliError> {
    let known = || workspace.windows.iter().map(|window| window.id.as_str());
    let found = workspace.windows.iter().find(|window| window.id == id);
    found.ok_or_else(|| unknown("window", id, known(), "`tminus window list` names them"))
}

/// The followed calendar with this id.
pub fn calendar<'a>(workspace: &'a Workspace, id: &str) -> Result<&'a Subscription, CliError> {
    let known = || workspace.calendars.iter().map(|calendar| calendar.id.as_str());
    let found = workspace.calendars.iter().find(|calendar| calendar.id == id);
    found.ok_or_else(|| unknown("calendar", id, known(), "add it to tminus.toml: [[calendar]]"))
}

/// Refuses names of environments, services and regions that nothing has.
pub fn scope(
    workspace: &Workspace,
    environments: &[String],
    services: &[String],
    regions: &[String],
) -> Result<(), CliError> {
    environments.iter().try_for_each(|id| environment(workspace, id).map(|_| ()))?;
    services.iter().try_for_each(|id| service(workspace, id).map(|_| ()))?;
    let known = || {
        let regions = workspace.environments.iter().flat_map(|environment| &environment.regions);
        regions.map(|region| region.id.as_str())
    };
    regions.iter().try_for_each(|id| {
        if known().any(|region| region == id) {
            return Ok(());
        }
        Err(unknown("region", id, known(), "add it to an environment in tminus.toml"))
    })
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
