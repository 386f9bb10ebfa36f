//! Every occurrence as `icalendar` with `recurring_ical_events` see it.

use std::process::Command;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Deserialize;
use tminus::domain::WindowKind;
use tminus::domain::icalendar::read;
use tminus::domain::recurrence::occurrences;

/// Start, end, title.
type Found = (String, String, String);

/// A generated file and what the other implementation makes of it.
#[derive(Deserialize)]
struct Case {
    ics: String,
    zone: String,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    occurrences: Vec<Found>,
}

/// Our occurrences in [from, to), sorted.
pub fn ours(bytes: &[u8], zone: &str, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Found> {
    let zone: Tz = zone.parse().unwrap();
    let said = |instant: DateTime<Utc>| instant.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let mut found = Vec::new();
    for draft in read(bytes, zone).drafts {
        let window = draft.window("w", WindowKind::Freeze);
        for one in occurrences(&window, from, to).unwrap() {
            found.push((said(one.start), said(one.end), window.title.clone()));
        }
    }
    found.sort();
    found
}

/// The other implementation; `None`: it is not installed and need not be.
pub fn oracle(arguments: &[&str]) -> Option<String> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/icalendar/oracle.py");
    let output = Command::new("python3").arg(script).args(arguments).output().ok()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if said.contains("ModuleNotFoundError") {
        assert!(std::env::var_os("TMINUS_REQUIRE_SERVERS").is_none(), "{said}");
        return None;
    }
    assert!(output.status.success(), "{said}");
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn made_up_series_around_clock_changes_happen_when_the_others_say() {
    let count = std::env::var("TMINUS_CASES").unwrap_or_else(|_| "300".to_owned());
    let seed = std::env::var("TMINUS_SEED").unwrap_or_else(|_| "1".to_owned());
    let Some(text) = oracle(&["generate", &seed, &count]) else { return };
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for line in text.lines() {
        let mut case: Case = serde_json::from_str(line).unwrap();
        let mut found = ours(case.ics.as_bytes(), &case.zone, case.from, case.to);
        // The other counts an occurrence that is there twice once.
        found.dedup();
        case.occurrences.sort();
        seen += 1;
        if found != case.occurrences {
            let ours: Vec<_> = found.iter().filter(|one| !case.occurrences.contains(one)).take(4).collect();
            let theirs: Vec<_> = case.occurrences.iter().filter(|one| !found.contains(one)).take(4).collect();
            wrong.push(format!(
                "{}\nzone {}\nonly ours {ours:#?}\nonly theirs {theirs:#?}",
                case.ics, case.zone
            ));
        }
    }
    assert!(seen > 0);
    assert!(
        wrong.is_empty(),
        "{} of {seen} differ\n{}",
        wrong.len(),
        wrong.iter().take(6).cloned().collect::<Vec<_>>().join("\n")
    );
}
