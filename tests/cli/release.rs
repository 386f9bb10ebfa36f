//! `tminus release …`: the plan, from a script.

use super::world::{Answered, World};

const TMINUS: &str = r#"
[workspace]
name = "Shop"
time_zone = "Europe/Berlin"

[[environment]]
id = "staging"

[[environment]]
id = "production"
regions = [ { id = "eu" }, { id = "us", time_zone = "America/New_York" } ]

[[service]]
id = "checkout"
"#;

/// Line ends of Windows, comments, keys of others, odd spaces: all of it is the person's.
const BY_HAND: &str = "# by hand\r\ntitle = \"Checkout 4.2\"   # shown\r\nstatus = \"planned\" # for now\r\n\
    x_other = { a = 1 }\r\n\r\n[[item]]\r\nservice = \"checkout\"\r\nversion = \"4.2.0\"\r\n\r\n\
    [[stage]]\r\nenvironment = \"production\" # where\r\nregion=\"eu\"\r\n\
    start = 2026-10-24T23:00:00 # start\r\nend =   2026-10-25T01:00:00   # end\r\n# last\r\n\
    [extra]\r\nk = 1\r\n";

fn world() -> World {
    World::new(&[("tminus.toml", TMINUS), ("releases/a.toml", BY_HAND)])
}

fn file(world: &World, id: &str) -> String {
    std::fs::read_to_string(world.path().join(format!("releases/{id}.toml"))).unwrap()
}

