//! What can be asked of the outside, and what it answers.
//!
//! A question names *what* is wanted; which backend answers it is the backends' business. The
//! cockpit and the command line ask the same questions.

mod alerting;
mod series;
mod tracked;
mod versions;

use chrono::{DateTime, TimeDelta, Utc};

pub use alerting::{Alert, AlertState, Alerts, Silence, SilenceState};
pub use series::{Burned, Series};
pub use tracked::{Ticket, TrackerVersion};
pub use versions::{Changes, Commit, Running, RunningHistory, ShareLine, Tag, VersionShare};

use super::Safe;
use super::alerts::History;
use super::frozen::BranchLog;
use super::{burn, health};

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

    /// The check at a place that is asked for; `None`: it asks for something else.
    pub fn health_target(&self) -> Option<&health::Target> {
        match self {
            Self::Health { target, .. } | Self::HealthCommand(target) => Some(target),
            _ => None,
        }
    }
}

/// Which query of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Its value.
    Value,
    /// Its value over a shorter range: samples that are compared.
    Sample,
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

impl Answer {
    /// What says that it is told in part: the sources that were away.
    pub fn warnings(&self) -> &[Safe] {
        match self {
            Self::Running(running) => &running.warnings,
            Self::RunningHistory(history) => &history.warnings,
            Self::Metric(series) => &series.warnings,
            Self::Burned(burned) => &burned.warnings,
            Self::Alerts(alerts) => &alerts.warnings,
            Self::AlertHistory(history) => &history.warnings,
            _ => &[],
        }
    }
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
