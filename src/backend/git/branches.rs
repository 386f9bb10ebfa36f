//! What landed on branches while they were frozen.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::repository::Repository;
use super::{Git, glob};
use crate::backend::capability::{Answering, BranchesSource};
use crate::domain::frozen::{BranchLog, Dispute, FrozenCommit, Rewritten, place};
use crate::domain::{Failure, FailureKind, Safe, Service};

/// Branches looked at for one question.
const MOST_BRANCHES: usize = 20;
/// Commits of a branch whose dates are compared, newest first.
const WALKED: usize = 5000;
/// Commits of a branch that are told of in full.
const TOLD: usize = 200;
/// A branch's name, commit and whether it only stands for another.
const REFERENCE: &str = "--format=%(refname)%00%(objectname)%00%(symref)%00%(objecttype)";
/// A commit in full, its fields apart by NUL.
const COMMIT: &str = "--format=%H%x00%an%x00%cn%x00%at%x00%ct%x00%P%x00%s%x00%B%x00";

/// A branch to look at.
struct Branch {
    name: String,
    reference: String,
    head: String,
}

impl Git {
    async fn landed_on(
        &self,
        service: &Service,
        globs: &[String],
        during: (DateTime<Utc>, DateTime<Utc>),
        now: DateTime<Utc>,
    ) -> Result<Vec<BranchLog>, Failure> {
        let repository = self.repository(service)?;
        let listed = repository.git(&["for-each-ref", REFERENCE, "refs/heads", "refs/remotes"]).await?;
        let branches = branches(&listed, globs);
        if branches.is_empty() {
            let what = format!("git: {} has no branch {}", service.id, globs.join(" or "));
            let mend = "git fetch, or correct `branches` of the freeze";
            return Err(Failure::new(FailureKind::NotFound, what, mend));
        }
        let shallow = repository.git(&["rev-parse", "--is-shallow-repository"]).await?;
        let whole = shallow.trim_ascii() != b"true";
        let left_out = branches.len().saturating_sub(MOST_BRANCHES);
        let mut logs = Vec::new();
        for branch in branches.into_iter().take(MOST_BRANCHES) {
            logs.push(log(&repository, branch, during, now, whole).await?);
        }
        if left_out > 0
            && let Some(last) = logs.last_mut()
        {
            last.warnings.push(Safe::new(format!("{left_out} more branches match and were not read")));
        }
        Ok(logs)
    }
}

impl BranchesSource for Git {
    fn landed<'a>(
        &'a self,
        service: &'a Service,
        globs: &'a [String],
        during: (DateTime<Utc>, DateTime<Utc>),
        now: DateTime<Utc>,
    ) -> Answering<'a, Vec<BranchLog>> {
        Box::pin(self.landed_on(service, globs, during, now))
    }
}

/// The branches that match, by name. Where a clone follows a branch of `origin` (or of another
/// remote), that is the team's branch, and the clone's own may lag behind or hold what nobody has
/// seen yet.
fn branches(listed: &[u8], globs: &[String]) -> Vec<Branch> {
    let mut found: BTreeMap<String, (u8, Branch)> = BTreeMap::new();
    for line in listed.split(|byte| *byte == b'\n') {
        let fields: Vec<&str> =
            line.split(|byte| *byte == 0).filter_map(|it| str::from_utf8(it).ok()).collect();
        let [reference, head, "", "commit"] = fields.as_slice() else { continue };
        let (rank, name) = if let Some(name) = reference.strip_prefix("refs/heads/") {
            (2, name)
        } else if let Some(rest) = reference.strip_prefix("refs/remotes/")
            && let Some((remote, name)) = rest.split_once('/')
        {
            (u8::from(remote != "origin"), name)
        } else {
            continue;
        };
        if !globs.iter().any(|glob| glob::matches(glob, name)) {
            continue;
        }
        let branch =
            Branch { name: name.to_owned(), reference: (*reference).to_owned(), head: (*head).to_owned() };
        match found.get(name) {
            Some((known, _)) if *known <= rank => {}
            _ => {
                found.insert(name.to_owned(), (rank, branch));
            }
        }
    }
    found.into_values().map(|(_, branch)| branch).collect()
}

