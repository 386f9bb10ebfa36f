//! Measurements held against conditions: the analysis of Argo Rollouts, without counting what is
//! unknown as good.
//!
//! Source: <https://argo-rollouts.readthedocs.io/en/stable/features/analysis/>; there NaN and an
//! empty answer can pass, here they are measurements without an answer.

use chrono::{DateTime, Utc};

use crate::domain::metric::{Direction, Metric};

/// What a measurement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// It meets the condition of success, or breaks none of failure.
    Success,
    /// It meets the condition of failure, or breaks that of success.
    Failure,
    /// It meets neither.
    Between,
    /// No number.
    Unknown,
}

/// What came of a metric's conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Not measured yet.
    Waiting,
    /// They hold.
    Holds,
    /// More failures than are allowed.
    Fails,
    /// More measurements between success and failure than are allowed.
    Inconclusive,
    /// More measurements in a row without an answer than are allowed, the last among them.
    Error,
}

/// The measurements of one metric, counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Conditions {
    /// What came of them.
    pub standing: Standing,
    /// Successes.
    pub successes: u32,
    /// Failures.
    pub failures: u32,
    /// Neither.
    pub between: u32,
    /// Without an answer, in a row, up to the last.
    pub unknown_in_a_row: u32,
    /// The failure that was one too many: when, and its value.
    pub broke: Option<(DateTime<Utc>, f64)>,
    /// What was broken, in words: `limit 0.05`, `fail > 0.05`.
    pub rule: String,
}

/// Whether a metric has conditions at all.
pub fn has_conditions(metric: &Metric) -> bool {
    metric.success.is_some() || metric.fail.is_some() || metric.limit.is_some()
}

/// What one value is.
pub fn measure(metric: &Metric, value: Option<f64>) -> Measure {
    let Some(value) = value.filter(|value| value.is_finite()) else { return Measure::Unknown };
    let beyond = metric.limit.is_some_and(|limit| match metric.direction {
        Direction::Decrease => value < limit,
        Direction::Increase | Direction::Either => value > limit,
    });
    let fails = metric.fail.is_some_and(|fail| fail.holds(value));
    let can_fail = metric.fail.is_some() || metric.limit.is_some();
    match metric.success {
        _ if beyond || fails => Measure::Failure,
        Some(success) if success.holds(value) => Measure::Success,
        Some(_) if can_fail => Measure::Between,
        Some(_) => Measure::Failure,
        None => Measure::Success,
    }
}

/// Counts measurements in the order of time. More failures than are allowed stay a failure,
/// whatever comes after.
pub fn count(
    metric: &Metric,
    measurements: impl IntoIterator<Item = (DateTime<Utc>, Option<f64>)>,
) -> Conditions {
    let mut seen = Conditions {
        standing: Standing::Waiting,
        successes: 0,
        failures: 0,
        between: 0,
        unknown_in_a_row: 0,
        broke: None,
        rule: rule(metric),
    };
    for (at, value) in measurements {
        match measure(metric, value) {
            Measure::Success => seen.successes += 1,
            Measure::Failure => {
                seen.failures += 1;
                if seen.failures == metric.failure_limit.saturating_add(1) {
                    seen.broke = value.map(|value| (at, value));
                }
            }
            Measure::Between => seen.between += 1,
            Measure::Unknown => {
                seen.unknown_in_a_row += 1;
                continue;
            }
        }
        seen.unknown_in_a_row = 0;
    }
    seen.standing = if seen.failures > metric.failure_limit {
        Standing::Fails
    } else if seen.unknown_in_a_row > metric.error_limit {
        Standing::Error
    } else if seen.between > metric.inconclusive_limit {
        Standing::Inconclusive
    } else if seen.successes > 0 || seen.failures > 0 || seen.between > 0 {
        Standing::Holds
    } else {
        Standing::Waiting
    };
    seen
}

