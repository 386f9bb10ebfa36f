//! A list with a row a line: it keeps its place, shows which row is selected, and takes clicks and
//! the wheel. Every list drawn by it behaves the same.

use ratatui::layout::Rect;

use super::Canvas;
use crate::app::list::first_row;
use crate::app::{Intent, ListId, State};

/// A list to draw.
#[derive(Debug, Clone, Copy)]
pub struct Listing {
    /// Which.
    pub list: ListId,
    /// The selected row.
    pub row: usize,
    /// Whether it has the keys: only then the selected row is marked.
    pub has_keys: bool,
}

impl Listing {
    /// Of a view that has one list only.
    pub fn alone(list: ListId, row: usize) -> Self {
        Self { list, row, has_keys: true }
    }

    /// Draws the rows that fit into an area, and answers with the first of them.
    pub fn draw<T>(
        self,
        canvas: &mut Canvas<'_>,
        area: Rect,
        state: &State,
        items: &[T],
        mut draw_row: impl FnMut(&mut Canvas<'_>, Rect, &T),
    ) -> usize {
        let Self { list, row, has_keys } = self;
        let top = state.feedback.list(list).map_or(0, |(top, _)| top);
        let top = first_row(top, row, usize::from(area.height), items.len());
        canvas.list(list, top, area.height);
        canvas.hit(area, Intent::ScrollList(list, 0), Some(list));
        for ((index, item), y) in items.iter().enumerate().skip(top).zip(area.y..area.bottom()) {
            let line = Rect { y, height: 1, ..area };
            draw_row(canvas, line, item);
            if index == row && has_keys {
                canvas.select(line);
            }
            canvas.hit(line, Intent::SelectRow(list, index), Some(list));
        }
        top
    }
}
