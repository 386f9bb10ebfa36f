use super::*;
use crate::domain::window::WallTime;
use crate::domain::workspace::{Environment, Region};
use crate::domain::{Change, Place, Stage, Status, Value};
use crate::domain::{WindowKind, samples};

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn workspace() -> Workspace {
    let region = |id: &str, zone: Option<Tz>| Region { id: id.to_owned(), time_zone: zone };
    let mut checkout = samples::service("checkout", &[]);
    checkout.escalation = vec!["mira".to_owned(), "@payments".to_owned()];
    let mut payments = samples::service("payments", &[]);
    payments.escalation = vec!["mira".to_owned()];
    Workspace {
        time_zone: chrono_tz::Europe::Berlin,
        environments: vec![Environment {
            id: "production".to_owned(),
            regions: vec![
                region("eu", Some(chrono_tz::Europe::Berlin)),
                region("us", Some(chrono_tz::America::New_York)),
                region("apac", Some(chrono_tz::Australia::Lord_Howe)),
            ],
            capacity: None,
            versions: None,
        }],
        services: vec![checkout, payments],
        releases: vec![samples::release("checkout-4.2", &[("checkout", "4.2.0")], vec![])],
        ..Workspace::default()
    }
}

fn intent(regions: &[(&str, Option<&str>)], from: &str, soak: i64) -> Intent {
    let region = |(id, not_before): &(&str, Option<&str>)| RegionIntent {
        id: (*id).to_owned(),
        not_before: not_before.map(|day| day.parse().unwrap()),
    };
    Intent {
        environment: "production".to_owned(),
        regions: regions.iter().map(region).collect(),
        local: "14:00:00".parse().unwrap(),
        from: utc(from),
        duration: TimeDelta::hours(2),
        soak: TimeDelta::hours(soak),
        strategy: Some(Strategy::Canary),
        steps: vec![5.0, 100.0],
    }
}

fn planned(workspace: &Workspace, intent: &Intent, now: &str) -> (Vec<String>, Vec<(NoticeKind, String)>) {
    let found = plan(workspace, &workspace.releases[0], intent, utc(now));
    let said = |instant: DateTime<Utc>| instant.format("%m-%dT%H:%M").to_string();
    let stages = found.stages.iter().map(|it| {
        assert_eq!(it.local_start.time(), intent.local);
        format!("{} {}..{}", it.region, said(it.start), said(it.end))
    });
    (stages.collect(), found.notices.into_iter().map(|it| (it.kind, it.message)).collect())
}

#[test]
fn every_region_goes_live_at_its_own_hour_after_the_soak_before() {
    let workspace = workspace();
    let regions = [("eu", None), ("us", None), ("apac", None)];
    let (stages, notices) =
        planned(&workspace, &intent(&regions, "2026-06-01T08:00:00Z", 4), "2026-06-01T00:00:00Z");
    // Two in the afternoon in New York is the end of Berlin's soak; Lord Howe's was long before.
    assert_eq!(
        stages,
        ["eu 06-01T12:00..06-01T14:00", "us 06-01T18:00..06-01T20:00", "apac 06-02T03:30..06-02T05:30"]
    );
    let kinds: Vec<_> = notices.iter().map(|it| it.0).collect();
    assert_eq!(kinds, [NoticeKind::AtNight], "{notices:?}");
    assert!(
        notices[0].1.contains("apac: it must be watched at night, from Tue 2 Jun 05:30 CEST"),
        "{notices:?}"
    );
    // An hour more, and New York waits for the day after; so does what follows.
    let (stages, notices) =
        planned(&workspace, &intent(&regions, "2026-06-01T08:00:00Z", 5), "2026-06-01T00:00:00Z");
    assert_eq!(stages[1..], ["us 06-02T18:00..06-02T20:00", "apac 06-03T03:30..06-03T05:30"]);
    assert!(
        notices.iter().any(|it| it.1.contains("us waits: eu soaks until Mon 1 Jun 15:00 EDT")),
        "{notices:?}"
    );
}

