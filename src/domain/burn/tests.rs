//! Against numbers worked out by hand.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::*;

fn slo(objective: f64, window_days: f64) -> Slo {
    Slo { objective, window_days, errors: String::new(), total: String::new() }
}

/// Bad events of all events over a window, as rates.
fn of(slo: &Slo, window: Window, bad: f64, all: f64) -> (Window, Rates) {
    let seconds = window.seconds(period(slo));
    (window, Rates { errors: Some(bad / seconds), total: Some(all / seconds) })
}

fn everywhere(slo: &Slo, share: f64) -> Readings {
    let windows = Part::ALL.iter().flat_map(|part| part.windows());
    windows.map(|window| of(slo, *window, share * 1e6, 1e6)).collect()
}

fn now() -> DateTime<Utc> {
    "2026-11-25T13:00:00Z".parse().unwrap()
}

/// Budget share × period / long window, by hand:
/// 30 d = 720 h: 0.02·720/1 = 14.4; 0.05·720/6 = 6; 0.1·720/24 = 3; 0.1·720/72 = 1.
/// 28 d = 672 h: 13.44; 5.6; 2.8; 0.9333.
/// 7 d = 168 h: 3.36; 1.4; 0.7; 0.2333.
#[test]
fn thresholds_are_those_of_the_workbook_and_scale_with_the_period() {
    for (days, expected) in [
        (30.0, [14.4, 6.0, 3.0, 1.0]),
        (28.0, [13.44, 5.6, 2.8, 0.933_333_333]),
        (7.0, [3.36, 1.4, 0.7, 0.233_333_333]),
    ] {
        for (row, expected) in ROWS.iter().zip(expected) {
            let threshold = row.threshold(days * 86_400.0);
            assert!((threshold - expected).abs() < 1e-8, "{days} d, {row:?}: {threshold}");
        }
    }
}

#[test]
fn the_short_window_is_a_twelfth_of_the_long_one() {
    for row in ROWS {
        assert_eq!(row.long.seconds(0.0), 12.0 * row.short.seconds(0.0));
    }
}

/// Cases worked out by hand: objective, period, bad of all over the long and over the short window
/// of the first row, the two burns, and whether it fires.
#[test]
fn the_first_row_against_hand_computed_cases() {
    for (objective, days, long, short, burns, firing) in [
        // 144/10,000 = 1.44 %; 1.44 % / 0.1 % = 14.4: exactly at the threshold does not fire.
        (99.9, 30.0, (144.0, 1e4), (144.0, 1e4), (14.4, 14.4), Firing::Quiet),
        // One error more: 1.45 % / 0.1 % = 14.5 over both.
        (99.9, 30.0, (145.0, 1e4), (145.0, 1e4), (14.5, 14.5), Firing::Fires),
        // It is over: the short window is quiet again. 2 % / 0.1 % = 20; 0.1 % / 0.1 % = 1.
        (99.9, 30.0, (200.0, 1e4), (10.0, 1e4), (20.0, 1.0), Firing::Quiet),
        // It has only begun: 30 % / 0.1 % = 300 over 5 m, 1 % / 0.1 % = 10 over 1 h.
        (99.9, 30.0, (100.0, 1e4), (3e3, 1e4), (10.0, 300.0), Firing::Quiet),
        // 99.95 %: 0.05 % allowed; 0.8 % / 0.05 % = 16.
        (99.95, 30.0, (80.0, 1e4), (80.0, 1e4), (16.0, 16.0), Firing::Fires),
        // 99 %: 1 % allowed; 14 % / 1 % = 14.
        (99.0, 30.0, (1400.0, 1e4), (1400.0, 1e4), (14.0, 14.0), Firing::Quiet),
        // Seven days: the threshold is 3.36; 0.34 % / 0.1 % = 3.4.
        (99.9, 7.0, (34.0, 1e4), (34.0, 1e4), (3.4, 3.4), Firing::Fires),
        // All of it fails: 100 % / 10 % = 10 < 14.4: an objective of 90 % can never page so.
        (90.0, 30.0, (1e4, 1e4), (1e4, 1e4), (10.0, 10.0), Firing::Never),
    ] {
        let slo = slo(objective, days);
        let readings = Readings::from([
            of(&slo, Window::Hour1, long.0, long.1),
            of(&slo, Window::Minutes5, short.0, short.1),
        ]);
        let judged = judge(&slo, &readings)[0];
        let near = |found: Result<f64, Unknown>, wanted: f64| (found.unwrap() - wanted).abs() < 1e-6;
        assert!(near(judged.long, burns.0) && near(judged.short, burns.1), "{judged:?}");
        assert_eq!(judged.firing, firing, "{objective} {days} {long:?} {short:?}");
    }
}

