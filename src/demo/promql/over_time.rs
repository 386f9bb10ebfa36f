//! Functions of a range vector: what a window of samples comes to.

use super::evaluate::Windows;
use super::selector::{Ends, Sample};
use super::{Column, Labels};

/// One step's window.
pub(super) struct Window<'a> {
    /// Its samples; at least one.
    pub(super) samples: &'a [Sample],
    /// Its closed end, in milliseconds.
    pub(super) end: i64,
    /// Its length, in milliseconds.
    pub(super) range: i64,
    /// The step's number.
    pub(super) step: usize,
}

/// Whether the answer keeps the metric's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// It does.
    Keep,
    /// It does not.
    Drop,
}

/// Applies a function to every window that holds a sample.
pub(super) fn apply(
    windows: Windows,
    naming: Naming,
    function: impl Fn(&Window<'_>) -> Option<f64>,
) -> Vec<Column> {
    let Windows { series, ends, range } = windows;
    series
        .into_iter()
        .map(|(labels, samples)| {
            let (mut low, mut high) = (0, 0);
            let mut points = Vec::with_capacity(ends.len());
            for (step, &end) in ends.iter().enumerate() {
                // Times only rise with the steps, so both ends of the window only move forward.
                while high < samples.len() && samples[high].0 <= end {
                    high += 1;
                }
                while low < high && samples[low].0 < end - range {
                    low += 1;
                }
                let held = &samples[low..high];
                let window = Window { samples: held, end, range, step };
                points.push(if held.is_empty() { None } else { function(&window) });
            }
            Column { labels: named(labels, naming), points }
        })
        .collect()
}

fn named(labels: Labels, naming: Naming) -> Labels {
    if naming == Naming::Keep { labels } else { labels.nameless() }
}

/// What a rise over a window means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rise {
    /// `delta`: of a gauge.
    Delta,
    /// `increase`: of a counter.
    Increase,
    /// `rate`: of a counter, a second.
    Rate,
}

/// `rate`, `increase` and `delta`, extrapolated to the window's ends.
pub(super) fn extrapolated(window: &Window<'_>, rise: Rise) -> Option<f64> {
    let samples = window.samples;
    let ends = Ends { first: *samples.first()?, last: *samples.last()?, count: samples.len() };
    let mut result = ends.last.1 - ends.first.1;
    if rise != Rise::Delta {
        for pair in samples.windows(2) {
            if pair[1].1 < pair[0].1 {
                result += pair[0].1;
            }
        }
    }
    extrapolate(&ends, result, (window.end, window.range), rise)
}

/// A rise between two samples, extrapolated to the ends of a window: its end and its length.
pub(super) fn extrapolate(ends: &Ends, mut result: f64, (end, range): (i64, i64), rise: Rise) -> Option<f64> {
    let Ends { first, last, count } = ends;
    if *count < 2 {
        return None;
    }
    let mut to_start = (first.0 - (end - range)) as f64 / 1000.0;
    let to_end = (end - last.0) as f64 / 1000.0;
    let sampled = (last.0 - first.0) as f64 / 1000.0;
    let between = sampled / (count - 1) as f64;
    if rise != Rise::Delta && result > 0.0 && first.1 >= 0.0 {
        // A counter cannot have been below zero: it began no earlier than here.
        to_start = to_start.min(sampled * (first.1 / result));
    }
    let threshold = between * 1.1;
    let mut covered = sampled;
    covered += if to_start < threshold { to_start } else { between / 2.0 };
    covered += if to_end < threshold { to_end } else { between / 2.0 };
    let mut factor = covered / sampled;
    if rise == Rise::Rate {
        factor /= range as f64 / 1000.0;
    }
    result *= factor;
    Some(result)
}

/// `irate` (a second) and `idelta`: the last two samples.
pub(super) fn last_two(window: &Window<'_>, rise: Rise) -> Option<f64> {
    let [.., before, last] = window.samples else { return None };
    let reset = rise == Rise::Rate && last.1 < before.1;
    let change = if reset { last.1 } else { last.1 - before.1 };
    let seconds = (last.0 - before.0) as f64 / 1000.0;
    match rise {
        Rise::Rate if seconds == 0.0 => None,
        Rise::Rate => Some(change / seconds),
        Rise::Delta | Rise::Increase => Some(change),
    }
}

/// A least-squares line: its slope a second, and its value at `origin` (milliseconds).
pub(super) fn regression(samples: &[Sample], origin: i64) -> Option<(f64, f64)> {
    if samples.len() < 2 {
        return None;
    }
    let first = samples[0].1;
    #[expect(clippy::float_cmp, reason = "a constant series is one whose samples are the same number")]
    if samples.iter().all(|sample| sample.1 == first) {
        return Some(if first.is_infinite() { (f64::NAN, f64::NAN) } else { (0.0, first) });
    }
    let count = samples.len() as f64;
    let (mut sum_x, mut sum_y, mut sum_xy, mut sum_xx) = (0.0, 0.0, 0.0, 0.0);
    for (time, value) in samples {
        let x = (time - origin) as f64 / 1000.0;
        sum_x += x;
        sum_y += value;
        sum_xy += x * value;
        sum_xx += x * x;
    }
    let slope = (sum_xy - sum_x * sum_y / count) / (sum_xx - sum_x * sum_x / count);
    Some((slope, sum_y / count - slope * sum_x / count))
}

/// The mean of the values.
pub(super) fn mean(samples: &[Sample]) -> f64 {
    let mut mean = 0.0;
    let mut lost = 0.0;
    for (index, (_, value)) in samples.iter().enumerate() {
        if f64::is_infinite(mean) && (mean.to_bits() == value.to_bits() || value.is_finite()) {
            continue;
        }
        let count = (index + 1) as f64;
        let part: f64 = value / count - mean / count;
        let next = mean + part;
        lost += if mean.abs() >= part.abs() { (mean - next) + part } else { (part - next) + mean };
        mean = next;
    }
    if mean.is_infinite() { mean } else { mean + lost }
}

/// The population variance of the values.
pub(super) fn variance(values: impl Iterator<Item = f64>) -> f64 {
    let (mut count, mut mean, mut squares) = (0.0, 0.0, 0.0);
    for value in values {
        count += 1.0;
        let off = value - mean;
        mean += off / count;
        squares += off * (value - mean);
    }
    squares / count
}

/// The φ-quantile, interpolated; the values are sorted in place.
pub(super) fn quantile(share: f64, values: &mut [f64]) -> f64 {
    if values.is_empty() || share.is_nan() {
        return f64::NAN;
    }
    if share < 0.0 {
        return f64::NEG_INFINITY;
    }
    if share > 1.0 {
        return f64::INFINITY;
    }
    // NaN sorts below every number, as in Prometheus.
    values.sort_by(|left, right| match (left.is_nan(), right.is_nan()) {
        (true, true) => std::cmp::Ordering::Equal,
        (true, false) => std::cmp::Ordering::Less,
        (false, true) => std::cmp::Ordering::Greater,
        (false, false) => left.total_cmp(right),
    });
    let rank = share * (values.len() - 1) as f64;
    let low = rank.floor().max(0.0) as usize;
    let high = (low + 1).min(values.len() - 1);
    let weight = rank - rank.floor();
    values[low] * (1.0 - weight) + values[high] * weight
}
