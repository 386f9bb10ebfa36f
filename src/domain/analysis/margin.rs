//! Which differences of tail and spread are large enough to matter.
//!
//! A quantile or a ratio of few requests scatters more than one of many: a canary at 5 % of the
//! traffic has a wider spread than the version beside it, however well it does. Told apart from
//! chance it would keep every small canary from being healthy. So a companion counts only where the
//! difference exceeds what the metric tolerates: its `tolerance` as a share of the room to its limit,
//! or, without a limit, of what is usual.

use crate::domain::judge::companions::Test;
use crate::domain::judge::samples::quantile;
use crate::domain::metric::{Direction, Metric};

/// The companions whose difference matters. Both sides hold samples that are numbers.
pub fn that_matter(metric: &Metric, canary: &[f64], baseline: &[f64]) -> Vec<Test> {
    if canary.is_empty() || baseline.is_empty() {
        return Vec::new();
    }
    let (canary, baseline) = (sorted(canary), sorted(baseline));
    let margin = margin(metric, quantile(&baseline, 0.5));
    let above = || quantile(&canary, 0.95) - quantile(&baseline, 0.95) > margin;
    let below = || quantile(&baseline, 0.05) - quantile(&canary, 0.05) > margin;
    let tail = match metric.direction {
        Direction::Increase => above(),
        Direction::Decrease => below(),
        Direction::Either => above() || below(),
    };
    let range = |values: &[f64]| quantile(values, 0.75) - quantile(values, 0.25);
    let spread = range(&canary) - range(&baseline) > margin;
    [(Test::Tail, tail), (Test::Spread, spread)]
        .into_iter()
        .filter_map(|(test, matters)| matters.then_some(test))
        .collect()
}

/// The difference that does not matter, where `usual` is the baseline's median.
fn margin(metric: &Metric, usual: f64) -> f64 {
    let room = metric.limit.map(|limit| match metric.direction {
        Direction::Increase => limit - usual,
        Direction::Decrease => usual - limit,
        Direction::Either => (limit - usual).abs(),
    });
    // What is usual beyond the limit leaves no room.
    metric.comparison.tolerance * room.map_or(usual.abs(), |room| room.max(0.0))
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(limit: Option<f64>, direction: Direction) -> Metric {
        Metric { direction, limit, ..Metric::default() }
    }

    #[test]
    fn the_scatter_of_few_requests_does_not_matter_and_a_heavy_tail_does() {
        let baseline = [225.0, 225.2, 224.8, 225.1, 224.9, 225.0, 225.3, 224.7, 225.0, 225.1];
        let scattered = [217.0, 231.0, 225.0, 238.0, 222.0, 234.0, 219.0, 228.0, 240.0, 215.0];
        let tailed = [225.0, 225.1, 400.0, 225.0, 410.0, 224.9, 225.2, 390.0, 225.0, 405.0];
        for limit in [None, Some(450.0)] {
            let metric = metric(limit, Direction::Increase);
            assert_eq!(that_matter(&metric, &scattered, &baseline), []);
            assert_eq!(that_matter(&metric, &tailed, &baseline), [Test::Tail, Test::Spread]);
        }
    }

    #[test]
    fn what_is_beyond_its_limit_anyway_tolerates_nothing_more() {
        let (usual, more) = ([2.0; 10], [2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.1, 2.1, 2.1, 2.1]);
        assert!(that_matter(&metric(Some(1.0), Direction::Increase), &more, &usual).contains(&Test::Tail));
        assert_eq!(that_matter(&metric(None, Direction::Increase), &more, &usual), []);
    }

    #[test]
    fn which_way_round_a_metric_is_counted_decides_nothing() {
        let baseline: Vec<f64> = (0..20).map(|number| 100.0 + f64::from(number % 4)).collect();
        for by in [0.0, 10.0, 24.0, 26.0, 60.0] {
            let canary: Vec<f64> = baseline
                .iter()
                .enumerate()
                .map(|(at, value)| if at % 4 == 0 { value + by } else { *value })
                .collect();
            let mirror = |values: &[f64]| values.iter().map(|value| -value).collect::<Vec<_>>();
            for limit in [None, Some(180.0)] {
                let up = that_matter(&metric(limit, Direction::Increase), &canary, &baseline);
                let down = metric(limit.map(|limit| -limit), Direction::Decrease);
                assert_eq!(that_matter(&down, &mirror(&canary), &mirror(&baseline)), up, "by {by}");
            }
        }
    }

    #[test]
    fn a_worse_canary_never_matters_less() {
        let baseline: Vec<f64> = (0..40).map(|number| 100.0 + f64::from(number % 7)).collect();
        let metric = metric(None, Direction::Increase);
        let mut before = 0;
        for by in 0..80 {
            let canary: Vec<f64> = baseline
                .iter()
                .enumerate()
                .map(|(at, value)| if at % 3 == 0 { value + f64::from(by) } else { *value })
                .collect();
            let matters = that_matter(&metric, &canary, &baseline).len();
            assert!(matters >= before, "{by} more matter less");
            before = matters;
        }
        assert_eq!(before, 2);
    }
}
