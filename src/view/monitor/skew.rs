//! The skew map: a row a version, a column a place, and what is astray.

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::{heading_of, mark_of_running};
use crate::app::list::first_row;
use crate::app::monitor::rollouts::{environments, present_question};
use crate::app::monitor::skew::{self, Pane};
use crate::app::{Intent, ListId, State};
use crate::domain::rollout::Since;
use crate::domain::rollout::skew::{Finding, Kind, Place, Row, instant_of};
use crate::domain::{Face, format};
use crate::theme::Role;
use crate::view::{Canvas, Listing, face};

/// Columns of the widest name of a service and a version together.
const NAMES: u16 = 34;
/// Columns of the narrowest place.
const NARROWEST: u16 = 7;
/// Columns from which the findings stand beside the map.
const BESIDE_FROM: u16 = 150;

/// Draws it.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let rows = skew::listed(state);
    if rows.is_empty() {
        nothing(canvas, area, state);
        return;
    }
    let findings = skew::listed_findings(state).len();
    let (map, below) = if area.width >= BESIDE_FROM {
        let map = Rect { width: area.width / 2, ..area };
        canvas.divider(map.right() + 1, area.y, area.height);
        (map, Rect { x: map.right() + 3, width: area.right() - map.right() - 3, ..area })
    } else {
        let height = (findings as u16 + 1).clamp(2, area.height / 3);
        let map = Rect { height: area.height - height - 1, ..area };
        canvas.rule(area.x, map.bottom(), area.width);
        (map, Rect { y: map.bottom() + 1, height, ..area })
    };
    draw_map(canvas, map, state, &rows);
    draw_findings(canvas, below, state);
}

/// Which places fit, and how wide each is.
struct Columns<'a> {
    service: u16,
    version: u16,
    /// With the place's number among all of them.
    places: Vec<(usize, &'a Place, u16)>,
    left_out: usize,
}

impl<'a> Columns<'a> {
    fn new(state: &'a State, rows: &[&Row], width: u16) -> Self {
        let widest = |text: &dyn Fn(&Row) -> usize, most: u16| {
            rows.iter().map(|row| text(row) as u16).max().unwrap_or(0).min(most)
        };
        let most = NAMES.min(width / 3) / 2;
        let service = widest(&|row| row.service.width(), most + 3);
        let version = widest(&|row| row.version.width(), most);
        let all = &state.monitor.index.skew.places;
        let wanted = |place: &Place| {
            let region = place.region.as_ref().map_or(0, |region| region.width());
            (place.environment.width().max(region) as u16 + 3).max(NARROWEST)
        };
        let room = width.saturating_sub(2 + service + 1 + version + 2);
        let total: u16 = all.iter().map(wanted).sum();
        let squeezed = if total <= room { u16::MAX } else { (room / all.len().max(1) as u16).max(NARROWEST) };
        // What is nearest to the customers comes last in promotion order, and is left out last.
        let mut places = Vec::new();
        let mut used = 0;
        for (index, place) in all.iter().enumerate().rev() {
            let column = wanted(place).min(squeezed);
            if used + column > room {
                break;
            }
            used += column;
            places.push((index, place, column));
        }
        places.reverse();
        Self { service, version, left_out: all.len() - places.len(), places }
    }
}

fn draw_map(canvas: &mut Canvas<'_>, area: Rect, state: &State, rows: &[&Row]) {
    let columns = Columns::new(state, rows, area.width);
    let first = area.x + 2 + columns.service + 1 + columns.version + 2;
    let more = if columns.left_out > 0 {
        format!("versions  {} places left out", columns.left_out)
    } else {
        "versions".to_owned()
    };
    let names = Rect { width: first - area.x, height: 1, ..area };
    heading_of(canvas, names, state.monitor.skew.pane == Pane::Map, &more);
    let mut x = first;
    let mut before = "";
    for (_, place, width) in &columns.places {
        if place.environment != before {
            let known = state.remotes.history(&present_question(state, &place.environment), state.now);
            let (mark, role) = mark_of_running(&known, ("●", Role::Good));
            let shown = format::shorten(&place.environment, usize::from(width.saturating_sub(3)));
            canvas.text(x, area.y, 1, mark, role);
            canvas.text(x + 2, area.y, width - 2, &shown, Role::Title);
        }
        before = &place.environment;
        let region = place.region.as_deref().unwrap_or("all");
        let region = format::shorten(region, usize::from(width.saturating_sub(1)));
        canvas.text_right(x, area.y + 1, width - 1, &region, Role::Dim);
        x += width;
    }
    let list = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
    let row = skew::selected_row(state);
    let mut service = "";
    let listing = Listing::alone(ListId::Skew, row);
    listing.draw(canvas, list, state, rows, |canvas, line, version| {
        let is_first = version.service != service;
        service = &version.service;
        draw_row(canvas, line, state, version, &columns, is_first);
    });
}

