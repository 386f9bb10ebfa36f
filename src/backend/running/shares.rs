//! From counts of instances to shares of a service.

use std::collections::BTreeMap;

use crate::domain::Safe;
use crate::domain::question::{Running, VersionShare};

/// Counts by service and region, then version.
#[derive(Debug, Default)]
pub struct Counts {
    services: BTreeMap<String, BTreeMap<Safe, f64>>,
    regions: BTreeMap<(String, String), BTreeMap<Safe, f64>>,
}

impl Counts {
    /// Adds what runs of a version. Nothing, less than nothing and what is no number do not run.
    pub fn add(&mut self, service: &str, region: Option<&str>, version: &str, count: f64) {
        if !(count.is_finite() && count > 0.0) {
            return;
        }
        let version = Safe::new(version);
        let service = Safe::new(service).to_string();
        *self.services.entry(service.clone()).or_default().entry(version.clone()).or_default() += count;
        if let Some(region) = region {
            let place = (service, Safe::new(region).to_string());
            *self.regions.entry(place).or_default().entry(version).or_default() += count;
        }
    }

    /// The shares; the largest first.
    pub fn shares(self, warnings: Vec<Safe>) -> Running {
        Running {
            services: self.services.into_iter().map(|(service, counts)| (service, shares(counts))).collect(),
            regions: self.regions.into_iter().map(|(place, counts)| (place, shares(counts))).collect(),
            warnings,
        }
    }
}

fn shares(counts: BTreeMap<Safe, f64>) -> Vec<VersionShare> {
    let total: f64 = counts.values().sum();
    // Shares that were given as shares stay as they were written.
    let are_shares = (total - 1.0).abs() < 1e-9;
    // Divided first where they have no sum, so that even the largest counts have shares.
    let largest = counts.values().copied().fold(f64::MIN_POSITIVE, f64::max);
    let scaled: f64 = counts.values().map(|count| count / largest).sum();
    let share = |count: f64| match () {
        () if are_shares => count,
        () if total.is_finite() => count / total,
        () => count / largest / scaled,
    };
    let mut shares: Vec<VersionShare> =
        counts.into_iter().map(|(version, count)| VersionShare { version, share: share(count) }).collect();
    shares.sort_by(|a, b| b.share.total_cmp(&a.share).then_with(|| a.version.cmp(&b.version)));
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_and_nonsense_does_not_run() {
        let mut counts = Counts::default();
        counts.add("checkout", Some("eu"), "4.1.3", 6.0);
        counts.add("checkout", Some("us"), "4.1.3", 3.0);
        counts.add("checkout", Some("eu"), "4.2.0", 3.0);
        for nonsense in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            counts.add("checkout", Some("eu"), "9.9.9", nonsense);
        }
        let running = counts.shares(Vec::new());
        let shares: Vec<_> =
            running.services["checkout"].iter().map(|v| (v.version.as_str(), v.share)).collect();
        assert_eq!(shares, [("4.1.3", 0.75), ("4.2.0", 0.25)]);
        assert_eq!(running.regions[&("checkout".into(), "us".into())][0].share, 1.0);
    }

    #[test]
    fn shares_stay_as_they_were_written() {
        let mut counts = Counts::default();
        for (version, share) in [("1", 0.7), ("2", 0.2), ("3", 0.1)] {
            counts.add("a", None, version, share);
        }
        let shares: Vec<f64> = counts.shares(Vec::new()).services["a"].iter().map(|v| v.share).collect();
        assert_eq!(shares, [0.7, 0.2, 0.1]);
    }

    #[test]
    fn the_largest_counts_still_have_shares() {
        let mut counts = Counts::default();
        counts.add("a", None, "1", f64::MAX);
        counts.add("a", None, "2", f64::MAX);
        assert_eq!(counts.shares(Vec::new()).services["a"][1].share, 0.5);
    }
}
