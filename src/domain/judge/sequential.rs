//! A test of counts that may be looked at as often as one likes.
//!
//! A mixture of likelihood ratios over how many times as many events the canary may have: a
//! martingale while there is no difference, so its chance of ever reaching 1/α is at most α
//! (Ville). Source: H. Robbins, Ann. Math. Stat. 41(5), 1970.

use super::{Look, Outcome};
use crate::domain::service::Direction;

/// Ratios of event rates that are looked for: from this…
const FIRST: f64 = 1.05;
/// …to this…
const LAST: f64 = 20.0;
/// …so many, evenly spaced in logarithms, with equal weights.
const POINTS: usize = 40;

/// What was seen, look after look.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Events and trials of the canary.
    pub canary: (f64, f64),
    /// Events and trials of the baseline.
    pub baseline: (f64, f64),
    /// Looks that counted.
    pub looks: u64,
    /// Evidence against the canary after the last look: an alarm from 1/α on.
    pub e_value: f64,
    /// Always-valid p: the smallest 1/e at any look, at most 1.
    pub p: f64,
    /// The first alarm.
    pub alarm: Option<Alarm>,
    /// Whether an alarm would have been raised had every trial of the canary gone wrong.
    pub could_alarm: bool,
}

/// An alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alarm {
    /// At which look, counted from 1; looks that were skipped count too.
    pub look: u64,
    /// High or low.
    pub outcome: Outcome,
}

/// Evidence that one side has more events than the other.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// For each ratio: it, and the logarithm of its likelihood ratio.
    grid: Vec<(f64, f64)>,
}

impl Default for Evidence {
    fn default() -> Self {
        let step = (LAST / FIRST).ln() / (POINTS - 1) as f64;
        Self { grid: (0..POINTS).map(|point| (FIRST * (step * point as f64).exp(), 0.0)).collect() }
    }
}

impl Evidence {
    /// Takes a look: events and trials of the side that may have more, and of the other.
    pub fn look(&mut self, more: (f64, f64), other: (f64, f64)) {
        let events = more.0 + other.0;
        for (ratio, log) in &mut self.grid {
            *log += more.0 * ratio.ln() + events * ((more.1 + other.1) / (*ratio * more.1 + other.1)).ln();
        }
    }

    /// The logarithm of the evidence: the mean over the grid.
    pub fn log_value(&self) -> f64 {
        let highest = self.grid.iter().map(|(_, log)| *log).fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = self.grid.iter().map(|(_, log)| (log - highest).exp()).sum();
        highest + (sum / POINTS as f64).ln()
    }
}

/// Watches looks until the last; a look without counts is skipped.
pub fn watch(looks: &[Option<Look>], direction: Direction, alpha: f64) -> Seen {
    let (mut up, mut down, mut worst) = (Evidence::default(), Evidence::default(), Evidence::default());
    let mut seen = Seen {
        canary: (0.0, 0.0),
        baseline: (0.0, 0.0),
        looks: 0,
        e_value: 1.0,
        p: 1.0,
        alarm: None,
        could_alarm: false,
    };
    let bar = -alpha.ln();
    for (number, look) in (1_u64..).zip(looks) {
        let Some(look) = look.filter(|look| look.canary.1 > 0.0 && look.baseline.1 > 0.0) else { continue };
        seen.looks += 1;
        seen.canary = (seen.canary.0 + look.canary.0, seen.canary.1 + look.canary.1);
        seen.baseline = (seen.baseline.0 + look.baseline.0, seen.baseline.1 + look.baseline.1);
        up.look(look.canary, look.baseline);
        down.look(look.baseline, look.canary);
        let log = match direction {
            Direction::Increase => up.log_value(),
            Direction::Decrease => down.log_value(),
            // Half of the evidence each way is evidence still.
            Direction::Either => log_mean(up.log_value(), down.log_value()),
        };
        seen.e_value = log.exp().min(f64::MAX);
        seen.p = seen.p.min((-log).exp());
        if log >= bar && seen.alarm.is_none() {
            let is_up = direction == Direction::Increase
                || (direction == Direction::Either && up.log_value() >= down.log_value());
            let outcome = if is_up { Outcome::High } else { Outcome::Low };
            seen.alarm = Some(Alarm { look: number, outcome });
        }
        // The most extreme that these trials could have shown.
        let extreme = match direction {
            Direction::Decrease => ((look.baseline.1, look.baseline.1), (0.0, look.canary.1)),
            _ => ((look.canary.1, look.canary.1), (0.0, look.baseline.1)),
        };
        worst.look(extreme.0, extreme.1);
        seen.could_alarm |= worst.log_value() >= bar;
    }
    seen
}

fn log_mean(one: f64, other: f64) -> f64 {
    let high = one.max(other);
    high + f64::midpoint((one - high).exp(), (other - high).exp()).ln()
}