fn draw_row(
    canvas: &mut Canvas<'_>,
    area: Rect,
    state: &State,
    row: &Row,
    columns: &Columns<'_>,
    is_first: bool,
) {
    let y = area.y;
    let mut x = area.x + 2;
    // The name stands once, where its versions begin.
    let name = format::shorten(&row.service, usize::from(columns.service));
    if is_first {
        canvas.text(x, y, columns.service, &name, Role::Title);
    }
    x += columns.service + 1;
    let version = format::shorten(&row.version, usize::from(columns.version));
    canvas.text(x, y, columns.version, &version, Role::Text);
    x += columns.version + 2;
    for (index, place, width) in &columns.places {
        let finding = skew::finding_at(state, row, place);
        let history = state.remotes.history(&present_question(state, &place.environment), state.now);
        let is_fresh = matches!(history, Face::Fresh(_));
        let (words, role) = match row.counts.get(*index).copied().flatten() {
            None => ("?".to_owned(), Role::Unknown),
            Some(count) if count <= 0.0 => ("·".to_owned(), Role::Dim),
            Some(count) if !is_fresh => (format!("≈ {}", format::number(count)), Role::Stale),
            Some(count) => match finding.map(sign) {
                Some((sign, role)) => (format!("{sign} {}", format::number(count)), role),
                None => (format::number(count), Role::Text),
            },
        };
        canvas.text_right(x, y, width - 1, &words, role);
        x += width;
    }
}

fn draw_findings(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let findings = skew::listed_findings(state);
    let has_keys = state.monitor.skew.pane == Pane::Findings;
    let count = findings.len();
    let words = if count == 0 { "astray".to_owned() } else { format!("astray  {count}") };
    heading_of(canvas, Rect { height: 1, ..area }, has_keys, &words);
    let list = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    if findings.is_empty() {
        calm(canvas, list, state);
        return;
    }
    let row = skew::selected_finding(state);
    // With room for it, why stands on a line of its own.
    let rows_each: u16 = if usize::from(list.height) >= count * 2 && area.width < 110 { 2 } else { 1 };
    let fits = usize::from(list.height / rows_each);
    let top = state.feedback.list(ListId::Findings).map_or(0, |(top, _)| top);
    let top = first_row(top, row, fits, count);
    canvas.list(ListId::Findings, top, list.height / rows_each);
    canvas.hit(list, Intent::ScrollList(ListId::Findings, 0), Some(ListId::Findings));
    for (index, finding) in findings.iter().enumerate().skip(top).take(fits) {
        let y = list.y + (index - top) as u16 * rows_each;
        let line = Rect { y, height: rows_each, ..list };
        draw_finding(canvas, line, state, finding);
        if index == row && has_keys {
            canvas.select(line);
        }
        canvas.hit(line, Intent::SelectRow(ListId::Findings, index), Some(ListId::Findings));
    }
}

fn draw_finding(canvas: &mut Canvas<'_>, area: Rect, state: &State, finding: &Finding) {
    let (sign, role) = sign(finding);
    canvas.text(area.x, area.y, 1, sign, role);
    let what = format!("{} {}", finding.service, finding.version);
    let (own, all) = (format::number(finding.count.0), format::number(finding.count.1));
    let age = format::age(state.monitor.window.end(state.now.wall) - instant_of(finding.since));
    let since = match finding.since {
        Since::At(_) => format!("for {age}"),
        Since::Before(_) => format!("for more than {age}"),
    };
    let x = area.x + 2;
    let room = area.width.saturating_sub(2);
    let mut used = canvas.text(x, area.y, room, &what, Role::Title) + 2;
    let place = format!("{}  {own} of {all}  {since}", finding.place.words());
    used += canvas.text(x + used, area.y, room.saturating_sub(used), &place, Role::Text) + 2;
    let why = finding.why(state.zone);
    if area.height > 1 {
        canvas.text(x, area.y + 1, room, &why, Role::Dim);
    } else {
        canvas.text(x + used, area.y, room.saturating_sub(used), &why, Role::Dim);
    }
}

/// The sign of a finding: what runs where it should not is bad, what lags wants attention.
fn sign(finding: &Finding) -> (&'static str, Role) {
    match finding.kind {
        Kind::NoRelease | Kind::Elsewhere { .. } | Kind::Skipped { .. } => ("✖", Role::Bad),
        _ => ("▲", Role::Attention),
    }
}

/// Nothing is astray: good news only where every environment said what runs in it.
fn calm(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let unknown: Vec<&str> = environments(&state.workspace)
        .filter(|environment| {
            let known = state.remotes.history(&present_question(state, environment), state.now);
            !matches!(known, Face::Fresh(history) if history.warnings.is_empty())
        })
        .collect();
    let (words, role) = if unknown.is_empty() && state.monitor.filter.is_empty() {
        ("● every version is where a release brings it".to_owned(), Role::Good)
    } else if unknown.is_empty() {
        ("  nothing that the filter lets through".to_owned(), Role::Dim)
    } else {
        let words = format!("◌ nothing known to be astray; not fully known: {}", unknown.join(", "));
        (words, Role::Unknown)
    };
    canvas.text(area.x, area.y, area.width, &words, role);
}

fn nothing(canvas: &mut Canvas<'_>, area: Rect, state: &State) {
    let total = state.monitor.index.skew.rows.len();
    if total > 0 {
        let words = format!("none of {total} versions has “{}” in it", state.monitor.filter);
        face::message(canvas, area, Role::Dim, &words, "Esc clears the filter.");
        return;
    }
    super::rollouts::nothing(canvas, area, state);
}
