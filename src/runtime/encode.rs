//! Frames to bytes, as few as can be: over a bad link every byte counts.

use std::io::Write;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::pacing::Place;

/// Below this many changed cells a frame needs no synchronized output: it arrives in one piece.
const SMALL_FRAME: usize = 64;

/// What the terminal looks like at the moment: where its cursor is, which style is on.
#[derive(Debug, Default)]
pub struct Encoder {
    cursor: Option<(u16, u16)>,
    style: Option<Pen>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

impl Pen {
    const PLAIN: Self = Self { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };

    fn of(cell: &Cell) -> Self {
        Self { fg: cell.fg, bg: cell.bg, modifier: cell.modifier }
    }
}

impl Encoder {
    /// Forgets what the terminal looks like: somebody else wrote to it.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Appends what turns `old` into `new`; nothing where they are the same.
    pub fn frame(&mut self, old: &Buffer, new: &Buffer, out: &mut Vec<u8>) {
        self.changes(new, old.diff(new), out);
    }

    /// The same of some rows.
    pub fn rows(&mut self, old: &Buffer, new: &Buffer, rows: &[u16], out: &mut Vec<u8>) {
        let changes = old.diff(new).into_iter().filter(|(_, y, _)| rows.contains(y)).collect();
        self.changes(new, changes, out);
    }

    /// The same of the rows from `first` on, until so many bytes are reached at the end of a row;
    /// answers with the row that comes next, `None` where it came to the end.
    pub fn share(
        &mut self,
        old: &Buffer,
        new: &Buffer,
        first: u16,
        most: usize,
        out: &mut Vec<u8>,
    ) -> Option<u16> {
        let begin = out.len();
        let changes: Vec<_> = old.diff(new).into_iter().filter(|(_, y, _)| *y >= first).collect();
        for row in changes.chunk_by(|(_, one, _), (_, other, _)| one == other) {
            let &[(_, y, _), ..] = row else { continue };
            if out.len() - begin >= most {
                self.plain(out);
                return Some(y);
            }
            self.cells(new, row, out);
        }
        self.plain(out);
        None
    }

    fn changes(&mut self, new: &Buffer, changes: Vec<(u16, u16, &Cell)>, out: &mut Vec<u8>) {
        if changes.is_empty() {
            return;
        }
        let large = changes.len() > SMALL_FRAME;
        if large {
            out.extend_from_slice(b"\x1b[?2026h");
        }
        self.cells(new, &changes, out);
        self.plain(out);
        if large {
            out.extend_from_slice(b"\x1b[?2026l");
        }
    }

