//! Changes of a TOML text key by key: bytes are spliced in where a value stands, and every other
//! byte (comments, order, unknown keys, line ends, spelling) stays what it was.
//!
//! | file | does |
//! |---|---|
//! | `layout` | where everything stands |
//! | `find` | the table that a [`Place`] means, however it is spelled |
//! | `block` | keys on lines of their own, under a header or none |
//! | `member` | values in lists and inline tables |
//! | `together` | many entries at once |
//! | `value` | values as they are written |
//! | `order` | the order of keys in the files' documentation |

use std::ops::Range;

use super::EditError;
use crate::domain::patch::{Change, PlanFile, Value};

mod block;
mod find;
mod layout;
mod member;
pub mod order;
mod together;
pub mod value;

use find::Target;
use layout::Layout;

/// The text with these changes made.
pub fn patched(text: &str, file: &PlanFile, changes: &[Change]) -> Result<String, EditError> {
    let mut draft = Draft::new(text, file)?;
    let mut rest = changes;
    while let Some((change, after)) = rest.split_first() {
        let made = draft.make_together(rest)?;
        if made > 0 {
            rest = &rest[made..];
            continue;
        }
        draft.make(change)?;
        rest = after;
        // Thousands of entries of an imported calendar are put there at once.
        if let Change::Add { list, .. } = change {
            let more = rest.iter().map_while(|next| match next {
                Change::Add { list: other, table } if other == list => Some(table.as_slice()),
                _ => None,
            });
            let more: Vec<_> = more.collect();
            if draft.add_more(list, &more)? {
                rest = &rest[more.len()..];
            }
        }
    }
    Ok(draft.text)
}

/// A text being changed, and where everything stands in it.
struct Draft<'a> {
    text: String,
    layout: Layout,
    file: &'a PlanFile,
    line_break: &'static str,
}

impl<'a> Draft<'a> {
    fn new(text: &str, file: &'a PlanFile) -> Result<Self, EditError> {
        let line_break = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let layout = Layout::read(text).ok_or_else(unreadable)?;
        Ok(Self { text: text.to_owned(), layout, file, line_break })
    }

    fn make(&mut self, change: &Change) -> Result<(), EditError> {
        match change {
            Change::Set { place, key, value } => {
                let target = self.find(place)?;
                match (target, value) {
                    (Some(Target::Block(block)), value) => self.set_line(&block, key, value.as_ref()),
                    (Some(Target::Inline(at)), value) => {
                        self.set_member(&at, find::list_of(place), key, value.as_ref())
                    }
                    (None, None) => Ok(()),
                    (None, Some(value)) => self.add_table(place, &[(key.clone(), value.clone())]),
                }
            }
            Change::Add { list, table } => self.add_entry(list, table),
            Change::Remove { place } => match self.find(place)? {
                Some(target) => self.remove(place, &target),
                None => Ok(()),
            },
        }
    }

    /// Puts texts in the places of others, and reads the whole anew.
    fn splice(&mut self, mut edits: Vec<(Range<usize>, String)>) -> Result<(), EditError> {
        edits.sort_by_key(|(span, _)| std::cmp::Reverse((span.start, span.end)));
        for (span, new) in edits {
            self.text.replace_range(span, &new);
        }
        self.layout = Layout::read(&self.text).ok_or_else(unreadable)?;
        Ok(())
    }

    /// Where the line of a byte begins.
    fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |line| line + 1)
    }

    /// Where the next line begins.
    fn line_end(&self, at: usize) -> usize {
        self.text[at..].find('\n').map_or(self.text.len(), |line| at + line + 1)
    }

    /// The space before the first letter of a line.
    fn indent(&self, at: usize) -> &str {
        let line = &self.text[self.line_start(at)..at];
        &line[..line.len() - line.trim_start().len()]
    }

    fn lines(&self) -> value::Lines<'static> {
        value::Lines::Several(self.line_break)
    }
}

fn unreadable() -> EditError {
    EditError::refused(
        "the file cannot be changed there, it is written in too unusual a way",
        "`tminus release edit` opens it in your editor",
    )
}

/// Whether a value in a text says what this one says.
fn says(written: &str, value: &Value) -> Result<bool, EditError> {
    let read = |text: &str| format!("k = {text}").parse::<toml::Table>().ok()?.remove("k");
    let meant = value::text(value, value::Lines::One)?;
    Ok(match (read(written), read(&meant)) {
        (Some(one), Some(other)) => alike(&one, &other),
        _ => false,
    })
}

fn alike(one: &toml::Value, other: &toml::Value) -> bool {
    use toml::Value::{Array, Datetime, Float, Integer, Table};
    match (one, other) {
        (Integer(whole), Float(float)) | (Float(float), Integer(whole)) => *whole as f64 == *float,
        (Datetime(one), Datetime(other)) => {
            let seconds = |time: &toml::value::Datetime| {
                let mut time = *time;
                if let Some(time) = &mut time.time {
                    time.second = Some(time.second.unwrap_or(0));
                }
                time
            };
            seconds(one) == seconds(other)
        }
        (Array(one), Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| alike(one, other))
        }
        (Table(one), Table(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, value)| other.get(key).is_some_and(|other| alike(value, other)))
        }
        (one, other) => one == other,
    }
}

#[cfg(test)]
mod odd;
#[cfg(test)]
mod tests;
