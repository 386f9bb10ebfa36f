//! Ten thousand broken answers, straight through what reads them: none may panic.

use std::path::Path;

use chrono::DateTime;
use serde::de::DeserializeOwned;

use super::alertmanager::wire as alertmanager;
use super::jira::{issue, wire as jira};
use super::prometheus::grid::Frame;
use super::prometheus::wire as prometheus;
use crate::domain::question::Span;

/// Broken answers a run.
const MUTATIONS: usize = 10_000;
/// What a parser may stumble over.
const ODD: [&[u8]; 18] = [
    b"null",
    b"[]",
    b"{}",
    b"\"\"",
    b"-1",
    b"1e999",
    b"\"NaN\"",
    b"\"-Inf\"",
    b"true",
    b"\\u0000",
    b"\\ud800",
    b"\x1b[2J",
    b"\xff\xfe",
    b"99999999999999999999999",
    b"\"-9999-99-99\"",
    b"\"+262142-12-31T23:59:59Z\"",
    b"{\"a\":",
    b"[[[[",
];

fn tokens(body: &[u8]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut start = None;
    for (at, byte) in body.iter().enumerate() {
        let inside = !matches!(byte, b'{' | b'}' | b'[' | b']' | b':' | b',' | b' ' | b'\n');
        match (inside, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                found.push((from, at));
                start = None;
            }
            _ => {}
        }
    }
    found
}

fn mutate(random: &mut fastrand::Rng, original: &[u8]) -> Vec<u8> {
    let mut body = original.to_vec();
    for _ in 0..random.usize(1..5) {
        if body.is_empty() {
            break;
        }
        let at = random.usize(..body.len());
        match random.u8(..6) {
            0 => body[at] = random.u8(..),
            1 => body.insert(at, random.u8(..)),
            2 => body.truncate(at),
            3 => {
                let end = (at + random.usize(..64)).min(body.len());
                let part = body[at..end].to_vec();
                body.splice(at..at, part);
            }
            // Valid JSON of the wrong kind gets further than noise does.
            _ => {
                let tokens = tokens(&body);
                if let Some((from, to)) = random.choice(tokens) {
                    body.splice(from..to, random.choice(ODD).unwrap_or_default().iter().copied());
                }
            }
        }
    }
    body
}

fn takes<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    serde_json::from_slice(body).ok()
}

/// Reads it as everything that it could be asked to be; how many took it.
fn read(body: &[u8]) -> usize {
    let mut taken = 0;
    let frame = Frame::of(
        Span { end: None, seconds: 3600, step: 15 },
        DateTime::from_timestamp(1 << 30, 0).unwrap_or_default(),
    );
    if let Some(prometheus::Envelope { data: Some(data), .. }) =
        takes::<prometheus::Envelope<prometheus::Data>>(body)
    {
        taken += 1;
        if let prometheus::Data::Matrix(matrix) = data {
            for series in matrix {
                assert_eq!(frame.place(&series.values).values.len(), frame.points());
            }
        }
    }
    taken += usize::from(
        takes::<prometheus::Envelope<prometheus::Alerts>>(body).is_some_and(|it| it.data.is_some()),
    );
    taken += usize::from(
        takes::<prometheus::Envelope<prometheus::Build>>(body).is_some_and(|it| it.data.is_some()),
    );
    taken += usize::from(takes::<Vec<alertmanager::Alert>>(body).is_some());
    taken += usize::from(takes::<Vec<alertmanager::Silence>>(body).is_some());
    taken += usize::from(takes::<alertmanager::Status>(body).is_some());
    taken += usize::from(takes::<alertmanager::Refusal>(body).is_some());
    taken += usize::from(takes::<jira::ServerInfo>(body).is_some());
    taken += usize::from(takes::<jira::Myself>(body).is_some());
    taken += usize::from(takes::<jira::Versions>(body).is_some());
    taken += usize::from(takes::<jira::Version>(body).is_some());
    taken += usize::from(takes::<jira::Related>(body).is_some());
    taken += usize::from(takes::<jira::Refusal>(body).is_some());
    if let Some(page) = takes::<jira::IssuePage>(body) {
        taken += 1;
        for found in page.issues {
            let ticket = issue::ticket(found, &["is blocked by".to_owned()]);
            assert!(!ticket.key.as_str().contains('\u{1b}'));
        }
    }
    taken
}

#[test]
fn ten_thousand_broken_answers_do_no_harm() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/backend/fixtures");
    let mut originals = Vec::new();
    for kind in ["prometheus", "jira"] {
        for entry in std::fs::read_dir(folder.join(kind)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|end| end == "json") {
                originals.push(std::fs::read(path).unwrap());
            }
        }
    }
    // Long ones teach no more, and take long.
    originals.retain(|body| body.len() < 64 << 10);
    assert!(originals.len() > 20);
    let mut random = fastrand::Rng::with_seed(11);
    let (mut taken, mut refused) = (0, 0);
    for number in 0..MUTATIONS {
        let body = mutate(&mut random, &originals[number % originals.len()]);
        if read(&body) > 0 { taken += 1 } else { refused += 1 }
    }
    assert!(taken > MUTATIONS / 20 && refused > MUTATIONS / 20, "{taken} taken, {refused} refused");
}
