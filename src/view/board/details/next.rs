//! How far behind a service is, what comes next, and whether it would work.

use super::super::cells::elapsed;
use super::super::rows::{Row, part};
use super::Details;
use crate::app::board::{self, Known};
use crate::domain::compatibility::{Verdict, Weight};
use crate::domain::{Environment, Face};
use crate::theme::Role;
use crate::view::face::short_age;

impl Details<'_> {
    /// Without environments, the newest tag is what is known to be out.
    pub(super) fn newest_tag(&self) -> Vec<Row> {
        if board::environment(self.state).is_some() {
            return Vec::new();
        }
        let face = self.state.remotes.tags(&self.service.id, self.state.now);
        let parts = match &face {
            Face::NotAsked | Face::Loading => vec![part("    asking for its tags …", Role::Dim)],
            Face::Failed(trouble) => vec![
                part("  ◌ its tags are not known: ", Role::Unknown),
                part(format!("{} ", trouble.failure.what), Role::Text),
                part(format!("→ {}", trouble.failure.mend), Role::Accent),
            ],
            Face::Fresh(tags) | Face::Stale { value: tags, .. } => {
                let newest = board::newest(tags).and_then(|name| tags.iter().find(|tag| tag.name == *name));
                match newest {
                    None => vec![part("    no version tag yet", Role::Dim)],
                    Some(tag) => {
                        let ago = elapsed(self.state.now.wall, tag.at);
                        vec![
                            part("    newest tag ", Role::Dim),
                            part(tag.name.to_string(), Role::Accent),
                            part(format!(" of {}, {ago} ago", self.time(tag.at)), Role::Text),
                        ]
                    }
                }
            }
        };
        self.wrap(parts, 4)
    }

    pub(super) fn behind(&self) -> Vec<Row> {
        let here = board::environment(self.state);
        let parts = match board::behind(self.state, here, self.service) {
            Known::NotApplicable | Known::Waiting | Known::Partial => return Vec::new(),
            // Why what runs is not known stands above already.
            Known::Unknown(_) if here.is_none() || self.running_is_unknown() => return Vec::new(),
            Known::Unknown(trouble) => {
                let mut parts = vec![part("  ◌ how far behind: ", Role::Unknown)];
                parts.push(part(format!("{} ", trouble.failure.what), Role::Text));
                parts.push(part(format!("→ {}", trouble.failure.mend), Role::Accent));
                return self.wrap(parts, 4);
            }
            Known::Value(behind, age) => {
                let runs = here.and_then(|here| board::running(self.state, here, &self.service.id).value());
                let from = match runs {
                    Some(shares @ [_, _, ..]) => board::oldest_version(shares),
                    _ => None,
                };
                let from = from.map_or_else(String::new, |from| format!(", counted from {from}"));
                let to = match (&behind.to, here) {
                    (Some(tag), _) => format!("{tag}, the newest tag{from}"),
                    (None, Some(_)) => format!("HEAD; there is no version tag{from}"),
                    (None, None) => "HEAD since the newest tag".to_owned(),
                };
                let plural = if behind.count == 1 { "" } else { "s" };
                let commits = format!("{} commit{plural}", behind.count);
                let between = if here.is_some() { "behind" } else { "on" };
                match (behind.count, age) {
                    (_, Some(age)) => {
                        let words = format!("  ≈ {commits} {between} {to}, as of {} ago", short_age(age));
                        vec![part(words, Role::Stale)]
                    }
                    (0, None) => {
                        vec![part("  ● ", Role::Good), part(format!("up to date with {to}"), Role::Text)]
                    }
                    (_, None) => vec![part(format!("    {commits} {between} {to}"), Role::Text)],
                }
            }
        };
        self.wrap(parts, 4)
    }

    fn running_is_unknown(&self) -> bool {
        let here = board::environment(self.state);
        here.is_some_and(|here| {
            matches!(board::running(self.state, here, &self.service.id), Known::Unknown(_))
        })
    }

    /// What comes next, and whether it would work there.
    pub(super) fn comes(&self) -> Vec<Row> {
        let here = board::environment(self.state);
        let Some(comes) = board::comes(self.state, here, self.place) else {
            let mut rows = vec![vec![part("    no release is planned to bring it", Role::Dim)].into()];
            let behind = board::behind(self.state, here, self.service).value();
            let newest = behind.filter(|behind| behind.count > 0).and_then(|behind| behind.to);
            rows.extend(newest.map(|newest| self.compatibility(here, &newest)).unwrap_or_default());
            return rows;
        };
        let region = comes.stage.region.as_ref().map_or_else(String::new, |region| format!(" · {region}"));
        let when = if comes.stage.start <= self.state.now.wall { "since" } else { "on" };
        let place = format!("{}{region}", comes.stage.environment);
        let mut parts = vec![part("    comes ", Role::Dim), part(comes.version, Role::Accent)];
        parts.push(part(
            format!(
                " with {} {when} {} in {place}, {}",
                comes.release.title,
                self.time(comes.stage.start),
                comes.release.status.word()
            ),
            Role::Text,
        ));
        let mut rows = self.wrap(parts, 6);
        rows.extend(self.compatibility(here, comes.version));
        rows
    }

    /// Whether a version would work with what runs, and what speaks against it.
    fn compatibility(&self, here: Option<&Environment>, version: &str) -> Vec<Row> {
        let Some(here) = here else { return Vec::new() };
        if matches!(board::running(self.state, here, &self.service.id), Known::Waiting) {
            return Vec::new();
        }
        let answer = board::compatibility(self.state, here, &self.service.id, version);
        let (mark, role, words) = match answer.verdict {
            Verdict::Yes => ("●", Role::Good, format!("{version} fits what runs in {}", here.id)),
            Verdict::No => ("✖", Role::Bad, format!("{version} does not fit what runs in {}", here.id)),
            Verdict::Unknown => {
                ("◌", Role::Unknown, format!("whether {version} fits what runs in {} is not known", here.id))
            }
        };
        let mut rows = self.wrap(vec![part(format!("  {mark} {words}"), role)], 4);
        // Where nothing is known, the reason is one, not one a neighbour; it stands above.
        let fresh = matches!(self.state.remotes.running(&here.id, self.state.now), Face::Fresh(_));
        for reason in answer.reasons.iter().filter(|_| fresh) {
            let (mark, role) = match reason.weight {
                Weight::Refusal => ("✖", Role::Bad),
                Weight::Doubt => ("◌", Role::Unknown),
                Weight::Remark => ("▲", Role::Attention),
            };
            let parts = vec![
                part(format!("    {mark} {}  ", reason.code.word()), role),
                part(reason.message.clone(), Role::Text),
            ];
            rows.extend(self.wrap(parts, 8));
        }
        rows
    }
}
