//! What is known in a few columns, with its sign.

use std::time::Duration;

use super::rows::{Part, part};
use crate::app::board::{Behind, Known, Since, shares_words};
use crate::domain::format;
use crate::domain::question::{TrackerVersion, VersionShare};
use crate::theme::Role;

/// What runs: the sign in two columns, then the versions.
pub fn running(runs: Known<'_, &[VersionShare]>) -> Vec<Part> {
    let words =
        |shares: &[VersionShare]| if shares.is_empty() { "–".to_owned() } else { shares_words(shares) };
    match runs {
        Known::NotApplicable => Vec::new(),
        Known::Waiting => vec![part("  ·", Role::Dim)],
        Known::Partial | Known::Unknown(_) => vec![part("◌", Role::Unknown)],
        Known::Value(shares, Some(_)) => vec![part(format!("≈ {}", words(shares)), Role::Stale)],
        Known::Value([], None) => vec![part("  –", Role::Dim)],
        Known::Value(shares @ [_], None) => vec![part(format!("  {}", words(shares)), Role::Text)],
        Known::Value(shares, None) => vec![part(format!("  {}", words(shares)), Role::Accent)],
    }
}

/// How far behind: `38 c`, where `c` is commits.
pub fn behind(behind: &Known<'_, Behind<'_>>) -> Part {
    match behind {
        Known::NotApplicable => part("", Role::Dim),
        Known::Waiting => part("·", Role::Dim),
        Known::Partial | Known::Unknown(_) => part("◌", Role::Unknown),
        Known::Value(behind, Some(_)) => part(format!("≈ {} c", behind.count), Role::Stale),
        Known::Value(behind, None) if behind.count == 0 => part("0 c", Role::Dim),
        Known::Value(behind, None) => part(format!("{} c", behind.count), Role::Text),
    }
}

/// Since when: `9 d`; at least so long: `>14 d`; by its tag's date: `tag 9 d`.
pub fn since(since: Known<'_, Since>, now: chrono::DateTime<chrono::Utc>) -> Part {
    match since {
        Known::NotApplicable => part("", Role::Dim),
        Known::Waiting => part("·", Role::Dim),
        Known::Partial | Known::Unknown(_) => part("◌", Role::Unknown),
        Known::Value(since, age) => {
            let words = match since {
                Since::Seen(at) => elapsed(now, at),
                Since::Before(at) => format!(">{}", elapsed(now, at)),
                Since::Tagged(at) => format!("tag {}", elapsed(now, at)),
            };
            match age {
                Some(_) => part(format!("≈ {words}"), Role::Stale),
                None if matches!(since, Since::Tagged(_)) => part(words, Role::Dim),
                None => part(words, Role::Text),
            }
        }
    }
}

/// How long ago, in one unit.
pub fn elapsed(now: chrono::DateTime<chrono::Utc>, at: chrono::DateTime<chrono::Utc>) -> String {
    format::age((now - at).max(chrono::TimeDelta::zero()))
}

/// Open tickets, in few words: `2 open ✖ 1`.
pub fn tickets(tracker: &TrackerVersion, stale: Option<Duration>) -> Vec<Part> {
    let open = match (&tracker.open, tracker.to_do, tracker.in_progress) {
        (Some(open), _, _) => open.len(),
        (None, Some(to_do), Some(in_progress)) => (to_do + in_progress) as usize,
        _ => return vec![part("◌", Role::Unknown)],
    };
    if stale.is_some() {
        return vec![part(format!("≈ {open} open"), Role::Stale)];
    }
    let mut parts = vec![part(format!("{open} open"), if open == 0 { Role::Dim } else { Role::Text })];
    let blockers = tracker.open.iter().flatten().filter(|ticket| ticket.blocker).count();
    if blockers > 0 {
        parts.push(part(format!(" ✖ {blockers}"), Role::Bad));
    }
    parts
}
