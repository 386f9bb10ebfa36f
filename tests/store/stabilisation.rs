//! The stabilisation watch of a release: read whole, each mistake named with its place, and notes
//! written without touching anything else.

use std::fs;

use chrono::{DateTime, TimeDelta, Utc};
use tminus::domain::stabilisation::changes::{Said, add};
use tminus::domain::{Edit, Release};
use tminus::store::{apply, read_release};

use crate::help::{RELEASE, listed, read, storefront, write};

const FILE: &str = "releases/checkout-4.2.toml";

const WATCH: &str = r#"
[watch]                                # from here on, three days
by = "mira"
for = "48h"
first = "90m"
escalate_after = "10m"
environments = ["production"]

[[watch.note]]
time = 2026-11-25T16:10:00Z
by = "mira"
to = "sam"                             # hand-over
acknowledge = true
text = "p95 a little up in us, ticket PAY-77"

# mine
"#;

fn now() -> DateTime<Utc> {
    "2026-11-25T20:00:00Z".parse().unwrap()
}

fn release(root: &std::path::Path) -> Release {
    read_release(root, "checkout-4.2").unwrap()
}

#[test]
fn a_watch_is_read_whole() {
    let root = storefront();
    write(root.path(), FILE, format!("{RELEASE}{WATCH}").as_bytes());
    let opened = read(root.path());
    assert_eq!(listed(&opened), "");
    let watch = &opened.workspace.release("checkout-4.2").unwrap().watch;
    assert_eq!(watch.by.as_deref(), Some("mira"));
    assert_eq!((watch.length, watch.first), (TimeDelta::hours(48), TimeDelta::minutes(90)));
    assert_eq!(watch.escalate_after, TimeDelta::minutes(10));
    let note = &watch.notes[0];
    assert_eq!((note.to.as_deref(), note.acknowledge, note.close), (Some("sam"), true, false));
    assert_eq!(note.time, "2026-11-25T16:10:00Z".parse::<DateTime<Utc>>().unwrap());
}

#[test]
fn every_mistake_in_a_watch_is_named() {
    let root = storefront();
    let wrong = r#"
[watch]
by = ""
for = "1h"
first = "2h"
escalate_after = "0m"
environments = ["prodution"]

[[watch.note]]
time = 2026-11-25T16:10:00Z
by = "mira"

[[watch.note]]
time = 2026-11-25T16:10:00Z
by = "mira"
to = " "
"#;
    write(root.path(), FILE, format!("{RELEASE}{wrong}").as_bytes());
    let opened = read(root.path());
    let said = listed(&opened);
    for part in [
        "the name in `by` is empty",
        "`first` is longer than the watch",
        "it must be longer than nothing: write escalate_after",
        "the note says nothing",
        "the name in `to` is empty",
    ] {
        assert!(said.contains(part), "{part}:\n{said}");
    }
    assert!(opened.workspace.release("checkout-4.2").is_none());
    write(root.path(), FILE, format!("{RELEASE}\n[watch]\nenvironments = [\"prodution\"]\n").as_bytes());
    let opened = read(root.path());
    assert!(listed(&opened).contains("did you mean `production`"), "{}", listed(&opened));
    assert!(opened.workspace.release("checkout-4.2").is_some());
}

#[test]
fn a_note_is_added_behind_the_others_and_taken_back_to_the_byte() {
    for (watch, line_break) in
        [(WATCH, "\n"), ("", "\n"), (WATCH, "\r\n"), ("\n[watch]\nby = \"mira\"", "\n")]
    {
        let root = storefront();
        let text = format!("# mine\n{RELEASE}{watch}").replace('\n', line_break);
        write(root.path(), FILE, text.as_bytes());
        let before = release(root.path());
        let said = Said {
            by: "sam".to_owned(),
            to: Some("ada".to_owned()),
            text: "quiet since \"ten\"".to_owned(),
            ..Said::default()
        };
        let applied = apply(root.path(), &Edit::Patch(add(&before, &said, now()).unwrap())).unwrap();
        let after = fs::read_to_string(root.path().join(FILE)).unwrap();
        let rest: String = text.trim_end().to_owned();
        assert!(rest.lines().all(|line| after.contains(line)), "{after}");
        assert_eq!(after.contains("\r\n"), line_break == "\r\n");
        let known = release(root.path());
        assert_eq!(known.watch.notes.len(), before.watch.notes.len() + 1);
        let note = known.watch.notes.last().unwrap();
        assert_eq!((note.by.as_str(), note.to.as_deref(), note.time), ("sam", Some("ada"), now()));
        assert_eq!(note.text, "quiet since \"ten\"");
        assert_eq!(known.watch.by, before.watch.by);
        apply(root.path(), &applied.inverse).unwrap();
        assert_eq!(fs::read_to_string(root.path().join(FILE)).unwrap(), text);
    }
}

#[test]
fn two_who_note_at_the_same_time_both_stay() {
    let root = storefront();
    write(root.path(), FILE, format!("{RELEASE}{WATCH}").as_bytes());
    let seen = release(root.path());
    for name in ["sam", "ada"] {
        let said = Said { by: name.to_owned(), text: "quiet".to_owned(), ..Said::default() };
        apply(root.path(), &Edit::Patch(add(&seen, &said, now()).unwrap())).unwrap();
    }
    let notes = release(root.path()).watch.notes;
    let names: Vec<&str> = notes.iter().map(|note| note.by.as_str()).collect();
    assert_eq!(names, ["mira", "sam", "ada"]);
}
