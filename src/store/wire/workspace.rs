//! `tminus.toml`

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::At;
use super::health::Health;
use crate::domain::judge::Verdict;
use crate::domain::judge::effect::Effect;
use crate::domain::judge::samples::{NanStrategy, Outliers};
use crate::domain::metric::{Direction, MetricKind};
use crate::domain::trigger::Remedy;
use crate::domain::workspace::BackendKind;
use crate::domain::{ChangeType, DependencyKind, WindowKind};

/// Environments, services, policies, backends. Its entries are read one by one, so that a bad one
/// does not close the rest; this is the shape of the whole for editors.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[expect(dead_code, reason = "only its keys are asked for")]
pub struct File {
    /// Name and time zone.
    pub workspace: Option<Workspace>,
    /// In promotion order.
    #[serde(rename = "environment", default)]
    pub environments: Vec<Environment>,
    /// What is deployed.
    #[serde(rename = "service", default)]
    pub services: Vec<Service>,
    /// By name.
    #[serde(rename = "backend", default)]
    pub backends: BTreeMap<String, Backend>,
    /// Calendars it follows.
    #[serde(rename = "calendar", default)]
    pub calendars: Vec<Calendar>,
    /// What the workspace wants of tminus.
    pub policy: Option<Policy>,
}

/// `[workspace]`
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Workspace {
    /// For people; absent: the folder's name.
    pub name: Option<String>,
    /// IANA, in which local times are read; absent: UTC.
    pub time_zone: Option<At<String>>,
}

/// `[[environment]]`
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Environment {
    /// staging, production…
    pub id: At<String>,
    /// Its regions.
    #[serde(default)]
    pub regions: Vec<At<RegionEntry>>,
    /// Releases at a time; absent: no limit.
    pub capacity: Option<u32>,
    /// How to learn which versions run there: PromQL, or { query, backend }, { file } or { command }.
    pub versions: Option<At<Versions>>,
}

/// A region: its id alone, or with a time zone.
#[derive(Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(untagged))]
pub enum RegionEntry {
    /// Its id.
    Id(String),
    /// Its id and time zone.
    Table(Region),
}

/// A region with a time zone.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Region {
    /// eu, us…
    pub id: At<String>,
    /// IANA: in which stages of this region are planned.
    pub time_zone: Option<At<String>>,
}

/// How to learn which versions run in an environment.
#[derive(Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(untagged))]
pub enum Versions {
    /// PromQL whose result carries the labels service and version.
    Query(String),
    /// One of query, file or command.
    Table(VersionsTable),
}

/// One of query, file or command.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct VersionsTable {
    /// PromQL whose result carries the labels service and version.
    pub query: Option<At<String>>,
    /// Which Prometheus; absent: the first.
    pub backend: Option<At<String>>,
    /// A JSON file, relative to the workspace.
    pub file: Option<String>,
    /// A command whose standard output is that JSON.
    pub command: Option<Vec<String>>,
}

/// `[[service]]`
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Service {
    /// Its id.
    pub id: At<String>,
    /// The team or person that owns it.
    pub owner: Option<String>,
    /// Whom to call, in order.
    #[serde(default)]
    pub escalation: Vec<String>,
    /// 1 most critical … 4.
    pub tier: Option<At<i64>>,
    /// Path or URL of its repository.
    pub repository: Option<String>,
    /// Glob: which tags are versions; absent: all.
    pub tags: Option<At<String>>,
    /// What it needs.
    #[serde(default)]
    pub depends_on: Vec<At<DependencyEntry>>,
    /// The id of its backout plan.
    pub playbook: Option<At<String>>,
    /// Its objective.
    pub slo: Option<Slo>,
    /// What canary analysis compares.
    #[serde(rename = "metric", default)]
    pub metrics: Vec<Metric>,
    /// When to recommend a way back or forward.
    #[serde(rename = "trigger", default)]
    pub triggers: Vec<At<Trigger>>,
    /// Smoke, synthetic and data checks.
    #[serde(default)]
    pub health: Vec<At<Health>>,
    /// How long a fix usually takes, from the finding to running everywhere: 45m.
    pub fix_forward: Option<At<String>>,
}

/// `[[service.trigger]]`: it looks at one of metric, verdict, alert, burn and health.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Trigger {
    /// Its id.
    pub id: At<String>,
    /// For people; absent: the id.
    pub title: Option<String>,
    /// A metric of the service, by name.
    pub metric: Option<At<String>>,
    /// What the metric's value must be: > 0.02.
    pub is: Option<At<String>>,
    /// healthy, marginal, failing or inconclusive.
    pub verdict: Option<Verdict>,
    /// An alert's name.
    pub alert: Option<At<String>>,
    /// How fast the error budget burns: > 14.4.
    pub burn: Option<At<String>>,
    /// A health check's id.
    pub health: Option<At<String>>,
    /// How long it must be seen without a break; absent: one look is enough.
    #[serde(rename = "for")]
    pub hold: Option<At<String>>,
    /// How long after the rollout began it looks; absent: 60m.
    pub within: Option<At<String>>,
    /// rollback or fix-forward.
    #[serde(default)]
    pub recommend: Remedy,
    /// Only there; absent: everywhere.
    #[serde(default)]
    pub environments: Vec<At<String>>,
}

