//! A week: hours as rows, days as columns, what lasts longer than a day as bands above them.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::Canvas;
use super::blocks;
use super::heat::Heat;
use super::hours::{self, HourRow};
use super::marks::{self, Shown, Thing};
use crate::app::calendar::{self, minute_of};
use crate::app::{Axis, Intent, ListId, State};
use crate::domain::WindowKind;
use crate::domain::calendar::{Day, days, lanes};
use crate::theme::Role;

/// Columns for the hours.
const GUTTER: u16 = 4;
/// Columns of a day on which nothing happens.
const SLIM: u16 = 7;
/// Bands above the days at most.
const MOST_BANDS: usize = 3;
/// Windows at least this long are a band.
const BAND_FROM: TimeDelta = TimeDelta::hours(24);

/// Where everything goes.
struct Grid {
    days: Vec<Day>,
    rows: Vec<HourRow>,
    area: Rect,
    /// Where each day begins, from the left of `area`; and where the last ends.
    columns: Vec<u16>,
}

impl Grid {
    fn column(&self, day: usize) -> u16 {
        self.area.x + self.columns.get(day).copied().unwrap_or_default()
    }

    /// A day's columns, the gap to the next left out.
    fn width(&self, day: usize) -> u16 {
        self.column(day + 1).saturating_sub(self.column(day) + 1)
    }

    /// The rows an interval touches on a day, by the wall clock; `None` where it does not.
    fn rows_of(&self, state: &State, day: usize, shown: &Shown<'_>) -> Option<(usize, usize)> {
        let day = self.days.get(day)?;
        let is_instant = shown.start == shown.end;
        if shown.start >= day.end || (shown.end <= day.start && !(is_instant && shown.start == day.start)) {
            return None;
        }
        let minute =
            |instant: chrono::DateTime<chrono::Utc>| minute_of(instant.with_timezone(&state.zone).time());
        let from = if shown.start <= day.start { 0 } else { minute(shown.start) };
        let to = if shown.end >= day.end { 1440 } else { minute(shown.end).max(from + 1) };
        Some(hours::touched(&self.rows, from, to))
    }
}

/// Draws it.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let (first, count) = calendar::grid(state);
    let days = days(first, count, state.zone);
    let (Some(from), Some(to)) = (days.first().map(|day| day.start), days.last().map(|day| day.end)) else {
        return;
    };
    let shown = marks::shown(state, from, to);
    let columns = columns(&days, &shown, area.width);
    let mut grid = Grid { days, rows: Vec::new(), area, columns };
    header(canvas, &grid, state, &shown);
    let bands = bands(canvas, &grid, &shown);
    let heat = Heat::new(state, &grid.days);
    if !shown.iter().any(|shown| matches!(shown.what, Thing::Stage(..))) {
        quiet(canvas, area, state);
    } else if !heat.is_empty() {
        for day in 0..grid.days.len() {
            heat.column(canvas, grid.column(day), area.y.saturating_sub(1), grid.width(day), day);
        }
    }
    let top = area.y + 1 + bands;
    grid.area = Rect { y: top, height: area.bottom().saturating_sub(top), ..area };
    grid.rows =
        hours::rows(&busy(&grid, state, &shown), calendar::hours(state), usize::from(grid.area.height));
    gutter(canvas, &grid, state);
    let firsts = firsts(&shown);
    for day in 0..grid.days.len() {
        column(canvas, &grid, state, &shown, &firsts, day);
    }
}

