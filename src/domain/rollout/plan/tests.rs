use super::*;
use crate::domain::question::{RunningHistory, ShareLine};
use crate::domain::release::{Release, Stage};
use crate::domain::rollout::{Rollout, rollouts};
use crate::domain::samples;

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::minutes(minute)
}

/// A point a minute: new instances of so many, from each minute on.
fn watch(all: f64, moves: &[(i64, f64)], now: i64) -> Rollout {
    let times: Vec<_> = (-20..=now).map(at).collect();
    let new = |time: DateTime<Utc>| {
        moves.iter().rev().find(|(minute, _)| at(*minute) <= time).map_or(0.0, |(_, count)| *count)
    };
    let line = |version: &str, count: &dyn Fn(DateTime<Utc>) -> f64| ShareLine {
        service: "checkout".to_owned(),
        region: Some("eu".to_owned()),
        version: version.into(),
        counts: times.iter().map(|time| Some(count(*time)).filter(|count| *count > 0.0)).collect(),
    };
    let lines = vec![line("4.1.3", &|time| all - new(time)), line("4.2.0", &new)];
    let history = RunningHistory { lines, times: times.clone(), warnings: Vec::new() };
    rollouts(&history, at(now)).into_iter().next().expect("a rollout")
}

fn stage(strategy: Strategy, steps: &[f64], soak: Option<i64>) -> Stage {
    Stage {
        region: Some("eu".to_owned()),
        start: at(0),
        end: at(120),
        strategy: Some(strategy),
        steps: steps.to_vec(),
        soak: soak.map(TimeDelta::minutes),
        ..samples::stage("production", "1970-01-01T00:00:00Z", "1970-01-01T01:00:00Z")
    }
}

fn plan(stage: Stage) -> Vec<Release> {
    vec![samples::release("checkout-4.2", &[("checkout", "v4.2.0")], vec![stage])]
}

fn placed(rollout: &Rollout, releases: &[Release], now: i64) -> Option<Position> {
    let shares: Vec<_> = rollout
        .share_series
        .iter()
        .enumerate()
        .map(|(index, share)| (at(index as i64 - 20), *share))
        .collect();
    let observed = Observed {
        service: &rollout.service,
        environment: "production",
        region: rollout.region.as_deref(),
        to: &rollout.to,
        phase: rollout.phase,
        share: rollout.share_now,
        instances: rollout.instances,
        began: rollout.began.map_or(Since::Before(at(-20)), Since::At),
        shares: &shares,
        events: &rollout.events,
    };
    position(&observed, releases, at(now))
}

fn sentence(all: f64, moves: &[(i64, f64)], now: i64, stage: Stage) -> String {
    let rollout = watch(all, moves, now);
    let position = placed(&rollout, &plan(stage), now).expect("a plan");
    position.sentence(rollout.share_now, at(now), Tz::UTC)
}

const FOUR: &[f64] = &[5.0, 25.0, 50.0, 100.0];

#[test]
fn a_canary_is_at_its_step_with_what_is_left_and_when_it_will_be_done() {
    let canary = stage(Strategy::Canary, FOUR, Some(60));
    let rollout = watch(48.0, &[(0, 2.0), (37, 12.0)], 48);
    let position = placed(&rollout, &plan(canary), 48).expect("a plan");
    assert_eq!(position.steps_words(), "5 → 25 → 50 → 100 %");
    // Four steps share two hours: this one has thirty minutes, and eleven of them are over.
    assert_eq!(position.at, At::Step { step: 2, since: Since::At(at(37)), until: Some(at(67)) });
    assert_eq!(position.left(at(48)), Some(TimeDelta::minutes(19)));
    assert_eq!(position.full, Eta::Between(at(97), at(120)));
    assert_eq!(position.done, Some(Eta::Between(at(157), at(180))));
    assert_eq!(position.delay, Some(TimeDelta::minutes(7)));
    assert_eq!(position.off, []);
}

