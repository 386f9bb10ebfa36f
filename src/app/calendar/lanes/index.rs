//! Which lanes there are, and what lies in which: by team, environment, region or service.

use std::collections::BTreeMap;

use crate::domain::{Release, Stage, Window, Workspace};

/// Tags tell no environment: they lie here where lanes are environments or regions.
const PAST: &str = "past releases";

/// What the timeline's lanes stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum LanesBy {
    /// The owners of the services.
    #[default]
    Team,
    /// Environments, in promotion order.
    Environment,
    /// Regions of environments.
    Region,
    /// Services, in file order.
    Service,
}

impl LanesBy {
    /// In the order of the key that goes round them.
    pub const ALL: [Self; 4] = [Self::Team, Self::Environment, Self::Region, Self::Service];

    /// In words, for people, files and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Team => "team",
            Self::Environment => "environment",
            Self::Region => "region",
            Self::Service => "service",
        }
    }

    /// From its word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.word() == word)
    }

    /// The next one, round and round.
    #[must_use]
    pub fn next(self) -> Self {
        Self::ALL[(self as usize + 1) % Self::ALL.len()]
    }
}

/// How much of a lane a window applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extent {
    /// None of it.
    Nothing,
    /// To some of what may lie in it: one environment, one service.
    Partly,
    /// To everything that may lie in it.
    Wholly,
}

/// Every lane of a workspace, empty or not, and what lies in which.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LaneIndex {
    by: LanesBy,
    lanes: Vec<LaneScope>,
    /// Lanes of what names a service (by team, by service).
    by_service: BTreeMap<String, usize>,
    /// Lanes of an environment; by region: of a stage there that names none.
    by_environment: BTreeMap<String, Vec<usize>>,
    /// Lanes of a region.
    by_region: BTreeMap<String, usize>,
    /// The lane of what belongs nowhere else.
    rest: usize,
}

/// A lane's name, and what may lie in it.
#[derive(Debug, Clone, PartialEq, Default)]
struct LaneScope {
    title: String,
    services: Vec<String>,
    environments: Vec<String>,
    region: Option<String>,
}

impl LaneIndex {
    /// Of a workspace.
    pub fn new(workspace: &Workspace, by: LanesBy) -> Self {
        let mut index = Self { by, ..Self::default() };
        match by {
            LanesBy::Team => index.teams(workspace),
            LanesBy::Service => index.services(workspace),
            LanesBy::Environment => index.environments(workspace),
            LanesBy::Region => index.regions(workspace),
        }
        index
    }

    fn teams(&mut self, workspace: &Workspace) {
        let mut owners: Vec<&str> = workspace.services.iter().filter_map(|s| s.owner.as_deref()).collect();
        owners.sort_unstable();
        owners.dedup();
        self.lanes.extend(owners.iter().map(|owner| LaneScope::named(owner)));
        self.rest = self.add("owner not known");
        for service in &workspace.services {
            let owner = service.owner.as_deref();
            let found = owner.and_then(|owner| owners.binary_search(&owner).ok());
            let lane = found.unwrap_or(self.rest);
            self.by_service.insert(service.id.clone(), lane);
            self.lanes[lane].services.push(service.id.clone());
        }
    }

    fn services(&mut self, workspace: &Workspace) {
        for service in &workspace.services {
            let lane = self.add(&service.id);
            self.by_service.insert(service.id.clone(), lane);
            self.lanes[lane].services.push(service.id.clone());
        }
        self.rest = self.add("no service");
    }

    fn environments(&mut self, workspace: &Workspace) {
        for environment in &workspace.environments {
            let lane = self.add(&environment.id);
            self.by_environment.insert(environment.id.clone(), vec![lane]);
            self.lanes[lane].environments.push(environment.id.clone());
        }
        self.rest = self.add(PAST);
    }

