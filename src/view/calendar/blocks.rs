//! Stages as blocks in the column of their day, side by side where they overlap.

use chrono::TimeDelta;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::Canvas;
use super::marks::{self, Shown, Thing, Way};
use crate::app::calendar;
use crate::app::{Intent, ListId, State};
use crate::domain::calendar::lanes;
use crate::theme::Role;

/// A block narrower than this holds no name.
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

/// Draws blocks that overlap: side by side where each can hold a name, one below the other where not.
pub fn draw(canvas: &mut Canvas<'_>, state: &State, room: Rect, group: &[(&Shown<'_>, (usize, usize))]) {
    let at = |row: usize| chrono::DateTime::UNIX_EPOCH + TimeDelta::days(row as i64);
    let spans: Vec<_> = group.iter().map(|(_, (first, after))| (at(*first), at(*after))).collect();
    let (lane, count) = lanes(&spans);
    if count > 1 && usize::from(room.width) < count * usize::from(NARROW) {
        return below(canvas, state, room, group);
    }
    let width = room.width / count.max(1) as u16;
    for ((shown, (first, after)), lane) in group.iter().zip(lane) {
        let x = room.x + lane as u16 * width;
        let wide = if lane + 1 == count { room.right().saturating_sub(x) } else { width };
        let block = Rect::new(x, room.y + *first as u16, wide, (after - first) as u16);
        draw_block(canvas, state, block, shown);
    }
}

/// Draws blocks one below the other, each over the whole width; those without a row are counted.
fn below(canvas: &mut Canvas<'_>, state: &State, room: Rect, group: &[(&Shown<'_>, (usize, usize))]) {
    let top = group.iter().map(|(_, (first, _))| *first).min().unwrap_or(0);
    let bottom = group.iter().map(|(_, (_, after))| *after).max().unwrap_or(top);
    let hidden = group.len().saturating_sub(bottom - top);
    let mut left = hidden;
    let mut kept = group.to_vec();
    for place in (0..kept.len()).rev() {
        let must = kept[place].0.selected || kept[place].0.way != Way::There;
        if left > 0 && !must {
            kept.remove(place);
            left -= 1;
        }
    }
    let spans: Vec<_> = kept.iter().map(|(_, rows)| *rows).collect();
    for ((shown, _), (first, after)) in kept.iter().zip(stacked(&spans)) {
        let height = (after.min(usize::from(room.height))).saturating_sub(first) as u16;
        draw_block(canvas, state, Rect::new(room.x, room.y + first as u16, room.width, height), shown);
    }
    if hidden > left {
        let more = format!(" +{}", hidden - left);
        canvas.text_right(room.x, room.y + top as u16, room.width, &more, Role::Attention);
    }
}

/// Rows for blocks one below the other, sorted by their first row: each begins as near its own as
/// the others let it, and ends before the next one begins.
fn stacked(spans: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let bottom = spans.iter().map(|(_, after)| *after).max().unwrap_or(0);
    let mut free = 0;
    let mut starts = Vec::new();
    for (place, (first, _)) in spans.iter().enumerate() {
        let latest = bottom.saturating_sub(spans.len() - place);
        let start = (*first).min(latest).max(free);
        starts.push(start);
        free = start + 1;
    }
    let end = |place: usize, start: usize| {
        let next = starts.get(place + 1).copied().unwrap_or(usize::MAX);
        spans[place].1.max(start + 1).min(next)
    };
    starts.iter().enumerate().map(|(place, start)| (*start, end(place, *start))).collect()
}

/// A name in at most so many rows, broken between words; what does not fit stays in the last.
fn broken(name: &str, width: usize, rows: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in name.split(' ') {
        let may_break = lines.len() < rows;
        match lines.last_mut() {
            Some(line) if !may_break || has_room(line, word, width) => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Whether a word goes on this line; a sign takes the word after it along.
fn has_room(line: &str, word: &str, width: usize) -> bool {
    line.width() <= 1 || line.width() + 1 + word.width() <= width
}

fn draw_block(canvas: &mut Canvas<'_>, state: &State, area: Rect, shown: &Shown<'_>) {
    let Thing::Stage(_, stage) = shown.what else { return };
    let role = shown.role();
    let edge = if shown.way == Way::To { "┋" } else { "▌" };
    let place = marks::place(stage);
    let times = calendar::clock(shown.start, shown.end, state.zone);
    let inside = usize::from(area.width.saturating_sub(1)).max(1);
    let mut lines = broken(&shown.title(), inside, usize::from(area.height));
    lines.extend([place, times].into_iter().filter(|line| line.width() <= inside));
    for (row, y) in (area.y..area.bottom()).enumerate() {
        let text = lines.get(row).map_or("", String::as_str);
        marks::cell(canvas, area.x, y, area.width, &format!("{edge}{text}"), role);
        if let Some(alarm) = shown.alarm() {
            canvas.text(area.x, y, 1, edge, alarm);
        }
    }
    if let Some(place) = shown.place {
        canvas.hit(area, Intent::SelectRow(ListId::Agenda, place), Some(ListId::CalendarDays));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_below_each_other_each_have_a_row_and_never_overlap() {
        assert_eq!(stacked(&[(0, 3), (0, 2), (2, 4)]), [(0, 1), (1, 2), (2, 4)]);
        assert_eq!(stacked(&[(5, 6), (5, 6)]), [(4, 5), (5, 6)], "more blocks than rows begin above");
        assert_eq!(stacked(&[(0, 4), (3, 4), (3, 4)]), [(0, 2), (2, 3), (3, 4)], "the last ones keep a row");
    }

    #[test]
    fn names_break_between_words_and_a_sign_stays_with_its_name() {
        assert_eq!(broken("\u{25b8} Search 3.19", 9, 3), ["\u{25b8} Search", "3.19"]);
        assert_eq!(broken("Checkout 4.13: express checkout", 9, 2), ["Checkout", "4.13: express checkout"]);
        assert_eq!(broken("\u{25cf} Notifications 1.21", 9, 2), ["\u{25cf} Notifications", "1.21"]);
        assert_eq!(broken("Search 3.19", 20, 3), ["Search 3.19"]);
    }
}
