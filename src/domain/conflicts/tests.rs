use std::sync::Arc;

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;
use crate::domain::question::{Running, VersionShare};
use crate::domain::release::Status;
use crate::domain::window::WallTime;
use crate::domain::workspace::Region;
use crate::domain::{ChangeType, Environment, Release, Safe, Stage, Window, WindowKind, Workspace, samples};

const HOURS: i64 = 24 * 12;

fn at(hour: i64) -> DateTime<Utc> {
    "2026-03-23T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::hours(hour)
}

fn environment(id: &str, regions: &[&str], capacity: Option<u32>) -> Environment {
    let region = |id: &&str| Region { id: (*id).to_owned(), time_zone: None };
    Environment { id: id.to_owned(), regions: regions.iter().map(region).collect(), capacity, versions: None }
}

fn stage(environment: &str, region: Option<&str>, start: i64, length: i64, soak: i64) -> Stage {
    let mut stage = samples::stage(environment, "2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z");
    (stage.start, stage.end) = (at(start), at(start + length));
    stage.region = region.map(str::to_owned);
    stage.soak = (soak > 0).then(|| TimeDelta::hours(soak));
    stage
}

fn running(of: &[(&str, &str)]) -> Running {
    let share = |version: &str| vec![VersionShare { version: Safe::new(version), share: 1.0 }];
    let services = of.iter().map(|(service, version)| ((*service).to_owned(), share(version))).collect();
    Running { services, ..Running::default() }
}

fn said(conflicts: &[Conflict]) -> Vec<String> {
    conflicts
        .iter()
        .map(|it| {
            assert!(it.message.len() > 10 && it.way_out.len() > 10 && it.start < it.end, "{it:?}");
            let hours = |instant: DateTime<Utc>| (instant - at(0)).num_hours();
            format!(
                "{} {}[{}] {} {}..{}",
                it.code.word(),
                it.release,
                it.stage,
                it.with.join(","),
                hours(it.start),
                hours(it.end)
            )
        })
        .collect()
}

fn all(workspace: Workspace, known: &[(&str, Running)]) -> Vec<String> {
    let known = known.iter().map(|(id, running)| ((*id).to_owned(), running.clone())).collect();
    said(&Checker::new(Arc::new(workspace), &known, None).all())
}

fn shop() -> Workspace {
    Workspace {
        environments: vec![
            environment("staging", &[], Some(1)),
            environment("production", &["eu", "us"], None),
        ],
        services: vec![
            samples::service("checkout", &[("payments", "^4.1"), ("?catalog", "")]),
            samples::service("payments", &[("mail", "")]),
            samples::service("catalog", &[]),
            samples::service("mail", &[]),
        ],
        ..Workspace::default()
    }
}

#[test]
fn a_pair_is_told_once_under_the_smaller_id_with_the_overlap() {
    let mut workspace = shop();
    let mut nine = samples::release("rel-9", &[("mail", "2.0.0")], vec![stage("production", None, 0, 4, 0)]);
    nine.owner = Some("mira".to_owned());
    let mut ten = samples::release(
        "rel-10",
        &[("mail", "3.0.0"), ("payments", "1.0.0")],
        vec![stage("staging", None, 2, 1, 0), stage("production", Some("eu"), 3, 4, 0)],
    );
    ten.owner = Some("mira".to_owned());
    workspace.releases = vec![ten, nine];
    assert_eq!(
        all(workspace, &[]),
        [
            "owner-overlap rel-10[0] rel-9 2..3",
            "owner-overlap rel-10[1] rel-9 3..4",
            "same-service rel-10[1] rel-9 3..4",
        ]
    );
}

#[test]
fn dependence_is_followed_over_soft_edges_and_others_and_only_in_one_place() {
    let mut workspace = shop();
    let release = |id: &str, service: &str, region: Option<&str>| {
        samples::release(id, &[(service, "1.0.0")], vec![stage("production", region, 0, 2, 0)])
    };
    workspace.releases = vec![
        release("a", "checkout", Some("eu")),
        release("b", "catalog", None),
        release("c", "mail", Some("eu")),
        release("d", "mail", Some("us")),
    ];
    assert_eq!(all(workspace, &[]), ["dependent-service a[0] b 0..2", "dependent-service a[0] c 0..2"]);
}

