//! Changes on disk, noticed within a second.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant, SystemTime};

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher as _};

/// Quiet for this long, a burst of changes is over.
const QUIET: Duration = Duration::from_millis(200);
/// A burst is cut after this long.
const LONGEST_BURST: Duration = Duration::from_millis(600);
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

/// What wakes the watching thread; it sleeps until then.
enum Told {
    Event(notify::Result<Event>),
    Stop,
}

/// The folders whose files matter, inside the workspace's own.
const FOLDERS: [&str; 2] = ["releases", "playbooks"];

/// Watches until it is dropped.
pub struct Watcher {
    stop: Stop,
    /// Why changes are looked for every two seconds instead of being told at once.
    pub fallback: Option<String>,
}

/// How the thread behind a watcher ends.
enum Stop {
    Told(Sender<Told>),
    Looking(Arc<AtomicBool>),
}

impl Drop for Watcher {
    fn drop(&mut self) {
        // The thread ends by itself; waiting for it could keep a quitting program waiting.
        match &self.stop {
            Stop::Told(sender) => drop(sender.send(Told::Stop)),
            Stop::Looking(flag) => flag.store(true, Ordering::Relaxed),
        }
    }
}

/// Watches a workspace's files, folders that do not exist yet included, and the person's file.
pub fn watch(
    root: &Path,
    person: Option<&Path>,
    on_change: impl Fn(Changed) + Send + Sync + 'static,
) -> Watcher {
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
        Ok(sender) => Watcher { stop: Stop::Told(sender), fallback: None },
        Err(error) => {
            let stop = Arc::new(AtomicBool::new(false));
            let flag = stop.clone();
            let looking = std::thread::Builder::new().name("watch".to_owned()).spawn(move || {
                look(&root, person.as_deref(), &flag, on_change.as_ref());
            });
            let fallback = match looking {
                Ok(_) => format!("the system does not tell of changes ({error}): looking every 2 s"),
                Err(_) => format!("changes on disk are not noticed ({error}): reload by hand"),
            };
            Watcher { stop: Stop::Looking(stop), fallback: Some(fallback) }
        }
    }
}

fn told(
    root: &Path,
    person: Option<&Path>,
    on_change: Arc<impl Fn(Changed) + Send + Sync + 'static>,
) -> notify::Result<Sender<Told>> {
    let (sender, receiver) = channel();
    let events = sender.clone();
    let mut watcher = notify::recommended_watcher(move |event| drop(events.send(Told::Event(event))))?;
    // Not the whole tree: a workspace may lie in a repository with a large `target/`.
    watcher.watch(root, RecursiveMode::NonRecursive)?;
    for folder in FOLDERS.map(|folder| root.join(folder)).iter().filter(|folder| folder.is_dir()) {
        watcher.watch(folder, RecursiveMode::NonRecursive)?;
    }
    if let Some(folder) = person.and_then(Path::parent).filter(|folder| folder.is_dir()) {
        watcher.watch(folder, RecursiveMode::NonRecursive)?;
    }
    let (root, person) = (root.to_owned(), person.map(Path::to_owned));
    std::thread::Builder::new()
        .name("watch".to_owned())
        .spawn(move || {
            while let Some(burst) = next_burst(&receiver) {
                follow(&mut watcher, &root, &burst);
                for change in changes(&burst, &root, person.as_deref()) {
                    on_change(change);
                }
            }
        })
        .map_err(notify::Error::io)?;
    Ok(sender)
}

/// Sleeps until something happens, then gathers until it is quiet; `None`: stop. A burst without
/// an end is cut, so that what changes all the time is seen all the same.
fn next_burst(receiver: &Receiver<Told>) -> Option<Vec<notify::Result<Event>>> {
    let mut burst = Vec::new();
    let Told::Event(event) = receiver.recv().ok()? else { return None };
    burst.push(event);
    let cut = Instant::now() + LONGEST_BURST;
    while Instant::now() < cut {
        match receiver.recv_timeout(QUIET) {
            Ok(Told::Event(event)) => burst.push(event),
            Err(RecvTimeoutError::Timeout) => break,
            Ok(Told::Stop) | Err(RecvTimeoutError::Disconnected) => return None,
        }
    }
    Some(burst)
}

/// Watches the folders that have just appeared.
fn follow(watcher: &mut RecommendedWatcher, root: &Path, burst: &[notify::Result<Event>]) {
    for folder in FOLDERS.map(|folder| root.join(folder)) {
        let appeared = burst.iter().flatten().any(|event| event.paths.contains(&folder));
        if appeared && folder.is_dir() {
            // One that is gone again tells its end through the folder above.
            let _ = watcher.watch(&folder, RecursiveMode::NonRecursive);
        }
    }
}

/// What a burst changed; each once.
fn changes(burst: &[notify::Result<Event>], root: &Path, person: Option<&Path>) -> BTreeSet<Changed> {
    let mut changes = BTreeSet::new();
    for event in burst {
        match event {
            Ok(event) if event.need_rescan() => changes.extend([Changed::Workspace, Changed::Person]),
            Ok(event) if event.kind.is_access() => {}
            Ok(event) => changes.extend(event.paths.iter().filter_map(|path| concerns(path, root, person))),
            // Events were lost: what changed is not known, so everything may have.
            Err(_) => changes.extend([Changed::Workspace, Changed::Person]),
        }
    }
    changes
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
