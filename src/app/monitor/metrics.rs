//! The golden signals of a rollout: which questions they are, and what the numbers say against
//! their limits. No verdict: numbers only.

use chrono::{DateTime, Utc};

use crate::app::State;
use crate::app::remotes::value_of;
use crate::domain::question::{Series, Span};
use crate::domain::service::Direction;
use crate::domain::{Face, Metric, Question};

use super::rollouts::Seen;

/// Metrics asked for at a time: more than a screen can show.
const MOST: usize = 12;

/// The metrics of a rollout's service.
pub fn of<'a>(state: &'a State, rollout: &Seen) -> &'a [Metric] {
    let metrics = state.workspace.service(&rollout.key.service).map_or(&[][..], |service| &service.metrics);
    &metrics[..metrics.len().min(MOST)]
}

/// The versions compared, the new one first.
pub fn versions(rollout: &Seen) -> impl Iterator<Item = &str> {
    std::iter::once(rollout.key.to.as_str()).chain(rollout.from.as_deref())
}

/// One chart's subject: a metric of a service at a place, with the versions that are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The service.
    pub service: String,
    /// The environment.
    pub environment: String,
    /// The region, where the source tells regions apart.
    pub region: Option<String>,
    /// The versions compared, the new one first.
    pub versions: Vec<String>,
    /// The metric's name.
    pub metric: String,
}

impl Subject {
    /// A metric of a rollout.
    pub fn of(rollout: &Seen, metric: &Metric) -> Self {
        Self {
            service: rollout.key.service.clone(),
            environment: rollout.key.environment.clone(),
            region: rollout.key.region.clone(),
            versions: versions(rollout).map(str::to_owned).collect(),
            metric: metric.name.clone(),
        }
    }

    /// Whether both are the same metric at the same place, whatever versions run.
    pub fn is_same(&self, other: &Self) -> bool {
        self.metric == other.metric && self.is_at(&other.service, &other.environment, other.region.as_deref())
    }

    /// Whether it is about a service at a place.
    pub fn is_at(&self, service: &str, environment: &str, region: Option<&str>) -> bool {
        self.service == service && self.environment == environment && self.region.as_deref() == region
    }

    /// `production · eu`.
    pub fn place(&self) -> String {
        match &self.region {
            Some(region) => format!("{} · {region}", self.environment),
            None => self.environment.clone(),
        }
    }

    /// The question for one version's series.
    pub fn question(&self, metric: &Metric, version: &str, span: Span) -> Question {
        Question::Metric {
            service: self.service.clone(),
            environment: self.environment.clone(),
            // Only a query that tells regions apart makes a question per region.
            region: self.region.clone().filter(|_| asks_for(metric, "region")),
            version: version.to_owned(),
            metric: metric.name.clone(),
            span,
        }
    }
}

/// Whether a metric's query has a place for something: `{{version}}`, `{{region}}`.
pub fn asks_for(metric: &Metric, name: &str) -> bool {
    metric.query.replace(' ', "").contains(&format!("{{{{{name}}}}}"))
}

/// The question for one version's series.
pub fn question(rollout: &Seen, metric: &Metric, version: &str, span: Span) -> Question {
    Subject::of(rollout, metric).question(metric, version, span)
}

/// One version's series of a metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading<'a> {
    /// The version.
    pub version: &'a str,
    /// How the answer over the window looks.
    pub face: Face<'a, Series>,
    /// How the answer that speaks of now looks; the same where the window's points lie close.
    pub present: Face<'a, Series>,
    /// The numbers of the window looked at before, while these are on their way.
    pub before: Option<&'a Series>,
}

impl<'a> Reading<'a> {
    /// The series, however old; of the window before while this one's is on its way.
    pub fn series(&self) -> Option<&'a Series> {
        value_of(&self.face).or(self.before)
    }

    /// The latest number, where it is recent enough to speak of now: within three steps of the
    /// series' end. A series that stopped says nothing of now.
    pub fn latest(&self) -> Option<(DateTime<Utc>, f64)> {
        let series = value_of(&self.present)?;
        let (at, value) = series.latest()?;
        let end = series.time_of(series.values.len().saturating_sub(1));
        let recent = (end - at).num_seconds() <= 3 * i64::from(series.step.max(1));
        let overtaken = series.undefined.is_some_and(|undefined| undefined > at);
        (recent && !overtaken).then_some((at, value)).filter(|(_, value)| value.is_finite())
    }

    /// Why there is no number that speaks of now, where an answer came.
    pub fn absence(&self) -> Option<Absence> {
        let series = value_of(&self.present)?;
        if self.latest().is_some() {
            return None;
        }
        let last = series.latest().map(|(at, _)| at);
        Some(match series.undefined {
            _ if series.absent => Absence::NoSeries,
            Some(at) if last.is_none_or(|last| at > last) => Absence::NoNumber { since: last },
            _ => Absence::NoSample { since: last },
        })
    }
}

