//! `tminus demo --headless`: one line of JSON, and nothing left when it is ended.

#![cfg(unix)]

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

#[test]
fn it_says_where_it_is_and_cleans_up_on_every_polite_signal() {
    for signal in ["TERM", "INT", "HUP"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_tminus"))
            .args(["demo", "--headless", "--seed", "3", "--speed", "5"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        let workspace = PathBuf::from(said["workspace"].as_str().unwrap());
        assert!(workspace.join("tminus.toml").is_file());
        for name in ["jira", "prometheus", "alertmanager"] {
            assert!(said[name].as_str().unwrap().starts_with("http://127.0.0.1:"), "{said}");
        }
        let killed =
            Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        assert!(child.wait().unwrap().success(), "after {signal}");
        assert!(!workspace.parent().unwrap().exists(), "after {signal}");
    }
}

#[test]
fn a_speed_that_makes_no_sense_is_refused() {
    let output = Command::new(env!("CARGO_BIN_EXE_tminus"))
        .args(["demo", "--headless", "--speed", "0"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(complaint.starts_with("tminus: the speed must be a number above zero"), "{complaint}");
}
