//! Aligned columns for people: by display width, coloured only on a terminal.

use std::io::IsTerminal;

use unicode_width::UnicodeWidthStr;

use crate::domain::Safe;

/// Rows of cells under a heading.
#[derive(Debug, Clone, Default)]
pub struct Table {
    heading: Vec<Safe>,
    rows: Vec<Vec<Safe>>,
}

impl Table {
    /// A table with these column headings.
    pub fn new<Cell: AsRef<str>>(heading: &[Cell]) -> Self {
        Self { heading: heading.iter().map(Safe::new).collect(), rows: Vec::new() }
    }

    /// Adds a row; every cell is sanitized.
    pub fn row<Cell: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().map(Safe::new).collect());
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The text, with a line feed at the end of each line and no space before it.
    pub fn render(&self, style: Style) -> String {
        let cells = |column: usize| self.rows.iter().filter_map(move |row| row.get(column));
        let widths: Vec<usize> = self
            .heading
            .iter()
            .enumerate()
            .map(|(column, head)| cells(column).map(|cell| cell.width()).fold(head.width(), usize::max))
            .collect();
        let line = |cells: &mut dyn Iterator<Item = &str>| {
            let mut line = String::new();
            for (cell, width) in cells.zip(&widths) {
                line.push_str(cell);
                line.push_str(&" ".repeat(width.saturating_sub(cell.width()) + 2));
            }
            line.trim_end().to_owned()
        };
        let mut out = style.heading(&line(&mut self.heading.iter().map(Safe::as_str)));
        out.push('\n');
        for row in &self.rows {
            out.push_str(&line(&mut row.iter().map(Safe::as_str)));
            out.push('\n');
        }
        out
    }
}

/// Whether what is printed may be coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Nothing but text.
    Plain,
    /// Escape sequences are understood.
    Terminal,
}

impl Style {
    /// For standard output: coloured on a terminal, unless `NO_COLOR` says no.
    pub fn of_stdout() -> Self {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        if std::io::stdout().is_terminal() && !refused && !dumb { Self::Terminal } else { Self::Plain }
    }

    /// A heading.
    pub fn heading(self, text: &str) -> String {
        self.paint(text, "1")
    }

    /// Good news.
    pub fn good(self, text: &str) -> String {
        self.paint(text, "32")
    }

    /// Bad news.
    pub fn bad(self, text: &str) -> String {
        self.paint(text, "1;31")
    }

    /// Neither.
    pub fn doubtful(self, text: &str) -> String {
        self.paint(text, "33")
    }

    fn paint(self, text: &str, codes: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Terminal => format!("\x1b[{codes}m{text}\x1b[0m"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align_by_display_width_and_carry_no_escape() {
        let mut table = Table::new(&["SERVICE", "OWNER"]);
        table.row(["支払い", "a\x1b[31m"]);
        table.row(["web", ""]);
        assert_eq!(table.render(Style::Plain), "SERVICE  OWNER\n支払い   a␛[31m\nweb\n");
        assert!(table.render(Style::Terminal).starts_with("\x1b[1mSERVICE  OWNER\x1b[0m\n"));
    }
}
