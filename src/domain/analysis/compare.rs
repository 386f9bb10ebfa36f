//! The new version against the old one: from series to samples, and from samples to a finding that
//! does not depend on how often somebody looks.
//!
//! A test of samples that is looked at again and again raises more false alarms than it says
//! (algorithms, section 5.3). So the looks are fixed: at the sample floor, and from there at counts
//! that grow by a quarter; the k-th spends α·6/(π²k²), which adds up to α. When a person looks makes
//! no difference. Counts have a test that may be looked at always.

use chrono::{DateTime, TimeDelta, Utc};

use super::margin;
use super::memory::Memory;
use crate::domain::judge::companions::{Companion, Test};
use crate::domain::judge::{self, Comparison, Data, Finding, Look, kayenta, samples};
use crate::domain::metric::Metric;

/// The most samples that are compared; more would only find what does not matter.
const MOST_SAMPLES: usize = 480;
/// Each look has so many times the samples of the one before.
const GROWTH: f64 = 1.25;

/// A measurement of both sides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// When the new version was measured.
    pub at: DateTime<Utc>,
    /// When the old one was.
    pub baseline_at: DateTime<Utc>,
    /// The new version; `None`: a gap.
    pub canary: Option<Measured>,
    /// The old one; `None`: a gap.
    pub baseline: Option<Measured>,
}

/// What was measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Measured {
    /// A value.
    Value(f64),
    /// Bad events of all events.
    Counts(f64, f64),
}

impl Measured {
    /// As one number: counts as their share.
    pub fn number(self) -> f64 {
        match self {
            Self::Value(value) => value,
            Self::Counts(bad, total) => bad / total,
        }
    }
}

/// Where the old version's numbers come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Baseline {
    /// It ran at the same time.
    Beside,
    /// The same query before the rollout began.
    Before,
    /// There is nothing to compare with.
    None,
}

impl Baseline {
    /// The word used in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Beside => "beside",
            Self::Before => "before",
            Self::None => "none",
        }
    }
}

/// The look that a finding comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Looked {
    /// Counted from 1.
    pub number: u32,
    /// The confidence it spent.
    pub confidence: f64,
    /// The last sample it saw.
    pub at: DateTime<Utc>,
}

/// Both sides, compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// What was found: by the first look that found something bad, else by the last.
    pub finding: Finding,
    /// The look of samples; `None`: counts, or too few.
    pub look: Option<Looked>,
    /// How many more samples of both sides the next look needs.
    pub needed: Option<u32>,
    /// When it could first be known that the new version is worse.
    pub found: Option<DateTime<Utc>>,
    /// The very numbers, as `tminus judge` takes them.
    pub input: judge::Metric,
    /// From which p on a companion stands out, at this look.
    pub companions_below: f64,
    /// The companions whose difference is large enough to matter.
    pub that_matter: Vec<Test>,
}

impl Compared {
    /// Whether a companion keeps the metric from being healthy: chance is no good explanation of
    /// what it saw, and it is more than the metric tolerates.
    pub fn stands_out(&self, companion: &Companion) -> bool {
        companion.p < self.companions_below && self.that_matter.contains(&companion.test)
    }

    /// The e-value from which on the new version is worse; `None`: samples.
    pub fn alarm_at(&self) -> Option<f64> {
        match &self.input.data {
            Data::Counts { alpha, .. } => Some(1.0 / alpha),
            Data::Samples { .. } => None,
        }
    }
}

/// Compares what was measured so far, in the order of time.
pub fn compare(metric: &Metric, pairs: &[Pair], memory: &mut Memory) -> Compared {
    if metric.counts.is_some() { counts(metric, pairs, memory) } else { by_samples(metric, pairs, memory) }
}

