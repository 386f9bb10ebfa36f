//! The welcome screen: no workspace is near.

use ratatui::layout::Rect;

use super::Canvas;
use crate::app::State;
use crate::theme::Role;

/// Draws it.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, _state: &State) {
    let lines = [
        ("There is no workspace here yet.", "", Role::Title),
        ("", "", Role::Text),
        ("tminus init", "write a commented tminus.toml from what is found in this folder", Role::Accent),
        ("tminus demo", "look around in a simulated company; nothing to install, no network", Role::Accent),
        ("tminus -w DIR", "open the workspace in another folder", Role::Accent),
        ("", "", Role::Text),
        ("Inside a git repository, tminus opens on its tags without any file.", "", Role::Dim),
        ("q leaves, ? shows the keys.", "", Role::Dim),
    ];
    let x = area.x + area.width.saturating_sub(78) / 2;
    let top = area.y + area.height.saturating_sub(lines.len() as u16) / 3;
    for (row, (left, right, role)) in (top..).zip(lines) {
        canvas.text(x, row, area.width, left, role);
        if !right.is_empty() {
            canvas.text(x + 16, row, area.right().saturating_sub(x + 16), right, Role::Text);
        }
    }
}