#[test]
fn what_is_not_known_is_never_quiet() {
    let slo = slo(99.9, 30.0);
    let healthy = || everywhere(&slo, 0.0001);
    assert_eq!(standing(&judge(&slo, &healthy())), Standing::Quiet);
    let some = |errors, total| Rates { errors, total };
    for (rates, why) in [
        (some(None, Some(10.0)), Unknown::NoErrors),
        (some(Some(0.0), None), Unknown::NoTotal),
        (some(Some(f64::NAN), Some(10.0)), Unknown::NoErrors),
        (some(Some(0.0), Some(0.0)), Unknown::NoEvents),
        (some(Some(-1.0), Some(10.0)), Unknown::Odd),
        (some(Some(11.0), Some(10.0)), Unknown::Odd),
        // 0.33 a second over 5 minutes are 99 events.
        (some(Some(0.0), Some(0.33)), Unknown::TooFew(99.0)),
    ] {
        let mut readings = healthy();
        readings.insert(Window::Minutes5, rates);
        let judged = judge(&slo, &readings);
        assert_eq!((judged[0].firing, judged[0].short), (Firing::Unknown, Err(why)), "{rates:?}");
        assert_eq!(standing(&judged), Standing::Unknown, "{rates:?}");
    }
    let mut readings = healthy();
    readings.remove(&Window::Hour1);
    assert_eq!(standing(&judge(&slo, &readings)), Standing::Unknown);
    assert_eq!(standing(&judge(&slo, &Readings::new())), Standing::Unknown);
}

/// 1/3 a second over 5 minutes are exactly 100 events: enough.
#[test]
fn a_hundred_events_are_enough() {
    let slo = slo(99.9, 30.0);
    let mut readings = everywhere(&slo, 0.0);
    readings.insert(Window::Minutes5, Rates { errors: Some(0.0), total: Some(1.0 / 3.0) });
    assert_eq!(judge(&slo, &readings)[0].firing, Firing::Quiet);
}

#[test]
fn a_known_page_outranks_what_is_not_known() {
    let slo = slo(99.9, 30.0);
    let mut readings = everywhere(&slo, 0.02);
    readings.remove(&Window::Day1);
    assert_eq!(standing(&judge(&slo, &readings)), Standing::Page);
}

/// Burn cannot exceed 1/(1 − objective). Row one at 30 d: 1 − 1/14.4 = 93.0556 %; row two:
/// 1 − 1/6 = 83.3333 %; row three: 1 − 1/3 = 66.6667 %; row four: threshold 1, any objective.
#[test]
fn objectives_that_can_never_page_are_told_apart_by_row() {
    for (objective, windows) in [
        (93.06, &[][..]),
        (93.05, &["1h"][..]),
        (83.34, &["1h"]),
        (83.33, &["1h", "6h"]),
        (66.0, &["1h", "6h", "1d"]),
        (1.0, &["1h", "6h", "1d"]),
    ] {
        let slo = slo(objective, 30.0);
        let rows: Vec<String> =
            rows_that_cannot_fire(&slo).iter().map(|row| row.long.written(&slo)).collect();
        assert_eq!(rows, windows, "{objective}");
        assert_eq!(words::never(&slo).is_some(), !windows.is_empty(), "{objective}");
    }
    // At 7 d the first threshold is 3.36: 1 − 1/3.36 = 70.24 %.
    assert!(rows_that_cannot_fire(&slo(70.23, 7.0)).iter().any(|row| row.long == Window::Hour1));
    assert!(rows_that_cannot_fire(&slo(70.24, 7.0)).is_empty());
}

