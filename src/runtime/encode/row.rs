//! What is to be done in a row, and in which order it costs least.

use ratatui::buffer::{Buffer, Cell};
use unicode_width::UnicodeWidthStr;

use super::pen::{Pen, is_blank};

/// A cell that changes: its column, its row, and what comes there.
pub type Change<'a> = (u16, u16, &'a Cell);

/// From so many blanks on, erasing is shorter than writing them: it takes an escape sequence, and
/// mostly a second one to go on after them.
const WORTH_ERASING: usize = 10;
/// The same to the end of the row, where nothing comes after.
const WORTH_ENDING: usize = 4;

/// So many changes make it worth looking whether the row is shorter made anew.
const MANY: usize = 16;

/// Something to be done at a column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step<'a> {
    /// A cell is written.
    Write(u16, &'a Cell),
    /// So many cells become blank.
    Erase(u16, u16),
    /// The rest of the row becomes blank.
    EraseToEnd(u16),
}

/// Whether most of what changes in a row is a chart's: braille, at three bytes a cell.
pub fn is_of_a_chart(changes: &[Change<'_>]) -> bool {
    let is_dots =
        |cell: &Cell| cell.symbol().chars().all(|letter| ('\u{2800}'..='\u{28ff}').contains(&letter));
    changes.iter().filter(|(_, _, cell)| is_dots(cell)).count() * 2 > changes.len()
}

/// What changes to the eye between two pictures: a blank whose letters would have another colour
/// looks the same.
pub fn seen<'a>(old: &Buffer, new: &'a Buffer) -> Vec<Change<'a>> {
    let mut changes: Vec<Change<'a>> = Vec::new();
    for (x, y, cell) in old.diff(new) {
        let before = &old[(x, y)];
        // Beside a wide character a blank may be its other half.
        let beside_wide = x > 0 && is_wide(&old[(x - 1, y)]);
        if beside_wide || !is_blank(before) || !is_blank(cell) || Pen::of(before) != Pen::of(cell) {
            if changes.last().is_none_or(|last| (last.0, last.1) != (x, y)) {
                changes.push((x, y, cell));
            }
            // The other half of what it lies on goes with it; what they leave there, terminals do not
            // agree on.
            let next = x + cell.symbol().width().max(1) as u16;
            if next < new.area.width && is_wide(&old[(next - 1, y)]) {
                changes.push((next, y, &new[(next, y)]));
            }
        }
    }
    changes
}

fn is_wide(cell: &Cell) -> bool {
    cell.symbol().width() > 1
}

/// The steps of one row's changes, from left to right. `erases`: the terminal can erase in the
/// middle of a row.
pub fn steps<'a>(new: &'a Buffer, changes: &[Change<'a>], erases: bool) -> Vec<Step<'a>> {
    let Some(&(_, y, _)) = changes.first() else { return Vec::new() };
    let width = new.area.width;
    let is_plain = |x: u16| is_blank(&new[(x, y)]) && Pen::of(&new[(x, y)]) == Pen::PLAIN;
    let tail = (0..width).rev().take_while(|x| is_plain(*x)).last().unwrap_or(width);
    let in_tail = changes.partition_point(|(x, _, _)| *x < tail);
    let ends = changes.len() - in_tail >= WORTH_ENDING;
    let (body, rest) = changes.split_at(if ends { in_tail } else { changes.len() });
    let mut steps = Vec::new();
    let mut index = 0;
    while let Some(&(x, _, cell)) = body.get(index) {
        let blank_until = if erases { (x..width).find(|x| !is_plain(*x)).unwrap_or(width) } else { x };
        let blanks = body[index..].iter().take_while(|(x, _, _)| *x < blank_until).count();
        if blanks >= WORTH_ERASING {
            let last = body[index + blanks - 1].0;
            steps.push(Step::Erase(x, last + 1 - x));
            index += blanks;
        } else {
            steps.push(Step::Write(x, cell));
            index += 1;
        }
    }
    steps.extend(rest.first().map(|(x, _, _)| Step::EraseToEnd(*x)));
    steps
}

/// The same steps by colour, the colours in the order in which they come: in a row whose colours
/// take turns, going back is shorter than changing them again and again. `None`: no other order.
pub fn by_colour<'a>(steps: &[Step<'a>]) -> Option<Vec<Step<'a>>> {
    let mut pens: Vec<Pen> = Vec::new();
    let mut last = None;
    let mut keyed: Vec<(usize, Step<'a>)> = Vec::new();
    for step in steps {
        let pen = match step {
            // A blank is written along with what stands before it.
            Step::Write(_, cell) => serving(last, cell),
            Step::Erase(..) | Step::EraseToEnd(_) => serving(last, &Cell::EMPTY),
        };
        last = Some(pen);
        let place = pens.iter().position(|known| *known == pen).unwrap_or_else(|| {
            pens.push(pen);
            pens.len() - 1
        });
        keyed.push((place, *step));
    }
    keyed.sort_by_key(|(place, _)| *place);
    let sorted: Vec<Step<'a>> = keyed.into_iter().map(|(_, step)| step).collect();
    (sorted != steps).then_some(sorted)
}

