//! The cockpit in a real pseudo-terminal: it starts, shows every panel, survives any size, and
//! gives the terminal back however it ends.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test ends at the first surprise"
)]

mod backends;
mod calendars;
mod demo;
mod disk;
mod ending;
mod forms;
mod freeze;
#[path = "../support/history.rs"]
mod history;
mod hostile;
#[path = "../support/link.rs"]
mod link;
mod misbehaving;
#[path = "../support/moving.rs"]
mod moving;
mod pacing;
mod person;
mod plan;
#[path = "../support/proxy.rs"]
mod proxy;
mod recommending;
mod server;
mod show;
mod silences;
#[path = "../support/terminal.rs"]
mod terminal;
mod watch;

use std::time::{Duration, Instant};

use rustix::process::Signal;
use tempfile::TempDir;
use terminal::Session;

const WORKSPACE: &str = r#"
[workspace]
name = "Storefront"
time_zone = "Europe/Berlin"

[[environment]]
id = "production"

[[service]]
id = "checkout"
owner = "team-payments"
"#;

fn workspace() -> TempDir {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("tminus.toml"), WORKSPACE).unwrap();
    folder
}

fn open(folder: &TempDir) -> Session {
    let session = Session::start(folder.path(), &[], (120, 40));
    session.wait_for("Storefront");
    session
}

#[test]
fn every_panel_is_a_key_away() {
    let folder = workspace();
    let mut session = open(&folder);
    for (key, word) in
        [("2", "Board"), ("3", "Monitor"), ("4", "Rollback"), ("1", "Calendar"), ("\t", "Board")]
    {
        session.send(key);
        session.wait_for(word);
        session.send("?");
        session.wait_for(&format!("Keys · {word}"));
        session.send("\x1b");
        session.wait_without("Keys ·");
    }
    session.send("q");
    assert_eq!(session.wait().0, 0);
}

#[test]
fn the_palette_finds_a_panel_by_a_few_letters() {
    let folder = workspace();
    let mut session = open(&folder);
    session.send(":");
    session.wait_for("Commands");
    session.send("monitor");
    session.wait_for("Show the deployment monitor");
    session.send("\r");
    session.wait_without("Commands");
    session.send("?");
    session.wait_for("Keys · Monitor");
}

#[test]
fn the_terminal_is_given_back_however_it_ends() {
    type End = fn(&mut Session);
    let ends: [(&str, End, u32); 6] = [
        ("q", |session| session.send("q"), 0),
        ("ctrl-c", |session| session.send("\x03"), 0),
        ("SIGTERM", |session| session.signal(Signal::TERM), 143),
        ("SIGHUP", |session| session.signal(Signal::HUP), 129),
        ("SIGINT", |session| session.signal(Signal::INT), 130),
        ("SIGQUIT", |session| session.signal(Signal::QUIT), 131),
    ];
    let folder = workspace();
    for (name, end, status) in ends {
        let mut session = Session::start(folder.path(), &[], (80, 24));
        session.wait_for("Storefront");
        end(&mut session);
        let (code, took) = session.wait();
        assert_eq!(code, status, "{name}");
        assert_eq!(session.left_on(), Vec::<&str>::new(), "{name}");
        assert!(session.discipline().contains("ECHO"), "{name}: {}", session.discipline());
        assert!(took < Duration::from_secs(2), "{name} took {took:?}");
    }
}

#[test]
fn the_line_discipline_is_as_before() {
    let folder = workspace();
    let pair_before = Session::start(folder.path(), &["--version"], (80, 24)).discipline();
    let mut session = Session::start(folder.path(), &[], (80, 24));
    session.wait_for("Storefront");
    assert_ne!(session.discipline(), pair_before, "raw while it runs");
    session.send("q");
    session.wait();
    assert_eq!(session.discipline(), pair_before);
}

