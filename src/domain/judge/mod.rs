//! The canary judge: does the new version differ from the old one, how much, and how sure is that?
//!
//! Two kinds of metrics are judged: samples (latencies, shares, gauges) by Mann–Whitney's location
//! interval as in Kayenta's `NetflixACAJudge-v1.0`, hardened by a sample floor and two companions;
//! and counts (errors of requests) by a sequential test that may be looked at as often as one
//! likes. The judge only looks; acting is another room's business.

pub mod companions;
pub mod effect;
pub mod kayenta;
pub mod location;
pub mod ranks;
pub mod root;
pub mod samples;
pub mod score;
pub mod sequential;
mod words;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::service::Direction;
use companions::Companion;
use effect::{Effect, EffectBounds};
use samples::{NanStrategy, Outliers};

/// A metric to judge, and how.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// Its name, for people.
    pub name: String,
    /// Metrics of a group share a weight; a metric without one is a group of its own.
    pub group: Option<String>,
    /// The group's weight, in percent; `None`: a share of what is left.
    pub weight: Option<f64>,
    /// Which change is bad.
    pub direction: Direction,
    /// Failing alone fails the verdict.
    pub critical: bool,
    /// What was measured.
    pub data: Data,
}

/// What was measured.
#[derive(Debug, Clone, PartialEq)]
pub enum Data {
    /// Samples of both sides, and how they are compared.
    Samples {
        /// NaN where there was no number.
        canary: Vec<f64>,
        /// NaN where there was no number.
        baseline: Vec<f64>,
        /// How they are compared.
        comparison: Comparison,
    },
    /// Events of trials, look by look.
    Counts {
        /// One entry a look; `None`: a scrape was missing or a counter was reset.
        looks: Vec<Option<Look>>,
        /// The most false alarms that are accepted, as a share: 0.05.
        alpha: f64,
    },
}

/// The new counts of one look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    /// Events and trials of the canary.
    pub canary: (f64, f64),
    /// Events and trials of the baseline.
    pub baseline: (f64, f64),
}

/// How samples are compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// The difference that does not matter, as a share of the estimate: 0.25.
    pub tolerance: f64,
    /// Of the interval: 0.98.
    pub confidence: f64,
    /// The measure of how large the difference is.
    pub effect: Effect,
    /// What of it is allowed.
    pub allowed: EffectBounds,
    /// What of it makes a critical metric fail.
    pub critical: EffectBounds,
    /// What becomes of samples that are not numbers.
    pub nan: NanStrategy,
    /// What becomes of outliers.
    pub outliers: Outliers,
}

impl Default for Comparison {
    fn default() -> Self {
        let effect = Effect::MeanRatio;
        Self {
            tolerance: 0.25,
            confidence: 0.98,
            effect,
            allowed: effect.bounds(),
            critical: effect.bounds(),
            nan: NanStrategy::default(),
            outliers: Outliers::default(),
        }
    }
}

/// From which scores on a canary passes, in percent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// Healthy from here on.
    pub pass: f64,
    /// Marginal from here on.
    pub marginal: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { pass: 95.0, marginal: 75.0 }
    }
}

/// What the numbers say of one metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// No bad difference was found.
    Pass,
    /// The canary is higher, and that is bad.
    High,
    /// The canary is lower, and that is bad.
    Low,
    /// One side has no samples.
    Nodata,
    /// So few samples that no difference, however large, could be told.
    Insufficient,
}

impl Outcome {
    /// Whether it says something of the canary.
    pub fn is_judged(self) -> bool {
        matches!(self, Self::Pass | Self::High | Self::Low)
    }

    /// Whether it speaks against the canary.
    pub fn is_bad(self) -> bool {
        matches!(self, Self::High | Self::Low)
    }
}

/// What the numbers say of the canary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It goes well.
    Healthy,
    /// Not well enough to go on without a look.
    Marginal,
    /// It does not go well.
    Failing,
    /// The numbers do not say.
    Inconclusive,
}

impl Verdict {
    /// The word used in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Marginal => "marginal",
            Self::Failing => "failing",
            Self::Inconclusive => "inconclusive",
        }
    }
}

/// A metric, judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The metric's name.
    pub name: String,
    /// What the numbers say.
    pub outcome: Outcome,
    /// Whether failing alone fails the verdict.
    pub critical: bool,
    /// Whether it fails the verdict alone: critical, bad, and by more than the critical effect.
    pub fails_alone: bool,
    /// Samples (or trials) that counted: canary, baseline.
    pub n: (u64, u64),
    /// How much the canary lies above the baseline: the location shift, in the metric's unit; for
    /// counts the difference of the two shares.
    pub estimate: Option<f64>,
    /// The interval of the location shift, at the metric's confidence; `None` for counts.
    pub interval: Option<(f64, f64)>,
    /// How large the difference is: by the metric's measure; for counts the ratio of the shares.
    pub effect: Option<f64>,
    /// Two-sided p of Mann–Whitney's test (normal approximation, ties and continuity corrected);
    /// for counts the always-valid p.
    pub p: Option<f64>,
    /// Evidence against the canary after the last look; counts only.
    pub e_value: Option<f64>,
    /// The look, counted from 1, at which the alarm was raised; counts only.
    pub alarm_at_look: Option<u64>,
    /// What else stands out.
    pub companions: Vec<Companion>,
    /// One sentence.
    pub why: String,
}

/// The canary, judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// What the numbers say.
    pub verdict: Verdict,
    /// Between 0 and 100, two decimals.
    pub score: f64,
    /// In the order given.
    pub findings: Vec<Finding>,
    /// Why the verdict is what it is, in one sentence.
    pub why: String,
}

