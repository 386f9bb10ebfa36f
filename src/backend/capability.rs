//! What backends can be asked, in small pieces: a backend implements what it knows. Reading and
//! controlling are different traits: a read may be tried again, a control never is.

use std::collections::BTreeMap;
use std::pin::Pin;

use chrono::{DateTime, Utc};

use crate::domain::alerts::History;
use crate::domain::frozen::BranchLog;
use crate::domain::question::{Alerts, Changes, Identity, Series, Silence, Span, Tag, TrackerVersion};
use crate::domain::silence::{Created, Expired, Request};
use crate::domain::tracker::{Push, Pushed};
use crate::domain::{Failure, Safe, Service};

/// An answer on its way. Dropping it gives the question up.
pub type Answering<'a, T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send + 'a>>;

/// A control on its way. It always ends in an outcome, of which "unknown" is one.
pub type Acting<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Says who it is, and who we are to it.
pub trait IdentitySource: Send + Sync {
    /// Who it is.
    fn identity(&self) -> Answering<'_, Identity>;
}

/// Knows which versions of a service exist.
pub trait VersionsSource: Send + Sync {
    /// Its version tags, newest first.
    fn tags<'a>(&'a self, service: &'a Service) -> Answering<'a, Vec<Tag>>;
}

/// Knows what lies between two versions of a service.
pub trait ChangesSource: Send + Sync {
    /// From one (or the beginning) to another (or what is newest).
    fn changes<'a>(
        &'a self,
        service: &'a Service,
        from: Option<&'a str>,
        to: Option<&'a str>,
    ) -> Answering<'a, Changes>;

    /// The newest changes of the workspace's own files.
    fn of_workspace(&self) -> Answering<'_, Changes>;
}

/// Knows what landed on branches.
pub trait BranchesSource: Send + Sync {
    /// The branches that match one of the globs, and what landed on each within [from, to), seen
    /// from `now`.
    fn landed<'a>(
        &'a self,
        service: &'a Service,
        globs: &'a [String],
        during: (DateTime<Utc>, DateTime<Utc>),
        now: DateTime<Utc>,
    ) -> Answering<'a, Vec<BranchLog>>;
}

/// Knows versions and issues of a tracker's projects.
pub trait TicketSource: Send + Sync {
    /// All versions of a project.
    fn versions<'a>(&'a self, project: &'a str) -> Answering<'a, Vec<TrackerVersion>>;
    /// One version, with its counts and its open issues.
    fn version<'a>(&'a self, project: &'a str, version: &'a str) -> Answering<'a, TrackerVersion>;
}

/// Changes versions of a tracker's projects.
pub trait TrackerControl: Send + Sync {
    /// Gives a version another release date: only while it still is as it was read, once, and
    /// judged by what is there afterwards. Dropping it on its way leaves the outcome unknown.
    fn set_release_date<'a>(&'a self, push: &'a Push) -> Acting<'a, Pushed>;
}

/// Knows numbers over time.
pub trait SeriesSource: Send + Sync {
    /// One series over a span; gaps are gaps.
    fn series<'a>(&'a self, query: &'a str, span: Span, now: DateTime<Utc>) -> Answering<'a, Series>;
    /// Every series of a query, at an instant.
    fn instant<'a>(&'a self, query: &'a str, now: DateTime<Utc>) -> Answering<'a, Samples>;
    /// Every series of a query, on the grid of a span.
    fn range<'a>(&'a self, query: &'a str, span: Span, now: DateTime<Utc>) -> Answering<'a, Grid>;
}

/// Knows what fires.
pub trait AlertSource: Send + Sync {
    /// Alerts that fire or are about to.
    fn alerts(&self) -> Answering<'_, Alerts>;
}

/// Knows what fired in the past.
pub trait AlertHistorySource: Send + Sync {
    /// Every coming of an alert within a span, and of which part of it nothing is known.
    fn alert_history(&self, span: Span, now: DateTime<Utc>) -> Answering<'_, History>;
}

/// Knows what is silenced.
pub trait SilenceSource: Send + Sync {
    /// Silences that hold or will.
    fn silences(&self) -> Answering<'_, Vec<Silence>>;
}

/// Makes silences and ends them.
pub trait SilenceControl: Send + Sync {
    /// Makes a silence: once, judged by what is there afterwards; then ends the one it takes the
    /// place of. Dropping it on its way leaves the outcome unknown.
    fn silence<'a>(&'a self, request: &'a Request) -> Acting<'a, Created>;
    /// Ends a silence: once, judged by what is there afterwards.
    fn expire<'a>(&'a self, id: &'a str) -> Acting<'a, Expired>;
}

/// Labelled values at an instant.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Samples {
    /// Labels and value; the value may be anything a float can be.
    pub samples: Vec<(BTreeMap<String, String>, f64)>,
    /// The answer is partial, or came with warnings.
    pub warnings: Vec<Safe>,
    /// What the server remarks on how the query is written; the answer is whole all the same.
    pub infos: Vec<Safe>,
}

/// Labels and, for each instant of a grid, a finite value or none.
pub type Line = (BTreeMap<String, String>, Vec<Option<f64>>);

/// Labelled values on a grid of instants.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Grid {
    /// The first instant.
    pub start: DateTime<Utc>,
    /// Seconds between instants.
    pub step: u32,
    /// How many instants.
    pub points: usize,
    /// One a series.
    pub lines: Vec<Line>,
    /// The answer is partial, or came with warnings.
    pub warnings: Vec<Safe>,
    /// What the server remarks on how the query is written; the answer is whole all the same.
    pub infos: Vec<Safe>,
}
