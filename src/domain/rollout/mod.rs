//! Rollouts as they are seen: a service moving from one version to another in an environment.
//!
//! Nothing here knows of a plan or a controller; it looks at which versions were counted when.
//! A point without data is a gap: it neither starts nor ends anything.

pub mod plan;
mod shares;
pub mod skew;
pub mod train;

use chrono::{DateTime, TimeDelta, Utc};

use self::shares::{Shares, by_service_and_region};
use super::Safe;
use super::question::RunningHistory;
use super::version::parse_version;

/// A share that moved less than this is autoscaling, not a step.
const STEP: f64 = 0.02;
/// A share that has not moved for this long is paused.
const QUIET: TimeDelta = TimeDelta::minutes(5);

/// One move of a service from one version to another, in one region.
#[derive(Debug, Clone, PartialEq)]
pub struct Rollout {
    /// The service.
    pub service: String,
    /// The region, where the source tells regions apart.
    pub region: Option<String>,
    /// The version to leave; `None`: the service was not seen before.
    pub from: Option<Safe>,
    /// The version to come.
    pub to: Safe,
    /// How it stands.
    pub phase: Phase,
    /// The share of `to` when it was last seen, between 0 and 1.
    pub share_now: f64,
    /// The count of `to` and of all versions when last seen: instances, or what the query counts.
    pub instances: (f64, f64),
    /// When `to` was first seen; `None`: before the history begins.
    pub began: Option<DateTime<Utc>>,
    /// When the share last moved.
    pub last_change: DateTime<Utc>,
    /// The last point with data.
    pub seen: DateTime<Utc>,
    /// The share of `to` at every point of the history; `None`: no data.
    pub share_series: Vec<Option<f64>>,
    /// What happened, in order.
    pub events: Vec<Event>,
}

/// How a rollout stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// The new version's share grew within the last minutes.
    Progressing,
    /// The new version's share shrank within the last minutes.
    RollingBack,
    /// Several versions run, and the share has not moved for some minutes.
    Paused,
    /// It was going on when it was last seen, and there is no newer data.
    Unknown,
    /// Only the new version runs.
    Completed,
    /// Only the old version runs again.
    RolledBack,
}

impl Phase {
    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Progressing => "progressing",
            Self::RollingBack => "rolling-back",
            Self::Paused => "paused",
            Self::Unknown => "unknown",
            Self::Completed => "completed",
            Self::RolledBack => "rolled-back",
        }
    }

    /// Whether more than one version runs, as far as is known.
    pub fn is_active(self) -> bool {
        !matches!(self, Self::Completed | Self::RolledBack)
    }
}

/// Something that was seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// At which point of the history.
    pub at: DateTime<Utc>,
    /// What.
    pub kind: EventKind,
}

/// What was seen.
#[derive(Debug, Clone, PartialEq)]
pub enum EventKind {
    /// A version that did not run before runs.
    Appeared(Safe),
    /// The share of the version to come moved.
    ShareMoved {
        /// From this share.
        from: f64,
        /// To this share.
        to: f64,
    },
    /// Only the new version runs.
    Completed,
    /// Only the old version runs again.
    RolledBack,
}

/// Since when a version runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// It took over at this point.
    At(DateTime<Utc>),
    /// It already ran when the history begins.
    Before(DateTime<Utc>),
}

/// The rollouts of a history: those that go on first, then the latest first.
pub fn rollouts(history: &RunningHistory, now: DateTime<Utc>) -> Vec<Rollout> {
    let mut rollouts = Vec::new();
    for ((service, region), shares) in by_service_and_region(history) {
        let watch = Watch { history, shares: &shares, now };
        rollouts.extend(watch.episodes().into_iter().filter_map(|episode| {
            let mut rollout = watch.rollout(&episode)?;
            service.clone_into(&mut rollout.service);
            rollout.region = region.map(str::to_owned);
            Some(rollout)
        }));
    }
    rollouts.sort_by(|one, other| {
        let key = |rollout: &Rollout| (!rollout.phase.is_active(), std::cmp::Reverse(rollout.last_change));
        let name = |rollout: &Rollout| (rollout.service.clone(), rollout.region.clone());
        key(one).cmp(&key(other)).then_with(|| name(one).cmp(&name(other)))
    });
    rollouts
}

/// Since when `version` has been the one most instances of a service run, all regions (or one)
/// together; `None`: it is not, or nothing is known.
pub fn since(history: &RunningHistory, service: &str, region: Option<&str>, version: &str) -> Option<Since> {
    let lines: Vec<_> = history
        .lines
        .iter()
        .filter(|line| line.service == service && (region.is_none() || line.region.as_deref() == region))
        .collect();
    let version = Safe::new(version);
    let mut earliest = None;
    // From the end, and no further than to where it took over: a board asks this of every row.
    for (point, time) in history.times.iter().enumerate().rev() {
        let (mut total, mut own) = (0.0, 0.0);
        for line in &lines {
            let count =
                line.counts.get(point).copied().flatten().filter(|count| count.is_finite() && *count >= 0.0);
            total += count.unwrap_or(0.0);
            own += count.filter(|_| line.version == version).unwrap_or(0.0);
        }
        // Nobody said.
        if total <= shares::NOTHING {
            continue;
        }
        if own / total <= 0.5 {
            return earliest.map(Since::At);
        }
        earliest = Some(*time);
    }
    earliest.map(Since::Before)
}

/// A stretch of points in which more than one version ran, or one took over from another.
#[derive(Debug, Clone)]
struct Episode {
    /// The only version that ran before; `None`: the history begins inside the stretch.
    from: Option<Safe>,
    first: usize,
    last: usize,
    /// The only version that ran after; `None`: it has not ended.
    end: Option<Safe>,
}

