//! Workspaces and questions for the tests.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tminus::backend::{Backends, Limits};
use tminus::domain::workspace::{BackendConfig, BackendKind, Environment, Origin, VersionsSource};
use tminus::domain::{Answer, Failure, Question, Service, Workspace};

/// Bounds that make slow tests quick.
pub fn limits() -> Limits {
    Limits {
        connect: Duration::from_millis(400),
        total: Duration::from_millis(700),
        pause: Duration::from_millis(5),
        secret: Duration::from_millis(500),
        program: Duration::from_secs(10),
        ..Limits::default()
    }
}

/// A backend named after its kind.
pub fn backend(kind: BackendKind, url: &str) -> BackendConfig {
    BackendConfig { url: Some(url.to_owned()), ..BackendConfig::new(kind.word(), kind) }
}

/// A workspace with these backends, in this folder.
pub fn workspace(root: &Path, backends: Vec<BackendConfig>) -> Workspace {
    Workspace { backends, origin: Origin::Files(root.to_owned()), ..Workspace::default() }
}

/// One backend, with the short bounds.
pub fn one(config: BackendConfig) -> Backends {
    Backends::with_limits(Arc::new(workspace(Path::new("/nonexistent"), vec![config])), limits())
}

/// An environment.
pub fn environment(id: &str, versions: VersionsSource) -> Environment {
    Environment { id: id.to_owned(), regions: Vec::new(), capacity: None, versions: Some(versions) }
}

/// A service with a repository.
pub fn service(id: &str, repository: &Path, tags: Option<&str>) -> Service {
    Service {
        id: id.to_owned(),
        repository: Some(repository.display().to_string()),
        tags: tags.map(str::to_owned),
        ..Service::default()
    }
}

/// Asks who a backend is.
pub async fn identity(backends: &Backends, name: &str) -> Result<Answer, Failure> {
    backends.answer(&Question::Identity { backend: name.to_owned() }, now()).await
}

/// Asks a Prometheus or Alertmanager for alerts.
pub async fn alerts(backends: &Backends, name: &str) -> Result<Answer, Failure> {
    backends.answer(&Question::Alerts { backend: name.to_owned() }, now()).await
}

/// The clock.
pub fn now() -> DateTime<Utc> {
    Utc::now()
}

/// A recorded answer.
pub fn fixture(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/backend/fixtures");
    std::fs::read(folder.join(name)).unwrap()
}
