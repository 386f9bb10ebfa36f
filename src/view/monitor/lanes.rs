//! The lanes over one axis of time, what happened in the selected one, and what changed before
//! each alert and rise.

use chrono::{DateTime, Utc};
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::heading_of;
use crate::app::list::first_row;
use crate::app::monitor::alert_backends;
use crate::app::monitor::lanes::{self, Certainty, Kind, Lane, Note, Pane, Row, Tone};
use crate::app::monitor::past;
use crate::app::{Intent, ListId, State};
use crate::domain::correlation::{Before, Correlated, Distance, SignalKind};
use crate::domain::{Face, format};
use crate::theme::Role;
use crate::view::Canvas;
use crate::view::chart::{Clock, Motion};

/// Columns of a lane's word.
const WORD: u16 = 8;
/// Columns from which what happened and what changed before stand beside each other.
const BESIDE_FROM: u16 = 110;
/// Changes listed below the selected alert or rise.
const MOST_BEFORE: usize = 8;

/// Draws it.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let rows = lanes::rows(state);
    let chosen = lanes::selected_row(state, &rows);
    let wanted = rows.len() as u16 + 2;
    let height = wanted.clamp(4, (area.height * 3 / 5).max(4));
    let top = Rect { height, ..area };
    draw_lanes(canvas, top, state, &rows, chosen);
    canvas.rule(area.x, top.bottom(), area.width);
    let below = Rect { y: top.bottom() + 1, height: area.height.saturating_sub(height + 1), ..area };
    if area.width >= BESIDE_FROM {
        let left = Rect { width: area.width * 2 / 5, ..below };
        draw_events(canvas, left, state, rows.get(chosen));
        canvas.divider(left.right() + 1, below.y, below.height);
        let x = left.right() + 3;
        draw_before(canvas, Rect { x, width: area.right() - x, ..below }, state);
    } else if state.monitor.lanes.pane == Pane::Events {
        draw_events(canvas, below, state, rows.get(chosen));
    } else {
        draw_before(canvas, below, state);
    }
}

fn draw_lanes(canvas: &mut Canvas<'_>, area: Rect, state: &State, rows: &[Row], chosen: usize) {
    let widest = rows.iter().map(|row| row.label.width() as u16).max().unwrap_or(0);
    let label = widest.min((area.width / 4).max(14));
    let from = area.x + 2 + WORD + label + 2;
    let width = area.right().saturating_sub(from).max(1);
    let window = &state.monitor.window;
    let motion = if state.look.low_bandwidth { Motion::Sweeping } else { Motion::Scrolling };
    let end = window.end(state.now.wall);
    let clock = Clock::new(end, window.seconds(), usize::from(width) * 2, motion);
    let names = Rect { width: from - area.x, height: 1, ..area };
    heading_of(canvas, names, state.monitor.lanes.pane == Pane::Lanes, "lanes");
    axis(canvas, Rect { x: from, y: area.y, width, height: 1 }, &clock, state);
    let list = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let top = state.feedback.list(ListId::LaneRows).map_or(0, |(top, _)| top);
    let top = first_row(top, chosen, usize::from(list.height), rows.len());
    canvas.list(ListId::LaneRows, top, list.height);
    canvas.hit(list, Intent::ScrollList(ListId::LaneRows, 0), Some(ListId::LaneRows));
    let mut before: Option<Lane> = None;
    for ((index, row), y) in rows.iter().enumerate().skip(top).zip(list.y..list.bottom()) {
        if before != Some(row.lane) {
            canvas.text(area.x + 2, y, WORD, row.lane.word(), Role::Dim);
        }
        before = Some(row.lane);
        let shown = format::shorten(&row.label, usize::from(label));
        canvas.text(area.x + 2 + WORD, y, label, &shown, Role::Text);
        draw_row(canvas, Rect { x: from, y, width, height: 1 }, &clock, row);
        let line = Rect { y, height: 1, ..list };
        if index == chosen {
            canvas.select(line);
        }
        canvas.hit(line, Intent::SelectRow(ListId::LaneRows, index), Some(ListId::LaneRows));
    }
}

/// Local times above the lanes: the same ones as below the charts.
fn axis(canvas: &mut Canvas<'_>, area: Rect, clock: &Clock, state: &State) {
    for (dot, label) in clock.ticks(state.zone) {
        let x = area.x + (dot / 2) as u16;
        let room = area.right().saturating_sub(x);
        if usize::from(room) > label.width() {
            canvas.text(x, area.y, 1, "│", Role::Border);
            canvas.text(x + 1, area.y, room - 1, &label, Role::Dim);
        }
    }
}

