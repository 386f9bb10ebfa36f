//! What excuses a commit on a frozen branch.

use super::FrozenCommit;
use crate::domain::release::Exception;
use crate::domain::{Release, Window, Workspace};

/// What excuses a commit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Excuse<'a> {
    /// A break-glass exception to this freeze, which the commit names by its release's id or its
    /// ticket, or which lists the commit.
    Exception(&'a Release, &'a Exception),
    /// A release that the commit names, of a change type that the freeze lets pass.
    Allowed(&'a Release),
}

impl Excuse<'_> {
    /// The release it comes from.
    pub fn release(&self) -> &Release {
        match self {
            Self::Exception(release, _) | Self::Allowed(release) => release,
        }
    }

    /// For people.
    pub fn sentence(&self) -> String {
        match self {
            Self::Exception(release, exception) => {
                let ticket =
                    exception.ticket.as_ref().map(|ticket| format!(", {ticket}")).unwrap_or_default();
                format!("exception of {}{ticket}, by {}", release.id, exception.by)
            }
            Self::Allowed(release) => format!("{} change {}", release.change.word(), release.id),
        }
    }
}

/// What excuses a commit that landed while this window froze its branch. An exception must not have
/// lapsed when it was committed, and to a hard freeze there is none.
pub fn excuse<'a>(workspace: &'a Workspace, window: &Window, commit: &FrozenCommit) -> Option<Excuse<'a>> {
    let message = commit.message.to_lowercase();
    let mut allowed = None;
    for release in &workspace.releases {
        let names_release = names(&message, &release.id);
        if names_release && window.allow.contains(&release.change) {
            allowed = allowed.or(Some(Excuse::Allowed(release)));
        }
        if window.hard {
            continue;
        }
        for exception in release.exceptions.iter().filter(|exception| exception.window == window.id) {
            let lists = exception.commits.iter().any(|id| commit.id.starts_with(id.as_str()));
            let named = names_release || exception.ticket.as_ref().is_some_and(|it| names(&message, it));
            if (lists || named) && commit.committed < exception.expires {
                return Some(Excuse::Exception(release, exception));
            }
        }
    }
    allowed
}

/// Whether a lower-case text holds a name as a word of its own: `SEC-77` is not in `SEC-771`, nor
/// `checkout-4.2` in `checkout-4.2.1`.
fn names(text: &str, name: &str) -> bool {
    let name = name.to_lowercase();
    if name.is_empty() {
        return false;
    }
    let joins = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    text.match_indices(&name).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let mut after = text[at + name.len()..].chars();
        let next = after.next();
        let ends_here = match next {
            Some('.') => !after.next().is_some_and(char::is_alphanumeric),
            next => !next.is_some_and(joins),
        };
        !before.is_some_and(|c| joins(c) || c == '.') && ends_here
    })
}