/// Where each day begins: days at the weekend on which nothing happens leave their room to the
/// others.
fn columns(days: &[Day], shown: &[Shown<'_>], width: u16) -> Vec<u16> {
    let is_slim = |day: &Day| {
        let is_weekend = matches!(day.date.weekday(), chrono::Weekday::Sat | chrono::Weekday::Sun);
        let things = shown.iter().filter(|shown| !matches!(shown.what, Thing::Window(_) | Thing::Version(_)));
        let happens = things.filter(|shown| shown.start < day.end && day.start <= shown.end).count() > 0;
        let is_whole = (day.end - day.start).num_minutes() == 1440;
        is_weekend && is_whole && !happens
    };
    let slim: Vec<bool> = days.iter().map(is_slim).collect();
    let room = width.saturating_sub(GUTTER);
    let equal = room / 7;
    let count = slim.iter().filter(|slim| **slim).count() as u16;
    let narrow = equal.min(SLIM);
    let wide = room.saturating_sub(narrow * count) / (7 - count).max(1);
    let mut at = GUTTER;
    let mut columns = vec![at];
    for slim in slim {
        at += if slim { narrow } else { wide };
        columns.push(at);
    }
    columns
}

fn header(canvas: &mut Canvas<'_>, grid: &Grid, state: &State, shown: &[Shown<'_>]) {
    let today = state.now.wall.with_timezone(&state.zone).date_naive();
    let cursor = calendar::cursor(state);
    let y = grid.area.y;
    for (index, day) in grid.days.iter().enumerate() {
        let x = grid.column(index);
        let width = grid.width(index);
        let is_today = day.date == today;
        let mut title = day.date.format("%a %-d").to_string();
        if day.date.day() == 1 {
            title = day.date.format("%-d %b").to_string();
        }
        if is_today && width >= 12 {
            title.push_str(" today");
        }
        let hours = (day.end - day.start).num_minutes();
        if hours != 1440 {
            let hours = hours as f64 / 60.0;
            title = if width < 11 {
                let weekday: String = day.date.format("%a").to_string().chars().take(2).collect();
                format!("{weekday} {} {hours}h", day.date.day())
            } else {
                format!("{title} {hours} h")
            };
        }
        let role = match (day.date == cursor, is_today) {
            (true, _) => Role::Selected,
            (_, true) => Role::Now,
            _ => Role::Dim,
        };
        let used = canvas.text(x, y, width, &title, role);
        let tags = shown
            .iter()
            .filter(|shown| {
                matches!(shown.what, Thing::Tag(..)) && day.start <= shown.start && shown.start < day.end
            })
            .count();
        if tags > 0 {
            canvas.text_right(x + used, y, width.saturating_sub(used), &format!("•{tags}"), Role::Past);
        }
        let whole = Rect::new(x, y, width + 1, grid.area.height);
        canvas.hit(whole, Intent::SelectRow(ListId::CalendarDays, index), Some(ListId::CalendarDays));
    }
}

/// Windows that last longer than a day, above the days. Answers with the rows used.
fn bands(canvas: &mut Canvas<'_>, grid: &Grid, shown: &[Shown<'_>]) -> u16 {
    let long: Vec<&Shown<'_>> = shown.iter().filter(|shown| is_band(shown)).collect();
    let columns = |shown: &Shown<'_>| {
        let first = grid.days.iter().position(|day| shown.start < day.end).unwrap_or(0);
        let after = grid.days.iter().rposition(|day| day.start < shown.end).map_or(first, |last| last + 1);
        (first, after.max(first + 1))
    };
    let spans: Vec<_> = long
        .iter()
        .map(|shown| {
            let (first, after) = columns(shown);
            let at = |day: usize| chrono::DateTime::UNIX_EPOCH + TimeDelta::days(day as i64);
            (at(first), at(after))
        })
        .collect();
    let (lane, count) = lanes(&spans);
    for (shown, lane) in long.iter().zip(lane) {
        let (first, after) = columns(shown);
        if lane >= MOST_BANDS {
            continue;
        }
        let y = grid.area.y + 1 + lane as u16;
        let x = grid.column(first);
        let width = grid.column(after).saturating_sub(x + 1);
        marks::cell(canvas, x, y, width, &shown.title(), shown.role());
        if let Some(place) = shown.place {
            let intent = Intent::SelectRow(ListId::Agenda, place);
            canvas.hit(Rect::new(x, y, width, 1), intent, Some(ListId::CalendarDays));
        }
    }
    if count > MOST_BANDS {
        let more = format!("+{}", count - MOST_BANDS);
        canvas.text(grid.area.x, grid.area.y + MOST_BANDS as u16, GUTTER - 1, &more, Role::Dim);
    }
    count.min(MOST_BANDS) as u16
}

