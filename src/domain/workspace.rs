//! A workspace: one team's services, environments, policies and plan.

use std::path::PathBuf;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::hours::WorkingHours;
use super::{Playbook, Release, Service, Window};

/// Everything the files of one workspace say.
#[derive(Debug, Clone, PartialEq)]
pub struct Workspace {
    /// Its name, for people.
    pub name: String,
    /// The zone in which local times are read unless something nearer says otherwise.
    pub time_zone: Tz,
    /// In promotion order.
    pub environments: Vec<Environment>,
    /// In file order.
    pub services: Vec<Service>,
    /// In file order.
    pub backends: Vec<BackendConfig>,
    /// Calendars it follows, in file order.
    pub calendars: Vec<super::subscription::Subscription>,
    /// What the workspace wants of tminus.
    pub policy: Policy,
    /// Freezes and change windows, in file order.
    pub windows: Vec<Window>,
    /// Sorted by id (by bytes).
    pub releases: Vec<Release>,
    /// Backout plans, sorted by id.
    pub playbooks: Vec<Playbook>,
    /// Where it was read from.
    pub origin: Origin,
}

/// Where a workspace was read from, and so whether it can be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A folder with a `tminus.toml`.
    Files(PathBuf),
    /// Made on the spot from a git repository; read-only.
    Git(PathBuf),
    /// None was found: the welcome screen.
    Nowhere,
}

impl Origin {
    /// The folder, where there is one.
    pub fn root(&self) -> Option<&std::path::Path> {
        match self {
            Self::Files(root) | Self::Git(root) => Some(root),
            Self::Nowhere => None,
        }
    }
}

impl Default for Workspace {
    fn default() -> Self {
        Self {
            name: String::new(),
            time_zone: Tz::UTC,
            environments: Vec::new(),
            services: Vec::new(),
            backends: Vec::new(),
            calendars: Vec::new(),
            policy: Policy::default(),
            windows: Vec::new(),
            releases: Vec::new(),
            playbooks: Vec::new(),
            origin: Origin::Nowhere,
        }
    }
}

impl Workspace {
    /// The service with this id.
    pub fn service(&self, id: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.id == id)
    }

    /// The environment with this id.
    pub fn environment(&self, id: &str) -> Option<&Environment> {
        self.environments.iter().find(|environment| environment.id == id)
    }

    /// The release with this id. Releases are sorted by id, so this is a binary search.
    pub fn release(&self, id: &str) -> Option<&Release> {
        let found = self.releases.binary_search_by(|release| release.id.as_str().cmp(id));
        found.ok().map(|index| &self.releases[index])
    }

    /// The playbook with this id.
    pub fn playbook(&self, id: &str) -> Option<&Playbook> {
        self.playbooks.iter().find(|playbook| playbook.id == id)
    }

    /// The backend with this name.
    pub fn backend(&self, name: &str) -> Option<&BackendConfig> {
        self.backends.iter().find(|backend| backend.name == name)
    }

    /// The first backend of a kind, which answers where a file names none.
    pub fn first_backend(&self, kind: BackendKind) -> Option<&BackendConfig> {
        self.backends.iter().find(|backend| backend.kind == kind)
    }

    /// Whether edits can be written.
    pub fn is_writable(&self) -> bool {
        matches!(self.origin, Origin::Files(_))
    }
}

/// Where services run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// `staging`, `production`…
    pub id: String,
    /// Its regions; may be empty.
    pub regions: Vec<Region>,
    /// Releases at a time; `None`: no limit.
    pub capacity: Option<u32>,
    /// How to learn which versions run there.
    pub versions: Option<VersionsSource>,
}

impl Environment {
    /// What `{{region}}` stands for in a query, for `region=~"{{region}}"`: the region, else any of
    /// the environment's, else anything at all where it has none.
    pub fn region_in_query(&self, region: Option<&str>) -> String {
        match region {
            Some(region) => region.to_owned(),
            None if self.regions.is_empty() => ".*".to_owned(),
            None => self.regions.iter().map(|region| region.id.as_str()).collect::<Vec<_>>().join("|"),
        }
    }
}

/// A region of an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// `eu`, `us`…
    pub id: String,
    /// The zone in which stages of this region are planned.
    pub time_zone: Option<Tz>,
}

/// How to learn which versions run in an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionsSource {
    /// PromQL whose result carries the labels `service` and `version`.
    Query {
        /// Which Prometheus; `None`: the first.
        backend: Option<String>,
        /// The query.
        query: String,
    },
    /// A JSON file, relative to the workspace.
    File(PathBuf),
    /// A command whose standard output is that JSON.
    Command(Vec<String>),
}

