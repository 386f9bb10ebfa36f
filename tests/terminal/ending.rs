//! The end, in every way there is: the terminal is as before and what happened is said.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::server::{Behaviour, Server};
use super::terminal::Session;
use super::{open, workspace};

#[test]
fn a_panic_gives_the_terminal_back_and_says_what_to_do() {
    let folder = workspace();
    let mut session = Session::start_with(folder.path(), &[], (120, 40), &[("TMINUS_TEST_PANIC", "main")]);
    let (status, _) = session.wait();
    assert_ne!(status, 0);
    assert_eq!(session.left_on(), Vec::<&str>::new());
    assert!(session.discipline().contains("ECHO"), "{}", session.discipline());
    let contents = session.wait_for("this is a bug of tminus");
    assert!(contents.contains("TMINUS_TEST_PANIC=main"), "{contents}");
}

#[test]
fn a_panic_in_a_task_costs_its_own_place_only() {
    let server = Server::start(Behaviour::Hang);
    let folder = super::backends::with_prometheus(&server.url);
    let mut session = Session::start_with(folder.path(), &[], (160, 40), &[("TMINUS_TEST_PANIC", "task")]);
    session.wait_for("Storefront");
    session.send("B");
    session.wait_for("panicked");
    session.send("\x1b");
    session.wait_without("Backends");
    session.send("2?");
    session.wait_for("Keys · Board");
    session.send("\x1b");
    session.wait_without("Keys ·");
    session.send("q");
    assert_eq!(session.wait().0, 0);
}

#[test]
fn with_standard_error_closed_it_ends_as_well() {
    let folder = workspace();
    for (keys, status) in [("q", 0), ("\x03", 0)] {
        let program = env!("CARGO_BIN_EXE_tminus");
        let line = ["/bin/sh", "-c", "exec \"$0\" 2>&-", program];
        let mut session = Session::start_command(folder.path(), &line, (120, 40), &[]);
        session.wait_for("Storefront");
        session.send(keys);
        assert_eq!(session.wait().0, status);
        assert_eq!(session.left_on(), Vec::<&str>::new());
    }
    let line = ["/bin/sh", "-c", "exec \"$0\" 2>&-", env!("CARGO_BIN_EXE_tminus")];
    let variables = [("TMINUS_TEST_PANIC", "main")];
    let mut session = Session::start_command(folder.path(), &line, (120, 40), &variables);
    assert_ne!(session.wait().0, 0);
    assert_eq!(session.left_on(), Vec::<&str>::new());
}

/// The only child of a process.
fn child_of(pid: i32) -> i32 {
    let path = format!("/proc/{pid}/task/{pid}/children");
    let began = Instant::now();
    loop {
        let children = std::fs::read_to_string(&path).unwrap();
        if let Some(child) = children.split_whitespace().next() {
            return child.parse().unwrap();
        }
        assert!(began.elapsed() < Duration::from_secs(5));
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_line_dropped_without_a_signal_ends_it_within_a_second() {
    let folder = workspace();
    // A session leader that keeps the hang-up to itself.
    let script = "trap : HUP; \"$0\"; trap : HUP; sleep 3";
    let line = ["/bin/sh", "-c", script, env!("CARGO_BIN_EXE_tminus")];
    let mut session = Session::start_command(folder.path(), &line, (120, 40), &[]);
    session.wait_for("Storefront");
    let cockpit = child_of(session.pid().as_raw_nonzero().get());
    session.hang_up();
    let began = Instant::now();
    let gone = || {
        // A zombie that its parent has not looked at is gone too.
        std::fs::read_to_string(format!("/proc/{cockpit}/stat"))
            .map_or(true, |stat| stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with('Z')))
    };
    while !gone() {
        assert!(began.elapsed() < Duration::from_secs(1), "still there after a second");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_terminal_that_takes_nothing_cannot_hold_it() {
    let folder = workspace();
    let mut session = open(&folder);
    session.pause(true);
    // Whole frames, until nothing more fits into the line.
    for _ in 0..200 {
        session.send("\x0c?\x0c\x1b");
        std::thread::sleep(Duration::from_millis(2));
    }
    std::thread::sleep(Duration::from_millis(300));
    session.signal(Signal::TERM);
    let (status, took) = session.wait();
    assert_eq!(status, 143);
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert!(session.discipline().contains("ECHO"), "{}", session.discipline());
}

/// tmux says what a program left on better than any parser of ours.
#[test]
fn inside_tmux_nothing_is_left_on() {
    use std::process::Command;
    if Command::new("tmux").arg("-V").output().is_err() {
        println!("SKIPPED: no tmux");
        return;
    }
    let folder = workspace();
    let socket = folder.path().join("tmux.socket");
    let tmux = |arguments: &[&str]| {
        let mut command = Command::new("tmux");
        command.arg("-S").arg(&socket).args(["-f", "/dev/null"]).args(arguments);
        command.env_remove("TMUX").env("LANG", "C.UTF-8").env("HOME", folder.path());
        command.env("TMINUS_CONFIG", folder.path().join("person.toml"));
        command.env("XDG_STATE_HOME", folder.path().join("state")).current_dir(folder.path());
        String::from_utf8_lossy(&command.output().unwrap().stdout).into_owned()
    };
    let wait = |what: &str, wanted: &dyn Fn() -> bool| {
        let began = Instant::now();
        while !wanted() {
            let screen = tmux(&["capture-pane", "-p"]);
            assert!(began.elapsed() < Duration::from_secs(10), "waited for {what} in vain:\n{screen}");
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    let program = env!("CARGO_BIN_EXE_tminus");
    let flags = || tmux(&["display", "-p", "#{alternate_on} #{cursor_flag} #{mouse_any_flag}"]);
    tmux(&["new-session", "-d", "-x", "120", "-y", "40", "/bin/sh"]);
    let ends: [(&str, &str); 6] =
        [("q", ""), ("", "TERM"), ("", "HUP"), ("", "INT"), ("", "QUIT"), ("", "panic")];
    for (index, (key, signal)) in ends.into_iter().enumerate() {
        let panic = if signal == "panic" { "TMINUS_TEST_PANIC=main " } else { "" };
        let done = format!("ended-{index}-");
        tmux(&["send-keys", "-l", &format!("clear; {panic}{program}; echo ended-{index}''-$?")]);
        tmux(&["send-keys", "Enter"]);
        if signal != "panic" {
            wait("the cockpit", &|| tmux(&["capture-pane", "-p"]).contains("Storefront"));
            assert_eq!(flags().trim(), "1 0 1", "while it runs");
        }
        match signal {
            "" => drop(tmux(&["send-keys", key])),
            "panic" => {}
            signal => {
                let shell = tmux(&["display", "-p", "#{pane_pid}"]).trim().parse().unwrap();
                let sent = Command::new("kill").args(["-s", signal, &child_of(shell).to_string()]).status();
                assert!(sent.unwrap().success());
            }
        }
        wait("its end", &|| tmux(&["capture-pane", "-p"]).contains(&done));
        assert_eq!(flags().trim(), "0 1 0", "after {key}{signal}");
    }
    tmux(&["kill-server"]);
}
