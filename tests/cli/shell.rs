//! How the program behaves in a shell: completions, manual, pipes, wrong words.

use std::io::Read;
use std::process::{Command, Stdio};

use super::world::World;

#[test]
fn completions_and_manual_are_printed_anywhere() {
    let world = World::new(&[]);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let answered = world.run(&format!("completions {shell}"));
        assert_eq!(answered.status, 0);
        assert!(answered.out.contains("can-i-deploy"), "{shell}");
    }
    let page = world.run("man").out;
    for part in [".SH NAME", "can\\-i\\-deploy", "EXIT STATUS", "TMINUS_WORKSPACE"] {
        assert!(page.contains(part), "{part}");
    }
    assert!(world.run("man graph").out.contains("\\-\\-release"));
    assert_eq!(world.run("completions tcsh").status, 2);
    assert_eq!(world.run("man grpah").err, "tminus: no command `grpah`: did you mean `graph`?\n");
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let world = World::new(&[]);
    let mut child = Command::new(assert_cmd::cargo::cargo_bin!("tminus"))
        .args(["completions", "zsh"])
        .current_dir(world.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    let status = child.wait().unwrap();
    assert_eq!((said.as_str(), status.code()), ("", Some(0)));
}

#[test]
fn a_wrong_call_says_what_and_what_to_do() {
    let world = World::new(&[]);
    for words in
        ["nonsense", "calendar --bogus", "release move a", "can-i-deploy", "release add a --change odd"]
    {
        let answered = world.run(words);
        assert_eq!((answered.status, answered.out.as_str()), (2, ""), "{words}");
        assert!(answered.err.starts_with("tminus: ") && answered.err.lines().count() == 1, "{answered:?}");
    }
    assert_eq!(world.run("release").status, 2);
    assert!(world.run("help").out.contains("can-i-deploy") && world.run("--help").status == 0);
}

/// An answer that could not be written is not an answer.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_not_success() {
    let world = World::new(&[]);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = Command::new(assert_cmd::cargo::cargo_bin!("tminus"))
        .args(["completions", "zsh"])
        .current_dir(world.path())
        .stdout(full)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.starts_with("tminus: standard output cannot be written"), "{said}");
}

#[test]
fn without_a_workspace_it_says_what_to_do() {
    let world = World::new(&[]);
    let answered = world.run("graph");
    assert_eq!((answered.status, answered.out.as_str()), (2, ""));
    assert!(answered.err.contains("tminus init"), "{}", answered.err);
}

#[test]
fn names_from_files_cannot_control_the_terminal() {
    let release = "title = \"x\"\nstatus = \"planned\"\n\n[[item]]\nservice = \"a\"\nversion = \"1\"\n\n\
                   [[stage]]\nenvironment = \"e\\u001b[31m\"\nstart = 2026-11-25T10:00:00Z\nend = 2026-11-25T11:00:00Z\n";
    let world = World::new(&[
        ("tminus.toml", "[workspace]\nname = \"x\"\n\n[[environment]]\nid = \"e\\u001b[31m\"\n"),
        ("releases/r.toml", release),
    ]);
    let answered = world.run("calendar --at 2026-11-25");
    assert!(!answered.out.contains('\x1b') && !answered.err.contains('\x1b'), "{answered:?}");
}
