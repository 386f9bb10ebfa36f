//! Writing safely: an edit is carried out on what is in the file now, under a lock, and the file
//! is replaced whole or not at all.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::TimeDelta;
use chrono_tz::Tz;

use super::read::names::Names;
use super::read::{folder, workspace};
use super::wire::keys::nearest;
use crate::domain::difference::Difference;
use crate::domain::edit::{NewRelease, StageMove};
use crate::domain::{Change, Edit, Place, PlanFile, Problem, Release, Safe, Status, Value};

mod before;
pub mod lock;
mod merge;
pub mod new;
mod patch;
mod pinning;
mod plan;
pub mod release;
mod rename;
pub mod replace;
mod restore;
pub mod times;
mod together;

use release::ReleaseText;
pub use restore::text_of as plan_text;

/// An edit that was carried out and will outlast a power cut.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    /// The edit that takes it back.
    pub inverse: Edit,
    /// The file, relative to the workspace.
    pub file: PathBuf,
    /// Whether anything had to be written.
    pub outcome: Outcome,
    /// What should be known.
    pub notices: Vec<String>,
}

/// Whether an edit changed anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The file was replaced.
    Written,
    /// It already said so: nothing was written.
    Unchanged,
}

/// An edit that was not carried out. The files are as they were.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// There is no such release.
    #[error("there is no release `{release}`: {hint}")]
    Unknown {
        /// The id that was asked for.
        release: Safe,
        /// What is near.
        hint: String,
    },
    /// The file is wrong, so it is not touched.
    #[error("{} is not touched, it is wrong: {}", .file.display(), .problems.first().map_or("", |problem| &problem.message))]
    Broken {
        /// Relative to the workspace.
        file: PathBuf,
        /// What is wrong with it.
        problems: Vec<Problem>,
    },
    /// What would stand in the file would be wrong.
    #[error("{}: nothing was written", said(.file, .problems))]
    Wrong {
        /// Relative to the workspace.
        file: PathBuf,
        /// What would be wrong, by line and column of the text that was not written.
        problems: Vec<Problem>,
    },
    /// Somebody else changed the same fields.
    #[error("{what} changed meanwhile{}: look at it and try again", listed(.differences))]
    Changed {
        /// What changed.
        what: String,
        /// Which keys, from what to what; empty where it is more than keys.
        differences: Vec<Difference>,
    },
    /// Another writer holds the lock for too long.
    #[error("another writer holds the workspace ({holder}), waited {:.1} s: end it, or try again", .waited.as_secs_f64())]
    Locked {
        /// How long we waited.
        waited: Duration,
        /// Who, and since when.
        holder: String,
    },
    /// It makes no sense.
    #[error("{what}: {mend}")]
    Refused {
        /// What happened.
        what: String,
        /// What to do.
        mend: String,
    },
    /// The disk said no.
    #[error("{what}: {error}: {mend}")]
    Io {
        /// What failed, where.
        what: String,
        /// What the system said.
        error: String,
        /// What to do.
        mend: &'static str,
    },
}

impl EditError {
    /// An edit that makes no sense.
    pub fn refused(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self::Refused { what: what.into(), mend: mend.into() }
    }

    /// Somebody else changed it, and more cannot be said.
    pub fn changed(what: impl Into<String>) -> Self {
        Self::Changed { what: what.into(), differences: Vec::new() }
    }

    /// A failed call of the system.
    pub fn io(what: String, error: &io::Error) -> Self {
        let mend = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space; nothing was lost",
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                "ask for the right to write there; nothing was changed"
            }
            _ => "mend the disk or the path; what was there before is still there",
        };
        Self::Io { what, error: error.to_string(), mend }
    }
}

/// The first of the problems, with its place.
fn said(file: &Path, problems: &[Problem]) -> String {
    let Some(problem) = problems.first() else { return format!("{} would be wrong", file.display()) };
    format!("{} line {}: {}", file.display(), problem.line, problem.message)
}

