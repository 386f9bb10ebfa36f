//! The one sanitizer: text from outside is hostile until it has gone through here.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;

/// The longest text kept, in bytes; what is longer is cut and ends in `…`.
pub const MAX_BYTES: usize = 8 * 1024;
/// Combining marks kept on one character.
const MAX_MARKS: usize = 8;

/// Text that cannot control a terminal nor disguise a name: no control characters, escape
/// sequences, bidi overrides or zero-width runs. What was taken out stays visible (`␛`,
/// `‹U+202E›`), because it is evidence.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
#[serde(transparent)]
pub struct Safe(String);

impl Safe {
    /// Sanitizes a single line: line breaks become `⏎`, tabs a space.
    pub fn new(text: impl AsRef<str>) -> Self {
        Self(clean(text.as_ref(), LineBreaks::Mark))
    }

    /// Sanitizes bytes that may not be UTF-8; what is not is shown as `\x9d`.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let mut text = String::with_capacity(bytes.len());
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            for byte in chunk.invalid() {
                text.push_str(&format!("\\x{byte:02x}"));
            }
        }
        Self::new(text)
    }

    /// Sanitizes text of several lines; line feeds stay.
    pub fn multiline(text: impl AsRef<str>) -> Self {
        Self(clean(text.as_ref(), LineBreaks::Keep))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Safe {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl fmt::Debug for Safe {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

impl std::ops::Deref for Safe {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Safe {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Safe {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Safe {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl<'de> Deserialize<'de> for Safe {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

/// The same text as [`Safe::new`], borrowed where nothing had to be taken out: for what is drawn
/// many times a second.
pub fn shown(text: &str) -> Cow<'_, str> {
    if text.len() <= MAX_BYTES && text.chars().all(is_plain) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(clean(text, LineBreaks::Mark))
    }
}

/// Characters that stand for themselves, whatever is around them: Latin letters, punctuation,
/// and what frames and charts are drawn with.
fn is_plain(character: char) -> bool {
    matches!(
        character,
        ' '..='~'
            | '\u{a1}'..='\u{ac}'
            | '\u{ae}'..='\u{2ff}'
            | '\u{2010}'..='\u{2027}'
            | '\u{2190}'..='\u{23ff}'
            | '\u{2500}'..='\u{28ff}'
    )
}

#[derive(Clone, Copy, PartialEq)]
enum LineBreaks {
    Keep,
    Mark,
}

fn clean(text: &str, breaks: LineBreaks) -> String {
    if text.len() <= MAX_BYTES && text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len().min(MAX_BYTES));
    for cluster in text.graphemes(true) {
        let before = out.len();
        push_cluster(&mut out, cluster, breaks);
        if out.len() > MAX_BYTES {
            out.truncate(before);
            out.push('…');
            break;
        }
    }
    out
}

fn push_cluster(out: &mut String, cluster: &str, breaks: LineBreaks) {
    let joined_emoji = cluster.chars().any(|c| c == '\u{200d}') && cluster.chars().any(is_pictograph);
    for (index, character) in cluster.chars().enumerate() {
        match character {
            '\n' if breaks == LineBreaks::Keep => out.push('\n'),
            '\r' if cluster == "\r\n" => {}
            '\n' => out.push('⏎'),
            '\t' => out.push(' '),
            '\0'..='\x1f' => out.push(char::from_u32(0x2400 + character as u32).unwrap_or('?')),
            '\x7f' => out.push('␡'),
            '\u{80}'..='\u{9f}' => out.push_str(&format!("\\x{:02x}", character as u32)),
            '\u{200d}' | '\u{fe0f}' if joined_emoji => out.push(character),
            '\u{fe0f}' if index > 0 && cluster.chars().next().is_some_and(is_pictograph) => {
                out.push(character);
            }
            _ if is_invisible(character) => out.push_str(&format!("‹U+{:04X}›", character as u32)),
            _ if index > MAX_MARKS && !joined_emoji => {}
            _ => out.push(character),
        }
    }
}

fn is_pictograph(character: char) -> bool {
    matches!(character as u32, 0x2190..=0x2bff | 0x3030..=0x303d | 0x1f000..=0x1faff | 0x23 | 0x2a | 0x30..=0x39)
}

/// Bidi controls, zero-width characters, tags, soft hyphen, variation selectors, fillers.
fn is_invisible(character: char) -> bool {
    matches!(
        character as u32,
        0xad | 0x34f
            | 0x61c
            | 0x115f
            | 0x1160
            | 0x17b4
            | 0x17b5
            | 0x180b..=0x180f
            | 0x200b..=0x200f
            | 0x2028..=0x202e
            | 0x2060..=0x206f
            | 0x3164
            | 0xfe00..=0xfe0f
            | 0xfeff
            | 0xffa0
            | 0xfff0..=0xfffb
            | 0x1bca0..=0x1bca3
            | 0x1d173..=0x1d17a
            | 0xe0000..=0xe0fff
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escape_sequence_stays_visible_but_harmless() {
        assert_eq!(Safe::new("a\x1b[31mred\x07").as_str(), "a␛[31mred␇");
        assert_eq!(Safe::new("a\u{9b}31m").as_str(), "a\\x9b31m");
        assert_eq!(Safe::from_bytes(b"ok\x9d0;t\xff").as_str(), "ok\\x9d0;t\\xff");
    }

    #[test]
    fn bidi_and_zero_width_are_shown() {
        assert_eq!(Safe::new("abc\u{202e}def").as_str(), "abc‹U+202E›def");
        assert_eq!(Safe::new("pay\u{200b}ments").as_str(), "pay‹U+200B›ments");
        assert_eq!(Safe::new("x\u{e0041}").as_str(), "x‹U+E0041›");
    }

    #[test]
    fn emoji_sequences_survive_and_marks_are_cut() {
        assert_eq!(Safe::new("👩‍🚀 ok").as_str(), "👩‍🚀 ok");
        let stacked = format!("a{}", "\u{301}".repeat(50));
        assert_eq!(Safe::new(stacked).chars().count(), 9);
    }

    #[test]
    fn line_breaks_are_marked_or_kept() {
        assert_eq!(Safe::new("a\r\nb\nc").as_str(), "a⏎b⏎c");
        assert_eq!(Safe::multiline("a\r\nb").as_str(), "a\nb");
    }

    #[test]
    fn a_long_text_is_cut_with_a_sign() {
        let long = Safe::new("é".repeat(MAX_BYTES));
        assert!(long.len() <= MAX_BYTES + 4 && long.ends_with('…'));
    }

    #[test]
    fn what_is_plain_is_borrowed() {
        assert!(matches!(shown("checkout 4.2 → ● 25 % ⣿ é"), Cow::Borrowed(_)));
        assert_eq!(shown("a\u{202e}b"), "a‹U+202E›b");
    }

    proptest::proptest! {
        #[test]
        fn what_is_shown_is_what_is_safe(text in "[ -~é→●…\u{ad}\u{301}\u{fe0f}\u{200d}👩🚀\u{202e}\n]{0,40}") {
            let safe = Safe::new(&text);
            proptest::prop_assert_eq!(shown(&text), safe.as_str());
        }

        #[test]
        fn nothing_that_comes_out_can_control(text in proptest::prelude::any::<String>()) {
            let safe = Safe::new(&text);
            proptest::prop_assert!(safe.chars().all(|c| !c.is_control()));
            proptest::prop_assert_eq!(Safe::new(safe.as_str()), safe);
        }
    }
}
