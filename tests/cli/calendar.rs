//! `tminus calendar`

use serde_json::json;

use super::world::World;

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

[[service]]
id = "payments"
"#;

fn release(stages: &str) -> String {
    format!(
        "title = \"Checkout\"\nowner = \"mira\"\n\n[[item]]\nservice = \"payments\"\nversion = \"2.0.0\"\n\n\
         [[item]]\nservice = \"checkout\"\nversion = \"4.2.0\"\n{stages}"
    )
}

fn stage(environment: &str, start: &str, end: &str) -> String {
    format!("\n[[stage]]\nenvironment = \"{environment}\"\nstart = {start}\nend = {end}\n")
}

fn window(id: &str, kind: &str, zone: &str, times: (&str, &str), more: &str) -> String {
    let (start, end) = times;
    format!(
        "[[window]]\nid = \"{id}\"\nkind = \"{kind}\"\nstart = {start}\nend = {end}\n\
         time_zone = \"{zone}\"\n{more}\n\n"
    )
}

/// Start and end of every entry of a range.
fn spans(world: &World, from: &str, to: &str) -> Vec<(String, String)> {
    let answered = world.run(&format!("calendar --json --from {from} --to {to}"));
    assert_eq!(answered.status, 0, "{answered:?}");
    let document = answered.json();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let entries = document["entries"].as_array().unwrap();
    entries.iter().map(|entry| (text(&entry["start"]), text(&entry["end"]))).collect()
}

fn spans_of(windows: &str, from: &str, to: &str) -> Vec<(String, String)> {
    spans(&World::new(&[("tminus.toml", TMINUS), ("windows.toml", windows)]), from, to)
}

fn pair(start: &str, end: &str) -> (String, String) {
    (start.to_owned(), end.to_owned())
}

#[test]
fn stages_and_windows_come_as_the_contract_says() {
    let world = World::new(&[
        ("tminus.toml", TMINUS),
        (
            "windows.toml",
            &window(
                "close",
                "freeze",
                "Europe/Berlin",
                ("2026-11-25T10:00:00", "2026-11-25T12:00:00"),
                "title = \"Close\"\nenvironments = [\"production\"]",
            ),
        ),
        ("releases/rel-9.toml", &release(&stage("staging", "2026-11-25T10:00:00", "2026-11-25T11:00:00"))),
        (
            "releases/rel-10.toml",
            &release(
                &(stage("staging", "2026-11-25T10:00:00", "2026-11-25T11:00:00")
                    + &stage("production", "2026-11-26T14:00:00", "2026-11-26T16:00:00")
                    + "region = \"us\"\n"),
            ),
        ),
    ]);
    let answered = world.run("calendar --json --from 2026-11-25 --to 2026-11-27");
    assert_eq!((answered.status, answered.err.as_str()), (0, ""));
    let staging = |id: &str| {
        json!({
            "kind": "stage", "id": id, "stage": 0, "title": "Checkout",
            "start": "2026-11-25T09:00:00Z", "end": "2026-11-25T10:00:00Z",
            "environment": "staging", "region": null,
            "services": ["payments", "checkout"], "status": "planned",
        })
    };
    assert_eq!(
        answered.json(),
        json!({
            "schema": "tminus/1", "kind": "calendar",
            "entries": [
                {
                    "kind": "freeze", "id": "close", "title": "Close",
                    "start": "2026-11-25T09:00:00Z", "end": "2026-11-25T11:00:00Z",
                    "environments": ["production"], "regions": [], "services": [],
                },
                staging("rel-10"),
                staging("rel-9"),
                {
                    "kind": "stage", "id": "rel-10", "stage": 1, "title": "Checkout",
                    "start": "2026-11-26T19:00:00Z", "end": "2026-11-26T21:00:00Z",
                    "environment": "production", "region": "us",
                    "services": ["payments", "checkout"], "status": "planned",
                },
            ],
        })
    );
}

#[test]
fn a_range_is_half_open_and_begins_today_where_nobody_says() {
    let stages = stage("staging", "2026-11-25T10:00:00", "2026-11-25T11:00:00");
    let world = World::new(&[("tminus.toml", TMINUS), ("releases/r.toml", &release(&stages))]);
    assert_eq!(spans(&world, "2026-11-25T11:00", "2026-11-26").len(), 0);
    assert_eq!(spans(&world, "2026-11-24", "2026-11-25T10:00").len(), 0);
    assert_eq!(spans(&world, "2026-11-25T10:59:59", "2026-11-26").len(), 1);
    let count = |at: &str| {
        let answered = world.run(&format!("calendar --json --at {at}"));
        answered.json()["entries"].as_array().unwrap().len()
    };
    // From midnight of today, for two weeks, on the workspace's wall.
    assert_eq!(count("2026-11-25T23:30"), 1);
    assert_eq!(count("2026-11-26T00:00"), 0);
    assert_eq!(count("2026-11-12T00:00"), 1);
    assert_eq!(count("2026-11-10T23:59"), 0);
    let relative = world.run("calendar --json --at 2026-11-25T12:00 --from -2h --to +1h");
    assert_eq!(relative.json()["entries"].as_array().unwrap().len(), 1);
}