    fn regions(&mut self, workspace: &Workspace) {
        for environment in &workspace.environments {
            let mut lanes = Vec::new();
            for region in &environment.regions {
                let lane = match self.by_region.get(&region.id) {
                    Some(lane) => *lane,
                    None => self.add(&region.id),
                };
                self.by_region.insert(region.id.clone(), lane);
                self.lanes[lane].region = Some(region.id.clone());
                self.lanes[lane].environments.push(environment.id.clone());
                lanes.push(lane);
            }
            self.by_environment.insert(environment.id.clone(), lanes);
        }
        let everywhere = self.add("no region");
        for environment in &workspace.environments {
            if let Some(lanes) = self.by_environment.get_mut(&environment.id)
                && lanes.is_empty()
            {
                lanes.push(everywhere);
                self.lanes[everywhere].environments.push(environment.id.clone());
            }
        }
        self.rest = self.add(PAST);
    }

    fn add(&mut self, title: &str) -> usize {
        self.lanes.push(LaneScope::named(title));
        self.lanes.len() - 1
    }

    /// What the lanes stand for.
    pub fn by(&self) -> LanesBy {
        self.by
    }

    /// How many lanes there are, empty or not.
    pub fn len(&self) -> usize {
        self.lanes.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.lanes.is_empty()
    }

    /// A lane's name.
    pub fn title(&self, lane: usize) -> &str {
        self.lanes.get(lane).map_or("", |lane| lane.title.as_str())
    }

    /// The lanes a stage lies in: several where its release brings services of several teams, or
    /// where it names no region. Sorted, each once.
    pub fn of_stage(&self, release: &Release, stage: &Stage) -> Vec<usize> {
        let mut lanes: Vec<usize> = match self.by {
            LanesBy::Team | LanesBy::Service => {
                release.services().map(|service| self.of_service(service)).collect()
            }
            LanesBy::Environment => self.by_environment.get(&stage.environment).cloned().unwrap_or_default(),
            LanesBy::Region => match &stage.region {
                Some(region) => self.by_region.get(region).copied().into_iter().collect(),
                None => self.by_environment.get(&stage.environment).cloned().unwrap_or_default(),
            },
        };
        if lanes.is_empty() {
            lanes.push(self.rest);
        }
        lanes.sort_unstable();
        lanes.dedup();
        lanes
    }

    /// The lane of a past release of a service.
    pub fn of_service(&self, service: &str) -> usize {
        self.by_service.get(service).copied().unwrap_or(self.rest)
    }

    /// How much of a lane a window applies to.
    pub fn extent(&self, lane: usize, window: &Window) -> Extent {
        let Some(scope) = self.lanes.get(lane) else { return Extent::Nothing };
        let listed = |list: &Option<Vec<String>>| list.is_some();
        match self.by {
            LanesBy::Team | LanesBy::Service => {
                let (hits, all) = covered(window.services.as_ref(), &scope.services);
                let elsewhere = listed(&window.environments) || listed(&window.regions);
                extent(hits, all && !elsewhere)
            }
            LanesBy::Environment => {
                let (hits, all) = covered(window.environments.as_ref(), &scope.environments);
                let elsewhere = listed(&window.services) || listed(&window.regions);
                extent(hits, all && !elsewhere)
            }
            LanesBy::Region => {
                let here = match (&window.regions, &scope.region) {
                    (None, _) => true,
                    (Some(list), Some(region)) => list.contains(region),
                    (Some(list), None) => !list.is_empty(),
                };
                let (hits, all) = covered(window.environments.as_ref(), &scope.environments);
                let elsewhere = listed(&window.services);
                extent(here && hits, all && !elsewhere)
            }
        }
    }
}

impl LaneScope {
    fn named(title: &str) -> Self {
        Self { title: title.to_owned(), ..Self::default() }
    }
}

/// Whether a list (absent: all) names one of these, and whether it names all of them. A lane of
/// nothing in particular may hold anything.
fn covered(list: Option<&Vec<String>>, these: &[String]) -> (bool, bool) {
    match list {
        None => (true, true),
        Some(list) if these.is_empty() => (!list.is_empty(), false),
        Some(list) => {
            let hits = these.iter().filter(|id| list.contains(id)).count();
            (hits > 0, hits == these.len())
        }
    }
}

