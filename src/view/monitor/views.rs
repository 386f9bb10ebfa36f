//! The panel's first line: its views, and the stretch of time they look at.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use crate::app::monitor::{self, View};
use crate::app::{Intent, State};
use crate::domain::format;
use crate::theme::Role;
use crate::view::Canvas;

/// Draws it: the views at the left, the time at the right. The time matters more where there is
/// no room for both: then only the view on screen is named, with its place among them.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let times = times(canvas, state);
    let shortest = times.last().map_or(0, width_of);
    let names: u16 = View::ALL.iter().map(|view| view.title().width() as u16).sum();
    let count = View::ALL.len() as u16;
    let room = area.width.saturating_sub(shortest + 2);
    let used = if names + count < room {
        let gap = if names + count * 2 <= room { 2 } else { 1 };
        all(canvas, area, state, gap)
    } else {
        let here = View::ALL.iter().position(|view| *view == state.monitor.view).unwrap_or(0) + 1;
        let words = format!("▸ {} {here}/{count}", state.monitor.view.title());
        let used = canvas.text(area.x, area.y, room, &words, Role::Now);
        canvas.hit(Rect { width: used, ..area }, Intent::NextView, None);
        used
    };
    let room = area.width.saturating_sub(used + 2);
    let fitting = times.iter().find(|line| width_of(line) <= room).or(times.last());
    if let Some(line) = fitting {
        let width = width_of(line).min(room);
        canvas.line(area.right() - width, area.y, width, line);
    }
}

fn all(canvas: &mut Canvas<'_>, area: Rect, state: &State, gap: u16) -> u16 {
    let mut x = area.x;
    for view in View::ALL {
        let is_here = *view == state.monitor.view;
        let left = area.right().saturating_sub(x);
        let start = x;
        if is_here {
            x += canvas.text(x, area.y, left, "▸", Role::Now);
        }
        let role = if is_here { Role::Now } else { Role::Dim };
        x += canvas.text(x, area.y, left.saturating_sub(x - start), view.title(), role);
        canvas.hit(Rect { x: start, width: x - start, ..area }, Intent::ShowView(*view), None);
        x += gap;
    }
    x - gap - area.x
}

/// What is looked at: following or paused, how long, from when to when, how much is there. The
/// fullest first.
fn times<'a>(canvas: &Canvas<'_>, state: &State) -> Vec<Line<'a>> {
    let window = &state.monitor.window;
    let (start, end) = (window.start(state.now.wall), window.end(state.now.wall));
    let mode: Span<'a> = match window.paused_at() {
        Some(at) => {
            let at = at.with_timezone(&state.zone).format("%H:%M");
            canvas.span(format!(" PAUSED at {at} "), Role::Banner)
        }
        None => canvas.span("following", Role::Accent),
    };
    let length = canvas.span(format!("  {}", window.length()), Role::Title);
    let span = canvas.span(format!("  {}", format::local_span(start, end, state.zone)), Role::Dim);
    let count = monitor::listed(state).len();
    let services: usize = state.monitor.index.fleets.iter().map(|fleet| fleet.services).max().unwrap_or(0);
    let rollouts = if count == 1 { "1 rollout".to_owned() } else { format!("{count} rollouts") };
    let mut lines = Vec::new();
    let short = vec![mode, length];
    let long = [short.clone(), vec![span]].concat();
    if services > 0 {
        let counted = canvas.span(format!("   {rollouts} · {services} services"), Role::Dim);
        lines.push(Line::from([long.clone(), vec![counted]].concat()));
        let counted = canvas.span(format!("   {rollouts}"), Role::Dim);
        lines.push(Line::from([long.clone(), vec![counted]].concat()));
    }
    lines.push(Line::from(long));
    lines.push(Line::from(short));
    lines
}

fn width_of(line: &Line<'_>) -> u16 {
    line.width() as u16
}
