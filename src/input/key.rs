//! One key with its modifiers, the same whatever way a terminal reports it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key with its modifiers. A capital letter is the letter with shift; other characters have no
/// shift of their own, because keyboards differ in where they keep them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    code: KeyCode,
    modifiers: KeyModifiers,
}

impl Key {
    /// From what the terminal reported. Modifiers are kept exactly: Ctrl-Q is not `q`.
    pub fn from_event(event: &KeyEvent) -> Self {
        Self::normal(event.code, event.modifiers)
    }

    /// Reads `ctrl-p`, `shift-g`, `pageup`, `?`, `é`.
    pub fn parse(text: &str) -> Option<Self> {
        let single = text.chars().count() == 1;
        if single && let Some(character) = text.chars().next() {
            return Some(Self::normal(KeyCode::Char(character), KeyModifiers::NONE));
        }
        let parsed = crokey::parse(text).ok()?;
        match parsed.codes {
            crokey::OneToThree::One(code) => Some(Self::normal(code, parsed.modifiers)),
            _ => None,
        }
    }

    /// The character it types, where it types one.
    pub fn character(&self) -> Option<char> {
        match self.code {
            KeyCode::Char(character) if self.modifiers == KeyModifiers::SHIFT => {
                Some(character.to_uppercase().next().unwrap_or(character))
            }
            KeyCode::Char(character) if self.modifiers.is_empty() => Some(character),
            _ => None,
        }
    }

    /// As people read it: `G`, `ctrl-p`, `↑`, `PgDn`.
    pub fn label(&self) -> String {
        let mut label = String::new();
        let shift_shows = !matches!(self.code, KeyCode::Char(_) | KeyCode::BackTab);
        for (modifier, word) in
            [(KeyModifiers::CONTROL, "ctrl-"), (KeyModifiers::ALT, "alt-"), (KeyModifiers::SUPER, "super-")]
        {
            if self.modifiers.contains(modifier) {
                label.push_str(word);
            }
        }
        if shift_shows && self.modifiers.contains(KeyModifiers::SHIFT) {
            label.push_str("shift-");
        }
        match self.code {
            KeyCode::Char(' ') => label.push_str("space"),
            KeyCode::Char(character) if self.modifiers.contains(KeyModifiers::SHIFT) => {
                label.extend(character.to_uppercase());
            }
            KeyCode::Char(character) => label.push(character),
            KeyCode::Up => label.push('↑'),
            KeyCode::Down => label.push('↓'),
            KeyCode::Left => label.push('←'),
            KeyCode::Right => label.push('→'),
            KeyCode::PageUp => label.push_str("PgUp"),
            KeyCode::PageDown => label.push_str("PgDn"),
            KeyCode::BackTab => label.push_str("shift-tab"),
            KeyCode::F(number) => label.push_str(&format!("F{number}")),
            code => label.push_str(&format!("{code}").to_lowercase()),
        }
        label
    }

    /// The code and the modifiers.
    pub fn parts(&self) -> (KeyCode, KeyModifiers) {
        (self.code, self.modifiers)
    }

    fn normal(code: KeyCode, modifiers: KeyModifiers) -> Self {
        let known = KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT | KeyModifiers::SUPER;
        let mut modifiers = modifiers & known;
        let code = match code {
            KeyCode::Char(character) if character.is_uppercase() => {
                modifiers.insert(KeyModifiers::SHIFT);
                KeyCode::Char(character.to_lowercase().next().unwrap_or(character))
            }
            KeyCode::Char(character) if !character.is_alphabetic() && character != ' ' => {
                modifiers.remove(KeyModifiers::SHIFT);
                KeyCode::Char(character)
            }
            KeyCode::Tab if modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
            code => code,
        };
        if code == KeyCode::BackTab {
            modifiers.insert(KeyModifiers::SHIFT);
        }
        Self { code, modifiers }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(code: KeyCode, modifiers: KeyModifiers) -> Key {
        Key::from_event(&KeyEvent::new(code, modifiers))
    }

    #[test]
    fn what_is_written_is_what_is_typed() {
        let pairs = [
            ("shift-g", event(KeyCode::Char('G'), KeyModifiers::SHIFT)),
            ("shift-g", event(KeyCode::Char('G'), KeyModifiers::NONE)),
            ("?", event(KeyCode::Char('?'), KeyModifiers::SHIFT)),
            ("ctrl-p", event(KeyCode::Char('p'), KeyModifiers::CONTROL)),
            ("backtab", event(KeyCode::BackTab, KeyModifiers::SHIFT)),
            ("-", event(KeyCode::Char('-'), KeyModifiers::NONE)),
            ("space", event(KeyCode::Char(' '), KeyModifiers::NONE)),
            ("é", event(KeyCode::Char('é'), KeyModifiers::NONE)),
        ];
        for (written, typed) in pairs {
            assert_eq!(Key::parse(written), Some(typed), "{written}");
        }
    }

    #[test]
    fn modifiers_are_matched_exactly() {
        assert_ne!(Key::parse("q"), Some(event(KeyCode::Char('q'), KeyModifiers::CONTROL)));
        assert_ne!(Key::parse("q"), Some(event(KeyCode::Char('q'), KeyModifiers::ALT)));
    }

    #[test]
    fn labels_are_short() {
        let label = |text: &str| Key::parse(text).map(|key| key.label());
        assert_eq!(label("shift-g").as_deref(), Some("G"));
        assert_eq!(label("ctrl-p").as_deref(), Some("ctrl-p"));
        assert_eq!(label("pagedown").as_deref(), Some("PgDn"));
        assert_eq!(label("backtab").as_deref(), Some("shift-tab"));
        assert_eq!(label("nonsense-key"), None);
    }
}
