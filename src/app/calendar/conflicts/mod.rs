//! Conflicts as the calendar shows them: the whole plan judged on another thread whenever it
//! changes, and what would be while a stage is in the hand, at every step.

mod judgement;
mod list;
mod telling;
mod trial;

use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::app::{Effect, Panel, State};
use crate::domain::conflicts::{Conflict, RunningVersions, Severity, environments_to_ask};
use crate::domain::{Face, Question, Release, Workspace};

pub use judgement::{Job, Judgement, counted, counts, worst};
pub use list::{List, entries, in_list, open};
pub use telling::{Weighed, rows, told_of, weigh, without_subject};
pub use trial::{Trial, restart, try_out};

/// How far back and ahead of now windows are made ready for what is moved there.
const AHEAD: (TimeDelta, TimeDelta) = (TimeDelta::days(7), TimeDelta::days(120));

/// What is known of conflicts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Conflicts {
    /// The last judgement that came; what it judged may be older than what is shown.
    judgement: Option<Judgement>,
    /// The judgement that is on its way.
    pending: Option<u64>,
    /// The plan that was given away to be judged last.
    asked: Option<Arc<Workspace>>,
    number: u64,
    /// Why the last one did not come, and of which plan.
    failed: Option<(String, Arc<Workspace>)>,
    /// The environments of which must be known what runs there.
    environments: Vec<String>,
    /// What the windows say of the selected stage.
    weighed: Option<Weighed>,
    /// What would be while a stage is moved.
    pub trial: Option<Trial>,
}

/// How well conflicts are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The plan on screen was judged.
    Judged,
    /// What was judged is older than what is on screen; it is being judged anew.
    Behind,
    /// Nothing was judged yet.
    Unknown,
}

impl Standing {
    /// The word used in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Judged => "judged",
            Self::Behind => "behind",
            Self::Unknown => "unknown",
        }
    }
}

impl Conflicts {
    /// The last judgement that came.
    pub fn judgement(&self) -> Option<&Judgement> {
        self.judgement.as_ref()
    }

    /// Why the last judgement did not come.
    pub fn failed(&self) -> Option<&str> {
        self.failed.as_ref().map(|(why, _)| why.as_str())
    }
}

/// The workspace was read anew.
pub fn reconcile(state: &mut State) {
    state.calendar.conflicts.environments =
        environments_to_ask(&state.workspace).into_iter().map(str::to_owned).collect();
    trial::restart(state);
}

/// What must be asked for conflicts to be known.
pub fn wanted(state: &State) -> impl Iterator<Item = Question> {
    let environments = state.calendar.conflicts.environments.iter();
    environments.map(|environment| Question::Running { environment: environment.clone() })
}

/// Has the plan judged where it changed since it was. One at a time: what changes meanwhile is
/// judged after it.
pub fn judge(state: &mut State) -> Vec<Effect> {
    let conflicts = &state.calendar.conflicts;
    if conflicts.pending.is_some() {
        return Vec::new();
    }
    // An empty plan collides with nothing; what is typed into it may.
    let is_empty = state.workspace.releases.is_empty() && conflicts.judgement.is_none();
    if is_empty && !crate::app::form::is_about_release(state) {
        return Vec::new();
    }
    let is_same_plan = conflicts
        .judgement
        .as_ref()
        .is_some_and(|judgement| Arc::ptr_eq(judgement.workspace(), &state.workspace));
    // What runs is only asked while somebody looks.
    if is_same_plan && (!is_looked_at(state) || knows_what_runs(state)) {
        return Vec::new();
    }
    // What failed once fails again: until the plan changes it is not tried anew.
    if conflicts.failed.as_ref().is_some_and(|(_, plan)| Arc::ptr_eq(plan, &state.workspace)) {
        return Vec::new();
    }
    let running = Arc::new(running(state));
    let now = state.now.wall;
    let conflicts = &mut state.calendar.conflicts;
    conflicts.number += 1;
    conflicts.pending = Some(conflicts.number);
    conflicts.asked = Some(Arc::clone(&state.workspace));
    let job = Job {
        number: conflicts.number,
        workspace: Arc::clone(&state.workspace),
        running,
        before: conflicts.judgement.clone(),
        ahead: (now - AHEAD.0, now + AHEAD.1),
    };
    vec![Effect::Judge(Box::new(job))]
}

