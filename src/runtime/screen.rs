//! The screen: two buffers, and the bytes that lead from one to the other.

use std::io::{self, Write};

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;

use super::encode::Encoder;
use super::pacing::Place;

/// The largest screen that is drawn, in columns and rows: a terminal may claim 65535 × 65535.
const LARGEST: (u16, u16) = (1000, 500);

/// What is on the terminal, and what comes next.
#[derive(Debug)]
pub struct Screen {
    shown: Buffer,
    next: Buffer,
    /// The picture before a person did something, where what moved by itself is not shown yet.
    before: Option<Buffer>,
    /// The row that a share begins with.
    first: u16,
    /// Rows that a person changed and that are not on the terminal yet.
    left: Vec<u16>,
    /// What the terminal shows is not known.
    unknown: bool,
    encoder: Encoder,
    bytes: Vec<u8>,
}

/// How much of a picture is written. A row is written whole or not at all: never a number that is
/// half old and half new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// All that changed.
    All,
    /// Of what changed, what differs from the picture of [`Screen::remember`]; of that about so many
    /// bytes, words before charts: the rest is [`Part::Left`].
    Done(Option<usize>),
    /// The rows that were left.
    Left,
    /// About so many bytes of what changed, going on where the last share ended.
    Share(usize),
}

/// What became of a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn<T> {
    /// What painting told.
    pub told: T,
    /// The bytes that were written.
    pub bytes: usize,
    /// Whether something that changed is not on the terminal yet.
    pub behind: bool,
    /// Whether something that a person changed is among it.
    pub left: bool,
    /// Whether a share came to the last row.
    pub through: bool,
    /// Where the terminal was asked for its cursor, if it was.
    pub asked: Option<Place>,
}

impl Screen {
    /// An empty screen of a size, on a terminal of a name.
    pub fn new(size: (u16, u16), terminal: &str) -> Self {
        let area = area(size);
        Self {
            shown: Buffer::empty(area),
            next: Buffer::empty(area),
            before: None,
            first: 0,
            left: Vec::new(),
            unknown: false,
            encoder: Encoder::of(terminal),
            bytes: Vec::new(),
        }
    }

    /// Another size: everything is drawn anew.
    pub fn resize(&mut self, size: (u16, u16)) {
        let area = area(size);
        if area != self.shown.area {
            self.next = Buffer::empty(area);
        }
        self.forget();
    }

    /// Somebody else wrote to the terminal: everything is drawn anew.
    pub fn forget(&mut self) {
        self.shown = Buffer::empty(self.next.area);
        self.before = None;
        self.left.clear();
        self.unknown = true;
        self.encoder.forget();
        self.bytes.clear();
        self.bytes.extend_from_slice(b"\x1b[m\x1b[2J");
    }

    /// Remembers what would be shown now, so that what a person does next can be told from what
    /// moved by itself before.
    pub fn remember<T>(&mut self, paint: impl FnOnce(&mut Buffer) -> T) {
        if self.before.is_none() && !self.unknown {
            let mut before = Buffer::empty(self.next.area);
            paint(&mut before);
            self.before = Some(before);
        }
    }

    /// Draws a frame and writes what changed, in one write; `ask`: with the question where the
    /// cursor is after it, if anything was written.
    pub fn draw<T>(
        &mut self,
        out: &mut impl Write,
        part: Part,
        ask: bool,
        paint: impl FnOnce(&mut Buffer) -> T,
    ) -> io::Result<Drawn<T>> {
        self.next.reset();
        let told = paint(&mut self.next);
        let before = self.before.take();
        let height = self.next.area.height;
        let (mut through, mut behind) = (true, false);
        match (part, before) {
            _ if self.unknown => self.encoder.frame(&self.shown, &self.next, &mut self.bytes),
            (Part::All, _) => {
                self.encoder.frame(&self.shown, &self.next, &mut self.bytes);
                self.left.clear();
            }
            (Part::Done(most), before) => {
                let done =
                    |y: &u16| before.as_ref().is_none_or(|before| row(before, *y) != row(&self.next, *y));
                let mut rows: Vec<u16> = (0..height).filter(done).collect();
                let left = self.encoder.rows(&self.shown, &self.next, &rows, most, &mut self.bytes);
                rows.retain(|y| !left.contains(y));
                self.left.retain(|y| !rows.contains(y) && !left.contains(y));
                self.left.extend(left);
                behind = self.keep_all_but(|y| rows.contains(&y));
            }
            (Part::Left, _) => {
                let rows = std::mem::take(&mut self.left);
                self.encoder.rows(&self.shown, &self.next, &rows, None, &mut self.bytes);
                behind = self.keep_all_but(|y| rows.contains(&y));
            }
            (Part::Share(most), _) => {
                let first = if self.first < height { self.first } else { 0 };
                let share = self.encoder.share(&self.shown, &self.next, first, most, &mut self.bytes);
                through = share.next.is_none();
                self.first = share.next.unwrap_or(0);
                self.left.retain(|y| !share.holds(*y));
                behind = self.keep_all_but(|y| share.holds(y));
            }
        }
        let asked = (ask && !self.bytes.is_empty()).then(|| self.encoder.ask(height, &mut self.bytes));
        let bytes = self.bytes.len();
        if bytes > 0 {
            out.write_all(&self.bytes)?;
            out.flush()?;
            self.bytes.clear();
        }
        self.unknown = false;
        // A storm of large frames must not keep its memory.
        self.bytes.shrink_to(64 * 1024);
        std::mem::swap(&mut self.shown, &mut self.next);
        Ok(Drawn { told, bytes, behind, left: !self.left.is_empty(), through, asked })
    }

