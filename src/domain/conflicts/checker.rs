//! All rules together: over the whole plan, and for one release as it would be.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::dependency_order::Needs;
use super::kinship::Kinship;
use super::plan::{Crew, Name, Plan, Slot};
use super::{
    Code, Conflict, capacity, dependency_order, freeze, outside_window, pairs, promotion_order, runway, sort,
};
use crate::domain::almanac::{Almanac, Unreadable};
use crate::domain::question::Running;
use crate::domain::{Release, Workspace};

/// What runs now, by environment. What runs in an environment that is not here is not known.
pub type RunningVersions = BTreeMap<String, Running>;

/// How far after a stage windows are expanded, to tell where it could go.
const NEXT: TimeDelta = TimeDelta::days(31);

/// A plan made ready to be judged: built once, asked often.
#[derive(Debug, Clone, Default)]
pub struct Checker {
    workspace: Arc<Workspace>,
    almanac: Arc<Almanac>,
    plan: Plan,
    kinship: Kinship,
    needs: Needs,
}

impl Checker {
    /// Makes a plan ready. Windows are expanded over the plan; `ahead` is expanded beside it,
    /// for releases that will be moved there. Elsewhere the answers are the same, but slower.
    pub fn new(
        workspace: Arc<Workspace>,
        running: &RunningVersions,
        ahead: Option<(DateTime<Utc>, DateTime<Utc>)>,
    ) -> Self {
        let almanac = Almanac::new(&workspace.windows, spans(&workspace).chain(ahead));
        Self::with(workspace, running, Arc::new(almanac))
    }

    /// The same for a workspace that has changed: windows that stayed as they were are not
    /// expanded again.
    #[must_use]
    pub fn renewed(&self, workspace: Arc<Workspace>, running: &RunningVersions) -> Self {
        let holds = |(from, to): (DateTime<Utc>, DateTime<Utc>)| self.almanac.covers(from, to);
        if workspace.windows == self.almanac.windows() && spans(&workspace).all(holds) {
            return Self::with(workspace, running, Arc::clone(&self.almanac));
        }
        let covered = self.almanac.covered().to_vec();
        let almanac = Almanac::new(&workspace.windows, spans(&workspace).chain(covered));
        Self::with(workspace, running, Arc::new(almanac))
    }

    fn with(workspace: Arc<Workspace>, running: &RunningVersions, almanac: Arc<Almanac>) -> Self {
        let plan = Plan::new(&workspace);
        let kinship = Kinship::new(&workspace, &plan.services);
        let needs = Needs::new(&workspace, &plan, running);
        Self { workspace, almanac, plan, kinship, needs }
    }

    /// The workspace that it judges.
    pub fn workspace(&self) -> &Arc<Workspace> {
        &self.workspace
    }

    /// The windows and their occurrences.
    pub fn almanac(&self) -> &Almanac {
        &self.almanac
    }

    /// Windows that cannot be expanded: what they deny or allow is not known.
    pub fn unreadable(&self) -> &[Unreadable] {
        self.almanac.unreadable()
    }

    /// Everything that collides in the plan, sorted by start, code, release, stage and `with`.
    pub fn all(&self) -> Vec<Conflict> {
        let case = Case { checker: self, trial: None };
        let mut out = Vec::new();
        for crew in &self.plan.crews {
            self.check_release(&self.workspace.releases[crew.release as usize], &mut out);
        }
        for slot in self.plan.slots.iter().filter(|slot| self.needs.has_needs(&case.crew(slot.crew).services))
        {
            dependency_order::check(&case, slot, &mut out);
        }
        for (number, environment) in self.workspace.environments.iter().enumerate() {
            capacity::check(&case, environment, number as Name, None, &mut out);
        }
        pairs::sweep(&case, &mut out);
        sort(&mut out);
        out
    }

    /// What collides with one release as it stands in the plan: see [`Checker::what_if`].
    pub fn of(&self, release: &str) -> Vec<Conflict> {
        self.workspace.release(release).map(|release| self.what_if(release)).unwrap_or_default()
    }

    /// What would collide with one release if it were like this: the release of that id is
    /// replaced, or added where there is none. Told are the conflicts that name it, and those
    /// of others that need a version which it brings, or brought.
    pub fn what_if(&self, release: &Release) -> Vec<Conflict> {
        let mut case = self.without(release);
        if let Some(trial) = case.trial.as_mut().filter(|_| release.is_live()) {
            trial.slots.extend(self.plan.slots_of(release, trial.place));
        }
        let mut out = Vec::new();
        if release.is_live() {
            self.check_release(release, &mut out);
        }
        for own in case.slots_tried() {
            dependency_order::check(&case, own, &mut out);
            let others = self.plan.slots.iter().filter(|other| !case.is_tried(other.crew));
            for other in others.filter(|other| own.overlaps(other)) {
                pairs::judge(&case, own, other, &mut out);
            }
        }
        self.check_consumers(&case, &mut out);
        for (number, environment) in self.workspace.environments.iter().enumerate() {
            let number = number as Name;
            if let Some(trial) = &case.trial
                && trial.slots.iter().any(|slot| slot.environment == number)
            {
                capacity::check(&case, environment, number, Some(trial.place), &mut out);
            }
        }
        sort(&mut out);
        out
    }

    /// The conflicts of other releases that need a version which this one brings, if it were like
    /// this: a part of [`Checker::what_if`].
    pub fn waiting_for(&self, release: &Release) -> Vec<Conflict> {
        let mut case = self.without(release);
        if let Some(trial) = case.trial.as_mut().filter(|_| release.is_live()) {
            trial.slots.extend(self.plan.slots_of(release, trial.place));
        }
        let mut out = Vec::new();
        self.check_consumers(&case, &mut out);
        out
    }

