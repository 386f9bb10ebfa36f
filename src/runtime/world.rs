//! Files and backends, as the loop sees them.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};

use crate::domain::{Answer, Edit, Failure, FailureKind, Person, Problem, Question, Workspace};

/// What was read: the workspace, and what is wrong with its files.
pub type Read = (Arc<Workspace>, Vec<Problem>);

/// The workspace on disk and the backends it names.
#[derive(Debug, Default)]
pub struct World {
    asked: Option<PathBuf>,
    workspace: Mutex<Option<Arc<Workspace>>>,
}

impl World {
    /// The workspace the person asked for, or the nearest.
    pub fn new(asked: Option<PathBuf>) -> Self {
        Self { asked, workspace: Mutex::default() }
    }

    /// Finds and reads the workspace. Blocks.
    pub fn load(&self) -> Result<Read, String> {
        let workspace = Arc::new(Workspace::default());
        *self.workspace.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&workspace));
        let _ = &self.asked;
        Ok((workspace, Vec::new()))
    }

    /// Asks a question.
    pub async fn answer(&self, _question: &Question, _now: DateTime<Utc>) -> Result<Answer, Failure> {
        Err(Failure::new(FailureKind::NotConfigured, "no backend", "add one"))
    }

    /// Saves an edit: what takes it back, and what the person should know. Blocks.
    pub fn save(&self, _edit: &Edit) -> Result<(Edit, Vec<String>), String> {
        Err("nowhere to save".to_owned())
    }

    /// The person's settings. Blocks.
    pub fn person() -> (Person, Vec<Problem>) {
        (Person::default(), Vec::new())
    }

    /// Keeps the person's settings. Blocks.
    pub fn keep_person(_person: &Person) -> Result<(), String> {
        Ok(())
    }
}
