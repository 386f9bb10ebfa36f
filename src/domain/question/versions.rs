//! Which versions there are, what lies between two, and which run: the answers of repositories
//! and of what counts instances.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::domain::Safe;

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
    /// Nobody keeps a history: the files are in no repository.
    pub unkept: bool,
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