    fn cells(&mut self, new: &Buffer, changes: &[(u16, u16, &Cell)], out: &mut Vec<u8>) {
        let mut spilled = Vec::new();
        for &(x, y, cell) in changes {
            self.place(new, x, y, cell, out);
            if let Some(most) = most_columns(cell.symbol()) {
                spilled.push((x + cell.symbol().width().max(1) as u16, x + most, y));
            }
        }
        // A terminal that drew a cluster wider than we count wrote over its neighbours.
        for (from, to, y) in spilled {
            let mut x = from;
            while x < to.min(new.area.width) {
                let cell = &new[(x, y)];
                self.place(new, x, y, cell, out);
                x += cell.symbol().width().max(1) as u16;
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
                && between.clone().all(|cell| Some(Pen::of(cell)) == self.style && cell.symbol().len() == 1);
            if rewritable {
                for cell in between {
                    self.put(cell, out);
                }
                return;
            }
            let _ = if gap == 1 { write!(out, "\x1b[C") } else { write!(out, "\x1b[{gap}C") };
            return;
        }
        if x == 0 && from_y + 1 == y {
            out.extend_from_slice(b"\r\n");
            return;
        }
        let _ =
            if x == 0 { write!(out, "\x1b[{}H", y + 1) } else { write!(out, "\x1b[{};{}H", y + 1, x + 1) };
    }

    fn put(&mut self, cell: &Cell, out: &mut Vec<u8>) {
        let pen = Pen::of(cell);
        if self.style != Some(pen) {
            self.change(pen, out);
        }
        // The last line of defence: no control character passes, whatever a widget let through.
        let symbol = cell.symbol();
        if symbol.chars().any(char::is_control) {
            let columns = symbol.width().max(1);
            out.extend(std::iter::repeat_n(b'?', columns));
        } else {
            out.extend_from_slice(symbol.as_bytes());
        }
    }

    fn change(&mut self, pen: Pen, out: &mut Vec<u8>) {
        let mut codes: Vec<String> = Vec::new();
        let old = self.style.unwrap_or(Pen::PLAIN);
        // What is on can only be switched off together, cheaply.
        let from = if self.style.is_none() || !(old.modifier - pen.modifier).is_empty() || pen == Pen::PLAIN {
            codes.push("0".to_owned());
            Pen::PLAIN
        } else {
            old
        };
        for (modifier, code) in MODIFIERS {
            if pen.modifier.contains(modifier) && !from.modifier.contains(modifier) {
                codes.push(code.to_owned());
            }
        }
        if pen.fg != from.fg {
            codes.push(color(pen.fg, 30));
        }
        if pen.bg != from.bg {
            codes.push(color(pen.bg, 40));
        }
        let joined = codes.join(";");
        let joined = if joined == "0" { "" } else { &joined };
        let _ = write!(out, "\x1b[{joined}m");
        self.style = Some(pen);
    }
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

const MODIFIERS: [(Modifier, &str); 8] = [
    (Modifier::BOLD, "1"),
    (Modifier::DIM, "2"),
    (Modifier::ITALIC, "3"),
    (Modifier::UNDERLINED, "4"),
    (Modifier::SLOW_BLINK, "5"),
    (Modifier::REVERSED, "7"),
    (Modifier::HIDDEN, "8"),
    (Modifier::CROSSED_OUT, "9"),
];

/// The SGR code of a colour; `base` is 30 for the foreground, 40 for the background.
fn color(color: Color, base: u8) -> String {
    let bright = base + 60;
    match color {
        Color::Reset => (base + 9).to_string(),
        Color::Black => base.to_string(),
        Color::Red => (base + 1).to_string(),
        Color::Green => (base + 2).to_string(),
        Color::Yellow => (base + 3).to_string(),
        Color::Blue => (base + 4).to_string(),
        Color::Magenta => (base + 5).to_string(),
        Color::Cyan => (base + 6).to_string(),
        Color::Gray => (base + 7).to_string(),
        Color::DarkGray => bright.to_string(),
        Color::LightRed => (bright + 1).to_string(),
        Color::LightGreen => (bright + 2).to_string(),
        Color::LightYellow => (bright + 3).to_string(),
        Color::LightBlue => (bright + 4).to_string(),
        Color::LightMagenta => (bright + 5).to_string(),
        Color::LightCyan => (bright + 6).to_string(),
        Color::White => (bright + 7).to_string(),
        Color::Indexed(index) => format!("{};5;{index}", base + 8),
        Color::Rgb(red, green, blue) => format!("{};2;{red};{green};{blue}", base + 8),
    }
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    fn shown(frames: &[Buffer]) -> (vt100::Parser, Vec<usize>) {
        let area = frames[0].area;
        let rows = std::num::NonZero::new(area.height).unwrap();
        let columns = std::num::NonZero::new(area.width).unwrap();
        let mut parser = vt100::Parser::new(rows, columns, 0);
        let mut encoder = Encoder::default();
        let mut sizes = Vec::new();
        let mut old = Buffer::empty(area);
        for frame in frames {
            let mut out = Vec::new();
            encoder.frame(&old, frame, &mut out);
            parser.process(&out);
            sizes.push(out.len());
            old = frame.clone();
        }
        (parser, sizes)
    }

    fn frame(lines: &[(&str, Style)]) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 30, 4));
        for (row, (line, style)) in (0..).zip(lines) {
            buffer.set_string(0, row, line, *style);
        }
        buffer
    }

    #[test]
    fn what_did_not_change_is_not_written() {
        let one = frame(&[("T-00:38:20", Style::new().bold())]);
        let two = frame(&[("T-00:38:19", Style::new().bold())]);
        let (parser, sizes) = shown(&[one.clone(), two.clone(), two]);
        assert_eq!(sizes[2], 0);
        assert!(sizes[1] <= 20, "{sizes:?}");
        assert!(parser.screen().contents().starts_with("T-00:38:19"));
    }

