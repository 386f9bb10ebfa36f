use chrono_tz::Tz;

use super::*;
use crate::domain::WindowKind;

fn window(kind: WindowKind, zone: &str, start: &str, end: &str, repeat: Option<&str>) -> Window {
    Window {
        id: "w".to_owned(),
        kind,
        title: "w".to_owned(),
        start: WallTime::Local(start.parse().unwrap()),
        end: WallTime::Local(end.parse().unwrap()),
        time_zone: zone.parse::<Tz>().unwrap(),
        repeat: repeat.map(str::to_owned),
        environments: None,
        services: None,
        regions: None,
        allow: Vec::new(),
        hard: false,
        skip: Vec::new(),
        also: Vec::new(),
        uid: None,
        layer: None,
        branches: Vec::new(),
    }
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn between(window: &Window, from: &str, to: &str) -> Vec<(String, String)> {
    let said = |instant: DateTime<Utc>| instant.format("%m-%dT%H:%M").to_string();
    let found = occurrences(window, utc(from), utc(to)).unwrap();
    found.iter().map(|one| (said(one.start), said(one.end))).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(start, end)| ((*start).to_owned(), (*end).to_owned())).collect()
}

#[test]
fn wall_time_is_kept_over_a_clock_change() {
    let nightly = window(
        WindowKind::Change,
        "Europe/Berlin",
        "2026-03-27T22:00:00",
        "2026-03-28T05:00:00",
        Some("FREQ=DAILY"),
    );
    assert_eq!(
        between(&nightly, "2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z"),
        pairs(&[("03-28T21:00", "03-29T03:00"), ("03-29T20:00", "03-30T03:00")])
    );
}

#[test]
fn a_skipped_hour_stretches_a_freeze_and_shrinks_a_change_window() {
    let daily = |kind, start: &str, end: &str| {
        let window = window(kind, "Europe/Berlin", start, end, Some("FREQ=DAILY"));
        between(&window, "2026-03-29T00:00:00Z", "2026-03-29T12:00:00Z")
    };
    let (freeze, change) = (WindowKind::Freeze, WindowKind::Change);
    // The start is skipped.
    assert_eq!(
        daily(freeze, "2026-03-20T02:30:00", "2026-03-20T05:00:00"),
        pairs(&[("03-29T01:00", "03-29T03:00")])
    );
    assert_eq!(
        daily(change, "2026-03-20T02:30:00", "2026-03-20T05:00:00"),
        pairs(&[("03-29T01:30", "03-29T03:00")])
    );
    // The end is skipped.
    assert_eq!(
        daily(freeze, "2026-03-20T01:15:00", "2026-03-20T02:30:00"),
        pairs(&[("03-29T00:15", "03-29T01:30")])
    );
    assert_eq!(
        daily(change, "2026-03-20T01:15:00", "2026-03-20T02:30:00"),
        pairs(&[("03-29T00:15", "03-29T01:00")])
    );
    // Both are: the change window does not exist that day.
    assert_eq!(
        daily(freeze, "2026-03-20T02:10:00", "2026-03-20T02:30:00"),
        pairs(&[("03-29T01:00", "03-29T01:30")])
    );
    assert_eq!(daily(change, "2026-03-20T02:10:00", "2026-03-20T02:30:00"), pairs(&[]));
}

#[test]
fn a_repeated_hour_stretches_a_freeze_and_shrinks_a_change_window() {
    let daily = |kind, start: &str, end: &str| {
        let window = window(kind, "America/New_York", start, end, Some("FREQ=DAILY"));
        between(&window, "2026-11-01T04:00:00Z", "2026-11-01T12:00:00Z")
    };
    let (freeze, change) = (WindowKind::Freeze, WindowKind::Change);
    assert_eq!(
        daily(freeze, "2026-10-20T01:30:00", "2026-10-20T03:00:00"),
        pairs(&[("11-01T05:30", "11-01T08:00")])
    );
    assert_eq!(
        daily(change, "2026-10-20T01:30:00", "2026-10-20T03:00:00"),
        pairs(&[("11-01T06:30", "11-01T08:00")])
    );
    assert_eq!(
        daily(freeze, "2026-10-20T00:00:00", "2026-10-20T01:30:00"),
        pairs(&[("11-01T04:00", "11-01T06:30")])
    );
    assert_eq!(
        daily(change, "2026-10-20T00:00:00", "2026-10-20T01:30:00"),
        pairs(&[("11-01T04:00", "11-01T05:30")])
    );
    // Start and end both repeated: nothing is left of the change window.
    assert_eq!(daily(change, "2026-10-20T01:10:00", "2026-10-20T01:50:00"), pairs(&[]));
}