/// Runs `release edit a` with this editor.
fn edit(world: &World, editor: &str) -> Answered {
    let mut command = world.command();
    command.env_remove("VISUAL").env("EDITOR", editor).args(["release", "edit", "a"]);
    let output = command.output().unwrap();
    Answered {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// How many copies of what was typed are kept.
fn kept(world: &World) -> usize {
    std::fs::read_dir(world.path().join("state/tminus/edits")).map_or(0, Iterator::count)
}

#[test]
fn a_release_is_shown_as_in_its_file() {
    let answered = world().run("release show a --json");
    assert_eq!(answered.status, 0, "{answered:?}");
    assert!(answered.out.starts_with(r#"{"schema":"tminus/1","kind":"release","#), "{}", answered.out);
    let document = answered.json();
    let expected = serde_json::json!({
        "schema": "tminus/1",
        "kind": "release",
        "id": "a",
        "title": "Checkout 4.2",
        "change": "normal",
        "status": "planned",
        "owner": null,
        "tracker": null,
        "item": [{"service": "checkout", "version": "4.2.0"}],
        "stage": [{
            "environment": "production",
            "region": "eu",
            "start": "2026-10-24T21:00:00Z",
            "end": "2026-10-24T23:00:00Z",
            "time_zone": "Europe/Berlin",
            "strategy": null,
            "steps": [],
            "soak": null,
        }],
        "check": [],
        "exception": [],
    });
    assert_eq!(document, expected);
}

#[test]
fn what_is_added_is_shown_and_listed() {
    let world = world();
    let add = "release add b --title B --item checkout@4.3.0 --stage production/us \
               --start 2026-12-01T10:00 --duration 2h --soak 90m --steps 5,50,100 --strategy canary --json";
    let added = world.run(&add.split_whitespace().collect::<Vec<_>>().join(" "));
    assert_eq!(added.status, 0, "{added:?}");
    let shown = world.run("release show b --json");
    assert_eq!(added.json(), shown.json());
    let stage = &shown.json()["stage"][0];
    assert_eq!(stage["start"], "2026-12-01T15:00:00Z");
    assert_eq!(stage["end"], "2026-12-01T17:00:00Z");
    assert_eq!(stage["soak"], 5400);
    let listed = world.run("release list --json").json();
    let ids: Vec<_> = listed["releases"].as_array().unwrap().iter().map(|release| &release["id"]).collect();
    assert_eq!(ids, ["a", "b"]);

    let before = file(&world, "b");
    let again = world.run("release add b --title C");
    assert_eq!((again.status, again.out.as_str()), (2, ""));
    assert!(again.err.starts_with("tminus: the release `b` is already there: "), "{}", again.err);
    assert_eq!(file(&world, "b"), before);
}

#[test]
fn what_makes_no_sense_is_not_added() {
    let world = world();
    for (words, said) in [
        ("../x", "cannot be an id"),
        ("c --item nope@1", "unknown service `nope`"),
        ("c --item checkout", "is not an item"),
        ("c --stage prod --start 2026-12-01 --duration 1h", "unknown environment `prod`"),
        ("c --stage production/asia --start 2026-12-01 --duration 1h", "unknown region `asia`"),
        ("c --stage staging --start 2026-12-01", "has no --end"),
        ("c --stage staging --start 2026-12-01T10:00 --end 2026-12-01T10:00", "`end` must be after `start`"),
        (
            "c --stage staging --start 2027-03-28T02:30 --duration 1h",
            "next valid time is 2027-03-28T03:00:00",
        ),
    ] {
        let answered = world.run(&format!("release add {words}"));
        assert_eq!((answered.status, answered.out.as_str()), (2, ""), "{words}");
        assert!(answered.err.contains(said), "{words}: {}", answered.err);
    }
    assert_eq!(std::fs::read_dir(world.path().join("releases")).unwrap().count(), 1);
}

#[test]
fn a_move_changes_its_two_times_and_nothing_else() {
    let world = world();
    assert_eq!(world.run("release move a --by 1d").status, 0);
    let moved = BY_HAND
        .replace("2026-10-25T01:00:00", "2026-10-26T01:00:00")
        .replace("2026-10-24T23:00:00", "2026-10-25T23:00:00");
    assert_eq!(file(&world, "a"), moved);
    assert_eq!(world.run("release move a --by -1d").status, 0);
    assert_eq!(file(&world, "a"), BY_HAND);

    let shown = world.run("release move a --to 2026-11-26T14:00 --json");
    assert_eq!(shown.json()["stage"][0]["start"], "2026-11-26T13:00:00Z");
    assert_eq!(shown.json()["stage"][0]["end"], "2026-11-26T15:00:00Z");
    assert_eq!(world.run("release move a --to 2026-10-24T23:00").status, 0);
    assert_eq!(file(&world, "a"), BY_HAND);
}

#[test]
fn a_move_over_a_clock_change_keeps_the_wall_and_says_what_is_odd() {
    let world = world();
    let skipped = world.run("release move a --to 2027-03-28T02:30");
    assert_eq!((skipped.status, skipped.out.as_str()), (2, ""));
    assert!(skipped.err.contains("the next valid time is 2027-03-28T03:00:00"), "{}", skipped.err);
    assert_eq!(file(&world, "a"), BY_HAND);

    let twice = world.run("release move a --by 3h30m --json");
    assert_eq!(twice.status, 0, "{twice:?}");
    assert!(twice.err.starts_with("tminus: notice: 2026-10-25T02:30:00 occurs twice"), "{}", twice.err);
    assert_eq!(twice.json()["stage"][0]["start"], "2026-10-25T00:30:00Z");
    assert_eq!(twice.json()["stage"][0]["end"], "2026-10-25T03:30:00Z");
    let away = world.run("release move a --by 1d");
    assert_eq!((away.status, away.err.as_str()), (0, ""));
    let to = world.run("release move a --to 2026-10-25T02:30");
    assert!(to.err.contains("occurs twice"), "{}", to.err);
    let added = world.run("release add b --stage staging --start 2026-10-25T02:30 --duration 1d");
    assert!(added.status == 0 && added.err.contains("occurs twice"), "{added:?}");
}

#[test]
fn a_cancelled_release_stays_and_keeps_its_file() {
    let world = world();
    let cancelled = world.run("release cancel a --json");
    assert_eq!((cancelled.status, &cancelled.json()["status"]), (0, &"cancelled".into()));
    assert_eq!(file(&world, "a"), BY_HAND.replace("\"planned\"", "\"cancelled\""));
    let again = world.run("release cancel a");
    assert!(again.status == 0 && again.out.starts_with("unchanged: a"), "{again:?}");

    world.write("releases/done.toml", "status = \"completed\"\n");
    let done = world.run("release cancel done");
    assert_eq!((done.status, done.out.as_str()), (1, ""));
    assert_eq!(file(&world, "done"), "status = \"completed\"\n");
}

#[test]
fn an_unknown_release_is_named_with_what_was_meant() {
    let world = world();
    for words in ["show", "cancel", "edit", "move --by 1h"] {
        let answered = world.run(&format!("release {words} aa"));
        assert_eq!((answered.status, answered.out.as_str()), (2, ""), "{words}");
        assert!(answered.err.starts_with("tminus: there is no release `aa`: "), "{words}: {}", answered.err);
    }
}

#[test]
fn a_wrong_file_is_not_touched_and_the_rest_is_answered() {
    let world = world();
    let wrong = "title = \"x\"\nstatus = \"plannd\"\n";
    world.write("releases/wrong.toml", wrong);
    let listed = world.run("release list --json");
    assert_eq!(listed.status, 2);
    assert_eq!(listed.json()["releases"][0]["id"], "a");
    assert!(listed.err.contains("releases/wrong.toml:2:10: "), "{}", listed.err);
    assert!(listed.err.contains("`in-progress`"), "{}", listed.err);
    for words in ["move wrong --by 1h", "cancel wrong", "show wrong"] {
        let answered = world.run(&format!("release {words}"));
        assert_eq!((answered.status, answered.out.as_str()), (2, ""), "{words}");
    }
    assert_eq!(file(&world, "wrong"), wrong);
    assert_eq!(world.run("release move a --by 1h").status, 0);
}

#[cfg(unix)]
#[test]
fn an_editor_changes_the_release() {
    let world = world();
    let edited = edit(&world, "sed -i s/4.2.0/4.2.1/");
    assert!(edited.status == 0 && edited.out.starts_with("changed: a"), "{edited:?}");
    assert_eq!(file(&world, "a"), BY_HAND.replace("4.2.0", "4.2.1"));
    let looked = edit(&world, "true");
    assert!(looked.status == 0 && looked.out.starts_with("unchanged: a"), "{looked:?}");
    assert_eq!(kept(&world), 0);
}

#[cfg(unix)]
#[test]
fn an_editor_that_fails_changes_nothing_and_what_was_typed_is_kept() {
    let world = world();
    let failed = edit(&world, "false");
    assert_eq!((failed.status, failed.out.as_str(), kept(&world)), (2, "", 0), "{failed:?}");
    world.write("typing", "#!/bin/sh\necho typed >> \"$1\"\nexit 3\n");
    let failed = edit(&world, "sh ./typing");
    assert_eq!((failed.status, kept(&world)), (2, 1), "{failed:?}");
    assert!(failed.err.contains("what you typed is kept in "), "{}", failed.err);
    let wrong = edit(&world, "sed -i s/planned/plannd/");
    assert_eq!((wrong.status, kept(&world)), (2, 2), "{wrong:?}");
    assert!(wrong.err.contains("releases/a.toml:3:10: "), "{}", wrong.err);
    assert_eq!(file(&world, "a"), BY_HAND);
}

#[cfg(unix)]
#[test]
fn an_edit_never_overwrites_another_process_edit() {
    let world = world();
    let other = "title = \"other\"\n";
    world.write(
        "both",
        "#!/bin/sh\nsed -i s/4.2.0/4.2.1/ \"$1\"\nprintf 'title = \"other\"\\n' > releases/a.toml\n",
    );
    let edited = edit(&world, "sh ./both");
    assert_eq!((edited.status, kept(&world)), (1, 1), "{edited:?}");
    assert!(edited.err.contains("changed meanwhile"), "{}", edited.err);
    assert_eq!(file(&world, "a"), other);
}

#[test]
fn a_broken_file_is_mended_by_an_edit() {
    let world = world();
    world.write("releases/a.toml", "status = \"plannd\"\n");
    assert_eq!(edit(&world, "sed -i s/plannd/planned/").status, 0);
    assert_eq!(file(&world, "a"), "status = \"planned\"\n");
}
