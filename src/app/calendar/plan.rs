//! What the workspace plans and what its repositories say was released, made ready once so that
//! a frame only looks up what it shows.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::app::polling;
use crate::domain::question::Tag;
use crate::domain::{Question, Release, Safe, Stage, Workspace};

/// Looked up by every frame, made when the workspace is read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    /// Starts of stages that can still happen, sorted: when, the release's index, the stage's.
    starts: Vec<(DateTime<Utc>, u32, u32)>,
    /// A release's words in lower case, by its index; made when first filtered.
    pub(super) texts: Vec<String>,
    /// Past releases, by service and then newest first.
    pub past: Vec<Past>,
    /// When each service's tags were last answered or refused, on the monotonic clock.
    asked: Vec<Asked>,
}

/// A past release: a version tag.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    /// The service's index.
    pub service: u32,
    /// The tag.
    pub name: Safe,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// Its subject line.
    pub subject: Safe,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Asked {
    /// It names no repository.
    Nowhere,
    Never,
    At(Duration),
}

impl Plan {
    /// Of a workspace; the past is kept for the services that are still there.
    pub(super) fn new(workspace: &Workspace, before: &Self, names: &[String]) -> Self {
        let mut starts = Vec::new();
        for (index, release) in (0_u32..).zip(&workspace.releases) {
            if release.is_live() {
                starts.extend((0_u32..).zip(&release.stages).map(|(stage, at)| (at.start, index, stage)));
            }
        }
        starts.sort_unstable();
        let known: BTreeMap<&str, u32> =
            workspace.services.iter().map(|service| service.id.as_str()).zip(0..).collect();
        let places: Vec<Option<u32>> = names.iter().map(|id| known.get(id.as_str()).copied()).collect();
        let kept = before.past.iter().filter_map(|past| {
            let service = places.get(past.service as usize).copied().flatten()?;
            Some(Past { service, ..past.clone() })
        });
        let mut asked: Vec<Asked> = workspace
            .services
            .iter()
            .map(|service| if service.repository.is_some() { Asked::Never } else { Asked::Nowhere })
            .collect();
        for (old, new) in places.iter().enumerate() {
            if let (Some(new), Some(old)) = (new, before.asked.get(old))
                && let Some(slot) = asked.get_mut(*new as usize)
                && *slot == Asked::Never
                && *old != Asked::Nowhere
            {
                *slot = *old;
            }
        }
        Self { starts, texts: Vec::new(), past: kept.collect(), asked }
    }

    /// Makes ready what releases are found by.
    pub(super) fn read_texts(&mut self, workspace: &Workspace) {
        if self.texts.len() != workspace.releases.len() {
            let owners: BTreeMap<&str, &str> = workspace
                .services
                .iter()
                .filter_map(|service| Some((service.id.as_str(), service.owner.as_deref()?)))
                .collect();
            self.texts = workspace.releases.iter().map(|release| words(&owners, release)).collect();
        }
    }

    /// Takes the tags of a service. Answers whether others changed their index by it.
    pub(super) fn take_tags(&mut self, service: u32, tags: &[Tag]) -> bool {
        let before = self.past.len();
        self.past.retain(|past| past.service != service);
        let moved = self.past.len() != before;
        self.past.extend(tags.iter().map(|tag| Past {
            service,
            name: tag.name.clone(),
            at: tag.at,
            subject: tag.subject.clone(),
        }));
        moved
    }

    /// Whether these tags of a service are known already.
    pub(super) fn has_tags(&self, service: u32, tags: &[Tag]) -> bool {
        let mut known = self.past.iter().filter(|past| past.service == service);
        let same = tags.iter().all(|tag| {
            known
                .next()
                .is_some_and(|past| past.name == tag.name && past.at == tag.at && past.subject == tag.subject)
        });
        same && known.next().is_none()
    }

    /// Notes that a service's tags were answered or refused.
    pub(super) fn asked(&mut self, service: u32, at: Duration) {
        if let Some(slot) = self.asked.get_mut(service as usize) {
            *slot = Asked::At(at);
        }
    }

    /// Makes every service's tags due.
    pub(super) fn ask_again(&mut self) {
        for asked in self.asked.iter_mut().filter(|asked| **asked != Asked::Nowhere) {
            *asked = Asked::Never;
        }
    }

    /// Whether some service names a repository.
    pub fn has_repositories(&self) -> bool {
        self.asked.iter().any(|asked| *asked != Asked::Nowhere)
    }

    /// Services whose tags were never heard of or are due again, at most so many.
    pub(super) fn tags_due(&self, now: Duration, most: usize) -> Vec<u32> {
        let repositories = self.asked.iter().filter(|asked| **asked != Asked::Nowhere).count();
        let again = polling::interval(&Question::Tags { service: String::new() });
        let is_due = |asked: &Asked| match asked {
            Asked::Nowhere => false,
            Asked::Never => true,
            // Few enough to keep an eye on all of them.
            Asked::At(_) if repositories <= most => true,
            Asked::At(at) => *at + again <= now,
        };
        (0..).zip(&self.asked).filter(|(_, asked)| is_due(asked)).map(|(index, _)| index).take(most).collect()
    }

    /// The stages that can still happen and begin after an instant, soonest first.
    fn after(&self, now: DateTime<Utc>) -> &[(DateTime<Utc>, u32, u32)] {
        let begun = self.starts.partition_point(|(start, _, _)| *start <= now);
        &self.starts[begun..]
    }
}

/// Everything a release can be found by, in lower case.
fn words(owners: &BTreeMap<&str, &str>, release: &Release) -> String {
    let mut text = format!(
        "{} {} {} {} {}",
        release.id,
        release.title,
        release.status.word(),
        release.change.word(),
        release.owner.as_deref().unwrap_or_default()
    );
    for item in &release.items {
        text.push(' ');
        text.push_str(&item.service);
        text.push(' ');
        text.push_str(&item.version);
        if let Some(owner) = owners.get(item.service.as_str()) {
            text.push(' ');
            text.push_str(owner);
        }
    }
    for stage in &release.stages {
        text.push(' ');
        text.push_str(&stage.environment);
        if let Some(region) = &stage.region {
            text.push(' ');
            text.push_str(region);
        }
    }
    text.to_lowercase()
}

/// The next stage that begins, of a release that can still happen.
pub fn next_stage(state: &crate::app::State) -> Option<(&Release, &Stage)> {
    upcoming(state).next().map(|(release, _, stage)| (release, stage))
}

/// The stages that begin after now, of releases that can still happen, soonest first: the
/// release, the stage's index, the stage.
pub fn upcoming(state: &crate::app::State) -> impl Iterator<Item = (&Release, usize, &Stage)> {
    state.calendar.plan.after(state.now.wall).iter().filter_map(|(_, release, stage)| {
        let release = state.workspace.releases.get(*release as usize)?;
        Some((release, *stage as usize, release.stages.get(*stage as usize)?))
    })
}
