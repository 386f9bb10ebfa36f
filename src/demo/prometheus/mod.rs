//! A Prometheus-style server: the calls, the shapes and the errors of the real one's HTTP API.

mod answers;
mod parameters;
mod rules;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use chrono::SecondsFormat;
use serde_json::{Map, Value, json};

use super::clock::Clock;
use super::metrics::{self, Metrics, Scraped};
use super::promql::{self, Labels, Source, format_number};
use super::story::Story;
use answers::{Refusal, success};
use parameters::Parameters;
pub(super) use rules::Alert;
use rules::{Everything, RULES, Rules};

/// What the server knows.
#[derive(Debug)]
pub(super) struct Monitoring {
    metrics: Metrics,
    rules: Mutex<Rules>,
    clock: Clock,
    speed: f64,
}

type Shared = Arc<Monitoring>;

impl Monitoring {
    /// Of a story.
    pub(super) fn new(story: &Story, clock: Clock) -> Self {
        let rules = Mutex::new(Rules::new(story));
        Self { metrics: Metrics::new(story), rules, clock, speed: story.speed }
    }

    /// Alerts that fire.
    pub(super) fn firing(&self) -> Vec<Alert> {
        self.with_rules(|rules| rules.alerts().map(|(_, alert)| alert.clone()).collect::<Vec<_>>())
            .into_iter()
            .filter(|alert| alert.fires_since.is_some())
            .collect()
    }

