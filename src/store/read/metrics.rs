//! `[[service.metric]]`

use chrono::TimeDelta;

use super::super::report::Report;
use super::super::wire::{At, workspace as wire};
use super::{queries, values};
use crate::domain::analysis::ranges;
use crate::domain::condition::Condition;
use crate::domain::judge::effect::{Effect, EffectBounds};
use crate::domain::judge::{self, Comparison, Data};
use crate::domain::metric::Counts;
use crate::domain::{Metric, Safe};

/// The shortest time between two measurements that is accepted, in seconds.
const SHORTEST: i64 = 1;
/// The longest, in days.
const LONGEST: i64 = 7;

/// Reads a service's metrics; one whose name is there already is left out.
pub fn read(report: &mut Report<'_>, wire: Vec<wire::Metric>) -> Vec<Metric> {
    let mut metrics: Vec<Metric> = Vec::new();
    for wire in wire {
        queries::check(report, &wire.query, queries::METRIC);
        let place = wire.weight.as_ref().map_or(&wire.query.span, |at| &at.span).clone();
        let name = values::prose(wire.name.clone());
        if metrics.iter().any(|earlier| earlier.name == name) {
            let message = format!("the metric `{name}` is there twice: names must differ");
            report.error(&wire.query.span, message);
            continue;
        }
        if wire.judge == Some(false) && (wire.critical || wire.weight.is_some()) {
            let message =
                format!("the metric `{name}` is only drawn: critical and weight are for judged ones");
            report.error(&place, message);
        }
        metrics.push(metric(report, name, wire));
        // What is wrong with the sum is said once, where it first shows.
        if let Err(message) = weights(&metrics) {
            report.error(&place, message);
            if let Some(last) = metrics.last_mut() {
                last.weight = None;
            }
        }
    }
    metrics.sort_by_key(|metric| !metric.is_judged);
    metrics
}

/// Whether the weights can be used together.
fn weights(metrics: &[Metric]) -> Result<(), String> {
    let as_judged = |metric: &Metric| judge::Metric {
        name: metric.name.clone(),
        group: metric.group.clone(),
        weight: metric.weight,
        direction: metric.direction,
        critical: metric.critical,
        data: Data::Counts { looks: Vec::new(), alpha: metric.alpha },
    };
    let judged = metrics.iter().filter(|metric| metric.is_judged);
    judge::score::check_weights(&judged.map(as_judged).collect::<Vec<_>>())
}

fn metric(report: &mut Report<'_>, name: String, wire: wire::Metric) -> Metric {
    let usual = Metric::default();
    let weight = wire.weight.as_ref().and_then(|at| {
        let accepted = "0 to 100 percent is accepted";
        number(report, at, "weight", accepted, |weight| (0.0..=100.0).contains(&weight))
    });
    let comparison = comparison(report, &wire);
    let alpha = wire.alpha.as_ref().and_then(|at| {
        let accepted = "a share above 0 and below 1 is accepted, such as 0.05";
        number(report, at, "alpha", accepted, |alpha| alpha > 0.0 && alpha < 1.0)
    });
    let interval = wire.interval.as_ref().and_then(|at| {
        length(report, at, "interval", TimeDelta::seconds(SHORTEST), TimeDelta::days(LONGEST))
    });
    let delay = wire
        .delay
        .as_ref()
        .and_then(|at| length(report, at, "delay", TimeDelta::zero(), TimeDelta::days(LONGEST)));
    let is_counted = wire.bad.is_some() || wire.total.is_some();
    let counts = counts(report, wire.bad, wire.total);
    // Who says how samples are compared wants samples.
    let is_derivable = !is_counted && comparison == Comparison::default();
    let counts = counts.or_else(|| {
        let (bad, total) = ranges::counted(&wire.query.value).filter(|_| is_derivable)?;
        Some(Counts { bad, total, is_derived: true })
    });
    Metric {
        name,
        query: wire.query.value,
        direction: wire.direction,
        is_judged: wire.judge.unwrap_or(usual.is_judged),
        critical: wire.critical,
        group: wire.group.and_then(|at| values::word(report, &at, "group")),
        weight,
        kind: wire.kind,
        unit: wire.unit.map(values::prose),
        limit: wire.limit.filter(|limit| limit.is_finite()),
        counts,
        interval,
        delay: delay.unwrap_or(usual.delay),
        comparison,
        alpha: alpha.unwrap_or(usual.alpha),
        success: wire.success.and_then(|at| condition(report, &at, "success")),
        fail: wire.fail.and_then(|at| condition(report, &at, "fail")),
        failure_limit: limit(report, wire.failure_limit, "failure_limit", usual.failure_limit),
        inconclusive_limit: limit(
            report,
            wire.inconclusive_limit,
            "inconclusive_limit",
            usual.inconclusive_limit,
        ),
        error_limit: limit(report, wire.error_limit, "error_limit", usual.error_limit),
    }
}

