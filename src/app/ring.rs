//! When to call somebody: once a cause, and not again while it lasts or comes and goes.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::monitor::{advice, watches};
use super::{Effect, State};
use crate::domain::Safe;
use crate::domain::alerts::Heard;
use crate::domain::question::AlertState;
use crate::domain::ring::Ring;
use crate::domain::stabilisation::Timer;

/// The same cause does not ring again within this.
const AGAIN: Duration = Duration::from_mins(10);

/// What rang, and when it was last seen.
pub type Rung = BTreeMap<String, Duration>;

/// After every message: rings for what is new.
pub fn settle(state: &mut State) -> Vec<Effect> {
    let now = state.now.mono;
    let causes = causes(state);
    let mut effects = Vec::new();
    for ring in causes {
        let is_new = state.rung.get(&ring.cause).is_none_or(|seen| now.saturating_sub(*seen) > AGAIN);
        state.rung.insert(ring.cause.clone(), now);
        if is_new {
            effects.push(Effect::Ring(ring));
        }
    }
    state.rung.retain(|_, seen| now.saturating_sub(*seen) <= AGAIN);
    effects
}

/// What is worth calling somebody for now: what triggers recommend, alerts that fire for a rollout
/// that goes on and began after it, alerts of a release in its watch, and whose turn it is where
/// nobody acknowledged what is open.
fn causes(state: &State) -> Vec<Ring> {
    let advised = state.monitor.advisor.given.iter().map(|given| {
        let (title, words) = advice::words(given);
        let why = given.recommendation.reasons.first().map(String::as_str).unwrap_or_default();
        let key = &given.key;
        Ring {
            cause: format!("advice {} {} {}", key.service, key.place(), key.to),
            title: Safe::new(title),
            text: Safe::new(format!("{} · {why}", words.join(" · "))),
        }
    });
    let index = &state.monitor.index;
    let concerned = |heard: &&Heard| {
        heard.alert.state == AlertState::Firing
            && index.rollouts.iter().any(|seen| {
                seen.phase.is_active()
                    && heard.alert.since >= seen.since
                    && super::monitor::alerts::concerns(heard, seen)
            })
    };
    let alerts = index.alerts.iter().filter(concerned).map(|heard| Ring {
        cause: format!("alert {}", heard.fingerprint),
        title: Safe::new(format!("{} fires", heard.alert.name)),
        text: heard.alert.summary.clone(),
    });
    let mut causes: Vec<Ring> = advised.chain(alerts).collect();
    causes.extend(of_watches(state));
    // An alert may concern a rollout that goes on and one in its watch.
    let mut seen = BTreeSet::new();
    causes.retain(|ring| seen.insert(ring.cause.clone()));
    causes
}

/// Alerts of releases in their watch: firing ones, and pending ones while it is watched closely;
/// and whom to call where nobody acknowledged what is open.
fn of_watches(state: &State) -> Vec<Ring> {
    let mut rings = Vec::new();
    for entry in watches::live(state) {
        let began = watches::began(state, entry);
        let sensitivity = entry.watch.sensitivity;
        let concerned = state.monitor.index.alerts.iter().filter(|heard| {
            heard.alert.since >= began
                && sensitivity.rings(heard.alert.state)
                && heard.concerns(&watches::place(entry))
        });
        rings.extend(concerned.map(|heard| {
            let fires = heard.alert.state == AlertState::Firing;
            let (pending, word) = if fires { ("", "fires") } else { ("pending ", "is pending") };
            Ring {
                cause: format!("alert {pending}{}", heard.fingerprint),
                title: Safe::new(format!("{} {word}", heard.alert.name)),
                text: heard.alert.summary.clone(),
            }
        }));
        rings.extend(entry.unacknowledged().filter_map(|timer| escalated(entry, timer)));
    }
    rings
}

/// Once a turn: the next is named, and what is open.
fn escalated(entry: &watches::Entry, timer: &Timer) -> Option<Ring> {
    // The last of the list is named once, and so is that there is nobody.
    let turn = timer.level.min(entry.chain.len().max(1));
    if turn == 0 {
        return None;
    }
    let id = &entry.id;
    let whom = match &timer.call {
        Some(name) => format!("call {name}"),
        None => "nobody is named to call".to_owned(),
    };
    let watcher = entry.watch.watcher.as_ref().map_or("nobody watches".to_owned(), |watcher| {
        format!("{} watches and has not acknowledged it", watcher.name)
    });
    Some(Ring {
        cause: format!("escalation {} {} {} {} {turn}", id.release, id.service, id.place(), timer.open.what),
        title: Safe::new(format!("{whom}: {} {}", id.service, entry.version)),
        text: Safe::new(format!("{} in {}; {watcher}", timer.open.what, id.place())),
    })
}
