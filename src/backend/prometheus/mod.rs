//! Prometheus, and what speaks its API: Mimir, Thanos, VictoriaMetrics.

mod alerts;
pub(super) mod grid;
pub(super) mod wire;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;

use self::grid::{Frame, Placed};
use self::wire::{Data, Envelope};
use super::capability::{
    AlertHistorySource, AlertSource, Answering, Grid, IdentitySource, Samples, SeriesSource,
};
use super::http::{Client, Read, words};
use super::labels;
use crate::domain::alerts::History;
use crate::domain::question::{Alert, AlertState, Alerts, Identity, Series, Span};
use crate::domain::{Failure, FailureKind, Safe};

/// More series than this are not taken.
const MOST_SERIES: usize = 200_000;

/// One Prometheus.
#[derive(Debug)]
pub struct Prometheus {
    http: Arc<Client>,
}

impl Prometheus {
    /// At the end of this client.
    pub fn new(http: Arc<Client>) -> Self {
        Self { http }
    }

    /// Asks, and opens the envelope: the answer, and what the server says beside it.
    async fn ask<T: DeserializeOwned>(&self, call: &str, read: Read<'_>) -> Result<(T, Beside), Failure> {
        let segments: Vec<&str> = ["api", "v1"].into_iter().chain(call.split('/')).collect();
        let (call, reply) = self.http.ask(&segments, read).await?;
        let envelope = match reply.json::<Envelope<T>>() {
            Ok(envelope) => envelope,
            Err(error) if reply.status.is_success() => return Err(call.garbled(&reply, error)),
            Err(_) => return Err(call.refused(&reply, None, Utc::now())),
        };
        let success = envelope.status == "success" && reply.status.is_success();
        match envelope.data {
            Some(data) if success => {
                let mut beside = Beside { warnings: envelope.warnings, infos: envelope.infos };
                if let Some(info) = beside.infos.first() {
                    tracing::info!(backend = self.http.name(), %info, "remarks on a query");
                }
                if envelope.is_partial {
                    beside.warn("the answer is partial: some storage nodes did not answer");
                }
                Ok((data, beside))
            }
            _ if success => Err(call.garbled(&reply, "a success without data")),
            _ => {
                let said = envelope.error.unwrap_or_default();
                let mut failure = call.refused(&reply, Some(&said), Utc::now());
                if let Some((kind, mend)) = envelope.error_type.as_deref().and_then(typed) {
                    failure.kind = kind;
                    failure.mend = Safe::new(mend);
                }
                Err(failure)
            }
        }
    }

    async fn instant_of(&self, query: &str, now: DateTime<Utc>) -> Result<Samples, Failure> {
        let time = now.timestamp().to_string();
        let read = Read::Get(&[("query", query), ("time", &time)]);
        let (data, mut beside): (Data, _) = self.ask("query", read).await?;
        let mut samples = Vec::new();
        let mut histograms = false;
        match data {
            Data::Vector(vector) => {
                self.bound(vector.len())?;
                for series in vector {
                    histograms |= series.histogram.is_some();
                    samples.extend(series.value.map(|sample| (series.metric, sample.1.0)));
                }
            }
            Data::Matrix(matrix) => {
                self.bound(matrix.len())?;
                for series in matrix {
                    histograms |= series.histograms.is_some();
                    samples.extend(series.values.last().map(|last| (series.metric, last.1.0)));
                }
            }
            Data::Scalar(sample) => samples.push((labels::none(), sample.1.0)),
            Data::String(_) => return Err(self.not_numbers(query)),
        }
        self.numbers_among(histograms, samples.is_empty(), query, &mut beside)?;
        Ok(Samples { samples, warnings: beside.warnings, infos: beside.infos })
    }

    /// Every series of a query over a span, on one grid.
    async fn lines_of(
        &self,
        query: &str,
        span: Span,
        now: DateTime<Utc>,
    ) -> Result<(Frame, Vec<(labels::Labels, Placed)>, Beside), Failure> {
        let frame = Frame::of(span, now);
        let (start, end) = (frame.start.timestamp().to_string(), frame.end.timestamp().to_string());
        let step = frame.step.to_string();
        // A form, because a query can be longer than an address may be.
        let read = Read::Form(&[("query", query), ("start", &start), ("end", &end), ("step", &step)]);
        let (data, mut beside): (Data, _) = self.ask("query_range", read).await?;
        let Data::Matrix(matrix) = data else { return Err(self.not_numbers(query)) };
        self.bound(matrix.len())?;
        self.bound(matrix.len().saturating_mul(frame.points()) / 64)?;
        let mut lines = Vec::with_capacity(matrix.len());
        let mut histograms = false;
        for series in matrix {
            histograms |= series.histograms.is_some();
            // A series of nothing but native histograms has no line.
            if series.histograms.is_none() || !series.values.is_empty() {
                lines.push((series.metric, frame.place(&series.values)));
            }
        }
        self.numbers_among(histograms, lines.is_empty(), query, &mut beside)?;
        Ok((frame, lines, beside))
    }

    async fn range_of(&self, query: &str, span: Span, now: DateTime<Utc>) -> Result<Grid, Failure> {
        let (frame, lines, beside) = self.lines_of(query, span, now).await?;
        Ok(Grid {
            start: frame.start,
            step: frame.step,
            points: frame.points(),
            lines: lines.into_iter().map(|(labels, placed)| (labels, placed.values)).collect(),
            warnings: beside.warnings,
            infos: beside.infos,
        })
    }

