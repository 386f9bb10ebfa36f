//! From what was seen and what is planned to where a rollout is on its plan.

use chrono::{DateTime, TimeDelta, Utc};

use super::{At, Eta, Observed, Off, Position};
use crate::domain::release::{Release, Stage, Status, Strategy};
use crate::domain::rollout::skew::instant_of;
use crate::domain::rollout::{EventKind, Phase, STEP, Since};
use crate::domain::version::same_version;

/// Nobody begins a stage to the minute, nor takes a step to it.
const GRACE: TimeDelta = TimeDelta::minutes(5);
/// Before this much of its time a stage's version is no longer on time, but early.
const EARLY: TimeDelta = TimeDelta::minutes(15);

/// Finds the stage that plans a rollout, and where the rollout is on it; `None`: no plan knows it.
pub fn position(observed: &Observed<'_>, releases: &[Release], now: DateTime<Utc>) -> Option<Position> {
    let (release, index) = stage_of(observed, releases)?;
    let stage = release.stages.get(index)?;
    let reading = Reading { observed, stage, now, steps: steps_of(stage) };
    Some(reading.position(release, index))
}

/// The planned shares of a stage, between 0 and 1, rising; the last is the whole.
pub fn steps_of(stage: &Stage) -> Vec<f64> {
    let mut steps: Vec<f64> =
        stage.steps.iter().map(|step| step / 100.0).filter(|step| *step > 0.0 && *step <= 1.0).collect();
    if steps.last().is_none_or(|last| *last < 1.0) {
        steps.push(1.0);
    }
    steps
}

/// The stage that plans a rollout: of a release that brings this version, at this place. Of several
/// the one that names the region, then the one whose time is nearest to when it began.
pub fn stage_of<'a>(observed: &Observed<'_>, releases: &'a [Release]) -> Option<(&'a Release, usize)> {
    let began = instant_of(observed.began);
    let brings = |release: &&Release| {
        let happens = !matches!(release.status, Status::Draft | Status::Cancelled);
        happens
            && release.version_of(observed.service).is_some_and(|brought| same_version(brought, observed.to))
    };
    let is_here = |stage: &Stage| {
        let region = stage.region.as_deref();
        stage.environment == observed.environment
            && (region.is_none() || observed.region.is_none() || region == observed.region)
    };
    let distance = |stage: &Stage| {
        if began < stage.start { stage.start - began } else { (began - stage.end).max(TimeDelta::zero()) }
    };
    let stages = releases.iter().filter(brings).flat_map(|release| {
        release.stages.iter().enumerate().map(move |(index, stage)| (release, index, stage))
    });
    stages
        .filter(|(_, _, stage)| is_here(stage))
        .min_by_key(|(_, _, stage)| (stage.region.as_deref() != observed.region, distance(stage)))
        .map(|(release, index, _)| (release, index))
}

/// A rollout held beside one stage.
struct Reading<'a> {
    observed: &'a Observed<'a>,
    stage: &'a Stage,
    now: DateTime<Utc>,
    steps: Vec<f64>,
}