    /// Puts back what the terminal shows into all rows but these; whether that is something else
    /// than should be there.
    fn keep_all_but(&mut self, written: impl Fn(u16) -> bool) -> bool {
        let mut behind = false;
        for y in (0..self.next.area.height).filter(|y| !written(*y)) {
            let (from, to) = span(&self.next, y);
            let (Some(shown), Some(next)) =
                (self.shown.content.get(from..to), self.next.content.get_mut(from..to))
            else {
                continue;
            };
            behind |= shown != &*next;
            next.clone_from_slice(shown);
        }
        behind
    }
}

/// Where a row lies in a buffer.
fn span(buffer: &Buffer, y: u16) -> (usize, usize) {
    let width = usize::from(buffer.area.width);
    (usize::from(y) * width, usize::from(y) * width + width)
}

fn row(buffer: &Buffer, y: u16) -> &[Cell] {
    let (from, to) = span(buffer, y);
    buffer.content.get(from..to).unwrap_or_default()
}

/// A size a screen can have: at least one cell, at most what is drawn.
pub fn clamp((columns, rows): (u16, u16)) -> (u16, u16) {
    (columns.clamp(1, LARGEST.0), rows.clamp(1, LARGEST.1))
}

fn area(size: (u16, u16)) -> Rect {
    let (columns, rows) = clamp(size);
    Rect::new(0, 0, columns, rows)
}

#[cfg(test)]
mod tests {
    use ratatui::style::Style;

    use super::*;

    #[test]
    fn nothing_is_written_while_nothing_changes() {
        let mut screen = Screen::new((20, 3), "xterm");
        let mut out = Vec::new();
        for _ in 0..3 {
            screen
                .draw(&mut out, Part::All, true, |buffer| buffer.set_string(0, 0, "same", Style::new()))
                .unwrap();
        }
        assert_eq!(String::from_utf8_lossy(&out).matches("same").count(), 1);
        assert_eq!(String::from_utf8_lossy(&out).matches("\x1b[6n").count(), 1, "and asked once");
    }

    /// A screen of ten rows, and the terminal that shows it.
    struct Shown {
        screen: Screen,
        terminal: vt100::Parser,
        rows: [String; 10],
    }

    impl Shown {
        fn new() -> Self {
            let terminal = vt100::Parser::new(10.try_into().unwrap(), 60.try_into().unwrap(), 0);
            Self {
                screen: Screen::new((60, 10), "xterm"),
                terminal,
                rows: std::array::from_fn(|_| String::new()),
            }
        }

        fn draw(&mut self, part: Part) -> Drawn<()> {
            let (rows, mut out) = (&self.rows, Vec::new());
            let drawn = self.screen.draw(&mut out, part, false, |buffer| paint(rows, buffer)).unwrap();
            self.terminal.process(&out);
            drawn
        }

        fn remember(&mut self) {
            let rows = &self.rows;
            self.screen.remember(|buffer| paint(rows, buffer));
        }

        fn on_terminal(&self) -> Vec<String> {
            let contents = self.terminal.screen().rows(0, 60);
            contents.map(|row| row.trim_end().to_owned()).collect()
        }
    }

