//! Moving and stretching by mouse: a bar is taken where it is grabbed, and put down where it is
//! let go.

use chrono::{DateTime, DurationRound, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::app::message::Pointer;
use crate::app::state::Tone;
use crate::app::{Effect, Intent, ListId, State, form};

use super::super::Mark;
use super::super::selecting::{self, Selected, instant};
use super::super::words;
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
    /// Beside the bars: a span of time for a new release, once the mouse has moved.
    Beside(Option<(DateTime<Utc>, DateTime<Utc>)>),
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
    let mark = match hit.intent {
        Intent::SelectRow(ListId::Agenda, place) => state.calendar.timeline.get(place).copied(),
        _ => None,
    };
    let grip = match mark.and_then(|mark| Some((mark, selecting::identify(state, &mark)?))) {
        Some((mark, Selected::Stage { release, stage })) if is_end(&mark, grabbed) => {
            Grip::End(release, stage)
        }
        Some((_, Selected::Stage { release, stage })) => Grip::Whole(release, stage),
        _ => Grip::Beside(None),
    };
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
    let (Grip::Whole(id, stage) | Grip::End(id, stage)) = &press.grip else {
        return span_on(state, press.grabbed, (start, end));
    };
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
        Grip::Beside(_) => None,
    };
    moving.follow();
}

/// Spans time from where the mouse went down to where it is, for a new release.
fn span_on(state: &mut State, grabbed: (DateTime<Utc>, DateTime<Utc>), here: (DateTime<Utc>, DateTime<Utc>)) {
    let zone = state.zone;
    let start = on_grain(local(grabbed.0.min(here.0), zone), zone);
    let end = on_grain(local(grabbed.1.max(here.1), zone), zone).max(start + GRAIN);
    if let Some(press) = state.calendar.press.as_mut() {
        press.grip = Grip::Beside(Some((start, end)));
    }
    let times = words::span(start, end, zone, state.now.wall);
    state.say(Tone::Done, format!("a new release {times}: let go, or Esc"));
}

/// The beginning of a line that plans a release over a span.
fn line(state: &State, (start, end): (DateTime<Utc>, DateTime<Utc>)) -> String {
    let (start, end) = (start.with_timezone(&state.zone), end.with_timezone(&state.zone));
    let zone = if state.zone == state.workspace.time_zone { "" } else { state.zone.name() };
    let times = if start.date_naive() == end.date_naive() {
        format!("{}-{}", start.format("%H:%M"), end.format("%H:%M"))
    } else {
        let minutes = (end - start).num_minutes();
        format!("{} for {}h{}m", start.format("%H:%M"), minutes / 60, minutes % 60)
    };
    // Whole days say nothing of the hour.
    let is_whole = start.time() == NaiveTime::MIN && end.time() == NaiveTime::MIN;
    let times = if is_whole { String::new() } else { times };
    let words = [start.format("%Y-%m-%d").to_string(), times, zone.to_owned()];
    let words: Vec<String> = words.into_iter().filter(|word| !word.is_empty()).collect();
    format!("{} ", words.join(" "))
}

fn release(state: &mut State) -> Vec<Effect> {
    let Some(press) = state.calendar.press.take() else { return Vec::new() };
    if let Grip::Beside(span) = press.grip {
        if let Some(span) = span {
            let line = line(state, span);
            form::quick_add(state, &line);
        }
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
