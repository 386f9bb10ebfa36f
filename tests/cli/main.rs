//! Subcommands from the outside: what scripts and people get from the real program.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up its world must fail")]

mod calendar;
mod compatibility;
mod graph;
mod shell;
mod world;