    fn paint(rows: &[String], buffer: &mut Buffer) {
        for (y, row) in (0..).zip(rows) {
            buffer.set_string(0, y, row, Style::new());
        }
    }

    #[test]
    fn what_a_person_did_comes_before_what_moved_by_itself() {
        let mut shown = Shown::new();
        shown.rows = std::array::from_fn(|y| format!("row {y}: 0.81"));
        shown.draw(Part::All);
        // Everything moved by itself, and then a person chose a row.
        shown.rows = std::array::from_fn(|y| format!("row {y}: 0.95"));
        shown.remember();
        shown.rows[4].push_str(" <");
        let drawn = shown.draw(Part::Done(None));
        assert!(drawn.behind);
        let on_terminal = shown.on_terminal();
        assert_eq!(on_terminal[4], "row 4: 0.95 <", "a row is never half new");
        assert_eq!(on_terminal[5], "row 5: 0.81");
        let drawn = shown.draw(Part::All);
        assert!(!drawn.behind);
        assert_eq!(shown.on_terminal(), shown.rows);
    }

    #[test]
    fn words_come_before_charts_where_a_person_waits_and_the_charts_come_next() {
        let mut shown = Shown::new();
        let charted = |shown: &mut Shown, dots: &str| {
            shown.rows[1..8].fill(dots.repeat(50));
            shown.rows[9] = format!("service {dots}");
        };
        charted(&mut shown, "⣀");
        shown.draw(Part::All);
        charted(&mut shown, "⣤");
        let drawn = shown.draw(Part::Done(Some(400)));
        assert!(drawn.behind && drawn.left && drawn.bytes <= 420, "{drawn:?}");
        let on_terminal = shown.on_terminal();
        assert_eq!(on_terminal[9], "service ⣤");
        assert_eq!((&on_terminal[1], &on_terminal[7]), (&"⣤".repeat(50), &"⣀".repeat(50)));
        // Another row moves by itself: it is not among what is left.
        shown.rows[0] = "moved".to_owned();
        // And a person does something more, before the charts are there.
        shown.remember();
        shown.rows[8] = "more".to_owned();
        let drawn = shown.draw(Part::Done(Some(400)));
        assert!(drawn.behind && drawn.left);
        assert_eq!((&shown.on_terminal()[8][..], &shown.on_terminal()[0][..]), ("more", ""));
        let drawn = shown.draw(Part::Left);
        assert!(drawn.behind && !drawn.left);
        assert_eq!(shown.on_terminal()[1..], shown.rows[1..]);
        assert!(!shown.draw(Part::Share(400)).behind);
        assert_eq!(shown.on_terminal(), shown.rows);
        // A fast line has all of it at once.
        charted(&mut shown, "⣿");
        let drawn = shown.draw(Part::Done(None));
        assert!(!drawn.behind && !drawn.left);
        assert_eq!(shown.on_terminal(), shown.rows);
    }

    #[test]
    fn shares_go_round_until_all_is_there() {
        let mut shown = Shown::new();
        shown.rows = std::array::from_fn(|y| format!("row {y} ").repeat(5).trim_end().to_owned());
        let mut shares = 0;
        loop {
            let drawn = shown.draw(Part::Share(80));
            assert!(drawn.bytes <= 80 + 60, "{}", drawn.bytes);
            shares += 1;
            // What stands above is moved while the rest is on its way.
            if shares == 2 {
                shown.rows[0] = "moved".to_owned();
            }
            if !drawn.behind {
                break;
            }
            assert!(shares < 20);
        }
        assert_eq!(shown.on_terminal(), shown.rows);
        assert!(shares > 3, "{shares}");
    }

    #[test]
    fn numbers_come_before_charts() {
        let mut shown = Shown::new();
        shown.draw(Part::All);
        // A chart of which every cell moves, above a number.
        for round in 1..4 {
            shown.rows[..8].fill(format!("{round}").repeat(49));
            shown.rows[8] = format!("p95 {round} ms");
            shown.draw(Part::Share(60));
            assert_eq!(shown.on_terminal()[8], shown.rows[8]);
        }
        // And the chart comes too.
        for _ in 0..10 {
            shown.draw(Part::Share(60));
        }
        assert_eq!(shown.on_terminal(), shown.rows);
    }

    #[test]
    fn absurd_sizes_are_clamped() {
        assert_eq!(clamp((0, 0)), (1, 1));
        assert_eq!(clamp((u16::MAX, u16::MAX)), LARGEST);
    }
}
