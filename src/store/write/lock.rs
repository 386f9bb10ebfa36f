//! One writer at a time: an advisory lock on a file of its own. (A lock on the data file itself
//! would be lost with every rename.)

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{SecondsFormat, Utc};

use super::EditError;
use crate::domain::Safe;

/// The lock's file in the workspace's folder.
pub const FILE: &str = ".tminus.lock";
/// Longer than this nobody should hold it: an edit takes milliseconds.
pub const PATIENCE: Duration = Duration::from_secs(8);
/// A wait worth a word.
const LONG: Duration = Duration::from_secs(1);

/// The lock, held until it is dropped (or the process ends, however it ends).
#[derive(Debug)]
pub struct Lock {
    _file: File,
    /// What should be known: that it took long, or that this file system cannot lock.
    pub notice: Option<String>,
}

/// Takes the workspace's lock, waiting for other writers.
pub fn take(root: &Path, patience: Duration) -> Result<Lock, EditError> {
    let path = root.join(FILE);
    let io = |what: &str| {
        let what = format!("{}: {what}", path.display());
        move |error: std::io::Error| EditError::io(what, &error)
    };
    if path.is_symlink() {
        return Err(EditError::refused(
            format!("{} is a symbolic link", path.display()),
            "remove it: the lock is a file of its own",
        ));
    }
    let mut file = OpenOptions::new()
        .create(true)
        .read(true)
        .write(true)
        .truncate(false)
        .open(&path)
        .map_err(io("the lock cannot be opened"))?;
    let began = Instant::now();
    let mut wait = Duration::from_millis(1);
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) if began.elapsed() < patience => {
                // Jitter, so that several waiting writers do not knock in step.
                std::thread::sleep(wait.mul_f64(0.5 + fastrand::f64()));
                wait = (wait * 2).min(Duration::from_millis(40));
            }
            Err(TryLockError::WouldBlock) => {
                let holder = holder(&mut file);
                return Err(EditError::Locked { waited: began.elapsed(), holder });
            }
            Err(TryLockError::Error(error)) if error.kind() == std::io::ErrorKind::Unsupported => {
                let notice =
                    "this file system cannot lock: edits of two programs at once may be lost".to_owned();
                return Ok(Lock { _file: file, notice: Some(notice) });
            }
            Err(TryLockError::Error(error)) => return Err(io("the lock cannot be taken")(error)),
        }
    }
    let notice = (began.elapsed() > LONG)
        .then(|| format!("waited {:.1} s for another writer", began.elapsed().as_secs_f64()));
    sign(&mut file).map_err(io("the lock cannot be signed"))?;
    Ok(Lock { _file: file, notice })
}

/// Writes into the lock who holds it, for whoever waits.
fn sign(file: &mut File) -> std::io::Result<()> {
    let now = Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true);
    file.rewind()?;
    file.set_len(0)?;
    file.write_all(format!("pid {} since {now}\n", std::process::id()).as_bytes())
}

/// Who holds the lock, as far as it can be read.
fn holder(file: &mut File) -> String {
    let mut text = String::new();
    let read = file.rewind().and_then(|()| file.take(200).read_to_string(&mut text));
    match read {
        Ok(_) if !text.trim().is_empty() => Safe::new(text.trim()).to_string(),
        _ => "another process".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_holder_is_named() {
        let root = tempfile::tempdir().unwrap();
        let held = take(root.path(), PATIENCE).unwrap();
        let error = take(root.path(), Duration::from_millis(30)).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(&format!("pid {}", std::process::id())) && text.contains("since 20"), "{text}");
        drop(held);
        take(root.path(), Duration::from_millis(30)).unwrap();
    }
}
