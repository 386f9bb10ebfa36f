//! A folder of files of one kind, `releases/` or `playbooks/`, read on several threads.

use std::io::ErrorKind;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::report::{Report, whole_file};
use super::with_text;
use crate::domain::{Problem, Severity};

/// A file of a folder, by its id.
pub struct Entry {
    /// The file's name without `.toml`.
    pub id: String,
    /// Relative to the workspace.
    pub file: PathBuf,
}

/// The `.toml` files of a folder, sorted by id. Hidden files are other programs' affairs.
pub fn list(root: &Path, folder: &str, problems: &mut Vec<Problem>) -> Vec<Entry> {
    let listing = match std::fs::read_dir(root.join(folder)) {
        Ok(listing) => listing,
        Err(error) if error.kind() == ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            let message = format!("cannot be listed: {error}");
            problems.push(whole_file(Severity::Error, Path::new(folder), &message));
            return Vec::new();
        }
    };
    let mut entries = Vec::new();
    for name in listing.flatten().map(|entry| entry.file_name()) {
        let file = Path::new(folder).join(&name);
        let Some(id) = name.to_str().map(|name| name.strip_suffix(".toml")) else {
            let message = "its name is not UTF-8: rename it, letters, digits, `.`, `_` and `-` are accepted";
            problems.push(whole_file(Severity::Error, &file, message));
            continue;
        };
        match id {
            Some(id) if !id.is_empty() && !id.starts_with('.') => match check_id(id) {
                Ok(()) => entries.push(Entry { id: id.to_owned(), file }),
                Err(message) => problems.push(whole_file(Severity::Error, &file, &message)),
            },
            _ => {}
        }
    }
    entries.sort_by(|one, other| one.id.cmp(&other.id));
    entries
}

/// Whether a text can be an id, and so a file's name.
pub fn check_id(id: &str) -> Result<(), String> {
    let wrong = |what: &str| {
        let id = crate::domain::Safe::new(id);
        Err(format!("`{id}` cannot be an id, {what}: write letters, digits, `.`, `_` and `-`"))
    };
    if id.is_empty() {
        return wrong("it is empty");
    }
    if id.len() > 200 {
        return wrong("it is longer than 200 bytes");
    }
    if id.starts_with(['.', '-']) {
        return wrong("it begins with `.` or `-`");
    }
    if id.contains(['/', '\\']) {
        return wrong("it holds a slash");
    }
    if crate::domain::Safe::new(id).as_str() != id || id.trim() != id {
        return wrong("it holds a character that cannot be seen");
    }
    Ok(())
}

/// Reads all the files of a folder on several threads; the order of `entries` is kept.
pub fn read_all<T: Send>(
    root: &Path,
    entries: &[Entry],
    problems: &mut Vec<Problem>,
    read: impl Fn(&str, &mut Report<'_>, &str) -> Option<T> + Sync,
) -> Vec<T> {
    let cores = std::thread::available_parallelism().map_or(2, NonZeroUsize::get);
    let threads = cores.clamp(1, 8).min(entries.len().div_ceil(32)).max(1);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut values = Vec::with_capacity(entries.len() / threads + 1);
        let mut problems = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(entry) = entries.get(index) else { break };
            let value = with_text(root, entry.file.clone(), &mut problems, |report, text| {
                read(&entry.id, report, text)
            });
            if let Some(value) = value.flatten() {
                values.push((index, value));
            }
        }
        (values, problems)
    };
    let mut parts = Vec::new();
    std::thread::scope(|scope| {
        let helpers: Vec<_> =
            (1..threads).filter_map(|_| std::thread::Builder::new().spawn_scoped(scope, work).ok()).collect();
        parts.push(work());
        // A helper's panic is a bug: it must not pass for an empty folder.
        for helper in helpers {
            match helper.join() {
                Ok(part) => parts.push(part),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    let mut values = Vec::with_capacity(entries.len());
    for (part, found) in parts {
        values.extend(part);
        problems.extend(found);
    }
    values.sort_by_key(|(index, _)| *index);
    values.into_iter().map(|(_, value)| value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_could_leave_the_folder_or_hide_are_refused() {
        for id in ["", "../x", "a/b", ".hidden", "-rf", "a\nb", "a\u{202e}b", " a", "a\\b", &"x".repeat(300)]
        {
            assert!(check_id(id).is_err(), "{id:?}");
        }
        for id in ["checkout-4.2.0", "rel_1", "Ümlaut", "2026 spring"] {
            assert!(check_id(id).is_ok(), "{id:?}");
        }
    }
}
