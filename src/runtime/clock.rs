//! The only clock.

use std::time::Instant;

use chrono::Utc;

use crate::domain::Now;

/// Reads both clocks.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    began: Instant,
}

impl Clock {
    /// Starts to count.
    pub fn start() -> Self {
        Self { began: Instant::now() }
    }

    /// Now, on both clocks.
    pub fn now(&self) -> Now {
        Now { wall: Utc::now(), mono: self.began.elapsed() }
    }

    /// The instant of a monotonic reading.
    pub fn instant(&self, mono: std::time::Duration) -> Instant {
        self.began + mono
    }
}