#[test]
fn what_only_touches_and_what_is_over_collides_with_nothing() {
    let mut workspace = shop();
    let release = |id: &str, start: i64| {
        samples::release(id, &[("mail", "1.0.0")], vec![stage("staging", None, start, 2, 0)])
    };
    workspace.releases = vec![release("a", 0), release("b", 2), release("c", 1)];
    workspace.releases[2].status = Status::Completed;
    assert_eq!(all(workspace, &[]), Vec::<String>::new());
}

#[test]
fn a_stretch_above_capacity_goes_on_while_its_members_change() {
    let mut workspace = shop();
    let release = |id: &str, service: &str, stages: &[(i64, i64)]| {
        let stages = stages.iter().map(|(start, length)| stage("staging", None, *start, *length, 0));
        samples::release(id, &[(service, "1.0.0")], stages.collect())
    };
    workspace.services = ["a", "b", "c", "d"].iter().map(|id| samples::service(id, &[])).collect();
    workspace.releases = vec![
        // Its second stage follows on the first: one release, once.
        release("a", "a", &[(20, 1), (0, 2), (2, 2)]),
        release("b", "b", &[(1, 2)]),
        release("c", "c", &[(3, 3)]),
        release("d", "d", &[(4, 1), (6, 1)]),
    ];
    assert_eq!(all(workspace, &[]), ["capacity a[1] b,c,d 1..5"]);
}

#[test]
fn windows_deny_by_scope_type_and_exception() {
    let mut workspace = shop();
    let mut freeze = samples::window("freeze", WindowKind::Freeze);
    freeze.start = WallTime::Local(at(10).naive_utc());
    freeze.end = WallTime::Local(at(20).naive_utc());
    freeze.allow = vec![ChangeType::Emergency];
    freeze.regions = Some(vec!["us".to_owned()]);
    let mut change = samples::window("hours", WindowKind::Change);
    change.start = WallTime::Local(at(0).naive_utc());
    change.end = WallTime::Local(at(8).naive_utc());
    change.repeat = Some("FREQ=DAILY".to_owned());
    change.environments = Some(vec!["production".to_owned()]);
    workspace.windows = vec![freeze, change];
    let release = |id: &str, region: Option<&str>, start: i64, soak: i64| {
        samples::release(id, &[(id, "1.0.0")], vec![stage("production", region, start, 4, soak)])
    };
    let mut excepted = release("c", None, 17, 0);
    excepted.exceptions = vec![samples::exception("freeze", &at(20).to_rfc3339())];
    let mut late = excepted.clone();
    (late.id, late.exceptions[0].expires) = ("d".to_owned(), at(20) - TimeDelta::seconds(1));
    late.items[0].service = "d".to_owned();
    let mut emergency = release("e", None, 17, 0);
    emergency.change = ChangeType::Emergency;
    workspace.releases =
        vec![release("a", Some("us"), 4, 3), release("b", Some("eu"), 12, 0), excepted, late, emergency];
    for name in ["a", "b", "c", "d", "e"] {
        workspace.services.push(samples::service(name, &[]));
    }
    assert_eq!(
        all(workspace.clone(), &[]),
        [
            "runway a[0] freeze 10..11",
            "outside-window b[0] hours 12..16",
            "freeze d[0] freeze 17..20",
            "outside-window c[0] hours 17..21",
            "outside-window d[0] hours 17..21",
            "outside-window e[0] hours 17..21",
        ]
    );
    workspace.windows[0].hard = true;
    let hard = all(workspace, &[]);
    assert!(hard.contains(&"freeze c[0] freeze 17..20".to_owned()), "{hard:?}");
    assert!(!hard.iter().any(|line| line.starts_with("freeze e")), "{hard:?}");
}

