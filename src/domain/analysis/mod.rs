//! The analysis of a rollout: from what the outside answered to a verdict one can argue with.
//!
//! One path serves the cockpit, the command line and JSON: [`subject::subjects`] reads the rollout
//! out of a history of versions, [`plan::questions`] says what to ask, [`assess`] judges what was
//! answered. All of it is pure: the same answers give the same verdict, whenever and however often
//! somebody looks, and nothing later than `now` is used.
//!
//! What is not known never counts as good: a failed, stale, partial or ambiguous answer leaves its
//! metric unknown, a gap is no sample, and a verdict is healthy only if every metric was judged.

pub mod answers;
pub mod compare;
pub mod conditions;
pub mod document;
pub mod file;
pub mod health;
mod margin;
pub mod measured;
pub mod memory;
pub mod plan;
pub mod ranges;
pub mod rhythm;
pub mod steps;
pub mod subject;
mod words;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use self::answers::Answers;
use self::compare::{Baseline, Compared, Pair};
use self::conditions::{Conditions, Standing};
use self::memory::Memory;
use self::plan::Known;
use self::steps::Step;
use self::subject::{Phase, Subject};
use super::health::Told;
use super::judge::{self, Finding, Outcome, Thresholds, Verdict};
use super::metric::{Direction, Metric};
use super::question::Question;

/// A rollout, judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// As of when.
    pub now: DateTime<Utc>,
    /// What is said of it.
    pub verdict: Verdict,
    /// Between 0 and 100; `None`: nothing was judged.
    pub score: Option<f64>,
    /// Why the verdict is what it is, in one sentence.
    pub why: String,
    /// In the order of the file.
    pub metrics: Vec<Assessed>,
    /// The health checks of its place, as they were at that time.
    pub health: Vec<Told>,
    /// The steps of the plan, or those that were seen, each with a verdict of its own.
    pub steps: Vec<Step>,
    /// How long a complete rollout is still watched.
    pub soak_left: Option<TimeDelta>,
}

impl Assessment {
    /// Why the step it stands on is judged otherwise than the whole, where the whole does not say it: it
    /// has samples of its own, and fewer.
    pub fn step_apart(&self) -> Option<(Verdict, String)> {
        let step = self.steps.iter().find(|step| step.is_now())?;
        let verdict = step.verdict.filter(|verdict| *verdict != self.verdict)?;
        let is_told = self.why.contains(&step.why);
        let percent = super::format::number(step.percent);
        (!is_told).then(|| (verdict, format!("{percent} % by itself, so far: {}", step.why)))
    }

    /// Whether a metric's answers failed, are stale or in part.
    pub fn is_doubted(&self) -> bool {
        self.metrics.iter().any(|metric| metric.doubt.is_some())
    }

    /// What the metrics were compared with, as triggers want to know it.
    pub fn baseline(&self) -> super::trigger::Baseline {
        let any = |baseline| self.metrics.iter().any(|metric| metric.baseline == baseline);
        match () {
            () if any(Baseline::Beside) => super::trigger::Baseline::Concurrent,
            () if any(Baseline::Before) => super::trigger::Baseline::Before,
            () => super::trigger::Baseline::None,
        }
    }
}

/// A metric, judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessed {
    /// The metric's name.
    pub name: String,
    /// Its unit.
    pub unit: Option<String>,
    /// Whether failing alone fails the verdict.
    pub critical: bool,
    /// Its group, and the group's weight in percent.
    pub group: (Option<String>, Option<f64>),
    /// What is said of it.
    pub found: Found,
    /// When it could first be known that it is bad.
    pub found_at: Option<DateTime<Utc>>,
    /// New against old; `None`: there is nothing to compare.
    pub compared: Option<Arc<Compared>>,
    /// Where the old version's numbers come from.
    pub baseline: Baseline,
    /// Measurements against conditions; `None`: it has none.
    pub conditions: Option<Conditions>,
    /// Seconds between two samples.
    pub interval: u32,
    /// How its samples were made from its query, where that is not as it stands there.
    pub made: Option<String>,
    /// The latest value, and when.
    pub value: Option<(DateTime<Utc>, f64)>,
    /// That value would be a failure, had it been measured at its time: the next one may well be.
    pub latest_breaks: bool,
    /// What it is compared with: the old version's mean.
    pub baseline_value: Option<f64>,
    /// What the finding is made from, oldest first.
    pub pairs: Arc<[Pair]>,
    /// Why what was answered cannot be trusted.
    pub doubt: Option<String>,
    /// The age of the oldest answer it is made from.
    pub age: Option<TimeDelta>,
    /// One sentence.
    pub why: String,
}

