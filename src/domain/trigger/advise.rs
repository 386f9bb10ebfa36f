//! From triggers that fired to advice: what is known of the way back, put together once for the cockpit
//! and for the command line.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Baseline, Facts, Fired, Recommendation, SCOPE, Trigger, recommend};
use crate::domain::backout::{self, MissingKind};
use crate::domain::rollout::Phase;
use crate::domain::{Service, Workspace};

/// A rollout whose triggers are looked at, and what is known around it.
#[derive(Debug)]
pub struct Situation<'a> {
    /// The workspace.
    pub workspace: &'a Workspace,
    /// The service that rolls out.
    pub service: &'a Service,
    /// The version to come.
    pub version: &'a str,
    /// The version it was seen to replace.
    pub seen_before: Option<&'a str>,
    /// Where, and what is known to run there.
    pub place: backout::Place<'a>,
    /// Its triggers.
    pub triggers: &'a [Trigger],
    /// Those that fired, the first first.
    pub fired: &'a [Fired],
    /// What the verdict was compared with.
    pub baseline: Baseline,
    /// How fast the error budget burns, and which part of that this release causes.
    pub burn: Option<(f64, Option<f64>)>,
    /// How long the error budget lasts at this rate.
    pub budget_lasts: Option<TimeDelta>,
}

/// What is recommended, and the version to return to.
#[derive(Debug, Clone, PartialEq)]
pub struct Advised {
    /// The version to return to; `None`: not known.
    pub previous: Option<String>,
    /// What.
    pub recommendation: Recommendation,
}

/// The triggers of a service: its own, else a failing verdict.
pub fn of_service(service: &Service) -> Vec<Trigger> {
    if service.triggers.is_empty() { vec![Trigger::default_of_service()] } else { service.triggers.clone() }
}

/// Whether triggers look at a rollout: one that goes on, or one of the last hour.
pub fn is_watched(phase: Phase, since: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    phase.is_active() || (phase == Phase::Completed && now - since <= SCOPE)
}

/// What to do; `None`: no trigger fired.
pub fn advise(situation: &Situation<'_>) -> Option<Advised> {
    if situation.fired.is_empty() {
        return None;
    }
    let Situation { workspace, service, version, seen_before, place, .. } = situation;
    let subject = backout::Subject::Rollout { service: &service.id, version, seen_before: *seen_before };
    let way_back = backout::plan(workspace, subject, *place);
    let plan = way_back.waves.iter().flatten().find(|plan| plan.service == service.id);
    let previous = plan.and_then(|plan| plan.to.as_ref()).map(|to| to.version.clone());
    let previous = previous.or_else(|| seen_before.map(str::to_owned));
    let obstacles: Vec<String> = way_back
        .missing
        .iter()
        .filter(|missing| missing.kind == MissingKind::Incompatible)
        .map(|missing| missing.what.to_string())
        .collect();
    let cautions: Vec<String> = way_back
        .barriers
        .iter()
        .map(|barrier| format!("after the step {} ({}) data is lost: no return", barrier.step, barrier.title))
        .collect();
    let recommendation = recommend(&Facts {
        triggers: situation.triggers,
        fired: situation.fired,
        now: place.now,
        previous: previous.as_deref(),
        version,
        playbook: service.playbook.as_ref().and_then(|id| workspace.playbook(id)),
        obstacles: &obstacles,
        cautions: &cautions,
        fix_forward: service.fix_forward,
        baseline: situation.baseline,
        burn: situation.burn,
        budget_lasts: situation.budget_lasts,
    })?;
    Some(Advised { previous, recommendation })
}
