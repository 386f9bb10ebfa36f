//! Whether and when a read is tried again: few times, at random, within a budget, and not before
//! the server wants it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::Limits;
use crate::domain::{Failure, FailureKind};

/// The longest wait a server can ask for.
pub const LONGEST_WAIT: Duration = Duration::from_mins(1);
const MINUTE: Duration = Duration::from_mins(1);

/// What the last minute's calls leave for retries: a tenth of them, and a few to spare.
#[derive(Debug, Default)]
pub struct Budget {
    calls: VecDeque<Instant>,
    retries: VecDeque<Instant>,
}

impl Budget {
    /// Notes a call (not a retry).
    pub fn call(&mut self, now: Instant) {
        forget(&mut self.calls, now);
        self.calls.push_back(now);
    }

    /// Takes one retry out of the budget; `false`: it is used up.
    pub fn take(&mut self, now: Instant, spare: u32) -> bool {
        forget(&mut self.calls, now);
        forget(&mut self.retries, now);
        let allowed = (self.calls.len() / 10).max(spare as usize);
        let free = self.retries.len() < allowed;
        if free {
            self.retries.push_back(now);
        }
        free
    }
}

fn forget(times: &mut VecDeque<Instant>, now: Instant) {
    while times.front().is_some_and(|time| now.saturating_duration_since(*time) >= MINUTE) {
        times.pop_front();
    }
}

/// How long to wait before trying a read again; `None`: do not. `tried` counts from 1, `left` is
/// what remains of the deadline, `chance` is random, between 0 and 1.
pub fn pause(
    limits: &Limits,
    tried: u32,
    left: Duration,
    failure: &Failure,
    chance: f64,
) -> Option<Duration> {
    if tried >= limits.attempts || !is_passing(failure.kind) {
        return None;
    }
    let most = limits.pause.saturating_mul(1 << tried.saturating_sub(1).min(16)).min(LONGEST_WAIT);
    let jittered = most.mul_f64(chance.clamp(0.0, 1.0));
    // Not all at once when the server names the moment: the jitter comes on top.
    let wait = failure.retry_after.map_or(jittered, |asked| asked + jittered);
    (wait < left).then_some(wait)
}

fn is_passing(kind: FailureKind) -> bool {
    use FailureKind::{RateLimited, Timeout, Unavailable, Unreachable};
    matches!(kind, RateLimited | Timeout | Unavailable | Unreachable)
}

/// Reads `Retry-After`: seconds or a date, at most a minute; nonsense and the past are nothing.
pub fn retry_after(value: &str, now: DateTime<Utc>) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<f64>() {
        let positive = seconds.is_finite() && seconds > 0.0;
        return positive.then(|| Duration::from_secs_f64(seconds.min(LONGEST_WAIT.as_secs_f64())));
    }
    let at = http_date(value)?;
    (at - now).to_std().ok().map(|wait| wait.min(LONGEST_WAIT))
}

/// An HTTP date: `Sun, 06 Nov 1994 08:49:37 GMT`.
pub fn http_date(value: &str) -> Option<DateTime<Utc>> {
    // Without the day of the week, which some servers get wrong.
    let value = value.split_once(',').map_or(value, |(_, date)| date).trim();
    DateTime::parse_from_rfc2822(value).ok().map(|at| at.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(kind: FailureKind, wait: Option<u64>) -> Failure {
        let mut failure = Failure::new(kind, "", "");
        failure.retry_after = wait.map(Duration::from_secs);
        failure
    }

    #[test]
    fn an_hour_of_outage_costs_no_more_than_the_budget() {
        let start = Instant::now();
        let (mut budget, mut retries) = (Budget::default(), 0);
        // One call each 5 seconds for an hour, each of which would like to try twice again.
        for call in 0..720_u64 {
            let now = start + Duration::from_secs(call * 5);
            budget.call(now);
            retries += (0..2).filter(|_| budget.take(now, 2)).count();
        }
        assert!(retries <= 2 * 60 + 2, "{retries} retries in an hour");
        assert!(retries > 60, "the budget refills");
    }

    #[test]
    fn a_busy_client_may_retry_a_tenth() {
        let now = Instant::now();
        let mut budget = Budget::default();
        (0..200).for_each(|_| budget.call(now));
        assert_eq!((0..100).filter(|_| budget.take(now, 2)).count(), 20);
    }

    #[test]
    fn only_what_may_pass_is_tried_again_and_only_so_often() {
        let (limits, left) = (Limits::default(), Duration::from_secs(10));
        let down = failure(FailureKind::Unavailable, None);
        assert_eq!(pause(&limits, 1, left, &down, 1.0), Some(limits.pause));
        assert_eq!(pause(&limits, 2, left, &down, 0.5), Some(limits.pause));
        assert_eq!(pause(&limits, 3, left, &down, 0.5), None);
        for kind in
            [FailureKind::Unauthorized, FailureKind::NotFound, FailureKind::Tls, FailureKind::BadQuery]
        {
            assert_eq!(pause(&limits, 1, left, &failure(kind, None), 0.0), None);
        }
    }

    #[test]
    fn a_wait_longer_than_the_deadline_is_handed_up() {
        let (limits, left) = (Limits::default(), Duration::from_secs(10));
        let limited = |wait| failure(FailureKind::RateLimited, Some(wait));
        assert_eq!(pause(&limits, 1, left, &limited(5), 0.0), Some(Duration::from_secs(5)));
        assert_eq!(pause(&limits, 1, left, &limited(11), 0.0), None);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_and_never_more_than_a_minute() {
        let now = http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        let read = |value| retry_after(value, now).map(|wait| wait.as_secs());
        assert_eq!(read("7"), Some(7));
        assert_eq!(read("1000000000"), Some(60));
        assert_eq!(read("Sun, 06 Nov 1994 08:49:57 GMT"), Some(20));
        assert_eq!(read("Sun, 06 Nov 2094 08:49:57 GMT"), Some(60));
        for nothing in ["0", "-5", "soon", "", "NaN", "inf", "Sun, 06 Nov 1993 08:49:57 GMT"] {
            assert_eq!(read(nothing), None, "{nothing}");
        }
    }
}
