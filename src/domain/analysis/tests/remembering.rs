//! What is remembered from look to look never outlives what it was made from.

use super::super::compare::Measured;
use super::*;

const RATED: &str = r#"sum(rate(requests{version="{{version}}"}[5m]))"#;

/// A metric of each kind: by value, by samples of a shorter range, by counts, with gaps that are zeros.
fn of_each_kind(beside: bool) -> World {
    let counts = crate::domain::metric::Counts {
        bad: r#"bad{v="{{version}}"}[{{window}}]"#.into(),
        total: r#"all{v="{{version}}"}[{{window}}]"#.into(),
        is_derived: false,
    };
    let limited = Metric { limit: Some(0.25), ..metric("latency", VERSIONED) };
    let counted = Metric { counts: Some(counts), ..metric("errors", VERSIONED) };
    let mut filled = metric("gaps", VERSIONED);
    filled.comparison.nan = crate::domain::judge::samples::NanStrategy::Replace;
    World::new(beside, 110, vec![limited, metric("rate", RATED), counted, filled], |name, part, version| {
        series(|minute| {
            let is_there = version != "2" || (minute >= 60 && (name != "gaps" || minute % 5 != 0));
            let size = match part {
                Part::Total => 4000.0,
                Part::Bad => 40.0,
                Part::Value | Part::Sample => 1.0,
            };
            is_there.then(|| noise(3, version, minute) * size)
        })
    })
}

impl World {
    fn remembered(&self, minute: i64, memory: &mut Memory) -> Assessment {
        let known = |question: &Question| {
            self.answers.get(question).map_or(Known::Waiting, |it| Known::Fresh(it, TimeDelta::zero()))
        };
        self.judged_with(minute, &known, memory)
    }

    /// What is judged once `change` was made, with what was remembered before it, is what is judged
    /// anew; and whether it is another judgement than before.
    fn changes(mut self, minute: i64, words: &str, change: impl FnOnce(&mut Self)) -> bool {
        let mut memory = Memory::default();
        let before = self.remembered(110, &mut memory);
        change(&mut self);
        let remembered = self.remembered(minute, &mut memory);
        let anew = self.judged(minute);
        assert_eq!(remembered, anew, "{words}");
        before != anew
    }
}

#[test]
fn every_number_that_changes_is_worked_out_again() {
    for beside in [true, false] {
        let (mut world, mut memory) = (of_each_kind(beside), Memory::default());
        let questions: Vec<Question> = world.answers.keys().cloned().collect();
        let mut parts = std::collections::BTreeSet::new();
        let (mut before, mut seen) = (world.remembered(110, &mut memory), 0);
        for question in &questions {
            let Question::Measured { part, version, .. } = question else { panic!("{question:?}") };
            parts.insert(*part);
            // Before the rollout, and within it.
            let kept = world.answers[question].clone();
            for (minute, value) in [(40, Some(9.0)), (100, Some(9.0)), (100, None)] {
                let series = world.answers.get_mut(question).unwrap();
                *series = kept.clone();
                series.values[2 * (minute + 90)..][..2].fill(value);
                let remembered = world.remembered(110, &mut memory);
                assert_eq!(remembered, world.judged(110), "{beside} {part:?} {version} {minute} {value:?}");
                seen += usize::from(remembered != before);
                before = remembered;
            }
            world.answers.insert(question.clone(), kept);
        }
        assert_eq!(parts.len(), 4, "{parts:?}");
        assert!(seen >= questions.len(), "{seen} changes of {} answers were seen", questions.len());
    }
}

