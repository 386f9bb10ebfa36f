//! Two stages of two releases that overlap: found by a sweep over starts, told once.

use chrono::{DateTime, Utc};

use super::checker::Case;
use super::plan::{Name, Slot};
use super::{Code, Conflict, dependent_service, owner_overlap, same_service, wording};
use crate::domain::{Release, Stage};

/// Two stages of two releases and where they overlap.
pub(super) struct Pair<'a> {
    /// The one with the smaller id.
    pub first: Side<'a>,
    /// The other.
    pub second: Side<'a>,
    /// Where the overlap begins.
    pub start: DateTime<Utc>,
    /// Where it ends.
    pub end: DateTime<Utc>,
}

/// One of the two.
#[derive(Clone, Copy)]
pub(super) struct Side<'a> {
    pub release: &'a Release,
    pub index: usize,
}

impl<'a> Side<'a> {
    pub fn stage(&self) -> &'a Stage {
        &self.release.stages[self.index]
    }
}

impl Pair<'_> {
    /// The stage that says more of where they meet.
    pub fn narrower(&self) -> &Stage {
        let first = self.first.stage();
        if first.region.is_some() { first } else { self.second.stage() }
    }

    /// How to bring them apart: the later one starts when the earlier one ends.
    pub fn apart(&self) -> String {
        let (earlier, later) = if self.first.stage().start <= self.second.stage().start {
            (&self.first, &self.second)
        } else {
            (&self.second, &self.first)
        };
        let when = wording::when(earlier.stage().end, later.stage());
        format!("start {} at {when} or later", later.release.id)
    }

    /// The conflict under the smaller id.
    pub fn conflict(&self, code: Code, message: String, way_out: String) -> Conflict {
        Conflict {
            code,
            release: self.first.release.id.clone(),
            stage: self.first.index,
            with: vec![self.second.release.id.clone()],
            with_stage: Some(self.second.index),
            start: self.start,
            end: self.end,
            message,
            way_out,
        }
    }
}

/// What the rules say of two overlapping stages of two releases.
pub(super) fn judge(case: &Case<'_>, one: &Slot, other: &Slot, out: &mut Vec<Conflict>) {
    by_services(case, one, other, out);
    by_owner(case, one, other, out);
}

fn by_services(case: &Case<'_>, one: &Slot, other: &Slot, out: &mut Vec<Conflict>) {
    if !one.shares_place(other) {
        return;
    }
    let (own, theirs) = (&case.crew(one.crew).services, &case.crew(other.crew).services);
    if same_service::shared(own, theirs).is_some() {
        out.push(same_service::conflict(&pair(case, one, other)));
    } else if dependent_service::are_related(case.kinship(), own, theirs) {
        let number = |service: &str| case.plan().services.get(service);
        out.push(dependent_service::conflict(&pair(case, one, other), case.kinship(), number));
    }
}

fn by_owner(case: &Case<'_>, one: &Slot, other: &Slot, out: &mut Vec<Conflict>) {
    let owner = case.crew(one.crew).owner;
    if owner.is_some() && owner == case.crew(other.crew).owner {
        out.push(owner_overlap::conflict(&pair(case, one, other)));
    }
}

fn pair<'a>(case: &'a Case<'_>, one: &Slot, other: &Slot) -> Pair<'a> {
    let side = |slot: &Slot| Side { release: case.release(slot.crew), index: slot.stage as usize };
    let (mut first, mut second) = (side(one), side(other));
    if second.release.id < first.release.id {
        std::mem::swap(&mut first, &mut second);
    }
    Pair { first, second, start: one.start.max(other.start), end: one.end.min(other.end) }
}

/// Every pair of the plan: O(n log n + k). Only stages of services that have to do with each
/// other are compared, and only stages of one owner.
pub(super) fn sweep(case: &Case<'_>, out: &mut Vec<Conflict>) {
    let plan = case.plan();
    let mut last_seen: Vec<u32> = vec![u32::MAX; plan.slots.len()];
    for environment in 0..plan.environments.len() as Name {
        let slots: Vec<&Slot> = plan.in_environment(environment).collect();
        // By service: the stages that may still run, by their place in `slots`.
        let mut running: Vec<Vec<u32>> = vec![Vec::new(); plan.services.len()];
        last_seen.fill(u32::MAX);
        for (place, slot) in slots.iter().enumerate() {
            let services = &case.crew(slot.crew).services;
            for related in services.iter().flat_map(|service| case.kinship().related(*service)) {
                let candidates = &mut running[*related as usize];
                candidates.retain(|other| slots[*other as usize].end > slot.start);
                for other in candidates.iter() {
                    // Two releases can share several services.
                    let seen = std::mem::replace(&mut last_seen[*other as usize], place as u32);
                    if seen != place as u32 && slots[*other as usize].crew != slot.crew {
                        by_services(case, slots[*other as usize], slot, out);
                    }
                }
            }
            for service in services {
                running[*service as usize].push(place as u32);
            }
        }
    }
    let mut running: Vec<Vec<&Slot>> = vec![Vec::new(); plan.owners.len()];
    for slot in &plan.slots {
        let Some(owner) = case.crew(slot.crew).owner else { continue };
        let of_owner = &mut running[owner as usize];
        of_owner.retain(|other| other.end > slot.start);
        for other in of_owner.iter().filter(|other| other.crew != slot.crew) {
            by_owner(case, other, slot, out);
        }
        of_owner.push(slot);
    }
}