fn draw_row(canvas: &mut Canvas<'_>, area: Rect, clock: &Clock, row: &Row) {
    let cell = |at: DateTime<Utc>| clock.dot(at).map(|dot| area.x + (dot / 2) as u16);
    let is_stale = row.note.as_ref().is_some_and(|note| note.certainty == Certainty::Stale);
    let role = if is_stale { Role::Stale } else { role(row.tone) };
    for (at, share) in &row.shares {
        if let (Some(x), Some(share)) = (cell(*at), share) {
            let role = if row.note.is_some() { Role::Stale } else { Role::ChartNew };
            canvas.text(x, area.y, 1, level(*share), role);
        }
    }
    for held in &row.held {
        // Up to the newest cell; where the axis sweeps, around its end.
        let now = area.x + (clock.cursor() / 2) as u16;
        let (first, last) = (cell(held.from), held.to.and_then(cell).unwrap_or(now));
        let mut x = first.unwrap_or(area.x);
        for _ in 0..area.width {
            canvas.text(x, area.y, 1, "━", role);
            if x == last {
                break;
            }
            x = if x + 1 >= area.right() { area.x } else { x + 1 };
        }
    }
    for event in row.events.iter().rev() {
        let Some(x) = cell(event.at) else { continue };
        let (sign, role) = sign(event.kind, row.tone);
        canvas.text(x, area.y, 1, sign, role);
    }
    if let Some(note) = &row.note {
        let (sign, role) = certain(note);
        let words = format!("{sign}{}", note.text);
        let marked = row.events.iter().filter_map(|event| cell(event.at)).min();
        let has_row = row.shares.is_empty() && row.held.is_empty();
        // Left of the first mark where there is room for it.
        let room = match marked {
            Some(x) => x.saturating_sub(area.x + 1),
            None => area.width,
        };
        if has_row && room >= 10 {
            canvas.text(area.x, area.y, room, &words, role);
        } else if note.certainty != Certainty::Known {
            canvas.text(area.x, area.y, 1, sign.trim_end(), role);
        }
    }
}

/// The sign and the role of words in place of marks.
fn certain(note: &Note) -> (&'static str, Role) {
    match note.certainty {
        Certainty::Known => ("", Role::Dim),
        Certainty::Stale => ("≈ ", Role::Stale),
        Certainty::Unknown => ("◌ ", Role::Unknown),
    }
}

/// A share in eighths; nothing is a low line, so that a gap looks different.
fn level(share: f64) -> &'static str {
    const LEVELS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
    LEVELS[(share.clamp(0.0, 1.0) * 7.0).round() as usize]
}

fn role(tone: Tone) -> Role {
    match tone {
        Tone::Plain => Role::Text,
        Tone::Attention => Role::Attention,
        Tone::Bad => Role::Bad,
        Tone::Muted => Role::Dim,
    }
}

fn sign(kind: Kind, tone: Tone) -> (&'static str, Role) {
    match kind {
        Kind::Began | Kind::Advanced => ("→", Role::Accent),
        Kind::Paused => ("=", Role::Accent),
        Kind::Ended => ("●", Role::Accent),
        Kind::Back => ("←", Role::Attention),
        Kind::Wrong if tone == Tone::Bad => ("✖", Role::Bad),
        Kind::Wrong if tone == Tone::Muted => ("·", Role::Dim),
        Kind::Wrong => ("▲", Role::Attention),
        Kind::Changed => ("+", Role::Accent),
    }
}

fn draw_events(canvas: &mut Canvas<'_>, area: Rect, state: &State, row: Option<&Row>) {
    let has_keys = state.monitor.lanes.pane == Pane::Events;
    let title = row.map_or("events", |row| row.label.as_str());
    heading_of(canvas, Rect { height: 1, ..area }, has_keys, title);
    let Some(row) = row else { return };
    let mut list = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    if let Some(note) = &row.note {
        let (sign, role) = certain(note);
        let words = format!("  {sign}{}", note.text);
        let used = canvas.paragraph(Rect { height: list.height.min(2), ..list }, &words, role);
        list = Rect { y: list.y + used, height: list.height.saturating_sub(used), ..list };
    }
    let count = row.events.len();
    let chosen = state.monitor.lanes.event.min(count.saturating_sub(1));
    let top = state.feedback.list(ListId::LaneEvents).map_or(0, |(top, _)| top);
    let top = first_row(top, chosen, usize::from(list.height), count);
    canvas.list(ListId::LaneEvents, top, list.height);
    canvas.hit(list, Intent::ScrollList(ListId::LaneEvents, 0), Some(ListId::LaneEvents));
    for ((index, event), y) in row.events.iter().enumerate().skip(top).zip(list.y..list.bottom()) {
        let line = Rect { y, height: 1, ..list };
        let (sign, role) = sign(event.kind, row.tone);
        let time = time(event.at, state);
        let mut x = list.x + canvas.text(list.x, y, list.width, &time, Role::Dim) + 2;
        canvas.text(x, y, 1, sign, role);
        x += 2;
        canvas.text(x, y, list.right().saturating_sub(x), &event.text, Role::Text);
        if index == chosen && has_keys {
            canvas.select(line);
        }
        canvas.hit(line, Intent::SelectRow(ListId::LaneEvents, index), Some(ListId::LaneEvents));
    }
}

/// With the day where the event lies on another than the window's end.
fn time(at: DateTime<Utc>, state: &State) -> String {
    let local = at.with_timezone(&state.zone);
    let end = state.monitor.window.end(state.now.wall).with_timezone(&state.zone);
    let form = if local.date_naive() == end.date_naive() { "       %H:%M:%S" } else { "%a %d %b %H:%M" };
    format!("{:>15}", local.format(form).to_string())
}

