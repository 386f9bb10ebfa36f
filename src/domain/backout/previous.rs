//! Which version to go back to.

use chrono::{DateTime, Utc};

use crate::domain::question::Tag;
use crate::domain::release::Status;
use crate::domain::version::{parse_version, same_version};
use crate::domain::{Release, Service, Workspace};

/// The version to go back to, and who says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Previous {
    /// The version.
    pub version: String,
    /// Who says so.
    pub source: PreviousSource,
}

/// Who says which version to go back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PreviousSource {
    /// The last completed release that brought it, by id.
    Release(String),
    /// The version tag before, by its name.
    Tag(String),
    /// It was seen to run: before the version to leave, or now, where that has not begun.
    Seen,
}

/// What the last release completed in an environment before `until` brought of a service, other
/// than the version to leave.
pub(super) fn by_release(
    workspace: &Workspace,
    service: &str,
    leaving: &str,
    place: (&str, Option<&str>),
    until: DateTime<Utc>,
) -> Option<Previous> {
    let ended = |release: &Release| stages_in(release, place).map(|(_, end)| end).max();
    let completed = workspace.releases.iter().filter(|release| release.status == Status::Completed);
    let brought = completed.filter_map(|release| {
        let version = release.version_of(service).filter(|version| !same_version(version, leaving))?;
        Some((ended(release).filter(|end| *end <= until)?, &release.id, version))
    });
    let (_, release, version) = brought.max()?;
    Some(Previous { version: version.to_owned(), source: PreviousSource::Release(release.clone()) })
}

/// Start and end of a release's stages in an environment and, where one is named, region.
pub(super) fn stages_in<'a>(
    release: &'a Release,
    (environment, region): (&'a str, Option<&'a str>),
) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> + 'a {
    let here = release.stages.iter().filter(move |stage| {
        let meets = region.is_none() || stage.region.is_none() || stage.region.as_deref() == region;
        stage.environment == environment && meets
    });
    here.map(|stage| (stage.start, stage.end))
}

/// The version tag made before that of the version to leave. Prereleases are passed over,
/// unless it is one itself.
pub(super) fn by_tag(service: &Service, leaving: &str, tags: &[Tag]) -> Option<Previous> {
    let glob = service.tags.as_deref().unwrap_or_default();
    let prefix = glob.split(['*', '?', '[']).next().unwrap_or_default();
    let version = |tag: &Tag| -> String {
        let name = tag.name.as_str();
        let stripped = name.strip_prefix(prefix).unwrap_or(name);
        // `v*` is a glob over names; the version itself is written as the one to leave is.
        let stripped = stripped.strip_prefix('v').unwrap_or(stripped);
        if leaving.starts_with('v') { format!("v{stripped}") } else { stripped.to_owned() }
    };
    let is_prerelease = |text: &str| parse_version(text).is_some_and(|version| !version.pre.is_empty());
    let left = tags.iter().find(|tag| same_version(&version(tag), leaving))?;
    let number = |tag: &Tag| parse_version(&version(tag));
    let mut latest: Option<&Tag> = None;
    for tag in tags.iter().filter(|tag| tag.at < left.at) {
        // Tags come newest first, so nearly all of thousands are passed over by their time.
        let later = match latest {
            None => true,
            Some(found) if found.at == tag.at => number(found) <= number(tag),
            Some(found) => found.at < tag.at,
        };
        if later && (is_prerelease(leaving) || !is_prerelease(&version(tag))) {
            latest = Some(tag);
        }
    }
    let tag = latest?;
    Some(Previous { version: version(tag), source: PreviousSource::Tag(tag.name.as_str().to_owned()) })
}