impl Reading<'_> {
    fn position(self, release: &Release, index: usize) -> Position {
        let at = self.at();
        let full = self.full(at);
        let soak = self.stage.soak;
        let done = match (at, soak) {
            (At::Done, _) => Some(Eta::Reached(self.reached())),
            (At::BackedOut | At::Unknown, _) | (_, None) => None,
            (At::Soaking(Some(until)), _) => Some(Eta::About(until)),
            (_, Some(soak)) => Some(full.later(soak)),
        };
        Position {
            release: release.id.clone(),
            stage: index,
            planned: (self.stage.start, self.stage.end),
            strategy: self.stage.strategy,
            at,
            full,
            done,
            delay: self.delay(at),
            off: self.off(at),
            steps: self.steps,
        }
    }

    /// How long each step has.
    fn hold(&self) -> TimeDelta {
        (self.stage.end - self.stage.start) / i32::try_from(self.steps.len()).unwrap_or(1).max(1)
    }

    /// How far from a step a share still is at it: two points, or one instance.
    fn tolerance(&self) -> f64 {
        let one = 1.0 / self.observed.instances.1.max(1.0);
        one.clamp(STEP, 0.1)
    }

    /// The step (from 1) at which a share is; the nearer one where two are near.
    fn step_at(&self, share: f64) -> Option<usize> {
        let distance = |step: f64| (step - share).abs();
        if share <= 0.0 {
            return None;
        }
        let near = self.steps.iter().copied().enumerate().filter(|(_, step)| {
            // Only the whole is the whole: one instance less is not everywhere.
            let is_whole = *step >= 1.0 - f64::EPSILON;
            if is_whole { distance(*step) < 1e-9 } else { distance(*step) <= self.tolerance() }
        });
        near.min_by(|(_, one), (_, other)| distance(*one).total_cmp(&distance(*other)))
            .map(|(index, _)| index + 1)
    }

    fn at(&self) -> At {
        let observed = self.observed;
        match observed.phase {
            Phase::Unknown => return At::Unknown,
            Phase::RolledBack => return At::BackedOut,
            Phase::Completed => {
                let until = match (self.stage.soak, self.reached()) {
                    (None, _) => return At::Soaking(None),
                    (Some(soak), since) => instant_of(since) + soak,
                };
                return if until <= self.now { At::Done } else { At::Soaking(Some(until)) };
            }
            Phase::Progressing | Phase::RollingBack | Phase::Paused => {}
        }
        if self.stage.strategy == Some(Strategy::BlueGreen) {
            return self.at_colour();
        }
        let Some(step) = self.step_at(observed.share) else {
            let passed = self.steps.iter().filter(|step| **step <= observed.share + 1e-9).count();
            return At::Between(passed);
        };
        let since = self.at_share_since();
        let until = match since {
            Since::At(at) => Some(at + self.hold()),
            Since::Before(_) => None,
        };
        At::Step { step, since, until }
    }

    /// Blue-green, by what is counted: traffic goes all one way or all the other; instances of both
    /// stand beside each other, half and half.
    fn at_colour(&self) -> At {
        let share = self.observed.share;
        let stands = (0.35..=0.65).contains(&share) || share <= self.tolerance();
        if stands { At::Step { step: 0, since: self.at_share_since(), until: None } } else { At::Between(0) }
    }

    /// Since when the share is what it is.
    fn at_share_since(&self) -> Since {
        let known = || self.observed.shares.iter().filter_map(|(at, share)| share.map(|share| (*at, share)));
        let near = |share: f64| (share - self.observed.share).abs() < self.tolerance();
        let mut first = None;
        for (at, share) in known().collect::<Vec<_>>().into_iter().rev() {
            if !near(share) {
                break;
            }
            first = Some(at);
        }
        match (first, known().next()) {
            (Some(at), Some((start, _))) if at > start => Since::At(at),
            (Some(at), _) => Since::Before(at),
            (None, _) => self.observed.began,
        }
    }

    /// Since when all of it runs the new version.
    fn reached(&self) -> Since {
        let last = self.observed.events.iter().rev();
        let completed = last.filter(|event| event.kind == EventKind::Completed).map(|event| event.at);
        completed.max().map_or_else(|| self.at_share_since(), Since::At)
    }

    fn full(&self, at: At) -> Eta {
        let end = self.stage.end;
        let steps = i32::try_from(self.steps.len()).unwrap_or(i32::MAX);
        let between = |from: DateTime<Utc>, to: DateTime<Utc>| {
            if to - from <= TimeDelta::minutes(1) { Eta::About(from.max(to)) } else { Eta::Between(from, to) }
        };
        match at {
            At::Soaking(_) | At::Done => Eta::Reached(self.reached()),
            At::BackedOut | At::Unknown => Eta::NotKnown,
            _ if self.observed.phase == Phase::RollingBack => Eta::NotKnown,
            At::Step { step, until, .. } if self.stage.strategy != Some(Strategy::BlueGreen) => {
                let after = steps - i32::try_from(step).unwrap_or(steps);
                let next = until.map_or(self.now, |until| until.max(self.now));
                let earliest = next + self.hold() * (after - 1).max(0);
                match until {
                    Some(_) => between(earliest, end.max(earliest)),
                    // Since when it is here is not known: what is left of the step may be all of it.
                    None => between(earliest, end.max(earliest + self.hold())),
                }
            }
            _ => match self.pace() {
                Some((from, to)) => between(from, to),
                None if end > self.now => between(self.now, end),
                None => Eta::NotKnown,
            },
        }
    }

    /// When it is everywhere if it goes on as it went: at the pace of all of it, and of its last part.
    /// Only where it moves in many small steps, as a rolling one does.
    fn pace(&self) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let (phase, share) = (self.observed.phase, self.observed.share);
        if phase != Phase::Progressing
            || matches!(self.stage.strategy, Some(Strategy::Canary | Strategy::BlueGreen))
        {
            return None;
        }
        let moves: Vec<(DateTime<Utc>, f64)> = self
            .observed
            .events
            .iter()
            .filter_map(|event| match event.kind {
                EventKind::ShareMoved { to, .. } => Some((event.at, to)),
                _ => None,
            })
            .collect();
        let (first, last) = (moves.first()?, moves.last()?);
        if moves.len() < 3 {
            return None;
        }
        let middle = moves[moves.len() / 2];
        let until_full = |from: &(DateTime<Utc>, f64)| {
            let (time, gained) = ((last.0 - from.0).num_seconds() as f64, last.1 - from.1);
            (gained > 0.0 && time > 0.0).then(|| {
                let left = ((1.0 - share) / gained * time).min(1e7);
                (last.0 + TimeDelta::seconds(left as i64)).max(self.now)
            })
        };
        let (all, late) = (until_full(first)?, until_full(&middle)?);
        Some((all.min(late), all.max(late)))
    }

    /// How far behind its plan it is. A step has a time it is due at, and one it is over at.
    fn delay(&self, at: At) -> Option<TimeDelta> {
        let due =
            |step: usize| self.stage.start + self.hold() * i32::try_from(step.saturating_sub(1)).unwrap_or(0);
        let delay = match at {
            At::Step { step, since, .. } if step > 0 => {
                let over = self.now - due(step + 1);
                match since {
                    Since::At(since) => (since - due(step)).max(over),
                    Since::Before(_) => over.max(TimeDelta::zero()),
                }
            }
            At::Step { .. } | At::Between(_) => (self.now - self.stage.end).max(TimeDelta::zero()),
            At::Soaking(_) | At::Done => match self.reached() {
                Since::At(since) => since - self.stage.end,
                Since::Before(_) => TimeDelta::zero(),
            },
            At::BackedOut | At::Unknown => return None,
        };
        // Whoever is everywhere before the stage ends is simply done.
        let is_over = matches!(at, At::Soaking(_) | At::Done);
        (delay > GRACE || (delay < -GRACE && !is_over)).then_some(delay)
    }

    fn off(&self, at: At) -> Vec<Off> {
        let mut off = Vec::new();
        let observed = self.observed;
        if let Since::At(began) = observed.began {
            let early = self.stage.start - began;
            off.extend((early > EARLY).then_some(Off::Early(early)));
        }
        let stands = observed.phase == Phase::Paused;
        if let (At::Between(_), true) = (at, stands) {
            off.push(match self.stage.strategy {
                Some(Strategy::AllAtOnce | Strategy::BlueGreen) => Off::Mix,
                _ => Off::NoStep,
            });
        }
        off.extend(self.left_out(at).map(Off::LeftOut));
        off
    }

    /// A step below the present one at which the share was never seen. Only where the whole of it
    /// was seen, at points close enough.
    fn left_out(&self, at: At) -> Option<f64> {
        let (Some(Strategy::Canary), Since::At(_), At::Step { step, .. }) =
            (self.stage.strategy, self.observed.began, at)
        else {
            return None;
        };
        let spacing = match self.observed.shares {
            [(first, _), (second, _), ..] => *second - *first,
            _ => return None,
        };
        if spacing * 3 > self.hold() {
            return None;
        }
        let seen: Vec<usize> =
            self.observed.shares.iter().filter_map(|(_, share)| self.step_at((*share)?)).collect();
        (1..step).find(|below| !seen.contains(below)).map(|below| self.steps[below - 1])
    }
}
