//! How long conflicts take with 20,000 stages and 500 recurring windows:
//! `cargo bench --bench conflicts`.

#![allow(missing_docs, reason = "a program of its own")]

use std::sync::{Arc, OnceLock};

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use tminus::domain::conflicts::{Checker, RunningVersions};
use tminus::domain::release::{Item, Release, Stage, Status};
use tminus::domain::service::{Dependency, DependencyKind, Service};
use tminus::domain::slots::{Moved, find};
use tminus::domain::window::WallTime;
use tminus::domain::workspace::{Environment, Region};
use tminus::domain::{Window, WindowKind, Workspace};

const RELEASES: usize = 10_000;
const WINDOWS: usize = 500;
const SERVICES: usize = 500;

fn main() {
    divan::main();
}

#[divan::bench]
fn build(bencher: divan::Bencher<'_, '_>) {
    let workspace = workspace();
    bencher.bench(|| Checker::new(Arc::clone(workspace), &RunningVersions::new(), None));
}

#[divan::bench]
fn renew_after_an_edit(bencher: divan::Bencher<'_, '_>) {
    bencher.bench(|| checker().renewed(Arc::clone(workspace()), &RunningVersions::new()));
}

#[divan::bench]
fn all(bencher: divan::Bencher<'_, '_>) {
    let checker = checker();
    assert!(checker.all().len() > 1000, "too few to measure with");
    bencher.bench(|| checker.all());
}

/// One step of a release that is dragged.
#[divan::bench]
fn what_if(bencher: divan::Bencher<'_, '_>) {
    let checker = checker();
    let mut step = 0;
    bencher.bench_local(|| {
        step = (step + 7) % RELEASES;
        checker.what_if(&moved(&workspace().releases[step]))
    });
}

/// The same, past everything that was expanded.
#[divan::bench]
fn what_if_far_away(bencher: divan::Bencher<'_, '_>) {
    let checker = checker();
    let mut release = workspace().releases[RELEASES / 2].clone();
    for stage in &mut release.stages {
        stage.start += TimeDelta::days(900);
        stage.end += TimeDelta::days(900);
    }
    bencher.bench_local(|| checker.what_if(&release));
}

#[divan::bench]
fn slots(bencher: divan::Bencher<'_, '_>) {
    let checker = checker();
    let mut step = 0;
    bencher.bench_local(|| {
        step = (step + 7) % RELEASES;
        let release = &workspace().releases[step];
        find(checker, release, Moved::Whole, release.stages[0].start, 5)
    });
}

fn checker() -> &'static Checker {
    static CHECKER: OnceLock<Checker> = OnceLock::new();
    CHECKER.get_or_init(|| Checker::new(Arc::clone(workspace()), &RunningVersions::new(), None))
}

fn moved(release: &Release) -> Release {
    let mut release = release.clone();
    for stage in &mut release.stages {
        stage.start += TimeDelta::hours(1);
        stage.end += TimeDelta::hours(1);
    }
    release
}

fn workspace() -> &'static Arc<Workspace> {
    static WORKSPACE: OnceLock<Arc<Workspace>> = OnceLock::new();
    WORKSPACE.get_or_init(|| Arc::new(large()))
}

fn large() -> Workspace {
    let region = |id: &str, time_zone| Region { id: id.to_owned(), time_zone: Some(time_zone) };
    let environment = |id: &str, capacity| Environment {
        id: id.to_owned(),
        regions: vec![
            region("eu", chrono_tz::Europe::Berlin),
            region("us", chrono_tz::America::New_York),
            region("apac", chrono_tz::Australia::Lord_Howe),
        ],
        capacity,
        versions: None,
    };
    Workspace {
        time_zone: chrono_tz::Europe::Berlin,
        environments: vec![
            environment("test", None),
            environment("staging", Some(4)),
            environment("production", Some(6)),
        ],
        services: (0..SERVICES).map(service).collect(),
        windows: (0..WINDOWS).map(window).collect(),
        releases: (0..RELEASES).map(release).collect(),
        ..Workspace::default()
    }
}

fn service(index: usize) -> Service {
    let needs = |provider: usize, version: Option<&str>, kind| Dependency {
        service: format!("service-{provider:03}"),
        version: version.map(str::to_owned),
        kind,
    };
    let depends_on = if index > 3 {
        vec![needs(index / 2, Some("^1"), DependencyKind::Hard), needs(index / 3, None, DependencyKind::Soft)]
    } else {
        Vec::new()
    };
    Service { id: format!("service-{index:03}"), depends_on, ..Service::default() }
}

/// Ten thousand releases over a year and a half, the two stages of each hours apart.
fn release(index: usize) -> Release {
    let begin: DateTime<Utc> = DateTime::UNIX_EPOCH + TimeDelta::days(20_500);
    let start = begin + TimeDelta::minutes(index as i64 * 60 * 24 * 550 / RELEASES as i64 / 15 * 15);
    let stage = |environment: &str, after: i64| Stage {
        environment: environment.to_owned(),
        region: [None, Some("eu"), Some("us"), Some("apac")][index % 4].map(str::to_owned),
        start: start + TimeDelta::hours(after),
        end: start + TimeDelta::hours(after + 2),
        time_zone: chrono_tz::Europe::Berlin,
        strategy: None,
        steps: Vec::new(),
        soak: Some(TimeDelta::hours(1)),
    };
    Release {
        id: format!("rel-{index:05}"),
        title: format!("Release {index}"),
        status: Status::Planned,
        owner: Some(format!("person-{}", index % 400)),
        items: vec![Item {
            service: format!("service-{:03}", index * 7 % SERVICES),
            version: format!("1.{index}.0"),
        }],
        stages: vec![stage("staging", 0), stage("production", 3)],
        ..Release::default()
    }
}

/// Five hundred windows that recur, of every kind: daily, weekly by days, monthly, yearly.
fn window(index: usize) -> Window {
    let first = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap_or_default() + TimeDelta::days(index as i64 % 28);
    let start: NaiveDateTime =
        first.and_time(chrono::NaiveTime::MIN) + TimeDelta::minutes(index as i64 * 15 % 1440);
    let rules = [
        "FREQ=DAILY",
        "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
        "FREQ=WEEKLY;BYDAY=SA,SU",
        "FREQ=MONTHLY;BYDAY=-1FR",
        "FREQ=YEARLY",
    ];
    let zones = [chrono_tz::Europe::Berlin, chrono_tz::America::New_York, chrono_tz::Australia::Lord_Howe];
    Window {
        id: format!("window-{index:03}"),
        kind: if index % 5 == 1 { WindowKind::Change } else { WindowKind::Freeze },
        title: format!("Window {index}"),
        start: WallTime::Local(start),
        end: WallTime::Local(start + TimeDelta::hours(if index % 5 == 1 { 10 } else { 3 })),
        time_zone: zones[index % 3],
        repeat: Some(rules[index % 5].to_owned()),
        environments: Some(vec!["production".to_owned()]),
        services: Some((0..5).map(|one| format!("service-{:03}", (index + one * 97) % SERVICES)).collect()),
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
