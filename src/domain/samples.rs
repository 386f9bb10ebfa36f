//! Small domain values for tests: whole, ordinary, and changed where a test needs it.

use chrono_tz::Tz;

use super::release::{ChangeType, Exception, Item, Release, Stage, Status};
use super::service::{Dependency, DependencyKind, Service};
use super::window::{WallTime, Window, WindowKind};

/// A planned release.
pub fn release(id: &str, items: &[(&str, &str)], stages: Vec<Stage>) -> Release {
    let item = |(service, version): &(&str, &str)| Item {
        service: (*service).to_owned(),
        version: (*version).to_owned(),
    };
    Release {
        id: id.to_owned(),
        title: id.to_owned(),
        change: ChangeType::Normal,
        status: Status::Planned,
        owner: None,
        tracker: None,
        items: items.iter().map(item).collect(),
        stages,
        checks: Vec::new(),
        exceptions: Vec::new(),
        notes: None,
        show: crate::domain::show::RunOfShow::default(),
        watch: crate::domain::stabilisation::Plan::default(),
    }
}

/// A stage in UTC.
pub fn stage(environment: &str, start: &str, end: &str) -> Stage {
    Stage {
        environment: environment.to_owned(),
        region: None,
        start: start.parse().unwrap(),
        end: end.parse().unwrap(),
        time_zone: Tz::UTC,
        strategy: None,
        steps: Vec::new(),
        soak: None,
    }
}

/// A window of everything, in UTC, on the first of January 2026.
pub fn window(id: &str, kind: WindowKind) -> Window {
    Window {
        id: id.to_owned(),
        kind,
        title: id.to_owned(),
        start: WallTime::Local("2026-01-01T00:00:00".parse().unwrap()),
        end: WallTime::Local("2026-01-02T00:00:00".parse().unwrap()),
        time_zone: Tz::UTC,
        repeat: None,
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

/// An exception to a freeze.
pub fn exception(window: &str, expires: &str) -> Exception {
    Exception {
        window: window.to_owned(),
        reason: "CVE in the payment library".to_owned(),
        by: "mira".to_owned(),
        ticket: None,
        expires: expires.parse().unwrap(),
        commits: Vec::new(),
    }
}

/// A service that needs others: `("payments", "^4.1")`, an empty requirement for any version, a
/// `?` before the name for a soft dependency.
pub fn service(id: &str, needs: &[(&str, &str)]) -> Service {
    let dependency = |(name, version): &(&str, &str)| Dependency {
        service: name.trim_start_matches('?').to_owned(),
        version: Some((*version).to_owned()).filter(|version| !version.is_empty()),
        kind: if name.starts_with('?') { DependencyKind::Soft } else { DependencyKind::Hard },
    };
    Service { id: id.to_owned(), depends_on: needs.iter().map(dependency).collect(), ..Service::default() }
}
