//! The bytes of a key or of the mouse, to an event: termina's table, in crossterm's words, which
//! the rest of the program speaks.

use crossterm::event as ours;
use termina::event as theirs;
use termina::{Event, Parser};

/// Reads sequences.
#[derive(Debug, Default)]
pub struct Decoder {
    parser: Parser,
}

impl Decoder {
    /// What a whole sequence says; `None`: nothing that is known.
    pub fn event(&mut self, sequence: &[u8]) -> Option<ours::Event> {
        // An alt-key that looks like the beginning of a longer sequence.
        if let [0x1b, character @ (b'[' | b'O' | b']' | b'P')] = sequence {
            let code = ours::KeyCode::Char(char::from(*character));
            return Some(ours::Event::Key(ours::KeyEvent::new(code, ours::KeyModifiers::ALT)));
        }
        self.parser.parse(sequence, false);
        let read = self.parser.pop();
        if read.is_none() {
            // What it waits for does not come: the next sequence begins afresh.
            self.parser = Parser::default();
        }
        match read? {
            Event::Key(event) => Some(ours::Event::Key(ours::KeyEvent::new_with_kind(
                code(event.code)?,
                modifiers(event.modifiers),
                kind(event.kind),
            ))),
            Event::Mouse(event) => Some(ours::Event::Mouse(ours::MouseEvent {
                kind: mouse(event.kind),
                column: event.column,
                row: event.row,
                modifiers: modifiers(event.modifiers),
            })),
            _ => None,
        }
    }

    /// The function key that looks like a report of the cursor: `ESC [ 1 ; m R`, where `m` is one
    /// more than its modifiers.
    pub fn third_function_key(modifiers: u16) -> ours::Event {
        let bits = modifiers.saturating_sub(1);
        let mut held = ours::KeyModifiers::NONE;
        for (bit, modifier) in [
            (1, ours::KeyModifiers::SHIFT),
            (2, ours::KeyModifiers::ALT),
            (4, ours::KeyModifiers::CONTROL),
            (8, ours::KeyModifiers::SUPER),
        ] {
            held.set(modifier, bits & bit != 0);
        }
        ours::Event::Key(ours::KeyEvent::new(ours::KeyCode::F(3), held))
    }
}

fn code(code: theirs::KeyCode) -> Option<ours::KeyCode> {
    Some(match code {
        theirs::KeyCode::Char(character) => ours::KeyCode::Char(character),
        theirs::KeyCode::Enter => ours::KeyCode::Enter,
        theirs::KeyCode::Backspace => ours::KeyCode::Backspace,
        theirs::KeyCode::Tab => ours::KeyCode::Tab,
        theirs::KeyCode::Escape => ours::KeyCode::Esc,
        theirs::KeyCode::Left => ours::KeyCode::Left,
        theirs::KeyCode::Right => ours::KeyCode::Right,
        theirs::KeyCode::Up => ours::KeyCode::Up,
        theirs::KeyCode::Down => ours::KeyCode::Down,
        theirs::KeyCode::Home => ours::KeyCode::Home,
        theirs::KeyCode::End => ours::KeyCode::End,
        theirs::KeyCode::BackTab => ours::KeyCode::BackTab,
        theirs::KeyCode::PageUp => ours::KeyCode::PageUp,
        theirs::KeyCode::PageDown => ours::KeyCode::PageDown,
        theirs::KeyCode::Insert => ours::KeyCode::Insert,
        theirs::KeyCode::Delete => ours::KeyCode::Delete,
        theirs::KeyCode::KeypadBegin => ours::KeyCode::KeypadBegin,
        theirs::KeyCode::Function(number) => ours::KeyCode::F(number),
        theirs::KeyCode::Menu => ours::KeyCode::Menu,
        theirs::KeyCode::Null => ours::KeyCode::Null,
        // Locks, media keys and modifiers by themselves mean nothing here.
        _ => return None,
    })
}

fn modifiers(held: theirs::Modifiers) -> ours::KeyModifiers {
    let mut modifiers = ours::KeyModifiers::NONE;
    for (theirs, ours) in [
        (theirs::Modifiers::SHIFT, ours::KeyModifiers::SHIFT),
        (theirs::Modifiers::ALT, ours::KeyModifiers::ALT),
        (theirs::Modifiers::CONTROL, ours::KeyModifiers::CONTROL),
        (theirs::Modifiers::SUPER, ours::KeyModifiers::SUPER),
        (theirs::Modifiers::HYPER, ours::KeyModifiers::HYPER),
        (theirs::Modifiers::META, ours::KeyModifiers::META),
    ] {
        modifiers.set(ours, held.contains(theirs));
    }
    modifiers
}

fn kind(kind: theirs::KeyEventKind) -> ours::KeyEventKind {
    match kind {
        theirs::KeyEventKind::Press => ours::KeyEventKind::Press,
        theirs::KeyEventKind::Release => ours::KeyEventKind::Release,
        theirs::KeyEventKind::Repeat => ours::KeyEventKind::Repeat,
    }
}

