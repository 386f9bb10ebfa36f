//! A whole judgement from answers: what is not known is never good, nothing later leaks in, and
//! harmless rollouts stay harmless.

use std::collections::BTreeMap;

use super::subject::subjects;
use super::*;
use crate::domain::question::{Part, RunningHistory, Series, ShareLine};

mod remembering;

const MINUTES: i64 = 120;

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_600_800 + minute * 60, 0).unwrap()
}

/// The new version begins at minute 60, beside the old one or instead of it.
fn history(beside: bool) -> RunningHistory {
    let counts = |of: &dyn Fn(i64) -> Option<f64>| (0..=MINUTES).map(of).collect::<Vec<_>>();
    let line = |version: &str, counts| ShareLine {
        service: "checkout".into(),
        region: None,
        version: version.into(),
        counts,
    };
    let old = counts(&|minute| (beside || minute < 60).then_some(3.0));
    let new = counts(&|minute| (minute >= 60).then_some(1.0));
    RunningHistory {
        times: (0..=MINUTES).map(at).collect(),
        lines: vec![line("1", old), line("2", new)],
        ..RunningHistory::default()
    }
}

fn metric(name: &str, query: &str) -> Metric {
    Metric {
        name: name.into(),
        query: query.into(),
        interval: Some(TimeDelta::minutes(1)),
        ..Metric::default()
    }
}

fn series(of: impl Fn(i64) -> Option<f64>) -> Series {
    let values = (-180..=2 * MINUTES).map(|half| of(half.div_euclid(2))).collect();
    Series { start: at(-90), step: 30, values, ..Series::default() }
}

/// Answers by metric and version, asked for as the judgement asks.
struct World {
    subject: Subject,
    metrics: Vec<Metric>,
    answers: BTreeMap<Question, Series>,
}

impl World {
    fn new(beside: bool, minute: i64, metrics: Vec<Metric>, of: impl Fn(&str, Part, &str) -> Series) -> Self {
        let subject = subjects(&history(beside), "checkout", "production", at(minute)).remove(0);
        let answer = |question: Question| match &question {
            Question::Measured { metric, part, version, .. } => {
                let series = of(metric, *part, version);
                Some((question, series))
            }
            _ => None,
        };
        let answers = plan::questions(&subject, &metrics).into_iter().filter_map(answer).collect();
        Self { subject, metrics, answers }
    }

    fn judged(&self, minute: i64) -> Assessment {
        let known = |question: &Question| {
            self.answers
                .get(question)
                .map_or(Known::Waiting, |series| Known::Fresh(series, TimeDelta::zero()))
        };
        self.judged_by(minute, &known)
    }

    fn judged_by<'a>(&'a self, minute: i64, known: &'a dyn Fn(&Question) -> Known<'a>) -> Assessment {
        self.judged_with(minute, known, &mut Memory::default())
    }

    fn judged_with<'a>(
        &'a self,
        minute: i64,
        known: &'a dyn Fn(&Question) -> Known<'a>,
        memory: &mut Memory,
    ) -> Assessment {
        memory.begin_round();
        let evidence =
            Evidence { subject: &self.subject, metrics: &self.metrics, health: &[], known, now: at(minute) };
        assess(&evidence, memory)
    }
}

const VERSIONED: &str = r#"latency{version="{{version}}"}"#;

fn noise(seed: u64, version: &str, minute: i64) -> f64 {
    let side = u64::from(version.as_bytes().first().copied().unwrap_or(0));
    let mark = seed.wrapping_mul(31) ^ (minute as u64).wrapping_mul(0x9e37_79b9) ^ (side << 40);
    let mut random = fastrand::Rng::with_seed(mark);
    random.u8(..);
    0.1 * ((random.f64() + random.f64() + random.f64() - 1.5) * 0.5).exp()
}

fn latency(seed: u64, factor: f64, beside: bool, query: &str, minute: i64) -> World {
    World::new(beside, minute, vec![metric("latency", query)], |_, _, version| {
        series(|minute| {
            let runs_new = version == "2" || (version.is_empty() && minute >= 60);
            let is_there = version != "2" || minute >= 60;
            is_there.then(|| noise(seed, version, minute) * if runs_new { factor } else { 1.0 })
        })
    })
}

