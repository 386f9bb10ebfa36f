//! The only clock.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};

use super::sabotage;
use crate::domain::Now;

/// Reads both clocks.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    began: Instant,
    began_wall: DateTime<Utc>,
    /// How many times faster than real both run; 1 but where a test asks for more.
    speed: u32,
}

impl Clock {
    /// Starts to count.
    pub fn start() -> Self {
        Self { began: Instant::now(), began_wall: Utc::now(), speed: sabotage::clock_speed() }
    }

    /// Now, on both clocks.
    pub fn now(&self) -> Now {
        let mono = self.began.elapsed() * self.speed;
        // The clock on the wall may be set meanwhile: it is read, never reckoned.
        let wall = if self.speed == 1 {
            Utc::now()
        } else {
            self.began_wall + TimeDelta::from_std(mono).unwrap_or_default()
        };
        Now { wall, mono }
    }

    /// The instant of a monotonic reading.
    pub fn instant(&self, mono: Duration) -> Instant {
        self.began + mono / self.speed
    }
}
