//! `tminus monitor` on a real Prometheus behind a proxy that slows, cuts, refuses, warns and answers
//! in part: never healthy on what cannot be trusted, never 0, and back to the truth afterwards.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value;

use super::monitor::{time, workspace};
use super::proxy::{Mode, Proxy, WRONG};

/// Run on the history in which `payments` went bad and `search` and `web` went well.
pub fn whatever_becomes_of_answers_nothing_is_healthy_by_them(server: &str, bad: u64, harmless: u64) {
    let proxy = Proxy::before(server);
    let world = workspace(&proxy.url);
    let once = |service: &str, at: u64| {
        let answered = world.run(&format!("monitor {service} --at {} --json", time(at)));
        let line: Value = serde_json::from_str(answered.out.lines().last().unwrap()).unwrap();
        (answered.status, line)
    };
    let (failing, healthy) = (bad + 1500, harmless + 2 * 3600);
    // The truth, through the same proxy; remarks take nothing away from it.
    for mode in [Mode::Pass, Mode::Inform] {
        proxy.set(mode);
        let (status, line) = once("payments", failing);
        assert_eq!((status, &line["verdict"]), (1, &Value::from("failing")), "{mode:?}: {line:#}");
        let (status, line) = once("search", healthy);
        assert_eq!((status, &line["verdict"]), (0, &Value::from("healthy")), "{mode:?}: {line:#}");
    }
    for mode in WRONG.into_iter().chain([Mode::Slow]) {
        proxy.set(mode);
        // Waiting takes its time: once is enough.
        let is_slow = mode == Mode::Slow;
        for (service, at) in [("search", healthy), ("payments", failing)] {
            if is_slow && service == "payments" {
                continue;
            }
            let (status, line) = once(service, at);
            assert_ne!(status, 0, "{mode:?}: {line:#}");
            assert_ne!(line["verdict"], "healthy", "{mode:?}: {line:#}");
            assert!(line["why"].as_str().is_some_and(|why| !why.is_empty()), "{mode:?}: {line:#}");
        }
    }
    proxy.set(Mode::Pass);
    live(&world, &proxy);
}

/// One process that watches a canary that does well, while its source misbehaves in every way in turn.
fn live(world: &super::world::World, proxy: &Proxy) {
    let program = world.command().get_program().to_owned();
    let mut child = Command::new(program)
        .args(["monitor", "web", "--interval", "1s", "--for", "45s", "--json"])
        .current_dir(world.path())
        .env("TMINUS_CONFIG", world.path().join("none.toml"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    let mut next = || -> Option<Value> {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        serde_json::from_str(&line).ok()
    };
    let first = next().unwrap();
    assert_eq!(first["verdict"], "healthy", "{first:#}");
    for mode in [Mode::Refuse(503), Mode::Cut, Mode::Warn, Mode::Refuse(422)] {
        proxy.set(mode);
        let away = next().unwrap();
        assert_eq!(away["verdict"], "inconclusive", "{mode:?}: {away:#}");
        proxy.set(Mode::Pass);
        // What runs and what is measured may come back one after the other.
        let mut back = next().unwrap();
        while back["verdict"] == "inconclusive" {
            back = next().unwrap();
        }
        assert_eq!(
            (&back["verdict"], &back["final"]),
            (&"healthy".into(), &false.into()),
            "{mode:?}: {back:#}"
        );
    }
    proxy.set(Mode::Refuse(503));
    let mut last = next().unwrap();
    while let Some(line) = next() {
        last = line;
        assert_ne!(last["verdict"], "healthy", "{last:#}");
    }
    assert_eq!((&last["final"], &last["verdict"]), (&true.into(), &"inconclusive".into()), "{last:#}");
    assert_eq!(child.wait().unwrap().code(), Some(3));
}
