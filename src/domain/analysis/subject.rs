//! What is judged: one rollout of one service in one place, read from a history of versions.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::question::{RunningHistory, ShareLine};
use crate::domain::rollout::{self, Event, EventKind, Rollout};
use crate::domain::{Release, Safe};

/// How far back rollouts are looked for, in seconds.
pub const LOOKBACK: u32 = 86_400;
/// Between two points of that history, in seconds.
pub const GRAIN: u32 = 30;
/// How long a finished rollout is still judged where its plan names no soak.
const USUAL_WATCH: TimeDelta = TimeDelta::hours(1);
/// A rollout that began before the history is judged from a mark that moves only this often, so
/// that looking again does not change what was seen.
const ANCHOR: i64 = 6 * 3600;

/// How a rollout stands, or that there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The service was not seen there.
    None,
    /// One version runs, and no rollout was seen.
    Steady,
    /// A rollout, and how it stands.
    Rollout(rollout::Phase),
}

impl Phase {
    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Steady => "steady",
            Self::Rollout(phase) => phase.word(),
        }
    }

    /// Whether the new version was brought back, or is on its way.
    pub fn is_back(self) -> bool {
        matches!(self, Self::Rollout(rollout::Phase::RolledBack | rollout::Phase::RollingBack))
    }
}

/// One rollout, or the steady running, of one service in one place.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    /// The service.
    pub service: String,
    /// The environment.
    pub environment: String,
    /// The region, where the source tells regions apart.
    pub region: Option<String>,
    /// The version to leave; `None`: not seen before, or no rollout.
    pub from: Option<Safe>,
    /// The version to come, or the one that runs; empty: none was seen.
    pub to: Safe,
    /// When the new version was first seen; for a steady service, a mark to measure from.
    pub since: DateTime<Utc>,
    /// It began before the history.
    pub began_before: bool,
    /// How it stands.
    pub phase: Phase,
    /// The share of the new version when last seen, between 0 and 1.
    pub share: Option<f64>,
    /// The share at every point since it began.
    pub shares: Vec<(DateTime<Utc>, Option<f64>)>,
    /// When it completed, was brought back, or another one took its place.
    pub ended: Option<DateTime<Utc>>,
    /// Another rollout took its place, or it was brought back: nothing more is to be measured.
    pub is_over: bool,
    /// The rollout before this one ended then: what was measured earlier is not the old version's.
    pub clean_from: Option<DateTime<Utc>>,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// Between two points of the history.
    pub grain: TimeDelta,
    /// How long it is watched once it is complete.
    pub watch: TimeDelta,
    /// Percent of the new version, step by step, as planned.
    pub steps: Vec<f64>,
    /// The release that brings it here.
    pub release: Option<String>,
    /// Why what runs is not known, or only in part.
    pub doubt: Option<String>,
}

impl Subject {
    /// Until when it is measured, seen from `now`.
    pub fn until(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        match self.ended {
            Some(ended) if self.is_over => ended.min(now),
            Some(ended) => (ended + self.watch).min(now),
            None => now,
        }
    }

    /// Whether nothing that comes could change what is said of it.
    pub fn is_finished(&self, now: DateTime<Utc>) -> bool {
        self.ended.is_some() && self.until(now) < now
            || self.is_over
            || !matches!(self.phase, Phase::Rollout(_))
    }

    /// Whether the old version ran beside the new one when it was first seen.
    pub fn is_gradual(&self) -> bool {
        self.began_before || self.shares.iter().find_map(|(_, share)| *share).is_some_and(|share| share < 1.0)
    }

    /// `production · eu`.
    pub fn place(&self) -> String {
        match &self.region {
            Some(region) => format!("{} · {region}", self.environment),
            None => self.environment.clone(),
        }
    }

    /// Takes the plan's word for steps and soak.
    #[must_use]
    pub fn planned(mut self, release: &Release) -> Self {
        let here = |region: &Option<String>| region.is_none() || *region == self.region;
        let stage =
            release.stages.iter().find(|stage| stage.environment == self.environment && here(&stage.region));
        if let Some(stage) = stage {
            self.steps.clone_from(&stage.steps);
            self.watch = stage.soak.unwrap_or(self.watch);
        }
        self.release = Some(release.id.clone());
        self
    }
}

