//! The stabilisation watch: a release that has arrived somewhere is watched for a while, by somebody
//! who has a name.
//!
//! A watch begins when the rollout is complete at a place and lasts as long as the release's
//! `[watch]` says (72 hours unless it says otherwise); it ends earlier when the version is taken
//! back, when a newer one takes its place, or when a named person closes it. Nothing here calls
//! anybody: the rules say who watches, what is open and whom to call next.
//!
//! ([`super::trigger::Watch`] is another thing: what triggers have seen so far.)

pub mod changes;
mod escalation;
mod seen;
mod sensitivity;
pub mod words;

#[cfg(test)]
mod tests;

use chrono::{DateTime, TimeDelta, Utc};

use super::release::{Release, Status};
use super::rollout::Since;
use super::service::Service;

pub use escalation::{Kind, Open, Timer, chain, foremost, timers};
pub use seen::{Seen, seen};
pub use sensitivity::{RINGS_PENDING, Sensitivity};

/// How long an ended watch stays in the list.
pub const REMEMBERED: TimeDelta = TimeDelta::hours(24);

/// `[watch]` of a release: how it is watched once it has arrived, and what was noted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Who watches; absent: the release's owner, else the service's.
    pub by: Option<String>,
    /// How long it is watched.
    pub length: TimeDelta,
    /// How long it is watched most closely, from the beginning on.
    pub first: TimeDelta,
    /// How long something open may stay unacknowledged before the next is named.
    pub escalate_after: TimeDelta,
    /// Where it is watched; empty: in the last environment of the release's stages.
    pub environments: Vec<String>,
    /// Notes, in file order.
    pub notes: Vec<Note>,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            by: None,
            length: TimeDelta::hours(72),
            first: TimeDelta::hours(1),
            escalate_after: TimeDelta::minutes(15),
            environments: Vec::new(),
            notes: Vec::new(),
        }
    }
}

/// `[[watch.note]]`: what somebody saw, said or took over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// When it was written.
    pub time: DateTime<Utc>,
    /// Who wrote it.
    pub by: String,
    /// Who watches from here on.
    pub to: Option<String>,
    /// Whether it acknowledges everything that began before it.
    pub acknowledge: bool,
    /// Whether it closes the watch.
    pub close: bool,
    /// What.
    pub text: String,
}

/// What is known of one release's version at one place.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The release.
    pub release: &'a Release,
    /// The service, where the workspace has it.
    pub service: Option<&'a Service>,
    /// When the stage that brings it here ends, as planned.
    pub planned_end: DateTime<Utc>,
    /// What was seen of it.
    pub seen: &'a Seen,
    /// Now.
    pub now: DateTime<Utc>,
}

/// A watch.
#[derive(Debug, Clone, PartialEq)]
pub struct Watch {
    /// When it began.
    pub begins: Beginning,
    /// When it ends by its length.
    pub ends: DateTime<Utc>,
    /// Until when it is watched most closely.
    pub first_until: DateTime<Utc>,
    /// How it stands.
    pub phase: Phase,
    /// When it ended and why; `None`: it goes on.
    pub ended: Option<Ended>,
    /// Who watches; `None`: nobody, which is a gap.
    pub watcher: Option<Watcher>,
    /// How much closer than usual is looked.
    pub sensitivity: Sensitivity,
    /// What is not known of it, in words.
    pub doubt: Option<String>,
}

/// When a watch began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beginning {
    /// Only the new version was seen from then on.
    Observed(DateTime<Utc>),
    /// It ran everywhere already when the history begins: then, or earlier.
    Before(DateTime<Utc>),
    /// The stage was to end then; it was not observed.
    Planned(DateTime<Utc>),
}

impl Beginning {
    /// The instant, as far as it is known.
    pub fn at(self) -> DateTime<Utc> {
        match self {
            Self::Observed(at) | Self::Before(at) | Self::Planned(at) => at,
        }
    }

