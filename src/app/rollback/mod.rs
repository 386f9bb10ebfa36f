//! The rollback panel's state and what its keys do.

use crate::domain::Question;

use super::{Effect, Intent};

/// What the panel remembers.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    /// Words that what is listed must hold.
    pub filter: String,
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