/// The latest rollout of a service in each region of an environment (or the steady running), as a
/// history tells of it at `now`. Nothing later than `now` is looked at.
pub fn subjects(
    history: &RunningHistory,
    service: &str,
    environment: &str,
    now: DateTime<Utc>,
) -> Vec<Subject> {
    let history = as_of(history, service, now);
    let mut regions: Vec<Option<String>> = history.lines.iter().map(|line| line.region.clone()).collect();
    regions.sort_unstable();
    regions.dedup();
    let rollouts = rollout::rollouts(&history, now);
    let grain = match history.times.as_slice() {
        [first, second, ..] => *second - *first,
        _ => TimeDelta::seconds(i64::from(GRAIN)),
    };
    let doubt = history.warnings.first().map(|warning| format!("what runs is told in part: {warning}"));
    let common = |region: &Option<String>| Subject {
        service: service.to_owned(),
        environment: environment.to_owned(),
        region: region.clone(),
        from: None,
        to: Safe::new(""),
        since: now,
        began_before: false,
        phase: Phase::None,
        share: None,
        shares: Vec::new(),
        ended: None,
        is_over: false,
        clean_from: None,
        events: Vec::new(),
        grain,
        watch: USUAL_WATCH,
        steps: Vec::new(),
        release: None,
        doubt: doubt.clone(),
    };
    let mut found = Vec::new();
    for region in &regions {
        let mut here: Vec<&Rollout> = rollouts.iter().filter(|rollout| rollout.region == *region).collect();
        here.sort_by_key(|rollout| (rollout.began.is_some(), rollout.began));
        match latest(&here, &history.times, common(region)) {
            Some(subject) => found.push(subject),
            None => found.extend(steady(&history, region.as_ref(), now, common(region))),
        }
    }
    if found.is_empty() {
        found.push(common(&None));
    }
    found
}

/// The history of one service up to an instant.
fn as_of(history: &RunningHistory, service: &str, now: DateTime<Utc>) -> RunningHistory {
    let first = now - TimeDelta::seconds(i64::from(LOOKBACK));
    let first = history.times.partition_point(|time| *time < first);
    let points = history.times.partition_point(|time| *time <= now).max(first);
    let lines = history.lines.iter().filter(|line| line.service == service);
    RunningHistory {
        times: history.times[first..points].to_vec(),
        lines: lines
            .map(|line| {
                let counts = line.counts.get(first..points.min(line.counts.len())).unwrap_or_default();
                ShareLine { counts: counts.to_vec(), ..line.clone() }
            })
            .filter(|line| line.counts.iter().any(Option::is_some))
            .collect(),
        warnings: history.warnings.clone(),
    }
}

/// Walks through the rollouts of one place in order of time; one that takes the new version away
/// again is the end of the one before, not a rollout of its own.
fn latest(rollouts: &[&Rollout], times: &[DateTime<Utc>], common: Subject) -> Option<Subject> {
    let mut current: Option<(&Rollout, Option<&Rollout>)> = None;
    let mut clean_from = None;
    for rollout in rollouts {
        match current {
            Some((first, None))
                if first.from.as_ref() == Some(&rollout.to) && rollout.from.as_ref() == Some(&first.to) =>
            {
                current = Some((first, Some(rollout)));
            }
            _ => {
                let before = current.map(|(first, back)| back.unwrap_or(first).last_change);
                clean_from = before.or(clean_from);
                current = Some((rollout, None));
            }
        }
    }
    let (rollout, back) = current?;
    let first = times.first().copied().unwrap_or(rollout.last_change);
    let since = rollout.began.unwrap_or_else(|| anchor(first));
    let all = times.iter().copied().zip(rollout.share_series.iter().copied());
    let mut events = rollout.events.clone();
    let (phase, ended, is_over) = if let Some(back) = back {
        events.retain(|event| event.at <= back.began.unwrap_or(event.at));
        let began = back.began.unwrap_or(back.last_change);
        let is_done = !back.phase.is_active();
        let phase = if is_done { rollout::Phase::RolledBack } else { rollout::Phase::RollingBack };
        let kind = if is_done {
            EventKind::RolledBack
        } else {
            EventKind::ShareMoved { from: 1.0, to: 1.0 - back.share_now }
        };
        events.push(Event { at: if is_done { back.last_change } else { began }, kind });
        (phase, Some(began), true)
    } else {
        let ended = (!rollout.phase.is_active()).then_some(rollout.last_change);
        (rollout.phase, ended, rollout.phase == rollout::Phase::RolledBack)
    };
    Some(Subject {
        from: rollout.from.clone(),
        to: rollout.to.clone(),
        since,
        began_before: rollout.began.is_none(),
        phase: Phase::Rollout(phase),
        share: Some(back.map_or(rollout.share_now, |back| 1.0 - back.share_now)),
        shares: all.filter(|(at, _)| *at >= since).collect(),
        ended,
        is_over,
        clean_from,
        events,
        ..common
    })
}

/// A service that runs and does not change.
fn steady(
    history: &RunningHistory,
    region: Option<&String>,
    now: DateTime<Utc>,
    common: Subject,
) -> Option<Subject> {
    let lines = history.lines.iter().filter(|line| line.region.as_ref() == region);
    let latest = |counts: &[Option<f64>]| {
        let (at, count) = counts.iter().enumerate().rev().find_map(|(at, count)| Some((at, (*count)?)))?;
        (count > 0.0).then_some((at, count))
    };
    let (at, _, version) = lines
        .filter_map(|line| latest(&line.counts).map(|(at, count)| (at, count, &line.version)))
        .max_by(|one, other| one.0.cmp(&other.0).then(one.1.total_cmp(&other.1)))?;
    let seen = *history.times.get(at)?;
    // What was last seen a while ago may not run any more.
    let is_seen = now - seen <= (common.grain * 3).max(TimeDelta::minutes(1));
    let words = || format!("what runs was last told at {}", seen.format("%H:%M:%S UTC"));
    Some(Subject {
        to: version.clone(),
        since: now,
        phase: if is_seen { Phase::Steady } else { Phase::Rollout(rollout::Phase::Unknown) },
        share: is_seen.then_some(1.0),
        doubt: if is_seen { common.doubt.clone() } else { Some(words()) },
        ..common
    })
}

