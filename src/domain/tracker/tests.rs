//! Versions and plans that agree, differ, or miss each other.

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::adopt::NoAdoption;
use super::*;
use crate::domain::question::TrackerVersion;
use crate::domain::release::TrackerRef;
use crate::domain::samples::{release, service, stage};
use crate::domain::workspace::BackendConfig;
use crate::domain::{Environment, Failure, FailureKind, Status};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn version(name: &str, date: Option<&str>) -> TrackerVersion {
    TrackerVersion {
        id: "10".into(),
        name: name.into(),
        release_date: date.map(day),
        ..TrackerVersion::default()
    }
}

fn reference(version: &str) -> TrackerRef {
    TrackerRef::parse(&format!("jira:PAY/{version}")).unwrap()
}

fn planned(id: &str, version: &str, end: &str) -> Release {
    Release {
        tracker: Some(reference(version)),
        ..release(id, &[("checkout", version)], vec![stage("production", "2026-11-25T10:00:00Z", end)])
    }
}

fn pay() -> Project {
    Project { backend: "jira".into(), key: "PAY".into() }
}

fn workspace(releases: Vec<Release>) -> Workspace {
    let environment =
        Environment { id: "production".into(), regions: Vec::new(), capacity: None, versions: None };
    Workspace {
        time_zone: Tz::Europe__Berlin,
        environments: vec![environment],
        services: vec![service("checkout", &[]), service("pay", &[]), service("checkout-api", &[])],
        releases,
        ..Workspace::default()
    }
}

#[test]
fn projects_are_those_that_releases_name_and_those_that_are_listed() {
    let mut company = workspace(vec![planned("a", "1", "2026-11-25T12:00:00Z")]);
    let mut jira = BackendConfig::new("jira", BackendKind::Jira);
    jira.projects = vec!["WEB".into(), "PAY".into()];
    company.backends = vec![jira];
    let keys: Vec<String> = projects(&company).into_iter().map(|project| project.key).collect();
    assert_eq!(keys, ["PAY", "WEB"]);
}

#[test]
fn a_plan_ends_on_the_civil_date_of_the_workspace() {
    // Half an hour after midnight in Berlin is still the day before in UTC.
    let late = planned("a", "1", "2026-11-25T23:30:00Z");
    assert_eq!(ends_on(&late, Tz::Europe__Berlin), Some(day("2026-11-26")));
    assert_eq!(ends_on(&late, Tz::UTC), Some(day("2026-11-25")));
    // The end is not part of a stage: at midnight sharp it is still the day before.
    let midnight = planned("a", "1", "2026-11-25T23:00:00Z");
    assert_eq!(ends_on(&midnight, Tz::Europe__Berlin), Some(day("2026-11-25")));
    assert_eq!(ends_on(&release("b", &[], Vec::new()), Tz::UTC), None);
}

#[test]
fn what_differs_is_said_and_what_agrees_is_quiet() {
    let mut done = planned("done", "3", "2026-11-25T12:00:00Z");
    done.status = Status::Completed;
    let mut off = planned("off", "4", "2026-11-25T12:00:00Z");
    off.status = Status::Cancelled;
    let company = workspace(vec![
        planned("done-there", "5", "2026-11-25T12:00:00Z"),
        done,
        planned("gone", "6", "2026-11-25T12:00:00Z"),
        planned("moved", "2", "2026-11-25T12:00:00Z"),
        off,
        planned("same", "1", "2026-11-25T12:00:00Z"),
    ]);
    let mut released = version("5", Some("2026-11-25"));
    released.released = true;
    let versions = [
        version("1", Some("2026-11-25")),
        version("2", Some("2026-11-27")),
        version("3", Some("2026-11-25")),
        version("4", Some("2026-11-25")),
        released,
        version("7", None),
    ];
    let standings = compare(&company, &pay(), &versions);
    let said: Vec<String> = standings
        .iter()
        .map(|standing| {
            let words: Vec<String> = standing
                .differences
                .iter()
                .map(|difference| difference.sentence(Tz::Europe__Berlin))
                .collect();
            let release = standing.release.map_or("-", |release| release.id.as_str());
            format!("{} {release}: {}", standing.reference.version, words.join("; "))
        })
        .collect();
    assert_eq!(
        said,
        [
            "1 same: ",
            "3 done: unreleased there, completed here",
            "4 off: unreleased there, cancelled here",
            "5 done-there: released there, planned here",
            "2 moved: release date 2026-11-27 there, the plan ends on 2026-11-25 here (Europe/Berlin)",
            "6 gone: the tracker has no such version",
            "7 -: ",
        ]
    );
    assert_eq!(standings.iter().filter(|standing| standing.is_unplanned()).count(), 1);
}

#[test]
fn what_is_released_or_archived_there_is_not_offered() {
    let company = workspace(Vec::new());
    let mut old = version("1", Some("2026-11-25"));
    old.archived = true;
    let mut out = version("2", Some("2026-11-25"));
    out.released = true;
    let versions = [old, out, version("3", Some("2026-11-25"))];
    let offered: Vec<String> = compare(&company, &pay(), &versions)
        .into_iter()
        .filter(Standing::is_unplanned)
        .map(|standing| standing.reference.version)
        .collect();
    assert_eq!(offered, ["3"]);
}