/// What kind of system a backend is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum BackendKind {
    /// Repositories, by git's own command line.
    Git,
    /// A Jira-style REST tracker, Cloud or Data Center.
    Jira,
    /// Prometheus or what speaks its API.
    Prometheus,
    /// Alertmanager, API v2.
    Alertmanager,
    /// A calendar on a CalDAV server.
    Caldav,
    /// A program that speaks JSON Lines.
    Plugin,
}

impl BackendKind {
    /// Every one, in the order of the files' documentation.
    pub const ALL: [Self; 6] =
        [Self::Git, Self::Jira, Self::Prometheus, Self::Alertmanager, Self::Caldav, Self::Plugin];

    /// Whether it is reached at a URL.
    pub fn needs_url(self) -> bool {
        matches!(self, Self::Jira | Self::Prometheus | Self::Alertmanager | Self::Caldav)
    }

    /// The word used in the files.
    pub fn word(self) -> &'static str {
        match self {
            Self::Git => "git",
            Self::Jira => "jira",
            Self::Prometheus => "prometheus",
            Self::Alertmanager => "alertmanager",
            Self::Caldav => "caldav",
            Self::Plugin => "plugin",
        }
    }
}

/// Requests a minute that a backend gets where its file does not say: ten a second.
pub const REQUESTS_A_MINUTE: u32 = 600;

/// One `[backend.NAME]` table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackendConfig {
    /// `NAME`.
    pub name: String,
    /// Its `type`, or the name where that is a kind.
    pub kind: BackendKind,
    /// Base URL, path prefix included.
    pub url: Option<String>,
    /// Basic authentication's user; absent, a token is a bearer token.
    pub user: Option<String>,
    /// Where the token comes from; never the token itself.
    pub token: Option<SecretSource>,
    /// Extra headers of every request.
    pub headers: Vec<(String, HeaderValue)>,
    /// PEM file with extra certificate authorities.
    pub ca: Option<PathBuf>,
    /// PEM file with the client's certificate (and key, unless `client_key` names it).
    pub client_certificate: Option<PathBuf>,
    /// PEM file with the client's key.
    pub client_key: Option<PathBuf>,
    /// A plugin's argv.
    pub command: Vec<String>,
    /// How often it is asked, in seconds; absent: the default of its kind.
    pub poll_seconds: Option<u32>,
    /// Requests a minute that it gets; absent: [`REQUESTS_A_MINUTE`].
    pub budget: Option<u32>,
    /// Which link type and direction mean "blocks", e.g. `is blocked by` (Jira).
    pub blocking_links: Vec<String>,
    /// Projects whose versions are shown, besides those that releases name (Jira).
    pub projects: Vec<String>,
}

impl BackendConfig {
    /// A backend of which nothing but its name and kind is said.
    pub fn new(name: impl Into<String>, kind: BackendKind) -> Self {
        Self {
            name: name.into(),
            kind,
            url: None,
            user: None,
            token: None,
            headers: Vec::new(),
            ca: None,
            client_certificate: None,
            client_key: None,
            command: Vec::new(),
            poll_seconds: None,
            budget: None,
            blocking_links: Vec::new(),
            projects: Vec::new(),
        }
    }

    /// Requests a minute that it gets; `None`: it is not reached over the network.
    pub fn requests_a_minute(&self) -> Option<u32> {
        self.kind.needs_url().then(|| self.budget.unwrap_or(REQUESTS_A_MINUTE))
    }
}

/// A header's value: written out, or fetched like a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderValue {
    /// Written in the file.
    Text(String),
    /// Fetched when needed.
    Secret(SecretSource),
}

/// Where a secret comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// An environment variable.
    Env(String),
    /// A file that others cannot read; relative to the workspace, `~` understood.
    File(PathBuf),
    /// A command's first line of output.
    Command(Vec<String>),
    /// The platform's secret store, by service and user name (`service/user`).
    Keyring(String),
}

/// `[policy]`: what the workspace wants of tminus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// How long before a stage the T-minus is drawn large, in seconds.
    pub near_seconds: u32,
    /// Above this age an answer is stale, in seconds; absent: three times its poll.
    pub stale_seconds: Option<u32>,
    /// When the people who decide and watch are at work.
    pub hours: WorkingHours,
}

impl Default for Policy {
    fn default() -> Self {
        Self { near_seconds: 3600, stale_seconds: None, hours: WorkingHours::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_of_which_nobody_spoke_is_any_of_them_or_anything_at_all() {
        let region = |id: &str| Region { id: id.to_owned(), time_zone: None };
        let mut environment =
            Environment { id: "staging".to_owned(), regions: Vec::new(), capacity: None, versions: None };
        assert_eq!(environment.region_in_query(None), ".*");
        environment.regions = vec![region("eu"), region("us")];
        assert_eq!(environment.region_in_query(None), "eu|us");
        assert_eq!(environment.region_in_query(Some("us")), "us");
    }
}