/// The two queries that count, where both are there.
fn counts(report: &mut Report<'_>, bad: Option<At<String>>, total: Option<At<String>>) -> Option<Counts> {
    let alone = |at: &At<String>, there: &str, missing: &str, report: &mut Report<'_>| {
        let message = format!("`{there}` without `{missing}`: write both, or neither");
        report.error(&at.span, message);
    };
    match (bad, total) {
        (Some(bad), Some(total)) => {
            for at in [&bad, &total] {
                queries::check(report, at, queries::METRIC);
                if !at.value.replace(' ', "").contains("{{window}}") {
                    let mend = "write increase(…[{{window}}]), so that every event is counted once";
                    report.error(&at.span, format!("the query counts over no {{{{window}}}}: {mend}"));
                }
            }
            Some(Counts { bad: bad.value, total: total.value, is_derived: false })
        }
        (Some(bad), None) => {
            alone(&bad, "bad", "total", report);
            None
        }
        (None, Some(total)) => {
            alone(&total, "total", "bad", report);
            None
        }
        (None, None) => None,
    }
}

fn comparison(report: &mut Report<'_>, wire: &wire::Metric) -> Comparison {
    let usual = Comparison::default();
    let effect = wire.effect.unwrap_or_default();
    let tolerance = wire.tolerance.as_ref().and_then(|at| {
        number(report, at, "tolerance", "from 0 to below 1 is accepted", |share| (0.0..1.0).contains(&share))
    });
    let confidence = wire.confidence.as_ref().and_then(|at| {
        let accepted = "between 0 and 1 is accepted, such as 0.98";
        number(report, at, "confidence", accepted, |share| share > 0.0 && share < 1.0)
    });
    let mut bound = |at: &Option<At<f64>>, key: &str, none: f64| {
        let accepted = match effect {
            Effect::MeanRatio => "a ratio above 0 is accepted, such as 1.2",
            Effect::Cles => "a share from 0 to 1 is accepted, such as 0.6",
        };
        let fits = |bound: f64| match effect {
            Effect::MeanRatio => bound > 0.0 && bound.is_finite(),
            Effect::Cles => (0.0..=1.0).contains(&bound),
        };
        at.as_ref().and_then(|at| number(report, at, key, accepted, fits)).unwrap_or(none)
    };
    let none = effect.bounds();
    Comparison {
        tolerance: tolerance.unwrap_or(usual.tolerance),
        confidence: confidence.unwrap_or(usual.confidence),
        effect,
        allowed: EffectBounds {
            increase: bound(&wire.allowed_increase, "allowed_increase", none.increase),
            decrease: bound(&wire.allowed_decrease, "allowed_decrease", none.decrease),
        },
        critical: EffectBounds {
            increase: bound(&wire.critical_increase, "critical_increase", none.increase),
            decrease: bound(&wire.critical_decrease, "critical_decrease", none.decrease),
        },
        nan: wire.nan.unwrap_or_default(),
        outliers: wire.outliers.unwrap_or_default(),
    }
}

fn number(
    report: &mut Report<'_>,
    at: &At<f64>,
    key: &str,
    accepted: &str,
    fits: impl Fn(f64) -> bool,
) -> Option<f64> {
    if fits(at.value) {
        return Some(at.value);
    }
    report.error(&at.span, format!("found {key} {}: {accepted}", at.value));
    None
}

fn length(
    report: &mut Report<'_>,
    at: &At<String>,
    key: &str,
    least: TimeDelta,
    most: TimeDelta,
) -> Option<TimeDelta> {
    let length = values::span(report, at)?;
    if (least..=most).contains(&length) {
        return Some(length);
    }
    let found = Safe::new(&at.value);
    let least = least.num_seconds();
    let message = format!("found {key} {found}: {least}s to {LONGEST}d is accepted");
    report.error(&at.span, message);
    None
}

fn condition(report: &mut Report<'_>, at: &At<String>, key: &str) -> Option<Condition> {
    match Condition::parse(&at.value) {
        Ok(condition) => Some(condition),
        Err(message) => {
            report.error(&at.span, message.replace("`until`", &format!("`{key}`")));
            None
        }
    }
}

