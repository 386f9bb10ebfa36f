//! Frozen branches: what landed on them while a freeze ran, by whom, and what excuses it.
//!
//! A branch is read along its first parents: a merge counts once, as the act that changed the
//! branch; what it brings in is its second parent's history. (A merge made the other way round, and
//! then pushed as the branch, hides the branch's own line behind the second parent.)
//!
//! Git has no record of when a commit arrived, so commits are placed by their committer date, which
//! whoever commits can write as they like. See [`dates`] for what is made of dates that cannot be.

pub mod dates;
mod excuse;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::recurrence::{Occurrence, RecurrenceError, occurrences};
use super::{Question, Safe, Service, Window, WindowKind, Workspace};

pub use dates::{Dispute, Placed, place};
pub use excuse::{Excuse, Excuses};

/// A branch of a repository and what landed on it while it was frozen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BranchLog {
    /// `main`.
    pub name: Safe,
    /// The reference that was read: a clone's `refs/remotes/origin/main` knows more of the team's
    /// branch than its own `refs/heads/main`, as of its last fetch.
    pub reference: Safe,
    /// Its newest commit.
    pub head: Safe,
    /// What landed on it, newest first; not more than a person can look through.
    pub commits: Vec<FrozenCommit>,
    /// How many more there are.
    pub more: usize,
    /// Whether the branch still held in the end what it held when the freeze began.
    pub rewritten: Rewritten,
    /// Commits dated before the freeze that this clone first saw after it began: pushed or fetched
    /// late, or dated back. `None`: this clone has no record of what it held then.
    pub late: Option<usize>,
    /// The answer is partial.
    pub warnings: Vec<Safe>,
}

/// Whether a branch was rewritten since its freeze began (a force-push), by this clone's record of
/// what it held (its reflog).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rewritten {
    /// What it held then is still in it.
    No,
    /// It is not: so many commits were taken away.
    Yes {
        /// The commit it ended in when the freeze began.
        held: Safe,
        /// Commits that are no longer in it.
        lost: usize,
    },
    /// This clone has no record that goes back so far.
    Unknown,
}

impl Rewritten {
    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Yes { .. } => "yes",
            Self::Unknown => "unknown",
        }
    }
}

/// A commit that landed on a frozen branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FrozenCommit {
    /// Its id in hex.
    pub id: Safe,
    /// Who wrote it.
    pub author: Safe,
    /// Who committed it.
    pub committer: Safe,
    /// When it was written, as it says.
    pub authored: DateTime<Utc>,
    /// When it was committed, as it says: the date that counts.
    pub committed: DateTime<Utc>,
    /// Its first line.
    pub subject: Safe,
    /// All of its message, which may name what excuses it.
    #[serde(skip)]
    pub message: Safe,
    /// Whether it brings another branch in.
    pub merge: bool,
    /// Why its dates are not to be believed.
    pub dispute: Option<Dispute>,
}

/// A freeze's occurrence whose branches are watched.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frozen<'a> {
    /// The freeze.
    pub window: &'a Window,
    /// Which of its occurrences.
    pub occurrence: Occurrence,
}

impl<'a> Frozen<'a> {
    /// The services whose repositories are watched: those the freeze applies to that have one.
    pub fn services(&self, workspace: &'a Workspace) -> impl Iterator<Item = &'a Service> + use<'a> {
        let wanted = self.window.services.as_deref();
        workspace.services.iter().filter(move |service| {
            service.repository.is_some() && wanted.is_none_or(|wanted| wanted.contains(&service.id))
        })
    }

    /// What to ask of each of them, up to an instant.
    pub fn questions(&self, workspace: &'a Workspace, until: DateTime<Utc>) -> Vec<Question> {
        let to = self.occurrence.end.min(until);
        self.services(workspace).map(|service| self.question(&service.id, to)).collect()
    }

    /// What to ask of one service's repository.
    pub fn question(&self, service: &str, to: DateTime<Utc>) -> Question {
        Question::FrozenBranches {
            service: service.to_owned(),
            branches: self.window.branches.clone(),
            from: self.occurrence.start,
            to,
        }
    }
}

/// The occurrences of freezes with branches that began by `now` and touch [from, to), sorted by
/// start and id; and the windows whose rule cannot be expanded.
pub fn frozen(
    workspace: &Workspace,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    now: DateTime<Utc>,
) -> (Vec<Frozen<'_>>, Vec<(&Window, RecurrenceError)>) {
    let (mut found, mut unreadable) = (Vec::new(), Vec::new());
    let watched = workspace.windows.iter();
    for window in watched.filter(|it| it.kind == WindowKind::Freeze && !it.branches.is_empty()) {
        match occurrences(window, from, to) {
            Ok(all) => found.extend(
                all.into_iter()
                    .filter(|occurrence| occurrence.start <= now)
                    .map(|occurrence| Frozen { window, occurrence }),
            ),
            Err(why) => unreadable.push((window, why)),
        }
    }
    found.sort_by(|one, other| {
        (one.occurrence.start, &one.window.id).cmp(&(other.occurrence.start, &other.window.id))
    });
    (found, unreadable)
}

/// Whether a log is in order: nothing unexcused landed, nothing was taken away, all was read.
/// `None`: that is not known.
pub fn is_kept(workspace: &Workspace, window: &Window, log: &BranchLog) -> Option<bool> {
    if unauthorised(workspace, window, log) > 0 || matches!(log.rewritten, Rewritten::Yes { .. }) {
        return Some(false);
    }
    log.warnings.is_empty().then_some(true)
}

/// How many commits of a log nothing excuses; those that were not read count too.
pub fn unauthorised(workspace: &Workspace, window: &Window, log: &BranchLog) -> usize {
    let excuses = Excuses::new(workspace, window);
    log.commits.iter().filter(|commit| excuses.of(commit).is_none()).count() + log.more
}
