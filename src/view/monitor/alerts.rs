//! Alerts: what fires, what is about to, what is muted.

use ratatui::layout::Rect;
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;

use super::{heading_of, mark_of};
use crate::app::monitor::alerts::{Heard, backends, began};
use crate::app::monitor::{self, Pane, alert_list, is_acknowledged, listed_alerts, selected_alert};
use crate::app::remotes::value_of;
use crate::app::{ListId, State};
use crate::domain::alerts::Began;
use crate::domain::question::AlertState;
use crate::domain::question::Alerts;
use crate::domain::{Face, format};
use crate::theme::Role;
use crate::view::{Canvas, Listing, face};

/// Draws them in the overview.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let has_keys = state.monitor.pane == Pane::Alerts;
    list(canvas, area, state, has_keys, Summary::Below);
}

/// Whether the selected alert's summary stands below the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Summary {
    /// It does.
    Below,
    /// It stands elsewhere.
    Elsewhere,
}

/// Draws the list below its title.
pub fn list(canvas: &mut Canvas<'_>, area: Rect, state: &State, has_keys: bool, summary: Summary) {
    let alerts = listed_alerts(state);
    title(canvas, Rect { height: 1, ..area }, state, has_keys);
    let rest = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    if alerts.is_empty() {
        nothing(canvas, rest, state);
        return;
    }
    let row = selected_alert(state);
    // The selected one's summary has a row of its own, where there is one to spare.
    let summary = u16::from(rest.height > 3 && summary == Summary::Below);
    let list = Rect { height: rest.height - summary, ..rest };
    let listing = Listing { list: ListId::Alerts, row, has_keys };
    let top = listing.draw(canvas, list, state, &alerts, |canvas, line, heard| {
        draw_row(canvas, line, state, heard);
    });
    if let (1, Some(heard)) = (summary, alerts.get(row)) {
        let shown = (list.height as usize).min(alerts.len() - top) as u16;
        let y = list.y + shown;
        canvas.text(area.x + 2, y, area.width.saturating_sub(2), &heard.alert.summary, Role::Dim);
    }
}

/// How many, of which kind; and how many silences hold.
fn title(canvas: &mut Canvas<'_>, area: Rect, state: &State, has_keys: bool) {
    let used = heading_of(canvas, area, has_keys, "alerts");
    let alerts = &state.monitor.index.alerts;
    let count = |wanted| alerts.iter().filter(|heard| heard.alert.state == wanted).count();
    let muted = count(AlertState::Silenced) + count(AlertState::Inhibited);
    let mut spans = Vec::new();
    for (count, sign, word, role) in [
        (count(AlertState::Firing), "✖", "firing", Role::Bad),
        (count(AlertState::Pending), "▲", "pending", Role::Attention),
    ] {
        if count > 0 {
            spans.push(canvas.span(format!("  {sign} {count} {word}"), role));
        }
    }
    for name in backends(state) {
        let known = state.remotes.alerts(name, state.now);
        if matches!(known, Face::Stale { .. } | Face::Failed(_)) {
            let (sign, role) = face::mark(&known);
            spans.push(canvas.span(format!("  {sign} {name} {}", face::word(&known)), role));
        }
        if let Some(warning) = value_of(&known).and_then(|alerts| alerts.warnings.first()) {
            spans.push(canvas.span(format!("  ◌ {name} partial: {warning}"), Role::Unknown));
        }
    }
    let room = area.width.saturating_sub(used);
    let mut line = Line::from(spans);
    let fits = |line: &Line<'_>, words: &str| (line.width() + words.width()) as u16 <= room;
    if let Some(words) = since_rollout(state).into_iter().find(|words| fits(&line, words)) {
        line.push_span(canvas.span(words, Role::Text));
    }
    let words = format!("  · {muted} muted");
    if muted > 0 && fits(&line, &words) {
        line.push_span(canvas.span(words, Role::Dim));
    }
    if let Some(silences) = monitor::silences(state).filter(|silences| *silences > 0) {
        let word = if silences == 1 { "silence" } else { "silences" };
        let words = format!("  {silences} {word}");
        if fits(&line, &words) {
            line.push_span(canvas.span(words, Role::Dim));
        }
    }
    canvas.line(area.x + used, area.y, room, &line);
}