fn is_band(shown: &Shown<'_>) -> bool {
    // A version of the tracker has a day, and no hour.
    matches!(shown.what, Thing::Version(_))
        || matches!(shown.what, Thing::Window(_)) && shown.end - shown.start >= BAND_FROM
}

/// A week without a stage says where the next one is.
fn quiet(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let next = calendar::upcoming(state).next().map(|(release, _, stage)| {
        let today = state.now.wall.with_timezone(&state.zone).date_naive();
        let day = calendar::day_of(stage.start.with_timezone(&state.zone).date_naive(), today);
        format!("; next: {}, {day}", release.title)
    });
    let words = format!("no stage this week{}", next.unwrap_or_default());
    canvas.text(area.x, area.y.saturating_sub(1), area.width, &words, Role::Dim);
}

/// The hours in which stages are.
fn busy(grid: &Grid, state: &State, shown: &[Shown<'_>]) -> [bool; 24] {
    let mut busy = [false; 24];
    let whole: Vec<HourRow> =
        (0..24).map(|hour| HourRow { from: hour * 60, to: hour * 60 + 60, folded: false }).collect();
    let by_hour = Grid { days: grid.days.clone(), rows: whole, area: grid.area, columns: Vec::new() };
    for shown in shown.iter().filter(|shown| matches!(shown.what, Thing::Stage(..))) {
        for day in 0..grid.days.len() {
            if let Some((first, after)) = by_hour.rows_of(state, day, shown) {
                busy[first..after].fill(true);
            }
        }
    }
    busy
}

fn gutter(canvas: &mut Canvas<'_>, grid: &Grid, state: &State) {
    let now = now_row(grid, state);
    for (index, (y, row)) in (grid.area.y..grid.area.bottom()).zip(&grid.rows).enumerate() {
        let is_now = now.is_some_and(|(_, row)| row == index);
        let label = match (row.folded, row.from % 60) {
            (true, _) => " ┄".to_owned(),
            (false, 0) => format!("{:02}", row.from / 60),
            _ => String::new(),
        };
        canvas.text(grid.area.x, y, GUTTER - 1, &label, if is_now { Role::Now } else { Role::Dim });
        if is_now {
            canvas.text(grid.area.x + 2, y, 1, "▸", Role::Now);
        }
    }
}

/// The day and the row that now lies in.
fn now_row(grid: &Grid, state: &State) -> Option<(usize, usize)> {
    let now = state.now.wall;
    let day = grid.days.iter().position(|day| day.start <= now && now < day.end)?;
    let minute = minute_of(now.with_timezone(&state.zone).time());
    Some((day, grid.rows.iter().position(|row| row.from <= minute && minute < row.to)?))
}

/// When each window begins first among what is shown, by its id.
fn firsts<'a>(shown: &[Shown<'a>]) -> BTreeMap<&'a str, DateTime<Utc>> {
    let mut firsts = BTreeMap::new();
    for shown in shown {
        if let Thing::Window(window) = shown.what {
            let first = firsts.entry(window.id.as_str()).or_insert(shown.start);
            *first = shown.start.min(*first);
        }
    }
    firsts
}