#[test]
fn a_hundred_harmless_rollouts_of_each_kind_are_healthy_and_doubled_ones_are_not() {
    for (beside, query) in [(true, VERSIONED), (false, VERSIONED), (false, "latency")] {
        let verdicts = |factor: f64, seeds: u64| {
            (0..seeds).map(move |seed| latency(seed, factor, beside, query, 110).judged(110).verdict)
        };
        let failing = verdicts(1.0, 34).filter(|verdict| *verdict == Verdict::Failing).count();
        assert!(failing <= 1, "{failing} of 34 harmless, {query} beside: {beside}");
        assert!(verdicts(2.0, 12).all(|verdict| verdict == Verdict::Failing), "{query} beside: {beside}");
    }
}

#[test]
fn a_worse_version_is_never_judged_better() {
    let rank = |verdict| match verdict {
        Verdict::Healthy => 0,
        Verdict::Inconclusive => 1,
        Verdict::Marginal => 2,
        Verdict::Failing => 3,
    };
    for seed in 0..8 {
        let mut before = 0;
        for factor in [0.5, 1.0, 1.3, 1.6, 2.5, 5.0] {
            let verdict = latency(seed, factor, true, VERSIONED, 110).judged(110).verdict;
            // Healthy or inconclusive: which of them is for the companions to say.
            assert!(rank(verdict).max(1) >= before, "seed {seed} at {factor}: {verdict:?}");
            before = rank(verdict).max(1);
        }
    }
}

#[test]
fn nothing_later_than_now_is_looked_at() {
    for minute in [61, 64, 66, 70, 90] {
        let whole = latency(3, 2.0, true, VERSIONED, minute);
        let mut cut = latency(3, 2.0, true, VERSIONED, minute);
        for series in cut.answers.values_mut() {
            let points = (at(minute) - series.start).num_seconds() / 30 + 1;
            series.values.truncate(points as usize);
        }
        assert_eq!(whole.judged(minute), cut.judged(minute), "minute {minute}");
    }
}

#[test]
fn when_the_old_version_is_gone_the_time_before_is_the_baseline_and_it_is_said() {
    for (beside, query, baseline, said) in [
        (true, VERSIONED, Baseline::Beside, "against 1 beside it"),
        (false, VERSIONED, Baseline::Before, "against 1 before the rollout"),
        (true, "latency", Baseline::Before, "against 1 before the rollout"),
    ] {
        let judged = latency(1, 1.0, beside, query, 90).judged(90);
        assert_eq!(judged.metrics[0].baseline, baseline, "{query}");
        assert!(judged.metrics[0].why.contains(said), "{}", judged.metrics[0].why);
        let before = |pair: &Pair| pair.baseline_at < at(60);
        assert_eq!(judged.metrics[0].pairs.iter().all(before), baseline == Baseline::Before);
    }
}

#[test]
fn an_answer_that_cannot_be_trusted_is_never_good() {
    let world = latency(1, 1.0, true, VERSIONED, 110);
    assert_eq!(world.judged(110).verdict, Verdict::Healthy);
    let series = world.answers.values().next().unwrap();
    let warned = Series { warnings: vec!["a node is away".into()], ..series.clone() };
    let several = Series { ambiguous: true, ..series.clone() };
    let doubts = [
        Known::Waiting,
        Known::Failed("no route"),
        Known::Stale(series, TimeDelta::minutes(4), Some("no route")),
        Known::Fresh(&warned, TimeDelta::zero()),
        Known::Fresh(&several, TimeDelta::zero()),
    ];
    for doubt in doubts {
        let judged = world.judged_by(110, &|_| doubt);
        assert_eq!(judged.verdict, Verdict::Inconclusive, "{doubt:?}");
        assert_eq!(judged.metrics[0].found, Found::Unknown, "{doubt:?}");
        assert!(judged.why.contains("not known"), "{}", judged.why);
    }
}

#[test]
fn data_that_stopped_is_not_good_and_what_was_found_before_stays_found() {
    let stops = |factor: f64| {
        World::new(true, 110, vec![metric("latency", VERSIONED)], |_, _, version| {
            series(|minute| {
                let is_there = minute < 90 && (version != "2" || minute >= 60);
                is_there.then(|| noise(5, version, minute) * if version == "2" { factor } else { 1.0 })
            })
        })
    };
    let silent = stops(1.0).judged(110);
    assert_eq!((silent.verdict, silent.metrics[0].found), (Verdict::Inconclusive, Found::Unknown));
    assert!(silent.why.contains("no samples since"), "{}", silent.why);
    let bad = stops(2.0).judged(110);
    assert_eq!((bad.verdict, bad.metrics[0].found), (Verdict::Failing, Found::High));
}

