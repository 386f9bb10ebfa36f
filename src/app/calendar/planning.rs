//! From the calendar into forms: what is made begins where the cursor is, what is selected is
//! what is changed.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};

use super::{Selected, selecting};
use crate::app::state::Tone;
use crate::app::{Effect, Intent, State, form};
use crate::domain::{PlanFile, Resolved, resolve_local};

/// The hour at which something new begins, where the cursor's day is to come.
const MORNING: u32 = 10;

/// Makes something new by form: it begins on the cursor's day.
pub fn new(state: &mut State, intent: Intent) {
    let start = start(state);
    if intent == Intent::NewWindow { form::new_window(state, start) } else { form::new_release(state, start) }
}

/// Changes what is selected by form.
pub fn change(state: &mut State, intent: Intent) {
    match (state.calendar.selected.clone(), intent) {
        (Some(Selected::Stage { release, stage }), Intent::EditSelected) => {
            form::edit_release(state, &release, stage);
        }
        (Some(Selected::Stage { release, stage }), Intent::BreakGlass) => {
            form::except(state, &release, stage);
        }
        (Some(Selected::Stage { release, .. }), Intent::Remove) => form::cancel_release(state, &release),
        (Some(Selected::Window { window, .. }), Intent::EditSelected) => form::edit_window(state, &window),
        (Some(Selected::Window { window, .. }), Intent::Remove) => form::remove_window(state, &window),
        (Some(Selected::Window { window, start }), Intent::SkipOccurrence) => {
            form::skip_occurrence(state, &window, start);
        }
        (Some(Selected::Window { window, .. }), Intent::AddOccurrence) => {
            form::add_occurrence(state, &window);
        }
        (Some(Selected::Tag { .. }), _) => {
            state.say(Tone::Refused, "a past release is a tag of its repository: it is changed there");
        }
        (Some(Selected::Version { .. }), _) => {
            state.say(Tone::Refused, "it is not planned here yet: i plans it, as a draft");
        }
        (_, Intent::SkipOccurrence | Intent::AddOccurrence) => {
            state.say(Tone::Refused, "select an occurrence of a window first");
        }
        (_, Intent::BreakGlass) => state.say(Tone::Refused, "select a stage that a freeze denies first"),
        _ => state.say(Tone::Refused, "nothing to change: select a release or a window first"),
    }
}

/// Opens the file of what is selected in the person's own editor.
pub fn edit_file(state: &mut State) -> Vec<Effect> {
    if !state.workspace.is_writable() {
        state.say(Tone::Refused, "this workspace is read-only: `tminus init` makes one that can be changed");
        return Vec::new();
    }
    match state.calendar.selected.clone() {
        Some(Selected::Stage { release, .. }) => vec![Effect::EditFile(PlanFile::Release(release))],
        Some(Selected::Window { .. }) => vec![Effect::EditFile(PlanFile::Windows)],
        Some(Selected::Tag { .. }) => {
            state.say(Tone::Refused, "a past release is a tag of its repository: it has no file");
            Vec::new()
        }
        Some(Selected::Version { .. }) => {
            state.say(Tone::Refused, "it has no file yet: i plans it, as a draft");
            Vec::new()
        }
        None => {
            state.say(Tone::Refused, "nothing to change: select a release or a window first");
            Vec::new()
        }
    }
}

/// Holds on to a release's first stage.
pub fn select_release(state: &mut State, release: String) {
    selecting::hold(state, Some(Selected::Stage { release, stage: 0 }));
}

/// Holds on to an occurrence of a window, and goes there.
pub fn select_window(state: &mut State, window: String, start: DateTime<Utc>) {
    state.calendar.focus = start;
    selecting::hold(state, Some(Selected::Window { window, start }));
}

/// What was selected has another id by now: it is held under that.
pub fn renamed(state: &mut State, subject: &form::Subject, id: &str) {
    let id = id.to_owned();
    match (subject, state.calendar.selected.clone()) {
        (form::Subject::Release(release), selected) => {
            let stage = match selected {
                Some(Selected::Stage { release: held, stage }) if held == release.id => stage,
                _ => 0,
            };
            if state.release.as_deref() == Some(release.id.as_str()) {
                state.release = Some(id.clone());
            }
            selecting::hold(state, Some(Selected::Stage { release: id, stage }));
        }
        (form::Subject::Window(_), Some(Selected::Window { start, .. })) => {
            selecting::hold(state, Some(Selected::Window { window: id, start }));
        }
        _ => {}
    }
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
