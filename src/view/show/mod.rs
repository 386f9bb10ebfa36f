//! A run of show, in the panel's place: its steps as a list, and the war room.

mod big;
mod rows;
mod steps;
mod war_room;

use ratatui::layout::Rect;

use super::{Canvas, face};
use crate::app::State;
use crate::app::show::{About, Asking, Screen, View, reckoning};
use crate::domain::show::words::Standing;
use crate::domain::show::{Reckoned, StepState};
use crate::theme::Role;

/// Draws it.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State, view: &View) {
    let area = area.inner(ratatui::layout::Margin::new(1, 0));
    let reckoning = match reckoning(state, &view.release) {
        Ok(reckoning) => reckoning,
        Err(why) => {
            let title = state.workspace.release(&view.release).map_or("", |release| release.title.as_str());
            return face::message(canvas, area, Role::Dim, &format!("{title} has no run of show"), &why);
        }
    };
    match view.screen {
        Screen::Steps => steps::draw(canvas, area, state, view, &reckoning),
        Screen::WarRoom => war_room::draw(canvas, area, state, view, &reckoning),
    }
}

/// The line the person types into, over the last rows of an area. Answers with the rows used.
fn asking(canvas: &mut Canvas<'_>, area: Rect, asking: &Asking) -> u16 {
    let (question, hint) = match &asking.about {
        About::Skip(step) => (format!("Skip {step}. Why?"), "Enter skips it, Esc leaves it"),
        About::Move(step) => {
            (format!("Move {step} to (T-2d, T-1h30m, T-0, T+72h)"), "Enter moves it, Esc leaves it")
        }
        About::Hold => ("Hold the count. Why?".to_owned(), "Enter holds it, Esc lets it go on"),
        About::Run { step, .. } => {
            (format!("Run the check of {step} on this machine?"), "Enter runs it, Esc leaves it")
        }
    };
    let height = 4.min(area.height);
    let top = area.bottom() - height;
    canvas.clear(Rect { y: top, height, ..area }, Role::Text);
    canvas.rule(area.x, top, area.width);
    canvas.text(area.x, top + 1, area.width, &question, Role::Title);
    let hint_width = hint.len() as u16;
    canvas.text_right(area.x, top + 1, area.width, hint, Role::Dim);
    let room = area.width.saturating_sub(2);
    if question.chars().count() as u16 + hint_width + 2 > area.width {
        canvas.clear(Rect { y: top + 1, height: 1, ..area }, Role::Text);
        canvas.text(area.x, top + 1, area.width, &question, Role::Title);
    }
    if let About::Run { command, .. } = &asking.about {
        canvas.text(area.x, top + 2, area.width, &format!("$ {command}"), Role::Accent);
        return height;
    }
    canvas.text(area.x, top + 2, 1, "›", Role::Accent);
    let (before, after) = asking.line.parts();
    // The end of a long line stays in sight.
    let mut shown = before;
    while unicode_width::UnicodeWidthStr::width(shown) + 1 > usize::from(room) {
        shown = shown.char_indices().nth(1).map_or("", |(index, _)| &shown[index..]);
    }
    let mut x = area.x + 2;
    x += canvas.text(x, top + 2, room, shown, Role::Text);
    x += canvas.text(x, top + 2, 1, "▏", Role::Accent);
    canvas.text(x, top + 2, area.right().saturating_sub(x), after, Role::Text);
    if let Some(trouble) = &asking.trouble {
        canvas.text(area.x + 2, top + 3, room, &format!("▲ {trouble}"), Role::Attention);
    }
    height
}

/// How a step looks.
fn role(step: &Reckoned<'_>) -> Role {
    if step.is_late() {
        return Role::Attention;
    }
    match step.state {
        StepState::Planned => Role::Dim,
        StepState::Waiting | StepState::Ready => Role::Text,
        StepState::Running => Role::Accent,
        StepState::Done => Role::Good,
        StepState::Skipped => Role::Past,
    }
}

/// The sign and the look of how the whole stands.
fn standing(standing: Standing) -> (&'static str, Role) {
    match standing {
        Standing::Held | Standing::Slips => ("✖", Role::Bad),
        Standing::Late => ("▲", Role::Attention),
        Standing::OnPlan => ("●", Role::Good),
        Standing::Over => ("·", Role::Dim),
    }
}
