//! From samples to a grid of instants: a gap stays a gap, what is no number is none.

use chrono::{DateTime, Utc};

use super::wire;
use crate::domain::question::Span;

/// More points a series than this are refused by Prometheus.
const MOST_POINTS: u32 = 11_000;

/// A grid of instants.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    /// The first instant.
    pub start: DateTime<Utc>,
    /// The last instant.
    pub end: DateTime<Utc>,
    /// Seconds between instants.
    pub step: u32,
}

impl Frame {
    /// The grid of a span, seen from `now`; coarser than asked where there would be too many points.
    pub fn of(span: Span, now: DateTime<Utc>) -> Self {
        let step = span.step.max(span.seconds.div_ceil(MOST_POINTS)).max(1);
        let (start, end) = Span { step, ..span }.bounds(now);
        Self { start, end, step }
    }

    /// How many instants.
    pub fn points(&self) -> usize {
        usize::try_from((self.end - self.start).num_seconds()).unwrap_or(0) / self.step as usize + 1
    }

    /// The finite values at each instant.
    pub fn place(&self, samples: &[wire::Sample]) -> Vec<Option<f64>> {
        let mut values = vec![None; self.points()];
        for wire::Sample(at, wire::Value(value)) in samples {
            let index = ((at - self.start.timestamp() as f64) / f64::from(self.step)).round();
            if value.is_finite() && index >= 0.0 && (index as usize) < values.len() {
                values[index as usize] = Some(*value);
            }
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(at: f64, value: f64) -> wire::Sample {
        wire::Sample(at, wire::Value(value))
    }

    #[test]
    fn gaps_and_what_is_no_number_are_none() {
        let frame =
            Frame::of(Span { end: None, seconds: 60, step: 15 }, DateTime::from_timestamp(1007, 0).unwrap());
        assert_eq!((frame.start.timestamp(), frame.end.timestamp(), frame.points()), (945, 1005, 5));
        let samples =
            [sample(945.0, 1.0), sample(960.0, f64::NAN), sample(975.0, f64::INFINITY), sample(1005.0, 0.0)];
        assert_eq!(frame.place(&samples), [Some(1.0), None, None, None, Some(0.0)]);
    }

    #[test]
    fn samples_outside_the_grid_are_dropped() {
        let frame =
            Frame::of(Span { end: None, seconds: 10, step: 5 }, DateTime::from_timestamp(100, 0).unwrap());
        let samples = [sample(-1e300, 1.0), sample(1e300, 1.0), sample(f64::NAN, 1.0), sample(95.2, 2.0)];
        assert_eq!(frame.place(&samples), [None, Some(2.0), None]);
    }

    #[test]
    fn too_fine_a_step_becomes_coarser() {
        let frame = Frame::of(
            Span { end: None, seconds: 86_400 * 30, step: 1 },
            DateTime::from_timestamp(1e9 as i64, 0).unwrap(),
        );
        assert!(frame.points() <= 11_001, "{}", frame.points());
    }
}
