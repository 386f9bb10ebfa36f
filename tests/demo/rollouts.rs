//! `tminus rollouts` against the demo's servers: plans, trains, places, and the past.

#![cfg(unix)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// The demo, ended when this is dropped.
struct Demo {
    child: Child,
    workspace: String,
}

impl Demo {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tminus"))
            .args(["demo", "--headless", "--seed", "7"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        Self { child, workspace: said["workspace"].as_str().unwrap().to_owned() }
    }

    fn run(&self, words: &[&str]) -> (i32, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_tminus"))
            .args(["-w", &self.workspace, "rollouts"])
            .args(words)
            .env("TMINUS_CONFIG", Path::new(&self.workspace).join("no-such-config.toml"))
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
    }

    fn json(&self, words: &[&str]) -> Value {
        let (status, out, err) = self.run(&[&["--json"], words].concat());
        assert_eq!(status, 0, "{err}");
        serde_json::from_str(&out).unwrap()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

fn checkout(document: &Value) -> &Value {
    let rollouts = document["rollouts"].as_array().unwrap();
    rollouts.iter().find(|row| row["service"] == "checkout").unwrap()
}

#[test]
fn rollouts_are_told_beside_their_plans_now_and_then() {
    let demo = Demo::start();
    let now = demo.json(&[]);
    assert_eq!((&now["schema"], &now["kind"]), (&"tminus/1".into(), &"rollouts".into()));
    let canary = checkout(&now);
    assert_eq!((&canary["plan"]["step"], &canary["plan"]["strategy"]), (&2.into(), &"canary".into()));
    assert!(canary["plan"]["seconds_left"].as_i64().unwrap() > 0, "{canary}");
    assert!(now["trains"].as_array().unwrap().len() > 2);
    let places = now["skew"]["places"].as_array().unwrap();
    assert!(places.iter().any(|place| place["region"] == "us"), "{places:?}");
    // What notifications runs in production was never on staging, though its release goes there.
    let astray = now["skew"]["findings"].as_array().unwrap();
    let skips = |finding: &Value| finding["service"] == "notifications" && finding["kind"] == "skipped";
    assert!(astray.iter().any(skips), "{astray:?}");
    // Half an hour ago it was at its first step.
    let then = demo.json(&["--at", "-30m"]);
    assert_eq!(checkout(&then)["plan"]["step"], 1);
    let release = checkout(&now)["release"].as_str().unwrap();
    let (status, text, err) = demo.run(&[release]);
    assert_eq!(status, 0, "{err}");
    assert!(text.contains("step 2 of 4") && text.contains(release) && !text.contains("search"), "{text}");
    let (status, _, err) = demo.run(&["no-such-release"]);
    assert_eq!(status, 2, "{err}");
    let (status, _, err) = demo.run(&["--window", "soon"]);
    assert_eq!(status, 2, "{err}");
}