/// A provider: its id alone, or with a requirement.
#[derive(Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(untagged))]
pub enum DependencyEntry {
    /// The provider: hard, any version.
    Id(String),
    /// With a requirement.
    Table(Dependency),
}

/// A provider with a requirement.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Dependency {
    /// The provider.
    pub service: At<String>,
    /// A semver requirement; absent: any version.
    pub version: Option<At<String>>,
    /// hard (it must be there) or soft.
    #[serde(default)]
    pub kind: DependencyKind,
}

/// `[service.slo]`
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Slo {
    /// Percent of good events.
    pub objective: At<f64>,
    /// The period; absent: 30d.
    pub window: Option<At<String>>,
    /// PromQL with {{window}}: bad events a second.
    pub errors: At<String>,
    /// PromQL with {{window}}: all events a second.
    pub total: At<String>,
}

/// `[[service.metric]]`
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Metric {
    /// Its name.
    pub name: String,
    /// PromQL with {{environment}}, {{region}}, {{version}}, {{service}}, {{window}}.
    pub query: At<String>,
    /// A change in this direction is bad.
    #[serde(default)]
    pub direction: Direction,
    /// Absent: it is judged; false: it is only drawn.
    pub judge: Option<bool>,
    /// Failing alone fails the verdict.
    #[serde(default)]
    pub critical: bool,
    /// Metrics of a group share a weight; absent: it is a group of its own.
    pub group: Option<At<String>>,
    /// Its group's weight, in percent.
    pub weight: Option<At<f64>>,
    /// What it measures: how charts and words treat it.
    pub kind: Option<MetricKind>,
    /// ratio, seconds, 1/s, or any other word.
    pub unit: Option<String>,
    /// The value it should stay under (or above, where a decrease is bad); a measurement beyond it
    /// is a failure.
    pub limit: Option<f64>,
    /// PromQL: bad events over {{window}}; with total, the sequential test judges.
    pub bad: Option<At<String>>,
    /// PromQL: all events over {{window}}.
    pub total: Option<At<String>>,
    /// Between two measurements: 1m; absent: the longest range in the query, at least 15s.
    pub interval: Option<At<String>>,
    /// It is measured only from so long after the rollout began: 2m.
    pub delay: Option<At<String>>,
    /// The difference that does not matter, as a share of the estimate; absent: 0.25.
    pub tolerance: Option<At<f64>>,
    /// Of the interval; absent: 0.98.
    pub confidence: Option<At<f64>>,
    /// How large a difference is: mean-ratio (absent) or cles.
    pub effect: Option<Effect>,
    /// An increase counts from this effect upward.
    pub allowed_increase: Option<At<f64>>,
    /// A decrease counts from this effect downward.
    pub allowed_decrease: Option<At<f64>>,
    /// An increase of a critical metric fails the verdict from this effect upward.
    pub critical_increase: Option<At<f64>>,
    /// A decrease of a critical metric fails the verdict from this effect downward.
    pub critical_decrease: Option<At<f64>>,
    /// What becomes of samples that are no numbers: remove (absent) or replace, by zero.
    pub nan: Option<NanStrategy>,
    /// What becomes of outliers: keep (absent) or remove.
    pub outliers: Option<Outliers>,
    /// The most false alarms that are accepted of bad and total, as a share; absent: 0.05.
    pub alpha: Option<At<f64>>,
    /// What a measurement must meet to count as a success: "< 0.005".
    pub success: Option<At<String>>,
    /// What makes a measurement a failure: "> 0.05".
    pub fail: Option<At<String>>,
    /// More failed measurements than this: failing; absent: 0.
    pub failure_limit: Option<At<i64>>,
    /// More measurements that are neither success nor failure than this: inconclusive; absent: 0.
    pub inconclusive_limit: Option<At<i64>>,
    /// More measurements in a row without an answer than this: an error; absent: 4.
    pub error_limit: Option<At<i64>>,
}

