//! Repositories, by git's own command line: the person's git, configuration and worktrees apply.

mod branches;
pub mod glob;
mod repository;

use std::path::PathBuf;

use chrono::DateTime;

use self::repository::Repository;
use super::capability::{Answering, ChangesSource, IdentitySource, VersionsSource};
use super::http::Limits;
use crate::domain::question::{Changes, Commit, Identity, Tag};
use crate::domain::{Failure, FailureKind, Safe, Service};

/// How many commits of a change are listed.
const LISTED: &str = "--max-count=50";
/// One line a tag, its fields apart by NUL.
const TAG_FIELDS: &str = "--format=%(refname:strip=2)%00%(creatordate:iso-strict)%00%(objecttype)%00%(*objecttype)%00%(contents:subject)";

/// One commit, its fields apart by NUL.
const COMMIT_FIELDS: &str = "--format=%H%x00%an%x00%cI%x00%s%x00";
/// What a workspace consists of, in its folder.
const WORKSPACE_FILES: [&str; 4] = ["tminus.toml", "releases", "windows.toml", "playbooks"];

/// The repositories of a workspace.
#[derive(Debug)]
pub struct Git {
    root: Option<PathBuf>,
    limits: Limits,
}

impl Git {
    /// Of the workspace in this folder.
    pub fn new(root: Option<PathBuf>, limits: Limits) -> Self {
        Self { root, limits }
    }

    fn repository(&self, service: &Service) -> Result<Repository, Failure> {
        let name = service.repository.as_deref().ok_or_else(|| {
            let what = format!("git: the service {} has no repository", service.id);
            Failure::new(
                FailureKind::NotConfigured,
                what,
                "write repository = \"path\" under its [[service]]",
            )
        })?;
        Repository::named(self.root.as_deref(), name, self.limits)
    }

    async fn tags_of(&self, service: &Service) -> Result<Vec<Tag>, Failure> {
        let repository = self.repository(service)?;
        let listed =
            repository.git(&["for-each-ref", "--sort=-creatordate", TAG_FIELDS, "refs/tags"]).await?;
        let pattern = service.tags.as_deref().unwrap_or("*");
        Ok(listed.split(|byte| *byte == b'\n').filter_map(|line| tag(line, pattern)).collect())
    }

    async fn changes_of(
        &self,
        service: &Service,
        from: Option<&str>,
        to: Option<&str>,
    ) -> Result<Changes, Failure> {
        let repository = self.repository(service)?;
        let to = match to {
            Some(version) => commit_of(&repository, service, version).await?,
            None => match resolve(&repository, "HEAD").await? {
                Some(head) => head,
                // A repository without a commit: nothing came.
                None => return Ok(Changes::default()),
            },
        };
        let range = match from {
            Some(version) => format!("{}..{to}", commit_of(&repository, service, version).await?),
            None => to,
        };
        let count = ["rev-list", "--count", "--end-of-options", &range, "--"];
        let list = ["log", "--no-color", "-z", LISTED, COMMIT_FIELDS, "--end-of-options", &range, "--"];
        let (count, listed) = tokio::try_join!(repository.git(&count), repository.git(&list))?;
        let count = String::from_utf8_lossy(&count).trim().parse().unwrap_or(0);
        Ok(Changes { count, commits: commits(&listed), unkept: false })
    }

    /// The newest commits of the workspace's files, whichever folder of a repository they are in.
    async fn workspace_changes(&self) -> Result<Changes, Failure> {
        let repository = Repository::named(self.root.as_deref(), ".", self.limits)?;
        // A workspace need not be in git, and there is nothing to mend.
        if !repository.exists().await? {
            return Ok(Changes { unkept: true, ..Changes::default() });
        }
        let mut arguments =
            vec!["log", "--no-color", "-z", LISTED, COMMIT_FIELDS, "--end-of-options", "HEAD", "--"];
        arguments.extend(WORKSPACE_FILES);
        if resolve(&repository, "HEAD").await?.is_none() {
            return Ok(Changes::default());
        }
        let commits = commits(&repository.git(&arguments).await?);
        Ok(Changes { count: u32::try_from(commits.len()).unwrap_or(u32::MAX), commits, unkept: false })
    }
}