#[test]
fn what_is_said_at_load_names_the_rows_and_the_way_out() {
    let said = words::never(&slo(90.0, 30.0)).unwrap();
    assert_eq!(
        said,
        "at an objective of 90 % burn cannot exceed 10.0, so the rows over 1h can never fire: \
         an objective above 93.06 % lets all of them"
    );
}

#[test]
fn an_objective_none_of_whose_rows_can_fire_is_not_known() {
    // 43 minutes hold no row at all.
    let judged = judge(&slo(99.9, 0.03), &everywhere(&slo(99.9, 0.03), 0.0));
    assert!(judged.is_empty(), "{judged:?}");
    assert_eq!(standing(&judged), Standing::Unknown);
}

/// 99.9 % over 30 d. Over the period 0.025 % failed: burn 0.25, 75 % left. The last hour burns
/// 2: 0.75 × 30 d / 2 = 11.25 d = 11 d 6 h.
#[test]
fn a_budget_lasts_as_long_as_what_is_left_divided_by_the_burn() {
    let slo = slo(99.9, 30.0);
    let with = |period: f64, hour: Option<f64>| {
        let mut readings = Readings::from([of(&slo, Window::Period, period * 1e6, 1e6)]);
        readings.extend(hour.map(|share| of(&slo, Window::Hour1, share * 1e6, 1e6)));
        outlook(&slo, &readings, now())
    };
    let found = with(0.00025, Some(0.002));
    assert!((found.left.unwrap() - 0.75).abs() < 1e-9);
    let Exhaustion::At(at) = found.exhaustion else { panic!("{found:?}") };
    assert!((at - now() - TimeDelta::hours(270)).abs() < TimeDelta::seconds(1), "{at}");
    assert_eq!(with(0.00025, Some(0.0)).exhaustion, Exhaustion::Never);
    assert_eq!(with(0.00025, Some(1e-9)).exhaustion, Exhaustion::Never);
    // 0.12 % of 0.1 %: 20 % over.
    assert_eq!(with(0.0012, Some(0.0)).exhaustion, Exhaustion::Spent);
    assert_eq!(words::left(&with(0.0012, None)), "spent, 20 % over");
    assert_eq!(with(0.00025, None).exhaustion, Exhaustion::Unknown);
    assert_eq!(outlook(&slo, &Readings::new(), now()).exhaustion, Exhaustion::Unknown);
}

#[test]
fn the_rate_falls_back_to_six_hours() {
    let slo = slo(99.9, 30.0);
    let readings = Readings::from([of(&slo, Window::Period, 0.0, 1e6), of(&slo, Window::Hours6, 500.0, 1e6)]);
    let (window, burn) = outlook(&slo, &readings, now()).rate.unwrap();
    assert_eq!(window, Window::Hours6);
    assert!((burn - 0.5).abs() < 1e-9);
}

