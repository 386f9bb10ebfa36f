//! Many rollouts as one train: a release's services and places in the order in which they must go,
//! how far each is, which one holds the rest, and when all of it will be done.
//!
//! The order is that of dependency waves (providers first), then of the stages' times. A car that
//! has not begun keeps its planned length and waits for those before it at its place in the plan; the
//! train's end is late by as much as its slowest car.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::Phase;
use super::plan::{At, Eta, Position};
use super::skew::{Skew, instant_of};
use crate::domain::graph::Graph;
use crate::domain::release::{Release, Status};
use crate::domain::version::{parse_version, same_version};
use crate::domain::{Safe, Workspace};

/// A stage that began so long ago without anything to see of it is late.
const GRACE: TimeDelta = TimeDelta::minutes(15);

/// A rollout that was seen, as a train needs it.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// Its number among the seen ones, by which a car leads back to it.
    pub index: usize,
    /// The service.
    pub service: &'a str,
    /// The environment.
    pub environment: &'a str,
    /// The region.
    pub region: Option<&'a str>,
    /// The version to come.
    pub to: &'a Safe,
    /// How it stands.
    pub phase: Phase,
    /// Its share, between 0 and 1.
    pub share: f64,
    /// Where it is on its plan.
    pub position: Option<&'a Position>,
}

/// A release on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct Train {
    /// The release.
    pub release: String,
    /// Its title.
    pub title: String,
    /// Where its cars are, in order.
    pub cars: Vec<Car>,
    /// The car that holds the rest, by its number; `None`: none does.
    pub holder: Option<usize>,
    /// How much of it is done, between 0 and 1: the mean of its cars.
    pub progress: f64,
    /// When all of it will run; `None`: it does.
    pub full: Option<Eta>,
}

/// One service at one place.
#[derive(Debug, Clone, PartialEq)]
pub struct Car {
    /// The service.
    pub service: String,
    /// The version to come.
    pub version: String,
    /// The environment.
    pub environment: String,
    /// The region; `None`: all of them.
    pub region: Option<String>,
    /// Its wave, counted from 1.
    pub wave: usize,
    /// When its stage begins and ends.
    pub planned: (DateTime<Utc>, DateTime<Utc>),
    /// How it stands.
    pub state: CarState,
    /// The share of the new version, between 0 and 1; `None`: not known.
    pub progress: Option<f64>,
    /// The rollout seen there, by its number.
    pub rollout: Option<usize>,
    /// When it will be everywhere; `None`: it is.
    pub full: Option<Eta>,
}

/// How a car stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CarState {
    /// Its stage is to come.
    Waiting,
    /// Its stage began, and nothing is seen of it.
    Late,
    /// It moves, or soaks in a step.
    Going,
    /// It stands longer than its step has, or where no step is.
    Held,
    /// It goes back, or went.
    Back,
    /// It is everywhere.
    Done,
    /// Nobody says.
    Unknown,
}

impl CarState {
    /// One word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Late => "late",
            Self::Going => "going",
            Self::Held => "held",
            Self::Back => "back",
            Self::Done => "done",
            Self::Unknown => "unknown",
        }
    }
}

impl Car {
    /// `production · eu`.
    pub fn place(&self) -> String {
        match &self.region {
            Some(region) => format!("{} · {region}", self.environment),
            None => self.environment.clone(),
        }
    }
}

impl Train {
    /// How many of its cars are done.
    pub fn done(&self) -> usize {
        self.cars.iter().filter(|car| car.state == CarState::Done).count()
    }

    /// The car that holds the rest.
    pub fn holding(&self) -> Option<&Car> {
        self.holder.and_then(|holder| self.cars.get(holder))
    }
}

