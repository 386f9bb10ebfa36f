//! What runs of one service at one place, by the newest points of a history.

use chrono::DateTime;

use super::super::shares::Shares;
use super::super::{STEP, Since};
use super::{Place, Source};
use crate::domain::Safe;

/// The newest points may not have been scraped yet.
const RECENT_POINTS: usize = 3;

/// A service at a place.
pub(super) struct Spot<'a> {
    /// Where.
    pub(super) place: &'a Place,
    /// Whether somebody counted lately, or the service was never counted here.
    pub(super) is_known: bool,
    /// How many run, of all versions.
    pub(super) total: f64,
    /// What runs, the most first.
    pub(super) running: Vec<Running>,
    /// Since when the shares have not moved.
    pub(super) still_since: Since,
}

/// A version that runs at a place.
pub(super) struct Running {
    /// Which.
    pub(super) version: Safe,
    /// How many.
    pub(super) count: f64,
    /// Since when.
    pub(super) since: Since,
    /// Whether it is seen from the first point on, or comes again after having run then.
    pub(super) was_there: bool,
}

impl<'a> Spot<'a> {
    /// What the newest points say.
    pub(super) fn of(sources: &[Source<'_>], service: &str, place: &'a Place) -> Self {
        let unknown = Self {
            place,
            is_known: false,
            total: 0.0,
            running: Vec::new(),
            still_since: Since::Before(DateTime::UNIX_EPOCH),
        };
        let source = sources.iter().find(|source| source.environment == place.environment);
        let Some(history) = source.and_then(|source| source.history).filter(|known| !known.times.is_empty())
        else {
            return unknown;
        };
        let lines = history
            .lines
            .iter()
            .filter(|line| line.service == service && line.region.as_deref() == place.region.as_deref());
        let points = history.times.len();
        let shares = Shares::of(lines.clone(), points);
        let known: Vec<usize> = shares.known().collect();
        let Some(&last) = known.last() else {
            return Self { is_known: lines.count() == 0, ..unknown };
        };
        if last + RECENT_POINTS < points {
            return unknown;
        }
        let at = |point: usize| history.times[point];
        // How far back something holds, from the newest point on.
        let back = |holds: &dyn Fn(usize) -> bool| {
            let first = known.iter().rev().take_while(|point| holds(**point)).last().copied();
            match first {
                Some(point) if Some(&point) == known.first() => Since::Before(at(point)),
                Some(point) => Since::At(at(point)),
                None => Since::At(at(last)),
            }
        };
        let versions: Vec<&Safe> = shares.running(last).unwrap_or_default();
        let share = |version: &Safe, point: usize| shares.share(version, point).unwrap_or(0.0);
        let is_still = |point: usize| {
            versions.iter().all(|version| (share(version, point) - share(version, last)).abs() < STEP)
        };
        let mut running: Vec<Running> = versions
            .iter()
            .map(|version| Running {
                version: (*version).clone(),
                count: shares.counts(version, last).map_or(0.0, |(own, _)| own),
                since: back(&|point| share(version, point) > 0.0),
                was_there: known.first().is_some_and(|first| share(version, *first) > 0.0),
            })
            .collect();
        running.sort_by(|one, other| other.count.total_cmp(&one.count));
        let total = running.iter().map(|running| running.count).sum();
        Self { place, is_known: true, total, running, still_since: back(&is_still) }
    }

    /// How many of a version run here.
    pub(super) fn count(&self, version: &Safe) -> f64 {
        self.running.iter().find(|running| running.version == *version).map_or(0.0, |running| running.count)
    }

    /// The only version that runs here.
    pub(super) fn only(&self) -> Option<&Running> {
        match self.running.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }
}
