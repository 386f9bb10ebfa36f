//! Frames to bytes, as few as can be: over a bad link every byte counts.

mod pen;
mod row;

use std::io::Write;

use ratatui::buffer::{Buffer, Cell};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::pacing::Place;
use pen::Pen;
use row::{Change, Step};

/// Below this many changed cells a frame needs no synchronized output: it arrives in one piece.
const SMALL_FRAME: usize = 64;

/// So many changed cells or fewer make a small row.
const SMALL_ROW: usize = 48;

/// Words that would come in more pieces than this are written at once.
const MOST_PIECES: usize = 2;

/// What the terminal looks like at the moment: where its cursor is, which style is on.
#[derive(Debug, Clone, Default)]
pub struct Encoder {
    cursor: Option<(u16, u16)>,
    style: Option<Pen>,
    /// The terminal cannot erase in the middle of a row.
    is_simple: bool,
}

/// Terminals, by the beginning of their name, that may not know how to erase in the middle of a row.
const SIMPLE: [&str; 5] = ["vt100", "vt102", "dumb", "ansi", "screen"];

/// The rows that a share holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    small: Vec<u16>,
    first: u16,
    /// The row that comes next; `None`: it came to the end.
    pub next: Option<u16>,
}

impl Share {
    /// Whether a row is on the terminal as it should be.
    pub fn holds(&self, y: u16) -> bool {
        self.small.contains(&y) || y >= self.first && self.next.is_none_or(|next| y < next)
    }
}

impl Encoder {
    /// For a terminal of a name, as `TERM` has it.
    pub fn of(terminal: &str) -> Self {
        let is_simple = SIMPLE.iter().any(|simple| terminal.starts_with(simple));
        Self { is_simple, ..Self::default() }
    }

    /// Forgets what the terminal looks like: somebody else wrote to it.
    pub fn forget(&mut self) {
        (self.cursor, self.style) = (None, None);
    }

    /// Appends what turns `old` into `new`; nothing where they are the same.
    pub fn frame(&mut self, old: &Buffer, new: &Buffer, out: &mut Vec<u8>) {
        self.changes(new, row::seen(old, new), out);
    }

    /// The same of some rows: as many as `most` bytes hold, where that is said; words before charts,
    /// and from top to bottom. The rows that are left.
    pub fn rows(
        &mut self,
        old: &Buffer,
        new: &Buffer,
        rows: &[u16],
        most: Option<usize>,
        out: &mut Vec<u8>,
    ) -> Vec<u16> {
        let begin = out.len();
        let changes = row::seen(old, new).into_iter().filter(|(_, y, _)| rows.contains(y));
        let Some(most) = most else {
            self.changes(new, changes.collect(), out);
            return Vec::new();
        };
        let changes: Vec<Change<'_>> = changes.collect();
        let by_row = changes.chunk_by(|(_, one, _), (_, other, _)| one == other);
        let (charts, words): (Vec<_>, Vec<_>) = by_row.partition(|row| row::is_of_a_chart(row));
        // A whole new screen is not there sooner in two pieces.
        let mut all = Vec::new();
        self.clone().changes(new, words.concat(), &mut all);
        let (words, others) = if all.len() > MOST_PIECES * most {
            (words, charts)
        } else {
            (Vec::new(), [words, charts].concat())
        };
        self.changes(new, words.concat(), out);
        let mut left = Vec::new();
        for row in others {
            let (encoder, written) = (self.clone(), out.len());
            self.row(new, row, out);
            if out.len() - begin > most {
                *self = encoder;
                out.truncate(written);
                left.extend(row.first().map(|(_, y, _)| *y));
            }
        }
        self.plain(out);
        left
    }

