//! `dependency-order`: a service needs a version that is not in the environment and lands there
//! later, or never.
//!
//! Hard edges with a version only. A version lands when a stage of a release that can still
//! happen ends; it must have landed in every region the stage is in. The release's own items
//! satisfy each other. Where what runs is not known, only a version that lands later counts:
//! then it is known to come too late.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use semver::{Version, VersionReq};

use super::checker::{Case, RunningVersions};
use super::plan::{Name, Plan, Slot};
use super::{Code, Conflict, wording};
use crate::domain::compatibility::running_versions;
use crate::domain::question::{Running, VersionShare};
use crate::domain::version::{parse_requirement, parse_version};
use crate::domain::{DependencyKind, Release, Workspace};

/// The environments where what runs decides a conflict, and that have a source to ask: a release
/// that can still happen brings something there which needs a version that it does not bring
/// itself.
pub fn environments_to_ask(workspace: &Workspace) -> Vec<&str> {
    let needs: HashMap<&str, Vec<(&str, &str)>> = workspace
        .services
        .iter()
        .map(|service| {
            let hard = service.depends_on.iter().filter(|it| it.kind == DependencyKind::Hard);
            let needs = hard.filter_map(|it| Some((it.service.as_str(), it.version.as_deref()?)));
            (service.id.as_str(), needs.filter(|(provider, _)| *provider != service.id).collect())
        })
        .collect();
    let brings = |release: &Release, provider: &str, text: &str| {
        let version = release.version_of(provider).and_then(parse_version);
        version.zip(parse_requirement(text)).is_some_and(|(version, need)| need.matches(&version))
    };
    let asks = |release: &&Release| {
        let needed = release.services().filter_map(|service| needs.get(service)).flatten();
        release.is_live() && needed.into_iter().any(|(provider, text)| !brings(release, provider, text))
    };
    let sources: Vec<&str> =
        workspace.environments.iter().filter(|it| it.versions.is_some()).map(|it| it.id.as_str()).collect();
    if sources.is_empty() {
        return sources;
    }
    let stages = workspace.releases.iter().filter(asks).flat_map(|release| &release.stages);
    let places: BTreeSet<&str> = stages.map(|stage| stage.environment.as_str()).collect();
    sources.into_iter().filter(|environment| places.contains(environment)).collect()
}

/// What services require of each other, what meets it now, and when what meets it lands.
#[derive(Debug, Clone, Default)]
pub(super) struct Needs {
    requirements: Vec<Requirement>,
    /// By consumer: the requirements it has.
    of_service: Vec<Vec<u32>>,
    /// By environment and requirement: when a version that meets it lands, by time.
    landings: HashMap<(Name, u32), Vec<Landing>>,
    /// By environment and requirement: what is known to run.
    running: HashMap<(Name, u32), Now>,
    /// By environment: its regions.
    regions: Vec<Vec<Name>>,
}

/// A version of a provider, as somebody needs it.
#[derive(Debug, Clone)]
struct Requirement {
    provider: Name,
    provider_id: String,
    text: String,
    /// `None`: it cannot be read, and nothing meets it.
    parsed: Option<VersionReq>,
}

impl Requirement {
    fn is_met_by(&self, version: &str) -> bool {
        let met = |requirement: &VersionReq, version: Version| requirement.matches(&version);
        self.parsed.as_ref().zip(parse_version(version)).is_some_and(|(need, version)| met(need, version))
    }
}

/// A version that meets a requirement lands.
#[derive(Debug, Clone, Copy)]
struct Landing {
    at: DateTime<Utc>,
    region: Option<Name>,
    crew: u32,
}

impl Landing {
    fn covers(&self, region: Option<Name>) -> bool {
        self.region.is_none() || self.region == region
    }
}

/// Whether what runs now meets a requirement; where the source tells regions apart, by region.
#[derive(Debug, Clone, Default)]
struct Now {
    everywhere: Met,
    by_region: HashMap<Name, Met>,
}

/// Whether the versions that are known to run meet a requirement.
#[derive(Debug, Clone, Default)]
enum Met {
    /// What runs is not known.
    #[default]
    Unknown,
    /// All that run do.
    Yes,
    /// Not all do: those that run.
    No(String),
}

impl Needs {
    /// Reads the requirements of a workspace's services, and when the plan meets them.
    pub fn new(workspace: &Workspace, plan: &Plan, known: &RunningVersions) -> Self {
        let mut needs = Self { of_service: vec![Vec::new(); plan.services.len()], ..Self::default() };
        for service in &workspace.services {
            let Some(consumer) = plan.services.get(&service.id) else { continue };
            let hard = service.depends_on.iter().filter(|it| it.kind == DependencyKind::Hard);
            for dependency in hard.filter(|it| it.service != service.id) {
                if let Some(text) = &dependency.version {
                    let requirement = needs.requirement(plan, &dependency.service, text);
                    needs.of_service[consumer as usize].extend(requirement);
                }
            }
        }
        for environment in 0..plan.environments.len() as Name {
            let known_regions =
                workspace.environments.get(environment as usize).map(|it| it.regions.as_slice());
            let numbers = known_regions.unwrap_or_default().iter();
            needs.regions.push(numbers.filter_map(|region| plan.regions.get(&region.id)).collect());
            if let Some(running) =
                workspace.environments.get(environment as usize).and_then(|it| known.get(&it.id))
            {
                needs.run(environment, plan, running);
            }
        }
        needs.land(workspace, plan);
        needs
    }

