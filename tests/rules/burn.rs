//! The burn table, against numbers that `burn.py` worked out by fractions.

use serde_json::Value;
use tminus::domain::burn::{ROWS, Rates, Readings, Window, judge, period};
use tminus::domain::service::Slo;

#[test]
fn every_row_of_every_objective_and_period_is_as_worked_out_by_fractions() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("burn.json")).unwrap();
    assert_eq!(cases.len(), 4 * 3 * 4 * 5);
    for case in &cases {
        let number = |name: &str| case[name].as_f64().unwrap();
        let slo = Slo {
            objective: number("objective"),
            window_days: number("days"),
            errors: String::new(),
            total: String::new(),
        };
        let row = ROWS[case["row"].as_u64().unwrap() as usize];
        let rates = |window: Window, bad: &str| {
            let seconds = window.seconds(period(&slo));
            (window, Rates { errors: Some(number(bad) / seconds), total: Some(number("all") / seconds) })
        };
        let readings = Readings::from([rates(row.long, "bad_long"), rates(row.short, "bad_short")]);
        let judged = judge(&slo, &readings).into_iter().find(|judged| judged.row == row).unwrap();
        let near = |found: f64, wanted: f64| (found - wanted).abs() <= wanted.abs() * 1e-9;
        assert!(near(judged.threshold, number("threshold")), "{case}");
        assert!(near(judged.long.unwrap(), number("burn_long")), "{case} {judged:?}");
        assert!(near(judged.short.unwrap(), number("burn_short")), "{case} {judged:?}");
        let state = serde_json::to_value(judged.firing).unwrap();
        assert_eq!(state, case["state"], "{case}");
        assert_eq!(serde_json::to_value(row.severity).unwrap(), case["severity"]);
    }
}
