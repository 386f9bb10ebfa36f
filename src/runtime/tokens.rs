//! What a terminal sends, cut into keys, sequences, reports and pastes. Nothing that a terminal or
//! a person can send makes it wait for ever: what stays incomplete for a moment is taken for what
//! was typed, or dropped.

use std::time::Duration;

/// After a lone escape: how long a sequence may take to follow. A person's Esc waits as long.
const AFTER_ESCAPE: Duration = Duration::from_millis(15);
/// How long the rest of a sequence that has begun may take.
const AFTER_BEGINNING: Duration = Duration::from_millis(150);
/// How long a paste may stand still before it counts as ended.
const AFTER_PASTE: Duration = Duration::from_secs(2);
/// The longest answer to somebody else's question that is skipped, in bytes.
const LONGEST_STRING: usize = 64 * 1024;

const PASTE_BEGINS: &[u8] = b"\x1b[200~";
const PASTE_ENDS: &[u8] = b"\x1b[201~";

/// One thing that a terminal sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// A key or a movement of the mouse, as its bytes, complete.
    Sequence(Vec<u8>),
    /// A report of the cursor's row and column, counted from 1.
    Report(u16, u16),
    /// A paste.
    Paste(String),
}

/// The bytes that are not cut yet.
#[derive(Debug, Default)]
pub struct Tokens {
    bytes: Vec<u8>,
}

/// What the beginning of the bytes is.
enum Beginning {
    /// So many bytes, one token.
    Whole(usize),
    /// So many bytes, nothing for us.
    Foreign(usize),
    /// A paste: so many bytes in all.
    Paste(usize),
    /// Not complete.
    Open,
}

impl Tokens {
    /// Takes what arrived.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole token, if there is one.
    pub fn token(&mut self) -> Option<Token> {
        loop {
            match beginning(&self.bytes) {
                Beginning::Whole(length) => return Some(whole(self.cut(length))),
                Beginning::Foreign(length) => drop(self.cut(length)),
                Beginning::Paste(length) => {
                    let paste = self.cut(length);
                    let text = &paste[PASTE_BEGINS.len()..length - PASTE_ENDS.len()];
                    return Some(Token::Paste(String::from_utf8_lossy(text).into_owned()));
                }
                Beginning::Open => return None,
            }
        }
    }

    /// How long to wait for the rest of what is open; `None`: nothing is.
    pub fn patience(&self) -> Option<Duration> {
        if self.bytes.is_empty() {
            None
        } else if self.bytes.starts_with(PASTE_BEGINS) {
            Some(AFTER_PASTE)
        } else if self.bytes == b"\x1b" {
            Some(AFTER_ESCAPE)
        } else {
            Some(AFTER_BEGINNING)
        }
    }

    /// The rest does not come: what is open is what it looks like, or nothing.
    pub fn settle(&mut self) -> Option<Token> {
        let rest = std::mem::take(&mut self.bytes);
        match rest.as_slice() {
            [0x1b] | [0x1b, b'[' | b'O' | b']' | b'P'] => Some(Token::Sequence(rest)),
            paste if paste.starts_with(PASTE_BEGINS) => {
                let text = &paste[PASTE_BEGINS.len()..];
                Some(Token::Paste(String::from_utf8_lossy(text).into_owned()))
            }
            _ => None,
        }
    }

    fn cut(&mut self, length: usize) -> Vec<u8> {
        let rest = self.bytes.split_off(length.min(self.bytes.len()));
        std::mem::replace(&mut self.bytes, rest)
    }
}

fn whole(bytes: Vec<u8>) -> Token {
    match report(&bytes) {
        Some((row, column)) => Token::Report(row, column),
        None => Token::Sequence(bytes),
    }
}

/// `ESC [ row ; column R`.
fn report(bytes: &[u8]) -> Option<(u16, u16)> {
    let inner = std::str::from_utf8(bytes).ok()?.strip_prefix("\x1b[")?.strip_suffix('R')?;
    let (row, column) = inner.split_once(';')?;
    Some((row.parse().ok()?, column.parse().ok()?))
}

fn beginning(bytes: &[u8]) -> Beginning {
    match bytes {
        [] | [0x1b] | [0x1b, b'O' | b']' | b'P'] => Beginning::Open,
        [0x1b, b'[', rest @ ..] => control_sequence(bytes, rest),
        [0x1b, b'O', b'@'..=b'~', ..] => Beginning::Whole(3),
        [0x1b, b']' | b'P', first, ..] if first.is_ascii_digit() || b">=!+$".contains(first) => string(bytes),
        // Two escapes are two keys.
        [0x1b, 0x1b, ..] => Beginning::Whole(1),
        [0x1b, rest @ ..] => character(rest, 1),
        _ => character(bytes, 0),
    }
}

fn control_sequence(bytes: &[u8], rest: &[u8]) -> Beginning {
    if bytes.starts_with(PASTE_BEGINS) {
        let end = bytes.windows(PASTE_ENDS.len()).position(|window| window == PASTE_ENDS);
        return end.map_or(Beginning::Open, |at| Beginning::Paste(at + PASTE_ENDS.len()));
    }
    let fixed = match rest {
        // The Linux console's function keys.
        [b'[', ..] => Some(4),
        // The mouse as it was first reported: three bytes of any value.
        [b'M', ..] => Some(6),
        _ => None,
    };
    if let Some(length) = fixed {
        return if bytes.len() < length { Beginning::Open } else { Beginning::Whole(length) };
    }
    match rest.iter().position(|byte| !(b' '..=b'?').contains(byte)) {
        None if rest.len() > LONGEST_STRING => Beginning::Foreign(bytes.len()),
        None => Beginning::Open,
        Some(at) if (b'@'..=b'~').contains(&rest[at]) => Beginning::Whole(at + 3),
        // Broken off; what broke it may be a key.
        Some(at) => Beginning::Foreign(at + 2),
    }
}

