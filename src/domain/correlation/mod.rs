//! What changed before something went wrong: alerts and rises in numbers, in order along the
//! dependency graph, with their lag behind each change.
//!
//! It counts and measures and never says that one thing caused another: two things that follow each
//! other within minutes may have a third thing in common. What it can say is the lag, how far apart
//! the two are in the graph, and how many of the last changes of that service were followed by the
//! like.

mod rise;

pub use rise::{Rise, rise};

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};

use super::format;
use super::graph::Edge;

/// Changes further back than this are not brought together with a signal.
pub const REACH: TimeDelta = TimeDelta::hours(2);
/// Within the last hour everything that changed is told, however far away.
const EVERYTHING: TimeDelta = TimeDelta::hours(1);
/// Changes of one service that are counted.
const MOST_COUNTED: usize = 20;
/// The lags in minutes to which one is rounded up before others are counted within it.
const WITHIN: [i64; 5] = [5, 10, 30, 60, 120];

/// Something that was changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// When it began.
    pub at: DateTime<Utc>,
    /// What.
    pub kind: ChangeKind,
    /// Of which service; `None`: of none in particular.
    pub service: Option<String>,
    /// Where; `None`: everywhere.
    pub environment: Option<String>,
    /// In which region; `None`: not told apart.
    pub region: Option<String>,
    /// In words: `checkout 4.2.0`.
    pub what: String,
}

/// What kind of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// A version appeared.
    Deployment,
    /// A version's share grew.
    Step,
    /// A version went back.
    Rollback,
    /// The workspace's own files.
    Configuration,
    /// A commit that a version brings.
    Commit,
    /// A ticket of a release.
    Ticket,
    /// A silence began or ended.
    Silence,
}

impl ChangeKind {
    /// One word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Deployment => "deployment",
            Self::Step => "step",
            Self::Rollback => "rollback",
            Self::Configuration => "configuration",
            Self::Commit => "commit",
            Self::Ticket => "ticket",
            Self::Silence => "silence",
        }
    }

    /// Whether it brought something into service: what is counted for the like.
    fn is_counted(self) -> bool {
        self == Self::Deployment
    }
}

/// Something that went wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Signal {
    /// Since when.
    pub at: DateTime<Utc>,
    /// An alert or a rise.
    pub kind: SignalKind,
    /// Its name: `CheckoutErrors`, `error rate`.
    pub name: String,
    /// The service it is about.
    pub service: Option<String>,
    /// Where; `None`: it does not say.
    pub environment: Option<String>,
    /// In which region; `None`: it does not say.
    pub region: Option<String>,
    /// When it was over; `None`: nobody saw it end.
    pub ended: Option<DateTime<Utc>>,
}

impl Signal {
    /// `CheckoutErrors of checkout (over after 6 m)`.
    pub fn words(&self) -> String {
        let of = self.service.as_ref().map_or_else(String::new, |service| format!(" of {service}"));
        let over = self
            .ended
            .map_or_else(String::new, |ended| format!(" (over after {})", format::duration(ended - self.at)));
        format!("{}{of}{over}", self.name)
    }
}

/// What kind of signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SignalKind {
    /// An alert that fires or is pending.
    Alert,
    /// A number that rose.
    Rise,
}

impl SignalKind {
    /// One word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Rise => "rise",
        }
    }
}

/// How two services stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Distance {
    /// The same service.
    Same,
    /// The changed one is needed by the one with the signal, over so many dependencies.
    Provider(usize),
    /// The changed one needs the one with the signal: it may load it.
    Consumer(usize),
    /// No dependency leads from one to the other, or the change is of no service.
    Apart,
}

impl Distance {
    /// `same service`, `its provider`, `a provider 2 away`.
    pub fn words(self) -> String {
        match self {
            Self::Same => "same service".to_owned(),
            Self::Provider(1) => "its provider".to_owned(),
            Self::Provider(steps) => format!("a provider {steps} away"),
            Self::Consumer(1) => "needs it".to_owned(),
            Self::Consumer(steps) => format!("needs it, {steps} away"),
            Self::Apart => "no dependency".to_owned(),
        }
    }
}

/// A change that came before a signal.
#[derive(Debug, Clone, PartialEq)]
pub struct Before {
    /// The change.
    pub change: Change,
    /// How long before the signal.
    pub lag: TimeDelta,
    /// How the two services stand to each other.
    pub distance: Distance,
    /// How often the like followed; `None`: a change of a kind that is not counted.
    pub followed: Option<Followed>,
}

/// How many of the last changes of a service were followed by a signal of this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Followed {
    /// So many were.
    pub times: usize,
    /// Of so many.
    pub of: usize,
    /// Within so long.
    pub within: TimeDelta,
}

impl Followed {
    /// `1 of 3 within 10 m`.
    pub fn words(self) -> String {
        format!("{} of {} within {}", self.times, self.of, format::duration(self.within))
    }
}

/// A signal, and what changed before it, the nearest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Correlated {
    /// The signal.
    pub signal: Signal,
    /// What changed within [`REACH`] before it; what lies apart only within an hour.
    pub before: Vec<Before>,
}

impl Correlated {
    /// `CheckoutErrors since 3 m after checkout 4.2.0 (same service); followed 1 of 3 within 10 m`,
    /// without the time of day.
    pub fn sentence(&self) -> String {
        let Self { signal, before } = self;
        let name = signal.words();
        let Some(first) = before.first() else {
            let reach = format::duration(REACH);
            return format!("{name}: nothing known changed within {reach} before it");
        };
        let followed = first.followed.map_or_else(String::new, |followed| {
            format!("; the like followed {} (n = {})", followed.words(), followed.of)
        });
        format!(
            "{name}: {} after {}, {}{followed}",
            format::duration(first.lag),
            first.change.what,
            first.distance.words()
        )
    }
}

