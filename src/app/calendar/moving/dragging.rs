//! Moving and stretching by mouse: a bar is taken where it is grabbed, and put down where it is
//! let go.

use chrono::{DateTime, DurationRound, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::app::message::Pointer;
use crate::app::state::Tone;
use crate::app::{Effect, Intent, ListId, State};

use super::super::Mark;
use super::super::selecting::{self, Selected, instant};
use super::{By, Scope, put_down, take_up};

/// What a drag comes to rest on, where a cell is finer.
const GRAIN: TimeDelta = TimeDelta::minutes(15);

/// A cell of this length or more has no end that could be grabbed.
const COARSE: TimeDelta = TimeDelta::hours(20);

/// A button that is held down.
#[derive(Debug, Clone, PartialEq)]
pub struct Press {
    /// The cell it was seen in last.
    cell: (u16, u16),
    /// The time of the cell that was grabbed.
    grabbed: (DateTime<Utc>, DateTime<Utc>),
    grip: Grip,
}

/// Where a bar was grabbed.
#[derive(Debug, Clone, PartialEq)]
enum Grip {
    /// Somewhere on it: it moves.
    Whole(String, usize),
    /// At its end: it is stretched.
    End(String, usize),
}

/// The mouse did something in the calendar.
pub fn pointer(state: &mut State, pointer: Pointer) -> Vec<Effect> {
    match pointer {
        Pointer::Pressed(x, y) => press(state, x, y),
        Pointer::Dragged(x, y) => drag(state, x, y),
        Pointer::Released(x, y) => {
            drag(state, x, y);
            return release(state);
        }
    }
    Vec::new()
}

fn press(state: &mut State, x: u16, y: u16) {
    state.calendar.press = None;
    if state.calendar.moving.is_some() {
        return;
    }
    let Some(grabbed) = state.feedback.time_at(x, y) else { return };
    let Some(hit) = state.feedback.at(x, y).copied() else { return };
    let Intent::SelectRow(ListId::Agenda, place) = hit.intent else { return };
    let Some(mark) = state.calendar.timeline.get(place).copied() else { return };
    let Some(Selected::Stage { release, stage }) = selecting::identify(state, &mark) else { return };
    let grip = if is_end(&mark, grabbed) { Grip::End(release, stage) } else { Grip::Whole(release, stage) };
    state.calendar.press = Some(Press { cell: (x, y), grabbed, grip });
}

/// Whether a cell is the last of a bar that has several, and fine enough to tell where one ends.
fn is_end(mark: &Mark, cell: (DateTime<Utc>, DateTime<Utc>)) -> bool {
    mark.start < cell.0 && cell.0 < mark.end && mark.end <= cell.1 && cell.1 - cell.0 < COARSE
}

fn drag(state: &mut State, x: u16, y: u16) {
    let Some(press) = state.calendar.press.clone().filter(|press| press.cell != (x, y)) else { return };
    // Between the days there is no time: it stays where it is until the mouse is back.
    let Some((start, end)) = state.feedback.time_at(x, y) else { return };
    if let Some(press) = state.calendar.press.as_mut() {
        press.cell = (x, y);
    }
    let (Grip::Whole(id, stage) | Grip::End(id, stage)) = &press.grip;
    if state.calendar.moving.is_none() {
        match take_up(state, id, *stage, Scope::Stage, By::Mouse) {
            Ok(moving) => state.calendar.moving = Some(moving),
            Err(why) => {
                state.calendar.press = None;
                state.say(Tone::Refused, why);
                return;
            }
        }
    }
    let zone = state.zone;
    let Some(moving) = state.calendar.moving.as_mut() else { return };
    moving.notice = match press.grip {
        Grip::Whole(..) => {
            let by = local(start, zone) - local(press.grabbed.0, zone);
            moving.hand.start_at(later(moving.hand.from.0, by, zone))
        }
        Grip::End(..) => moving.hand.end_at(on_grain(local(end, zone), zone)),
    };
    moving.follow();
}

fn release(state: &mut State) -> Vec<Effect> {
    if state.calendar.press.take().is_none() {
        return Vec::new();
    }
    match &state.calendar.moving {
        Some(moving) if moving.by == By::Mouse => put_down(state),
        _ => Vec::new(),
    }
}

/// An instant moved along the wall on screen; a whole number of quarters of an hour stays exact.
fn later(start: DateTime<Utc>, by: TimeDelta, zone: Tz) -> DateTime<Utc> {
    let wall = local(start, zone);
    if by.is_zero() {
        return start;
    }
    let moved = wall.checked_add_signed(by).unwrap_or(wall);
    if by.num_seconds() % GRAIN.num_seconds() == 0 { instant(zone, moved) } else { on_grain(moved, zone) }
}

fn on_grain(wall: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    instant(zone, wall.duration_round(GRAIN).unwrap_or(wall))
}

fn local(instant: DateTime<Utc>, zone: Tz) -> NaiveDateTime {
    instant.with_timezone(&zone).naive_local()
}
