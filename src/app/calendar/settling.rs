//! Keeping what is derived in step with what it is derived from.

use crate::app::remotes::value_of;
use std::time::Duration;

use crate::app::{ListId, State};
use crate::domain::Question;
use crate::domain::release::TrackerRef;

use super::{Plan, Selected, Shape, moving, selecting};

/// Tags that come one after the other are put in order this often.
const TOGETHER: Duration = Duration::from_millis(300);

/// The workspace was read anew: what is derived is made anew, selections that no longer exist
/// move on.
pub fn reconcile(state: &mut State) {
    let names: Vec<String> = std::mem::take(&mut state.calendar.services);
    let workspace = state.workspace.clone();
    let plan = Plan::new(&workspace, &state.calendar.plan, &names);
    state.calendar.plan = plan;
    state.calendar.services = workspace.services.iter().map(|service| service.id.clone()).collect();
    let by = state.calendar.lanes.index.by();
    state.calendar.lanes.group(&workspace, by);
    moving::reconcile(state);
    super::conflicts::reconcile(state);
    arrange(state, Extent::Everything);
    if let Some(Selected::Version { reference }) = &state.calendar.selected
        && let Some(stage) = adopted(state, reference)
    {
        selecting::hold(state, Some(stage));
    }
    let gone = match &state.calendar.selected {
        Some(Selected::Stage { release, stage }) => {
            workspace.release(release).is_none_or(|release| release.stages.len() <= *stage)
        }
        Some(Selected::Window { window, .. }) => workspace.windows.iter().all(|known| known.id != *window),
        Some(Selected::Tag { service, .. }) => workspace.service(service).is_none(),
        Some(Selected::Version { reference }) => {
            state.tracker.unplanned.iter().all(|version| version.reference != *reference)
        }
        None => true,
    };
    if gone {
        selecting::hold(state, None);
        select_what_comes(state);
    }
}

/// Selects the next stage where it is on screen, so that there is something to look at.
fn select_what_comes(state: &mut State) {
    let (from, to) = selecting::period(state);
    let coming =
        super::upcoming(state).next().map(|(release, stage, at)| (release.id.clone(), stage, at.start));
    if let Some((release, stage, start)) = coming
        && from <= start
        && start < to
    {
        state.calendar.selected = Some(Selected::Stage { release, stage });
    }
}

/// A question was answered or refused: tags become past releases.
pub fn answered(state: &mut State, question: &Question) {
    let Question::Tags { service } = question else { return };
    let Some(index) = state.workspace.services.iter().position(|known| known.id == *service) else { return };
    let index = index as u32;
    state.calendar.plan.asked(index, state.now.mono);
    let face = state.remotes.tags(service, state.now);
    if let Some(tags) = value_of(&face) {
        if state.calendar.plan.has_tags(index, tags) {
            return;
        }
        let moved = state.calendar.plan.take_tags(index, tags);
        state.calendar.unarranged = true;
        if moved {
            return arrange(state, Extent::Order);
        }
    }
    // With hundreds of services the answers come in a stream: they are taken in together.
    let is_awaited = state
        .remotes
        .iter()
        .any(|(question, remote)| matches!(question, Question::Tags { .. }) && remote.pending().is_some());
    if state.calendar.unarranged && !is_awaited {
        arrange(state, Extent::Order);
    }
}

/// What the tracker has and nobody planned changed.
pub fn arrange_anew(state: &mut State) {
    arrange(state, Extent::Order);
    let gone = matches!(&state.calendar.selected, Some(Selected::Version { reference })
        if state.tracker.unplanned.iter().all(|version| version.reference != *reference));
    if gone {
        selecting::hold(state, None);
    }
}

/// The stage of the release that was made of a version.
fn adopted(state: &State, reference: &TrackerRef) -> Option<Selected> {
    let releases = &state.workspace.releases;
    let release = releases.iter().find(|release| release.tracker.as_ref() == Some(reference))?;
    (!release.stages.is_empty()).then(|| Selected::Stage { release: release.id.clone(), stage: 0 })
}

