//! Shares of versions over time, from counts of instances.

use std::collections::BTreeMap;

use crate::domain::Safe;
use crate::domain::question::{RunningHistory, ShareLine};

/// Below this a share is rounding, not an instance.
pub(super) const NOTHING: f64 = 1e-9;

/// The versions of one service, in one region or in all together, over the points of a history.
#[derive(Debug, Clone, PartialEq)]
pub struct Shares {
    /// Each version's count at each point.
    versions: Vec<(Safe, Vec<f64>)>,
    /// The sum at each point; `None`: nobody said.
    totals: Vec<Option<f64>>,
}

impl Shares {
    /// Adds up lines of one service. A point is known where any version was counted, and adds up
    /// to more than nothing; a version that is not counted at a known point does not run then.
    pub(super) fn of<'a>(lines: impl Iterator<Item = &'a ShareLine>, points: usize) -> Self {
        let mut counts: BTreeMap<&Safe, Vec<f64>> = BTreeMap::new();
        let mut totals: Vec<Option<f64>> = vec![None; points];
        for line in lines {
            let of_version = counts.entry(&line.version).or_insert_with(|| vec![0.0; points]);
            for (point, count) in line.counts.iter().take(points).enumerate() {
                if let Some(count) = count.filter(|count| count.is_finite() && *count >= 0.0) {
                    of_version[point] += count;
                    *totals[point].get_or_insert(0.0) += count;
                }
            }
        }
        for total in &mut totals {
            *total = total.filter(|total| *total > NOTHING);
        }
        Self {
            versions: counts.into_iter().map(|(version, counts)| (version.clone(), counts)).collect(),
            totals,
        }
    }

    /// The share of a version at a point; `None`: not known.
    pub(super) fn share(&self, version: &Safe, point: usize) -> Option<f64> {
        let total = self.totals[point]?;
        let counts = self.versions.iter().find(|(known, _)| known == version);
        Some(counts.map_or(0.0, |(_, counts)| counts[point] / total))
    }

    /// The count of a version and of all versions at a point.
    pub(super) fn counts(&self, version: &Safe, point: usize) -> Option<(f64, f64)> {
        let total = self.totals[point]?;
        self.share(version, point).map(|share| (share * total, total))
    }

    /// The versions that run at a point, by name; `None`: not known.
    pub(super) fn running(&self, point: usize) -> Option<Vec<&Safe>> {
        self.totals[point]?;
        let runs = |counts: &[f64]| counts[point] > NOTHING;
        Some(self.versions.iter().filter(|(_, counts)| runs(counts)).map(|(version, _)| version).collect())
    }

    /// The share of a version at every point.
    pub(super) fn series(&self, version: &Safe) -> Vec<Option<f64>> {
        (0..self.totals.len()).map(|point| self.share(version, point)).collect()
    }

    /// The points that are known.
    pub(super) fn known(&self) -> impl DoubleEndedIterator<Item = usize> {
        self.totals.iter().enumerate().filter(|(_, total)| total.is_some()).map(|(point, _)| point)
    }
}

/// A history's lines by service and region.
pub(super) fn by_service_and_region(history: &RunningHistory) -> Vec<((&str, Option<&str>), Shares)> {
    let mut groups: BTreeMap<(&str, Option<&str>), Vec<&ShareLine>> = BTreeMap::new();
    for line in &history.lines {
        groups.entry((&line.service, line.region.as_deref())).or_default().push(line);
    }
    let points = history.times.len();
    groups.into_iter().map(|(key, lines)| (key, Shares::of(lines.into_iter(), points))).collect()
}
