//! The rollback panel: on the left what can be brought back, on the right the way.

mod list;
mod plan;
mod rows;
mod text;

use ratatui::layout::Rect;

use super::Canvas;
use crate::app::State;
use crate::app::rollback::Pane;

/// From this width on, both parts stand side by side.
const WIDE: u16 = 100;

/// Draws it.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    if area.width < WIDE {
        match state.rollback.pane {
            Pane::List => list::draw(canvas, area, state),
            Pane::Plan => plan::draw(canvas, area, state),
        }
        return;
    }
    let width = (area.width * 3 / 10).clamp(32, 48);
    list::draw(canvas, Rect { width, ..area }, state);
    canvas.divider(area.x + width + 1, area.y, area.height);
    let x = area.x + width + 3;
    plan::draw(canvas, Rect::new(x, area.y, area.right() - x, area.height), state);
}
