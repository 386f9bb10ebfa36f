//! One line of text being typed.

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

use super::message::Typed;

/// The longest line that can be typed, in bytes.
const MAX_BYTES: usize = 4096;

/// A line of text with a cursor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LineEdit {
    text: String,
    cursor: usize,
}

impl LineEdit {
    /// A line with this text, the cursor at its end.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { cursor: text.len(), text }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text before and after the cursor.
    pub fn parts(&self) -> (&str, &str) {
        self.text.split_at(self.cursor)
    }

    /// Takes what was typed.
    pub fn apply(&mut self, typed: &Typed) {
        match typed {
            Typed::Character(character) => self.insert(&character.to_string()),
            Typed::Paste(text) => self.insert(text.lines().next().unwrap_or_default()),
            Typed::Backspace => self.delete_from(self.before()),
            Typed::Delete => {
                let after = self.after();
                self.text.replace_range(self.cursor..after, "");
            }
            Typed::DeleteWord => {
                let head = self.text[..self.cursor].trim_end();
                let word = head.unicode_word_indices().next_back().map_or(0, |(index, _)| index);
                self.delete_from(word);
            }
            Typed::DeleteToStart => self.delete_from(0),
            Typed::Left => self.cursor = self.before(),
            Typed::Right => self.cursor = self.after(),
            Typed::Home => self.cursor = 0,
            Typed::End => self.cursor = self.text.len(),
        }
    }

    fn insert(&mut self, text: &str) {
        let text: String = text.chars().filter(|character| !character.is_control()).collect();
        if self.text.len() + text.len() <= MAX_BYTES {
            self.text.insert_str(self.cursor, &text);
            self.cursor += text.len();
        }
    }

    fn delete_from(&mut self, start: usize) {
        self.text.replace_range(start..self.cursor, "");
        self.cursor = start;
    }

    fn before(&self) -> usize {
        let mut cursor = GraphemeCursor::new(self.cursor, self.text.len(), true);
        cursor.prev_boundary(&self.text, 0).ok().flatten().unwrap_or(0)
    }

    fn after(&self) -> usize {
        let mut cursor = GraphemeCursor::new(self.cursor, self.text.len(), true);
        cursor.next_boundary(&self.text, 0).ok().flatten().unwrap_or(self.text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(line: &mut LineEdit, keys: &[Typed]) -> String {
        for key in keys {
            line.apply(key);
        }
        line.text().to_owned()
    }

    #[test]
    fn a_cluster_is_one_character_to_the_person() {
        let mut line = LineEdit::new("a👩‍🚀");
        assert_eq!(typed(&mut line, &[Typed::Backspace]), "a");
        assert_eq!(typed(&mut line, &[Typed::Home, Typed::Character('é'), Typed::Delete]), "é");
    }

    #[test]
    fn a_paste_cannot_bring_a_line_break_or_an_escape() {
        let mut line = LineEdit::default();
        assert_eq!(typed(&mut line, &[Typed::Paste("ab\x1b[31m\nrm -rf".into())]), "ab[31m");
    }

    #[test]
    fn a_word_goes_at_once() {
        let mut line = LineEdit::new("canary prod ");
        assert_eq!(typed(&mut line, &[Typed::DeleteWord]), "canary ");
        assert_eq!(typed(&mut line, &[Typed::DeleteWord, Typed::DeleteWord]), "");
    }

    proptest::proptest! {
        #[test]
        fn no_order_of_keys_breaks_it(keys in proptest::collection::vec(0..9u8, 0..60), text in ".{0,20}") {
            let mut line = LineEdit::new(text.clone());
            for key in keys {
                line.apply(&match key {
                    0 => Typed::Left, 1 => Typed::Right, 2 => Typed::Backspace, 3 => Typed::Delete,
                    4 => Typed::DeleteWord, 5 => Typed::Home, 6 => Typed::End,
                    7 => Typed::Paste(text.clone()), _ => Typed::Character('é'),
                });
            }
            let _ = line.parts();
        }
    }
}
