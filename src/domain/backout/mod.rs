//! The way back, to look at: what runs, what ran before, in which order, by which commands, and
//! what is missing. Nothing here does anything.

mod previous;
mod steps;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

pub use previous::{Previous, PreviousSource};
pub use steps::{StepPlan, shell_words};

use self::previous::{by_release, by_tag, stages_in};
use self::steps::{Filling, Values};
use super::compatibility::{Known, ReasonCode, Weight, can_i_deploy};
use super::graph::Graph;
use super::question::{Running, Tag, VersionShare};
use super::version::same_version;
use super::{Playbook, Release, Safe, Workspace};

/// What a way back is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Subject<'a> {
    /// A release: all its services.
    Release(&'a Release),
    /// A rollout that was seen: one service.
    Rollout {
        /// The service.
        service: &'a str,
        /// The version to leave.
        version: &'a str,
        /// The version that was seen before.
        seen_before: Option<&'a str>,
    },
}

/// Where, and what is known there.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The environment.
    pub environment: &'a str,
    /// The region; `None`: all of them.
    pub region: Option<&'a str>,
    /// What runs there.
    pub known: Known<'a>,
    /// The version tags of each service's repository, where they are known.
    pub tags: &'a BTreeMap<&'a str, &'a [Tag]>,
    /// Now.
    pub now: DateTime<Utc>,
}

/// The way back.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Backout {
    /// In order: consumers first, each wave's services side by side, sorted by id.
    pub waves: Vec<Vec<ServicePlan>>,
    /// Steps after which data is lost.
    pub barriers: Vec<Barrier>,
    /// What keeps this plan from being one to trust.
    pub missing: Vec<Missing>,
}

/// The way back of one service.
#[derive(Debug, Clone, PartialEq)]
pub struct ServicePlan {
    /// The service.
    pub service: String,
    /// What runs now; `None`: not known.
    pub running: Option<Vec<VersionShare>>,
    /// The version to leave.
    pub from: String,
    /// The version to return to; `None`: not known.
    pub to: Option<Previous>,
    /// The playbook's id.
    pub playbook: Option<String>,
    /// What to do, in order.
    pub steps: Vec<StepPlan>,
    /// What must hold in the end, in words.
    pub done: Vec<Safe>,
}

/// A step after which data is lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Barrier {
    /// In which wave, counted from 0.
    pub wave: usize,
    /// Of which service.
    pub service: String,
    /// The step's id.
    pub step: Safe,
    /// The step's title.
    pub title: Safe,
}

/// Something without which the plan cannot be trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// What kind of thing.
    pub kind: MissingKind,
    /// The service, where it is about one.
    pub service: Option<String>,
    /// The step's id, where it is about one.
    pub step: Option<String>,
    /// What.
    pub what: Safe,
    /// What to do about it.
    pub mend: Safe,
}

/// The kinds of things that are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MissingKind {
    /// What runs is not known.
    RunningUnknown,
    /// The version to leave does not run there.
    NotRunning,
    /// No version to return to is known.
    PreviousUnknown,
    /// What stays would not work with the version to return to.
    Incompatible,
    /// The service has no playbook, or names one that is not there.
    NoPlaybook,
    /// The playbook has no steps.
    NoSteps,
    /// A step has neither a command nor a person.
    NoCommand,
    /// A step does not say how its effect is seen.
    NoVerify,
    /// The playbook does not say when it is complete.
    NoDone,
    /// A template has no value here.
    NoValue,
    /// A template that does not exist.
    UnknownTemplate,
}

/// The way back for a release or a rollout.
pub fn plan(workspace: &Workspace, subject: Subject<'_>, place: Place<'_>) -> Backout {
    let waves: Vec<Vec<String>> = match subject {
        Subject::Release(release) => {
            let waves = Graph::of_release(workspace, release).waves();
            waves.into_iter().rev().map(|wave| wave.into_iter().map(str::to_owned).collect()).collect()
        }
        Subject::Rollout { service, .. } => vec![vec![service.to_owned()]],
    };
    let mut planner = Planner { workspace, subject, place, backout: Backout::default() };
    if let Known::Unknown(why) = place.known {
        let what = format!("what runs in {} is not known: {why}", place.environment);
        planner.note(MissingKind::RunningUnknown, None, what, "run `tminus doctor`");
    }
    for wave in &waves {
        let plans = wave.iter().map(|service| planner.service(service)).collect();
        planner.backout.waves.push(plans);
    }
    planner.check_what_stays();
    planner.find_barriers();
    planner.backout
}

struct Planner<'a> {
    workspace: &'a Workspace,
    subject: Subject<'a>,
    place: Place<'a>,
    backout: Backout,
}

impl<'a> Planner<'a> {
    fn service(&mut self, service: &str) -> ServicePlan {
        let leaving = match self.subject {
            Subject::Release(release) => release.version_of(service).unwrap_or_default(),
            Subject::Rollout { version, .. } => version,
        };
        let running = match self.place.known {
            Known::Running(running) => Some(self.running(running, service)),
            Known::Unknown(_) => None,
        };
        let found = running.iter().flatten().find(|share| same_version(&share.version, leaving));
        let from = found.map_or_else(|| leaving.to_owned(), |share| share.version.as_str().to_owned());
        // A release that has not begun goes back to what is there before it.
        let runs_now = match running.as_deref() {
            Some([only]) if found.is_none() => Some(only.version.as_str().to_owned()),
            _ => None,
        };
        if running.is_some() && found.is_none() {
            let what = format!("{service} {leaving} does not run in {}", self.here());
            self.note(MissingKind::NotRunning, Some(service), what, "there is nothing to bring back yet");
        }
        let to = match runs_now {
            Some(version) => Some(Previous { version, source: PreviousSource::Seen }),
            None => self.previous(service, &from),
        };
        let mut plan = ServicePlan {
            service: service.to_owned(),
            running,
            from,
            to,
            playbook: None,
            steps: Vec::new(),
            done: Vec::new(),
        };
        if let Some(playbook) = self.playbook(service) {
            self.fill(&mut plan, playbook);
        }
        plan
    }

