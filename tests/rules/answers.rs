//! How the commands end where something is wrong or not known.

use super::program;

const SHOP: &str = r#"
[workspace]
name = "Shop"

[[environment]]
id = "production"
versions = { file = "running.json" }

[[service]]
id = "checkout"
depends_on = [{ service = "payments", version = "^4.1" }]

[[service]]
id = "payments"
"#;

const CHECKOUT: &str = r#"
item = [{ service = "checkout", version = "5.0.0" }]
stage = [{ environment = "production", start = 2026-11-25T09:00:00, end = 2026-11-25T10:00:00 }]
"#;

fn world(files: &[(&str, &str)]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = root.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    root
}

/// A source that is there and does not answer: nothing found is not the same as nothing there.
#[test]
fn a_source_that_is_silent_makes_no_good_answer() {
    let root = world(&[("tminus.toml", SHOP), ("releases/a.toml", CHECKOUT)]);
    let answered = program::run(root.path(), "conflicts");
    assert_eq!((answered.status, answered.document["conflicts"].to_string()), (3, "[]".to_owned()));
    assert!(answered.err.contains("tminus: production: "), "{}", answered.err);
    let told = program::text(root.path(), "conflicts");
    assert!(told.starts_with("not known: nothing collides in the plan itself"), "{told}");
    // A block that is known is a no all the same.
    let freeze = "[[window]]\nid = \"f\"\nkind = \"freeze\"\nstart = 2026-11-01\nend = 2026-12-01\n";
    std::fs::write(root.path().join("windows.toml"), freeze).unwrap();
    assert_eq!(program::run(root.path(), "conflicts").status, 1);
    // Where nothing depends on the answer nobody is asked.
    let root =
        world(&[("tminus.toml", SHOP), ("releases/a.toml", &CHECKOUT.replace("checkout", "payments"))]);
    let answered = program::run(root.path(), "conflicts");
    assert_eq!((answered.status, answered.err.as_str()), (0, ""));
}

#[test]
fn what_is_wrong_is_said_and_the_rest_is_judged() {
    let windows = "[[window]]\nid = \"broken\"\nkind = \"freeze\"\nstart = 2026-11-01\nend = 2026-11-02\n\
                   repeat = \"FREQ=SOMETIMES\"\n\n[[window]]\nid = \"dense\"\nkind = \"freeze\"\n\
                   start = 2026-11-01T00:00:00\nend = 2026-11-01T00:00:01\nrepeat = \"FREQ=SECONDLY\"\n\n\
                   [[window]]\nid = \"f\"\nkind = \"freeze\"\nstart = 2026-11-01\nend = 2026-12-01\n";
    let root = world(&[
        ("tminus.toml", &SHOP.replace("versions", "# versions")),
        ("windows.toml", windows),
        ("releases/a.toml", CHECKOUT),
        ("releases/b.toml", "stage = [{ environment = \"production\" }]"),
    ]);
    let answered = program::run(root.path(), "conflicts");
    assert_eq!(answered.status, 2);
    assert!(
        answered.err.contains("releases/b.toml") && answered.err.contains("SOMETIMES"),
        "{}",
        answered.err
    );
    assert!(answered.err.contains("window dense: "), "{}", answered.err);
    let list = answered.document["conflicts"].as_array().unwrap();
    assert_eq!((list.len(), list[0]["with"][0].as_str()), (1, Some("f")));
}

#[test]
fn a_wrong_range_says_what_would_be_right() {
    let root = world(&[("tminus.toml", SHOP)]);
    for (words, said) in [
        ("conflicts --from 2026-11-26 --to 2026-11-25", "--to after --from"),
        ("conflicts --from soon", "2026-11-25T14:00"),
        ("conflicts --at never", "--at cannot be read"),
    ] {
        let answered = program::run(root.path(), words);
        assert_eq!(answered.status, 2, "{words}");
        assert!(answered.err.contains(said), "{words}: {}", answered.err);
    }
}

/// People read it, pipes too: no colour, one sentence and the way out.
#[test]
fn people_get_sentences_with_a_way_out() {
    let freeze = "[[window]]\nid = \"f\"\nkind = \"freeze\"\nstart = 2026-11-01\nend = 2026-12-01\n";
    let files = [
        ("tminus.toml", &*SHOP.replace("versions", "# versions")),
        ("windows.toml", freeze),
        ("releases/a.toml", CHECKOUT),
    ];
    let root = world(&files);
    let answered = program::text(root.path(), "conflicts");
    assert_eq!(
        answered,
        "block  freeze             Wed 25 Nov 09:00–10:00 UTC\n       \
         a (production) lies in the freeze f for 60 min\n       \
         way out: start it at Tue 1 Dec 00:00 UTC or later, or ask for an exception\n\n\
         1 block, 0 warnings\n"
    );
    assert_eq!(program::text(root.path(), "conflicts --from 2026-12-01"), "clear: nothing collides\n");
}

