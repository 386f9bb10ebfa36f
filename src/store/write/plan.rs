//! A file of the plan as it stands: its bytes, what they say, and what is wrong with them. A patch
//! is carried out on that, and only what reads back is written.

use std::io;
use std::path::{Path, PathBuf};

use super::patch::patched;
use super::{Applied, EditError, Outcome, before, file_of, replace};
use crate::domain::{Edit, Patch, PlanFile, Problem, Release, Severity, Window};
use crate::store::read::{names::Names, releases, windows, workspace};
use crate::store::report::{Report, place, whole_file};
use crate::store::source::{self, Source};

const MARK: &str = "\u{feff}";

/// A file's text, and whether a byte order mark stood before it.
pub struct Written {
    /// Without the mark.
    pub text: String,
    /// Whether there was one.
    pub has_mark: bool,
}

/// The text of these bytes; what is no text is an error with its place.
pub fn written(file: &Path, bytes: Vec<u8>) -> Result<Written, EditError> {
    let broken = |problem| EditError::Broken { file: file.to_owned(), problems: vec![problem] };
    if bytes.len() as u64 > source::MAX_BYTES {
        let message = format!("is larger than {} MiB", source::MAX_BYTES / 1024 / 1024);
        return Err(broken(whole_file(Severity::Error, file, &message)));
    }
    let has_mark = bytes.starts_with(MARK.as_bytes());
    match source::text(bytes) {
        Source::Text(text) => Ok(Written { text, has_mark }),
        Source::Missing => Ok(Written { text: String::new(), has_mark }),
        Source::Unusable { at, message } => {
            let before = at.unwrap_or_default();
            let span = before.len()..before.len();
            Err(broken(place(Severity::Error, file, &before, &span, &message)))
        }
    }
}

/// A text for a file that begins with a byte order mark, or does not.
pub fn with_mark(has_mark: bool, text: &str) -> String {
    if has_mark { format!("{MARK}{text}") } else { text.to_owned() }
}

/// A file of the plan, relative to the workspace.
pub fn path_of(file: &PlanFile) -> Result<PathBuf, EditError> {
    match file {
        PlanFile::Release(id) => file_of(id),
        PlanFile::Windows => Ok(PathBuf::from("windows.toml")),
        PlanFile::Workspace => Ok(PathBuf::from("tminus.toml")),
    }
}

/// The bytes of a file of the plan; `None`: there is none.
pub fn bytes_of(root: &Path, file: &Path) -> Result<Option<Vec<u8>>, EditError> {
    let path = root.join(file);
    match std::fs::read(&path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !path.is_symlink() => Ok(None),
        Err(error) => Err(EditError::io(format!("{} cannot be read", file.display()), &error)),
    }
}

/// A file's text, and what it says.
pub struct PlanText {
    /// Its text.
    pub written: Written,
    /// What it says.
    pub content: Content,
    /// What is wrong with it, and what should be known.
    pub problems: Vec<Problem>,
}

/// What a file of the plan says.
pub enum Content {
    /// One release.
    Release(Box<Release>),
    /// Windows: those that could be read.
    Windows(Vec<Window>),
    /// The workspace itself: what it says is not asked here.
    Workspace,
}

impl PlanText {
    /// Reads bytes as this file. A file that does not parse is an error, and so is a release that
    /// cannot be used; what else is wrong is among the problems.
    pub fn read(root: &Path, file: &PlanFile, bytes: Vec<u8>) -> Result<Self, EditError> {
        let path = path_of(file)?;
        let written = written(&path, bytes)?;
        let mut report = Report::new(&path, &written.text);
        let mut names = Names::default();
        let content = match file {
            PlanFile::Release(id) => {
                let workspace = workspace::read(root, &mut names, &mut Vec::new());
                windows::read(root, workspace.time_zone, &mut names, &mut Vec::new());
                releases::read(id, &mut report, &written.text, &names, workspace.time_zone)
                    .map(|release| Content::Release(Box::new(release)))
            }
            PlanFile::Windows => {
                let workspace = workspace::read(root, &mut names, &mut Vec::new());
                let windows = windows::read_text(&mut report, &written.text, workspace.time_zone, &mut names);
                (!names.windows_partial).then_some(Content::Windows(windows))
            }
            PlanFile::Workspace => {
                names.playbooks = playbooks(root);
                workspace::read_text(&mut report, root, &written.text, &mut names);
                (!names.partial).then_some(Content::Workspace)
            }
        };
        let problems = report.finish();
        match content {
            Some(content) => Ok(Self { written, content, problems }),
            None => Err(EditError::Broken { file: path, problems }),
        }
    }

    /// Problems that this text has and the one before had not.
    pub fn news<'a>(&'a self, before: &'a [Problem]) -> impl Iterator<Item = &'a Problem> {
        let is_new = |problem: &&Problem| {
            let same =
                |other: &&Problem| other.severity == problem.severity && other.message == problem.message;
            self.problems.iter().filter(same).count() > before.iter().filter(same).count()
        };
        self.problems.iter().filter(is_new)
    }
}

fn playbooks(root: &Path) -> std::collections::BTreeSet<String> {
    let entries = crate::store::read::folder::list(root, "playbooks", &mut Vec::new());
    entries.into_iter().map(|entry| entry.id).collect()
}

/// Carries out a patch.
pub fn patch(root: &Path, patch: &Patch) -> Result<Applied, EditError> {
    let path = path_of(&patch.file)?;
    let bytes = bytes_of(root, &path)?;
    if bytes.is_none() && patch.file == PlanFile::Workspace {
        return Err(EditError::refused("there is no tminus.toml", "run `tminus init` to write one"));
    }
    let is_there = bytes.is_some();
    let now = PlanText::read(root, &patch.file, bytes.unwrap_or_default())?;
    before::check(patch, is_there, &now.content)?;
    let text = patched(&now.written.text, &patch.file, &patch.changes)?;
    let put = |text: &str| with_mark(now.written.has_mark, text);
    let inverse = Edit::Restore {
        file: patch.file.clone(),
        title: patch.title.clone(),
        now: put(&text),
        then: if is_there { put(&now.written.text) } else { String::new() },
    };
    if text == now.written.text {
        return Ok(Applied { inverse, file: path, outcome: Outcome::Unchanged, notices: Vec::new() });
    }
    let after = match PlanText::read(root, &patch.file, put(&text).into_bytes()) {
        Ok(after) => after,
        Err(EditError::Broken { file, problems }) => return Err(EditError::Wrong { file, problems }),
        Err(error) => return Err(error),
    };
    let (errors, notices): (Vec<&Problem>, Vec<&Problem>) =
        after.news(&now.problems).partition(|problem| problem.severity == Severity::Error);
    if !errors.is_empty() {
        let problems = errors.into_iter().cloned().collect();
        return Err(EditError::Wrong { file: path, problems });
    }
    let mut said: Vec<String> = notices.into_iter().map(|notice| notice.message.clone()).collect();
    said.splice(0..0, write(root, &path, &put(&text))?);
    Ok(Applied { inverse, file: path, outcome: Outcome::Written, notices: said })
}

/// Writes a file of the plan, and makes its folder where it has none.
pub fn write(root: &Path, path: &Path, text: &str) -> Result<Vec<String>, EditError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        replace::make_folder(&root.join(folder))?;
    }
    replace::replace(&root.join(path), text.as_bytes())
}
