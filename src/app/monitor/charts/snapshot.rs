//! The charts as JSON, and the numbers at the cursor as text.

use serde_json::{Value, json};

use crate::app::State as Cockpit;
use crate::domain::format;

use super::super::metrics::{self, readings_of};
use super::super::snapshot::{is_fresh, time, why};
use super::{Chart, charts, chosen, cursor, last_weeks, page, read_off};

/// The view as JSON: what every chart on screen shows, and which there are besides.
pub(in super::super) fn snapshot(state: &Cockpit) -> Value {
    let own = &state.monitor.charts;
    let charts = charts(state);
    let here = chosen(state, &charts);
    let page = page(state, state.size, charts.len(), here);
    let shown = page.first..page.first + page.columns * page.rows;
    let listed = charts.iter().enumerate().map(|(index, chart)| {
        let mut value = json!({
            "metric": chart.metric.name,
            "service": chart.subject.service,
            "environment": chart.subject.environment,
            "region": chart.subject.region,
            "unit": chart.metric.unit,
            "limit": chart.metric.limit,
            "kind": chart.metric.kind.map(crate::domain::metric::MetricKind::word),
            "selected": index == here,
            "pinned": chart.is_pinned(state),
        });
        if let (true, Some(fields)) = (shown.contains(&index), value.as_object_mut()) {
            fields.insert("lines".to_owned(), lines(state, chart));
            fields.insert("at_cursor".to_owned(), at_cursor(state, chart));
            fields.insert("last_weeks".to_owned(), weeks(state, chart));
        }
        value
    });
    json!({
        "large": own.is_large,
        "comparing": own.compared.as_ref().map(|subject| &subject.metric),
        "band": own.with_band,
        "cursor": cursor(state).map(time),
        "charts": listed.collect::<Vec<_>>(),
    })
}

fn lines(state: &Cockpit, chart: &Chart<'_>) -> Value {
    let readings = readings_of(state, &chart.subject, chart.metric);
    let line = |reading: &metrics::Reading<'_>| {
        let series = reading.series();
        let latest = reading.latest();
        json!({
            "version": reading.version,
            "latest": latest.map(|(_, value)| value),
            "fresh": is_fresh(&reading.present),
            "why": why(&reading.present)
                .or_else(|| reading.absence().map(|absence| absence.words(chrono_tz::Tz::UTC))),
            "start": series.map(|series| time(series.start)),
            "step": series.map(|series| series.step),
            "values": series.map(|series| &series.values),
        })
    };
    readings.iter().map(line).collect()
}

fn at_cursor(state: &Cockpit, chart: &Chart<'_>) -> Value {
    let Some(at) = cursor(state) else { return Value::Null };
    let readings = readings_of(state, &chart.subject, chart.metric);
    let read = read_off(&readings, at);
    json!({
        "time": time(at),
        "values": read.values.iter().map(|(version, value)| json!({ "version": version, "value": value }))
            .collect::<Vec<_>>(),
        "difference": read.difference.map(|(difference, _)| difference),
        "ratio": read.difference.and_then(|(_, ratio)| ratio),
    })
}

fn weeks(state: &Cockpit, chart: &Chart<'_>) -> Value {
    let Some(weeks) = last_weeks(state, chart) else { return Value::Null };
    let at = cursor(state).and_then(|at| weeks.band.at(at));
    json!({
        "weeks": weeks.band.weeks,
        "missing": weeks.missing,
        "low": weeks.band.points.iter().map(|(_, between)| between.map(|(low, _)| low)).collect::<Vec<_>>(),
        "high": weeks.band.points.iter().map(|(_, between)| between.map(|(_, high)| high)).collect::<Vec<_>>(),
        "start": weeks.band.points.first().map(|(at, _)| time(*at)),
        "step": super::span(state).step,
        "at_cursor": at.map(|(low, high)| [low, high]),
    })
}

/// The chosen chart's numbers in a sentence: at the cursor, or the latest.
pub(in super::super) fn selected_text(state: &Cockpit) -> Option<String> {
    let charts = charts(state);
    let chart = charts.get(chosen(state, &charts))?;
    let unit = chart.metric.unit.as_deref();
    let readings = readings_of(state, &chart.subject, chart.metric);
    let at = cursor(state);
    let when = at.map_or_else(
        || "now".to_owned(),
        |at| at.with_timezone(&state.zone).format("at %Y-%m-%d %H:%M:%S %Z").to_string(),
    );
    let written = |value: Option<f64>| value.map_or("no data".to_owned(), |value| format::value(value, unit));
    let mut words: Vec<String> = readings
        .iter()
        .map(|reading| {
            let value = match at {
                Some(at) => reading.series().and_then(|series| series.value_at(at)),
                None => reading.latest().map(|(_, value)| value),
            };
            let stale = if is_fresh(&reading.present) { "" } else { " (stale)" };
            format!("{} {}{stale}", reading.version, written(value))
        })
        .collect();
    if let Some(at) = at
        && let Some((difference, ratio)) = read_off(&readings, at).difference
    {
        words.push(difference_words(difference, ratio, unit));
    }
    if let Some((low, high)) = at.and_then(|at| last_weeks(state, chart)?.band.at(at)) {
        let (low, high) = (format::value(low, unit), format::value(high, unit));
        words.push(format!("same hour of the last weeks {low} to {high}"));
    }
    let subject = &chart.subject;
    let place = subject.place();
    Some(format!("{} of {} in {place} {when}: {}", chart.metric.name, subject.service, words.join(", ")))
}

/// `difference +1.63 points, ×6.3`: percent of percent would be read as something else.
pub fn difference_words(difference: f64, ratio: Option<f64>, unit: Option<&str>) -> String {
    let sign = if difference >= 0.0 { "+" } else { "−" };
    let size = match unit {
        Some("ratio") => format!("{} points", format::number(difference.abs() * 100.0)),
        _ => format::value(difference.abs(), unit),
    };
    match ratio {
        Some(ratio) if ratio.is_finite() => {
            format!("difference {sign}{size}, ×{}", format::number(ratio))
        }
        _ => format!("difference {sign}{size}"),
    }
}