/// What is said of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// No bad difference, and its conditions hold.
    Pass,
    /// The new version is higher, and that is bad.
    High,
    /// The new version is lower, and that is bad.
    Low,
    /// More measurements broke its conditions than are allowed.
    Failed,
    /// More measurements lie between success and failure than are allowed.
    Between,
    /// Too few samples yet.
    Insufficient,
    /// A side has no samples.
    Nodata,
    /// The answers failed, are stale, partial or ambiguous.
    Unknown,
}

impl Found {
    /// The word used in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::High => "high",
            Self::Low => "low",
            Self::Failed => "failed",
            Self::Between => "inconclusive",
            Self::Insufficient => "insufficient",
            Self::Nodata => "nodata",
            Self::Unknown => "unknown",
        }
    }

    /// Whether it speaks against the new version.
    pub fn is_bad(self) -> bool {
        matches!(self, Self::High | Self::Low | Self::Failed)
    }

    /// Whether it says something of the new version.
    pub fn is_judged(self) -> bool {
        self == Self::Pass || self.is_bad()
    }
}

/// What a judgement looks at.
#[derive(Clone, Copy)]
pub struct Evidence<'a> {
    /// What is judged.
    pub subject: &'a Subject,
    /// The service's metrics.
    pub metrics: &'a [Metric],
    /// The health checks of its place.
    pub health: &'a [Told],
    /// What is known of an answer.
    pub known: &'a dyn Fn(&Question) -> Known<'a>,
    /// As of when.
    pub now: DateTime<Utc>,
}

/// Judges a rollout.
pub fn assess(evidence: &Evidence<'_>, memory: &mut Memory) -> Assessment {
    let subject = evidence.subject;
    let whole = (subject.since, subject.until(evidence.now));
    let answers: Vec<Answers<'_>> =
        evidence.metrics.iter().map(|metric| Answers::of(evidence, metric)).collect();
    let metrics: Vec<Assessed> =
        answers.iter().map(|answers| measured::assess(evidence, answers, whole, memory)).collect();
    let (verdict, score, why) = conclude(evidence, &metrics);
    let verdict = as_of_now(verdict, &metrics);
    let (verdict, why) = health::weigh(verdict, why, evidence.health);
    // What is critical and fails leaves nothing of the score, as for metrics.
    let score = if health::is_fatal(evidence.health) { Some(0.0) } else { score };
    let (verdict, why) = of_the_whole(subject, verdict, why);
    let soak_left = match subject.ended {
        Some(ended) if !subject.is_over => {
            Some((ended + subject.watch - evidence.now).max(TimeDelta::zero()))
        }
        _ => None,
    };
    let steps = steps::of(evidence, &answers, memory);
    let (verdict, why) = of_the_step(verdict, why, &steps);
    let health = evidence.health.to_vec();
    Assessment { now: evidence.now, verdict, score, why, metrics, health, steps, soak_left }
}

/// The verdict of metrics, by the judge's own rules, and stricter where something is not known.
pub(crate) fn conclude(evidence: &Evidence<'_>, metrics: &[Assessed]) -> (Verdict, Option<f64>, String) {
    if metrics.is_empty() {
        return (Verdict::Inconclusive, None, words::NO_METRICS.to_owned());
    }
    let inputs: Vec<judge::Metric> = evidence
        .metrics
        .iter()
        .map(|metric| compare::judged(metric, judge::Data::Counts { looks: Vec::new(), alpha: metric.alpha }))
        .collect();
    let findings: Vec<Finding> = evidence
        .metrics
        .iter()
        .zip(&inputs)
        .zip(metrics)
        .map(|((metric, input), assessed)| finding(metric, input, assessed))
        .collect();
    let is_judged = findings.iter().any(|finding| finding.outcome.is_judged());
    let judgement = judge::conclude(&inputs, findings, Thresholds::default());
    let score = is_judged.then_some(judgement.score);
    if matches!(judgement.verdict, Verdict::Failing | Verdict::Marginal) {
        let why = words::worst(metrics).unwrap_or(judgement.why);
        return (judgement.verdict, score, why);
    }
    // A metric of weight zero is there to be looked at.
    let counts = |metric: &&Assessed| metric.group.1 != Some(0.0);
    if let Some(open) = metrics.iter().filter(counts).find(|metric| !metric.found.is_judged()) {
        return (Verdict::Inconclusive, score, words::open(metrics, open));
    }
    (
        judgement.verdict,
        score,
        if judgement.verdict == Verdict::Healthy { words::all_pass(metrics) } else { judgement.why },
    )
}

