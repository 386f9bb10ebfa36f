//! Files and backends, as the loop sees them.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};

use crate::backend::Backends;
use crate::domain::edit::Recorded;
use crate::domain::silence::{Created, Expired, Request};
use crate::domain::tracker::{Push, Pushed};
use crate::domain::{
    Answer, Edit, Failure, FailureKind, Person, PlanFile, Problem, Question, Safe, Workspace,
};
use crate::store;
use crate::store::watch::{Changed, Watcher};

/// What was read: the workspace, and what is wrong with its files.
pub type Read = (Arc<Workspace>, Vec<Problem>);

/// Something that must live as long as the cockpit: the demo's company.
pub type Keep = Box<dyn std::any::Any + Send>;

/// Turns true when the cockpit ends.
pub type Ending = tokio::sync::watch::Receiver<bool>;

/// Makes a workspace before it is read: its folder, and what must live as long as it is open.
/// Gives up, and leaves nothing behind, when the cockpit ends meanwhile.
pub type Prepare = Box<dyn FnOnce(Ending) -> Result<(PathBuf, Keep), String> + Send>;

/// Where the workspace comes from.
#[derive(Default)]
pub enum Source {
    /// The nearest one.
    #[default]
    Nearest,
    /// This folder.
    Folder(PathBuf),
    /// One that is made first.
    Prepared(Prepare),
    /// One that was made.
    Ready(PathBuf, Keep),
    /// None any more: the cockpit ends.
    Closed,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let word = match self {
            Self::Nearest => "nearest",
            Self::Folder(_) => "folder",
            Self::Prepared(_) => "prepared",
            Self::Ready(..) => "ready",
            Self::Closed => "closed",
        };
        formatter.write_str(word)
    }
}

/// The workspace on disk and the backends it names.
#[derive(Debug, Default)]
pub struct World {
    source: Mutex<Source>,
    backends: Mutex<Option<Arc<Backends>>>,
    ending: tokio::sync::watch::Sender<bool>,
}

impl World {
    /// The workspace the person asked for, or the nearest.
    pub fn new(source: Source) -> Self {
        Self { source: Mutex::new(source), ..Self::default() }
    }

    /// Lets go of what lives as long as the cockpit. Where it is being made, that is given up.
    pub fn close(&self) {
        self.ending.send_replace(true);
        let mut source = self.source.lock().unwrap_or_else(PoisonError::into_inner);
        drop(std::mem::replace(&mut *source, Source::Closed));
    }

