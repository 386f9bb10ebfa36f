//! `tminus window` and `tminus calendar export`, from the outside.

use serde_json::Value;

use super::world::World;

const WORKSPACE: &str = r#"
[workspace]
name = "Storefront"
time_zone = "Europe/Berlin"
[[environment]]
id = "staging"
[[environment]]
id = "production"
regions = ["eu", "us"]
[[service]]
id = "checkout"
"#;

const CALENDAR: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:a\r\nSUMMARY:Christmas\r\n\
    DTSTART;VALUE=DATE:20261224\r\nDTEND;VALUE=DATE:20261227\r\nRRULE:FREQ=YEARLY\r\nEND:VEVENT\r\n\
    BEGIN:VEVENT\r\nUID:b\r\nSUMMARY:Sale\r\nDTSTART;TZID=Europe/Berlin:20261127T000000\r\n\
    DTEND;TZID=Europe/Berlin:20261201T000000\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:c\r\nSUMMARY:Broken\r\n\
    DTSTART:soon\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

fn world() -> World {
    World::new(&[("tminus.toml", WORKSPACE), ("holidays.ics", CALENDAR)])
}

fn file(world: &World) -> String {
    std::fs::read_to_string(world.path().join("windows.toml")).unwrap()
}

fn occurrences(world: &World, from: &str, to: &str) -> Vec<(String, String, String)> {
    let answer = world.run(&format!("calendar --json --from {from} --to {to}")).json();
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap().to_owned();
    let entries = answer["entries"].as_array().unwrap();
    entries.iter().map(|entry| (text(entry, "id"), text(entry, "start"), text(entry, "end"))).collect()
}

#[test]
fn an_import_says_what_came_and_names_what_did_not() {
    let world = world();
    let answer = world.run("window import holidays.ics --environment production --allow emergency --json");
    assert_eq!(answer.status, 0, "{}", answer.err);
    let said = answer.json();
    assert_eq!((said["imported"].as_u64(), said["updated"].as_u64()), (Some(2), Some(0)));
    assert_eq!(said["skipped"].as_array().unwrap().len(), 1);
    assert_eq!(said["skipped"][0]["line"], 19);
    assert!(said["skipped"][0]["why"].as_str().unwrap().contains("DTSTART"), "{said}");
    assert_eq!(
        occurrences(&world, "2026-11-01", "2027-01-01"),
        [
            ("sale".to_owned(), "2026-11-26T23:00:00Z".to_owned(), "2026-11-30T23:00:00Z".to_owned()),
            ("christmas".to_owned(), "2026-12-23T23:00:00Z".to_owned(), "2026-12-26T23:00:00Z".to_owned())
        ]
    );
}

#[test]
fn importing_again_changes_nothing_and_keeps_what_people_wrote() {
    let world = world();
    world.run("window import holidays.ics --layer holidays");
    let edited = format!("# ours\n{}", file(&world))
        .replace("kind = \"freeze\"\ntitle = \"Sale\"", "kind = \"change\" # they sell\ntitle = \"Sale\"");
    world.write("windows.toml", &edited);
    let again = world.run("window import holidays.ics --layer holidays --json").json();
    assert_eq!(
        (again["imported"].as_u64(), again["updated"].as_u64(), again["unchanged"].as_u64()),
        (Some(0), Some(0), Some(2))
    );
    assert_eq!(file(&world), edited);
    world.write("holidays.ics", &CALENDAR.replace("20261201T000000", "20261202T000000"));
    let later = world.run("window import holidays.ics --json").json();
    assert_eq!(later["updated"].as_u64(), Some(1));
    assert_eq!(file(&world), edited.replace("2026-12-01T00:00:00", "2026-12-02T00:00:00"));
}

#[test]
fn what_vanished_stays_until_it_is_pruned() {
    let world = world();
    world.run("window import holidays.ics --layer holidays");
    let only = CALENDAR.replace("UID:b", "UID:d").replace("SUMMARY:Sale", "SUMMARY:Bigger sale");
    world.write("holidays.ics", &only);
    let kept = world.run("window import holidays.ics --layer holidays --json").json();
    assert_eq!(kept["vanished"], serde_json::json!(["sale"]));
    assert!(file(&world).contains("id = \"sale\""));
    let gone = world.run("window import holidays.ics --layer holidays --prune --json").json();
    assert_eq!(gone["removed"], serde_json::json!(["sale"]));
    assert!(!file(&world).contains("id = \"sale\""));
}

