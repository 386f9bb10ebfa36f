//! What the panel's keys, clicks and wheel do.

use crate::app::list::{step, walked};
use crate::app::state::Tone;
use crate::app::{Effect, Intent, ListId, State};

use super::alerts::concerns;
use super::{Changed, Pane, View, listed, listed_alerts, listed_events, rebuild, select, selected, view};

/// Acknowledgements kept; older ones belong to alerts that ended long ago.
const MOST_ACKNOWLEDGED: usize = 200;

/// Carries out what the person wants; `None`: it means nothing here.
pub fn handle(state: &mut State, intent: Intent) -> Option<Vec<Effect>> {
    let now = state.now.wall;
    match intent {
        Intent::ShowView(view) => state.monitor.view = view,
        Intent::NextView => state.monitor.view = state.monitor.view.neighbour(1),
        Intent::PreviousView => state.monitor.view = state.monitor.view.neighbour(-1),
        Intent::SilenceAlert => super::silences::begin(state),
        Intent::EndSilences => super::silences::end(state),
        Intent::TogglePause => look(state, |window| window.toggle_pause(now)),
        Intent::ZoomIn => look(state, super::Window::zoom_in),
        Intent::ZoomOut => look(state, super::Window::zoom_out),
        Intent::PanBack => look(state, |window| window.pan(-1, now)),
        Intent::PanForward => look(state, |window| window.pan(1, now)),
        Intent::ShowWayBack => return Some(super::advice::go_back(state)),
        Intent::GoToNow => look(state, super::Window::follow),
        Intent::Back if state.monitor.window.paused_at().is_some() => look(state, super::Window::follow),
        _ => return view::handle(state, intent).or_else(|| leave(state, intent)),
    }
    Some(Vec::new())
}

/// Where a view has nothing left to come out of and nothing is filtered, Esc leads to the overview.
fn leave(state: &mut State, intent: Intent) -> Option<Vec<Effect>> {
    let leaves = intent == Intent::Back && state.monitor.filter.is_empty();
    (leaves && state.monitor.view != View::Overview).then(|| {
        state.monitor.view = View::Overview;
        Vec::new()
    })
}

/// What the overview's own keys do.
pub(super) fn overview(state: &mut State, intent: Intent) -> Option<Vec<Effect>> {
    if let Some(by) = walked(intent, page(state)) {
        walk(state, by);
        return Some(Vec::new());
    }
    match intent {
        Intent::NextMetric => state.monitor.metric = state.monitor.metric.wrapping_add(1),
        Intent::NextPane => state.monitor.pane = state.monitor.pane.next(),
        Intent::Acknowledge => return Some(acknowledge(state)),
        Intent::SelectRow(list, row) => {
            state.monitor.pane = pane_of(list)?;
            choose(state, row);
        }
        Intent::ScrollList(list, rows) => {
            state.monitor.pane = pane_of(list)?;
            walk(state, isize::from(rows));
        }
        Intent::Open => open(state),
        Intent::Back if state.monitor.pane != Pane::Rollouts => state.monitor.pane = Pane::Rollouts,
        _ => return None,
    }
    Some(Vec::new())
}

/// Looks at another stretch of time. What is known stays on screen until the answers come.
pub(super) fn look(state: &mut State, change: impl FnOnce(&mut super::Window)) {
    let before = state.monitor.window.span();
    change(&mut state.monitor.window);
    if state.monitor.window.span() != before {
        state.monitor.span_before = Some(before);
    }
    rebuild(state, Changed::Everything);
}

fn pane_of(list: ListId) -> Option<Pane> {
    match list {
        ListId::Rollouts => Some(Pane::Rollouts),
        ListId::Alerts => Some(Pane::Alerts),
        ListId::Timeline => Some(Pane::Timeline),
        _ => None,
    }
}

fn page(state: &State) -> isize {
    let list = match state.monitor.pane {
        Pane::Rollouts => ListId::Rollouts,
        Pane::Alerts => ListId::Alerts,
        Pane::Timeline => ListId::Timeline,
    };
    state.feedback.list(list).map_or(5, |(_, rows)| rows.max(1) as isize)
}

/// The selected row of the part that has the keys, and how many rows it has.
fn place(state: &State) -> (usize, usize) {
    match state.monitor.pane {
        Pane::Rollouts => {
            let listed = listed(state);
            let row = selected(state)
                .and_then(|selected| listed.iter().position(|seen| seen.key == selected.key))
                .unwrap_or(0);
            (row, listed.len())
        }
        Pane::Alerts => (super::selected_alert(state), listed_alerts(state).len()),
        Pane::Timeline => (super::selected_event(state), listed_events(state).len()),
    }
}

fn walk(state: &mut State, by: isize) {
    let (row, count) = place(state);
    choose(state, step(row, by, count));
}

fn choose(state: &mut State, row: usize) {
    match state.monitor.pane {
        Pane::Rollouts => {
            let key = listed(state).get(row).map(|seen| seen.key.clone());
            if let Some(key) = key {
                select(state, &key);
            }
        }
        Pane::Alerts => {
            state.monitor.alert = listed_alerts(state).get(row).map(|heard| heard.fingerprint.clone());
        }
        // At the top the newest is selected, whatever comes.
        Pane::Timeline if row == 0 => state.monitor.event = None,
        Pane::Timeline => {
            let event = listed_events(state).get(row).map(|event| {
                let (at, kind, text, place) = event.id();
                (at, kind, text.to_owned(), place.to_owned())
            });
            state.monitor.event = event;
        }
    }
}

/// From an alert or an event to the rollout it belongs to.
fn open(state: &mut State) {
    let rollouts = &state.monitor.index.rollouts;
    let (key, release) = match state.monitor.pane {
        Pane::Rollouts => return,
        Pane::Alerts => {
            let alerts = listed_alerts(state);
            let heard = alerts.get(super::selected_alert(state));
            let found = heard.and_then(|heard| rollouts.iter().find(|seen| concerns(heard, seen)));
            (found.map(|seen| seen.key.clone()), None)
        }
        Pane::Timeline => {
            let events = listed_events(state);
            let event = events.get(super::selected_event(state));
            (event.and_then(|event| event.rollout.clone()), event.and_then(|event| event.release.clone()))
        }
    };
    match (key, release) {
        (Some(key), _) => {
            select(state, &key);
            state.monitor.pane = Pane::Rollouts;
        }
        (None, Some(release)) => {
            state.release = Some(release);
            state.monitor.pane = Pane::Rollouts;
        }
        (None, None) => state.say(Tone::Refused, "no rollout in this window belongs to it"),
    }
}

pub(super) fn acknowledge(state: &mut State) -> Vec<Effect> {
    let heard = listed_alerts(state).get(super::selected_alert(state)).copied().cloned();
    let Some(heard) = heard else {
        state.say(Tone::Refused, "there is no alert to acknowledge");
        return Vec::new();
    };
    let acknowledged = &mut state.person.acknowledged;
    let name = &heard.alert.name;
    if let Some(at) = acknowledged.iter().position(|id| *id == heard.fingerprint) {
        acknowledged.remove(at);
        state.say(Tone::Done, format!("{name} is no longer acknowledged"));
    } else {
        acknowledged.push(heard.fingerprint);
        let surplus = acknowledged.len().saturating_sub(MOST_ACKNOWLEDGED);
        acknowledged.drain(..surplus);
        state.say(Tone::Done, format!("{name} is acknowledged, on this machine only"));
    }
    vec![Effect::KeepPerson]
}
