//! The search for what is astray.

use chrono::{DateTime, TimeDelta, Utc};

use super::super::STEP;
use super::spot::{Running, Spot};
use super::{Finding, Kind, instant_of};
use crate::domain::release::{Release, Stage};
use crate::domain::version::{parse_version, same_version};

/// A mix that has not moved for this long is no longer on its way, unless its plan says so.
const PATIENCE: TimeDelta = TimeDelta::minutes(30);
/// People begin a stage somewhat early.
const GRACE: TimeDelta = TimeDelta::minutes(15);
/// Up to this share the old version is what was left behind, not half of a fleet.
const LEFT_BEHIND: f64 = 0.2;

/// The search for what is astray with one service.
pub(super) struct Search<'a> {
    /// Which.
    pub(super) service: &'a str,
    /// What runs of it where.
    pub(super) spots: &'a [Spot<'a>],
    /// Releases that bring some version of it, drafts and cancelled ones left out.
    pub(super) releases: Vec<&'a Release>,
    /// When.
    pub(super) now: DateTime<Utc>,
}

impl Search<'_> {
    /// Everything astray.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        for spot in self.spots {
            for running in &spot.running {
                found.extend(self.misplaced(spot, running).map(|kind| self.finding(spot, running, kind)));
            }
            if spot.running.len() > 2 {
                let kind = Kind::Mixed { versions: spot.running.len() };
                found.extend(spot.running.last().map(|running| self.finding(spot, running, kind)));
            }
            found.extend(self.stuck(spot));
            found.extend(self.behind(spot));
        }
        found
    }

    fn finding(&self, spot: &Spot<'_>, running: &Running, kind: Kind) -> Finding {
        Finding {
            since: match kind {
                Kind::Stuck { .. } => spot.still_since,
                _ => running.since,
            },
            kind,
            service: self.service.to_owned(),
            version: running.version.clone(),
            place: spot.place.clone(),
            count: (running.count, spot.total),
        }
    }

    /// Whether a version should not be here.
    fn misplaced(&self, spot: &Spot<'_>, running: &Running) -> Option<Kind> {
        let environment = spot.place.environment.as_str();
        // Where no release of this service ever goes, none can say what belongs there.
        let is_planned_for =
            |release: &&&Release| release.stages.iter().any(|s| s.environment == environment);
        self.releases.iter().find(is_planned_for)?;
        let bringing: Vec<&Release> = self.bringing(&running.version).collect();
        if bringing.is_empty() {
            return (!running.was_there).then_some(Kind::NoRelease);
        }
        let here = |release: &&Release| release.stages.iter().any(|stage| spot.place.is_of(stage));
        let Some(release) = bringing.iter().copied().find(here) else {
            // Before its first stage a version is only being tried.
            let order =
                |environment: &str| self.spots.iter().position(|spot| spot.place.environment == environment);
            let is_past_first = |release: &&&Release| {
                let first = release.stages.iter().filter_map(|stage| order(&stage.environment)).min();
                first.is_some_and(|first| order(environment) >= Some(first))
            };
            let release = bringing.iter().find(is_past_first)?;
            return Some(Kind::Elsewhere { release: release.id.clone() });
        };
        let start = bringing.iter().flat_map(|release| &release.stages);
        let start = start.filter(|stage| spot.place.is_of(stage)).map(|stage| stage.start).min()?;
        if start > self.now + GRACE && !running.was_there {
            return Some(Kind::Early { release: release.id.clone(), start });
        }
        self.skipped(spot, running, release)
    }

    /// An environment before this one that the release goes through and that runs something older.
    fn skipped(&self, spot: &Spot<'_>, running: &Running, release: &Release) -> Option<Kind> {
        let here = self.spots.iter().position(|other| other.place.environment == spot.place.environment)?;
        let version = parse_version(&running.version)?;
        for before in self.spots[..here].iter().filter(|before| before.is_known) {
            let goes_through = release.stages.iter().any(|stage| before.place.is_of(stage));
            let is_older = |other: &Running| parse_version(&other.version).is_some_and(|v| v < version);
            if goes_through && !before.running.is_empty() && before.running.iter().all(is_older) {
                let runs = before.running[0].version.clone();
                let environment = before.place.environment.clone();
                return Some(Kind::Skipped { release: release.id.clone(), environment, runs });
            }
        }
        None
    }

    /// The old version is still there, and nothing moves.
    fn stuck(&self, spot: &Spot<'_>) -> Option<Finding> {
        let [one, other] = spot.running.as_slice() else { return None };
        let age = |running: &Running| (running.was_there, std::cmp::Reverse(parse_version(&running.version)));
        let (old, new) = if age(one) >= age(other) { (one, other) } else { (other, one) };
        let still = self.now - instant_of(spot.still_since);
        let stages: Vec<&Stage> = self
            .bringing(&new.version)
            .flat_map(|release| &release.stages)
            .filter(|stage| spot.place.is_of(stage))
            .collect();
        let share = new.count / spot.total;
        let is_step = |stage: &&Stage| stage.steps.iter().any(|step| (step / 100.0 - share).abs() < STEP);
        let soaks = stages.iter().filter(|stage| is_step(stage)).filter_map(|stage| stage.soak);
        if still <= soaks.max().unwrap_or(PATIENCE).max(PATIENCE) {
            return None;
        }
        let done = self.spots.iter().find(|region| {
            region.place.environment == spot.place.environment
                && region.only().is_some_and(|only| only.version == new.version)
                && self.now - region.only().map_or(self.now, |only| instant_of(only.since)) > PATIENCE
        });
        let is_going_on = stages.iter().any(|stage| stage.end > self.now);
        let is_left_behind = old.count / spot.total <= LEFT_BEHIND;
        (is_left_behind || (done.is_some() && !is_going_on)).then(|| {
            let done_in = done.and_then(|done| done.place.region.clone());
            self.finding(spot, old, Kind::Stuck { newer: new.version.clone(), done_in })
        })
    }

    /// Another region of the environment runs a newer version, and nothing brings it here.
    fn behind(&self, spot: &Spot<'_>) -> Option<Finding> {
        let old = spot.only()?;
        let version = parse_version(&old.version)?;
        let ahead = self.spots.iter().find_map(|region| {
            let only = region.only().filter(|_| region.place.environment == spot.place.environment)?;
            let is_newer = parse_version(&only.version).is_some_and(|newer| newer > version);
            (is_newer && self.now - instant_of(only.since) > PATIENCE).then_some((region, only))
        })?;
        let (region, newer) = ahead;
        let follows = self
            .bringing(&newer.version)
            .flat_map(|release| &release.stages)
            .any(|stage| spot.place.is_of(stage) && stage.end > self.now);
        (!follows).then(|| {
            let kind = Kind::Behind {
                newer: newer.version.clone(),
                region: region.place.region.clone().unwrap_or_default(),
            };
            Finding { since: newer.since, ..self.finding(spot, old, kind) }
        })
    }

    fn bringing(&self, version: &str) -> impl Iterator<Item = &Release> {
        let brings = move |release: &&Release| {
            release.version_of(self.service).is_some_and(|brought| same_version(brought, version))
        };
        self.releases.iter().copied().filter(brings)
    }
}
