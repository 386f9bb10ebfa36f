//! Large digits for the T-minus: three cells wide, three rows high.

use super::Canvas;
use crate::theme::Role;

/// Rows a large text takes.
pub const HEIGHT: u16 = 3;

/// Writes digits and colons large. Answers with the columns used.
pub fn draw(canvas: &mut Canvas<'_>, x: u16, y: u16, text: &str, ascii: bool, role: Role) -> u16 {
    let mut at = x;
    for character in text.chars() {
        let rows = if ascii { plain(character) } else { blocks(character) };
        let mut width = 0;
        for (row, cells) in (y..).zip(rows) {
            width = cells.chars().count() as u16;
            canvas.text(at, row, width, cells, role);
        }
        at += width + 1;
    }
    at - x
}

/// Columns a large text takes.
pub fn width(text: &str) -> u16 {
    text.chars().map(|character| blocks(character)[0].chars().count() as u16 + 1).sum()
}

fn blocks(character: char) -> [&'static str; 3] {
    match character {
        '0' => ["█▀█", "█ █", "▀▀▀"],
        '1' => ["▀█ ", " █ ", "▀▀▀"],
        '2' => ["▀▀█", "█▀▀", "▀▀▀"],
        '3' => ["▀▀█", "▀▀█", "▀▀▀"],
        '4' => ["█ █", "▀▀█", "  ▀"],
        '5' => ["█▀▀", "▀▀█", "▀▀▀"],
        '6' => ["█▀▀", "█▀█", "▀▀▀"],
        '7' => ["▀▀█", "  █", "  ▀"],
        '8' => ["█▀█", "█▀█", "▀▀▀"],
        '9' => ["█▀█", "▀▀█", "▀▀▀"],
        'T' => ["▀█▀", " █ ", " ▀ "],
        '-' => ["  ", "▀▀", "  "],
        ':' => ["▄", "▄", " "],
        _ => [" ", " ", " "],
    }
}

/// The same in ASCII, as on a seven-segment display.
fn plain(character: char) -> [&'static str; 3] {
    match character {
        '0' => [" _ ", "| |", "|_|"],
        '1' => ["   ", "  |", "  |"],
        '2' => [" _ ", " _|", "|_ "],
        '3' => [" _ ", " _|", " _|"],
        '4' => ["   ", "|_|", "  |"],
        '5' => [" _ ", "|_ ", " _|"],
        '6' => [" _ ", "|_ ", "|_|"],
        '7' => [" _ ", "  |", "  |"],
        '8' => [" _ ", "|_|", "|_|"],
        '9' => [" _ ", "|_|", " _|"],
        'T' => ["___", " | ", " | "],
        '-' => ["  ", "__", "  "],
        ':' => [" ", ".", "."],
        _ => [" ", " ", " "],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_is_its_own_and_as_wide_in_ascii() {
        for one in "0123456789T-: ".chars() {
            for font in [blocks, plain] {
                let widths = font(one).map(|row| row.chars().count());
                assert_eq!(widths, [widths[0]; 3], "{one}");
                assert_eq!(widths[0], blocks(one)[0].chars().count(), "{one}");
                let same = "0123456789T-:".chars().filter(|other| font(*other) == font(one)).count();
                assert!(same <= 1, "{one}");
            }
        }
    }
}