    /// The plan with the stages of a release taken out.
    pub(super) fn without<'a>(&'a self, release: &'a Release) -> Case<'a> {
        let known = self.plan.crew_of(&release.id);
        let trial = Trial {
            release,
            place: known.unwrap_or(self.plan.crews.len() as u32),
            crew: self.plan.crew(release, u32::MAX),
            slots: Vec::new(),
        };
        Case { checker: self, trial: Some(trial) }
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Whether [`Checker::what_if`] of a release tells of a conflict.
    pub fn concerns(&self, conflict: &Conflict, release: &Release) -> bool {
        if conflict.names(&release.id) {
            return true;
        }
        let before = self.workspace.release(&release.id);
        let other =
            self.workspace.release(&conflict.release).and_then(|other| other.stages.get(conflict.stage));
        conflict.code == Code::DependencyOrder
            && [before, Some(release)].into_iter().flatten().any(|version| {
                version.services().any(|service| conflict.with.iter().any(|with| with == service))
            })
            && other.is_some_and(|other| {
                let mut stages = before.into_iter().chain([release]).flat_map(|version| &version.stages);
                stages.any(|stage| stage.environment == other.environment)
            })
    }

    /// The rules that look at a release alone.
    fn check_release(&self, release: &Release, out: &mut Vec<Conflict>) {
        for index in 0..release.stages.len() {
            freeze::check(&self.almanac, release, index, out);
            outside_window::check(&self.almanac, release, index, out);
            runway::check(&self.almanac, release, index, out);
        }
        promotion_order::check(&self.workspace, release, out);
    }

    /// Stages of others that need a version of what the release brings, or brought.
    fn check_consumers(&self, case: &Case<'_>, out: &mut Vec<Conflict>) {
        let Some(trial) = &case.trial else { return };
        let versions = || self.workspace.release(&trial.release.id).into_iter().chain([trial.release]);
        let services = versions().flat_map(Release::services);
        let providers: Vec<Name> = services.filter_map(|it| self.plan.services.get(it)).collect();
        let stages = versions().flat_map(|version| &version.stages);
        let environments: Vec<Name> =
            stages.filter_map(|stage| self.plan.environments.get(&stage.environment)).collect();
        for other in &self.plan.slots {
            let services = &case.crew(other.crew).services;
            if environments.contains(&other.environment)
                && !case.is_tried(other.crew)
                && self.needs.has_need_of(services, &providers)
            {
                let mut found = Vec::new();
                dependency_order::check(case, other, &mut found);
                found.retain(|conflict| self.concerns(conflict, trial.release));
                out.append(&mut found);
            }
        }
    }
}

/// A release as it would be.
#[derive(Debug)]
pub(super) struct Trial<'a> {
    /// The release.
    pub release: &'a Release,
    /// The place of its crew, a new one where it is new.
    pub place: u32,
    /// What the rules compare of it.
    pub crew: Crew,
    /// Its stages, in file order.
    pub slots: Vec<Slot>,
}

/// A plan, and the release that is tried in it.
#[derive(Debug)]
pub(super) struct Case<'a> {
    checker: &'a Checker,
    trial: Option<Trial<'a>>,
}

impl<'a> Case<'a> {
    /// The plan.
    pub fn plan(&self) -> &'a Plan {
        &self.checker.plan
    }

    /// The workspace.
    pub fn workspace(&self) -> &'a Workspace {
        &self.checker.workspace
    }

    /// Who needs whom.
    pub fn kinship(&self) -> &'a Kinship {
        &self.checker.kinship
    }

    /// Who needs which version.
    pub fn needs(&self) -> &'a Needs {
        &self.checker.needs
    }

    /// The release that is tried.
    pub fn trial(&self) -> Option<&Trial<'a>> {
        self.trial.as_ref()
    }

    /// Whether a crew is the one that is tried.
    pub fn is_tried(&self, crew: u32) -> bool {
        self.trial.as_ref().is_some_and(|trial| trial.place == crew)
    }

    /// What the rules compare of a release.
    pub fn crew(&self, place: u32) -> &Crew {
        match &self.trial {
            Some(trial) if trial.place == place => &trial.crew,
            _ => &self.checker.plan.crews[place as usize],
        }
    }

    /// The release of a crew.
    pub fn release(&self, place: u32) -> &'a Release {
        match &self.trial {
            Some(trial) if trial.place == place => trial.release,
            _ => &self.checker.workspace.releases[self.checker.plan.crews[place as usize].release as usize],
        }
    }

    fn slots_tried(&self) -> &[Slot] {
        self.trial.as_ref().map(|trial| trial.slots.as_slice()).unwrap_or_default()
    }

    /// The stages in an environment by start, the tried ones in place of the planned.
    pub fn slots_in(&self, environment: Name) -> Vec<Slot> {
        let planned = self.plan().in_environment(environment).filter(|slot| !self.is_tried(slot.crew));
        let tried = self.slots_tried().iter().filter(|slot| slot.environment == environment);
        let mut slots: Vec<Slot> = planned.chain(tried).copied().collect();
        // Sorted already but for the tried ones: the sort finds the runs.
        slots.sort_by_key(|slot| (slot.start, slot.crew, slot.stage));
        slots
    }
}

/// What must be known of the windows: each stage with its soak, and where they open next.
fn spans(workspace: &Workspace) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> {
    let live = workspace.releases.iter().filter(|release| release.is_live());
    live.flat_map(|release| &release.stages).map(|stage| {
        let soak = stage.soak.unwrap_or_else(TimeDelta::zero);
        (stage.start, stage.end.checked_add_signed(soak.max(NEXT)).unwrap_or(stage.end))
    })
}
