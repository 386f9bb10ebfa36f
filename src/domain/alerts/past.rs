//! Alerts of the past: from the series a Prometheus keeps of its alerts to each coming of an alert,
//! with its beginning and its end.
//!
//! A Prometheus writes `ALERTS{alertname, alertstate, …} 1` with every evaluation of a rule while an
//! alert is pending or fires, and `ALERTS_FOR_STATE` with the instant since when its condition
//! holds, in seconds since 1970 (Prometheus, "Alerting rules", "Inspecting alerts during runtime").
//! A stretch in which it recorded nothing is not one without alerts.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Alert, AlertState, Heard, fingerprint, is_same};
use crate::domain::Safe;
use crate::domain::format;
use crate::domain::question::Silence;
use crate::domain::silence::matcher;

/// Two beginnings that lie closer together are told by two servers of one pair, whose evaluations
/// do not fall together: one coming.
const SAME: TimeDelta = TimeDelta::seconds(60);

/// One coming of an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// The alert. Its state is the worst it came to, its beginning is since when its condition held.
    pub alert: Alert,
    /// From when on it fired, to the step; `None`: it never did.
    pub fired: Option<DateTime<Utc>>,
    /// When it ended, to the step; `None`: nobody saw it end.
    pub ended: Option<DateTime<Utc>>,
    /// When it was seen last.
    pub seen: DateTime<Utc>,
    /// Whether it went on already where the history begins, and nobody says since when.
    pub began_before: bool,
}

impl Past {
    /// How long it went on, as far as was seen.
    pub fn length(&self) -> TimeDelta {
        self.ended.unwrap_or(self.seen) - self.alert.since
    }

    /// Whether it went on at some time within two instants.
    pub fn touches(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> bool {
        self.alert.since <= to && self.ended.is_none_or(|ended| ended >= from)
    }

    /// Whether a silence muted it when it began to be heard.
    pub fn is_silenced_by(&self, silence: &Silence) -> bool {
        self.is_silenced_at(silence, self.fired.unwrap_or(self.alert.since))
    }

    /// Whether a silence muted it at an instant.
    pub fn is_silenced_at(&self, silence: &Silence, at: DateTime<Utc>) -> bool {
        let fits = || {
            matcher::tests(&silence.matchers)
                .is_ok_and(|tests| tests.iter().all(|test| test.accepts(&self.alert.labels)))
        };
        silence.starts <= at && at < silence.ends && fits()
    }

    /// As the rest of the program looks at alerts.
    pub fn heard(&self, source: &str) -> Heard {
        Heard {
            alert: self.alert.clone(),
            source: source.to_owned(),
            also: Vec::new(),
            fingerprint: fingerprint(&self.alert),
        }
    }

    /// Whether an alert that is told of now is this very coming.
    fn is_heard(&self, heard: &Heard) -> bool {
        // An Alertmanager counts from when it was told, not from when the condition began to hold.
        let during = self.alert.since - SAME <= heard.alert.since
            && self.ended.is_none_or(|ended| heard.alert.since <= ended + SAME);
        during && is_same(&self.alert, &heard.alert)
    }

    /// Whether another server tells of this very coming.
    fn is_told_by(&self, other: &Self) -> bool {
        (self.alert.since - other.alert.since).abs() <= SAME && is_same(&self.alert, &other.alert)
    }
}

/// A stretch of time of which nothing is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// From when.
    pub from: DateTime<Utc>,
    /// Until when.
    pub to: DateTime<Utc>,
}

/// What a server tells of the alerts of a stretch of time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct History {
    /// Every coming of an alert, the earliest first.
    pub list: Vec<Past>,
    /// Where the server recorded nothing, the earliest first.
    pub gaps: Vec<Gap>,
    /// Why it has no history of alerts at all.
    pub not_kept: Option<Safe>,
    /// The answer is partial, or came with warnings: there may be more.
    pub warnings: Vec<Safe>,
    /// Seconds between the points it was read at.
    pub step: u32,
}

