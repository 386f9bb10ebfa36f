//! When the screen next changes by itself: nothing is done before.

use std::time::Duration;

use chrono::Timelike;

use crate::app::state::Opening;
use crate::app::{Panel, State, emergency, polling};
use crate::view::chrome;

/// The longest sleep: clocks may be set meanwhile.
const LONGEST: Duration = Duration::from_mins(1);

/// When the next message is due, on the monotonic clock.
pub fn next(state: &State) -> Duration {
    let now = state.now.mono;
    let mut next = now + until_clock(state).min(LONGEST);
    if let Some(notice) = &state.notice {
        next = next.min(notice.until);
    }
    if state.opening == Opening::Open
        && let Some(due) = polling::next_due(state)
    {
        next = next.min(due);
    }
    if let Some(change) = emergency::next_change(state) {
        next = next.min(now + (change - state.now.wall).to_std().unwrap_or_default());
    }
    // A question that is due already waits for its turn; do not spin for it.
    next.max(now + Duration::from_millis(50))
}

/// Until the digits of the clock or of the countdown change.
fn until_clock(state: &State) -> Duration {
    let wall = state.now.wall;
    let subsecond = Duration::from_nanos(u64::from(wall.nanosecond() % 1_000_000_000));
    let tick = u64::from(state.look.tick_seconds.max(1));
    let seconds = u64::from(wall.second());
    let to_minute = Duration::from_secs(60 - seconds).saturating_sub(subsecond);
    let near = chrome::next_stage(state).is_some_and(|(_, stage)| {
        (stage.start - wall).num_seconds() < i64::from(state.workspace.policy.near_seconds)
    });
    if near || state.panel == Panel::Monitor || crate::app::show::ticks(state) {
        Duration::from_secs(tick - seconds % tick).saturating_sub(subsecond).min(to_minute)
    } else {
        to_minute
    }
}
