//! Text as large as the screen allows: digits and a few letters of five pixels' height, each pixel
//! a block of cells. From one second to the next only the cells of a digit change.

use ratatui::layout::Rect;

use crate::theme::Role;
use crate::view::Canvas;

/// Rows of pixels.
const HEIGHT: u16 = 5;

/// How many cells a pixel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    /// Columns of a pixel.
    pub columns: u16,
    /// Rows of a pixel.
    pub rows: u16,
}

/// The largest scale at which a text fits in so many columns and rows; `None`: not even the
/// smallest does. A cell is about twice as high as wide, so a pixel has about twice as many
/// columns as rows.
pub fn fitting(text: &str, columns: u16, rows: u16) -> Option<Scale> {
    let scales = [(6, 3), (5, 3), (5, 2), (4, 2), (3, 2), (2, 1), (1, 1)];
    let scales = scales.into_iter().map(|(columns, rows)| Scale { columns, rows });
    scales.into_iter().find(|scale| width(text, *scale) <= columns && HEIGHT * scale.rows <= rows)
}

/// Columns a text takes.
pub fn width(text: &str, scale: Scale) -> u16 {
    let pixels: u16 = text.chars().map(|character| pixels(character)[0].len() as u16 + 1).sum();
    pixels.saturating_sub(1) * scale.columns
}

/// Rows a text takes.
pub fn height(scale: Scale) -> u16 {
    HEIGHT * scale.rows
}

/// Draws a text in the middle of an area's columns, at its top.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, text: &str, scale: Scale, role: Role) {
    let mut x = area.x + area.width.saturating_sub(width(text, scale)) / 2;
    for character in text.chars() {
        let rows = pixels(character);
        for (row, line) in rows.iter().enumerate() {
            for (column, pixel) in line.chars().enumerate() {
                if pixel != '#' {
                    continue;
                }
                let left = x + column as u16 * scale.columns;
                let top = area.y + row as u16 * scale.rows;
                let block = "█".repeat(usize::from(scale.columns));
                for y in (top..top + scale.rows).filter(|y| *y < area.bottom()) {
                    canvas.text(left, y, scale.columns, &block, role);
                }
            }
        }
        x += (rows[0].len() as u16 + 1) * scale.columns;
    }
}

/// The pixels of a character; what has none is a blank.
fn pixels(character: char) -> [&'static str; HEIGHT as usize] {
    match character {
        '0' | 'O' => ["###", "# #", "# #", "# #", "###"],
        '1' => [" # ", "## ", " # ", " # ", "###"],
        '2' => ["###", "  #", "###", "#  ", "###"],
        '3' => ["###", "  #", "###", "  #", "###"],
        '4' => ["# #", "# #", "###", "  #", "  #"],
        '5' => ["###", "#  ", "###", "  #", "###"],
        '6' => ["###", "#  ", "###", "# #", "###"],
        '7' => ["###", "  #", "  #", "  #", "  #"],
        '8' => ["###", "# #", "###", "# #", "###"],
        '9' => ["###", "# #", "###", "  #", "###"],
        'T' => ["###", " # ", " # ", " # ", " # "],
        'H' => ["# #", "# #", "###", "# #", "# #"],
        'L' => ["#  ", "#  ", "#  ", "#  ", "###"],
        'D' => ["## ", "# #", "# #", "# #", "## "],
        'd' => ["  #", "  #", "###", "# #", "###"],
        '-' => ["  ", "  ", "##", "  ", "  "],
        '+' => ["   ", " # ", "###", " # ", "   "],
        ':' => [" ", "#", " ", "#", " "],
        _ => ["  ", "  ", "  ", "  ", "  "],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_is_its_own_and_even() {
        let all = "0123456789THLDd-+: ";
        for one in all.chars() {
            let rows = pixels(one);
            assert!(rows.iter().all(|row| row.len() == rows[0].len()), "{one}");
            let same = all.chars().filter(|other| pixels(*other) == rows).count();
            assert_eq!(same, 1, "{one}");
        }
    }

    #[test]
    fn the_largest_scale_that_fits_is_taken() {
        let text = "T-00:38:20";
        let scale = |columns, rows| fitting(text, columns, rows).map(|scale| (scale.columns, scale.rows));
        assert_eq!(scale(196, 20), Some((5, 3)));
        assert_eq!(scale(116, 12), Some((3, 2)));
        assert_eq!(scale(76, 6), Some((2, 1)));
        assert_eq!(scale(20, 6), None);
        assert!(width(text, Scale { columns: 3, rows: 2 }) <= 116);
    }
}
