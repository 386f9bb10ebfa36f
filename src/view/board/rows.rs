//! Rows of text in roles, which can be longer than the screen and are drawn from any of them on.

use ratatui::layout::Rect;
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;

use crate::app::{Intent, ListId};
use crate::theme::Role;
use crate::view::Canvas;

/// A piece of text and what it means.
pub type Part = (String, Role);

/// A piece of text.
pub fn part(text: impl Into<String>, role: Role) -> Part {
    (text.into(), role)
}

/// One row.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Row {
    /// From left to right.
    pub parts: Vec<Part>,
    /// First column, columns, and the listed service that a click there selects.
    pub clicks: Vec<(u16, u16, usize)>,
}

impl From<Vec<Part>> for Row {
    fn from(parts: Vec<Part>) -> Self {
        Self { parts, clicks: Vec::new() }
    }
}

/// The columns that parts take.
pub fn width_of(parts: &[Part]) -> usize {
    parts.iter().map(|(text, _)| text.width()).sum()
}

/// Parts in rows of at most `width` columns, broken between words; what goes on is indented.
pub fn wrapped(parts: Vec<Part>, width: usize, indent: usize) -> Vec<Row> {
    if width_of(&parts) <= width {
        return vec![parts.into()];
    }
    let mut rows = Vec::new();
    let mut row: Vec<Part> = Vec::new();
    let mut used = 0;
    for (text, role) in parts {
        for word in text.split_inclusive(' ') {
            let needs = word.trim_end().width();
            if used > indent && used + needs > width {
                rows.push(trimmed(std::mem::take(&mut row)));
                row.push(part(" ".repeat(indent), Role::Text));
                used = indent;
            }
            used += word.width();
            match row.last_mut() {
                Some((last, same)) if *same == role => last.push_str(word),
                _ => row.push(part(word, role)),
            }
        }
    }
    rows.push(trimmed(row));
    rows
}

/// Without the blanks after which it was broken.
fn trimmed(mut parts: Vec<Part>) -> Row {
    if let Some((last, _)) = parts.last_mut() {
        last.truncate(last.trim_end().len());
    }
    parts.into()
}

/// Draws rows from `top` on, as far as they fit; answers with the first row drawn.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, rows: &[Row], top: usize, list: ListId) {
    let top = top.min(rows.len().saturating_sub(usize::from(area.height)));
    canvas.list(list, top, area.height);
    canvas.hit(area, Intent::SelectRow(list, 0), Some(list));
    for (y, row) in (area.y..area.bottom()).zip(&rows[top..]) {
        let spans: Vec<_> = row.parts.iter().map(|(text, role)| canvas.span(text.as_str(), *role)).collect();
        canvas.line(area.x, y, area.width, &Line::from(spans));
        if width_of(&row.parts) > usize::from(area.width) {
            canvas.text(area.right() - 1, y, 1, "…", Role::Dim);
        }
        for (x, width, service) in &row.clicks {
            let place = Rect::new(area.x + x, y, *width, 1).intersection(area);
            canvas.hit(place, Intent::SelectRow(ListId::Services, *service), Some(list));
        }
    }
    if rows.len() > top + usize::from(area.height) {
        let more = format!(" {} more ↓", rows.len() - top - usize::from(area.height));
        canvas.text_right(area.x, area.bottom() - 1, area.width, &more, Role::Dim);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_row_breaks_between_words_and_stays_inside() {
        let words = "one two three four five six seven eight nine ten";
        for width in 12..60 {
            let parts = vec![part("  ▲ ", Role::Attention), part(words, Role::Text)];
            let rows = wrapped(parts, width, 4);
            assert!(rows.iter().all(|row| width_of(&row.parts) <= width), "{width}: {rows:?}");
            let text: Vec<String> = rows
                .iter()
                .map(|row| row.parts.iter().map(|(text, _)| text.trim()).collect::<Vec<_>>().join(" "))
                .collect();
            assert_eq!(text.join(" ").split_whitespace().collect::<Vec<_>>().join(" "), format!("▲ {words}"));
        }
    }
}