/// The trains within [from, to): releases one of whose stages meets it or one of whose rollouts goes
/// on, those that go on first, then by their beginning.
pub fn trains(
    workspace: &Workspace,
    seen: &[Seen<'_>],
    map: &Skew,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
) -> Vec<Train> {
    let happens = |release: &&Release| !matches!(release.status, Status::Draft | Status::Cancelled);
    let is_seen = |release: &Release| {
        seen.iter().any(|seen| {
            seen.phase.is_active() && seen.position.is_some_and(|position| position.release == release.id)
        })
    };
    let is_on =
        |release: &&Release| is_seen(release) || release.stages.iter().any(|stage| stage.touches(from, to));
    let mut trains: Vec<Train> = workspace
        .releases
        .iter()
        .filter(happens)
        .filter(is_on)
        .filter(|release| !release.items.is_empty() && !release.stages.is_empty())
        .map(|release| train(workspace, release, seen, map, now))
        .collect();
    trains.sort_by_key(|train| {
        let goes = train.cars.iter().any(|car| {
            matches!(car.state, CarState::Going | CarState::Held | CarState::Back | CarState::Late)
        });
        let next = train.cars.iter().filter(|car| car.state != CarState::Done).map(|car| car.planned.0).min();
        (!goes, next.is_none(), next, train.release.clone())
    });
    trains
}

/// One release as a train.
pub fn train(
    workspace: &Workspace,
    release: &Release,
    seen: &[Seen<'_>],
    map: &Skew,
    now: DateTime<Utc>,
) -> Train {
    let waves = Graph::of_release(workspace, release).waves();
    let wave_of: BTreeMap<&str, usize> =
        (1..).zip(&waves).flat_map(|(wave, ids)| ids.iter().map(move |id| (*id, wave))).collect();
    let mut cars: Vec<Car> = Vec::new();
    for (index, stage) in release.stages.iter().enumerate() {
        for item in &release.items {
            let mut car = Car {
                service: item.service.clone(),
                version: item.version.clone(),
                environment: stage.environment.clone(),
                region: stage.region.clone(),
                wave: wave_of.get(item.service.as_str()).copied().unwrap_or(1),
                planned: (stage.start, stage.end),
                state: CarState::Unknown,
                progress: None,
                rollout: None,
                full: None,
            };
            settle(&mut car, index, release, seen, map, now);
            cars.push(car);
        }
    }
    cars.sort_by(|one, other| {
        let key = |car: &Car| (car.planned.0, car.wave, car.service.clone(), car.region.clone());
        key(one).cmp(&key(other))
    });
    follow(&mut cars, now);
    let holder =
        cars.iter().position(|car| matches!(car.state, CarState::Held | CarState::Back | CarState::Late));
    let known: Vec<f64> = cars.iter().map(|car| car.progress.unwrap_or(0.0)).collect();
    let progress = known.iter().sum::<f64>() / known.len().max(1) as f64;
    Train {
        release: release.id.clone(),
        title: release.title.clone(),
        full: whole(&cars),
        holder,
        progress,
        cars,
    }
}

/// How a car stands: by the rollout that is seen there, else by what runs there.
fn settle(car: &mut Car, stage: usize, release: &Release, seen: &[Seen<'_>], map: &Skew, now: DateTime<Utc>) {
    let own = seen.iter().filter(|seen| {
        seen.service == car.service
            && seen.environment == car.environment
            && same_version(seen.to, &car.version)
            && (car.region.is_none() || seen.region.is_none() || seen.region == car.region.as_deref())
    });
    // Where a stage brings all regions, the region that is least far speaks for it.
    let own = own.filter(|seen| seen.position.is_none_or(|at| at.release != release.id || at.stage == stage));
    let least = own.min_by(|one, other| {
        let far = |seen: &Seen<'_>| (!seen.phase.is_active(), seen.share);
        far(one).0.cmp(&far(other).0).then(far(one).1.total_cmp(&far(other).1))
    });
    let counted = counted(car, map);
    if let Some(seen) = least {
        car.rollout = Some(seen.index);
        car.progress = Some(seen.share);
        let position = seen.position.filter(|position| position.release == release.id);
        car.full = position.map(|position| position.full).filter(|full| !matches!(full, Eta::Reached(_)));
        car.state = match (seen.phase, position) {
            (Phase::Unknown, _) => CarState::Unknown,
            (Phase::RollingBack | Phase::RolledBack, _) => CarState::Back,
            // In another of its regions nothing may have been seen yet.
            (Phase::Completed, _) => match counted {
                Some(share) if share < 1.0 => CarState::Going,
                _ => CarState::Done,
            },
            (_, Some(position)) if is_held(position, now) => CarState::Held,
            _ => CarState::Going,
        };
        if let (Phase::Completed, Some(share)) = (seen.phase, counted) {
            car.progress = Some(share);
        }
        if matches!(car.state, CarState::Back | CarState::Unknown) {
            car.full = Some(Eta::NotKnown);
        }
        return;
    }
    car.progress = counted;
    car.state = match counted {
        None if car.planned.0 > now => CarState::Waiting,
        None => CarState::Unknown,
        Some(share) if share >= 1.0 => CarState::Done,
        Some(_) if car.planned.0 + GRACE > now => CarState::Waiting,
        Some(_) => CarState::Late,
    };
    if car.state == CarState::Unknown {
        car.full = Some(Eta::NotKnown);
    }
}

/// Longer at its step than the step has, or where no step is.
fn is_held(position: &Position, now: DateTime<Utc>) -> bool {
    let is_over = position.left(now).is_some_and(|left| left < TimeDelta::zero());
    let stands_beside =
        position.off.iter().any(|off| matches!(off, super::plan::Off::NoStep | super::plan::Off::Mix));
    matches!(position.at, At::Step { .. } | At::Between(_)) && (is_over || stands_beside)
}

/// The share of a car's version (or of a newer one: then it was passed) at its places, by the map.
fn counted(car: &Car, map: &Skew) -> Option<f64> {
    let version = parse_version(&car.version);
    let reaches = |other: &str| {
        same_version(other, &car.version)
            || version.as_ref().zip(parse_version(other)).is_some_and(|(own, other)| other >= *own)
    };
    let (mut own, mut all, mut is_known) = (0.0, 0.0, false);
    for (index, place) in map.places.iter().enumerate() {
        let is_here = place.environment == car.environment
            && (car.region.is_none() || place.region.is_none() || place.region == car.region);
        if !is_here {
            continue;
        }
        for row in map.rows.iter().filter(|row| row.service == car.service) {
            let count = row.counts.get(index).copied().flatten()?;
            is_known = true;
            all += count;
            if reaches(&row.version) {
                own += count;
            }
        }
    }
    (is_known && all > 0.0).then(|| own / all)
}

/// When cars that have not begun will be everywhere: as planned, and no earlier than those before
/// them let them begin. One before it that nobody can say anything of lets nobody say more.
fn follow(cars: &mut [Car], now: DateTime<Utc>) {
    for index in 0..cars.len() {
        let car = &cars[index];
        if !matches!(car.state, CarState::Waiting | CarState::Late) {
            continue;
        }
        let length = car.planned.1 - car.planned.0;
        // Those whose stage was to end before this one begins.
        let before = cars[..index].iter().filter(|before| before.planned.1 <= car.planned.0);
        let open: Vec<Eta> = before.filter_map(|before| before.full).collect();
        let begins = open.iter().map(|eta| eta.latest()).collect::<Option<Vec<_>>>();
        let full = match begins {
            None => Eta::NotKnown,
            Some(ends) => {
                let start = ends.into_iter().chain([car.planned.0, now]).max().unwrap_or(now);
                Eta::About(start + length)
            }
        };
        cars[index].full = Some(full);
    }
}

/// When all cars are everywhere; `None`: they are.
fn whole(cars: &[Car]) -> Option<Eta> {
    let open: Vec<Eta> = cars.iter().filter_map(|car| car.full).collect();
    if open.is_empty() {
        let is_done = cars.iter().all(|car| car.state == CarState::Done);
        return (!is_done).then_some(Eta::NotKnown);
    }
    let earliest = |eta: &Eta| match eta {
        Eta::About(at) | Eta::Between(at, _) => Some(*at),
        Eta::Reached(since) => Some(instant_of(*since)),
        Eta::NotKnown => None,
    };
    let first = open.iter().map(earliest).collect::<Option<Vec<_>>>().and_then(|all| all.into_iter().max());
    let last =
        open.iter().map(|eta| eta.latest()).collect::<Option<Vec<_>>>().and_then(|all| all.into_iter().max());
    Some(match (first, last) {
        (Some(first), Some(last)) if first < last => Eta::Between(first, last),
        (_, Some(last)) => Eta::About(last),
        _ => Eta::NotKnown,
    })
}

#[cfg(test)]
mod tests;