impl History {
    /// Whether an alert that is not in it was none, between two instants.
    pub fn is_whole(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> bool {
        self.doubts(from, to, chrono_tz::UTC).is_empty()
    }

    /// The comings that fired at an instant, as could be known then: nothing later counts. `None`: it
    /// is not known whether any did.
    pub fn firing(&self, at: DateTime<Utc>) -> Option<Vec<&Past>> {
        let step = TimeDelta::seconds(i64::from(self.step));
        // What is read at a point counts up to the next one. A gap ends at a point, whose own record
        // looks back into it.
        let is_gap = self.gaps.iter().any(|gap| gap.from <= at && at < gap.to + step);
        if is_gap || self.not_kept.is_some() || !self.warnings.is_empty() {
            return None;
        }
        let fires = |past: &&Past| past.fired.is_some_and(|fired| fired <= at) && at < past.seen + step;
        Some(self.list.iter().filter(fires).collect())
    }

    /// Why an alert that is not in it may have been one all the same, a sentence each.
    pub fn doubts(&self, from: DateTime<Utc>, to: DateTime<Utc>, zone: chrono_tz::Tz) -> Vec<String> {
        if let Some(why) = &self.not_kept {
            return vec![why.to_string()];
        }
        let within = self.gaps.iter().filter(|gap| gap.from < to && gap.to > from);
        let gaps = within.map(|gap| {
            let span = format::local_span(gap.from.max(from), gap.to.min(to), zone);
            format!("nothing was recorded {span}")
        });
        let warnings = self.warnings.iter().map(|warning| format!("only a part is told: {warning}"));
        gaps.chain(warnings).collect()
    }
}

/// Those that no alert told of now is the same coming of.
pub fn unheard<'a>(past: &'a [Past], heard: &[Heard]) -> Vec<&'a Past> {
    past.iter().filter(|past| !heard.iter().any(|heard| past.is_heard(heard))).collect()
}

/// What several servers tell, each coming once, the earliest first; with the name of the server.
pub fn merge<'a>(told: impl IntoIterator<Item = (&'a str, &'a History)>) -> Vec<(String, Past)> {
    let mut all: Vec<(String, Past)> = Vec::new();
    for (source, history) in told {
        let known = all.len();
        for past in &history.list {
            if !all[..known].iter().any(|(_, other)| past.is_told_by(other)) {
                all.push((source.to_owned(), past.clone()));
            }
        }
    }
    all.sort_by(|one, other| {
        let key = |past: &Past| (past.alert.since, past.alert.name.clone());
        key(&one.1).cmp(&key(&other.1))
    });
    all
}

/// A series at every instant of a grid.
#[derive(Debug, Clone, Copy)]
pub struct Track<'a> {
    /// Its labels.
    pub labels: &'a BTreeMap<String, String>,
    /// Its values; `None`: no sample.
    pub values: &'a [Option<f64>],
}

/// The instants of a grid.
#[derive(Debug, Clone, Copy)]
pub struct Instants {
    /// The first.
    pub start: DateTime<Utc>,
    /// Seconds between them.
    pub step: u32,
    /// How many.
    pub count: usize,
}

impl Instants {
    fn at(self, index: usize) -> DateTime<Utc> {
        self.start + TimeDelta::seconds(i64::from(self.step) * index as i64)
    }
}

/// What is known of one alert at every instant.
#[derive(Debug, Default)]
struct Known {
    /// `Some(true)`: it fires; `Some(false)`: it is pending.
    fires: Vec<Option<bool>>,
    /// Since when its condition holds, in seconds since 1970.
    since: Vec<Option<f64>>,
}