fn limit(report: &mut Report<'_>, at: Option<At<i64>>, key: &str, usual: u32) -> u32 {
    let Some(at) = at else { return usual };
    u32::try_from(at.value).unwrap_or_else(|_| {
        let message = format!("found {key} {}: a count from 0 up is accepted", at.value);
        report.error(&at.span, message);
        usual
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::metric::MetricKind;

    #[derive(serde::Deserialize)]
    struct Metrics {
        metric: Vec<wire::Metric>,
    }

    fn read_metric(keys: &str) -> (Vec<Metric>, Vec<String>) {
        let text = format!("[[metric]]\nname = \"errors\"\nquery = \"up\"\n{keys}");
        let wire: Metrics = toml::from_str(&text).unwrap();
        let mut report = Report::new("tminus.toml", &text);
        let metrics = read(&mut report, wire.metric);
        (metrics, report.finish().into_iter().map(|problem| problem.message).collect())
    }

    #[test]
    fn every_key_is_read() {
        let (metrics, problems) = read_metric(
            r#"
            group = "speed"
            kind = "error-rate"
            bad = 'sum(increase(x_total{version="{{version}}",code=~"5.."}[{{window}}]))'
            total = 'sum(increase(x_total{version="{{version}}"}[{{window}}]))'
            interval = "1m"
            delay = "2m"
            tolerance = 0.1
            confidence = 0.95
            effect = "cles"
            allowed_increase = 0.6
            critical_decrease = 0.2
            nan = "replace"
            outliers = "remove"
            alpha = 0.01
            success = "< 0.005"
            fail = "> 0.05"
            failure_limit = 2
            inconclusive_limit = 3
            error_limit = 1
            "#,
        );
        assert_eq!(problems, Vec::<String>::new());
        let metric = &metrics[0];
        assert_eq!(
            (metric.kind, metric.interval),
            (Some(MetricKind::ErrorRate), Some(TimeDelta::minutes(1)))
        );
        assert_eq!((metric.delay, metric.group.as_deref()), (TimeDelta::minutes(2), Some("speed")));
        assert_eq!(metric.comparison.allowed, EffectBounds { increase: 0.6, decrease: 0.5 });
        assert_eq!(metric.comparison.critical, EffectBounds { increase: 0.5, decrease: 0.2 });
        assert!((metric.comparison.confidence - 0.95).abs() < 1e-12 && (metric.alpha - 0.01).abs() < 1e-12);
        assert!(metric.counts.is_some());
        assert_eq!(metric.success.map(|it| it.to_string()).as_deref(), Some("< 0.005"));
        assert_eq!((metric.failure_limit, metric.inconclusive_limit, metric.error_limit), (2, 3, 1));
    }

    #[test]
    fn without_keys_a_metric_is_judged_as_usual() {
        let (metrics, problems) = read_metric("");
        assert_eq!(problems, Vec::<String>::new());
        let usual = Metric { name: "errors".into(), query: "up".into(), ..Metric::default() };
        assert_eq!(metrics, [usual]);
    }

    #[test]
    fn what_is_only_drawn_comes_last_and_has_no_weight_in_a_verdict() {
        let (metrics, problems) = read_metric("judge = false\n[[metric]]\nname = \"b\"\nquery = \"up\"");
        assert_eq!(problems, Vec::<String>::new());
        let service = crate::domain::Service { metrics, ..Default::default() };
        let names = |metrics: &[Metric]| metrics.iter().map(|it| it.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&service.metrics), ["b", "errors"]);
        assert_eq!(names(service.judged()), ["b"]);
        let (_, problems) = read_metric("judge = false\ncritical = true");
        assert!(problems[0].contains("only drawn: critical and weight are for judged ones"), "{problems:?}");
    }

    #[test]
    fn what_is_wrong_is_said_and_the_usual_is_taken() {
        for (keys, said) in [
            ("alpha = 1.0", "found alpha 1: a share above 0 and below 1"),
            ("confidence = 0.0", "found confidence 0: between 0 and 1"),
            ("tolerance = 1.0", "found tolerance 1: from 0 to below 1"),
            ("weight = 101.0", "found weight 101: 0 to 100 percent"),
            ("interval = \"soon\"", "`soon` is not a length of time"),
            ("interval = \"0s\"", "found interval 0s: 1s to 7d is accepted"),
            ("delay = \"8d\"", "found delay 8d: 0s to 7d is accepted"),
            ("success = \"5\"", "`success` is `5`: write < 0.01"),
            ("failure_limit = -1", "found failure_limit -1: a count from 0 up"),
            ("bad = 'increase(x[{{window}}])'", "`bad` without `total`: write both"),
            ("effect = \"cles\"\nallowed_increase = 1.2", "found allowed_increase 1.2: a share from 0 to 1"),
            ("bad = 'increase(x[5m])'\ntotal = 'increase(y[{{window}}])'", "counts over no {{window}}"),
        ] {
            let (metrics, problems) = read_metric(keys);
            assert!(problems.iter().any(|problem| problem.contains(said)), "{keys}: {problems:?}");
            assert_eq!(metrics.len(), 1, "{keys}");
        }
        let two = "weight = 60.0\n[[metric]]\nname = \"latency\"\nquery = \"up\"\nweight = 60.0";
        let (metrics, problems) = read_metric(two);
        assert_eq!(problems, ["the weights add up to 120: 100 at most"]);
        assert_eq!(metrics[1].weight, None);
    }
}
