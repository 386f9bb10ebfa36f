//! Workspaces for tests.

use std::path::Path;

use tempfile::TempDir;
use tminus::domain::workspace::Origin;
use tminus::store::{Located, Opened, open};

/// A workspace with these files.
pub fn workspace(files: &[(&str, &str)]) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for (name, text) in files {
        write(root.path(), name, text.as_bytes());
    }
    root
}

pub fn write(root: &Path, name: &str, bytes: &[u8]) {
    let path = root.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

pub fn read(root: &Path) -> Opened {
    open(&Located { origin: Origin::Files(root.to_owned()), problems: Vec::new() })
}

/// Every problem on a line of its own: `error file:line:column message`.
pub fn listed(opened: &Opened) -> String {
    let line = |problem: &tminus::domain::Problem| {
        let severity = format!("{:?}", problem.severity).to_lowercase();
        format!(
            "{severity} {}:{}:{} {}\n",
            problem.file.display(),
            problem.line,
            problem.column,
            problem.message
        )
    };
    opened.problems.iter().map(line).collect()
}

pub const TMINUS: &str = include_str!("fixtures/tminus.toml");
pub const WINDOWS: &str = include_str!("fixtures/windows.toml");
pub const RELEASE: &str = include_str!("fixtures/release.toml");
pub const PLAYBOOK: &str = include_str!("fixtures/playbook.toml");

/// The workspace of the contract.
pub fn storefront() -> TempDir {
    workspace(&[
        ("tminus.toml", TMINUS),
        ("windows.toml", WINDOWS),
        ("releases/checkout-4.2.toml", RELEASE),
        ("playbooks/checkout.toml", PLAYBOOK),
    ])
}
