//! What was measured: a metric over time, and the events of an objective by window.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::{Safe, burn};

/// Events of an objective, by window.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Burned {
    /// A window whose queries answered nothing has neither rate.
    pub readings: burn::Readings,
    /// How much of the period there are numbers of, where the period was asked for.
    pub recorded: Option<burn::Recorded>,
    /// The answer is partial, or came with warnings: its numbers do not count as known.
    pub warnings: Vec<Safe>,
}

/// A series over time: gaps are gaps.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Series {
    /// First grid point.
    pub start: DateTime<Utc>,
    /// Seconds between points.
    pub step: u32,
    /// `None`: no sample there, or it was not a number.
    pub values: Vec<Option<f64>>,
    /// More than one series answered; the first was taken.
    pub ambiguous: bool,
    /// No series answered at all, which is not the same as one without samples of late: nothing
    /// of that name and those labels had a sample in the whole span.
    pub absent: bool,
    /// The last point whose sample was no number: NaN where nothing was divided by nothing, or an
    /// infinity. Such points have no value.
    pub undefined: Option<DateTime<Utc>>,
    /// The answer is partial, or came with warnings.
    pub warnings: Vec<Safe>,
    /// What the server remarks on how the query is written; the answer is whole all the same.
    pub infos: Vec<Safe>,
}

impl Series {
    /// The last point that has a value, with its time.
    pub fn latest(&self) -> Option<(DateTime<Utc>, f64)> {
        let (index, value) = self.values.iter().enumerate().rev().find_map(|(i, v)| v.map(|v| (i, v)))?;
        Some((self.time_of(index), value))
    }

    /// The value of the point nearest to an instant, within half a step of it; `None`: a gap.
    pub fn value_at(&self, at: DateTime<Utc>) -> Option<f64> {
        let step = i64::from(self.step.max(1));
        let index = ((at - self.start).num_seconds() + step / 2).div_euclid(step);
        *self.values.get(usize::try_from(index).ok()?)?
    }

    /// The time of a point.
    pub fn time_of(&self, index: usize) -> DateTime<Utc> {
        self.start + TimeDelta::seconds(i64::from(self.step) * index as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_that_of_the_nearest_point_within_half_a_step() {
        let at = |second: i64| DateTime::from_timestamp(6000 + second, 0).unwrap();
        let values = vec![Some(1.0), None, Some(3.0)];
        let series = Series { start: at(0), step: 60, values, ..Series::default() };
        let read = |second| series.value_at(at(second));
        assert_eq!([read(-31), read(-30), read(0), read(29)], [None, Some(1.0), Some(1.0), Some(1.0)]);
        assert_eq!([read(30), read(60), read(89)], [None; 3], "a gap is a gap");
        assert_eq!([read(90), read(149), read(150)], [Some(3.0), Some(3.0), None]);
    }
}
