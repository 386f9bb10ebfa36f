//! Emergencies under the header, in every panel: nobody works on without seeing them.

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::Canvas;
use super::canvas::cut;
use crate::app::State;
use crate::app::emergency::{self, words};
use crate::theme::Role;

/// The most rows that emergencies take; what is more is counted in the last of them.
const MOST: usize = 2;
/// The most columns of each thing said.
const LONGEST: usize = 48;

/// Rows it takes.
pub fn height(state: &State) -> u16 {
    emergency::live(state).len().min(MOST) as u16
}

/// Draws it.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let live = emergency::live(state);
    let rows = usize::from(area.height);
    for (index, (y, emergency)) in (area.y..area.bottom()).zip(&live).enumerate() {
        let row = Rect { y, height: 1, ..area };
        canvas.clear(row, Role::Alarm);
        let hidden = if index + 1 == rows { live.len().saturating_sub(rows) } else { 0 };
        let more = if hidden > 0 { format!("  +{hidden} more ") } else { String::new() };
        let room = usize::from(row.width).saturating_sub(more.width() + 1);
        let (label, words) = words(state, emergency);
        let mut text = format!(" ✖ {label}");
        for word in words {
            // Nothing is begun that would be cut to nothing; a long name leaves room for the rest.
            if text.width() + 12 > room {
                break;
            }
            text.push_str(" · ");
            text.push_str(&cut(&word, LONGEST));
        }
        canvas.text(row.x, y, room as u16 + 1, &text, Role::Alarm);
        canvas.text_right(row.x, y, row.width, &more, Role::Alarm);
    }
}
