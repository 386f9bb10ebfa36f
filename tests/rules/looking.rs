//! Looking again and again along the path that the monitor takes: harmless rollouts raise no more
//! false alarms than α allows, and doubled error rates are found no later than by the reference.
//!
//! The whole of it, with its numbers:
//! `cargo test --release --test rules -- --ignored --nocapture two_thousand`

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use tminus::domain::analysis::memory::Memory;
use tminus::domain::analysis::plan::{self, Known};
use tminus::domain::analysis::subject::{Subject, subjects};
use tminus::domain::analysis::{self, Evidence};
use tminus::domain::judge::{Comparison, location};
use tminus::domain::metric::Counts;
use tminus::domain::question::{Part, RunningHistory, Series, ShareLine};
use tminus::domain::service::Direction;
use tminus::domain::{Metric, Question};

/// Seconds between two scrapes.
const TICK: i64 = 15;
/// Minutes before the rollout.
const BEFORE: i64 = 60;

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_600_800 + second, 0).unwrap()
}

/// What a version served in each tick: requests, failed ones, the sum of their latencies, and a gauge.
struct Version {
    ticks: Vec<[f64; 4]>,
}

/// How many of so many trials succeed, each with a chance: by the gaps between successes.
fn binomial(random: &mut fastrand::Rng, trials: f64, chance: f64) -> f64 {
    let (mut count, mut place) = (0.0, 0.0);
    loop {
        place += ((1.0 - random.f64()).ln() / (1.0 - chance).ln()).floor() + 1.0;
        if place > trials {
            return count;
        }
        count += 1.0;
    }
}

impl Version {
    fn new(random: &mut fastrand::Rng, ticks: i64, requests: f64, errors: f64) -> Self {
        let noise = |random: &mut fastrand::Rng| (0..12).map(|_| random.f64()).sum::<f64>() - 6.0;
        let ticks = (0..ticks).map(|_| {
            let served = (requests * (0.7 + 0.6 * random.f64())).round().max(1.0);
            let failed = binomial(random, served, errors);
            // Skewed, as latencies are: a few slow requests weigh much.
            let slow = binomial(random, served, 0.02);
            let latency = 0.1 * served + 0.02 * served.sqrt() * noise(random) + 1.5 * slow;
            [served, failed, latency.max(0.0), 100.0 * (0.4 * noise(random)).exp()]
        });
        Self { ticks: ticks.collect() }
    }

    /// The sum of a column over the ticks within (time − window, time].
    fn over(&self, column: usize, second: i64, window: i64) -> Option<f64> {
        let last = (second + BEFORE * 60) / TICK;
        let first = last - window / TICK;
        let range = usize::try_from(first + 1).ok()?..=usize::try_from(last).ok()?;
        Some(self.ticks.get(range)?.iter().map(|tick| tick[column]).sum())
    }
}

/// A canary beside the old version for so many minutes, and all answers about it.
struct World {
    subject: Subject,
    metrics: Vec<Metric>,
    answers: BTreeMap<Question, Series>,
}

fn metrics(interval: Option<TimeDelta>) -> Vec<Metric> {
    // Without the judge's own tolerance, which would hide false alarms.
    let comparison = Comparison { tolerance: 0.0, ..Comparison::default() };
    let metric = |name: &str, query: &str| Metric {
        name: name.into(),
        query: query.into(),
        direction: Direction::Either,
        comparison,
        ..Metric::default()
    };
    let selector = |name: &str| format!("{name}{{version=\"{{{{version}}}}\"}}");
    let mean = format!("sum(rate({}[5m])) / sum(rate({}[5m]))", selector("sum"), selector("count"));
    let counts = Counts { bad: selector("bad"), total: selector("total"), is_derived: false };
    vec![
        Metric {
            counts: Some(counts),
            interval,
            direction: Direction::Increase,
            ..metric("errors", &selector("share"))
        },
        metric("latency", &mean),
        metric("gauge", &selector("gauge")),
    ]
}