#[test]
fn not_before_dates_and_windows_push_a_region_to_a_later_day() {
    let mut workspace = workspace();
    let mut freeze = samples::window("sale", WindowKind::Freeze);
    freeze.regions = Some(vec!["us".to_owned()]);
    freeze.start = WallTime::Local("2026-06-10T00:00:00".parse().unwrap());
    freeze.end = WallTime::Local("2026-06-12T19:00:00".parse().unwrap());
    workspace.windows = vec![freeze];
    let regions = [("us", Some("2026-06-10")), ("eu", None)];
    let (stages, notices) =
        planned(&workspace, &intent(&regions, "2026-06-01T08:00:00Z", 1), "2026-06-01T00:00:00Z");
    assert_eq!(stages, ["us 06-13T18:00..06-13T20:00", "eu 06-14T12:00..06-14T14:00"]);
    assert_eq!(notices[0].0, NoticeKind::Waits);
    assert!(notices[0].1.contains("not before 2026-06-10; then the freeze sale"), "{notices:?}");
    // No day at all: the others are planned all the same.
    workspace.windows[0].end = WallTime::Local("2027-06-12T19:00:00".parse().unwrap());
    let (stages, notices) =
        planned(&workspace, &intent(&regions, "2026-06-01T08:00:00Z", 1), "2026-06-01T00:00:00Z");
    assert_eq!(stages, ["eu 06-01T12:00..06-01T14:00"]);
    assert!(
        notices.iter().any(|it| it.0 == NoticeKind::NoDay && it.1.contains("us finds no day")),
        "{notices:?}"
    );
}

#[test]
fn a_clock_change_between_now_and_then_shows_both_offsets() {
    let workspace = workspace();
    let (stages, notices) =
        planned(&workspace, &intent(&[("eu", None)], "2026-10-24T13:00:00Z", 1), "2026-10-20T00:00:00Z");
    assert_eq!(stages, ["eu 10-25T13:00..10-25T15:00"]);
    assert_eq!(notices[0].0, NoticeKind::ClockChange);
    assert!(notices[0].1.contains("UTC+02:00 now and UTC+01:00 then"), "{notices:?}");
    // Within the soak.
    let (_, notices) =
        planned(&workspace, &intent(&[("eu", None)], "2026-10-24T08:00:00Z", 24), "2026-10-20T00:00:00Z");
    assert!(notices[0].1.contains("UTC+02:00 at its start and UTC+01:00 when its soak ends"), "{notices:?}");
}

#[test]
fn an_hour_that_does_not_occur_is_taken_on_the_next_day_and_said() {
    let workspace = workspace();
    let mut intent = intent(&[("eu", None)], "2026-03-28T12:00:00Z", 1);
    intent.local = "02:30:00".parse().unwrap();
    let (stages, notices) = planned(&workspace, &intent, "2026-03-28T12:00:00Z");
    assert_eq!(stages, ["eu 03-30T00:30..03-30T02:30"]);
    assert_eq!(notices[0].0, NoticeKind::NoSuchHour);
}

#[test]
fn two_soaks_with_one_on_call_are_said() {
    let mut workspace = workspace();
    let mut other = samples::stage("production", "2026-06-01T12:30:00Z", "2026-06-01T13:30:00Z");
    other.soak = Some(TimeDelta::hours(3));
    workspace.releases.push(samples::release("payments-2", &[("payments", "2.0.0")], vec![other]));
    let (_, notices) =
        planned(&workspace, &intent(&[("eu", None)], "2026-06-01T08:00:00Z", 1), "2026-06-01T00:00:00Z");
    assert_eq!(notices.iter().map(|it| it.0).collect::<Vec<_>>(), [NoticeKind::SharedOnCall]);
    assert!(notices[0].1.contains("payments-2") && notices[0].1.contains("mira"), "{notices:?}");
    workspace.services[1].escalation = vec!["ben".to_owned()];
    let (_, notices) =
        planned(&workspace, &intent(&[("eu", None)], "2026-06-01T08:00:00Z", 1), "2026-06-01T00:00:00Z");
    assert!(notices.is_empty(), "{notices:?}");
}

#[test]
fn the_stages_are_written_as_local_times_of_their_region() {
    let workspace = workspace();
    let intent = intent(&[("us", None)], "2026-06-01T08:00:00Z", 1);
    let found = plan(&workspace, &workspace.releases[0], &intent, utc("2026-06-01T00:00:00Z"));
    let changes = found.changes(&workspace, &workspace.releases[0], &intent).unwrap();
    let Change::Add { list, table } = &changes[0] else { panic!("{changes:?}") };
    let value = |key: &str| table.iter().find(|it| it.0 == key).map(|it| it.1.clone());
    assert_eq!(list, "stage");
    assert_eq!(value("start"), Some(Value::Time("2026-06-01T14:00:00".to_owned())));
    assert_eq!(value("end"), Some(Value::Time("2026-06-01T16:00:00".to_owned())));
    assert_eq!((value("region"), value("soak")), (Some(Value::text("us")), Some(Value::text("1h"))));
    assert_eq!(value("time_zone"), None);
}

/// A stage of the release, in a region or in all of them.
fn stage(region: Option<&str>, start: &str, end: &str) -> Stage {
    Stage {
        region: region.map(str::to_owned),
        time_zone: chrono_tz::Europe::Berlin,
        ..samples::stage("production", start, end)
    }
}

