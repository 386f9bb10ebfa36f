//! The view of alerts: the list, the selected one with its labels and why it is quiet, and the
//! silences; what was silenced for a deployment that is over is offered to be ended.

use ratatui::layout::Rect;

use super::alerts::{Summary, list as alerts_list};
use super::{heading_of, mark_of};
use crate::app::command::named;
use crate::app::monitor::alert_list::{self, Pane, quiet};
use crate::app::monitor::silences::{self, Offer, Told, managers};
use crate::app::monitor::{is_acknowledged, listed_alerts, selected_alert};
use crate::app::{Context, Intent, ListId, State};
use crate::domain::alerts::Heard;
use crate::domain::question::SilenceState;
use crate::domain::silence::request;
use crate::domain::{Face, Safe, format};
use crate::theme::Role;
use crate::view::canvas::wrapped;
use crate::view::{Canvas, Listing, face};

/// Columns from which the selected alert stands beside the list.
const BESIDE_FROM: u16 = 116;
/// Rows of the selected alert below the list: at least, and where the list leaves them free.
const DETAILS: u16 = 5;
const MOST_DETAILS: u16 = 12;

/// Draws it.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let offers = silences::offers(state);
    let offered = u16::from(!offers.is_empty());
    if let Some(first) = offers.first() {
        offer(canvas, Rect { height: 1, ..area }, state, first, offers.len());
    }
    let area = Rect { y: area.y + offered, height: area.height - offered, ..area };
    let wanted = silences::listed(state).len().max(1) as u16 + 1;
    let below = wanted.clamp(2, (area.height / 3).max(2));
    let top = Rect { height: area.height.saturating_sub(below + 1), ..area };
    let has_keys = state.monitor.alerts.pane == Pane::Alerts;
    if listed_alerts(state).is_empty() {
        alerts_list(canvas, top, state, has_keys, Summary::Elsewhere);
    } else if area.width >= BESIDE_FROM {
        let left = Rect { width: top.width * 11 / 20, ..top };
        alerts_list(canvas, left, state, has_keys, Summary::Elsewhere);
        canvas.divider(left.right() + 1, top.y, top.height);
        let x = left.right() + 3;
        details(canvas, Rect { x, width: top.right() - x, ..top }, state);
    } else {
        // What the list has no rows for is the selected alert's, labels and all.
        let rows = listed_alerts(state).len() as u16 + 1;
        let most = top.height.saturating_sub(4);
        let height = top.height.saturating_sub(rows).clamp(DETAILS, MOST_DETAILS).min(most);
        let list = Rect { height: top.height - height, ..top };
        alerts_list(canvas, list, state, has_keys, Summary::Elsewhere);
        details(canvas, Rect { y: list.bottom(), height, ..top }, state);
    }
    canvas.rule(area.x, top.bottom(), area.width);
    draw_silences(canvas, Rect { y: top.bottom() + 1, height: below, ..area }, state, &offers);
}

/// `▲ 2 silences of checkout-4.2 still hold, and the stage ended …: E ends them`
fn offer(canvas: &mut Canvas<'_>, area: Rect, state: &State, first: &Offer<'_>, count: usize) {
    let release = Safe::new(&first.deployment.release);
    let why = first.over.sentence(state.zone);
    let key = named(Context::Monitor, "end-silences").and_then(|row| row.keys.first());
    let key = match key {
        Some(&"shift-e") | None => "E",
        Some(key) => key,
    };
    let words = match count {
        1 => format!("▲ 1 silence of {release} still holds, and {why}: {key} ends it"),
        count => {
            format!("▲ {count} silences of ended deployments still hold ({release}: {why}): {key} ends them")
        }
    };
    canvas.text(area.x, area.y, area.width, &words, Role::Attention);
    canvas.hit(area, Intent::EndSilences, None);
}

/// The selected alert: what it says, why it is quiet, who told of it, its labels.
fn details(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let alerts = listed_alerts(state);
    let Some(heard) = alerts.get(selected_alert(state)) else { return };
    let mut lines: Vec<(String, Role)> = Vec::new();
    let own = format!("{} {}", heard.alert.name, heard.alert.state.word());
    lines.push((own, Role::Title));
    if !heard.alert.summary.is_empty() {
        lines.push((heard.alert.summary.to_string(), Role::Text));
    }
    lines.extend(quiet(state, heard).into_iter().map(|why| (format!("· {why}"), Role::Accent)));
    lines.push((told(state, heard), Role::Dim));
    let mut rows: Vec<(String, Role)> = Vec::new();
    let room = usize::from(area.width);
    for (text, role) in lines {
        rows.extend(wrapped(&text, room).into_iter().map(|line| (line, role)));
    }
    let labels = heard.alert.labels.iter().map(|(name, value)| format!("{name}={value}"));
    let left = usize::from(area.height).saturating_sub(rows.len());
    let labels: Vec<String> = labels.collect();
    if left >= labels.len() {
        rows.extend(labels.into_iter().map(|label| (label, Role::Dim)));
    } else {
        rows.extend(wrapped(&labels.join("  "), room).into_iter().map(|line| (line, Role::Dim)));
    }
    for (y, (text, role)) in (area.y..area.bottom()).zip(rows) {
        canvas.text(area.x, y, area.width, &text, role);
    }
}

