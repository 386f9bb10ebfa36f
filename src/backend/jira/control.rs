//! Giving a version another release date.
//!
//! Jira knows no conditional change (no `If-Match`), so the version is read once more right before:
//! between that read and the change somebody could still get in, for as long as a call takes.

use serde_json::json;

use super::wire;
use super::{Dialect, Jira, refused};
use crate::backend::capability::{Acting, TrackerControl};
use crate::backend::http::{Lost, Read, address};
use crate::domain::tracker::{Dates, Push, Pushed, Sent};
use crate::domain::{Failure, FailureKind, Safe};

impl Jira {
    async fn push(&self, push: &Push) -> Pushed {
        if push.id.is_empty() {
            let what = format!("{}: {} has no id, so it cannot be addressed", self.http.name(), push.word());
            let mend = "ask who runs the tracker: every version has one";
            return Pushed::Refused(Failure::new(FailureKind::Garbled, what, mend));
        }
        let dialect = match self.dialect().await {
            Ok(dialect) => dialect,
            Err(failure) => return Pushed::Refused(failure),
        };
        match self.dates(dialect, push).await {
            Ok(now) if now == push.read => {}
            Ok(now) => return Pushed::Changed { now },
            Err(failure) => return Pushed::Refused(failure),
        }
        let sent = self.send(dialect, push).await;
        if let Sent::Refused(failure) = sent {
            return Pushed::Refused(failure);
        }
        push.settle(sent, self.dates(dialect, push).await)
    }

    async fn dates(&self, dialect: Dialect, push: &Push) -> Result<Dates, Failure> {
        let version: wire::Version = self.ask(dialect, &["version", &push.id], Read::Get(&[])).await?;
        Ok(Dates {
            name: version.name.0,
            start_date: version.start_date.0,
            release_date: version.release_date.0,
            released: version.released,
            archived: version.archived,
        })
    }

    /// Sends the date alone: fields that are left out stay as they are, in both dialects.
    async fn send(&self, dialect: Dialect, push: &Push) -> Sent {
        let body = json!({ "releaseDate": push.release_date.to_string() });
        let path = ["rest", "api", dialect.version(), "version", &push.id];
        let (call, reply) = match self.http.put(&path, &body).await {
            Ok(answered) => answered,
            Err(Lost::NotSent(failure)) => return Sent::Refused(failure),
            Err(Lost::Unclear(failure)) => return Sent::Unclear(failure),
        };
        if reply.status.is_success() {
            return Sent::Accepted;
        }
        let failure = refused(&call, &reply);
        match reply.status.as_u16() {
            // Somebody said no, and knows what it means.
            400..=407 | 409..=499 => Sent::Refused(self.explained(push, failure)),
            // A gateway or a server in trouble may have carried it out all the same.
            _ => Sent::Unclear(failure),
        }
    }

    /// A refusal with the mend that fits a change.
    fn explained(&self, push: &Push, failure: Failure) -> Failure {
        let project = &push.reference.project;
        let by_hand = || {
            let url = self.http.url(&["projects", project, "versions", &push.id]);
            url.map_or_else(|_| "in the tracker".to_owned(), |url| format!("at {}", address(&url)))
        };
        let mend = match failure.kind {
            FailureKind::Forbidden => {
                format!("it takes the right to administer {project}: ask for it, or change it {}", by_hand())
            }
            FailureKind::NotFound => format!(
                "it was deleted, or you lack the right to administer {project} (Jira says both like this): \
                 change it {}",
                by_hand()
            ),
            FailureKind::RateLimited => "wait a little, then try again".to_owned(),
            FailureKind::BadQuery => format!("change it {}, or mend the date", by_hand()),
            // 409, 415 and the like.
            FailureKind::Garbled => format!("look at it {}, then try again", by_hand()),
            _ => return failure,
        };
        Failure { mend: Safe::new(mend), ..failure }
    }
}

impl TrackerControl for Jira {
    fn set_release_date<'a>(&'a self, push: &'a Push) -> Acting<'a, Pushed> {
        Box::pin(self.push(push))
    }
}