/// A plan was judged, or could not be.
pub fn judged(state: &mut State, number: u64, result: Result<Judgement, String>) {
    let conflicts = &mut state.calendar.conflicts;
    if conflicts.pending != Some(number) {
        return;
    }
    conflicts.pending = None;
    match result {
        Ok(judgement) => {
            conflicts.judgement = Some(judgement);
            conflicts.failed = None;
        }
        Err(why) => conflicts.failed = Some((why, conflicts.asked.clone().unwrap_or_default())),
    }
    trial::restart(state);
}

/// How well conflicts are known.
pub fn standing(state: &State) -> Standing {
    match &state.calendar.conflicts.judgement {
        None => Standing::Unknown,
        Some(judgement) if Arc::ptr_eq(judgement.workspace(), &state.workspace) => Standing::Judged,
        Some(_) => Standing::Behind,
    }
}

/// What keeps conflicts from being known, each in a sentence: windows that do not read,
/// environments that do not say what runs there.
pub fn unknowns(state: &State) -> Vec<String> {
    let conflicts = &state.calendar.conflicts;
    let mut unknowns: Vec<String> = conflicts.failed().into_iter().map(str::to_owned).collect();
    if let Some(judgement) = &conflicts.judgement {
        let unreadable = judgement.checker().unreadable().iter();
        unknowns.extend(unreadable.map(|it| format!("window {}: {}", it.window, it.error)));
    }
    for environment in &conflicts.environments {
        let why = match state.remotes.running(environment, state.now) {
            Face::Fresh(_) | Face::NotAsked | Face::Loading => continue,
            Face::Stale { .. } => "the last answer is too old",
            Face::Failed(trouble) => trouble.failure.kind.word(),
        };
        unknowns.push(format!("what runs in {environment} is not known: {why}"));
    }
    unknowns
}

/// What keeps it from being known what one release would collide with, each in a sentence: windows
/// that do not read, and its environments that the plan was judged without knowing what runs there.
pub fn unknown_of(state: &State, release: &Release) -> Vec<String> {
    let conflicts = &state.calendar.conflicts;
    let mut unknowns: Vec<String> = conflicts.failed().into_iter().map(str::to_owned).collect();
    let Some(judgement) = &conflicts.judgement else { return unknowns };
    let unreadable = judgement.checker().unreadable().iter();
    unknowns.extend(unreadable.map(|it| format!("window {}: {}", it.window, it.error)));
    let is_its = |environment: &&String| release.stages.iter().any(|it| it.environment == **environment);
    for environment in conflicts.environments.iter().filter(is_its) {
        if judgement.running().contains_key(environment) {
            continue;
        }
        let why = match state.remotes.running(environment, state.now) {
            Face::Fresh(_) | Face::NotAsked | Face::Loading => "no answer yet",
            Face::Stale { .. } => "the last answer is too old",
            Face::Failed(trouble) => trouble.failure.kind.word(),
        };
        unknowns.push(format!("what runs in {environment} is not known: {why}"));
    }
    unknowns
}

/// Whether somebody looks at what collides: the calendar is on screen, or a release is typed.
fn is_looked_at(state: &State) -> bool {
    state.panel == Panel::Calendar || crate::app::form::is_about_release(state)
}

/// The environments that were asked what runs there and have not answered yet.
pub fn awaited(state: &State) -> Vec<&str> {
    let environments = state.calendar.conflicts.environments.iter().map(String::as_str);
    let is_awaited =
        |it: &&str| matches!(state.remotes.running(it, state.now), Face::NotAsked | Face::Loading);
    environments.filter(is_awaited).collect()
}

