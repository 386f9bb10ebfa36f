//! The person's own file: keys, theme, zone, and where they were.

use std::path::PathBuf;
use std::time::Duration;

use rustix::process::Signal;
use tempfile::TempDir;

use super::terminal::Session;
use super::workspace;

fn with(config: &str) -> (TempDir, PathBuf) {
    let folder = workspace();
    let file = folder.path().join("person.toml");
    std::fs::write(&file, config).unwrap();
    (folder, file)
}

#[test]
fn keys_are_bound_anew_and_unbound() {
    let (folder, _) = with("[keys.global]\nshow-board = [\"shift-x\"]\nshow-monitor = []\n");
    let mut session = super::open(&folder);
    session.send("3");
    session.send("X");
    session.send("?");
    session.wait_for("Keys · Board");
    session.send("\x1b");
    session.wait_without("Keys ·");
    session.send("3?");
    session.wait_for("Keys · Board");
}

#[test]
fn keys_that_collide_are_named() {
    let (folder, _) = with("[keys.global]\nquit = [\"j\"]\n");
    let session = Session::start(folder.path(), &[], (200, 40));
    session.wait_until("the conflict", |contents| contents.contains("want the same keys"));
}

#[test]
fn where_the_person_was_is_kept_however_it_ends() {
    for signal in [None, Some(Signal::TERM), Some(Signal::HUP)] {
        let (folder, file) =
            with("# mine\nlast_view = \"calendar\" # here\nstrange = 1\n\n[ui]\ntheme = \"dark\"\n");
        let mut session = super::open(&folder);
        session.send("z");
        session.wait_for("times are shown in");
        session.send("\x14");
        session.wait_for("theme ");
        session.send("3");
        session.send("?");
        session.wait_for("Keys · Monitor");
        session.send("\x1b");
        session.wait_without("Keys ·");
        match signal {
            None => session.send("q"),
            Some(signal) => session.signal(signal),
        }
        session.wait();
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(
            text.starts_with("# mine\nlast_view = \"monitor\" # here\nstrange = 1\n"),
            "{signal:?}: {text}"
        );
        assert!(text.contains("time_zone = \""), "{signal:?}: {text}");
        assert!(text.contains("theme = \"") && !text.contains("theme = \"dark\""), "{signal:?}: {text}");
        let mut again = super::open(&folder);
        again.send("?");
        again.wait_for("Keys · Monitor");
    }
}

#[test]
fn the_panel_asked_for_is_where_the_person_was() {
    let (folder, file) = with("# mine\nstrange = 1\n");
    let mut session = Session::start(folder.path(), &["--view", "board"], (120, 40));
    session.wait_for("Storefront");
    session.send("?");
    session.wait_for("Keys · Board");
    session.send("\x1b");
    session.wait_without("Keys ·");
    session.send("q");
    session.wait();
    assert_eq!(std::fs::read_to_string(file).unwrap(), "# mine\nstrange = 1\nlast_view = \"board\"\n");
}

#[test]
fn a_broken_file_is_told_of_and_never_overwritten() {
    let broken = "# mine\n[keys\nquit = ";
    let (folder, file) = with(broken);
    let mut session = Session::start(folder.path(), &[], (160, 40));
    session.wait_for("person.toml");
    session.send("3");
    session.send("z");
    session.wait_for("not kept");
    session.send("q");
    assert_eq!(session.wait().0, 0);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), broken);
}

#[test]
fn a_file_that_breaks_while_it_is_edited_changes_nothing() {
    let (folder, file) = with("[keys.global]\nshow-board = [\"shift-x\"]\n");
    let mut session = super::open(&folder);
    std::thread::sleep(Duration::from_millis(300));
    std::fs::write(&file, "[keys.global\nshow-board = ").unwrap();
    session.wait_for("person.toml");
    session.send("X?");
    session.wait_for("Keys · Board");
    session.send("\x1b");
    session.wait_without("Keys ·");
    std::fs::write(&file, "[keys.global]\nshow-monitor = [\"shift-x\"]\n").unwrap();
    let began = std::time::Instant::now();
    loop {
        session.send("X?");
        std::thread::sleep(Duration::from_millis(100));
        if session.contents().contains("Keys · Monitor") {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(5), "{}", session.contents());
        session.send("\x1b");
        std::thread::sleep(Duration::from_millis(50));
    }
}