    /// The word used in JSON: how the beginning is known.
    pub fn word(self) -> &'static str {
        match self {
            Self::Observed(_) => "observed",
            Self::Before(_) => "observed-before",
            Self::Planned(_) => "planned",
        }
    }
}

/// How a watch stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// In its first hour (`first` of the file), watched most closely.
    FirstHour,
    /// After that, until its end.
    Watching,
    /// It should go on, and the version is not seen where it should be.
    NotKnown,
    /// Closed by a named person.
    Closed,
    /// Its time is over, or the version is gone.
    Over,
}

impl Phase {
    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            Self::FirstHour => "first-hour",
            Self::Watching => "watching",
            Self::NotKnown => "not-known",
            Self::Closed => "closed",
            Self::Over => "over",
        }
    }

    /// Whether somebody has to watch.
    pub fn is_live(self) -> bool {
        matches!(self, Self::FirstHour | Self::Watching | Self::NotKnown)
    }
}

/// The end of a watch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// When; `None`: some time ago.
    pub at: Option<DateTime<Utc>>,
    /// Why.
    pub why: Why,
}

/// Why a watch ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// It was as long as it should be.
    Time,
    /// An older version runs there again.
    RolledBack,
    /// A newer version took its place.
    Replaced(String),
    /// This person closed it.
    Closed(String),
}

/// Who watches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watcher {
    /// The name.
    pub name: String,
    /// Why this one.
    pub because: Because,
}

/// Why somebody watches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Because {
    /// `by` of the release's `[watch]`.
    Named,
    /// The release has no `by`: its owner.
    OwnsRelease,
    /// Nor an owner: the service's.
    OwnsService,
    /// This person handed it over, then.
    HandedOver {
        /// Who.
        by: String,
        /// When.
        at: DateTime<Utc>,
    },
}

impl Because {
    /// The word used in JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Named => "watch",
            Self::OwnsRelease => "release-owner",
            Self::OwnsService => "service-owner",
            Self::HandedOver { .. } => "handed-over",
        }
    }
}

impl Plan {
    /// The notes written by an instant, oldest first.
    pub fn notes_by(&self, now: DateTime<Utc>) -> Vec<&Note> {
        let mut notes: Vec<&Note> = self.notes.iter().filter(|note| note.time <= now).collect();
        notes.sort_by_key(|note| note.time);
        notes
    }
}

/// The environments in which a release is watched: those that its `[watch]` names, else the one of
/// its last stage.
pub fn environments(release: &Release) -> Vec<&str> {
    if !release.watch.environments.is_empty() {
        return release.watch.environments.iter().map(String::as_str).collect();
    }
    let last = release.stages.iter().max_by_key(|stage| stage.end);
    last.map(|stage| stage.environment.as_str()).into_iter().collect()
}

/// Whether a release can be watched at all: one that is only a draft or was cancelled cannot.
pub fn can_be_watched(release: &Release) -> bool {
    !matches!(release.status, Status::Draft | Status::Cancelled)
}

/// The watch of a release's version at a place; `None`: there is none, for the rollout is not
/// complete there, or it ended too long ago to speak of.
pub fn watch(facts: &Facts<'_>) -> Option<Watch> {
    let Facts { release, planned_end, seen, now, .. } = *facts;
    let plan = &release.watch;
    let (begins, gone, doubt) = beginning(facts)?;
    let at = begins.at();
    // A watch that would begin later has not begun.
    if at > now {
        return None;
    }
    let ends = at + plan.length;
    let first_until = (at + plan.first).min(ends);
    let ended = ended(release, at, ends, gone, now);
    let is_old = |ended: &Ended| ended.at.unwrap_or(planned_end) + REMEMBERED < now;
    if ended.as_ref().is_some_and(is_old) {
        return None;
    }
    let phase = match &ended {
        Some(Ended { why: Why::Closed(_), .. }) => Phase::Closed,
        Some(_) => Phase::Over,
        None if matches!(seen, Seen::Nowhere) => Phase::NotKnown,
        None if now < first_until => Phase::FirstHour,
        None => Phase::Watching,
    };
    let sensitivity = match phase {
        Phase::FirstHour | Phase::Watching => Sensitivity::at(at, plan.first, plan.length, now),
        Phase::NotKnown | Phase::Closed | Phase::Over => Sensitivity::NORMAL,
    };
    let watcher = watcher(release, facts.service, now);
    Some(Watch { begins, ends, first_until, phase, ended, watcher, sensitivity, doubt })
}

