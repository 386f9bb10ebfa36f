//! What happened, newest first: versions that appear, shares that move, alerts, stages.

use std::cmp::Reverse;

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::State;
use crate::domain::alerts::Past;
use crate::domain::alerts::past::unheard;
use crate::domain::question::AlertState;
use crate::domain::rollout::EventKind;
use crate::domain::{Release, Stage, format};

use super::alerts::Heard;
use super::past;
use super::rollouts::{Key, Seen};

/// As many as anybody scrolls through.
const MOST: usize = 1000;
/// How far ahead stages are kept, so that their beginning shows at its time.
const AHEAD: TimeDelta = TimeDelta::hours(12);

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub kind: Kind,
    /// In words.
    pub text: String,
    /// Where: `production · eu`.
    pub place: String,
    /// The rollout it is part of.
    pub rollout: Option<Key>,
    /// The release it is part of.
    pub release: Option<String>,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A version that did not run before.
    Appeared,
    /// Its share changed.
    ShareMoved,
    /// Only the new version runs.
    Completed,
    /// Only the old version runs again.
    RolledBack,
    /// An alert fires.
    Alert,
    /// An alert is about to fire.
    AlertPending,
    /// An alert is over.
    AlertEnded,
    /// A planned stage begins.
    StageBegins,
    /// A planned stage ends.
    StageEnds,
}

impl Kind {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Appeared => "appeared",
            Self::ShareMoved => "share",
            Self::Completed => "completed",
            Self::RolledBack => "rolled-back",
            Self::Alert => "alert",
            Self::AlertPending => "alert-pending",
            Self::AlertEnded => "alert-ended",
            Self::StageBegins => "stage-begins",
            Self::StageEnds => "stage-ends",
        }
    }
}

impl Event {
    /// The same through every reload.
    pub fn id(&self) -> (DateTime<Utc>, Kind, &str, &str) {
        (self.at, self.kind, &self.text, &self.place)
    }

    /// What a filter looks at.
    pub fn words(&self) -> String {
        format!("{} {} {}", self.text, self.place, self.kind.word())
    }
}

/// Everything that happened in the window, and the stages that begin or end soon; newest first.
pub fn gather(state: &State, seen: &[Seen], alerts: &[Heard], past: &[(String, Past)]) -> Vec<Event> {
    let window = &state.monitor.window;
    let (start, end) = (window.start(state.now.wall), window.end(state.now.wall));
    let mut events: Vec<Event> = seen.iter().flat_map(of_rollout).collect();
    events.extend(alerts.iter().filter(|heard| !heard.is_muted()).map(of_alert));
    let over = past.iter().filter(|(_, past)| past::silenced_by(state, past).is_none());
    events.extend(over.flat_map(|(source, past)| of_past(source, past, alerts)));
    let releases = state.workspace.releases.iter().filter(|release| release_happens(release));
    for release in releases {
        for stage in release.stages.iter().filter(|stage| stage.touches(start, end + AHEAD)) {
            events.extend(of_stage(release, stage));
        }
    }
    events.retain(|event| event.at >= start && event.at <= end + AHEAD);
    events.sort_by(|one, other| (Reverse(one.at), one.id()).cmp(&(Reverse(other.at), other.id())));
    events.truncate(MOST);
    events
}

/// Drafts do not happen yet, and what was cancelled never will.
fn release_happens(release: &Release) -> bool {
    use crate::domain::Status::{Cancelled, Draft};
    !matches!(release.status, Draft | Cancelled)
}

fn of_rollout(seen: &Seen) -> impl Iterator<Item = Event> {
    let Key { service, to, .. } = &seen.key;
    let is_share = |kind: &EventKind| matches!(kind, EventKind::ShareMoved { .. });
    let beside = |at| seen.events.iter().filter(move |event| event.at == at);
    // A share that moved because a version came or went is told in that line.
    let events = seen
        .events
        .iter()
        .filter(move |event| !is_share(&event.kind) || beside(event.at).all(|other| is_share(&other.kind)));
    events.map(move |event| {
        let (kind, text) = match &event.kind {
            EventKind::Appeared(version) => {
                let share = beside(event.at).find_map(|other| match other.kind {
                    EventKind::ShareMoved { to, .. } => Some(format!(", {}", format::share(to))),
                    _ => None,
                });
                (Kind::Appeared, format!("{service} {version} appeared{}", share.unwrap_or_default()))
            }
            EventKind::ShareMoved { from, to: share } => {
                let (from, share) = (format::share(*from), format::share(*share));
                (Kind::ShareMoved, format!("{service} {to}  {from} → {share}"))
            }
            EventKind::Completed => (Kind::Completed, format!("{service} {to} is everywhere")),
            EventKind::RolledBack => {
                let from = seen.from.as_deref().unwrap_or("the version before");
                (Kind::RolledBack, format!("{service} is back on {from}"))
            }
        };
        Event {
            at: event.at,
            kind,
            text,
            place: seen.key.place(),
            rollout: Some(seen.key.clone()),
            release: seen.release.clone(),
        }
    })
}

fn of_alert(heard: &Heard) -> Event {
    let kind = if heard.alert.state == AlertState::Firing { Kind::Alert } else { Kind::AlertPending };
    let verb = if kind == Kind::Alert { "fires" } else { "is pending" };
    Event {
        at: heard.alert.since,
        kind,
        text: format!("{} {verb}", heard.alert.name),
        place: heard.about().join(" · "),
        rollout: None,
        release: None,
    }
}

/// An alert that is told of no more: that it began, and that it is over.
fn of_past(source: &str, past: &Past, alerts: &[Heard]) -> Vec<Event> {
    if unheard(std::slice::from_ref(past), alerts).is_empty() {
        return Vec::new();
    }
    let heard = past.heard(source);
    let began = of_alert(&heard);
    let verb = if began.kind == Kind::Alert { "fired" } else { "was pending" };
    let began = Event { text: format!("{} {verb}", heard.alert.name), ..began };
    let over = past.ended.map(|at| Event {
        at,
        kind: Kind::AlertEnded,
        text: format!("{} is over after {}", heard.alert.name, format::duration(past.length())),
        ..began.clone()
    });
    std::iter::once(began).chain(over).collect()
}

fn of_stage(release: &Release, stage: &Stage) -> [Event; 2] {
    let place = match &stage.region {
        Some(region) => format!("{} · {region}", stage.environment),
        None => stage.environment.clone(),
    };
    let event = |at, kind, text| Event {
        at,
        kind,
        text,
        place: place.clone(),
        rollout: None,
        release: Some(release.id.clone()),
    };
    [
        event(stage.start, Kind::StageBegins, format!("{} planned to begin", release.title)),
        event(stage.end, Kind::StageEnds, format!("{} planned to end", release.title)),
    ]
}
