//! The person's clipboard, through the terminal (OSC 52): works over SSH, and through tmux.

use base64::Engine;

/// The most that is copied, in bytes: terminals drop longer sequences without a word.
const MOST: usize = 74_000;

/// The bytes that copy a text; in tmux wrapped so that they pass through, and plain for its own
/// buffer.
pub fn copy(text: &str, in_tmux: bool) -> Result<Vec<u8>, String> {
    if text.len() > MOST {
        return Err(format!(
            "{} kB are too much for a terminal's clipboard: filter first, or use the command line's --json",
            text.len() / 1000
        ));
    }
    let encoded = base64::engine::general_purpose::STANDARD.encode(text);
    let plain = format!("\x1b]52;c;{encoded}\x07");
    if in_tmux {
        let doubled = plain.replace('\x1b', "\x1b\x1b");
        Ok(format!("{plain}\x1bPtmux;{doubled}\x1b\\").into_bytes())
    } else {
        Ok(plain.into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_wrapped_for_tmux() {
        assert_eq!(copy("hi", false).unwrap(), b"\x1b]52;c;aGk=\x07");
        let wrapped = String::from_utf8(copy("hi", true).unwrap()).unwrap();
        assert!(wrapped.ends_with("\x1bPtmux;\x1b\x1b]52;c;aGk=\x07\x1b\\"), "{wrapped:?}");
    }

    #[test]
    fn too_much_is_said_so() {
        assert!(copy(&"x".repeat(MOST + 1), false).is_err());
    }
}
