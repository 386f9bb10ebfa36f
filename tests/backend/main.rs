//! Backends against servers, repositories and programs that behave well, badly and for real.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a helper that cannot go on must fail its test"
)]

mod agreement;
mod as_it_is;
mod branches;
mod burn;
mod control;
mod demo;
mod ground;
mod health;
mod inconclusive;
mod jira;
mod misbehaviour;
mod past_alerts;
mod prometheus;
mod real;
mod repositories;
mod running;
mod secrets;
mod server;
mod silences;
mod tls;

#[path = "../support/prometheus.rs"]
mod servers;
