//! What the keys do in the list of watches.

use crate::app::list::{step, walked};
use crate::app::state::Tone;
use crate::app::{Effect, Intent, ListId, State as Cockpit, form};

use super::super::View;
use super::{Entry, listed, selected, selected_row};
use crate::app::form::WatchDeed;

/// Carries out what the person wants; `None`: it means nothing here.
pub(in crate::app::monitor) fn handle(state: &mut Cockpit, intent: Intent) -> Option<Vec<Effect>> {
    let page = state.feedback.list(ListId::Watches).map_or(5, |(_, rows)| rows.max(1).cast_signed());
    if let Some(by) = walked(intent, page) {
        let listed = listed(state);
        let row = step(selected_row(state, &listed), by, listed.len());
        choose(state, row);
        return Some(Vec::new());
    }
    match intent {
        Intent::ScrollList(ListId::Watches, rows) => {
            let listed = listed(state);
            let row = step(selected_row(state, &listed), isize::from(rows), listed.len());
            choose(state, row);
        }
        Intent::SelectRow(ListId::Watches, row) => choose(state, row),
        Intent::AddNote => note(state, WatchDeed::Note),
        Intent::HandOver => note(state, WatchDeed::HandOver),
        Intent::Acknowledge => note(state, WatchDeed::Acknowledge),
        Intent::CloseWatch => note(state, WatchDeed::Close),
        Intent::Open => open(state),
        _ => return None,
    }
    Some(Vec::new())
}

/// Chooses a row; the other panels speak of its release from now on.
fn choose(state: &mut Cockpit, row: usize) {
    let Some(entry) = listed(state).get(row).copied().cloned() else { return };
    let key = entry.key();
    if state.monitor.index.rollouts.iter().any(|seen| seen.key == key) {
        super::super::select(state, &key);
    }
    state.release = Some(entry.id.release.clone());
    state.monitor.watches.chosen = Some(entry.id);
}

/// Opens the form for a note, a hand-over, an acknowledgement or the end of a watch.
fn note(state: &mut Cockpit, deed: WatchDeed) {
    let Some(entry) = selected(state).cloned() else {
        state.say(Tone::Refused, "no release is in its watch");
        return;
    };
    if let Some(why) = refusal(&entry, deed) {
        state.say(Tone::Refused, why);
        return;
    }
    let about = about(&entry);
    form::note_in_watch(state, &entry.id.release, deed, about);
}

/// Why something cannot be done now.
fn refusal(entry: &Entry, deed: WatchDeed) -> Option<String> {
    let is_live = entry.watch.phase.is_live();
    match deed {
        WatchDeed::Acknowledge if entry.timers.is_empty() => {
            Some(format!("nothing is open in the watch of {}", entry.id.release))
        }
        WatchDeed::Acknowledge if entry.unacknowledged().next().is_none() => {
            Some("all of it is acknowledged already".to_owned())
        }
        WatchDeed::Close | WatchDeed::HandOver if !is_live => {
            let ended = entry.watch.ended.as_ref().map(crate::domain::stabilisation::Ended::words);
            Some(format!("the watch of {} is {}", entry.id.release, ended.unwrap_or_default()))
        }
        _ => None,
    }
}

/// What the form says above its fields.
fn about(entry: &Entry) -> Vec<String> {
    let watcher = entry.watch.watcher.as_ref().map_or("Nobody watches", |watcher| watcher.name.as_str());
    let place = entry.id.place();
    let mut about = vec![format!("{} {} in {place}: {watcher}", entry.id.service, entry.version)];
    about.extend(entry.timers.iter().map(|timer| format!("open: {}", timer.open.what)));
    about.push(format!("It is written into releases/{}.toml; u takes it back.", entry.id.release));
    about
}

/// To the rollout in the overview.
fn open(state: &mut Cockpit) {
    let Some(entry) = selected(state).cloned() else { return };
    let key = entry.key();
    if state.monitor.index.rollouts.iter().any(|seen| seen.key == key) {
        super::super::select(state, &key);
        state.monitor.view = View::Overview;
    } else {
        state.say(Tone::Refused, "its rollout is not in this window: - looks at more time");
    }
}
