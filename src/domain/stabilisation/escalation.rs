//! What is open in a watch, whether somebody acknowledged it, and who is called next.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Note, Plan};

/// Of a thing of which nobody says when it began, an acknowledgement this much older than the first
/// sight of it counts: whoever opens a cockpit anew is not called for what is known.
pub const STILL_KNOWN: TimeDelta = TimeDelta::hours(4);

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// What kind of thing.
    pub kind: Kind,
    /// What, in a few words.
    pub what: String,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Whether that is when it began; `false`: it is when it was first seen here.
    pub is_exact: bool,
}

/// What kind of thing is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A recommendation stands.
    Recommendation,
    /// An alert that began after the rollout fires.
    Alert,
    /// The verdict is not healthy.
    Verdict,
    /// The error budget is spent too fast.
    Burn,
}

impl Kind {
    /// The word used in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Recommendation => "recommendation",
            Self::Alert => "alert",
            Self::Verdict => "verdict",
            Self::Burn => "burn",
        }
    }
}

/// An open thing and its clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timer {
    /// The thing.
    pub open: Open,
    /// Who acknowledged it, and when.
    pub acknowledged: Option<(String, DateTime<Utc>)>,
    /// How many times its time ran out; 0 while it is acknowledged.
    pub level: usize,
    /// Whom to call by now; `None`: nobody yet, or nobody is named.
    pub call: Option<String>,
    /// When the next is named, and who; `None`: it is acknowledged, or nobody is left.
    pub next: Option<(DateTime<Utc>, String)>,
}

impl Timer {
    /// Whether it is open and nobody acknowledged it.
    pub fn is_unacknowledged(&self) -> bool {
        self.acknowledged.is_none()
    }
}

/// Those of a service's escalation list who come after the watcher; all of them where the watcher
/// is not in it.
pub fn chain<'a>(escalation: &'a [String], watcher: Option<&str>) -> &'a [String] {
    let place = watcher.and_then(|name| escalation.iter().position(|known| known == name));
    &escalation[place.map_or(0, |place| place + 1)..]
}

/// The clock of each open thing, in their order. Each thing has its own: a new one starts a new
/// clock, and an acknowledgement stops the clocks of what began before it.
///
/// With `a` = `escalate_after` and `e` the time since the thing began, its time ran out ⌊e / a⌋
/// times; the n-th time names the n-th of the chain, the last of it from then on.
pub fn timers(plan: &Plan, open: Vec<Open>, chain: &[String], now: DateTime<Utc>) -> Vec<Timer> {
    let notes = plan.notes_by(now);
    open.into_iter().map(|open| timer(plan, &notes, open, chain, now)).collect()
}

fn timer(plan: &Plan, notes: &[&Note], open: Open, chain: &[String], now: DateTime<Utc>) -> Timer {
    let since = if open.is_exact { open.since } else { open.since - STILL_KNOWN };
    let acknowledgement = notes.iter().find(|note| note.acknowledge && note.time >= since);
    if let Some(note) = acknowledgement {
        let acknowledged = Some((note.by.clone(), note.time));
        return Timer { open, acknowledged, level: 0, call: None, next: None };
    }
    // Files cannot say less than a second.
    let after = plan.escalate_after.max(TimeDelta::seconds(1));
    let elapsed = (now - open.since).max(TimeDelta::zero());
    let level = usize::try_from(elapsed.num_seconds() / after.num_seconds()).unwrap_or(usize::MAX);
    let called = level.min(chain.len());
    let call = called.checked_sub(1).map(|place| chain[place].clone());
    let turns = i32::try_from(level).unwrap_or(i32::MAX).saturating_add(1);
    let next = chain.get(level).map(|name| (open.since + after * turns, name.clone()));
    Timer { open, acknowledged: None, level, call, next }
}

/// The clock that is furthest: the one to speak of first. `None`: nothing is open and unacknowledged.
pub fn foremost(timers: &[Timer]) -> Option<&Timer> {
    let running = timers.iter().filter(|timer| timer.is_unacknowledged());
    running.min_by_key(|timer| (std::cmp::Reverse(timer.level), timer.open.since, timer.open.kind))
}
