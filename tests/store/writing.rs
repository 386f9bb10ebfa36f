//! Edits change what they must and nothing else, and are refused when the fields changed.

use std::fs;

use chrono::{DateTime, TimeDelta, Utc};
use tminus::domain::edit::{NewRelease, NewStage, StageMove};
use tminus::domain::{Edit, Status};
use tminus::store::{EditError, Outcome, apply};

use crate::help::{RELEASE, read, storefront, write};

const ID: &str = "checkout-4.2";
const FILE: &str = "releases/checkout-4.2.toml";

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn move_to(start: &str, end: &str) -> Edit {
    Edit::MoveStage {
        release: ID.to_owned(),
        stage: 0,
        from: (utc("2026-11-25T13:00:00Z"), utc("2026-11-25T15:00:00Z")),
        to: (utc(start), utc(end)),
    }
}

fn set(from: Status, to: Status) -> Edit {
    Edit::SetStatus { release: ID.to_owned(), from, to }
}

#[test]
fn only_the_times_change_and_the_inverse_puts_every_byte_back() {
    for line_break in ["\n", "\r\n"] {
        let root = storefront();
        let text = format!("\u{feff}# mine\nunknown = {{ a = 1 }}\n{RELEASE}# end").replace('\n', line_break);
        write(root.path(), FILE, text.as_bytes());
        let applied = apply(root.path(), &move_to("2026-11-26T13:30:00Z", "2026-11-26T15:00:00Z")).unwrap();
        let after = fs::read_to_string(root.path().join(FILE)).unwrap();
        let expected = text
            .replace("start = 2026-11-25T14:00:00", "start = 2026-11-26T14:30:00")
            .replace("end = 2026-11-25T16:00:00", "end = 2026-11-26T16:00:00");
        assert_eq!(after, expected);
        apply(root.path(), &applied.inverse).unwrap();
        assert_eq!(fs::read_to_string(root.path().join(FILE)).unwrap(), text);
    }
}

#[test]
fn several_stages_move_together_or_not_at_all() {
    let root = storefront();
    let second = "\n[[stage]]\nenvironment = \"staging\"\nstart = 2026-11-24T09:00:00+01:00 # first\n\
                  end = 2026-11-24T10:00:00+01:00\n";
    let text = format!("{RELEASE}{second}");
    write(root.path(), FILE, text.as_bytes());
    let day = TimeDelta::days(1);
    let span = |start: &str, end: &str| (utc(start), utc(end));
    let one = |stage, from: (DateTime<Utc>, DateTime<Utc>)| StageMove {
        stage,
        from,
        to: (from.0 + day, from.1 + day),
    };
    let first = one(0, span("2026-11-25T13:00:00Z", "2026-11-25T15:00:00Z"));
    let wrong = one(1, span("2026-11-24T08:30:00Z", "2026-11-24T09:00:00Z"));
    let both = |second| Edit::MoveStages { release: ID.to_owned(), stages: vec![first, second] };
    let refused = apply(root.path(), &both(wrong));
    assert!(matches!(refused, Err(EditError::Changed { .. })), "{refused:?}");
    assert_eq!(fs::read_to_string(root.path().join(FILE)).unwrap(), text);
    let right = one(1, span("2026-11-24T08:00:00Z", "2026-11-24T09:00:00Z"));
    let applied = apply(root.path(), &both(right)).unwrap();
    let moved = text.replace("2026-11-25T", "2026-11-26T").replace("2026-11-24T", "2026-11-25T");
    assert_eq!(fs::read_to_string(root.path().join(FILE)).unwrap(), moved, "each as it was written");
    apply(root.path(), &applied.inverse).unwrap();
    assert_eq!(fs::read_to_string(root.path().join(FILE)).unwrap(), text);
}

#[test]
fn another_process_changing_other_fields_is_merged_and_the_same_fields_refused() {
    let root = storefront();
    let other = RELEASE.replace("title = \"Checkout 4.2\"", "title = \"Somebody else was here\"");
    write(root.path(), FILE, other.as_bytes());
    apply(root.path(), &move_to("2026-11-26T13:00:00Z", "2026-11-26T15:00:00Z")).unwrap();
    let text = fs::read_to_string(root.path().join(FILE)).unwrap();
    assert!(text.contains("Somebody else") && text.contains("2026-11-26T14:00:00"), "{text}");

    let again = apply(root.path(), &move_to("2026-11-27T13:00:00Z", "2026-11-27T15:00:00Z"));
    assert!(matches!(again, Err(EditError::Changed { .. })), "{again:?}");
    let wrong = apply(root.path(), &set(Status::Draft, Status::Approved));
    assert!(wrong.unwrap_err().to_string().contains("it is planned now"));
    assert_eq!(fs::read_to_string(root.path().join(FILE)).unwrap(), text);
}

