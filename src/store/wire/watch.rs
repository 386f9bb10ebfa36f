//! The stabilisation watch of a release: `[watch]` in `releases/<id>.toml`.

use serde::Deserialize;
use toml::value::Datetime;

use super::At;

/// How a release is watched once it has arrived, and what was noted.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Watch {
    /// Who watches; absent: the release's owner, else the service's.
    pub by: Option<At<String>>,
    /// How long it is watched: 72h; absent: three days.
    #[serde(rename = "for")]
    pub length: Option<At<String>>,
    /// How long it is watched most closely, from the beginning on; absent: 60m.
    pub first: Option<At<String>>,
    /// How long something open may stay unacknowledged before the next of the service's escalation
    /// list is named; absent: 15m.
    pub escalate_after: Option<At<String>>,
    /// Where it is watched; absent: where its last stage is.
    #[serde(default)]
    pub environments: Vec<At<String>>,
    /// What was seen, said and handed over; tminus writes it.
    #[serde(rename = "note", default)]
    pub notes: Vec<At<Note>>,
}

/// A note.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Note {
    /// When it was written.
    #[cfg_attr(test, schemars(with = "String"))]
    pub time: At<Datetime>,
    /// Who wrote it.
    pub by: At<String>,
    /// Who watches from here on.
    pub to: Option<At<String>>,
    /// Whether it acknowledges everything that began before it.
    #[serde(default)]
    pub acknowledge: bool,
    /// Whether it closes the watch.
    #[serde(default)]
    pub close: bool,
    /// What.
    pub text: Option<String>,
}
