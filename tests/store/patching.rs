//! Patches: what a form, a key or a command changes of a file, and how it is taken back.

use std::fs;

use tminus::domain::patch::{Before, Change, Patch, Place, PlanFile, Value};
use tminus::domain::{Edit, Release, Window};
use tminus::store::{Applied, EditError, Outcome, apply};

use crate::help::{RELEASE, WINDOWS, read, storefront, write};

const ID: &str = "checkout-4.2";
const FILE: &str = "releases/checkout-4.2.toml";

fn release() -> PlanFile {
    PlanFile::Release(ID.to_owned())
}

fn patch(file: PlanFile, before: Option<Before>, changes: Vec<Change>) -> Edit {
    Edit::Patch(Patch { file, title: "a test".to_owned(), before: before.map(Box::new), changes })
}

fn set(place: Place, key: &str, value: impl Into<Option<Value>>) -> Change {
    Change::Set { place, key: key.to_owned(), value: value.into() }
}

fn stage(index: usize) -> Place {
    Place::Nth("stage".to_owned(), index)
}

fn window(id: &str) -> Place {
    Place::Id("window".to_owned(), id.to_owned())
}

fn freeze(id: &str) -> Change {
    let text = |text: &str| Value::text(text);
    let time = |text: &str| Value::Time(text.to_owned());
    Change::Add {
        list: "window".to_owned(),
        table: vec![
            ("id".to_owned(), text(id)),
            ("kind".to_owned(), text("freeze")),
            ("start".to_owned(), time("2026-12-01T10:00")),
            ("end".to_owned(), time("2026-12-02T10:00")),
        ],
    }
}

fn looked_at(root: &std::path::Path) -> (Release, Window) {
    let workspace = read(root).workspace;
    (workspace.release(ID).unwrap().clone(), workspace.windows[0].clone())
}

#[test]
fn a_release_is_changed_key_by_key_and_every_byte_comes_back() {
    for line_break in ["\n", "\r\n"] {
        let root = storefront();
        let text = format!("\u{feff}# mine\nunknown = {{ a = 1 }}\n{RELEASE}# end").replace('\n', line_break);
        write(root.path(), FILE, text.as_bytes());
        let edit = patch(
            release(),
            None,
            vec![
                set(Place::Top, "title", Value::text("Checkout \"four\"")),
                set(Place::Top, "notes", Value::text("First line\nsecond \\ line\n")),
                set(stage(0), "soak", None),
                set(stage(0), "steps", Value::List(vec![Value::Number(5.0), Value::Number(12.5)])),
                Change::Add {
                    list: "item".to_owned(),
                    table: vec![
                        ("service".to_owned(), Value::text("payments")),
                        ("version".to_owned(), Value::text("5.0.0")),
                    ],
                },
            ],
        );
        let applied = apply(root.path(), &edit).unwrap();
        let after = fs::read_to_string(root.path().join(FILE)).unwrap();
        assert!(line_break == "\n" || !after.replace("\r\n", "").contains('\n'), "{after:?}");
        assert!(after.starts_with("\u{feff}# mine") && after.ends_with("# end"));
        let opened = read(root.path());
        assert_eq!(opened.problems, []);
        let now = opened.workspace.release(ID).unwrap();
        assert_eq!(now.title, "Checkout \"four\"");
        assert_eq!(now.notes.as_deref(), Some("First line\nsecond \\ line\n"));
        assert_eq!((now.stages[0].soak, now.stages[0].steps.clone()), (None, vec![5.0, 12.5]));
        assert_eq!(now.version_of("payments"), Some("5.0.0"));

        let undone = apply(root.path(), &applied.inverse).unwrap();
        assert_eq!(fs::read_to_string(root.path().join(FILE)).unwrap(), text);
        apply(root.path(), &undone.inverse).unwrap();
        assert_eq!(fs::read_to_string(root.path().join(FILE)).unwrap(), after);
    }
}

#[test]
fn a_patch_that_says_what_is_there_writes_nothing() {
    let root = storefront();
    let edit = patch(release(), None, vec![set(Place::Top, "owner", Value::text("mira"))]);
    assert_eq!(apply(root.path(), &edit).unwrap().outcome, Outcome::Unchanged);
}

#[test]
fn a_file_that_is_not_there_is_made_and_undone_again() {
    let root = storefront();
    let new = PlanFile::Release("new".to_owned());
    let edit = patch(new, Some(Before::Nothing), vec![set(Place::Top, "title", Value::text("New"))]);
    let applied = apply(root.path(), &edit).unwrap();
    assert_eq!(fs::read_to_string(root.path().join("releases/new.toml")).unwrap(), "title = \"New\"\n");
    let again = apply(root.path(), &edit).unwrap_err().to_string();
    assert!(again.contains("`new` is already there"), "{again}");
    let redo = apply(root.path(), &applied.inverse).unwrap();
    assert!(!root.path().join("releases/new.toml").exists());
    apply(root.path(), &redo.inverse).unwrap();
    assert!(root.path().join("releases/new.toml").exists());

    fs::remove_file(root.path().join("windows.toml")).unwrap();
    let applied = apply(root.path(), &patch(PlanFile::Windows, None, vec![freeze("stop")])).unwrap();
    assert_eq!(read(root.path()).workspace.windows[0].id, "stop");
    apply(root.path(), &applied.inverse).unwrap();
    assert!(!root.path().join("windows.toml").exists());

    fs::remove_file(root.path().join("tminus.toml")).unwrap();
    let edit = patch(
        PlanFile::Workspace,
        None,
        vec![set(Place::Table("workspace".into()), "name", Value::text("x"))],
    );
    assert!(apply(root.path(), &edit).unwrap_err().to_string().contains("tminus init"));
    assert!(!root.path().join("tminus.toml").exists());
}