#[test]
fn an_edit_that_changes_nothing_writes_nothing() {
    let root = storefront();
    let before = fs::metadata(root.path().join(FILE)).unwrap();
    let same = move_to("2026-11-25T13:00:00Z", "2026-11-25T15:00:00Z");
    assert_eq!(apply(root.path(), &same).unwrap().outcome, Outcome::Unchanged);
    let after = fs::metadata(root.path().join(FILE)).unwrap();
    assert_eq!(before.modified().unwrap(), after.modified().unwrap());
}

#[test]
fn a_status_that_is_not_in_the_file_gets_a_line_of_its_own() {
    let root = storefront();
    let text = "title = \"x\" # a\n\n# stages\n[[stage]]\nenvironment = \"staging\"\nstart = 2026-11-25\nend = 2026-11-26\n";
    write(root.path(), FILE, text.as_bytes());
    apply(root.path(), &set(Status::Planned, Status::Cancelled)).unwrap();
    let after = fs::read_to_string(root.path().join(FILE)).unwrap();
    assert_eq!(after, text.replace("# a\n", "# a\nstatus = \"cancelled\"\n"));
    assert_eq!(read(root.path()).workspace.release(ID).unwrap().status, Status::Cancelled);
}

#[test]
fn a_release_moves_on_the_wall_over_a_clock_change() {
    let root = storefront();
    let text = RELEASE.replace("2026-11-25", "2026-10-20");
    write(root.path(), FILE, text.as_bytes());
    let edit = Edit::MoveRelease { release: ID.to_owned(), by: TimeDelta::days(10) };
    let applied = apply(root.path(), &edit).unwrap();
    let after = fs::read_to_string(root.path().join(FILE)).unwrap();
    assert!(after.contains("start = 2026-10-30T14:00:00"), "{after}");
    apply(root.path(), &applied.inverse).unwrap();
    assert_eq!(fs::read_to_string(root.path().join(FILE)).unwrap(), text);

    let text =
        RELEASE.replace("2026-11-25T14:00:00", "2026-03-28T02:30:00").replace("2026-11-25", "2026-03-29");
    write(root.path(), FILE, text.as_bytes());
    let edit = Edit::MoveRelease { release: ID.to_owned(), by: TimeDelta::days(1) };
    let error = apply(root.path(), &edit).unwrap_err().to_string();
    assert!(error.contains("the next valid time is 2026-03-29T03:00:00"), "{error}");
    assert_eq!(fs::read_to_string(root.path().join(FILE)).unwrap(), text);
}

#[test]
fn a_new_release_is_written_read_removed_and_put_back() {
    let root = storefront();
    let new = NewRelease {
        id: "pay-1".to_owned(),
        title: Some("Quotes \" and \\ and \u{1b}".to_owned()),
        items: vec![("payments".to_owned(), "1.0.0".to_owned())],
        stages: vec![NewStage {
            environment: "production".to_owned(),
            region: Some("us".to_owned()),
            start: "2026-11-25T09:00:00".to_owned(),
            end: "2026-11-25T10:00:00-05:00".to_owned(),
            steps: vec![12.5, 100.0],
            soak: Some("90m".to_owned()),
            ..NewStage::default()
        }],
        ..NewRelease::default()
    };
    let applied = apply(root.path(), &Edit::AddRelease(new.clone())).unwrap();
    let opened = read(root.path());
    assert_eq!(opened.problems, []);
    let release = opened.workspace.release("pay-1").unwrap();
    assert_eq!(release.stages[0].start, utc("2026-11-25T14:00:00Z"));
    assert_eq!(release.stages[0].end, utc("2026-11-25T15:00:00Z"));
    assert!(apply(root.path(), &Edit::AddRelease(new)).unwrap_err().to_string().contains("already there"));

    let removed = apply(root.path(), &applied.inverse).unwrap();
    assert!(read(root.path()).workspace.release("pay-1").is_none());
    apply(root.path(), &removed.inverse).unwrap();
    assert!(read(root.path()).workspace.release("pay-1").is_some());
}

