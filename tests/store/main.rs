//! Reading and writing workspaces, as files on a disk.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up its world must fail")]

mod help;
mod killing;
mod reading;
mod watching;
mod writing;