    async fn series_of(&self, query: &str, span: Span, now: DateTime<Utc>) -> Result<Series, Failure> {
        let (frame, lines, beside) = self.lines_of(query, span, now).await?;
        let (ambiguous, absent) = (lines.len() > 1, lines.is_empty());
        let first = lines.into_iter().next().map(|(_, placed)| placed);
        let placed = first.unwrap_or_else(|| frame.place(&[]));
        Ok(Series {
            start: frame.start,
            step: frame.step,
            undefined: placed.undefined.map(|index| frame.time_of(index)),
            values: placed.values,
            ambiguous,
            absent,
            warnings: beside.warnings,
            infos: beside.infos,
        })
    }

    /// Whether there are numbers in an answer. One of nothing but native histograms is no answer to
    /// a question for numbers, and is refused with the mend; beside numbers they are warned of.
    fn numbers_among(
        &self,
        histograms: bool,
        no_numbers: bool,
        query: &str,
        beside: &mut Beside,
    ) -> Result<(), Failure> {
        if histograms && no_numbers {
            let what = format!("{}: the query {} answers native histograms", self.http.name(), words(query));
            let mend = "a histogram is many numbers: write histogram_quantile(0.95, …), histogram_count(…) \
                        or histogram_sum(…) around it";
            return Err(Failure::new(FailureKind::BadQuery, what, mend));
        }
        if histograms {
            beside.warn("native histograms are left out: write histogram_quantile(0.95, …) around them");
        }
        Ok(())
    }

    async fn alerts_of(&self) -> Result<Alerts, Failure> {
        let (wire::Alerts { alerts }, beside) = self.ask("alerts", Read::Get(&[])).await?;
        self.bound(alerts.len())?;
        let mut known: Vec<Alert> = alerts.into_iter().filter_map(alert).collect();
        known.sort_by(|a, b| (a.state, a.since, &a.name).cmp(&(b.state, b.since, &b.name)));
        Ok(Alerts { list: known, warnings: beside.warnings })
    }

    async fn who(&self) -> Result<Identity, Failure> {
        let build = self.ask::<wire::Build>("status/buildinfo", Read::Get(&[])).await;
        let product = match build {
            Ok((build, _)) => {
                let product = build.application.unwrap_or_else(|| "Prometheus".to_owned());
                Safe::new(format!("{product} {}", build.version).trim())
            }
            // Some that speak the API do not tell their build, but answer queries all the same.
            Err(failure) if failure.kind == FailureKind::NotFound => {
                self.instant_of("vector(1)", Utc::now()).await?;
                Safe::new("speaks Prometheus' API")
            }
            Err(failure) => return Err(failure),
        };
        Ok(Identity { product, user: None, clock_skew_seconds: self.http.clock_skew() })
    }

    fn bound(&self, count: usize) -> Result<(), Failure> {
        if count <= MOST_SERIES {
            return Ok(());
        }
        let what = format!("{}: more than {MOST_SERIES} series answered", self.http.name());
        Err(Failure::new(FailureKind::TooLarge, what, "sum by fewer labels in the query"))
    }

    fn not_numbers(&self, query: &str) -> Failure {
        let what = format!("{}: the query {} is no series", self.http.name(), words(query));
        Failure::new(FailureKind::BadQuery, what, "write a query that answers numbers")
    }
}

/// What a server says beside its answer.
#[derive(Debug, Default)]
struct Beside {
    /// The answer is partial, or not to be trusted.
    warnings: Vec<Safe>,
    /// Remarks on how the query is written.
    infos: Vec<Safe>,
}

impl Beside {
    fn warn(&mut self, words: &str) {
        self.warnings.push(Safe::new(words));
    }
}

/// Prometheus' own names for what went wrong.
fn typed(error_type: &str) -> Option<(FailureKind, &'static str)> {
    Some(match error_type {
        "bad_data" => (FailureKind::BadQuery, "correct the query"),
        "execution" => (FailureKind::BadQuery, "the query parses but cannot be evaluated: correct it"),
        "timeout" | "canceled" => (FailureKind::Timeout, "make the query cheaper, or its span shorter"),
        "unavailable" | "internal" => (FailureKind::Unavailable, "wait, or ask who runs it"),
        "not_found" => (FailureKind::NotFound, "check the url with its path prefix"),
        _ => return None,
    })
}

fn alert(alert: wire::Alert) -> Option<Alert> {
    let state = match alert.state.as_str() {
        "firing" => AlertState::Firing,
        "pending" => AlertState::Pending,
        _ => return None,
    };
    Some(labels::alert(alert.labels, &alert.annotations, state, alert.active_at.unwrap_or_default()))
}

impl IdentitySource for Prometheus {
    fn identity(&self) -> Answering<'_, Identity> {
        Box::pin(self.who())
    }
}

impl SeriesSource for Prometheus {
    fn series<'a>(&'a self, query: &'a str, span: Span, now: DateTime<Utc>) -> Answering<'a, Series> {
        Box::pin(self.series_of(query, span, now))
    }

    fn instant<'a>(&'a self, query: &'a str, now: DateTime<Utc>) -> Answering<'a, Samples> {
        Box::pin(self.instant_of(query, now))
    }

    fn range<'a>(&'a self, query: &'a str, span: Span, now: DateTime<Utc>) -> Answering<'a, Grid> {
        Box::pin(self.range_of(query, span, now))
    }
}

impl AlertSource for Prometheus {
    fn alerts(&self) -> Answering<'_, Alerts> {
        Box::pin(self.alerts_of())
    }
}

impl AlertHistorySource for Prometheus {
    fn alert_history(&self, span: Span, now: DateTime<Utc>) -> Answering<'_, History> {
        Box::pin(self.history_of(span, now))
    }
}