/// What a cell is written with, where `last` was what the one before was written with.
fn serving(last: Option<Pen>, cell: &Cell) -> Pen {
    last.filter(|last| last.serves(cell)).unwrap_or(Pen::of(cell))
}

/// The steps that make the rest of a row anew from its first change on: everything is erased, and
/// what is no blank is written. `None`: hardly anything changes.
pub fn anew<'a>(new: &'a Buffer, changes: &[Change<'a>]) -> Option<Vec<Step<'a>>> {
    let &(first, y, _) = changes.first().filter(|_| changes.len() >= MANY)?;
    let mut steps = vec![Step::EraseToEnd(first)];
    let mut x = first;
    while x < new.area.width {
        let cell = &new[(x, y)];
        if !is_blank(cell) || Pen::of(cell) != Pen::PLAIN {
            steps.push(Step::Write(x, cell));
        }
        x += cell.symbol().width().max(1) as u16;
    }
    Some(steps)
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::{Color, Style};

    use super::*;

    fn buffer(row: &str) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 40, 1));
        buffer.set_string(0, 0, row, Style::new());
        buffer
    }

    #[test]
    fn blanks_are_erased_where_that_is_shorter() {
        let old = buffer(&"x".repeat(40));
        let new = buffer("ab             cd");
        let changes = seen(&old, &new);
        let done = |erases| -> Vec<String> {
            let steps = steps(&new, &changes, erases);
            steps.iter().map(|step| format!("{step:?}")).filter(|step| step.starts_with("Erase")).collect()
        };
        assert_eq!(done(true), ["Erase(2, 13)", "EraseToEnd(17)"]);
        assert_eq!(done(false), ["EraseToEnd(17)"]);
        let one = buffer("a");
        let changes = seen(&old, &one);
        assert_eq!(steps(&one, &changes, true).len(), 2, "the letter, and the end");
        let old = buffer("abc");
        let changes = seen(&old, &one);
        assert!(steps(&one, &changes, true).iter().all(|step| matches!(step, Step::Write(..))));
    }

    #[test]
    fn a_blank_of_another_colour_is_no_change() {
        let old = buffer("a");
        let mut new = buffer("a");
        new.set_style(Rect::new(0, 0, 40, 1), Style::new().fg(Color::Red));
        assert_eq!(seen(&old, &new).len(), 1, "the letter alone");
        new.set_style(Rect::new(5, 0, 3, 1), Style::new().bg(Color::Red));
        assert_eq!(seen(&old, &new).len(), 4, "a background is seen");
    }

    #[test]
    fn colours_that_take_turns_are_written_one_after_the_other() {
        let mut new = Buffer::empty(Rect::new(0, 0, 40, 1));
        for x in 0..6 {
            let color = if x % 2 == 0 { Color::Red } else { Color::Green };
            new.set_string(x, 0, "x", Style::new().fg(color));
        }
        let changes = seen(&Buffer::empty(new.area), &new);
        let sorted = by_colour(&steps(&new, &changes, true)).unwrap();
        let columns: Vec<u16> =
            sorted.iter().map(|step| if let Step::Write(x, _) = step { *x } else { 99 }).collect();
        assert_eq!(columns, [0, 2, 4, 1, 3, 5]);
        let (old, new) = (buffer("a"), buffer("bcd"));
        assert_eq!(by_colour(&steps(&new, &seen(&old, &new), true)), None);
    }
}