async fn log(
    repository: &Repository,
    branch: Branch,
    during: (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
    whole: bool,
) -> Result<BranchLog, Failure> {
    let mut warnings = Vec::new();
    let walk = walk(repository, &branch.head).await?;
    let placed = place(&walk.iter().map(|(_, date)| *date).collect::<Vec<_>>(), now);
    let cut = walk.len() >= WALKED || !whole;
    if cut && placed.first().is_none_or(|oldest| !oldest.is_before(during.0)) {
        warnings.push(Safe::new("its history here does not go back to before the freeze"));
    }
    // Oldest first until here; people look at the newest first.
    let within: Vec<(&str, Option<Dispute>)> = walk
        .iter()
        .zip(&placed)
        .rev()
        .filter(|(_, placed)| placed.touches(during.0, during.1))
        .map(|((id, _), placed)| (id.as_str(), placed.dispute))
        .collect();
    let more = within.len().saturating_sub(TOLD);
    let commits = tell(repository, &within[..within.len() - more]).await?;
    let end = during.1.min(now);
    let (rewritten, late) = match held(repository, &branch.reference, [during.0, end]).await? {
        [Some(began), Some(ended)] => {
            let dated_before = walk.iter().zip(&placed).filter(|(_, placed)| placed.is_before(during.0));
            let dated_before = dated_before.map(|((id, _), _)| id.as_str()).collect();
            compare(repository, &began, &ended, &dated_before).await?
        }
        _ => (Rewritten::Unknown, None),
    };
    Ok(BranchLog {
        name: Safe::new(branch.name),
        reference: Safe::new(branch.reference),
        head: Safe::new(branch.head),
        commits,
        more,
        rewritten,
        late,
        warnings,
    })
}

/// The commits of a branch along its first parents with their committer dates, oldest first.
async fn walk(repository: &Repository, head: &str) -> Result<Vec<(String, DateTime<Utc>)>, Failure> {
    let most = format!("--max-count={WALKED}");
    let listed = repository
        .git(&[
            "log",
            "--first-parent",
            &most,
            "--no-color",
            "--format=%H %ct",
            "--end-of-options",
            head,
            "--",
        ])
        .await?;
    let listed = String::from_utf8_lossy(&listed);
    let mut commits: Vec<_> = listed
        .lines()
        .filter_map(|line| {
            let (id, seconds) = line.split_once(' ')?;
            Some((id.to_owned(), instant(seconds)))
        })
        .collect();
    commits.reverse();
    Ok(commits)
}

/// A date that no calendar holds is as good as none: the beginning of time.
fn instant(seconds: &str) -> DateTime<Utc> {
    let seconds = seconds.trim().parse().unwrap_or(0);
    DateTime::from_timestamp(seconds, 0).unwrap_or(DateTime::UNIX_EPOCH)
}

async fn tell(
    repository: &Repository,
    commits: &[(&str, Option<Dispute>)],
) -> Result<Vec<FrozenCommit>, Failure> {
    if commits.is_empty() {
        return Ok(Vec::new());
    }
    let mut arguments = vec!["log", "--no-walk=unsorted", "--no-color", "-z", COMMIT, "--end-of-options"];
    arguments.extend(commits.iter().map(|(id, _)| *id));
    arguments.push("--");
    let listed = repository.git(&arguments).await?;
    let fields: Vec<&[u8]> = listed.split(|byte| *byte == 0).collect();
    // Eight fields and, because of -z, an empty one between commits.
    let read = fields.chunks(9).zip(commits).filter_map(|(fields, (_, dispute))| {
        let [id, author, committer, authored, committed, parents, subject, message, ..] = fields else {
            return None;
        };
        let (authored, committed) =
            (instant(str::from_utf8(authored).ok()?), instant(str::from_utf8(committed).ok()?));
        Some(FrozenCommit {
            id: Safe::from_bytes(id),
            author: Safe::from_bytes(author),
            committer: Safe::from_bytes(committer),
            authored,
            committed,
            subject: Safe::from_bytes(subject),
            message: Safe::multiline(String::from_utf8_lossy(message)),
            merge: parents.contains(&b' '),
            dispute: dispute.or((authored > committed).then_some(Dispute::AuthoredLater)),
        })
    });
    let read: Vec<FrozenCommit> = read.collect();
    if read.len() == commits.len() {
        return Ok(read);
    }
    let what = format!("git: {} of {} commits could be read", read.len(), commits.len());
    Err(Failure::new(FailureKind::Garbled, what, "is the repository sound? git fsck tells"))
}

/// What this clone's reference held at two instants, by its reflog; `None`: the reflog does not go
/// back so far, or there is none (bare repositories keep none unless told to).
async fn held(
    repository: &Repository,
    reference: &str,
    instants: [DateTime<Utc>; 2],
) -> Result<[Option<String>; 2], Failure> {
    let most = format!("--max-count={WALKED}");
    let listed = repository
        .git(&["log", "-g", &most, "--date=unix", "--format=%H %gd", "--end-of-options", reference, "--"])
        .await?;
    let listed = String::from_utf8_lossy(&listed);
    // `ID refs/heads/main@{1795000000}`, newest first.
    let entries: Vec<(&str, DateTime<Utc>)> = listed
        .lines()
        .filter_map(|line| {
            let (id, selector) = line.split_once(' ')?;
            let seconds = selector.rsplit_once("@{")?.1.strip_suffix('}')?;
            Some((id, instant(seconds)))
        })
        .collect();
    Ok(instants.map(|at| {
        let before = entries.iter().find(|(_, moved)| *moved <= at);
        before.map(|(id, _)| (*id).to_owned())
    }))
}

/// Whether the branch still held in the end what it held when the freeze began, and how much of
/// what came is dated before that.
async fn compare(
    repository: &Repository,
    began: &str,
    ended: &str,
    dated_before: &BTreeSet<&str>,
) -> Result<(Rewritten, Option<usize>), Failure> {
    let base = ["merge-base", "--is-ancestor", "--end-of-options", began, ended];
    let rewritten = match repository.git_or_no(&base).await {
        Ok(Some(_)) => Rewritten::No,
        Ok(None) => {
            let gone = format!("{ended}..{began}");
            let count = repository.git(&["rev-list", "--count", "--end-of-options", &gone, "--"]).await?;
            let lost = String::from_utf8_lossy(&count).trim().parse().unwrap_or(1);
            Rewritten::Yes { held: Safe::new(began), lost }
        }
        // What it held was cleaned away since.
        Err(failure) if failure.kind == FailureKind::Command => return Ok((Rewritten::Unknown, None)),
        Err(failure) => return Err(failure),
    };
    let since = format!("{began}..{ended}");
    let came = repository.git(&["rev-list", "--first-parent", "--end-of-options", &since, "--"]).await?;
    let late = String::from_utf8_lossy(&came).lines().filter(|id| dated_before.contains(id)).count();
    Ok((rewritten, Some(late)))
}
