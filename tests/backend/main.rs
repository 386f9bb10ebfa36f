//! Backends against servers, repositories and programs that behave well, badly and for real.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at the first surprise"
)]

mod ground;
mod jira;
mod misbehaviour;
mod prometheus;
mod real;
mod repositories;
mod running;
mod secrets;
mod server;
mod tls;

#[path = "../support/prometheus.rs"]
mod servers;
