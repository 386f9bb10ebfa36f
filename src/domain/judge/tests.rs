use proptest::prelude::*;

use super::companions::Test;
use super::*;

fn metric(direction: Direction, canary: &[f64], baseline: &[f64], comparison: Comparison) -> Metric {
    Metric {
        name: "latency".to_owned(),
        group: None,
        weight: None,
        direction,
        critical: false,
        data: Data::Samples { canary: canary.to_vec(), baseline: baseline.to_vec(), comparison },
    }
}

fn one(metric: &Metric) -> Finding {
    judge(std::slice::from_ref(metric), Thresholds::default()).findings.remove(0)
}

fn up(canary: &[f64], baseline: &[f64]) -> Finding {
    one(&metric(Direction::Increase, canary, baseline, Comparison::default()))
}

fn kayenta_of(metric: &Metric) -> Finding {
    kayenta::judge(std::slice::from_ref(metric), Thresholds::default()).findings.remove(0)
}

fn repeated(high: usize, low: usize) -> Vec<f64> {
    [vec![100.0; high], vec![1.0; low]].concat()
}

#[track_caller]
fn close(found: Option<f64>, expected: f64) {
    let found = found.expect("a number");
    assert!((found - expected).abs() < 2e-4, "{found} is not {expected}");
}

#[track_caller]
fn interval(finding: &Finding, low: f64, high: f64) {
    close(finding.interval.map(|ends| ends.0), low);
    close(finding.interval.map(|ends| ends.1), high);
}

/// spinnaker #6278: seven of ten samples a hundred times higher, and Kayenta passes.
#[test]
fn a_heavy_tail_that_kayenta_passes_is_no_healthy_canary() {
    let comparison =
        Comparison { allowed: EffectBounds { increase: 1.05, decrease: 1.0 }, ..Comparison::default() };
    let metric = metric(Direction::Increase, &repeated(7, 3), &[1.0; 10], comparison);
    let finding = kayenta_of(&metric);
    assert_eq!(finding.outcome, Outcome::Pass);
    interval(&finding, 0.0, 99.0);
    close(finding.estimate, 99.0);
    close(finding.effect, 70.3);
    let judged = judge(std::slice::from_ref(&metric), Thresholds::default());
    assert_eq!((judged.verdict, judged.score), (Verdict::Inconclusive, 100.0));
    let tail = &judged.findings[0].companions[0];
    assert_eq!(tail.test, Test::Tail);
    assert!((tail.p - 0.001_547_987_6).abs() < 1e-9, "{}", tail.p);
    assert!(judged.why.contains("7 of 10 samples lie above the baseline's P95"), "{}", judged.why);
}

#[test]
fn one_more_of_them_and_the_middle_moves() {
    let finding = up(&repeated(8, 2), &[1.0; 10]);
    assert_eq!(finding.outcome, Outcome::High);
    interval(&finding, 99.0, 99.0);
}

/// kayenta #426: where the statistic is flat, Brent's path decides, and ours is the same.
#[test]
fn a_flat_statistic_has_the_estimate_that_kayentas_solver_finds() {
    let finding = up(&[0.0, 1.0, 2.0, 1.0, 0.0, 0.0], &[0.0; 6]);
    assert_eq!((finding.outcome, finding.effect), (Outcome::Pass, None));
    interval(&finding, 0.0, 2.0);
    close(finding.estimate, 0.8127);
}

#[test]
fn both_measures_of_the_effect() {
    let (canary, baseline) = ([20.0, 22.0, 21.0, 25.0, 30.0], [1.0, 2.2, 1.1, 2.5, 3.0]);
    let comparison = Comparison { tolerance: 0.1, confidence: 0.95, ..Comparison::default() };
    let finding = one(&metric(Direction::Increase, &canary, &baseline, comparison));
    assert_eq!(finding.outcome, Outcome::High);
    interval(&finding, 17.8, 27.8);
    close(finding.effect, 12.0408);
    let cles = Comparison { effect: Effect::Cles, allowed: Effect::Cles.bounds(), ..comparison };
    close(one(&metric(Direction::Increase, &canary, &baseline, cles)).effect, 1.0);
}

#[test]
fn three_samples_a_side_are_high_to_kayenta_and_too_few_to_us() {
    let metric = metric(Direction::Increase, &[100.0, 101.0, 102.0], &[1.0, 2.0, 3.0], Comparison::default());
    let finding = kayenta_of(&metric);
    assert_eq!(finding.outcome, Outcome::High);
    interval(&finding, 97.0, 101.0);
    let judged = judge(std::slice::from_ref(&metric), Thresholds::default());
    assert_eq!(judged.findings[0].outcome, Outcome::Insufficient);
    assert_eq!(judged.verdict, Verdict::Inconclusive);
    let why = &judged.findings[0].why;
    assert!(why.contains("needs 2 more of the canary and 2 of the baseline"), "{why}");
}

#[test]
fn constant_sides_are_decided_without_noise() {
    let finding = up(&[2.0; 10], &[1.0; 10]);
    assert_eq!((finding.outcome, finding.interval), (Outcome::High, Some((1.0, 1.0))));
    assert_eq!(up(&[1.0; 10], &[2.0; 10]).outcome, Outcome::Pass);
    assert_eq!(up(&[1.0; 10], &[1.0; 7]).outcome, Outcome::Pass);
}

