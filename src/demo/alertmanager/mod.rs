//! An Alertmanager-style server: its API v2, with its three shapes of errors.

mod silence;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use super::clock::Clock;
use super::prometheus::{Alert, Monitoring};
use super::promql::Labels;
use silence::{Condition, Silence};

/// How long an alert that is no longer sent stays, in seconds.
const RESOLVE_SECONDS: i64 = 300;

/// The only receiver.
const RECEIVER: &str = "on-call";

/// What the server knows.
#[derive(Debug)]
pub(super) struct Alerting {
    monitoring: Arc<Monitoring>,
    silences: Mutex<Silences>,
    clock: Clock,
    started: DateTime<Utc>,
    prometheus: String,
}

#[derive(Debug)]
struct Silences {
    all: Vec<Silence>,
    random: fastrand::Rng,
}

impl Silences {
    /// A new id, shaped like a UUID.
    fn id(&mut self) -> String {
        let (high, low) = (self.random.u64(..), self.random.u64(..));
        format!(
            "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            low >> 52,
            low & 0xffff_ffff_ffff
        )
    }
}

type Shared = State<Arc<Alerting>>;

impl Alerting {
    /// With one silence that someone set this morning.
    pub(super) fn new(monitoring: Arc<Monitoring>, clock: Clock, prometheus: String, seed: u64) -> Self {
        let started = clock.now();
        let mut silences = Silences { all: Vec::new(), random: fastrand::Rng::with_seed(seed) };
        let id = silences.id();
        silences.all.push(Silence {
            id,
            conditions: vec![
                Condition::equal("alertname", "SearchIndexLag"),
                Condition::equal("env", "staging"),
            ],
            starts: started - TimeDelta::hours(5),
            ends: started + TimeDelta::hours(19),
            updated: started - TimeDelta::hours(5),
            by: "hana".to_owned(),
            comment: "the full import runs on staging until tomorrow".to_owned(),
        });
        Self { monitoring, silences: Mutex::new(silences), clock, started, prometheus }
    }

    fn silences(&self) -> MutexGuard<'_, Silences> {
        self.silences.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every alert in the API's shape, with its labels.
    fn alerts(&self) -> Vec<(Labels, Value)> {
        let now = self.clock.now();
        let firing = self.monitoring.firing();
        let silences = self.silences();
        let one = |alert: &Alert| {
            let own = silences.all.iter().filter(|silence| silence.silences(&alert.labels, now));
            let silenced: Vec<&str> = own.map(|silence| silence.id.as_str()).collect();
            let inhibitors = firing.iter().filter(|other| inhibits(&other.labels, &alert.labels));
            let inhibited: Vec<String> = inhibitors.map(|other| fingerprint(&other.labels)).collect();
            let quiet = !silenced.is_empty() || !inhibited.is_empty();
            let labels: Value =
                alert.labels.iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
            let query: String = url::form_urlencoded::byte_serialize(alert.query.as_bytes()).collect();
            let value = json!({
                "annotations": {"summary": alert.summary, "runbook_url": alert.runbook},
                "endsAt": time(now + TimeDelta::seconds(RESOLVE_SECONDS)),
                "fingerprint": fingerprint(&alert.labels), "receivers": [{"name": RECEIVER}],
                "startsAt": time(alert.fires_since.unwrap_or(alert.since)),
                "status": {
                    "inhibitedBy": inhibited, "silencedBy": silenced,
                    "state": if quiet { "suppressed" } else { "active" },
                },
                "updatedAt": time(now), "labels": labels,
                "generatorURL": format!("{}/graph?g0.expr={query}&g0.tab=1", self.prometheus),
            });
            (alert.labels.clone(), value)
        };
        firing.iter().map(one).collect()
    }
}

/// A critical alert makes the warnings about the same thing quiet.
fn inhibits(source: &Labels, target: &Labels) -> bool {
    source.get("severity") == "critical"
        && target.get("severity") == "warning"
        && ["service", "env", "region", "version"].iter().all(|name| source.get(name) == target.get(name))
}

