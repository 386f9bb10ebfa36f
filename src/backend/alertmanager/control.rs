//! Making and ending silences: sent once, and judged by what is there afterwards.
//!
//! A silence's end is never moved: a longer one is a new silence, and the one before ends only
//! once the new one was seen.

use chrono::{DateTime, SecondsFormat, Utc};

use super::{Alertmanager, refused, wire};
use crate::backend::capability::{Acting, SilenceControl};
use crate::backend::http::{Call, Lost, Reply, Request as Http};
use crate::domain::silence::{Created, Expired, Request, Sent};
use crate::domain::{Failure, FailureKind, Safe};

impl Alertmanager {
    async fn make(&self, request: &Request) -> Created {
        // Known before, so that one that is there afterwards can be told to be ours.
        let before = match self.silences_of().await {
            Ok(silences) => silences.into_iter().map(|silence| silence.id).collect::<Vec<_>>(),
            Err(failure) => return Created::Refused(failure),
        };
        let sent = self.send(request).await;
        if let Sent::Refused(failure) = sent {
            return Created::Refused(failure);
        }
        let made = Created::settle(request, sent, &before, self.silences_of().await);
        match (made, &request.replaces) {
            (Created::Made { silence, .. }, Some(id)) if silence.id != *id => {
                let replaced = Some(Box::new(self.end(id).await));
                Created::Made { silence, replaced }
            }
            (made, _) => made,
        }
    }

    async fn send(&self, request: &Request) -> Sent<Safe> {
        let comment = request.comment();
        let silence = wire::NewSilence {
            matchers: request
                .matchers
                .iter()
                .map(|matcher| wire::NewMatcher {
                    name: &matcher.name,
                    value: &matcher.value,
                    is_regex: matcher.sign.is_regex(),
                    is_equal: matcher.sign.is_positive(),
                })
                .collect(),
            starts_at: time(request.start),
            ends_at: time(request.end),
            created_by: &request.by,
            comment: &comment,
        };
        let body = match serde_json::to_vec(&silence) {
            Ok(body) => body,
            Err(error) => {
                let what = format!("{}: the silence cannot be written ({error})", self.http.name());
                return Sent::Refused(Failure::new(FailureKind::Internal, what, "report this as a bug"));
            }
        };
        match self.once(&["silences"], "POST", body).await {
            Ok((call, reply)) => match reply.json::<wire::Made>() {
                Ok(made) => Sent::Accepted(Safe::new(made.id)),
                // It said yes, and not to what.
                Err(error) => Sent::Unclear(call.garbled(&reply, error)),
            },
            Err(sent) => sent,
        }
    }

    async fn end(&self, id: &str) -> Expired {
        if id.is_empty() {
            let what = format!("{}: a silence without an id cannot be addressed", self.http.name());
            let failure = Failure::new(FailureKind::NotFound, what, "look at the list of silences again");
            return Expired::Refused(failure);
        }
        let sent = match self.once(&["silence", id], "DELETE", Vec::new()).await {
            Ok(_) => Sent::Accepted(()),
            Err(Sent::Refused(failure)) => return Expired::Refused(failure),
            Err(Sent::Unclear(failure) | Sent::Accepted(failure)) => Sent::Unclear(failure),
        };
        Expired::settle(id, sent, self.silences_of().await)
    }

    /// Sends a change once. `Ok`: a success.
    async fn once<T>(
        &self,
        path: &[&str],
        method: &'static str,
        body: Vec<u8>,
    ) -> Result<(Call, Reply), Sent<T>> {
        let segments: Vec<&str> = ["api", "v2"].iter().chain(path).copied().collect();
        let url = self.http.url(&segments).map_err(Sent::Refused)?;
        let request = Http {
            method,
            headers: &[("accept", "application/json")],
            content_type: (!body.is_empty()).then_some("application/json"),
            body,
        };
        let (call, reply) = match self.http.once_only(url, request).await {
            Ok(answered) => answered,
            Err(Lost::NotSent(failure)) => return Err(Sent::Refused(failure)),
            Err(Lost::Unclear(failure)) => return Err(Sent::Unclear(failure)),
        };
        if reply.status.is_success() {
            return Ok((call, reply));
        }
        let failure = refused(&call, &reply);
        Err(match reply.status.as_u16() {
            // Somebody said no, and knows what it means.
            400..=407 | 409..=499 => Sent::Refused(self.explained(failure, method)),
            // A gateway or a server in trouble may have carried it out all the same.
            _ => Sent::Unclear(failure),
        })
    }

    /// A refusal with the mend that fits a change.
    fn explained(&self, failure: Failure, method: &str) -> Failure {
        let name = self.http.name();
        let mend = match failure.kind {
            FailureKind::NotFound if method == "DELETE" => {
                "there is no such silence any more: look at the list again".to_owned()
            }
            FailureKind::BadQuery => "correct the silence as it says".to_owned(),
            FailureKind::Forbidden => {
                format!("ask for the right to change silences for the user of [backend.{name}]")
            }
            FailureKind::RateLimited => "wait a little, then try again".to_owned(),
            _ => return failure,
        };
        Failure { mend: Safe::new(mend), ..failure }
    }
}

/// A time as the API reads it; to the second, so that it is the same when it is read again.
fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

impl SilenceControl for Alertmanager {
    fn silence<'a>(&'a self, request: &'a Request) -> Acting<'a, Created> {
        Box::pin(self.make(request))
    }

    fn expire<'a>(&'a self, id: &'a str) -> Acting<'a, Expired> {
        Box::pin(self.end(id))
    }
}
