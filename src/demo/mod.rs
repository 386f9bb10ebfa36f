//! A made-up company that lives in this process: its repositories, its files and its servers. The
//! cockpit opens its workspace as it would any other; nothing in here answers for the real code.

mod alertmanager;
mod clock;
mod company;
mod files;
mod jira;
mod metrics;
mod plan;
mod prometheus;
pub mod promql;
mod repositories;
mod story;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use chrono::{DateTime, Utc};
use tokio::net::TcpListener;
use tokio::sync::watch;

use clock::Clock;
use files::Addresses;
use story::Story;

/// How the story is told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// How many times faster than real the story unfolds.
    pub speed: f64,
    /// Same seed, same story.
    pub seed: u64,
    /// When it begins.
    pub now: DateTime<Utc>,
}

/// What may go wrong at the start.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A file or folder could not be written.
    #[error("cannot write {path}: {why}")]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// Git could not make a repository.
    #[error("git {what} failed: {why}")]
    Git {
        /// The call.
        what: String,
        /// What git or the system said.
        why: String,
    },
    /// No port on loopback could be had.
    #[error("cannot listen on 127.0.0.1: {0}")]
    Listen(String),
    /// The speed is not a number above zero.
    #[error("the speed must be a number above zero, not {0}")]
    Speed(f64),
}

impl DemoError {
    fn file(path: &Path, error: &std::io::Error) -> Self {
        Self::File { path: path.to_owned(), why: error.to_string() }
    }
}

/// The company, alive. Dropping it stops its servers and removes its files.
#[derive(Debug)]
pub struct World {
    workspace: PathBuf,
    addresses: Addresses,
    /// Dropping it tells the servers to end.
    _servers: watch::Sender<()>,
    _folder: Folder,
}

impl World {
    /// Writes its files, makes its repositories and starts its servers, as tasks of the runtime that
    /// calls.
    pub async fn start(options: Options) -> Result<Self, DemoError> {
        if !options.speed.is_finite() || options.speed <= 0.0 {
            return Err(DemoError::Speed(options.speed));
        }
        let temporary = std::env::temp_dir();
        let folder = tempfile::Builder::new()
            .prefix("tminus-demo-")
            .tempdir()
            .map(|folder| Folder(Some(folder)))
            .map_err(|error| DemoError::file(&temporary, &error))?;
        let workspace = folder.path().join("workspace");
        std::fs::create_dir(&workspace).map_err(|error| DemoError::file(&workspace, &error))?;
        let story = Story::new(options.now, options.speed, options.seed);
        let plans = plan::plans(&story);
        let clock = Clock::starting_at(options.now);
        let servers = Servers(watch::Sender::new(()));
        let monitoring = Arc::new(prometheus::Monitoring::new(&story, clock));
        let prometheus = Servers::listen().await?;
        let prometheus = servers.serve(prometheus, prometheus::router(Arc::clone(&monitoring)));
        let tracker = Arc::new(jira::Tracker::new(&story, &plans));
        let token = format!("demo-{:016x}", fastrand::Rng::with_seed(options.seed).u64(..));
        let jira = Servers::listen().await?;
        let router = jira::Jira::new(Arc::clone(&tracker), clock, jira.url.clone(), token.clone()).router();
        let jira = servers.serve(jira, router);
        let alerting = alertmanager::Alerting::new(monitoring, clock, prometheus.clone(), options.seed);
        let alertmanager = Servers::listen().await?;
        let alertmanager = servers.serve(alertmanager, alertmanager::router(Arc::new(alerting)));
        let addresses = Addresses { jira, prometheus, alertmanager };
        files::write(&workspace, &story, &plans, &addresses, &token)?;
        repositories::create(&folder.path().join("repositories"), &story, &tracker).await?;
        Ok(Self { workspace, addresses, _servers: servers.0, _folder: folder })
    }

    /// The folder with its `tminus.toml`.
    pub fn workspace(&self) -> &Path {
        &self.workspace
    }

    /// Where its tracker is.
    pub fn jira_url(&self) -> &str {
        &self.addresses.jira
    }

    /// Where its metrics are.
    pub fn prometheus_url(&self) -> &str {
        &self.addresses.prometheus
    }

    /// Where its alerts are.
    pub fn alertmanager_url(&self) -> &str {
        &self.addresses.alertmanager
    }
}

/// A folder that is gone when this is dropped, even while a git that was ended still finishes its
/// last call in it.
#[derive(Debug)]
struct Folder(Option<tempfile::TempDir>);

impl Folder {
    fn path(&self) -> &Path {
        self.0.as_ref().map_or(Path::new(""), tempfile::TempDir::path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let Some(folder) = self.0.take() else { return };
        let path = folder.path().to_owned();
        for _ in 0..20 {
            match std::fs::remove_dir_all(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    std::thread::sleep(std::time::Duration::from_millis(10));
                }
                _ if !path.exists() => return,
                _ => {}
            }
        }
    }
}

/// Servers that were started; they end when this is dropped.
struct Servers(watch::Sender<()>);

/// A port that was had.
struct Port {
    listener: TcpListener,
    url: String,
}

impl Servers {
    /// Takes a free port of loopback.
    async fn listen() -> Result<Port, DemoError> {
        let failed = |error: std::io::Error| DemoError::Listen(error.to_string());
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(failed)?;
        let url = format!("http://{}", listener.local_addr().map_err(failed)?);
        Ok(Port { listener, url })
    }

    /// Serves there, and says where that is.
    fn serve(&self, port: Port, router: Router) -> String {
        let mut world = self.0.subscribe();
        tokio::spawn(async move {
            let ended = async move {
                // Nothing is ever sent: it ends when the sender is dropped.
                let _ = world.changed().await;
            };
            // Connections that are open end too, each after the answer it is giving.
            let _ = axum::serve(port.listener, router).with_graceful_shutdown(ended).await;
        });
        port.url
    }
}
