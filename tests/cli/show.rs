//! `tminus show`: scenarios of a cut-over day, JSON, checks, errors.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::world::World;

const TMINUS: &str = "[workspace]\nname = \"Storefront\"\ntime_zone = \"Europe/Berlin\"\n\n\
    [[environment]]\nid = \"staging\"\n\n[[environment]]\nid = \"production\"\n";

fn world(release: &str) -> World {
    World::new(&[("tminus.toml", TMINUS), ("releases/checkout-4.2.toml", release)])
}

/// A scenario file: a release, and what is looked at and done, in order.
#[derive(serde::Deserialize)]
struct Scenario {
    about: String,
    release: String,
    #[serde(default)]
    look: Vec<toml::Spanned<BTreeMap<String, toml::Value>>>,
    #[serde(default)]
    act: Vec<toml::Spanned<BTreeMap<String, toml::Value>>>,
}

#[test]
fn every_scenario_comes_out_as_it_is_written() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/show");
    let mut played = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let scenario: Scenario =
            toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(!scenario.about.trim().is_empty());
        let world = world(&scenario.release);
        let looks = scenario.look.into_iter().map(|look| (look.span().start, true, look.into_inner()));
        let acts = scenario.act.into_iter().map(|act| (act.span().start, false, act.into_inner()));
        let mut moves: Vec<_> = looks.chain(acts).collect();
        moves.sort_by_key(|(at, _, _)| *at);
        for (at, is_look, table) in moves {
            let line = text[..at].lines().count();
            let place = format!("{}:{line}", path.display());
            if is_look {
                look(&world, &place, &table);
            } else {
                act(&world, &place, &table);
            }
            played += 1;
        }
    }
    assert!(played >= 20, "the scenarios are gone");
}

fn text<'a>(table: &'a BTreeMap<String, toml::Value>, key: &str) -> Option<&'a str> {
    table.get(key).and_then(toml::Value::as_str)
}

fn exit(table: &BTreeMap<String, toml::Value>) -> i32 {
    table.get("exit").and_then(toml::Value::as_integer).map_or(0, |exit| i32::try_from(exit).unwrap())
}

fn act(world: &World, place: &str, table: &BTreeMap<String, toml::Value>) {
    let (at, command) = (text(table, "at").unwrap(), text(table, "command").unwrap());
    let answered = world.run(&format!("show checkout-4.2 {command} --by mira --at {at}"));
    assert_eq!(answered.status, exit(table), "{place}: {answered:?}");
    let said = text(table, "says").unwrap_or_default();
    assert!(answered.err.contains(said), "{place}: {}", answered.err);
}

fn look(world: &World, place: &str, table: &BTreeMap<String, toml::Value>) {
    let answered = world.run(&format!("show checkout-4.2 --json --at {}", text(table, "at").unwrap()));
    assert_eq!(answered.status, exit(table), "{place}: {answered:?}");
    let shown = answered.json();
    if let Some(count) = text(table, "count") {
        assert_eq!(shown["count"]["t"], count, "{place}");
    }
    if let Some(says) = text(table, "says") {
        assert_eq!(shown["says"], says, "{place}");
    }
    for (id, expected) in
        table.iter().filter(|(key, _)| !["at", "exit", "count", "says"].contains(&key.as_str()))
    {
        let steps = shown["steps"].as_array().unwrap();
        let step = steps.iter().find(|step| step["id"] == **id).unwrap_or_else(|| panic!("{place}: no {id}"));
        assert_eq!(line(step), expected.as_str().unwrap(), "{place}: {id}");
    }
}

/// `running 10:05-11:30 +60`: where it stands, from when to when on Berlin's wall, minutes of slip.
fn line(step: &Value) -> String {
    let wall = |time: &Value| {
        let time: chrono::DateTime<chrono::Utc> = time.as_str().unwrap().parse().unwrap();
        time.with_timezone(&chrono_tz::Europe::Berlin).format("%H:%M").to_string()
    };
    let (start, end) = (wall(&step["expected"]["start"]), wall(&step["expected"]["end"]));
    let slip = match step["slip"].as_i64().unwrap() / 60 {
        0 => String::new(),
        minutes => format!(" {minutes:+}"),
    };
    format!("{} {start}-{end}{slip}", step["state"].as_str().unwrap())
}

const BY_HAND: &str = r#"# by hand
title = "Checkout 4.2"

[[stage]]
environment = "production"
start = 2026-11-25T14:00:00            # after lunch
end = 2026-11-25T16:00:00

[[step]]
id = "freeze"                          # nobody merges after this
title = "Freeze the release branch"
at = "T-4h"
duration = "30m"

# Ask ana.
[[step]]
id = "smoke"
after = ["freeze"]
check = { run = ["sh", "-c", "test -f green && echo all {{version}} green"] }

[[item]]
service = "checkout"
version = "4.2.0"
"#;

