//! Every judgement as a sentence.

use chrono::TimeDelta;

use super::compare::{Baseline, Compared};
use super::conditions::{Conditions, Standing};
use super::rhythm::Rhythm;
use super::subject::{Phase, Subject};
use super::{Assessed, Found, ranges};
use crate::domain::format;
use crate::domain::metric::Metric;

pub(super) const NO_METRICS: &str =
    "the service has no metrics to judge: write [[service.metric]] in tminus.toml";

/// One metric.
pub(super) fn metric(assessed: &Assessed, metric: &Metric, subject: &Subject) -> String {
    let words = found(assessed, metric, subject);
    match latest(assessed) {
        Some(latest) => format!("{words}; {latest}"),
        None => words,
    }
}

/// The latest value, where it lies between two measurements and is beyond what is allowed: what was
/// judged does not know of it yet.
pub(super) fn latest(assessed: &Assessed) -> Option<String> {
    let (at, value) = assessed.value.filter(|_| assessed.latest_breaks && !assessed.found.is_bad())?;
    let rule = assessed.conditions.as_ref().map_or("its limit", |conditions| conditions.rule.as_str());
    let value = format::value(value, assessed.unit.as_deref());
    Some(format!("its latest value, {value} at {}, is beyond {rule}", at.format("%H:%M:%S UTC")))
}

fn found(assessed: &Assessed, metric: &Metric, subject: &Subject) -> String {
    let Assessed { name, .. } = assessed;
    let against = || against(assessed, subject);
    match assessed.found {
        Found::Failed => match &assessed.conditions {
            Some(conditions) => broken(assessed, metric, conditions),
            None => String::new(),
        },
        Found::Unknown => {
            let doubt = assessed.doubt.clone().unwrap_or_else(|| match &assessed.conditions {
                Some(conditions) => {
                    format!("{} measurements in a row gave no number", conditions.unknown_in_a_row)
                }
                None => "no answer".to_owned(),
            });
            format!("{name} is not known: {doubt}")
        }
        Found::Between => {
            let count = assessed.conditions.as_ref().map_or(0, |conditions| conditions.between);
            format!("{name}: {count} measurements lie between success and failure: somebody must look")
        }
        Found::Insufficient | Found::Nodata | Found::Pass | Found::High | Found::Low => {
            match &assessed.compared {
                Some(compared) => {
                    let more = needs(compared);
                    let since = assessed
                        .found_at
                        .filter(|_| assessed.found.is_bad())
                        .map_or_else(String::new, |at| format!(", known since {}", at.format("%H:%M UTC")));
                    format!("{}{since}{}{more}", difference(assessed, compared), against())
                }
                None => alone(assessed, subject),
            }
        }
    }
}

/// How samples were made from a query, where that is not as it stands there; what a person can do
/// where they come late.
pub(super) fn made(metric: &Metric, rhythm: Rhythm) -> Option<String> {
    let seconds = |count: u32| format::duration(TimeDelta::seconds(i64::from(count)));
    if metric.counts.as_ref().is_some_and(|counts| counts.is_derived) {
        return Some("events are counted: its query divides rates of one series".to_owned());
    }
    let own = ranges::longest(&metric.query).filter(|_| metric.counts.is_none())?;
    let stated = metric.interval.map(|interval| interval.num_seconds());
    match rhythm.range {
        Some(range) => Some(format!(
            "compared over {} instead of {}, so that samples are independent sooner",
            seconds(range),
            seconds(own)
        )),
        None if stated.is_some_and(|stated| stated < i64::from(rhythm.interval)) || own > SLOW => {
            Some(format!(
                "its range of {} makes independent samples rare: `bad` and `total`, or a shorter range, tell sooner",
                seconds(own)
            ))
        }
        None => None,
    }
}

/// From a range of so many seconds on samples come late.
const SLOW: u32 = 120;

/// What was found, in the metric's own unit; what is no number of it in the judge's words.
fn difference(assessed: &Assessed, compared: &Compared) -> String {
    let finding = &compared.finding;
    let is_sampled = finding.e_value.is_none() && finding.outcome.is_judged();
    let (Some(estimate), Some(interval), true) = (finding.estimate, finding.interval, is_sampled) else {
        return finding.why.clone();
    };
    let unit = assessed.unit.as_deref();
    let effect = finding.effect.filter(|effect| effect.is_finite());
    let effect = effect.map_or_else(String::new, |effect| format!(", effect {}", format::number(effect)));
    let (canary, baseline) = finding.n;
    let ending = match (finding.outcome.is_bad(), finding.fails_alone) {
        (true, true) => "fails, and is critical",
        (true, false) => "fails",
        (false, _) => "passes",
    };
    format!(
        "{} {} {} over baseline{effect}, {canary} against {baseline} samples: {ending}",
        assessed.name,
        format::difference(estimate, unit),
        format::interval(interval, unit),
    )
}

