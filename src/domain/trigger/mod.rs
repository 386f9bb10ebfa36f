//! Triggers: when what is seen of a rollout says that it should be taken back, or mended.
//!
//! A trigger only speaks: it recommends, and acting is another room's business. Conditions hold or
//! not at each look; what is not known neither holds nor lets go, so that a silent server never
//! rings and never calms anybody.

mod advise;
mod recommend;
mod watch;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

pub use advise::{Advised, Situation, advise, is_watched, of_service};
pub use recommend::{
    Baseline, Clocks, Confidence, Facts, Recommendation, TimeToRestore, recommend, time_to_restore,
};
pub use watch::{Fired, Look, Standing, Watch};

use super::condition::Condition;
use super::judge::Verdict;

/// How long after a rollout began a trigger looks, unless it says otherwise.
pub const SCOPE: TimeDelta = TimeDelta::hours(1);

/// One `[[service.trigger]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Trigger {
    /// Its id, one of its kind in the service.
    pub id: String,
    /// For people.
    pub title: String,
    /// What must be seen.
    pub when: When,
    /// How long it must be seen without a break.
    pub hold: TimeDelta,
    /// How long after the rollout began it looks.
    pub within: TimeDelta,
    /// What it recommends.
    pub remedy: Remedy,
    /// Only there; empty: everywhere.
    pub environments: Vec<String>,
}

impl Trigger {
    /// What holds where a service has no trigger of its own: a failing verdict, held for a minute,
    /// for as long as the rollout goes on.
    pub fn default_of_service() -> Self {
        Self {
            id: "verdict".to_owned(),
            title: "the verdict is failing".to_owned(),
            when: When::Verdict(Verdict::Failing),
            hold: TimeDelta::minutes(1),
            within: TimeDelta::days(3),
            remedy: Remedy::Rollback,
            environments: Vec::new(),
        }
    }

    /// Whether it looks at an environment.
    pub fn is_for(&self, environment: &str) -> bool {
        self.environments.is_empty() || self.environments.iter().any(|id| id == environment)
    }
}

/// What must be seen.
#[derive(Debug, Clone, PartialEq)]
pub enum When {
    /// The new version's latest value of a metric of the service meets a condition.
    Metric {
        /// The metric's name.
        name: String,
        /// What its value must be.
        is: Condition,
    },
    /// The verdict is this one.
    Verdict(Verdict),
    /// An alert of this name fires for the service, and began after the rollout.
    Alert(String),
    /// The error budget burns at a rate (1: just used up at the period's end) that meets a
    /// condition.
    Burn(Condition),
    /// A health check of this id fails.
    Health(String),
}

impl When {
    /// In words: `error rate > 0.02`.
    pub fn words(&self) -> String {
        match self {
            Self::Metric { name, is } => format!("{name} {is}"),
            Self::Verdict(verdict) => format!("verdict {}", verdict.word()),
            Self::Alert(name) => format!("alert {name} fires"),
            Self::Burn(is) => format!("error budget burns {is}"),
            Self::Health(id) => format!("health check {id} fails"),
        }
    }
}

/// What is recommended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Remedy {
    /// Return to the version before.
    #[default]
    Rollback,
    /// Mend it with a version to come.
    FixForward,
}

impl Remedy {
    /// What to do, at a glance: `ROLL BACK checkout 4.2.0 to 4.1.3`.
    pub fn label(self, service: &str, version: &str, previous: Option<&str>) -> String {
        match (self, previous) {
            (Self::Rollback, Some(previous)) => format!("ROLL BACK {service} {version} to {previous}"),
            (Self::Rollback, None) => format!("ROLL BACK {service} {version}"),
            (Self::FixForward, _) => format!("FIX {service} {version} FORWARD"),
        }
    }

    /// The word used in the files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Rollback => "rollback",
            Self::FixForward => "fix-forward",
        }
    }
}

/// What is seen of a rollout at one look. What is not in here is not known.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Observation {
    /// The verdict, where the numbers behind it are fresh.
    pub verdict: Option<Verdict>,
    /// The new version's latest values by metric; only fresh ones.
    pub values: BTreeMap<String, f64>,
    /// Names of alerts that fire for the service and began after the rollout; `None`: nobody said.
    pub alerts: Option<Vec<String>>,
    /// How fast the error budget burns.
    pub burn: Option<f64>,
    /// Health checks by id: whether they pass.
    pub health: BTreeMap<String, bool>,
}

impl Observation {
    /// Whether a condition holds; `None`: not known.
    pub fn holds(&self, when: &When) -> Option<bool> {
        match when {
            When::Metric { name, is } => {
                self.values.get(name).filter(|value| value.is_finite()).map(|value| is.holds(*value))
            }
            When::Verdict(Verdict::Inconclusive) => {
                self.verdict.map(|verdict| verdict == Verdict::Inconclusive)
            }
            // An inconclusive verdict says nothing of how the rollout goes.
            When::Verdict(wanted) => self
                .verdict
                .filter(|verdict| *verdict != Verdict::Inconclusive)
                .map(|verdict| verdict == *wanted),
            When::Alert(name) => self.alerts.as_ref().map(|alerts| alerts.contains(name)),
            When::Burn(is) => self.burn.filter(|burn| burn.is_finite()).map(|burn| is.holds(burn)),
            When::Health(id) => self.health.get(id).map(|passes| !passes),
        }
    }
}
