//! Replacing a file so that whoever reads it, and whenever the machine stops, there is either the
//! old text or the new: temporary file in the same folder, sync, rename, sync of the folder.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::EditError;

/// What a file is replaced by, and how it is made safe.
pub struct Replacement<'a> {
    /// The file; a symbolic link stays one, what it points at is replaced.
    pub path: &'a Path,
    /// The new bytes.
    pub bytes: &'a [u8],
    /// Makes what was written last. A test puts a failing one here.
    pub sync: &'a dyn Fn(&File) -> io::Result<()>,
}

/// Replaces, or creates, a file. Answers with what should be known.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<Vec<String>, EditError> {
    Replacement { path, bytes, sync: &File::sync_all }.carry_out()
}

/// Removes a file and makes that last.
pub fn remove(path: &Path) -> Result<(), EditError> {
    let failed = |error| EditError::io(format!("{} cannot be removed", path.display()), &error);
    std::fs::remove_file(path).map_err(failed)?;
    sync_folder(folder_of(path)).map_err(failed)
}

/// Makes a folder and its entry in the one above last.
pub fn make_folder(path: &Path) -> Result<(), EditError> {
    if path.is_dir() {
        return Ok(());
    }
    let failed = |error| EditError::io(format!("{} cannot be made", path.display()), &error);
    std::fs::create_dir(path).map_err(failed)?;
    sync_folder(folder_of(path)).map_err(failed)
}

impl Replacement<'_> {
    /// Carries it out.
    pub fn carry_out(&self) -> Result<Vec<String>, EditError> {
        let target = self.target()?;
        let before = std::fs::metadata(&target).ok();
        if let Some(before) = &before {
            if !before.is_file() {
                return Err(EditError::refused(
                    format!("{} is not a file", target.display()),
                    "move it away",
                ));
            }
            if before.permissions().readonly() {
                let mend = "make it writable if it should change";
                return Err(EditError::refused(format!("{} is read-only", target.display()), mend));
            }
        }
        #[cfg(debug_assertions)]
        if sabotage::wanted() {
            return sabotage::in_place(&target, self.bytes);
        }
        let mut notices = Vec::new();
        let temporary = temporary(&target);
        // After a failed sync the kernel may have dropped the pages and call a second sync of the
        // same file good: what follows is a new file, once.
        if let Err(first) = self.write(&temporary, &target, before.is_some(), &mut notices) {
            if !first.is_sync {
                return Err(first.into_error(&temporary));
            }
            notices.push(format!("{}: sync failed ({}), written again", target.display(), first.error));
            self.write(&temporary, &target, before.is_some(), &mut notices)
                .map_err(|again| again.into_error(&temporary))?;
        }
        let failed = |error| EditError::io(format!("{} cannot be replaced", target.display()), &error);
        std::fs::rename(&temporary, &target).map_err(|error| {
            let _ = std::fs::remove_file(&temporary);
            failed(error)
        })?;
        sync_folder(folder_of(&target)).map_err(|error| {
            EditError::io(
                format!("{} is replaced, but its folder cannot be synced", target.display()),
                &error,
            )
        })?;
        Ok(notices)
    }

    /// What a symbolic link points at.
    fn target(&self) -> Result<PathBuf, EditError> {
        if !self.path.is_symlink() {
            return Ok(self.path.to_owned());
        }
        std::fs::canonicalize(self.path).map_err(|error| {
            EditError::io(format!("{} is a symbolic link to nowhere", self.path.display()), &error)
        })
    }

    fn write(
        &self,
        temporary: &Path,
        target: &Path,
        copy: bool,
        notices: &mut Vec<String>,
    ) -> Result<(), WriteError> {
        // A crash may have left one; under the lock it is nobody's.
        match std::fs::remove_file(temporary) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(WriteError { error, is_sync: false }),
        }
        let written = (|| {
            let mut file = OpenOptions::new().write(true).create_new(true).open(temporary)?;
            file.write_all(self.bytes)?;
            if copy {
                notices.extend(dress_like(&file, target)?);
            }
            Ok(file)
        })();
        let outcome = match written {
            Ok(file) => (self.sync)(&file).map_err(|error| WriteError { error, is_sync: true }),
            Err(error) => Err(WriteError { error, is_sync: false }),
        };
        if outcome.is_err() {
            let _ = std::fs::remove_file(temporary);
        }
        outcome
    }
}

struct WriteError {
    error: io::Error,
    is_sync: bool,
}

