//! Metrics: what is measured of a service, how charts treat it, and how it is judged.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::condition::Condition;
use super::judge::Comparison;

/// `[[service.metric]]`: a series compared between versions.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// Its name, for people.
    pub name: String,
    /// PromQL with `{{environment}}`, `{{region}}`, `{{version}}`, `{{service}}`, `{{window}}`.
    pub query: String,
    /// A change in this direction is bad.
    pub direction: Direction,
    /// It is judged; else it is only drawn.
    pub is_judged: bool,
    /// Failing alone fails the verdict.
    pub critical: bool,
    /// Metrics of a group share a weight; a metric without one is a group of its own.
    pub group: Option<String>,
    /// Its group's weight, in percent.
    pub weight: Option<f64>,
    /// What it measures: how charts and words treat it.
    pub kind: Option<MetricKind>,
    /// Its unit: `ratio` (drawn as percent), `seconds` (drawn as ms), `1/s`, or any other word.
    pub unit: Option<String>,
    /// The value it should stay under (or above, where a decrease is bad), drawn as a threshold. A
    /// measurement beyond it is a failure.
    pub limit: Option<f64>,
    /// Bad events of all events, where it can be counted: judged by the sequential test.
    pub counts: Option<Counts>,
    /// The time between two measurements; `None`: as the query's longest range says.
    pub interval: Option<TimeDelta>,
    /// It is measured only from so long after the rollout began.
    pub delay: TimeDelta,
    /// How samples are compared.
    pub comparison: Comparison,
    /// The most false alarms that are accepted of counts, as a share: 0.05.
    pub alpha: f64,
    /// What a measurement must meet to count as a success.
    pub success: Option<Condition>,
    /// What makes a measurement a failure.
    pub fail: Option<Condition>,
    /// More failed measurements than this: failing.
    pub failure_limit: u32,
    /// More measurements that are neither a success nor a failure than this: inconclusive.
    pub inconclusive_limit: u32,
    /// More measurements in a row without an answer than this: an error.
    pub error_limit: u32,
}

impl Default for Metric {
    fn default() -> Self {
        Self {
            name: String::new(),
            query: String::new(),
            direction: Direction::default(),
            is_judged: true,
            critical: false,
            group: None,
            weight: None,
            kind: None,
            unit: None,
            limit: None,
            counts: None,
            interval: None,
            delay: TimeDelta::zero(),
            comparison: Comparison::default(),
            alpha: 0.05,
            success: None,
            fail: None,
            failure_limit: 0,
            inconclusive_limit: 0,
            error_limit: 4,
        }
    }
}

/// Two queries that count: bad events, and all events, over `{{window}}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    /// PromQL: bad events over `{{window}}`.
    pub bad: String,
    /// PromQL: all events over `{{window}}`.
    pub total: String,
    /// Nobody wrote them: the metric's query says what its share is made of.
    pub is_derived: bool,
}

/// What a metric measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum MetricKind {
    /// Bad events of all events.
    ErrorRate,
    /// How long something takes.
    Latency,
    /// How much is served.
    Throughput,
    /// How full something is.
    Saturation,
    /// What the business counts: orders, sign-ups.
    Business,
}

impl MetricKind {
    /// The word used in the files.
    pub fn word(self) -> &'static str {
        match self {
            Self::ErrorRate => "error-rate",
            Self::Latency => "latency",
            Self::Throughput => "throughput",
            Self::Saturation => "saturation",
            Self::Business => "business",
        }
    }
}

/// Which change of a metric is bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// More is worse.
    #[default]
    Increase,
    /// Less is worse.
    Decrease,
    /// Any change is.
    Either,
}
