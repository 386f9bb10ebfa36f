//! The monitor panel.

use ratatui::layout::Rect;

use super::{Canvas, face};
use crate::app::State;
use crate::theme::Role;

/// Draws it.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, _state: &State) {
    face::message(canvas, area, Role::Dim, "monitor", "");
}
