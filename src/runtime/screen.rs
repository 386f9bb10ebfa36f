//! The screen: two buffers, and the bytes that lead from one to the other.

use std::io::{self, Write};

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::encode::Encoder;

/// The largest screen that is drawn, in columns and rows: a terminal may claim 65535 × 65535.
const LARGEST: (u16, u16) = (1000, 500);

/// What is on the terminal, and what comes next.
#[derive(Debug)]
pub struct Screen {
    shown: Buffer,
    next: Buffer,
    encoder: Encoder,
    bytes: Vec<u8>,
}

impl Screen {
    /// An empty screen of a size.
    pub fn new(size: (u16, u16)) -> Self {
        let area = area(size);
        Self {
            shown: Buffer::empty(area),
            next: Buffer::empty(area),
            encoder: Encoder::default(),
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
        self.encoder.forget();
        self.bytes.clear();
        self.bytes.extend_from_slice(b"\x1b[m\x1b[2J");
    }

    /// Draws a frame and writes what changed, in one write.
    pub fn draw<T>(&mut self, out: &mut impl Write, paint: impl FnOnce(&mut Buffer) -> T) -> io::Result<T> {
        self.next.reset();
        let told = paint(&mut self.next);
        self.encoder.frame(&self.shown, &self.next, &mut self.bytes);
        if !self.bytes.is_empty() {
            out.write_all(&self.bytes)?;
            out.flush()?;
            self.bytes.clear();
        }
        // A storm of large frames must not keep its memory.
        self.bytes.shrink_to(64 * 1024);
        std::mem::swap(&mut self.shown, &mut self.next);
        Ok(told)
    }
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
    use super::*;

    #[test]
    fn nothing_is_written_while_nothing_changes() {
        let mut screen = Screen::new((20, 3));
        let mut out = Vec::new();
        for _ in 0..3 {
            screen
                .draw(&mut out, |buffer| buffer.set_string(0, 0, "same", ratatui::style::Style::new()))
                .unwrap();
        }
        assert_eq!(String::from_utf8_lossy(&out).matches("same").count(), 1);
    }

    #[test]
    fn absurd_sizes_are_clamped() {
        assert_eq!(clamp((0, 0)), (1, 1));
        assert_eq!(clamp((u16::MAX, u16::MAX)), LARGEST);
    }
}
