//! A change of a version's release date in the tracker: proposed as a difference, sent once, and
//! judged by what is there afterwards.

use chrono::NaiveDate;

use super::{State, ends_on};
use crate::domain::question::TrackerVersion;
use crate::domain::release::TrackerRef;
use crate::domain::{Failure, Release, Safe, Workspace};

/// Everything of a version that is shown before a change of it, so everything that must still be
/// so when it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dates {
    /// Its name.
    pub name: Safe,
    /// Its planned start.
    pub start_date: Option<NaiveDate>,
    /// Its release.
    pub release_date: Option<NaiveDate>,
    /// Whether it is released.
    pub released: bool,
    /// Whether it is archived.
    pub archived: bool,
}

impl From<&TrackerVersion> for Dates {
    fn from(version: &TrackerVersion) -> Self {
        Self {
            name: version.name.clone(),
            start_date: version.start_date,
            release_date: version.release_date,
            released: version.released,
            archived: version.archived,
        }
    }
}

impl Dates {
    /// Field by field, in words.
    pub fn fields(&self) -> [(&'static str, String); 5] {
        let date = |date: Option<NaiveDate>| date.map_or_else(|| "none".to_owned(), |date| date.to_string());
        let yes = |is: bool| if is { "yes" } else { "no" }.to_owned();
        [
            ("name", self.name.to_string()),
            ("start date", date(self.start_date)),
            ("release date", date(self.release_date)),
            ("released", yes(self.released)),
            ("archived", yes(self.archived)),
        ]
    }

    /// The fields in which another differs: field, here, there.
    pub fn changes(&self, other: &Self) -> Vec<(&'static str, String, String)> {
        let pairs = self.fields().into_iter().zip(other.fields());
        pairs.filter(|(one, two)| one.1 != two.1).map(|(one, two)| (one.0, one.1, two.1)).collect()
    }
}

/// A change of a version's release date, ready to be sent once somebody says so by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// The release whose plan it comes from.
    pub release: String,
    /// Which version.
    pub reference: TrackerRef,
    /// Its id in the tracker.
    pub id: Safe,
    /// As it was read. It is sent only while all of this still holds there.
    pub read: Dates,
    /// The date it gets.
    pub release_date: NaiveDate,
}

impl Push {
    /// What a person types to confirm it: `PAY/4.2.0`.
    pub fn word(&self) -> String {
        format!("{}/{}", self.reference.project, self.reference.version)
    }

    /// The version as it would be.
    pub fn wanted(&self) -> Dates {
        Dates { release_date: Some(self.release_date), ..self.read.clone() }
    }

    /// Judges what became of it: what the tracker said to the change, and what it says now.
    pub fn settle(&self, sent: Sent, now: Result<Dates, Failure>) -> Pushed {
        let is_there = now.as_ref().is_ok_and(|now| now.release_date == Some(self.release_date));
        match (sent, now) {
            (Sent::Refused(failure), _) => Pushed::Refused(failure),
            (Sent::Accepted | Sent::Unclear(_), Ok(now)) if is_there => Pushed::Written { now },
            // It said yes, and it does not show: neither is the whole truth.
            (Sent::Accepted, now) => Pushed::Unknown { why: None, now },
            (Sent::Unclear(failure), now) => Pushed::Unknown { why: Some(failure), now },
        }
    }
}

/// What the tracker said to a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// Yes.
    Accepted,
    /// No, and so nothing was changed.
    Refused(Failure),
    /// Nothing that tells: it was sent, and no answer came, or one of a server in trouble.
    Unclear(Failure),
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pushed {
    /// It is there, read again afterwards.
    Written {
        /// The version now.
        now: Dates,
    },
    /// It was not sent: the version changed there since it was read.
    Changed {
        /// The version now.
        now: Dates,
    },
    /// It was not sent, or was refused: nothing was changed there.
    Refused(Failure),
    /// It was sent, and nobody can say what became of it.
    Unknown {
        /// Why; `None`: the tracker said yes.
        why: Option<Failure>,
        /// What is there now, as far as it could be read. The change may still arrive.
        now: Result<Dates, Failure>,
    },
}

impl Pushed {
    /// The word for it, as JSON has it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Written { .. } => "written",
            Self::Changed { .. } => "changed",
            Self::Refused(_) => "refused",
            Self::Unknown { .. } => "unknown",
        }
    }

    /// For people, in one sentence.
    pub fn sentence(&self, push: &Push) -> String {
        let word = push.word();
        match self {
            Self::Written { .. } => {
                format!("{word} has the release date {} in the tracker now", push.release_date)
            }
            Self::Changed { now } => {
                let changed: Vec<String> = push
                    .read
                    .changes(now)
                    .into_iter()
                    .map(|(field, was, is)| format!("{field} {was} → {is}"))
                    .collect();
                let changed = changed.join(", ");
                format!("not sent: {word} changed in the tracker since it was read ({changed}): look again")
            }
            Self::Refused(failure) => format!("nothing was changed: {failure}"),
            Self::Unknown { why, now } => {
                let why = why.as_ref().map_or_else(
                    || "the tracker said yes".to_owned(),
                    |why| format!("it was sent, and {}", why.what),
                );
                let there = match now {
                    Ok(now) => {
                        let date = now.release_date.map_or_else(|| "none".to_owned(), |at| at.to_string());
                        format!("read again, its release date is {date}; the change may still arrive")
                    }
                    Err(failure) => format!("it could not be read again ({})", failure.what),
                };
                format!("what became of {word} is not known: {why}; {there}: look there before trying again")
            }
        }
    }
}

/// Why there is nothing to send.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoPush {
    /// The release names no version.
    #[error("the release {0} names no version in a tracker: write tracker = \"jira:PROJECT/VERSION\"")]
    NoTracker(String),
    /// The release has no stage.
    #[error("the release {0} has no stage, so no date: plan a stage first")]
    NoStage(String),
    /// Both say the same.
    #[error("nothing to send: {word} has the release date {date} there already")]
    Same {
        /// `PAY/4.2.0`.
        word: String,
        /// The date.
        date: NaiveDate,
    },
    /// It is over there.
    #[error("{word} is {state} in the tracker: its date is history, and is not changed from here")]
    Over {
        /// `PAY/4.2.0`.
        word: String,
        /// `released` or `archived`.
        state: &'static str,
    },
    /// It would end before it begins.
    #[error("{word} starts on {start} there, after {date}: change its start in the tracker first")]
    Starts {
        /// `PAY/4.2.0`.
        word: String,
        /// The start there.
        start: NaiveDate,
        /// The date here.
        date: NaiveDate,
    },
}

/// The change that would bring the plan's date to the tracker. Nothing is sent.
pub fn propose(workspace: &Workspace, release: &Release, version: &TrackerVersion) -> Result<Push, NoPush> {
    let reference = release.tracker.clone().ok_or_else(|| NoPush::NoTracker(release.id.clone()))?;
    let date = ends_on(release, workspace.time_zone).ok_or_else(|| NoPush::NoStage(release.id.clone()))?;
    let push = Push {
        release: release.id.clone(),
        reference,
        id: version.id.clone(),
        read: Dates::from(version),
        release_date: date,
    };
    let word = push.word();
    match State::of(version) {
        State::Unreleased => {}
        state => return Err(NoPush::Over { word, state: state.word() }),
    }
    if version.release_date == Some(date) {
        return Err(NoPush::Same { word, date });
    }
    match version.start_date {
        Some(start) if start > date => Err(NoPush::Starts { word, start, date }),
        _ => Ok(push),
    }
}
