//! What can be asked of the outside, and what it answers.
//!
//! A question names *what* is wanted; which backend answers it is the backends' business. The
//! cockpit and the command line ask the same questions.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::Serialize;

use super::Safe;
use super::alerts::History;
use super::burn;
use super::frozen::BranchLog;
use super::health;
use super::silence::Matcher;

/// A question to the outside. Ordered, so that answers can be kept in a map.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Question {
    /// Who are you, and who am I to you? (`doctor`, status bar)
    Identity {
        /// The backend's name.
        backend: String,
    },
    /// The version tags of a service's repository, newest first.
    Tags {
        /// The service.
        service: String,
    },
    /// What lies between two versions of a service. `to: None` is the repository's HEAD;
    /// `from: None` its beginning.
    Changes {
        /// The service.
        service: String,
        /// The version to leave.
        from: Option<String>,
        /// The version to come.
        to: Option<String>,
    },
    /// What changed in the workspace's own files lately, where they are in a repository.
    WorkspaceChanges,
    /// What landed on a service's branches within [from, to), while they were frozen.
    FrozenBranches {
        /// The service.
        service: String,
        /// Globs of branches: `main`, `release/*`.
        branches: Vec<String>,
        /// When the freeze began.
        from: DateTime<Utc>,
        /// When it ended or will.
        to: DateTime<Utc>,
    },
    /// Which version of each service runs in an environment now.
    Running {
        /// The environment.
        environment: String,
    },
    /// Which version of each service ran in an environment over a span, with shares.
    RunningHistory {
        /// The environment.
        environment: String,
        /// Over which time.
        span: Span,
    },
    /// A service's metric for one version, over a span.
    Metric {
        /// The service.
        service: String,
        /// The environment.
        environment: String,
        /// The region, where the query asks for one.
        region: Option<String>,
        /// The version.
        version: String,
        /// The metric's name in the service's file.
        metric: String,
        /// Over which time.
        span: Span,
    },
    /// The measurements of a metric that a judgement is made from.
    Measured {
        /// The service.
        service: String,
        /// The environment.
        environment: String,
        /// The region, where the query asks for one.
        region: Option<String>,
        /// The version, where the query asks for one; else empty.
        version: String,
        /// The metric's name in the service's file.
        metric: String,
        /// Which of its queries.
        part: Part,
        /// From when.
        from: DateTime<Utc>,
        /// Until when, and never later than now; `None`: now.
        until: Option<DateTime<Utc>>,
        /// Seconds between points.
        step: u32,
        /// What `{{window}}` stands for, in seconds.
        window: u32,
    },
    /// How many events of a service's objective there were, and how many of them bad, over
    /// windows that end now.
    Burn {
        /// The service.
        service: String,
        /// The environment, where its queries ask for one.
        environment: Option<String>,
        /// One version alone, where its queries can tell versions apart; `None`: all of them.
        version: Option<String>,
        /// Which windows.
        part: burn::Part,
    },
    /// Whether a health check passes: by a query or over HTTP.
    Health {
        /// Which, where.
        target: health::Target,
        /// Seconds between two runs.
        every: u32,
    },
    /// Whether a health check's program ends with 0. It is only asked when a person wants it.
    HealthCommand(health::Target),
    /// Alerts that fire or are about to.
    Alerts {
        /// A Prometheus or Alertmanager.
        backend: String,
    },
    /// Alerts that began, went on or ended within a span.
    AlertHistory {
        /// A Prometheus.
        backend: String,
        /// Over which time.
        span: Span,
    },
    /// Silences.
    Silences {
        /// An Alertmanager.
        backend: String,
    },
    /// A release's version in the tracker, with its issues.
    Tracker {
        /// The release.
        release: String,
    },
    /// All versions of a tracker's project.
    TrackerVersions {
        /// The backend's name.
        backend: String,
        /// The project's key.
        project: String,
    },
    /// Whether the query of a step's check holds.
    StepQuery {
        /// The release.
        release: String,
        /// The step of its run of show.
        step: String,
    },
    /// Whether the program of a step's check ends with 0. It is only asked when a person wants it.
    StepCommand {
        /// The release.
        release: String,
        /// The step of its run of show.
        step: String,
    },
}

impl Question {
    /// Whether it is only asked when a person wants it: never by itself, and never again.
    pub fn is_on_demand(&self) -> bool {
        matches!(self, Self::StepCommand { .. } | Self::HealthCommand(_))
    }
}

/// Which query of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Its value.
    Value,
    /// Its bad events.
    Bad,
    /// All its events.
    Total,
}

/// A span of time with a resolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Its end; `None`: now, whenever it is asked.
    pub end: Option<DateTime<Utc>>,
    /// Its length, in seconds.
    pub seconds: u32,
    /// Seconds between points; at least 1, and never more than 11,000 points.
    pub step: u32,
}

impl Span {
    /// A span of `seconds` with at most `points` points, aligned to whole seconds.
    pub fn new(end: Option<DateTime<Utc>>, seconds: u32, points: u32) -> Self {
        let points = points.clamp(1, 11_000);
        Self { end, seconds: seconds.max(1), step: seconds.div_ceil(points).max(1) }
    }