    /// Looks at the series as they are now.
    fn with_series<T>(&self, look: impl FnOnce(&Everything<'_>, i64) -> T) -> T {
        let now = self.clock.now().timestamp_millis();
        // A copy, which is small, so that a slow query does not make the others wait.
        let written = self.with_rules(|rules| rules.written.clone());
        look(&Everything { scraped: Scraped { metrics: &self.metrics, now }, written: &written }, now)
    }

    /// Looks at the rules as they are now.
    fn with_rules<T>(&self, look: impl FnOnce(&Rules) -> T) -> T {
        let mut rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        rules.catch_up(&self.metrics, self.clock.now().timestamp_millis());
        look(&rules)
    }
}

/// The server's calls.
pub(super) fn router(monitoring: Shared) -> Router {
    let api = Router::new()
        .route("/query", both(query))
        .route("/query_range", both(query_range))
        .route("/labels", both(labels))
        .route("/series", both(series))
        .route("/label/{name}/values", get(label_values))
        .route("/metadata", get(metadata))
        .route("/alerts", get(alerts))
        .route("/rules", get(rule_groups))
        .route("/targets", get(targets))
        .route("/status/buildinfo", get(build_info));
    Router::new()
        .nest("/api/v1", api)
        .route("/-/ready", get(|| async { "Prometheus Server is Ready.\n" }))
        .route("/-/healthy", get(|| async { "Prometheus Server is Healthy.\n" }))
        .fallback(|| async { (StatusCode::NOT_FOUND, "404 page not found\n") })
        .method_not_allowed_fallback(|| async { (StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed\n") })
        .with_state(monitoring)
}

/// A call that takes its parameters in the query string or as a form; the work is off the event loop.
fn both(call: fn(&Monitoring, &Parameters) -> Result<Response, Refusal>) -> MethodRouter<Shared> {
    let handler = move |State(monitoring): State<Shared>, RawQuery(query): RawQuery, form: Bytes| async move {
        let parameters = Parameters::read(query.as_deref(), &form);
        let work = tokio::task::spawn_blocking(move || call(&monitoring, &parameters));
        match work.await {
            Ok(outcome) => outcome.into_response(),
            Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error\n").into_response(),
        }
    };
    get(handler).post(handler)
}

fn query(monitoring: &Monitoring, parameters: &Parameters) -> Result<Response, Refusal> {
    let expression = parameters.query()?;
    monitoring.with_series(|everything, now| {
        let time = parameters.time("time", Some(now))?;
        let answer = promql::instant(everything, &expression, time);
        answer.map(|answer| answers::instant(&answer, time)).map_err(|error| Refusal::query("query", &error))
    })
}

fn query_range(monitoring: &Monitoring, parameters: &Parameters) -> Result<Response, Refusal> {
    let grid = parameters.grid()?;
    let expression = parameters.query()?;
    let columns = monitoring.with_series(|everything, _| promql::range(everything, &expression, grid));
    let columns = columns.map_err(|error| Refusal::query("query", &error))?;
    Ok(answers::range(&columns, grid))
}

/// The label sets that the call's selectors and times choose; without selectors, all.
fn chosen(monitoring: &Monitoring, parameters: &Parameters) -> Result<BTreeSet<Labels>, Refusal> {
    let mut selectors = parameters.selectors()?;
    if selectors.is_empty() {
        let all = promql_parser::parser::VectorSelector::default();
        selectors.push(promql::matching(&all).map_err(|error| Refusal::query("match[]", &error))?);
    }
    monitoring.with_series(|everything, now| {
        let from = parameters.time("start", Some(0))?;
        let to = parameters.time("end", Some(now))?;
        let found = selectors.iter().flat_map(|selector| everything.select(selector, from, to));
        Ok(found.map(|series| series.labels().clone()).collect())
    })
}

fn labels(monitoring: &Monitoring, parameters: &Parameters) -> Result<Response, Refusal> {
    let chosen = chosen(monitoring, parameters)?;
    let names: BTreeSet<&str> = chosen.iter().flat_map(Labels::iter).map(|(name, _)| name).collect();
    Ok(success(&json!(names)))
}

fn series(monitoring: &Monitoring, parameters: &Parameters) -> Result<Response, Refusal> {
    if parameters.selectors()?.is_empty() {
        return Err(Refusal::bad_data("no match[] parameter provided"));
    }
    let chosen = chosen(monitoring, parameters)?;
    Ok(success(&chosen.iter().map(answers::metric).collect()))
}

async fn label_values(
    State(monitoring): State<Shared>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let valid = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        && !name.starts_with(|first: char| first.is_ascii_digit());
    if !valid || name.is_empty() {
        return Err(Refusal::bad_data(format!("invalid label name: {name:?}")));
    }
    let chosen = chosen(&monitoring, &Parameters::read(query.as_deref(), &[]))?;
    let values: BTreeSet<&str> =
        chosen.iter().map(|labels| labels.get(&name)).filter(|value| !value.is_empty()).collect();
    Ok(success(&json!(values)))
}

async fn metadata(State(monitoring): State<Shared>, RawQuery(query): RawQuery) -> Response {
    let parameters = Parameters::read(query.as_deref(), &[]);
    let mut all = Map::new();
    for name in monitoring.metrics.names() {
        let family = name
            .strip_prefix("http_request_duration_seconds")
            .map_or(name, |_| "http_request_duration_seconds");
        let (kind, help) = metrics::help(family);
        if parameters.get("metric").is_none_or(|wanted| wanted == family) {
            all.insert(family.to_owned(), json!([{"type": kind, "help": help, "unit": ""}]));
        }
    }
    success(&Value::Object(all))
}

fn alert_json(alert: &Alert) -> Value {
    json!({
        "labels": answers::metric(&alert.labels),
        "annotations": {"summary": alert.summary, "runbook_url": alert.runbook},
        "state": if alert.fires_since.is_some() { "firing" } else { "pending" },
        "activeAt": alert.since.to_rfc3339_opts(SecondsFormat::Nanos, true),
        "value": scientific(alert.value),
    })
}

/// An alert's value as Prometheus writes it: always with an exponent.
fn scientific(value: f64) -> String {
    if !value.is_finite() {
        return format_number(value);
    }
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |rest| ('-', rest));
    format!("{digits}e{sign}{exponent:0>2}")
}

async fn alerts(State(monitoring): State<Shared>) -> Response {
    let alerts =
        monitoring.with_rules(|rules| rules.alerts().map(|(_, alert)| alert_json(alert)).collect::<Value>());
    success(&json!({"alerts": alerts}))
}

async fn rule_groups(State(monitoring): State<Shared>) -> Response {
    let evaluated = monitoring.clock.now().to_rfc3339_opts(SecondsFormat::Nanos, true);
    let rules = monitoring.with_rules(|rules| {
        let one = |rule: &rules::Rule| {
            let own: Vec<&Alert> =
                rules.alerts().filter(|(name, _)| *name == rule.name).map(|(_, alert)| alert).collect();
            let fires = own.iter().any(|alert| alert.fires_since.is_some());
            let state = if fires {
                "firing"
            } else if own.is_empty() {
                "inactive"
            } else {
                "pending"
            };
            json!({
                "state": state, "name": rule.name, "query": rule.query,
                "duration": rule.hold(monitoring.speed), "keepFiringFor": 0,
                "labels": {"severity": rule.severity},
                "annotations": {"summary": rule.summary, "runbook_url": rule.runbook},
                "alerts": own.into_iter().map(alert_json).collect::<Vec<_>>(),
                "health": "ok", "evaluationTime": 0.0004, "lastEvaluation": evaluated, "type": "alerting",
            })
        };
        RULES.iter().map(one).collect::<Vec<_>>()
    });
    success(&json!({"groups": [{
        "name": "services", "file": "/etc/prometheus/rules/services.yml", "rules": rules,
        "interval": 5, "limit": 0, "evaluationTime": 0.0016, "lastEvaluation": evaluated,
    }]}))
}

async fn targets(State(monitoring): State<Shared>) -> Response {
    let scraped = monitoring.clock.now().to_rfc3339_opts(SecondsFormat::Nanos, true);
    let up = promql::parse("up");
    let found = monitoring.with_series(|everything, now| match up {
        Ok(up) => promql::instant(everything, &up, now),
        Err(error) => Err(error),
    });
    let Ok(promql::Answer::Vector(found)) = found else {
        return success(&json!({"activeTargets": [], "droppedTargets": []}));
    };
    let active = found.into_iter().map(|(labels, value)| {
        let address = format!("{}.{}:8080", labels.get("instance"), labels.get("env"));
        json!({
            "discoveredLabels": {
                "__address__": address, "__metrics_path__": "/metrics", "__scheme__": "http",
                "__scrape_interval__": "5s", "__scrape_timeout__": "5s", "job": "services",
            },
            "labels": answers::metric(&labels.nameless()), "scrapePool": "services",
            "scrapeUrl": format!("http://{address}/metrics"), "globalUrl": format!("http://{address}/metrics"),
            "lastError": "", "lastScrape": scraped, "lastScrapeDuration": 0.0021,
            "health": if value > 0.0 { "up" } else { "down" }, "scrapeInterval": "5s", "scrapeTimeout": "5s",
        })
    });
    success(&json!({"activeTargets": active.collect::<Vec<_>>(), "droppedTargets": []}))
}

async fn build_info() -> Response {
    success(&json!({
        "version": "2.42.0", "revision": "tminus-demo", "branch": "demo", "buildUser": "demo@example.com",
        "buildDate": "20230131-00:00:00", "goVersion": "",
    }))
}
