//! The timeline: lanes by team, environment, region or service over an axis of time.

mod axis;
mod index;
mod steps;

#[cfg(test)]
mod tests;

pub use axis::Zoom;
pub use index::{Extent, LaneIndex, LanesBy};
pub use steps::{
    Lane, arranged, keep_axis, page_lanes, reopen, show, step_lanes, step_time, to_lane_end, turn, zoom,
};

use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;

/// What the timeline remembers.
#[derive(Debug, Clone, PartialEq)]
pub struct Lanes {
    /// How much time is on screen.
    pub zoom: Zoom,
    /// The lane of the workspace the keys are in; what is selected may lie in several.
    pub lane: Option<usize>,
    /// The first row of lanes on screen.
    pub top: usize,
    /// Which lanes there are.
    pub index: LaneIndex,
    /// Where the axis begins, on the wall of the zone on screen.
    from: NaiveDateTime,
}

impl Default for Lanes {
    fn default() -> Self {
        Self {
            zoom: Zoom::default(),
            lane: None,
            top: 0,
            index: LaneIndex::default(),
            from: DateTime::UNIX_EPOCH.naive_utc(),
        }
    }
}

impl Lanes {
    /// The range of time on the axis.
    pub fn range(&self, zone: Tz) -> (DateTime<Utc>, DateTime<Utc>) {
        let from = axis::instant(zone, self.from);
        (from, axis::instant(zone, self.zoom.end(self.from)).max(from))
    }

    /// Where the axis begins and ends, on the wall of the zone on screen.
    pub fn wall(&self) -> (NaiveDateTime, NaiveDateTime) {
        (self.from, self.zoom.end(self.from))
    }
}
