//! The way back of what is selected: the domain's plan, with what the screen knows of its answers.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::{self, remotes};
use crate::domain::backout::{self, Backout, Place, PreviousSource, ServicePlan};
use crate::domain::compatibility::Known;
pub use crate::domain::playbook::Estimate;
use crate::domain::question::{Running, Tag, VersionShare};
use crate::domain::version::{parse_version, same_version};
use crate::domain::{Face, Question, Remote, Safe};

use super::problem::{self, Problem};
use super::subject::{self, Subject, Target};

/// The way back of one subject at one target.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Of what, for people.
    pub title: String,
    /// Where.
    pub target: Target,
    /// How well it is known what runs there.
    pub knowledge: Knowledge,
    /// Services, in the order back.
    pub moves: Vec<Move>,
    /// The domain's plan: waves, barriers, what is missing.
    pub backout: Backout,
    /// What is missing or in the way, the worst first; what the head of the panel says is not
    /// said again.
    pub problems: Vec<Problem>,
    /// Services beside the moved ones that need them or are needed, and what they run; empty:
    /// not known.
    pub beside: Vec<(String, Vec<VersionShare>)>,
}

/// How well it is known what runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Knowledge {
    /// A young answer.
    Fresh {
        /// How old.
        age: Duration,
        /// When it came.
        at: DateTime<Utc>,
    },
    /// An old one.
    Stale {
        /// How old.
        age: Duration,
        /// Why there is no younger one.
        why: Option<Safe>,
    },
    /// The first answer is on its way.
    Loading,
    /// There is none.
    Unknown {
        /// Why.
        why: Safe,
        /// What to do about it.
        mend: Safe,
    },
}

/// One service, going back.
#[derive(Debug, Clone, PartialEq)]
pub struct Move {
    /// Its wave, counted from 0.
    pub wave: usize,
    /// The domain's plan of it.
    pub plan: ServicePlan,
    /// How the version to return to is known.
    pub source: Option<Source>,
    /// The playbook's recovery objective.
    pub objective: Option<TimeDelta>,
    /// How long its steps take at most.
    pub estimate: Estimate,
}

/// How the version to return to is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The last completed release brought it: its id.
    Release(String),
    /// The version tag before.
    Tag {
        /// When it was made.
        at: Option<DateTime<Utc>>,
        /// The tags are stale by this much.
        stale: Option<Duration>,
    },
    /// It still runs beside the one to leave.
    Seen,
}

impl Move {
    /// Whether every instance runs what it goes back to already.
    pub fn is_back(&self) -> bool {
        match (&self.plan.running, &self.plan.to) {
            (Some(now), Some(to)) => {
                !now.is_empty() && now.iter().all(|share| same_version(&share.version, &to.version))
            }
            _ => false,
        }
    }
}

impl Plan {
    /// How long the whole way takes at most, one service after the other.
    pub fn estimate(&self) -> Estimate {
        self.moves.iter().map(|going| going.estimate).fold(Estimate::default(), |sum, estimate| Estimate {
            at_most: sum.at_most + estimate.at_most,
            open: sum.open + estimate.open,
        })
    }

    /// `Back to checkout 4.1.3`, or from what, with how many services.
    pub fn headline(&self) -> String {
        match self.moves.as_slice() {
            [only] => match &only.plan.to {
                Some(to) => format!("Back to {} {}", only.plan.service, to.version),
                None => format!("Back from {} {}", only.plan.service, only.plan.from),
            },
            many => format!("Back from {}, {} services", self.title, many.len()),
        }
    }
}

/// The way back of what is selected; `None`: nothing is, or it goes nowhere.
pub fn of(state: &app::State) -> Option<Plan> {
    let subject = subject::selected(state)?;
    let target = subject::target(state, &subject)?;
    let face = state.remotes.running(&target.environment, state.now);
    let knowledge = knowledge(state, &target, &face);
    let running = remotes::value_of(&face);
    let why = match &knowledge {
        Knowledge::Unknown { why, .. } => why.as_str(),
        _ => "it is being asked",
    };
    let tags = tags(state, &subject);
    let place = Place {
        environment: &target.environment,
        region: target.region.as_deref(),
        known: running.map_or(Known::Unknown(why), Known::Running),
        tags: &tags,
        now: state.now.wall,
    };
    let seen = match &subject {
        Subject::Rollout(rollout) => running.and_then(|running| moving(running, &target, &rollout.service)),
        Subject::Release(_) => None,
    };
    let asked = match &subject {
        Subject::Release(release) => backout::Subject::Release(release),
        Subject::Rollout(rollout) => {
            let (version, seen_before) = seen.as_ref()?;
            backout::Subject::Rollout {
                service: &rollout.service,
                version,
                seen_before: seen_before.as_deref(),
            }
        }
    };
    let backout = backout::plan(&state.workspace, asked, place);
    let mut moves = Vec::new();
    for (wave, plans) in backout.waves.iter().enumerate() {
        moves.extend(plans.iter().map(|plan| going(state, &tags, wave, plan.clone())));
    }
    let problems = problem::find(state, &backout, &target, running);
    let beside = beside(state, &moves, &target, running);
    let title = subject.title().to_owned();
    Some(Plan { title, target, knowledge, moves, backout, problems, beside })
}