/// The labels' FNV-1a hash, as Prometheus computes it.
fn fingerprint(labels: &Labels) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for (name, value) in labels.iter() {
        for byte in name.bytes().chain([0xff]).chain(value.bytes()).chain([0xff]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    format!("{hash:016x}")
}

/// A time as the API writes it.
fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The server's calls.
pub(super) fn router(alerting: Arc<Alerting>) -> Router {
    let not_allowed = || async {
        let body = json!({"code": 405, "message": "method is not allowed, but others are"});
        (StatusCode::METHOD_NOT_ALLOWED, Json(body))
    };
    let api = Router::new()
        .route("/status", get(status))
        .route("/alerts", get(alerts))
        .route("/alerts/groups", get(groups))
        .route("/receivers", get(|| async { Json(json!([{"name": RECEIVER}])) }))
        .route("/silences", get(silences).post(create_silence))
        .route("/silence/{id}", get(silence).delete(expire_silence))
        .method_not_allowed_fallback(not_allowed);
    Router::new()
        .nest("/api/v2", api)
        .route("/-/ready", get(|| async { "OK" }))
        .route("/-/healthy", get(|| async { "OK" }))
        .fallback(|| async { (StatusCode::NOT_FOUND, "404 page not found\n") })
        .with_state(alerting)
}

/// A refusal as a bare JSON string.
fn bare(status: StatusCode, message: &str) -> Response {
    (status, Json(json!(message))).into_response()
}

/// A refusal of the API's validation; its codes are not HTTP's.
fn invalid(status: StatusCode, code: u16, message: &str) -> Response {
    (status, Json(json!({"code": code, "message": message}))).into_response()
}

/// What a call's parameters choose.
struct Choice {
    conditions: Vec<Condition>,
    active: bool,
    silenced: bool,
    inhibited: bool,
}

impl Choice {
    fn read(query: Option<&str>) -> Result<Self, Box<Response>> {
        let mut choice = Self { conditions: Vec::new(), active: true, silenced: true, inhibited: true };
        for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            let flag = || match value.as_ref() {
                "true" | "1" => Ok(true),
                "false" | "0" => Ok(false),
                _ => {
                    let message = format!("{name} in query must be of type bool: {value:?}");
                    Err(Box::new(invalid(StatusCode::UNPROCESSABLE_ENTITY, 601, &message)))
                }
            };
            match name.as_ref() {
                "active" => choice.active = flag()?,
                "silenced" => choice.silenced = flag()?,
                "inhibited" => choice.inhibited = flag()?,
                // Every alert of the demo has been processed; the value only has to make sense.
                "unprocessed" => flag().map(|_| ())?,
                "filter" => {
                    if let Some(condition) = Condition::parse(&value) {
                        choice.conditions.push(condition);
                    } else {
                        let message = format!("bad matcher format: {value}");
                        return Err(Box::new(bare(StatusCode::BAD_REQUEST, &message)));
                    }
                }
                _ => {}
            }
        }
        Ok(choice)
    }

    fn accepts(&self, labels: &Labels, alert: &Value) -> bool {
        let any = |name: &str| alert["status"][name].as_array().is_some_and(|list| !list.is_empty());
        let (silenced, inhibited) = (any("silencedBy"), any("inhibitedBy"));
        (self.active || silenced || inhibited)
            && (self.silenced || !silenced)
            && (self.inhibited || !inhibited)
            && self.conditions.iter().all(|condition| condition.accepts(labels))
    }
}

async fn status(State(alerting): Shared) -> Response {
    let original = "route:\n  receiver: on-call\n  group_by:\n  - alertname\n  - service\nreceivers:\n- name: on-call\n\
                    inhibit_rules:\n- source_matchers:\n  - severity=\"critical\"\n  target_matchers:\n  - \
                    severity=\"warning\"\n  equal:\n  - service\n  - env\n  - region\n  - version\n";
    let body = json!({
        "cluster": {"peers": [], "status": "disabled"}, "config": {"original": original},
        "uptime": time(alerting.started),
        "versionInfo": {
            "branch": "demo", "buildDate": "20221222-14:51:36", "buildUser": "demo@example.com", "goVersion": "",
            "revision": "tminus-demo", "version": "0.25.0",
        },
    });
    Json(body).into_response()
}

async fn alerts(State(alerting): Shared, RawQuery(query): RawQuery) -> Response {
    let choice = match Choice::read(query.as_deref()) {
        Ok(choice) => choice,
        Err(refusal) => return *refusal,
    };
    let all = alerting.alerts().into_iter().filter(|(labels, alert)| choice.accepts(labels, alert));
    Json(all.map(|(_, alert)| alert).collect::<Vec<_>>()).into_response()
}

