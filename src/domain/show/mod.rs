//! The run of show: what has to be done around a release, counted from T-0 as for a launch.
//!
//! | file | is |
//! |---|---|
//! | here | what the file says: steps, holds, where T-0 lies |
//! | [`count`] | times on the count: `T-2d`, `T+1h30m` |
//! | [`order`] | which step waits for which, and circles |
//! | [`reckoning`] | what comes of it at an instant: planned, due, expected, late, slack |
//! | [`check`] | a step's check, filled in, and what an answer means |
//! | [`removal`] | what becomes of the others when a step is taken out |
//! | [`words`] | how it is said, the same everywhere |
//! | [`changes`] | what a person does, as changes of the file |

pub mod changes;
pub mod check;
pub mod count;
pub mod order;
pub mod reckoning;
pub mod removal;
pub mod words;

#[cfg(test)]
mod tests;

pub use changes::{Refused, StepDeed};
pub use count::CountTime;
pub use reckoning::{Clock, Reckoned, Reckoning, StepState, reckon};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::condition::Condition;
use super::{Release, Stage};

/// What a release's file says of its run of show.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RunOfShow {
    /// Where T-0 lies.
    pub anchor: Anchor,
    /// The zone in which its days are counted; absent: that of the stage at T-0, else the
    /// workspace's.
    pub time_zone: Option<Tz>,
    /// When the count stood still, in order of time; only the last may still go on.
    pub holds: Vec<Hold>,
    /// In file order.
    pub steps: Vec<Step>,
}

/// Where T-0 lies.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Anchor {
    /// At the start of the release's first stage.
    #[default]
    FirstStage,
    /// At the start of its first stage in an environment.
    Environment {
        /// Which.
        environment: String,
        /// And which region of it; `None`: whichever comes first.
        region: Option<String>,
    },
    /// At an instant of its own.
    Instant(DateTime<Utc>),
}

/// A stretch of time in which the count stood still.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// From when.
    pub since: DateTime<Utc>,
    /// Until when; `None`: it still does.
    pub until: Option<DateTime<Utc>>,
    /// Who held it.
    pub by: Option<String>,
    /// Why.
    pub reason: String,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Step {
    /// Unique in its release.
    pub id: String,
    /// For people; the id where the file has none.
    pub title: String,
    /// When on the count; with `after` too: not before.
    pub at: Option<CountTime>,
    /// The steps that must be done (or skipped) before it begins.
    pub after: Vec<String>,
    /// How long it takes; zero: a moment.
    pub duration: TimeDelta,
    /// Who does it.
    pub owner: Option<String>,
    /// The zone of who does it; absent: the count's.
    pub time_zone: Option<Tz>,
    /// What tells that it is done.
    pub check: Option<Check>,
    /// When it was begun.
    pub started: Option<DateTime<Utc>>,
    /// When it was done, or skipped.
    pub done: Option<DateTime<Utc>>,
    /// Who said so.
    pub by: Option<String>,
    /// Why it was left out.
    pub skipped: Option<String>,
}

impl Step {
    /// Whether the file says that nothing has happened to it yet.
    pub fn is_untouched(&self) -> bool {
        self.started.is_none() && self.done.is_none() && self.skipped.is_none()
    }
}

/// What tells that a step is done.
#[derive(Debug, Clone, PartialEq)]
pub enum Check {
    /// PromQL: every series it answers meets the condition.
    Query {
        /// With templates.
        query: String,
        /// What must hold.
        until: Condition,
    },
    /// A program that ends with 0; it only runs when a person asks for it.
    Command {
        /// Program and arguments; no shell.
        argv: Vec<String>,
        /// How long it may take; absent: the usual bound of programs.
        timeout: Option<TimeDelta>,
    },
}

/// T-0 as planned, and the zone of the count's days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zero {
    /// The instant, holds left out.
    pub at: DateTime<Utc>,
    /// The zone.
    pub zone: Tz,
}

impl RunOfShow {
    /// Whether the file says anything of it.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The step with this id.
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == id)
    }

    /// The hold that still goes on.
    pub fn open_hold(&self) -> Option<&Hold> {
        self.holds.last().filter(|hold| hold.until.is_none())
    }
}

/// The stage whose start is T-0; `None`: there is none, or T-0 is an instant of its own.
pub fn stage_at_zero(release: &Release) -> Option<&Stage> {
    let fits = |stage: &&Stage| match &release.show.anchor {
        Anchor::FirstStage => true,
        Anchor::Environment { environment, region } => {
            stage.environment == *environment && (region.is_none() || stage.region == *region)
        }
        Anchor::Instant(_) => false,
    };
    // The first of those that begin together is the one that stands first in the file.
    release.stages.iter().filter(fits).min_by_key(|stage| stage.start)
}

/// T-0 as planned; the error says what the file would have to say.
pub fn zero(release: &Release, workspace: Tz) -> Result<Zero, String> {
    let zone = |near: Option<Tz>| release.show.time_zone.or(near).unwrap_or(workspace);
    if let Anchor::Instant(at) = release.show.anchor {
        let first = release.stages.iter().min_by_key(|stage| stage.start);
        return Ok(Zero { at, zone: zone(first.map(|stage| stage.time_zone)) });
    }
    if let Some(stage) = stage_at_zero(release) {
        return Ok(Zero { at: stage.start, zone: zone(Some(stage.time_zone)) });
    }
    Err(match &release.show.anchor {
        Anchor::Environment { environment, region } => {
            let place =
                region.as_ref().map_or(environment.clone(), |region| format!("{environment}/{region}"));
            format!("there is no T-0: no stage goes to {place}; plan one, or change [count]")
        }
        _ => "there is no T-0: plan a stage, or write [count] zero = 2026-11-25T14:00:00".to_owned(),
    })
}