#[test]
fn every_strategy_has_its_own_words() {
    let canary = || stage(Strategy::Canary, FOUR, Some(60));
    let rolling = |steps: &[f64]| stage(Strategy::Rolling, steps, None);
    let blue_green = || stage(Strategy::BlueGreen, &[], Some(120));
    let at_once = || stage(Strategy::AllAtOnce, &[], None);
    for (all, moves, now, stage, expected) in [
        (
            48.0,
            vec![(0, 2.0)],
            10,
            canary(),
            "step 1 of 4, 20 m left, everywhere 01:30–02:00, watched until 02:30–03:00, canary 5 → 25 → 50 → 100 %",
        ),
        (
            48.0,
            vec![(0, 2.0)],
            45,
            canary(),
            "step 1 of 4, 15 m over, 15 m behind plan, everywhere 01:45–02:00, watched until 02:45–03:00, canary 5 → 25 → 50 → 100 %",
        ),
        (
            48.0,
            vec![(0, 2.0), (10, 12.0)],
            20,
            canary(),
            "step 2 of 4, 20 m left, 20 m ahead of plan, everywhere 01:10–02:00, watched until 02:10–03:00, canary 5 → 25 → 50 → 100 %",
        ),
        (
            48.0,
            vec![(0, 2.0), (37, 12.0), (70, 24.0), (100, 48.0)],
            110,
            canary(),
            "everywhere, 50 m left, watched until about 02:40, canary 5 → 25 → 50 → 100 %",
        ),
        (
            48.0,
            vec![(0, 2.0), (37, 12.0), (70, 24.0), (100, 48.0)],
            170,
            canary(),
            "done, watched as planned, canary 5 → 25 → 50 → 100 %",
        ),
        (48.0, vec![(0, 2.0), (20, 0.0)], 30, canary(), "backed out, canary 5 → 25 → 50 → 100 %"),
        (
            48.0,
            vec![(0, 6.0), (10, 12.0), (20, 18.0), (30, 24.0)],
            30,
            rolling(&[]),
            "moving, everywhere about 01:10, rolling",
        ),
        (
            48.0,
            vec![(0, 24.0)],
            10,
            rolling(&[50.0, 100.0]),
            "batch 1 of 2, 50 m left, everywhere 01:00–02:00, rolling 50 → 100 %",
        ),
        (
            48.0,
            vec![(0, 18.0)],
            10,
            rolling(&[50.0, 100.0]),
            "batch 1 of 2, moving, off plan: stopped at 38 %, everywhere 00:10–02:00, rolling 50 → 100 %",
        ),
        (
            96.0,
            vec![(0, 48.0)],
            10,
            blue_green(),
            "blue serves, green stands by, everywhere 00:10–02:00, watched until 02:10–04:00, blue-green",
        ),
        (
            48.0,
            vec![(0, 12.0)],
            10,
            blue_green(),
            "green comes up, off plan: both versions serve, which blue-green does not plan, everywhere 00:10–02:00, watched until 02:10–04:00, blue-green",
        ),
        (
            48.0,
            vec![(0, 48.0)],
            10,
            blue_green(),
            "green serves, 1 h left, watched until about 02:00, blue-green",
        ),
        (
            48.0,
            vec![(0, 12.0)],
            10,
            at_once(),
            "moving, off plan: a mix that stands, where all at once is planned, everywhere 00:10–02:00, all-at-once",
        ),
        (48.0, vec![(0, 48.0)], 10, at_once(), "everywhere, all-at-once"),
    ] {
        assert_eq!(sentence(all, &moves, now, stage), expected, "{moves:?} at {now}");
    }
}

