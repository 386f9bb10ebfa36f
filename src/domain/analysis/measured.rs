//! One metric of a rollout: its measurements, taken from the answers, compared and held against
//! its conditions.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::answers::Answers;
use super::compare::{self, Baseline, Compared, Measured, Pair};
use super::conditions::Conditions;
use super::memory::Memory;
use super::plan::{self, MOST_BEFORE};
use super::rhythm::Rhythm;
use super::subject::{Phase, Subject};
use super::{Assessed, Evidence, conditions, found, words};
use crate::domain::judge;
use crate::domain::metric::Metric;
use crate::domain::question::Part;

/// So many measurements without a sample mean that the data stopped.
const SILENCE: i32 = 3;
/// So many looks without the old version beside the new one mean that it is gone.
const GONE: usize = 2;

/// What was worked out from a metric's measurements within a stretch.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighed {
    compared: Option<Arc<Compared>>,
    conditions: Option<Conditions>,
    pairs: Arc<[Pair]>,
    /// The old version's mean.
    usual: Option<f64>,
}

/// All that it is made from: where nothing of it has changed, the same comes out.
#[derive(Debug, Clone, PartialEq)]
pub struct Basis {
    metric: Metric,
    rhythm: Rhythm,
    baseline: Baseline,
    since: DateTime<Utc>,
    grain: TimeDelta,
    clean_from: Option<DateTime<Utc>>,
    first: DateTime<Utc>,
    from: DateTime<Utc>,
    /// Looks and measurements up to the end.
    reached: (i64, i64),
    /// A mark of every number that is looked at.
    numbers: u64,
}

/// Judges a metric by what was measured within a stretch of the rollout.
pub fn assess(
    evidence: &Evidence<'_>,
    answers: &Answers<'_>,
    (from, end): (DateTime<Utc>, DateTime<Utc>),
    memory: &mut Memory,
) -> Assessed {
    let subject = evidence.subject;
    let Answers { metric, rhythm, .. } = *answers;
    let is_open = end == subject.until(evidence.now);
    let place = place(subject, metric, from, is_open);
    let (first, from) = starts(subject, metric, rhythm, from, end);
    let baseline = baseline(subject, answers, first, end);
    let basis = Basis {
        metric: metric.clone(),
        rhythm,
        baseline,
        since: subject.since,
        grain: subject.grain,
        clean_from: subject.clean_from,
        first,
        from,
        reached: answers.reached(first, end),
        numbers: answers.numbers(baseline, subject.since, (from, end)),
    };
    let weighed =
        memory.weighed(place, basis, |memory| weigh(subject, answers, baseline, (first, from, end), memory));
    let value = answers.canary.latest(metric, (from, end));
    let doubt = answers.doubt(baseline).or_else(|| {
        let is_running = is_open && end == evidence.now;
        is_running.then(|| {
            silence(
                subject,
                rhythm,
                value.or_else(|| answers.canary.latest(metric, (first, end))),
                (first, end),
            )
        })?
    });
    let Weighed { compared, conditions, pairs, usual } = weighed;
    let found = found(compared.as_deref(), conditions.as_ref(), doubt.is_some());
    let broke = conditions.as_ref().and_then(|seen| seen.broke).map(|(at, _)| at);
    let found_at = [broke, compared.as_ref().and_then(|compared| compared.found)].into_iter().flatten().min();
    let mut assessed = Assessed {
        name: metric.name.clone(),
        unit: metric.unit.clone(),
        critical: metric.critical,
        group: (metric.group.clone(), metric.weight),
        found,
        found_at: found_at.filter(|_| found.is_bad()),
        baseline_value: usual,
        compared,
        baseline,
        conditions,
        interval: rhythm.interval,
        made: words::made(metric, rhythm),
        latest_breaks: latest_breaks(metric, value),
        value,
        pairs,
        doubt,
        age: answers.age(),
        why: String::new(),
    };
    assessed.why = words::metric(&assessed, metric, subject);
    assessed
}

/// A metric's stretch of a rollout: one that has ended is another one than the whole that begins with
/// it.
fn place(subject: &Subject, metric: &Metric, from: DateTime<Utc>, is_open: bool) -> u64 {
    let mut hasher = DefaultHasher::new();
    let Subject { service, environment, region, to, .. } = subject;
    (service, environment, region.as_deref(), &**to, &metric.name, from, is_open).hash(&mut hasher);
    hasher.finish()
}

/// Compares both sides, and counts what breaks the conditions.
fn weigh(
    subject: &Subject,
    answers: &Answers<'_>,
    baseline: Baseline,
    (first, from, end): (DateTime<Utc>, DateTime<Utc>, DateTime<Utc>),
    memory: &mut Memory,
) -> Weighed {
    let Answers { metric, rhythm, canary, .. } = answers;
    let pairs = pairs(subject, answers, baseline, (first, from, end));
    let compared = (baseline != Baseline::None).then(|| Arc::new(compare::compare(metric, &pairs, memory)));
    let conditions = conditions::has_conditions(metric).then(|| {
        let step = TimeDelta::seconds(i64::from(rhythm.conditions));
        let times = compare::times(first, step, (from, end));
        let answered = times.filter(|at| canary.is_answered(*at));
        conditions::count(metric, answered.map(|at| (at, canary.number(at, metric))))
    });
    Weighed { compared, conditions, usual: mean(&pairs), pairs: pairs.into() }
}

