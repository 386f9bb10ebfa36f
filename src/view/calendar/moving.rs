//! What is being moved, from where to where, under the days.

use ratatui::layout::Rect;

use super::Canvas;
use crate::app::State;
use crate::app::calendar::Moving;
use crate::theme::Role;

/// Draws it. Answers with the rows used.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State, moving: &Moving) -> u16 {
    let preview = moving.preview(state.zone, state.now.wall);
    let notice = match (&moving.notice, preview.is_past) {
        (Some(notice), _) => Some(format!("▲ {notice}")),
        (None, true) => Some("▲ before now".to_owned()),
        (None, false) => None,
    };
    let rows = 4 + u16::from(notice.is_some());
    let y = area.bottom().saturating_sub(rows);
    canvas.rule(area.x, y, area.width);
    let label = "MOVING";
    let x = area.x + canvas.text(area.x, y + 1, 8, label, Role::Attention) + 1;
    let release = state.workspace.release(&moving.release);
    let stage = release.and_then(|release| release.stages.get(moving.hand.stage));
    if let (Some(release), Some(stage)) = (release, stage) {
        let what = match moving.along.len() {
            0 => format!("{}  {}", release.title, super::marks::place(stage)),
            others => format!("{}  {} stages together", release.title, others + 1),
        };
        canvas.text(x, y + 1, area.right().saturating_sub(x), &what, Role::Title);
    }
    if let Some(notice) = notice {
        canvas.text(area.x, y + 4, area.width, &notice, Role::Attention);
    }
    let times = [
        ("from", preview.from, preview.from_here, Role::Dim),
        ("to", preview.to, preview.to_here, Role::Accent),
    ];
    for (row, (label, own, here, role)) in (y + 2..).zip(times) {
        canvas.text(area.x, row, 5, label, Role::Dim);
        let mut x = area.x + 5;
        x += canvas.text(x, row, area.right().saturating_sub(x), &own, role);
        if let Some(here) = here {
            canvas.text(x + 2, row, area.right().saturating_sub(x + 2), &format!("= {here}"), Role::Dim);
        }
    }
    rows
}
