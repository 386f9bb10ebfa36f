//! The lines of the journal: what was edited, taken back and done again.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::edit::{FileText, Recorded, Standing};
use crate::domain::{Edit, PlanFile};

/// What stands on a line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Event {
    /// Something was edited. `more`: other files that changed with it.
    Edited {
        number: u64,
        time: DateTime<Utc>,
        title: String,
        file: String,
        back: Change,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        more: Vec<Part>,
    },
    /// It was taken back.
    Undone {
        number: u64,
        time: DateTime<Utc>,
        back: Change,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        more: Vec<Part>,
    },
    /// It was done again.
    Redone {
        number: u64,
        time: DateTime<Utc>,
        back: Change,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        more: Vec<Part>,
    },
    /// It could not be taken back (or done again): the files do not allow it.
    Stuck { number: u64, time: DateTime<Utc> },
}

/// Another file of the same edit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// Relative to the workspace.
    pub file: String,
    /// What takes it back there.
    pub back: Change,
}

/// Two texts of a file, the second told by what differs from the first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    now: String,
    /// How many bytes of the beginning and of the end are the same.
    same: (usize, usize),
    /// What stands between them in the other.
    then: String,
}

impl Change {
    fn new(now: &str, then: &str) -> Self {
        let start: usize = now
            .chars()
            .zip(then.chars())
            .take_while(|(one, other)| one == other)
            .map(|(one, _)| one.len_utf8())
            .sum();
        let (rest, other) = (&now[start..], &then[start..]);
        let end: usize = rest
            .chars()
            .rev()
            .zip(other.chars().rev())
            .take_while(|(one, other)| one == other)
            .map(|(one, _)| one.len_utf8())
            .sum();
        Self { now: now.to_owned(), same: (start, end), then: other[..other.len() - end].to_owned() }
    }

    fn then(&self) -> Option<String> {
        let (start, end) = self.same;
        let tail = self.now.len().checked_sub(end)?;
        Some(format!("{}{}{}", self.now.get(..start)?, self.then, self.now.get(tail..)?))
    }
}

/// The events of a journal; what cannot be read is left out.
pub fn events(bytes: &[u8]) -> Vec<Event> {
    bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect()
}

/// Where every edit stands.
pub fn fold(events: Vec<Event>) -> Vec<Recorded> {
    let mut all: Vec<Recorded> = Vec::new();
    for event in events {
        match event {
            Event::Edited { number, time, title, file, back, more } => {
                let edit = restore(&file, &title, &back, &more);
                let Some(edit) = edit else { continue };
                all.push(Recorded { number, time, title, file, standing: Standing::Done, edit });
            }
            Event::Undone { number, back, more, .. } => {
                turn(&mut all, number, Standing::Undone, Some((&back, &more)));
            }
            Event::Redone { number, back, more, .. } => {
                turn(&mut all, number, Standing::Done, Some((&back, &more)));
            }
            Event::Stuck { number, .. } => turn(&mut all, number, Standing::Stuck, None),
        }
    }
    all
}

fn turn(all: &mut [Recorded], number: u64, standing: Standing, back: Option<(&Change, &[Part])>) {
    let Some(known) = all.iter_mut().rev().find(|known| known.number == number) else { return };
    // One that could not be done again stays undone.
    if standing == Standing::Stuck && known.standing == Standing::Undone {
        return;
    }
    known.standing = standing;
    if let Some(edit) = back.and_then(|(back, more)| restore(&known.file, &known.title, back, more)) {
        known.edit = edit;
    }
}

/// The edit that an event stands for.
fn restore(file: &str, title: &str, back: &Change, more: &[Part]) -> Option<Edit> {
    let title = title.to_owned();
    if more.is_empty() {
        let text = text(file, back)?;
        return Some(Edit::Restore { file: text.file, title, now: text.now, then: text.then });
    }
    let more = more.iter().map(|part| text(&part.file, &part.back));
    let files = std::iter::once(text(file, back)).chain(more).collect::<Option<Vec<_>>>()?;
    Some(Edit::RestoreAll { title, files })
}

fn text(file: &str, back: &Change) -> Option<FileText> {
    let file = match file {
        "windows.toml" => PlanFile::Windows,
        "tminus.toml" => PlanFile::Workspace,
        other => PlanFile::Release(other.strip_prefix("releases/")?.strip_suffix(".toml")?.to_owned()),
    };
    Some(FileText { file, now: back.now.clone(), then: back.then()? })
}

/// An edit as it is kept: its first file, and the others; `None`: it is none that is kept.
pub fn parts(edit: &Edit) -> Option<(Part, Vec<Part>)> {
    let part =
        |file: &PlanFile, now: &str, then: &str| Part { file: name(file), back: Change::new(now, then) };
    match edit {
        Edit::Restore { file, now, then, .. } => Some((part(file, now, then), Vec::new())),
        Edit::RestoreAll { files, .. } => {
            let mut parts = files.iter().map(|text| part(&text.file, &text.now, &text.then));
            Some((parts.next()?, parts.collect()))
        }
        _ => None,
    }
}

fn name(file: &PlanFile) -> String {
    match file {
        PlanFile::Release(id) => format!("releases/{id}.toml"),
        PlanFile::Windows => "windows.toml".to_owned(),
        PlanFile::Workspace => "tminus.toml".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn two_texts_are_told_by_what_differs(now in "[aé\n]{0,12}", then in "[aé\n]{0,12}") {
            proptest::prop_assert_eq!(Change::new(&now, &then).then(), Some(then));
        }
    }
}
