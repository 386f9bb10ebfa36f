//! The demo's company: its PromQL against the real Prometheus, its servers against real clients, its
//! workspace against the store.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at the first surprise"
)]
#![expect(clippy::print_stdout, reason = "a test says what it skipped, and how long it took")]

mod alertmanager;
mod backends;
mod headless;
mod jira;
mod prometheus;
mod promql;
mod queries;
mod real;
mod rollouts;
mod world;
