//! A check at a place as a document: the same on the command line and on screen.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{CheckResult, HealthCheck, Outcome, Target};

/// A check, and what is known of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Told {
    #[serde(flatten)]
    target: Target,
    title: String,
    kind: &'static str,
    critical: bool,
    data: bool,
    result: CheckResult,
    found: Option<String>,
    milliseconds: Option<u64>,
    at: Option<DateTime<Utc>>,
    why: Option<String>,
}

impl Told {
    /// Nothing is known of it yet.
    pub fn new(check: &HealthCheck, target: &Target) -> Self {
        Self {
            target: target.clone(),
            title: check.title.clone(),
            kind: check.probe.word(),
            critical: check.critical,
            data: check.data,
            result: CheckResult::Unknown,
            found: None,
            milliseconds: None,
            at: None,
            why: None,
        }
    }

    /// With what was found last; `result` says what of it counts now.
    #[must_use]
    pub fn found(self, result: CheckResult, outcome: &Outcome, at: DateTime<Utc>) -> Self {
        Self {
            result,
            found: Some(outcome.found.to_string()),
            milliseconds: Some(outcome.milliseconds),
            at: Some(at),
            ..self
        }
    }

    /// With why it is not known.
    #[must_use]
    pub fn because(self, why: Option<String>) -> Self {
        Self { why, ..self }
    }
}