async fn groups(State(alerting): Shared, RawQuery(query): RawQuery) -> Response {
    let choice = match Choice::read(query.as_deref()) {
        Ok(choice) => choice,
        Err(refusal) => return *refusal,
    };
    let mut groups: BTreeMap<(String, String), Vec<Value>> = BTreeMap::new();
    for (labels, alert) in alerting.alerts() {
        if choice.accepts(&labels, &alert) {
            let key = (labels.get("alertname").to_owned(), labels.get("service").to_owned());
            groups.entry(key).or_default().push(alert);
        }
    }
    let groups = groups.into_iter().map(|((name, service), alerts)| {
        json!({
            "alerts": alerts, "labels": {"alertname": name, "service": service}, "receiver": {"name": RECEIVER},
        })
    });
    Json(groups.collect::<Vec<_>>()).into_response()
}

async fn silences(State(alerting): Shared, RawQuery(query): RawQuery) -> Response {
    let choice = match Choice::read(query.as_deref()) {
        Ok(choice) => choice,
        Err(refusal) => return *refusal,
    };
    let now = alerting.clock.now();
    let held = alerting.silences();
    // A filter chooses silences that hold exactly such a condition.
    let chosen = held
        .all
        .iter()
        .filter(|silence| choice.conditions.iter().all(|condition| silence.conditions.contains(condition)));
    Json(chosen.map(|silence| silence.json(now)).collect::<Vec<_>>()).into_response()
}

async fn create_silence(State(alerting): Shared, body: Bytes) -> Response {
    let now = alerting.clock.now();
    let Ok(body) = serde_json::from_slice::<Value>(&body) else {
        let message = "parsing silence body from \"\" failed, because it is not JSON";
        return invalid(StatusCode::BAD_REQUEST, 400, message);
    };
    let mut silence = match silence::read(&body, now) {
        Ok(silence) => silence,
        Err((code, message)) => return invalid(StatusCode::UNPROCESSABLE_ENTITY, code, &message),
    };
    if silence.ends <= now {
        return bare(StatusCode::BAD_REQUEST, "Failed to create silence: end time can't be in the past");
    }
    if silence.ends <= silence.starts {
        return bare(StatusCode::BAD_REQUEST, "Failed to create silence: start time must be before end time");
    }
    let mut held = alerting.silences();
    if silence.id.is_empty() {
        silence.id = held.id();
    } else {
        let Some(index) = held.all.iter().position(|other| other.id == silence.id) else {
            return bare(StatusCode::NOT_FOUND, "silence not found");
        };
        let before = &mut held.all[index];
        if before.conditions == silence.conditions && before.state(now) != "expired" {
            silence.starts = before.starts.min(silence.starts);
            held.all.remove(index);
        } else {
            // Another set of conditions is another silence; the one before ends.
            before.ends = before.ends.min(now);
            silence.id = held.id();
        }
    }
    let id = silence.id.clone();
    held.all.push(silence);
    Json(json!({"silenceID": id})).into_response()
}

/// Whether a path's id is a UUID; the API checks before it looks.
fn check(id: &str) -> Option<Response> {
    let parts: Vec<usize> = id.split('-').map(str::len).collect();
    let valid =
        parts == [8, 4, 4, 4, 12] && id.chars().all(|letter| letter == '-' || letter.is_ascii_hexdigit());
    let message = format!("silenceID in path must be of type uuid: {id:?}");
    (!valid).then(|| invalid(StatusCode::UNPROCESSABLE_ENTITY, 601, &message))
}

async fn silence(State(alerting): Shared, Path(id): Path<String>) -> Response {
    if let Some(refusal) = check(&id) {
        return refusal;
    }
    let now = alerting.clock.now();
    let held = alerting.silences();
    match held.all.iter().find(|silence| silence.id == id) {
        Some(silence) => Json(silence.json(now)).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn expire_silence(State(alerting): Shared, Path(id): Path<String>) -> Response {
    if let Some(refusal) = check(&id) {
        return refusal;
    }
    let now = alerting.clock.now();
    let mut held = alerting.silences();
    match held.all.iter_mut().find(|silence| silence.id == id) {
        Some(silence) => {
            silence.ends = silence.ends.min(now);
            silence.updated = now;
            StatusCode::OK.into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
