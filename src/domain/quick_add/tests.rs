use super::*;
use crate::domain::{ChangeType, Environment, Region, Release, Service, Status};

/// Friday.
const NOW: &str = "2026-11-20T09:00:00Z";

fn workspace() -> Workspace {
    let region = |id: &str, zone: Tz| Region { id: id.to_owned(), time_zone: Some(zone) };
    let environment = |id: &str, regions: Vec<Region>| Environment {
        id: id.to_owned(),
        regions,
        capacity: None,
        versions: None,
    };
    let service = |id: &str, owner: &str| Service {
        id: id.to_owned(),
        owner: Some(owner.to_owned()),
        ..Service::default()
    };
    Workspace {
        time_zone: Tz::Europe__Berlin,
        environments: vec![
            environment("staging", Vec::new()),
            environment(
                "production",
                vec![region("eu", Tz::Europe__Berlin), region("us", Tz::America__New_York)],
            ),
        ],
        services: vec![
            service("checkout", "team-payments"),
            service("catalog", "lu"),
            service("search", "mira"),
        ],
        ..Workspace::default()
    }
}

fn add(line: &str) -> Understood {
    quick_add(line, &workspace(), NOW.parse().unwrap())
        .unwrap_or_else(|mistakes| panic!("{line}: {mistakes:?}"))
}

fn wrong(line: &str) -> (String, String) {
    let mistakes = quick_add(line, &workspace(), NOW.parse().unwrap()).unwrap_err();
    (line[mistakes[0].span.clone()].to_owned(), mistakes[0].message.clone())
}

/// Every stage as `production/eu 2026-11-24T13:00Z 2026-11-24T15:00Z`.
fn stages(understood: &Understood) -> Vec<String> {
    let stages = understood.new.stages.iter().zip(&understood.times);
    stages
        .map(|(stage, times)| {
            let region = stage.region.as_ref().map_or(String::new(), |region| format!("/{region}"));
            let time = |time: DateTime<Utc>| time.format("%m-%dT%H:%MZ").to_string();
            format!("{}{region} {} {}", stage.environment, time(times.start), time(times.end))
        })
        .collect()
}

#[test]
fn the_line_of_the_documentation() {
    let found = add("checkout 4.2 canary prod eu tue 14:00-16:00 @team");
    assert_eq!(found.new.id, "checkout-4.2");
    assert_eq!(found.new.title.as_deref(), Some("Checkout 4.2"));
    assert_eq!(found.new.items, [("checkout".to_owned(), "4.2".to_owned())]);
    assert_eq!(found.new.owner.as_deref(), Some("team-payments"));
    assert_eq!(found.new.stages[0].strategy.as_deref(), Some("canary"));
    assert_eq!(found.new.stages[0].start, "2026-11-24T14:00:00");
    assert_eq!(found.new.stages[0].time_zone, None);
    assert_eq!(stages(&found), ["production/eu 11-24T13:00Z 11-24T15:00Z"]);
    assert_eq!(
        found.times[0].sentence(),
        "Tue 2026-11-24 14:00 to 16:00 Europe/Berlin (+01:00), 13:00 to 15:00 UTC"
    );
    let said: Vec<&str> = found.notices.iter().map(|notice| notice.message.as_str()).collect();
    assert_eq!(said, ["`@team` is taken as team-payments"]);
}

#[test]
fn a_region_has_its_own_clock_and_each_its_stage() {
    let found = add("checkout 4.2 prod eu us tomorrow 14-16");
    assert_eq!(
        stages(&found),
        ["production/eu 11-21T13:00Z 11-21T15:00Z", "production/us 11-21T19:00Z 11-21T21:00Z"]
    );
    let found = add("checkout 4.2 prod eu,us 25 nov 14:00 for 90m Asia/Tokyo");
    assert_eq!(
        stages(&found),
        ["production/eu 11-25T05:00Z 11-25T06:30Z", "production/us 11-25T05:00Z 11-25T06:30Z"]
    );
    assert_eq!(found.new.stages[0].time_zone.as_deref(), Some("Asia/Tokyo"));
}

