//! A workspace in a folder of its own, and the program run in it.

use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

/// A workspace with these files.
pub struct World {
    root: TempDir,
}

/// What the program answered.
#[derive(Debug)]
pub struct Answered {
    pub status: i32,
    pub out: String,
    pub err: String,
}

impl Answered {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap()
    }
}

impl World {
    pub fn new(files: &[(&str, &str)]) -> Self {
        let world = Self { root: tempfile::tempdir().unwrap() };
        for (name, text) in files {
            world.write(name, text);
        }
        world
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.root.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn path(&self) -> &Path {
        self.root.path()
    }

    /// The program, with nothing of the machine's own settings.
    pub fn command(&self) -> Command {
        let mut command = Command::cargo_bin("tminus").unwrap();
        command
            .current_dir(self.root.path())
            .env_remove("TMINUS_WORKSPACE")
            .env_remove("NO_COLOR")
            .env("TERM", "xterm-256color")
            .env("TMINUS_CONFIG", self.root.path().join("no-such-config.toml"))
            .env("XDG_STATE_HOME", self.root.path().join("state"));
        command
    }

    /// Runs the program with these words, split at spaces.
    pub fn run(&self, words: &str) -> Answered {
        let output = self.command().args(words.split(' ')).output().unwrap();
        Answered {
            status: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}
