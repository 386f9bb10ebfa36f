//! The scenarios under `tests/scenarios`: each a workspace in one file, and what must be told of
//! it. Whoever plans releases can read them, and add one.
//!
//! A scenario holds what `tminus.toml` holds (`[[environment]]`, `[[service]]`, `[policy]`), the
//! `[[window]]`s, each release under `[release.ID]`, what runs under `[running.ENVIRONMENT]`, and
//! one or more `[[ask]]`: a command, its exit status, and the answer's list, in full and in order.
//! An entry of the list need not say all: what it says must be so.

use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use toml::{Table, Value};

use super::program;

#[test]
fn every_scenario_is_told_as_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    assert!(files.len() >= 12, "the scenarios are gone");
    let wrong: Vec<String> = files.iter().flat_map(|file| play(file)).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n\n"));
}

/// What is not as the scenario says.
fn play(file: &Path) -> Vec<String> {
    let mut scenario: Table = std::fs::read_to_string(file).unwrap().parse().unwrap();
    let root = tempfile::tempdir().unwrap();
    let Some(Value::Array(asks)) = scenario.remove("ask") else { panic!("{}: no [[ask]]", file.display()) };
    write(root.path(), &mut scenario);
    let mut wrong = Vec::new();
    for ask in asks {
        let words = ask["command"].as_str().unwrap();
        let answered = program::run(root.path(), words);
        let list = words.split(' ').next().unwrap();
        let found = answered.document[list].as_array().cloned().unwrap_or_default();
        let expected = ask["says"].as_array().unwrap();
        let status = ask["exit"].as_integer().unwrap();
        let mut same = found.len() == expected.len()
            && expected.iter().zip(&found).all(|(expected, found)| is_said(expected, found));
        // What the slot finder refused, where the scenario says.
        if let Some(refused) = ask.get("refused") {
            same &= is_said(refused, &answered.document["refused"]);
        }
        if !same || i64::from(answered.status) != status {
            let refused = answered.document["refused"].as_array().cloned().unwrap_or_default();
            let lines: Vec<String> = found.iter().chain(&refused).map(ToString::to_string).collect();
            wrong.push(format!(
                "{}: `{words}` ended with {} and said:\n{}\n{}",
                file.file_name().unwrap().to_string_lossy(),
                answered.status,
                lines.join("\n"),
                answered.err
            ));
        }
    }
    wrong
}

/// Whether what a scenario says of an entry is so.
fn is_said(expected: &Value, found: &Json) -> bool {
    match (expected, found) {
        (Value::Table(expected), Json::Object(found)) => expected
            .iter()
            .all(|(key, expected)| found.get(key).is_some_and(|found| is_said(expected, found))),
        (Value::Array(expected), Json::Array(found)) => {
            expected.len() == found.len()
                && expected.iter().zip(found).all(|(expected, found)| is_said(expected, found))
        }
        (Value::Datetime(expected), Json::String(found)) => {
            let instant = |text: &str| chrono::DateTime::parse_from_rfc3339(text).unwrap().to_utc();
            instant(&expected.to_string()) == instant(found)
        }
        // A piece of a sentence is enough.
        (Value::String(expected), Json::String(found)) => {
            found == expected || (expected.contains(' ') && found.contains(expected.as_str()))
        }
        (Value::Integer(expected), found) => found.as_i64() == Some(*expected),
        _ => false,
    }
}

/// The scenario's pieces in the files where they belong.
fn write(root: &Path, scenario: &mut Table) {
    let put = |name: &str, text: String| {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    scenario.remove("about");
    if let Some(windows) = scenario.remove("window") {
        let file = Table::from_iter([("window".to_owned(), windows)]);
        put("windows.toml", toml::to_string(&file).unwrap());
    }
    if let Some(Value::Table(releases)) = scenario.remove("release") {
        for (id, release) in releases {
            put(&format!("releases/{id}.toml"), toml::to_string(&release).unwrap());
        }
    }
    if let Some(Value::Table(running)) = scenario.remove("running") {
        for (environment, versions) in running {
            put(&format!("running-{environment}.json"), serde_json::to_string(&versions).unwrap());
        }
    }
    put("tminus.toml", toml::to_string(&scenario).unwrap());
}