/// What a go-live over eu and us, planned on 1 June, does to a release with these stages.
fn fates(stages: Vec<Stage>, regions: &[&str]) -> (Release, Result<Vec<Fate>, String>, Vec<Change>) {
    let mut workspace = workspace();
    workspace.environments[0].regions.truncate(2);
    workspace.releases[0].stages = stages;
    let regions: Vec<_> = regions.iter().map(|id| (*id, None)).collect();
    let intent = intent(&regions, "2026-06-01T08:00:00Z", 1);
    let found = plan(&workspace, &workspace.releases[0], &intent, utc("2026-06-01T08:00:00Z"));
    let release = &workspace.releases[0];
    let fates = found.fates(&workspace, release, &intent);
    let changes = found.changes(&workspace, release, &intent).unwrap_or_default();
    let applied = found.applied(&workspace, release, &intent).unwrap_or_default();
    (applied, fates, changes)
}

#[test]
fn a_region_that_has_a_stage_is_moved_and_never_planned_twice() {
    let eu = stage(Some("eu"), "2026-06-03T10:00:00Z", "2026-06-03T12:00:00Z");
    let (release, found, changes) = fates(vec![eu.clone()], &["eu", "us"]);
    assert_eq!(found, Ok(vec![Fate::Moves(0), Fate::Adds]));
    let regions: Vec<_> = release.stages.iter().map(|stage| stage.region.as_deref().unwrap()).collect();
    assert_eq!(regions, ["eu", "us"]);
    assert_eq!(release.stages[0].start, utc("2026-06-01T12:00:00Z"));
    let set = |key: &str| {
        changes.iter().any(|change| matches!(change, Change::Set { place, key: it, .. } if *place == Place::Nth("stage".into(), 0) && it == key))
    };
    assert!(
        set("start") && set("end") && set("soak") && !set("environment") && !set("time_zone"),
        "{changes:?}"
    );
    assert_eq!(changes.iter().filter(|change| matches!(change, Change::Add { .. })).count(), 1);
    // Planned again on what came of it, nothing is left to do.
    let (again, found, changes) = fates(release.stages.clone(), &["eu", "us"]);
    assert_eq!((found, changes), (Ok(vec![Fate::Stays(0), Fate::Stays(1)]), vec![]));
    assert_eq!(again.stages, release.stages);
}

#[test]
fn a_stage_of_all_regions_becomes_that_of_the_first() {
    let all = stage(None, "2026-06-03T10:00:00Z", "2026-06-03T12:00:00Z");
    let (release, found, changes) = fates(vec![all.clone()], &["us", "eu"]);
    assert_eq!(found, Ok(vec![Fate::Moves(0), Fate::Adds]));
    assert_eq!(release.stages[0].region.as_deref(), Some("us"));
    assert_eq!(release.stages[0].time_zone, chrono_tz::America::New_York);
    // Its own clock counts from now on.
    assert!(
        changes
            .iter()
            .any(|change| matches!(change, Change::Set { key, value: None, .. } if key == "time_zone"))
    );
    let (release, found, _) = fates(vec![all.clone(), all.clone()], &["us", "eu"]);
    assert_eq!((found, release.stages.len()), (Ok(vec![Fate::Moves(0), Fate::Moves(1)]), 2));
    let (_, found, _) = fates(vec![all], &["us"]);
    assert!(found.unwrap_err().contains("eu does not go live"));
}

#[test]
fn what_is_in_the_way_is_said() {
    let at = |region: Option<&str>| stage(region, "2026-06-03T10:00:00Z", "2026-06-03T12:00:00Z");
    for (stages, said) in [
        (vec![at(Some("eu")), at(Some("us")), at(Some("eu"))], "stages 0 and 2 are both in production/eu"),
        (vec![at(None), at(None), at(None)], "stage 2 is in all regions of production, and every"),
        (
            vec![at(Some("eu")), at(None), at(Some("us"))],
            "stage 1 is in all regions of production, and every",
        ),
    ] {
        let (_, found, changes) = fates(stages, &["eu", "us"]);
        assert!(found.as_ref().is_err_and(|why| why.contains(said)), "{said}: {found:?}");
        assert!(changes.is_empty());
    }
    // What runs already is not planned anew.
    let mut workspace = workspace();
    workspace.releases[0].stages = vec![stage(Some("eu"), "2026-06-01T07:00:00Z", "2026-06-01T09:00:00Z")];
    workspace.releases[0].status = Status::InProgress;
    let intent = intent(&[("eu", None)], "2026-06-01T08:00:00Z", 1);
    let found = plan(&workspace, &workspace.releases[0], &intent, utc("2026-06-01T08:00:00Z"));
    let why = found.fates(&workspace, &workspace.releases[0], &intent).unwrap_err();
    assert!(why.contains("has begun: leave eu out"), "{why}");
}