#[test]
fn what_a_metric_is_asked_for_is_worked_out_again_when_it_changes() {
    type Change = (&'static str, fn(&mut Metric));
    let changes: [Change; 6] = [
        ("limit", |metric| metric.limit = Some(0.01)),
        ("direction", |metric| metric.direction = Direction::Decrease),
        ("tolerance", |metric| metric.comparison.tolerance = 0.9),
        ("confidence", |metric| metric.comparison.confidence = 0.8),
        ("alpha", |metric| metric.alpha = 0.2),
        ("critical", |metric| metric.critical = true),
    ];
    for (words, change) in changes {
        for index in 0..4 {
            let world = of_each_kind(true);
            world.changes(110, words, |world| change(&mut world.metrics[index]));
        }
        let world = latency(1, 2.0, true, VERSIONED, 110);
        world.changes(110, words, |world| change(&mut world.metrics[0]));
    }
    let limit = |world: World| world.changes(110, "limit", |world| world.metrics[0].limit = Some(0.01));
    assert!(limit(of_each_kind(true)) && limit(latency(1, 1.0, true, VERSIONED, 110)));
    let direction = |world: &mut World| world.metrics[0].direction = Direction::Decrease;
    assert!(latency(1, 2.0, true, VERSIONED, 110).changes(110, "direction", direction));
    let tolerance = |world: &mut World| world.metrics[0].comparison.tolerance = 9.0;
    assert!(latency(1, 2.0, true, VERSIONED, 110).changes(110, "tolerance", tolerance));
}

#[test]
fn what_a_rollout_is_compared_with_is_worked_out_again_when_it_moves() {
    let before = || latency(1, 1.0, false, VERSIONED, 110);
    let grain = |world: &mut World| world.subject.grain += TimeDelta::minutes(10);
    assert!(before().changes(110, "grain", grain));
    assert!(before().changes(110, "clean", |world| world.subject.clean_from = Some(at(40))));
    assert!(before().changes(110, "since", |world| world.subject.since = at(65)));
    assert!(before().changes(110, "from", |world| world.subject.from = None));
    // Time goes on, and the answers do not: there are looks without a number.
    for minute in [111, 115] {
        let mut world = before();
        for series in world.answers.values_mut() {
            series.values.truncate(2 * (105 + 90));
        }
        assert!(world.changes(minute, "time", |_| {}));
    }
}

#[test]
fn the_time_before_ends_a_grain_before_the_rollout_and_begins_where_it_is_clean() {
    let mut world = latency(1, 1.0, false, VERSIONED, 110);
    let span = |world: &World| {
        let pairs = world.judged(110).metrics[0].pairs.clone();
        let times = || pairs.iter().map(|pair| pair.baseline_at);
        (times().min().unwrap(), times().max().unwrap(), pairs.len())
    };
    let (grain, since) = (world.subject.grain, world.subject.since);
    assert!(span(&world).1 <= since - grain && span(&world).1 > since - grain - TimeDelta::minutes(1));
    world.subject.clean_from = Some(at(40));
    let (first, last, count) = span(&world);
    // A minute's number holds what was in the minute before it.
    assert_eq!((first, count as i64), (at(41), (last - at(41)).num_minutes() + 1));
    // Every look after the beginning has one of its own.
    let pairs = world.judged(110).metrics[0].pairs.clone();
    assert!(pairs.iter().all(|pair| pair.at > world.subject.since));
}

#[test]
fn an_old_version_that_is_not_known_is_no_baseline_and_the_oldest_answer_is_told() {
    let world = latency(1, 1.0, true, VERSIONED, 110);
    let age = |question: &Question| match question {
        Question::Measured { version, .. } if version == "1" => TimeDelta::seconds(40),
        _ => TimeDelta::seconds(5),
    };
    let judged = |fails: &str| {
        world.judged_by(110, &|question| match question {
            Question::Measured { version, .. } if version == fails => Known::Failed("no route"),
            _ => world.answers.get(question).map_or(Known::Waiting, |it| Known::Fresh(it, age(question))),
        })
    };
    assert_eq!(judged("").metrics[0].age, Some(TimeDelta::seconds(40)));
    assert_eq!(judged("").verdict, Verdict::Healthy);
    for fails in ["1", "2"] {
        let judged = judged(fails);
        assert_eq!((judged.verdict, judged.metrics[0].found), (Verdict::Inconclusive, Found::Unknown));
        assert!(judged.metrics[0].doubt.is_some(), "{fails}");
    }
}

#[test]
fn more_bad_events_than_events_are_all_of_them() {
    let mut world = of_each_kind(true);
    for (question, series) in &mut world.answers {
        if let Question::Measured { part: Part::Bad, version, .. } = question
            && version == "2"
        {
            series.values.iter_mut().flatten().for_each(|value| *value *= 1e4);
        }
    }
    let judged = world.judged(110);
    let share = |pair: &Pair| match pair.canary {
        Some(Measured::Counts(bad, total)) => bad / total,
        other => panic!("{other:?}"),
    };
    assert!(judged.metrics[2].pairs.iter().all(|pair| share(pair) == 1.0), "{:?}", judged.metrics[2].pairs);
}
