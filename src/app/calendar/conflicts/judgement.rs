//! A plan that was judged as a whole: what collides, and where to look it up. Made on another
//! thread; shared, never changed.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::domain::conflicts::{Checker, Code, Conflict, RunningVersions, Severity};
use crate::domain::{Release, Workspace};

/// A plan to judge.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its number: the latest counts.
    pub number: u64,
    /// The plan.
    pub workspace: Arc<Workspace>,
    /// What runs where; what is not here is not known.
    pub running: Arc<RunningVersions>,
    /// What was judged before: what did not change is not done again.
    pub before: Option<Judgement>,
    /// Where releases will be moved to.
    pub ahead: (DateTime<Utc>, DateTime<Utc>),
}

/// A judged plan. Two are the same when they are one.
#[derive(Clone)]
pub struct Judgement(Arc<Judged>);

struct Judged {
    checker: Checker,
    running: Arc<RunningVersions>,
    all: Vec<Conflict>,
    /// Places in `all`, by release and stage.
    by_stage: HashMap<String, Vec<(usize, usize)>>,
}

impl std::fmt::Debug for Judgement {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Judgement({} conflicts)", self.0.all.len())
    }
}

impl PartialEq for Judgement {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Judgement {
    /// Judges a plan. Takes its time with thousands of stages: not for the thread that draws.
    pub fn of(job: &Job) -> Self {
        let workspace = Arc::clone(&job.workspace);
        let checker = match &job.before {
            Some(before) => before.0.checker.renewed(workspace, &job.running),
            None => Checker::new(workspace, &job.running, Some(job.ahead)),
        };
        let all = checker.all();
        let mut by_stage: HashMap<String, Vec<(usize, usize)>> = HashMap::new();
        for (place, conflict) in all.iter().enumerate() {
            for (release, stage) in touched(conflict, checker.workspace(), None) {
                by_stage.entry(release.to_owned()).or_default().push((stage, place));
            }
        }
        Self(Arc::new(Judged { checker, running: Arc::clone(&job.running), all, by_stage }))
    }

    /// For what would be.
    pub fn checker(&self) -> &Checker {
        &self.0.checker
    }

    /// The plan that was judged.
    pub fn workspace(&self) -> &Arc<Workspace> {
        self.0.checker.workspace()
    }

    /// What ran where when it was judged.
    pub fn running(&self) -> &Arc<RunningVersions> {
        &self.0.running
    }

    /// Everything that collides, by start.
    pub fn all(&self) -> &[Conflict] {
        &self.0.all
    }

    /// What a stage has a part in.
    pub fn of_stage(&self, release: &str, stage: usize) -> impl Iterator<Item = &Conflict> {
        let found = self.0.by_stage.get(release).map(Vec::as_slice).unwrap_or_default();
        let of_stage = found.iter().filter(move |(at, _)| *at == stage);
        of_stage.filter_map(|(_, place)| self.0.all.get(*place))
    }
}

/// The stages that have a part in a conflict. `tried` stands for the release of its id.
pub fn touched<'a>(
    conflict: &'a Conflict,
    workspace: &'a Workspace,
    tried: Option<&'a Release>,
) -> Vec<(&'a str, usize)> {
    let mut touched = vec![(conflict.release.as_str(), conflict.stage)];
    if !conflict.code.is_between_releases() {
        return touched;
    }
    let release = |id: &str| match tried {
        Some(tried) if tried.id == id => Some(tried),
        _ => workspace.release(id),
    };
    if let (Some(stage), [with]) = (conflict.with_stage, conflict.with.as_slice()) {
        touched.push((with, stage));
        return touched;
    }
    // A crowd: every stage that is part of it.
    let environment = release(&conflict.release)
        .and_then(|release| release.stages.get(conflict.stage))
        .map(|stage| stage.environment.as_str());
    for id in std::iter::once(&conflict.release).chain(&conflict.with) {
        let stages = release(id).map(|release| release.stages.as_slice()).unwrap_or_default();
        let part = stages.iter().enumerate().filter(|(_, stage)| {
            Some(stage.environment.as_str()) == environment && stage.touches(conflict.start, conflict.end)
        });
        touched.extend(part.map(|(index, _)| (id.as_str(), index)));
    }
    touched.sort_unstable();
    touched.dedup();
    touched
}

/// The worst of some conflicts; `None`: there are none.
pub fn worst<'a>(conflicts: impl IntoIterator<Item = &'a Conflict>) -> Option<Severity> {
    let mut worst = None;
    for conflict in conflicts {
        match conflict.severity() {
            Severity::Block => return Some(Severity::Block),
            Severity::Warn => worst = Some(Severity::Warn),
        }
    }
    worst
}

/// How many block and how many warn.
pub fn counts<'a>(conflicts: impl IntoIterator<Item = &'a Conflict>) -> (usize, usize) {
    conflicts.into_iter().fold((0, 0), |(blocks, warnings), conflict| match conflict.severity() {
        Severity::Block => (blocks + 1, warnings),
        Severity::Warn => (blocks, warnings + 1),
    })
}

/// `2 blocks`, `1 block, 1 warning`; `None`: nothing.
pub fn counted((blocks, warnings): (usize, usize)) -> Option<String> {
    let of = |count: usize, word: &str| match count {
        0 => None,
        1 => Some(format!("1 {word}")),
        count => Some(format!("{count} {word}s")),
    };
    let parts: Vec<String> = [of(blocks, "block"), of(warnings, "warning")].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Whether two conflicts are the same one, at whatever time.
pub fn is_same(one: &Conflict, other: &Conflict) -> bool {
    let key = |it: &Conflict| -> (Code, String, usize, Vec<String>, Option<usize>) {
        (it.code, it.release.clone(), it.stage, it.with.clone(), it.with_stage)
    };
    key(one) == key(other)
}