#[test]
fn one_metric_that_is_not_judged_keeps_the_verdict_open() {
    let of = |name: &str, _: Part, version: &str| {
        let version = version.to_owned();
        let is_young = name == "orders";
        series(move |minute| {
            let first = if version == "2" { 60 } else { -90 };
            (!is_young && minute >= first).then(|| noise(1, &version, minute))
        })
    };
    let world = World::new(true, 110, vec![metric("latency", VERSIONED), metric("orders", VERSIONED)], of);
    let judged = world.judged(110);
    assert_eq!(judged.verdict, Verdict::Inconclusive);
    assert!(judged.why.contains("1 of 2 metrics judged: orders"), "{}", judged.why);
    // A metric of weight zero is there to be looked at.
    let mut world = world;
    world.metrics[1].weight = Some(0.0);
    assert_eq!(world.judged(110).verdict, Verdict::Healthy);
}

#[test]
fn a_broken_limit_fails_whatever_the_comparison_says() {
    let mut limited = metric("latency", VERSIONED);
    limited.limit = Some(0.01);
    limited.critical = true;
    let world = World::new(true, 62, vec![limited], |_, _, version| {
        series(|minute| (version != "2" || minute >= 60).then(|| noise(1, version, minute)))
    });
    let judged = world.judged(62);
    assert_eq!((judged.verdict, judged.metrics[0].found), (Verdict::Failing, Found::Failed));
    assert_eq!(judged.metrics[0].found_at, Some(at(61)));
    assert!(judged.why.contains("is beyond its limit"), "{}", judged.why);
}

#[test]
fn counts_without_bad_events_count_as_none_only_where_there_are_events() {
    let counts = crate::domain::metric::Counts {
        bad: r#"bad{v="{{version}}"}[{{window}}]"#.into(),
        total: r#"all{v="{{version}}"}[{{window}}]"#.into(),
        is_derived: false,
    };
    let counted = Metric { counts: Some(counts), ..metric("errors", VERSIONED) };
    let world = |total: Option<f64>| {
        World::new(true, 110, vec![counted.clone()], |_, part, version| {
            series(|minute| match part {
                Part::Total => total.filter(|_| version != "2" || minute >= 60),
                Part::Bad | Part::Value | Part::Sample => None,
            })
        })
    };
    assert_eq!(world(Some(1000.0)).judged(110).verdict, Verdict::Healthy);
    let silent = world(None).judged(110);
    assert_eq!((silent.verdict, silent.metrics[0].found), (Verdict::Inconclusive, Found::Unknown));
}

#[test]
fn a_gap_is_zero_only_where_the_file_says_so_and_something_else_was_measured() {
    let mut errors = metric("errors", VERSIONED);
    errors.comparison.nan = crate::domain::judge::samples::NanStrategy::Replace;
    let world = |alive: bool| {
        World::new(true, 110, vec![errors.clone(), metric("latency", VERSIONED)], |name, _, version| {
            series(|minute| {
                let runs = version != "2" || minute >= 60;
                (name == "latency" && alive && runs).then(|| noise(2, version, minute))
            })
        })
    };
    assert_eq!(world(true).judged(110).metrics[0].found, Found::Pass);
    assert!(!world(false).judged(110).metrics[0].found.is_judged());
}

#[test]
fn what_runs_must_be_known_and_a_rollout_that_was_brought_back_is_incomplete() {
    let mut world = latency(1, 1.0, true, VERSIONED, 110);
    world.subject.doubt = Some("prometheus: no route".into());
    assert_eq!(world.judged(110).verdict, Verdict::Inconclusive);
    let mut world = latency(1, 1.0, true, VERSIONED, 110);
    world.subject.phase = Phase::Rollout(crate::domain::rollout::Phase::RolledBack);
    let judged = world.judged(110);
    assert_eq!(judged.verdict, Verdict::Inconclusive);
    assert!(judged.why.starts_with("incomplete: it was brought back"), "{}", judged.why);
}

