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

    /// With what became of a run.
    #[must_use]
    pub fn ran(self, result: CheckResult, found: &str, milliseconds: Option<u64>, at: DateTime<Utc>) -> Self {
        let words = Some(found.to_owned());
        let (found, why) = if result == CheckResult::Unknown { (None, words) } else { (words, None) };
        Self { result, found, why, milliseconds, at: Some(at), ..self }
    }

    /// With why it is not known.
    #[must_use]
    pub fn because(self, why: Option<String>) -> Self {
        Self { why, ..self }
    }

    /// The check's id.
    pub fn id(&self) -> &str {
        &self.target.check
    }

    /// What counts now.
    pub fn result(&self) -> CheckResult {
        self.result
    }

    /// Whether failing alone fails the verdict.
    pub fn is_critical(&self) -> bool {
        self.critical
    }

    /// Which check, with the region where it is asked of one: `health check front in eu (critical)`.
    pub fn named(&self) -> String {
        let region = self.target.region.as_ref().map(|region| format!(" in {region}")).unwrap_or_default();
        let critical = if self.critical { " (critical)" } else { "" };
        format!("health check {}{region}{critical}", self.target.check)
    }

    /// What was found, or why nothing is known.
    pub fn reason(&self) -> &str {
        let known = if self.result == CheckResult::Unknown { &self.why } else { &self.found };
        known.as_deref().unwrap_or("nobody says")
    }
}
