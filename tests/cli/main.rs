//! Subcommands from the outside: what scripts and people get from the real program.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test ends at the first surprise"
)]

mod alerts;
mod alerts_of_the_past;
mod branches;
mod burn;
mod caldav;
mod calendar;
mod compatibility;
mod graph;
mod health;
#[path = "../support/history.rs"]
mod history;
mod judge;
mod monitor;
mod monitor_health;
mod monitor_misbehaving;
mod planning;
#[path = "../support/proxy.rs"]
mod proxy;
mod release;
mod repository;
mod shell;
mod show;
mod tracker;
mod watch;
mod window;
mod world;