#[test]
fn a_stage_waits_for_every_stage_in_an_earlier_environment() {
    let mut workspace = shop();
    workspace.releases = vec![samples::release(
        "a",
        &[("mail", "1.0.0")],
        vec![
            stage("production", Some("eu"), 2, 1, 0),
            stage("staging", None, 1, 2, 0),
            stage("production", Some("us"), 3, 1, 0),
        ],
    )];
    assert_eq!(all(workspace, &[]), ["promotion-order a[0]  2..3"]);
}

#[test]
fn a_provider_must_run_or_land_first_in_every_region() {
    let consumer = |region: Option<&str>| {
        samples::release("a", &[("checkout", "1.0.0")], vec![stage("production", region, 10, 1, 0)])
    };
    let provider = |version: &str, region: Option<&str>, start: i64| {
        samples::release("b", &[("payments", version)], vec![stage("production", region, start, 2, 0)])
    };
    let told = |releases: Vec<Release>, known: Option<&[(&str, &str)]>| {
        let workspace = Workspace { releases, ..shop() };
        let known: Vec<_> = known.into_iter().map(|of| ("production", running(of))).collect();
        let mut told = all(workspace, &known);
        told.retain(|line| !line.starts_with("dependent-service"));
        assert!(told.iter().all(|line| line == "dependency-order a[0] payments 10..11"), "{told:?}");
        !told.is_empty()
    };
    let old: Option<&[(&str, &str)]> = Some(&[("payments", "4.0.0")]);
    // Not known: only what comes later counts.
    assert!(!told(vec![consumer(None)], None));
    assert!(told(vec![consumer(None), provider("4.2.0", None, 20)], None));
    assert!(!told(vec![consumer(None), provider("4.0.0", None, 20)], None));
    assert!(!told(vec![consumer(None), provider("4.2.0", None, 8)], None));
    assert!(!told(vec![consumer(None), provider("4.2.0", Some("eu"), 20)], None));
    assert!(told(vec![consumer(Some("eu")), provider("4.2.0", Some("eu"), 20)], None));
    // Known.
    assert!(told(vec![consumer(None)], old));
    assert!(told(vec![consumer(None)], Some(&[])));
    assert!(!told(vec![consumer(None)], Some(&[("payments", "v4.1.0")])));
    assert!(!told(vec![consumer(None), provider("4.2.0", None, 8)], old));
    assert!(told(vec![consumer(None), provider("4.2.0", None, 9)], old));
    assert!(told(vec![consumer(None), provider("4.2.0", Some("eu"), 8)], old));
    assert!(!told(vec![consumer(Some("eu")), provider("4.2.0", Some("eu"), 8)], old));
    assert!(told(vec![consumer(Some("us")), provider("4.2.0", Some("eu"), 8)], old));
    let mut both = consumer(None);
    both.items
        .push(crate::domain::release::Item { service: "payments".to_owned(), version: "4.1.0".to_owned() });
    assert!(!told(vec![both], old));
    let mut cancelled = provider("4.2.0", None, 8);
    cancelled.status = Status::Cancelled;
    assert!(told(vec![consumer(None), cancelled], old));
}

const ENVIRONMENTS: [&str; 3] = ["test", "staging", "production"];
const SERVICES: [&str; 5] = ["a", "b", "c", "d", "e"];

fn a_stage() -> impl Strategy<Value = Stage> {
    (0..3_usize, 0..3_usize, 0..HOURS, 1..30_i64, 0..20_i64).prop_map(
        |(place, region, start, length, soak)| {
            let region = [None, Some("eu"), Some("us")][region].filter(|_| place == 2);
            stage(ENVIRONMENTS[place], region, start, length, soak)
        },
    )
}

