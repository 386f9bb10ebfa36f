//! A Jira-style tracker: Cloud and Data Center. All of it is read; of a version the release date
//! is written.

mod control;
pub(super) mod issue;
mod jql;
mod search;
pub(super) mod wire;

use std::sync::Arc;

use chrono::Utc;
use serde::de::DeserializeOwned;
use tokio::sync::OnceCell;

use super::capability::{Answering, IdentitySource, TicketSource};
use super::http::{Call, Client, Read, Reply, address};
use crate::domain::question::{Identity, TrackerVersion};
use crate::domain::{Failure, FailureKind, Safe};

/// Versions asked for at a time.
const PAGE: usize = 50;
/// Pages of versions after which something is wrong.
const MOST_PAGES: usize = 200;

/// The two kinds of Jira.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Atlassian's own service: REST version 3, pages by token.
    Cloud,
    /// A server of one's own: REST version 2, pages by offset.
    DataCenter,
}

impl Dialect {
    fn version(self) -> &'static str {
        match self {
            Self::Cloud => "3",
            Self::DataCenter => "2",
        }
    }
}

/// One tracker.
#[derive(Debug)]
pub struct Jira {
    http: Arc<Client>,
    /// Which kind it is and its version; asked once.
    server: OnceCell<(Dialect, Safe)>,
}

impl Jira {
    /// At the end of this client.
    pub fn new(http: Arc<Client>) -> Self {
        Self { http, server: OnceCell::new() }
    }

