//! The demo's company: its PromQL against the real Prometheus, its servers against real clients, its
//! workspace against the store.

mod promql;
mod real;
