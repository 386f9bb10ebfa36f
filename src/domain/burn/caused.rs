//! The part of the burn that a release causes, so that an outage from elsewhere is not blamed on it.

use super::allowed;
use crate::domain::service::Slo;

/// What the new version adds to the burn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Caused {
    /// The new version's share of bad events.
    pub canary: f64,
    /// The old version's.
    pub stable: f64,
    /// The new version's share of the traffic, 0 to 1.
    pub share: f64,
    /// The burn it adds.
    pub burn: f64,
}

/// max(0, canary − stable) × the canary's share / what the objective allows. `None` where a number
/// is missing: nothing beside it to compare with is not "caused nothing".
pub fn caused(slo: &Slo, canary: Option<f64>, stable: Option<f64>, share: f64) -> Option<Caused> {
    let ratio = |value: Option<f64>| value.filter(|value| value.is_finite() && (0.0..=1.0).contains(value));
    let (canary, stable) = (ratio(canary)?, ratio(stable)?);
    let share = share.is_finite().then(|| share.clamp(0.0, 1.0))?;
    let burn = (canary - stable).max(0.0) * share / allowed(slo);
    Some(Caused { canary, stable, share, burn })
}
