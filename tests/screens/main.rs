//! Whole screens as snapshots: every panel and face at three sizes, text and styles.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at the first surprise"
)]

mod alerts;
mod board;
mod calendar;
mod charts;
mod chrome;
mod dragging;
mod forms;
mod hostile;
mod monitor;
mod monitor_burn;
mod monitor_health;
mod monitor_judge;
mod monitor_watch;
mod rollback;
mod sample;
mod show;
mod themes;
mod tracker;
mod views;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tminus::app::State;
use tminus::input::Keymap;
use tminus::theme::{Role, Theme, default_theme};

/// The sizes every screen is looked at.
pub const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

/// Draws a state at a size with the default theme.
pub fn draw(state: &State, size: (u16, u16)) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, size.0, size.1));
    tminus::view::draw(state, &default_theme(), &Keymap::default(), &mut buffer);
    buffer
}

/// What drawing a state at a size learned.
pub fn feedback(state: &State, size: (u16, u16)) -> tminus::app::Feedback {
    let mut buffer = Buffer::empty(Rect::new(0, 0, size.0, size.1));
    tminus::view::draw(state, &default_theme(), &Keymap::default(), &mut buffer)
}

/// The text of a screen, rows without trailing blanks.
pub fn text(buffer: &Buffer) -> String {
    let width = usize::from(buffer.area.width);
    let mut out = String::new();
    for row in buffer.content.chunks(width) {
        let mut line = String::new();
        let mut skip = 0;
        for cell in row {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            line.push_str(cell.symbol());
            skip = unicode_width::UnicodeWidthStr::width(cell.symbol()).saturating_sub(1);
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// The roles of a screen: a letter a cell where a role's style is not plain text.
pub fn roles(buffer: &Buffer) -> String {
    let theme: Theme = default_theme();
    let letters = "·dATgaxusSfcpPnBNOLb!";
    let width = usize::from(buffer.area.width);
    let mut out = String::new();
    for row in buffer.content.chunks(width) {
        let mut line = String::new();
        for cell in row {
            let found = Role::ALL.iter().zip(letters.chars()).find(|((role, _), _)| {
                let style = theme.style(*role);
                style.fg.unwrap_or(cell.fg) == cell.fg
                    && style.bg.unwrap_or(ratatui::style::Color::Reset) == cell.bg
                    && cell.modifier == style.add_modifier
            });
            line.push(found.map_or('?', |(_, letter)| letter));
        }
        out.push_str(line.trim_end_matches('·'));
        out.push('\n');
    }
    out
}

/// Snapshots a state at the three sizes: text, and roles at the middle one.
pub fn assert_screens(name: &str, state: &State) {
    for size in SIZES {
        let mut state = state.clone();
        state.size = size;
        let buffer = draw(&state, size);
        insta::assert_snapshot!(format!("{name}-{}x{}", size.0, size.1), text(&buffer));
        if size == SIZES[1] {
            insta::assert_snapshot!(format!("{name}-roles"), roles(&buffer));
        }
    }
}