fn counts(metric: &Metric, pairs: &[Pair], memory: &mut Memory) -> Compared {
    let of = |measured: Option<Measured>| match measured? {
        Measured::Counts(bad, total) => Some((bad, total)),
        Measured::Value(_) => None,
    };
    let look = |pair: &Pair| Some(Look { canary: of(pair.canary)?, baseline: of(pair.baseline)? });
    let data = Data::Counts { looks: pairs.iter().map(look).collect(), alpha: metric.alpha };
    let input = judged(metric, data);
    let finding = memory.judge(&input);
    let place = finding.alarm_at_look.and_then(|look| usize::try_from(look).ok()?.checked_sub(1));
    let found = place.and_then(|place| pairs.get(place)).map(|pair| pair.at);
    Compared {
        finding,
        look: None,
        needed: None,
        found,
        input,
        companions_below: 0.0,
        that_matter: Vec::new(),
    }
}

fn by_samples(metric: &Metric, pairs: &[Pair], memory: &mut Memory) -> Compared {
    let alpha = 1.0 - metric.comparison.confidence;
    let mut seen = Sides::default();
    let mut looks = Looks::new(alpha);
    let mut last: Option<(Looked, usize, usize)> = None;
    let mut found = None;
    for pair in pairs {
        seen.take(pair);
        let Some(look) = looks.made(seen.fewest(), pair.at) else { continue };
        last = Some((look, seen.canary.len(), seen.baseline.len()));
        let comparison = Comparison { confidence: look.confidence, ..metric.comparison };
        let sides = judged(metric, seen.as_data(comparison));
        if memory.looked(&sides, || is_bad(metric, &seen, &comparison)) {
            found = Some(pair.at);
            break;
        }
    }
    let (look, sides) = match last {
        Some((look, canary, baseline)) => {
            let canary = seen.canary[..canary].to_vec();
            (Some(look), Sides { canary, baseline: seen.baseline[..baseline].to_vec() })
        }
        None => (None, seen.clone()),
    };
    let confidence = look.map_or_else(|| spent(alpha, 1), |look| look.confidence);
    let comparison = Comparison { confidence, ..metric.comparison };
    let needed = if found.is_some() { None } else { looks.missing(seen.fewest()) };
    let ready = |values: &[f64]| samples::ready(values, &comparison);
    let that_matter = margin::that_matter(metric, &ready(&sides.canary), &ready(&sides.baseline));
    let input = judged(metric, sides.as_data(comparison));
    Compared {
        finding: memory.judge(&input),
        look,
        needed,
        found,
        input,
        companions_below: COMPANION * (1.0 - spent(1.0, look.map_or(1, |look| look.number))),
        that_matter,
    }
}

/// A companion stands out below this p, spread over the looks like α.
const COMPANION: f64 = 0.01;

/// Whether a look finds the new version worse. The same as the judge, without what it adds for
/// people.
fn is_bad(metric: &Metric, seen: &Sides, comparison: &Comparison) -> bool {
    let canary = samples::ready(&seen.canary, comparison);
    let baseline = samples::ready(&seen.baseline, comparison);
    canary.len().min(baseline.len()) >= samples::floor(comparison.confidence)
        && kayenta::measure(&canary, &baseline, comparison).outcome(metric.direction, comparison).is_bad()
}

/// The confidence that the k-th look spends of α.
fn spent(alpha: f64, number: u32) -> f64 {
    let number = f64::from(number.max(1));
    1.0 - alpha * 6.0 / (std::f64::consts::PI * number).powi(2)
}

/// At which counts looks are made.
#[derive(Debug)]
struct Looks {
    alpha: f64,
    number: u32,
    next: usize,
}

impl Looks {
    fn new(alpha: f64) -> Self {
        Self { alpha, number: 1, next: samples::floor(spent(alpha, 1)) }
    }

    /// The look that is due with so many samples a side, if one is.
    fn made(&mut self, count: usize, at: DateTime<Utc>) -> Option<Looked> {
        if count < self.next || self.next > MOST_SAMPLES {
            return None;
        }
        let look = Looked { number: self.number, confidence: spent(self.alpha, self.number), at };
        self.number += 1;
        let grown = (self.next as f64 * GROWTH).ceil() as usize;
        self.next = grown.max(self.next + 1).max(samples::floor(spent(self.alpha, self.number)));
        Some(look)
    }

