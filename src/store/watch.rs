//! Changes on disk, noticed within a second.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use notify::{RecommendedWatcher, RecursiveMode};
use notify_debouncer_full::{DebounceEventResult, Debouncer, RecommendedCache, new_debouncer};

/// Quiet for this long, a burst of changes is over.
const QUIET: Duration = Duration::from_millis(200);
/// How often it is looked where the system does not tell.
const POLL: Duration = Duration::from_secs(2);

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Changed {
    /// A file of the workspace.
    Workspace,
    /// The person's own file.
    Person,
}

type Told = Debouncer<RecommendedWatcher, RecommendedCache>;
/// The debouncer is reached from its own events too, to watch a folder that has just appeared.
type Shared = Arc<Mutex<Option<Told>>>;

/// The folders whose files matter, inside the workspace's own.
const FOLDERS: [&str; 2] = ["releases", "playbooks"];

/// Watches until it is dropped.
pub struct Watcher {
    debouncer: Option<Shared>,
    stop: Arc<AtomicBool>,
    /// Why changes are looked for every two seconds instead of being told at once.
    pub fallback: Option<String>,
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(shared) = &self.debouncer {
            let told = shared.lock().unwrap_or_else(PoisonError::into_inner).take();
            // Its thread ends by itself; waiting for it could keep a quitting program waiting.
            if let Some(told) = told {
                told.stop_nonblocking();
            }
        }
    }
}

/// Watches a workspace's files, folders that do not exist yet included, and the person's file.
pub fn watch(
    root: &Path,
    person: Option<&Path>,
    on_change: impl Fn(Changed) + Send + Sync + 'static,
) -> Watcher {
    let stop = Arc::new(AtomicBool::new(false));
    // Events carry real paths, so what they are compared with must be real too.
    let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let person = person.map(|file| {
        match (file.parent().and_then(|folder| folder.canonicalize().ok()), file.file_name()) {
            (Some(folder), Some(name)) => folder.join(name),
            _ => file.to_owned(),
        }
    });
    let on_change = Arc::new(on_change);
    match told(&root, person.as_deref(), on_change.clone()) {
        Ok(debouncer) => Watcher { debouncer: Some(debouncer), stop, fallback: None },
        Err(error) => {
            let flag = stop.clone();
            let looking = std::thread::Builder::new().name("watch".to_owned()).spawn(move || {
                look(&root, person.as_deref(), &flag, on_change.as_ref());
            });
            let fallback = match looking {
                Ok(_) => format!("the system does not tell of changes ({error}): looking every 2 s"),
                Err(_) => format!("changes on disk are not noticed ({error}): reload by hand"),
            };
            Watcher { debouncer: None, stop, fallback: Some(fallback) }
        }
    }
}

fn told(
    root: &Path,
    person: Option<&Path>,
    on_change: Arc<impl Fn(Changed) + Send + Sync + 'static>,
) -> notify::Result<Shared> {
    let (own_root, own_person) = (root.to_owned(), person.map(Path::to_owned));
    let shared: Shared = Arc::default();
    let own = Arc::downgrade(&shared);
    let mut debouncer = new_debouncer(QUIET, None, move |result: DebounceEventResult| {
        if let (Ok(events), Some(shared)) = (&result, own.upgrade()) {
            let appeared = |folder: &&str| -> bool {
                let folder = own_root.join(folder);
                events.iter().any(|event| event.paths.contains(&folder)) && folder.is_dir()
            };
            for folder in FOLDERS.into_iter().filter(appeared) {
                if let Some(told) = shared.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
                    // One that is gone again tells its end through the folder above.
                    let _ = told.watch(own_root.join(folder), RecursiveMode::NonRecursive);
                }
            }
        }
        let mut changes: Vec<Changed> = match result {
            Ok(events) => events
                .iter()
                .filter(|event| !event.kind.is_access())
                .flat_map(|event| &event.paths)
                .filter_map(|path| concerns(path, &own_root, own_person.as_deref()))
                .collect(),
            // Events were lost: what changed is not known, so everything may have.
            Err(_) => vec![Changed::Workspace, Changed::Person],
        };
        changes.sort_unstable();
        changes.dedup();
        for change in changes {
            on_change(change);
        }
    })?;
    // Not the whole tree: a workspace may lie in a repository with a large `target/`.
    debouncer.watch(root, RecursiveMode::NonRecursive)?;
    for folder in FOLDERS {
        let folder = root.join(folder);
        if folder.is_dir() {
            debouncer.watch(&folder, RecursiveMode::NonRecursive)?;
        }
    }
    if let Some(folder) = person.and_then(Path::parent).filter(|folder| folder.is_dir()) {
        debouncer.watch(folder, RecursiveMode::NonRecursive)?;
    }
    *shared.lock().unwrap_or_else(PoisonError::into_inner) = Some(debouncer);
    Ok(shared)
}

/// What a path that changed means to us; our own temporary and lock files mean nothing.
fn concerns(path: &Path, root: &Path, person: Option<&Path>) -> Option<Changed> {
    if person == Some(path) {
        return Some(Changed::Person);
    }
    let inside = path.strip_prefix(root).ok()?;
    let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    let is_ours = match inside.components().count() {
        0 => false,
        1 => ["tminus.toml", "windows.toml", "releases", "playbooks"]
            .iter()
            .any(|name| inside == Path::new(name)),
        _ => (inside.starts_with("releases") || inside.starts_with("playbooks")) && !is_hidden,
    };
    is_ours.then_some(Changed::Workspace)
}

/// Looks at the files' times again and again, where the system does not tell.
fn look(root: &Path, person: Option<&Path>, stop: &AtomicBool, on_change: &dyn Fn(Changed)) {
    let mut before = (stamps(root), person.and_then(stamp));
    while !stop.load(Ordering::Relaxed) {
        std::thread::park_timeout(POLL);
        let now = (stamps(root), person.and_then(stamp));
        if now.0 != before.0 {
            on_change(Changed::Workspace);
        }
        if now.1 != before.1 {
            on_change(Changed::Person);
        }
        before = now;
    }
}

fn stamp(path: &Path) -> Option<(SystemTime, u64)> {
    let metadata = path.metadata().ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

fn stamps(root: &Path) -> Vec<(PathBuf, Option<(SystemTime, u64)>)> {
    let mut paths = vec![root.join("tminus.toml"), root.join("windows.toml")];
    for folder in FOLDERS {
        let listing = std::fs::read_dir(root.join(folder));
        paths.extend(listing.into_iter().flatten().flatten().map(|entry| entry.path()));
    }
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), stamp(&path))).collect()
}
