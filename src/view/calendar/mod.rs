//! The calendar panel.

mod agenda;
mod blocks;
pub mod conflicts;
mod digits;
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
use crate::app::{State, tracker};
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
    let bar = match (&state.calendar.moving, details) {
        (Some(moving), _) => moving::draw(canvas, area, state, moving),
        (None, side::Room::Instead) => side::summary(canvas, area, state),
        (None, side::Room::Beside) => 0,
    };
    let body = Rect { y: area.y + 2, height: area.height.saturating_sub(2 + bar), ..area };
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
    let room = right.saturating_sub(x);
    let used = conflicts::title(canvas, x, area.y, room, state);
    x += if used > 0 { used + 3 } else { 0 };
    // Zones that read alike now, as UTC and Etc/UTC do, are named once.
    let reads = |zone: chrono_tz::Tz| state.now.wall.with_timezone(&zone).format("%z %Z").to_string();
    let here = reads(state.zone);
    for zone in state.zones().into_iter().filter(|zone| reads(*zone) != here) {
        let city = zone.name().rsplit('/').next().unwrap_or_default().replace('_', " ");
        let text = format!("{city} {}", state.now.wall.with_timezone(&zone).format("%H:%M"));
        let width = unicode_width::UnicodeWidthStr::width(text.as_str()) as u16;
        if x + width > right {
            break;
        }
        x += canvas.text(x, area.y, width, &text, Role::Dim) + 3;
    }
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