    fn requirement(&mut self, plan: &Plan, provider_id: &str, text: &str) -> Option<u32> {
        let provider = plan.services.get(provider_id)?;
        let same = |it: &Requirement| it.provider == provider && it.text == text;
        let place = self.requirements.iter().position(same).unwrap_or_else(|| {
            self.requirements.push(Requirement {
                provider,
                provider_id: provider_id.to_owned(),
                text: text.to_owned(),
                parsed: parse_requirement(text),
            });
            self.requirements.len() - 1
        });
        Some(place as u32)
    }

    fn run(&mut self, environment: Name, plan: &Plan, running: &Running) {
        for (place, requirement) in self.requirements.iter().enumerate() {
            let provider = &requirement.provider_id;
            let everywhere = met(requirement, &running_versions(running, provider), running);
            let of_provider = running.regions.iter().filter(|((service, _), _)| service == provider);
            let told: HashMap<Name, Vec<&VersionShare>> = of_provider
                .filter_map(|((_, region), versions)| {
                    let live = versions.iter().filter(|version| version.share > 0.0).collect();
                    Some((plan.regions.get(region)?, live))
                })
                .collect();
            let by_region = self.regions[environment as usize]
                .iter()
                // A source that tells regions apart says of the others that nothing runs there.
                .filter(|_| !told.is_empty())
                .map(|region| {
                    let versions = told.get(region).map(Vec::as_slice).unwrap_or_default();
                    (*region, met(requirement, versions, running))
                })
                .collect();
            self.running.insert((environment, place as u32), Now { everywhere, by_region });
        }
    }

    fn land(&mut self, workspace: &Workspace, plan: &Plan) {
        let mut of_provider: HashMap<Name, Vec<u32>> = HashMap::new();
        for (place, requirement) in self.requirements.iter().enumerate() {
            of_provider.entry(requirement.provider).or_default().push(place as u32);
        }
        let mut by_end: Vec<&Slot> = plan.slots.iter().collect();
        by_end.sort_by_key(|slot| (slot.end, slot.crew, slot.stage));
        for slot in by_end {
            let crew = &plan.crews[slot.crew as usize];
            let release = &workspace.releases[crew.release as usize];
            let landing = Landing { at: slot.end, region: slot.region, crew: slot.crew };
            let needed = crew.services.iter().filter_map(|service| of_provider.get(service)).flatten();
            for place in needed {
                let requirement = &self.requirements[*place as usize];
                let version = release.version_of(&requirement.provider_id);
                if version.is_some_and(|version| requirement.is_met_by(version)) {
                    self.landings.entry((slot.environment, *place)).or_default().push(landing);
                }
            }
        }
    }

    /// Whether a service needs a version of any of these providers.
    pub fn has_need_of(&self, services: &[Name], providers: &[Name]) -> bool {
        let needs = services.iter().filter_map(|service| self.of_service.get(*service as usize)).flatten();
        needs.map(|place| self.requirements[*place as usize].provider).any(|it| providers.contains(&it))
    }

    /// Whether a service needs a version of anything.
    pub fn has_needs(&self, services: &[Name]) -> bool {
        services.iter().any(|service| self.of_service.get(*service as usize).is_some_and(|it| !it.is_empty()))
    }

    /// When a version that meets a requirement is in a region by the plan; `None`: never.
    fn lands(&self, case: &Case<'_>, slot: &Slot, place: u32, region: Option<Name>) -> Option<DateTime<Utc>> {
        let planned = self.landings.get(&(slot.environment, place)).map(Vec::as_slice).unwrap_or_default();
        let elsewhere = |landing: &&Landing| !case.is_tried(landing.crew) && landing.covers(region);
        let planned = planned.iter().find(elsewhere).map(|landing| landing.at);
        let requirement = &self.requirements[place as usize];
        let brings = |release: &Release| {
            release.version_of(&requirement.provider_id).is_some_and(|version| requirement.is_met_by(version))
        };
        let tried = case.trial().filter(|trial| brings(trial.release)).into_iter();
        let tried = tried.flat_map(|trial| &trial.slots).filter(|own| own.environment == slot.environment);
        let tried = tried.filter(|own| own.region.is_none() || own.region == region).map(|own| own.end).min();
        [planned, tried].into_iter().flatten().min()
    }
}

fn met(requirement: &Requirement, versions: &[&VersionShare], running: &Running) -> Met {
    if versions.is_empty() {
        // A partial answer that lacks a provider does not say that it is missing.
        return if running.warnings.is_empty() { Met::No("none runs".to_owned()) } else { Met::Unknown };
    }
    if versions.iter().all(|version| requirement.is_met_by(version.version.as_str())) {
        return Met::Yes;
    }
    let words: Vec<String> = versions.iter().map(|version| version.version.to_string()).collect();
    Met::No(format!("{} runs", wording::list(&words)))
}

