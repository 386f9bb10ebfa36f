//! Programs from outside: a test without them says so, or fails where they are required.

use std::path::{Path, PathBuf};

/// Whether missing programs fail the tests.
pub(crate) fn required() -> bool {
    std::env::var("TMINUS_REQUIRE_SERVERS").is_ok_and(|value| value == "1")
}

/// Says that a test was skipped; fails where nothing may be skipped.
pub(crate) fn skip(reason: &str) {
    assert!(!required(), "TMINUS_REQUIRE_SERVERS=1, but {reason}");
    println!("SKIPPED: {reason}");
}

/// Finds a program on PATH.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| is_file(file))
}

fn is_file(path: &Path) -> bool {
    path.is_file()
}