/// Whether the latest value is one that the metric's conditions call a failure.
fn latest_breaks(metric: &Metric, latest: Option<(DateTime<Utc>, f64)>) -> bool {
    latest.is_some_and(|(_, value)| {
        conditions::has_conditions(metric)
            && conditions::measure(metric, Some(value)) == conditions::Measure::Failure
    })
}

/// The mark that measurements are counted from, on the grid, and the instant after which they count.
fn starts(
    subject: &Subject,
    metric: &Metric,
    rhythm: Rhythm,
    from: DateTime<Utc>,
    end: DateTime<Utc>,
) -> (DateTime<Utc>, DateTime<Utc>) {
    if matches!(subject.phase, Phase::Rollout(_)) {
        let first = aligned(subject.since + metric.delay, rhythm.step);
        return (first, from.max(first));
    }
    // Nothing began: the last measurements count.
    let back = TimeDelta::seconds(i64::from(rhythm.interval) * i64::from(MOST_BEFORE));
    let first = aligned(plan::bounds(subject, metric).0, rhythm.interval.max(rhythm.step));
    (first, end - back)
}

/// Up to the grid.
fn aligned(at: DateTime<Utc>, step: u32) -> DateTime<Utc> {
    let step = i64::from(step.max(1));
    let seconds = at.timestamp();
    let up = seconds.div_euclid(step) * step + if seconds.rem_euclid(step) == 0 { 0 } else { step };
    DateTime::from_timestamp(up, 0).unwrap_or(at)
}

/// Where the old version's numbers come from.
fn baseline(subject: &Subject, answers: &Answers<'_>, first: DateTime<Utc>, end: DateTime<Utc>) -> Baseline {
    if !matches!(subject.phase, Phase::Rollout(_)) {
        return Baseline::None;
    }
    let metric = answers.metric;
    let compared_part = if metric.counts.is_some() { Part::Total } else { Part::Value };
    if !plan::query(metric, compared_part).is_some_and(|query| plan::tells_versions(&query)) {
        return Baseline::Before;
    }
    // Whether the new version goes on without the old one beside it. A few of both are enough to know
    // that it does not.
    let gone = || {
        let floor = judge::samples::floor(metric.comparison.confidence);
        let (mut canary, mut both) = (0, 0);
        for at in compare::times(first, answers.rhythm.length(), (first, end)) {
            let pair = answers.pair(at, at);
            canary += usize::from(pair.canary.is_some());
            both += usize::from(pair.canary.and(pair.baseline).is_some());
            if both >= floor {
                return false;
            }
        }
        canary >= both + GONE && !subject.began_before
    };
    match subject.from {
        None => Baseline::None,
        Some(_) if !subject.is_gradual() || gone() => Baseline::Before,
        Some(_) => Baseline::Beside,
    }
}

/// Both sides, look by look from an instant on.
fn pairs(
    subject: &Subject,
    answers: &Answers<'_>,
    baseline: Baseline,
    (first, from, end): (DateTime<Utc>, DateTime<Utc>, DateTime<Utc>),
) -> Vec<Pair> {
    let rhythm = answers.rhythm;
    match baseline {
        Baseline::None => Vec::new(),
        Baseline::Beside => {
            let times = compare::times(first, rhythm.length(), (from, end));
            times.map(|at| answers.pair(at, at)).collect()
        }
        Baseline::Before => {
            let last = aligned(
                subject.since - subject.grain - TimeDelta::seconds(i64::from(rhythm.step) - 1),
                rhythm.step,
            );
            let clean = subject.clean_from.map(|clean| clean + rhythm.length());
            let earlier = (0..MOST_BEFORE).map(|back| last - rhythm.length() * back as i32);
            let earlier = earlier.take_while(|at| clean.is_none_or(|clean| *at >= clean));
            let times = compare::times(first, rhythm.length(), (first, end)).zip(earlier);
            times
                .filter(|(at, _)| *at > from)
                .map(|(at, baseline_at)| answers.pair(at, baseline_at))
                .collect()
        }
    }
}

/// Whether the data stopped: in words, since when.
fn silence(
    subject: &Subject,
    rhythm: Rhythm,
    latest: Option<(DateTime<Utc>, f64)>,
    (first, end): (DateTime<Utc>, DateTime<Utc>),
) -> Option<String> {
    let patience = (rhythm.length() * SILENCE).max(TimeDelta::seconds(90));
    let last = latest.map_or(first, |(at, _)| at);
    if end - last <= patience {
        return None;
    }
    Some(match latest {
        Some((at, _)) => format!("no samples since {}", at.format("%H:%M:%S UTC")),
        None => format!("no samples of {} since {}", subject.to, first.format("%H:%M:%S UTC")),
    })
}

/// The mean of the old version's numbers that were compared.
fn mean(pairs: &[Pair]) -> Option<f64> {
    let (mut bad, mut total, mut sum, mut count) = (0.0, 0.0, 0.0, 0_u32);
    for measured in pairs.iter().filter_map(|pair| pair.baseline) {
        match measured {
            Measured::Counts(events, trials) => {
                bad += events;
                total += trials;
            }
            Measured::Value(value) => {
                sum += value;
                count += 1;
            }
        }
    }
    if total > 0.0 {
        return Some(bad / total);
    }
    (count > 0).then(|| sum / f64::from(count))
}