fn anchor(at: DateTime<Utc>) -> DateTime<Utc> {
    let seconds = at.timestamp();
    let up = seconds.div_euclid(ANCHOR) * ANCHOR + if seconds.rem_euclid(ANCHOR) == 0 { 0 } else { ANCHOR };
    DateTime::from_timestamp(up, 0).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_600_800 + minute * 60, 0).unwrap()
    }

    /// One digit a minute: instances; `.` none.
    fn history(lines: &[(&str, &str)]) -> RunningHistory {
        let points = lines[0].1.len();
        RunningHistory {
            times: (0..points as i64).map(at).collect(),
            lines: lines
                .iter()
                .map(|(version, counts)| ShareLine {
                    service: "checkout".to_owned(),
                    region: None,
                    version: Safe::new(version),
                    counts: counts.chars().map(|digit| digit.to_digit(10).map(f64::from)).collect(),
                })
                .collect(),
            ..RunningHistory::default()
        }
    }

    fn only(lines: &[(&str, &str)], minute: i64) -> Subject {
        let mut found = subjects(&history(lines), "checkout", "production", at(minute));
        assert_eq!(found.len(), 1, "{found:#?}");
        found.remove(0)
    }

    const THERE_AND_BACK: [(&str, &str); 2] = [("2.3.9", "444.......44444"), ("2.4.0", "...4444444.....")];

    #[test]
    fn all_at_once_and_back_is_one_rollout_that_was_brought_back() {
        assert_eq!(only(&THERE_AND_BACK, 2).phase, Phase::Steady);
        let during = only(&THERE_AND_BACK, 6);
        assert_eq!((during.phase.word(), during.since, during.to.as_str()), ("completed", at(3), "2.4.0"));
        assert!(!during.is_gradual() && !during.is_finished(at(6)));
        assert_eq!(during.until(at(6)), at(6));
        let back = only(&THERE_AND_BACK, 12);
        assert_eq!((back.phase.word(), back.to.as_str(), back.ended), ("rolled-back", "2.4.0", Some(at(10))));
        assert_eq!((back.since, back.until(at(12)), back.share), (at(3), at(10), Some(0.0)));
        assert!(back.is_finished(at(12)));
        assert_eq!(back.events.last().map(|event| event.at), Some(at(10)));
    }

    #[test]
    fn the_next_try_after_a_rollback_is_a_rollout_again() {
        let lines = [("2.3.9", "444...444..."), ("2.4.0", "...444...444")];
        let again = only(&lines, 11);
        assert_eq!((again.phase.word(), again.since, again.to.as_str()), ("completed", at(9), "2.4.0"));
        assert_eq!(again.clean_from, Some(at(6)));
    }

    #[test]
    fn nothing_later_than_now_is_seen() {
        let full = history(&THERE_AND_BACK);
        for minute in 0..15 {
            let mut cut = full.clone();
            cut.times.truncate(minute as usize + 1);
            for line in &mut cut.lines {
                line.counts.truncate(minute as usize + 1);
            }
            let of = |history| subjects(history, "checkout", "production", at(minute));
            assert_eq!(of(&full), of(&cut), "minute {minute}");
        }
    }

    #[test]
    fn a_canary_is_gradual_and_a_service_nobody_saw_is_none() {
        let canary = only(&[("1", "4443333"), ("2", "...1111")], 6);
        assert!(canary.is_gradual());
        assert_eq!(
            (canary.phase.word(), canary.share, canary.from.as_deref()),
            ("progressing", Some(0.25), Some("1"))
        );
        let found = subjects(&history(&[("1", "4")]), "payments", "production", at(0));
        assert_eq!((found[0].phase, found[0].to.as_str()), (Phase::None, ""));
    }

    #[test]
    fn what_was_last_told_long_ago_is_not_steady() {
        let silent = only(&[("1", "44........")], 9);
        assert_eq!(silent.phase.word(), "unknown");
        assert!(silent.doubt.is_some_and(|doubt| doubt.contains("last told")));
    }

    #[test]
    fn a_rollout_that_began_before_the_history_keeps_its_mark() {
        let first = only(&[("1", "3333333333"), ("2", "1111111111")], 9);
        assert!(first.began_before && first.since >= at(0));
        assert_eq!(anchor(at(0)), anchor(at(-10)));
    }
}
