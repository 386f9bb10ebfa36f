//! What was worked out before: the same numbers have the same finding, however often somebody looks.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::measured::{Basis, Weighed};
use crate::domain::judge::{self, Data, Finding, Thresholds};

/// What is remembered from one look to the next.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Memory {
    findings: HashMap<u64, Finding>,
    looks: HashMap<u64, bool>,
    /// Metrics by their place: this round's, and what nobody has wanted in this round yet.
    weighed: HashMap<u64, (Basis, Weighed)>,
    before: HashMap<u64, (Basis, Weighed)>,
}

impl Memory {
    /// The most findings and looks that are kept.
    const MOST: usize = 4096;

    /// A new round begins: what nobody wanted in the last one is forgotten.
    pub fn begin_round(&mut self) {
        self.before = std::mem::take(&mut self.weighed);
    }

    /// A metric's measurements as they were weighed, or as they are weighed now where anything has
    /// changed that they are made from.
    pub(super) fn weighed(
        &mut self,
        place: u64,
        basis: Basis,
        weigh: impl FnOnce(&mut Self) -> Weighed,
    ) -> Weighed {
        let known = self.weighed.remove(&place).or_else(|| self.before.remove(&place));
        let weighed = match known {
            Some((known, weighed)) if known == basis => weighed,
            _ => weigh(self),
        };
        self.weighed.insert(place, (basis, weighed.clone()));
        weighed
    }

    /// Whether a look found the new version worse.
    pub(super) fn looked(&mut self, sides: &judge::Metric, is_bad: impl FnOnce() -> bool) -> bool {
        if self.looks.len() >= Self::MOST {
            self.looks.clear();
        }
        *self.looks.entry(key(sides)).or_insert_with(is_bad)
    }

    /// What the judge finds.
    pub(super) fn judge(&mut self, input: &judge::Metric) -> Finding {
        let key = key(input);
        if let Some(known) = self.findings.get(&key) {
            return known.clone();
        }
        let judgement = judge::judge(std::slice::from_ref(input), Thresholds::default());
        let finding = judgement.findings.into_iter().next().unwrap_or_else(|| Finding::of_nothing(input));
        if self.findings.len() >= Self::MOST {
            self.findings.clear();
        }
        self.findings.insert(key, finding.clone());
        finding
    }
}

/// A mark of everything that a finding depends on.
fn key(input: &judge::Metric) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&input.name, input.critical).hash(&mut hasher);
    // Numbers by their bits, so that different ones have different marks.
    let mut number = |number: f64| number.to_bits().hash(&mut hasher);
    match &input.data {
        Data::Samples { canary, baseline, .. } => {
            canary.iter().chain(baseline).for_each(|value| number(*value));
            number(canary.len() as f64);
        }
        Data::Counts { looks, alpha } => {
            number(*alpha);
            for look in looks {
                let counts =
                    look.map(|look| [look.canary.0, look.canary.1, look.baseline.0, look.baseline.1]);
                counts.unwrap_or([f64::NAN; 4]).into_iter().for_each(&mut number);
            }
        }
    }
    if let Data::Samples { comparison, .. } = &input.data {
        format!("{comparison:?}").hash(&mut hasher);
    }
    format!("{:?}", input.direction).hash(&mut hasher);
    hasher.finish()
}
