//! What the board looks up on every frame, worked out once when the workspace is read.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::domain::graph::Graph;
use crate::domain::{DependencyKind, Release, Stage, Workspace};

/// What the board looks up; everything by a service's place in the workspace.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Index {
    places: BTreeMap<String, usize>,
    haystacks: Vec<String>,
    consumers: Vec<Vec<Consumer>>,
    coming: Vec<Vec<Coming>>,
    waves: Vec<usize>,
    wave_count: usize,
    cycles: Vec<Vec<String>>,
    cycle_of: Vec<Option<usize>>,
    /// Columns of the longest service id.
    pub longest_id: usize,
    /// Columns of the longest owner.
    pub longest_owner: usize,
    /// Whether any service says how critical it is.
    pub has_tiers: bool,
    /// Whether any live release brings a service.
    pub has_plans: bool,
}

/// A service that needs another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consumer {
    /// Its place in the workspace.
    pub service: usize,
    /// What it wants of the other; absent: any version.
    pub version: Option<String>,
    /// Whether the other must be there.
    pub kind: DependencyKind,
}

/// A stage that brings a service.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Coming {
    end: DateTime<Utc>,
    start: DateTime<Utc>,
    release: usize,
    stage: usize,
}

impl Index {
    /// Over a workspace.
    pub fn of(workspace: &Workspace) -> Self {
        let services = &workspace.services;
        let places: BTreeMap<String, usize> =
            services.iter().enumerate().map(|(place, service)| (service.id.clone(), place)).collect();
        let mut consumers = vec![Vec::new(); services.len()];
        for (place, service) in services.iter().enumerate() {
            for need in &service.depends_on {
                if let Some(provider) = places.get(&need.service) {
                    let version = need.version.clone();
                    consumers[*provider].push(Consumer { service: place, version, kind: need.kind });
                }
            }
        }
        let graph = Graph::of(workspace);
        let waves = graph.waves();
        let mut wave_of = vec![0; services.len()];
        for (number, wave) in waves.iter().enumerate() {
            for id in wave {
                if let Some(place) = places.get(*id) {
                    wave_of[*place] = number;
                }
            }
        }
        let cycles: Vec<Vec<String>> =
            graph.cycles().into_iter().map(|cycle| cycle.into_iter().map(str::to_owned).collect()).collect();
        let mut cycle_of = vec![None; services.len()];
        for (number, cycle) in cycles.iter().enumerate() {
            for place in cycle.iter().filter_map(|id| places.get(id)) {
                cycle_of[*place] = Some(number);
            }
        }
        let coming = coming(workspace, &places);
        let width = |text: &str| unicode_width::UnicodeWidthStr::width(text);
        Self {
            haystacks: services.iter().map(haystack).collect(),
            consumers,
            has_plans: coming.iter().any(|stages| !stages.is_empty()),
            has_tiers: services.iter().any(|service| service.tier.is_some()),
            coming,
            waves: wave_of,
            wave_count: waves.len(),
            cycles,
            cycle_of,
            longest_id: services.iter().map(|service| width(&service.id)).max().unwrap_or(0),
            longest_owner: services
                .iter()
                .filter_map(|service| service.owner.as_deref().map(width))
                .max()
                .unwrap_or(0),
            places,
        }
    }

    /// Where a service is in the workspace.
    pub fn place(&self, id: &str) -> Option<usize> {
        self.places.get(id).copied()
    }

    /// The services, by place, that hold every word of a filter.
    pub fn listed(&self, filter: &str) -> Vec<usize> {
        let filter = filter.to_lowercase();
        let words: Vec<&str> = filter.split_whitespace().collect();
        let holds = |place: &usize| words.iter().all(|word| self.haystacks[*place].contains(word));
        (0..self.haystacks.len()).filter(holds).collect()
    }

    /// What needs a service directly.
    pub fn consumers(&self, place: usize) -> &[Consumer] {
        self.consumers.get(place).map_or(&[], Vec::as_slice)
    }

    /// In which deployment wave a service goes, counted from 1, and how many there are.
    pub fn wave(&self, place: usize) -> (usize, usize) {
        (self.waves.get(place).map_or(0, |wave| wave + 1), self.wave_count)
    }

    /// The services that a service goes round in circles with, itself among them.
    pub fn cycle(&self, place: usize) -> Option<&[String]> {
        let number = self.cycle_of.get(place).copied().flatten()?;
        self.cycles.get(number).map(Vec::as_slice)
    }

    /// The stages of live releases that bring a service and have not ended, by their start.
    pub fn coming<'w>(
        &self,
        workspace: &'w Workspace,
        place: usize,
        now: DateTime<Utc>,
    ) -> Vec<(&'w Release, &'w Stage)> {
        let all = self.coming.get(place).map_or(&[][..], Vec::as_slice);
        let mut left: Vec<&Coming> = all[all.partition_point(|coming| coming.end <= now)..].iter().collect();
        left.sort_unstable_by_key(|coming| (coming.start, coming.release, coming.stage));
        left.into_iter()
            .filter_map(|coming| {
                let release = workspace.releases.get(coming.release)?;
                Some((release, release.stages.get(coming.stage)?))
            })
            .collect()
    }
}

/// What a filter looks in.
fn haystack(service: &crate::domain::Service) -> String {
    let owner = service.owner.as_deref().unwrap_or_default();
    let tier = service.tier.map_or_else(String::new, |tier| format!("tier{tier}"));
    format!("{} {owner} {tier}", service.id).to_lowercase()
}

/// By service: the stages of live releases that bring it, by their end.
fn coming(workspace: &Workspace, places: &BTreeMap<String, usize>) -> Vec<Vec<Coming>> {
    let mut coming = vec![Vec::new(); workspace.services.len()];
    for (number, release) in workspace.releases.iter().enumerate().filter(|(_, release)| release.is_live()) {
        for place in release.services().filter_map(|id| places.get(id)) {
            coming[*place].extend(release.stages.iter().enumerate().map(|(stage, times)| Coming {
                end: times.end,
                start: times.start,
                release: number,
                stage,
            }));
        }
    }
    for stages in &mut coming {
        stages.sort_unstable_by_key(|stage| (stage.end, stage.release, stage.stage));
    }
    coming
}
