//! When a metric is measured: the time between two measurements, and the grid they lie on.
//!
//! Samples that are compared must be independent: their ranges do not overlap, and where the query
//! allows it they are taken over a shorter range, so that there are enough of them sooner
//! (see [`super::ranges`]).

use chrono::TimeDelta;

use super::ranges;
use super::subject::GRAIN;
use crate::domain::metric::Metric;

/// The shortest interval that is chosen by itself, in seconds.
const SHORTEST: u32 = 15;
/// Over a longer range than this no samples are taken by themselves where a shorter one does, in
/// seconds: short enough to find a bad version soon, long enough to hold two scrapes a minute apart.
const SHORT: u32 = 120;
/// Where the query has no range, in seconds.
const USUAL: u32 = 30;
/// Conditions are looked at no more rarely than this where nothing else is said, in seconds: a value
/// beyond its limit needs no statistics.
const CONDITIONS: u32 = 60;

/// When a metric is measured; all in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rhythm {
    /// Between two samples that are compared.
    pub interval: u32,
    /// Between two measurements that are held against conditions.
    pub conditions: u32,
    /// Between the points that are asked for; divides both, and the grain of rollouts.
    pub step: u32,
    /// Samples are taken over this range instead of the query's own, which is longer.
    pub range: Option<u32>,
}

impl Rhythm {
    /// Of a metric.
    pub fn of(metric: &Metric) -> Self {
        let whole = Self::whole(metric);
        if metric.counts.is_some() {
            return whole;
        }
        let range = stated(metric).unwrap_or(SHORT);
        if range >= whole.interval || ranges::shortened(&metric.query, range).is_none() {
            return whole;
        }
        Self::new(range, whole.conditions, Some(range))
    }

    /// Of a metric whose query is taken as it stands: what is left where a shorter range holds no two
    /// scrapes.
    pub fn whole(metric: &Metric) -> Self {
        let longest = ranges::longest(&metric.query);
        let stated = stated(metric);
        let interval = match (stated, metric.counts.is_some()) {
            (Some(stated), true) => stated,
            (None, true) => longest.unwrap_or(2 * USUAL).clamp(USUAL, SHORT),
            // Of measurements whose ranges overlap only those that do not are compared.
            (Some(stated), false) => stated.saturating_mul(longest.unwrap_or(0).div_ceil(stated).max(1)),
            (None, false) => longest.unwrap_or(USUAL).max(SHORTEST),
        };
        // Where a number of failures is allowed, each must be a measurement of its own.
        let counts_failures = metric.failure_limit > 0 || metric.inconclusive_limit > 0;
        let step = greatest_common_divisor(interval, GRAIN);
        let divides = |seconds: &u32| interval.is_multiple_of(*seconds) && seconds.is_multiple_of(step);
        let conditions = match stated {
            Some(stated) => stated,
            None if !counts_failures && interval > CONDITIONS => {
                (step..=CONDITIONS).rev().find(divides).unwrap_or(interval)
            }
            None if counts_failures && metric.counts.is_some() => interval.max(longest.unwrap_or(0)),
            None => interval,
        };
        Self::new(interval, conditions, None)
    }

    fn new(interval: u32, conditions: u32, range: Option<u32>) -> Self {
        let step = greatest_common_divisor(greatest_common_divisor(interval, conditions), GRAIN);
        Self { interval, conditions, step, range }
    }

    /// The interval as a length of time.
    pub fn length(&self) -> TimeDelta {
        TimeDelta::seconds(i64::from(self.interval))
    }
}

fn stated(metric: &Metric) -> Option<u32> {
    metric.interval.and_then(|interval| u32::try_from(interval.num_seconds()).ok()).map(|it| it.max(1))
}

fn greatest_common_divisor(one: u32, other: u32) -> u32 {
    if other == 0 { one.max(1) } else { greatest_common_divisor(other, one % other) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::metric::Counts;

    fn rhythm(query: &str, interval: Option<i64>) -> (u32, u32, u32, Option<u32>) {
        let interval = interval.map(TimeDelta::seconds);
        let rhythm = Rhythm::of(&Metric { query: query.into(), interval, ..Metric::default() });
        (rhythm.interval, rhythm.conditions, rhythm.step, rhythm.range)
    }

    #[test]
    fn samples_do_not_overlap_and_conditions_are_looked_at_every_minute() {
        assert_eq!(rhythm("rate(x[5m])", None), (120, 60, 30, Some(120)));
        assert_eq!(rhythm("rate(x[90s])", None), (90, 30, 30, None));
        assert_eq!(rhythm("rate(x[1m])", None), (60, 60, 30, None));
        assert_eq!(rhythm("rate(x[1h])", None), (120, 60, 30, Some(120)));
        assert_eq!(rhythm("increase(x[5m])", None), (300, 60, 30, None));
        assert_eq!(rhythm("increase(x[1h])", None), (3600, 60, 30, None));
        assert_eq!(rhythm("up", None), (30, 30, 30, None));
        assert_eq!(rhythm("rate(x[10s])", None), (15, 15, 15, None));
        assert_eq!(rhythm("rate(x[5m])", Some(45)), (45, 45, 15, Some(45)));
        assert_eq!(rhythm("increase(x[5m])", Some(60)), (300, 60, 30, None));
        assert_eq!(rhythm("increase(x[5m])", Some(45)), (315, 45, 15, None));
        assert_eq!(rhythm("rate(x[5m])", Some(600)), (600, 600, 30, None));
        assert_eq!(rhythm("up", Some(7)), (7, 7, 1, None));
    }

    #[test]
    fn whatever_is_stated_the_ranges_of_samples_never_overlap() {
        for range in [15, 60, 90, 300, 3600] {
            for interval in [None, Some(7), Some(30), Some(60), Some(250), Some(900)] {
                for call in ["rate", "increase"] {
                    let query = format!("{call}(x[{range}s])");
                    let interval = interval.map(TimeDelta::seconds);
                    let metric = Metric { query, interval, ..Metric::default() };
                    let (chosen, whole) = (Rhythm::of(&metric), Rhythm::whole(&metric));
                    assert!(chosen.interval >= chosen.range.unwrap_or(range), "{metric:?}");
                    assert!(whole.interval >= range && whole.range.is_none(), "{metric:?}");
                    for rhythm in [chosen, whole] {
                        assert!(rhythm.interval.is_multiple_of(rhythm.step));
                        assert!(rhythm.conditions.is_multiple_of(rhythm.step));
                    }
                }
            }
        }
    }

    #[test]
    fn counted_failures_do_not_overlap_and_counts_are_looked_at_soon() {
        let metric = Metric { query: "rate(x[5m])".into(), failure_limit: 2, ..Metric::default() };
        assert_eq!(Rhythm::of(&metric).conditions, 300);
        let counts = Counts { bad: "b".into(), total: "t".into(), is_derived: false };
        let metric = Metric { counts: Some(counts), failure_limit: 0, ..metric };
        assert_eq!(Rhythm::of(&metric), Rhythm { interval: 120, conditions: 60, step: 30, range: None });
    }
}