fn mouse(kind: theirs::MouseEventKind) -> ours::MouseEventKind {
    let button = |button| match button {
        theirs::MouseButton::Left => ours::MouseButton::Left,
        theirs::MouseButton::Right => ours::MouseButton::Right,
        theirs::MouseButton::Middle => ours::MouseButton::Middle,
    };
    match kind {
        theirs::MouseEventKind::Down(which) => ours::MouseEventKind::Down(button(which)),
        theirs::MouseEventKind::Up(which) => ours::MouseEventKind::Up(button(which)),
        theirs::MouseEventKind::Drag(which) => ours::MouseEventKind::Drag(button(which)),
        theirs::MouseEventKind::Moved => ours::MouseEventKind::Moved,
        theirs::MouseEventKind::ScrollDown => ours::MouseEventKind::ScrollDown,
        theirs::MouseEventKind::ScrollUp => ours::MouseEventKind::ScrollUp,
        theirs::MouseEventKind::ScrollLeft => ours::MouseEventKind::ScrollLeft,
        theirs::MouseEventKind::ScrollRight => ours::MouseEventKind::ScrollRight,
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEventKind};

    use super::*;

    #[test]
    fn keys_are_what_terminals_send_for_them() {
        let key = |code, modifiers| Event::Key(KeyEvent::new(code, modifiers));
        let (none, shift) = (KeyModifiers::NONE, KeyModifiers::SHIFT);
        let pairs: [(&[u8], Event); 22] = [
            (b"j", key(KeyCode::Char('j'), none)),
            (b"G", key(KeyCode::Char('G'), shift)),
            ("é".as_bytes(), key(KeyCode::Char('é'), none)),
            (b"\x03", key(KeyCode::Char('c'), KeyModifiers::CONTROL)),
            (b"\x0c", key(KeyCode::Char('l'), KeyModifiers::CONTROL)),
            (b"\x1a", key(KeyCode::Char('z'), KeyModifiers::CONTROL)),
            (b"\r", key(KeyCode::Enter, none)),
            (b"\n", key(KeyCode::Char('j'), KeyModifiers::CONTROL)),
            (b"\t", key(KeyCode::Tab, none)),
            (b"\x7f", key(KeyCode::Backspace, none)),
            (b"\x1b", key(KeyCode::Esc, none)),
            (b"\x1b[A", key(KeyCode::Up, none)),
            (b"\x1bOA", key(KeyCode::Up, none)),
            (b"\x1b[1;5C", key(KeyCode::Right, KeyModifiers::CONTROL)),
            (b"\x1b[Z", key(KeyCode::BackTab, shift)),
            (b"\x1b[5~", key(KeyCode::PageUp, none)),
            (b"\x1b[3~", key(KeyCode::Delete, none)),
            (b"\x1b[13~", key(KeyCode::F(3), none)),
            (b"\x1bOP", key(KeyCode::F(1), none)),
            (b"\x1b[113;5u", key(KeyCode::Char('q'), KeyModifiers::CONTROL)),
            (b"\x1bx", key(KeyCode::Char('x'), KeyModifiers::ALT)),
            (b"\x1b]", key(KeyCode::Char(']'), KeyModifiers::ALT)),
        ];
        let mut decoder = Decoder::default();
        for (bytes, wanted) in pairs {
            assert_eq!(decoder.event(bytes), Some(wanted), "{bytes:?}");
        }
    }

    #[test]
    fn the_mouse_is_read() {
        let mut decoder = Decoder::default();
        for (bytes, kind) in [
            (&b"\x1b[<0;3;4M"[..], MouseEventKind::Down(MouseButton::Left)),
            (b"\x1b[<0;3;4m", MouseEventKind::Up(MouseButton::Left)),
            (b"\x1b[<32;3;4M", MouseEventKind::Drag(MouseButton::Left)),
            (b"\x1b[<64;3;4M", MouseEventKind::ScrollUp),
            (b"\x1b[<65;3;4M", MouseEventKind::ScrollDown),
        ] {
            let Some(Event::Mouse(event)) = decoder.event(bytes) else { panic!("{bytes:?}") };
            assert_eq!((event.kind, event.column, event.row), (kind, 2, 3));
        }
    }

    #[test]
    fn what_is_not_known_spoils_nothing() {
        let mut decoder = Decoder::default();
        for unknown in [&b"\x1b[?1;2z"[..], b"\x1b[>1u", b"\x1b[[Z", b"\x1b[999999999~", b"\x1b[<9;9;9"] {
            assert_eq!(decoder.event(unknown), None, "{unknown:?}");
            assert!(decoder.event(b"q").is_some(), "after {unknown:?}");
        }
    }

    #[test]
    fn shift_f3_is_no_report() {
        let Event::Key(key) = Decoder::third_function_key(6) else { panic!("a key") };
        assert_eq!((key.code, key.modifiers), (KeyCode::F(3), KeyModifiers::SHIFT | KeyModifiers::CONTROL));
    }
}