/// An edit was refused: the stage is where it was.
pub fn refused(state: &mut State, number: u64) {
    state.calendar.placed.retain(|placed| placed.number != number);
}

/// After every message: the filter, the zone, the day or the place may have changed. Costs next
/// to nothing when they did not.
pub fn settle(state: &mut State) {
    follow(state);
    let today = state.now.wall.with_timezone(&state.zone).date_naive();
    let timeline = &state.calendar.timeline;
    let waited = state.now.mono.saturating_sub(state.calendar.arranged);
    if !timeline.covers(state.calendar.focus) {
        arrange(state, Extent::Everything);
    } else if state.calendar.unarranged && waited >= TOGETHER {
        arrange(state, Extent::Order);
    } else if timeline.zone != Some(state.zone) && !state.tracker.unplanned.is_empty() {
        // Their days begin elsewhere in another zone.
        arrange(state, Extent::Order);
    } else if timeline.filter != state.calendar.filter
        || timeline.hidden != state.person.hidden_layers
        || timeline.zone != Some(state.zone)
        || timeline.today != Some(today)
    {
        arrange(state, Extent::Filter);
    }
    super::lanes::keep_axis(state);
    state.calendar.held = selecting::selected_place(state);
    state.calendar.row = row_on_screen(state);
    super::conflicts::try_out(state);
    super::conflicts::weigh(state);
}

/// How much of the line of time is made anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// Windows are expanded too.
    Everything,
    /// Everything is put in order.
    Order,
    /// What passes the filter is taken.
    Filter,
}

fn arrange(state: &mut State, extent: Extent) {
    if let Some((top, _)) = state.feedback.list(ListId::Agenda) {
        state.calendar.top = top;
    }
    let before = state.calendar.row;
    let calendar = &mut state.calendar;
    calendar.timeline.filter.clone_from(&calendar.filter);
    calendar.timeline.hidden.clone_from(&state.person.hidden_layers);
    calendar.timeline.zone = Some(state.zone);
    calendar.timeline.today = Some(state.now.wall.with_timezone(&state.zone).date_naive());
    if extent == Extent::Everything {
        calendar.timeline.expand(&state.workspace, calendar.focus);
    }
    if !calendar.filter.is_empty() {
        calendar.plan.read_texts(&state.workspace);
    }
    if extent == Extent::Filter {
        calendar.timeline.sift(&state.workspace, &calendar.plan, &state.tracker.unplanned);
    } else {
        calendar.timeline.arrange(&state.workspace, &calendar.plan, &state.tracker.unplanned);
        calendar.unarranged = false;
        calendar.arranged = state.now.mono;
    }
    // What came in above must not push the list about.
    let after = row_on_screen(state);
    let moved = after as isize - before as isize;
    state.calendar.top = state.calendar.top.saturating_add_signed(moved);
    state.calendar.row = after;
    state.feedback.lists.retain(|(list, _, _)| *list != ListId::Agenda);
}

fn row_on_screen(state: &State) -> usize {
    match selecting::selected_place(state) {
        Some(place) => state.calendar.timeline.row_of(place),
        None => state.calendar.timeline.row_of_day(selecting::cursor(state)),
    }
}

/// Another panel speaks of another release now: select what it does next.
fn follow(state: &mut State) {
    if state.release == state.calendar.followed {
        return;
    }
    state.calendar.followed.clone_from(&state.release);
    let Some(release) = state.release.as_ref().and_then(|id| state.workspace.release(id)) else { return };
    if matches!(&state.calendar.selected, Some(Selected::Stage { release: held, .. }) if *held == release.id)
    {
        return;
    }
    let ahead = release.stages.iter().position(|stage| stage.end > state.now.wall);
    let Some(stage) = ahead.or_else(|| release.stages.len().checked_sub(1)) else { return };
    let (id, start) = (release.id.clone(), release.stages[stage].start);
    selecting::hold(state, Some(Selected::Stage { release: id, stage }));
    if state.calendar.moving.is_none() {
        state.calendar.focus = start;
    }
    if state.calendar.shape == Shape::Agenda {
        state.calendar.top = row_on_screen(state).saturating_sub(4);
    }
}
