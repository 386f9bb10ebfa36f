//! Stages as blocks in the column of their day, side by side where they overlap.

use chrono::TimeDelta;
use ratatui::layout::Rect;

use super::Canvas;
use super::marks::{self, Shown, Thing, Way};
use crate::app::calendar;
use crate::app::{Intent, ListId, State};
use crate::domain::calendar::lanes;
use crate::theme::Role;

/// A block narrower than this holds a name in pieces.
const NARROW: u16 = 9;

/// Blocks that overlap, directly or not, share the width of their day.
pub fn groups<'s, 'a>(
    blocks: &[(&'s Shown<'a>, (usize, usize))],
) -> Vec<Vec<(&'s Shown<'a>, (usize, usize))>> {
    let mut sorted = blocks.to_vec();
    sorted.sort_by_key(|(_, rows)| *rows);
    let mut groups: Vec<Vec<(&Shown<'_>, (usize, usize))>> = Vec::new();
    let mut end = 0;
    for block in sorted {
        match groups.last_mut() {
            Some(group) if block.1.0 < end => group.push(block),
            _ => groups.push(vec![block]),
        }
        end = end.max(block.1.1);
    }
    groups
}

/// Draws blocks that overlap, side by side.
pub fn draw(canvas: &mut Canvas<'_>, state: &State, room: Rect, group: &[(&Shown<'_>, (usize, usize))]) {
    let at = |row: usize| chrono::DateTime::UNIX_EPOCH + TimeDelta::days(row as i64);
    let spans: Vec<_> = group.iter().map(|(_, (first, after))| (at(*first), at(*after))).collect();
    let (lane, count) = lanes(&spans);
    // A lane narrower than this tells nothing: the rest is counted.
    let fits = usize::from((room.width / 4).max(1)).min(count);
    let width = room.width / fits.max(1) as u16;
    let mut hidden = 0;
    for ((shown, (first, after)), lane) in group.iter().zip(lane) {
        let must = shown.selected || shown.way != Way::There;
        if lane >= fits && !must {
            hidden += 1;
            continue;
        }
        let lane = lane.min(fits - 1) as u16;
        let last = lane as usize == fits - 1;
        let x = room.x + lane * width;
        let wide = if last { room.right().saturating_sub(x) } else { width };
        let block = Rect::new(x, room.y + *first as u16, wide, (after - first) as u16);
        draw_block(canvas, state, block, shown);
    }
    if hidden > 0 {
        let y = room.y + group.iter().map(|(_, (first, _))| *first).min().unwrap_or(0) as u16;
        canvas.text_right(room.x, y, room.width, &format!("+{hidden}"), Role::Attention);
    }
}

fn draw_block(canvas: &mut Canvas<'_>, state: &State, area: Rect, shown: &Shown<'_>) {
    let Thing::Stage(_, stage) = shown.what else { return };
    let role = shown.role();
    let edge = if shown.way == Way::To { "┋" } else { "▌" };
    let place = marks::place(stage);
    let times = calendar::clock(shown.start, shown.end, state.zone);
    let mut lines = vec![shown.title(), place, times];
    if area.width < NARROW {
        // A name goes on below rather than end after three letters.
        let characters: Vec<char> = lines[0].chars().collect();
        let width = usize::from(area.width.saturating_sub(1)).max(1);
        lines = characters.chunks(width).map(|chunk| chunk.iter().collect()).collect();
    }
    for (row, y) in (area.y..area.bottom()).enumerate() {
        let text = lines.get(row).map_or("", String::as_str);
        marks::cell(canvas, area.x, y, area.width, &format!("{edge}{text}"), role);
    }
    if let Some(place) = shown.place {
        canvas.hit(area, Intent::SelectRow(ListId::Agenda, place), Some(ListId::CalendarDays));
    }
}
