//! New ids: what follows a release or a window to its new name, and what cannot.

use super::show::{Check, Step};
use super::window::Window;
use super::workspace::BackendKind;
use super::{Release, Status, Workspace};

/// What is renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// A release: its file gets another name.
    Release,
    /// A window: its `id`, and every exception that names it.
    Window,
}

/// Files that name a window, besides `windows.toml`: the ids of the releases with exceptions to it.
pub fn excepted<'a>(workspace: &'a Workspace, window: &str) -> Vec<&'a str> {
    let names = |release: &&Release| release.exceptions.iter().any(|exception| exception.window == window);
    workspace.releases.iter().filter(names).map(|release| release.id.as_str()).collect()
}

/// What a new id of a release does not reach, in sentences: what was made outside under the old
/// one keeps it.
pub fn left_by_release(workspace: &Workspace, release: &Release) -> Vec<String> {
    let id = &release.id;
    let has = |kind: BackendKind| workspace.backends.iter().any(|backend| backend.kind == kind);
    let mut left = Vec::new();
    if matches!(release.status, Status::InProgress | Status::Paused) {
        left.push(format!("{id} is {}: whoever follows it by its id has to be told", release.status.word()));
    }
    if has(BackendKind::Alertmanager) {
        left.push(format!(
            "silences made for it keep the marker [tminus:{id}/…] and are not found under the new id: end them first"
        ));
    }
    if has(BackendKind::Caldav) {
        left.push("published calendars show its stages as new events from the next publish on".to_owned());
    }
    let asks = |step: &&Step| matches!(&step.check, Some(Check::Query { query, .. }) if query.contains("{{release}}"));
    let steps: Vec<&str> = release.show.steps.iter().filter(asks).map(|step| step.id.as_str()).collect();
    if !steps.is_empty() {
        left.push(format!("checks with {{{{release}}}} ask for the new id: {}", steps.join(", ")));
    }
    if workspace.windows.iter().any(|window| !window.branches.is_empty()) {
        left.push(format!("commits on frozen branches that name {id} do not name it any more"));
    }
    left
}

/// What a new id of a window does not reach.
pub fn left_by_window(workspace: &Workspace, window: &Window) -> Vec<String> {
    let published = workspace.backends.iter().any(|backend| backend.kind == BackendKind::Caldav);
    let mut left = Vec::new();
    if published {
        left.push(format!(
            "published calendars show {} as a new event from the next publish on",
            window.title
        ));
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::release::Exception;
    use crate::domain::workspace::BackendConfig;
    use crate::domain::{WindowKind, samples};

    #[test]
    fn what_names_a_window_and_what_a_new_id_leaves_behind_is_known_before() {
        let mut release = samples::release("r", &[("a", "1")], Vec::new());
        release.status = Status::InProgress;
        release.exceptions.push(Exception {
            window: "year-end".to_owned(),
            reason: "CVE".to_owned(),
            by: "mira".to_owned(),
            ticket: None,
            expires: chrono::DateTime::default(),
            commits: Vec::new(),
        });
        let mut window = samples::window("year-end", WindowKind::Freeze);
        let mut workspace = Workspace {
            releases: vec![release.clone(), samples::release("other", &[], Vec::new())],
            windows: vec![window.clone()],
            ..Workspace::default()
        };
        assert_eq!(excepted(&workspace, "year-end"), ["r"]);
        assert_eq!(left_by_release(&workspace, &release).len(), 1);
        assert!(left_by_window(&workspace, &window).is_empty());
        window.branches.push("main".to_owned());
        workspace.windows = vec![window];
        workspace.backends = vec![BackendConfig::new("alertmanager", BackendKind::Alertmanager)];
        let left = left_by_release(&workspace, &release).join("\n");
        assert!(
            left.contains("[tminus:r/…]") && left.contains("is in-progress") && left.contains("commits"),
            "{left}"
        );
    }
}
