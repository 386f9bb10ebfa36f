//! Kayenta's `NetflixACAJudge-v1.0`: what it would say, metric by metric and of the whole.
//!
//! Source: spinnaker/kayenta, `MannWhitneyClassifier.scala`, `WeightedSumScorer.scala`,
//! `ThresholdScoreClassifier.scala`.

use super::effect::EffectBounds;
use super::location::{self, Shift};
use super::samples::{self, NanStrategy};
use super::{Comparison, Data, Finding, Judgement, Metric, Outcome, Thresholds, Verdict, score, words};
use crate::domain::service::Direction;

/// A shift and how large it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// By how much the canary lies above the baseline.
    pub shift: Shift,
    /// By the comparison's measure; NaN: it has no number.
    pub effect: f64,
    /// Both sides hold the same values.
    pub identical: bool,
}

/// Measures two samples that are not empty.
pub fn measure(canary: &[f64], baseline: &[f64], comparison: &Comparison) -> Measured {
    Measured {
        shift: location::shift(canary, baseline, comparison.confidence),
        effect: comparison.effect.of(canary, baseline),
        identical: are_identical(canary, baseline),
    }
}

impl Measured {
    /// Kayenta's classification: the interval lies beyond a share of the estimate, and the effect
    /// is large enough.
    pub fn outcome(&self, direction: Direction, comparison: &Comparison) -> Outcome {
        if self.identical {
            return Outcome::Pass;
        }
        let bound = comparison.tolerance * self.shift.estimate.abs();
        let allowed = comparison.allowed;
        if direction != Direction::Decrease && self.shift.low > bound && self.is_up(allowed) {
            Outcome::High
        } else if direction != Direction::Increase && self.shift.high < -bound && self.is_down(allowed) {
            Outcome::Low
        } else {
            Outcome::Pass
        }
    }

    /// Whether a bad outcome reaches the critical effect.
    pub fn is_critical(&self, outcome: Outcome, comparison: &Comparison) -> bool {
        match outcome {
            Outcome::High => self.is_up(comparison.critical),
            Outcome::Low => self.is_down(comparison.critical),
            _ => false,
        }
    }

    fn is_up(&self, bounds: EffectBounds) -> bool {
        self.effect.is_nan() || self.effect >= bounds.increase
    }

    fn is_down(&self, bounds: EffectBounds) -> bool {
        self.effect.is_nan() || self.effect <= bounds.decrease
    }
}

/// What Kayenta would say. It knows no counts: events of trials are judged as samples of their
/// shares.
pub fn judge(metrics: &[Metric], thresholds: Thresholds) -> Judgement {
    let findings: Vec<Finding> = metrics.iter().map(judge_metric).collect();
    let score = score::kayenta(metrics, &findings);
    let verdict = if score >= thresholds.pass {
        Verdict::Healthy
    } else if score >= thresholds.marginal {
        Verdict::Marginal
    } else {
        Verdict::Failing
    };
    let why = match findings.iter().find(|finding| finding.fails_alone) {
        Some(worst) => format!("{} is critical and does not pass", worst.name),
        None => format!("score {score} of 100"),
    };
    Judgement { verdict, score, findings, why }
}

fn judge_metric(metric: &Metric) -> Finding {
    let (canary, baseline, comparison) = match &metric.data {
        Data::Samples { canary, baseline, comparison } => (canary.clone(), baseline.clone(), *comparison),
        Data::Counts { looks, .. } => {
            let share = |(events, trials): (f64, f64)| events / trials;
            let of = |side: fn(&super::Look) -> (f64, f64)| {
                looks.iter().map(|look| look.as_ref().map_or(f64::NAN, |look| share(side(look)))).collect()
            };
            (of(|look| look.canary), of(|look| look.baseline), Comparison::default())
        }
    };
    let (canary, baseline) = (samples::ready(&canary, &comparison), samples::ready(&baseline, &comparison));
    let mut finding = Finding::new(metric, (canary.len() as u64, baseline.len() as u64));
    if canary.is_empty() || baseline.is_empty() {
        finding.outcome =
            if comparison.nan == NanStrategy::Replace { Outcome::Pass } else { Outcome::Nodata };
        finding.fails_alone = metric.critical && finding.outcome == Outcome::Nodata;
        finding.why = words::no_data(metric, canary.len(), baseline.len());
        return finding;
    }
    let measured = measure(&canary, &baseline, &comparison);
    finding.outcome = measured.outcome(metric.direction, &comparison);
    finding.fails_alone = metric.critical && measured.is_critical(finding.outcome, &comparison);
    finding.estimate = Some(measured.shift.estimate);
    finding.interval = Some((measured.shift.low, measured.shift.high));
    finding.effect = Some(measured.effect).filter(|effect| effect.is_finite());
    finding.p = Some(location::p_value(&canary, &baseline));
    finding.why = words::samples(metric, &finding);
    finding
}

fn are_identical(canary: &[f64], baseline: &[f64]) -> bool {
    let sorted = |values: &[f64]| {
        let mut values = values.to_vec();
        values.sort_unstable_by(f64::total_cmp);
        values
    };
    let first = canary[0];
    sorted(canary) == sorted(baseline) || canary.iter().chain(baseline).all(|value| *value == first)
}
