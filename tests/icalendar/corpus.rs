//! Files small enough to read, each about one thing, and three real ones: every occurrence and
//! every line that is skipped stand in `expected.json`; the other implementation agrees, but for
//! the files of `by_hand.json`, which it reads otherwise or not at all.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tminus::domain::icalendar::read;

use super::agreement::{oracle, ours};

const FROM: &str = "2026-01-01T00:00:00Z";
const TO: &str = "2028-01-01T00:00:00Z";
const ZONE: &str = "America/New_York";

#[derive(Serialize, Deserialize, PartialEq, Debug, Default)]
struct Expected {
    occurrences: Vec<(String, String, String)>,
    skipped: Vec<usize>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn files() -> BTreeMap<String, PathBuf> {
    let mut files = BTreeMap::new();
    for folder in [folder().join("icalendar/corpus"), folder().join("fixtures/ics")] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "ics") {
                let name = path.file_stem().unwrap().to_string_lossy().into_owned();
                files.insert(name, path);
            }
        }
    }
    files
}

fn found(path: &Path) -> Expected {
    let bytes = std::fs::read(path).unwrap();
    let reading = read(&bytes, ZONE.parse().unwrap());
    Expected {
        occurrences: ours(&bytes, ZONE, FROM.parse().unwrap(), TO.parse().unwrap()),
        skipped: reading.skipped.iter().map(|note| note.line).collect(),
    }
}

#[test]
fn every_file_brings_its_occurrences_and_names_what_it_cannot() {
    let place = folder().join("icalendar/expected.json");
    let files = files();
    assert!(files.len() > 80);
    let found: BTreeMap<&String, Expected> = files.iter().map(|(name, path)| (name, found(path))).collect();
    if std::env::var_os("TMINUS_WRITE_EXPECTED").is_some() {
        let mut lines: Vec<String> = Vec::new();
        for (name, expected) in &found {
            lines.push(format!(
                "{}: {}",
                serde_json::to_string(name).unwrap(),
                serde_json::to_string(expected).unwrap()
            ));
        }
        std::fs::write(&place, format!("{{\n{}\n}}\n", lines.join(",\n"))).unwrap();
    }
    let expected: BTreeMap<String, Expected> =
        serde_json::from_str(&std::fs::read_to_string(place).unwrap()).unwrap();
    for (name, found) in found {
        assert_eq!(Some(&found), expected.get(name), "{name}");
    }
}

#[test]
fn the_other_implementation_agrees() {
    let by_hand: BTreeMap<String, String> =
        serde_json::from_str(&std::fs::read_to_string(folder().join("icalendar/by_hand.json")).unwrap())
            .unwrap();
    let files: Vec<(String, PathBuf)> =
        files().into_iter().filter(|(name, _)| !by_hand.contains_key(name)).collect();
    let paths = files.iter().map(|(_, path)| path.to_str().unwrap());
    let arguments: Vec<&str> = ["expand", ZONE, FROM, TO].into_iter().chain(paths).collect();
    let Some(text) = oracle(&arguments) else { return };
    let mut wrong = Vec::new();
    assert_eq!(text.lines().count(), files.len());
    for ((name, path), line) in files.iter().zip(text.lines()) {
        let theirs: Vec<(String, String, String)> = serde_json::from_str(line).unwrap();
        let mut found = found(path).occurrences;
        found.dedup();
        if found != theirs {
            wrong.push(format!("{name}\nours {found:?}\ntheirs {theirs:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n\n"));
}

#[test]
fn reasons_are_sentences_that_say_what_and_where() {
    for (name, path) in files() {
        let bytes = std::fs::read(path).unwrap();
        let reading = read(&bytes, ZONE.parse().unwrap());
        let lines = bytes.split(|byte| *byte == b'\n').count();
        for note in reading.skipped.iter().chain(&reading.notices) {
            assert!(note.line >= 1 && note.line <= lines.max(1), "{name}: {note:?}");
            assert!(note.why.len() > 20, "{name}: {note:?}");
        }
    }
}

#[test]
fn no_mutation_of_a_file_is_too_strange() {
    let mut chance = fastrand::Rng::with_seed(7);
    for (name, path) in files() {
        let whole = std::fs::read(path).unwrap();
        for _ in 0..30 {
            let mut bytes = whole[..whole.len().min(6000)].to_vec();
            for _ in 0..chance.usize(1..6) {
                let at = chance.usize(..bytes.len());
                match chance.u8(..5) {
                    0 => bytes[at] = chance.u8(..),
                    1 => bytes.truncate(at.max(1)),
                    2 => drop(bytes.remove(at)),
                    3 => bytes.insert(at, *chance.choice(b"0123456789ZTP;:,=\n\r -+/\\\"").unwrap()),
                    _ => {
                        let piece = bytes[at..(at + 40).min(bytes.len())].to_vec();
                        let to = chance.usize(..bytes.len());
                        bytes.splice(to..to, piece);
                    }
                }
                if bytes.len() < 2 {
                    break;
                }
            }
            let reading = read(&bytes, ZONE.parse().unwrap());
            for draft in &reading.drafts {
                let window = draft.window("w", tminus::domain::WindowKind::Freeze);
                let found = tminus::domain::recurrence::upcoming(&window, FROM.parse().unwrap(), 1);
                assert!(found.is_ok(), "{name}: {found:?}\n{}", String::from_utf8_lossy(&bytes));
            }
        }
    }
}
