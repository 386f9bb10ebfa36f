//! What was answered of a metric, side by side: numbers at instants, and what keeps them from being
//! trusted.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{DateTime, TimeDelta, Utc};

use super::Evidence;
use super::compare::{Baseline, Measured, Pair};
use super::plan::{self, Known};
use super::rhythm::Rhythm;
use crate::domain::Safe;
use crate::domain::judge::samples::NanStrategy;
use crate::domain::metric::Metric;
use crate::domain::question::{Part, Question, Series};

/// The answers that a metric is made from, and when it is measured.
pub struct Answers<'a> {
    pub(super) metric: &'a Metric,
    pub(super) rhythm: Rhythm,
    /// Of the new version: values, bad events, all events.
    pub(super) canary: Side<'a>,
    /// Of the old one.
    baseline: Side<'a>,
}

/// The answers of one version.
pub(super) struct Side<'a> {
    value: Option<Known<'a>>,
    /// Its value over a shorter range, where samples are taken from that.
    sample: Option<Known<'a>>,
    bad: Option<Known<'a>>,
    total: Option<Known<'a>>,
    /// When anything at all was measured of this version; `None`: nobody wants to know.
    alive: Option<BTreeSet<DateTime<Utc>>>,
}

impl<'a> Answers<'a> {
    /// What is known of a metric.
    pub fn of(evidence: &Evidence<'a>, metric: &'a Metric) -> Self {
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
        let mut answers =
            Self { metric, rhythm: Rhythm::of(metric), canary: side(&subject.to), baseline: side(from) };
        let whole = (subject.since, subject.until(evidence.now));
        if answers.rhythm.range.is_some() && answers.have_no_samples(whole) {
            answers.rhythm = Rhythm::whole(metric);
            answers.without_samples();
        }
        answers
    }

    pub(super) fn pair(&self, at: DateTime<Utc>, baseline_at: DateTime<Utc>) -> Pair {
        Pair {
            at,
            baseline_at,
            canary: self.canary.measured(at, self.metric),
            baseline: self.baseline.measured(baseline_at, self.metric),
        }
    }

    /// How many looks, and how many measurements with an answer, there are up to the end.
    pub(super) fn reached(&self, first: DateTime<Utc>, end: DateTime<Utc>) -> (i64, i64) {
        let answered = self.canary.value.and_then(|known| known.series()).map(last_point);
        let since = |end: DateTime<Utc>| (end - first).num_seconds();
        (
            since(end).div_euclid(i64::from(self.rhythm.interval)),
            answered.map_or(-1, |at| since(at.min(end)).div_euclid(i64::from(self.rhythm.conditions))),
        )
    }

    /// A mark of every number that a stretch is weighed by.
    pub(super) fn numbers(
        &self,
        baseline: Baseline,
        since: DateTime<Utc>,
        (from, end): (DateTime<Utc>, DateTime<Utc>),
    ) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.canary.mark(&mut hasher, (from, end));
        match baseline {
            Baseline::Beside => self.baseline.mark(&mut hasher, (from, end)),
            Baseline::Before => self.baseline.mark(&mut hasher, (DateTime::UNIX_EPOCH, since)),
            Baseline::None => {}
        }
        hasher.finish()
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
    pub(super) fn doubt(&self, baseline: Baseline) -> Option<String> {
        let sides = [Some(&self.canary), (baseline != Baseline::None).then_some(&self.baseline)];
        sides.into_iter().flatten().flat_map(Side::all).find_map(|known| known.doubt())
    }

    pub(super) fn age(&self) -> Option<TimeDelta> {
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

    /// Marks the numbers after `from` and up to `end`.
    fn mark(&self, hasher: &mut impl Hasher, (from, end): (DateTime<Utc>, DateTime<Utc>)) {
        for known in [self.value, self.sample, self.bad, self.total] {
            let series = known.and_then(|known| known.series());
            series.map(|series| (series.start, series.step)).hash(hasher);
            let Some(series) = series else { continue };
            let values = &series.values[..reached(series, end)];
            let values = values.get(reached(series, from)..).unwrap_or_default();
            values.len().hash(hasher);
            // Numbers by their bits; a gap is none of them.
            for value in values {
                hasher.write_u64(value.unwrap_or(f64::NAN).to_bits());
            }
        }
        let alive = self.alive.as_ref().map(|alive| alive.range(from..=end).collect::<Vec<_>>());
        alive.hash(hasher);
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
    pub(super) fn number(&self, at: DateTime<Utc>, metric: &Metric) -> Option<f64> {
        let by_counts = || metric.counts.as_ref().and(self.counts(at)).map(|(bad, total)| bad / total);
        let as_zero = || self.alive.as_ref().filter(|alive| alive.contains(&at)).map(|_| 0.0);
        Self::at(self.value, at).or_else(by_counts).or_else(as_zero)
    }

    /// Whether the answer reaches that far.
    pub(super) fn is_answered(&self, at: DateTime<Utc>) -> bool {
        self.value.and_then(|known| known.series()).is_some_and(|series| at <= last_point(series))
    }

    /// The latest number within a stretch.
    pub(super) fn latest(
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

fn last_point(series: &Series) -> DateTime<Utc> {
    series.time_of(series.values.len().saturating_sub(1))
}

/// How many points of a series lie up to an instant.
fn reached(series: &Series, end: DateTime<Utc>) -> usize {
    let passed = end.timestamp() - series.start.timestamp();
    let points = usize::try_from(passed.div_euclid(i64::from(series.step.max(1))) + 1).unwrap_or(0);
    points.min(series.values.len())
}

/// The latest number of a series within a stretch.
fn latest_of(series: &Series, (from, end): (DateTime<Utc>, DateTime<Utc>)) -> Option<(DateTime<Utc>, f64)> {
    let points = series.values.iter().enumerate().take(reached(series, end)).rev();
    points
        .map(|(index, value)| (series.time_of(index), *value))
        .take_while(|(at, _)| *at >= from)
        .find_map(|(at, value)| Some((at, value?)))
}
