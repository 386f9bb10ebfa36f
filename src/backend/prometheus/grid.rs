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

    /// The finite values at each instant, and where the last one lies that is no number.
    pub fn place(&self, samples: &[wire::Sample]) -> Placed {
        let mut placed = Placed { values: vec![None; self.points()], undefined: None };
        for wire::Sample(at, wire::Value(value)) in samples {
            let index = ((at - self.start.timestamp() as f64) / f64::from(self.step)).round();
            if !(index >= 0.0 && (index as usize) < placed.values.len()) {
                continue;
            }
            let index = index as usize;
            if value.is_finite() {
                placed.values[index] = Some(*value);
            } else {
                placed.undefined = placed.undefined.max(Some(index));
            }
        }
        placed
    }

    /// The time of an instant.
    pub fn time_of(&self, index: usize) -> DateTime<Utc> {
        self.start + chrono::TimeDelta::seconds(i64::from(self.step) * index as i64)
    }
}

/// The samples of a series on a grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// A finite value or none, for each instant.
    pub values: Vec<Option<f64>>,
    /// The last instant with a sample that is no number: NaN where nothing was divided by
    /// nothing, or an infinity.
    pub undefined: Option<usize>,
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
        let placed = frame.place(&samples);
        assert_eq!(placed.values, [Some(1.0), None, None, None, Some(0.0)]);
        assert_eq!(placed.undefined.map(|index| frame.time_of(index).timestamp()), Some(975));
    }

    #[test]
    fn samples_outside_the_grid_are_dropped() {
        let frame =
            Frame::of(Span { end: None, seconds: 10, step: 5 }, DateTime::from_timestamp(100, 0).unwrap());
        let samples = [sample(-1e300, 1.0), sample(1e300, 1.0), sample(f64::NAN, 1.0), sample(95.2, 2.0)];
        assert_eq!(frame.place(&samples), Placed { values: vec![None, Some(2.0), None], undefined: None });
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
