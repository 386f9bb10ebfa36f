//! Going through the timeline: from bar to bar by lane and then time, and along the axis.

use std::collections::BTreeMap;

use crate::app::State;
use crate::app::calendar::{Shape, What, selecting};

use super::{LanesBy, axis};

/// A lane with something on screen: what lies in it, by place on the line of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// Which lane of the workspace; `None`: the windows, above all others.
    pub lane: Option<usize>,
    /// Stages and past releases, or windows, by start.
    pub places: Vec<usize>,
}

/// The lanes that have something on the axis: the windows first, then in the order of the
/// workspace.
pub fn arranged(state: &State) -> Vec<Lane> {
    let calendar = &state.calendar;
    let (from, to) = calendar.lanes.range(state.zone);
    let index = &calendar.lanes.index;
    let mut lanes: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
    for (place, mark) in calendar.timeline.places(from, to) {
        match mark.what {
            What::Window(_) | What::Version(_) => lanes.entry(None).or_default().push(place),
            What::Stage(release, stage) => {
                let release = state.workspace.releases.get(release as usize);
                let stage = release.and_then(|release| Some((release, release.stages.get(stage as usize)?)));
                for lane in stage.map(|(release, stage)| index.of_stage(release, stage)).unwrap_or_default() {
                    lanes.entry(Some(lane)).or_default().push(place);
                }
            }
            What::Tag(tag) => {
                let past = calendar.plan.past.get(tag as usize);
                let service = past.and_then(|past| state.workspace.services.get(past.service as usize));
                if let Some(service) = service {
                    lanes.entry(Some(index.of_service(&service.id))).or_default().push(place);
                }
            }
        }
    }
    lanes.into_iter().map(|(lane, places)| Lane { lane, places }).collect()
}

/// Where the keys are: a lane of `lanes`, and what is selected in it.
fn held(state: &State, lanes: &[Lane]) -> Option<(usize, Option<usize>)> {
    let hinted = lanes.iter().position(|lane| lane.lane == state.calendar.lanes.lane);
    let Some(place) = selecting::selected_place(state) else { return Some((hinted?, None)) };
    let within = |lane: &Lane| lane.places.iter().position(|known| *known == place);
    if let Some(lane) = hinted
        && let Some(at) = within(&lanes[lane])
    {
        return Some((lane, Some(at)));
    }
    lanes.iter().enumerate().find_map(|(lane, it)| Some((lane, Some(within(it)?))))
}

/// The bar some steps on: along the lane, then the next lane.
pub fn step_lanes(state: &mut State, by: isize) {
    let lanes = arranged(state);
    let (mut lane, mut at) = match held(state, &lanes) {
        Some((lane, Some(at))) => (lane, at as isize),
        // Nothing is selected: what lies nearest to the cursor in this lane, or the first lane.
        Some((lane, None)) => return select_near(state, &lanes, lane),
        None => return select_near(state, &lanes, first_stages(&lanes)),
    };
    for _ in 0..by.unsigned_abs() {
        let next = at + by.signum();
        if (0..lanes[lane].places.len() as isize).contains(&next) {
            at = next;
        } else if by > 0 && lane + 1 < lanes.len() {
            (lane, at) = (lane + 1, 0);
        } else if by < 0 && lane > 0 {
            (lane, at) = (lane - 1, lanes[lane - 1].places.len() as isize - 1);
        } else {
            break;
        }
    }
    select(state, &lanes[lane], at.unsigned_abs());
}

/// The lane some lanes on, at what lies nearest in time.
pub fn page_lanes(state: &mut State, by: isize) {
    let lanes = arranged(state);
    let lane = match held(state, &lanes) {
        Some((lane, _)) => lane.saturating_add_signed(by).min(lanes.len().saturating_sub(1)),
        None => first_stages(&lanes),
    };
    select_near(state, &lanes, lane);
}

/// The first or the last bar of all lanes on screen.
pub fn to_lane_end(state: &mut State, last: bool) {
    let lanes = arranged(state);
    let lane = if last { lanes.len().saturating_sub(1) } else { 0 };
    if let Some(it) = lanes.get(lane) {
        let at = if last { it.places.len().saturating_sub(1) } else { 0 };
        select(state, it, at);
    }
}

/// The first lane below the windows, where it has one.
fn first_stages(lanes: &[Lane]) -> usize {
    lanes.iter().position(|lane| lane.lane.is_some()).unwrap_or(0)
}

fn select_near(state: &mut State, lanes: &[Lane], lane: usize) {
    let Some(it) = lanes.get(lane) else { return };
    let focus = state.calendar.focus;
    let away = |place: usize| {
        let mark = state.calendar.timeline.get(place).copied();
        mark.map(|mark| {
            if mark.start <= focus && focus < mark.end {
                chrono::TimeDelta::zero()
            } else {
                (mark.start - focus).abs()
            }
        })
    };
    let nearest = (0..it.places.len()).min_by_key(|at| away(it.places[*at]));
    if let Some(at) = nearest {
        select(state, it, at);
    }
}

