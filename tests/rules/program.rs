//! The real program, with nothing of the machine's own settings.

use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

/// What the program answered.
pub struct Answered {
    pub status: i32,
    pub document: Value,
    pub err: String,
}

/// Runs a command in a workspace and reads its JSON.
pub fn run(workspace: &Path, words: &str) -> Answered {
    let output = command(workspace, words).arg("--json").output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    Answered {
        status: output.status.code().unwrap(),
        document: serde_json::from_str(&out).unwrap_or(Value::Null),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs a command in a workspace: what people read.
pub fn text(workspace: &Path, words: &str) -> String {
    String::from_utf8(command(workspace, words).output().unwrap().stdout).unwrap()
}

fn command(workspace: &Path, words: &str) -> Command {
    let mut command = Command::cargo_bin("tminus").unwrap();
    command
        .current_dir(workspace)
        .env_remove("TMINUS_WORKSPACE")
        .env("TMINUS_CONFIG", workspace.join("no-such-config.toml"))
        .env("XDG_STATE_HOME", workspace.join("state"))
        .args(words.split(' '));
    command
}
