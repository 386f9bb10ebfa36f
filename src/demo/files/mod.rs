//! The company's workspace, written as a person would have written it.

mod playbooks;
mod releases;
mod show;
mod watch;
mod windows;
mod workspace;

use std::path::{Path, PathBuf};

use super::DemoError;
use super::plan::Plan;
use super::story::Story;

/// Where the servers are.
#[derive(Debug, Clone)]
pub(super) struct Addresses {
    pub(super) jira: String,
    pub(super) prometheus: String,
    pub(super) alertmanager: String,
}

/// The file beside the workspace that holds the tracker's token.
const TOKEN_FILE: &str = "../tracker-token";

/// Writes all files of the workspace.
pub(super) fn write(
    workspace: &Path,
    story: &Story,
    plans: &[Plan],
    addresses: &Addresses,
    token: &str,
) -> Result<(), DemoError> {
    for folder in ["releases", "playbooks"] {
        let folder = workspace.join(folder);
        std::fs::create_dir_all(&folder).map_err(|error| DemoError::file(&folder, &error))?;
    }
    let mut files: Vec<(PathBuf, String)> = vec![
        ("tminus.toml".into(), workspace::text(addresses, TOKEN_FILE)),
        ("windows.toml".into(), windows::text(story)),
    ];
    for plan in plans {
        files.push((
            format!("releases/{}.toml", plan.id).into(),
            releases::text(plan) + &show::text(plan, story) + &watch::text(plan, story),
        ));
    }
    for (id, text) in playbooks::all() {
        files.push((format!("playbooks/{id}.toml").into(), text));
    }
    for (name, text) in files {
        let path = workspace.join(name);
        std::fs::write(&path, text).map_err(|error| DemoError::file(&path, &error))?;
    }
    write_secret(&workspace.join(TOKEN_FILE), token)
}

/// Writes a file that only its owner may read.
fn write_secret(path: &Path, secret: &str) -> Result<(), DemoError> {
    use std::io::Write as _;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let written = options.open(path).and_then(|mut file| writeln!(file, "{secret}"));
    written.map_err(|error| DemoError::file(path, &error))
}
