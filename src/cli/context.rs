//! What every subcommand starts from: the options all commands take, and the clock.

use chrono::{DateTime, Utc};

use super::Global;

/// The options all commands take.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// As typed.
    pub global: Global,
}

impl Context {
    /// From the options as typed.
    pub fn new(global: Global) -> Self {
        Self { global }
    }

    /// The wall clock. The command line is an edge, so it may look.
    pub fn clock() -> DateTime<Utc> {
        Utc::now()
    }
}