    fn folder(&self) -> Result<Option<PathBuf>, String> {
        let mut source = self.source.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*source, Source::Closed) {
            return Err("the cockpit is closed".to_owned());
        }
        if matches!(*source, Source::Prepared(_))
            && let Source::Prepared(prepare) = std::mem::take(&mut *source)
        {
            let (folder, keep) = prepare(self.ending.subscribe())?;
            *source = Source::Ready(folder, keep);
        }
        match &*source {
            Source::Folder(folder) | Source::Ready(folder, _) => Ok(Some(folder.clone())),
            _ => Ok(None),
        }
    }

    /// Finds and reads the workspace. Blocks.
    pub fn load(&self) -> Result<Read, String> {
        let located = store::locate(self.folder()?.as_deref()).map_err(|error| error.to_string())?;
        let mut opened = store::open(&located);
        opened.problems.splice(0..0, located.problems);
        let mut backends = self.backends.lock().unwrap_or_else(PoisonError::into_inner);
        // Connections outlive a reading that changed nothing.
        if let Some(backends) = backends.as_ref().filter(|known| **known.workspace() == opened.workspace) {
            return Ok((Arc::clone(backends.workspace()), opened.problems));
        }
        let workspace = Arc::new(opened.workspace);
        *backends = Some(Arc::new(Backends::new(Arc::clone(&workspace))));
        Ok((workspace, opened.problems))
    }

    /// The folder that holds the workspace, once it was found.
    pub fn root(&self) -> Option<PathBuf> {
        self.known().and_then(|backends| backends.workspace().origin.root().map(PathBuf::from))
    }

    /// The workspace as it was read last.
    pub fn workspace(&self) -> Option<Arc<Workspace>> {
        self.known().map(|backends| Arc::clone(backends.workspace()))
    }

    /// Asks a question.
    pub async fn answer(&self, question: &Question, now: DateTime<Utc>) -> Result<Answer, Failure> {
        match self.known() {
            Some(backends) => backends.answer(question, now).await,
            None => Err(Failure::new(
                FailureKind::NotConfigured,
                "no workspace is open",
                "open one: see tminus --help",
            )),
        }
    }

    /// Changes a version in the tracker, once.
    pub async fn push(&self, push: &Push) -> Pushed {
        match self.known() {
            Some(backends) => backends.push(push).await,
            None => Pushed::Refused(Failure::new(
                FailureKind::NotConfigured,
                "no workspace is open",
                "open one: see tminus --help",
            )),
        }
    }

    /// Makes a silence, once.
    pub async fn silence(&self, request: &Request) -> Created {
        match self.known() {
            Some(backends) => backends.silence(request).await,
            None => Created::Refused(no_workspace()),
        }
    }

    /// Ends a silence, once.
    pub async fn expire(&self, backend: &str, id: &str) -> Expired {
        match self.known() {
            Some(backends) => backends.expire(backend, id).await,
            None => Expired::Refused(no_workspace()),
        }
    }

    /// The name of the backend that answers a question, where one does.
    pub fn source_of(&self, question: &Question) -> Option<String> {
        self.known()?.source_of(question)
    }

    /// Saves an edit: what takes it back, and what the person should know. Blocks.
    pub fn save(&self, edit: &Edit) -> Result<(Edit, Vec<String>), String> {
        let root = self.root().ok_or("no workspace is open: run `tminus init`")?;
        let applied = match self.journal() {
            Some(journal) => journal.apply(edit),
            None => store::apply(&root, edit),
        };
        applied.map(|applied| (applied.inverse, applied.notices)).map_err(|error| error.to_string())
    }

    /// What was edited in this workspace on this machine; `None`: nobody keeps it. Blocks.
    pub fn edits(&self) -> Option<Vec<Recorded>> {
        self.journal().map(|journal| journal.edits())
    }

    /// The journal of edits; a made-up workspace is gone with the cockpit, and has none.
    fn journal(&self) -> Option<store::Journal> {
        let source = self.source.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*source, Source::Prepared(_) | Source::Ready(..)) {
            return None;
        }
        drop(source);
        self.root().map(|root| store::Journal::of(&root))
    }

    /// A file of the plan as it is now; empty where there is none. Blocks.
    pub fn text_of(&self, file: &PlanFile) -> Result<String, String> {
        let root = self.root().ok_or("no workspace is open: run `tminus init`")?;
        store::plan_text(&root, file).map_err(|error| error.to_string())
    }

    /// Whether an edit could be saved as things stand. Blocks.
    pub fn check(&self, edit: &Edit) -> Result<(), String> {
        let root = self.root().ok_or("no workspace is open: run `tminus init`")?;
        store::check(&root, edit).map_err(|error| error.to_string())
    }

    /// What the person at the keyboard may be called: by git, by their mail address, by the
    /// machine. Blocks.
    pub fn names() -> Vec<String> {
        let git = |key: &str| {
            let output = std::process::Command::new("git").args(["config", "--get", key]).output().ok()?;
            let text = String::from_utf8(output.stdout).ok()?;
            Some(text.trim().to_owned()).filter(|text| !text.is_empty() && output.status.success())
        };
        let mail = git("user.email").and_then(|mail| mail.split('@').next().map(str::to_owned));
        let machine = ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
        let names = [git("user.name"), mail, machine].into_iter().flatten();
        names.map(|name| Safe::new(name).to_string()).collect()
    }

    /// The person's settings. Blocks.
    pub fn person() -> (Person, Vec<Problem>) {
        store::person::load()
    }

    /// Keeps what changed of the person's settings. Blocks.
    pub fn keep_person(before: &Person, after: &Person) -> Result<(), String> {
        let Some(file) = store::person::config_file() else { return Ok(()) };
        store::save_person(&file, before, after)
            .map_err(|error| format!("{}: not kept: {error}", file.display()))
    }

    /// Watches the files until what it answers with is dropped. Blocks for a moment.
    pub fn watch(&self, on_change: impl Fn(Changed) + Send + Sync + 'static) -> Option<Watcher> {
        let root = self.root()?;
        Some(store::watch::watch(&root, store::person::config_file().as_deref(), on_change))
    }

    fn known(&self) -> Option<Arc<Backends>> {
        self.backends.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn no_workspace() -> Failure {
    Failure::new(FailureKind::NotConfigured, "no workspace is open", "open one: see tminus --help")
}