#[test]
fn a_freeze_over_a_clock_change_only_grows_and_a_change_window_only_shrinks() {
    let daily = |kind: &str, zone: &str, times: (&str, &str)| {
        window("w", kind, zone, times, "repeat = \"FREQ=DAILY\"")
    };
    // Berlin skips 02:00–03:00 on 29 March 2026.
    let skipped = ("2026-03-01T02:30:00", "2026-03-01T05:00:00");
    let spring = ("2026-03-29T00:30Z", "2026-03-29T12:00Z");
    assert_eq!(
        spans_of(&daily("freeze", "Europe/Berlin", skipped), spring.0, spring.1),
        [pair("2026-03-29T01:00:00Z", "2026-03-29T03:00:00Z")]
    );
    assert_eq!(
        spans_of(&daily("change", "Europe/Berlin", skipped), spring.0, spring.1),
        [pair("2026-03-29T01:30:00Z", "2026-03-29T03:00:00Z")]
    );
    // New York repeats 01:00–02:00 on 1 November 2026.
    let repeated = ("2026-10-01T00:30:00", "2026-10-01T01:30:00");
    let autumn = ("2026-11-01T04:00Z", "2026-11-01T12:00Z");
    assert_eq!(
        spans_of(&daily("freeze", "America/New_York", repeated), autumn.0, autumn.1),
        [pair("2026-11-01T04:30:00Z", "2026-11-01T06:30:00Z")]
    );
    assert_eq!(
        spans_of(&daily("change", "America/New_York", repeated), autumn.0, autumn.1),
        [pair("2026-11-01T04:30:00Z", "2026-11-01T05:30:00Z")]
    );
    // Lord Howe moves by half an hour: 02:00–02:30 on 4 October 2026 does not exist.
    let half = ("2026-10-01T02:10:00", "2026-10-01T02:20:00");
    let there = ("2026-10-03T12:00Z", "2026-10-04T12:00Z");
    assert_eq!(
        spans_of(&daily("freeze", "Australia/Lord_Howe", half), there.0, there.1),
        [pair("2026-10-03T15:30:00Z", "2026-10-03T15:50:00Z")]
    );
    assert_eq!(spans_of(&daily("change", "Australia/Lord_Howe", half), there.0, there.1), []);
}

#[test]
fn rules_end_skip_and_add_as_the_contract_says() {
    let at = ("2026-06-01T23:30:00", "2026-06-02T00:30:00");
    let starts = |more: &str| {
        let windows = window("w", "freeze", "Europe/Berlin", at, more);
        let spans = spans_of(&windows, "2026-06-01", "2026-07-01");
        spans.into_iter().map(|(start, _)| start[8..16].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(starts("repeat = \"FREQ=DAILY;UNTIL=20260603\""), ["01T21:30", "02T21:30", "03T21:30"]);
    assert_eq!(
        starts("repeat = \"FREQ=DAILY;UNTIL=20260603T213000Z\""),
        ["01T21:30", "02T21:30", "03T21:30"]
    );
    assert_eq!(starts("repeat = \"FREQ=DAILY;UNTIL=20260603T213000\""), ["01T21:30", "02T21:30"]);
    let both = "repeat = \"FREQ=DAILY;COUNT=3\"\nskip = [2026-06-02T23:30:00, 2026-06-09T21:30:00Z]\n\
                also = [2026-06-09T23:30:00, 2026-06-08T23:30:00]";
    assert_eq!(starts(both), ["01T21:30", "03T21:30", "08T21:30"]);
}

#[test]
fn people_get_a_table_without_escapes_in_a_pipe() {
    let stages = stage("staging", "2026-11-25T10:00:00", "2026-11-25T11:00:00");
    let world = World::new(&[("tminus.toml", TMINUS), ("releases/r.toml", &release(&stages))]);
    let answered = world.run("calendar --at 2026-11-25");
    assert_eq!(
        answered.out,
        "WHEN                        WHAT   ID  WHERE    SERVICES            STATUS\n\
         Wed 25 Nov 10:00–11:00 CET  stage  r   staging  payments, checkout  planned\n"
    );
    assert!(world.run("calendar --at 2027-11-25").out.starts_with("nothing is planned"));
}

#[test]
fn what_cannot_be_read_is_said_and_the_rest_is_answered() {
    let world = World::new(&[
        ("tminus.toml", TMINUS),
        ("windows.toml", "[[window]\n"),
        ("releases/r.toml", &release(&stage("staging", "2026-11-25T10:00:00", "2026-11-25T11:00:00"))),
    ]);
    let answered = world.run("calendar --json --at 2026-11-25");
    assert_eq!((answered.status, answered.json()["entries"].as_array().unwrap().len()), (2, 1));
    assert!(answered.err.contains("windows.toml:1"), "{}", answered.err);
    for (words, said) in [
        ("calendar --from tomorrow", "--from"),
        ("calendar --at 2026-03-29T02:30", "2026-03-29T03:00:00"),
        ("calendar --from 2026-11-26 --to 2026-11-25", "--to after --from"),
    ] {
        let world = World::new(&[("tminus.toml", TMINUS)]);
        let answered = world.run(words);
        assert_eq!((answered.status, answered.out.as_str()), (2, ""), "{words}");
        assert!(answered.err.starts_with("tminus: ") && answered.err.contains(said), "{}", answered.err);
    }
}