/// `[backend.NAME]`
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Backend {
    /// Its kind; absent: its name.
    #[serde(rename = "type")]
    pub kind: Option<BackendKind>,
    /// Base URL, path prefix included.
    pub url: Option<At<String>>,
    /// Basic authentication's user; absent, a token is a bearer token.
    pub user: Option<String>,
    /// Where the token comes from.
    pub token: Option<At<Secret>>,
    /// Extra headers of every request.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, Secret>"))]
    pub headers: BTreeMap<String, At<Secret>>,
    /// PEM file with extra certificate authorities.
    pub ca: Option<String>,
    /// PEM file with the client's certificate (and key).
    pub client_certificate: Option<String>,
    /// PEM file with the client's key.
    pub client_key: Option<String>,
    /// A plugin's program and arguments.
    #[serde(default)]
    pub command: Vec<String>,
    /// How often it is asked: 15s, 1m…
    pub poll: Option<At<String>>,
    /// Requests a minute that it gets; absent: 600.
    pub budget: Option<At<i64>>,
    /// Which link types mean "blocks" (Jira).
    #[serde(default)]
    pub blocking_links: Vec<String>,
    /// Projects whose versions are shown, besides those that releases name (Jira).
    #[serde(default)]
    pub projects: Vec<String>,
}

/// `[[calendar]]`: a calendar that is followed; its events become windows.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Calendar {
    /// Its id.
    pub id: At<String>,
    /// Where it is; or `file`.
    pub url: Option<At<String>>,
    /// An iCalendar file, relative to the workspace.
    pub file: Option<String>,
    /// Basic authentication's user; absent, a token is a bearer token.
    pub user: Option<String>,
    /// Where the token comes from.
    pub token: Option<At<Secret>>,
    /// Extra headers of every request.
    #[serde(default)]
    #[cfg_attr(test, schemars(with = "BTreeMap<String, Secret>"))]
    pub headers: BTreeMap<String, At<Secret>>,
    /// PEM file with extra certificate authorities.
    pub ca: Option<String>,
    /// freeze or change; absent: freeze.
    pub kind: Option<WindowKind>,
    /// Where its windows apply; absent: everywhere.
    #[serde(default)]
    pub environments: Vec<At<String>>,
    /// To which services; absent: all.
    #[serde(default)]
    pub services: Vec<At<String>>,
    /// In which regions; absent: all.
    #[serde(default)]
    pub regions: Vec<At<String>>,
    /// Change types that pass its freezes.
    #[serde(default)]
    pub allow: Vec<ChangeType>,
    /// The zone of whole days and floating times; absent: the workspace's.
    pub time_zone: Option<At<String>>,
    /// The layer its windows lie in; absent: its id.
    pub layer: Option<String>,
    /// How often it is read: 15m, 1h, 1d; absent: 1h.
    pub refresh: Option<At<String>>,
    /// Remove windows whose events are not in it any more.
    #[serde(default)]
    pub prune: bool,
}

/// Where a secret comes from; text is for headers that are none.
#[derive(Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(untagged))]
pub enum Secret {
    /// Written out: for headers that are no secret.
    Text(String),
    /// Fetched when needed.
    Source(SecretSource),
}

/// One of env, file, command or keyring.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SecretSource {
    /// An environment variable.
    pub env: Option<String>,
    /// A file that others cannot read.
    pub file: Option<String>,
    /// A command's first line of output.
    pub command: Option<Vec<String>>,
    /// The platform's secret store: service/user.
    pub keyring: Option<String>,
}

/// `[policy]`
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Policy {
    /// How long before a stage the T-minus is drawn large; absent: 1h.
    pub near: Option<At<String>>,
    /// Above this age an answer is stale; absent: three times its poll.
    pub stale: Option<At<String>>,
    /// When the people who decide and watch are at work, in the workspace's zone: 08:00-18:00,
    /// or with the days: mon-thu 08:00-17:00.
    pub hours: Option<At<String>>,
}

/// Deserializes "a text, or a table" without losing the place of an error inside the table.
macro_rules! text_or_table {
    ($type:ident, $expecting:literal, $text:expr, $table:expr) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct TextOrTable;
                impl<'de> Visitor<'de> for TextOrTable {
                    type Value = $type;
                    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                        formatter.write_str($expecting)
                    }
                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$type, E> {
                        Ok($text(text.to_owned()))
                    }
                    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<$type, A::Error> {
                        Deserialize::deserialize(MapAccessDeserializer::new(map)).map($table)
                    }
                }
                deserializer.deserialize_any(TextOrTable)
            }
        }
    };
}

text_or_table!(
    Versions,
    "PromQL as a string, { query = \"…\" }, { file = \"…\" } or { command = [\"…\"] }",
    Versions::Query,
    Versions::Table
);
text_or_table!(
    Secret,
    "{ env = \"…\" }, { file = \"…\" }, { command = [\"…\"] } or { keyring = \"…\" }",
    Secret::Text,
    Secret::Source
);
text_or_table!(
    RegionEntry,
    "a region's id, or { id = \"…\", time_zone = \"…\" }",
    RegionEntry::Id,
    RegionEntry::Table
);
text_or_table!(
    DependencyEntry,
    "a service's id, or { service = \"…\", version = \"^1.2\" }",
    DependencyEntry::Id,
    DependencyEntry::Table
);
