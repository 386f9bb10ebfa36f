//! An objective's events over windows that end at an instant: one instant query for all windows of
//! a part, and one to see how far back there are numbers: a service costs four requests and not
//! seventeen.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::capability::{Samples, SeriesSource};
use crate::domain::burn::{Part, Rates, Readings, Recorded, Window, period};
use crate::domain::question::{Burned, Span};
use crate::domain::service::Slo;
use crate::domain::template::{self, Escape};
use crate::domain::{Environment, Failure, FailureKind, Safe, Service};

/// The label that tells the parts of the answer apart; no label of a file begins like this.
const LABEL: &str = "tminus_burn";

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Of which service.
    pub service: &'a Service,
    /// Where, for queries that want to know.
    pub environment: Option<&'a Environment>,
    /// One version alone.
    pub version: Option<&'a str>,
    /// Over which windows.
    pub part: Part,
}

/// Asks.
pub async fn ask(
    source: &dyn SeriesSource,
    asked: &Asked<'_>,
    now: DateTime<Utc>,
) -> Result<Burned, Failure> {
    let id = &asked.service.id;
    let slo = asked.service.slo.as_ref().ok_or_else(|| {
        let what = format!("the service {id} has no objective");
        Failure::new(FailureKind::NotConfigured, what, "write [service.slo] under it in tminus.toml")
    })?;
    let query = query(asked, slo).map_err(|error| {
        let what = format!("the objective of {id}: {error}");
        Failure::new(FailureKind::BadQuery, what, "correct errors and total under its [service.slo]")
    })?;
    let answer = source.instant(&query, now).await?;
    let readings = readings(asked.part, &answer);
    let mut burned = Burned { readings, warnings: answer.warnings, recorded: None };
    let is_period = asked.part == Part::Period;
    if is_period && burned.readings.values().any(|rates| rates.total.is_some()) {
        let (recorded, warnings) = recorded(source, asked, slo, now).await?;
        burned.recorded = recorded;
        burned.warnings.extend(warnings);
    }
    Ok(burned)
}

/// Stretches into which a period is cut to see of which there are numbers.
const STRETCHES: u32 = 120;
/// Seconds of events looked at in each: whether there are any, not how many.
const GLANCE: u32 = 900;
/// So many of them may be without: what was not scraped yet, and one at the far end.
const MISSING: usize = 2;

/// Of how much of the period there are events at all: a server that is young, or keeps its numbers
/// for a shorter time, averages over what it has and says nothing of the rest. `None`: all of it.
async fn recorded(
    source: &dyn SeriesSource,
    asked: &Asked<'_>,
    slo: &Slo,
    now: DateTime<Utc>,
) -> Result<(Option<Recorded>, Vec<Safe>), Failure> {
    let seconds = period(slo);
    let step = ((seconds / f64::from(STRETCHES)).ceil() as u32).max(1);
    let mut values = values(asked, slo, Window::Period);
    values.insert("window", format!("{GLANCE}s"));
    let query = template::fill(&slo.total, &values, Escape::PromQl).map_err(|error| {
        let what = format!("the objective of {}: {error}", asked.service.id);
        Failure::new(FailureKind::BadQuery, what, "correct total under its [service.slo]")
    })?;
    let span = Span { end: None, seconds: seconds as u32, step };
    let grid = source.range(&query, span, now).await?;
    // Each point speaks of the stretch before it: the first lies outside of the period.
    let has =
        |point: usize| grid.lines.iter().any(|(_, values)| values.get(point).copied().flatten().is_some());
    let stretches = grid.points.saturating_sub(1);
    let known = (1..grid.points).filter(|point| has(*point)).count();
    let is_whole = known + MISSING >= stretches;
    let recorded = Recorded { days: known as f64 * f64::from(grid.step) / 86_400.0, of: slo.window_days };
    Ok(((!is_whole).then_some(recorded), grid.warnings))
}

