//! What lies behind the bars: the axis, weekends, freezes and change windows, now.

use std::collections::BTreeMap;

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::scale::{self, Tick};
use super::{Canvas, Lane, Rows, Scale};
use crate::app::State;
use crate::app::calendar::{Extent, Zoom};
use crate::domain::calendar::clock_changes;
use crate::domain::{Window, WindowKind};
use crate::theme::Role;
use crate::view::calendar::marks::{Shown, Thing};

/// A change window narrower than this is marked among the windows only.
const MARKED_FROM: u16 = 16;

/// The two rows along the axis: days, hours, changes of the clock, now.
pub fn axis(canvas: &mut Canvas<'_>, y: u16, state: &State, scale: &Scale) {
    let (above, below) = scale::ticks(state, scale);
    let now = scale.column(state.now.wall);
    let today = state.now.wall.with_timezone(&state.zone).date_naive();
    let is_today = |tick: &Tick| tick.at.with_timezone(&state.zone).date_naive() == today;
    // Weeks and months are never today.
    let days = match state.calendar.lanes.zoom {
        Zoom::Quarter => None,
        Zoom::Month => Some(y + 1),
        _ => Some(y),
    };
    for (y, ticks) in [(y, &above), (y + 1, &below)] {
        for (index, tick) in ticks.iter().enumerate() {
            let Some(x) = scale.column(tick.at) else { continue };
            let next = ticks.get(index + 1).and_then(|next| scale.column(next.at));
            let room = next.unwrap_or(scale.x + scale.width).saturating_sub(x + 1);
            let Some(label) = tick.labels.iter().find(|label| label.width() <= usize::from(room)) else {
                continue;
            };
            let role = match (is_today(tick), tick.weekend) {
                (true, _) if days == Some(y) => Role::Now,
                (_, true) => Role::Border,
                _ => Role::Dim,
            };
            canvas.text(x, y, room, label, role);
        }
    }
    for (at, by) in clock_changes(state.zone, scale.from, scale.to) {
        let Some(x) = scale.column(at) else { continue };
        let minutes = by.num_minutes();
        let sign = if minutes > 0 { "+" } else { "-" };
        let size = match minutes.abs() {
            60 => "1h".to_owned(),
            minutes => format!("{minutes}m"),
        };
        let words = format!("▲{sign}{size}");
        let x = x.min((scale.x + scale.width).saturating_sub(words.width() as u16));
        let used = canvas.text(x, y + 1, words.width() as u16, &words, Role::Attention);
        // What is left of the hour below it says nothing.
        let rest = x + used..scale.x + scale.width;
        let is_written = |x: &u16| canvas.buffer.cell((*x, y + 1)).is_some_and(|cell| cell.symbol() != " ");
        let rest = rest.take_while(is_written).count() as u16;
        canvas.clear(Rect::new(x + used, y + 1, rest, 1), Role::Text);
    }
    if let Some(x) = now
        && canvas.buffer.cell((x, y + 1)).is_some_and(|cell| cell.symbol() == " ")
    {
        canvas.text(x, y + 1, 1, "▾", Role::Now);
    }
}

/// Weekends, the lines between days (weeks, months), changes of the clock.
pub fn behind(canvas: &mut Canvas<'_>, body: Rect, state: &State, scale: &Scale) {
    let wide = scale.per_day() >= 2.0;
    for day in scale::days(state, scale).into_iter().filter(|day| wide && scale::is_weekend(day.date)) {
        let (first, after) = scale.columns(day.start.max(scale.from), day.end.min(scale.to));
        let dots = "·".repeat(usize::from(after - first));
        for y in body.y..body.bottom() {
            canvas.text(scale.x + first, y, after - first, &dots, Role::Border);
        }
    }
    let (above, _) = scale::ticks(state, scale);
    let columns = above.iter().filter_map(|tick| scale.column(tick.at)).filter(|x| *x > scale.x);
    for x in columns {
        for y in body.y..body.bottom() {
            canvas.text(x, y, 1, "┊", Role::Border);
        }
    }
    for (at, _) in clock_changes(state.zone, scale.from, scale.to) {
        if let Some(x) = scale.column(at) {
            for y in body.y..body.bottom() {
                canvas.text(x, y, 1, "┆", Role::Attention);
            }
        }
    }
}

/// Occurrences by the window they are of.
pub(super) fn by_window<'s, 'a>(shown: &'s [Shown<'a>]) -> Vec<(&'a Window, Vec<&'s Shown<'a>>)> {
    let mut found: BTreeMap<&str, (&Window, Vec<&Shown<'_>>)> = BTreeMap::new();
    for it in shown {
        if let Thing::Window(window) = it.what {
            found.entry(&window.id).or_insert_with(|| (window, Vec::new())).1.push(it);
        }
    }
    found.into_values().collect()
}

/// Freezes as hatching over the lanes they apply to, change windows by their edges.
pub(super) fn windows(
    canvas: &mut Canvas<'_>,
    rows: &Rows,
    lane: &Lane<'_, '_>,
    state: &State,
    scale: &Scale,
    windows: &[(&Window, Vec<&Shown<'_>>)],
) {
    let Some(number) = lane.number else { return };
    let index = &state.calendar.lanes.index;
    // Freezes lie over change windows: they beat them.
    let kinds = [WindowKind::Change, WindowKind::Freeze];
    for kind in kinds {
        for (window, shown) in windows {
            let says_nothing = kind == WindowKind::Freeze && !window.denies();
            if window.kind != kind || says_nothing {
                continue;
            }
            // Once for a window, however often it recurs.
            let extent = index.extent(number, window);
            if extent == Extent::Nothing {
                continue;
            }
            for shown in shown {
                let (first, after) = scale.columns(shown.start, shown.end);
                let (x, width) = (scale.x + first, after - first);
                if kind == WindowKind::Change && width < MARKED_FROM {
                    continue;
                }
                for y in (0..lane.height).filter_map(|row| rows.y(row)) {
                    if kind == WindowKind::Freeze {
                        hatch(canvas, x, y, width, extent);
                    } else {
                        canvas.text(x, y, 1, "╎", Role::ChangeWindow);
                        canvas.text(x + width - 1, y, 1, "╎", Role::ChangeWindow);
                    }
                }
            }
        }
    }
}

/// Close hatching where everything in the lane is meant, wide where some of it is.
fn hatch(canvas: &mut Canvas<'_>, x: u16, y: u16, width: u16, extent: Extent) {
    let every = if extent == Extent::Wholly { 2 } else { 4 };
    let cells = (x..x + width).map(|at| if (at + y).is_multiple_of(every) { '╱' } else { ' ' });
    let text: String = cells.collect();
    if extent == Extent::Wholly {
        canvas.clear(Rect::new(x, y, width, 1), Role::Freeze);
        canvas.text(x, y, width, &text, Role::Freeze);
    } else {
        for (at, _) in (x..).zip(text.chars()).filter(|(_, symbol)| *symbol != ' ') {
            canvas.text(at, y, 1, "╱", Role::Past);
        }
    }
}

/// The line of now, where nothing lies on it.
pub fn now(canvas: &mut Canvas<'_>, body: Rect, state: &State, scale: &Scale) {
    let Some(x) = scale.column(state.now.wall) else { return };
    for y in body.y..body.bottom() {
        let empty =
            canvas.buffer.cell((x, y)).is_some_and(|cell| matches!(cell.symbol(), " " | "·" | "┊" | "╱"));
        if empty {
            canvas.text(x, y, 1, "│", Role::Now);
        }
    }
}