#[test]
fn the_direction_says_which_change_is_bad() {
    let (high, low): (Vec<f64>, Vec<f64>) =
        (0..20).map(|n| (20.0 + f64::from(n), f64::from(n) / 9.0)).unzip();
    let outcome = |direction, canary: &[f64], baseline: &[f64]| {
        one(&metric(direction, canary, baseline, Comparison::default())).outcome
    };
    assert_eq!(outcome(Direction::Increase, &high, &low), Outcome::High);
    assert_eq!(outcome(Direction::Decrease, &high, &low), Outcome::Pass);
    assert_eq!(outcome(Direction::Decrease, &low, &high), Outcome::Low);
    assert_eq!(outcome(Direction::Increase, &low, &high), Outcome::Pass);
    assert_eq!(outcome(Direction::Either, &low, &high), Outcome::Low);
    assert_eq!(outcome(Direction::Either, &high, &low), Outcome::High);
}

#[test]
fn a_critical_metric_fails_alone_and_without_data_nothing_is_healthy() {
    let good = || {
        metric(
            Direction::Increase,
            &[1.0, 2.0, 3.0, 4.0, 5.0],
            &[1.0, 2.0, 3.0, 4.0, 5.5],
            Comparison::default(),
        )
    };
    let mut bad = metric(Direction::Increase, &[90.0; 9], &[1.0; 9], Comparison::default());
    bad.critical = true;
    let judged = judge(&[good(), good(), good(), bad.clone()], Thresholds::default());
    assert_eq!((judged.verdict, judged.score), (Verdict::Failing, 0.0));
    let Data::Samples { comparison, .. } = &mut bad.data else { panic!() };
    comparison.critical.increase = 100.0;
    let judged = judge(&[good(), good(), good(), bad.clone()], Thresholds::default());
    assert_eq!((judged.verdict, judged.score), (Verdict::Marginal, 75.0));
    bad.data =
        Data::Samples { canary: vec![f64::NAN], baseline: vec![1.0; 9], comparison: Comparison::default() };
    let judged = judge(&[good(), bad.clone()], Thresholds::default());
    assert_eq!((judged.verdict, judged.findings[1].outcome), (Verdict::Inconclusive, Outcome::Nodata));
    bad.critical = false;
    assert_eq!(judge(&[good(), bad.clone()], Thresholds::default()).verdict, Verdict::Healthy);
    assert_eq!(judge(&[bad], Thresholds::default()).verdict, Verdict::Inconclusive);
    assert_eq!(judge(&[], Thresholds::default()).verdict, Verdict::Inconclusive);
}

#[test]
fn weights_are_the_groups_and_what_has_no_data_shares_its_weight() {
    let of = |group: &str, weight: Option<f64>, canary: &[f64]| Metric {
        group: Some(group.to_owned()),
        weight,
        ..metric(Direction::Increase, canary, &[1.0; 9], Comparison::default())
    };
    let (good, bad, none): (&[f64], &[f64], &[f64]) = (&[1.0; 9], &[90.0; 9], &[]);
    let score = |metrics: &[Metric]| judge(metrics, Thresholds::default()).score;
    let metrics = [of("a", Some(60.0), good), of("a", None, bad), of("b", None, good), of("c", None, bad)];
    assert!((score(&metrics) - (0.6 * 50.0 + 0.2 * 100.0)).abs() < 1e-9);
    let metrics = [of("a", Some(60.0), none), of("b", Some(30.0), good), of("c", None, bad)];
    assert!((score(&metrics) - 75.0).abs() < 1e-9);
    // Kayenta lets a group without data count 100.
    let kayenta = kayenta::judge(&metrics, Thresholds::default());
    assert!((kayenta.score - 90.0).abs() < 1e-9);
    assert!(score::check_weights(&metrics).is_ok());
    let twice = [of("a", Some(60.0), good), of("a", Some(50.0), good)];
    assert!(score::check_weights(&twice).unwrap_err().contains("state it once"));
    let many = [of("a", Some(60.0), good), of("b", Some(50.0), good)];
    assert!(score::check_weights(&many).unwrap_err().contains("add up to 110"));
}

fn counts(direction: Direction, looks: Vec<Option<Look>>) -> Metric {
    let data = Data::Counts { looks, alpha: 0.05 };
    Metric { data, ..metric(direction, &[], &[], Comparison::default()) }
}

fn look(canary: (f64, f64), baseline: (f64, f64)) -> Option<Look> {
    Some(Look { canary, baseline })
}

