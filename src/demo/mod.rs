//! A made-up company that lives in this process: its repositories, its files and its servers.

pub mod promql;