#[test]
fn what_is_said_after_a_place_is_of_that_place() {
    let found = add(
        "checkout 4.2 catalog@1.0 staging tue 10-11 production/eu canary 14-16 steps 5,25,100 soak 1h 30m emergency draft \"Big one\"",
    );
    assert_eq!(
        stages(&found),
        ["staging 11-24T09:00Z 11-24T10:00Z", "production/eu 11-24T13:00Z 11-24T15:00Z"]
    );
    let [staging, production] = &found.new.stages[..] else { panic!() };
    assert_eq!((staging.strategy.as_deref(), staging.steps.len()), (None, 0));
    assert_eq!(production.steps, [5.0, 25.0, 100.0]);
    assert_eq!(production.soak.as_deref(), Some("1h 30m"));
    assert_eq!((found.new.change, found.new.status), (ChangeType::Emergency, Status::Draft));
    assert_eq!(found.new.title.as_deref(), Some("Big one"));
    assert_eq!(found.new.id, "checkout-4.2-catalog-1.0");
}

#[test]
fn days_in_every_spelling() {
    for (day, start) in [
        ("mon", "11-23"),
        ("next tue", "11-24"),
        ("fri", "11-20"),
        ("2026-12-24", "12-24"),
        ("24 dec", "12-24"),
        ("dec 24", "12-24"),
        ("24 dec 2026", "12-24"),
        ("24.12.", "12-24"),
        ("+3d", "11-23"),
        ("today", "11-20"),
    ] {
        let found = add(&format!("checkout 4.2 staging {day} 14:00-16:00"));
        assert_eq!(stages(&found), [format!("staging {start}T13:00Z {start}T15:00Z")], "{day}");
    }
    let found = add("checkout 4.2 staging +2h for 30m");
    assert_eq!(stages(&found), ["staging 11-20T11:00Z 11-20T11:30Z"]);
    for time in ["14:00 - 16:00", "14:00 to 16:00", "2pm-4pm", "14:00 until 16:00", "at 14:00 for 2h"] {
        let found = add(&format!("checkout 4.2 staging mon {time}"));
        assert_eq!(stages(&found), ["staging 11-23T13:00Z 11-23T15:00Z"], "{time}");
    }
}

#[test]
fn what_was_taken_is_said() {
    let notices =
        |line: &str| -> Vec<String> { add(line).notices.into_iter().map(|notice| notice.message).collect() };
    assert_eq!(notices("checkout 4.2 staging 14-16"), ["no day is said: Fri 2026-11-20 is taken"]);
    assert_eq!(notices("checkout 4.2 staging 8-9"), ["no day is said: Sat 2026-11-21 is taken"]);
    assert_eq!(notices("checkout 4.2 staging fri 22-2"), ["ends on the next day, Sat 2026-11-21"]);
    assert_eq!(notices("checkout 4.2 staging 2026-01-05 10-11"), ["this lies in the past"]);
    let twice = notices("checkout 4.2 staging 2027-10-31 02:30-04:00");
    assert!(twice[0].contains("occurs twice in Europe/Berlin") && twice[0].contains("+02:00"), "{twice:?}");
    assert!(notices("checkout 4.2 staging fri 14-16 @nobody")[0].contains("nobody here is called nobody"));
}

