//! Services: what is deployed on its own, with versions, an owner and dependencies.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::health::HealthCheck;
pub use super::metric::{Direction, Metric};
use super::trigger::Trigger;

/// One `[[service]]`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Service {
    /// Its id.
    pub id: String,
    /// The team or person that owns it.
    pub owner: Option<String>,
    /// Whom to call, in order.
    pub escalation: Vec<String>,
    /// 1 most critical … 4.
    pub tier: Option<u8>,
    /// Path or URL of its repository.
    pub repository: Option<String>,
    /// Glob: which tags are versions; absent: all.
    pub tags: Option<String>,
    /// What it needs.
    pub depends_on: Vec<Dependency>,
    /// The id of its backout plan.
    pub playbook: Option<String>,
    /// Its objective.
    pub slo: Option<Slo>,
    /// What is measured; those that are only drawn come last.
    pub metrics: Vec<Metric>,
    /// When to recommend a way back or forward; empty: a failing verdict.
    pub triggers: Vec<Trigger>,
    /// Smoke, synthetic and data checks.
    pub health: Vec<HealthCheck>,
    /// How long a fix usually takes, from the finding to running everywhere.
    pub fix_forward: Option<TimeDelta>,
}

impl Service {
    /// What canary analysis compares.
    pub fn judged(&self) -> &[Metric] {
        &self.metrics[..self.metrics.partition_point(|metric| metric.is_judged)]
    }
}

/// One entry of `depends_on`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dependency {
    /// The provider.
    pub service: String,
    /// A semver requirement; absent: any version.
    pub version: Option<String>,
    /// Whether it must be there.
    pub kind: DependencyKind,
}

/// Whether a provider must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum DependencyKind {
    /// It must.
    #[default]
    Hard,
    /// It would be nice.
    Soft,
}

impl DependencyKind {
    /// The word used in the files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Hard => "hard",
            Self::Soft => "soft",
        }
    }
}

/// `[service.slo]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Slo {
    /// Percent of good events.
    pub objective: f64,
    /// The period, in days.
    pub window_days: f64,
    /// PromQL with `{{window}}`: bad events a second.
    pub errors: String,
    /// PromQL with `{{window}}`: all events a second.
    pub total: String,
}