/// The canary fails 2 %, the stable version 0.2 %, a quarter of the traffic, 0.1 % allowed:
/// 1.8 % × 0.25 / 0.1 % = 4.5.
#[test]
fn the_part_of_a_release_is_what_it_adds() {
    let slo = slo(99.9, 30.0);
    let found = caused(&slo, Some(0.02), Some(0.002), 0.25).unwrap();
    assert!((found.burn - 4.5).abs() < 1e-9, "{found:?}");
    let said = words::blame(Some(&found), Some(6.5), "4.2.0", Some("4.1.3"));
    assert_eq!(said, "4.5 of 6.5 from this release: 4.2.0 fails 2 %, 4.1.3 0.2 %");
    let better = caused(&slo, Some(0.02), Some(0.3), 0.25).unwrap();
    assert_eq!(better.burn, 0.0);
    let said = words::blame(Some(&better), Some(230.0), "4.2.0", Some("4.1.3"));
    assert_eq!(said, "not from this release: 4.2.0 fails 2 %, 4.1.3 30 %");
    let little = caused(&slo, Some(0.031), Some(0.03), 0.05).unwrap();
    assert!(words::blame(Some(&little), Some(30.0), "b", Some("a")).starts_with("mostly not from this"));
    for missing in [(None, Some(0.1)), (Some(0.1), None), (Some(f64::NAN), Some(0.1)), (Some(1.5), Some(0.1))]
    {
        assert_eq!(caused(&slo, missing.0, missing.1, 0.25), None, "{missing:?}");
    }
    assert!(words::blame(None, Some(1.0), "b", None).starts_with("not told apart: nothing runs beside"));
}

#[test]
fn windows_are_written_as_promql_reads_them() {
    assert_eq!(Window::Period.written(&slo(99.9, 30.0)), "30d");
    assert_eq!(Window::Period.written(&slo(99.9, 1.5)), "129600s");
    assert_eq!(Window::Minutes5.written(&slo(99.9, 30.0)), "5m");
}

/// Scrapes of two instants: 10.05 bad ones of 10 are all of them, 10.2 fit no query.
#[test]
fn a_hair_more_errors_than_events_are_all_of_them() {
    let slo = slo(75.0, 30.0);
    let of = |errors| burn(&slo, Some(&Rates { errors: Some(errors), total: Some(10.0) }));
    assert_eq!((of(10.05), of(10.2)), (Ok(4.0), Err(Unknown::Odd)));
}

/// A day holds the rows of an hour, of six and of one day; the slightest less does not.
#[test]
fn a_period_holds_the_row_that_is_as_long() {
    assert_eq!(rows(&slo(99.9, 1.0)).count(), 3);
    assert_eq!(rows(&slo(99.9, 0.999)).count(), 2);
}

/// 75 % leave 25 %: a quarter of all is exactly the budget. With all of it left, a burn of b lasts
/// 30/b days: 30/3285 for nine years, 30/3687 for more than ten.
#[test]
fn a_budget_is_spent_at_nothing_left_and_lasts_ten_years_at_most() {
    let slo = slo(75.0, 30.0);
    let with = |spent: f64, burn: f64| {
        let readings =
            Readings::from([of(&slo, Window::Period, spent, 1.0), of(&slo, Window::Hour1, burn / 4.0, 1.0)]);
        outlook(&slo, &readings, now())
    };
    assert_eq!(with(0.25, 0.0).exhaustion, Exhaustion::Spent);
    assert!(matches!(with(0.0, 30.0 / 3285.0).exhaustion, Exhaustion::At(_)));
    assert_eq!(with(0.0, 30.0 / 3687.0).exhaustion, Exhaustion::Never);
    // 1.5 over ten of thirty days is half of the period's budget: not known to be spent.
    let partly = with(0.375, 1.0).recorded(Some(Recorded { days: 10.0, of: 30.0 }));
    assert_eq!(partly.exhaustion, Exhaustion::Unknown);
}

#[test]
fn a_share_of_the_traffic_is_never_more_than_all_of_it() {
    let found = caused(&slo(75.0, 30.0), Some(0.5), Some(0.25), 1.5).unwrap();
    assert_eq!((found.share, found.burn), (1.0, 1.0));
    assert_eq!(caused(&slo(75.0, 30.0), Some(0.5), Some(0.25), f64::NAN), None);
}

