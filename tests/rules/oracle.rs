//! `tminus calendar` and `tminus conflicts` against `oracle.py`, field by field, around the clock
//! changes of seven zones. `TMINUS_ORACLE=COUNT:SEED` plays others.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::program;

/// Workspaces played where nothing else is asked for.
const COUNT: usize = 200;

#[test]
fn calendar_and_conflicts_answer_as_an_independent_reference_does() {
    let asked = std::env::var("TMINUS_ORACLE").unwrap_or_else(|_| format!("{COUNT}:1"));
    let (count, seed) = asked.split_once(':').expect("TMINUS_ORACLE is COUNT:SEED");
    let root = tempfile::tempdir().unwrap();
    if !generate(root.path(), count, seed) {
        return;
    }
    let mut folders: Vec<_> = std::fs::read_dir(root.path()).unwrap().map(|it| it.unwrap().path()).collect();
    folders.sort();
    assert_eq!(folders.len().to_string(), count);
    let next = std::sync::atomic::AtomicUsize::new(0);
    let play = || {
        while let Some(folder) = folders.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
            compare(folder);
        }
    };
    std::thread::scope(|scope| {
        let helper = scope.spawn(play);
        play();
        helper.join().unwrap();
    });
}

/// Whether the workspaces could be written; without Python and its libraries they cannot.
fn generate(root: &Path, count: &str, seed: &str) -> bool {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules/oracle.py");
    let needs = "import tomllib, dateutil.rrule, zoneinfo; zoneinfo.ZoneInfo('Africa/Cairo')";
    let has = Command::new("python3").args(["-c", needs]).output().is_ok_and(|it| it.status.success());
    if !has {
        let reason = "python3 from 3.11 with dateutil and the time zones is not here";
        let required = std::env::var("TMINUS_REQUIRE_SERVERS").is_ok_and(|value| value == "1");
        assert!(!required, "TMINUS_REQUIRE_SERVERS=1, but {reason}");
        println!("SKIPPED: {reason}");
        return false;
    }
    let run = Command::new("python3").arg(script).arg(root).args([count, seed]).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    true
}

fn compare(folder: &Path) {
    let expected: Value =
        serde_json::from_slice(&std::fs::read(folder.join("expected.json")).unwrap()).unwrap();
    let (from, to) = (expected["from"].as_str().unwrap(), expected["to"].as_str().unwrap());
    let answered = program::run(folder, &format!("calendar --from {from} --to {to}"));
    assert_eq!(answered.status, 0, "{}: {}", folder.display(), answered.err);
    same(folder, &answered.document["entries"], &expected["entries"]);

    let answered = program::run(folder, "conflicts");
    let conflicts = expected["conflicts"].as_array().unwrap();
    let blocks = conflicts.iter().any(|conflict| conflict["severity"] == "block");
    assert_eq!(answered.status, i32::from(blocks), "{}: {}", folder.display(), answered.err);
    same(folder, &without_way_out(answered.document["conflicts"].clone()), &expected["conflicts"]);

    let met = |conflict: &&Value| {
        conflict["start"].as_str().unwrap() < to && from < conflict["end"].as_str().unwrap()
    };
    let met: Vec<&Value> = conflicts.iter().filter(met).collect();
    let answered = program::run(folder, &format!("conflicts --from {from} --to {to}"));
    same(folder, &without_way_out(answered.document["conflicts"].clone()), &json!(met));
}

/// What people read is no part of the comparison, but must be there.
fn without_way_out(mut conflicts: Value) -> Value {
    for conflict in conflicts.as_array_mut().unwrap() {
        for key in ["message", "way_out"] {
            let words = conflict.as_object_mut().unwrap().remove(key);
            assert!(words.is_some_and(|words| words.as_str().unwrap().len() > 10), "{key}: {conflict}");
        }
    }
    conflicts
}

fn same(folder: &Path, found: &Value, expected: &Value) {
    if found == expected {
        return;
    }
    let list = |value: &Value| -> Vec<String> {
        value.as_array().into_iter().flatten().map(ToString::to_string).collect()
    };
    let (found, expected) = (list(found), list(expected));
    let only = |own: &[String], other: &[String]| -> Vec<String> {
        own.iter().filter(|line| !other.contains(line)).cloned().collect()
    };
    panic!(
        "{}\nonly the program says:\n{}\nonly the reference says:\n{}",
        folder.display(),
        only(&found, &expected).join("\n"),
        only(&expected, &found).join("\n")
    );
}
