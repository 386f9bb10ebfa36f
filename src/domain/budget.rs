//! How many requests a minute a backend gets, and what waits when they are spent: a token bucket
//! with a reserve for what matters most.
//!
//! A quarter of the budget can be spent at once, and the other three quarters come back over a
//! minute, evenly. So no minute, wherever it begins, sees more than the whole budget.

use std::collections::VecDeque;
use std::time::Duration;

const MINUTE: Duration = Duration::from_mins(1);

/// How much a question matters when not all can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Importance {
    /// What fires, what runs: asked as long as there is anything to spend.
    Vital,
    /// What speaks of now.
    Ordinary,
    /// What is past, or changes slowly.
    Background,
}

impl Importance {
    /// The part of the bucket that is left for what matters more.
    fn reserve(self) -> f64 {
        match self {
            Self::Vital => 0.0,
            Self::Ordinary => 0.15,
            Self::Background => 0.4,
        }
    }
}

/// A backend's budget, on the monotonic clock.
#[derive(Debug, Clone, PartialEq)]
pub struct Budget {
    allowed: u32,
    /// Requests that may be sent now; negative where more were sent than could be foreseen.
    left: f64,
    as_of: Duration,
    /// When requests were sent, in the last minute.
    sent: VecDeque<Duration>,
}

impl Budget {
    /// So many requests a minute, none of them sent yet.
    pub fn new(allowed: u32, now: Duration) -> Self {
        let allowed = allowed.max(1);
        Self { allowed, left: burst(allowed), as_of: now, sent: VecDeque::new() }
    }

    /// Requests a minute.
    pub fn allowed(&self) -> u32 {
        self.allowed
    }

    /// Requests sent within the minute before `now`.
    pub fn used(&self, now: Duration) -> usize {
        self.sent.iter().rev().take_while(|at| now.saturating_sub(**at) < MINUTE).count()
    }

    /// Takes one request out of the budget; `false`: it has to wait.
    pub fn take(&mut self, importance: Importance, now: Duration) -> bool {
        self.refill(now);
        let may = self.left >= self.needed(importance);
        if may {
            self.note(1, now);
        }
        may
    }

    /// Requests that were sent without asking: pages of a long answer, second attempts.
    pub fn charge(&mut self, requests: u32, now: Duration) {
        self.refill(now);
        self.note(requests, now);
    }

    /// How long until a request can be taken.
    pub fn wait(&self, importance: Importance, now: Duration) -> Duration {
        let elapsed = now.saturating_sub(self.as_of).as_secs_f64();
        let missing = self.needed(importance) - (self.left + elapsed * self.rate()).min(burst(self.allowed));
        // A hair more, so that it is there when one looks again.
        if missing > 0.0 { Duration::from_secs_f64(missing / self.rate() + 1e-3) } else { Duration::ZERO }
    }

    /// Requests that come back in a second.
    fn rate(&self) -> f64 {
        // A budget of one comes back whole.
        (f64::from(self.allowed) - burst(self.allowed)).max(0.5) / MINUTE.as_secs_f64()
    }

    fn needed(&self, importance: Importance) -> f64 {
        1.0 + importance.reserve() * (burst(self.allowed) - 1.0)
    }

    fn refill(&mut self, now: Duration) {
        let elapsed = now.saturating_sub(self.as_of).as_secs_f64();
        self.left = (self.left + elapsed * self.rate()).min(burst(self.allowed));
        self.as_of = self.as_of.max(now);
        while self.sent.front().is_some_and(|at| now.saturating_sub(*at) >= MINUTE) {
            self.sent.pop_front();
        }
    }

    fn note(&mut self, requests: u32, now: Duration) {
        self.left -= f64::from(requests);
        self.sent.extend((0..requests).map(|_| now));
    }
}

/// What can be spent at once.
fn burst(allowed: u32) -> f64 {
    (f64::from(allowed) / 4.0).max(1.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    proptest! {
        #[test]
        fn no_minute_sees_more_than_the_budget(
            allowed in 2_u32..200,
            pauses in prop::collection::vec((0_u64..4000, 1_usize..60), 1..80),
        ) {
            let mut budget = Budget::new(allowed, Duration::ZERO);
            let (mut now, mut sent) = (0, Vec::new());
            for (pause, tries) in pauses {
                now += pause;
                for _ in 0..tries {
                    if budget.take(Importance::Vital, at(now)) {
                        sent.push(now);
                    }
                }
                prop_assert!(budget.used(at(now)) <= allowed as usize);
            }
            for from in &sent {
                let within = sent.iter().filter(|other| (*from..*from + 60_000).contains(other)).count();
                prop_assert!(within <= allowed as usize, "{within} of {allowed} from {from}");
            }
        }

        #[test]
        fn what_waits_may_go_after_its_wait(allowed in 1_u32..900, burst in 0_usize..300, after in 0_u64..9000) {
            let mut budget = Budget::new(allowed, Duration::ZERO);
            for _ in 0..burst {
                budget.take(Importance::Vital, Duration::ZERO);
            }
            for importance in [Importance::Background, Importance::Ordinary, Importance::Vital] {
                let wait = budget.wait(importance, at(after));
                prop_assert!(budget.clone().take(importance, at(after) + wait));
                if wait > at(2) {
                    prop_assert!(!budget.clone().take(importance, at(after) + wait / 2));
                }
            }
        }
    }

    #[test]
    fn the_least_important_wait_first_and_alerts_go_on() {
        let mut budget = Budget::new(120, Duration::ZERO);
        let sent =
            |budget: &mut Budget, importance| (0..100).filter(|_| budget.take(importance, at(0))).count();
        // Of 30 at once.
        assert_eq!(sent(&mut budget, Importance::Background), 18);
        assert_eq!(sent(&mut budget, Importance::Ordinary), 7);
        assert_eq!(sent(&mut budget, Importance::Vital), 5);
        assert!(budget.wait(Importance::Vital, at(0)) < budget.wait(Importance::Background, at(0)));
    }

    #[test]
    fn what_could_not_be_foreseen_is_paid_back() {
        let mut budget = Budget::new(60, Duration::ZERO);
        budget.charge(30, at(0));
        assert_eq!(budget.used(at(0)), 30);
        assert!(!budget.take(Importance::Vital, at(15_000)));
        assert!(budget.take(Importance::Vital, at(22_000)));
        assert_eq!(budget.used(at(59_000)), 31);
        assert_eq!(budget.used(at(60_000)), 1);
    }
}
