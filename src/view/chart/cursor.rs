//! The upright line at the instant that is read off, and its time below.

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::{Canvas, Clock, Plot};
use crate::theme::Role;

/// Draws the line; the chart's own lines go over it.
pub fn draw(canvas: &mut Canvas<'_>, field: Rect, plot: &Plot<'_>, clock: &Clock) {
    let Some(dot) = plot.cursor.and_then(|at| clock.dot(at)) else { return };
    for row in 0..field.height {
        canvas.text(field.x + (dot / 2) as u16, field.y + row, 1, "┊", Role::Accent);
    }
}

/// Writes its time on the time axis; the columns it takes there.
pub fn name(
    canvas: &mut Canvas<'_>,
    axis: Rect,
    plot: &Plot<'_>,
    clock: &Clock,
) -> Option<std::ops::Range<u16>> {
    let (at, dot) = plot.cursor.and_then(|at| Some((at, clock.dot(at)?)))?;
    let form = if plot.seconds > 86_400 { "%-d %b %H:%M" } else { "%H:%M:%S" };
    let words = format!(" {} ", at.with_timezone(&plot.zone).format(form));
    let width = words.width() as u16;
    if width > axis.width {
        return None;
    }
    let column = (dot / 2) as u16;
    let start = column.saturating_sub(width / 2).min(axis.width - width);
    canvas.text(axis.x + start, axis.y, width, &words, Role::Accent);
    Some(start..start + width)
}
