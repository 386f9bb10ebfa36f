//! One metric of a rollout: its measurements, taken from the answers, compared and held against
//! its conditions.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::compare::{self, Baseline, Measured, Memory, Pair};
use super::plan::{self, Known, MOST_BEFORE};
use super::rhythm::Rhythm;
use super::subject::{Phase, Subject};
use super::{Assessed, Evidence, conditions, found, words};
use crate::domain::judge::samples::NanStrategy;
use crate::domain::metric::Metric;
use crate::domain::question::{Part, Question, Series};
use crate::domain::{Safe, judge};

/// So many measurements without a sample mean that the data stopped.
const SILENCE: i32 = 3;
/// So many looks without the old version beside the new one mean that it is gone.
const GONE: usize = 2;

/// The answers that a metric is made from.
struct Answers<'a> {
    /// Of the new version: values, bad events, all events.
    canary: Side<'a>,
    /// Of the old one.
    baseline: Side<'a>,
}

/// The answers of one version.
struct Side<'a> {
    value: Option<Known<'a>>,
    /// Its value over a shorter range, where samples are taken from that.
    sample: Option<Known<'a>>,
    bad: Option<Known<'a>>,
    total: Option<Known<'a>>,
    /// When anything at all was measured of this version; `None`: nobody wants to know.
    alive: Option<BTreeSet<DateTime<Utc>>>,
}