#[test]
fn what_is_wrong_is_said_in_its_place() {
    for (line, place, said) in [
        ("checkot 4.2 prod eu tue 14-16", "checkot", "did you mean `checkout`?"),
        ("checkout prod tue 14-16", "checkout", "has no version"),
        ("checkout 4.2 prodction tue 14-16", "prodction", "did you mean `production`?"),
        ("checkout 4.2 prod asia tue 14-16", "asia", "regions of production are eu, us"),
        ("checkout 4.2 prod eu tue 14:00", "14:00", "14:00 for 2h"),
        ("checkout 4.2 prod eu tue", "prod", "no time for production"),
        ("checkout 4.2 prod 14-16 EST", "EST", "America/New_York"),
        (
            "checkout 4.2 prod eu 2027-03-28 02:30-04:00",
            "02:30-04:00",
            "the next valid time is 2027-03-28T03:00:00",
        ),
        ("checkout 4.2 tue 14-16", "", "no environment"),
        ("prod tue 14-16", "", "begin with one, checkout 4.2.0"),
        ("checkout 4.2 checkout 4.3 prod tue 14-16", "checkout 4.3", "is there twice"),
        ("ca 1.0 prod tue 14-16", "ca", "may be"),
        ("checkout 4.2 prod tue 14-16 steps 50,5", "steps 50,5", "rising percentages"),
        ("checkout 4.2 prod eu tue 14-16 prod eu tue 15-17", "eu", "two stages at once"),
        ("checkout 4.2 prod tue 14-16 \"open", "\"open", "does not end"),
        ("checkout 4.2 eu tue 14-16", "eu", "say in which environment"),
        ("checkout 4.2 staging prod tue 14-16", "staging", "no time for staging"),
        ("checkout 4.2 prod eu tue 25:00 for 2h", "25:00", "no time of day"),
        ("checkout 4.2 prod eu tue 14:60-16:00", "14:60-16:00", "did you mean 15:00?"),
        ("checkout 4.2 prod eu tue 14:00 to 25:00", "25:00", "did you mean 01:00 of the next day?"),
        ("checkout 4.2 prod eu tue 14:00 until 25:00", "until 25:00", "did you mean 01:00 of the next day?"),
        ("checkout 4.2 prod eu 30 Feb 14-16", "30 Feb", "February ends on the 28th"),
        ("checkout 4.2 prod eu 2026-13-01 14-16", "2026-13-01", "did you mean 2026-01-13?"),
        ("checkout 4.2 prod eu Feb 30, 14-16", "Feb 30,", "February ends on the 28th"),
    ] {
        let (found, message) = wrong(line);
        assert_eq!(found, place, "{line}: {message}");
        assert!(message.contains(said), "{line}: {message}");
    }
}

#[test]
fn an_id_is_not_given_twice() {
    let mut workspace = workspace();
    workspace.releases = vec![Release { id: "checkout-4.2".to_owned(), ..Release::default() }];
    let found = quick_add("checkout 4.2 draft", &workspace, NOW.parse().unwrap()).unwrap();
    assert_eq!(found.new.id, "checkout-4.2-2");
}

#[test]
fn the_word_under_the_cursor_is_completed() {
    let words = |line: &str| -> Vec<String> {
        let found = offers(line, line.len(), &workspace());
        found.offers.into_iter().map(|offer| offer.word).collect()
    };
    assert_eq!(words("checkout 4.2 pro")[0], "production");
    assert_eq!(words("che")[0], "checkout");
    assert_eq!(words("checkout 4.2 prod ")[..2], ["eu", "us"]);
    assert_eq!(words("checkout 4.2 prod eu @te"), ["@team-payments"]);
    assert_eq!(words("checkout 4.2 prod eu new_y"), ["America/New_York"]);
    assert!(words("checkout 4.2 \"a tit").is_empty());
    let found = offers("x é", 3, &workspace());
    assert_eq!(found.span, 2..2);
}

#[test]
fn a_workspace_without_services_takes_any() {
    let empty = Workspace { services: Vec::new(), ..workspace() };
    let found = quick_add("anything v1 staging fri 14-16", &empty, NOW.parse().unwrap()).unwrap();
    assert_eq!(found.new.items, [("anything".to_owned(), "v1".to_owned())]);
}

proptest::proptest! {
    #[test]
    fn no_line_is_too_odd(line in "[a-z0-9@#\":+,/é \\-.]{0,60}", cursor in 0_usize..70) {
        let workspace = workspace();
        if let Err(mistakes) = quick_add(&line, &workspace, NOW.parse().unwrap()) {
            for mistake in mistakes {
                proptest::prop_assert!(line.get(mistake.span.clone()).is_some(), "{:?}", mistake);
            }
        }
        let found = offers(&line, cursor, &workspace);
        proptest::prop_assert!(line.get(found.span).is_some());
    }
}
