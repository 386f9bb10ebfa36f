//! What is left of the budget, and until when.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Readings, Unknown, Window, burn, period};
use crate::domain::format;
use crate::domain::service::Slo;

/// Further ahead than this nobody plans, and times would overflow: "never at this rate".
const FURTHEST: f64 = 3_650.0 * 86_400.0;

/// How much of a period there are numbers of: a young server, or one that keeps them for a shorter
/// time than the period, knows nothing of the rest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recorded {
    /// Days of which there are numbers.
    pub days: f64,
    /// Days of the period.
    pub of: f64,
}

impl Recorded {
    /// `2 of 30 days`, `less than an hour of 30 days`.
    pub fn words(self) -> String {
        let of = format::number(self.of);
        let hours = self.days * 24.0;
        if hours < 1.0 {
            format!("less than an hour of {of} days")
        } else if self.days < 2.0 {
            format!("{hours:.0} hours of {of} days")
        } else {
            format!("{} of {of} days", format::number((self.days * 10.0).round() / 10.0))
        }
    }
}

/// What is left of the budget.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outlook {
    /// The share of the period's budget that is left; negative where it is overspent. Not known
    /// where not all of the period was recorded.
    pub left: Result<f64, Unknown>,
    /// Where only a part of the period was recorded: which, and what is left by that part alone,
    /// as if it were the period.
    pub partly: Option<(Recorded, f64)>,
    /// The burn taken for "this rate": over the shortest of the long windows that is known.
    pub rate: Result<(Window, f64), Unknown>,
    /// When it is spent.
    pub exhaustion: Exhaustion,
}

/// When a budget is spent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Exhaustion {
    /// It is.
    Spent,
    /// Not at this rate: nothing is spent, or so little that it outlasts ten years.
    Never,
    /// At this time, should it go on like this.
    At(DateTime<Utc>),
    /// What is left, or the rate, is not known.
    Unknown,
}

/// The outlook at an instant: time to exhaustion = budget left × period / burn.
pub fn outlook(slo: &Slo, readings: &Readings, now: DateTime<Utc>) -> Outlook {
    let left = burn(slo, readings.get(&Window::Period)).map(|burn| 1.0 - burn);
    let known = |window: Window| burn(slo, readings.get(&window)).map(|burn| (window, burn));
    let rate = known(Window::Hour1).or_else(|why| known(Window::Hours6).map_err(|_| why));
    let exhaustion = match (left, rate) {
        (Ok(left), _) if left <= 0.0 => Exhaustion::Spent,
        (Ok(left), Ok((_, burn))) => {
            let seconds = left * period(slo) / burn;
            if burn > 0.0 && seconds < FURTHEST {
                Exhaustion::At(now + TimeDelta::milliseconds((seconds * 1000.0) as i64))
            } else {
                Exhaustion::Never
            }
        }
        _ => Exhaustion::Unknown,
    };
    Outlook { left, rate, exhaustion, partly: None }
}

impl Outlook {
    /// The outlook where only a part of the period was recorded. What was spent in that part is
    /// spent; what was spent before is not known, so neither is what is left.
    #[must_use]
    pub fn recorded(self, recorded: Option<Recorded>) -> Self {
        let (Some(recorded), Ok(left)) = (recorded, self.left) else { return self };
        // Its part of the whole period's budget, as if events came evenly.
        let spent = (1.0 - left) * (recorded.days / recorded.of).clamp(0.0, 1.0);
        let exhaustion = if spent >= 1.0 { Exhaustion::Spent } else { Exhaustion::Unknown };
        let why = Unknown::Partly(recorded);
        Self { left: Err(why), partly: Some((recorded, left)), exhaustion, ..self }
    }
}
