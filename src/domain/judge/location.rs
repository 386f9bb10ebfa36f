//! Mann–Whitney's location shift: by how much one sample lies above another, with an interval.
//!
//! Source: Kayenta's `MannWhitney.scala`, which follows R's `wilcox.test(conf.int = TRUE)`, two-sided,
//! normal approximation with corrections for ties and continuity.

use statrs::distribution::{ContinuousCDF, Normal};

use super::ranks::ranks;
use super::root::root;

/// By how much x lies above y.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shift {
    /// The interval's low end.
    pub low: f64,
    /// The interval's high end.
    pub high: f64,
    /// The estimate: where the test statistic is zero.
    pub estimate: f64,
}

/// The shift of x over y at a confidence between 0 and 1. Neither may be empty.
pub fn shift(x: &[f64], y: &[f64], confidence: f64) -> Shift {
    let (x_low, x_high) = ends(x);
    let (y_low, y_high) = ends(y);
    if x_low == x_high && y_low == y_high {
        // Kayenta adds noise of a hundred-thousandth here; without it the answer is exact.
        let estimate = x_low - y_low;
        return Shift { low: estimate, high: estimate, estimate };
    }
    let (low, high) = (x_low - y_high, x_high - y_low);
    let (at_low, at_high) = (statistic(x, y, low), statistic(x, y, high));
    let quantile = standard().inverse_cdf((1.0 - confidence) / 2.0);
    let end = |quantile: f64| {
        if at_low - quantile <= 0.0 {
            low
        } else if at_high - quantile >= 0.0 {
            high
        } else {
            root(|at| statistic(x, y, at) - quantile, (low, at_low - quantile), (high, at_high - quantile))
        }
    };
    Shift {
        low: end(-quantile),
        high: end(quantile),
        estimate: root(|at| statistic(x, y, at), (low, at_low), (high, at_high)),
    }
}

/// The two-sided p of no shift: normal approximation, ties and continuity corrected.
pub fn p_value(x: &[f64], y: &[f64]) -> f64 {
    let statistic = statistic(x, y, 0.0);
    if statistic.is_finite() { (2.0 * standard().cdf(-statistic.abs())).min(1.0) } else { 1.0 }
}

/// W(μ): the standardised rank sum of x − μ among y.
fn statistic(x: &[f64], y: &[f64], shift: f64) -> f64 {
    let (m, n) = (x.len() as f64, y.len() as f64);
    let found = ranks(x, y, shift);
    let above = found.sum - m * (m + 1.0) / 2.0 - m * n / 2.0;
    let correction = if above == 0.0 { 0.0 } else { 0.5 * above.signum() };
    let spread = (m * n / 12.0 * ((m + n + 1.0) - found.ties / ((m + n) * (m + n - 1.0)))).sqrt();
    (above - correction) / spread
}

fn ends(values: &[f64]) -> (f64, f64) {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    (low, values.iter().copied().fold(f64::NEG_INFINITY, f64::max))
}

fn standard() -> Normal {
    Normal::standard()
}