fn tag(line: &[u8], pattern: &str) -> Option<Tag> {
    let fields: Vec<&[u8]> = line.split(|byte| *byte == 0).collect();
    let [name, at, kind, target, subject] = fields.as_slice() else { return None };
    // A tag of a tree or a blob is no version.
    let commit = *kind == b"commit" || *target == b"commit";
    let name = Safe::from_bytes(name);
    let at = DateTime::parse_from_rfc3339(str::from_utf8(at).ok()?).ok()?.to_utc();
    (commit && glob::matches(pattern, &name)).then(|| Tag { name, at, subject: Safe::from_bytes(subject) })
}

fn commits(listed: &[u8]) -> Vec<Commit> {
    let fields: Vec<&[u8]> = listed.split(|byte| *byte == 0).collect();
    // Four fields and, because of -z, an empty one between commits.
    let commit = |fields: &[&[u8]]| {
        let [id, author, at, subject, ..] = fields else { return None };
        let at = DateTime::parse_from_rfc3339(str::from_utf8(at).ok()?).ok()?.to_utc();
        let (id, author, subject) =
            (Safe::from_bytes(id), Safe::from_bytes(author), Safe::from_bytes(subject));
        Some(Commit { id, author, at, subject })
    };
    fields.chunks(5).filter_map(commit).collect()
}

/// The commit of a version: its tag, as the service's glob would have it, or a commit's own id.
async fn commit_of(repository: &Repository, service: &Service, version: &str) -> Result<String, Failure> {
    let unknown = |mend: String| {
        let what = format!("git: the service {} has no version {version}", service.id);
        Failure::new(FailureKind::NotFound, what, mend)
    };
    if version.starts_with('-') || version.is_empty() {
        return Err(unknown("a version does not begin with a dash".to_owned()));
    }
    let candidates = candidates(service.tags.as_deref().unwrap_or("*"), version);
    for tag in &candidates {
        if let Some(commit) = resolve(repository, &format!("refs/tags/{tag}")).await? {
            return Ok(commit);
        }
    }
    let is_id = (7..=64).contains(&version.len()) && version.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_id && let Some(commit) = resolve(repository, version).await? {
        return Ok(commit);
    }
    Err(unknown(format!("none of the tags {} is there: git fetch --tags", candidates.join(", "))))
}

/// The tags a version could be under, the most fitting first.
fn candidates(pattern: &str, version: &str) -> Vec<String> {
    let (before, after) = glob::around(pattern);
    let bare = version.strip_prefix('v').unwrap_or(version);
    let mut names = vec![
        version.to_owned(),
        format!("{before}{version}{after}"),
        format!("{before}{bare}{after}"),
        format!("v{bare}"),
        bare.to_owned(),
    ];
    // What the glob calls a version comes before what only looks like one; the sort is stable.
    names.sort_by_key(|name| !glob::matches(pattern, name));
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}

async fn resolve(repository: &Repository, name: &str) -> Result<Option<String>, Failure> {
    let commit = format!("{name}^{{commit}}");
    let found =
        repository.git_or_no(&["rev-parse", "--verify", "--quiet", "--end-of-options", &commit]).await?;
    Ok(found.map(|id| String::from_utf8_lossy(&id).trim().to_owned()).filter(|id| !id.is_empty()))
}

impl IdentitySource for Git {
    fn identity(&self) -> Answering<'_, Identity> {
        Box::pin(async {
            let product = repository::version(&self.limits).await?;
            Ok(Identity { product, user: None, clock_skew_seconds: None })
        })
    }
}

impl VersionsSource for Git {
    fn tags<'a>(&'a self, service: &'a Service) -> Answering<'a, Vec<Tag>> {
        Box::pin(self.tags_of(service))
    }
}

impl ChangesSource for Git {
    fn changes<'a>(
        &'a self,
        service: &'a Service,
        from: Option<&'a str>,
        to: Option<&'a str>,
    ) -> Answering<'a, Changes> {
        Box::pin(self.changes_of(service, from, to))
    }

    fn of_workspace(&self) -> Answering<'_, Changes> {
        Box::pin(self.workspace_changes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_looked_for_as_the_glob_would_have_it() {
        assert_eq!(candidates("v*", "4.1.3"), ["v4.1.3", "4.1.3"]);
        assert_eq!(candidates("*", "4.1.3"), ["4.1.3", "v4.1.3"]);
        assert_eq!(candidates("pay/v*", "4.1.3"), ["pay/v4.1.3", "4.1.3", "v4.1.3"]);
        assert_eq!(candidates("release-*", "v4.1.3"), ["release-v4.1.3", "release-4.1.3", "v4.1.3", "4.1.3"]);
    }
}
