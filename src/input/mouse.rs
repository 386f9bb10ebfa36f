//! The mouse: clicks and the wheel, by what the last frame drew where.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

use crate::app::message::Pointer;
use crate::app::{Feedback, Intent};

/// Rows a turn of the wheel scrolls.
const WHEEL: i16 = 3;

/// What a mouse event wants, if anything.
pub fn intent(event: &MouseEvent, feedback: &Feedback) -> Option<Intent> {
    let hit = feedback.at(event.column, event.row);
    match event.kind {
        MouseEventKind::Down(MouseButton::Left) => hit.map(|hit| hit.intent),
        MouseEventKind::ScrollDown => Some(scroll(hit.and_then(|hit| hit.list), WHEEL)),
        MouseEventKind::ScrollUp => Some(scroll(hit.and_then(|hit| hit.list), -WHEEL)),
        _ => None,
    }
}

/// What a mouse event does with the left button.
pub fn pointer(event: &MouseEvent) -> Option<Pointer> {
    let (x, y) = (event.column, event.row);
    match event.kind {
        MouseEventKind::Down(MouseButton::Left) => Some(Pointer::Pressed(x, y)),
        MouseEventKind::Drag(MouseButton::Left) => Some(Pointer::Dragged(x, y)),
        MouseEventKind::Up(MouseButton::Left) => Some(Pointer::Released(x, y)),
        _ => None,
    }
}

fn scroll(list: Option<crate::app::ListId>, rows: i16) -> Intent {
    match list {
        Some(list) => Intent::ScrollList(list, rows),
        None if rows > 0 => Intent::Down,
        None => Intent::Up,
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyModifiers;

    use super::*;
    use crate::app::{Hit, ListId, Panel};

    fn event(kind: MouseEventKind, column: u16, row: u16) -> MouseEvent {
        MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }
    }

    #[test]
    fn a_click_wants_what_lies_on_top() {
        let hit = |x, intent| Hit { x, y: 0, width: 10, height: 1, intent, list: Some(ListId::Overlay) };
        let feedback = Feedback {
            hits: vec![hit(0, Intent::ShowPanel(Panel::Board)), hit(5, Intent::Quit)],
            ..Feedback::default()
        };
        let click = MouseEventKind::Down(MouseButton::Left);
        assert_eq!(intent(&event(click, 1, 0), &feedback), Some(Intent::ShowPanel(Panel::Board)));
        assert_eq!(intent(&event(click, 6, 0), &feedback), Some(Intent::Quit));
        assert_eq!(intent(&event(click, 6, 3), &feedback), None);
        let wheel = event(MouseEventKind::ScrollDown, 6, 0);
        assert_eq!(intent(&wheel, &feedback), Some(Intent::ScrollList(ListId::Overlay, 3)));
    }
}
