//! The views of the monitor: what the panel is drawn as, and what each of them answers.

use serde_json::Value;

use crate::app::{Effect, Intent, State};
use crate::domain::Question;

use super::{
    alert_list, burn, charts, health, judge, keys, lanes, selected, skew, train, wanted_metrics, watches,
};

/// What the panel is drawn as. Every view speaks of the same rollouts, window and filter.
///
/// # To add one
///
/// 1. A variant here, in [`View::ALL`] where it should stand, with its words.
/// 2. A file in `app/monitor/` with what it remembers (a field of [`super::State`]), its questions,
///    its keys, its part of the JSON and its text to copy: each is one arm of a function below. What
///    is derived from answers goes into [`super::Index`], once an answer.
/// 3. A file in `view/monitor/` that draws it below the panel's first line: one arm in
///    `view/monitor/mod.rs`.
/// 4. In `app/command.rs` a row `monitor-WORD` with its keys; keys that mean something in this view
///    alone are rows of `Context::MonitorView(View::…)`, which stands in `Context::ALL` and
///    `Context::chain`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum View {
    /// Rollouts, charts, alerts and what happened.
    #[default]
    Overview,
    /// The verdict on the selected rollout, and everything behind it.
    Judge,
    /// Every metric as a chart, with a cursor.
    Charts,
    /// Releases on their way, their cars in order.
    Train,
    /// Which version runs where, and what is astray.
    Skew,
    /// What happened over time, and what changed before it went wrong.
    Lanes,
    /// How fast error budgets are spent.
    Burn,
    /// Smoke, synthetic and data checks.
    Health,
    /// Every alert, why it is quiet, and the silences.
    Alerts,
    /// Releases that have arrived and are watched.
    Watch,
}

impl View {
    /// In the order in which one key goes through them.
    pub const ALL: &[Self] = &[
        Self::Overview,
        Self::Judge,
        Self::Charts,
        Self::Train,
        Self::Skew,
        Self::Lanes,
        Self::Burn,
        Self::Health,
        Self::Alerts,
        Self::Watch,
    ];

    /// Its word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Judge => "judge",
            Self::Charts => "charts",
            Self::Train => "train",
            Self::Skew => "skew",
            Self::Lanes => "lanes",
            Self::Burn => "burn",
            Self::Health => "health",
            Self::Alerts => "alerts",
            Self::Watch => "watch",
        }
    }

    /// The word of its keys in `config.toml`: `[keys.monitor-skew]`.
    pub fn context_word(self) -> &'static str {
        match self {
            Self::Overview => "monitor",
            Self::Judge => "monitor-judge",
            Self::Charts => "monitor-charts",
            Self::Train => "monitor-train",
            Self::Skew => "monitor-skew",
            Self::Lanes => "monitor-lanes",
            Self::Burn => "monitor-burn",
            Self::Health => "monitor-health",
            Self::Alerts => "monitor-alerts",
            Self::Watch => "monitor-watch",
        }
    }

    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Judge => "Judge",
            Self::Charts => "Charts",
            Self::Train => "Train",
            Self::Skew => "Skew",
            Self::Lanes => "Lanes",
            Self::Burn => "Burn",
            Self::Health => "Health",
            Self::Alerts => "Alerts",
            Self::Watch => "Watch",
        }
    }

    /// The one so many further on, round and round.
    #[must_use]
    pub fn neighbour(self, steps: isize) -> Self {
        let count = Self::ALL.len().cast_signed();
        let here = Self::ALL.iter().position(|view| *view == self).unwrap_or(0).cast_signed();
        Self::ALL[(here + steps).rem_euclid(count).cast_unsigned()]
    }
}

/// What the view asks besides what every view does: what runs, and alerts.
pub fn wanted(state: &State) -> Vec<Question> {
    match state.monitor.view {
        View::Overview => {
            let beside = selected(state).map(|rollout| burn::wanted_beside(state, rollout));
            [wanted_metrics(state), beside.unwrap_or_default(), health::wanted_beside(state)].concat()
        }
        View::Charts => charts::wanted(state),
        View::Lanes => lanes::wanted(state),
        View::Train | View::Skew | View::Alerts | View::Judge | View::Watch => Vec::new(),
        View::Burn => burn::wanted(state),
        View::Health => health::wanted(state),
    }
}

/// What the view's own keys do; the window, the views and the filter are everybody's.
pub fn handle(state: &mut State, intent: Intent) -> Option<Vec<Effect>> {
    match state.monitor.view {
        View::Overview => keys::overview(state, intent),
        View::Judge => judge::handle(state, intent),
        View::Charts => charts::handle(state, intent),
        View::Train => train::handle(state, intent),
        View::Skew => skew::handle(state, intent),
        View::Lanes => lanes::handle(state, intent),
        View::Burn => burn::handle(state, intent),
        View::Health => health::handle(state, intent),
        View::Alerts => alert_list::handle(state, intent),
        View::Watch => watches::handle(state, intent),
    }
}

/// The view's part of the JSON, under its word; the overview's is what every view has.
pub fn snapshot(state: &State) -> Option<Value> {
    match state.monitor.view {
        // Alerts and silences are in what every view has.
        View::Overview | View::Alerts => None,
        View::Judge => Some(judge::snapshot(state)),
        View::Charts => Some(charts::snapshot(state)),
        View::Train => Some(train::snapshot(state)),
        View::Skew => Some(skew::snapshot(state)),
        View::Lanes => Some(lanes::snapshot(state)),
        View::Burn => Some(burn::snapshot(state)),
        View::Health => Some(health::snapshot(state)),
        View::Watch => Some(watches::snapshot(state)),
    }
}

/// What is selected, as text to copy.
pub fn selected_text(state: &State) -> Option<String> {
    match state.monitor.view {
        View::Overview => super::snapshot::overview_text(state),
        View::Judge => judge::selected_text(state),
        View::Charts => charts::selected_text(state),
        View::Train => train::selected_text(state),
        View::Skew => skew::selected_text(state),
        View::Lanes => lanes::selected_text(state),
        View::Burn => burn::selected_text(state),
        View::Health => health::selected_text(state),
        View::Alerts => alert_list::selected_text(state),
        View::Watch => watches::selected_text(state),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{COMMANDS, Context};

    #[test]
    fn one_key_goes_through_all_views_and_back() {
        let mut view = View::Overview;
        for expected in View::ALL.iter().cycle().skip(1).take(View::ALL.len()) {
            view = view.neighbour(1);
            assert_eq!(view, *expected);
            assert_eq!(view.neighbour(-1).neighbour(1), view);
        }
        assert_eq!(view, View::Overview);
    }

    #[test]
    fn every_view_has_a_row_of_its_own_and_a_context_that_counts() {
        for view in View::ALL {
            let name = format!("monitor-{}", view.word());
            assert!(
                COMMANDS.iter().any(|row| row.name == name
                    && row.intent == Intent::ShowView(*view)
                    && !row.keys.is_empty()),
                "{name}"
            );
            let context = Context::MonitorView(*view);
            assert!(context.chain().contains(&Context::Monitor), "{name}");
            assert!(*view == View::Overview || Context::ALL.contains(&context), "{name}");
        }
    }
}