#[test]
fn a_share_that_is_no_step_and_a_step_left_out_are_off_the_plan() {
    let canary = || stage(Strategy::Canary, FOUR, None);
    let off = |moves: &[(i64, f64)], now| {
        let rollout = watch(100.0, moves, now);
        placed(&rollout, &plan(canary()), now).expect("a plan").off
    };
    assert_eq!(off(&[(0, 5.0), (20, 37.0)], 30), [Off::NoStep]);
    // While it still moves it may be on its way to a step.
    assert_eq!(off(&[(0, 5.0), (20, 37.0)], 22), []);
    assert_eq!(off(&[(0, 5.0), (20, 50.0)], 30), [Off::LeftOut(0.25)]);
    assert_eq!(off(&[(0, 6.0), (20, 26.0)], 30), [], "an instance more or less is the same step");
    let early = watch(100.0, &[(-18, 5.0)], 3);
    let position = placed(&early, &plan(canary()), 3).expect("a plan");
    assert_eq!(position.off, [Off::Early(TimeDelta::minutes(18))]);
}

#[test]
fn a_rollout_whose_beginning_or_data_nobody_saw_is_not_guessed() {
    let canary = stage(Strategy::Canary, FOUR, Some(60));
    let before = watch(48.0, &[(-30, 12.0)], 10);
    let position = placed(&before, &plan(canary.clone()), 10).expect("a plan");
    assert_eq!(position.at, At::Step { step: 2, since: Since::Before(at(-20)), until: None });
    let mut lost = watch(48.0, &[(0, 12.0)], 40);
    lost.phase = Phase::Unknown;
    let position = placed(&lost, &plan(canary), 40).expect("a plan");
    assert_eq!((position.at, position.full, position.done), (At::Unknown, Eta::NotKnown, None));
}

#[test]
fn the_stage_is_that_of_its_version_place_and_time() {
    let rollout = watch(48.0, &[(0, 2.0)], 10);
    let here = stage(Strategy::Canary, FOUR, None);
    let there = Stage { region: Some("us".to_owned()), ..here.clone() };
    let everywhere = Stage { region: None, ..here.clone() };
    let release = |stages: Vec<Stage>| samples::release("r", &[("checkout", "4.2.0")], stages);
    let found =
        |releases: &[Release]| placed(&rollout, releases, 10).map(|found| (found.release, found.stage));
    assert_eq!(found(&[release(vec![there.clone()])]), None);
    assert_eq!(found(&[release(vec![there, everywhere.clone(), here.clone()])]), Some(("r".into(), 2)));
    assert_eq!(found(&[release(vec![everywhere])]), Some(("r".into(), 0)));
    // A second try is nearer in time.
    let again = Stage { start: at(-3000), end: at(-2000), ..here.clone() };
    assert_eq!(found(&[release(vec![again, here.clone()])]), Some(("r".into(), 1)));
    let mut cancelled = release(vec![here.clone()]);
    cancelled.status = crate::domain::Status::Cancelled;
    assert_eq!(found(&[cancelled]), None);
    let other = samples::release("r", &[("checkout", "4.3.0")], vec![here]);
    assert_eq!(found(&[other]), None);
}

proptest::proptest! {
    /// Whatever is seen, time left and the times to come agree with each other.
    #[test]
    fn what_is_to_come_never_lies_in_the_past(
        first in 1_u32..48, second in 0_u32..=48, moved in 1_i64..60, now in 61_i64..200,
        strategy in 0_usize..4, soak in proptest::option::of(1_i64..200),
    ) {
        let stage = stage(Strategy::ALL[strategy], FOUR, soak);
        let rollout = watch(48.0, &[(0, f64::from(first)), (moved, f64::from(second))], now);
        let position = placed(&rollout, &plan(stage), now).expect("a plan");
        match position.full {
            Eta::About(when) => proptest::prop_assert!(when >= at(now)),
            Eta::Between(from, to) => proptest::prop_assert!(from >= at(now) && from < to),
            Eta::Reached(since) => {
                proptest::prop_assert!(crate::domain::rollout::skew::instant_of(since) <= at(now));
            }
            Eta::NotKnown => {}
        }
        proptest::prop_assert!(position.step() <= position.steps.len());
    }
}
