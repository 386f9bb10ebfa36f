//! What letters are written with: colours and styles, and the fewest bytes from one to the next.

use std::io::Write as _;

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

/// Colours and styles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

/// What shows where there is no letter.
const ON_BLANKS: Modifier = Modifier::UNDERLINED.union(Modifier::REVERSED).union(Modifier::CROSSED_OUT);

impl Pen {
    /// No colour and no style.
    pub const PLAIN: Self = Self { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };

    /// What a cell looks as if it were written with: a blank has no colour of letters.
    pub fn of(cell: &Cell) -> Self {
        let pen = Self { fg: cell.fg, bg: cell.bg, modifier: cell.modifier };
        if !is_blank(cell) {
            return pen;
        }
        let modifier = pen.modifier & ON_BLANKS;
        let fg = if modifier.is_empty() { Color::Reset } else { pen.fg };
        Self { fg, modifier, ..pen }
    }

    /// Whether a cell written with this looks as it should.
    pub fn serves(self, cell: &Cell) -> bool {
        let wanted = Self::of(cell);
        let any_letter = is_blank(cell) && wanted.modifier.is_empty();
        wanted == self || any_letter && wanted.bg == self.bg && !self.modifier.intersects(ON_BLANKS)
    }

    /// Appends the change from one to this; `from: None`: it is not known what is on.
    pub fn change(self, from: Option<Self>, out: &mut Vec<u8>) {
        let anew = if self == Self::PLAIN { String::new() } else { self.codes(Self::PLAIN, "0") };
        let codes = match from {
            Some(from) => std::cmp::min_by_key(anew, self.codes(from, &self.off(from)), String::len),
            None => anew,
        };
        let _ = write!(out, "\x1b[{codes}m");
    }

    /// The codes that switch off what this has not.
    fn off(self, from: Self) -> String {
        let gone = from.modifier - self.modifier;
        let mut codes = Vec::new();
        for (modifiers, code) in OFF {
            if gone.intersects(modifiers) {
                codes.push(code);
            }
        }
        codes.join(";")
    }

    /// What is on after `first`, and what this has besides.
    fn codes(self, from: Self, first: &str) -> String {
        let mut codes: Vec<String> = Vec::new();
        if !first.is_empty() {
            codes.push(first.to_owned());
        }
        let gone = from.modifier - self.modifier;
        // Bold and dim go off together.
        let stays = if gone.intersects(WEIGHT) { from.modifier - WEIGHT } else { from.modifier };
        for (modifier, code) in ON {
            if self.modifier.contains(modifier) && !stays.contains(modifier) {
                codes.push(code.to_owned());
            }
        }
        if self.fg != from.fg {
            codes.push(color(self.fg, 30));
        }
        if self.bg != from.bg {
            codes.push(color(self.bg, 40));
        }
        codes.join(";")
    }
}

/// Whether a cell has no letter.
pub fn is_blank(cell: &Cell) -> bool {
    cell.symbol() == " "
}

const WEIGHT: Modifier = Modifier::BOLD.union(Modifier::DIM);

const OFF: [(Modifier, &str); 7] = [
    (WEIGHT, "22"),
    (Modifier::ITALIC, "23"),
    (Modifier::UNDERLINED, "24"),
    (Modifier::SLOW_BLINK, "25"),
    (Modifier::REVERSED, "27"),
    (Modifier::HIDDEN, "28"),
    (Modifier::CROSSED_OUT, "29"),
];

const ON: [(Modifier, &str); 8] = [
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
    use super::*;

    fn change(from: Option<Pen>, to: Pen) -> String {
        let mut out = Vec::new();
        to.change(from, &mut out);
        String::from_utf8(out).unwrap().replace('\x1b', "")
    }

    fn pen(fg: Color, modifier: Modifier) -> Pen {
        Pen { fg, bg: Color::Reset, modifier }
    }

    #[test]
    fn the_shortest_change_is_taken() {
        let grey = Color::Indexed(244);
        let (bold, plain) = (pen(grey, Modifier::BOLD), pen(grey, Modifier::empty()));
        assert_eq!(change(Some(bold), plain), "[22m");
        assert_eq!(change(Some(bold), Pen::PLAIN), "[m");
        assert_eq!(change(Some(plain), bold), "[1m");
        assert_eq!(change(None, bold), "[0;1;38;5;244m");
        assert_eq!(
            change(Some(pen(Color::Red, Modifier::BOLD)), pen(Color::Green, Modifier::DIM)),
            "[0;2;32m"
        );
        assert_eq!(change(Some(pen(grey, WEIGHT)), pen(grey, Modifier::DIM)), "[22;2m");
    }

    #[test]
    fn a_blank_has_no_colour_of_letters() {
        let mut blank = Cell::new(" ");
        blank.fg = Color::Red;
        blank.modifier = Modifier::BOLD;
        assert!(pen(Color::Green, Modifier::ITALIC).serves(&blank));
        assert!(!pen(Color::Green, Modifier::REVERSED).serves(&blank));
        assert_eq!(Pen::of(&blank), Pen::PLAIN);
        blank.modifier = Modifier::UNDERLINED;
        assert!(!Pen::PLAIN.serves(&blank));
        blank.bg = Color::Blue;
        assert_ne!(Pen::of(&blank).bg, Pen::PLAIN.bg);
    }
}