/// Nothing is called healthy while the latest value of what counts is beyond what is allowed: the
/// next measurement decides.
fn as_of_now(verdict: Verdict, metrics: &[Assessed]) -> Verdict {
    let breaks = |metric: &Assessed| metric.latest_breaks && metric.group.1 != Some(0.0);
    if verdict == Verdict::Healthy && metrics.iter().any(breaks) { Verdict::Inconclusive } else { verdict }
}

/// A metric's finding as the judge weighs it.
fn finding(metric: &Metric, input: &judge::Metric, assessed: &Assessed) -> Finding {
    let compared = assessed.compared.as_ref();
    let mut finding =
        compared.map_or_else(|| Finding::of_nothing(input), |compared| compared.finding.clone());
    finding.companions.retain(|companion| compared.is_some_and(|compared| compared.stands_out(companion)));
    let broken = if metric.direction == Direction::Decrease { Outcome::Low } else { Outcome::High };
    finding.outcome = match assessed.found {
        Found::Pass => Outcome::Pass,
        Found::High => Outcome::High,
        Found::Low => Outcome::Low,
        Found::Failed => broken,
        Found::Between | Found::Insufficient => Outcome::Insufficient,
        Found::Nodata | Found::Unknown => Outcome::Nodata,
    };
    finding.fails_alone = match assessed.found {
        Found::Failed => metric.critical,
        Found::High | Found::Low => finding.fails_alone,
        _ => false,
    };
    finding
}

/// What the rollout itself adds: one that was stopped is not healthy, and what runs must be known.
fn of_the_whole(subject: &Subject, verdict: Verdict, why: String) -> (Verdict, String) {
    if subject.phase == Phase::None {
        return (Verdict::Inconclusive, words::not_seen(subject));
    }
    if verdict != Verdict::Healthy {
        return (verdict, why);
    }
    if let Some(doubt) = &subject.doubt {
        return (Verdict::Inconclusive, format!("not known: {doubt}"));
    }
    if subject.phase == Phase::Rollout(super::rollout::Phase::Unknown) {
        return (Verdict::Inconclusive, "not known: nothing tells what runs any more".to_owned());
    }
    if subject.phase.is_back() {
        return (Verdict::Inconclusive, format!("incomplete: it was brought back, and until then {why}"));
    }
    (verdict, why)
}

/// What the step it stands on adds: much that was good before it does not make up for what is bad
/// since. It spends an α of its own, so that by itself it asks for a person and fails nothing.
fn of_the_step(verdict: Verdict, why: String, steps: &[Step]) -> (Verdict, String) {
    let is_milder = matches!(verdict, Verdict::Healthy | Verdict::Inconclusive);
    match steps.iter().find(|step| step.is_now() && step.is_bad()).filter(|_| is_milder) {
        Some(step) => {
            let percent = super::format::number(step.percent);
            let words = format!("since the step at {percent} % began: {}; in the whole: {why}", step.why);
            (Verdict::Marginal, words)
        }
        None => (verdict, why),
    }
}

/// What came of a metric's two sides: its comparison and its conditions.
fn found(compared: Option<&Compared>, conditions: Option<&Conditions>, doubt: bool) -> Found {
    let standing = conditions.map(|conditions| conditions.standing);
    let outcome = compared.map(|compared| compared.finding.outcome);
    match (standing, outcome) {
        // What was found stays found, whatever became of the answers since.
        (Some(Standing::Fails), _) => Found::Failed,
        (_, Some(Outcome::High)) => Found::High,
        (_, Some(Outcome::Low)) => Found::Low,
        _ if doubt => Found::Unknown,
        (Some(Standing::Error), _) => Found::Unknown,
        (Some(Standing::Inconclusive), _) => Found::Between,
        (_, Some(Outcome::Nodata)) | (None, None) => Found::Nodata,
        (_, Some(Outcome::Insufficient)) | (Some(Standing::Waiting), _) => Found::Insufficient,
        (_, Some(Outcome::Pass)) | (Some(Standing::Holds), None) => Found::Pass,
    }
}
