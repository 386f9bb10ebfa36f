//! Which ids a workspace defines: what is referred to must be among them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use chrono_tz::Tz;

use super::super::report::Report;
use super::super::wire::keys::nearest;
use crate::domain::Safe;

/// The ids of everything. An entry that is broken counts all the same: one mistake, one problem.
#[derive(Debug, Default)]
pub struct Names {
    /// Environments, with the regions of each and their zones.
    pub environments: BTreeMap<String, BTreeMap<String, Option<Tz>>>,
    /// Environments whose entry is broken: their regions are not known.
    pub broken: BTreeSet<String>,
    /// Services.
    pub services: BTreeSet<String>,
    /// Backends.
    pub backends: BTreeSet<String>,
    /// Windows.
    pub windows: BTreeSet<String>,
    /// Playbooks.
    pub playbooks: BTreeSet<String>,
    /// `tminus.toml` could not be read to its end: what it defines is not known.
    pub partial: bool,
    /// `windows.toml` could not be read to its end.
    pub windows_partial: bool,
}

impl Names {
    /// An environment that a file refers to.
    pub fn environment(&self, report: &mut Report<'_>, span: &Range<usize>, id: &str) {
        if !self.partial && !self.environments.contains_key(id) {
            let known = self.environments.keys().map(String::as_str);
            report.error(span, unknown("environment", id, known, "add an [[environment]] to tminus.toml"));
        }
    }

    /// A region of an environment that a file refers to.
    pub fn region(&self, report: &mut Report<'_>, span: &Range<usize>, environment: &str, id: &str) {
        let Some(regions) = self.environments.get(environment) else { return };
        if !self.partial && !self.broken.contains(environment) && !regions.contains_key(id) {
            let what = format!("region of {}", Safe::new(environment));
            let mend = "add it to the environment's regions in tminus.toml";
            report.error(span, unknown(&what, id, regions.keys().map(String::as_str), mend));
        }
    }

    /// A region of any environment that a file refers to.
    pub fn any_region(&self, report: &mut Report<'_>, span: &Range<usize>, id: &str) {
        let known = || self.environments.values().flat_map(|regions| regions.keys().map(String::as_str));
        if !self.partial && self.broken.is_empty() && !known().any(|region| region == id) {
            let mend = "add it to an environment's regions in tminus.toml";
            report.error(span, unknown("region", id, known(), mend));
        }
    }

    /// A service that a file refers to. A workspace without services checks none.
    pub fn service(&self, report: &mut Report<'_>, span: &Range<usize>, id: &str) {
        if self.knows_services() && !self.services.contains(id) {
            let known = self.services.iter().map(String::as_str);
            report.error(span, unknown("service", id, known, "add a [[service]] to tminus.toml"));
        }
    }

    /// A provider: it may belong to another team, so this is only a notice.
    pub fn provider(&self, report: &mut Report<'_>, span: &Range<usize>, id: &str) {
        if self.knows_services() && !self.services.contains(id) {
            let known = self.services.iter().map(String::as_str);
            let mend = "it is taken as another team's, add a [[service]] if it is yours";
            report.notice(span, unknown("service", id, known, mend));
        }
    }

    /// A backend that a file refers to.
    pub fn backend(&self, report: &mut Report<'_>, span: &Range<usize>, id: &str) {
        if !self.partial && !self.backends.contains(id) {
            let known = self.backends.iter().map(String::as_str);
            let mend = format!("add [backend.{}] to tminus.toml", Safe::new(id));
            report.error(span, unknown("backend", id, known, &mend));
        }
    }

    /// A window that a file refers to.
    pub fn window(&self, report: &mut Report<'_>, span: &Range<usize>, id: &str) {
        if !self.windows_partial && !self.windows.contains(id) {
            let known = self.windows.iter().map(String::as_str);
            report.error(span, unknown("window", id, known, "add a [[window]] to windows.toml"));
        }
    }

    /// A playbook that a file refers to.
    pub fn playbook(&self, report: &mut Report<'_>, span: &Range<usize>, id: &str) {
        if !self.playbooks.contains(id) {
            let known = self.playbooks.iter().map(String::as_str);
            let mend = format!("write playbooks/{}.toml", Safe::new(id));
            report.error(span, unknown("playbook", id, known, &mend));
        }
    }

    /// The zone of a region, where it has one.
    pub fn zone(&self, environment: &str, region: &str) -> Option<Tz> {
        self.environments.get(environment)?.get(region).copied().flatten()
    }

    fn knows_services(&self) -> bool {
        !self.partial && !self.services.is_empty()
    }
}

/// The sentence about an id that nothing defines.
fn unknown<'names>(
    what: &str,
    id: &str,
    known: impl IntoIterator<Item = &'names str> + Clone,
    mend: &str,
) -> String {
    let shown = Safe::new(id);
    if let Some(meant) = nearest(id, known.clone()) {
        return format!("unknown {what} `{shown}`: did you mean `{meant}`?");
    }
    let mut words: Vec<&str> = known.into_iter().collect();
    words.sort_unstable();
    words.dedup();
    if words.is_empty() || words.len() > 8 {
        format!("unknown {what} `{shown}`: {mend}")
    } else {
        format!("unknown {what} `{shown}`: known are {}; or {mend}", words.join(", "))
    }
}
