//! Changes on disk appear within a second.

use std::fs;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use tminus::store::{Changed, Watcher, watch};

use crate::help::{RELEASE, storefront, workspace, write};

fn watched(root: &std::path::Path, person: Option<&std::path::Path>) -> (Watcher, Receiver<Changed>) {
    let (sender, receiver) = channel();
    let watcher = watch(root, person, move |change| {
        let _ = sender.send(change);
    });
    assert_eq!(watcher.fallback, None);
    (watcher, receiver)
}

fn within_a_second(receiver: &Receiver<Changed>) -> Option<Changed> {
    receiver.recv_timeout(Duration::from_secs(1)).ok()
}

#[test]
fn writing_renaming_over_and_removing_are_noticed() {
    let root = storefront();
    let (_watcher, changes) = watched(root.path(), None);
    let file = root.path().join("releases/checkout-4.2.toml");
    fs::write(&file, format!("{RELEASE}# more")).unwrap();
    assert_eq!(within_a_second(&changes), Some(Changed::Workspace));
    write(root.path(), "releases/.other", RELEASE.as_bytes());
    fs::rename(root.path().join("releases/.other"), &file).unwrap();
    assert_eq!(within_a_second(&changes), Some(Changed::Workspace));
    fs::remove_file(&file).unwrap();
    assert_eq!(within_a_second(&changes), Some(Changed::Workspace));
}

#[test]
fn a_folder_that_appears_is_watched_too() {
    let root = workspace(&[("tminus.toml", "")]);
    let (_watcher, changes) = watched(root.path(), None);
    fs::create_dir(root.path().join("releases")).unwrap();
    assert_eq!(within_a_second(&changes), Some(Changed::Workspace));
    write(root.path(), "releases/a.toml", RELEASE.as_bytes());
    assert_eq!(within_a_second(&changes), Some(Changed::Workspace));
}

#[test]
fn the_persons_file_is_told_apart_and_others_are_nobodys_affair() {
    let root = storefront();
    let home = workspace(&[("config.toml", "")]);
    let person = home.path().join("config.toml");
    let (_watcher, changes) = watched(root.path(), Some(&person));
    write(root.path(), "notes.txt", b"x");
    write(home.path(), "other.toml", b"x");
    fs::write(root.path().join("releases/.checkout-4.2.toml.swp"), "x").unwrap();
    assert_eq!(changes.recv_timeout(Duration::from_millis(500)).ok(), None);
    fs::write(&person, "last_view = \"board\"").unwrap();
    assert_eq!(within_a_second(&changes), Some(Changed::Person));
}
