//! Which revision of each event went out: in the state folder, so that SEQUENCE rises when the
//! content of an event changes, and only then.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, SubsecRound, Utc};
use serde::{Deserialize, Serialize};

use super::person;
use crate::domain::icalendar::export::Revision;
use crate::domain::icalendar::hash;

/// What went out of one workspace to one place.
#[derive(Debug)]
pub struct Ledger {
    /// `None`: there is nowhere to keep it.
    file: Option<PathBuf>,
    entries: BTreeMap<String, Entry>,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What it said.
    content: String,
    /// Counted from 0.
    sequence: u32,
    /// Since when it says so.
    modified: DateTime<Utc>,
    /// The server's word for its state, where it was put on one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
}

impl Entry {
    /// Whether it said this.
    pub fn says(&self, content: &str) -> bool {
        self.content == content
    }

    /// The revision that went out.
    pub fn revision(&self) -> Revision {
        Revision { sequence: self.sequence, modified: self.modified }
    }

    /// The revision of what it says now.
    pub fn next(&self, now: DateTime<Utc>) -> Revision {
        Revision { sequence: self.sequence + 1, modified: now.trunc_subsecs(0) }
    }
}

impl Ledger {
    /// Of this workspace and this place (`export`, a server's address). One that cannot be read is
    /// begun anew: it is only about revisions.
    pub fn open(root: Option<&Path>, place: &str) -> Self {
        let file = root.zip(person::state_folder()).map(|(root, state)| {
            let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
            let name = hash(&format!("{} {place}", root.display()));
            state.join("calendars").join(format!("{name:016x}.json"))
        });
        let text = file.as_ref().and_then(|file| std::fs::read_to_string(file).ok());
        let entries = text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        Self { file, entries }
    }

    /// The revision of an event that says this now.
    pub fn revision(&mut self, uid: &str, content: &str, now: DateTime<Utc>) -> Revision {
        let first = Revision::default();
        let entry = self.entries.entry(uid.to_owned()).or_insert_with(|| Entry {
            content: content.to_owned(),
            sequence: first.sequence,
            modified: first.modified,
            etag: None,
        });
        if entry.content != content {
            content.clone_into(&mut entry.content);
            entry.sequence += 1;
            entry.modified = now.trunc_subsecs(0);
        }
        Revision { sequence: entry.sequence, modified: entry.modified }
    }

    /// What is known of an event.
    pub fn known(&self, uid: &str) -> Option<&Entry> {
        self.entries.get(uid)
    }

    /// Remembers what went out.
    pub fn put(&mut self, uid: &str, content: String, revision: Revision, etag: Option<String>) {
        let entry = Entry { content, sequence: revision.sequence, modified: revision.modified, etag };
        self.entries.insert(uid.to_owned(), entry);
    }

    /// The events of which the server did not tell the state.
    pub fn without_etag(&self) -> Vec<String> {
        self.entries.iter().filter(|(_, entry)| entry.etag.is_none()).map(|(uid, _)| uid.clone()).collect()
    }

    /// The state of an event on the server.
    pub fn tell(&mut self, uid: &str, etag: String) {
        if let Some(entry) = self.entries.get_mut(uid) {
            entry.etag = Some(etag);
        }
    }

    /// The events that went out.
    pub fn uids(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// Forgets an event.
    pub fn forget(&mut self, uid: &str) {
        self.entries.remove(uid);
    }

    /// Keeps it, whole or not at all.
    pub fn save(&self) -> io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let folder = file.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer(&mut temporary, &self.entries)?;
        temporary.as_file().sync_all()?;
        temporary.persist(file)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_rises_with_its_content_and_only_then() {
        let mut ledger = Ledger { file: None, entries: BTreeMap::new() };
        let at = |hour: u32| format!("2026-11-25T{hour:02}:00:00.5Z").parse::<DateTime<Utc>>().unwrap();
        let first = ledger.revision("a", "one", at(1));
        assert_eq!((first, ledger.revision("a", "one", at(2))), (Revision::default(), Revision::default()));
        let second = ledger.revision("a", "two", at(3));
        assert_eq!((second.sequence, second.modified.to_string()), (1, "2026-11-25 03:00:00 UTC".to_owned()));
        assert_eq!(ledger.revision("a", "two", at(4)), second);
        assert_eq!(ledger.revision("a", "one", at(5)).sequence, 2);
    }
}