impl World {
    fn new(minutes: i64, metrics: Vec<Metric>, canary: &Version, stable: &Version) -> Self {
        let times: Vec<DateTime<Utc>> = (-BEFORE * 2..=minutes * 2).map(|half| at(half * 30)).collect();
        let line = |version: &str, of: &dyn Fn(DateTime<Utc>) -> Option<f64>| ShareLine {
            service: "checkout".into(),
            region: None,
            version: version.into(),
            counts: times.iter().map(|time| of(*time)).collect(),
        };
        let lines = vec![line("1", &|_| Some(3.0)), line("2", &|time| (time >= at(0)).then_some(1.0))];
        let history = RunningHistory { times: times.clone(), lines, ..RunningHistory::default() };
        let subject = subjects(&history, "checkout", "production", at(minutes * 60)).remove(0);
        let answer = |question: &Question| {
            let Question::Measured { metric, part, version, from, step, window, .. } = question else {
                panic!("{question:?}")
            };
            let side = if version == "2" { canary } else { stable };
            let window = i64::from(*window);
            let value = |second: i64| {
                if version == "2" && second < 60 {
                    return None;
                }
                let over = |column, window| side.over(column, second, window);
                match (metric.as_str(), part) {
                    ("errors", Part::Bad) => over(1, window),
                    ("errors", Part::Total) => over(0, window),
                    ("errors", _) => Some(over(1, 300)? / over(0, 300)?),
                    ("latency", Part::Sample) => Some(over(2, window)? / over(0, window)?),
                    ("latency", _) => Some(over(2, 300)? / over(0, 300)?),
                    _ => over(3, TICK),
                }
            };
            let start = (*from - at(0)).num_seconds();
            let values = (start..=minutes * 60).step_by(*step as usize).map(value).collect();
            Series { start: *from, step: *step, values, ..Series::default() }
        };
        let questions = plan::questions(&subject, &metrics);
        let answers = questions.into_iter().map(|question| (question.clone(), answer(&question))).collect();
        Self { subject, metrics, answers }
    }

    /// When each metric is found bad, looked at every so many seconds.
    fn looked_at(&self, looks: i64, every: i64) -> Vec<Option<i64>> {
        let known = |question: &Question| {
            self.answers
                .get(question)
                .map_or(Known::Waiting, |series| Known::Fresh(series, TimeDelta::zero()))
        };
        let mut memory = Memory::default();
        let mut found: Vec<Option<i64>> = vec![None; self.metrics.len()];
        for look in 1..=looks {
            let now = at(look * every);
            let evidence =
                Evidence { subject: &self.subject, metrics: &self.metrics, health: &[], known: &known, now };
            for (metric, found) in analysis::assess(&evidence, &mut memory).metrics.iter().zip(&mut found) {
                assert!(found.is_none() || metric.found.is_bad(), "what was found stays found");
                if metric.found.is_bad() && found.is_none() {
                    *found = Some(look * every);
                }
            }
        }
        found
    }
}

/// How many of so many harmless streams raise an alarm in so many looks, a minute apart, by metric; and
/// how many of them a fixed test of the five-minute values would have called bad.
fn harmless(streams: u64, looks: i64) -> ([u64; 3], u64) {
    let (mut alarms, mut naive) = ([0; 3], 0);
    for seed in 0..streams {
        let mut random = fastrand::Rng::with_seed(seed);
        let ticks = (BEFORE + looks) * 60 / TICK + 1;
        let (requests, errors) = ([25.0, 250.0, 1500.0][seed as usize % 3], [0.002, 0.02][seed as usize % 2]);
        let canary = Version::new(&mut random, ticks, requests / 3.0, errors);
        let stable = Version::new(&mut random, ticks, requests, errors);
        let world = World::new(looks, metrics(None), &canary, &stable);
        for (count, found) in alarms.iter_mut().zip(world.looked_at(looks, 60)) {
            *count += u64::from(found.is_some());
        }
        let mean = |side: &Version, minute: i64| {
            Some(side.over(2, minute * 60, 300)? / side.over(0, minute * 60, 300)?)
        };
        let (mut new, mut old) = (Vec::new(), Vec::new());
        let is_alarm = (6..=looks).any(|minute| {
            new.extend(mean(&canary, minute));
            old.extend(mean(&stable, minute));
            new.len() >= 5 && new.len() % 4 == 1 && location::p_value(&new, &old) < 0.02
        });
        naive += u64::from(is_alarm);
    }
    (alarms, naive)
}