#[test]
fn an_adopted_version_is_a_draft_on_its_day() {
    let company = workspace(Vec::new());
    let found = version("checkout 4.2.0", Some("2026-12-02"));
    let adoption = adopt(&company, &reference("checkout 4.2.0"), &found, &Wishes::default()).unwrap();
    let new = adoption.new;
    assert_eq!((new.id.as_str(), new.title.as_deref()), ("checkout-4.2.0", Some("checkout 4.2.0")));
    assert_eq!(new.status, Status::Draft);
    assert_eq!(new.tracker.as_deref(), Some("jira:PAY/checkout 4.2.0"));
    assert_eq!(new.items, [("checkout".to_owned(), "4.2.0".to_owned())]);
    assert_eq!(
        (new.stages[0].start.as_str(), new.stages[0].end.as_str()),
        ("2026-12-02T10:00:00", "2026-12-02T11:00:00")
    );
    assert_eq!(new.stages[0].time_zone.as_deref(), Some("Europe/Berlin"));
    assert!(adoption.notices[0].contains("only the day is known"), "{:?}", adoption.notices);
}

#[test]
fn services_are_told_by_name_by_project_or_by_habit_and_else_not_at_all() {
    let items = |company: &Workspace, name: &str| {
        let found = version(name, None);
        adopt(company, &reference(name), &found, &Wishes::default()).unwrap().new.items
    };
    let one = |service: &str, number: &str| vec![(service.to_owned(), number.to_owned())];
    let company = workspace(Vec::new());
    assert_eq!(items(&company, "checkout-api v2"), one("checkout-api", "2"));
    assert_eq!(items(&company, "Checkout-4.2.0-rc.1"), one("checkout", "4.2.0-rc.1"));
    // Called like the project.
    assert_eq!(items(&company, "v4.2.0"), one("pay", "4.2.0"));
    // A word that only begins like a service is none.
    assert_eq!(items(&company, "checkouts 4"), []);
    assert_eq!(items(&company, "Winter campaign"), []);
    // By habit, where nothing is called like the project.
    let mut company = workspace(vec![planned("a", "1", "2026-11-25T12:00:00Z")]);
    company.services.retain(|service| service.id != "pay");
    assert_eq!(items(&company, "4.2.0"), one("checkout", "4.2.0"));
    company.releases.push(release("b", &[("checkout-api", "1")], Vec::new()));
    company.releases[1].tracker = Some(reference("0.9"));
    assert_eq!(items(&company, "4.2.0"), []);
}

#[test]
fn a_version_is_adopted_once_and_under_a_free_id() {
    let company = workspace(vec![planned("checkout-1", "1", "2026-11-25T12:00:00Z")]);
    let refused = adopt(&company, &reference("1"), &version("1", None), &Wishes::default());
    let planned = NoAdoption::Planned { reference: reference("1"), release: "checkout-1".into() };
    assert_eq!(refused, Err(planned));
    let wishes = Wishes { items: vec![("checkout".into(), "1".into())], ..Wishes::default() };
    let other = adopt(&company, &reference("01"), &version("01", None), &wishes).unwrap();
    assert_eq!(other.new.id, "checkout-1-2");
    let odd = adopt(&company, &reference("../ß∆ (x)"), &version("../ß∆ (x)", None), &Wishes::default());
    assert_eq!(odd.unwrap().new.id, "pay-..-x");
}

#[test]
fn a_push_is_proposed_only_where_it_makes_sense() {
    let company = workspace(vec![planned("a", "1", "2026-11-25T12:00:00Z")]);
    let ask = |version: &TrackerVersion| propose(&company, &company.releases[0], version);
    let push = ask(&version("1", Some("2026-11-20"))).unwrap();
    assert_eq!((push.word().as_str(), push.release_date), ("PAY/1", day("2026-11-25")));
    let changes = push.read.changes(&push.wanted());
    assert_eq!(changes, [("release date", "2026-11-20".to_owned(), "2026-11-25".to_owned())]);
    assert!(matches!(ask(&version("1", Some("2026-11-25"))), Err(NoPush::Same { .. })));
    let released = TrackerVersion { released: true, ..version("1", None) };
    assert!(matches!(ask(&released), Err(NoPush::Over { .. })));
    let later = TrackerVersion { start_date: Some(day("2026-12-01")), ..version("1", None) };
    assert!(matches!(ask(&later), Err(NoPush::Starts { .. })));
    let bare = release("b", &[], Vec::new());
    assert!(matches!(propose(&company, &bare, &released), Err(NoPush::NoTracker(_))));
}

#[test]
fn what_became_of_a_push_is_judged_by_what_is_there() {
    let company = workspace(vec![planned("a", "1", "2026-11-25T12:00:00Z")]);
    let push = propose(&company, &company.releases[0], &version("1", Some("2026-11-20"))).unwrap();
    let lost = || Failure::new(FailureKind::Timeout, "no answer came", "look");
    let (old, new) = (push.read.clone(), push.wanted());
    for (sent, now, word) in [
        (Sent::Accepted, Ok(new.clone()), "written"),
        (Sent::Accepted, Ok(old.clone()), "unknown"),
        (Sent::Accepted, Err(lost()), "unknown"),
        (Sent::Unclear(lost()), Ok(new.clone()), "written"),
        (Sent::Unclear(lost()), Ok(old.clone()), "unknown"),
        (Sent::Unclear(lost()), Err(lost()), "unknown"),
        (Sent::Refused(lost()), Ok(new), "refused"),
    ] {
        assert_eq!(push.settle(sent.clone(), now.clone()).word(), word, "{sent:?} {now:?}");
    }
    let unknown = push.settle(Sent::Unclear(lost()), Ok(old)).sentence(&push);
    assert!(unknown.contains("not known") && unknown.contains("2026-11-20"), "{unknown}");
}
