//! The log: a file in the state folder, never the screen.

use std::fs::{File, OpenOptions};
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;

use crate::store::person;

/// A log that grew beyond this is begun anew at the next start, in bytes; the old one is kept once.
const LARGEST: u64 = 4 * 1024 * 1024;

/// Begins to log, where the state folder can be written; `TMINUS_LOG` says how much (`debug`,
/// `tminus=trace`).
pub fn start() {
    let Some(file) = open() else { return };
    let filter = EnvFilter::try_from_env("TMINUS_LOG").unwrap_or_else(|_| EnvFilter::new("tminus=info,warn"));
    let subscriber = tracing_subscriber::fmt()
        .with_writer(Mutex::new(file))
        .with_ansi(false)
        .with_env_filter(filter)
        .finish();
    // A second start in one process (tests) keeps the first log.
    let _ = tracing::subscriber::set_global_default(subscriber);
}

fn open() -> Option<File> {
    let folder = person::state_folder()?;
    std::fs::create_dir_all(&folder).ok()?;
    let path = folder.join("tminus.log");
    if std::fs::metadata(&path).is_ok_and(|metadata| metadata.len() > LARGEST) {
        let _ = std::fs::rename(&path, folder.join("tminus.log.old"));
    }
    OpenOptions::new().create(true).append(true).open(path).ok()
}
