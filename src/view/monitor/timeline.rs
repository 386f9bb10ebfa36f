//! What happened, newest first.

use chrono::{DateTime, Utc};
use ratatui::layout::Rect;

use super::heading;
use crate::app::monitor::rollouts::{environments, question};
use crate::app::monitor::timeline::{Event, Kind};
use crate::app::monitor::{Pane, listed_events, selected_event};
use crate::app::{ListId, State};
use crate::domain::{Face, format};
use crate::theme::Role;
use crate::view::{Canvas, Listing, face};

/// Draws it.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let events = listed_events(state);
    heading(canvas, Rect { height: 1, ..area }, state, Pane::Timeline, "timeline");
    let list = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    if events.is_empty() {
        nothing(canvas, list, state);
        return;
    }
    let row = selected_event(state);
    let listing = Listing { list: ListId::Timeline, row, has_keys: state.monitor.pane == Pane::Timeline };
    listing.draw(canvas, list, state, &events, |canvas, line, event| {
        draw_row(canvas, line, state, event);
    });
}

fn draw_row(canvas: &mut Canvas<'_>, area: Rect, state: &State, event: &Event) {
    let time = time(event.at, state);
    let used = canvas.text(area.x, area.y, area.width, &time, Role::Dim) + 2;
    let (sign, role) = sign(event.kind);
    canvas.text(area.x + used, area.y, 1, sign, role);
    let x = area.x + used + 2;
    let room = area.right().saturating_sub(x);
    let text = format::shorten(&event.text, usize::from(room));
    let used = canvas.text(x, area.y, room, &text, Role::Text) + 2;
    if room >= used + 8 {
        let place = format::shorten(&event.place, usize::from(room - used));
        canvas.text_right(x + used, area.y, room - used, &place, Role::Dim);
    }
}

/// Nothing is listed: because nothing happened, or because nobody said.
fn nothing(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let mut faces = environments(&state.workspace)
        .map(|environment| state.remotes.history(&question(state, environment), state.now));
    let unknown = faces.find(|face| !matches!(face, Face::Fresh(_)));
    let (words, role) = match unknown {
        Some(Face::Loading | Face::NotAsked) => ("  loading …".to_owned(), Role::Dim),
        Some(known) => {
            let (sign, role) = face::mark(&known);
            (format!("{sign} nothing known: {}", face::word(&known)), role)
        }
        None => (format!("  nothing happened within {}", state.monitor.window.length()), Role::Dim),
    };
    canvas.text(area.x, area.y, area.width, &words, role);
}

/// To the second on the day the window ends; with the day before that.
fn time(at: DateTime<Utc>, state: &State) -> String {
    let local = at.with_timezone(&state.zone);
    let end = state.monitor.window.end(state.now.wall).with_timezone(&state.zone);
    // One width within a window, so that the column aligns.
    let form = if state.monitor.window.seconds() < 86_400 {
        if local.date_naive() == end.date_naive() { "%H:%M:%S" } else { "%a %H:%M" }
    } else {
        "%a %d %H:%M"
    };
    let text = local.format(form).to_string();
    if state.monitor.window.seconds() < 86_400 { format!("{text:>9}") } else { text }
}

fn sign(kind: Kind) -> (&'static str, Role) {
    match kind {
        Kind::Appeared | Kind::ShareMoved => ("→", Role::ChartNew),
        Kind::Completed => ("█", Role::ChartNew),
        Kind::Alert => ("✖", Role::Bad),
        Kind::RolledBack | Kind::AlertPending => ("▲", Role::Attention),
        Kind::AlertEnded => ("●", Role::Text),
        Kind::StageBegins | Kind::StageEnds => ("│", Role::Accent),
    }
}