    #[test]
    fn the_question_is_never_asked_in_the_first_row() {
        let cases = [
            (frame(&[("first", Style::new())]), Some((2, 1))),
            (frame(&[("", Style::new()), ("second", Style::new())]), Some((2, 7))),
            (frame(&[(&"x".repeat(30), Style::new())]), Some((2, 1))),
        ];
        for (frame, wanted) in cases {
            let mut encoder = Encoder::default();
            let mut out = Vec::new();
            encoder.frame(&Buffer::empty(frame.area), &frame, &mut out);
            assert_eq!(encoder.ask(frame.area.height, &mut out), wanted);
            let rows = std::num::NonZero::new(frame.area.height).unwrap();
            let mut parser = vt100::Parser::new(rows, std::num::NonZero::new(30).unwrap(), 0);
            parser.process(&out);
            let (row, column) = parser.screen().cursor_position();
            assert_eq!(Some((row + 1, column + 1)), wanted);
        }
        let mut out = Vec::new();
        let area = Rect::new(0, 0, 30, 1);
        let mut encoder = Encoder::default();
        encoder.frame(&Buffer::empty(area), &Buffer::with_lines([format!("x{:29}", "")]), &mut out);
        assert_eq!(encoder.ask(1, &mut out), Some((1, 2)), "there is no other row");
    }

    #[test]
    fn a_raw_escape_never_reaches_the_terminal() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 8, 1));
        buffer[(0, 0)].set_symbol("\x1b[2J");
        let mut out = Vec::new();
        Encoder::default().frame(&Buffer::empty(buffer.area), &buffer, &mut out);
        assert!(!String::from_utf8_lossy(&out).contains("\x1b[2J"));
    }

    #[test]
    fn an_emoji_of_several_characters_moves_nothing_beside_it() {
        // The second frame changes nothing but the emoji: what stands beside it must be put back.
        let plain = Style::default();
        for emoji in ["👩‍🚀", "👨‍👩‍👧‍👦", "❤️", "🏳️‍🌈", "1️⃣", "🇩🇪"]
        {
            let frames = [frame(&[("abcd│efgh", plain)]), frame(&[(&format!("ab{emoji}│efgh"), plain)])];
            let (parser, _) = shown(&frames);
            for (x, expected) in [(0, "a"), (1, "b"), (4, "│"), (5, "e"), (8, "h")] {
                assert_eq!(parser.screen().cell(0, x).unwrap().contents(), expected, "{emoji} at {x}");
            }
            let left = parser.screen().cell(0, 3).unwrap().contents();
            assert!(left != "d", "{emoji} leaves what stood there");
        }
    }

    #[test]
    fn wide_characters_keep_their_columns() {
        let style = Style::default();
        let (parser, _) = shown(&[frame(&[("日本 x", style)]), frame(&[("日 本x", style)])]);
        assert!(parser.screen().contents().starts_with("日 本x"));
    }

    proptest::proptest! {
        #[test]
        fn a_terminal_shows_what_was_drawn(
            frames in proptest::collection::vec(
                proptest::collection::vec(("[a-c 日é]{0,14}", 0..4u8, 0..17u8), 4), 1..6)
        ) {
            let buffers: Vec<Buffer> = frames.iter().map(|rows| {
                let mut buffer = Buffer::empty(Rect::new(0, 0, 30, 4));
                for (row, (text, modifier, fg)) in (0..).zip(rows) {
                    let mut style = Style::new().fg(Color::Indexed(*fg));
                    if *modifier & 1 != 0 { style = style.bold(); }
                    if *modifier & 2 != 0 { style = style.reversed(); }
                    buffer.set_string(u16::from(*fg) % 5, row, text, style);
                }
                buffer
            }).collect();
            let (parser, _) = shown(&buffers);
            let last = buffers.last().unwrap();
            for y in 0..4 {
                for x in 0..30 {
                    let cell = parser.screen().cell(y, x).unwrap();
                    if cell.is_wide_continuation() { continue; }
                    let wanted = &last[(x, y)];
                    let symbol = if cell.has_contents() { cell.contents() } else { " " };
                    proptest::prop_assert_eq!(symbol, wanted.symbol(), "at {} {}", x, y);
                    if wanted.symbol() != " " {
                        proptest::prop_assert_eq!(cell.bold(), wanted.modifier.contains(Modifier::BOLD));
                    }
                }
            }
        }
    }
}
