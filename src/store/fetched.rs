//! When each calendar was last read, and in which state it was: in the state folder.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::person;
use crate::domain::icalendar::hash;

/// The calendars of one workspace.
#[derive(Debug)]
pub struct Fetched {
    file: Option<PathBuf>,
    entries: BTreeMap<String, Entry>,
}

/// One calendar.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When it was last read, or found to be as it was.
    pub read: Option<DateTime<Utc>>,
    /// When it was last tried.
    pub tried: Option<DateTime<Utc>>,
    /// The server's word for its state then.
    pub etag: Option<String>,
    /// Why the last try failed, where it did.
    pub trouble: Option<String>,
}

impl Fetched {
    /// Of this workspace. One that cannot be read is begun anew: calendars are only read again.
    pub fn open(root: &Path) -> Self {
        let file = person::state_folder().map(|state| {
            let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
            state.join("calendars").join(format!("{:016x}.fetched.json", hash(&root.display().to_string())))
        });
        let text = file.as_ref().and_then(|file| std::fs::read_to_string(file).ok());
        let entries = text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        Self { file, entries }
    }

    /// What is known of a calendar.
    pub fn entry(&self, id: &str) -> Entry {
        self.entries.get(id).cloned().unwrap_or_default()
    }

    /// Keeps what is known of a calendar now.
    pub fn keep(&mut self, id: &str, entry: Entry) -> io::Result<()> {
        self.entries.insert(id.to_owned(), entry);
        let Some(file) = &self.file else { return Ok(()) };
        let folder = file.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer(&mut temporary, &self.entries)?;
        temporary.persist(file)?;
        Ok(())
    }
}
