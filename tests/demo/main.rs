//! The demo's company: its PromQL against the real Prometheus, its servers against real clients, its
//! workspace against the store.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod alertmanager;
mod headless;
mod jira;
mod prometheus;
mod promql;
mod real;
mod world;
