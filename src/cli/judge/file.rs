//! The file's shape: metrics with samples or counts, and how to judge them.

use serde::Deserialize;

use crate::domain::judge::effect::{Effect, EffectBounds};
use crate::domain::judge::samples::{NanStrategy, Outliers};
use crate::domain::judge::{Comparison, Data, Look, Metric, Thresholds, score};
use crate::domain::service::Direction;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    thresholds: Bounds,
    metrics: Vec<Entry>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bounds {
    pass: Option<f64>,
    marginal: Option<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    group: Option<String>,
    weight: Option<f64>,
    #[serde(default)]
    direction: Direction,
    #[serde(default)]
    critical: bool,
    tolerance: Option<f64>,
    confidence: Option<f64>,
    effect: Option<Effect>,
    allowed_increase: Option<f64>,
    allowed_decrease: Option<f64>,
    critical_increase: Option<f64>,
    critical_decrease: Option<f64>,
    nan: Option<NanStrategy>,
    outliers: Option<Outliers>,
    alpha: Option<f64>,
    baseline: Vec<Point>,
    canary: Vec<Point>,
}

/// A sample, a look's events of trials, or nothing.
#[derive(Clone, Copy, Deserialize)]
#[serde(untagged, expecting = "a number, a pair [events, trials], or null")]
enum Point {
    Sample(f64),
    Counts([f64; 2]),
    Nothing(()),
}

/// Reads the file; what is wrong is said with its place.
pub fn parse(text: &str) -> Result<(Vec<Metric>, Thresholds), String> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let document: Document = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let place = error.path().to_string();
        let what = error.into_inner();
        if place == "." { what.to_string() } else { format!("{place}: {what}") }
    })?;
    reader.end().map_err(|error| error.to_string())?;
    let default = Thresholds::default();
    let thresholds = Thresholds {
        pass: document.thresholds.pass.unwrap_or(default.pass),
        marginal: document.thresholds.marginal.unwrap_or(default.marginal),
    };
    let is_percent = |value: f64| (0.0..=100.0).contains(&value);
    if !is_percent(thresholds.pass)
        || !is_percent(thresholds.marginal)
        || thresholds.marginal > thresholds.pass
    {
        return Err("thresholds: 0 ≤ marginal ≤ pass ≤ 100 is accepted".to_owned());
    }
    let metrics: Vec<Metric> = document
        .metrics
        .into_iter()
        .enumerate()
        .map(|(index, entry)| {
            let name = entry.name.clone();
            metric(entry).map_err(|what| format!("metrics[{index}] ({name}): {what}"))
        })
        .collect::<Result<_, _>>()?;
    score::check_weights(&metrics)?;
    Ok((metrics, thresholds))
}

fn metric(entry: Entry) -> Result<Metric, String> {
    let all = || entry.baseline.iter().chain(&entry.canary);
    let counts = all().any(|point| matches!(point, Point::Counts(_)));
    if counts && all().any(|point| matches!(point, Point::Sample(_))) {
        return Err("samples and pairs are mixed: give one kind".to_owned());
    }
    let data = if counts { count_data(&entry)? } else { sample_data(&entry)? };
    let Entry { name, group, weight, direction, critical, .. } = entry;
    Ok(Metric { name, group, weight, direction, critical, data })
}

fn sample_data(entry: &Entry) -> Result<Data, String> {
    if entry.alpha.is_some() {
        return Err("alpha belongs to counts (pairs): samples have a confidence".to_owned());
    }
    let values = |points: &[Point]| {
        let value = |point: &Point| if let Point::Sample(value) = point { *value } else { f64::NAN };
        points.iter().map(value).collect()
    };
    let default = Comparison::default();
    let effect = entry.effect.unwrap_or_default();
    let none = effect.bounds();
    let bounds = |increase: Option<f64>, decrease: Option<f64>| EffectBounds {
        increase: increase.unwrap_or(none.increase),
        decrease: decrease.unwrap_or(none.decrease),
    };
    let comparison = Comparison {
        tolerance: entry.tolerance.unwrap_or(default.tolerance),
        confidence: entry.confidence.unwrap_or(default.confidence),
        effect,
        allowed: bounds(entry.allowed_increase, entry.allowed_decrease),
        critical: bounds(entry.critical_increase, entry.critical_decrease),
        nan: entry.nan.unwrap_or_default(),
        outliers: entry.outliers.unwrap_or_default(),
    };
    if !(0.0..1.0).contains(&comparison.tolerance) {
        return Err(format!("tolerance is {}: from 0 to below 1 is accepted", comparison.tolerance));
    }
    if !(comparison.confidence > 0.0 && comparison.confidence < 1.0) {
        return Err(format!(
            "confidence is {}: between 0 and 1 is accepted, such as 0.98",
            comparison.confidence
        ));
    }
    Ok(Data::Samples { canary: values(&entry.canary), baseline: values(&entry.baseline), comparison })
}