fn a_release(number: usize) -> impl Strategy<Value = Release> {
    let items = proptest::collection::btree_map(0..SERVICES.len(), 1..4_u32, 1..3);
    let stages = proptest::collection::vec(a_stage(), 1..4);
    (items, stages, 0..4_usize, 0..8_usize, 0..3_usize).prop_map(
        move |(items, stages, owner, status, change)| {
            let items: Vec<_> =
                items.into_iter().map(|(it, major)| (SERVICES[it], format!("{major}.0.0"))).collect();
            let items: Vec<_> = items.iter().map(|(service, version)| (*service, version.as_str())).collect();
            let mut release = samples::release(&format!("rel-{number}"), &items, stages);
            release.owner = [None, Some("mira"), Some("ben"), Some("ada")][owner].map(str::to_owned);
            release.status = Status::ALL[status];
            release.change = ChangeType::ALL[change];
            release
        },
    )
}

fn a_window(number: usize) -> impl Strategy<Value = Window> {
    (0..2_usize, 0..HOURS, 1..200_i64, 0..4_usize, 0..4_usize, 0..4_usize).prop_map(
        move |(kind, start, length, repeat, scope, allow)| {
            let kind = [WindowKind::Freeze, WindowKind::Change][kind];
            let mut window = samples::window(&format!("w-{number}"), kind);
            window.time_zone = chrono_tz::Europe::Berlin;
            window.start = WallTime::Local(at(start).naive_utc());
            window.end = WallTime::Local(at(start + length).naive_utc());
            let repeats = [None, Some("FREQ=DAILY"), Some("FREQ=WEEKLY;BYDAY=MO,SA"), None];
            window.repeat = repeats[repeat].map(str::to_owned);
            window.environments =
                [None, Some("production"), None, Some("test")][scope].map(|it| vec![it.to_owned()]);
            window.services = [None, None, Some("b"), None][scope].map(|it| vec![it.to_owned()]);
            window.regions = [None, Some("eu"), None, None][scope].map(|it| vec![it.to_owned()]);
            window.allow = ChangeType::ALL.into_iter().take(allow).collect();
            window
        },
    )
}

fn a_workspace() -> impl Strategy<Value = (Workspace, RunningVersions)> {
    let releases = (0..7_usize).map(a_release).collect::<Vec<_>>();
    let windows = (0..4_usize).map(a_window).collect::<Vec<_>>();
    (releases, windows, 0..3_u32, proptest::option::of(1..4_u32)).prop_map(
        |(releases, windows, capacity, runs)| {
            let workspace = Workspace {
                environments: vec![
                    environment("test", &[], Some(capacity)),
                    environment("staging", &[], None),
                    environment("production", &["eu", "us"], Some(capacity + 1)),
                ],
                services: vec![
                    samples::service("a", &[("b", "^2"), ("?c", "")]),
                    samples::service("b", &[("c", "^1")]),
                    samples::service("c", &[]),
                    samples::service("d", &[("a", ">=2"), ("e", "*")]),
                    samples::service("e", &[]),
                ],
                releases,
                windows,
                ..Workspace::default()
            };
            let version = runs.map(|major| format!("{major}.0.0"));
            let known =
                version.map(|version| ("production".to_owned(), running(&[("b", &version), ("c", "1.0.0")])));
            (workspace, known.into_iter().collect())
        },
    )
}

