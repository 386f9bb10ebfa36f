//! From the calendar into forms: what is made begins where the cursor is, what is selected is
//! what is changed.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use super::{Selected, selecting};
use crate::app::state::Tone;
use crate::app::{State, form};
use crate::domain::{Resolved, resolve_local};

/// The hour at which something new begins, where the cursor's day is to come.
const MORNING: u32 = 10;

/// Plans a release by form: its first stage begins on the cursor's day.
pub fn new_release(state: &mut State) {
    let start = start(state);
    form::new_release(state, start);
}

/// Opens the form of what is selected.
pub fn edit_selected(state: &mut State) {
    match state.calendar.selected.clone() {
        Some(Selected::Stage { release, stage }) => form::edit_release(state, &release, stage),
        Some(Selected::Window { .. }) => {}
        Some(Selected::Tag { .. }) => {
            state.say(Tone::Refused, "a past release is a tag of its repository: it is changed there");
        }
        Some(Selected::Version { .. }) => {
            state.say(Tone::Refused, "it is not planned here yet: i plans it, as a draft");
        }
        None => state.say(Tone::Refused, "nothing to change: select a release or a window first"),
    }
}

/// Holds on to a release's first stage.
pub fn select_release(state: &mut State, release: String) {
    selecting::hold(state, Some(Selected::Stage { release, stage: 0 }));
}

/// Ten in the morning of the cursor's day in the workspace's zone; the next full hour where that
/// is past.
fn start(state: &State) -> Option<DateTime<Utc>> {
    let morning = selecting::cursor(state).and_time(NaiveTime::from_hms_opt(MORNING, 0, 0)?);
    let morning = match resolve_local(state.workspace.time_zone, morning) {
        Resolved::Unique(instant) | Resolved::Ambiguous { earlier: instant, .. } => instant,
        Resolved::Skipped { transition, .. } => transition,
    };
    let now = state.now.wall;
    if morning > now {
        return Some(morning);
    }
    let hour = TimeDelta::hours(1);
    chrono::DurationRound::duration_trunc(now, hour).ok()?.checked_add_signed(hour)
}