#[test]
fn what_would_be_wrong_is_said_with_its_place_and_not_written() {
    let root = storefront();
    let time = |text: &str| Value::Time(text.to_owned());
    for (changes, said) in [
        (vec![set(stage(0), "end", time("2026-11-25T13:00"))], "ends before it starts"),
        (
            vec![set(stage(0), "start", time("2026-03-29T02:30"))],
            "the next valid time is 2026-03-29T03:00:00",
        ),
        (vec![set(stage(0), "time_zone", Value::text("EST5"))], "unknown time zone `EST5`"),
        (vec![set(stage(0), "environment", Value::text("prodction"))], "did you mean `production`?"),
        (vec![set(Place::Top, "status", Value::text("plannd"))], "plannd"),
        (vec![set(stage(0), "steps", Value::List(vec![Value::Number(120.0)]))], "percent above 0"),
    ] {
        let error = apply(root.path(), &patch(release(), None, changes)).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(said) && text.contains(&format!("{FILE} line ")), "{text}");
        assert!(matches!(error, EditError::Wrong { .. }), "{error:?}");
    }
    assert_eq!(fs::read_to_string(root.path().join(FILE)).unwrap(), RELEASE);
    let twice = apply(root.path(), &patch(PlanFile::Windows, None, vec![freeze("year-end")])).unwrap_err();
    assert!(twice.to_string().contains("is there twice"), "{twice}");
    let twice =
        apply(root.path(), &patch(PlanFile::Windows, Some(Before::Nothing), vec![freeze("year-end")]));
    assert!(twice.unwrap_err().to_string().contains("`year-end` is already there"));
    assert_eq!(fs::read_to_string(root.path().join("windows.toml")).unwrap(), WINDOWS);
}

/// A window that was wrong before does not stand in the way of the others.
#[test]
fn an_old_mistake_elsewhere_is_no_obstacle() {
    let root = storefront();
    let text = format!("{WINDOWS}\n[[window]]\nid = \"odd\"\nkind = \"frieze\"\n");
    write(root.path(), "windows.toml", text.as_bytes());
    apply(
        root.path(),
        &patch(PlanFile::Windows, None, vec![set(window("year-end"), "title", Value::text("x"))]),
    )
    .unwrap();
    write(root.path(), "windows.toml", format!("{text}= 3\n").as_bytes());
    let edit = patch(PlanFile::Windows, None, vec![set(window("year-end"), "title", Value::text("y"))]);
    assert!(matches!(apply(root.path(), &edit), Err(EditError::Broken { .. })));
}

#[test]
fn what_somebody_else_changed_meanwhile_is_named_with_both_values() {
    let root = storefront();
    let (seen, year_end) = looked_at(root.path());
    let other = RELEASE
        .replace("title = \"Checkout 4.2\"", "title = \"Somebody else\"")
        .replace("start = 2026-11-25T14:00:00", "start = 2026-11-25T13:00:00");
    write(root.path(), FILE, other.as_bytes());
    let before = || Some(Before::Release(seen.clone()));

    // Other keys than they changed: theirs stay.
    apply(root.path(), &patch(release(), before(), vec![set(Place::Top, "owner", Value::text("lu"))]))
        .unwrap();
    let error =
        apply(root.path(), &patch(release(), before(), vec![set(Place::Top, "title", Value::text("Mine"))]));
    let text = error.unwrap_err().to_string();
    assert!(text.contains("title was `Checkout 4.2`, is `Somebody else` now"), "{text}");
    let error =
        apply(root.path(), &patch(release(), before(), vec![set(stage(0), "soak", Value::text("2h"))]));
    let text = error.unwrap_err().to_string();
    assert!(
        text.contains("stage 0 start was 2026-11-25 14:00:00 +01:00, is 2026-11-25 13:00:00 +01:00 now"),
        "{text}"
    );

    let before = || Some(Before::Window(year_end.clone()));
    let moved = WINDOWS.replace("end = 2027-01-04T06:00:00", "end = 2027-01-05T06:00:00");
    assert_ne!(moved, WINDOWS);
    write(root.path(), "windows.toml", moved.as_bytes());
    let id = year_end.id.as_str();
    apply(root.path(), &patch(PlanFile::Windows, before(), vec![set(window(id), "title", Value::text("x"))]))
        .unwrap();
    let start = Value::Time("2026-12-17T18:00:00".to_owned());
    let text = apply(root.path(), &patch(PlanFile::Windows, before(), vec![set(window(id), "start", start)]));
    assert!(text.unwrap_err().to_string().contains("end was 2027-01-04T06:00:00"));
    write(root.path(), "windows.toml", b"");
    let text = apply(
        root.path(),
        &patch(PlanFile::Windows, before(), vec![set(window(id), "hard", Value::Boolean(true))]),
    );
    assert!(text.unwrap_err().to_string().contains("it is not there now"));
}

