//! What is to be watched: from the name of a release or a service to services in environments.

use chrono::{DateTime, Utc};

use super::super::{CliError, names};
use super::Args;
use crate::domain::analysis::subject::{Phase, Subject};
use crate::domain::{Release, Safe, Workspace};

/// A service in an environment.
#[derive(Debug, Clone)]
pub struct Target {
    /// The service.
    pub service: String,
    /// The environment.
    pub environment: String,
    /// The region, where only one is wanted.
    pub region: Option<String>,
    /// The release that brings the version, and that version.
    pub release: Option<String>,
    /// The version that is waited for.
    pub version: Option<String>,
}

impl Target {
    /// The subject, where it is the one that is waited for; a rollout of another version is none of
    /// this release.
    pub fn fitting(&self, subject: Subject) -> Subject {
        let plain = |version: &str| version.trim_start_matches('v').to_owned();
        let Some(wanted) = self.version.as_ref() else { return subject };
        if plain(wanted) == plain(&subject.to) || subject.phase == Phase::None {
            return subject;
        }
        let doubt = format!("{} runs {}, not {}", self.service, subject.to, Safe::new(wanted));
        Subject { phase: Phase::None, to: Safe::new(""), from: None, doubt: Some(doubt), ..subject }
    }
}

/// What a name stands for.
pub fn of(workspace: &Workspace, args: &Args, now: DateTime<Utc>) -> Result<Vec<Target>, CliError> {
    if let Some(environment) = &args.environment {
        names::environment(workspace, environment)?;
    }
    names::scope(workspace, &[], &[], args.region.as_slice())?;
    let target = |service: &str, environment: &str, release: Option<&Release>| Target {
        service: service.to_owned(),
        environment: environment.to_owned(),
        region: args.region.clone(),
        release: release.map(|release| release.id.clone()),
        version: release.and_then(|release| release.version_of(service)).map(str::to_owned),
    };
    if let Some(release) = workspace.release(&args.name) {
        let environment = args.environment.as_deref().or_else(|| stage(release, now));
        let environment = environment.map_or_else(|| last(workspace), Ok)?;
        if release.items.is_empty() {
            let what = format!("{} brings no service", Safe::new(&release.id));
            return Err(CliError::wrong(what, "name its services with `tminus release edit`"));
        }
        let services = release.items.iter().filter(|item| workspace.service(&item.service).is_some());
        let targets: Vec<Target> =
            services.map(|item| target(&item.service, environment, Some(release))).collect();
        if targets.is_empty() {
            let what = format!("no service of {} is in tminus.toml", Safe::new(&release.id));
            return Err(CliError::wrong(what, "write its [[service]]"));
        }
        return Ok(targets);
    }
    let service = names::service(workspace, &args.name).map_err(|error| {
        CliError::wrong(error.what.replace("unknown service", "unknown release or service"), error.mend)
    })?;
    let environment = args.environment.as_deref().map_or_else(|| last(workspace), Ok)?;
    Ok(vec![target(&service.id, environment, None)])
}

/// Where the latest stage that has begun is; before the first, there.
fn stage(release: &Release, now: DateTime<Utc>) -> Option<&str> {
    let begun = release.stages.iter().filter(|stage| stage.start <= now).max_by_key(|stage| stage.start);
    let stage = begun.or_else(|| release.stages.iter().min_by_key(|stage| stage.start))?;
    Some(stage.environment.as_str()).filter(|environment| !environment.is_empty())
}

/// The last environment in promotion order that tells what runs there.
fn last(workspace: &Workspace) -> Result<&str, CliError> {
    let known = workspace.environments.iter().rev().find(|environment| environment.versions.is_some());
    known.map(|environment| environment.id.as_str()).ok_or_else(|| {
        CliError::wrong(
            "no environment tells which versions run there",
            "write versions = … under an [[environment]] in tminus.toml",
        )
    })
}