fn tags<'a>(state: &'a app::State, subject: &Subject<'a>) -> BTreeMap<&'a str, &'a [Tag]> {
    let known = subject.services().into_iter().filter_map(|service| {
        let face = state.remotes.tags(service, state.now);
        remotes::value_of(&face).map(|tags| (service, tags.as_slice()))
    });
    known.collect()
}

fn knowledge(state: &app::State, target: &Target, face: &Face<'_, Running>) -> Knowledge {
    let environment = &target.environment;
    let found = state.workspace.environment(environment);
    if found.is_none_or(|found| found.versions.is_none()) {
        let why = Safe::new(format!("nothing says how to learn what runs in {environment}"));
        let mend = Safe::new(format!("add versions = \"…\" to the environment {environment} in tminus.toml"));
        return Knowledge::Unknown { why, mend };
    }
    match face {
        Face::Fresh(_) => {
            let question = Question::Running { environment: environment.clone() };
            let since = state.remotes.get(&question).and_then(Remote::since);
            let since = since.unwrap_or(state.now);
            Knowledge::Fresh { age: state.now.mono.saturating_sub(since.mono), at: since.wall }
        }
        Face::Stale { age, trouble, .. } => {
            Knowledge::Stale { age: *age, why: trouble.map(|trouble| trouble.failure.what.clone()) }
        }
        Face::NotAsked | Face::Loading => Knowledge::Loading,
        Face::Failed(trouble) => {
            Knowledge::Unknown { why: trouble.failure.what.clone(), mend: trouble.failure.mend.clone() }
        }
    }
}

/// What runs of a service at a target.
fn shares<'r>(running: &'r Running, target: &Target, service: &str) -> Option<&'r [VersionShare]> {
    let region = target.region.as_ref().map(|region| (service.to_owned(), region.clone()));
    let by_region = region.and_then(|key| running.regions.get(&key));
    by_region.or_else(|| running.services.get(service)).map(Vec::as_slice)
}

/// Of several versions that run, the one that came last by its number, and the commonest other.
fn moving(running: &Running, target: &Target, service: &str) -> Option<(String, Option<String>)> {
    let shares = shares(running, target, service)?;
    let newest = shares.iter().max_by(|one, other| {
        let number = |share: &VersionShare| parse_version(&share.version);
        number(one).cmp(&number(other)).then(other.share.total_cmp(&one.share))
    })?;
    let others = shares.iter().filter(|share| share.version != newest.version);
    let before = others.max_by(|one, other| one.share.total_cmp(&other.share));
    Some((newest.version.to_string(), before.map(|share| share.version.to_string())))
}

fn going(state: &app::State, tags: &BTreeMap<&str, &[Tag]>, wave: usize, plan: ServicePlan) -> Move {
    let playbook = plan.playbook.as_ref().and_then(|id| state.workspace.playbook(id));
    let source = plan.to.as_ref().map(|to| match &to.source {
        PreviousSource::Release(id) => Source::Release(id.clone()),
        PreviousSource::Seen => Source::Seen,
        PreviousSource::Tag(name) => {
            let tags = tags.get(plan.service.as_str()).copied().unwrap_or_default();
            let at = tags.iter().find(|tag| tag.name.as_str() == name).map(|tag| tag.at);
            let stale = match state.remotes.tags(&plan.service, state.now) {
                Face::Stale { age, .. } => Some(age),
                _ => None,
            };
            Source::Tag { at, stale }
        }
    });
    let objective = playbook.and_then(|playbook| playbook.target);
    let estimate = playbook.map(Estimate::of).unwrap_or_default();
    Move { wave, plan, source, objective, estimate }
}

/// What stays as it is next to what moves.
fn beside(
    state: &app::State,
    moves: &[Move],
    target: &Target,
    running: Option<&Running>,
) -> Vec<(String, Vec<VersionShare>)> {
    let moved: BTreeSet<&str> = moves.iter().map(|going| going.plan.service.as_str()).collect();
    let mut near = BTreeSet::new();
    for service in &state.workspace.services {
        for dependency in &service.depends_on {
            let ends = [service.id.as_str(), dependency.service.as_str()];
            if ends.iter().any(|end| moved.contains(end)) {
                near.extend(ends.into_iter().filter(|end| !moved.contains(end)));
            }
        }
    }
    let runs = |service: &str| running.and_then(|running| shares(running, target, service));
    near.into_iter().map(|service| (service.to_owned(), runs(service).unwrap_or_default().to_vec())).collect()
}
