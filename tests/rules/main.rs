//! The rules of the plan, played through the real command line: scenarios that a coordinator can
//! read, and hundreds of workspaces against an independent answer.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test ends at the first surprise"
)]

mod answers;
mod burn;
mod looking;
mod oracle;
mod program;
mod scenarios;
