//! A small company to draw.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use tminus::app::calendar::conflicts::Judgement;
use tminus::app::state::Look;
use tminus::app::{Effect, Message, State, update};
use tminus::domain::release::{Item, TrackerRef};
use tminus::domain::workspace::{BackendConfig, BackendKind, Origin, VersionsSource};
use tminus::domain::{
    ChangeType, Dependency, DependencyKind, Environment, Now, Region, Release, Service, Stage, Status,
    Strategy, Workspace,
};

/// Wednesday 25 November 2026, 14:22 in Berlin.
pub fn now() -> Now {
    at("2026-11-25T13:22:00Z")
}

/// An instant.
pub fn at(text: &str) -> Now {
    Now { wall: instant(text), mono: Duration::from_secs(1000) }
}

/// An instant on the wall clock.
#[expect(clippy::expect_used, reason = "a wrong time in a test should end it")]
pub fn instant(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).expect("a time").to_utc()
}

/// A cockpit that has not read anything.
pub fn opening() -> State {
    State::new(now(), Tz::Europe__Berlin, Look::default())
}

/// A cockpit on the sample workspace, before any backend answered.
pub fn open() -> State {
    with(workspace())
}

/// A cockpit on a workspace.
pub fn with(workspace: Workspace) -> State {
    let mut state = opening();
    let effects = update(&mut state, now(), Message::WorkspaceLoaded(Arc::new(workspace), Vec::new()));
    judge(&mut state, effects);
    state
}

/// Judges and finds what the cockpit wants, as the runtime does beside it.
pub fn judge(state: &mut State, effects: Vec<Effect>) {
    for effect in effects {
        let now = state.now;
        let message = match effect {
            Effect::Judge(job) => Message::Judged { number: job.number, result: Ok(Judgement::of(&job)) },
            Effect::Assess(job) => Message::Assessed { number: job.number, result: Ok(job.run()) },
            Effect::FindSlots(search) => {
                Message::SlotsFound { number: search.number, result: Ok(search.run()) }
            }
            _ => continue,
        };
        let again = update(state, now, message);
        judge(state, again);
    }
}

/// The sample workspace.
pub fn workspace() -> Workspace {
    let backend = |name: &str, kind| BackendConfig::new(name, kind);
    let environment = |id: &str, regions: &[(&str, Tz)]| Environment {
        id: id.into(),
        regions: regions
            .iter()
            .map(|(id, zone)| Region { id: (*id).into(), time_zone: Some(*zone) })
            .collect(),
        capacity: None,
        versions: Some(VersionsSource::Query {
            backend: None,
            query: format!("count by (service, version) (app_build_info{{env=\"{id}\"}})"),
        }),
    };
    Workspace {
        name: "Storefront".into(),
        time_zone: Tz::Europe__Berlin,
        environments: vec![
            environment("staging", &[]),
            environment("production", &[("eu", Tz::Europe__Berlin), ("us", Tz::America__New_York)]),
        ],
        services: vec![
            service(
                "checkout",
                1,
                "team-payments",
                &[("payments", "^8.0"), ("ledger", "^3.1"), ("catalog", "^1.7")],
            ),
            service("payments", 1, "team-payments", &[("ledger", "^3.0")]),
            service("ledger", 1, "team-finance", &[]),
            service("catalog", 2, "team-storefront", &[]),
            service("search", 2, "team-discovery", &[("catalog", "^1.6")]),
            service("web", 3, "team-storefront", &[("checkout", "^4.0"), ("search", "^2.0")]),
        ],
        backends: vec![
            backend("git", BackendKind::Git),
            backend("jira", BackendKind::Jira),
            backend("prometheus", BackendKind::Prometheus),
            backend("alertmanager", BackendKind::Alertmanager),
        ],
        releases: vec![
            release(
                "catalog-1.7",
                "Catalog 1.7",
                &[("catalog", "1.7.0")],
                &[("production", None, "2026-11-26T15:00:00Z", 2)],
            ),
            release(
                "checkout-4.2",
                "Checkout 4.2",
                &[("checkout", "4.2.0")],
                &[
                    ("staging", None, "2026-11-24T09:00:00Z", 2),
                    ("production", Some("eu"), "2026-11-25T14:00:00Z", 2),
                    ("production", Some("us"), "2026-11-25T19:00:00Z", 2),
                ],
            ),
            release(
                "search-2.9",
                "Search 2.9",
                &[("search", "2.9.0")],
                &[("staging", None, "2026-11-23T08:00:00Z", 2)],
            ),
        ],
        origin: Origin::Files("/srv/storefront".into()),
        ..Workspace::default()
    }
}

fn service(id: &str, tier: u8, owner: &str, needs: &[(&str, &str)]) -> Service {
    Service {
        id: id.into(),
        owner: Some(owner.into()),
        escalation: vec!["mira".into(), format!("@{id}-oncall")],
        tier: Some(tier),
        depends_on: needs
            .iter()
            .map(|(service, version)| Dependency {
                service: (*service).into(),
                version: Some((*version).into()),
                kind: DependencyKind::Hard,
            })
            .collect(),
        ..Service::default()
    }
}

fn release(
    id: &str,
    title: &str,
    items: &[(&str, &str)],
    stages: &[(&str, Option<&str>, &str, i64)],
) -> Release {
    Release {
        id: id.into(),
        title: title.into(),
        change: ChangeType::Normal,
        status: Status::Planned,
        owner: Some("mira".into()),
        tracker: TrackerRef::parse("jira:PAY/4.2.0"),
        items: items
            .iter()
            .map(|(service, version)| Item { service: (*service).into(), version: (*version).into() })
            .collect(),
        stages: stages
            .iter()
            .map(|(environment, region, start, hours)| Stage {
                environment: (*environment).into(),
                region: region.map(Into::into),
                start: instant(start),
                end: instant(start) + TimeDelta::hours(*hours),
                time_zone: Tz::Europe__Berlin,
                strategy: Some(Strategy::Canary),
                steps: vec![5.0, 25.0, 50.0, 100.0],
                soak: Some(TimeDelta::hours(1)),
            })
            .collect(),
        checks: Vec::new(),
        exceptions: Vec::new(),
        notes: None,
        show: tminus::domain::show::RunOfShow::default(),
        watch: tminus::domain::stabilisation::Plan::default(),
    }
}
