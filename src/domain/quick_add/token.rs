//! The words of a line, with their places.

use std::ops::Range;

/// A word, or a title in quotes.
#[derive(Debug, Clone, PartialEq)]
pub struct Token<'a> {
    /// Which bytes of the line, quotes included.
    pub span: Range<usize>,
    /// The word, quotes left out.
    pub text: &'a str,
    /// What it is.
    pub kind: Kind,
}

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A word.
    Word,
    /// `"…"` or `#…#`.
    Title,
    /// A quote that never ends.
    Open,
}

/// The line's words.
pub fn tokens(line: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(skip) = line[at..].find(|letter: char| !letter.is_whitespace()) {
        let start = at + skip;
        let rest = &line[start..];
        let quote = rest.chars().next().filter(|quote| ['"', '#'].contains(quote));
        let word = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let closing = quote.map(|quote| rest[1..].find(quote));
        let (text, end, kind) = match closing {
            Some(Some(length)) => (&rest[1..=length], start + length + 2, Kind::Title),
            Some(None) => (&rest[1..], line.len(), Kind::Open),
            None => (&rest[..word], start + word, Kind::Word),
        };
        tokens.push(Token { span: start..end, text, kind });
        at = end;
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_one_word_however_they_are_quoted() {
        let line = " a \"two words\" #three#é#";
        let found: Vec<(&str, Kind)> = tokens(line).iter().map(|token| (token.text, token.kind)).collect();
        assert_eq!(
            found,
            [("a", Kind::Word), ("two words", Kind::Title), ("three", Kind::Title), ("é#", Kind::Word)]
        );
        assert_eq!(tokens("x \"y z").last().map(|token| token.kind), Some(Kind::Open));
    }
}
