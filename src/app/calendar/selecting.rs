//! Which entry is selected, which day the cursor is on, and what is on screen around it.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, Utc, Weekday};
use chrono_tz::Tz;

use crate::app::{ListId, State};
use crate::domain::calendar::{Day, later_month, month_grid, month_of, week_of};
use crate::domain::moment::{Resolved, midnight, resolve_local};
use crate::domain::office::DayHours;
use crate::domain::release::TrackerRef;

use super::{Mark, Shape, What, lanes};

/// An entry by its id, so that it stays selected while the files change around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selected {
    /// A stage of a release, counted from 0.
    Stage {
        /// The release's id.
        release: String,
        /// The stage.
        stage: usize,
    },
    /// An occurrence of a window.
    Window {
        /// The window's id.
        window: String,
        /// When the occurrence begins.
        start: DateTime<Utc>,
    },
    /// A past release.
    Tag {
        /// The service's id.
        service: String,
        /// The tag's name.
        name: String,
        /// When it was made.
        at: DateTime<Utc>,
    },
    /// A version of the tracker that nobody planned.
    Version {
        /// Which.
        reference: TrackerRef,
    },
}

/// The first column of a week.
pub fn week_start(state: &State) -> Weekday {
    state.person.week_start.unwrap_or(state.look.week_start)
}

/// The hours of a day that have room first, and in which offices work.
pub fn hours(state: &State) -> DayHours {
    state.person.hours.unwrap_or_default()
}

/// The date the cursor is on, in the zone on screen.
pub fn cursor(state: &State) -> NaiveDate {
    state.calendar.focus.with_timezone(&state.zone).date_naive()
}

/// The first date on screen and how many days: a week, or the weeks of a month.
pub fn grid(state: &State) -> (NaiveDate, u32) {
    let date = cursor(state);
    match state.calendar.shape {
        Shape::Month => {
            let (first, weeks) = month_grid(date, week_start(state));
            (first, weeks * 7)
        }
        _ => (week_of(date, week_start(state)), 7),
    }
}

/// The range of time on screen: a week, the weeks of a month, or what the agenda shows.
pub fn period(state: &State) -> (DateTime<Utc>, DateTime<Utc>) {
    match state.calendar.shape {
        Shape::Agenda => return agenda_period(state),
        Shape::Lanes => return state.calendar.lanes.range(state.zone),
        Shape::Month | Shape::Week => {}
    }
    let (first, days) = grid(state);
    let end = first.checked_add_days(Days::new(u64::from(days))).unwrap_or(NaiveDate::MAX);
    (midnight(state.zone, first), midnight(state.zone, end))
}

fn agenda_period(state: &State) -> (DateTime<Utc>, DateTime<Utc>) {
    let (top, rows) = state.feedback.list(ListId::Agenda).unwrap_or((state.calendar.top, 0));
    let timeline = &state.calendar.timeline;
    let days = (top..top + rows.max(1)).filter_map(|row| timeline.agenda_row(row)).map(|(day, _)| day);
    let dates = days.filter_map(|day| timeline.days().get(day)).map(|day| day.date);
    let (first, last) = dates.fold((None, None), |(first, _), date| (first.or(Some(date)), Some(date)));
    let date = cursor(state);
    let first = Day::of(first.unwrap_or(date), state.zone);
    (first.start, Day::of(last.unwrap_or(date), state.zone).end.max(first.end))
}

/// Puts the cursor on a date, at the time of day it has.
pub fn put_cursor(state: &mut State, date: NaiveDate) {
    let time = state.calendar.focus.with_timezone(&state.zone).time();
    state.calendar.focus = instant(state.zone, date.and_time(time));
}

/// The instant of a local time; the clock change where it is skipped.
pub fn instant(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    match resolve_local(zone, local) {
        Resolved::Unique(instant) | Resolved::Ambiguous { earlier: instant, .. } => instant,
        Resolved::Skipped { transition, .. } => transition,
    }
}