    /// Its bounds, seen from `now`, aligned down to the step.
    pub fn bounds(&self, now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
        let step = i64::from(self.step.max(1));
        let end = self.end.unwrap_or(now).timestamp().div_euclid(step) * step;
        let end = DateTime::from_timestamp(end, 0).unwrap_or(now);
        (end - TimeDelta::seconds(i64::from(self.seconds) / step * step), end)
    }
}

/// What the outside answers, a kind a question.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// To [`Question::Identity`].
    Identity(Identity),
    /// To [`Question::Tags`].
    Tags(Vec<Tag>),
    /// To [`Question::Changes`] and [`Question::WorkspaceChanges`].
    Changes(Changes),
    /// To [`Question::FrozenBranches`].
    FrozenBranches(Vec<BranchLog>),
    /// To [`Question::Running`].
    Running(Running),
    /// To [`Question::RunningHistory`].
    RunningHistory(RunningHistory),
    /// To [`Question::Metric`] and [`Question::Measured`].
    Metric(Series),
    /// To [`Question::Burn`].
    Burned(Burned),
    /// To [`Question::Health`] and [`Question::HealthCommand`].
    Health(health::Outcome),
    /// To [`Question::Alerts`].
    Alerts(Alerts),
    /// To [`Question::AlertHistory`].
    AlertHistory(History),
    /// To [`Question::Silences`].
    Silences(Vec<Silence>),
    /// To [`Question::Tracker`].
    Tracker(TrackerVersion),
    /// To [`Question::TrackerVersions`].
    TrackerVersions(Vec<TrackerVersion>),
    /// To [`Question::StepQuery`] and [`Question::StepCommand`].
    Checked(Checked),
}

/// Events of an objective, by window.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Burned {
    /// A window whose queries answered nothing has neither rate.
    pub readings: burn::Readings,
    /// The answer is partial, or came with warnings: its numbers do not count as known.
    pub warnings: Vec<Safe>,
}

/// What came of a step's check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Whether the step is done.
    pub holds: bool,
    /// What was found, in words.
    pub found: Safe,
}

/// Who a backend is, and who we are to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Product and version: `Prometheus 2.42.0`.
    pub product: Safe,
    /// Who we are signed in as, where it says.
    pub user: Option<Safe>,
    /// The server's clock minus ours, in seconds, where it says.
    pub clock_skew_seconds: Option<i64>,
}

/// A version tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// The tag's name.
    pub name: Safe,
    /// When it was made (annotated), or its commit (lightweight).
    pub at: DateTime<Utc>,
    /// Its subject line, or its commit's.
    pub subject: Safe,
}

/// What lies between two versions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// How many commits.
    pub count: u32,
    /// The newest of them, newest first; not more than a screen can use.
    pub commits: Vec<Commit>,
}

/// One commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its full id in hex.
    pub id: Safe,
    /// Who wrote it.
    pub author: Safe,
    /// When it was committed.
    pub at: DateTime<Utc>,
    /// Its first line.
    pub subject: Safe,
}

/// Which versions of which services run: service, version, share.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Running {
    /// By service; shares of a service add up to 1.
    pub services: BTreeMap<String, Vec<VersionShare>>,
    /// By service and region, where the source tells regions apart.
    pub regions: BTreeMap<(String, String), Vec<VersionShare>>,
    /// The answer is partial, or came with warnings.
    pub warnings: Vec<Safe>,
}

/// A version and its share of a service.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VersionShare {
    /// The version.
    pub version: Safe,
    /// Between 0 and 1.
    pub share: f64,
}

/// Which versions ran over time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RunningHistory {
    /// The instants of the points, ascending.
    pub times: Vec<DateTime<Utc>>,
    /// One line a service, region and version.
    pub lines: Vec<ShareLine>,
    /// The answer is partial, or came with warnings.
    pub warnings: Vec<Safe>,
}

/// A version's count of instances (or whatever the query counts) over time.
#[derive(Debug, Clone, PartialEq)]
pub struct ShareLine {
    /// The service.
    pub service: String,
    /// The region, where the source tells regions apart.
    pub region: Option<String>,
    /// The version.
    pub version: Safe,
    /// As many as `times`; `None`: no data at that point.
    pub counts: Vec<Option<f64>>,
}

/// A series over time: gaps are gaps.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Series {
    /// First grid point.
    pub start: DateTime<Utc>,
    /// Seconds between points.
    pub step: u32,
    /// `None`: no sample there, or it was not a number.
    pub values: Vec<Option<f64>>,
    /// More than one series answered; the first was taken.
    pub ambiguous: bool,
    /// No series answered at all, which is not the same as one without samples of late: nothing
    /// of that name and those labels had a sample in the whole span.
    pub absent: bool,
    /// The last point whose sample was no number: NaN where nothing was divided by nothing, or an
    /// infinity. Such points have no value.
    pub undefined: Option<DateTime<Utc>>,
    /// The answer is partial, or came with warnings.
    pub warnings: Vec<Safe>,
    /// What the server remarks on how the query is written; the answer is whole all the same.
    pub infos: Vec<Safe>,
}

