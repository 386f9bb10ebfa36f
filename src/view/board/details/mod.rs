//! What is known of the selected service, from what matters most to what may be scrolled to.

mod environments;
mod next;
mod work;

use chrono::{DateTime, Utc};
use ratatui::layout::Rect;

use super::ego;
use super::rows::{self, Part, Row, part, wrapped};
use crate::app::board::{self, Pane};
use crate::app::{ListId, State};
use crate::domain::{Service, format};
use crate::theme::Role;
use crate::view::Canvas;

/// Draws the details, from the row they are scrolled to.
pub fn draw(canvas: &mut Canvas<'_>, area: Rect, state: &State, place: usize) {
    let details =
        Details { state, place, service: &state.workspace.services[place], width: area.width.into() };
    rows::draw(canvas, area, &details.rows(), state.board.details_top, ListId::BoardDetails);
}

struct Details<'a> {
    state: &'a State,
    place: usize,
    service: &'a Service,
    width: usize,
}

impl Details<'_> {
    fn rows(&self) -> Vec<Row> {
        let mut rows = self.title();
        rows.extend(self.environments());
        rows.extend(self.newest_tag());
        rows.extend(self.behind());
        rows.extend(self.comes());
        if self.state.workspace.services.len() > 1 {
            rows.push(Row::default());
            rows.extend(self.dependencies());
        }
        rows.extend(self.tickets());
        rows.extend(self.commits());
        rows
    }

    fn wrap(&self, parts: Vec<Part>, indent: usize) -> Vec<Row> {
        wrapped(parts, self.width, indent)
    }

    fn time(&self, at: DateTime<Utc>) -> String {
        format::local_time(at, self.state.zone)
    }

    /// Who it is, whose it is, whom to call.
    fn title(&self) -> Vec<Row> {
        let has_keys = self.state.board.pane == Pane::Details || self.state.board.inside;
        let (mark, role) = if has_keys { ("▸ ", Role::Now) } else { ("", Role::Title) };
        let mut parts = vec![part(format!("{mark}{}", self.service.id), role)];
        let mut facts = Vec::new();
        facts.extend(self.service.tier.map(|tier| format!("tier {tier}")));
        facts.extend(self.service.owner.clone());
        if !self.service.escalation.is_empty() {
            facts.push(format!("escalation {}", self.service.escalation.join(" → ")));
        }
        if !facts.is_empty() {
            parts.push(part(format!("   {}", facts.join(" · ")), Role::Dim));
        }
        self.wrap(parts, 2)
    }

    /// Its neighbours, its wave, its cycle.
    fn dependencies(&self) -> Vec<Row> {
        let index = &self.state.board.index;
        let (wave, waves) = index.wave(self.place);
        let here = board::environment(self.state);
        let place = here.map_or_else(String::new, |here| format!(" in {}", here.id));
        let mut title = vec![part("needed by → it → needs", Role::Title)];
        title.push(part(format!("{place}   wave {wave} of {waves}"), Role::Dim));
        if index.cycle(self.place).is_some() {
            title.push(part("   ▲ coupled", Role::Attention));
        }
        let mut rows = self.wrap(title, 2);
        rows.extend(ego::rows(self.state, self.place, &board::listed(self.state), self.width));
        if let Some(cycle) = index.cycle(self.place) {
            let others: Vec<&str> =
                cycle.iter().map(String::as_str).filter(|id| *id != self.service.id).collect();
            let words = if others.is_empty() {
                "it needs itself".to_owned()
            } else {
                format!("goes round in a cycle with {}: they go out together", others.join(", "))
            };
            rows.extend(self.wrap(vec![part("▲ ", Role::Attention), part(words, Role::Text)], 2));
        }
        rows
    }
}
