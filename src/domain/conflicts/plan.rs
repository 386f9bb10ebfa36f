//! The plan made ready for the rules: names as numbers, the stages of releases that can still
//! happen by start.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::domain::{Release, Workspace};

/// A name as a number, from 0. Those of environments follow promotion order.
pub type Name = u32;

/// An environment or region that nothing in the plan is in.
const ELSEWHERE: Name = Name::MAX;

/// Names as numbers, so that the rules compare numbers.
#[derive(Debug, Clone, Default)]
pub struct Names {
    numbers: HashMap<String, Name>,
}

impl Names {
    /// The number of a name, a new one where it is new.
    pub fn add(&mut self, name: &str) -> Name {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.numbers.len() as Name;
        self.numbers.insert(name.to_owned(), number);
        number
    }

    /// The number of a name that is known.
    pub fn get(&self, name: &str) -> Option<Name> {
        self.numbers.get(name).copied()
    }

    /// How many there are: every number is lower.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }
}

/// A stage of a release that can still happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// When it begins.
    pub start: DateTime<Utc>,
    /// When it ends.
    pub end: DateTime<Utc>,
    /// The release, by its place among the crews.
    pub crew: u32,
    /// The stage's index, counted from 0, in file order.
    pub stage: u32,
    /// The environment.
    pub environment: Name,
    /// The region; `None`: every region of the environment.
    pub region: Option<Name>,
}

impl Slot {
    /// Whether the half-open intervals meet.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Whether both are in the same environment and region.
    pub fn shares_place(&self, other: &Self) -> bool {
        let regions = match (self.region, other.region) {
            (Some(own), Some(theirs)) => own == theirs,
            _ => true,
        };
        self.environment == other.environment && regions
    }
}

/// What the rules compare of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crew {
    /// Its place in the workspace's list of releases.
    pub release: u32,
    /// Its services, sorted.
    pub services: Vec<Name>,
    /// Its owner.
    pub owner: Option<Name>,
}

/// The plan.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// Environments, those of the workspace first.
    pub environments: Names,
    /// Regions, whatever their environment.
    pub regions: Names,
    /// Services.
    pub services: Names,
    /// Owners.
    pub owners: Names,
    /// Releases that can still happen, by id.
    pub crews: Vec<Crew>,
    /// Their stages by start, release and stage.
    pub slots: Vec<Slot>,
    /// Places in `slots`, by environment.
    by_environment: Vec<Vec<u32>>,
    /// The place of a release's crew, by its id.
    crew_of: HashMap<String, u32>,
}

impl Plan {
    /// Reads a workspace.
    pub fn new(workspace: &Workspace) -> Self {
        let mut plan = Self::default();
        for environment in &workspace.environments {
            plan.environments.add(&environment.id);
            for region in &environment.regions {
                plan.regions.add(&region.id);
            }
        }
        for service in &workspace.services {
            plan.services.add(&service.id);
        }
        let live = || workspace.releases.iter().enumerate().filter(|(_, release)| release.is_live());
        for (_, release) in live() {
            for service in release.services() {
                plan.services.add(service);
            }
            if let Some(owner) = owner(release) {
                plan.owners.add(owner);
            }
            for stage in &release.stages {
                plan.environments.add(&stage.environment);
                if let Some(region) = &stage.region {
                    plan.regions.add(region);
                }
            }
        }
        for (index, release) in live() {
            let place = plan.crews.len() as u32;
            plan.crew_of.insert(release.id.clone(), place);
            plan.crews.push(plan.crew(release, index as u32));
            let slots: Vec<Slot> = plan.slots_of(release, place).collect();
            plan.slots.extend(slots);
        }
        plan.slots.sort_by_key(|slot| (slot.start, slot.crew, slot.stage));
        plan.by_environment = vec![Vec::new(); plan.environments.len()];
        for (index, slot) in plan.slots.iter().enumerate() {
            plan.by_environment[slot.environment as usize].push(index as u32);
        }
        plan
    }

    /// A release as the rules see it. A service or owner that no release in the plan has is left
    /// out: nothing can collide over it.
    pub fn crew(&self, release: &Release, index: u32) -> Crew {
        let mut services: Vec<Name> = release.services().filter_map(|id| self.services.get(id)).collect();
        services.sort_unstable();
        services.dedup();
        Crew { release: index, services, owner: owner(release).and_then(|owner| self.owners.get(owner)) }
    }

    /// The stages of a release as the rules see them, in file order. One without length, as a
    /// half-written one may be, collides with nothing.
    pub fn slots_of(&self, release: &Release, crew: u32) -> impl Iterator<Item = Slot> {
        let stages = release.stages.iter().enumerate().filter(|(_, stage)| stage.start < stage.end);
        stages.map(move |(index, stage)| Slot {
            start: stage.start,
            end: stage.end,
            crew,
            stage: index as u32,
            environment: self.environments.get(&stage.environment).unwrap_or(ELSEWHERE),
            region: stage.region.as_deref().map(|region| self.regions.get(region).unwrap_or(ELSEWHERE)),
        })
    }

    /// The stages in an environment, by start.
    pub fn in_environment(&self, environment: Name) -> impl Iterator<Item = &Slot> {
        let found = self.by_environment.get(environment as usize).map(Vec::as_slice).unwrap_or_default();
        found.iter().map(|index| &self.slots[*index as usize])
    }

    /// The place of a release's crew.
    pub fn crew_of(&self, release: &str) -> Option<u32> {
        self.crew_of.get(release).copied()
    }
}

fn owner(release: &Release) -> Option<&str> {
    release.owner.as_deref().filter(|owner| !owner.trim().is_empty())
}
