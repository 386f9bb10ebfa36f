//! The board panel: services and what runs of them, and what is known of the selected one.

mod cells;
mod details;
mod ego;
mod graph;
mod rows;
mod services;

use ratatui::layout::Rect;

use super::{Canvas, face};
use crate::app::State;
use crate::app::board::{Arrangement, arrangement, listed, selected_row};
use crate::theme::Role;

/// Draws it.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    if state.workspace.services.is_empty() {
        let hint = "A service is something deployed on its own. Add one to tminus.toml:\n\n\
                    [[service]]\nid = \"checkout\"\nrepository = \"../checkout\"";
        face::message(canvas, area, Role::Title, "no services yet", hint);
        return;
    }
    let listed = listed(state);
    let Some(selected) = selected_row(state, &listed) else {
        let title = format!("no service matches /{}", state.board.filter);
        face::message(canvas, area, Role::Dim, &title, "Esc clears the filter.");
        return;
    };
    let place = listed[selected];
    match arrangement(state, (area.width, area.height), listed.len()) {
        Arrangement::List => services::draw(canvas, area, state, &listed, selected),
        Arrangement::Details => details::draw(canvas, area, state, place),
        Arrangement::Stacked(rows) => {
            services::draw(canvas, Rect { height: rows, ..area }, state, &listed, selected);
            canvas.rule(area.x, area.y + rows, area.width);
            let below = area.y + rows + 1;
            let below = Rect { y: below, height: area.bottom().saturating_sub(below), ..area };
            details::draw(canvas, below, state, place);
        }
        Arrangement::Beside(columns) => {
            services::draw(canvas, Rect { width: columns, ..area }, state, &listed, selected);
            canvas.divider(area.x + columns + 1, area.y, area.height);
            let beside = area.x + columns + 3;
            let beside = Rect { x: beside, width: area.right().saturating_sub(beside), ..area };
            details::draw(canvas, beside, state, place);
        }
    }
}
