//! State to frames: a folder a panel. Drawing looks at the state and changes nothing.

pub mod ascii;
pub mod banner;
pub mod board;
pub mod calendar;
pub mod canvas;
pub mod chart;
pub mod chrome;
pub mod face;
pub mod form;
mod listing;
pub mod monitor;
pub mod overlay;
pub mod rollback;
pub mod show;
pub mod tracker;
pub mod welcome;

pub use canvas::Canvas;
pub use listing::Listing;

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};

use crate::app::state::Opening;
use crate::app::{Feedback, Panel, State};
use crate::domain::workspace::Origin;
use crate::input::Keymap;
use crate::theme::{Role, Theme};

/// The smallest terminal that is drawn on, in columns and rows.
pub const SMALLEST: (u16, u16) = (60, 15);

/// Draws the whole screen; what the next message needs to know comes back.
pub fn draw(state: &State, theme: &Theme, keymap: &Keymap, buffer: &mut Buffer) -> Feedback {
    let mut feedback = Feedback::default();
    let area = buffer.area;
    let mut canvas = Canvas::new(buffer, theme, keymap, &mut feedback);
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        too_small(&mut canvas, area);
    } else {
        canvas.fill(area, Role::Text);
        let emergencies = Constraint::Length(banner::height(state));
        let [header, alarm, body, status] = Layout::vertical([
            Constraint::Length(2),
            emergencies,
            Constraint::Fill(1),
            Constraint::Length(2),
        ])
        .areas(area);
        chrome::header(&mut canvas, header, state);
        banner::draw(&mut canvas, alarm, state);
        match crate::app::show::view(state) {
            Some(view) => show::draw(&mut canvas, body, state, view),
            None => panel(&mut canvas, body, state),
        }
        chrome::status(&mut canvas, status, state);
        // An emergency stays in sight below the header, whatever lies over the panels.
        let covered = if alarm.height > 0 { alarm.bottom() - 1 } else { 0 };
        let below = Rect { y: area.y + covered, height: area.height - covered, ..area };
        for window in &state.overlays {
            overlay::draw(&mut canvas, below, state, window);
        }
    }
    if state.look.ascii {
        ascii::flatten(buffer);
    }
    feedback
}

fn panel(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let area = area.inner(ratatui::layout::Margin::new(1, 0));
    match &state.opening {
        Opening::Reading => face::message(canvas, area, Role::Dim, "reading the workspace …", ""),
        Opening::Failed(why) => face::message(canvas, area, Role::Bad, "the workspace did not open", why),
        Opening::Open if state.workspace.origin == Origin::Nowhere => welcome::draw(canvas, area, state),
        Opening::Open => match state.panel {
            Panel::Calendar => calendar::draw(canvas, area, state),
            Panel::Board => board::draw(canvas, area, state),
            Panel::Monitor => monitor::draw(canvas, area, state),
            Panel::Rollback => rollback::draw(canvas, area, state),
        },
    }
}

fn too_small(canvas: &mut Canvas<'_>, area: Rect) {
    let words = format!(
        "tminus needs {} × {} cells; this terminal has {} × {}. Make it larger, or q to leave.",
        SMALLEST.0, SMALLEST.1, area.width, area.height
    );
    canvas.paragraph(area, &words, Role::Text);
}