/// A line of the list of what changed before.
enum Told<'a> {
    Signal(usize, &'a Correlated),
    Change(&'a Before),
}

fn draw_before(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let has_keys = state.monitor.lanes.pane == Pane::Before;
    let heading = Rect { height: 1, ..area };
    let used = heading_of(canvas, heading, has_keys, "what changed before");
    let room = area.width.saturating_sub(used + 2);
    canvas.text(area.x + used + 2, area.y, room, "lag and count, no cause", Role::Dim);
    let mut list = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let all = lanes::correlated(state);
    let unknown = past::unknown(state);
    if all.is_empty() {
        nothing(canvas, list, state, unknown.is_empty());
    }
    if !unknown.is_empty() && list.height > 3 {
        list.height -= 1;
        let more =
            if unknown.len() > 1 { format!("  (and {} more)", unknown.len() - 1) } else { String::new() };
        let words = format!("◌ not known: {}{more}", unknown[0]);
        canvas.text(area.x, list.bottom(), area.width, &words, Role::Unknown);
    }
    if all.is_empty() {
        return;
    }
    let chosen = lanes::selected_signal(state);
    let mut lines: Vec<Told<'_>> = Vec::new();
    let mut row = 0;
    for (index, found) in all.iter().enumerate() {
        if index == chosen {
            row = lines.len();
        }
        lines.push(Told::Signal(index, found));
        if index == chosen {
            lines.extend(found.before.iter().take(MOST_BEFORE).map(Told::Change));
        }
    }
    let top = state.feedback.list(ListId::Before).map_or(0, |(top, _)| top);
    let top = first_row(top, row, usize::from(list.height), lines.len());
    canvas.list(ListId::Before, top, list.height);
    canvas.hit(list, Intent::ScrollList(ListId::Before, 0), Some(ListId::Before));
    for (line, y) in lines.iter().skip(top).zip(list.y..list.bottom()) {
        let place = Rect { y, height: 1, ..list };
        match line {
            Told::Signal(index, found) => {
                draw_signal(canvas, place, state, found);
                if *index == chosen {
                    canvas.select(place);
                }
                canvas.hit(place, Intent::SelectRow(ListId::Before, *index), Some(ListId::Before));
            }
            Told::Change(before) => draw_change(canvas, place, before),
        }
    }
}

fn draw_signal(canvas: &mut Canvas<'_>, area: Rect, state: &State, found: &Correlated) {
    let (sign, role) = match found.signal.kind {
        SignalKind::Alert => ("✖", Role::Bad),
        SignalKind::Rise => ("▲", Role::Attention),
    };
    canvas.text(area.x, area.y, 1, sign, role);
    let mut x = area.x + 2;
    let room = |x: u16| area.right().saturating_sub(x);
    let at = found.signal.at.with_timezone(&state.zone).format("%H:%M:%S").to_string();
    x += canvas.text(x, area.y, room(x), &at, Role::Dim) + 2;
    let name = found.signal.words();
    x += canvas.text(x, area.y, room(x), &name, Role::Title) + 2;
    let words = match found.before.first() {
        None => "nothing known changed before it".to_owned(),
        Some(first) => {
            format!("{} after {}", format::duration(first.lag), first.change.what)
        }
    };
    canvas.text(x, area.y, room(x), &words, Role::Text);
}

fn draw_change(canvas: &mut Canvas<'_>, area: Rect, before: &Before) {
    let lag = format!("{:>10}", format::duration(before.lag));
    let mut x = area.x + 2;
    let room = |x: u16| area.right().saturating_sub(x);
    x += canvas.text(x, area.y, room(x), &lag, Role::Text) + 1;
    x += canvas.text(x, area.y, room(x), "after", Role::Dim) + 1;
    let role = if before.distance == Distance::Apart { Role::Dim } else { Role::Text };
    x += canvas.text(x, area.y, room(x), &before.change.what, role) + 2;
    let followed =
        before.followed.map_or_else(String::new, |followed| format!("  followed {}", followed.words()));
    let words = format!("{}{followed}", before.distance.words());
    canvas.text(x, area.y, room(x), &words, Role::Dim);
}

/// Nothing went wrong: good news only where alerts are freshly known, those that ended too.
fn nothing(canvas: &mut Canvas<'_>, area: Rect, state: &State, is_whole: bool) {
    let faces: Vec<_> = alert_backends(state).map(|name| state.remotes.alerts(name, state.now)).collect();
    let is_known = faces.iter().any(|face| matches!(face, Face::Fresh(alerts) if alerts.warnings.is_empty()));
    let length = format::duration(state.monitor.window.end(state.now.wall) - past::told_from(state));
    let (words, role) = if is_known && is_whole {
        (format!("● no alert began and no watched number rose within {length}"), Role::Good)
    } else if is_known {
        (format!("◌ none known within {length}, which need not be all"), Role::Unknown)
    } else {
        (format!("◌ none known within {length}; alerts are not freshly known"), Role::Unknown)
    };
    canvas.text(area.x, area.y, area.width, &words, role);
}