/// Brings signals together with the changes before them, the earliest signal first. `changes` and
/// `past` reach back as far as is known: `past` are all signals, those that are over too, by which
/// the like are counted.
pub fn correlate(
    changes: &[Change],
    signals: &[Signal],
    past: &[Signal],
    edges: &[Edge<'_>],
) -> Vec<Correlated> {
    let neighbours = Neighbours::of(edges);
    let mut found: Vec<Correlated> = signals
        .iter()
        .map(|signal| {
            let steps = signal.service.as_deref().map(|service| neighbours.from(service));
            let mut before: Vec<Before> = changes
                .iter()
                .filter_map(|change| {
                    let lag = signal.at - change.at;
                    let distance = steps.as_ref().map_or(Distance::Apart, |steps| steps.to(change));
                    let reach = if distance == Distance::Apart { EVERYTHING } else { REACH };
                    let is_before = lag >= TimeDelta::zero() && lag <= reach;
                    (is_before && is_same_place(change, signal)).then(|| Before {
                        followed: followed(change, signal, lag, changes, past),
                        change: change.clone(),
                        lag,
                        distance,
                    })
                })
                .collect();
            before.sort_by_key(|before| (before.distance, before.lag, before.change.what.clone()));
            Correlated { signal: signal.clone(), before }
        })
        .collect();
    found.sort_by(|one, other| {
        let key = |found: &Correlated| (found.signal.at, found.signal.name.clone());
        key(one).cmp(&key(other))
    });
    found
}

/// What happened in another environment, or in another region, is not before it.
fn is_same_place(change: &Change, signal: &Signal) -> bool {
    let fits =
        |one: Option<&String>, other: Option<&String>| one.zip(other).is_none_or(|(one, other)| one == other);
    fits(change.environment.as_ref(), signal.environment.as_ref())
        && fits(change.region.as_ref(), signal.region.as_ref())
}

/// How many of the last changes of the same service at the same place were followed by a signal of
/// the same name, within this lag rounded up.
fn followed(
    change: &Change,
    signal: &Signal,
    lag: TimeDelta,
    changes: &[Change],
    past: &[Signal],
) -> Option<Followed> {
    if !change.kind.is_counted() {
        return None;
    }
    let within = WITHIN.into_iter().map(TimeDelta::minutes).find(|within| lag <= *within).unwrap_or(REACH);
    let mut like: Vec<&Change> = changes
        .iter()
        .filter(|other| {
            other.kind == change.kind
                && other.service == change.service
                && other.environment == change.environment
                && other.at <= change.at
        })
        .collect();
    like.sort_by_key(|other| std::cmp::Reverse(other.at));
    like.truncate(MOST_COUNTED);
    let is_followed = |other: &&&Change| {
        past.iter().chain([signal]).any(|later| {
            let lag = later.at - other.at;
            later.name == signal.name
                && later.service == signal.service
                && is_same_place(other, later)
                && lag >= TimeDelta::zero()
                && lag <= within
        })
    };
    Some(Followed { times: like.iter().filter(is_followed).count(), of: like.len(), within })
}

/// Who needs whom, both ways.
struct Neighbours<'a> {
    needs: BTreeMap<&'a str, Vec<&'a str>>,
    needed_by: BTreeMap<&'a str, Vec<&'a str>>,
}

impl<'a> Neighbours<'a> {
    fn of(edges: &[Edge<'a>]) -> Self {
        let (mut needs, mut needed_by): (BTreeMap<_, Vec<_>>, BTreeMap<_, Vec<_>>) = Default::default();
        for edge in edges {
            needs.entry(edge.from).or_default().push(edge.to);
            needed_by.entry(edge.to).or_default().push(edge.from);
        }
        Self { needs, needed_by }
    }

    fn from(&self, service: &str) -> Steps<'a> {
        Steps {
            service: service.to_owned(),
            providers: steps(&self.needs, service),
            consumers: steps(&self.needed_by, service),
        }
    }
}

/// How far every service is from one, by the fewest dependencies.
struct Steps<'a> {
    service: String,
    providers: BTreeMap<&'a str, usize>,
    consumers: BTreeMap<&'a str, usize>,
}

impl Steps<'_> {
    fn to(&self, change: &Change) -> Distance {
        let Some(changed) = change.service.as_deref() else { return Distance::Apart };
        if changed == self.service {
            return Distance::Same;
        }
        let provider = self.providers.get(changed).map(|steps| Distance::Provider(*steps));
        let consumer = self.consumers.get(changed).map(|steps| Distance::Consumer(*steps));
        provider.or(consumer).unwrap_or(Distance::Apart)
    }
}

fn steps<'a>(next: &BTreeMap<&'a str, Vec<&'a str>>, from: &str) -> BTreeMap<&'a str, usize> {
    let mut found = BTreeMap::new();
    let mut open: VecDeque<(&str, usize)> = VecDeque::from([(from, 0)]);
    while let Some((here, steps)) = open.pop_front() {
        for there in next.get(here).into_iter().flatten() {
            if *there != from && !found.contains_key(there) {
                found.insert(*there, steps + 1);
                open.push_back((there, steps + 1));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests;