/// The place of an entry on the line of time; `None` where the filter hides it or it is gone.
pub fn place_of(state: &State, selected: &Selected) -> Option<usize> {
    let start = match selected {
        Selected::Stage { release, stage } => state.workspace.release(release)?.stages.get(*stage)?.start,
        Selected::Window { start, .. } => *start,
        Selected::Tag { at, .. } => *at,
        Selected::Version { reference } => {
            let known = state.tracker.unplanned.iter().find(|version| version.reference == *reference)?;
            midnight(state.zone, known.date)
        }
    };
    let timeline = &state.calendar.timeline;
    let mut place = timeline.first_from(start);
    while let Some(mark) = timeline.get(place).filter(|mark| mark.start == start) {
        if identify(state, mark).as_ref() == Some(selected) {
            return Some(place);
        }
        place += 1;
    }
    None
}

/// The place of the selected entry.
pub fn selected_place(state: &State) -> Option<usize> {
    place_of(state, state.calendar.selected.as_ref()?)
}

/// An entry's id.
pub fn identify(state: &State, mark: &Mark) -> Option<Selected> {
    let workspace = &state.workspace;
    Some(match mark.what {
        What::Stage(release, stage) => Selected::Stage {
            release: workspace.releases.get(release as usize)?.id.clone(),
            stage: stage as usize,
        },
        What::Window(window) => {
            Selected::Window { window: workspace.windows.get(window as usize)?.id.clone(), start: mark.start }
        }
        What::Tag(tag) => {
            let past = state.calendar.plan.past.get(tag as usize)?;
            Selected::Tag {
                service: workspace.services.get(past.service as usize)?.id.clone(),
                name: past.name.to_string(),
                at: past.at,
            }
        }
        What::Version(version) => {
            Selected::Version { reference: state.tracker.unplanned.get(version as usize)?.reference.clone() }
        }
    })
}

/// Selects the entry at a place, and brings the cursor to its day.
pub fn select(state: &mut State, place: usize) {
    let Some(mark) = state.calendar.timeline.get(place).copied() else { return };
    let Some(selected) = identify(state, &mark) else { return };
    let day = Day::at(state.calendar.focus, state.zone);
    if state.calendar.shape == Shape::Agenda || !mark.touches(day.start, day.end) {
        state.calendar.focus = mark.start;
    }
    hold(state, Some(selected));
}

/// Holds on to an entry by its id; the other panels follow where it is a release's.
pub fn hold(state: &mut State, selected: Option<Selected>) {
    if state.calendar.selected != selected {
        state.calendar.details_top = 0;
    }
    if let Some(Selected::Stage { release, .. }) = &selected {
        state.release = Some(release.clone());
        state.calendar.followed = Some(release.clone());
    }
    state.calendar.selected = selected;
}

/// Brings the cursor to a date and selects an entry there.
pub fn select_day(state: &mut State, date: NaiveDate, entry: Selected) {
    state.panel = crate::app::Panel::Calendar;
    go_to(state, date);
    if place_of(state, &entry).is_some() {
        hold(state, Some(entry));
    }
}

/// Selects what the cursor's day has: its first stage, else its first entry, else nothing.
pub fn select_on_day(state: &mut State) {
    let day = Day::at(state.calendar.focus, state.zone);
    let mut found = None;
    for (place, mark) in state.calendar.timeline.places(day.start, day.end) {
        let is_stage = matches!(mark.what, What::Stage(..));
        if is_stage || found.is_none() {
            found = Some(place);
        }
        if is_stage {
            break;
        }
    }
    match found {
        Some(place) => select(state, place),
        None => hold(state, None),
    }
}

/// The entry some steps on: in the agenda along the list, else along the cursor's day and then
/// on to the next day that has one.
pub fn step(state: &mut State, by: isize) {
    let count = state.calendar.timeline.len();
    if count == 0 {
        return;
    }
    let selected = selected_place(state);
    if state.calendar.shape == Shape::Agenda {
        let after = state.calendar.timeline.first_from(state.calendar.focus);
        let place = match selected {
            Some(place) => place.saturating_add_signed(by),
            None if by > 0 => after.saturating_add_signed(by - 1),
            None => after.saturating_add_signed(by),
        };
        return select(state, place.min(count - 1));
    }
    if state.calendar.shape == Shape::Lanes {
        return lanes::step_lanes(state, by);
    }
    for _ in 0..by.unsigned_abs().min(count) {
        step_on_grid(state, by > 0);
    }
}

