//! Rows of text: what they are made of, and how long lines break.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::theme::Role;
use crate::view::canvas::cut;

/// One row.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// From the left.
    pub left: Vec<(String, Role)>,
    /// At the right edge.
    pub right: Option<(String, Role)>,
}

/// The rows of one thing that can be selected, with what stands above and below it.
#[derive(Debug, Clone, Default)]
pub struct Block {
    /// Its rows.
    pub rows: Vec<Row>,
    /// Which of them are its own: these are marked when it is selected.
    pub own: Range<usize>,
}

impl Row {
    pub(super) fn of(parts: &[(&str, Role)]) -> Self {
        let left = parts.iter().map(|(text, role)| ((*text).to_owned(), *role)).collect();
        Self { left, right: None }
    }

    pub(super) fn blank() -> Self {
        Self::default()
    }
}

/// Gathers rows into blocks.
#[derive(Default)]
pub(super) struct Blocks {
    done: Vec<Block>,
    /// Rows that will stand above the next block.
    pub(super) lead: Vec<Row>,
}

impl Blocks {
    pub(super) fn push(&mut self, own: Vec<Row>) {
        let mut rows = std::mem::take(&mut self.lead);
        let start = rows.len();
        let end = start + own.len();
        rows.extend(own);
        self.done.push(Block { rows, own: start..end });
    }

    /// Rows below what was pushed last.
    pub(super) fn below(&mut self, rows: Vec<Row>) {
        match self.done.last_mut() {
            Some(block) => block.rows.extend(rows),
            None => self.lead.extend(rows),
        }
    }

    pub(super) fn end(mut self) -> Vec<Block> {
        let lead = std::mem::take(&mut self.lead);
        self.below(lead);
        self.done
    }
}

pub(super) fn labelled(
    rows: &mut Vec<Row>,
    label: &str,
    text: &str,
    indent: usize,
    width: usize,
    role: Role,
) {
    for (index, line) in wrap(text, width.saturating_sub(indent)).into_iter().enumerate() {
        let label = if index == 0 { format!("  {label}") } else { String::new() };
        rows.push(Row::of(&[(&pad(&label, indent), Role::Dim), (&line, role)]));
    }
}

/// Text cut and filled up to a display width.
pub(super) fn pad(text: &str, width: usize) -> String {
    let shown = cut(text, width.saturating_sub(usize::from(text.width() > width)));
    let fill = width.saturating_sub(shown.width());
    format!("{shown}{}", " ".repeat(fill))
}

/// Breaks at blanks, but not between a number and its unit.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let is_unit = matches!(word.trim_end_matches([',', '.', ';']), "m" | "h" | "s" | "d" | "%");
        match words.last_mut().filter(|last| is_unit && last.ends_with(|c: char| c.is_ascii_digit())) {
            Some(last) => {
                last.push(' ');
                last.push_str(word);
            }
            None => words.push(word.to_owned()),
        }
    }
    fold(&words, width).into_iter().map(|(line, _)| line).collect()
}

/// Where a line was broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Between two words.
    Between,
    /// Inside a word that is longer than a row.
    Inside,
}

/// Words as lines; a word longer than a row is broken where the row ends.
pub(super) fn fold(words: &[String], width: usize) -> Vec<(String, End)> {
    let width = width.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for (index, word) in words.iter().enumerate() {
        let wide = word.width();
        if index > 0 && used + 1 + wide > width {
            lines.push((std::mem::take(&mut line), End::Between));
            used = 0;
        } else if index > 0 {
            line.push(' ');
            used += 1;
        }
        for cluster in word.graphemes(true) {
            let wide = cluster.width();
            if used > 0 && used + wide > width {
                lines.push((std::mem::take(&mut line), End::Inside));
                used = 0;
            }
            line.push_str(cluster);
            used += wide;
        }
    }
    lines.push((line, End::Between));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_keeps_its_unit() {
        assert_eq!(wrap("held for 2 m, within 10 m", 12), ["held for", "2 m, within", "10 m"]);
    }

    #[test]
    fn a_word_longer_than_a_row_breaks_inside() {
        let words = ["ab".to_owned(), "cdefgh".to_owned(), "日本".to_owned()];
        let lines = fold(&words, 4);
        let expected =
            [("ab", End::Between), ("cdef", End::Inside), ("gh", End::Between), ("日本", End::Between)];
        assert_eq!(lines, expected.map(|(line, end)| (line.to_owned(), end)));
    }

    #[test]
    fn no_line_is_wider_than_a_row() {
        for width in 2..30 {
            for line in wrap("a 日本語 text with 👩‍🚀 and averyveryverylongwordindeed, 5 m", width)
            {
                assert!(line.width() <= width, "{line:?} in {width}");
            }
        }
    }
}