type Begun = (Beginning, Option<Ended>, Option<String>);

/// When it began, whether the version is gone since, and what is not known.
fn beginning(facts: &Facts<'_>) -> Option<Begun> {
    let Facts { planned_end, seen, now, .. } = *facts;
    let of = |since: Since| match since {
        Since::At(at) => Beginning::Observed(at),
        Since::Before(first) if planned_end <= first => Beginning::Planned(planned_end),
        Since::Before(first) => Beginning::Before(first),
    };
    let is_due = planned_end <= now;
    match seen {
        Seen::Everywhere { since, last } => {
            let age = now - *last;
            let doubt = (age > seen::QUIET)
                .then(|| format!("what runs was last told {} ago", super::format::age(age)));
            Some((of(*since), None, doubt))
        }
        Seen::OnItsWay | Seen::Gone { complete: None, .. } => None,
        Seen::Gone { complete: Some(since), at, by, is_older } => {
            let why = if *is_older { Why::RolledBack } else { Why::Replaced(by.clone()) };
            Some((of(*since), Some(Ended { at: Some(*at), why }), None))
        }
        Seen::Nowhere => is_due.then(|| {
            let doubt = "its stage is over, and this version is not seen there".to_owned();
            (Beginning::Planned(planned_end), None, Some(doubt))
        }),
        Seen::NotTold(why) => is_due.then(|| {
            let doubt = format!("what runs is not known: {why}");
            (Beginning::Planned(planned_end), None, Some(doubt))
        }),
    }
}

/// The earliest of what ends a watch, where that has come.
fn ended(
    release: &Release,
    begins: DateTime<Utc>,
    ends: DateTime<Utc>,
    gone: Option<Ended>,
    now: DateTime<Utc>,
) -> Option<Ended> {
    let notes = release.watch.notes_by(now);
    let closed = notes.iter().find(|note| note.close && note.time >= begins);
    let closed = closed.map(|note| Ended { at: Some(note.time), why: Why::Closed(note.by.clone()) });
    let time = Ended { at: Some(ends), why: Why::Time };
    let mut known: Vec<Ended> = [gone, closed, (ends <= now).then_some(time)].into_iter().flatten().collect();
    known.sort_by_key(|ended| ended.at);
    let first = known.into_iter().next();
    let back = release.status == Status::RolledBack;
    first.or_else(|| back.then_some(Ended { at: None, why: Why::RolledBack }))
}

/// Who watches at an instant; `None`: nobody.
pub fn watcher(release: &Release, service: Option<&Service>, now: DateTime<Utc>) -> Option<Watcher> {
    let notes = release.watch.notes_by(now);
    let handed = notes.iter().rev().find_map(|note| Some((note.to.clone()?, note)));
    if let Some((name, note)) = handed {
        return Some(Watcher { name, because: Because::HandedOver { by: note.by.clone(), at: note.time } });
    }
    let known = |name: Option<&String>, because| name.map(|name| Watcher { name: name.clone(), because });
    known(release.watch.by.as_ref(), Because::Named)
        .or_else(|| known(release.owner.as_ref(), Because::OwnsRelease))
        .or_else(|| known(service.and_then(|service| service.owner.as_ref()), Because::OwnsService))
}
