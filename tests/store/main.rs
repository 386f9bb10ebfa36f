//! Reading and writing workspaces, as files on a disk.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at the first surprise"
)]

mod help;
mod killing;
mod patching;
mod reading;
mod ring;
mod show;
mod stabilisation;
mod triggers;
mod watching;
mod writing;
