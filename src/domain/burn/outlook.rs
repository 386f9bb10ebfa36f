//! What is left of the budget, and until when.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Readings, Unknown, Window, burn, period};
use crate::domain::service::Slo;

/// Further ahead than this nobody plans, and times would overflow: "never at this rate".
const FURTHEST: f64 = 3_650.0 * 86_400.0;

/// What is left of the budget.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outlook {
    /// The share of the period's budget that is left; negative where it is overspent.
    pub left: Result<f64, Unknown>,
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
    Outlook { left, rate, exhaustion }
}
