//! The demo's clock: it runs like the real one, from the moment the story begins.

use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};

/// A clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    begun: DateTime<Utc>,
    started: Instant,
}

impl Clock {
    /// One that now shows this time.
    pub(super) fn starting_at(begun: DateTime<Utc>) -> Self {
        Self { begun, started: Instant::now() }
    }

    /// What it shows.
    pub(super) fn now(&self) -> DateTime<Utc> {
        self.begun + TimeDelta::from_std(self.started.elapsed()).unwrap_or_default()
    }
}
