//! What collides in the plan: the nine rules, for the whole plan and for one release as it would
//! be.
//!
//! | file | rule |
//! |---|---|
//! | [`freeze`], [`outside_window`], [`runway`] | a stage against the windows |
//! | [`same_service`], [`dependent_service`], [`owner_overlap`] | two stages of two releases |
//! | [`capacity`] | how many at once in an environment |
//! | [`dependency_order`], [`promotion_order`] | what must come before what |
//! | `plan`, `kinship`, `pairs` | what the rules look things up in |
//! | [`checker`] | all of them together |
//! | `obstacles` | what leaves no room for a stage, wherever it is moved |
//!
//! Intervals are half-open: what only touches does not collide.

pub mod capacity;
pub mod checker;
pub mod dependency_order;
pub mod dependent_service;
pub mod freeze;
mod kinship;
mod obstacles;
pub mod outside_window;
pub mod owner_overlap;
mod pairs;
mod plan;
pub mod promotion_order;
pub mod runway;
pub mod same_service;
mod wording;

use chrono::{DateTime, Utc};
use serde::Serialize;

pub use checker::{Checker, RunningVersions};
pub use dependency_order::environments_to_ask;
pub use obstacles::{NotBefore, Obstacles, Reason};

/// One thing that collides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The rule.
    pub code: Code,
    /// The release it is told of.
    pub release: String,
    /// Its stage, counted from 0, in file order.
    pub stage: usize,
    /// What it collides with: windows, releases or a provider, by the rule; sorted.
    pub with: Vec<String>,
    /// The stage of the release in `with`, where the rule compares two stages.
    pub with_stage: Option<usize>,
    /// Where it begins to collide.
    pub start: DateTime<Utc>,
    /// Where it ends.
    pub end: DateTime<Utc>,
    /// One sentence: the rule, what collides, for how long.
    pub message: String,
    /// One way to clear it.
    pub way_out: String,
}

impl Conflict {
    /// Whether it must be cleared.
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }

    /// Whether [start, end) meets [from, to).
    pub fn touches(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> bool {
        self.start < to && from < self.end
    }

    /// Whether the release is one of those that collide.
    pub fn names(&self, release: &str) -> bool {
        self.release == release
            || (self.code.is_between_releases() && self.with.iter().any(|it| it == release))
    }
}

/// The rules, by their word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// More releases at once in an environment than its capacity.
    Capacity,
    /// A service needs a version that is not there, and lands later or never.
    DependencyOrder,
    /// Two stages overlap in a place, and a service of one depends on a service of the other.
    DependentService,
    /// A stage touches a freeze that denies it.
    Freeze,
    /// Change windows apply to a stage and none contains it.
    OutsideWindow,
    /// One owner has two releases at once.
    OwnerOverlap,
    /// A stage starts before the release's stage in an earlier environment ends.
    PromotionOrder,
    /// A stage's soak runs into a freeze that would deny it.
    Runway,
    /// Two stages overlap in a place, and share a service.
    SameService,
}

impl Code {
    /// Every one, by word.
    pub const ALL: [Self; 9] = [
        Self::Capacity,
        Self::DependencyOrder,
        Self::DependentService,
        Self::Freeze,
        Self::OutsideWindow,
        Self::OwnerOverlap,
        Self::PromotionOrder,
        Self::Runway,
        Self::SameService,
    ];

    /// The word used in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Capacity => "capacity",
            Self::DependencyOrder => "dependency-order",
            Self::DependentService => "dependent-service",
            Self::Freeze => "freeze",
            Self::OutsideWindow => "outside-window",
            Self::OwnerOverlap => "owner-overlap",
            Self::PromotionOrder => "promotion-order",
            Self::Runway => "runway",
            Self::SameService => "same-service",
        }
    }

    /// How bad it is.
    pub fn severity(self) -> Severity {
        match self {
            Self::DependentService | Self::OwnerOverlap | Self::Runway => Severity::Warn,
            _ => Severity::Block,
        }
    }

    /// Whether `with` holds releases.
    pub fn is_between_releases(self) -> bool {
        matches!(self, Self::Capacity | Self::DependentService | Self::OwnerOverlap | Self::SameService)
    }
}

/// How bad a conflict is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It must be cleared.
    Block,
    /// It should be known.
    Warn,
}

impl Severity {
    /// The word used in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Warn => "warn",
        }
    }
}

/// Sorts by start, code, release, stage and `with`.
fn sort(conflicts: &mut [Conflict]) {
    conflicts.sort_by(|one, other| {
        (one.start, one.code, &one.release, one.stage, &one.with, one.end, one.with_stage).cmp(&(
            other.start,
            other.code,
            &other.release,
            other.stage,
            &other.with,
            other.end,
            other.with_stage,
        ))
    });
}

#[cfg(test)]
mod tests;
