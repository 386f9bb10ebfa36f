//! Metrics of services: from the query in the file to a series.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{Inner, unknown};
use crate::domain::analysis::plan;
use crate::domain::analysis::rhythm::Rhythm;
use crate::domain::question::{Part, Span};
use crate::domain::template::{self, Escape};
use crate::domain::{Answer, Failure, FailureKind, Question};

/// What the queries of a metric are filled with.
struct Place<'a> {
    service: &'a str,
    environment: &'a str,
    region: Option<&'a str>,
    version: &'a str,
    /// Seconds; `None`: the metric's own interval.
    window: Option<u32>,
}

impl Inner {
    /// Answers the questions for a metric's series.
    pub(super) async fn metric(&self, question: &Question, now: DateTime<Utc>) -> Result<Answer, Failure> {
        let (query, span) = match question {
            Question::Metric { service, environment, region, version, metric, span } => {
                let region = region.as_deref();
                let place = Place { service, environment, region, version, window: None };
                (self.query_of(&place, metric, Part::Value)?, *span)
            }
            Question::Measured {
                service,
                environment,
                region,
                version,
                metric,
                part,
                from,
                until,
                step,
                window,
            } => {
                let region = region.as_deref();
                let place = Place { service, environment, region, version, window: Some(*window) };
                let end = until.unwrap_or(now).min(now);
                let seconds = u32::try_from((end - *from).num_seconds()).unwrap_or(0);
                let span = Span { end: Some(end), seconds: seconds.max(*step), step: *step };
                (self.query_of(&place, metric, *part)?, span)
            }
            _ => return Err(Failure::new(FailureKind::Internal, "not a metric", "report this as a bug")),
        };
        self.series(None)?.series(&query, span, now).await.map(Answer::Metric)
    }

    fn query_of(&self, place: &Place<'_>, name: &str, part: Part) -> Result<String, Failure> {
        let Place { service, environment, .. } = place;
        let metric = self.service(service)?.metrics.iter().find(|known| known.name == name);
        let metric = metric.ok_or_else(|| {
            let what = format!("the service {service} has no metric {name}");
            unknown(what, "write it as [[service.metric]]")
        })?;
        let query = plan::query(metric, part).ok_or_else(|| {
            let what = format!("the metric {name} of {service} counts nothing");
            unknown(what, "write bad = … and total = … under its [[service.metric]]")
        })?;
        let region = self.environment(environment)?.region_in_query(place.region);
        let window = place.window.unwrap_or_else(|| Rhythm::of(metric).interval);
        let values = BTreeMap::from([
            ("service", (*service).to_owned()),
            ("environment", (*environment).to_owned()),
            ("region", region),
            ("version", place.version.to_owned()),
            ("window", format!("{window}s")),
        ]);
        template::fill(&query, &values, Escape::PromQl).map_err(|error| {
            let what = format!("a query of the metric {name} of {service}: {error}");
            Failure::new(FailureKind::BadQuery, what, "correct it in tminus.toml")
        })
    }
}
