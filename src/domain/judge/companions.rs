//! What a shift of the middle does not see: a heavier tail, a wider spread.
//!
//! They never change a metric's outcome; they keep a canary from being called healthy unseen.

use statrs::stats_tests::{Alternative, fisher::fishers_exact};

use super::samples::quantile;
use crate::domain::service::Direction;

/// A companion stands out below this p.
const STANDS_OUT: f64 = 0.01;
/// Shuffles of the permutation test.
const SHUFFLES: usize = 1999;
/// Shuffles where there are many samples.
const FEWER_SHUFFLES: usize = 499;
/// Many samples.
const MANY: usize = 4000;
/// The permutation test's seed: the same numbers get the same verdict.
const SEED: u64 = 0x7431_6d69_6e75_7321;

/// What else was looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Companion {
    /// Which test.
    pub test: Test,
    /// How likely such a difference would be by chance, one-sided.
    pub p: f64,
    /// What was seen, in words.
    pub detail: String,
}

/// Which companion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Test {
    /// The share of samples beyond the baseline's 95th percentile (5th where a decrease is bad):
    /// Fisher's exact test.
    Tail,
    /// The ratio of the interquartile ranges, each side about its own median: permutation test.
    Spread,
}

impl Test {
    /// The word used in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Tail => "tail",
            Self::Spread => "spread",
        }
    }
}

impl Companion {
    /// Whether chance is no good explanation.
    pub fn stands_out(&self) -> bool {
        self.p < STANDS_OUT
    }
}

/// Both companions of two samples that are not empty.
pub fn of(canary: &[f64], baseline: &[f64], direction: Direction) -> Vec<Companion> {
    vec![tail(canary, baseline, direction), spread(canary, baseline)]
}

fn tail(canary: &[f64], baseline: &[f64], direction: Direction) -> Companion {
    let mut sorted = baseline.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let high = quantile(&sorted, 0.95);
    // The 5th percentile as the mirror of the 95th, to the last digit: which way round a metric is
    // counted decides nothing.
    let mirrored: Vec<f64> = sorted.iter().rev().map(|value| -value).collect();
    let low = -quantile(&mirrored, 0.95);
    let above = |values: &[f64]| values.iter().filter(|value| **value > high).count();
    let below = |values: &[f64]| values.iter().filter(|value| **value < low).count();
    let up = || one_tail(above(canary), canary.len(), above(baseline), baseline.len(), "above", "P95");
    let down = || one_tail(below(canary), canary.len(), below(baseline), baseline.len(), "below", "P5");
    match direction {
        Direction::Increase => up(),
        Direction::Decrease => down(),
        Direction::Either => {
            let (up, down) = (up(), down());
            let mut worse = if up.p <= down.p { up } else { down };
            // Two were looked at.
            worse.p = (2.0 * worse.p).min(1.0);
            worse
        }
    }
}

fn one_tail(
    canary: usize,
    of: usize,
    baseline: usize,
    of_baseline: usize,
    side: &str,
    bound: &str,
) -> Companion {
    let table = [canary, baseline, of - canary, of_baseline - baseline].map(|count| count as u64);
    let p = fishers_exact(&table, Alternative::Greater).unwrap_or(1.0);
    let detail = format!(
        "{canary} of {of} samples lie {side} the baseline's {bound}, {baseline} of {of_baseline} of its own"
    );
    Companion { test: Test::Tail, p: p.clamp(0.0, 1.0), detail }
}

fn spread(canary: &[f64], baseline: &[f64]) -> Companion {
    let (canary, baseline) = (centred(canary), centred(baseline));
    let seen = ratio(&mut canary.clone(), &mut baseline.clone());
    let mut pooled = [canary.as_slice(), baseline.as_slice()].concat();
    let shuffles = if pooled.len() > MANY { FEWER_SHUFFLES } else { SHUFFLES };
    let mut random = fastrand::Rng::with_seed(SEED);
    let mut as_wide = 0_usize;
    let (mut one, mut other) = (Vec::with_capacity(canary.len()), Vec::with_capacity(baseline.len()));
    for _ in 0..shuffles {
        random.shuffle(&mut pooled);
        one.clear();
        other.clear();
        one.extend_from_slice(&pooled[..canary.len()]);
        other.extend_from_slice(&pooled[canary.len()..]);
        // A hair less: sums in another order are not another ratio.
        as_wide += usize::from(ratio(&mut one, &mut other) >= seen * (1.0 - 1e-12));
    }
    let p = (as_wide + 1) as f64 / (shuffles + 1) as f64;
    let detail = if seen.is_finite() {
        format!("its interquartile range is {seen:.2} times the baseline's")
    } else {
        "its samples spread, the baseline's do not".to_owned()
    };
    Companion { test: Test::Spread, p, detail }
}

/// Each value's distance from the median.
fn centred(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let middle = quantile(&sorted, 0.5);
    sorted.iter().map(|value| value - middle).collect()
}

fn ratio(one: &mut [f64], other: &mut [f64]) -> f64 {
    let (one, other) = (range(one), range(other));
    if one == 0.0 && other == 0.0 { 1.0 } else { one / other }
}

fn range(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    quantile(values, 0.75) - quantile(values, 0.25)
}
