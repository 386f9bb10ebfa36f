//! What was seen of a release's version at a place: whether all of it runs there, since when, and
//! whether it is gone.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::question::RunningHistory;
use crate::domain::rollout::{Phase, Rollout, Since};
use crate::domain::version::{parse_version, same_version};

/// What was last told so long ago is doubted.
pub(super) const QUIET: TimeDelta = TimeDelta::minutes(30);

/// What was seen.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    /// Only it runs.
    Everywhere {
        /// Since when.
        since: Since,
        /// The last time somebody told.
        last: DateTime<Utc>,
    },
    /// It runs beside others and has not run alone since.
    OnItsWay,
    /// Another version runs alone, and this one did or began to.
    Gone {
        /// Since when it had run alone; `None`: it never did.
        complete: Option<Since>,
        /// When it was gone.
        at: DateTime<Utc>,
        /// What runs in its place.
        by: String,
        /// Whether that is an older version.
        is_older: bool,
    },
    /// Others run, and this one was not seen.
    Nowhere,
    /// Nobody says what runs, and why not.
    NotTold(String),
}

/// Reads it out of what ran. `rollouts` are those of the history; the history should reach back as
/// far as a watch lasts.
pub fn seen(
    history: &RunningHistory,
    rollouts: &[Rollout],
    (service, region): (&str, Option<&str>),
    version: &str,
) -> Seen {
    let mut own: Vec<&Rollout> = rollouts
        .iter()
        .filter(|rollout| rollout.service == service && rollout.region.as_deref() == region)
        .collect();
    own.sort_by_key(|rollout| rollout.last_change);
    let Some((last, running)) = latest(history, service, region) else {
        return Seen::NotTold("nothing was told of it".to_owned());
    };
    let first = history.times.first().copied().unwrap_or(last);
    let brings = |rollout: &&&Rollout| same_version(&rollout.to, version);
    let leaves = |rollout: &Rollout| rollout.from.as_ref().is_some_and(|from| same_version(from, version));
    let completed = own.iter().rposition(|it| it.phase == Phase::Completed && brings(&it));
    let (complete, after) = if let Some(place) = completed {
        (Since::At(own[place].last_change), &own[place + 1..])
    } else {
        if let Some(rollout) = own.iter().rev().find(brings) {
            return never_complete(rollout);
        }
        // It ran alone before the history begins: something left it, or nothing happened.
        let ran = own.first().is_some_and(|rollout| leaves(rollout));
        let runs_alone =
            own.is_empty() && matches!(running.as_slice(), [only] if same_version(only, version));
        if !ran && !runs_alone {
            let beside = running.iter().any(|other| same_version(other, version));
            return if beside { Seen::OnItsWay } else { Seen::Nowhere };
        }
        (Since::Before(first), own.as_slice())
    };
    match after.iter().find(|it| it.phase == Phase::Completed && !same_version(&it.to, version)) {
        Some(by) => Seen::Gone {
            complete: Some(complete),
            at: by.last_change,
            by: by.to.to_string(),
            is_older: is_older(&by.to, version),
        },
        None => Seen::Everywhere { since: complete, last },
    }
}

fn never_complete(rollout: &Rollout) -> Seen {
    match rollout.phase {
        Phase::RolledBack => Seen::Gone {
            complete: None,
            at: rollout.last_change,
            by: rollout.from.as_ref().map(ToString::to_string).unwrap_or_default(),
            is_older: true,
        },
        Phase::Unknown => Seen::NotTold("nobody says how far its rollout is".to_owned()),
        _ => Seen::OnItsWay,
    }
}

fn is_older(one: &str, other: &str) -> bool {
    parse_version(one).zip(parse_version(other)).is_some_and(|(one, other)| one < other)
}

/// The last point at which anything was told of a service there, and which versions ran then.
fn latest<'a>(
    history: &'a RunningHistory,
    service: &str,
    region: Option<&str>,
) -> Option<(DateTime<Utc>, Vec<&'a str>)> {
    let lines: Vec<_> = history
        .lines
        .iter()
        .filter(|line| line.service == service && line.region.as_deref() == region)
        .collect();
    history.times.iter().enumerate().rev().find_map(|(point, time)| {
        let count = |index: usize| lines[index].counts.get(point).copied().flatten();
        let runs = |index: &usize| count(*index).is_some_and(|count| count.is_finite() && count > 0.0);
        let running: Vec<&str> =
            (0..lines.len()).filter(runs).map(|index| lines[index].version.as_str()).collect();
        (!running.is_empty()).then_some((*time, running))
    })
}
