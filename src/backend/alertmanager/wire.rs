//! What Alertmanager's API v2 says on the wire.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// `GET alerts`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Alert {
    /// Its labels.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Its annotations.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
    /// Since when it fires.
    pub starts_at: Option<DateTime<Utc>>,
    /// What the server calls it.
    pub fingerprint: Option<String>,
    /// What hides it.
    #[serde(default)]
    pub status: AlertStatus,
}

/// What hides an alert.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AlertStatus {
    /// Ids of silences.
    pub silenced_by: Vec<String>,
    /// Fingerprints of worse alerts.
    pub inhibited_by: Vec<String>,
}

/// `GET silences`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Silence {
    /// Its id.
    pub id: String,
    /// What it matches.
    #[serde(default)]
    pub matchers: Vec<Matcher>,
    /// From when.
    pub starts_at: DateTime<Utc>,
    /// Until when.
    pub ends_at: DateTime<Utc>,
    /// Who.
    #[serde(default)]
    pub created_by: String,
    /// Why.
    #[serde(default)]
    pub comment: String,
    /// Where it stands.
    pub status: SilenceStatus,
}

/// Where a silence stands.
#[derive(Debug, Deserialize)]
pub struct SilenceStatus {
    /// `active`, `pending` or `expired`.
    pub state: String,
}

/// One matcher of a silence.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Matcher {
    /// The label.
    pub name: String,
    /// Its value, or an expression.
    pub value: String,
    /// Whether the value is an expression.
    #[serde(default)]
    pub is_regex: bool,
    /// Whether it must match; false: must not. Older servers leave it out.
    pub is_equal: Option<bool>,
}

/// `GET status`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// The build.
    pub version_info: Version,
}

/// The build.
#[derive(Debug, Deserialize)]
pub struct Version {
    /// Its version.
    pub version: String,
}

/// What is sent to make a silence; without an id it is always a new one.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewSilence<'a> {
    /// What it matches.
    pub matchers: Vec<NewMatcher<'a>>,
    /// From when.
    pub starts_at: String,
    /// Until when.
    pub ends_at: String,
    /// Who.
    pub created_by: &'a str,
    /// Why.
    pub comment: &'a str,
}

/// One matcher of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewMatcher<'a> {
    /// The label.
    pub name: &'a str,
    /// Its value, or an expression.
    pub value: &'a str,
    /// Whether the value is an expression.
    pub is_regex: bool,
    /// Whether it must match; false: must not.
    pub is_equal: bool,
}

/// The answer to it.
#[derive(Debug, Deserialize)]
pub struct Made {
    /// The silence's id.
    #[serde(rename = "silenceID")]
    pub id: String,
}

/// The shapes in which it refuses with a body; the third is nothing at all.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Refusal {
    /// A bare string: its own rules.
    Text(String),
    /// With a code that is not HTTP's: the check of what was sent, before its rules.
    Coded {
        /// 601, 612…
        code: Option<i64>,
        /// What is wrong.
        message: String,
    },
}
