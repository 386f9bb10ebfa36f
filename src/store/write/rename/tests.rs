use std::path::Path;

use super::super::{Outcome, apply};
use super::*;
use crate::domain::Edit;

const WINDOWS: &str = "# frozen\n[[window]]\nid = \"year-end\"  # ours\nkind = \"freeze\"\nstart = 2026-12-18T00:00:00\n\
    end = 2027-01-04T00:00:00\n\n[[window]]\nid = \"audit\"\nkind = \"freeze\"\nstart = 2026-11-18T00:00:00\nend = 2026-11-19T00:00:00\n";
const EXCEPTED: &str = "title = \"Year-end hotfix\"   # year-end\n\n[[exception]]\nwindow = \"audit\"\nreason = \"x\"\nby = \"mira\"\n\
    expires = 2026-12-20T00:00:00Z\n\n[[exception]]\nwindow = \"year-end\" # this one\nreason = \"CVE\"\nby = \"mira\"\nexpires = 2026-12-20T00:00:00Z\n";
const PLAIN: &str = "title = \"year-end\"\n";

fn world() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |file: &str, text: &str| std::fs::write(folder.path().join(file), text).unwrap();
    std::fs::create_dir(folder.path().join("releases")).unwrap();
    write("tminus.toml", "[workspace]\n");
    write("windows.toml", WINDOWS);
    write("releases/hotfix.toml", EXCEPTED);
    write("releases/plain.toml", PLAIN);
    folder
}

fn text(root: &Path, file: &str) -> Option<String> {
    std::fs::read_to_string(root.join(file)).ok()
}

fn to(what: Named, from: &str, to: &str) -> Edit {
    Edit::Rename(Rename { what, from: from.to_owned(), to: to.to_owned(), patch: None })
}

fn refused(root: &Path, edit: &Edit) -> String {
    apply(root, edit).unwrap_err().to_string()
}

#[test]
fn a_window_takes_the_exceptions_that_name_it_along_and_back() {
    let world = world();
    let root = world.path();
    let applied = apply(root, &to(Named::Window, "year-end", "year-end-2026")).unwrap();
    assert_eq!(applied.outcome, Outcome::Written);
    assert_eq!(text(root, "windows.toml").unwrap(), WINDOWS.replace("\"year-end\"", "\"year-end-2026\""));
    assert_eq!(
        text(root, "releases/hotfix.toml").unwrap(),
        EXCEPTED.replace("window = \"year-end\"", "window = \"year-end-2026\"")
    );
    assert_eq!(text(root, "releases/plain.toml").unwrap(), PLAIN);
    // What others wrote meanwhile stays when it is taken back.
    let theirs = format!("{}\n# theirs\n", text(root, "releases/hotfix.toml").unwrap());
    std::fs::write(root.join("releases/hotfix.toml"), theirs).unwrap();
    let undone = apply(root, &applied.inverse).unwrap();
    assert_eq!(text(root, "windows.toml").unwrap(), WINDOWS);
    assert_eq!(text(root, "releases/hotfix.toml").unwrap(), format!("{EXCEPTED}\n# theirs\n"));
    apply(root, &undone.inverse).unwrap();
    assert!(text(root, "releases/hotfix.toml").unwrap().contains("window = \"year-end-2026\""));
}

#[test]
fn a_release_is_a_file_of_another_name() {
    let world = world();
    let root = world.path();
    let applied = apply(root, &to(Named::Release, "hotfix", "hotfix-4.2.1")).unwrap();
    assert_eq!(text(root, "releases/hotfix.toml"), None);
    assert_eq!(text(root, "releases/hotfix-4.2.1.toml").as_deref(), Some(EXCEPTED));
    apply(root, &applied.inverse).unwrap();
    assert_eq!(text(root, "releases/hotfix-4.2.1.toml"), None);
    assert_eq!(text(root, "releases/hotfix.toml").as_deref(), Some(EXCEPTED));
}

#[test]
fn what_cannot_be_renamed_is_said_and_nothing_is_touched() {
    let world = world();
    let root = world.path();
    for (edit, said) in [
        (to(Named::Release, "hotfix", "plain"), "already there"),
        (to(Named::Release, "hotfix", "hotfix"), "called `hotfix` already"),
        (to(Named::Release, "hotfix", "../x"), "cannot be an id"),
        (to(Named::Release, "hotfux", "x"), "did you mean `hotfix`?"),
        (to(Named::Window, "year-end", "audit"), "already there"),
        (to(Named::Window, "year-ned", "x"), "there is no window"),
        (to(Named::Window, "year-end", ""), "empty"),
    ] {
        let error = refused(root, &edit);
        assert!(error.contains(said), "{edit:?}: {error}");
    }
    // A release that cannot be read may name the window: then nothing is renamed.
    std::fs::write(root.join("releases/plain.toml"), "window = \"year-end\"\n[[stage]\n").unwrap();
    let error = refused(root, &to(Named::Window, "year-end", "x"));
    assert!(error.contains("plain.toml is wrong, and may name `year-end`"), "{error}");
    assert_eq!(text(root, "windows.toml").unwrap(), WINDOWS);
    assert_eq!(text(root, "releases/hotfix.toml").unwrap(), EXCEPTED);
}

/// Half a renaming is none: what was written before one file failed is put back.
#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_written_takes_the_others_back() {
    use std::os::unix::fs::PermissionsExt;
    let world = world();
    let root = world.path();
    let file = root.join("releases/hotfix.toml");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o444)).unwrap();
    let error = refused(root, &to(Named::Window, "year-end", "x"));
    assert!(error.contains("read-only"), "{error}");
    assert_eq!(text(root, "windows.toml").unwrap(), WINDOWS);
    assert_eq!(text(root, "releases/hotfix.toml").unwrap(), EXCEPTED);
}