fn listed(differences: &[Difference]) -> String {
    if differences.is_empty() {
        return String::new();
    }
    let all: Vec<String> = differences.iter().map(ToString::to_string).collect();
    format!(" ({})", all.join("; "))
}

/// Carries out an edit in the workspace at `root`.
pub fn apply(root: &Path, edit: &Edit) -> Result<Applied, EditError> {
    let lock = lock::take(root, lock::PATIENCE)?;
    let mut applied = match edit {
        Edit::MoveStage { release, stage, from, to } => {
            let one = [StageMove { stage: *stage, from: *from, to: *to }];
            change(root, release, edit, |text| text.move_stages(&one))
        }
        Edit::MoveStages { release, stages } => change(root, release, edit, |text| text.move_stages(stages)),
        Edit::MoveRelease { release, by } => change(root, release, edit, |text| text.move_all(*by)),
        Edit::CopyRelease { release, id, by } => match copy(root, release, id, *by)? {
            Edit::Restore { file, title, now, then } => restore::restore(root, &file, &title, &now, &then),
            _ => Err(EditError::refused("a copy is a new file", "report this")),
        },
        Edit::SetStatus { release, from, to } => {
            change(root, release, edit, |text| text.set_status(*from, *to))
        }
        Edit::Patch(patch) => plan::patch(root, patch),
        Edit::Restore { file, title, now, then } => restore::restore(root, file, title, now, then),
        Edit::RestoreAll { title, files } => together::together(root, title, files),
        Edit::Rename(renaming) => rename::rename(root, renaming),
        Edit::AddRelease(new) => add(root, new),
    }?;
    applied.notices.extend(lock.notice);
    Ok(applied)
}

/// Whether [`Edit::Restore`] could be carried out as things stand; nothing is written.
pub fn check(root: &Path, edit: &Edit) -> Result<(), EditError> {
    match edit {
        Edit::Restore { file, now, then, .. } => restore::check(root, file, now, then),
        Edit::RestoreAll { files, .. } => together::check(root, files),
        _ => Ok(()),
    }
}

/// The edit that copies a release under another id, all its stages moved on the wall. The copy is
/// planned anew: what belongs to the one alone (its version in the tracker, its exceptions) stays
/// behind.
pub fn copy(root: &Path, release: &str, new: &str, by: TimeDelta) -> Result<Edit, EditError> {
    if root.join(file_of(new)?).symlink_metadata().is_ok() {
        let what = format!("the release `{new}` is already there");
        return Err(EditError::refused(what, "choose another id"));
    }
    let text = ReleaseText::read(root, release, bytes_of(root, release)?)?;
    let moved = text.move_all(by)?;
    let top = |key: &str, value| Change::Set { place: Place::Top, key: key.to_owned(), value };
    let release_now = text.into_release();
    let mut changes = vec![top("tracker", None)];
    if release_now.status != Status::default() {
        changes.push(top("status", Some(Value::text(Status::default().word()))));
    }
    let exceptions = release_now.exceptions.len();
    changes.extend((0..exceptions).map(|_| Change::Remove { place: Place::Nth("exception".to_owned(), 0) }));
    let file = PlanFile::Release(new.to_owned());
    let then = patch::patched(&moved, &file, &changes)?;
    Ok(Edit::Restore { file, title: format!("copy {release} to {new}"), now: String::new(), then })
}

/// A release's file, relative to the workspace; an id that could leave the folder is refused.
pub fn file_of(release: &str) -> Result<PathBuf, EditError> {
    folder::check_id(release)
        .map_err(|what| EditError::refused(what, "choose another id"))
        .map(|()| Path::new("releases").join(format!("{release}.toml")))
}