#[test]
fn a_service_that_is_steady_is_held_against_its_limits() {
    let steady = |limit: Option<f64>| {
        let mut only = metric("latency", "latency");
        only.limit = limit;
        World::new(false, 40, vec![only], |_, _, _| series(|minute| Some(noise(1, "", minute))))
    };
    assert_eq!(steady(None).subject.phase, Phase::Steady);
    assert_eq!(steady(None).judged(40).verdict, Verdict::Inconclusive);
    assert_eq!(steady(Some(1.0)).judged(40).verdict, Verdict::Healthy);
    let above = Metric { critical: true, limit: Some(0.01), ..metric("latency", "latency") };
    let world = World::new(false, 40, vec![above], |_, _, _| series(|minute| Some(noise(1, "", minute))));
    assert_eq!(world.judged(40).verdict, Verdict::Failing);
}

#[test]
fn every_step_has_a_verdict_of_its_own() {
    let judged = latency(1, 1.0, true, VERSIONED, 110).judged(110);
    let [step] = &judged.steps[..] else { panic!("{:?}", judged.steps) };
    assert!((step.percent - 25.0).abs() < 1e-9 && step.is_now());
    assert_eq!(step.verdict, Some(Verdict::Healthy));
}

#[test]
fn a_latest_value_beyond_its_limit_is_told_before_it_is_measured() {
    let mut limited = metric("latency", VERSIONED);
    limited.limit = Some(5.0);
    // Points lie half a minute apart, and every other one is measured: the last is not.
    let last = std::cell::Cell::new(1.0);
    let world = |value: f64| {
        last.set(value);
        let of = |_: &str, _: Part, version: &str| {
            let mut answer =
                series(|minute| (version != "2" || minute >= 60).then(|| noise(1, version, minute)));
            let point = answer.values.len() - 1;
            let latest = (2 * (110 + 90) + 1).min(point);
            answer.values.truncate(latest + 1);
            answer.values[latest] = Some(if version == "2" { last.get() } else { 0.1 });
            answer
        };
        let world = World::new(true, 111, vec![limited.clone()], of);
        let known = |question: &Question| {
            world.answers.get(question).map_or(Known::Waiting, |it| Known::Fresh(it, TimeDelta::zero()))
        };
        let now = at(110) + TimeDelta::seconds(40);
        let subject = &world.subject;
        assess(
            &Evidence { subject, metrics: &world.metrics, health: &[], known: &known, now },
            &mut Memory::default(),
        )
    };
    let calm = world(0.2);
    assert!(!calm.why.contains("latest value"), "{}", calm.why);
    let jumped = world(7.5);
    assert_eq!(jumped.metrics[0].found, Found::Pass);
    assert!(
        jumped.why.contains("its latest value, 7.5 at 11:50:30 UTC, is beyond its limit of 5"),
        "{}",
        jumped.why
    );
    assert!(jumped.metrics[0].latest_breaks);
    assert_eq!((calm.verdict, jumped.verdict), (Verdict::Healthy, Verdict::Inconclusive));
}

/// A metric of each kind, minute after minute, with one memory and with none; now and then a number of
/// the past is another one.
#[test]
fn what_is_remembered_changes_no_verdict() {
    for (beside, query) in [(true, VERSIONED), (false, VERSIONED), (false, "latency")] {
        let mut limited = metric("latency", query);
        limited.limit = Some(0.25);
        let counts =
            crate::domain::metric::Counts { bad: query.into(), total: query.into(), is_derived: false };
        let counted = Metric { counts: Some(counts), ..metric("errors", query) };
        let mut filled = metric("gaps", query);
        filled.comparison.nan = crate::domain::judge::samples::NanStrategy::Replace;
        let mut world = World::new(beside, 70, vec![limited, counted, filled], |name, part, version| {
            series(|minute| {
                let is_there = version != "2" || (minute >= 60 && (name != "gaps" || minute % 5 != 0));
                let size = if part == Part::Total { 4000.0 } else { 1.0 };
                is_there.then(|| noise(3, version, minute) * size)
            })
        });
        let mut memory = Memory::default();
        for minute in 55..=MINUTES {
            world.subject = subjects(&history(beside), "checkout", "production", at(minute)).remove(0);
            if minute % 7 == 0 {
                for (index, series) in world.answers.values_mut().enumerate() {
                    let place = (minute as usize * (index + 1) * 2) % series.values.len();
                    series.values[place] = (minute % 2 == 0).then_some(0.3);
                }
            }
            // An answer does not reach to the end, and is older by the time.
            let known = |question: &Question| {
                let age = TimeDelta::seconds(minute % 3);
                world.answers.get(question).map_or(Known::Waiting, |it| Known::Fresh(it, age))
            };
            let remembered = world.judged_with(minute, &known, &mut memory);
            assert_eq!(remembered, world.judged_by(minute, &known), "{beside} {query} {minute}");
        }
    }
}

