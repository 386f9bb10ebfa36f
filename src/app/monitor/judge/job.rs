//! The work of judging, beside the loop.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Judged, metrics};
use crate::app::monitor::rollouts::Key;
use crate::app::remotes::{Remotes, value_of};
use crate::domain::analysis::memory::Memory;
use crate::domain::analysis::plan::{self, Known};
use crate::domain::analysis::subject::{Subject, subjects};
use crate::domain::analysis::{self, Assessment, Evidence};
use crate::domain::health::Told;
use crate::domain::{Face, Now, Question, Workspace};

/// Rollouts to judge, with all that is known of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its number.
    pub number: u64,
    pub(super) workspace: Arc<Workspace>,
    pub(super) targets: Vec<Target>,
    /// The answers that the judgement is made from.
    pub(super) remotes: Remotes,
    pub(super) now: Now,
    pub(super) as_of: DateTime<Utc>,
    pub(super) memory: Memory,
}

/// A rollout to judge.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Target {
    pub key: Key,
    /// The question for what ran, from which its beginning is read.
    pub history: Question,
    pub release: Option<String>,
    pub health: Vec<Told>,
}

/// What became of a [`Job`].
#[derive(Debug, Clone, PartialEq)]
pub struct Verdicts {
    pub(super) judged: BTreeMap<Key, Judged>,
    pub(super) memory: Memory,
}

impl Job {
    /// Judges. It takes its time: not for the loop.
    pub fn run(mut self) -> Verdicts {
        let mut judged = BTreeMap::new();
        self.memory.begin_round();
        for target in std::mem::take(&mut self.targets) {
            let Some(subject) = self.subject(&target) else { continue };
            // What was brought back is not what the checks see.
            let health = if subject.phase.is_back() { &[][..] } else { &target.health };
            let assessment = self.assess(&subject, health);
            let questions = plan::questions(&subject, metrics(&self.workspace, &subject.service)).into();
            judged.insert(target.key, Judged { subject, assessment, questions });
        }
        Verdicts { judged, memory: self.memory }
    }

    /// The rollout as the judgement takes it; `None`: what ran is not known, or another rollout took
    /// its place.
    fn subject(&self, target: &Target) -> Option<Subject> {
        let face = self.remotes.history(&target.history, self.now);
        let Key { environment, region, service, to } = &target.key;
        let found = subjects(value_of(&face)?, service, environment, self.as_of);
        let mut found = found.into_iter().find(|subject| subject.region == *region && subject.to == *to)?;
        if !matches!(face, Face::Fresh(_)) {
            found.doubt = Some("what runs was not told lately".to_owned());
        }
        match target.release.as_ref().and_then(|id| self.workspace.release(id)) {
            Some(release) => Some(found.planned(release)),
            None => Some(found),
        }
    }

    fn assess(&mut self, subject: &Subject, health: &[Told]) -> Assessment {
        let Self { workspace, remotes, now, as_of, memory, .. } = self;
        let known = |question: &Question| {
            let since = remotes.get(question).and_then(crate::domain::Remote::since);
            let age = since.map(|at| now.mono.saturating_sub(at.mono));
            let age = age.and_then(|age| TimeDelta::from_std(age).ok());
            Known::of(&remotes.series(question, *now), age)
        };
        let metrics = metrics(workspace, &subject.service);
        analysis::assess(&Evidence { subject, metrics, health, known: &known, now: *as_of }, memory)
    }
}
