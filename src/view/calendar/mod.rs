//! The calendar panel.

mod agenda;
mod blocks;
mod clocks;
pub mod conflicts;
mod digits;
pub mod golive;
mod heat;
mod hours;
mod lanes;
mod marks;
mod month;
mod moving;
mod side;
pub mod slots;
mod week;

use chrono::Datelike;
use ratatui::layout::Rect;

use super::{Canvas, face};
use crate::app::calendar::{self, Pane, SIDE_FROM, Said, Shape};
use crate::app::{Intent, State, tracker};
use crate::theme::Role;

/// Draws it.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let beside = state.size.0 >= SIDE_FROM && area.width + 2 >= SIDE_FROM;
    if beside {
        let width = side::width(area.width, state);
        let left = Rect { width: area.width - width - 2, ..area };
        let right = Rect { x: left.right() + 2, width, ..area };
        canvas.divider(left.right(), area.y, area.height);
        side::draw(canvas, right, state, side::Room::Beside);
        days(canvas, left, state, side::Room::Beside);
    } else if state.calendar.pane == Pane::Details {
        side::draw(canvas, area, state, side::Room::Instead);
    } else {
        days(canvas, area, state, side::Room::Instead);
    }
}

fn days(canvas: &mut Canvas<'_>, area: Rect, state: &State, details: side::Room) {
    title(canvas, area, state);
    // The slot finder says itself where it would go.
    let is_finding = matches!(state.overlays.last(), Some(crate::app::Overlay::Slots(_)));
    let bar = match (&state.calendar.moving, details) {
        _ if is_finding => 0,
        (Some(moving), _) => moving::draw(canvas, area, state, moving),
        (None, side::Room::Instead) => side::summary(canvas, area, state),
        (None, side::Room::Beside) => 0,
    };
    // Under the hand the days must not move: what is being moved takes the place of the strip.
    let strip = clocks::height(area, state);
    let bar = if state.calendar.moving.is_some() {
        bar.max(strip)
    } else {
        clocks::strip(canvas, Rect { height: area.height.saturating_sub(bar), ..area }, state, strip);
        bar + strip
    };
    let body = Rect { y: area.y + 2, height: area.height.saturating_sub(2 + bar), ..area };
    load(canvas, area, state);
    if state.calendar.timeline.is_empty() {
        return nothing(canvas, body, state);
    }
    match state.calendar.shape {
        Shape::Week => week::draw(canvas, body, state),
        Shape::Month => month::draw(canvas, body, state),
        Shape::Agenda => agenda::draw(canvas, body, state),
        Shape::Lanes => lanes::draw(canvas, body, state),
    }
}

/// The load of the days where they are no columns; week and timeline draw it over theirs.
fn load(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let (first, last) = match state.calendar.shape {
        Shape::Week | Shape::Lanes => return,
        Shape::Month => {
            let first = crate::domain::calendar::month_of(calendar::cursor(state));
            (first, crate::domain::calendar::later_month(first, 1))
        }
        Shape::Agenda => {
            let (from, to) = calendar::period(state);
            let date = |at: chrono::DateTime<chrono::Utc>| at.with_timezone(&state.zone).date_naive();
            let (first, last) = (date(from), date(to));
            // Never less than two weeks: a strip of a day says nothing.
            (first, last.max(first.checked_add_days(chrono::Days::new(14)).unwrap_or(first)))
        }
    };
    let count = (last - first).num_days().clamp(0, 366) as u32;
    let days = crate::domain::calendar::days(first, count, state.zone);
    heat::line(canvas, area.x, area.y + 1, area.width, state, &days);
}

fn nothing(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    if state.calendar.filter.is_empty() {
        let hint = "n plans a release, A plans one in one line, N adds a freeze or a change window. A \
                    service that names its repository brings its tags as past releases.";
        face::message(canvas, area, Role::Dim, "nothing is planned yet", hint);
    } else {
        let title = format!("nothing matches `{}`", state.calendar.filter);
        face::message(canvas, area, Role::Dim, &title, "Esc clears the filter.");
    }
}

/// Which days, which zone, what time it is elsewhere, and what keeps the picture from being whole.
fn title(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let (first, days) = calendar::grid(state);
    let last = first.checked_add_days(chrono::Days::new(u64::from(days) - 1)).unwrap_or(first);
    let period = match state.calendar.shape {
        Shape::Month => calendar::cursor(state).format("%B %Y").to_string(),
        Shape::Agenda => calendar::cursor(state).format("Agenda   %a %-d %b %Y").to_string(),
        Shape::Lanes => lanes::period(state),
        Shape::Week => {
            // Weeks are numbered as in ISO 8601, by the Thursday in them.
            let thursday = first.checked_add_days(chrono::Days::new(3)).unwrap_or(first);
            let begins = if first.month() == last.month() {
                first.format("%-d").to_string()
            } else {
                first.format("%-d %b").to_string()
            };
            format!("Week {}   {begins}–{}", thursday.iso_week().week(), last.format("%-d %b %Y"))
        }
    };
    let mut x = area.x;
    x += canvas.text(x, area.y, area.width, &period, Role::Title) + 3;
    if state.calendar.shape == Shape::Lanes {
        x += lanes::words(canvas, x, area.y, area.right().saturating_sub(x), state) + 3;
    }
    x += canvas.text(x, area.y, area.right().saturating_sub(x), state.zone.name(), Role::Accent) + 3;
    let mut right = area.right();
    let unreadable = state.calendar.timeline.unreadable.len();
    let news = if unreadable > 0 {
        Some((format!("◌ {unreadable} unreadable in windows.toml"), Said::Unknown))
    } else {
        calendar::past_news(state).or_else(|| tracker::news(state).map(|words| (words, Said::Unknown)))
    };
    if let Some((text, said)) = news {
        let room = right.saturating_sub(x);
        let used = canvas.text_right(x, area.y, room, &text, role(said));
        right = right.saturating_sub(used + 2);
    }
    if let Some(words) = calendar::layers::hidden_words(state) {
        let room = right.saturating_sub(x);
        let used = canvas.text_right(x, area.y, room, &words, Role::Attention);
        canvas.hit(Rect::new(right - used, area.y, used, 1), Intent::ShowLayers, None);
        right = right.saturating_sub(used + 2);
    }
    let room = right.saturating_sub(x);
    let used = conflicts::title(canvas, x, area.y, room, state);
    if used > 0 {
        x += used + 3;
    }
    clocks::title(canvas, x, area.y, right, state);
}

/// How what the details say looks.
fn role(said: Said) -> Role {
    match said {
        Said::Title => Role::Title,
        Said::Text => Role::Text,
        Said::Dim => Role::Dim,
        Said::Accent => Role::Accent,
        Said::Good => Role::Good,
        Said::Attention => Role::Attention,
        Said::Bad => Role::Bad,
        Said::Unknown => Role::Unknown,
        Said::Stale => Role::Stale,
        Said::Freeze => Role::Freeze,
    }
}