proptest! {
    #[test]
    fn more_errors_never_burn_less_nor_silence_a_row(
        objective in 94.0..99.99_f64, days in 4.0..90.0_f64, share in 0.0..0.5_f64, more in 1.0..2.0_f64,
    ) {
        let slo = slo(objective, days);
        let (less, more) = (judge(&slo, &everywhere(&slo, share)), judge(&slo, &everywhere(&slo, share * more)));
        for (less, more) in less.iter().zip(&more) {
            prop_assert!(less.long.unwrap() <= more.long.unwrap());
            prop_assert!(less.firing <= more.firing, "{less:?} {more:?}");
        }
        prop_assert!(standing(&less) <= standing(&more));
    }

    #[test]
    fn thresholds_scale_with_the_period(days in 3.0..90.0_f64, factor in 1.0..10.0_f64) {
        for row in ROWS {
            let (one, other) = (row.threshold(days * 86_400.0), row.threshold(days * factor * 86_400.0));
            prop_assert!((one * factor / other - 1.0).abs() < 1e-12);
        }
    }

    /// Burning at a row's threshold for its long window spends its share of the budget.
    #[test]
    fn a_row_at_its_threshold_spends_its_share(days in 3.0..90.0_f64) {
        let period = days * 86_400.0;
        for row in ROWS {
            let spent = row.threshold(period) * row.long.seconds(period) / period;
            prop_assert!((spent - row.budget).abs() < 1e-12);
        }
    }

    #[test]
    fn the_burn_depends_on_the_share_alone(share in 0.0..1.0_f64, traffic in 1.0..1e6_f64) {
        let slo = slo(99.9, 30.0);
        let rates = Rates { errors: Some(share * traffic), total: Some(traffic) };
        let burn = burn(&slo, Some(&rates)).unwrap();
        prop_assert!((burn - share / 0.001).abs() <= 1e-9 * burn.max(1.0));
        prop_assert!(burn <= most_burn(&slo) * (1.0 + 1e-12));
    }

    #[test]
    fn a_release_never_causes_less_than_nothing_nor_more_than_all(
        canary in 0.0..1.0_f64, stable in 0.0..1.0_f64, share in 0.0..1.0_f64,
    ) {
        let slo = slo(99.9, 30.0);
        let found = caused(&slo, Some(canary), Some(stable), share).unwrap();
        prop_assert!(found.burn >= 0.0 && found.burn <= most_burn(&slo) * (1.0 + 1e-12));
    }
}

/// Ten of thirty days: what burns 0.6 over them has spent 0.6·10/30 = 0.2 of the period's budget.
#[test]
fn a_budget_of_which_only_a_part_is_recorded_is_not_known() {
    let slo = slo(99.9, 30.0);
    let recorded = |days: f64| Some(Recorded { days, of: 30.0 });
    let readings = everywhere(&slo, 0.0006);
    let whole = outlook(&slo, &readings, now());
    assert_eq!(whole.recorded(None), whole);
    let partly = whole.recorded(recorded(10.0));
    assert_eq!(partly.left, Err(Unknown::Partly(Recorded { days: 10.0, of: 30.0 })));
    assert_eq!(partly.exhaustion, Exhaustion::Unknown);
    assert_eq!(words::left(&partly), "40 % left by 10 of 30 days");
    // Nothing spent by a young server is no budget of 100 %.
    let young = outlook(&slo, &everywhere(&slo, 0.0), now()).recorded(recorded(0.5));
    assert_eq!(words::left(&young), "not known: nothing spent in 12 hours of 30 days");
    // 6 over ten days is 2 over thirty: whatever came before, it is spent.
    let spent = outlook(&slo, &everywhere(&slo, 0.006), now()).recorded(recorded(10.0));
    assert_eq!((spent.exhaustion, spent.left.is_err()), (Exhaustion::Spent, true));
    assert_eq!(words::left(&spent), "overspent by 500 % at the rate of 10 of 30 days");
    let known = Known { readings, recorded: recorded(10.0), why: None };
    let told = serde_json::to_value(Told::new("cart", None, &slo, &account(&slo, &known, now()))).unwrap();
    assert_eq!(told["budget"]["left"], serde_json::Value::Null);
    assert_eq!(
        (&told["budget"]["recorded_days"], &told["budget"]["exhaustion"]),
        (&10.0.into(), &"unknown".into())
    );
}