impl WriteError {
    fn into_error(self, temporary: &Path) -> EditError {
        EditError::io(format!("{} cannot be written", temporary.display()), &self.error)
    }
}

/// Gives the new file the old one's mode, owner and extended attributes.
fn dress_like(file: &File, original: &Path) -> io::Result<Option<String>> {
    let before = std::fs::metadata(original)?;
    #[cfg(unix)]
    let notice = {
        use std::os::unix::fs::MetadataExt;
        let now = file.metadata()?;
        let mut notice = None;
        if (now.uid(), now.gid()) != (before.uid(), before.gid())
            && let Err(error) = std::os::unix::fs::fchown(file, Some(before.uid()), Some(before.gid()))
        {
            notice = Some(format!("{} changes its owner: {error}", original.display()));
        }
        copy_attributes(file, original);
        notice
    };
    #[cfg(not(unix))]
    let notice = None;
    let permissions: Permissions = before.permissions();
    file.set_permissions(permissions)?;
    Ok(notice)
}

/// Extended attributes, where the file system has them: as many as can be copied.
#[cfg(target_os = "linux")]
fn copy_attributes(file: &File, original: &Path) {
    let mut names = vec![0_u8; 16 * 1024];
    let Ok(length) = rustix::fs::listxattr(original, &mut names[..]) else { return };
    for name in names[..length].split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let mut value = vec![0_u8; 64 * 1024];
        if let Ok(length) = rustix::fs::getxattr(original, name, &mut value[..]) {
            let _ = rustix::fs::fsetxattr(file, name, &value[..length], rustix::fs::XattrFlags::empty());
        }
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
fn copy_attributes(_file: &File, _original: &Path) {}

/// The temporary file's name is fixed: under the lock there is one writer, and a crash leaves
/// nothing that the next edit does not clear away.
fn temporary(target: &Path) -> PathBuf {
    let name = target.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    target.with_file_name(format!(".{name}.tminus-new"))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

/// A switch that breaks the writing on purpose, so that the test that watches it is seen to fail.
/// It is not in a release build.
#[cfg(debug_assertions)]
mod sabotage {
    use std::io::Write;
    use std::path::Path;
    use std::time::Duration;

    use super::EditError;

    pub fn wanted() -> bool {
        std::env::var_os("TMINUS_SABOTAGE").is_some_and(|value| value == "in-place")
    }

    pub fn in_place(target: &Path, bytes: &[u8]) -> Result<Vec<String>, EditError> {
        let write = || {
            let mut file = std::fs::File::create(target)?;
            for part in bytes.chunks(64) {
                file.write_all(part)?;
                std::thread::sleep(Duration::from_micros(300));
            }
            Ok(Vec::new())
        };
        write().map_err(|error| EditError::io("sabotage".to_owned(), &error))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_failed_sync_is_not_tried_again_on_the_same_file() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a.toml");
        std::fs::write(&path, "old").unwrap();
        let inodes = std::cell::RefCell::new(Vec::new());
        let sync = |file: &File| {
            use std::os::unix::fs::MetadataExt;
            let mut inodes = inodes.borrow_mut();
            // The descriptor must be another one; the inode number may be used again.
            inodes.push((file.metadata().unwrap().ino(), file.metadata().unwrap().len()));
            if inodes.len() == 1 { Err(io::Error::from_raw_os_error(5)) } else { file.sync_all() }
        };
        let notices = Replacement { path: &path, bytes: b"new", sync: &sync }.carry_out().unwrap();
        assert_eq!(inodes.borrow().len(), 2);
        assert!(notices[0].contains("sync failed"), "{notices:?}");
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
    }

    #[test]
    fn a_sync_that_keeps_failing_is_no_success_and_leaves_the_old_text() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a.toml");
        std::fs::write(&path, "old").unwrap();
        let calls = Cell::new(0);
        let sync = |_: &File| {
            calls.set(calls.get() + 1);
            Err(io::Error::from_raw_os_error(5))
        };
        assert!(Replacement { path: &path, bytes: b"new", sync: &sync }.carry_out().is_err());
        assert_eq!(calls.get(), 2);
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(names(root.path()), ["a.toml"]);
    }

    #[test]
    fn what_a_crash_left_is_cleared_away() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join(".a.toml.tminus-new"), "half").unwrap();
        replace(&root.path().join("a.toml"), b"new").unwrap();
        assert_eq!(names(root.path()), ["a.toml"]);
    }
}
