//! What the view's keys, clicks and wheel do.

use crate::app::list::{step, walked};
use crate::app::state::Tone;
use crate::app::{Effect, Intent, ListId, State};

use super::{Lane, Pane, Row, correlated, rows};

/// Carries out what the person wants; `None`: it means nothing here.
pub fn handle(state: &mut State, intent: Intent) -> Option<Vec<Effect>> {
    if let Some(by) = walked(intent, page(state)) {
        walk(state, by);
        return Some(Vec::new());
    }
    match intent {
        Intent::NextPane => state.monitor.lanes.pane = state.monitor.lanes.pane.next(),
        Intent::Back if state.monitor.lanes.pane != Pane::Lanes => state.monitor.lanes.pane = Pane::Lanes,
        Intent::SelectRow(list, row) => {
            state.monitor.lanes.pane = pane_of(list)?;
            choose(state, row);
        }
        Intent::ScrollList(list, by) => {
            state.monitor.lanes.pane = pane_of(list)?;
            walk(state, isize::from(by));
        }
        Intent::Open => open(state),
        _ => return None,
    }
    Some(Vec::new())
}

fn pane_of(list: ListId) -> Option<Pane> {
    match list {
        ListId::LaneRows => Some(Pane::Lanes),
        ListId::LaneEvents => Some(Pane::Events),
        ListId::Before => Some(Pane::Before),
        _ => None,
    }
}

fn page(state: &State) -> isize {
    let list = match state.monitor.lanes.pane {
        Pane::Lanes => ListId::LaneRows,
        Pane::Events => ListId::LaneEvents,
        Pane::Before => ListId::Before,
    };
    state.feedback.list(list).map_or(5, |(_, rows)| rows.max(1).cast_signed())
}

/// The selected row of the lanes.
pub fn selected_row(state: &State, rows: &[Row]) -> usize {
    let chosen = state.monitor.lanes.row.as_ref();
    let by_id =
        chosen.and_then(|(lane, label)| rows.iter().position(|row| row.lane == *lane && row.label == *label));
    let spoken_of = || {
        let key = &super::super::selected(state)?.key;
        rows.iter().position(|row| row.rollout.as_ref() == Some(key))
    };
    by_id.or_else(spoken_of).unwrap_or(0)
}

/// The selected alert or rise: the one chosen, else the latest.
pub fn selected_signal(state: &State) -> usize {
    let all = correlated(state);
    let chosen = state.monitor.lanes.signal.as_ref();
    let by_id = chosen.and_then(|(name, service, at)| {
        all.iter().position(|found| {
            let signal = &found.signal;
            signal.name == *name && signal.service == *service && signal.at == *at
        })
    });
    by_id.unwrap_or_else(|| all.len().saturating_sub(1))
}

fn walk(state: &mut State, by: isize) {
    let rows = rows(state);
    let row = selected_row(state, &rows);
    let (at, count) = match state.monitor.lanes.pane {
        Pane::Lanes => (row, rows.len()),
        Pane::Events => {
            let count = rows.get(row).map_or(0, |row| row.events.len());
            (state.monitor.lanes.event.min(count.saturating_sub(1)), count)
        }
        Pane::Before => (selected_signal(state), correlated(state).len()),
    };
    choose(state, step(at, by, count));
}

fn choose(state: &mut State, at: usize) {
    match state.monitor.lanes.pane {
        Pane::Lanes => {
            let rows = rows(state);
            let Some(row) = rows.get(at) else { return };
            if let Some(key) = &row.rollout {
                super::super::select(state, key);
            }
            state.monitor.lanes.row = Some((row.lane, row.label.clone()));
            state.monitor.lanes.event = 0;
        }
        Pane::Events => state.monitor.lanes.event = at,
        Pane::Before => {
            let signal = correlated(state).into_iter().nth(at).map(|found| found.signal);
            state.monitor.lanes.signal = signal.map(|signal| (signal.name, signal.service, signal.at));
        }
    }
}

/// From a rollout to the overview, from an alert or a rise to what changed before it, from what
/// changed before it to the rollout, and from any other row to its events.
fn open(state: &mut State) {
    let rows = rows(state);
    let row = rows.get(selected_row(state, &rows));
    match state.monitor.lanes.pane {
        Pane::Events => {}
        Pane::Before => {
            let all = correlated(state);
            let change = all.get(selected_signal(state)).and_then(|found| found.before.first());
            let rollout = change.and_then(|before| {
                let change = &before.change;
                state.monitor.index.rollouts.iter().find(|seen| {
                    Some(&seen.key.service) == change.service.as_ref()
                        && Some(&seen.key.environment) == change.environment.as_ref()
                        && seen.key.region == change.region
                        && seen.events.iter().any(|event| event.at == change.at)
                })
            });
            match rollout.map(|seen| seen.key.clone()) {
                Some(key) => {
                    super::super::select(state, &key);
                    state.monitor.view = super::super::View::Overview;
                }
                None => state.say(Tone::Refused, "no rollout is nearest before it"),
            }
        }
        Pane::Lanes => match row.map(|row| (row.lane, row.rollout.clone())) {
            Some((_, Some(key))) => {
                super::super::select(state, &key);
                state.monitor.view = super::super::View::Overview;
            }
            Some((Lane::Alert | Lane::Rise, None)) => {
                let at = row.and_then(|row| row.events.first()).map(|event| event.at);
                let found = correlated(state).into_iter().find(|found| {
                    Some(found.signal.at) == at
                        && row.is_some_and(|row| row.label.contains(&found.signal.name))
                });
                match found.map(|found| found.signal) {
                    Some(signal) => {
                        state.monitor.lanes.signal = Some((signal.name, signal.service, signal.at));
                        state.monitor.lanes.pane = Pane::Before;
                    }
                    None => state.say(Tone::Refused, "it began before this window, or nobody is to hear it"),
                }
            }
            _ => state.monitor.lanes.pane = Pane::Events,
        },
    }
}
