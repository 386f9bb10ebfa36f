use super::*;
use crate::domain::samples;
use crate::domain::window::WallTime;

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn window(id: &str, kind: WindowKind, start: &str, end: &str, repeat: Option<&str>) -> Window {
    let mut window = samples::window(id, kind);
    window.start = WallTime::Local(start.parse().unwrap());
    window.end = WallTime::Local(end.parse().unwrap());
    window.time_zone = chrono_tz::Europe::Berlin;
    window.repeat = repeat.map(str::to_owned);
    window
}

fn subject(exceptions: &[Exception]) -> Subject<'_> {
    Subject {
        environment: "production",
        region: Some("eu"),
        services: vec!["checkout"],
        change: ChangeType::Normal,
        exceptions,
    }
}

fn office() -> Window {
    let rule = Some("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH");
    window("office", WindowKind::Change, "2026-01-05T09:00:00", "2026-01-05T17:00:00", rule)
}

fn year_end() -> Window {
    let mut freeze = window(
        "year-end",
        WindowKind::Freeze,
        "2025-12-18T18:00:00",
        "2026-01-04T06:00:00",
        Some("FREQ=YEARLY"),
    );
    freeze.allow = vec![ChangeType::Emergency];
    freeze
}

#[test]
fn the_next_allowed_start_clears_freezes_and_fits_a_window() {
    let almanac = Almanac::new(&[office(), year_end()], []);
    let decide = |start: &str, hours: i64| {
        let start = utc(start);
        decide(&almanac, &subject(&[]), start, start + TimeDelta::hours(hours), None)
    };
    let open = decide("2026-12-17T08:00:00Z", 8);
    assert_eq!((open.verdict, open.next), (Verdict::Allow, None));
    assert_eq!(open.opening.map(|(window, _)| window.id.as_str()), Some("office"));
    // Friday: outside, and then the freeze; the 4th of January is a Monday, frozen until 6.
    let frozen = decide("2026-12-18T16:30:00Z", 2);
    assert_eq!(frozen.verdict, Verdict::Deny);
    assert_eq!(frozen.denying().map(|it| it.window.id.as_str()).collect::<Vec<_>>(), ["year-end"]);
    assert!(frozen.is_outside());
    assert_eq!(frozen.next, Some(utc("2027-01-04T08:00:00Z")));
    // Too long for any occurrence.
    assert_eq!(decide("2026-12-17T08:00:00Z", 9).next, None);
    // An instant.
    assert_eq!(decide("2026-12-17T16:00:00Z", 0).verdict, Verdict::Deny);
    assert_eq!(decide("2026-12-17T15:59:59Z", 0).verdict, Verdict::Allow);
}

#[test]
fn an_exception_lets_through_its_freeze_until_it_lapses_and_no_window() {
    let mut windows = vec![year_end()];
    let ask = |windows: &[Window], exceptions: &[Exception]| {
        let almanac = Almanac::new(windows, []);
        let (start, end) = (utc("2026-12-21T10:00:00Z"), utc("2026-12-21T12:00:00Z"));
        decide(&almanac, &subject(exceptions), start, end, None).verdict
    };
    assert_eq!(ask(&windows, &[]), Verdict::Deny);
    assert_eq!(
        ask(&windows, &[samples::exception("year-end", "2026-12-21T12:00:00Z")]),
        Verdict::AllowByException
    );
    assert_eq!(ask(&windows, &[samples::exception("year-end", "2026-12-21T11:59:59Z")]), Verdict::Deny);
    assert_eq!(ask(&windows, &[samples::exception("other", "2027-12-21T12:00:00Z")]), Verdict::Deny);
    windows[0].hard = true;
    assert_eq!(ask(&windows, &[samples::exception("year-end", "2027-12-21T12:00:00Z")]), Verdict::Deny);
    let mut office = office();
    office.end = WallTime::Local("2026-01-05T10:00:00".parse().unwrap());
    assert_eq!(ask(&[office], &[samples::exception("office", "2027-12-21T12:00:00Z")]), Verdict::Deny);
}

#[test]
fn a_scope_matches_by_each_of_its_lists() {
    let list = |word: &str| Some(vec!["other".to_owned(), word.to_owned()]);
    let mut window = office();
    assert!(applies(&window, &subject(&[])));
    for (environments, services, regions, expected) in [
        (list("production"), list("checkout"), list("eu"), true),
        (list("staging"), None, None, false),
        (None, list("payments"), None, false),
        (None, None, list("us"), false),
    ] {
        (window.environments, window.services, window.regions) = (environments, services, regions);
        assert_eq!(applies(&window, &subject(&[])), expected);
    }
    // In every region, so in any that is listed.
    let everywhere = Subject { region: None, ..subject(&[]) };
    (window.environments, window.services, window.regions) = (None, None, list("us"));
    assert!(applies(&window, &everywhere));
}

#[test]
fn a_soak_has_a_runway_until_the_next_freeze() {
    let almanac = Almanac::new(&[year_end()], []);
    let (start, end) = (utc("2026-12-18T14:00:00Z"), utc("2026-12-18T16:00:00Z"));
    let soak = |minutes: i64| {
        let found = decide(&almanac, &subject(&[]), start, end, Some(TimeDelta::minutes(minutes)));
        assert_eq!(found.verdict, Verdict::Allow);
        found.runway.iter().map(|frozen| (frozen.end - frozen.start).num_minutes()).collect::<Vec<_>>()
    };
    assert_eq!(soak(60), Vec::<i64>::new());
    assert_eq!(soak(61), [1]);
}

proptest::proptest! {
    /// The next allowed start is allowed, and no quarter of an hour before it is.
    #[test]
    fn nothing_before_the_next_allowed_start_is_allowed(
        hour in 0_i64..400, length in 1_i64..9, weekday in 0_usize..5, freeze in 1_i64..60,
    ) {
        let day = ["MO", "TU", "WE", "FR", "SU"][weekday];
        let rule = format!("FREQ=WEEKLY;BYDAY={day}");
        let windows = [
            window("open", WindowKind::Change, "2026-10-01T22:00:00", "2026-10-02T06:00:00", Some(&rule)),
            office(),
            window("short", WindowKind::Freeze, "2026-10-01T20:00:00", "2026-10-02T01:00:00", Some("FREQ=DAILY;INTERVAL=3")),
            Window { end: WallTime::Local("2026-10-20T00:00:00".parse::<chrono::NaiveDateTime>().unwrap() + TimeDelta::hours(freeze)),
                ..window("once", WindowKind::Freeze, "2026-10-20T00:00:00", "2026-10-20T01:00:00", None) },
        ];
        let start = utc("2026-10-10T00:00:00Z") + TimeDelta::hours(hour);
        let length = TimeDelta::hours(length);
        let wide = Almanac::new(&windows, [(start - TimeDelta::days(9), start + TimeDelta::days(500))]);
        let narrow = Almanac::new(&windows, []);
        let next = next_allowed(&wide, &subject(&[]), start, length);
        proptest::prop_assert_eq!(next, next_allowed(&narrow, &subject(&[]), start, length));
        let allowed = |at: DateTime<Utc>| decide(&wide, &subject(&[]), at, at + length, None).verdict == Verdict::Allow;
        if let Some(next) = next {
            proptest::prop_assert!(allowed(next));
            let mut at = start;
            while at < next && at < start + TimeDelta::days(20) {
                proptest::prop_assert!(!allowed(at), "{} is before {}", at, next);
                at += TimeDelta::minutes(15);
            }
        }
    }
}
