//! Calendars of others: what is read of real and broken files, compared occurrence by occurrence
//! with two other implementations.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test ends at the first surprise"
)]

mod agreement;
mod corpus;
mod export;