/// A metric that is only held against its conditions.
fn alone(assessed: &Assessed, subject: &Subject) -> String {
    let name = &assessed.name;
    let Some(conditions) = &assessed.conditions else {
        let why = if matches!(subject.phase, Phase::Rollout(_)) {
            "no older version to compare with"
        } else {
            "no rollout to compare"
        };
        return format!("{name}: {why}, and no limit to hold");
    };
    let value = assessed.value.map_or_else(String::new, |(_, value)| {
        format!(" {}", format::value(value, assessed.unit.as_deref()))
    });
    match conditions.standing {
        Standing::Waiting => format!("{name} was not measured yet"),
        _ => format!(
            "{name}{value}: {} of {} measurements within {}",
            conditions.successes,
            conditions.successes + conditions.failures + conditions.between,
            conditions.rule
        ),
    }
}

fn broken(assessed: &Assessed, metric: &Metric, conditions: &Conditions) -> String {
    let (at, value) = conditions.broke.map_or_else(
        || (String::new(), String::new()),
        |(at, value)| {
            (at.format(" at %H:%M:%S UTC").to_string(), format::value(value, metric.unit.as_deref()))
        },
    );
    let failures = conditions.failures;
    let measurements = if failures == 1 { "measurement" } else { "measurements" };
    format!(
        "{} {value}{at} is beyond {}: {failures} failed {measurements}, {} allowed",
        assessed.name, conditions.rule, metric.failure_limit
    )
}

/// Against what.
fn against(assessed: &Assessed, subject: &Subject) -> String {
    match (assessed.baseline, &subject.from) {
        (Baseline::Beside, Some(from)) => format!("; against {from} beside it"),
        (Baseline::Before, Some(from)) => format!("; against {from} before the rollout"),
        (Baseline::Before, None) => "; against the time before the rollout".to_owned(),
        _ => String::new(),
    }
}

fn needs(compared: &Compared) -> String {
    match (compared.look, compared.needed) {
        (Some(_), Some(needed)) => {
            let samples = if needed == 1 { "sample" } else { "samples" };
            format!("; next look in {needed} {samples}")
        }
        _ => String::new(),
    }
}

/// The metric that decided a bad verdict.
pub(super) fn worst(metrics: &[Assessed]) -> Option<String> {
    let bad = || metrics.iter().filter(|metric| metric.found.is_bad());
    let worst = bad().min_by_key(|metric| (!metric.critical, metric.found_at))?;
    let others = bad().count() - 1;
    let more = match others {
        0 => String::new(),
        1 => "; one more metric is bad".to_owned(),
        _ => format!("; {others} more metrics are bad"),
    };
    let critical = if worst.critical { " (critical)" } else { "" };
    Some(format!("{}{critical}{more}", worst.why))
}

/// What keeps a verdict open.
pub(super) fn open(metrics: &[Assessed], open: &Assessed) -> String {
    let judged = metrics.iter().filter(|metric| metric.found.is_judged()).count();
    format!("{judged} of {} metrics judged: {}", metrics.len(), open.why)
}

/// Nothing speaks against it.
pub(super) fn all_pass(metrics: &[Assessed]) -> String {
    let latest = || {
        let told =
            metrics.iter().filter_map(|metric| Some(format!("; {}: {}", metric.name, latest(metric)?)));
        told.collect::<String>()
    };
    match metrics {
        [only] => format!("its metric passes: {}", only.why),
        [_, _] => format!("both metrics pass{}", latest()),
        _ => format!("all {} metrics pass{}", metrics.len(), latest()),
    }
}

/// The service was not seen.
pub(super) fn not_seen(subject: &Subject) -> String {
    let doubt = subject.doubt.as_ref().map(|doubt| format!(" ({doubt})")).unwrap_or_default();
    format!("nothing says that {} runs in {}{doubt}", subject.service, subject.place())
}
