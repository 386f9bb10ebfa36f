//! Which questions a judgement needs, and what of their answers is known.

use std::borrow::Cow;

use chrono::{DateTime, TimeDelta, Utc};

use super::ranges;
use super::rhythm::Rhythm;
use super::subject::Subject;
use crate::domain::metric::Metric;
use crate::domain::question::{Part, Series};
use crate::domain::{Face, Question, Safe, template};

/// The most looks and samples that are taken from before the rollout.
pub const MOST_BEFORE: u32 = 60;
/// The longest that a rollout is measured, in seconds.
const HORIZON: u32 = 86_400;
/// Points a question may ask for; Prometheus refuses more than 11,000.
const MOST_POINTS: u32 = 10_000;
/// Of these so many may lie before the rollout.
const MOST_POINTS_BEFORE: u32 = 3000;
/// The mark that a steady service is measured from moves only this often, in seconds.
const MARK: i64 = 3600;

/// From when to when a metric of a subject is asked for: the room before the rollout included.
pub fn bounds(subject: &Subject, metric: &Metric) -> (DateTime<Utc>, Option<DateTime<Utc>>) {
    let rhythm = Rhythm::of(metric);
    let seconds = |count: u32| TimeDelta::seconds(i64::from(count));
    // Room for samples that are farther apart, should a shorter range hold no two scrapes.
    let interval = rhythm.interval.max(Rhythm::whole(metric).interval);
    let most = rhythm.step.saturating_mul(MOST_POINTS_BEFORE);
    let before = seconds(interval.saturating_mul(MOST_BEFORE).min(most)) + subject.grain;
    let horizon = HORIZON.min(rhythm.step.saturating_mul(MOST_POINTS - MOST_POINTS_BEFORE - 2 * MOST_BEFORE));
    if !matches!(subject.phase, super::subject::Phase::Rollout(_)) {
        // The same question for an hour, so that looking again asks nothing new.
        let mark = |at: DateTime<Utc>| DateTime::from_timestamp(at.timestamp().div_euclid(MARK) * MARK, 0);
        let from = mark(subject.since - before).unwrap_or(subject.since);
        return (from, mark(subject.since).map(|mark| mark + seconds(3600)));
    }
    let last = subject.since + seconds(horizon);
    let until = match subject.ended {
        Some(ended) if subject.is_over => ended.min(last),
        Some(ended) => (ended + subject.watch).min(last),
        None => last,
    };
    let step = i64::from(rhythm.step);
    let from = (subject.since - before).timestamp().div_euclid(step) * step;
    (DateTime::from_timestamp(from, 0).unwrap_or(subject.since), Some(until))
}

/// Whether a query tells versions apart.
pub fn tells_versions(query: &str) -> bool {
    template::names(query).contains(&"version")
}

/// The query of a part of a metric.
pub fn query(metric: &Metric, part: Part) -> Option<Cow<'_, str>> {
    match part {
        Part::Value => Some(Cow::Borrowed(&metric.query)),
        Part::Sample => {
            Rhythm::of(metric).range.and_then(|range| ranges::shortened(&metric.query, range)).map(Cow::Owned)
        }
        Part::Bad => metric.counts.as_ref().map(|counts| Cow::Borrowed(counts.bad.as_str())),
        Part::Total => metric.counts.as_ref().map(|counts| Cow::Borrowed(counts.total.as_str())),
    }
}

/// The question for a part of a metric of one version.
pub fn question(subject: &Subject, metric: &Metric, part: Part, version: &Safe) -> Option<Question> {
    let query = query(metric, part)?;
    let rhythm = Rhythm::of(metric);
    let (from, until) = bounds(subject, metric);
    let names = template::names(&query);
    Some(Question::Measured {
        service: subject.service.clone(),
        environment: subject.environment.clone(),
        // A query that does not tell regions or versions apart is asked once for all.
        region: subject.region.clone().filter(|_| names.contains(&"region")),
        version: if names.contains(&"version") { version.to_string() } else { String::new() },
        metric: metric.name.clone(),
        part,
        from,
        until,
        step: rhythm.step,
        window: rhythm.interval,
    })
}

/// Every question that the judgement of a subject needs.
pub fn questions(subject: &Subject, metrics: &[Metric]) -> Vec<Question> {
    let mut questions = Vec::new();
    if subject.to.is_empty() {
        return questions;
    }
    for metric in metrics {
        for part in [Part::Value, Part::Sample, Part::Bad, Part::Total] {
            for version in std::iter::once(&subject.to).chain(&subject.from) {
                questions.extend(question(subject, metric, part, version));
            }
        }
    }
    questions.sort();
    questions.dedup();
    questions
}

/// What is known of an answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Known<'a> {
    /// Nobody has answered yet.
    Waiting,
    /// There never was a good answer: why.
    Failed(&'a str),
    /// A good answer, and how old it is.
    Fresh(&'a Series, TimeDelta),
    /// The last good answer, too old to count as good; its age, and why there is no younger one.
    Stale(&'a Series, TimeDelta, Option<&'a str>),
}

impl<'a> Known<'a> {
    /// From how an answer looks now.
    pub fn of(face: &Face<'a, Series>, age: Option<TimeDelta>) -> Self {
        match face {
            Face::NotAsked | Face::Loading => Self::Waiting,
            Face::Failed(trouble) => Self::Failed(trouble.failure.what.as_str()),
            Face::Fresh(series) => Self::Fresh(series, age.unwrap_or_default()),
            Face::Stale { value, age, trouble } => Self::Stale(
                value,
                TimeDelta::from_std(*age).unwrap_or(TimeDelta::MAX),
                trouble.map(|trouble| trouble.failure.what.as_str()),
            ),
        }
    }

    /// The series, however old.
    pub fn series(&self) -> Option<&'a Series> {
        match self {
            Self::Fresh(series, _) | Self::Stale(series, _, _) => Some(series),
            Self::Waiting | Self::Failed(_) => None,
        }
    }

    /// How old the answer is.
    pub fn age(&self) -> Option<TimeDelta> {
        match self {
            Self::Fresh(_, age) | Self::Stale(_, age, _) => Some(*age),
            Self::Waiting | Self::Failed(_) => None,
        }
    }

    /// Why it cannot be trusted, in words; `None`: it can.
    pub fn doubt(&self) -> Option<String> {
        match self {
            Self::Waiting => Some("no answer yet".to_owned()),
            Self::Failed(why) => Some((*why).to_owned()),
            Self::Stale(_, age, why) => {
                let why = why.map(|why| format!(": {why}")).unwrap_or_default();
                Some(format!("the last answer is {} old{why}", crate::domain::format::age(*age)))
            }
            Self::Fresh(series, _) => match series.warnings.first() {
                Some(warning) => Some(format!("the answer came with a warning: {warning}")),
                None if series.ambiguous => {
                    Some("more than one series answered: sum them in the query".to_owned())
                }
                None => None,
            },
        }
    }
}

/// The value of a series at an instant of its grid; `None`: a gap, or not on the grid.
pub fn at(series: &Series, time: DateTime<Utc>) -> Option<f64> {
    let seconds = time.timestamp() - series.start.timestamp();
    let step = i64::from(series.step.max(1));
    if seconds < 0 || seconds % step != 0 {
        return None;
    }
    series.values.get(usize::try_from(seconds / step).ok()?).copied().flatten()
}
