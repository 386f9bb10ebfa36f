//! Planning from the command line: a release in one line, its keys one by one, taking back.

use super::world::{Answered, World};

const TMINUS: &str = r#"
[workspace]
time_zone = "Europe/Berlin"

[[environment]]
id = "staging"

[[environment]]
id = "production"
regions = [ { id = "eu" }, { id = "us", time_zone = "America/New_York" } ]

[[service]]
id = "checkout"
owner = "mira"
"#;

fn world() -> World {
    World::new(&[("tminus.toml", TMINUS)])
}

fn run(world: &World, words: &[&str]) -> Answered {
    let output = world.command().args(words).output().unwrap();
    Answered {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn file(world: &World, id: &str) -> String {
    std::fs::read_to_string(world.path().join(format!("releases/{id}.toml"))).unwrap()
}

#[test]
fn a_release_in_one_line_says_what_it_understood_before_it_writes() {
    let world = world();
    let line = "checkout 4.9 canary prod eu tue 14:00-16:00 @mira";
    let add = ["release", "add", "--quick", line, "--at", "2026-11-20T09:00:00Z", "--json", "--dry-run"];
    let dry = run(&world, &add);
    assert_eq!(dry.status, 0, "{}", dry.err);
    assert!(!world.path().join("releases").exists());
    let wet = run(&world, &add[..add.len() - 1]);
    assert_eq!(wet.json(), dry.json());
    let found = wet.json();
    assert_eq!(found["id"], "checkout-4.9");
    assert_eq!(found["stage"][0]["start"], "2026-11-24T13:00:00Z");
    assert_eq!(found["owner"], "mira");
    let text = file(&world, "checkout-4.9");
    assert!(text.contains("start = 2026-11-24T14:00:00\n"), "{text}");

    let said = run(&world, &["release", "add", "--quick", line, "--at", "2026-11-20T09:00:00Z", "--dry-run"]);
    assert!(
        said.err.contains(
            "production/eu: Tue 2026-11-24 14:00 to 16:00 Europe/Berlin (+01:00), 13:00 to 15:00 UTC"
        ),
        "{}",
        said.err
    );
    assert!(said.out.starts_with("would be added: checkout-4.9-2"), "{}", said.out);

    let wrong = run(&world, &["release", "add", "--quick", "checkot 4.2 prod eu tue 14-16"]);
    assert_eq!(wrong.status, 2);
    assert!(
        wrong.err.contains("did you mean `checkout`?") && wrong.err.contains("\n  ^^^^^^^\n"),
        "{}",
        wrong.err
    );
}

const RELEASE: &str = "# by hand\ntitle = \"Checkout 4.2\"   # shown\nx_team = 1\ntracker = \"jira:PAY/4.2\"\n\n[[item]]\n\
    service = \"checkout\"\nversion = \"4.2.0\"\n\n# the whole world\n[[stage]]\nenvironment = \"production\"\n\
    start = 2026-11-25T14:00:00\nend = 2026-11-25T16:00:00\nsoak = \"60m\" # watched\n";

fn planned() -> World {
    let windows = "[[window]]\nid = \"year-end\"\nkind = \"freeze\"\nstart = 2026-11-20T00:00:00\nend = 2027-01-04T06:00:00\n\n\
        [[window]]\nid = \"audit\"\nkind = \"freeze\"\nhard = true\nstart = 2026-11-20T00:00:00\nend = 2027-01-04T06:00:00\n";
    World::new(&[
        (
            "tminus.toml",
            &format!("{TMINUS}\n[backend.jira]\ntype = \"jira\"\nurl = \"https://example.com\"\n"),
        ),
        ("windows.toml", windows),
        ("releases/a.toml", RELEASE),
    ])
}

#[test]
fn keys_are_changed_one_by_one_and_all_of_it_is_taken_back() {
    let world = planned();
    let changed = run(
        &world,
        &[
            "release",
            "edit",
            "a",
            "--title",
            "New \"title\"",
            "--owner",
            "mira",
            "--tracker",
            "",
            "--status",
            "draft",
            "--item",
            "checkout@4.3.0",
            "--item",
            "other@",
            "--json",
        ],
    );
    assert_eq!((changed.status, file(&world, "a").as_str()), (2, RELEASE), "{}", changed.err);
    let changed = run(
        &world,
        &[
            "release",
            "edit",
            "a",
            "--title",
            "New \"title\"",
            "--owner",
            "mira",
            "--tracker",
            "",
            "--notes",
            "one\ntwo",
            "--item",
            "checkout@4.3.0",
            "--stage",
            "0:start=2026-11-25T15:00",
            "--stage",
            "0:soak=",
            "--json",
        ],
    );
    assert_eq!(changed.status, 0, "{}", changed.err);
    assert_eq!(changed.json()["title"], "New \"title\"");
    let expected = RELEASE
        .replace("\"Checkout 4.2\"", "\"New \\\"title\\\"\"")
        .replace("tracker = \"jira:PAY/4.2\"\n", "")
        .replace("shown\n", "shown\nowner = \"mira\"\nnotes = \"\"\"\none\ntwo\"\"\"\n")
        .replace("4.2.0", "4.3.0")
        .replace("start = 2026-11-25T14", "start = 2026-11-25T15")
        .replace("soak = \"60m\" # watched\n", "");
    assert_eq!(file(&world, "a"), expected);

    let wrong = run(&world, &["release", "edit", "a", "--stage", "0:end=2026-11-25T14:30"]);
    assert_eq!(wrong.status, 2);
    assert!(
        wrong.err.contains("releases/a.toml:") && wrong.err.contains("ends before it starts"),
        "{}",
        wrong.err
    );
    assert_eq!(file(&world, "a"), expected);

    let list = run(&world, &["undo", "--list", "--json"]).json();
    assert_eq!(
        (&list["edits"][0]["title"], &list["edits"][0]["standing"]),
        (&"edit a".into(), &"done".into())
    );
    let undone = run(&world, &["undo"]);
    assert_eq!((undone.status, undone.out.as_str()), (0, "taken back: edit a (releases/a.toml)\n"));
    assert_eq!(file(&world, "a"), RELEASE);
    assert_eq!(run(&world, &["undo"]).status, 1);
    assert_eq!(run(&world, &["redo", "--json"]).json()["standing"], "done");
    assert_eq!(file(&world, "a"), expected);

    world.write("releases/a.toml", &expected.replace("New", "Their"));
    let refused = run(&world, &["undo"]);
    assert_eq!(refused.status, 1);
    assert!(refused.err.contains("undo of edit a") && refused.err.contains("same lines"), "{}", refused.err);
    assert!(run(&world, &["undo", "--list"]).out.contains("cannot be taken back"));
}

#[test]
fn a_copy_a_split_and_an_exception_are_small_changes_that_can_be_undone() {
    let world = planned();
    let copied = run(&world, &["release", "copy", "a", "b", "--to", "2026-12-02T09:00", "--json"]);
    assert_eq!(copied.status, 0, "{}", copied.err);
    let expected = RELEASE
        .replace("tracker = \"jira:PAY/4.2\"\n", "")
        .replace("2026-11-25T14", "2026-12-02T09")
        .replace("2026-11-25T16", "2026-12-02T11");
    assert_eq!(file(&world, "b"), expected);
    assert!(run(&world, &["release", "copy", "a", "b"]).err.contains("already there"));

    let split = run(&world, &["release", "split", "a", "--json"]);
    assert_eq!(split.status, 0, "{}", split.err);
    let stages = split.json()["stage"].clone();
    assert_eq!((&stages[0]["region"], &stages[0]["start"]), (&"eu".into(), &"2026-11-25T13:00:00Z".into()));
    assert_eq!((&stages[1]["region"], &stages[1]["start"]), (&"us".into(), &"2026-11-25T19:00:00Z".into()));
    assert_eq!(stages[1]["soak"], stages[0]["soak"]);
    assert!(run(&world, &["release", "split", "a"]).err.contains("in eu alone"));

    let except = |window: &str| {
        let expires = ["--expires", "2026-12-20T00:00:00Z", "--at", "2026-11-24T00:00:00Z", "--json"];
        let mut words = vec!["release", "except", "a", "--window", window, "--reason", "CVE", "--by", "mira"];
        words.extend(expires);
        run(&world, &words)
    };
    for (window, said) in [("year-ned", "did you mean `year-end`?"), ("audit", "hard freeze")] {
        let refused = except(window);
        assert_eq!(refused.status, 2);
        assert!(refused.err.contains(said), "{}", refused.err);
    }
    let excepted = except("year-end");
    assert_eq!(excepted.status, 0, "{}", excepted.err);
    assert_eq!(excepted.json()["exception"][0]["expires"], "2026-12-20T00:00:00Z");
    for _ in 0..3 {
        assert_eq!(run(&world, &["undo"]).status, 0);
    }
    assert_eq!(file(&world, "a"), RELEASE);
    assert!(!world.path().join("releases/b.toml").exists());
}

/// `--stage 0:start=` leaves the end where it is; who meant to move the stage is told how.
#[test]
fn a_start_that_is_set_alone_points_to_the_command_that_moves() {
    let world = planned();
    let before = file(&world, "a");
    let wrong = run(&world, &["release", "edit", "a", "--stage", "0:start=2026-11-26T14:00"]);
    assert_eq!(wrong.status, 2);
    let mend = "tminus release move a --stage 0 --only --to 2026-11-26T14:00";
    assert!(wrong.err.contains("it would end before it starts") && wrong.err.contains(mend), "{}", wrong.err);
    assert_eq!(file(&world, "a"), before);
    let shorter = run(&world, &["release", "edit", "a", "--stage", "0:start=2026-11-25T15:00"]);
    assert_eq!(shorter.status, 0, "{}", shorter.err);
    assert!(shorter.err.contains("keeps its end and is 1 h long now"), "{}", shorter.err);
    let both =
        ["release", "edit", "a", "--stage", "0:start=2026-11-26T14:00", "--stage", "0:end=2026-11-26T16:00"];
    let both = run(&world, &both);
    assert!(both.status == 0 && !both.err.contains("keeps its end"), "{}", both.err);
}

#[test]
fn a_release_and_a_window_get_another_id_and_have_it_taken_back() {
    let world = planned();
    let text = file(&world, "a");
    let renamed = run(&world, &["release", "rename", "a", "checkout-4.2"]);
    assert_eq!(renamed.status, 0, "{}", renamed.err);
    assert!(renamed.out.starts_with("renamed: checkout-4.2"), "{}", renamed.out);
    assert_eq!(file(&world, "checkout-4.2"), text);
    assert!(!world.path().join("releases/a.toml").exists());

    let except =
        ["release", "except", "checkout-4.2", "--window", "year-end", "--reason", "CVE", "--by", "mira"];
    let except =
        [&except[..], &["--expires", "2026-12-20T00:00:00Z", "--at", "2026-11-20T00:00:00Z"]].concat();
    let excepted = run(&world, &except);
    assert_eq!(excepted.status, 0, "{}", excepted.err);
    let renamed = run(&world, &["window", "rename", "year-end", "close"]);
    assert_eq!(renamed.status, 0, "{}", renamed.err);
    assert!(renamed.err.contains("exceptions name it anew in checkout-4.2"), "{}", renamed.err);
    assert!(file(&world, "checkout-4.2").contains("window = \"close\""));
    let listed = run(&world, &["undo", "--list"]);
    assert!(listed.out.contains("rename year-end to close"), "{}", listed.out);

    // One edit each, all of its files at once; and it outlasts the program.
    for _ in 0..3 {
        assert_eq!(run(&world, &["undo"]).status, 0);
    }
    assert_eq!(file(&world, "a"), text);
    assert!(!world.path().join("releases/checkout-4.2.toml").exists());
    for _ in 0..3 {
        assert_eq!(run(&world, &["redo"]).status, 0);
    }
    assert!(file(&world, "checkout-4.2").contains("window = \"close\""));
    let windows = std::fs::read_to_string(world.path().join("windows.toml")).unwrap();
    assert!(windows.contains("id = \"close\"") && !windows.contains("year-end"), "{windows}");
    assert_eq!(run(&world, &["conflicts"]).err, "");

    // What keeps the old id is said before, and confirmed.
    run(&world, &["release", "edit", "checkout-4.2", "--status", "in-progress"]);
    let asked = run(&world, &["release", "rename", "checkout-4.2", "b"]);
    assert_eq!(asked.status, 1);
    assert!(
        asked.err.contains("is in-progress") && asked.err.contains("--confirm checkout-4.2"),
        "{}",
        asked.err
    );
    assert!(world.path().join("releases/checkout-4.2.toml").exists());
    let sure = run(&world, &["release", "rename", "checkout-4.2", "b", "--confirm", "checkout-4.2"]);
    assert_eq!(sure.status, 0, "{}", sure.err);
}

/// As if the clocks of Berlin had been planned to stay on summer time: the same local hour means
/// another instant by now. It is told with both, and either can be chosen.
#[test]
fn a_stage_whose_clocks_changed_since_it_was_planned_is_told_and_chosen() {
    let stage = "[[stage]]\nenvironment = \"production\"\nregion = \"eu\"\nstart = 2026-11-25T14:00:00\n\
        end = 2026-11-25T16:00:00\nresolved = { start = 2026-11-25T14:00:00+02:00, end = 2026-11-25T16:00:00+02:00, \
        time_zone = \"Europe/Berlin\", tz = \"2020a\" }\n";
    let world = World::new(&[("tminus.toml", TMINUS), ("releases/a.toml", stage)]);
    let told = |world: &World| run(world, &["doctor"]);
    let said = told(&world);
    let said = format!("{}{}", said.out, said.err);
    for part in ["its start was 2026-11-25T12:00:00Z (tz database 2020a)", "is 2026-11-25T13:00:00Z now"] {
        assert!(said.contains(part), "{said}");
    }
    let choose = |world: &World, to: &str| {
        let moved = run(world, &["release", "move", "a", "--stage", "0", "--only", "--to", to]);
        assert_eq!(moved.status, 0, "{}", moved.err);
        let said = told(world);
        assert!(!format!("{}{}", said.out, said.err).contains("tz database"), "{said:?}");
        file(world, "a")
    };
    let kept_hour = choose(&world, "2026-11-25T13:00:00Z");
    assert!(kept_hour.contains("start = 2026-11-25T14:00:00\n"), "{kept_hour}");
    assert!(
        kept_hour.contains("resolved = { start = 2026-11-25T14:00:00+01:00, end = 2026-11-25T16:00:00+01:00")
    );
    world.write("releases/a.toml", stage);
    let kept_instant = choose(&world, "2026-11-25T12:00:00Z");
    assert!(kept_instant.contains("start = 2026-11-25T13:00:00\n"), "{kept_instant}");
    // Who moves it by hand has moved it: nothing is told of clocks.
    world.write(
        "releases/a.toml",
        &stage.replace("start = 2026-11-25T14:00:00\n", "start = 2026-11-25T13:00:00\n"),
    );
    let said = told(&world);
    assert!(!format!("{}{}", said.out, said.err).contains("tz database"), "{said:?}");
    world.write(
        "releases/a.toml",
        &stage.replace("start = 2026-11-25T14:00:00+02:00", "start = 2026-11-25T14:00:00"),
    );
    let said = told(&world);
    assert!(format!("{}{}", said.out, said.err).contains("with an offset"), "{said:?}");
}
