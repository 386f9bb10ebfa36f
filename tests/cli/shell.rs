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