/// Since when, seen from the rollout, and who says so.
fn told(state: &State, heard: &Heard) -> String {
    let since = format::local_time(heard.alert.since, state.zone);
    let began = match crate::app::monitor::alerts::began(state, heard) {
        Some(began) => format!(", {} this rollout began", began.word()),
        None => String::new(),
    };
    let mut sources = vec![heard.source.as_str()];
    sources.extend(heard.also.iter().map(String::as_str));
    let seen = if is_acknowledged(state, heard) { ", acknowledged here" } else { "" };
    format!("since {since}{began}; told by {}{seen}", sources.join(" and "))
}

fn draw_silences(canvas: &mut Canvas<'_>, area: Rect, state: &State, offers: &[Offer<'_>]) {
    let listed = silences::listed(state);
    let has_keys = state.monitor.alerts.pane == Pane::Silences;
    let title = Rect { height: 1, ..area };
    let mut used = heading_of(canvas, title, has_keys, "silences");
    let count = |wanted| listed.iter().filter(|told| told.silence.state == wanted).count();
    for (state, role) in [
        (SilenceState::Active, Role::Accent),
        (SilenceState::Pending, Role::Text),
        (SilenceState::Expired, Role::Dim),
    ] {
        let count = count(state);
        if count > 0 {
            let late = if state == SilenceState::Expired { " lately" } else { "" };
            let words = format!("  {count} {}{late}", state.word());
            used += canvas.text(area.x + used, area.y, area.width.saturating_sub(used), &words, role);
        }
    }
    for source in managers(state) {
        let known = state.remotes.silences(source, state.now);
        if matches!(known, Face::Stale { .. } | Face::Failed(_)) {
            let (sign, role) = face::mark(&known);
            let words = format!("  {sign} {source} {}", face::word(&known));
            used += canvas.text(area.x + used, area.y, area.width.saturating_sub(used), &words, role);
        }
    }
    let list = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    if listed.is_empty() {
        return nothing(canvas, list, state);
    }
    let row = alert_list::selected_silence(state);
    let listing = Listing { list: ListId::Silences, row, has_keys };
    listing.draw(canvas, list, state, &listed, |canvas, line, told| {
        let is_over = offers.iter().any(|offer| offer.told.silence.id == told.silence.id);
        draw_row(canvas, line, state, told, is_over);
    });
}

fn draw_row(canvas: &mut Canvas<'_>, area: Rect, state: &State, told: &Told<'_>, is_over: bool) {
    let silence = told.silence;
    let own = match silence.state {
        _ if is_over => ("▲", Role::Attention),
        SilenceState::Active => ("·", Role::Accent),
        SilenceState::Pending => ("·", Role::Text),
        SilenceState::Expired => ("·", Role::Dim),
    };
    let (sign, role) = mark_of(&state.remotes.silences(told.source, state.now), own);
    canvas.text(area.x, area.y, 1, sign, role);
    let text = if silence.state == SilenceState::Expired { Role::Dim } else { Role::Text };
    let at = |at| format::local_time(at, state.zone);
    let when = match silence.state {
        SilenceState::Active if is_over => format!("over, holds until {}", at(silence.ends)),
        SilenceState::Active => format!("until {}", at(silence.ends)),
        SilenceState::Pending => format!("from {}", at(silence.starts)),
        SilenceState::Expired => format!("ended {}", at(silence.ends)),
    };
    let mut x = area.x + 2;
    let mut put = |words: &str, most: u16, role| {
        let room = area.right().saturating_sub(x).min(most);
        let shown = format::shorten(words, usize::from(room));
        x += canvas.text(x, area.y, room, &shown, role) + 2;
    };
    put(&when, 44, text);
    put(&request::list(&silence.matchers), area.width * 2 / 5, text);
    put(&format!("by {}", silence.by), 20, Role::Dim);
    put(&silence.comment, area.width, Role::Dim);
}

/// No silence: whether that is so depends on who said it.
fn nothing(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let all = silences::all(state).len();
    let (words, role) = if managers(state).next().is_none() {
        ("  nobody tells of silences: add [backend.alertmanager]".to_owned(), Role::Dim)
    } else if all > 0 {
        (format!("  none of {all} has “{}” in it", state.monitor.filter), Role::Dim)
    } else if silences::are_fresh(state) {
        ("  none: s silences the selected alert for its planned stage".to_owned(), Role::Dim)
    } else {
        let unknown = managers(state).find_map(|name| {
            let known = state.remotes.silences(name, state.now);
            matches!(known, Face::Failed(_) | Face::Stale { .. }).then(|| {
                let (sign, role) = face::mark(&known);
                (format!("{sign} not known: {}", face::word(&known)), role)
            })
        });
        unknown.unwrap_or_else(|| ("  loading …".to_owned(), Role::Dim))
    };
    canvas.text(area.x, area.y, area.width, &words, role);
}
