//! Calendars that a workspace follows: read when they are due, into `windows.toml`.
//!
//! A calendar that cannot be read changes nothing: its windows stay, and its age is said.

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::backend::Limits;
use crate::backend::caldav::{self, Caldav};
use crate::backend::http::Client;
use crate::backend::secret::{Secrets, locate};
use crate::domain::icalendar::merge::{Merge, merge};
use crate::domain::icalendar::{MAX_BYTES, Reading, read};
use crate::domain::subscription::{Source, Subscription};
use crate::domain::{Edit, Failure, FailureKind, Patch, PlanFile, Workspace};
use crate::store;
use crate::store::fetched::{Entry, Fetched};

/// A calendar that failed is tried again after this, or its own interval where that is longer.
const AGAIN: TimeDelta = TimeDelta::minutes(5);

/// What came of reading a calendar.
#[derive(Debug, Clone, PartialEq)]
pub enum Refreshed {
    /// It is as it was when it was last read.
    Unchanged,
    /// It was read.
    Read(Box<(Reading, Merge)>),
}

/// Whether a calendar that says it is unchanged is read all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// Only when it changed.
    WhenChanged,
    /// Whatever it says: the windows may have been changed here.
    Whole,
}

/// Whether a calendar should be read again.
pub fn is_due(subscription: &Subscription, entry: &Entry, now: DateTime<Utc>) -> bool {
    let interval = TimeDelta::seconds(subscription.refresh_seconds.into());
    let wait = if entry.trouble.is_some() { AGAIN.min(interval) } else { interval };
    entry.tried.is_none_or(|tried| now - tried >= wait || now < tried)
}

/// Reads a calendar, merges it into the windows, and keeps when that was.
pub async fn refresh(
    root: &Path,
    subscription: &Subscription,
    effort: Effort,
    now: DateTime<Utc>,
) -> Result<Refreshed, Failure> {
    let known = Fetched::open(root).entry(&subscription.id);
    let etag = known.etag.as_deref().filter(|_| effort == Effort::WhenChanged && known.trouble.is_none());
    let outcome = match fetch(root, subscription, etag).await {
        Ok(caldav::Fetched::Unchanged) => Ok((Refreshed::Unchanged, known.etag.clone())),
        Ok(caldav::Fetched::Changed(bytes, etag)) => {
            let (root, subscription) = (root.to_owned(), subscription.clone());
            let import = tokio::task::spawn_blocking(move || import(&root, &subscription, &bytes));
            let imported = import.await.unwrap_or_else(|error| {
                Err(Failure::new(FailureKind::Internal, error.to_string(), "report this as a bug"))
            });
            imported.map(|both| (Refreshed::Read(Box::new(both)), etag))
        }
        Err(failure) => Err(failure),
    };
    let entry = match &outcome {
        Ok((_, etag)) => Entry { read: Some(now), tried: Some(now), etag: etag.clone(), trouble: None },
        Err(failure) => Entry { tried: Some(now), trouble: Some(failure.to_string()), ..known },
    };
    if let Err(error) = Fetched::open(root).keep(&subscription.id, entry) {
        tracing::warn!(%error, "when a calendar was read cannot be kept");
    }
    outcome.map(|(refreshed, _)| refreshed)
}

/// The bytes of a calendar, unless its server says that they are still the same.
pub async fn fetch(
    root: &Path,
    subscription: &Subscription,
    etag: Option<&str>,
) -> Result<caldav::Fetched, Failure> {
    match &subscription.source {
        Source::Server(config) => {
            let limits = Limits { body: MAX_BYTES, ..Limits::default() };
            let secrets = Arc::new(Secrets::new(Some(root.to_owned()), limits));
            let client = Client::new((**config).clone(), secrets, limits);
            Caldav::new(Arc::new(client)).fetch(etag).await
        }
        Source::File(file) => {
            let path = locate(Some(root), file);
            let unreadable = |error: std::io::Error| {
                let what =
                    format!("calendar {}: {} cannot be read: {error}", subscription.id, path.display());
                Failure::new(FailureKind::File, what, "put the file there, or correct `file` in [[calendar]]")
            };
            let about = tokio::fs::metadata(&path).await.map_err(unreadable)?;
            if !about.is_file() || about.len() > MAX_BYTES as u64 {
                let what = format!(
                    "calendar {}: {} is no file of at most {} MiB",
                    subscription.id,
                    path.display(),
                    MAX_BYTES >> 20
                );
                return Err(Failure::new(FailureKind::TooLarge, what, "name a plain iCalendar file"));
            }
            let bytes = tokio::fs::read(&path).await.map_err(unreadable)?;
            Ok(caldav::Fetched::Changed(bytes, None))
        }
    }
}

/// What a calendar's bytes say, or that they are none.
pub fn readable(
    workspace: &Workspace,
    subscription: &Subscription,
    bytes: &[u8],
) -> Result<Reading, Failure> {
    let reading = read(bytes, subscription.time_zone.unwrap_or(workspace.time_zone));
    if reading.is_nothing() {
        let what = format!("calendar {}: what is there is no iCalendar", subscription.id);
        return Err(Failure::new(
            FailureKind::Garbled,
            what,
            "is its address right? BEGIN:VCALENDAR is expected",
        ));
    }
    Ok(reading)
}

fn import(root: &Path, subscription: &Subscription, bytes: &[u8]) -> Result<(Reading, Merge), Failure> {
    let origin = crate::domain::workspace::Origin::Files(root.to_owned());
    let located = store::Located { origin, problems: Vec::new() };
    let opened = store::open(&located);
    let id = &subscription.id;
    let wrong = |problem: &crate::domain::Problem| {
        problem.severity == crate::domain::Severity::Error && problem.file == Path::new("windows.toml")
    };
    if opened.problems.iter().any(wrong) {
        let what = format!("calendar {id}: windows.toml is wrong and is not touched");
        return Err(Failure::new(FailureKind::File, what, "mend windows.toml: `tminus doctor` says where"));
    }
    let reading = readable(&opened.workspace, subscription, bytes)?;
    let merge = merge(&opened.workspace, &reading, &subscription.choices);
    if !merge.changes.is_empty() {
        let title = format!("refresh the calendar {id}");
        let patch = Patch { file: PlanFile::Windows, title, before: None, changes: merge.changes.clone() };
        store::apply(root, &Edit::Patch(patch)).map_err(|error| {
            Failure::new(FailureKind::File, format!("calendar {id}: {error}"), "its windows stay as they are")
        })?;
    }
    Ok((reading, merge))
}
