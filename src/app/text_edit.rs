//! Several lines of text being typed: notes, lists with an entry a line.

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

use super::message::Typed;

/// The longest text that can be typed, in bytes.
const MAX_BYTES: usize = 64 * 1024;

/// Text of several lines with a cursor. Its lines end in line feeds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TextEdit {
    text: String,
    /// In bytes, always between two clusters.
    cursor: usize,
    /// The column that going up and down keeps, in clusters.
    goal: Option<usize>,
}

impl TextEdit {
    /// A text, the cursor at its end.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { cursor: text.len(), text, goal: None }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The cursor's line, counted from 0, and its column, in characters (not clusters): as a
    /// widget counts.
    pub fn position(&self) -> (usize, usize) {
        let before = &self.text[..self.cursor];
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count(), before[start..].chars().count())
    }

    /// The text of the cursor's line before the cursor.
    pub fn line_before(&self) -> &str {
        let before = &self.text[..self.cursor];
        before.rfind('\n').map_or(before, |at| &before[at + 1..])
    }

    /// Takes what was typed.
    pub fn apply(&mut self, typed: &Typed) {
        self.goal = None;
        let (start, end) = self.line();
        match typed {
            Typed::Character(character) => self.insert(&character.to_string()),
            Typed::Paste(text) => self.insert(&text.replace("\r\n", "\n").replace('\r', "\n")),
            Typed::Backspace => self.delete_from(self.before(self.cursor)),
            Typed::Delete => {
                let after = self.after(self.cursor);
                self.text.replace_range(self.cursor..after, "");
            }
            Typed::DeleteWord if self.cursor == start => self.delete_from(self.before(self.cursor)),
            Typed::DeleteWord => {
                let head = self.text[start..self.cursor].trim_end();
                let word = head.unicode_word_indices().next_back().map_or(0, |(index, _)| index);
                self.delete_from(start + word);
            }
            Typed::DeleteToStart => self.delete_from(start),
            Typed::Left => self.cursor = self.before(self.cursor),
            Typed::Right => self.cursor = self.after(self.cursor),
            Typed::Home => self.cursor = start,
            Typed::End => self.cursor = end,
        }
    }

    /// Begins a new line at the cursor.
    pub fn break_line(&mut self) {
        self.goal = None;
        self.insert("\n");
    }

    /// A line up; answers whether there was one.
    pub fn up(&mut self) -> bool {
        let (start, _) = self.line();
        let Some(above_end) = start.checked_sub(1) else { return false };
        let above = self.text[..above_end].rfind('\n').map_or(0, |at| at + 1);
        self.go_to_line(above, above_end);
        true
    }

    /// A line down; answers whether there was one.
    pub fn down(&mut self) -> bool {
        let (_, end) = self.line();
        if end == self.text.len() {
            return false;
        }
        let below = end + 1;
        let below_end = self.text[below..].find('\n').map_or(self.text.len(), |at| below + at);
        self.go_to_line(below, below_end);
        true
    }

    fn go_to_line(&mut self, start: usize, end: usize) {
        let column = self.goal.unwrap_or_else(|| self.line_before().graphemes(true).count());
        let line = &self.text[start..end];
        let offset = line.grapheme_indices(true).nth(column).map_or(line.len(), |(index, _)| index);
        self.cursor = start + offset;
        self.goal = Some(column);
    }

    /// Where the cursor's line begins and ends.
    fn line(&self) -> (usize, usize) {
        let start = self.text[..self.cursor].rfind('\n').map_or(0, |at| at + 1);
        let end = self.text[self.cursor..].find('\n').map_or(self.text.len(), |at| self.cursor + at);
        (start, end)
    }

    fn insert(&mut self, text: &str) {
        let kept = |character: &char| *character == '\n' || !character.is_control();
        let text: String = text.replace('\t', "    ").chars().filter(kept).collect();
        if self.text.len() + text.len() <= MAX_BYTES {
            self.text.insert_str(self.cursor, &text);
            self.cursor += text.len();
        }
    }

    fn delete_from(&mut self, start: usize) {
        self.text.replace_range(start..self.cursor, "");
        self.cursor = start;
    }

    fn before(&self, at: usize) -> usize {
        let mut cursor = GraphemeCursor::new(at, self.text.len(), true);
        cursor.prev_boundary(&self.text, 0).ok().flatten().unwrap_or(0)
    }

    fn after(&self, at: usize) -> usize {
        let mut cursor = GraphemeCursor::new(at, self.text.len(), true);
        cursor.next_boundary(&self.text, 0).ok().flatten().unwrap_or(self.text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn going_up_and_down_keeps_the_column() {
        let mut text = TextEdit::new("a long line\nab\nanother one");
        assert_eq!(text.position(), (2, 11));
        assert!(text.up());
        assert_eq!(text.position(), (1, 2));
        assert!(text.up());
        assert_eq!(text.position(), (0, 11));
        assert!(!text.up());
        assert!(text.down() && text.down() && !text.down());
        assert_eq!(text.position(), (2, 11));
    }

    #[test]
    fn a_paste_keeps_its_lines_and_loses_its_escapes() {
        let mut text = TextEdit::default();
        text.apply(&Typed::Paste("one\r\ntwo\x1b[31m\tthree".into()));
        assert_eq!(text.text(), "one\ntwo[31m    three");
        text.apply(&Typed::DeleteToStart);
        text.apply(&Typed::DeleteWord);
        assert_eq!(text.text(), "one");
    }

    #[test]
    fn a_cluster_is_one_character_to_the_person() {
        let mut text = TextEdit::new("x\na👩‍🚀");
        text.apply(&Typed::Backspace);
        text.break_line();
        assert_eq!(text.text(), "x\na\n");
    }

    proptest::proptest! {
        #[test]
        fn no_order_of_keys_breaks_it(keys in proptest::collection::vec(0..12u8, 0..60), text in "[a-é👩\u{200d}🚀\n\r\t ]{0,20}") {
            let mut edit = TextEdit::new(text.replace('\r', ""));
            for key in keys {
                match key {
                    0 => edit.apply(&Typed::Left), 1 => edit.apply(&Typed::Right),
                    2 => edit.apply(&Typed::Backspace), 3 => edit.apply(&Typed::Delete),
                    4 => edit.apply(&Typed::DeleteWord), 5 => edit.apply(&Typed::Home),
                    6 => edit.apply(&Typed::End), 7 => edit.apply(&Typed::Paste(text.clone())),
                    8 => { edit.up(); } 9 => { edit.down(); } 10 => edit.break_line(),
                    _ => edit.apply(&Typed::Character('é')),
                }
                let (line, column) = edit.position();
                let shown = edit.text().split('\n').nth(line).map(|line| line.chars().count());
                proptest::prop_assert!(shown.is_some_and(|length| column <= length));
            }
        }
    }
}
