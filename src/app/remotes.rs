//! Everything asked of the outside, with its answer, age and trouble.

use std::collections::BTreeMap;

use crate::domain::alerts::History;
use crate::domain::health::Outcome;
use crate::domain::question::{
    Alerts, Burned, Changes, Identity, Running, RunningHistory, Series, Silence, Tag, TrackerVersion,
};
use crate::domain::{Answer, Face, Failure, Now, Question, Remote};

use super::polling;

/// Answers by question.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Remotes {
    answers: BTreeMap<Question, Remote<Answer>>,
    generation: u64,
}

impl Remotes {
    /// Notes that a question is asked now, and answers with its generation.
    pub fn ask(&mut self, question: &Question, now: Now) -> u64 {
        self.generation += 1;
        self.answers.entry(question.clone()).or_default().ask(self.generation, now);
        self.generation
    }

    /// Takes an answer; `false` when it came too late to count.
    pub fn answer(
        &mut self,
        question: &Question,
        generation: u64,
        now: Now,
        result: Result<Answer, Failure>,
    ) -> bool {
        match self.answers.get_mut(question) {
            Some(remote) => remote.answer(generation, now, result),
            None => false,
        }
    }

    /// What is known of a question.
    pub fn get(&self, question: &Question) -> Option<&Remote<Answer>> {
        self.answers.get(question)
    }

    /// The last good answer to a question, however old.
    pub fn last(&self, question: &Question) -> Option<&Answer> {
        self.answers.get(question)?.last()
    }

    /// Every question with what is known of it.
    pub fn iter(&self) -> impl Iterator<Item = (&Question, &Remote<Answer>)> {
        self.answers.iter()
    }

    /// What is known of some questions, to be looked at elsewhere.
    #[must_use]
    pub fn only(&self, is_needed: impl Fn(&Question) -> bool) -> Self {
        let some = self.answers.iter().filter(|(question, _)| is_needed(question));
        let answers = some.map(|(question, remote)| (question.clone(), remote.clone())).collect();
        Self { answers, generation: self.generation }
    }

    /// Forgets the answers that `keep` does not want.
    pub fn retain(&mut self, mut keep: impl FnMut(&Question, &Remote<Answer>) -> bool) {
        self.answers.retain(|question, remote| keep(question, remote));
    }

    /// How an answer looks now; fresh for as long as [`polling::fresh_for`] its question says.
    pub fn face(&self, question: &Question, now: Now) -> Face<'_, Answer> {
        self.answers
            .get(question)
            .map_or(Face::NotAsked, |remote| remote.face(now, polling::fresh_for(question)))
    }

    /// The version tags of a service.
    pub fn tags(&self, service: &str, now: Now) -> Face<'_, Vec<Tag>> {
        let question = Question::Tags { service: service.to_owned() };
        narrow(self.face(&question, now), |answer| match answer {
            Answer::Tags(tags) => Some(tags),
            _ => None,
        })
    }

    /// What runs in an environment.
    pub fn running(&self, environment: &str, now: Now) -> Face<'_, Running> {
        let question = Question::Running { environment: environment.to_owned() };
        narrow(self.face(&question, now), |answer| match answer {
            Answer::Running(running) => Some(running),
            _ => None,
        })
    }

    /// What ran in an environment over a span.
    pub fn history(&self, question: &Question, now: Now) -> Face<'_, RunningHistory> {
        narrow(self.face(question, now), |answer| match answer {
            Answer::RunningHistory(history) => Some(history),
            _ => None,
        })
    }

    /// What lies between two versions.
    pub fn changes(&self, question: &Question, now: Now) -> Face<'_, Changes> {
        narrow(self.face(question, now), |answer| match answer {
            Answer::Changes(changes) => Some(changes),
            _ => None,
        })
    }

    /// A metric's series.
    pub fn series(&self, question: &Question, now: Now) -> Face<'_, Series> {
        narrow(self.face(question, now), |answer| match answer {
            Answer::Metric(series) => Some(series),
            _ => None,
        })
    }

    /// Events of an objective.
    pub fn burned(&self, question: &Question, now: Now) -> Face<'_, Burned> {
        narrow(self.face(question, now), |answer| match answer {
            Answer::Burned(burned) => Some(burned),
            _ => None,
        })
    }

    /// What came of a health check.
    pub fn health(&self, question: &Question, now: Now) -> Face<'_, Outcome> {
        narrow(self.face(question, now), |answer| match answer {
            Answer::Health(outcome) => Some(outcome),
            _ => None,
        })
    }

    /// Alerts of a backend.
    pub fn alerts(&self, backend: &str, now: Now) -> Face<'_, Alerts> {
        let question = Question::Alerts { backend: backend.to_owned() };
        narrow(self.face(&question, now), |answer| match answer {
            Answer::Alerts(alerts) => Some(alerts),
            _ => None,
        })
    }

    /// Alerts of the past.
    pub fn alert_history(&self, question: &Question, now: Now) -> Face<'_, History> {
        narrow(self.face(question, now), |answer| match answer {
            Answer::AlertHistory(history) => Some(history),
            _ => None,
        })
    }

    /// Silences of a backend.
    pub fn silences(&self, backend: &str, now: Now) -> Face<'_, Vec<Silence>> {
        let question = Question::Silences { backend: backend.to_owned() };
        narrow(self.face(&question, now), |answer| match answer {
            Answer::Silences(silences) => Some(silences),
            _ => None,
        })
    }

    /// A release's version in the tracker.
    pub fn tracker(&self, release: &str, now: Now) -> Face<'_, TrackerVersion> {
        let question = Question::Tracker { release: release.to_owned() };
        narrow(self.face(&question, now), |answer| match answer {
            Answer::Tracker(version) => Some(version),
            _ => None,
        })
    }

    /// Who a backend is.
    pub fn identity(&self, backend: &str, now: Now) -> Face<'_, Identity> {
        let question = Question::Identity { backend: backend.to_owned() };
        narrow(self.face(&question, now), |answer| match answer {
            Answer::Identity(identity) => Some(identity),
            _ => None,
        })
    }
}

/// A face of the part of an answer that a question can only have. An answer of another kind
/// would be a bug of a backend; it counts as nothing asked.
fn narrow<'a, T>(face: Face<'a, Answer>, pick: impl Fn(&'a Answer) -> Option<&'a T>) -> Face<'a, T> {
    match face {
        Face::NotAsked => Face::NotAsked,
        Face::Loading => Face::Loading,
        Face::Failed(trouble) => Face::Failed(trouble),
        Face::Fresh(answer) => pick(answer).map_or(Face::NotAsked, Face::Fresh),
        Face::Stale { value, age, trouble } => {
            pick(value).map_or(Face::NotAsked, |value| Face::Stale { value, age, trouble })
        }
    }
}

/// The value of a face, however old.
pub fn value_of<'a, T>(face: &Face<'a, T>) -> Option<&'a T> {
    match face {
        Face::Fresh(value) | Face::Stale { value, .. } => Some(value),
        _ => None,
    }
}
