//! Beside the days: the T-minus, large when it is near, and the details of what is selected.

use ratatui::layout::Rect;
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;

use super::{Canvas, digits, role};
use crate::app::calendar::{self, Pane};
use crate::app::{Intent, ListId, State};
use crate::domain::{Release, Stage};
use crate::theme::Role;
use crate::view::chrome;

/// Columns of the details where there is little room.
const NARROW: u16 = 33;

/// Where the details go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// Beside the days.
    Beside,
    /// In their place.
    Instead,
}

/// Columns of the details beside the days: the days have the rest.
pub fn width(all: u16, state: &State) -> u16 {
    if all >= 150 {
        return 58;
    }
    near(state).map_or(NARROW, |(_, _, text)| digits::width(&text).max(NARROW))
}

/// Draws them.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State, room: Room) {
    let used = if area.height >= 20 { countdown(canvas, area, state) } else { 0 };
    let mut area = Rect { y: area.y + used, height: area.height - used, ..area };
    canvas.hit(area, Intent::NextPane, Some(ListId::CalendarDetails));
    if room == Room::Instead {
        canvas.text(area.x, area.y, area.width, "details · Esc back to the days", Role::Dim);
        area = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
    }
    let rows = wrap(calendar::details(state), usize::from(area.width));
    let fits = usize::from(area.height);
    let top = state.calendar.details_top.min(rows.len().saturating_sub(fits));
    canvas.list(ListId::CalendarDetails, top, area.height);
    for (y, row) in (area.y..area.bottom()).zip(rows.iter().skip(top)) {
        let spans: Vec<_> = row.iter().map(|(text, said)| canvas.span(text.as_str(), role(*said))).collect();
        canvas.line(area.x, y, area.width, &Line::from(spans));
    }
    let hidden = rows.len().saturating_sub(top + fits);
    let has_keys = state.calendar.pane == Pane::Details;
    if hidden > 0 {
        let more = if has_keys { format!(" ↓ {hidden} more") } else { format!(" {hidden} more: Enter ") };
        canvas.clear(Rect::new(area.x, area.bottom() - 1, area.width, 1), Role::Text);
        canvas.text_right(area.x, area.bottom() - 1, area.width, &more, Role::Accent);
    } else if has_keys && room == Room::Beside {
        canvas.text_right(area.x, area.bottom() - 1, area.width, "Esc back to the days", Role::Dim);
    }
}

/// The next stage and the time left to it, where it is near.
fn near(state: &State) -> Option<(&Release, &Stage, String)> {
    let (release, stage) = calendar::next_stage(state)?;
    let left = stage.start - state.now.wall;
    let is_near = left.num_seconds() <= i64::from(state.workspace.policy.near_seconds);
    is_near.then(|| (release, stage, format!("T-{}", chrome::countdown(left, state.look.tick_seconds))))
}

/// The T-minus in large digits, where the next stage is near. Answers with the rows used.
fn countdown(canvas: &mut Canvas<'_>, area: Rect, state: &State) -> u16 {
    let Some((release, stage, text)) = near(state) else { return 0 };
    if digits::width(&text) > area.width {
        return 0;
    }
    digits::draw(canvas, area.x, area.y, &text, state.look.ascii, Role::Now);
    let y = area.y + digits::HEIGHT;
    let place = super::marks::place(stage);
    let at = stage.start.with_timezone(&state.zone).format("%H:%M %Z");
    let words = format!("{at}  {}  {place}", release.title);
    canvas.text(area.x, y, area.width, &words, Role::Dim);
    canvas.rule(area.x, y + 1, area.width);
    digits::HEIGHT + 2
}

/// Where the details have no room: what is selected, in one row at the bottom.
pub fn summary(canvas: &mut Canvas<'_>, area: Rect, state: &State) -> u16 {
    let Some(place) = calendar::selected_place(state) else { return 0 };
    let Some(mark) = state.calendar.timeline.get(place) else { return 0 };
    let Some(shown) = super::marks::one(state, place, mark) else { return 0 };
    let y = area.bottom() - 1;
    let hint = "Enter details";
    let room = area.width.saturating_sub(hint.len() as u16 + 2);
    let at = match shown.what {
        // It has a day, and no hour.
        super::marks::Thing::Version(version) => {
            let today = state.now.wall.with_timezone(&state.zone).date_naive();
            format!("{}, not planned here", calendar::day_of(version.date, today))
        }
        _ => calendar::span(mark.start, mark.end, state.zone, state.now.wall),
    };
    let here = match shown.what {
        super::marks::Thing::Stage(_, stage) => format!("  {}", super::marks::place(stage)),
        _ => String::new(),
    };
    let rest = format!("{here}  {at}");
    let title =
        crate::view::canvas::cut(&shown.title(), usize::from(room).saturating_sub(rest.width()).max(12))
            .into_owned();
    let x = area.x + canvas.text(area.x, y, room, &title, Role::Title);
    canvas.text(x, y, (area.x + room).saturating_sub(x), &rest, Role::Text);
    canvas.text_right(area.x, y, area.width, hint, Role::Dim);
    canvas.hit(Rect::new(area.x, y, area.width, 1), Intent::Open, None);
    1
}

/// Rows that are too long go on below, at the indent they had.
fn wrap(rows: Vec<calendar::Row>, width: usize) -> Vec<calendar::Row> {
    let mut out = Vec::new();
    for row in rows {
        if row.iter().map(|(text, _)| text.width()).sum::<usize>() <= width {
            out.push(row);
            continue;
        }
        let indent = row.first().map_or(0, |(text, _)| text.len() - text.trim_start().len()) + 2;
        let mut line: calendar::Row = Vec::new();
        let mut used = 0;
        for (text, said) in row {
            for word in text.split_inclusive(' ') {
                if used > 0 && used + word.trim_end().width() > width {
                    out.push(std::mem::take(&mut line));
                    line.push((" ".repeat(indent), said));
                    used = indent;
                }
                used += word.width();
                match line.last_mut() {
                    Some((last, meant)) if *meant == said => last.push_str(word),
                    _ => line.push((word.to_owned(), said)),
                }
            }
        }
        out.push(line);
    }
    out
}
