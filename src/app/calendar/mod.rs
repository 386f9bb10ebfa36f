//! The calendar panel's state and what its keys do.

use chrono::{DateTime, Utc};

use crate::domain::Question;

use super::{Effect, Intent};

/// What the panel remembers.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Words that what is listed must hold.
    pub filter: String,
    /// A stage that is being moved.
    pub moving: Option<Moving>,
    /// The instant the view is about.
    pub focus: DateTime<Utc>,
}

/// A stage that is being moved, not yet put down.
#[derive(Debug, Clone, PartialEq)]
pub struct Moving {
    /// The release.
    pub release: String,
    /// Its stage.
    pub stage: usize,
    /// Where it was.
    pub from: (DateTime<Utc>, DateTime<Utc>),
    /// Where it would go.
    pub to: (DateTime<Utc>, DateTime<Utc>),
}

impl State {
    /// A calendar about this instant.
    pub fn new(focus: DateTime<Utc>) -> Self {
        Self { filter: String::new(), moving: None, focus }
    }
}

/// Carries out what the person wants; `None`: it means nothing here.
pub fn handle(_state: &mut super::State, _intent: Intent) -> Option<Vec<Effect>> {
    None
}

/// The questions whose answers the panel shows.
pub fn wanted(_state: &super::State) -> Vec<Question> {
    Vec::new()
}

/// What is on screen, as JSON.
pub fn snapshot(_state: &super::State) -> serde_json::Value {
    serde_json::json!({})
}

/// What is selected, as text to copy.
pub fn selected_text(_state: &super::State) -> Option<String> {
    None
}

/// The workspace was read anew: selections that no longer exist move on.
pub fn reconcile(_state: &mut super::State) {}