fn column(
    canvas: &mut Canvas<'_>,
    grid: &Grid,
    state: &State,
    shown: &[Shown<'_>],
    firsts: &BTreeMap<&str, DateTime<Utc>>,
    day: usize,
) {
    // Only what the day has is looked at again and again.
    let Some(this) = grid.days.get(day).copied() else { return };
    let shown: Vec<Shown<'_>> = shown
        .iter()
        .filter(|shown| shown.start < this.end && (this.start < shown.end || this.start <= shown.start))
        .copied()
        .collect();
    let shown = shown.as_slice();
    let x = grid.column(day);
    let width = grid.width(day);
    fields(canvas, grid, state, day);
    let mut taken = vec![false; grid.rows.len()];
    // A freeze hides the change window it beats.
    let (freezes, others): (Vec<&Shown<'_>>, Vec<_>) = shown.iter().partition(|shown| shown.is_freeze());
    for shown in others.into_iter().chain(freezes) {
        if let Thing::Window(window) = shown.what
            && let Some((first, after)) = grid.rows_of(state, day, shown)
        {
            let sign = marks::window_sign(window);
            let role = marks::window_role(window);
            // What only tells people something is named, not drawn over the hours.
            let is_quiet = window.kind == WindowKind::Freeze && !shown.is_freeze();
            for row in if is_quiet { first..first } else { first..after } {
                let y = grid.area.y + row as u16;
                if shown.is_freeze() {
                    canvas.hatch(Rect::new(x, y, width, 1), role);
                }
                canvas.text(x, y, 1, sign, role);
            }
            if !is_band(shown) {
                let y = grid.area.y + first as u16;
                let role = if shown.selected { Role::Selected } else { role };
                // What allows every day is named once, where its name has room.
                let title = shown.title();
                let was_before = firsts.get(window.id.as_str()).is_some_and(|first| *first < this.start);
                let named = !was_before && title.width() <= usize::from(width);
                if shown.is_freeze() || shown.selected || named {
                    canvas.text(x, y, width, &title, role);
                }
                if let Some(place) = shown.place {
                    let hit = Rect::new(x, y, width, (after - first) as u16);
                    canvas.hit(hit, Intent::SelectRow(ListId::Agenda, place), Some(ListId::CalendarDays));
                }
            }
        }
    }
    if let Some((today, row)) = now_row(grid, state)
        && today == day
    {
        let line = "┈".repeat(usize::from(width.saturating_sub(1)));
        canvas.text(x + 1, grid.area.y + row as u16, width.saturating_sub(1), &line, Role::Now);
    }
    let stages: Vec<(&Shown<'_>, (usize, usize))> = shown
        .iter()
        .filter(|shown| matches!(shown.what, Thing::Stage(..)))
        .filter_map(|shown| Some((shown, grid.rows_of(state, day, shown)?)))
        .collect();
    for row in stages.iter().flat_map(|(_, (first, after))| *first..*after) {
        taken[row] = true;
    }
    let room = Rect::new(x + 1, grid.area.y, width.saturating_sub(1), grid.area.height);
    for group in blocks::groups(&stages) {
        blocks::draw(canvas, state, room, &group);
    }
    tags(canvas, grid, state, shown, day, &mut taken);
}

/// Which time is where, for the mouse.
fn fields(canvas: &mut Canvas<'_>, grid: &Grid, state: &State, day: usize) {
    let Some(at) = grid.days.get(day) else { return };
    let midnight = at.date.and_time(chrono::NaiveTime::MIN);
    let instant = |minute: u32| match minute {
        1440.. => at.end,
        _ => calendar::instant(state.zone, midnight + TimeDelta::minutes(i64::from(minute))),
    };
    let (x, width) = (grid.column(day), grid.column(day + 1).saturating_sub(grid.column(day)));
    for (y, row) in (grid.area.y..grid.area.bottom()).zip(&grid.rows) {
        canvas.field(Rect::new(x, y, width, 1), instant(row.from), instant(row.to), Axis::Whole);
    }
}

/// Past releases as dots at their hour, where there is room.
fn tags(
    canvas: &mut Canvas<'_>,
    grid: &Grid,
    state: &State,
    shown: &[Shown<'_>],
    day: usize,
    taken: &mut [bool],
) {
    let x = grid.column(day) + 1;
    let width = grid.width(day).saturating_sub(1);
    for shown in shown.iter().filter(|shown| matches!(shown.what, Thing::Tag(..))) {
        let Some((row, _)) = grid.rows_of(state, day, shown) else { continue };
        let near = [row, row + 1, row.wrapping_sub(1), row + 2];
        let free = near.into_iter().find(|row| taken.get(*row) == Some(&false));
        // One that is selected is shown whatever lies there.
        let Some(row) = free.or(shown.selected.then_some(row)) else { continue };
        taken[row] = true;
        let y = grid.area.y + row as u16;
        canvas.text(x, y, width, &shown.title(), shown.role());
        if let Some(place) = shown.place {
            let intent = Intent::SelectRow(ListId::Agenda, place);
            canvas.hit(Rect::new(x, y, width, 1), intent, Some(ListId::CalendarDays));
        }
    }
}
