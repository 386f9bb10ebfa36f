//! What leaves no room for a stage, wherever it is moved: for the slot finder.

use chrono::{DateTime, Utc};

use super::checker::{Case, Checker};
use super::plan::Slot;
use super::{Code, capacity, dependency_order, same_service};
use crate::domain::intervals::{Interval, Intervals};
use crate::domain::{Release, Stage};

/// What blocks a stage beside the windows.
#[derive(Debug, Clone, PartialEq)]
pub struct Obstacles {
    /// Spans that the stage must not overlap, each by its place in `reasons`.
    pub busy: Intervals<u32>,
    /// Why the spans are taken.
    pub reasons: Vec<Reason>,
    /// Until when it must not begin.
    pub not_before: Vec<NotBefore>,
}

/// The rule that blocks, and with what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The rule.
    pub code: Code,
    /// Releases or a provider, by the rule.
    pub with: Vec<String>,
}

/// A bound on a stage's start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotBefore {
    /// It may begin then; `None`: never.
    pub until: Option<DateTime<Utc>>,
    /// Why.
    pub reason: Reason,
}

impl Checker {
    /// What blocks a stage of a release, wherever it is moved: releases of the same service in
    /// its place, an environment that is full, providers that land later or never. The release's
    /// own stages do not count.
    pub fn obstacles(&self, release: &Release, stage: &Stage) -> Obstacles {
        let case = self.without(release);
        let own = Release { stages: vec![stage.clone()], ..release.clone() };
        let mut found = Obstacles { busy: Intervals::default(), reasons: Vec::new(), not_before: Vec::new() };
        let place = case.trial().map(|trial| trial.place).unwrap_or_default();
        let Some(slot) = self.plan().slots_of(&own, place).next() else { return found };
        let mut busy = rivals(&case, &slot, &mut found.reasons);
        busy.extend(crowds(&case, stage, &slot, &mut found));
        found.busy = Intervals::new(busy);
        found.not_before.extend(dependency_order::bounds(&case, &slot).into_iter().map(
            |(provider, until)| NotBefore {
                until,
                reason: Reason { code: Code::DependencyOrder, with: vec![provider] },
            },
        ));
        found
    }
}

/// Stages of others in the same place that share a service.
fn rivals(case: &Case<'_>, slot: &Slot, reasons: &mut Vec<Reason>) -> Vec<Interval<u32>> {
    let services = &case.crew(slot.crew).services;
    let others = case.plan().in_environment(slot.environment).filter(|other| !case.is_tried(other.crew));
    let in_place = others.filter(|other| {
        slot.shares_place(other) && same_service::shared(services, &case.crew(other.crew).services).is_some()
    });
    in_place
        .map(|other| {
            let with = vec![case.release(other.crew).id.clone()];
            reasons.push(Reason { code: Code::SameService, with });
            Interval { start: other.start, end: other.end, what: reasons.len() as u32 - 1 }
        })
        .collect()
}

/// Stretches in which the environment has no place left.
fn crowds(case: &Case<'_>, stage: &Stage, slot: &Slot, found: &mut Obstacles) -> Vec<Interval<u32>> {
    let environment = case.workspace().environment(&stage.environment);
    let Some(capacity) = environment.and_then(|environment| environment.capacity) else { return Vec::new() };
    let Some(left) = (capacity as usize).checked_sub(1) else {
        let reason = Reason { code: Code::Capacity, with: Vec::new() };
        found.not_before.push(NotBefore { until: None, reason });
        return Vec::new();
    };
    let stretches = capacity::stretches(&case.slots_in(slot.environment), left);
    stretches
        .into_iter()
        .map(|stretch| {
            let mut with: Vec<String> =
                stretch.members.keys().map(|crew| case.release(*crew).id.clone()).collect();
            with.sort_unstable();
            found.reasons.push(Reason { code: Code::Capacity, with });
            Interval { start: stretch.start, end: stretch.end, what: found.reasons.len() as u32 - 1 }
        })
        .collect()
}