#[test]
fn what_would_not_read_back_is_not_written() {
    let root = storefront();
    for (environment, start, end) in [
        ("production", "2026-11-25T10:00:00", "2026-11-25T09:00:00"),
        ("production", "2026-03-29T02:30:00", "2026-03-29T09:00:00"),
        ("", "2026-11-25T10:00:00", "2026-11-25T11:00:00"),
        ("production", "soon", "2026-11-25T09:00:00"),
    ] {
        let stage = NewStage {
            environment: environment.to_owned(),
            start: start.to_owned(),
            end: end.to_owned(),
            ..NewStage::default()
        };
        let new = NewRelease { id: "new".to_owned(), stages: vec![stage], ..NewRelease::default() };
        assert!(apply(root.path(), &Edit::AddRelease(new)).is_err(), "{environment} {start} {end}");
    }
    let new = NewRelease { id: "../escape".to_owned(), ..NewRelease::default() };
    assert!(apply(root.path(), &Edit::AddRelease(new)).is_err());
    assert_eq!(fs::read_dir(root.path().join("releases")).unwrap().count(), 1);
}

/// D6: every prefix and many bit flips. What does not parse stays as it is, to the byte.
#[test]
fn a_file_that_does_not_parse_is_never_overwritten() {
    let root = storefront();
    let path = root.path().join(FILE);
    let mut cases: Vec<Vec<u8>> =
        (0..RELEASE.len()).step_by(9).map(|end| RELEASE.as_bytes()[..end].to_vec()).collect();
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..120 {
        let mut bytes = RELEASE.as_bytes().to_vec();
        let at = random.usize(..bytes.len());
        bytes[at] ^= 1 << random.u8(..8);
        cases.push(bytes);
    }
    let mark = b"\xff\xfet\0i\0".to_vec();
    cases.extend([b"\0".to_vec(), mark, b"title = \"\xff\"".to_vec(), vec![b'#'; 33 * 1024 * 1024]]);
    cases.push(format!("{RELEASE}\ntitle = \"twice\"").into_bytes());
    let (mut refused, mut written) = (0, 0);
    for case in cases {
        fs::write(&path, &case).unwrap();
        let is_read = read(root.path()).workspace.release(ID).is_some();
        if apply(root.path(), &set(Status::Planned, Status::Approved)).is_ok() {
            written += 1;
            assert!(is_read, "written though it does not read: {}", String::from_utf8_lossy(&case));
            let after = read(root.path());
            assert_eq!(after.workspace.release(ID).unwrap().status, Status::Approved);
        } else {
            refused += 1;
            assert_eq!(fs::read(&path).unwrap(), case);
        }
    }
    assert!(refused > 80 && written > 20, "refused {refused}, written {written}");
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_stays_one_and_the_mode_stays() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let root = storefront();
    let real = root.path().join("elsewhere.toml");
    fs::rename(root.path().join(FILE), &real).unwrap();
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("../elsewhere.toml", root.path().join(FILE)).unwrap();
    apply(root.path(), &set(Status::Planned, Status::Approved)).unwrap();
    assert!(root.path().join(FILE).is_symlink());
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(fs::read_to_string(&real).unwrap().contains("approved"));

    fs::set_permissions(&real, fs::Permissions::from_mode(0o440)).unwrap();
    let error = apply(root.path(), &set(Status::Approved, Status::Planned)).unwrap_err().to_string();
    assert!(error.contains("read-only"), "{error}");
}

#[test]
fn an_unknown_release_names_its_neighbour() {
    let root = storefront();
    let edit = Edit::MoveRelease { release: "chekout-4.2".to_owned(), by: TimeDelta::hours(1) };
    let error = apply(root.path(), &edit).unwrap_err().to_string();
    assert!(error.contains("did you mean `checkout-4.2`?"), "{error}");
}

#[test]
fn a_copy_is_a_file_of_its_own_and_undo_takes_it_away() {
    let root = storefront();
    let original = fs::read_to_string(root.path().join(FILE)).unwrap();
    let copy = Edit::CopyRelease {
        release: ID.to_owned(),
        id: "checkout-4.2-copy".to_owned(),
        by: TimeDelta::days(7),
    };
    let applied = apply(root.path(), &copy).unwrap();
    let file = root.path().join("releases/checkout-4.2-copy.toml");
    let written = fs::read_to_string(&file).unwrap();
    assert!(written.contains("2026-12-02T14:00:00"), "{written}");
    assert_eq!(fs::read_to_string(root.path().join(FILE)).unwrap(), original);
    assert!(apply(root.path(), &copy).is_err(), "a copy replaces nothing");
    apply(root.path(), &applied.inverse).unwrap();
    assert!(!file.exists());
}
