//! `tminus branches` on a real repository.

use std::process::Command;

use serde_json::Value;

use crate::world::World;

const TMINUS: &str = r#"
[workspace]
name = "Shop"
time_zone = "Europe/Berlin"

[[environment]]
id = "production"

[[service]]
id = "checkout"
repository = "checkout"
"#;

const WINDOWS: &str = r#"
[[window]]
id = "year-end"
kind = "freeze"
title = "Year-end close"
start = 2026-11-20T13:00:00
end = 2026-11-20T19:00:00
branches = ["main"]
"#;

const RELEASE: &str = r#"
title = "The hole"

[[exception]]
window = "year-end"
reason = "CVE in the payment library"
by = "mira"
ticket = "SEC-77"
expires = 2026-11-21T00:00:00Z
"#;

fn git(world: &World, clock: &str, author: &str, words: &[&str]) {
    let output = Command::new("git")
        .current_dir(world.path().join("checkout"))
        .args(["-c", &format!("user.name={author}"), "-c", "user.email=a@example.com"])
        .args(["-c", "commit.gpgSign=false"])
        .args(words)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_AUTHOR_DATE", clock)
        .env("GIT_COMMITTER_DATE", clock)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn commit(world: &World, clock: &str, author: &str, message: &str) {
    git(world, clock, author, &["commit", "-q", "--allow-empty", "-m", message]);
}

fn world() -> World {
    let files = [("tminus.toml", TMINUS), ("windows.toml", WINDOWS), ("releases/hole.toml", RELEASE)];
    let world = World::new(&files);
    std::fs::create_dir(world.path().join("checkout")).unwrap();
    git(&world, "2026-11-20T09:00:00Z", "Mira", &["init", "-q", "-b", "main", "."]);
    commit(&world, "2026-11-20T09:00:00Z", "Mira", "before");
    world
}

#[test]
fn the_exit_status_says_whether_the_freeze_was_kept() {
    let world = world();
    let during = "branches --at 2026-11-20T18:00";
    let kept = world.run(during);
    assert_eq!(kept.status, 0, "{}{}", kept.out, kept.err);
    assert!(kept.out.contains("main of checkout: nothing landed"), "{}", kept.out);
    commit(&world, "2026-11-20T12:30:00Z", "Noor", "close the hole\n\nSEC-77");
    assert_eq!(world.run(during).status, 0);
    commit(&world, "2026-11-20T13:30:00Z", "Jonas", "only a banner");
    let broken = world.run(during);
    assert_eq!(broken.status, 1, "{}", broken.err);
    for words in [
        "2 landed, 1 UNAUTHORISED",
        "Jonas  UNAUTHORISED",
        "exception of hole, SEC-77, by mira",
        "committer date",
    ] {
        assert!(broken.out.contains(words), "{words}: {}", broken.out);
    }
    // Before the second commit, before the freeze, and in a range that it does not touch.
    assert_eq!(world.run("branches --at 2026-11-20T14:00").status, 0);
    let early = world.run("branches --at 2026-11-20T12:00");
    assert_eq!((early.status, early.out.contains("no freeze")), (0, true));
    assert_eq!(world.run("branches --at 2026-12-20 --from 2026-12-01").status, 0);
    assert_eq!(world.run("branches --at 2026-12-20 --from 2026-11-20").status, 1);
}

#[test]
fn every_field_is_in_the_json() {
    let world = world();
    commit(&world, "2026-11-20T12:30:00Z", "Noor", "close the hole\n\nSEC-77");
    commit(&world, "2026-11-20T13:30:00Z", "Jonas", "only a banner");
    let answered = world.run("branches --json --at 2026-11-20T18:00");
    assert_eq!(answered.status, 1, "{}", answered.err);
    let document = answered.json();
    assert_eq!((&document["kind"], &document["unauthorised"]), (&"branches".into(), &1.into()));
    assert_eq!(document["dates"], "committer");
    let freeze = &document["freezes"][0];
    assert_eq!((&freeze["start"], &freeze["running"]), (&"2026-11-20T12:00:00Z".into(), &true.into()));
    let branch = &freeze["branches"][0];
    let commits: Vec<(&Value, &Value)> = branch["commits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|commit| (&commit["subject"], &commit["verdict"]))
        .collect();
    assert_eq!(
        commits,
        [(&"only a banner".into(), &"unauthorised".into()), (&"close the hole".into(), &"excused".into())]
    );
    let excused = &branch["commits"][1];
    assert_eq!((&excused["release"], &excused["ticket"]), (&"hole".into(), &"SEC-77".into()));
    assert_eq!((&excused["committed"], &excused["merge"]), (&"2026-11-20T12:30:00Z".into(), &false.into()));
    assert_eq!((&branch["rewritten"], &branch["more"]), (&"no".into(), &0.into()));
}

#[test]
fn a_branch_that_was_rewritten_is_a_freeze_that_was_not_kept() {
    let world = world();
    commit(&world, "2026-11-20T10:00:00Z", "Mira", "also before");
    git(&world, "2026-11-20T13:00:00Z", "Jonas", &["reset", "-q", "--hard", "HEAD~1"]);
    let answered = world.run("branches --at 2026-11-20T18:00");
    assert_eq!(answered.status, 1, "{}", answered.out);
    assert!(
        answered.out.contains("REWRITTEN") && answered.out.contains("1 commit is gone"),
        "{}",
        answered.out
    );
}

#[test]
fn what_cannot_be_read_is_unknown_and_named() {
    let world = world();
    world.write("windows.toml", &WINDOWS.replace("\"main\"", "\"trunk\""));
    let answered = world.run("branches --json --at 2026-11-20T18:00");
    assert_eq!(answered.status, 3, "{}", answered.out);
    assert!(answered.err.contains("checkout has no branch trunk"), "{}", answered.err);
    assert_eq!(answered.json()["freezes"][0]["unknown"][0]["service"], "checkout");
    world.write("tminus.toml", &TMINUS.replace("repository = \"checkout\"", ""));
    let answered = world.run("branches --at 2026-11-20T18:00");
    assert_eq!(answered.status, 3);
    assert!(answered.err.contains("write `repository`"), "{}", answered.err);
}

#[test]
fn a_branch_that_is_no_glob_and_a_commit_that_is_no_id_are_said_in_place() {
    let world = world();
    world.write("windows.toml", &WINDOWS.replace("\"main\"", "\"rel [\""));
    let answered = world.run("branches --at 2026-11-20T18:00");
    assert_eq!(answered.status, 2);
    let said = answered.err.contains("windows.toml:8:") && answered.err.contains("main or release/*");
    assert!(said, "{}", answered.err);
    world.write("windows.toml", &WINDOWS.replace("\"freeze\"", "\"change\""));
    let answered = world.run("branches --at 2026-11-20T18:00");
    assert_eq!(answered.status, 2);
    assert!(answered.err.contains("a change window freezes no branch"), "{}", answered.err);
    world.write("releases/hole.toml", &format!("{RELEASE}commits = [\"0a1b\"]\n"));
    let answered = world.run("release show hole");
    assert!(answered.err.contains("first seven hex digits"), "{}", answered.err);
}
