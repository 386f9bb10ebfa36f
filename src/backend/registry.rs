//! Which backend can do what: one line a kind.

use std::path::PathBuf;
use std::sync::Arc;

use super::alertmanager::Alertmanager;
use super::caldav::Caldav;
use super::capability::{
    AlertHistorySource, AlertSource, Answering, BranchesSource, ChangesSource, IdentitySource, SeriesSource,
    SilenceControl, SilenceSource, TicketSource, TrackerControl, VersionsSource,
};
use super::git::Git;
use super::http::{Client, Limits};
use super::jira::Jira;
use super::prometheus::Prometheus;
use super::secret::Secrets;
use crate::domain::question::Identity;
use crate::domain::workspace::{BackendConfig, BackendKind};
use crate::domain::{Failure, FailureKind};

/// What one backend can be asked.
pub struct Capabilities {
    /// Who it is.
    pub identity: Arc<dyn IdentitySource>,
    /// Version tags.
    pub versions: Option<Arc<dyn VersionsSource>>,
    /// What lies between versions.
    pub changes: Option<Arc<dyn ChangesSource>>,
    /// What landed on branches.
    pub branches: Option<Arc<dyn BranchesSource>>,
    /// Tickets.
    pub tickets: Option<Arc<dyn TicketSource>>,
    /// Changes of versions in a tracker.
    pub tracker_control: Option<Arc<dyn TrackerControl>>,
    /// Numbers over time.
    pub series: Option<Arc<dyn SeriesSource>>,
    /// Alerts.
    pub alerts: Option<Arc<dyn AlertSource>>,
    /// Alerts of the past.
    pub alert_history: Option<Arc<dyn AlertHistorySource>>,
    /// Silences.
    pub silences: Option<Arc<dyn SilenceSource>>,
    /// Changes of silences.
    pub silence_control: Option<Arc<dyn SilenceControl>>,
}

/// What every backend is made from.
pub struct Ground {
    /// The workspace's folder.
    pub root: Option<PathBuf>,
    /// Its secrets.
    pub secrets: Arc<Secrets>,
    /// The bounds of every call.
    pub limits: Limits,
}

impl Ground {
    fn http(&self, config: &BackendConfig) -> Arc<Client> {
        Arc::new(Client::new(config.clone(), Arc::clone(&self.secrets), self.limits))
    }
}

/// The backend a configuration describes. Nothing is opened, read or asked yet.
pub fn connect(config: &BackendConfig, ground: &Ground) -> Capabilities {
    match config.kind {
        BackendKind::Git => git(ground),
        BackendKind::Jira => jira(Arc::new(Jira::new(ground.http(config)))),
        BackendKind::Prometheus => prometheus(Arc::new(Prometheus::new(ground.http(config)))),
        BackendKind::Alertmanager => alertmanager(Arc::new(Alertmanager::new(ground.http(config)))),
        BackendKind::Caldav => nothing(Arc::new(Caldav::new(ground.http(config)))),
        BackendKind::Plugin => nothing(Arc::new(Plugin { name: config.name.clone() })),
    }
}

/// Git is there without being configured.
pub fn git(ground: &Ground) -> Capabilities {
    let git = Arc::new(Git::new(ground.root.clone(), ground.limits));
    Capabilities {
        versions: Some(git.clone()),
        changes: Some(git.clone()),
        branches: Some(git.clone()),
        ..nothing(git)
    }
}

fn jira(jira: Arc<Jira>) -> Capabilities {
    Capabilities { tickets: Some(jira.clone()), tracker_control: Some(jira.clone()), ..nothing(jira) }
}

fn prometheus(prometheus: Arc<Prometheus>) -> Capabilities {
    Capabilities {
        series: Some(prometheus.clone()),
        alerts: Some(prometheus.clone()),
        alert_history: Some(prometheus.clone()),
        ..nothing(prometheus)
    }
}

fn alertmanager(manager: Arc<Alertmanager>) -> Capabilities {
    Capabilities {
        alerts: Some(manager.clone()),
        silences: Some(manager.clone()),
        silence_control: Some(manager.clone()),
        ..nothing(manager)
    }
}

fn nothing(identity: Arc<dyn IdentitySource>) -> Capabilities {
    Capabilities {
        identity,
        versions: None,
        changes: None,
        branches: None,
        tickets: None,
        tracker_control: None,
        series: None,
        alerts: None,
        alert_history: None,
        silences: None,
        silence_control: None,
    }
}

/// A plugin, which cannot be asked anything yet.
struct Plugin {
    name: String,
}

impl IdentitySource for Plugin {
    fn identity(&self) -> Answering<'_, Identity> {
        let what = format!("{}: plugins are not supported yet", self.name);
        let mend = format!("take [backend.{}] out until they are", self.name);
        Box::pin(std::future::ready(Err(Failure::new(FailureKind::NotConfigured, what, mend))))
    }
}
