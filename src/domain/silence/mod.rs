//! Silences for a planned deployment: what they may mute, for how long, and how they are known.
//!
//! A silence made here is bounded to the window of one stage (its soak included), never extended,
//! and carries a marker in its comment (`[tminus:checkout-4.2/0]`), by which it is found again when
//! the deployment ends. Others' silences are shown, and never touched.

pub mod matcher;
pub mod outcome;
pub mod request;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

pub use matcher::{Matcher, Sign, Test};
pub use outcome::{Created, Ending, Expired, Sent};
pub use request::{Draft, Request};

use super::question::{Silence, SilenceState};
use super::{Stage, Status, Workspace};

/// How long an expired silence is still shown.
pub const LATELY: TimeDelta = TimeDelta::hours(6);

/// The stage of a release that a silence is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Deployment {
    /// The release's id.
    pub release: String,
    /// Its stage, counted from 0.
    pub stage: usize,
}

impl std::fmt::Display for Deployment {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "tminus:{}/{}", self.release, self.stage)
    }
}

impl Deployment {
    /// From the marker at the end of a comment; `None`: the silence is not one of ours.
    pub fn of_comment(comment: &str) -> Option<Self> {
        let (_, marker) = comment.trim_end().strip_suffix(']')?.rsplit_once("[tminus:")?;
        let (release, stage) = marker.rsplit_once('/')?;
        let stage = stage.parse().ok()?;
        (!release.is_empty()).then(|| Self { release: release.to_owned(), stage })
    }

    /// Why it is over; `None`: it is not, as far as the plan knows.
    pub fn over(&self, workspace: &Workspace, now: DateTime<Utc>) -> Option<Over> {
        let Some(release) = workspace.release(&self.release) else { return Some(Over::ReleaseGone) };
        if !release.is_live() {
            return Some(Over::Release(release.status));
        }
        match release.stages.get(self.stage) {
            None => Some(Over::StageGone),
            Some(stage) if stage.end <= now => Some(Over::Stage(stage.end)),
            Some(_) => None,
        }
    }
}

/// Why a deployment is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// The plan has no such release any more.
    ReleaseGone,
    /// The release has no such stage any more.
    StageGone,
    /// The release is completed, rolled back or cancelled.
    Release(Status),
    /// The stage ended.
    Stage(DateTime<Utc>),
    /// The new version is everywhere, as the series say.
    Everywhere,
    /// The old version is back, as the series say.
    Back,
}

impl Over {
    /// In words: `the release is completed`.
    pub fn sentence(self, zone: chrono_tz::Tz) -> String {
        match self {
            Self::ReleaseGone => "the release is not in the plan any more".to_owned(),
            Self::StageGone => "the stage is not in the plan any more".to_owned(),
            Self::Release(status) => format!("the release is {}", status.word()),
            Self::Stage(end) => {
                format!("the stage ended {}", super::format::local_time(end, zone))
            }
            Self::Everywhere => "the new version is everywhere".to_owned(),
            Self::Back => "the old version is back".to_owned(),
        }
    }
}

/// A silence that was made here, and the deployment it is for.
pub fn own(silence: &Silence) -> Option<Deployment> {
    Deployment::of_comment(&silence.comment)
}

/// Whether a silence still mutes something, or will.
pub fn holds(silence: &Silence) -> bool {
    silence.state != SilenceState::Expired
}

/// The window of a stage, its soak included: [from, to).
pub fn window(stage: &Stage) -> (DateTime<Utc>, DateTime<Utc>) {
    (stage.start, stage.end + stage.soak.unwrap_or_default())
}

/// What is left of a stage's window at an instant, or why nothing is.
pub fn left(stage: &Stage, now: DateTime<Utc>) -> Result<(DateTime<Utc>, DateTime<Utc>), String> {
    let (from, to) = window(stage);
    if to <= now {
        let soak = if stage.soak.is_some() { " and its soak" } else { "" };
        let ended = super::format::local_time(to, stage.time_zone);
        return Err(format!("the stage{soak} ended {ended}: nothing of it is left to silence"));
    }
    Ok((from.max(now), to))
}

/// A silence as JSON; the cockpit and the command line say the same.
pub fn document(silence: &Silence, source: &str, workspace: &Workspace, now: DateTime<Utc>) -> Value {
    let own = own(silence);
    let over = own.as_ref().filter(|_| holds(silence)).and_then(|own| own.over(workspace, now));
    let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    json!({
        "id": silence.id,
        "state": silence.state.word(),
        "matchers": silence.matchers.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "start": time(silence.starts),
        "end": time(silence.ends),
        "by": silence.by,
        "comment": silence.comment,
        "source": source,
        "release": own.as_ref().map(|own| &own.release),
        "stage": own.as_ref().map(|own| own.stage),
        "over": over.map(|over| over.sentence(workspace.time_zone)),
    })
}

#[cfg(test)]
mod tests;
