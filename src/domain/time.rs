//! Time as an argument: the instant a message carries.

use std::time::Duration;

use chrono::{DateTime, Utc};

/// One instant, read from two clocks by the runtime: what people call it, and what ages are
/// counted on (it never jumps).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Now {
    /// The wall clock.
    pub wall: DateTime<Utc>,
    /// The monotonic clock, since the program began.
    pub mono: Duration,
}

impl Default for Now {
    fn default() -> Self {
        Self { wall: DateTime::UNIX_EPOCH, mono: Duration::ZERO }
    }
}
