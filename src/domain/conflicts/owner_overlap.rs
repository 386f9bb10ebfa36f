//! `owner-overlap`: one owner has two releases at once, in whatever environments.

use super::pairs::Pair;
use super::{Code, Conflict, wording};

/// The conflict of a pair with one owner.
pub(super) fn conflict(pair: &Pair<'_>) -> Conflict {
    let owner = pair.first.release.owner.as_deref().unwrap_or_default();
    let message = format!(
        "{owner} has {} and {} at once for {}",
        wording::who(pair.first.release, pair.first.stage()),
        wording::who(pair.second.release, pair.second.stage()),
        wording::length(pair.start, pair.end)
    );
    let way_out = format!("let somebody else own one of them, or {}", pair.apart());
    pair.conflict(Code::OwnerOverlap, message, way_out)
}