/// Reads comings of alerts from the series of `ALERTS` (which carry `alertstate`) and
/// `ALERTS_FOR_STATE` (which do not), and gaps from a series without any labels, which has a value
/// wherever the server recorded something. Without such a series only what was seen is known: from
/// the first alert on.
pub fn read(instants: Instants, tracks: &[Track<'_>]) -> (Vec<Past>, Vec<Gap>) {
    let mut alerts: BTreeMap<BTreeMap<&str, &str>, Known> = BTreeMap::new();
    let mut recorded: Option<Vec<bool>> = None;
    for track in tracks {
        let labels = track.labels.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let mut labels: BTreeMap<&str, &str> = labels.filter(|(name, _)| *name != "__name__").collect();
        if labels.is_empty() {
            recorded = Some(track.values.iter().map(Option::is_some).collect());
            continue;
        }
        let state = labels.remove("alertstate");
        let known = alerts.entry(labels).or_default();
        known.fires.resize(instants.count, None);
        known.since.resize(instants.count, None);
        for (index, value) in track.values.iter().enumerate().take(instants.count) {
            let Some(value) = value else { continue };
            match state {
                Some("firing") => known.fires[index] = Some(true),
                Some(_) => known.fires[index] = known.fires[index].or(Some(false)),
                None => known.since[index] = Some(*value),
            }
        }
    }
    let recorded = recorded.unwrap_or_else(|| {
        let seen = |index| alerts.values().any(|known| known.fires.get(index).copied().flatten().is_some());
        let first = (0..instants.count).find(|index| seen(*index)).unwrap_or(instants.count);
        (0..instants.count).map(|index| index >= first).collect()
    });
    let mut comings: Vec<Past> =
        alerts.iter().flat_map(|(labels, known)| comings(instants, labels, known, &recorded)).collect();
    comings.sort_by(|one, other| {
        let key = |past: &Past| (past.alert.since, past.alert.name.clone());
        key(one).cmp(&key(other))
    });
    (comings, gaps(instants, &recorded))
}

/// The stretches in which one alert was seen. It goes on through what was not recorded where it is
/// still the same after it.
fn comings(instants: Instants, labels: &BTreeMap<&str, &str>, known: &Known, recorded: &[bool]) -> Vec<Past> {
    let mut comings: Vec<Past> = Vec::new();
    let mut last: Option<usize> = None;
    for index in (0..instants.count).filter(|index| known.fires[*index].is_some()) {
        let at = instants.at(index);
        let since = known.since[index]
            .and_then(|seconds| DateTime::from_timestamp(seconds as i64, 0))
            .filter(|since| *since <= at);
        let fires = known.fires[index] == Some(true);
        let goes_on = last.is_some_and(|last| {
            let between = &recorded[(last + 1).min(recorded.len())..index.min(recorded.len())];
            between.iter().all(|recorded| !recorded)
        });
        let is_same =
            |open: &&mut Past| since.is_none_or(|since| since - open.alert.since <= SAME.max(step(instants)));
        if let Some(open) = comings.last_mut().filter(|_| goes_on).filter(is_same) {
            open.seen = at;
            open.ended = None;
            if fires && open.fired.is_none() {
                open.fired = Some(at);
                open.alert.state = AlertState::Firing;
            }
        } else {
            if let Some(before) = comings.last_mut().filter(|before| before.ended.is_none()) {
                before.ended = Some(before.seen);
            }
            comings.push(Past {
                alert: alert(labels, fires, since.unwrap_or(at)),
                fired: fires.then_some(at),
                ended: None,
                seen: at,
                began_before: since.is_none() && index == 0,
            });
        }
        let next = (index + 1..instants.count).find(|next| recorded.get(*next) == Some(&true));
        if let (Some(open), Some(next)) = (comings.last_mut(), next)
            && known.fires[next].is_none()
        {
            // Where nothing was recorded in between it had ended by then.
            open.ended = Some(if next == index + 1 { at } else { instants.at(next) });
        }
        last = Some(index);
    }
    comings
}

fn step(instants: Instants) -> TimeDelta {
    TimeDelta::seconds(i64::from(instants.step))
}

fn alert(labels: &BTreeMap<&str, &str>, fires: bool, since: DateTime<Utc>) -> Alert {
    Alert {
        name: Safe::new(labels.get("alertname").copied().unwrap_or("(unnamed alert)")),
        labels: labels.iter().map(|(name, value)| (Safe::new(name), Safe::new(value))).collect(),
        summary: Safe::default(),
        state: if fires { AlertState::Firing } else { AlertState::Pending },
        since,
        id: None,
        silenced_by: Vec::new(),
        inhibited_by: Vec::new(),
    }
}

/// The stretches without a record.
fn gaps(instants: Instants, recorded: &[bool]) -> Vec<Gap> {
    let mut gaps: Vec<Gap> = Vec::new();
    let mut open = false;
    for (index, recorded) in recorded.iter().enumerate().take(instants.count) {
        let at = instants.at(index);
        match gaps.last_mut().filter(|_| open) {
            _ if *recorded => open = false,
            Some(gap) => gap.to = at,
            None => {
                open = true;
                gaps.push(Gap { from: at, to: at });
            }
        }
    }
    // Up to the point where there is something again.
    let last = instants.at(instants.count.saturating_sub(1));
    for gap in &mut gaps {
        gap.to = (gap.to + step(instants)).min(last.max(gap.to));
    }
    gaps
}

#[cfg(test)]
mod tests;
