//! The skew map: which version runs where, and what is astray.
//!
//! A place is an environment, or one of its regions where the source tells them apart. Counts are
//! of the newest point of a history; a place nobody counted lately is unknown, never empty.

mod search;
mod spot;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use self::search::Search;
use self::spot::Spot;
use super::Since;
use crate::domain::question::RunningHistory;
use crate::domain::release::{Release, Stage, Status};
use crate::domain::version::parse_version;
use crate::domain::{Safe, format};

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

/// The instant behind a [`Since`].
pub fn instant_of(since: Since) -> DateTime<Utc> {
    match since {
        Since::At(at) | Since::Before(at) => at,
    }
}

#[cfg(test)]
mod tests;
