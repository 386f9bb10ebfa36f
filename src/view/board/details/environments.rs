//! What runs of a service where, since when, and why that is not known.

use super::super::cells::{self, elapsed};
use super::super::rows::{Part, Row, part};
use super::Details;
use crate::app::board::{self, Known, Since};
use crate::app::remotes::value_of;
use crate::domain::format;
use crate::domain::question::VersionShare;
use crate::domain::remote::Trouble;
use crate::domain::{Environment, Face};
use crate::theme::Role;
use crate::view::face::short_age;

impl Details<'_> {
    /// An environment a row: what runs there, and for the selected one since when.
    pub(super) fn environments(&self) -> Vec<Row> {
        let environments = &self.state.workspace.environments;
        let here = board::environment_place(self.state);
        let longest = environments.iter().map(|environment| environment.id.chars().count()).max();
        let name_width = longest.unwrap_or(0).clamp(8, 20);
        let mut rows = Vec::new();
        for (number, environment) in environments.iter().enumerate() {
            let selected = Some(number) == here;
            let (mark, role) = if selected { ("▸ ", Role::Accent) } else { ("  ", Role::Dim) };
            let name = format::shorten(&environment.id, name_width);
            let mut parts = vec![part(format!("{mark}{name:<name_width$}  "), role)];
            let runs = board::running(self.state, environment, &self.service.id);
            parts.extend(running_words(runs));
            if selected {
                parts.extend(self.since(environment));
            }
            rows.extend(self.wrap(parts, name_width + 6));
            if selected {
                rows.extend(self.regions(environment, name_width + 6));
            }
            rows.extend(self.trouble(environment, name_width + 6));
        }
        rows
    }

    fn since(&self, environment: &Environment) -> Vec<Part> {
        let Known::Value(since, age) = board::since(self.state, environment, &self.service.id) else {
            return Vec::new();
        };
        let ago = elapsed(self.state.now.wall, since.at());
        let words = match since {
            Since::Seen(at) => format!(" since {}, {ago}", self.time(at)),
            Since::Before(_) => format!(" for longer than {ago}"),
            Since::Tagged(at) => format!(" tagged {}, {ago} ago; nobody saw it come", self.time(at)),
        };
        let shares = board::running(self.state, environment, &self.service.id).value().unwrap_or_default();
        let mostly = match board::main_version(shares) {
            Some(version) if shares.len() > 1 => format!("  mostly {version}"),
            _ => " ".to_owned(),
        };
        let (sign, role) = if age.is_some() { ("  ≈", Role::Stale) } else { ("", Role::Dim) };
        vec![part(format!("{sign}{mostly}{words}"), role)]
    }

    /// What runs in each region, where that differs.
    fn regions(&self, environment: &Environment, indent: usize) -> Vec<Row> {
        let face = self.state.remotes.running(&environment.id, self.state.now);
        let Some(running) = value_of(&face) else { return Vec::new() };
        let all = running.services.get(&self.service.id);
        let of = |((service, region), shares): (&(String, String), &Vec<VersionShare>)| {
            (*service == self.service.id).then(|| (region.clone(), shares.clone()))
        };
        let regions: Vec<(String, Vec<VersionShare>)> = running.regions.iter().filter_map(of).collect();
        if regions.iter().all(|(_, shares)| Some(shares) == all) {
            return Vec::new();
        }
        let words: Vec<String> = regions
            .iter()
            .map(|(region, shares)| format!("{region} {}", board::shares_words(shares)))
            .collect();
        self.wrap(vec![part(format!("{}{}", " ".repeat(indent), words.join("   ")), Role::Dim)], indent)
    }

    /// Why what runs is not known, and the mend; and what a partial answer warns of.
    fn trouble(&self, environment: &Environment, indent: usize) -> Vec<Row> {
        let face = self.state.remotes.running(&environment.id, self.state.now);
        let trouble: Option<&Trouble> = match &face {
            Face::Failed(trouble) => Some(trouble),
            Face::Stale { trouble, .. } => *trouble,
            _ => None,
        };
        let mut rows = Vec::new();
        let blank = " ".repeat(indent);
        if let Some(trouble) = trouble {
            let what = format!("{blank}{}", trouble.failure.what);
            rows.extend(self.wrap(vec![part(what, Role::Text)], indent));
            rows.extend(
                self.wrap(vec![part(format!("{blank}→ {}", trouble.failure.mend), Role::Accent)], indent + 2),
            );
        }
        if let Some(warning) = value_of(&face).and_then(|running| running.warnings.first()) {
            rows.extend(self.wrap(vec![part(format!("{blank}▲ {warning}"), Role::Attention)], indent + 2));
        }
        rows
    }
}

/// What runs, in words.
fn running_words(runs: Known<'_, &[VersionShare]>) -> Vec<Part> {
    match runs {
        Known::NotApplicable => vec![part("  nothing tells what runs here (no `versions`)", Role::Dim)],
        Known::Waiting => vec![part("  asking …", Role::Dim)],
        Known::Partial => vec![part("◌ not in a partial answer", Role::Unknown)],
        Known::Unknown(_) => vec![part("◌ not known", Role::Unknown)],
        Known::Value([], None) => vec![part("  – not there", Role::Dim)],
        Known::Value([], Some(age)) => {
            vec![part(format!("≈ not there, {} ago", short_age(age)), Role::Stale)]
        }
        Known::Value(shares, Some(age)) => {
            let words = board::shares_words(shares);
            vec![part(format!("≈ {words}, as of {} ago", short_age(age)), Role::Stale)]
        }
        Known::Value(..) => cells::running(runs),
    }
}