fn select(state: &mut State, lane: &Lane, at: usize) {
    let Some(place) = lane.places.get(at).copied() else { return };
    state.calendar.lanes.lane = lane.lane;
    let Some(mark) = state.calendar.timeline.get(place).copied() else { return };
    let (from, to) = state.calendar.lanes.range(state.zone);
    let Some(selected) = selecting::identify(state, &mark) else { return };
    // What began before the axis does must not pull it back.
    state.calendar.focus = mark.start.clamp(from, (to - chrono::TimeDelta::seconds(1)).max(from));
    selecting::hold(state, Some(selected));
}

/// Along the axis by its own step, to what lies there in the lane.
pub fn step_time(state: &mut State, by: i32) {
    let step = state.calendar.lanes.zoom.step();
    let focus = state.calendar.focus;
    let local = focus.with_timezone(&state.zone).naive_local();
    let wall = local.checked_add_signed(step * by).unwrap_or(local);
    let mut to = axis::instant(state.zone, wall);
    if to == focus || (to > focus) != (by > 0) {
        // A skipped hour: its wall time is where we are.
        to = focus + step * by;
    }
    go_to(state, to);
}

/// A whole axis on.
pub fn turn(state: &mut State, by: i32) {
    let zoom = state.calendar.lanes.zoom;
    let local = state.calendar.focus.with_timezone(&state.zone).naive_local();
    state.calendar.lanes.from = zoom.turned(state.calendar.lanes.from, by);
    go_to(state, axis::instant(state.zone, zoom.turned(local, by)));
}

fn go_to(state: &mut State, to: chrono::DateTime<chrono::Utc>) {
    if !(1900..=9000).contains(&chrono::Datelike::year(&to)) {
        return;
    }
    state.calendar.focus = to;
    crate::app::calendar::settle(state);
    let lanes = arranged(state);
    let hinted = lanes.iter().find(|lane| lane.lane == state.calendar.lanes.lane);
    let after = to + state.calendar.lanes.zoom.step();
    let timeline = &state.calendar.timeline;
    let there = |place: &usize| timeline.get(*place).is_some_and(|mark| mark.touches(to, after));
    // What begins here before what only goes on.
    let begins =
        |place: &usize| timeline.get(*place).is_some_and(|mark| to <= mark.start && mark.start < after);
    let found = hinted.and_then(|lane| {
        let begun = lane.places.iter().position(begins);
        Some((lane.clone(), begun.or_else(|| lane.places.iter().position(there))?))
    });
    match found {
        Some((lane, at)) => select(state, &lane, at),
        None => selecting::hold(state, None),
    }
    state.calendar.focus = to;
}

/// Closer or farther, about what is selected.
pub fn zoom(state: &mut State, by: isize) {
    let lanes = &mut state.calendar.lanes;
    let zoomed = if by > 0 { lanes.zoom.closer() } else { lanes.zoom.farther() };
    if zoomed == lanes.zoom {
        return;
    }
    lanes.zoom = zoomed;
    begin_axis(state);
}

/// Shows the calendar as the person left it; what is not known stays as it is.
pub fn reopen(state: &mut State, shape: Option<Shape>, by: Option<LanesBy>, zoom: Option<super::Zoom>) {
    if let Some(by) = by {
        let workspace = state.workspace.clone();
        state.calendar.lanes.group(&workspace, by);
    }
    state.calendar.lanes.zoom = zoom.unwrap_or(state.calendar.lanes.zoom);
    match shape {
        Some(Shape::Lanes) => show(state),
        Some(shape) => state.calendar.shape = shape,
        None => {}
    }
}

/// Shows the timeline, about what is selected.
pub fn show(state: &mut State) {
    if state.calendar.shape != Shape::Lanes {
        state.calendar.shape = Shape::Lanes;
        begin_axis(state);
    }
}

fn begin_axis(state: &mut State) {
    let start = selecting::selected_place(state).and_then(|place| state.calendar.timeline.get(place));
    let week_start = selecting::week_start(state);
    let focus = state.calendar.focus.with_timezone(&state.zone).naive_local();
    let zoom = state.calendar.lanes.zoom;
    let from = zoom.begin(focus, week_start);
    // A selected bar that begins just before is taken along where both fit.
    let start = start.map(|mark| mark.start.with_timezone(&state.zone).naive_local());
    let from = match start {
        Some(start) if start < from => {
            let earlier = zoom.begin(start, week_start);
            if focus < zoom.end(earlier) { earlier } else { from }
        }
        _ => from,
    };
    state.calendar.lanes.from = from;
}

/// Keeps the cursor on the axis: after every message.
pub fn keep_axis(state: &mut State) {
    if state.calendar.shape != Shape::Lanes {
        return;
    }
    let focus = state.calendar.focus.with_timezone(&state.zone).naive_local();
    let week_start = selecting::week_start(state);
    let lanes = &mut state.calendar.lanes;
    lanes.from = lanes.zoom.following(lanes.from, focus, week_start);
}

impl super::Lanes {
    /// Makes the lanes of a workspace anew; the keys find their lane again by what is selected.
    pub fn group(&mut self, workspace: &crate::domain::Workspace, by: LanesBy) {
        self.index = super::LaneIndex::new(workspace, by);
        self.lane = None;
        self.top = 0;
    }
}