    /// The same of some rows, as many as so many bytes hold, and one at least. What is small comes
    /// first, up to half of it: numbers and words are never behind a chart. The rest goes on from
    /// `first`.
    pub fn share(&mut self, old: &Buffer, new: &Buffer, first: u16, most: usize, out: &mut Vec<u8>) -> Share {
        let begin = out.len();
        let changes = row::seen(old, new);
        let rows: Vec<(u16, &[Change<'_>])> = changes
            .chunk_by(|(_, one, _), (_, other, _)| one == other)
            .filter_map(|row| Some((row.first()?.1, row)))
            .collect();
        let mut small = Vec::new();
        for (y, row) in rows.iter().filter(|(_, row)| row.len() <= SMALL_ROW) {
            if out.len() - begin >= most / 2 {
                break;
            }
            self.row(new, row, out);
            small.push(*y);
        }
        let mut next = None;
        for (y, row) in rows.iter().filter(|(y, _)| *y >= first && !small.contains(y)) {
            let (encoder, written) = (self.clone(), out.len());
            self.row(new, row, out);
            if out.len() - begin > most && written > begin {
                *self = encoder;
                out.truncate(written);
                next = Some(*y);
                break;
            }
        }
        self.plain(out);
        Share { small, first, next }
    }

    fn changes(&mut self, new: &Buffer, changes: Vec<Change<'_>>, out: &mut Vec<u8>) {
        if changes.is_empty() {
            return;
        }
        let large = changes.len() > SMALL_FRAME;
        if large {
            out.extend_from_slice(b"\x1b[?2026h");
        }
        for row in changes.chunk_by(|(_, one, _), (_, other, _)| one == other) {
            self.row(new, row, out);
        }
        self.plain(out);
        if large {
            out.extend_from_slice(b"\x1b[?2026l");
        }
    }

    /// Writes the changes of one row, in the order that costs least.
    fn row(&mut self, new: &Buffer, changes: &[Change<'_>], out: &mut Vec<u8>) {
        let Some(&(_, y, _)) = changes.first() else { return };
        let mut ways = vec![row::steps(new, changes, !self.is_simple)];
        let spilled: Vec<(u16, u16)> = changes.iter().filter_map(|(x, _, cell)| spill(*x, cell)).collect();
        // What spills over its neighbours is put right after it: such a row has one order.
        if spilled.is_empty() {
            ways.extend(row::anew(new, changes));
            let others: Vec<_> = ways.iter().filter_map(|steps| row::by_colour(steps)).collect();
            ways.extend(others);
        }
        let written = ways.iter().map(|steps| {
            let (mut encoder, mut bytes) = (self.clone(), Vec::new());
            for step in steps {
                encoder.step(new, y, *step, &mut bytes);
            }
            (encoder, bytes)
        });
        if let Some((encoder, bytes)) = written.min_by_key(|(_, bytes)| bytes.len()) {
            *self = encoder;
            out.extend_from_slice(&bytes);
        }
        // A terminal that drew a cluster wider than we count wrote over its neighbours.
        for (from, to) in spilled {
            let mut x = from;
            while x < to.min(new.area.width) {
                let cell = &new[(x, y)];
                self.place(new, x, y, cell, out);
                x += cell.symbol().width().max(1) as u16;
            }
        }
    }

    fn step(&mut self, new: &Buffer, y: u16, step: Step<'_>, out: &mut Vec<u8>) {
        match step {
            Step::Write(x, cell) => self.place(new, x, y, cell, out),
            Step::Erase(x, count) => {
                self.go(new, x, y, out);
                self.cursor = Some((x, y));
                self.take_up(&Cell::EMPTY, out);
                let _ = write!(out, "\x1b[{count}X");
            }
            Step::EraseToEnd(x) => {
                self.go(new, x, y, out);
                self.cursor = Some((x, y));
                self.take_up(&Cell::EMPTY, out);
                out.extend_from_slice(b"\x1b[K");
            }
        }
    }

    /// Switches styles off, if something was written or may be on.
    fn plain(&mut self, out: &mut Vec<u8>) {
        if self.style != Some(Pen::PLAIN) {
            out.extend_from_slice(b"\x1b[m");
            self.style = Some(Pen::PLAIN);
        }
    }

    /// Appends the question where the cursor is; answers with the row and column, from 1, that the
    /// answer will name. It is never asked in the first row of several: there an answer looks like a
    /// function key with modifiers.
    pub fn ask(&mut self, height: u16, out: &mut Vec<u8>) -> Place {
        if height > 1 {
            match self.cursor {
                Some((_, 0)) => out.extend_from_slice(b"\r\n"),
                None => out.extend_from_slice(b"\x1b[2H"),
                Some(_) => {}
            }
            if self.cursor.is_none_or(|(_, y)| y == 0) {
                self.cursor = Some((0, 1));
            }
        }
        out.extend_from_slice(b"\x1b[6n");
        self.cursor.map(|(x, y)| (y + 1, x + 1))
    }

    /// Writes a cell at its place, and knows where the cursor is after it, if that can be known.
    fn place(&mut self, buffer: &Buffer, x: u16, y: u16, cell: &Cell, out: &mut Vec<u8>) {
        let width = cell.symbol().width().max(1) as u16;
        self.go(buffer, x, y, out);
        if let Some(most) = most_columns(cell.symbol()) {
            // A terminal that draws it narrower would leave what stood there before.
            let mut blank = cell.clone();
            blank.set_char(' ');
            (0..width).for_each(|_| self.put(&blank, out));
            self.cursor = None;
            self.go(buffer, x, y, out);
            if x + most > buffer.area.width {
                // At the right edge it could wrap into the next row: its first character does for it.
                blank.set_symbol(first_character(cell.symbol()));
                self.put(&blank, out);
            } else {
                self.put(cell, out);
            }
            self.cursor = None;
            return;
        }
        self.put(cell, out);
        let next = x + width;
        // At the right edge a terminal may or may not wrap: do not guess.
        self.cursor = (next < buffer.area.width).then_some((next, y));
    }

    /// Moves the cursor by the shortest way, which may be to write again what stands between.
    fn go(&mut self, buffer: &Buffer, x: u16, y: u16, out: &mut Vec<u8>) {
        let Some((from_x, from_y)) = self.cursor else {
            let _ = write!(out, "\x1b[{};{}H", y + 1, x + 1);
            return;
        };
        if (from_x, from_y) == (x, y) {
            return;
        }
        if from_y == y && from_x < x {
            let gap = x - from_x;
            let between = (from_x..x).map(|column| &buffer[(column, y)]);
            let rewritable = gap <= 3
                && between.clone().all(|cell| {
                    cell.symbol().len() == 1 && self.style.is_some_and(|style| style.serves(cell))
                });
            if rewritable {
                for cell in between {
                    self.put(cell, out);
                }
                return;
            }
            let _ = if gap == 1 { write!(out, "\x1b[C") } else { write!(out, "\x1b[{gap}C") };
            return;
        }
        if from_y == y && x > 0 {
            let back = from_x - x;
            let _ = if back == 1 { write!(out, "\x08") } else { write!(out, "\x1b[{back}D") };
            return;
        }
        if from_y == y {
            out.push(b'\r');
            return;
        }
        if x == 0 && from_y + 1 == y {
            out.extend_from_slice(b"\r\n");
            return;
        }
        let _ =
            if x == 0 { write!(out, "\x1b[{}H", y + 1) } else { write!(out, "\x1b[{};{}H", y + 1, x + 1) };
    }

    /// Switches on what a cell is written with.
    fn take_up(&mut self, cell: &Cell, out: &mut Vec<u8>) {
        if !self.style.is_some_and(|style| style.serves(cell)) {
            let pen = Pen::of(cell);
            pen.change(self.style, out);
            self.style = Some(pen);
        }
    }

    fn put(&mut self, cell: &Cell, out: &mut Vec<u8>) {
        self.take_up(cell, out);
        // The last line of defence: no control character passes, whatever a widget let through.
        let symbol = cell.symbol();
        if symbol.chars().any(char::is_control) {
            let columns = symbol.width().max(1);
            out.extend(std::iter::repeat_n(b'?', columns));
        } else {
            out.extend_from_slice(symbol.as_bytes());
        }
    }
}

/// The columns beside a cluster that a terminal may have written over: from, and to where.
fn spill(x: u16, cell: &Cell) -> Option<(u16, u16)> {
    let most = most_columns(cell.symbol())?;
    Some((x + cell.symbol().width().max(1) as u16, x + most))
}

/// Of a cluster of several characters, the columns it takes where a terminal does not join them;
/// terminals do not agree on those. `None`: one character, on which they do.
fn most_columns(symbol: &str) -> Option<u16> {
    if symbol.len() < 4 || symbol.chars().nth(1).is_none() {
        return None;
    }
    // A variation selector may make a narrow one wide.
    let visible = symbol.chars().filter(|character| character.width() != Some(0)).count();
    u16::try_from((visible * 2).max(symbol.width())).ok()
}

/// The first character of a cluster.
fn first_character(symbol: &str) -> &str {
    symbol.char_indices().nth(1).map_or(symbol, |(end, _)| &symbol[..end])
}

#[cfg(test)]
mod tests;
