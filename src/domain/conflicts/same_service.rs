//! `same-service`: two releases' stages overlap in the same environment and region, and share a
//! service.

use super::pairs::Pair;
use super::plan::Name;
use super::{Code, Conflict, wording};

/// A service that both have; lists are sorted.
pub(super) fn shared(own: &[Name], theirs: &[Name]) -> Option<Name> {
    own.iter().copied().find(|service| theirs.binary_search(service).is_ok())
}

/// The conflict of a pair that shares a service.
pub(super) fn conflict(pair: &Pair<'_>) -> Conflict {
    let both =
        pair.first.release.services().find(|service| pair.second.release.version_of(service).is_some());
    let message = format!(
        "{} and {} both change {} in {} for {}",
        pair.first.release.id,
        pair.second.release.id,
        both.unwrap_or("a service"),
        wording::place(pair.narrower()),
        wording::length(pair.start, pair.end)
    );
    pair.conflict(Code::SameService, message, pair.apart())
}
