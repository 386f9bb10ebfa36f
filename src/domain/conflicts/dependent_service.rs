//! `dependent-service`: two releases' stages overlap in the same environment and region, and a
//! service of one depends, directly or not, on a service of the other.

use super::kinship::Kinship;
use super::pairs::{Pair, Side};
use super::plan::Name;
use super::{Code, Conflict, wording};

/// Whether a service of one needs a service of the other.
pub(super) fn are_related(kinship: &Kinship, own: &[Name], theirs: &[Name]) -> bool {
    own.iter()
        .any(|one| theirs.iter().any(|other| kinship.needs(*one, *other) || kinship.needs(*other, *one)))
}

/// The conflict of such a pair; `number` finds the number of a service.
pub(super) fn conflict(
    pair: &Pair<'_>,
    kinship: &Kinship,
    number: impl Fn(&str) -> Option<Name>,
) -> Conflict {
    let edge = |consumer: &Side<'_>, provider: &Side<'_>| {
        consumer.release.services().find_map(|service| {
            let needed = provider.release.services().find(|other| {
                matches!((number(service), number(other)), (Some(one), Some(other)) if kinship.needs(one, other))
            })?;
            Some(format!(
                "{} changes {service}, which depends on {needed} of {}",
                consumer.release.id, provider.release.id
            ))
        })
    };
    let who = edge(&pair.first, &pair.second).or_else(|| edge(&pair.second, &pair.first)).unwrap_or_default();
    let message = format!(
        "{who}, at once in {} for {}",
        wording::place(pair.narrower()),
        wording::length(pair.start, pair.end)
    );
    pair.conflict(Code::DependentService, message, pair.apart())
}
