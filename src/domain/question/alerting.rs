//! Alerts and the silences that mute them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::domain::Safe;
use crate::domain::silence::Matcher;

/// Alerts, and what keeps them from being all there are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Alerts {
    /// Those that were told.
    pub list: Vec<Alert>,
    /// The answer is partial, or came with warnings: there may be more.
    pub warnings: Vec<Safe>,
}

impl From<Vec<Alert>> for Alerts {
    fn from(list: Vec<Alert>) -> Self {
        Self { list, warnings: Vec::new() }
    }
}

impl std::ops::Deref for Alerts {
    type Target = [Alert];
    fn deref(&self) -> &[Alert] {
        &self.list
    }
}

/// An alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// `alertname`.
    pub name: Safe,
    /// All labels.
    pub labels: BTreeMap<Safe, Safe>,
    /// Its summary or description.
    pub summary: Safe,
    /// What it does.
    pub state: AlertState,
    /// When it began.
    pub since: DateTime<Utc>,
    /// What the source calls it, where it says: an Alertmanager's fingerprint.
    pub id: Option<Safe>,
    /// The ids of the silences that mute it.
    pub silenced_by: Vec<Safe>,
    /// What the source calls the worse alerts that hide it.
    pub inhibited_by: Vec<Safe>,
}

impl Alert {
    /// The value of a label.
    pub fn label(&self, name: &str) -> Option<&Safe> {
        self.labels.get(&Safe::new(name))
    }
}

/// What an alert does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AlertState {
    /// Its condition holds, and has for long enough.
    Firing,
    /// Its condition holds, not yet for long enough.
    Pending,
    /// It fires, and somebody silenced it.
    Silenced,
    /// It fires, and a worse one hides it.
    Inhibited,
}

impl AlertState {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Firing => "firing",
            Self::Pending => "pending",
            Self::Silenced => "silenced",
            Self::Inhibited => "inhibited",
        }
    }
}

/// A silence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence {
    /// Its id.
    pub id: Safe,
    /// What it mutes: alerts that fit them all.
    pub matchers: Vec<Matcher>,
    /// From when.
    pub starts: DateTime<Utc>,
    /// Until when.
    pub ends: DateTime<Utc>,
    /// Who.
    pub by: Safe,
    /// Why.
    pub comment: Safe,
    /// What it does.
    pub state: SilenceState,
}

/// What a silence does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SilenceState {
    /// It mutes.
    Active,
    /// It will.
    Pending,
    /// It did.
    Expired,
}

impl SilenceState {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Pending => "pending",
            Self::Expired => "expired",
        }
    }
}
