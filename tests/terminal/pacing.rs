//! Frames are paced by the terminal: over a slow link, over one that dies, and with a terminal that
//! never answers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::link::Link;
use super::moving::{self, Manner};
use super::server::{Behaviour, Server};
use super::terminal::Session;
use super::workspace;

/// A bad connection to a machine far away: 64 kbit/s, 250 ms there and back.
const SLOW: Link = Link { rate: 8000.0, round_trip: Duration::from_millis(250) };

fn hundred_series(manner: Manner) -> (Server, TempDir) {
    let server = Server::start(Behaviour::Json(Arc::new(move |request| moving::answer(manner, request))));
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("tminus.toml"), moving::workspace(&server.url)).unwrap();
    (server, folder)
}

/// One at a time of those that measure: each keeps a core busy by itself.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets go what must not be there at once: the screen settles over a slow link.
fn settle(session: &Session) {
    let mut last = session.bytes();
    for _ in 0..20 {
        std::thread::sleep(Duration::from_millis(300));
        if session.bytes() - last < 200 {
            return;
        }
        last = session.bytes();
    }
}

#[test]
fn a_key_is_on_a_slow_screen_in_time_in_every_view_while_a_hundred_series_move() {
    let _alone = alone();
    let (_server, folder) = hundred_series(Manner::Waves);
    let mut session = Session::start_over(SLOW, folder.path(), &["--view", "monitor"], (120, 40));
    session.wait_for("service-00");
    let mut random = fastrand::Rng::with_seed(11);
    let mut slow = Vec::new();
    for view in ["o", "j", "c", "t", "s", "l", "b", "h", "a", "w"] {
        session.send(&format!("g{view}"));
        settle(&session);
        let mut took = Vec::new();
        for round in 0..6 {
            // Where the next second, the next answer and the key meet is left to chance.
            std::thread::sleep(Duration::from_millis(600 + random.u64(0..700)));
            let is_open = round % 2 == 0;
            let began = Instant::now();
            session.send(if is_open { "/" } else { "\x1b" });
            session.wait_until("the filter's line", |screen| screen.contains("Enter keeps it") == is_open);
            took.push(began.elapsed());
        }
        took.sort();
        // By itself: 250 ms, what the key's frame takes, and 15 ms that Esc waits for more. One of
        // six may meet another program on the machine.
        if took[4] > Duration::from_millis(450) {
            slow.push((view, took));
        }
    }
    assert!(slow.is_empty(), "{slow:?}");
    session.send("q");
    assert_eq!(session.wait().0, 0);
}

#[test]
fn a_terminal_that_never_answers_loses_nothing_but_the_pace() {
    let folder = workspace();
    let mut session = Session::start(folder.path(), &[], (120, 40));
    session.mute(true);
    session.wait_for("Storefront");
    for round in 0..30 {
        session.send(if round % 2 == 0 { "?" } else { "\x1b" });
        session.wait_until("the help", |screen| screen.contains("Keys ·") == (round % 2 == 0));
    }
    let asked = |session: &Session| session.raw().windows(4).filter(|window| window == b"\x1b[6n").count();
    let before = asked(&session);
    assert!(before <= 8, "asked {before} times in vain");
    let mut took = Vec::new();
    for round in 0..20 {
        let began = Instant::now();
        session.send(if round % 2 == 0 { "?" } else { "\x1b" });
        session.wait_until("the help", |screen| screen.contains("Keys ·") == (round % 2 == 0));
        took.push(began.elapsed());
    }
    assert_eq!(asked(&session), before, "it is not asked again");
    took.sort();
    assert!(took[took.len() / 2] < Duration::from_millis(80), "{took:?}");
    session.send("q");
    assert_eq!(session.wait().0, 0);
    assert_eq!(session.left_on(), Vec::<&str>::new());
}