/// Both queries over every window, each marked, joined by `or`.
fn query(asked: &Asked<'_>, slo: &Slo) -> Result<String, template::UnknownTemplate> {
    let mut parts = Vec::new();
    for window in asked.part.windows() {
        for (what, query) in [("errors", &slo.errors), ("total", &slo.total)] {
            let filled = template::fill(query, &values(asked, slo, *window), Escape::PromQl)?;
            let mark = mark(what, *window);
            // On lines of its own, so that a comment in the query ends with it.
            parts.push(format!("label_replace(\n{filled}\n, \"{LABEL}\", \"{mark}\", \"\", \"\")"));
        }
    }
    Ok(parts.join(" or "))
}

fn values(asked: &Asked<'_>, slo: &Slo, window: Window) -> BTreeMap<&'static str, String> {
    let mut values = BTreeMap::from([
        ("service", asked.service.id.clone()),
        ("window", window.written(slo)),
        // All of them: for `version=~"{{version}}"`.
        ("version", asked.version.unwrap_or(".*").to_owned()),
    ]);
    if let Some(environment) = asked.environment {
        values.insert("environment", environment.id.clone());
        values.insert("region", environment.region_in_query(None));
    }
    values
}

fn mark(what: &str, window: Window) -> String {
    format!("{what} {window:?}")
}

/// The sum of the series of each part. One that is no number makes the sum none: it does not count
/// as known.
fn readings(part: Part, answer: &Samples) -> Readings {
    let sum = |mark: &str| {
        let found = answer.samples.iter().filter(|(labels, _)| labels.get(LABEL).is_some_and(|l| l == mark));
        found.map(|(_, value)| *value).reduce(|sum, value| sum + value)
    };
    let of = |window: &Window| {
        let rates = Rates { errors: sum(&mark("errors", *window)), total: sum(&mark("total", *window)) };
        (*window, rates)
    };
    part.windows().iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service() -> Service {
        let rate =
            |code: &str| format!("sum(rate(x{{env=\"{{{{environment}}}}\"{code}}}[{{{{window}}}}])) # all");
        let slo = Slo { objective: 99.9, window_days: 30.0, errors: rate(",code=\"500\""), total: rate("") };
        Service { id: "checkout".to_owned(), slo: Some(slo), ..Service::default() }
    }

    fn production() -> Environment {
        Environment { id: "production".to_owned(), regions: Vec::new(), capacity: None, versions: None }
    }

    #[test]
    fn one_query_asks_for_every_window_of_a_part() {
        let (service, production) = (service(), production());
        let slo = service.slo.as_ref().unwrap();
        for (part, windows) in [(Part::Short, 4), (Part::Long, 3), (Part::Period, 1)] {
            let asked = Asked { service: &service, environment: Some(&production), version: None, part };
            let query = query(&asked, slo).unwrap();
            promql_parser::parser::parse(&query).unwrap_or_else(|error| panic!("{error}: {query}"));
            assert_eq!(query.matches("label_replace").count(), windows * 2, "{query}");
            assert!(!query.contains("{{"), "{query}");
        }
        let asked = Asked { service: &service, environment: None, version: None, part: Part::Short };
        assert!(query(&asked, slo).unwrap_err().to_string().contains("environment"));
    }

    #[test]
    fn what_was_not_answered_is_none_and_several_series_are_added_up() {
        let sample = |mark: &str, region: &str, value| {
            let labels = [(LABEL, mark), ("region", region)];
            (labels.map(|(name, value)| (name.to_owned(), value.to_owned())).into(), value)
        };
        let samples = vec![
            sample("errors Hour1", "eu", 1.0),
            sample("errors Hour1", "us", 2.0),
            sample("total Hour1", "eu", 40.0),
            sample("total Minutes5", "eu", f64::NAN),
        ];
        let found = readings(Part::Short, &Samples { samples, ..Samples::default() });
        assert_eq!(found[&Window::Hour1], Rates { errors: Some(3.0), total: Some(40.0) });
        assert!(found[&Window::Minutes5].total.unwrap().is_nan());
        assert_eq!(found[&Window::Hours2], Rates::default());
    }
}
