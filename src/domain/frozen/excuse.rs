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

impl<'a> Excuse<'a> {
    /// The release it comes from.
    pub fn release(&self) -> &'a Release {
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

/// Everything that could excuse a commit while one window freezes its branch.
#[derive(Debug, Clone)]
pub struct Excuses<'a> {
    workspace: &'a Workspace,
    window: &'a Window,
    /// Exceptions to this window, in the order of the releases.
    exceptions: Vec<(&'a Release, &'a Exception)>,
}

impl<'a> Excuses<'a> {
    /// For this window. To a hard freeze there is no exception.
    pub fn new(workspace: &'a Workspace, window: &'a Window) -> Self {
        let with = workspace.releases.iter().filter(|release| !window.hard && !release.exceptions.is_empty());
        let all =
            with.flat_map(|release| release.exceptions.iter().map(move |exception| (release, exception)));
        let exceptions = all.filter(|(_, exception)| exception.window == window.id).collect();
        Self { workspace, window, exceptions }
    }

    /// What excuses a commit; an exception must not have lapsed when it was committed.
    pub fn of(&self, commit: &FrozenCommit) -> Option<Excuse<'a>> {
        let message = commit.message.to_lowercase();
        let excepted = self.exceptions.iter().find(|(release, exception)| {
            let lists = exception.commits.iter().any(|id| commit.id.starts_with(id.as_str()));
            let names_ticket = exception.ticket.as_ref().is_some_and(|ticket| names(&message, ticket));
            commit.committed < exception.expires && (lists || names_ticket || names(&message, &release.id))
        });
        if let Some((release, exception)) = excepted {
            return Some(Excuse::Exception(release, exception));
        }
        // Of thousands of releases only those are looked at whose ids are words of the message.
        let joins = |c: char| c.is_alphanumeric() || "-_.".contains(c);
        let words = commit.message.split(|c| !joins(c)).map(|word| word.trim_matches('.'));
        let named = words.filter_map(|word| self.workspace.release(word));
        named.map(Excuse::Allowed).find(|excuse| self.window.allow.contains(&excuse.release().change))
    }
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