/// Why a metric has no number now. None of them is good news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// No series of that name and those labels has a sample in the window.
    NoSeries,
    /// There is a series, but its samples stopped.
    NoSample {
        /// The last one in the window.
        since: Option<DateTime<Utc>>,
    },
    /// There are samples, but they are NaN or infinite: mostly nothing divided by nothing.
    NoNumber {
        /// The last number in the window.
        since: Option<DateTime<Utc>>,
    },
}

impl Absence {
    /// In a word or two, for beside a version.
    pub fn short(self) -> &'static str {
        match self {
            Self::NoSeries => "no series",
            Self::NoSample { .. } => "no data",
            Self::NoNumber { .. } => "no number",
        }
    }

    /// In a sentence, with times in a zone.
    pub fn words(self, zone: chrono_tz::Tz) -> String {
        let local = |at: DateTime<Utc>| at.with_timezone(&zone).format("%H:%M:%S").to_string();
        match self {
            Self::NoSeries => "no series in this window: not there, or the query names it wrong".to_owned(),
            Self::NoSample { since: Some(at) } => format!("no samples since {}", local(at)),
            Self::NoSample { since: None } => "no samples in this window".to_owned(),
            Self::NoNumber { since: Some(at) } => {
                format!("not a number since {}: nothing to divide by", local(at))
            }
            Self::NoNumber { since: None } => "not a number: nothing to divide by".to_owned(),
        }
    }
}

/// What is known of a metric for each version of a rollout, the new one first.
pub fn readings<'a>(state: &'a State, rollout: &'a Seen, metric: &Metric) -> Vec<Reading<'a>> {
    versions_read(state, &Subject::of(rollout, metric), metric, versions(rollout))
}

/// What is known of a chart's subject, for each of its versions.
pub fn readings_of<'a>(state: &'a State, subject: &'a Subject, metric: &Metric) -> Vec<Reading<'a>> {
    versions_read(state, subject, metric, subject.versions.iter().map(String::as_str))
}

fn versions_read<'a>(
    state: &'a State,
    subject: &Subject,
    metric: &Metric,
    versions: impl Iterator<Item = &'a str>,
) -> Vec<Reading<'a>> {
    let (span, usual) = (super::charts::span(state), state.monitor.window.span());
    versions
        .map(|version| {
            let face_of = |span| {
                let question = subject.question(metric, version, span);
                state.remotes.series(&question, state.now)
            };
            let face = face_of(span);
            let before = match face {
                // The same time with fewer points, or another time.
                Face::NotAsked | Face::Loading => {
                    let known = [Some(usual).filter(|usual| *usual != span), state.monitor.span_before];
                    known.into_iter().flatten().find_map(|span| value_of(&face_of(span)))
                }
                _ => None,
            };
            Reading { version, face, present: face_of(state.monitor.window.present()), before }
        })
        .collect()
}

/// Whether a value is on the wrong side of the metric's limit.
pub fn is_beyond(metric: &Metric, value: f64) -> bool {
    metric.limit.is_some_and(|limit| match metric.direction {
        Direction::Decrease => value < limit,
        Direction::Increase | Direction::Either => value > limit,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(direction: Direction, limit: Option<f64>) -> Metric {
        Metric { name: "m".into(), direction, limit, ..Metric::default() }
    }

    #[test]
    fn a_limit_is_crossed_on_its_bad_side_only() {
        assert!(is_beyond(&metric(Direction::Increase, Some(1.0)), 1.1));
        assert!(!is_beyond(&metric(Direction::Increase, Some(1.0)), 1.0));
        assert!(is_beyond(&metric(Direction::Decrease, Some(1.0)), 0.9));
        assert!(!is_beyond(&metric(Direction::Increase, None), 1e9));
    }

    #[test]
    fn a_series_that_stopped_has_no_latest_number() {
        let series = |values: Vec<Option<f64>>| Series { step: 15, values, ..Series::default() };
        let stopped = series(vec![Some(1.0), None, None, None, None]);
        let reading =
            Reading { version: "1", face: Face::NotAsked, present: Face::Fresh(&stopped), before: None };
        assert_eq!(reading.latest(), None);
        assert_eq!(reading.absence(), Some(Absence::NoSample { since: Some(DateTime::UNIX_EPOCH) }));
        let recent = series(vec![Some(1.0), Some(2.0), None, None, None]);
        let reading =
            Reading { version: "1", face: Face::NotAsked, present: Face::Fresh(&recent), before: None };
        assert_eq!(reading.latest().map(|(_, value)| value), Some(2.0));
    }

    #[test]
    fn a_sample_that_is_no_number_overtakes_the_number_before() {
        let second = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let mut series = Series {
            step: 15,
            values: vec![Some(1.0), None],
            undefined: Some(second(15)),
            ..Series::default()
        };
        let absence = |series: &Series| {
            let (face, present) = (Face::NotAsked, Face::Fresh(series));
            Reading { version: "1", face, present, before: None }.absence()
        };
        assert_eq!(absence(&series), Some(Absence::NoNumber { since: Some(second(0)) }));
        series.values[1] = Some(2.0);
        series.undefined = Some(second(0));
        assert_eq!(absence(&series), None);
        let nothing = Series { absent: true, values: vec![None; 2], ..Series::default() };
        assert_eq!(absence(&nothing), Some(Absence::NoSeries));
    }
}