/// An answer to a question that is not ours: up to BEL or ST.
fn string(bytes: &[u8]) -> Beginning {
    let bell = bytes.iter().position(|byte| *byte == 0x07).map(|at| at + 1);
    let terminator = bytes.windows(2).position(|window| window == b"\x1b\\").map(|at| at + 2);
    match bell.into_iter().chain(terminator).min() {
        Some(end) => Beginning::Foreign(end),
        None if bytes.len() > LONGEST_STRING => Beginning::Foreign(bytes.len()),
        None => Beginning::Open,
    }
}

/// A character of UTF-8, after `before` bytes that belong to it.
fn character(bytes: &[u8], before: usize) -> Beginning {
    let length = match bytes.first() {
        None => return Beginning::Open,
        Some(0x00..=0x7f) => 1,
        Some(0xc2..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..=0xf4) => 4,
        Some(_) => return Beginning::Foreign(before + 1),
    };
    match std::str::from_utf8(&bytes[..length.min(bytes.len())]) {
        Ok(_) => Beginning::Whole(before + length),
        // Cut off at the end, and right so far.
        Err(error) if error.error_len().is_none() => Beginning::Open,
        Err(error) => Beginning::Foreign(before + error.valid_up_to() + error.error_len().unwrap_or(1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(bytes: &[u8]) -> Vec<Token> {
        let mut tokens = Tokens::default();
        tokens.push(bytes);
        std::iter::from_fn(|| tokens.token()).collect()
    }

    fn sequence(bytes: &[u8]) -> Token {
        Token::Sequence(bytes.to_vec())
    }

    #[test]
    fn keys_and_reports_are_told_apart_wherever_they_are_cut() {
        let bytes = "j\x1b[12;40R\x1b[A\x1bOPé\x1bx\x1b[<0;3;4M\x1b[200~a\x1b[1;2R\nb\x1b[201~q".as_bytes();
        let wanted = vec![
            sequence(b"j"),
            Token::Report(12, 40),
            sequence(b"\x1b[A"),
            sequence(b"\x1bOP"),
            sequence("é".as_bytes()),
            sequence(b"\x1bx"),
            sequence(b"\x1b[<0;3;4M"),
            Token::Paste("a\x1b[1;2R\nb".to_owned()),
            sequence(b"q"),
        ];
        assert_eq!(cut(bytes), wanted);
        for at in 0..=bytes.len() {
            let mut tokens = Tokens::default();
            let mut got = Vec::new();
            for part in [&bytes[..at], &bytes[at..]] {
                tokens.push(part);
                got.extend(std::iter::from_fn(|| tokens.token()));
            }
            assert_eq!(got, wanted, "cut at {at}");
        }
    }

    #[test]
    fn a_lone_escape_is_a_key_after_a_moment() {
        let mut tokens = Tokens::default();
        tokens.push(b"\x1b");
        assert_eq!(tokens.token(), None);
        assert_eq!(tokens.patience(), Some(AFTER_ESCAPE));
        assert_eq!(tokens.settle(), Some(sequence(b"\x1b")));
        assert_eq!(tokens.patience(), None);
        assert_eq!(cut(b"\x1b\x1b[A"), [sequence(b"\x1b"), sequence(b"\x1b[A")]);
    }

    #[test]
    fn what_never_ends_holds_nothing_up() {
        for open in ["\x1b]", "\x1b]11;rgb:ff", "\x1bP1$r", "\x1b[?2026;", "\x1b[", "\x1bO", "\u{e9}"] {
            let mut tokens = Tokens::default();
            tokens.push(&open.as_bytes()[..open.len() - usize::from(open == "\u{e9}")]);
            assert_eq!(tokens.token(), None, "{open:?}");
            let _ = tokens.settle();
            tokens.push(b"q");
            assert_eq!(tokens.token(), Some(sequence(b"q")), "{open:?}");
        }
        assert_eq!(cut(b"\x1b[12\x1b[A"), [sequence(b"\x1b[A")], "broken off");
    }

    #[test]
    fn answers_to_others_are_not_typed() {
        assert_eq!(cut(b"\x1b]11;rgb:1111/2222/3333\x07q"), [sequence(b"q")]);
        assert_eq!(cut(b"\x1b]10;rgb:1111/2222/3333\x1b\\q"), [sequence(b"q")]);
        assert_eq!(cut(b"\x1bP>|XTerm(388)\x1b\\q"), [sequence(b"q")]);
        assert_eq!(cut(b"\xff\x80q"), [sequence(b"q")]);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_come_to_an_end(parts in proptest::collection::vec(
            proptest::collection::vec(proptest::prop_oneof![
                proptest::prelude::any::<u8>(),
                proptest::sample::select(b"\x1b[]OPMR0123;?<~\x07\\".to_vec()),
            ], 0..12), 0..6))
        {
            let mut tokens = Tokens::default();
            let all: usize = parts.iter().map(Vec::len).sum();
            let mut got = 0;
            for part in &parts {
                tokens.push(part);
                got += std::iter::from_fn(|| tokens.token()).count();
            }
            proptest::prop_assert!(got <= all);
            let _ = tokens.settle();
            proptest::prop_assert_eq!(tokens.patience(), None);
            tokens.push(b"q");
            proptest::prop_assert_eq!(tokens.token(), Some(sequence(b"q")));
        }
    }
}