    fn running(&self, running: &Running, service: &str) -> Vec<VersionShare> {
        let region = self.place.region.map(|region| (service.to_owned(), region.to_owned()));
        let in_region = region.and_then(|key| running.regions.get(&key));
        let shares = in_region.or_else(|| running.services.get(service));
        shares.into_iter().flatten().filter(|share| share.share > 0.0).cloned().collect()
    }

    fn previous(&mut self, service: &str, from: &str) -> Option<Previous> {
        let at = (self.place.environment, self.place.region);
        let (until, seen) = match self.subject {
            Subject::Release(release) => (stages_in(release, at).map(|(start, _)| start).min(), None),
            Subject::Rollout { seen_before, .. } => (None, seen_before),
        };
        let until = until.unwrap_or(self.place.now);
        let tags = self.place.tags.get(service);
        let found = by_release(self.workspace, service, from, at, until)
            .or_else(|| by_tag(self.workspace.service(service)?, from, tags?))
            .or_else(|| {
                let version = seen?.to_owned();
                Some(Previous { version, source: PreviousSource::Seen })
            });
        if found.is_none() {
            let why = match tags {
                None => "its tags are not known".to_owned(),
                Some(_) => format!("no version tag lies before {from}"),
            };
            let what = format!("no completed release brought {service} to {}, and {why}", self.here());
            let mend = "name its repository and tags, or record the release that brought the version before";
            self.note(MissingKind::PreviousUnknown, Some(service), what, mend);
        }
        found
    }

    fn playbook(&mut self, service: &str) -> Option<&'a Playbook> {
        let named = self.workspace.service(service).and_then(|service| service.playbook.as_deref());
        let workspace = self.workspace;
        let found = match named {
            Some(id) => workspace.playbook(id),
            None => workspace.playbooks.iter().find(|playbook| playbook.service.as_deref() == Some(service)),
        };
        if found.is_none() {
            let (what, mend) = match named {
                Some(id) => {
                    (format!("{service}'s playbook {id} is not there"), format!("write playbooks/{id}.toml"))
                }
                None => (
                    format!("{service} has no playbook"),
                    format!("write playbooks/{service}.toml and name it in the service"),
                ),
            };
            self.note(MissingKind::NoPlaybook, Some(service), what, &mend);
        }
        found
    }

    fn fill(&mut self, plan: &mut ServicePlan, playbook: &Playbook) {
        plan.playbook = Some(playbook.id.clone());
        let release = match self.subject {
            Subject::Release(release) => Some(release.id.as_str()),
            Subject::Rollout { .. } => None,
        };
        let mut filling = Filling {
            service: &plan.service,
            values: Values::new([
                ("environment", Some(self.place.environment)),
                ("region", self.place.region),
                ("version", Some(&plan.from)),
                ("previous", plan.to.as_ref().map(|to| to.version.as_str())),
                ("service", Some(&plan.service)),
                ("release", release),
            ]),
            missing: &mut self.backout.missing,
        };
        plan.steps = filling.steps(playbook);
        plan.done = filling.done(playbook);
        if plan.steps.is_empty() {
            let what = format!("playbook {} has no steps", playbook.id);
            self.note(MissingKind::NoSteps, Some(&plan.service), what, "write down how to bring it back");
        }
    }

    /// What does not go back must work with what does.
    fn check_what_stays(&mut self) {
        let plans: Vec<(String, String)> = self
            .backout
            .waves
            .iter()
            .flatten()
            .filter_map(|plan| Some((plan.service.clone(), plan.to.as_ref()?.version.clone())))
            .collect();
        for (service, version) in &plans {
            let Place { environment, known: known @ Known::Running(_), .. } = self.place else { return };
            let answer = can_i_deploy(self.workspace, service, version, environment, known);
            for reason in answer.reasons {
                let goes_back =
                    self.backout.waves.iter().flatten().any(|plan| plan.service == reason.service);
                // What the file says a service needs, it says of the version to leave; only what
                // others need of it speaks of the version to return to.
                let by_others = reason.code == ReasonCode::ConsumerVersion;
                if by_others && reason.weight == Weight::Refusal && !goes_back {
                    let mend = format!("bring {} back too, or fix forward", reason.service);
                    self.note(MissingKind::Incompatible, Some(service), reason.message, &mend);
                }
            }
        }
    }

    fn find_barriers(&mut self) {
        let Backout { waves, barriers, .. } = &mut self.backout;
        for (wave, plan) in
            waves.iter().enumerate().flat_map(|(wave, plans)| plans.iter().map(move |plan| (wave, plan)))
        {
            for step in plan.steps.iter().filter(|step| step.no_return) {
                barriers.push(Barrier {
                    wave,
                    service: plan.service.clone(),
                    step: step.id.clone(),
                    title: step.title.clone(),
                });
            }
        }
    }

    fn here(&self) -> String {
        match self.place.region {
            Some(region) => format!("{} · {region}", self.place.environment),
            None => self.place.environment.to_owned(),
        }
    }

    fn note(&mut self, kind: MissingKind, service: Option<&str>, what: String, mend: &str) {
        self.backout.missing.push(Missing {
            kind,
            service: service.map(str::to_owned),
            step: None,
            what: Safe::new(what),
            mend: Safe::new(mend),
        });
    }
}

#[cfg(test)]
mod tests;
