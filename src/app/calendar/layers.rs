//! Layers of windows: holidays, marketing, the fiscal year. A hidden one is not drawn; what it denies
//! is denied all the same.

use std::collections::{BTreeMap, BTreeSet};

use crate::app::state::Tone;
use crate::app::{Effect, State};
use crate::domain::Workspace;

/// A layer of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// Its name, as the windows say it.
    pub name: String,
    /// How many windows lie in it.
    pub windows: usize,
    /// How many of them are freezes that deny some change.
    pub denying: usize,
    /// It is not drawn.
    pub hidden: bool,
}

/// The layers that windows name, by name.
pub fn layers(state: &State) -> Vec<Layer> {
    let mut found: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for window in &state.workspace.windows {
        if let Some(layer) = &window.layer {
            let (windows, denying) = found.entry(layer).or_default();
            *windows += 1;
            *denying += usize::from(window.denies());
        }
    }
    let hidden = &state.person.hidden_layers;
    let layer = |(name, (windows, denying)): (&str, (usize, usize))| Layer {
        name: name.to_owned(),
        windows,
        denying,
        hidden: hidden.iter().any(|layer| layer == name),
    };
    found.into_iter().map(layer).collect()
}

/// The names of a workspace's layers.
pub fn layers_of(workspace: &Workspace) -> BTreeSet<&str> {
    workspace.windows.iter().filter_map(|window| window.layer.as_deref()).collect()
}

/// What the screen says of hidden layers: `2 layers hidden`; nothing where all are shown.
pub fn hidden_words(state: &State) -> Option<String> {
    if state.person.hidden_layers.is_empty() {
        return None;
    }
    match layers(state).iter().filter(|layer| layer.hidden).count() {
        0 => None,
        1 => Some("1 layer hidden".to_owned()),
        count => Some(format!("{count} layers hidden")),
    }
}

/// Shows a hidden layer, or hides a shown one; kept in the person's file.
pub fn toggle(state: &mut State, index: usize) -> Vec<Effect> {
    let Some(layer) = layers(state).into_iter().nth(index) else { return Vec::new() };
    let hidden = &mut state.person.hidden_layers;
    if layer.hidden {
        hidden.retain(|name| *name != layer.name);
        state.say(Tone::Done, format!("{} is shown", layer.name));
    } else {
        hidden.push(layer.name.clone());
        hidden.sort();
        let still = if layer.denying > 0 { "; its freezes deny all the same" } else { "" };
        state.say(Tone::Done, format!("{} is hidden{still}", layer.name));
    }
    vec![Effect::KeepPerson]
}