/// Every rule, looked up nowhere and swept over nothing: pair by pair and stage by stage.
fn pairs_by_hand(workspace: &Workspace) -> Vec<String> {
    let graph = crate::domain::graph::Graph::of(workspace);
    let needs = |one: &Release, other: &Release| {
        one.services().any(|service| {
            let needed = graph.needs(service, crate::domain::graph::Follow::All);
            other.services().any(|provider| needed.contains(provider))
        })
    };
    let mut told = Vec::new();
    let live: Vec<&Release> = workspace.releases.iter().filter(|release| release.is_live()).collect();
    for (index, one) in live.iter().enumerate() {
        for other in &live[index + 1..] {
            for (own, first) in one.stages.iter().enumerate() {
                for second in &other.stages {
                    let (start, end) = (first.start.max(second.start), first.end.min(second.end));
                    if start >= end {
                        continue;
                    }
                    let regions =
                        first.region.is_none() || second.region.is_none() || first.region == second.region;
                    let place = first.environment == second.environment && regions;
                    let mut codes = Vec::new();
                    if place && one.services().any(|service| other.version_of(service).is_some()) {
                        codes.push("same-service");
                    } else if place && (needs(one, other) || needs(other, one)) {
                        codes.push("dependent-service");
                    }
                    if one.owner.is_some() && one.owner == other.owner {
                        codes.push("owner-overlap");
                    }
                    let hours = |instant: DateTime<Utc>| (instant - at(0)).num_hours();
                    told.extend(codes.iter().map(|code| {
                        format!("{code} {}[{own}] {} {}..{}", one.id, other.id, hours(start), hours(end))
                    }));
                }
            }
        }
    }
    told.sort();
    told
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn what_if_tells_what_a_full_check_would((workspace, known) in a_workspace(), changed in a_release(3), id in 0..9_usize) {
        let mut changed = changed;
        changed.id = format!("rel-{id}");
        let checker = Checker::new(Arc::new(workspace.clone()), &known, None);
        let found = checker.what_if(&changed);
        let mut then = workspace.clone();
        then.releases.retain(|release| release.id != changed.id);
        then.releases.push(changed.clone());
        then.releases.sort_by(|one, other| one.id.cmp(&other.id));
        let full = Checker::new(Arc::new(then.clone()), &known, None);
        let expected: Vec<Conflict> =
            full.all().into_iter().filter(|conflict| checker.concerns(conflict, &changed)).collect();
        let bare = |conflicts: Vec<Conflict>| -> Vec<Conflict> {
            // The next opening is told as far as windows were expanded.
            conflicts.into_iter().map(|it| Conflict { way_out: String::new(), ..it }).collect()
        };
        prop_assert_eq!(bare(found), bare(expected));
        // Renewed over the changed plan, and back again, it says the same.
        let renewed = checker.renewed(Arc::new(then), &known);
        prop_assert_eq!(bare(renewed.all()), bare(full.all()));
        prop_assert_eq!(bare(renewed.renewed(Arc::new(workspace), &known).all()), bare(checker.all()));
    }

    #[test]
    fn the_sweep_finds_the_pairs_that_comparing_all_finds((workspace, known) in a_workspace()) {
        let expected = pairs_by_hand(&workspace);
        let all = Checker::new(Arc::new(workspace), &known, None).all();
        let codes = [Code::SameService, Code::DependentService, Code::OwnerOverlap];
        let mut found = said(&all.into_iter().filter(|it| codes.contains(&it.code)).collect::<Vec<_>>());
        found.sort();
        prop_assert_eq!(found, expected);
    }

    /// Hour by hour: too many releases are told exactly while there are too many.
    #[test]
    fn capacity_is_told_exactly_while_there_are_too_many((workspace, known) in a_workspace()) {
        let all = Checker::new(Arc::new(workspace.clone()), &known, None).all();
        let stretches: Vec<_> = all.iter().filter(|it| it.code == Code::Capacity).collect();
        for hour in 0..HOURS + 40 {
            let mut told = 0;
            for environment in &workspace.environments {
                let runs = |stage: &Stage| {
                    stage.environment == environment.id && stage.start <= at(hour) && at(hour) < stage.end
                };
                let live = workspace.releases.iter().filter(|release| release.is_live());
                let running: Vec<&str> =
                    live.filter(|release| release.stages.iter().any(runs)).map(|it| it.id.as_str()).collect();
                if environment.capacity.is_some_and(|capacity| running.len() > capacity as usize) {
                    told += 1;
                    let holds = |it: &&&Conflict| it.start <= at(hour) && at(hour) < it.end
                        && running.iter().all(|id| it.names(id));
                    prop_assert!(stretches.iter().any(|it| holds(&it)), "hour {}", hour);
                }
            }
            let open = stretches.iter().filter(|it| it.start <= at(hour) && at(hour) < it.end).count();
            prop_assert_eq!(open, told, "hour {}", hour);
        }
    }
}