impl Series {
    /// The last point that has a value, with its time.
    pub fn latest(&self) -> Option<(DateTime<Utc>, f64)> {
        let (index, value) = self.values.iter().enumerate().rev().find_map(|(i, v)| v.map(|v| (i, v)))?;
        Some((self.time_of(index), value))
    }

    /// The value of the point nearest to an instant, within half a step of it; `None`: a gap.
    pub fn value_at(&self, at: DateTime<Utc>) -> Option<f64> {
        let step = i64::from(self.step.max(1));
        let index = ((at - self.start).num_seconds() + step / 2).div_euclid(step);
        *self.values.get(usize::try_from(index).ok()?)?
    }

    /// The time of a point.
    pub fn time_of(&self, index: usize) -> DateTime<Utc> {
        self.start + TimeDelta::seconds(i64::from(self.step) * index as i64)
    }
}

/// Alerts, and what keeps them from being all there are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Alerts {
    /// Those that were told.
    pub list: Vec<Alert>,
    /// The answer is partial, or came with warnings: there may be more.
    pub warnings: Vec<Safe>,
}

impl From<Vec<Alert>> for Alerts {
    fn from(list: Vec<Alert>) -> Self {
        Self { list, warnings: Vec::new() }
    }
}

impl std::ops::Deref for Alerts {
    type Target = [Alert];
    fn deref(&self) -> &[Alert] {
        &self.list
    }
}

/// An alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// `alertname`.
    pub name: Safe,
    /// All labels.
    pub labels: BTreeMap<Safe, Safe>,
    /// Its summary or description.
    pub summary: Safe,
    /// What it does.
    pub state: AlertState,
    /// When it began.
    pub since: DateTime<Utc>,
    /// What the source calls it, where it says: an Alertmanager's fingerprint.
    pub id: Option<Safe>,
    /// The ids of the silences that mute it.
    pub silenced_by: Vec<Safe>,
    /// What the source calls the worse alerts that hide it.
    pub inhibited_by: Vec<Safe>,
}

impl Alert {
    /// The value of a label.
    pub fn label(&self, name: &str) -> Option<&Safe> {
        self.labels.get(&Safe::new(name))
    }
}

/// What an alert does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AlertState {
    /// Its condition holds, and has for long enough.
    Firing,
    /// Its condition holds, not yet for long enough.
    Pending,
    /// It fires, and somebody silenced it.
    Silenced,
    /// It fires, and a worse one hides it.
    Inhibited,
}

impl AlertState {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Firing => "firing",
            Self::Pending => "pending",
            Self::Silenced => "silenced",
            Self::Inhibited => "inhibited",
        }
    }
}

/// A silence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence {
    /// Its id.
    pub id: Safe,
    /// What it mutes: alerts that fit them all.
    pub matchers: Vec<Matcher>,
    /// From when.
    pub starts: DateTime<Utc>,
    /// Until when.
    pub ends: DateTime<Utc>,
    /// Who.
    pub by: Safe,
    /// Why.
    pub comment: Safe,
    /// What it does.
    pub state: SilenceState,
}

/// What a silence does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SilenceState {
    /// It mutes.
    Active,
    /// It will.
    Pending,
    /// It did.
    Expired,
}

impl SilenceState {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Pending => "pending",
            Self::Expired => "expired",
        }
    }
}

/// A version in the tracker.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrackerVersion {
    /// Its id there.
    pub id: Safe,
    /// Its name.
    pub name: Safe,
    /// Its planned start, as a civil date.
    pub start_date: Option<NaiveDate>,
    /// Its planned or actual release, as a civil date.
    pub release_date: Option<NaiveDate>,
    /// Whether it is released there.
    pub released: bool,
    /// Whether it is archived there.
    pub archived: bool,
    /// Issues not begun.
    pub to_do: Option<u32>,
    /// Issues begun.
    pub in_progress: Option<u32>,
    /// Issues done.
    pub done: Option<u32>,
    /// Open issues; `None`: not asked for.
    pub open: Option<Vec<Ticket>>,
    /// Its address, for people.
    pub url: Option<Safe>,
    /// The answer is partial.
    pub warnings: Vec<Safe>,
}

/// An issue in the tracker.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ticket {
    /// `PAY-12`.
    pub key: Safe,
    /// Its title.
    pub summary: Safe,
    /// Its status, as the tracker names it.
    pub status: Safe,
    /// `new`, `indeterminate`, `done`: the same in every language.
    pub category: Safe,
    /// Its priority.
    pub priority: Option<Safe>,
    /// Whose turn it is.
    pub assignee: Option<Safe>,
    /// Keys of open issues that block it.
    pub blocked_by: Vec<Safe>,
    /// Whether its priority or type says that it blocks the release.
    pub blocker: bool,
    /// When it last changed there, where it says.
    pub updated: Option<DateTime<Utc>>,
}