#[test]
fn what_the_terminal_answers_late_never_reaches_the_shell() {
    let folder = workspace();
    // A shell that says what it reads after the cockpit.
    let script = "\"$0\"; echo ended; IFS= read -r line; printf 'read:%s.\\n' \"$line\" | tr '\\033' '@'; \
                  sleep 2";
    for end in ["q", "\x03"] {
        let link = Link { rate: 20_000.0, round_trip: Duration::from_millis(200) };
        let whole = ["/bin/sh", "-c", script, env!("CARGO_BIN_EXE_tminus")];
        let mut session = Session::start_command_over(link, folder.path(), &whole, (120, 40));
        session.wait_for("Storefront");
        std::thread::sleep(Duration::from_millis(700));
        session.send("2");
        std::thread::sleep(Duration::from_millis(130));
        // The last frame's answer is still on its way when it ends.
        session.send(end);
        session.wait_for("ended");
        std::thread::sleep(Duration::from_millis(400));
        session.send("typed\n");
        let contents = session.wait_for("read:");
        assert!(contents.contains("read:typed."), "after {end:?}: {contents}");
    }
}

#[test]
fn a_report_of_the_cursor_is_no_key() {
    let folder = workspace();
    let mut session = Session::start(folder.path(), &[], (120, 40));
    session.wait_for("Storefront");
    // Late, doubled, cut in two, and one that looks like a function key: nothing of it is typed.
    for report in ["\x1b[12;40R", "\x1b[3;1R\x1b[3;1R", "\x1b[40;", "120R", "\x1b[1;2R"] {
        session.send(report);
        std::thread::sleep(Duration::from_millis(40));
    }
    session.send("?");
    session.wait_for("Keys · Calendar");
    session.send("\x1b");
    session.wait_without("Keys ·");
    session.send("q");
    assert_eq!(session.wait().0, 0);
}

#[test]
fn a_key_held_down_leaves_no_queue_of_frames_behind() {
    let (_server, folder) = hundred_series(Manner::Waves);
    let mut session = Session::start_over(SLOW, folder.path(), &["--view", "monitor"], (120, 40));
    session.wait_for("service-00");
    settle(&session);
    for _ in 0..100 {
        session.send("j");
        std::thread::sleep(Duration::from_millis(33));
    }
    let began = Instant::now();
    session.send("?");
    session.wait_for("Keys · Monitor");
    // The frame on its way, the help's own three kilobytes, the round trip.
    assert!(began.elapsed() < Duration::from_millis(1500), "{:?}", began.elapsed());
}

#[test]
fn with_low_bandwidth_a_minute_stays_under_twenty_kilobytes_whatever_the_data_does() {
    const HALF: Duration = Duration::from_secs(30);
    let _alone = alone();
    // Every value of every answer is another one, on a large screen.
    let (_server, folder) = hundred_series(Manner::Leaps);
    let mut views: Vec<(&str, Session)> = ["as it opens", "gc"]
        .map(|keys| {
            let arguments = ["--view", "monitor", "--low-bandwidth"];
            let mut session = Session::start(folder.path(), &arguments, (200, 60));
            session.wait_for("service-00");
            if keys.starts_with('g') {
                session.send(keys);
            }
            (keys, session)
        })
        .into();
    // What a person asked for last is on the screen by then, and paid for.
    std::thread::sleep(Duration::from_secs(12));
    let before: Vec<usize> = views.iter().map(|(_, session)| session.bytes()).collect();
    std::thread::sleep(HALF);
    for ((view, session), before) in views.iter_mut().zip(before) {
        let bytes = session.bytes() - before;
        // A frame of data may have been owed nothing at the beginning: 5 kB; the rest comes by the
        // second, so that the whole minute has the half's bytes and 30 s at 240 bytes.
        let minute = bytes + 30 * 240;
        assert!(minute < 20_000, "{view}: {bytes} bytes in {HALF:?}");
        assert!(bytes > 1500, "{view}: the values move all the same: {bytes}");
        // A key never waits for what is owed.
        let began = Instant::now();
        session.send("?");
        session.wait_for("Keys ·");
        assert!(began.elapsed() < Duration::from_millis(400), "{view}: {:?}", began.elapsed());
        session.send("\x1bq");
    }
}