/// How many began after the selected rollout and how many before: the fullest words first.
fn since_rollout(state: &State) -> Vec<String> {
    match alert_list::counts(state) {
        Some((after, before)) if after + before > 0 => vec![
            format!("  {after} after this rollout, {before} before"),
            format!("  {after} after, {before} before"),
        ],
        _ => Vec::new(),
    }
}

fn draw_row(canvas: &mut Canvas<'_>, area: Rect, state: &State, heard: &Heard) {
    let acknowledged = is_acknowledged(state, heard);
    let quiet = acknowledged || heard.is_muted();
    let own = match heard.alert.state {
        AlertState::Firing => ("✖", Role::Bad),
        AlertState::Pending => ("▲", Role::Attention),
        AlertState::Silenced | AlertState::Inhibited => ("·", Role::Dim),
    };
    let (sign, role) = mark_of(&state.remotes.alerts(&heard.source, state.now), own);
    canvas.text(area.x, area.y, 1, sign, if quiet { Role::Dim } else { role });
    let age = format::age(state.now.wall - heard.alert.since);
    let word = match (acknowledged, heard.alert.state) {
        (true, _) => "seen ",
        (false, AlertState::Firing) if is_before(state, heard) => "before ",
        (false, AlertState::Firing) => "",
        (false, state) => &format!("{} ", state.word()),
    };
    let right = format!("{word}{age:>4}");
    let mut room = area.width.saturating_sub(2 + right.width() as u16 + 1);
    canvas.text_right(area.x, area.y, area.width, &right, Role::Dim);
    let mut x = area.x + 2;
    let text = if quiet { Role::Dim } else { Role::Text };
    let name_width = (heard.alert.name.width() as u16).min(room.min(32));
    let name = format::shorten(&heard.alert.name, usize::from(name_width));
    let used = canvas.text(x, area.y, name_width, &name, text) + 2;
    x += used;
    room = room.saturating_sub(used);
    let about = heard.about().join(" · ");
    if !about.is_empty() {
        let used = canvas.text(x, area.y, room, &about, Role::Dim) + 2;
        x += used;
        room = room.saturating_sub(used);
    }
    if room > 12 {
        canvas.text(x, area.y, room, &heard.alert.summary, Role::Dim);
    }
}

/// Whether it fires since before the selected rollout began.
fn is_before(state: &State, heard: &Heard) -> bool {
    began(state, heard) == Some(Began::Before)
}

/// No alert: whether that is good news depends on who said so.
fn nothing(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let faces: Vec<_> = backends(state).map(|name| state.remotes.alerts(name, state.now)).collect();
    let is_fresh =
        |face: &Face<'_, Alerts>| matches!(face, Face::Fresh(alerts) if alerts.warnings.is_empty());
    let total = state.monitor.index.alerts.len();
    let (words, role) = if faces.is_empty() {
        ("  nobody tells of alerts: add [backend.alertmanager]".to_owned(), Role::Dim)
    } else if total > 0 {
        (format!("  none of {total} has “{}” in it", state.monitor.filter), Role::Dim)
    } else if faces.iter().all(is_fresh) {
        ("● none".to_owned(), Role::Good)
    } else if faces.iter().any(|face| value_of(face).is_some_and(|alerts| !alerts.warnings.is_empty())) {
        ("◌ none known, the answer is partial".to_owned(), Role::Unknown)
    } else if faces.iter().any(is_fresh) {
        ("◌ none known, not everybody answered".to_owned(), Role::Unknown)
    } else {
        let worst = faces.iter().find(|face| matches!(face, Face::Stale { .. } | Face::Failed(_)));
        match worst {
            Some(known) => {
                let (sign, role) = face::mark(known);
                (format!("{sign} not known: {}", face::word(known)), role)
            }
            None => ("  loading …".to_owned(), Role::Dim),
        }
    };
    canvas.text(area.x, area.y, area.width, &words, role);
}