fn step_on_grid(state: &mut State, forward: bool) {
    let day = Day::at(state.calendar.focus, state.zone);
    let timeline = &state.calendar.timeline;
    let on_day: Vec<usize> = timeline.places(day.start, day.end).map(|(place, _)| place).collect();
    let held = selected_place(state).and_then(|selected| on_day.iter().position(|place| *place == selected));
    let next = match (held, forward) {
        (Some(index), true) => on_day.get(index + 1).copied(),
        (Some(index), false) => index.checked_sub(1).map(|index| on_day[index]),
        (None, true) => on_day.first().copied(),
        (None, false) => on_day.last().copied(),
    };
    let next = next.or_else(|| {
        if forward {
            Some(timeline.first_from(day.end)).filter(|place| *place < timeline.len())
        } else {
            timeline.first_from(day.start).checked_sub(1)
        }
    });
    if let Some(place) = next {
        let start = state.calendar.timeline.get(place).map(|mark| mark.start);
        // Going back from a day to what began before it goes to the day it began.
        if let Some(start) = start
            && !on_day.contains(&place)
        {
            state.calendar.focus = start;
        }
        select(state, place);
    }
}

/// The day some days on; in the agenda the next that has entries.
pub fn step_days(state: &mut State, by: i64) {
    if state.calendar.shape == Shape::Lanes {
        return lanes::step_time(state, by as i32);
    }
    let date = cursor(state);
    if state.calendar.shape == Shape::Agenda && by.abs() == 1 {
        let days = state.calendar.timeline.days();
        let next = if by > 0 {
            days.get(days.partition_point(|day| day.date <= date))
        } else {
            days.partition_point(|day| day.date < date).checked_sub(1).map(|index| &days[index])
        };
        if let Some(day) = next.copied() {
            go_to(state, day.date);
        }
        return;
    }
    go_to(state, later(date, by));
}

/// The week or month some periods on.
pub fn step_period(state: &mut State, by: i32) {
    let date = cursor(state);
    match state.calendar.shape {
        Shape::Month => go_to(state, later_month(date, by)),
        Shape::Lanes => lanes::turn(state, by),
        _ => go_to(state, later(date, 7 * i64::from(by))),
    }
}

/// The first or last day of the period, or of everything in the agenda.
pub fn go_to_end(state: &mut State, last: bool) {
    if state.calendar.shape == Shape::Agenda {
        let place = if last { state.calendar.timeline.len().saturating_sub(1) } else { 0 };
        return select(state, place);
    }
    if state.calendar.shape == Shape::Lanes {
        return lanes::to_lane_end(state, last);
    }
    let (first, days) = match state.calendar.shape {
        Shape::Month => {
            let first = month_of(cursor(state));
            (first, (later_month(first, 1) - first).num_days())
        }
        _ => (grid(state).0, 7),
    };
    go_to(state, if last { later(first, days - 1) } else { first });
}

/// Puts the cursor on a date and selects what the day has.
pub fn go_to(state: &mut State, date: NaiveDate) {
    put_cursor(state, date);
    super::settle(state);
    if state.calendar.shape == Shape::Agenda {
        let from = midnight(state.zone, date);
        let place = state.calendar.timeline.first_from(from);
        let day = Day::of(date, state.zone);
        let is_there = state.calendar.timeline.get(place).is_some_and(|mark| mark.start < day.end);
        if is_there {
            select(state, place);
        } else {
            hold(state, None);
        }
        return;
    }
    select_on_day(state);
}

/// Back to now: what goes on, else what comes next today.
pub fn go_to_now(state: &mut State) {
    let now = state.now.wall;
    state.calendar.focus = now;
    super::settle(state);
    let day = Day::at(now, state.zone);
    let ahead = |mark: &Mark| matches!(mark.what, What::Stage(..)) && mark.end > now;
    let stage = state.calendar.timeline.places(now, day.end).find(|(_, mark)| ahead(mark));
    match stage.map(|(place, _)| place) {
        Some(place) => select(state, place),
        None => select_on_day(state),
    }
    state.calendar.focus = now;
}

fn later(date: NaiveDate, days: i64) -> NaiveDate {
    let by = Days::new(days.unsigned_abs());
    let moved = if days < 0 { date.checked_sub_days(by) } else { date.checked_add_days(by) };
    // Where nothing can be planned any more the cursor stays.
    moved.filter(|date| (1900..=9000).contains(&chrono::Datelike::year(date))).unwrap_or(date)
}

/// Where on its day a local time is, in minutes.
pub fn minute_of(time: NaiveTime) -> u32 {
    use chrono::Timelike;
    time.hour() * 60 + time.minute()
}
