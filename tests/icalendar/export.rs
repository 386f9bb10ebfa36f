//! What goes out is what others see: `icalendar` with `recurring_ical_events`, and `khal`.

use std::process::Command;

use chrono::{DateTime, Utc};
use tminus::domain::Workspace;
use tminus::domain::calendar::entries;
use tminus::domain::icalendar::export::{Revision, Wanted, calendar, events};
use tminus::store::{self, Located};

use super::agreement::oracle;

const FROM: &str = "2026-02-01T00:00:00Z";
const TO: &str = "2027-05-01T00:00:00Z";

/// A workspace with a window for every zone, kind, hour and rule that clock changes are hard on.
fn workspace() -> (tempfile::TempDir, Workspace) {
    let folder = tempfile::tempdir().unwrap();
    let mut windows = String::new();
    let zones = ["Europe/Berlin", "Australia/Lord_Howe", "UTC"];
    let hours = [("02:30", "04:00"), ("01:15", "02:30"), ("22:00", "23:59"), ("00:00", "03:00")];
    let rules =
        ["", "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=SU,SA;UNTIL=20271031", "FREQ=MONTHLY;BYDAY=-1SU;COUNT=15"];
    for number in 0..zones.len() * hours.len() * rules.len() {
        let rule = rules[number % rules.len()];
        let (from, to) = hours[number / rules.len() % hours.len()];
        let zone = zones[number / rules.len() / hours.len()];
        let kind = if number % 2 == 0 { "freeze" } else { "change" };
        let repeat = if rule.is_empty() { String::new() } else { format!("repeat = \"{rule}\"\n") };
        windows.push_str(&format!(
            "[[window]]\nid = \"w{number}\"\nkind = \"{kind}\"\nstart = 2026-03-01T{from}:00\nend = 2026-03-01T{to}:00\n\
             time_zone = \"{zone}\"\n{repeat}skip = [2026-03-08T{from}:00]\n\n"
        ));
    }
    let release = "title = \"Über, 4.2; done\"\n[[stage]]\nenvironment = \"production\"\n\
                   start = 2026-10-25T01:30:00\nend = 2026-10-25T02:30:00+01:00\n";
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    file(
        "tminus.toml",
        "[workspace]\nname = \"Shop\"\ntime_zone = \"Europe/Berlin\"\n[[environment]]\nid = \"production\"\n",
    );
    file("windows.toml", &windows);
    file("releases/r.toml", release);
    let origin = tminus::domain::workspace::Origin::Files(folder.path().to_owned());
    let opened = store::open(&Located { origin, problems: Vec::new() });
    assert_eq!(opened.problems, []);
    (folder, opened.workspace)
}

fn exported(workspace: &Workspace) -> String {
    let now: DateTime<Utc> = FROM.parse().unwrap();
    let wanted = Wanted { from: None, to: None, layers: Vec::new(), now };
    let events: Vec<_> =
        events(workspace, &wanted).into_iter().map(|event| (event, Revision::default())).collect();
    calendar(&workspace.name, &events, now)
}

#[test]
fn others_see_the_same_instants() {
    let (folder, workspace) = workspace();
    let file = folder.path().join("export.ics");
    std::fs::write(&file, exported(&workspace)).unwrap();
    let Some(text) = oracle(&["expand", "Asia/Tokyo", FROM, TO, file.to_str().unwrap()]) else { return };
    let theirs: Vec<(String, String, String)> = serde_json::from_str(text.trim()).unwrap();
    let said = |instant: DateTime<Utc>| instant.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let listing = entries(&workspace, FROM.parse().unwrap(), TO.parse().unwrap());
    let title = |title: &str| {
        if title.starts_with('w') { title.to_owned() } else { format!("{title} → production") }
    };
    let mut ours: Vec<_> = listing
        .entries
        .iter()
        .map(|entry| (said(entry.start), said(entry.end), title(entry.title())))
        .collect();
    ours.sort();
    assert!(ours.len() > 2000, "{}", ours.len());
    let missing: Vec<_> = ours.iter().filter(|one| theirs.binary_search(one).is_err()).take(5).collect();
    let more: Vec<_> = theirs.iter().filter(|one| ours.binary_search(one).is_err()).take(5).collect();
    assert!(missing.is_empty() && more.is_empty(), "only ours {missing:#?}\nonly theirs {more:#?}");
}

#[test]
fn khal_imports_and_lists_it() {
    let (folder, workspace) = workspace();
    let file = folder.path().join("export.ics");
    std::fs::write(&file, exported(&workspace)).unwrap();
    let root = folder.path().display();
    let config = format!(
        "[calendars]\n[[plan]]\npath = {root}/calendar\n[locale]\ntimeformat = %H:%M\ndateformat = %Y-%m-%d\n\
         longdateformat = %Y-%m-%d\ndatetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n\
         local_timezone = Europe/Berlin\ndefault_timezone = Europe/Berlin\n[sqlite]\npath = {root}/khal.db\n"
    );
    std::fs::create_dir(folder.path().join("calendar")).unwrap();
    std::fs::write(folder.path().join("khal.conf"), config).unwrap();
    let khal = |arguments: &[&str]| {
        let output =
            Command::new("khal").arg("-c").arg(folder.path().join("khal.conf")).args(arguments).output();
        output.map(|output| {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success(), "{said}");
            String::from_utf8(output.stdout).unwrap()
        })
    };
    if let Err(error) = khal(&["--version"]) {
        assert!(std::env::var_os("TMINUS_REQUIRE_SERVERS").is_none(), "khal: {error}");
        return;
    }
    khal(&["import", "--batch", "-a", "plan", file.to_str().unwrap()]).unwrap();
    let listed = khal(&["list", "2026-10-25", "1d", "--format", "{start-time}-{end-time} {title}"]).unwrap();
    // The stage ends with the second 02:30 of that night.
    assert!(listed.contains("01:30-02:30 Über, 4.2; done → production"), "{listed}");
    assert!(listed.contains("22:00-23:59 w9"), "{listed}");
}