#[test]
fn an_entry_that_was_added_in_the_same_patch_is_no_conflict() {
    let root = storefront();
    let (seen, _) = looked_at(root.path());
    let new = Change::Add {
        list: "stage".to_owned(),
        table: vec![
            ("environment".to_owned(), Value::text("staging")),
            ("start".to_owned(), Value::Time("2026-11-24T10:00".to_owned())),
            ("end".to_owned(), Value::Time("2026-11-24T11:00".to_owned())),
        ],
    };
    let last = seen.stages.len();
    let changes = vec![new, set(stage(last), "soak", Value::text("1h")), Change::Remove { place: stage(0) }];
    apply(root.path(), &patch(release(), Some(Before::Release(seen)), changes)).unwrap();
    let (now, _) = looked_at(root.path());
    assert_eq!(now.stages.len(), last);
    assert_eq!(now.stages[last - 1].environment, "staging");
}

fn written(applied: Applied) -> Edit {
    assert_eq!(applied.outcome, Outcome::Written);
    applied.inverse
}

#[test]
fn undo_keeps_what_others_wrote_elsewhere_and_is_refused_where_they_wrote_the_same() {
    let root = storefront();
    let undo = written(
        apply(root.path(), &patch(release(), None, vec![set(Place::Top, "title", Value::text("Mine"))]))
            .unwrap(),
    );
    let text = fs::read_to_string(root.path().join(FILE)).unwrap();
    let theirs = text.replace("soak = \"60m\"", "soak = \"90m\"") + "\n# theirs\n";
    write(root.path(), FILE, theirs.as_bytes());
    apply(root.path(), &undo).unwrap();
    let after = fs::read_to_string(root.path().join(FILE)).unwrap();
    assert_eq!(after, theirs.replace("title = \"Mine\"", "title = \"Checkout 4.2\""));

    let undo = written(
        apply(root.path(), &patch(release(), None, vec![set(Place::Top, "title", Value::text("Mine"))]))
            .unwrap(),
    );
    let theirs = fs::read_to_string(root.path().join(FILE)).unwrap().replace("\"Mine\"", "\"Theirs\"");
    write(root.path(), FILE, theirs.as_bytes());
    let error = apply(root.path(), &undo).unwrap_err();
    assert!(error.to_string().contains("the same lines were changed"), "{error}");
    assert_eq!(fs::read_to_string(root.path().join(FILE)).unwrap(), theirs);
    fs::remove_file(root.path().join(FILE)).unwrap();
    assert!(apply(root.path(), &undo).unwrap_err().to_string().contains("is gone"));
}

/// Two people add a window each; the one who was first takes theirs back.
#[test]
fn an_older_window_is_taken_back_while_a_newer_one_stays() {
    let root = storefront();
    let first = written(apply(root.path(), &patch(PlanFile::Windows, None, vec![freeze("first")])).unwrap());
    let second =
        written(apply(root.path(), &patch(PlanFile::Windows, None, vec![freeze("second")])).unwrap());
    apply(root.path(), &first).unwrap();
    let ids = |root: &std::path::Path| -> Vec<String> {
        read(root).workspace.windows.iter().map(|window| window.id.clone()).collect()
    };
    assert!(
        ids(root.path()).contains(&"second".to_owned()) && !ids(root.path()).contains(&"first".to_owned())
    );
    apply(root.path(), &second).unwrap();
    assert_eq!(fs::read_to_string(root.path().join("windows.toml")).unwrap(), WINDOWS);
}

/// Eight at once, each with a window of its own, and then each takes it back: none is lost, and the
/// file is as it was.
#[test]
fn eight_writers_of_one_file_lose_nothing() {
    let root = storefront();
    let together = |work: &(dyn Fn(usize) + Sync)| {
        std::thread::scope(|scope| {
            for writer in 0..8 {
                scope.spawn(move || work(writer));
            }
        });
    };
    let inverses: Vec<std::sync::Mutex<Option<Edit>>> = (0..8).map(|_| std::sync::Mutex::new(None)).collect();
    together(&|writer| {
        let edit = patch(PlanFile::Windows, None, vec![freeze(&format!("w{writer}"))]);
        *inverses[writer].lock().unwrap() = Some(written(apply(root.path(), &edit).unwrap()));
    });
    let ids: Vec<String> =
        read(root.path()).workspace.windows.iter().map(|window| window.id.clone()).collect();
    assert!((0..8).all(|writer| ids.contains(&format!("w{writer}"))), "{ids:?}");
    together(&|writer| {
        let undo = inverses[writer].lock().unwrap().take().unwrap();
        apply(root.path(), &undo).unwrap();
    });
    assert_eq!(fs::read_to_string(root.path().join("windows.toml")).unwrap(), WINDOWS);
}
