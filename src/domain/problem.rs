//! What is wrong with a file, as a compiler would show it.

use std::path::PathBuf;

/// One thing wrong with one file. The rest of the workspace opens all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Whether the file (or the entry) could not be used, or only deserves a word.
    pub severity: Severity,
    /// The file, relative to the workspace where it lies inside.
    pub file: PathBuf,
    /// From 1; 0: the file as a whole.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    /// One line: what was found and what would be accepted.
    pub message: String,
    /// The message with the source line and a pointer under it, several lines, without colour.
    pub rendered: String,
}

/// How bad a [`Problem`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It must be mended: what could not be used was left out.
    Error,
    /// It was taken, and something about it should be known (an ambiguous local time).
    Notice,
}
