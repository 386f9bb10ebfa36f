//! What came from outside: its value, its age, and what went wrong since.

use std::sync::Arc;
use std::time::Duration;

use super::{Failure, Now};

/// A value from outside. The last good value is kept through an outage, with its age; a load
/// carries a generation, and only the latest counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Remote<T> {
    /// Shared by its copies: an answer can be large.
    value: Option<(Arc<T>, Now)>,
    failure: Option<Trouble>,
    asked: Option<(u64, Now)>,
}

/// A failure that lasts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The latest failure.
    pub failure: Failure,
    /// When the first of this series came.
    pub since: Now,
    /// When the latest came.
    pub at: Now,
    /// How many in a row.
    pub count: u32,
}

/// How a remote value looks at an instant.
#[derive(Debug, Clone, PartialEq)]
pub enum Face<'a, T> {
    /// Nobody asked for it yet.
    NotAsked,
    /// The first answer is on its way.
    Loading,
    /// A good answer, young enough.
    Fresh(&'a T),
    /// The last good answer, too old to count as good; and why there is no younger one.
    Stale {
        /// The last good value.
        value: &'a T,
        /// How old it is.
        age: Duration,
        /// Why, if a failure is the reason.
        trouble: Option<&'a Trouble>,
    },
    /// There never was a good answer.
    Failed(&'a Trouble),
}

impl<T> Default for Remote<T> {
    fn default() -> Self {
        Self { value: None, failure: None, asked: None }
    }
}

impl<T> Remote<T> {
    /// Notes that it was asked for, under this generation.
    pub fn ask(&mut self, generation: u64, now: Now) {
        self.asked = Some((generation, now));
    }

    /// Takes an answer. An answer of an older generation is dropped: `false`.
    pub fn answer(&mut self, generation: u64, now: Now, result: Result<T, Failure>) -> bool {
        if self.asked.is_none_or(|(asked, _)| asked != generation) {
            return false;
        }
        self.asked = None;
        match result {
            Ok(value) => {
                self.value = Some((Arc::new(value), now));
                self.failure = None;
            }
            Err(failure) if failure.kind == super::FailureKind::Cancelled => {}
            Err(failure) => {
                let (since, count) = self.failure.as_ref().map_or((now, 0), |old| (old.since, old.count));
                self.failure = Some(Trouble { failure, since, at: now, count: count + 1 });
            }
        }
        true
    }

    /// How it looks now, where a value older than `fresh_for` is stale.
    pub fn face(&self, now: Now, fresh_for: Duration) -> Face<'_, T> {
        match (&self.value, &self.failure) {
            (Some((value, at)), trouble) => {
                let age = now.mono.saturating_sub(at.mono);
                if age <= fresh_for {
                    Face::Fresh(value)
                } else {
                    Face::Stale { value, age, trouble: trouble.as_ref() }
                }
            }
            (None, Some(trouble)) => Face::Failed(trouble),
            (None, None) if self.asked.is_some() => Face::Loading,
            (None, None) => Face::NotAsked,
        }
    }

    /// The last good value, however old.
    pub fn last(&self) -> Option<&T> {
        self.value.as_ref().map(|(value, _)| &**value)
    }

    /// When the last good value came.
    pub fn since(&self) -> Option<Now> {
        self.value.as_ref().map(|(_, at)| *at)
    }

    /// What went wrong since the last good value.
    pub fn trouble(&self) -> Option<&Trouble> {
        self.failure.as_ref()
    }

    /// The generation that is on its way, and since when.
    pub fn pending(&self) -> Option<(u64, Now)> {
        self.asked
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::super::FailureKind;
    use super::*;

    fn at(seconds: u64) -> Now {
        Now {
            wall: DateTime::UNIX_EPOCH + TimeDelta::seconds(i64::try_from(seconds).unwrap()),
            mono: Duration::from_secs(seconds),
        }
    }

    fn down() -> Failure {
        Failure::new(FailureKind::Unreachable, "no route", "plug it in")
    }

    #[test]
    fn an_old_answer_is_dropped() {
        let mut remote = Remote::default();
        remote.ask(1, at(0));
        remote.ask(2, at(1));
        assert!(!remote.answer(1, at(2), Ok("old")));
        assert!(remote.answer(2, at(2), Ok("new")));
        assert_eq!(remote.last(), Some(&"new"));
    }

    #[test]
    fn the_last_good_value_survives_an_outage_and_grows_stale() {
        let mut remote = Remote::default();
        assert_eq!(remote.face(at(0), Duration::from_secs(10)), Face::NotAsked);
        remote.ask(1, at(0));
        assert_eq!(remote.face(at(0), Duration::from_secs(10)), Face::Loading);
        remote.answer(1, at(0), Ok(7));
        remote.ask(2, at(5));
        remote.answer(2, at(5), Err(down()));
        assert_eq!(remote.face(at(10), Duration::from_secs(10)), Face::Fresh(&7));
        let face = remote.face(at(11), Duration::from_secs(10));
        assert!(matches!(face, Face::Stale { value: &7, trouble: Some(Trouble { count: 1, .. }), .. }));
    }

    #[test]
    fn failures_in_a_row_keep_their_beginning() {
        let mut remote: Remote<()> = Remote::default();
        for (generation, second) in [(1, 3), (2, 6), (3, 9)] {
            remote.ask(generation, at(second));
            remote.answer(generation, at(second), Err(down()));
        }
        let Face::Failed(trouble) = remote.face(at(9), Duration::ZERO) else { panic!("not failed") };
        assert_eq!((trouble.since, trouble.at, trouble.count), (at(3), at(9), 3));
    }

    #[test]
    fn a_cancelled_question_changes_nothing_but_is_no_longer_pending() {
        let mut remote = Remote::default();
        remote.ask(1, at(0));
        remote.answer(1, at(0), Ok(7));
        remote.ask(2, at(1));
        remote.answer(2, at(1), Err(Failure::new(FailureKind::Cancelled, "", "")));
        assert_eq!(remote.face(at(1), Duration::from_secs(5)), Face::Fresh(&7));
        assert_eq!(remote.pending(), None);
    }
}
