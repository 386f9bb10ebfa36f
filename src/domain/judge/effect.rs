//! How large a difference is, apart from how sure it is.

use serde::{Deserialize, Serialize};

use super::ranks::ranks;

/// The measure of how large a difference is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Mean of the canary over mean of the baseline; no number where either is zero.
    #[default]
    MeanRatio,
    /// Common language effect size: how often a sample of the canary lies above one of the
    /// baseline. Source: Vargha and Delaney, J. Educ. Behav. Stat. 25(2), 2000.
    Cles,
}

/// From where on an effect counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EffectBounds {
    /// An increase counts from this effect upward.
    pub increase: f64,
    /// A decrease counts from this effect downward.
    pub decrease: f64,
}

impl Effect {
    /// The bounds at which no effect is too small to count.
    pub fn bounds(self) -> EffectBounds {
        let none = match self {
            Self::MeanRatio => 1.0,
            Self::Cles => 0.5,
        };
        EffectBounds { increase: none, decrease: none }
    }

    /// The effect of the canary against the baseline.
    pub fn of(self, canary: &[f64], baseline: &[f64]) -> f64 {
        match self {
            Self::MeanRatio => {
                let (canary, baseline) = (mean(canary), mean(baseline));
                if canary == 0.0 || baseline == 0.0 { f64::NAN } else { canary / baseline }
            }
            Self::Cles => {
                let (m, n) = (canary.len() as f64, baseline.len() as f64);
                (2.0 * ranks(canary, baseline, 0.0).sum - m * (m + 1.0)) / (2.0 * m * n)
            }
        }
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
