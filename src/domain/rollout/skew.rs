//! The skew map: which version runs where, and what is astray.
//!
//! A place is an environment, or one of its regions where the source tells them apart. Counts are
//! of the newest point of a history; a place nobody counted lately is unknown, never empty.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::shares::Shares;
use super::{STEP, Since};
use crate::domain::question::RunningHistory;
use crate::domain::release::{Release, Stage, Status};
use crate::domain::version::{parse_version, same_version};
use crate::domain::{Safe, format};

/// A mix that has not moved for this long is no longer on its way, unless its plan says so.
const PATIENCE: TimeDelta = TimeDelta::minutes(30);
/// People begin a stage somewhat early.
const GRACE: TimeDelta = TimeDelta::minutes(15);
/// Up to this share the old version is what was left behind, not half of a fleet.
const LEFT_BEHIND: f64 = 0.2;
/// The newest points may not have been scraped yet.
const RECENT_POINTS: usize = 3;

/// What is known of an environment.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Its id.
    pub environment: &'a str,
    /// What ran in it; `None`: not known.
    pub history: Option<&'a RunningHistory>,
}

/// Where versions run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The environment.
    pub environment: String,
    /// The region, where the source tells regions apart.
    pub region: Option<String>,
}

impl Place {
    /// `production · eu`.
    pub fn words(&self) -> String {
        match &self.region {
            Some(region) => format!("{} · {region}", self.environment),
            None => self.environment.clone(),
        }
    }

    /// Whether a stage is about this place.
    fn is_of(&self, stage: &Stage) -> bool {
        stage.environment == self.environment
            && (stage.region.is_none() || self.region.is_none() || stage.region == self.region)
    }
}

/// The map.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Skew {
    /// Its columns: environments in promotion order, regions by name.
    pub places: Vec<Place>,
    /// Its rows: services by name, the newest version first.
    pub rows: Vec<Row>,
    /// What is astray, the worst first.
    pub findings: Vec<Finding>,
}

/// One version of a service.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The service.
    pub service: String,
    /// The version.
    pub version: Safe,
    /// How many of it run, a place each; `None`: not known.
    pub counts: Vec<Option<f64>>,
}

/// Something astray.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What.
    pub kind: Kind,
    /// The service.
    pub service: String,
    /// The version it is about.
    pub version: Safe,
    /// Where.
    pub place: Place,
    /// How many of the version run there, of how many of the service.
    pub count: (f64, f64),
    /// Since when.
    pub since: Since,
}

/// What can be astray.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// The version came within the history, and no release brings it anywhere.
    NoRelease,
    /// A release brings it, but not here.
    Elsewhere {
        /// The release.
        release: String,
    },
    /// A release brings it here later.
    Early {
        /// The release.
        release: String,
        /// When its stage begins.
        start: DateTime<Utc>,
    },
    /// A stage before this one was left out.
    Skipped {
        /// The release.
        release: String,
        /// The environment of the stage that was left out.
        environment: String,
        /// What runs there.
        runs: Safe,
    },
    /// A few of the old version are left, and nothing moves.
    Stuck {
        /// The version that should be everywhere.
        newer: Safe,
        /// A region that has it everywhere.
        done_in: Option<String>,
    },
    /// More than two versions at once.
    Mixed {
        /// How many versions.
        versions: usize,
    },
    /// Another region has gone on, and no stage lets this one follow.
    Behind {
        /// What the other region runs.
        newer: Safe,
        /// That region.
        region: String,
    },
}

impl Finding {
    /// One word.
    pub fn word(&self) -> &'static str {
        match self.kind {
            Kind::NoRelease => "no-release",
            Kind::Elsewhere { .. } => "elsewhere",
            Kind::Early { .. } => "early",
            Kind::Skipped { .. } => "skipped",
            Kind::Stuck { .. } => "stuck",
            Kind::Mixed { .. } => "mixed",
            Kind::Behind { .. } => "behind",
        }
    }

    /// Why it is astray.
    pub fn why(&self, zone: Tz) -> String {
        match &self.kind {
            Kind::NoRelease => "no release brings it".to_owned(),
            Kind::Elsewhere { release } => format!("{release} does not bring it here"),
            Kind::Early { release, start } => {
                format!("{release} brings it here at {}", format::local_time(*start, zone))
            }
            Kind::Skipped { release, environment, runs } => {
                format!("{release} goes through {environment}, which runs {runs}")
            }
            Kind::Stuck { newer, done_in: Some(region) } => {
                format!("nothing moves; {newer} is everywhere in {region}")
            }
            Kind::Stuck { newer, done_in: None } => format!("nothing moves; the rest runs {newer}"),
            Kind::Mixed { versions } => format!("{versions} versions run at once"),
            Kind::Behind { newer, region } => {
                format!("{region} runs {newer}, and no stage brings it here")
            }
        }
    }

    /// `checkout 4.1.3 in production · eu: 2 of 48, nothing moves; the rest runs 4.2.0`.
    pub fn sentence(&self, zone: Tz) -> String {
        let Self { service, version, place, count: (own, all), .. } = self;
        let (own, all) = (format::number(*own), format::number(*all));
        format!("{service} {version} in {}: {own} of {all}, {}", place.words(), self.why(zone))
    }

    fn rank(&self) -> u8 {
        match self.kind {
            Kind::NoRelease | Kind::Elsewhere { .. } => 0,
            Kind::Skipped { .. } => 1,
            Kind::Early { .. } => 2,
            Kind::Stuck { .. } => 3,
            Kind::Mixed { .. } => 4,
            Kind::Behind { .. } => 5,
        }
    }
}

