//! Reading a workspace whole. What is wrong becomes a problem; the rest is read all the same.

use std::path::{Path, PathBuf};

use crate::domain::workspace::{BackendConfig, BackendKind, Origin};
use crate::domain::{Problem, Service, Severity, Workspace};

use super::locate::Located;
use super::report::{Report, place, whole_file};
use super::source::{self, Source};

pub mod backends;
mod calendars;
pub mod entry;
pub mod folder;
mod health;
mod metrics;
pub mod names;
pub mod playbooks;
pub mod queries;
pub mod releases;
pub mod services;
pub mod show;
mod triggers;
pub mod values;
mod watches;
pub mod windows;
pub mod workspace;

use names::Names;

/// A workspace as read, and what is wrong with its files.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Opened {
    /// All that could be read.
    pub workspace: Workspace,
    /// What could not, and what should be known; by file and line.
    pub problems: Vec<Problem>,
}

/// Reads every file of a workspace.
pub fn open(located: &Located) -> Opened {
    let mut opened = match &located.origin {
        Origin::Files(root) => open_files(root),
        Origin::Git(root) => Opened { workspace: from_git(root), problems: Vec::new() },
        Origin::Nowhere => Opened::default(),
    };
    opened.problems.splice(0..0, located.problems.iter().cloned());
    opened
}

fn open_files(root: &Path) -> Opened {
    let mut problems = Vec::new();
    let playbook_files = folder::list(root, "playbooks", &mut problems);
    let release_files = folder::list(root, "releases", &mut problems);

    let mut names =
        Names { playbooks: playbook_files.iter().map(|file| file.id.clone()).collect(), ..Names::default() };
    let mut workspace = workspace::read(root, &mut names, &mut problems);
    workspace.windows = windows::read(root, workspace.time_zone, &mut names, &mut problems);
    workspace.playbooks = folder::read_all(root, &playbook_files, &mut problems, |id, report, text| {
        playbooks::read(id, report, text, &names)
    });
    workspace.releases = folder::read_all(root, &release_files, &mut problems, |id, report, text| {
        releases::read(id, report, text, &names, workspace.time_zone)
    });
    problems.sort_by(|one, other| {
        (&one.file, one.line, one.column).cmp(&(&other.file, other.line, other.column))
    });
    workspace.origin = Origin::Files(root.to_owned());
    Opened { workspace, problems }
}

/// The read-only workspace of a git repository: one service, the repository itself.
fn from_git(root: &Path) -> Workspace {
    let name = folder_name(root);
    let service = Service {
        id: name.clone(),
        repository: Some(root.to_string_lossy().into_owned()),
        ..Service::default()
    };
    Workspace {
        name,
        services: vec![service],
        backends: vec![BackendConfig::new("git", BackendKind::Git)],
        origin: Origin::Git(root.to_owned()),
        ..Workspace::default()
    }
}

/// A folder's own name, for people.
pub fn folder_name(root: &Path) -> String {
    let absolute = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let name = absolute.file_name().map(|name| name.to_string_lossy().into_owned());
    crate::domain::Safe::new(name.unwrap_or_else(|| "workspace".to_owned())).to_string()
}

/// Reads one file of the workspace and hands its text on; `None` where there is none to hand on.
fn with_text<T>(
    root: &Path,
    file: PathBuf,
    problems: &mut Vec<Problem>,
    read: impl FnOnce(&mut Report<'_>, &str) -> T,
) -> Option<T> {
    match source::read(&root.join(&file)) {
        Source::Missing => None,
        Source::Unusable { at: None, message } => {
            problems.push(whole_file(Severity::Error, &file, &message));
            None
        }
        Source::Unusable { at: Some(before), message } => {
            problems.push(place(Severity::Error, &file, &before, &(before.len()..before.len()), &message));
            None
        }
        Source::Text(text) => {
            let mut report = Report::new(file, &text);
            let value = read(&mut report, &text);
            problems.extend(report.finish());
            Some(value)
        }
    }
}