fn rule(metric: &Metric) -> String {
    match (metric.limit, metric.fail, metric.success) {
        (Some(limit), None, _) => {
            format!("its limit of {}", crate::domain::format::value(limit, metric.unit.as_deref()))
        }
        (None, Some(fail), _) => format!("its condition of failure, {fail}"),
        (Some(limit), Some(fail), _) => {
            let limit = crate::domain::format::value(limit, metric.unit.as_deref());
            format!("its limit of {limit} or its condition of failure, {fail}")
        }
        (None, None, Some(success)) => format!("its condition of success, {success}"),
        (None, None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::condition::Condition;

    fn metric(success: Option<&str>, fail: Option<&str>, limit: Option<f64>) -> Metric {
        let condition = |text: Option<&str>| text.map(|text| Condition::parse(text).unwrap());
        Metric { success: condition(success), fail: condition(fail), limit, ..Metric::default() }
    }

    fn run(metric: &Metric, values: &[Option<f64>]) -> Conditions {
        let at = |second: usize| DateTime::from_timestamp(second as i64, 0).unwrap();
        count(metric, values.iter().enumerate().map(|(second, value)| (at(second), *value)))
    }

    #[test]
    fn a_value_is_a_success_a_failure_or_between() {
        use Measure::{Between, Failure, Success, Unknown};
        for (success, fail, limit, value, expected) in [
            (Some("< 1"), Some("> 5"), None, Some(0.5), Success),
            (Some("< 1"), Some("> 5"), None, Some(3.0), Between),
            (Some("< 1"), Some("> 5"), None, Some(6.0), Failure),
            (Some("< 1"), None, None, Some(3.0), Failure),
            (None, Some("> 5"), None, Some(3.0), Success),
            (None, None, Some(2.0), Some(2.0), Success),
            (None, None, Some(2.0), Some(2.1), Failure),
            (Some("< 1"), None, Some(2.0), Some(1.5), Between),
            (Some("< 1"), None, None, None, Unknown),
            (Some("< 1"), None, None, Some(f64::NAN), Unknown),
            (None, Some("> 5"), None, Some(f64::INFINITY), Unknown),
        ] {
            assert_eq!(
                measure(&metric(success, fail, limit), value),
                expected,
                "{success:?} {fail:?} {value:?}"
            );
        }
        let least = Metric { direction: Direction::Decrease, ..metric(None, None, Some(2.0)) };
        assert_eq!(measure(&least, Some(1.9)), Failure);
        assert_eq!(measure(&least, Some(2.1)), Success);
    }

    #[test]
    fn limits_are_how_many_are_allowed() {
        let strict = metric(Some("< 1"), Some("> 5"), None);
        assert_eq!(run(&strict, &[Some(0.0), Some(6.0), Some(0.0)]).standing, Standing::Fails);
        let broke = run(&strict, &[Some(0.0), Some(6.0), Some(7.0)]).broke;
        assert_eq!(broke.map(|(at, value)| (at.timestamp(), value)), Some((1, 6.0)));
        let patient = Metric { failure_limit: 1, inconclusive_limit: 1, error_limit: 1, ..strict.clone() };
        assert_eq!(run(&patient, &[Some(6.0), Some(0.0)]).standing, Standing::Holds);
        assert_eq!(run(&patient, &[Some(6.0), Some(7.0)]).standing, Standing::Fails);
        assert_eq!(run(&patient, &[Some(3.0)]).standing, Standing::Holds);
        assert_eq!(run(&patient, &[Some(3.0), Some(3.0)]).standing, Standing::Inconclusive);
        assert_eq!(run(&patient, &[Some(0.0), None]).standing, Standing::Holds);
        assert_eq!(run(&patient, &[Some(0.0), None, None]).standing, Standing::Error);
        assert_eq!(run(&patient, &[None, None, Some(0.0)]).standing, Standing::Holds);
        assert_eq!(run(&strict, &[]).standing, Standing::Waiting);
        assert_eq!(run(&strict, &[None]).standing, Standing::Waiting);
    }

    #[test]
    fn a_failure_is_never_made_good() {
        let strict = metric(None, None, Some(1.0));
        let mut values = vec![Some(2.0)];
        for _ in 0..50 {
            values.push(Some(0.0));
            assert_eq!(run(&strict, &values).standing, Standing::Fails);
        }
    }
}
