//! When to call somebody: once a cause, and not again while it lasts or comes and goes.

use std::collections::BTreeMap;
use std::time::Duration;

use super::monitor::advice;
use super::{Effect, State};
use crate::domain::Safe;
use crate::domain::alerts::Heard;
use crate::domain::question::AlertState;
use crate::domain::ring::Ring;

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

/// What is worth calling somebody for now: what triggers recommend, and alerts that fire for a
/// rollout that goes on and began after it.
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
    advised.chain(alerts).collect()
}