fn count_data(entry: &Entry) -> Result<Data, String> {
    let alpha = entry.alpha.unwrap_or(0.05);
    if !(alpha > 0.0 && alpha < 1.0) {
        return Err(format!("alpha is {alpha}: between 0 and 1 is accepted, such as 0.05"));
    }
    let (canary, baseline) = (entry.canary.len(), entry.baseline.len());
    if canary != baseline {
        return Err(format!(
            "{canary} looks at the canary and {baseline} at the baseline: one pair a look on both sides"
        ));
    }
    let side = |points: &[Point], name: &str| -> Result<Vec<Option<(f64, f64)>>, String> {
        let pair = |(look, point): (usize, &Point)| match point {
            Point::Counts([events, trials]) if 0.0 <= *events && events <= trials => {
                Ok(Some((*events, *trials)))
            }
            Point::Counts([events, trials]) => Err(format!(
                "{name}[{look}] is {events} of {trials}: events from 0 to as many as trials are accepted"
            )),
            Point::Sample(_) | Point::Nothing(()) => Ok(None),
        };
        points.iter().enumerate().map(pair).collect()
    };
    let (canary, baseline) = (side(&entry.canary, "canary")?, side(&entry.baseline, "baseline")?);
    let looks = canary.into_iter().zip(baseline);
    let looks = looks.map(|(canary, baseline)| Some(Look { canary: canary?, baseline: baseline? }));
    Ok(Data::Counts { looks: looks.collect(), alpha })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTRACT: &str = r#"{ "thresholds": { "pass": 95, "marginal": 75 },
      "metrics": [
        { "name": "latency p95", "group": "speed", "weight": 50, "direction": "increase", "critical": false,
          "tolerance": 0.25, "confidence": 0.98, "effect": "mean-ratio", "allowed_increase": 1.0, "allowed_decrease": 1.0,
          "nan": "remove", "outliers": "keep",
          "baseline": [101.2, 99.8, null], "canary": [140.1, 138.0, 141.9] },
        { "name": "errors", "direction": "increase", "critical": true, "alpha": 0.05,
          "baseline": [[3, 900], [1, 910]], "canary": [[4, 100], [6, 98]] } ] }"#;

    #[test]
    fn the_files_shape_is_the_contracts() {
        let (metrics, thresholds) = parse(CONTRACT).unwrap();
        assert_eq!(thresholds, Thresholds::default());
        let Data::Samples { baseline, comparison, .. } = &metrics[0].data else { panic!() };
        assert!(baseline[2].is_nan());
        assert_eq!(*comparison, Comparison::default());
        let Data::Counts { looks, alpha } = &metrics[1].data else { panic!() };
        assert_eq!(looks[1], Some(Look { canary: (6.0, 98.0), baseline: (1.0, 910.0) }));
        assert!((alpha - 0.05).abs() < 1e-12);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let with = |changed: &str| format!(r#"{{"metrics": [{{"name": "m", {changed}}}]}}"#);
        for (text, said) in [
            ("{".to_owned(), "line 1 column 1"),
            ("{}".to_owned(), "missing field `metrics`"),
            (r#"{"metrics": []} x"#.to_owned(), "trailing characters"),
            (r#"{"metrics": [], "thresholds": {"pass": 50}}"#.to_owned(), "0 ≤ marginal ≤ pass ≤ 100"),
            (with(r#""baseline": [1], "canary": ["x"]"#), "metrics[0].canary[0]: a number, a pair"),
            (with(r#""baseline": [1], "canary": [], "tolerence": 1"#), "unknown field `tolerence`"),
            (with(r#""baseline": [1], "canary": [[1, 2]]"#), "samples and pairs are mixed"),
            (with(r#""baseline": [[1, 2]], "canary": []"#), "0 looks at the canary and 1 at the baseline"),
            (with(r#""baseline": [[1, 2]], "canary": [[3, 2]]"#), "canary[0] is 3 of 2"),
            (with(r#""baseline": [1], "canary": [1], "confidence": 1"#), "confidence is 1"),
            (with(r#""baseline": [1], "canary": [1], "tolerance": -0.1"#), "tolerance is -0.1"),
            (with(r#""baseline": [[1, 2]], "canary": [[1, 2]], "alpha": 0"#), "alpha is 0"),
            (with(r#""baseline": [1], "canary": [1], "weight": 101"#), "a percentage"),
        ] {
            let error = parse(&text).unwrap_err();
            assert!(error.contains(said), "{error} does not say {said}");
        }
    }
}