/// Judges a metric by what was measured within a stretch of the rollout.
pub fn assess(
    evidence: &Evidence<'_>,
    metric: &Metric,
    (from, end): (DateTime<Utc>, DateTime<Utc>),
    memory: &mut Memory,
) -> Assessed {
    let subject = evidence.subject;
    let mut rhythm = Rhythm::of(metric);
    let mut answers = Answers::of(evidence, metric);
    if rhythm.range.is_some() && answers.have_no_samples((subject.since, end)) {
        rhythm = Rhythm::whole(metric);
        answers.without_samples();
    }
    let (first, from) = starts(subject, metric, rhythm, from, end);
    let is_rollout = matches!(subject.phase, Phase::Rollout(_));
    let (baseline, pairs) = if is_rollout {
        pairs(subject, metric, &answers, rhythm, (first, end))
    } else {
        (Baseline::None, Vec::new())
    };
    let pairs: Vec<Pair> = pairs.into_iter().filter(|pair| pair.at > from).collect();
    let compared = (baseline != Baseline::None).then(|| compare::compare(metric, &pairs, memory));
    let seen = conditions::has_conditions(metric).then(|| {
        let step = TimeDelta::seconds(i64::from(rhythm.conditions));
        let times = compare::after(first, step, end).into_iter().filter(|at| *at > from);
        let answered = times.filter(|at| answers.canary.is_answered(*at));
        conditions::count(metric, answered.map(|at| (at, answers.canary.number(at, metric))))
    });
    let value = answers.canary.latest(metric, (from, end));
    let doubt = answers.doubt(baseline).or_else(|| {
        let is_running = subject.until(evidence.now) == evidence.now && end == evidence.now;
        is_running.then(|| {
            silence(
                subject,
                rhythm,
                value.or_else(|| answers.canary.latest(metric, (first, end))),
                (first, end),
            )
        })?
    });
    let found = found(compared.as_ref(), seen.as_ref(), doubt.is_some());
    let broke = seen.as_ref().and_then(|seen| seen.broke).map(|(at, _)| at);
    let found_at = [broke, compared.as_ref().and_then(|compared| compared.found)].into_iter().flatten().min();
    let mut assessed = Assessed {
        name: metric.name.clone(),
        unit: metric.unit.clone(),
        critical: metric.critical,
        group: (metric.group.clone(), metric.weight),
        found,
        found_at: found_at.filter(|_| found.is_bad()),
        baseline_value: mean(&pairs),
        compared,
        baseline,
        conditions: seen,
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

/// Both sides, look by look, and where the old version's numbers come from.
fn pairs(
    subject: &Subject,
    metric: &Metric,
    answers: &Answers<'_>,
    rhythm: Rhythm,
    (first, end): (DateTime<Utc>, DateTime<Utc>),
) -> (Baseline, Vec<Pair>) {
    let compared_part = if metric.counts.is_some() { Part::Total } else { Part::Value };
    let tells_versions = plan::query(metric, compared_part).is_some_and(|query| plan::tells_versions(&query));
    let times = compare::after(first, rhythm.length(), end);
    let pair = |at, baseline_at| Pair {
        at,
        baseline_at,
        canary: answers.canary.measured(at, metric),
        baseline: answers.baseline.measured(baseline_at, metric),
    };
    let beside = || times.iter().map(|at| pair(*at, *at)).collect::<Vec<_>>();
    let before = || -> Vec<Pair> {
        let last = aligned(
            subject.since - subject.grain - TimeDelta::seconds(i64::from(rhythm.step) - 1),
            rhythm.step,
        );
        let clean = subject.clean_from.map(|clean| clean + rhythm.length());
        let earlier = (0..MOST_BEFORE).map(|back| last - rhythm.length() * back as i32);
        let earlier = earlier.take_while(|at| clean.is_none_or(|clean| *at >= clean));
        times.iter().zip(earlier).map(|(at, baseline_at)| pair(*at, baseline_at)).collect()
    };
    match (&subject.from, tells_versions) {
        (_, false) => (Baseline::Before, before()),
        (None, true) => (Baseline::None, Vec::new()),
        (Some(_), true) if !subject.is_gradual() => (Baseline::Before, before()),
        (Some(_), true) => {
            let beside = beside();
            let count = |of: fn(&Pair) -> Option<Measured>| beside.iter().filter_map(of).count();
            let (canary, both) = (count(|pair| pair.canary), count(|pair| pair.canary.and(pair.baseline)));
            let floor = judge::samples::floor(metric.comparison.confidence);
            let gone = both < floor && canary >= both + GONE && !subject.began_before;
            if gone { (Baseline::Before, before()) } else { (Baseline::Beside, beside) }
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

impl<'a> Answers<'a> {
    fn of(evidence: &Evidence<'a>, metric: &Metric) -> Self {
        let subject = evidence.subject;
        let side = |version: &Safe| {
            let known = |part| {
                plan::question(subject, metric, part, version).map(|question| (evidence.known)(&question))
            };
            let wants_to_know = metric.comparison.nan == NanStrategy::Replace;
            Side {
                value: known(Part::Value),
                sample: known(Part::Sample),
                bad: known(Part::Bad),
                total: known(Part::Total),
                alive: wants_to_know.then(|| alive(evidence, metric, version)),
            }
        };
        let from = subject.from.as_ref().unwrap_or(&subject.to);
        Self { canary: side(&subject.to), baseline: side(from) }
    }

    /// Whether the shorter range has nothing of the new version where the query itself has something:
    /// it holds no two scrapes.
    fn have_no_samples(&self, stretch: (DateTime<Utc>, DateTime<Utc>)) -> bool {
        let has_any = |known: Option<Known<'_>>| {
            let series = known.and_then(|known| known.series());
            series.is_some_and(|series| latest_of(series, stretch).is_some())
        };
        !has_any(self.canary.sample)
            && has_any(self.canary.value)
            && matches!(self.canary.sample, Some(Known::Fresh(..)))
    }

    fn without_samples(&mut self) {
        self.canary.sample = None;
        self.baseline.sample = None;
    }

    /// Why the answers cannot be trusted.
    fn doubt(&self, baseline: Baseline) -> Option<String> {
        let sides = [Some(&self.canary), (baseline != Baseline::None).then_some(&self.baseline)];
        sides.into_iter().flatten().flat_map(Side::all).find_map(|known| known.doubt())
    }

    fn age(&self) -> Option<TimeDelta> {
        [&self.canary, &self.baseline].into_iter().flat_map(Side::all).filter_map(|known| known.age()).max()
    }
}

/// When anything else was measured of a version: a gap in one metric is then a zero, not a missing
/// scrape.
fn alive(evidence: &Evidence<'_>, metric: &Metric, version: &Safe) -> BTreeSet<DateTime<Utc>> {
    let mut alive = BTreeSet::new();
    for other in evidence.metrics {
        for part in [Part::Value, Part::Total] {
            if part == Part::Value && other.name == metric.name {
                continue;
            }
            let question: Option<Question> = plan::question(evidence.subject, other, part, version);
            let known = question.map(|question| (evidence.known)(&question));
            if let Some(series) = known.and_then(|known| known.series()) {
                let times = series.values.iter().enumerate();
                alive.extend(times.filter(|(_, value)| value.is_some()).map(|(at, _)| series.time_of(at)));
            }
        }
    }
    alive
}

impl<'a> Side<'a> {
    fn all(&self) -> impl Iterator<Item = Known<'a>> {
        [self.value, self.sample, self.bad, self.total].into_iter().flatten()
    }

    fn at(known: Option<Known<'_>>, at: DateTime<Utc>) -> Option<f64> {
        plan::at(known?.series()?, at)
    }

    /// Events of a range: none of the bad ones is none, where there are any at all.
    fn counts(&self, at: DateTime<Utc>) -> Option<(f64, f64)> {
        let total = Self::at(self.total, at).filter(|total| *total > 0.0)?;
        let is_told = self.bad.and_then(|known| known.series()).is_some();
        let bad = Self::at(self.bad, at).or_else(|| is_told.then_some(0.0))?;
        Some((bad.clamp(0.0, total), total))
    }

    /// What is compared, at an instant.
    fn measured(&self, at: DateTime<Utc>, metric: &Metric) -> Option<Measured> {
        if metric.counts.is_some() {
            return self.counts(at).map(|(bad, total)| Measured::Counts(bad, total));
        }
        if self.sample.is_some() {
            let as_zero = || self.alive.as_ref().filter(|alive| alive.contains(&at)).map(|_| 0.0);
            return Self::at(self.sample, at).or_else(as_zero).map(Measured::Value);
        }
        self.number(at, metric).map(Measured::Value)
    }

    /// What is held against conditions, at an instant.
    fn number(&self, at: DateTime<Utc>, metric: &Metric) -> Option<f64> {
        let by_counts = || metric.counts.as_ref().and(self.counts(at)).map(|(bad, total)| bad / total);
        let as_zero = || self.alive.as_ref().filter(|alive| alive.contains(&at)).map(|_| 0.0);
        Self::at(self.value, at).or_else(by_counts).or_else(as_zero)
    }

    /// Whether the answer reaches that far.
    fn is_answered(&self, at: DateTime<Utc>) -> bool {
        let reaches = |series: &Series| at <= series.time_of(series.values.len().saturating_sub(1));
        self.value.and_then(|known| known.series()).is_some_and(reaches)
    }

    /// The latest number within a stretch.
    fn latest(
        &self,
        metric: &Metric,
        (from, end): (DateTime<Utc>, DateTime<Utc>),
    ) -> Option<(DateTime<Utc>, f64)> {
        let of = |known: Option<Known<'a>>| latest_of(known?.series()?, (from, end));
        let total = of(self.total).and_then(|(at, _)| self.counts(at).map(|(bad, total)| (at, bad / total)));
        let alive = self.alive.as_ref().and_then(|alive| alive.range(from..=end).next_back());
        let numbers = [
            of(self.value),
            total.filter(|_| metric.counts.is_some()),
            alive.map(|at| (*at, self.number(*at, metric).unwrap_or(0.0))),
        ];
        // The latest; of two at the same time the first.
        numbers.into_iter().flatten().rev().max_by_key(|(at, _)| *at)
    }
}

/// The latest number of a series within a stretch.
fn latest_of(series: &Series, (from, end): (DateTime<Utc>, DateTime<Utc>)) -> Option<(DateTime<Utc>, f64)> {
    let points = series.values.iter().enumerate().rev();
    points
        .map(|(index, value)| (series.time_of(index), *value))
        .skip_while(|(at, _)| *at > end)
        .take_while(|(at, _)| *at >= from)
        .find_map(|(at, value)| Some((at, value?)))
}
