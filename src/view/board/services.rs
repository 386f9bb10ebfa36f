//! The list: a service a row, what runs in each environment, how far behind.

use ratatui::layout::Rect;
use ratatui::text::Line;
use unicode_width::UnicodeWidthStr;

use super::cells;
use super::rows::{Part, part};
use crate::app::board::{self, Column, GAP, Known};
use crate::app::{Intent, ListId, State, list};
use crate::domain::compatibility::Verdict;
use crate::domain::format;
use crate::domain::{Environment, Face, Service};
use crate::theme::Role;
use crate::view::Canvas;

/// Draws the list with its header.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State, listed: &[usize], selected: usize) {
    let columns = board::columns(state, area.width);
    let rows = area.height.saturating_sub(1);
    let top = state.feedback.list(ListId::Services).map_or(0, |(top, _)| top);
    let top = list::first_row(top, selected, usize::from(rows), listed.len());
    canvas.list(ListId::Services, top, rows);
    let below = Rect { y: area.y + 1, height: rows, ..area };
    canvas.hit(below, Intent::Stay, Some(ListId::Services));
    let count = (listed.len() > usize::from(rows)).then(|| format!("{}/{}", selected + 1, listed.len()));
    header(canvas, area, state, &columns, count);
    let here = board::environment(state);
    for (offset, place) in (0..rows).zip(&listed[top..]) {
        let row = Rect::new(area.x, area.y + 1 + offset, area.width, 1);
        let index = top + usize::from(offset);
        draw_row(canvas, row, state, &columns, *place, here);
        if index == selected {
            canvas.select(row);
        }
        canvas.hit(row, Intent::SelectRow(ListId::Services, index), Some(ListId::Services));
    }
}

fn header(
    canvas: &mut Canvas<'_>,
    area: Rect,
    state: &State,
    columns: &[(Column, u16)],
    count: Option<String>,
) {
    let here = board::environment(state).map(|environment| environment.id.as_str());
    let mut x = area.x;
    for (column, width) in columns {
        match column {
            Column::Service => {
                let title = match &count {
                    None => "service".to_owned(),
                    Some(count) if count.len() + 8 <= usize::from(*width) => format!("service {count}"),
                    Some(count) => count.clone(),
                };
                canvas.text(x, area.y, *width, &title, Role::Dim);
            }
            Column::Environment(place) => {
                let id = &state.workspace.environments[*place].id;
                let (mark, role) =
                    if here == Some(id.as_str()) { ("▸ ", Role::Accent) } else { ("  ", Role::Dim) };
                let id = format::shorten(id, usize::from(*width).saturating_sub(2));
                canvas.text(x, area.y, *width, &format!("{mark}{id}"), role);
                let select = Intent::SelectRow(ListId::BoardEnvironments, *place);
                canvas.hit(Rect::new(x, area.y, *width, 1), select, None);
            }
            Column::Behind => {
                // Without environments there is nothing to be behind in: what is new since a tag.
                let title = if here.is_some() { "behind" } else { "new" };
                canvas.text_right(x, area.y, *width, title, Role::Dim);
            }
            Column::Since => {
                canvas.text_right(x, area.y, *width, "since", Role::Dim);
            }
            Column::Tier => {
                canvas.text(x, area.y, *width, "tier", Role::Dim);
            }
            Column::Owner => {
                canvas.text(x, area.y, *width, "owner", Role::Dim);
            }
            Column::Comes => {
                canvas.text(x, area.y, *width, "  comes", Role::Dim);
            }
            Column::Tickets => {
                canvas.text(x, area.y, *width, "tickets", Role::Dim);
            }
        }
        x += width + GAP;
    }
}

fn draw_row(
    canvas: &mut Canvas<'_>,
    row: Rect,
    state: &State,
    columns: &[(Column, u16)],
    place: usize,
    here: Option<&Environment>,
) {
    let service = &state.workspace.services[place];
    let comes = board::comes(state, here, place);
    let mut x = row.x;
    for (column, width) in columns {
        let room = usize::from(*width);
        let left = |canvas: &mut Canvas<'_>, parts: &[Part]| write(canvas, x, row.y, *width, parts);
        match column {
            Column::Service => left(canvas, &[part(format::shorten(&service.id, room), Role::Text)]),
            Column::Tier => {
                let words = service.tier.map_or_else(String::new, |tier| format!("tier {tier}"));
                left(canvas, &[part(words, Role::Dim)]);
            }
            Column::Owner => {
                let owner = service.owner.as_deref().unwrap_or_default();
                left(canvas, &[part(format::shorten(owner, room), Role::Dim)]);
            }
            Column::Environment(environment) => {
                let environment = &state.workspace.environments[*environment];
                left(canvas, &cells::running(board::running(state, environment, &service.id)));
            }
            Column::Comes => {
                let parts = comes.map(|comes| coming(state, here, service, comes.version));
                left(canvas, &parts.unwrap_or_default());
            }
            Column::Behind => {
                let (text, role) = cells::behind(&board::behind(state, here, service));
                canvas.text_right(x, row.y, *width, &text, role);
            }
            Column::Since => {
                let since = here.map_or(Known::NotApplicable, |here| board::since(state, here, &service.id));
                let (text, role) = cells::since(since, state.now.wall);
                canvas.text_right(x, row.y, *width, &text, role);
            }
            Column::Tickets => {
                let tracked = comes.filter(|comes| comes.release.tracker.is_some());
                let parts = tracked.map(|comes| match state.remotes.tracker(&comes.release.id, state.now) {
                    Face::NotAsked | Face::Loading => vec![part("·", Role::Dim)],
                    Face::Failed(_) => vec![part("◌", Role::Unknown)],
                    Face::Fresh(tracker) => cells::tickets(tracker, None),
                    Face::Stale { value, age, .. } => cells::tickets(value, Some(age)),
                });
                left(canvas, &parts.unwrap_or_default());
            }
        }
        x += width + GAP;
    }
}

/// The version that comes, with a sign where it would not fit, or nobody knows.
fn coming(state: &State, here: Option<&Environment>, service: &Service, version: &str) -> Vec<Part> {
    let asked = here.filter(|here| {
        !matches!(board::running(state, here, &service.id), Known::NotApplicable | Known::Waiting)
    });
    let verdict = asked.map(|here| board::compatibility(state, here, &service.id, version).verdict);
    let (sign, role) = match verdict {
        Some(Verdict::No) => ("✖ ", Role::Bad),
        Some(Verdict::Unknown) => ("◌ ", Role::Unknown),
        Some(Verdict::Yes) | None => ("  ", Role::Text),
    };
    vec![part(sign, role), part(version, Role::Text)]
}

/// Writes parts in a cell; what does not fit ends in `…`.
fn write(canvas: &mut Canvas<'_>, x: u16, y: u16, width: u16, parts: &[Part]) {
    let spans: Vec<_> = parts.iter().map(|(text, role)| canvas.span(text.as_str(), *role)).collect();
    canvas.line(x, y, width, &Line::from(spans));
    if parts.iter().map(|(text, _)| text.width()).sum::<usize>() > usize::from(width) {
        canvas.text(x + width - 1, y, 1, "…", Role::Dim);
    }
}
