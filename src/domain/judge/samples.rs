//! Samples made ready: what is not a number, outliers, quantiles, and how many it takes.

use serde::{Deserialize, Serialize};

use super::Comparison;

/// What becomes of samples that are not numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum NanStrategy {
    /// They do not count.
    #[default]
    Remove,
    /// They count as zero: where no series means no events.
    Replace,
}

/// What becomes of outliers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Outliers {
    /// They count: an outlier is news.
    #[default]
    Keep,
    /// Those beyond three interquartile ranges do not count, nor anything beyond the first and
    /// last percentile where that lies further out.
    Remove,
}

/// The samples that count.
pub fn ready(values: &[f64], comparison: &Comparison) -> Vec<f64> {
    let mut ready: Vec<f64> = match comparison.nan {
        NanStrategy::Remove => values.iter().copied().filter(|value| !value.is_nan()).collect(),
        NanStrategy::Replace => {
            values.iter().map(|value| if value.is_nan() { 0.0 } else { *value }).collect()
        }
    };
    // An infinite latency is no number either: nothing can be ranked beside it twice.
    ready.retain(|value| value.is_finite());
    if comparison.outliers == Outliers::Remove && !ready.is_empty() {
        let mut sorted = ready.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        let (first, third) = (quantile(&sorted, 0.25), quantile(&sorted, 0.75));
        let reach = 3.0 * (third - first);
        let low = quantile(&sorted, 0.01).min(first - reach);
        let high = quantile(&sorted, 0.99).max(third + reach);
        ready.retain(|value| (low..=high).contains(value));
    }
    ready
}

/// A quantile (0 to 1) of sorted values by linear interpolation: R's type 7. No values: NaN.
pub fn quantile(sorted: &[f64], at: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = at * last as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(last);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}

/// The fewest samples a side with which complete separation could reach a confidence: the
/// smallest n with 2 / C(2n, n) ≤ 1 − confidence. 5 for 98 %.
pub fn floor(confidence: f64) -> usize {
    let wanted = 1.0 - confidence;
    let (mut n, mut pairs) = (1_usize, 2.0_f64);
    while 2.0 / pairs > wanted + 1e-12 && n < 500 {
        // C(2n+2, n+1) = C(2n, n) · 2(2n+1)/(n+1)
        pairs *= 2.0 * (2.0 * n as f64 + 1.0) / (n as f64 + 1.0);
        n += 1;
    }
    n
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_floor_follows_from_the_confidence() {
        let floors = [(0.98, 5), (0.95, 4), (0.90, 3), (0.99, 5), (0.999, 7), (0.5, 2)];
        for (confidence, expected) in floors {
            assert_eq!(floor(confidence), expected, "{confidence}");
        }
        assert!(floor(1.0) <= 500);
    }

    #[test]
    fn quantiles_are_those_of_r() {
        let values = [1.0, 2.0, 4.0, 8.0];
        // quantile(c(1,2,4,8), c(0, .25, .5, .95, 1))
        for (at, expected) in [(0.0, 1.0), (0.25, 1.75), (0.5, 3.0), (0.95, 7.4), (1.0, 8.0)] {
            assert!((quantile(&values, at) - expected).abs() < 1e-12, "{at}");
        }
        assert!(quantile(&[], 0.5).is_nan());
    }

    #[test]
    fn what_is_no_number_is_left_out_or_zero_and_outliers_stay_unless_asked() {
        let comparison = Comparison::default();
        assert_eq!(ready(&[1.0, f64::NAN, 3.0], &comparison), [1.0, 3.0]);
        let replace = Comparison { nan: NanStrategy::Replace, ..comparison };
        assert_eq!(ready(&[1.0, f64::NAN], &replace), [1.0, 0.0]);
        let mut values = vec![1.0; 200];
        values.push(1000.0);
        assert_eq!(ready(&values, &comparison).len(), 201);
        let remove = Comparison { outliers: Outliers::Remove, ..comparison };
        assert_eq!(ready(&values, &remove).len(), 200);
    }
}