#[test]
fn a_call_that_is_wrong_says_what_would_be_right() {
    let world = world();
    world.write("page.ics", "<html><body>Please log in</body></html>");
    for (words, said) in [
        ("window import nothing.ics", "cannot be read"),
        ("window import page.ics", "BEGIN:VCALENDAR"),
        ("window import holidays.ics --environment prodction", "did you mean `production`?"),
        ("window import holidays.ics --region asia", "known are eu, us"),
        ("window import holidays.ics --time-zone Europe/Berln", "did you mean `Europe/Berlin`?"),
        ("window add x --kind freeze --start 2027-03-28T02:30 --duration 1h", "2027-03-28T03:00:00"),
        ("window add x --kind freeze --start 2027-03-28 --end 2027-03-27", "later --end"),
        (
            "window add x --kind freeze --start 2027-03-28 --duration 1d --repeat FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
            "never happens",
        ),
        ("window add x --kind freeze --start 2027-03-28 --duration 1d --repeat FREQ=OFTEN", "OFTEN"),
        ("window show yeer-end", "unknown window"),
    ] {
        let answer = world.run(words);
        assert_eq!(answer.status, 2, "{words}: {}", answer.err);
        assert!(answer.err.contains(said), "{words}: {}", answer.err);
    }
    assert!(!world.path().join("windows.toml").exists());
}

#[test]
fn a_file_that_is_wrong_is_not_touched() {
    let world = world();
    world.write("windows.toml", "[[window]]\nid = \"a\"\nkind = \"frieze\"\n");
    let answer = world.run("window import holidays.ics");
    assert_eq!(answer.status, 2, "{}", answer.err);
    assert!(answer.err.contains("is not touched"), "{}", answer.err);
}

#[test]
fn windows_are_added_changed_and_removed_by_name() {
    let world = world();
    let added = world.run(
        "window add year-end --kind freeze --start 2026-12-18T18:00 --end 2027-01-04T06:00 --repeat FREQ=YEARLY \
         --environment production --allow emergency --at 2026-11-24",
    );
    assert_eq!(added.status, 0, "{}", added.err);
    assert!(added.out.contains("Fri 18 Dec 18:00"), "{}", added.out);
    let shown = world.run("window show year-end --at 2026-11-24");
    assert!(shown.out.contains("every year"), "{}", shown.out);
    assert_eq!(world.run("window add year-end --kind freeze --start 2026-12-18 --duration 1d").status, 1);
    let skipped = world.run("window skip year-end 2027-12-18 --at 2026-11-24 --json").json();
    assert_eq!(skipped["skip"], serde_json::json!(["2027-12-18T18:00:00"]));
    assert_eq!(skipped["next"][1]["start"], "2028-12-18T17:00:00Z");
    let nothing = world.run("window skip year-end 2027-12-19");
    assert!(nothing.status == 2 && nothing.err.contains("its next are"), "{}", nothing.err);
    assert_eq!(world.run("window also year-end 2027-12-18 --json").json()["skip"], serde_json::json!([]));
    world.run("window also year-end 2027-06-01T08:00");
    assert!(file(&world).contains("also = [2027-06-01T08:00:00]"));
    world.run("window edit year-end --start 2026-12-19T18:00 --once --hard");
    let text = file(&world);
    assert!(
        text.contains("end = 2027-01-05T06:00:00")
            && text.contains("hard = true")
            && !text.contains("repeat"),
        "{text}"
    );
    let refused = world.run("window remove year-end");
    assert!(refused.status == 1 && refused.err.contains("--confirm year-end"), "{}", refused.err);
    assert_eq!(world.run("window remove year-end --confirm year").status, 1);
    assert_eq!(world.run("window remove year-end --confirm year-end").status, 0);
    assert!(!file(&world).contains("year-end"));
}