/// Draws the map of some environments, given in promotion order.
pub fn skew(sources: &[Source<'_>], releases: &[Release], now: DateTime<Utc>) -> Skew {
    let places = places(sources);
    let mut services: BTreeSet<&str> = BTreeSet::new();
    for source in sources {
        let lines = source.history.into_iter().flat_map(|history| &history.lines);
        services.extend(lines.map(|line| line.service.as_str()));
    }
    let planned: Vec<&Release> = releases
        .iter()
        .filter(|release| !matches!(release.status, Status::Draft | Status::Cancelled))
        .collect();
    let mut map = Skew { places, ..Skew::default() };
    for service in services {
        let spots: Vec<Spot<'_>> = map.places.iter().map(|place| Spot::of(sources, service, place)).collect();
        let mut versions: BTreeSet<&Safe> = BTreeSet::new();
        versions.extend(spots.iter().flat_map(|spot| spot.running.iter().map(|running| &running.version)));
        let mut versions: Vec<&Safe> = versions.into_iter().collect();
        versions.sort_by(|one, other| parse_version(other).cmp(&parse_version(one)).then(other.cmp(one)));
        for version in versions {
            let counts = spots.iter().map(|spot| spot.is_known.then(|| spot.count(version)));
            map.rows.push(Row {
                service: service.to_owned(),
                version: version.clone(),
                counts: counts.collect(),
            });
        }
        let of_service =
            planned.iter().copied().filter(|release| release.version_of(service).is_some()).collect();
        let search = Search { service, spots: &spots, releases: of_service, now };
        map.findings.extend(search.findings());
    }
    map.findings.sort_by(|one, other| {
        let key = |finding: &Finding| (finding.rank(), finding.service.clone(), finding.place.clone());
        key(one).cmp(&key(other))
    });
    map
}

fn places(sources: &[Source<'_>]) -> Vec<Place> {
    let mut places = Vec::new();
    for source in sources {
        let lines = source.history.into_iter().flat_map(|history| &history.lines);
        let regions: BTreeSet<Option<&str>> = lines.map(|line| line.region.as_deref()).collect();
        let place = |region: Option<&str>| Place {
            environment: source.environment.to_owned(),
            region: region.map(str::to_owned),
        };
        if regions.is_empty() {
            places.push(place(None));
        }
        places.extend(regions.into_iter().map(place));
    }
    places
}

/// A service at a place.
struct Spot<'a> {
    place: &'a Place,
    /// Whether somebody counted lately, or the service was never counted here.
    is_known: bool,
    total: f64,
    /// What runs, the most first.
    running: Vec<Running>,
    /// Since when the shares have not moved.
    still_since: Since,
}

struct Running {
    version: Safe,
    count: f64,
    since: Since,
    /// Whether it is seen from the first point on, or comes again after having run then.
    was_there: bool,
}

impl<'a> Spot<'a> {
    fn of(sources: &[Source<'_>], service: &str, place: &'a Place) -> Self {
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

    fn count(&self, version: &Safe) -> f64 {
        self.running.iter().find(|running| running.version == *version).map_or(0.0, |running| running.count)
    }

    /// The only version that runs here.
    fn only(&self) -> Option<&Running> {
        match self.running.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }
}

/// The instant behind a [`Since`].
pub fn instant_of(since: Since) -> DateTime<Utc> {
    match since {
        Since::At(at) | Since::Before(at) => at,
    }
}

/// The search for what is astray with one service.
struct Search<'a> {
    service: &'a str,
    spots: &'a [Spot<'a>],
    /// Releases that bring some version of it, drafts and cancelled ones left out.
    releases: Vec<&'a Release>,
    now: DateTime<Utc>,
}

impl Search<'_> {
    fn findings(&self) -> Vec<Finding> {
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

#[cfg(test)]
mod tests;