/// Judges a canary by the hardened rules (sample floor, companions, groups without data left out).
pub fn judge(metrics: &[Metric], thresholds: Thresholds) -> Judgement {
    conclude(metrics, metrics.iter().map(judge_metric).collect(), thresholds)
}

/// From what was found of each metric, in their order, to the verdict.
pub fn conclude(metrics: &[Metric], findings: Vec<Finding>, thresholds: Thresholds) -> Judgement {
    let score = score::hardened(metrics, &findings);
    let (verdict, why) = verdict(&findings, score, thresholds);
    let score = if findings.iter().any(|finding| finding.fails_alone) { 0.0 } else { score.unwrap_or(0.0) };
    Judgement { verdict, score, findings, why }
}

fn verdict(findings: &[Finding], score: Option<f64>, thresholds: Thresholds) -> (Verdict, String) {
    if let Some(worst) = findings.iter().find(|finding| finding.fails_alone) {
        return (Verdict::Failing, format!("{} is critical and fails", worst.name));
    }
    if let Some(blind) = findings.iter().find(|finding| finding.critical && !finding.outcome.is_judged()) {
        return (Verdict::Inconclusive, format!("{} is critical and has too little data", blind.name));
    }
    let Some(score) = score else {
        return (Verdict::Inconclusive, "nothing could be judged".to_owned());
    };
    let said = |mark: f64, word: &str| format!("score {score} of 100, {word} from {mark}");
    if score < thresholds.marginal {
        return (Verdict::Failing, said(thresholds.marginal, "marginal"));
    }
    if score < thresholds.pass {
        return (Verdict::Marginal, said(thresholds.pass, "healthy"));
    }
    let odd = findings.iter().find_map(|finding| {
        let companion = finding.companions.iter().find(|companion| companion.stands_out())?;
        Some(format!("{}: {}", finding.name, companion.detail))
    });
    match odd {
        Some(odd) => (Verdict::Inconclusive, format!("score {score} of 100, but {odd}")),
        None => (Verdict::Healthy, said(thresholds.pass, "healthy")),
    }
}

fn judge_metric(metric: &Metric) -> Finding {
    match &metric.data {
        Data::Samples { canary, baseline, comparison } => judge_samples(
            metric,
            &samples::ready(canary, comparison),
            &samples::ready(baseline, comparison),
            comparison,
        ),
        Data::Counts { looks, alpha } => judge_counts(metric, looks, *alpha),
    }
}

fn judge_samples(metric: &Metric, canary: &[f64], baseline: &[f64], comparison: &Comparison) -> Finding {
    let mut finding = Finding::new(metric, (canary.len() as u64, baseline.len() as u64));
    if canary.is_empty() || baseline.is_empty() {
        finding.outcome = Outcome::Nodata;
        finding.why = words::no_data(metric, canary.len(), baseline.len());
        return finding;
    }
    let measured = kayenta::measure(canary, baseline, comparison);
    finding.estimate = Some(measured.shift.estimate);
    finding.interval = Some((measured.shift.low, measured.shift.high));
    finding.effect = Some(measured.effect).filter(|effect| effect.is_finite());
    finding.p = Some(location::p_value(canary, baseline));
    let floor = samples::floor(comparison.confidence);
    if canary.len().min(baseline.len()) < floor {
        finding.outcome = Outcome::Insufficient;
        finding.why = words::insufficient(metric, &finding, floor, comparison.confidence);
        return finding;
    }
    finding.companions = companions::of(canary, baseline, metric.direction);
    finding.outcome = measured.outcome(metric.direction, comparison);
    finding.fails_alone = metric.critical && measured.is_critical(finding.outcome, comparison);
    finding.why = words::samples(metric, &finding);
    finding
}

fn judge_counts(metric: &Metric, looks: &[Option<Look>], alpha: f64) -> Finding {
    let seen = sequential::watch(looks, metric.direction, alpha);
    // Counts by `increase` are extrapolated, and so fractions: rounded as the sentence says them.
    let trials = |total: (f64, f64)| total.1.round() as u64;
    let mut finding = Finding::new(metric, (trials(seen.canary), trials(seen.baseline)));
    let share = |(events, trials): (f64, f64)| (trials > 0.0).then(|| events / trials);
    if let (Some(canary), Some(baseline)) = (share(seen.canary), share(seen.baseline)) {
        finding.estimate = Some(canary - baseline);
        finding.effect = Some(canary / baseline).filter(|effect| effect.is_finite());
        finding.p = Some(seen.p);
        finding.e_value = Some(seen.e_value);
        finding.alarm_at_look = seen.alarm.as_ref().map(|alarm| alarm.look);
        finding.outcome = match &seen.alarm {
            Some(alarm) => alarm.outcome,
            None if !seen.could_alarm => Outcome::Insufficient,
            None => Outcome::Pass,
        };
        finding.fails_alone = metric.critical && finding.outcome.is_bad();
    }
    finding.why = words::counts(metric, &finding, &seen, alpha);
    finding
}

impl Finding {
    /// Of a metric of which nothing is known.
    pub fn of_nothing(metric: &Metric) -> Self {
        Self { why: words::no_data(metric, 0, 0), ..Self::new(metric, (0, 0)) }
    }

    fn new(metric: &Metric, n: (u64, u64)) -> Self {
        Self {
            name: metric.name.clone(),
            outcome: Outcome::Nodata,
            critical: metric.critical,
            fails_alone: false,
            n,
            estimate: None,
            interval: None,
            effect: None,
            p: None,
            e_value: None,
            alarm_at_look: None,
            companions: Vec::new(),
            why: String::new(),
        }
    }
}
