//! The demo: labelled, and gone without a trace.

use std::time::Duration;

use rustix::process::Signal;
use tempfile::TempDir;

use super::terminal::Session;

fn start(folder: &TempDir) -> Session {
    let temporary = folder.path().join("temporary");
    std::fs::create_dir_all(&temporary).unwrap();
    let variables = [("TMPDIR", temporary.to_str().unwrap())];
    Session::start_with(folder.path(), &["demo"], (120, 40), &variables)
}

fn left(folder: &TempDir) -> Vec<std::ffi::OsString> {
    let entries = std::fs::read_dir(folder.path().join("temporary")).unwrap();
    entries.map(|entry| entry.unwrap().file_name()).collect()
}

#[test]
fn simulated_is_on_every_panel_and_size() {
    let folder = TempDir::new().unwrap();
    let mut session = start(&folder);
    session.wait_for("SIMULATED");
    for size in [(120, 40), (80, 24), (60, 15)] {
        session.resize(size);
        for (panel, word) in [("1", "Calendar"), ("2", "Board"), ("3", "Monitor"), ("4", "Rollback")] {
            session.send(panel);
            session.send("?");
            session.wait_for(&format!("Keys · {word}"));
            assert!(session.wait_for("SIMULATED").contains("Keys ·"));
            session.send("\x1b");
            session.wait_without("Keys ·");
            session.wait_for("SIMULATED");
        }
    }
    session.send("q");
    assert_eq!(session.wait().0, 0);
    assert_eq!(left(&folder), Vec::<std::ffi::OsString>::new());
}

#[test]
fn nothing_is_left_of_it_wherever_it_is_ended() {
    // While the company is made, and after.
    for pause in [20, 150, 500, 1500] {
        for end in ["q", "TERM", "HUP", "line"] {
            let folder = TempDir::new().unwrap();
            let mut session = start(&folder);
            session.wait_for("SIMULATED");
            std::thread::sleep(Duration::from_millis(pause));
            match end {
                "q" => session.send("q"),
                "TERM" => session.signal(Signal::TERM),
                "HUP" => session.signal(Signal::HUP),
                _ => session.hang_up(),
            }
            let (_, took) = session.wait();
            assert!(took < Duration::from_secs(2), "{end} after {pause} ms took {took:?}");
            assert_eq!(left(&folder), Vec::<std::ffi::OsString>::new(), "{end} after {pause} ms");
        }
    }
}