#[test]
fn a_dropped_line_ends_it_within_a_second() {
    let folder = workspace();
    let mut session = open(&folder);
    session.hang_up();
    let (_, took) = session.wait();
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[test]
fn any_size_is_drawn_or_politely_refused() {
    let folder = workspace();
    let mut session = open(&folder);
    for size in [(1, 1), (1, 50), (200, 1), (0, 0), (500, 200), (65535, 65535), (59, 14)] {
        session.resize(size);
        std::thread::sleep(Duration::from_millis(30));
    }
    session.wait_for("tminus needs");
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..200 {
        session.resize((random.u16(0..300), random.u16(0..100)));
        std::thread::sleep(Duration::from_millis(2));
    }
    session.resize((100, 30));
    session.wait_for("Storefront");
    let peak = peak_memory_kib(&session);
    assert!(peak < 150 * 1024, "{peak} KiB");
    session.send("q");
    assert_eq!(session.wait().0, 0);
}

#[test]
fn nothing_is_written_while_nothing_changes() {
    let folder = workspace();
    let session = open(&folder);
    std::thread::sleep(Duration::from_millis(700));
    let before = session.bytes();
    std::thread::sleep(Duration::from_secs(2));
    // The minute may turn meanwhile: the clock's own digits.
    let written = session.bytes() - before;
    assert!(written < 100, "{written} bytes");
}

#[test]
fn it_stops_and_goes_on_as_job_control_asks() {
    let folder = workspace();
    let mut session = open(&folder);
    for way in ["key", "signal"] {
        if way == "key" {
            session.send("\x1a");
        } else {
            session.signal(Signal::TSTP);
        }
        wait_for_state(&session, 'T');
        assert_eq!(session.left_on(), Vec::<&str>::new(), "{way}");
        session.signal(Signal::CONT);
        session.wait_until("the alternate screen", |_| session.left_on().contains(&"alternate screen"));
        session.wait_for("Storefront");
    }
    session.send("q");
    assert_eq!(session.wait().0, 0);
}

#[test]
fn a_locale_without_utf8_gets_ascii() {
    let folder = workspace();
    let session = Session::start_with(folder.path(), &[], (120, 40), &[("LANG", "C")]);
    let contents = session.wait_for("Storefront");
    assert!(contents.is_ascii(), "{contents}");
}

#[test]
fn no_color_means_no_colour() {
    let folder = workspace();
    let session = Session::start_with(folder.path(), &[], (120, 40), &[("NO_COLOR", "1")]);
    session.wait_for("Storefront");
    assert!(!session.has_colour());
}

#[test]
fn a_pasted_text_never_acts_as_keys() {
    let folder = workspace();
    let mut session = open(&folder);
    session.send("\x1b[200~q3?\x1b[201~");
    session.send("?");
    session.wait_for("Keys · Calendar");
}

#[test]
fn without_a_terminal_it_says_what_to_do() {
    let folder = workspace();
    let output =
        assert_cmd::Command::cargo_bin("tminus").unwrap().current_dir(folder.path()).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.starts_with("tminus: ") && error.contains("not a terminal"), "{error}");
}

fn wait_for_state(session: &Session, wanted: char) {
    let began = Instant::now();
    let path = format!("/proc/{}/stat", session.pid().as_raw_nonzero());
    loop {
        let stat = std::fs::read_to_string(&path).unwrap();
        let state = stat.rsplit(") ").next().and_then(|rest| rest.chars().next());
        if state == Some(wanted) {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(5), "state {state:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn peak_memory_kib(session: &Session) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", session.pid().as_raw_nonzero())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_resize_is_seen_though_a_key_comes_at_the_same_moment() {
    let folder = workspace();
    let mut session = open(&folder);
    for round in 0..60 {
        let size = if round % 2 == 0 { (59, 14) } else { (120, 40) };
        session.resize(size);
        session.send("jk");
        let word = if round % 2 == 0 { "tminus needs" } else { "Storefront" };
        session.wait_for(word);
    }
}