#[test]
fn what_is_done_is_a_small_change_of_the_file_and_moves_with_the_release() {
    let world = world(BY_HAND);
    let done = world.run("show checkout-4.2 done freeze --by mira --at 2026-11-25T10:20:00+01:00");
    assert_eq!(done.status, 0, "{done:?}");
    let file = || std::fs::read_to_string(world.path().join("releases/checkout-4.2.toml")).unwrap();
    let expected = BY_HAND
        .replace("duration = \"30m\"\n", "duration = \"30m\"\ndone = 2026-11-25T09:20:00Z\nby = \"mira\"\n");
    assert_eq!(file(), expected);
    let reopened = world.run("show checkout-4.2 reopen freeze");
    assert_eq!((reopened.status, file().as_str()), (0, BY_HAND), "{reopened:?}");

    let due = |world: &World| {
        let shown = world.run("show checkout-4.2 --json --at 2026-11-20").json();
        shown["steps"][0]["planned"]["start"].as_str().unwrap().to_owned()
    };
    assert_eq!(due(&world), "2026-11-25T09:00:00Z");
    assert_eq!(world.run("release move checkout-4.2 --by 1d").status, 0);
    assert_eq!(due(&world), "2026-11-26T09:00:00Z");
}

#[test]
fn a_program_is_run_when_asked_for_and_its_step_is_done_when_it_says_so() {
    let world = world(BY_HAND);
    let early = world.run("show checkout-4.2 check smoke");
    assert_eq!(early.status, 1, "{early:?}");
    assert!(early.err.contains("smoke waits for freeze"), "{}", early.err);
    assert_eq!(world.run("show checkout-4.2 skip freeze --reason none").status, 0);
    // Looking runs nothing.
    world.write("green.trap", "");
    let looked = world.run("show checkout-4.2 --json");
    assert!(looked.json()["steps"][1]["check"]["holds"].is_null(), "{looked:?}");
    let red = world.run("show checkout-4.2 check smoke");
    assert_eq!(red.status, 1, "{red:?}");
    assert!(red.err.contains("smoke is not done yet (ended with 1)"), "{}", red.err);
    world.write("green", "");
    let green = world.run("show checkout-4.2 check smoke");
    assert_eq!(green.status, 0, "{green:?}");
    assert!(green.err.contains("all 4.2.0 green"), "{}", green.err);
    let shown = world.run("show checkout-4.2 --json").json();
    assert_eq!((&shown["steps"][1]["state"], &shown["steps"][1]["by"]), (&"done".into(), &"check".into()));
}

#[test]
fn a_check_that_nobody_answers_is_not_known() {
    let release = BY_HAND.replace(
        "check = { run = [\"sh\", \"-c\", \"test -f green && echo all {{version}} green\"] }",
        "check = { query = \"up\", until = \"== 1\" }",
    );
    let world =
        world(&release.replace("[[step]]\nid = \"freeze\"", "[[step]]\nskipped = \"none\"\nid = \"freeze\""));
    let shown = world.run("show checkout-4.2 --json --at 2026-11-25T10:00:00+01:00");
    assert_eq!(shown.status, 3, "{shown:?}");
    assert!(shown.json()["steps"][1]["check"]["holds"].is_null());
    assert!(shown.err.contains("no Prometheus is configured"), "{}", shown.err);
    assert_eq!(world.run("show checkout-4.2 check smoke").status, 3);
}

#[test]
fn what_is_wrong_is_said_with_what_would_be_right() {
    let world = world(BY_HAND);
    for (words, status, said) in [
        ("show checkuot-4.2", 2, "did you mean `checkout-4.2`?"),
        ("show checkout-4.2 start smok", 1, "has no step `smok`: there are freeze, smoke"),
        ("show checkout-4.2 move freeze --to T-2", 2, "write T-7d"),
        ("show checkout-4.2 resume", 1, "the count is not held"),
        ("show checkout-4.2 skip freeze", 2, "--reason"),
        ("show checkout-4.2 check freeze", 2, "has no check"),
    ] {
        let answered = world.run(words);
        assert_eq!((answered.status, answered.out.as_str()), (status, ""), "{words}: {answered:?}");
        assert!(answered.err.contains(said), "{words}: {}", answered.err);
    }
    world.write("releases/bare.toml", "title = \"Bare\"\n");
    let bare = world.run("show bare");
    assert!(bare.status == 2 && bare.err.contains("has no run of show"), "{bare:?}");
    world.write("releases/draft.toml", "[[step]]\nid = \"a\"\nat = \"T-1d\"\n");
    let draft = world.run("show draft");
    assert!(draft.status == 3 && draft.err.contains("there is no T-0: plan a stage"), "{draft:?}");
}

#[test]
fn people_read_the_count_and_a_table() {
    let world = world(BY_HAND);
    let shown = world.run("show checkout-4.2 --at 2026-11-25T10:40:00+01:00");
    assert_eq!(shown.status, 1);
    insta::assert_snapshot!(shown.out);
}