#[test]
fn what_nothing_has_changed_of_is_not_worked_out_again() {
    let mut world = latency(1, 1.0, true, VERSIONED, 110);
    let mut memory = Memory::default();
    let mut judged = |world: &World, minute: i64| {
        let known = |question: &Question| {
            world.answers.get(question).map_or(Known::Waiting, |it| Known::Fresh(it, TimeDelta::zero()))
        };
        world.judged_with(minute, &known, &mut memory).metrics.remove(0).pairs
    };
    let first = judged(&world, 110);
    assert!(Arc::ptr_eq(&first, &judged(&world, 110)));
    let later = judged(&world, 111);
    assert!(!Arc::ptr_eq(&first, &later), "a look more");
    for series in world.answers.values_mut() {
        *series.values.last_mut().unwrap() = Some(7.0);
    }
    assert!(Arc::ptr_eq(&later, &judged(&world, 111)), "what is measured later changes nothing now");
    for series in world.answers.values_mut() {
        series.values[2 * (100 + 90)] = Some(7.0);
    }
    assert!(!Arc::ptr_eq(&later, &judged(&world, 111)), "a number of the past is another one");
}

/// Four hours at 5 % without a complaint, then half of the traffic, and twice the latency.
#[test]
fn what_is_bad_since_the_step_it_stands_on_is_never_healthy_whatever_was_before() {
    let begin = |minute: i64| at(minute - 60);
    let judged = |worse_from: i64, minute: i64| {
        let line = |version: &str, of: fn(i64) -> f64| ShareLine {
            service: "checkout".into(),
            region: None,
            version: version.into(),
            counts: (0..=360).map(|minute| Some(of(minute))).collect(),
        };
        let share = |minute: i64| {
            if minute < 60 {
                0.0
            } else if minute < 300 {
                1.0
            } else {
                10.0
            }
        };
        let history = RunningHistory {
            times: (0..=360).map(begin).collect(),
            lines: vec![line("1", |minute| 20.0 - if minute < 300 { 0.0 } else { 10.0 }), line("2", share)],
            ..RunningHistory::default()
        };
        let subject = subjects(&history, "checkout", "production", begin(minute)).remove(0);
        let metrics = vec![Metric { interval: Some(TimeDelta::seconds(30)), ..metric("latency", VERSIONED) }];
        let of = |version: &str| {
            let values = (-360..=720_i64).map(|half| {
                let worse = version == "2" && half >= 2 * worse_from;
                let is_there = version != "2" || half >= 120;
                is_there.then(|| noise(5, version, half) * if worse { 2.0 } else { 1.0 })
            });
            Series { start: begin(-180), step: 30, values: values.collect(), ..Series::default() }
        };
        let (old, new) = (of("1"), of("2"));
        let known = |question: &Question| match question {
            Question::Measured { version, .. } => {
                Known::Fresh(if version == "2" { &new } else { &old }, TimeDelta::zero())
            }
            _ => Known::Waiting,
        };
        let evidence =
            Evidence { subject: &subject, metrics: &metrics, health: &[], known: &known, now: begin(minute) };
        assess(&evidence, &mut Memory::default())
    };
    let calm = judged(i64::MAX / 4, 330);
    assert_eq!((calm.verdict, calm.steps.len()), (Verdict::Healthy, 2), "{}", calm.why);
    assert_eq!(calm.step_apart(), None);
    // Two minutes into the step there is little that speaks of it.
    let early = judged(i64::MAX / 4, 302);
    let (verdict, words) = early.step_apart().unwrap();
    assert_eq!((early.verdict, verdict), (Verdict::Healthy, Verdict::Inconclusive));
    assert!(words.starts_with("50 % by itself, so far: ") && words.contains("needs 1 more"), "{words}");
    let late = judged(300, 330);
    assert_eq!(late.steps[1].verdict, Some(Verdict::Failing), "{}", late.steps[1].why);
    assert!(late.verdict != Verdict::Healthy && late.verdict != Verdict::Inconclusive, "{}", late.why);
    assert!(late.why.starts_with("since the step at 50 % began: latency +"), "{}", late.why);
    assert_eq!(late.step_apart(), None, "it is told already");
}
