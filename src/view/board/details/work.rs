//! The work behind what comes: tickets and commits.

use super::super::cells::elapsed;
use super::super::rows::{self, Part, Row, part};
use super::Details;
use crate::app::board;
use crate::domain::Face;
use crate::domain::format;
use crate::domain::question::{Ticket, TrackerVersion};
use crate::theme::Role;
use crate::view::face::short_age;

/// Commits shown of what a service is behind.
const COMMITS: usize = 12;

impl Details<'_> {
    pub(super) fn tickets(&self) -> Vec<Row> {
        let here = board::environment(self.state);
        let Some(comes) = board::comes(self.state, here, self.place) else { return Vec::new() };
        let Some(tracker) = &comes.release.tracker else { return Vec::new() };
        let mut title = vec![part("tickets ", Role::Title), part(format!("{tracker}  "), Role::Dim)];
        let face = self.state.remotes.tracker(&comes.release.id, self.state.now);
        let (version, role) = match &face {
            Face::NotAsked | Face::Loading => {
                title.push(part("asking …", Role::Dim));
                return [vec![Row::default()], self.wrap(title, 2)].concat();
            }
            Face::Failed(trouble) => {
                title.push(part("◌ not known", Role::Unknown));
                let mut rows = [vec![Row::default()], self.wrap(title, 2)].concat();
                rows.extend(self.wrap(vec![part(format!("  {}", trouble.failure.what), Role::Text)], 2));
                rows.extend(self.wrap(vec![part(format!("  → {}", trouble.failure.mend), Role::Accent)], 4));
                return rows;
            }
            Face::Stale { value, age, .. } => {
                title.push(part(format!("≈ as of {} ago  ", short_age(*age)), Role::Stale));
                (*value, Role::Stale)
            }
            Face::Fresh(value) => (*value, Role::Text),
        };
        title.push(part(counts(version), role));
        let mut rows = [vec![Row::default()], self.wrap(title, 2)].concat();
        for warning in &version.warnings {
            rows.extend(self.wrap(vec![part(format!("  ▲ {warning}"), Role::Attention)], 4));
        }
        for ticket in version.open.iter().flatten() {
            rows.push(self.ticket(ticket).into());
        }
        rows
    }

    fn ticket(&self, ticket: &Ticket) -> Vec<Part> {
        let blocked = !ticket.blocked_by.is_empty();
        let (mark, role) = if ticket.blocker { ("✖", Role::Bad) } else { (" ", Role::Text) };
        let mut parts = vec![
            part(format!("{mark} "), role),
            part(format!("{:<9} ", ticket.key), role),
            part(format!("{:<13} ", format::shorten(&ticket.status, 13)), Role::Dim),
        ];
        let mut tail = String::new();
        if blocked {
            let keys: Vec<&str> = ticket.blocked_by.iter().map(|key| &**key).collect();
            tail = format!("  ▲ blocked by {}", keys.join(", "));
        } else if let Some(assignee) = &ticket.assignee {
            tail = format!("  {assignee}");
        }
        let room = self.width.saturating_sub(rows::width_of(&parts) + tail.chars().count()).max(12);
        parts.push(part(crate::view::canvas::cut(&ticket.summary, room), Role::Text));
        parts.push(part(tail, if blocked { Role::Attention } else { Role::Dim }));
        parts
    }

    /// What a service is behind, newest first.
    pub(super) fn commits(&self) -> Vec<Row> {
        let here = board::environment(self.state);
        let behind = board::behind(self.state, here, self.service).value();
        let Some((to, behind, changes)) =
            behind.and_then(|behind| Some((behind.to, behind.count, behind.changes?)))
        else {
            return Vec::new();
        };
        if changes.commits.is_empty() {
            return Vec::new();
        }
        let to = to.as_deref().unwrap_or("HEAD");
        let lacks = match here {
            Some(here) => format!("in {to} that {} lacks", here.id),
            None => format!("on {to} since the newest tag"),
        };
        let title = vec![part("commits ", Role::Title), part(lacks, Role::Dim)];
        let mut rows = vec![Row::default(), title.into()];
        for commit in changes.commits.iter().take(COMMITS) {
            let id: String = commit.id.chars().take(8).collect();
            let mut parts = vec![part(format!("  {id}  "), Role::Dim)];
            let tail = format!("  {}, {} ago", commit.author, elapsed(self.state.now.wall, commit.at));
            let room = self.width.saturating_sub(12 + tail.chars().count()).max(16);
            parts.push(part(crate::view::canvas::cut(&commit.subject, room), Role::Text));
            parts.push(part(tail, Role::Dim));
            rows.push(parts.into());
        }
        let shown = changes.commits.len().min(COMMITS) as u32;
        if behind > shown {
            rows.push(vec![part(format!("  and {} more", behind - shown), Role::Dim)].into());
        }
        rows
    }
}

/// `2 to do · 1 in progress · 12 done · ✖ 1 blocker`
fn counts(version: &TrackerVersion) -> String {
    let mut words = Vec::new();
    for (count, word) in
        [(version.to_do, "to do"), (version.in_progress, "in progress"), (version.done, "done")]
    {
        words.push(count.map_or_else(|| format!("◌ {word}"), |count| format!("{count} {word}")));
    }
    let blockers = version.open.iter().flatten().filter(|ticket| ticket.blocker).count();
    if blockers > 0 {
        words.push(format!("✖ {blockers} {}", if blockers == 1 { "blocker" } else { "blockers" }));
    }
    words.join(" · ")
}