    /// How many samples are missing for the next look; `None`: there is none.
    fn missing(&self, count: usize) -> Option<u32> {
        (self.next <= MOST_SAMPLES)
            .then(|| u32::try_from(self.next.saturating_sub(count)).unwrap_or(u32::MAX))
    }
}

/// The samples of both sides.
#[derive(Debug, Clone, Default)]
struct Sides {
    canary: Vec<f64>,
    baseline: Vec<f64>,
}

impl Sides {
    fn take(&mut self, pair: &Pair) {
        self.canary.extend(pair.canary.map(Measured::number));
        self.baseline.extend(pair.baseline.map(Measured::number));
    }

    fn as_data(&self, comparison: Comparison) -> Data {
        Data::Samples { canary: self.canary.clone(), baseline: self.baseline.clone(), comparison }
    }

    fn fewest(&self) -> usize {
        self.canary.len().min(self.baseline.len())
    }
}

/// A metric as the judge takes it.
pub fn judged(metric: &Metric, data: Data) -> judge::Metric {
    judge::Metric {
        name: metric.name.clone(),
        group: metric.group.clone(),
        weight: metric.weight,
        direction: metric.direction,
        critical: metric.critical,
        data,
    }
}

/// The instants at which a rollout is measured that was first seen at `first`: those after `from`, up
/// to `end`.
pub fn times(
    first: DateTime<Utc>,
    interval: TimeDelta,
    (from, end): (DateTime<Utc>, DateTime<Utc>),
) -> impl Iterator<Item = DateTime<Utc>> {
    let length = interval.num_seconds().max(1);
    let passed = (from - first).num_seconds().max(0) / length;
    let begin = first + TimeDelta::seconds(length * (passed + 1));
    std::iter::successors(Some(begin), move |at| Some(*at + interval)).take_while(move |at| *at <= end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::judge::Outcome;
    use crate::domain::metric::{Counts, Direction};

    const STREAMS: u64 = 100;
    const LENGTH: usize = 200;

    fn at(second: usize) -> DateTime<Utc> {
        DateTime::from_timestamp(second as i64 * 60, 0).unwrap()
    }

    fn pair(index: usize, canary: Option<Measured>, baseline: Option<Measured>) -> Pair {
        Pair { at: at(index), baseline_at: at(index), canary, baseline }
    }

    /// Latencies as they are: skewed, all above zero.
    fn latency(random: &mut fastrand::Rng, factor: f64) -> Option<Measured> {
        let noise: f64 = (0..4).map(|_| random.f64()).sum::<f64>() - 2.0;
        Some(Measured::Value(0.12 * factor * (noise * 0.4).exp()))
    }

    fn stream(seed: u64, factor: f64) -> Vec<Pair> {
        let mut random = fastrand::Rng::with_seed(seed);
        (0..LENGTH)
            .map(|index| pair(index, latency(&mut random, factor), latency(&mut random, 1.0)))
            .collect()
    }

    /// Without the judge's own tolerance, which would hide false alarms.
    fn sharp() -> Metric {
        let comparison = Comparison { tolerance: 0.0, confidence: 0.95, ..Comparison::default() };
        Metric { comparison, direction: Direction::Either, ..Metric::default() }
    }

    #[test]
    fn looks_add_up_to_alpha_and_are_never_below_their_floor() {
        for alpha in [0.02, 0.05, 0.2, 0.001] {
            let mut looks = Looks::new(alpha);
            let (mut sum, mut number) = (0.0, 0);
            for count in 0..=MOST_SAMPLES {
                if let Some(look) = looks.made(count, at(count)) {
                    number += 1;
                    assert_eq!(look.number, number);
                    assert!(count >= samples::floor(look.confidence), "{alpha} {count}");
                    sum += 1.0 - look.confidence;
                }
            }
            assert!(number > 10 && sum <= alpha, "{alpha}: {number} looks spend {sum}");
        }
        assert_eq!(Looks::new(0.02).next, 5);
    }

    #[test]
    fn harmless_streams_raise_no_more_false_alarms_than_alpha_however_often_one_looks() {
        let metric = sharp();
        let mut naive = 0;
        let alarms = (0..STREAMS)
            .filter(|seed| {
                let pairs = stream(*seed, 1.0);
                // What a fixed test would have said, had it been looked at again and again.
                let mut seen = Sides::default();
                let is_alarm = pairs.iter().any(|pair| {
                    seen.take(pair);
                    let is_look = seen.fewest() % 4 == 1 && seen.fewest() > 4;
                    is_look && judge::location::p_value(&seen.canary, &seen.baseline) < 0.05
                });
                naive += u32::from(is_alarm);
                by_samples(&metric, &pairs, &mut Memory::default()).found.is_some()
            })
            .count();
        let share = alarms as f64 / STREAMS as f64;
        assert!(share <= 0.05, "{alarms} of {STREAMS}");
        assert!(f64::from(naive) / STREAMS as f64 > 0.10, "the test could not have failed: {naive}");
    }

    #[test]
    fn a_doubled_value_is_found_within_two_dozen_samples_and_mostly_within_one() {
        let found =
            |seed| by_samples(&Metric::default(), &stream(seed, 2.0)[..30], &mut Memory::default()).found;
        let found: Vec<DateTime<Utc>> = (0..40).filter_map(found).collect();
        assert_eq!(found.len(), 40);
        assert!(found.iter().all(|found| *found <= at(24)), "{found:?}");
        assert!(found.iter().filter(|found| **found <= at(12)).count() > 20, "{found:?}");
    }

    #[test]
    fn when_one_looks_makes_no_difference_and_what_was_found_stays() {
        let metric = Metric::default();
        let mut pairs = stream(7, 2.0);
        pairs.truncate(20);
        pairs.extend(stream(8, 1.0));
        let mut memory = Memory::default();
        let mut first: Option<Compared> = None;
        for count in 0..pairs.len() {
            let seen = compare(&metric, &pairs[..count], &mut memory);
            assert_eq!(seen, compare(&metric, &pairs[..count], &mut Memory::default()));
            if seen.found.is_some() {
                assert_eq!(*first.get_or_insert_with(|| seen.clone()), seen, "after {count}");
            }
        }
        assert!(first.is_some_and(|first| first.finding.outcome == Outcome::High));
    }

    #[test]
    fn too_few_say_how_many_are_missing() {
        let pairs = stream(1, 1.0);
        let seen = compare(&Metric::default(), &pairs[..3], &mut Memory::default());
        assert_eq!((seen.finding.outcome, seen.needed, seen.look), (Outcome::Insufficient, Some(2), None));
        let seen = compare(&Metric::default(), &pairs[..6], &mut Memory::default());
        assert_eq!((seen.finding.n, seen.needed), ((5, 5), Some(1)));
        assert_eq!(compare(&Metric::default(), &[], &mut Memory::default()).finding.outcome, Outcome::Nodata);
    }

    #[test]
    fn a_gap_is_no_sample_and_no_zero() {
        let mut pairs = stream(3, 1.0);
        for pair in pairs.iter_mut().step_by(2) {
            pair.canary = None;
        }
        let seen = compare(&Metric::default(), &pairs[..20], &mut Memory::default());
        assert!(seen.finding.n.0 < seen.finding.n.1);
        let Data::Samples { canary, .. } = &seen.input.data else { panic!() };
        assert!(canary.iter().all(|value| *value > 0.0));
    }

    #[test]
    fn counts_find_the_look_of_the_alarm() {
        let counts = Counts { bad: "b".into(), total: "t".into(), is_derived: false };
        let metric = Metric { counts: Some(counts), ..Metric::default() };
        let of = |index: usize| {
            let bad = if index < 5 { 2.0 } else { 180.0 };
            let skipped = index == 2;
            let canary = (!skipped).then_some(Measured::Counts(bad, 1000.0));
            pair(index, canary, Some(Measured::Counts(2.0, 1000.0)))
        };
        let pairs: Vec<Pair> = (0..10).map(of).collect();
        let seen = compare(&metric, &pairs, &mut Memory::default());
        assert_eq!((seen.finding.outcome, seen.found), (Outcome::High, Some(at(5))));
        assert_eq!(seen.finding.alarm_at_look, Some(6));
    }
}