#[test]
fn the_line_is_stopped_with_a_reason_and_goes_on_by_name() {
    let world = world();
    let mut command = world.command();
    command.args([
        "window",
        "stop",
        "--reason",
        "payments are down",
        "--until",
        "+4h",
        "--at",
        "2026-11-25T13:22:00Z",
    ]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let id = "stop-the-line-20261125-1422";
    let entries = occurrences(&world, "2026-11-25", "2026-11-27");
    assert_eq!(
        entries,
        [(id.to_owned(), "2026-11-25T13:22:00Z".to_owned(), "2026-11-25T17:22:00Z".to_owned())]
    );
    assert_eq!(world.run(&format!("window resume {id} --at 2026-11-25T14:00:00Z")).status, 1);
    let resumed = world.run(&format!("window resume {id} --confirm {id} --at 2026-11-25T14:00:00Z"));
    assert_eq!(resumed.status, 0, "{}", resumed.err);
    let entries = occurrences(&world, "2026-11-25", "2026-11-27");
    assert_eq!(entries[0].2, "2026-11-25T14:00:00Z");
    assert_eq!(world.run("window stop --reason= --until +4h").status, 2);
}

/// A stage is no freeze, and a window that is in the plan is not there twice.
#[test]
fn an_export_that_is_imported_again_changes_nothing() {
    let world = world();
    world.run("window import holidays.ics --layer holidays");
    world.run("window add nightly --kind change --start 2026-10-20T02:30 --duration 90m --repeat FREQ=DAILY;COUNT=20");
    let stage =
        "[[stage]]\nenvironment = \"staging\"\nstart = 2026-11-25T14:00:00\nend = 2026-11-25T15:00:00\n";
    world.write("releases/checkout-4.2.toml", &format!("{stage}\n{}", stage.replace("25T", "26T")));
    let export = world.run("calendar export --ics --at=2026-11-24T00:00:00Z");
    world.write("own.ics", &export.out);
    let before = file(&world);
    for kind in ["", "--kind freeze", "--kind change", "--layer own --prune"] {
        let answer = world.run(format!("window import own.ics {kind}").trim_end());
        assert_eq!(answer.status, 0, "{}", answer.err);
        assert!(answer.out.contains("0 windows imported, 0 updated"), "{}", answer.out);
        assert!(answer.out.contains("1 release of tminus is left out: it is in the plan"), "{}", answer.out);
        assert!(
            answer.out.contains("3 windows of tminus are left out: they are in the plan"),
            "{}",
            answer.out
        );
        assert_eq!(file(&world), before, "{kind}");
    }
    let said = world.run("window import own.ics --json").json();
    assert_eq!(said["left_out"]["releases"], serde_json::json!(["checkout-4.2"]));
    // What an older import made freezes of goes.
    let window = "\n[[window]]\nid = \"old\"\nkind = \"freeze\"\nstart = 2026-11-25T14:00:00\n\
        end = 2026-11-25T15:00:00\nuid = \"stage-0.checkout-4.2@storefront.tminus\"\n";
    world.write("windows.toml", &format!("{before}{window}"));
    let answer = world.run("window import own.ics");
    assert!(answer.out.contains("removed: old"), "{}", answer.out);
    assert_eq!(file(&world).trim_end(), before.trim_end());
    // Elsewhere a release is no window either, but windows of others are.
    let back = World::new(&[("tminus.toml", WORKSPACE), ("own.ics", &export.out)]);
    let said = back.run("window import own.ics --json").json();
    assert_eq!(said["left_out"]["releases"], serde_json::json!(["checkout-4.2"]));
    assert!(said["imported"].as_u64().is_some_and(|imported| imported >= 3), "{said}");
}

#[test]
fn an_export_is_stable_and_comes_back_as_it_went() {
    let world = world();
    world.run("window import holidays.ics --layer holidays");
    world.run("window add nightly --kind change --start 2026-10-20T02:30 --duration 90m --repeat FREQ=DAILY;COUNT=20");
    let mut first = world.command();
    let at = "--at=2026-11-24T00:00:00Z";
    let export = |command: &mut assert_cmd::Command| {
        String::from_utf8(command.args(["calendar", "export", "--ics", at]).output().unwrap().stdout).unwrap()
    };
    let text = export(&mut first);
    assert_eq!(text, export(&mut world.command()));
    assert!(text.contains("SEQUENCE:0\r\n") && !text.contains("SEQUENCE:1"), "{text}");
    world.run("window edit nightly --title Maintenance");
    let changed = export(&mut world.command());
    // The series, and the night of the clock change that stands beside it.
    assert_eq!(changed.matches("SEQUENCE:1\r\n").count(), 2, "{changed}");
    let back = World::new(&[("tminus.toml", WORKSPACE), ("export.ics", &text)]);
    let answer = back.run("window import export.ics --kind change --time-zone Asia/Tokyo");
    assert_eq!(answer.status, 0, "{}", answer.err);
    let times = |world: &World| -> Vec<_> {
        let mut times: Vec<_> = occurrences(world, "2026-01-01", "2029-01-01")
            .into_iter()
            .map(|(_, start, end)| (start, end))
            .collect();
        times.sort();
        times
    };
    assert_eq!(times(&back), times(&world));
}