/// The bytes of a release's file.
pub fn bytes_of(root: &Path, release: &str) -> Result<Vec<u8>, EditError> {
    let file = file_of(release)?;
    let path = root.join(&file);
    match std::fs::read(&path) {
        Ok(bytes) => Ok(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !path.is_symlink() => {
            Err(EditError::Unknown { release: Safe::new(release), hint: hint(root, release) })
        }
        Err(error) => Err(EditError::io(format!("{} cannot be read", file.display()), &error)),
    }
}

/// One release as its file says now, without reading the others.
pub fn read_release(root: &Path, release: &str) -> Result<Release, EditError> {
    Ok(ReleaseText::read(root, release, bytes_of(root, release)?)?.into_release())
}

/// The workspace's time zone, without reading its releases.
pub fn read_zone(root: &Path) -> Tz {
    workspace::read_zones(root, &mut Names::default())
}

/// What a mistyped id was probably meant to be.
pub fn hint(root: &Path, release: &str) -> String {
    let entries = folder::list(root, "releases", &mut Vec::new());
    let ids = || entries.iter().map(|entry| entry.id.as_str());
    let near =
        nearest(release, ids()).or_else(|| ids().find(|id| id.contains(release) && !release.is_empty()));
    match near {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if entries.is_empty() => "there are none yet, `tminus release add` writes one".to_owned(),
        None => "`tminus release list` shows them".to_owned(),
    }
}

fn change(
    root: &Path,
    release: &str,
    edit: &Edit,
    alter: impl FnOnce(&ReleaseText) -> Result<String, EditError>,
) -> Result<Applied, EditError> {
    let file = file_of(release)?;
    let before = ReleaseText::read(root, release, bytes_of(root, release)?)?;
    let text = pinning::renewed(root, release, edit, alter(&before)?)?;
    let put = |text: &str| plan::with_mark(before.has_mark(), text);
    let inverse = Edit::Restore {
        file: PlanFile::Release(release.to_owned()),
        title: edit.title(),
        now: put(&text),
        then: put(before.text()),
    };
    if text == before.text() {
        return Ok(Applied { inverse, file, outcome: Outcome::Unchanged, notices: Vec::new() });
    }
    let bytes = put(&text).into_bytes();
    let after = ReleaseText::read(root, release, bytes.clone())?;
    let mut notices = replace::replace(&root.join(&file), &bytes)?;
    // What was so before is not news.
    notices.extend(after.notices().iter().filter(|notice| !before.notices().contains(notice)).cloned());
    Ok(Applied { inverse, file, outcome: Outcome::Written, notices })
}

/// A new release as it would be read, without writing it.
pub fn preview(root: &Path, new: &NewRelease) -> Result<Release, EditError> {
    Ok(new_file(root, new)?.1.into_release())
}

/// The text of a new release's file, and what it says.
fn new_file(root: &Path, new: &NewRelease) -> Result<(String, ReleaseText), EditError> {
    if root.join(file_of(&new.id)?).symlink_metadata().is_ok() {
        return Err(EditError::refused(
            format!("the release `{}` is already there", new.id),
            "choose another id, or change it with `tminus release edit`",
        ));
    }
    let text = new::text(new)?;
    match ReleaseText::read(root, &new.id, text.clone().into_bytes()) {
        Ok(read) => Ok((text, read)),
        Err(EditError::Broken { problems, .. }) => {
            let what = problems.into_iter().next().map(|problem| problem.message).unwrap_or_default();
            Err(EditError::refused(what, "nothing was written, say it otherwise"))
        }
        Err(error) => Err(error),
    }
}

fn add(root: &Path, new: &NewRelease) -> Result<Applied, EditError> {
    let file = file_of(&new.id)?;
    let path = root.join(&file);
    let (text, read) = new_file(root, new)?;
    replace::make_folder(&root.join("releases"))?;
    let mut notices = replace::replace(&path, text.as_bytes())?;
    notices.extend(read.notices().iter().cloned());
    let inverse = Edit::Restore {
        file: PlanFile::Release(new.id.clone()),
        title: Edit::AddRelease(new.clone()).title(),
        now: text,
        then: String::new(),
    };
    Ok(Applied { inverse, file, outcome: Outcome::Written, notices })
}