fn extent(hits: bool, all: bool) -> Extent {
    match (hits, all) {
        (false, _) => Extent::Nothing,
        (true, false) => Extent::Partly,
        (true, true) => Extent::Wholly,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::samples;
    use crate::domain::{Environment, Region, Service, WindowKind};

    fn workspace() -> Workspace {
        let service = |id: &str, owner: Option<&str>| Service {
            owner: owner.map(str::to_owned),
            ..samples::service(id, &[])
        };
        let environment = |id: &str, regions: &[&str]| Environment {
            id: id.to_owned(),
            regions: regions.iter().map(|id| Region { id: (*id).to_owned(), time_zone: None }).collect(),
            capacity: None,
            versions: None,
        };
        Workspace {
            services: vec![
                service("web", Some("storefront")),
                service("ledger", Some("finance")),
                service("odd", None),
            ],
            environments: vec![environment("staging", &[]), environment("production", &["eu", "us"])],
            ..Workspace::default()
        }
    }

    fn lanes_of(by: LanesBy, items: &[(&str, &str)], environment: &str, region: Option<&str>) -> Vec<String> {
        let index = LaneIndex::new(&workspace(), by);
        let mut stage = samples::stage(environment, "2026-11-25T10:00:00Z", "2026-11-25T11:00:00Z");
        stage.region = region.map(str::to_owned);
        let release = samples::release("r", items, vec![stage.clone()]);
        index.of_stage(&release, &stage).into_iter().map(|lane| index.title(lane).to_owned()).collect()
    }

    #[test]
    fn a_release_of_two_teams_lies_in_both_their_lanes() {
        let both = [("web", "1.0.0"), ("ledger", "2.0.0"), ("web", "1.0.0")];
        assert_eq!(lanes_of(LanesBy::Team, &both, "staging", None), ["finance", "storefront"]);
        assert_eq!(lanes_of(LanesBy::Service, &both, "staging", None), ["web", "ledger"]);
        assert_eq!(lanes_of(LanesBy::Team, &[("odd", "1.0.0")], "staging", None), ["owner not known"]);
    }

    #[test]
    fn a_stage_without_region_lies_in_every_region_of_its_environment() {
        let one = [("web", "1.0.0")];
        assert_eq!(lanes_of(LanesBy::Region, &one, "production", None), ["eu", "us"]);
        assert_eq!(lanes_of(LanesBy::Region, &one, "production", Some("us")), ["us"]);
        assert_eq!(lanes_of(LanesBy::Region, &one, "staging", None), ["no region"]);
        assert_eq!(lanes_of(LanesBy::Environment, &one, "production", Some("us")), ["production"]);
    }

    #[test]
    fn a_freeze_applies_to_all_of_a_lane_to_some_of_it_or_not() {
        let mut freeze = samples::window("f", WindowKind::Freeze);
        let extents = |freeze: &Window, by: LanesBy| {
            let index = LaneIndex::new(&workspace(), by);
            (0..index.len()).map(|lane| index.extent(lane, freeze)).collect::<Vec<_>>()
        };
        freeze.environments = Some(vec!["production".to_owned()]);
        let (nothing, partly, wholly) = (Extent::Nothing, Extent::Partly, Extent::Wholly);
        assert_eq!(extents(&freeze, LanesBy::Environment), [nothing, wholly, partly]);
        assert_eq!(extents(&freeze, LanesBy::Team), [partly, partly, partly]);
        assert_eq!(extents(&freeze, LanesBy::Region), [wholly, wholly, nothing, partly]);
        freeze.regions = Some(vec!["us".to_owned()]);
        assert_eq!(extents(&freeze, LanesBy::Region), [nothing, wholly, nothing, partly]);
        freeze = samples::window("f", WindowKind::Freeze);
        freeze.services = Some(vec!["web".to_owned()]);
        assert_eq!(extents(&freeze, LanesBy::Service), [wholly, nothing, nothing, partly]);
        freeze.services = Some(Vec::new());
        assert!(extents(&freeze, LanesBy::Team).iter().all(|extent| *extent == nothing));
    }
}