struct Watch<'a> {
    history: &'a RunningHistory,
    shares: &'a Shares,
    now: DateTime<Utc>,
}

impl Watch<'_> {
    fn episodes(&self) -> Vec<Episode> {
        let mut episodes = Vec::new();
        let mut alone: Option<Safe> = None;
        let mut open: Option<Episode> = None;
        for point in self.shares.known() {
            let running = self.shares.running(point).unwrap_or_default();
            match running.as_slice() {
                [only] => {
                    let began = || {
                        let from = alone.clone().filter(|alone| alone != *only)?;
                        Some(Episode { from: Some(from), first: point, last: point, end: None })
                    };
                    if let Some(mut episode) = open.take().or_else(began) {
                        episode.last = point;
                        episode.end = Some((*only).clone());
                        episodes.push(episode);
                    }
                    alone = Some((*only).clone());
                }
                [] => {}
                _ => {
                    let from = alone.take();
                    let episode = open.get_or_insert(Episode { from, first: point, last: point, end: None });
                    episode.last = point;
                }
            }
        }
        episodes.extend(open);
        episodes
    }

    fn rollout(&self, episode: &Episode) -> Option<Rollout> {
        let (from, to) = self.sides(episode)?;
        let points: Vec<usize> =
            self.shares.known().filter(|point| (episode.first..=episode.last).contains(point)).collect();
        let at = |point: usize| self.history.times[point];
        let mut events = Vec::new();
        let before = episode.from.as_ref().map(|_| 0.0);
        let mut level = before.or_else(|| self.shares.share(&to, episode.first))?;
        let mut last_change = at(episode.first);
        let mut grows = true;
        if episode.from.is_some() {
            events.push(Event { at: at(episode.first), kind: EventKind::Appeared(to.clone()) });
        }
        for &point in &points {
            let share = self.shares.share(&to, point)?;
            let moved = (share - level).abs() >= STEP || (episode.end.is_some() && point == episode.last);
            if moved && (share - level).abs() > f64::EPSILON {
                events.push(Event { at: at(point), kind: EventKind::ShareMoved { from: level, to: share } });
                grows = share > level;
                level = share;
                last_change = at(point);
            }
        }
        let ended = episode.end.as_ref().map(|end| {
            if *end == to {
                (Phase::Completed, EventKind::Completed)
            } else {
                (Phase::RolledBack, EventKind::RolledBack)
            }
        });
        if let Some((_, kind)) = &ended {
            events.push(Event { at: at(episode.last), kind: kind.clone() });
            last_change = at(episode.last);
        }
        let seen = self.shares.known().next_back().map_or(at(episode.last), at);
        let phase = match ended {
            Some((phase, _)) => phase,
            None if self.now - seen > self.patience() => Phase::Unknown,
            None if self.now - last_change > QUIET.max(self.patience()) => Phase::Paused,
            None if grows => Phase::Progressing,
            None => Phase::RollingBack,
        };
        Some(Rollout {
            service: String::new(),
            region: None,
            from,
            phase,
            share_now: self.shares.share(&to, episode.last)?,
            instances: self.shares.counts(&to, episode.last)?,
            began: episode.from.as_ref().map(|_| at(episode.first)),
            last_change,
            seen,
            share_series: self.shares.series(&to),
            events,
            to,
        })
    }

    /// Three points without data mean that nobody says any more.
    fn patience(&self) -> TimeDelta {
        let step = match self.history.times.as_slice() {
            [first, second, ..] => *second - *first,
            _ => TimeDelta::zero(),
        };
        (step * 3).max(TimeDelta::minutes(1))
    }

    /// Which version is left and which one comes.
    fn sides(&self, episode: &Episode) -> Option<(Option<Safe>, Safe)> {
        let mut seen: Vec<&Safe> = Vec::new();
        for point in self.shares.known().filter(|point| (episode.first..=episode.last).contains(point)) {
            for version in self.shares.running(point)? {
                if !seen.contains(&version) {
                    seen.push(version);
                }
            }
        }
        if let Some(from) = &episode.from {
            // Where it ended in a new version that one came; else the one that came farthest.
            let end = episode.end.clone().filter(|end| end != from);
            let peak = |version: &Safe| {
                let shares =
                    (episode.first..=episode.last).filter_map(|point| self.shares.share(version, point));
                shares.fold(0.0, f64::max)
            };
            let farthest = seen
                .into_iter()
                .filter(|version| *version != from)
                .max_by(|one, other| peak(one).total_cmp(&peak(other)));
            return Some((Some(from.clone()), end.or_else(|| farthest.cloned())?));
        }
        // The history begins in the middle: what grew came; where nothing moved, the newer one.
        let growth = |version: &Safe| {
            let share = |point| self.shares.share(version, point).unwrap_or_default();
            share(episode.last) - share(episode.first)
        };
        let moved = seen.iter().any(|version| growth(version).abs() >= STEP);
        seen.sort_by(|one, other| {
            let newer = parse_version(one).cmp(&parse_version(other)).then_with(|| one.cmp(other));
            if moved { growth(one).total_cmp(&growth(other)).then(newer) } else { newer }
        });
        let to = (*seen.last()?).clone();
        let biggest = seen.into_iter().filter(|version| **version != to).max_by(|one, other| {
            let share = |version: &Safe| self.shares.share(version, episode.first).unwrap_or_default();
            share(one).total_cmp(&share(other))
        });
        Some((biggest.cloned(), to))
    }
}

#[cfg(test)]
mod tests;