#[test]
fn skip_wins_over_also_and_count_counts_what_is_skipped() {
    let mut daily = window(
        WindowKind::Freeze,
        "Europe/Berlin",
        "2026-06-01T10:00:00",
        "2026-06-01T11:00:00",
        Some("FREQ=DAILY;COUNT=3"),
    );
    daily.skip = vec![
        WallTime::Local("2026-06-02T10:00:00".parse().unwrap()),
        WallTime::Instant("2026-06-08T10:00:00+02:00".parse().unwrap()),
    ];
    daily.also = vec![
        WallTime::Local("2026-06-07T10:00:00".parse().unwrap()),
        WallTime::Local("2026-06-08T10:00:00".parse().unwrap()),
        WallTime::Local("2026-06-01T10:00:00".parse().unwrap()),
    ];
    assert_eq!(
        between(&daily, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
        pairs(&[
            ("06-01T08:00", "06-01T09:00"),
            ("06-03T08:00", "06-03T09:00"),
            ("06-07T08:00", "06-07T09:00")
        ])
    );
}

#[test]
fn until_as_an_instant_and_as_wall_time_differ_by_the_zone() {
    let until = |until: &str| {
        let repeat = format!("FREQ=DAILY;UNTIL={until}");
        let window = window(
            WindowKind::Freeze,
            "America/New_York",
            "2026-07-01T18:00:00",
            "2026-07-01T19:00:00",
            Some(&repeat),
        );
        between(&window, "2026-07-01T00:00:00Z", "2026-08-01T00:00:00Z").len()
    };
    assert_eq!(until("20260703T220000Z"), 3);
    assert_eq!(until("20260703T215959Z"), 2);
    assert_eq!(until("20260703T180000"), 3);
    assert_eq!(until("20260703T180000Z"), 2);
    assert_eq!(until("20260703"), 3);
}

#[test]
fn an_instant_in_a_repeated_hour_is_taken_at_its_word() {
    let mut once =
        window(WindowKind::Freeze, "Europe/Berlin", "2026-10-25T02:30:00", "2026-10-25T04:00:00", None);
    once.start = WallTime::Instant("2026-10-25T02:30:00+01:00".parse().unwrap());
    assert_eq!(
        between(&once, "2026-10-25T00:00:00Z", "2026-10-26T00:00:00Z"),
        pairs(&[("10-25T01:30", "10-25T03:00")])
    );
}

#[test]
fn only_what_touches_the_half_open_range_is_found() {
    let once = window(WindowKind::Freeze, "UTC", "2026-05-01T10:00:00", "2026-05-01T12:00:00", None);
    assert!(between(&once, "2026-05-01T12:00:00Z", "2026-05-02T00:00:00Z").is_empty());
    assert!(between(&once, "2026-04-01T12:00:00Z", "2026-05-01T10:00:00Z").is_empty());
    assert_eq!(between(&once, "2026-05-01T11:59:59Z", "2026-05-02T00:00:00Z").len(), 1);
}

#[test]
fn an_old_endless_rule_is_as_quick_as_a_young_one() {
    let began = std::time::Instant::now();
    for minute in 0..500 {
        let start = NaiveDateTime::parse_from_str("1990-01-01T00:00:00", "%Y-%m-%dT%H:%M:%S").unwrap()
            + TimeDelta::minutes(minute);
        let mut window =
            window(WindowKind::Freeze, "Europe/Berlin", "1990-01-01T00:00:00", "1990-01-01T01:00:00", None);
        window.start = WallTime::Local(start);
        window.end = WallTime::Local(start + TimeDelta::hours(1));
        window.repeat = Some("FREQ=DAILY".to_owned());
        let found = occurrences(&window, utc("2026-01-01T00:00:00Z"), utc("2026-04-01T00:00:00Z")).unwrap();
        // A window wholly inside the skipped hour does not exist on that night.
        assert!((89..=91).contains(&found.len()), "{minute}: {}", found.len());
    }
    // Generous: an unoptimised build on a busy machine. A walk from 1990 would take minutes.
    assert!(began.elapsed().as_secs() < 10, "{:?}", began.elapsed());
}
