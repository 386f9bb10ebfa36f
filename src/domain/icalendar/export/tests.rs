use super::*;
use crate::domain::icalendar::read;
use crate::domain::recurrence::occurrences;
use crate::domain::release::Status;
use crate::domain::samples;
use crate::domain::window::{WallTime, Window, WindowKind};

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn all() -> Wanted {
    Wanted { from: None, to: None, layers: Vec::new(), now: utc("2026-06-01T00:00:00Z") }
}

fn exported(workspace: &Workspace) -> String {
    let events = events(workspace, &all()).into_iter().map(|event| (event, Revision::default()));
    calendar("Storefront", &events.collect::<Vec<_>>(), all().now)
}

fn window(zone: &str, start: &str, end: &str, repeat: Option<&str>, kind: WindowKind) -> Window {
    let mut window = samples::window("w", kind);
    window.time_zone = zone.parse().unwrap();
    window.start = WallTime::Local(start.parse().unwrap());
    window.end = WallTime::Local(end.parse().unwrap());
    window.repeat = repeat.map(str::to_owned);
    window
}

/// What a window is and what comes back of it, in some years.
fn there_and_back(window: &Window) {
    let workspace = Workspace { windows: vec![window.clone()], ..Workspace::default() };
    let text = exported(&workspace);
    let (from, to) = (utc("2025-06-01T00:00:00Z"), utc("2030-01-01T00:00:00Z"));
    let pairs = |window: &Window| -> Vec<_> {
        occurrences(window, from, to).unwrap().iter().map(|one| (one.start, one.end)).collect()
    };
    let reading = read(text.as_bytes(), chrono_tz::Asia::Tokyo);
    assert_eq!(reading.skipped, [], "{text}");
    let mut back: Vec<_> =
        reading.drafts.iter().flat_map(|draft| pairs(&draft.window("w", WindowKind::Freeze))).collect();
    back.sort_unstable();
    assert_eq!(back, pairs(window), "{window:?}\n{text}");
}

#[test]
fn windows_come_back_as_they_were_over_every_clock_change() {
    for kind in [WindowKind::Freeze, WindowKind::Change] {
        for zone in ["Europe/Berlin", "Australia/Lord_Howe", "UTC"] {
            for (start, end) in [
                ("2026-01-01T02:30:00", "2026-01-01T05:00:00"),
                ("2026-01-01T01:15:00", "2026-01-01T02:30:00"),
                ("2026-01-01T02:10:00", "2026-01-01T02:30:00"),
                ("2026-01-01T22:00:00", "2026-01-02T05:00:00"),
                ("2026-01-01T00:00:00", "2026-01-02T00:00:00"),
            ] {
                for repeat in [
                    None,
                    Some("FREQ=DAILY"),
                    Some("FREQ=WEEKLY;BYDAY=SU;UNTIL=20271031"),
                    Some("FREQ=MONTHLY;BYDAY=-1SU;COUNT=20"),
                ] {
                    there_and_back(&window(zone, start, end, repeat, kind));
                }
            }
        }
    }
}

#[test]
fn what_is_left_out_and_added_comes_back() {
    let mut window = window(
        "Europe/Berlin",
        "2026-01-01T09:00:00",
        "2026-01-01T17:00:00",
        Some("FREQ=WEEKLY;BYDAY=FR"),
        WindowKind::Freeze,
    );
    window.skip = vec![WallTime::Local("2026-01-09T09:00:00".parse().unwrap())];
    window.also = vec![WallTime::Local("2026-03-29T02:30:00".parse().unwrap())];
    there_and_back(&window);
    window.repeat = None;
    there_and_back(&window);
    window.repeat = Some("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30".to_owned());
    there_and_back(&window);
}

#[test]
fn stages_go_out_with_their_status_place_and_zone() {
    let mut stage = samples::stage("production", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z");
    stage.time_zone = chrono_tz::Europe::Berlin;
    stage.region = Some("eu".to_owned());
    let mut release = samples::release("checkout-4.2", &[("checkout", "4.2.0")], vec![stage]);
    release.title = "Checkout, 4.2; finally".to_owned();
    release.status = Status::Draft;
    let workspace =
        Workspace { name: "Storefront".to_owned(), releases: vec![release.clone()], ..Workspace::default() };
    let text = exported(&workspace).replace("\r\n ", "");
    for line in [
        "UID:stage-0.checkout-4.2@storefront.tminus",
        "SUMMARY:Checkout\\, 4.2\\; finally → production/eu",
        // Ends with the second 02:30 of that night: no wall time says it.
        "DTSTART:20261025T003000Z",
        "DTEND:20261025T013000Z",
        "STATUS:TENTATIVE",
        "CATEGORIES:release,normal,production",
        "SEQUENCE:0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    release.status = Status::Cancelled;
    let workspace = Workspace { releases: vec![release], ..workspace };
    assert!(exported(&workspace).contains("STATUS:CANCELLED"));
}

#[test]
fn layers_and_ranges_choose() {
    let stage = samples::stage("staging", "2026-11-25T10:00:00Z", "2026-11-25T11:00:00Z");
    let mut holidays =
        window("UTC", "2026-01-01T00:00:00", "2026-01-02T00:00:00", Some("FREQ=YEARLY"), WindowKind::Freeze);
    holidays.layer = Some("holidays".to_owned());
    let workspace = Workspace {
        releases: vec![samples::release("r", &[], vec![stage])],
        windows: vec![holidays, samples::window("once", WindowKind::Change)],
        ..Workspace::default()
    };
    let count = |wanted: Wanted| events(&workspace, &wanted).len();
    assert_eq!(count(all()), 3);
    assert_eq!(count(Wanted { layers: vec!["holidays".to_owned()], ..all() }), 1);
    assert_eq!(count(Wanted { layers: vec![RELEASES.to_owned()], ..all() }), 1);
    assert_eq!(count(Wanted { from: Some(utc("2026-11-25T11:00:00Z")), ..all() }), 1);
    assert_eq!(count(Wanted { to: Some(utc("2026-11-25T10:00:00Z")), ..all() }), 2);
}
