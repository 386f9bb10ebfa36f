//! Calling somebody: what is worth it, and how this person wants to be called.

use super::Safe;

/// How a person is called. All of it is theirs, from their own file: a workspace of somebody else
/// names neither programs nor addresses here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RingSettings {
    /// Whether the terminal's bell rings; absent: yes.
    pub bell: Option<bool>,
    /// Which sequence asks the terminal for a notification of the desktop; absent: none.
    pub notification: Option<Notification>,
    /// Where a JSON document is posted.
    pub webhook: Option<String>,
    /// A program and its arguments.
    pub command: Vec<String>,
}

/// A terminal's sequences for notifications of the desktop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notification {
    /// OSC 9: iTerm2, Windows Terminal, kitty, WezTerm, ghostty.
    Osc9,
    /// OSC 777: urxvt, foot, ghostty, VTE of some distributions.
    Osc777,
}

/// Something worth calling somebody for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ring {
    /// The same for the same cause.
    pub cause: String,
    /// What, in a few words.
    pub title: Safe,
    /// Why, and what to do.
    pub text: Safe,
}

impl RingSettings {
    /// What is written to the terminal for a ring: the bell, and the sequence of a notification.
    pub fn sequence(&self, ring: &Ring) -> Vec<u8> {
        let mut bytes = Vec::new();
        // Nothing in it may end the sequence: Safe has no control characters, and `;` parts fields.
        let plain = |text: &Safe| -> String {
            text.as_str().chars().filter(|c| !c.is_control() && *c != ';').take(200).collect()
        };
        let (title, text) = (plain(&ring.title), plain(&ring.text));
        match self.notification {
            Some(Notification::Osc9) => bytes.extend(format!("\x1b]9;{title}: {text}\x1b\\").into_bytes()),
            Some(Notification::Osc777) => {
                bytes.extend(format!("\x1b]777;notify;{title};{text}\x1b\\").into_bytes());
            }
            None => {}
        }
        if self.bell != Some(false) {
            bytes.push(0x07);
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(text: &str) -> Ring {
        Ring { cause: "a".into(), title: Safe::new("ROLL BACK"), text: Safe::new(text) }
    }

    #[test]
    fn the_bell_rings_unless_somebody_said_no() {
        assert_eq!(RingSettings::default().sequence(&ring("x")), b"\x07");
        let silent = RingSettings { bell: Some(false), ..RingSettings::default() };
        assert_eq!(silent.sequence(&ring("x")), b"");
    }

    #[test]
    fn nothing_in_a_text_ends_a_sequence() {
        for notification in [Notification::Osc9, Notification::Osc777] {
            let settings = RingSettings { notification: Some(notification), ..RingSettings::default() };
            let bytes = settings.sequence(&ring("a\x1b\\b\x07c\u{9c}d;e"));
            let text = String::from_utf8(bytes).unwrap();
            assert_eq!(text.matches('\x1b').count(), 2, "{text:?}");
            assert_eq!(text.matches('\x07').count(), 1, "{text:?}");
            assert!(!text.contains('\u{9c}'), "{text:?}");
        }
    }
}