fn check(streams: u64, looks: i64) {
    let (alarms, naive) = harmless(streams, looks);
    let told = format!(
        "{streams} harmless streams, {looks} looks each: errors counted {} (alpha 5 %), latency over 2 m {} \
         (2 %), gauge {} (2 %); a fixed test of overlapping 5 m values, looked at as often: {naive}",
        alarms[0], alarms[1], alarms[2]
    );
    println!("{told}");
    let allowed = |alpha: f64| (alpha * streams as f64).ceil() as u64;
    assert!(alarms[0] <= allowed(0.05), "{told}");
    assert!(alarms[1] <= allowed(0.02) && alarms[2] <= allowed(0.02), "{told}");
    assert!(naive as f64 > 0.1 * streams as f64, "the test could not have failed: {told}");
}

#[test]
fn harmless_streams_looked_at_again_and_again_stay_harmless() {
    check(30, 60);
}

#[test]
#[ignore = "minutes: cargo test --release --test rules -- --ignored --nocapture two_thousand"]
fn two_thousand_harmless_streams_looked_at_two_hundred_times_raise_no_more_alarms_than_alpha() {
    check(2000, 200);
}

/// The look (from 1) at which the mixture of algorithms, written down once more and plainly, raises an
/// alarm: H. Robbins, Ann. Math. Stat. 41(5), 1970; forty ratios from 1.05 to 20, evenly in logarithms.
fn reference(looks: &[[f64; 4]], alpha: f64) -> Option<usize> {
    let ratios: Vec<f64> =
        (0..40).map(|point| 1.05 * (20.0_f64 / 1.05).powf(f64::from(point) / 39.0)).collect();
    let mut evidence = vec![0.0; 40];
    looks
        .iter()
        .position(|[bad, all, old_bad, old_all]| {
            for (ratio, sum) in ratios.iter().zip(&mut evidence) {
                *sum += bad * ratio.ln() + (bad + old_bad) * ((all + old_all) / (ratio * all + old_all)).ln();
            }
            evidence.iter().map(|sum| sum.exp()).sum::<f64>() / 40.0 >= 1.0 / alpha
        })
        .map(|place| place + 1)
}

#[test]
fn doubled_error_rates_are_found_no_later_than_by_the_reference() {
    let mut told = Vec::new();
    for (requests, looks) in [(100.0, 150), (1000.0, 40), (10_000.0, 20)] {
        let (mut minutes, mut missed) = (Vec::new(), 0);
        for seed in 0..12 {
            let mut random = fastrand::Rng::with_seed(seed);
            let ticks = (BEFORE + looks) * 60 / TICK + 1;
            let canary = Version::new(&mut random, ticks, requests / 4.0, 0.04);
            let stable = Version::new(&mut random, ticks, requests / 4.0, 0.02);
            let only = metrics(Some(TimeDelta::minutes(1))).into_iter().take(1).collect();
            let found = World::new(looks, only, &canary, &stable).looked_at(looks, 60)[0];
            let counts: Vec<[f64; 4]> = (1..=looks)
                .map(|minute| {
                    let of = |side: &Version, column| side.over(column, minute * 60, 60).unwrap();
                    [of(&canary, 1), of(&canary, 0), of(&stable, 1), of(&stable, 0)]
                })
                .collect();
            let first = reference(&counts, 0.05).map(|look| look as i64 * 60);
            assert!(
                found.is_some() == first.is_some() && found <= first,
                "{requests} a look, seed {seed}: {found:?}, the reference {first:?}"
            );
            missed += u32::from(found.is_none());
            minutes.extend(found.map(|second| second / 60));
        }
        minutes.sort_unstable();
        let median = minutes[minutes.len() / 2];
        told.push(format!("{requests} requests a look: median {median} looks, {missed} of 12 not found"));
        assert!(median <= 12 || requests < 1000.0, "{told:?}");
        assert_eq!(missed, 0, "{told:?}");
    }
    println!("{}", told.join("\n"));
}