#[test]
fn a_look_without_counts_is_skipped_and_keeps_its_number() {
    let bad = look((40.0, 100.0), (5.0, 900.0));
    let finding = one(&counts(Direction::Increase, vec![None, bad]));
    assert_eq!((finding.outcome, finding.alarm_at_look, finding.n), (Outcome::High, Some(2), (100, 900)));
    let swapped = look((5.0, 900.0), (40.0, 100.0));
    assert_eq!(one(&counts(Direction::Decrease, vec![swapped])).outcome, Outcome::Low);
    assert_eq!(one(&counts(Direction::Increase, vec![swapped])).outcome, Outcome::Pass);
    assert_eq!(one(&counts(Direction::Either, vec![swapped])).outcome, Outcome::Low);
    assert_eq!(one(&counts(Direction::Either, vec![bad])).outcome, Outcome::High);
    assert_eq!(
        one(&counts(Direction::Increase, vec![None, look((0.0, 0.0), (5.0, 9.0))])).outcome,
        Outcome::Nodata
    );
    assert_eq!(
        one(&counts(Direction::Increase, vec![look((0.0, 1.0), (0.0, 9.0))])).outcome,
        Outcome::Insufficient
    );
}

/// Harmless rollouts, each looked at 200 times: no more false alarms than α. Doubled error rates
/// are found. The same seed every time, so this is no gamble.
#[test]
fn looking_often_raises_no_more_false_alarms_than_alpha() {
    let mut random = fastrand::Rng::with_seed(7);
    let mut events = |trials: u32, rate: f64| (0..trials).filter(|_| random.f64() < rate).count() as f64;
    let mut alarms = |rate: f64, streams: u32| {
        let mut found = Vec::new();
        for _ in 0..streams {
            let looks = (0..200).map(|_| look((events(25, rate), 25.0), (events(75, 0.04), 75.0)));
            found.extend(one(&counts(Direction::Increase, looks.collect())).alarm_at_look);
        }
        found.sort_unstable();
        found
    };
    let harmless = alarms(0.04, 400);
    assert!(harmless.len() <= 20, "{} of 400", harmless.len());
    let doubled = alarms(0.08, 60);
    assert!(doubled.len() >= 59 && doubled[doubled.len() / 2] < 60, "{doubled:?}");
}

/// The 95th percentile of the baseline is 35 but for a rounding, and so is a sample.
#[test]
fn a_sample_on_the_percentile_counts_the_same_both_ways_round() {
    let (x, y) = ([35.0, 0.0, 0.0, 0.0, 0.0], [0.0, 38.0, 0.0, 0.0, 0.0, 28.0, 0.0]);
    let p = |direction, sign: f64| {
        let side = |values: &[f64]| values.iter().map(|value| sign * value).collect::<Vec<_>>();
        one(&metric(direction, &side(&x), &side(&y), Comparison::default())).companions[0].p
    };
    assert_eq!(p(Direction::Increase, 1.0), p(Direction::Decrease, -1.0));
}

fn sample() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec((0_i32..40).prop_map(f64::from), 5..25)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// What is high one way round is low the other way round.
    #[test]
    fn swapping_the_sides_swaps_the_outcome(x in sample(), y in sample()) {
        let negated = |values: &[f64]| values.iter().map(|value| -value).collect::<Vec<_>>();
        let higher = one(&metric(Direction::Increase, &x, &y, Comparison::default()));
        let mirrored = one(&metric(Direction::Decrease, &negated(&x), &negated(&y), Comparison::default()));
        prop_assert!((higher.p.unwrap() - mirrored.p.unwrap()).abs() < 1e-12);
        prop_assert!((higher.companions[0].p - mirrored.companions[0].p).abs() < 1e-12);
        let (low, high) = higher.interval.unwrap();
        let (mirrored_low, mirrored_high) = mirrored.interval.unwrap();
        prop_assert!((low + mirrored_high).abs() < 3e-4 && (high + mirrored_low).abs() < 3e-4);
        prop_assert!(low <= high + 1e-4);
    }

    /// A canary that is worse by a constant is never judged better.
    #[test]
    fn a_worse_canary_is_never_judged_better(x in sample(), y in sample(), worse in 0.0..50.0_f64) {
        let moved: Vec<f64> = x.iter().map(|value| value + worse).collect();
        let before = up(&x, &y);
        let after = up(&moved, &y);
        prop_assert!(before.outcome != Outcome::High || after.outcome == Outcome::High, "{} then {}", before.why, after.why);
    }

    /// The unit does not matter.
    #[test]
    fn another_unit_changes_no_outcome(x in sample(), y in sample()) {
        let scaled = |values: &[f64]| values.iter().map(|value| value * 1024.0).collect::<Vec<_>>();
        let (before, after) = (up(&x, &y), up(&scaled(&x), &scaled(&y)));
        prop_assert!((before.p.unwrap() - after.p.unwrap()).abs() < 1e-12);
        let (low, scaled_low) = (before.interval.unwrap().0, after.interval.unwrap().0);
        prop_assert!((low * 1024.0 - scaled_low).abs() < 0.2, "{low} {scaled_low}");
    }

    /// More errors of the canary are never less evidence.
    #[test]
    fn more_events_are_more_evidence(events in 0_u32..50, more in 1_u32..20) {
        let e_value = |events: u32| {
            one(&counts(Direction::Increase, vec![look((f64::from(events), 100.0), (4.0, 400.0))])).e_value.unwrap()
        };
        prop_assert!(e_value(events + more) > e_value(events));
    }
}
