//! How much closer than usual somebody looks while a release settles, and what follows from it.
//!
//! Sensitivity changes what is shown and rung, never how a verdict is reached: the judge's error
//! rates stay what they are.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::question::AlertState;
use crate::domain::trigger::Trigger;

/// From this sensitivity on, alerts that are only pending ring too.
pub const RINGS_PENDING: f64 = 0.5;

/// How much closer than usual is looked: between 0 (as usual) and 1.
///
/// With `t` the time since the watch began, `f` its first hour and `l` its length:
///
/// ```text
/// s(t) = 1                        for 0 ≤ t < f
/// s(t) = 1 − (t − f) / (l − f)    for f ≤ t < l
/// s(t) = 0                        otherwise
/// ```
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Sensitivity(f64);

impl Sensitivity {
    /// As usual.
    pub const NORMAL: Self = Self(0.0);

    /// At an instant of a watch that began then.
    pub fn at(begins: DateTime<Utc>, first: TimeDelta, length: TimeDelta, now: DateTime<Utc>) -> Self {
        let seconds = |span: TimeDelta| span.num_milliseconds() as f64 / 1000.0;
        let (t, f, l) = (seconds(now - begins), seconds(first), seconds(length));
        if t < 0.0 || t >= l {
            Self::NORMAL
        } else if t < f {
            Self(1.0)
        } else {
            Self((1.0 - (t - f) / (l - f)).clamp(0.0, 1.0))
        }
    }

    /// Between 0 and 1.
    pub fn value(self) -> f64 {
        self.0
    }

    /// Whether anything differs from the usual.
    pub fn is_normal(self) -> bool {
        self.0 <= 0.0
    }

    /// What a hold is multiplied by: `1 − 0.5·s`, between 0.5 and 1.
    pub fn factor(self) -> f64 {
        1.0 - 0.5 * self.0
    }

    /// How long a trigger's condition must hold now: `hold × (1 − 0.5·s)`, never below zero.
    pub fn hold(self, hold: TimeDelta) -> TimeDelta {
        if self.is_normal() {
            return hold;
        }
        let milliseconds = hold.num_milliseconds() as f64 * self.factor();
        TimeDelta::milliseconds(milliseconds.max(0.0).round() as i64)
    }

    /// A trigger as it is looked at now: its hold is shortened, all else stays as written.
    #[must_use]
    pub fn eager(self, trigger: &Trigger) -> Trigger {
        Trigger { hold: self.hold(trigger.hold), ..trigger.clone() }
    }

    /// Whether an alert of the rollout in this state rings: one that fires always does, a pending
    /// one while s ≥ 0.5.
    pub fn rings(self, state: AlertState) -> bool {
        match state {
            AlertState::Firing => true,
            AlertState::Pending => self.0 >= RINGS_PENDING,
            AlertState::Silenced | AlertState::Inhibited => false,
        }
    }

    /// Until when pending alerts ring in a watch that began then.
    pub fn pending_until(begins: DateTime<Utc>, first: TimeDelta, length: TimeDelta) -> DateTime<Utc> {
        let first = first.min(length);
        begins + first + (length - first) / 2
    }

    /// One word: `high`, `raised`, `easing`, `normal`.
    pub fn word(self) -> &'static str {
        match self.0 {
            value if value >= 1.0 => "high",
            value if value >= RINGS_PENDING => "raised",
            value if value > 0.0 => "easing",
            _ => "normal",
        }
    }
}
