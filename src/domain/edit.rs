//! Edits of a workspace as data: what a person changed, and how to change it back.

use chrono::{DateTime, TimeDelta, Utc};

use super::renaming::Named;
use super::{ChangeType, Patch, PlanFile, Status};

/// One change of the files. The store carries it out and answers with its inverse.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// Moves one stage of a release, or stretches it.
    MoveStage {
        /// The release's id.
        release: String,
        /// Counted from 0, in file order.
        stage: usize,
        /// Where it was when the person looked: the edit is refused when that changed since.
        from: (DateTime<Utc>, DateTime<Utc>),
        /// Where it goes.
        to: (DateTime<Utc>, DateTime<Utc>),
    },
    /// Moves several stages of a release together: all of them, or none.
    MoveStages {
        /// The release's id.
        release: String,
        /// Which, from where to where; each stage once.
        stages: Vec<StageMove>,
    },
    /// Moves every stage of a release by the same wall-clock amount.
    MoveRelease {
        /// The release's id.
        release: String,
        /// By how much.
        by: TimeDelta,
    },
    /// Copies a release: its text under another id, its stages moved on the wall, planned anew.
    CopyRelease {
        /// The release's id.
        release: String,
        /// The copy's id.
        id: String,
        /// By how much its stages are moved.
        by: TimeDelta,
    },
    /// Changes where a release stands.
    SetStatus {
        /// The release's id.
        release: String,
        /// What it was when the person looked.
        from: Status,
        /// What it becomes.
        to: Status,
    },
    /// Changes one file key by key. Its inverse is [`Edit::Restore`].
    Patch(Patch),
    /// Puts a file's text back as it was. What others changed elsewhere in the file meanwhile is
    /// kept; where they changed the same lines it is refused.
    Restore {
        /// The file.
        file: PlanFile,
        /// What it takes back, for people.
        title: String,
        /// The text that was written; empty: no file.
        now: String,
        /// The text to put there; empty: no file.
        then: String,
    },
    /// Puts the texts of several files back that were changed together: all of them, or none.
    RestoreAll {
        /// What it takes back, for people.
        title: String,
        /// The files.
        files: Vec<FileText>,
    },
    /// Gives a release or a window another id, with all that names it. Its inverse is
    /// [`Edit::RestoreAll`].
    Rename(Rename),
    /// Writes a new release file.
    AddRelease(NewRelease),
}

/// A new id.
#[derive(Debug, Clone, PartialEq)]
pub struct Rename {
    /// What is renamed.
    pub what: Named,
    /// Its id so far.
    pub from: String,
    /// Its id from then on.
    pub to: String,
    /// What else is changed in its file at once.
    pub patch: Option<Patch>,
}

impl Rename {
    /// What it does, for the undo list.
    pub fn title(&self) -> String {
        format!("rename {} to {}", self.from, self.to)
    }
}

/// A file's text that was written, and the one to put there.
#[derive(Debug, Clone, PartialEq)]
pub struct FileText {
    /// The file.
    pub file: PlanFile,
    /// The text that was written; empty: no file.
    pub now: String,
    /// The text to put there; empty: no file.
    pub then: String,
}

impl Edit {
    /// What it does, for the undo list: `move checkout-4.2 stage 1`.
    pub fn title(&self) -> String {
        match self {
            Self::MoveStage { release, stage, .. } => format!("move {release}, stage {}", stage + 1),
            Self::MoveStages { release, stages } => {
                let stages_word = if stages.len() == 1 { "stage" } else { "stages" };
                format!("move {release}, {} {stages_word}", stages.len())
            }
            Self::CopyRelease { release, id, .. } => format!("copy {release} to {id}"),
            Self::MoveRelease { release, .. } => format!("move {release}"),
            Self::SetStatus { release, to, .. } => format!("{release} → {}", to.word()),
            Self::Patch(patch) => patch.title.clone(),
            Self::Restore { title, .. } | Self::RestoreAll { title, .. } => title.clone(),
            Self::Rename(rename) => rename.title(),
            Self::AddRelease(new) => format!("add {}", new.id),
        }
    }
}

/// A stage that moves or is stretched, as one of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StageMove {
    /// Counted from 0, in file order.
    pub stage: usize,
    /// Where it was when the person looked: the edit is refused when that changed since.
    pub from: (DateTime<Utc>, DateTime<Utc>),
    /// Where it goes.
    pub to: (DateTime<Utc>, DateTime<Utc>),
}

/// An edit of the journal: what was done on this machine, and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Its number in the journal, from 1.
    pub number: u64,
    /// When it was made.
    pub time: DateTime<Utc>,
    /// What it did: `rename checkout-4.2`.
    pub title: String,
    /// Which file, relative to the workspace.
    pub file: String,
    /// Where it stands.
    pub standing: Standing,
    /// What takes it back; where it was taken back, what does it again.
    pub edit: Edit,
}

/// Where an edit of the journal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It holds.
    Done,
    /// It was taken back.
    Undone,
    /// It holds, and could not be taken back: the files do not allow it.
    Stuck,
}

/// What a new release file says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NewRelease {
    /// The file's name without `.toml`.
    pub id: String,
    /// For people.
    pub title: Option<String>,
    /// Its change type.
    pub change: ChangeType,
    /// Where it stands; `planned` where nobody says.
    pub status: Status,
    /// Who owns it.
    pub owner: Option<String>,
    /// `backend:project/version`.
    pub tracker: Option<String>,
    /// Service and version.
    pub items: Vec<(String, String)>,
    /// Its stages.
    pub stages: Vec<NewStage>,
}

/// A stage of a new release.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NewStage {
    /// Where.
    pub environment: String,
    /// Which region.
    pub region: Option<String>,
    /// As it will stand in the file: a local time, or with an offset.
    pub start: String,
    /// As it will stand in the file.
    pub end: String,
    /// An IANA zone, where it is not the region's or the workspace's.
    pub time_zone: Option<String>,
    /// `canary`, …
    pub strategy: Option<String>,
    /// Percent.
    pub steps: Vec<f64>,
    /// `60m`, …
    pub soak: Option<String>,
}