/// A provider that a stage needs and that is not there in time.
struct Unmet<'a> {
    /// What runs instead, where it is known.
    known: Option<&'a str>,
    /// When it is there by the plan; `None`: never.
    lands: Option<DateTime<Utc>>,
}

/// One conflict for a stage and provider.
pub(super) fn check(case: &Case<'_>, slot: &Slot, out: &mut Vec<Conflict>) {
    let needs = case.needs();
    let mut told: Vec<Name> = Vec::new();
    for (service, place) in of_slot(case, slot) {
        let requirement = &needs.requirements[place as usize];
        if !told.contains(&requirement.provider)
            && let Some(unmet) = unmet(case, slot, place)
        {
            told.push(requirement.provider);
            out.push(conflict(case, slot, service, requirement, &unmet));
        }
    }
}

/// The providers that a stage would have to wait for wherever it began, and until when; `None`:
/// for ever.
pub(super) fn bounds(case: &Case<'_>, slot: &Slot) -> Vec<(String, Option<DateTime<Utc>>)> {
    let first = Slot { start: DateTime::<Utc>::MIN_UTC, ..*slot };
    let waits = |(_, place): (Name, u32)| {
        let provider = case.needs().requirements[place as usize].provider_id.clone();
        unmet(case, &first, place).map(|unmet| (provider, unmet.lands))
    };
    of_slot(case, slot).filter_map(waits).collect()
}

/// Each service of a stage's release with each requirement it has.
fn of_slot(case: &Case<'_>, slot: &Slot) -> impl Iterator<Item = (Name, u32)> {
    let needs = case.needs();
    let of_service =
        |service: &Name| needs.of_service.get(*service as usize).map(Vec::as_slice).unwrap_or_default();
    case.crew(slot.crew)
        .services
        .iter()
        .flat_map(move |service| of_service(service).iter().map(|place| (*service, *place)))
}

fn unmet<'a>(case: &Case<'a>, slot: &Slot, place: u32) -> Option<Unmet<'a>> {
    let needs = case.needs();
    let release = case.release(slot.crew);
    let requirement = &needs.requirements[place as usize];
    if release.version_of(&requirement.provider_id).is_some_and(|version| requirement.is_met_by(version)) {
        return None;
    }
    let everywhere = || match needs.regions.get(slot.environment as usize).map(Vec::as_slice) {
        None | Some([]) => vec![None],
        Some(regions) => regions.iter().copied().map(Some).collect(),
    };
    let regions = slot.region.map_or_else(everywhere, |region| vec![Some(region)]);
    let now = needs.running.get(&(slot.environment, place));
    let (mut is_unmet, mut known, mut last) = (false, None, Some(DateTime::<Utc>::MIN_UTC));
    for region in regions {
        let by_region = region.and_then(|region| now.and_then(|now| now.by_region.get(&region)));
        let met = by_region.or(now.map(|now| &now.everywhere)).unwrap_or(&Met::Unknown);
        let lands = needs.lands(case, slot, place, region);
        if matches!(met, Met::Yes) || lands.is_some_and(|at| at <= slot.start) {
            continue;
        }
        is_unmet = true;
        if let Met::No(found) = met {
            known = Some(found.as_str());
        }
        last = last.zip(lands).map(|(last, lands)| last.max(lands));
    }
    // Nobody says what runs: only that it comes later is known to be too late.
    let is_told = is_unmet && (known.is_some() || last.is_some());
    is_told.then_some(Unmet { known, lands: last })
}

fn conflict(
    case: &Case<'_>,
    slot: &Slot,
    consumer: Name,
    requirement: &Requirement,
    unmet: &Unmet<'_>,
) -> Conflict {
    let Unmet { known, lands } = *unmet;
    let release = case.release(slot.crew);
    let stage = &release.stages[slot.stage as usize];
    let Requirement { provider_id, text, parsed, .. } = requirement;
    let is_consumer = |service: &&str| case.plan().services.get(service) == Some(consumer);
    let consumer = release.services().find(is_consumer).unwrap_or_default();
    let now = known.map(|found| format!("; {found} there")).unwrap_or_default();
    let comes = match lands {
        _ if parsed.is_none() => ", and that is no requirement which anything could meet".to_owned(),
        Some(lands) => {
            let late = wording::length(slot.start, lands);
            format!(", and what meets it lands {late} after the start, {}", wording::when(lands, stage))
        }
        None => ", and no release brings it in time".to_owned(),
    };
    Conflict {
        code: Code::DependencyOrder,
        release: release.id.clone(),
        stage: slot.stage as usize,
        with: vec![provider_id.clone()],
        with_stage: None,
        start: slot.start,
        end: slot.end,
        message: format!(
            "{} brings {consumer}, which needs {provider_id} {text}{now}{comes}",
            wording::who(release, stage)
        ),
        way_out: match lands {
            Some(lands) => format!("start it at {} or later", wording::when(lands, stage)),
            None => format!(
                "plan a release that brings {provider_id} {text} to {} first, or add it to this one",
                wording::place(stage)
            ),
        },
    }
}
