//! The open issues of a version: two dialects of paging, and no endless loop in either.

use std::collections::BTreeSet;

use super::wire::{Issue, IssuePage};
use super::{Dialect, Jira};
use crate::backend::http::Read;
use crate::domain::{Failure, FailureKind};

/// The fields that are asked for: Cloud gives only the id by itself.
const FIELDS: &str = "summary,status,priority,assignee,issuetype,issuelinks,updated";
/// Issues asked for at a time; servers may give fewer.
const PAGE: usize = 100;
/// Pages after which something is wrong.
const MOST_PAGES: usize = 50;
/// Empty pages in a row after which something is wrong.
const MOST_EMPTY: usize = 3;

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// The issues.
    pub issues: Vec<Issue>,
    /// Whether there are more than were read.
    pub more: bool,
}

impl Jira {
    /// The issues a query finds, up to the limit.
    pub(super) async fn search(&self, dialect: Dialect, jql: &str) -> Result<Found, Failure> {
        match dialect {
            Dialect::Cloud => self.search_by_token(jql).await,
            Dialect::DataCenter => self.search_by_offset(jql).await,
        }
    }

    async fn search_by_token(&self, jql: &str) -> Result<Found, Failure> {
        let (mut found, mut seen, mut empty) = (Found::default(), BTreeSet::new(), 0);
        let mut token: Option<String> = None;
        let page_size = PAGE.to_string();
        for _ in 0..MOST_PAGES {
            let mut query = vec![("jql", jql), ("fields", FIELDS), ("maxResults", page_size.as_str())];
            query.extend(token.as_deref().map(|token| ("nextPageToken", token)));
            let page: IssuePage = self.ask(Dialect::Cloud, &["search", "jql"], Read::Get(&query)).await?;
            empty = if page.issues.is_empty() { empty + 1 } else { 0 };
            let next = page.next_page_token.filter(|token| !page.is_last && !token.is_empty());
            if self.take(&mut found, page.issues, next.is_some()) {
                return Ok(found);
            }
            let Some(next) = next else { return Ok(found) };
            if empty >= MOST_EMPTY || !seen.insert(next.clone()) {
                return Err(self.circles());
            }
            token = Some(next);
        }
        Err(self.circles())
    }

    async fn search_by_offset(&self, jql: &str) -> Result<Found, Failure> {
        let mut found = Found::default();
        let page_size = PAGE.to_string();
        for _ in 0..MOST_PAGES {
            let start = found.issues.len().to_string();
            let query = [
                ("jql", jql),
                ("fields", FIELDS),
                ("startAt", start.as_str()),
                ("maxResults", page_size.as_str()),
            ];
            let page: IssuePage = self.ask(Dialect::DataCenter, &["search"], Read::Get(&query)).await?;
            // By the number returned: the server may give fewer a page than were asked for.
            let (returned, so_far) = (page.issues.len(), found.issues.len());
            let more = page.total.is_none_or(|total| total > (so_far + returned) as u64);
            if self.take(&mut found, page.issues, more) || returned == 0 || !more {
                return Ok(found);
            }
        }
        Err(self.circles())
    }

    /// Takes a page; `true`: that is enough.
    fn take(&self, found: &mut Found, issues: Vec<Issue>, more: bool) -> bool {
        let room = self.http.limits().issues.saturating_sub(found.issues.len());
        let over = issues.len() > room;
        found.issues.extend(issues.into_iter().take(room));
        let full = found.issues.len() >= self.http.limits().issues;
        found.more = over || (full && more);
        full
    }

    fn circles(&self) -> Failure {
        let what = format!("{}: the pages of a search do not come to an end", self.http.name());
        Failure::new(FailureKind::Garbled, what, "report it to who runs the tracker; it repeats its pages")
    }
}