/// What a release would collide with if it were like this; `None`: not known yet.
pub fn would_collide(state: &State, release: &Release) -> Option<Vec<Conflict>> {
    Some(state.calendar.conflicts.judgement.as_ref()?.checker().what_if(release))
}

/// The worst that a stage of the plan has a part in, as it would be while one is moved.
pub fn severity(state: &State, release: &str, stage: usize) -> Option<Severity> {
    let conflicts = &state.calendar.conflicts;
    let found = conflicts.judgement.as_ref()?.of_stage(release, stage);
    match &conflicts.trial {
        None => worst(found),
        Some(trial) => {
            let stays = found.filter(|conflict| !trial.replaces(conflict));
            let tried = if trial.release.id == release { None } else { trial.touching(release, stage) };
            worst(stays).max_severity(tried)
        }
    }
}

/// What a move that is put down collides with there, in a few words; `None`: nothing that is known.
pub fn put_down_into(state: &State) -> Option<String> {
    let trial = state.calendar.conflicts.trial.as_ref()?;
    let found = counted(counts(&trial.after))?;
    let first = trial.after.iter().min_by_key(|conflict| conflict.severity())?;
    let with = first.with.join(", ");
    let sign = if first.severity() == Severity::Block { "✖" } else { "▲" };
    Some(format!("{sign} {found} there: {} {with}", first.code.word()).trim_end().to_owned())
}

/// The worse of two.
trait MaxSeverity {
    fn max_severity(self, other: Self) -> Self;
}

impl MaxSeverity for Option<Severity> {
    fn max_severity(self, other: Self) -> Self {
        match (self, other) {
            (Some(Severity::Block), _) | (_, Some(Severity::Block)) => Some(Severity::Block),
            (one, other) => one.or(other),
        }
    }
}

/// The conflicts that meet what is on screen.
pub fn on_screen(state: &State) -> impl Iterator<Item = &Conflict> {
    let (from, to) = super::period(state);
    let all = state.calendar.conflicts.judgement.as_ref().map(Judgement::all).unwrap_or_default();
    let begun = all.partition_point(|conflict| conflict.start < to);
    all[..begun].iter().filter(move |conflict| conflict.touches(from, to))
}

/// As JSON: those that meet what is on screen.
pub fn snapshot(state: &State) -> Value {
    json!({
        "standing": standing(state).word(),
        "unknown": unknowns(state),
        "awaited": awaited(state),
        "found": on_screen(state).map(document).collect::<Vec<_>>(),
    })
}

/// A conflict as `tminus conflicts` has it.
pub fn document(conflict: &Conflict) -> Value {
    let time = |at: chrono::DateTime<chrono::Utc>| at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
    json!({
        "code": conflict.code, "severity": conflict.severity(), "release": conflict.release,
        "stage": conflict.stage, "with": conflict.with, "start": time(conflict.start),
        "end": time(conflict.end), "message": conflict.message, "way_out": conflict.way_out,
    })
}

/// What is known to run, by environment; what is stale is not known.
fn running(state: &State) -> RunningVersions {
    let fresh = |environment: &String| match state.remotes.running(environment, state.now) {
        Face::Fresh(running) => Some((environment.clone(), running.clone())),
        _ => None,
    };
    state.calendar.conflicts.environments.iter().filter_map(fresh).collect()
}

/// Whether the last judgement knew what is known now.
fn knows_what_runs(state: &State) -> bool {
    let Some(judgement) = &state.calendar.conflicts.judgement else { return false };
    state.calendar.conflicts.environments.iter().all(|environment| {
        let now = match state.remotes.running(environment, state.now) {
            Face::Fresh(running) => Some(running),
            _ => None,
        };
        judgement.running().get(environment) == now
    })
}

#[cfg(test)]
mod tests;
