//! What a row of a list says of a rollout's verdict.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{as_of, of};
use crate::app::State as Cockpit;
use crate::app::monitor::rollouts::Seen;
use crate::domain::judge::Verdict;

/// A verdict older than this is one of the past.
const OLD: TimeDelta = TimeDelta::seconds(90);

/// What a row says of a rollout's verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// It was judged lately.
    Judged(Verdict),
    /// It was judged, and no more since.
    Old,
    /// It was not judged yet, or there are too many to judge all of them.
    NotYet,
    /// There is nothing to judge it by.
    Nothing,
}

impl Word {
    /// In one word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Judged(verdict) => verdict.word(),
            Self::Old => "stale",
            Self::NotYet => "not judged",
            Self::Nothing => "no metrics",
        }
    }

    /// What counts more, the larger the worse: what is not known is worse than what is good.
    fn weight(self) -> u8 {
        match self {
            Self::Judged(Verdict::Healthy) => 0,
            Self::Nothing | Self::NotYet | Self::Old => 1,
            Self::Judged(Verdict::Inconclusive) => 2,
            Self::Judged(Verdict::Marginal) => 3,
            Self::Judged(Verdict::Failing) => 4,
        }
    }

    /// The worst of several; `None`: there is none.
    pub fn worst(words: impl IntoIterator<Item = Self>) -> Option<Self> {
        words.into_iter().max_by_key(|word| word.weight())
    }
}

/// The verdict on a rollout, as a row says it.
pub fn word(state: &Cockpit, seen: &Seen) -> Word {
    let service = state.workspace.service(&seen.key.service);
    if service.is_none_or(|service| service.judged().is_empty() && service.health.is_empty()) {
        return Word::Nothing;
    }
    match of(state, &seen.key) {
        None => Word::NotYet,
        Some(judged) if as_of(state) - judged.assessment.now > OLD => Word::Old,
        Some(judged) => Word::Judged(judged.assessment.verdict),
    }
}

/// The verdict on a rollout as JSON, beside it in every list.
pub fn row(state: &Cockpit, seen: &Seen) -> Value {
    let judged = of(state, &seen.key);
    json!({
        "word": word(state, seen).word(),
        "verdict": judged.map(|judged| judged.assessment.verdict),
        "fresh": judged.map(|judged| !judged.is_doubted()),
        "as_of": judged.map(|judged| judged.assessment.now),
        "why": judged.map(|judged| &judged.assessment.why),
    })
}