const REGIONS: &str = r#"
[workspace]
name = "Shop"
time_zone = "Europe/Berlin"

[[environment]]
id = "production"
regions = [{ id = "eu" }, { id = "us", time_zone = "America/New_York" }]

[[service]]
id = "payments"
"#;

/// Shown first, then written with `--write`: a stage a region, in the region's own local time,
/// beside what the file had.
#[test]
fn a_go_live_is_shown_and_then_written() {
    let release = "# ours\ntitle = \"Payments\"\n\n[[item]]\nservice = \"payments\"\nversion = \"2.0.0\"\n";
    let root = world(&[("tminus.toml", REGIONS), ("releases/a.toml", release)]);
    let file = root.path().join("releases/a.toml");
    let words = "golive a --environment production --local 14:00 --regions us,eu --not-before us=2026-11-03 \
                 --at 2026-10-20T10:00 --soak 1h";
    let shown = program::run(root.path(), words);
    assert_eq!((shown.status, &shown.document["written"]), (0, &false.into()), "{}", shown.err);
    let starts: Vec<_> = shown.document["stages"].as_array().unwrap().iter().map(|it| &it["start"]).collect();
    assert_eq!(starts, ["2026-11-03T19:00:00Z", "2026-11-04T13:00:00Z"]);
    let codes: Vec<_> = shown.document["notices"].as_array().unwrap().iter().map(|it| &it["code"]).collect();
    assert_eq!(codes, ["waits", "clock-change", "waits", "clock-change"]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), release);

    let written = program::run(root.path(), &format!("{words} --write"));
    assert_eq!((written.status, &written.document["written"]), (0, &true.into()), "{}", written.err);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.starts_with(release), "{text}");
    // What the local hours mean is kept beside them, for the day on which the clocks' rules change.
    let resolved = "resolved = { start = 2026-11-03T14:00:00-05:00, end = 2026-11-03T16:00:00-05:00, \
                    time_zone = \"America/New_York\", tz = \"";
    assert!(text.contains(resolved), "{text}");
    for line in
        ["region = \"us\"", "start = 2026-11-03T14:00:00", "start = 2026-11-04T14:00:00", "soak = \"1h\""]
    {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert_eq!(program::run(root.path(), "conflicts").status, 0);

    // Planned again an hour later: the stages that are there move, none is added.
    let later = words.replace("14:00", "15:00");
    let shown = program::run(root.path(), &later);
    let change = |answer: &program::Answered, key: &str| -> Vec<_> {
        answer.document["stages"].as_array().unwrap().iter().map(|it| it[key].clone()).collect()
    };
    assert_eq!(change(&shown, "change"), ["moves", "moves"]);
    assert_eq!(change(&shown, "before")[0]["start"], "2026-11-03T19:00:00Z");
    let said = program::text(root.path(), &later);
    assert!(said.contains("moves the stage that is there, Tue 3 Nov 14:00–16:00 EST"), "{said}");
    assert_eq!(program::run(root.path(), &format!("{later} --write")).status, 0);
    let moved = std::fs::read_to_string(&file).unwrap();
    assert_eq!(moved.matches("[[stage]]").count(), 2, "{moved}");
    assert!(moved.contains("start = 2026-11-03T15:00:00"), "{moved}");
    assert_eq!(change(&program::run(root.path(), &later), "change"), ["stays", "stays"]);
    assert_eq!(program::run(root.path(), "undo").status, 0);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);

    // Two stages of one region are not for the program to choose among.
    let twice = format!(
        "{text}\n[[stage]]\nenvironment = \"production\"\nregion = \"eu\"\n\
                         start = 2026-12-04T14:00:00\nend = 2026-12-04T15:00:00\n"
    );
    std::fs::write(&file, &twice).unwrap();
    let refused = program::run(root.path(), &format!("{words} --write"));
    assert_eq!(refused.status, 2);
    assert!(refused.err.contains("stages 1 and 2 are both in production/eu: remove one"), "{}", refused.err);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), twice);
    std::fs::write(&file, text).unwrap();
    for (words, said) in [
        ("golive a --environment production --local 14:00 --regions us,asia", "it has eu, us"),
        ("golive a --environment production --local 25:00", "14:00"),
        ("golive a --environment production --local 14:00 --not-before us=soon", "us=2026-12-01"),
        (
            "golive a --environment production --local 14:00 --regions eu --not-before us=2026-12-01",
            "--regions",
        ),
        ("golive b --environment production --local 14:00", "unknown release `b`"),
        ("slots a --stage 7", "its last is 1"),
        ("slots a --count 0", "--count"),
    ] {
        let answered = program::run(root.path(), words);
        assert_eq!(answered.status, 2, "{words}");
        assert!(answered.err.contains(said), "{words}: {}", answered.err);
    }
}
