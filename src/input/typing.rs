//! Keys that type: what no binding took, where text is typed.

use crossterm::event::{KeyCode, KeyModifiers};

use crate::app::message::Typed;

use super::Key;

/// What a key does to a line of text.
pub fn typed(key: Key) -> Option<Typed> {
    if let Some(character) = key.character() {
        return Some(Typed::Character(character));
    }
    let (code, modifiers) = key.parts();
    let control = modifiers == KeyModifiers::CONTROL;
    match code {
        KeyCode::Backspace if control || modifiers == KeyModifiers::ALT => Some(Typed::DeleteWord),
        KeyCode::Backspace => Some(Typed::Backspace),
        KeyCode::Delete => Some(Typed::Delete),
        KeyCode::Left => Some(Typed::Left),
        KeyCode::Right => Some(Typed::Right),
        KeyCode::Home => Some(Typed::Home),
        KeyCode::End => Some(Typed::End),
        KeyCode::Char('w') if control => Some(Typed::DeleteWord),
        KeyCode::Char('u') if control => Some(Typed::DeleteToStart),
        KeyCode::Char('a') if control => Some(Typed::Home),
        KeyCode::Char('e') if control => Some(Typed::End),
        KeyCode::Char('b') if control => Some(Typed::Left),
        KeyCode::Char('f') if control => Some(Typed::Right),
        KeyCode::Char('h') if control => Some(Typed::Backspace),
        KeyCode::Char('d') if control => Some(Typed::Delete),
        _ => None,
    }
}