    async fn server(&self) -> Result<&(Dialect, Safe), Failure> {
        let ask = || async {
            let asked = self.ask::<wire::ServerInfo>(Dialect::DataCenter, &["serverInfo"], Read::Get(&[]));
            let info = asked.await?;
            let cloud =
                info.deployment_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("cloud"));
            let (dialect, product) = if cloud {
                (Dialect::Cloud, "Jira Cloud")
            } else {
                (Dialect::DataCenter, "Jira Data Center")
            };
            Ok((dialect, Safe::new(format!("{product} {}", info.version).trim())))
        };
        self.server.get_or_try_init(ask).await
    }

    async fn dialect(&self) -> Result<Dialect, Failure> {
        self.server().await.map(|(dialect, _)| *dialect)
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        dialect: Dialect,
        path: &[&str],
        read: Read<'_>,
    ) -> Result<T, Failure> {
        let segments: Vec<&str> = ["rest", "api", dialect.version()].iter().chain(path).copied().collect();
        let (call, reply) = self.http.ask(&segments, read).await?;
        let denied = reply.header("x-authentication-denied-reason").unwrap_or_default();
        if denied.contains("CAPTCHA") {
            let what = "was denied: after too many failed logins it asks for a CAPTCHA";
            let mend = "sign in once in a browser, correct the token, then start tminus again";
            return Err(call.failure(FailureKind::Unauthorized, what, mend));
        }
        if reply.status.is_success() {
            return reply.json().map_err(|error| call.garbled(&reply, error));
        }
        Err(refused(&call, &reply))
    }

    /// The versions of a project; `only` lets Cloud leave out those with other names.
    async fn versions_of(&self, project: &str, only: Option<&str>) -> Result<Vec<TrackerVersion>, Failure> {
        let dialect = self.dialect().await?;
        let mut versions = Vec::new();
        match dialect {
            Dialect::DataCenter => {
                let all = self.ask(dialect, &["project", project, "versions"], Read::Get(&[])).await?;
                match all {
                    wire::Versions::All(all)
                    | wire::Versions::Page(wire::VersionPage { values: all, .. }) => {
                        versions.extend(all);
                    }
                }
            }
            Dialect::Cloud => self.version_pages(project, only, &mut versions).await?,
        }
        versions.into_iter().map(|version| self.version_from(project, version)).collect()
    }

    async fn version_pages(
        &self,
        project: &str,
        only: Option<&str>,
        versions: &mut Vec<wire::Version>,
    ) -> Result<(), Failure> {
        let page_size = PAGE.to_string();
        for _ in 0..MOST_PAGES {
            let start = versions.len().to_string();
            let mut query = vec![
                ("startAt", start.as_str()),
                ("maxResults", page_size.as_str()),
                ("expand", "issuesstatus"),
            ];
            query.extend(only.map(|name| ("query", name)));
            let page = self.ask(Dialect::Cloud, &["project", project, "version"], Read::Get(&query)).await?;
            match page {
                wire::Versions::All(all) => {
                    versions.extend(all);
                    return Ok(());
                }
                wire::Versions::Page(page) => {
                    let over = page.is_last || page.values.is_empty();
                    versions.extend(page.values);
                    if over {
                        return Ok(());
                    }
                }
            }
        }
        let what = format!("{}: the versions of {project} do not come to an end", self.http.name());
        Err(Failure::new(
            FailureKind::Garbled,
            what,
            "report it to who runs the tracker; it repeats its pages",
        ))
    }

    fn version_from(&self, project: &str, version: wire::Version) -> Result<TrackerVersion, Failure> {
        let url = self.http.url(&["projects", project, "versions", &version.id.0])?;
        let counts = version.counts;
        Ok(TrackerVersion {
            id: version.id.0,
            name: version.name.0,
            start_date: version.start_date.0,
            release_date: version.release_date.0,
            released: version.released,
            archived: version.archived,
            // A status without a category is not done, and nobody said that it was begun.
            to_do: counts.as_ref().map(|counts| counts.to_do.saturating_add(counts.unmapped)),
            in_progress: counts.as_ref().map(|counts| counts.in_progress),
            done: counts.as_ref().map(|counts| counts.done),
            open: None,
            url: Some(Safe::new(address(&url))),
            warnings: Vec::new(),
        })
    }

    async fn version_of(&self, project: &str, name: &str) -> Result<TrackerVersion, Failure> {
        let dialect = self.dialect().await?;
        let versions = self.versions_of(project, Some(name)).await?;
        let wanted = versions.into_iter().find(|version| version.name.as_str() == name);
        let mut version = wanted.ok_or_else(|| {
            let what = format!("{}: the project {project} has no version {name}", self.http.name());
            Failure::new(
                FailureKind::NotFound,
                what,
                "create it in the tracker, or correct `tracker` in the release",
            )
        })?;
        let found = self.search(dialect, &jql::open_issues(project, name)).await?;
        if found.more {
            let note = format!("only the first {} open issues were read", found.issues.len());
            version.warnings.push(Safe::new(note));
        }
        let blocking = &self.http.config().blocking_links;
        let complete = !found.more;
        let open: Vec<_> = found.issues.into_iter().map(|issue| issue::ticket(issue, blocking)).collect();
        if dialect == Dialect::DataCenter {
            self.count(&mut version, complete.then_some(&open)).await?;
        }
        version.open = Some(open);
        Ok(version)
    }

    /// Data Center counts all and unresolved issues; the open ones themselves tell which are begun.
    async fn count(
        &self,
        version: &mut TrackerVersion,
        open: Option<&Vec<crate::domain::question::Ticket>>,
    ) -> Result<(), Failure> {
        let (id, dialect) = (version.id.to_string(), Dialect::DataCenter);
        let related = ["version", id.as_str(), "relatedIssueCounts"];
        let unresolved = ["version", id.as_str(), "unresolvedIssueCount"];
        let (related, unresolved) = tokio::try_join!(
            self.ask::<wire::Related>(dialect, &related, Read::Get(&[])),
            self.ask::<wire::Unresolved>(dialect, &unresolved, Read::Get(&[])),
        )?;
        version.done = Some(related.issues_fixed_count.saturating_sub(unresolved.issues_unresolved_count));
        if let Some(open) = open {
            let begun = open.iter().filter(|ticket| ticket.category.as_str() == "indeterminate").count();
            let begun = u32::try_from(begun).unwrap_or(u32::MAX);
            version.in_progress = Some(begun);
            version.to_do = Some(unresolved.issues_unresolved_count.saturating_sub(begun));
        }
        Ok(())
    }

    async fn who(&self) -> Result<Identity, Failure> {
        let (dialect, product) = self.server().await?.clone();
        // Without a token everything is read as nobody; with a wrong one some servers do the same
        // in silence, and an empty list would look like the truth.
        let user = match self.http.token() {
            Some(_) => {
                let me: wire::Myself = self.ask(dialect, &["myself"], Read::Get(&[])).await?;
                me.display_name.or(me.name)
            }
            None => None,
        };
        Ok(Identity { product, user, clock_skew_seconds: self.http.clock_skew() })
    }
}

/// An answer that is not a success, with what Jira says of it.
fn refused(call: &Call, reply: &Reply) -> Failure {
    let said = reply.json::<wire::Refusal>().ok().map(|refusal| {
        let fields = refusal.errors.into_iter().map(|(field, message)| match message.as_str() {
            Some(message) => format!("{field}: {message}"),
            None => field,
        });
        let all: Vec<String> =
            refusal.error_messages.into_iter().chain(fields).chain(refusal.message).collect();
        all.join("; ")
    });
    call.refused(reply, said.as_deref(), Utc::now())
}

impl IdentitySource for Jira {
    fn identity(&self) -> Answering<'_, Identity> {
        Box::pin(self.who())
    }
}

impl TicketSource for Jira {
    fn versions<'a>(&'a self, project: &'a str) -> Answering<'a, Vec<TrackerVersion>> {
        Box::pin(self.versions_of(project, None))
    }

    fn version<'a>(&'a self, project: &'a str, version: &'a str) -> Answering<'a, TrackerVersion> {
        Box::pin(self.version_of(project, version))
    }
}
