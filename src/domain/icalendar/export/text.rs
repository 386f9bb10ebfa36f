//! Content lines: escaped, folded, ended by CR LF.

/// The longest line, in octets, without its end.
const WIDTH: usize = 75;

/// A file under way.
#[derive(Debug, Default)]
pub struct Lines {
    text: String,
}

impl Lines {
    /// Adds a logical line, folded.
    pub fn line(&mut self, line: &str) {
        let mut rest = line;
        let mut room = WIDTH;
        loop {
            if rest.len() <= room {
                self.text.push_str(rest);
                self.text.push_str("\r\n");
                return;
            }
            // Never inside a character.
            let cut = (1..=room).rev().find(|at| rest.is_char_boundary(*at)).unwrap_or(rest.len());
            self.text.push_str(&rest[..cut]);
            self.text.push_str("\r\n ");
            rest = &rest[cut..];
            room = WIDTH - 1;
        }
    }

    /// The file.
    pub fn finish(self) -> String {
        self.text
    }
}

/// TEXT with what has a meaning escaped, and control characters left out.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            ';' => out.push_str("\\;"),
            ',' => out.push_str("\\,"),
            '\n' => out.push_str("\\n"),
            other if other.is_control() => {}
            other => out.push(other),
        }
    }
    out
}

/// A name as part of a UID: small ASCII letters, digits and dashes.
pub fn slug(name: &str) -> String {
    let slug = super::super::merge::slug(name);
    let ascii: String =
        slug.chars().map(|character| if character.is_ascii() { character } else { '-' }).collect();
    ascii.trim_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_folded_at_75_octets_and_never_inside_a_character() {
        let mut lines = Lines::default();
        let long = format!("SUMMARY:{}", "Überführung äöü ".repeat(20));
        lines.line(&long);
        let text = lines.finish();
        assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
        assert_eq!(text.replace("\r\n ", "").trim_end_matches("\r\n"), long);
        let read = super::super::super::lines::lines(text.as_bytes());
        assert_eq!(read[0].value, long["SUMMARY:".len()..]);
    }

    #[test]
    fn text_comes_back_as_it_was() {
        let text = "a, b; c\\n d\ne";
        assert_eq!(super::super::super::value::text(&escaped(text)), text);
    }
}
