//! CalDAV: calendars that are fetched, and one that is published to.
//!
//! Reads may fail and be asked again; a PUT or DELETE is sent once, with the state it is about
//! (`If-Match`, `If-None-Match`), so that nothing that others wrote is overwritten.

mod multistatus;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::Utc;
use url::Url;

pub use multistatus::resources;

use super::capability::{Answering, IdentitySource};
use super::http::{Call, Client, Lost, Reply, Request};
use crate::domain::question::Identity;
use crate::domain::{Failure, FailureKind, Safe};

const CALENDAR: &str = "text/calendar; charset=utf-8";
const XML: &str = "application/xml; charset=utf-8";
const ETAGS: &str = r#"<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:"><prop><getetag/><resourcetype/></prop></propfind>"#;

/// A calendar at an address.
pub struct Caldav {
    client: Arc<Client>,
}

/// A calendar file that was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// It is as it was.
    Unchanged,
    /// Its bytes, and the server's word for its state.
    Changed(Vec<u8>, Option<String>),
}

/// What must be true on the server for a change to be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Nothing of that name is there.
    Absent,
    /// It is in this state.
    Is(String),
}

/// How a change ended.
#[derive(Debug)]
pub enum Outcome {
    /// Carried out; the new state, where the server says it.
    Done(Option<String>),
    /// Somebody else was there first: nothing was changed.
    Conflict,
    /// Refused, or it never left: nothing was changed.
    Failed(Failure),
    /// Nobody knows whether it arrived.
    Unknown(Failure),
}

impl Caldav {
    /// Over this client.
    pub fn new(client: Arc<Client>) -> Self {
        Self { client }
    }

    /// The calendar file itself, unless it is still as it was.
    pub async fn fetch(&self, etag: Option<&str>) -> Result<Fetched, Failure> {
        let headers: Vec<(&str, &str)> = etag.map(|etag| ("if-none-match", etag)).into_iter().collect();
        let request = Request { method: "GET", headers: &headers, content_type: None, body: Vec::new() };
        let (call, reply) =
            self.client.once_only(self.client.exact_url()?, request).await.map_err(Lost::failure)?;
        match reply.status.as_u16() {
            304 => Ok(Fetched::Unchanged),
            200..=299 if reply.is_html() => Err(call.failure(
                FailureKind::Garbled,
                "answered an HTML page instead of a calendar",
                "is there a login page in front? use the calendar's private address",
            )),
            200..=299 => Ok(Fetched::Changed(reply.body().to_vec(), reply.header("etag").map(str::to_owned))),
            _ => Err(call.refused(&reply, None, Utc::now())),
        }
    }

    /// The resources of the collection, by name, with their state. `None`: there is no collection.
    pub async fn list(&self) -> Result<Option<BTreeMap<String, String>>, Failure> {
        let request = Request {
            method: "PROPFIND",
            headers: &[("depth", "1")],
            content_type: Some(XML),
            body: ETAGS.as_bytes().to_vec(),
        };
        let (call, reply) = self.client.once_only(self.folder()?, request).await.map_err(Lost::failure)?;
        match reply.status.as_u16() {
            404 => Ok(None),
            207 => resources(reply.body()).map(Some).map_err(|error| call.garbled(&reply, error)),
            200..=299 => Err(call.failure(
                FailureKind::Garbled,
                "is no CalDAV server: it does not answer PROPFIND",
                "name the address of a calendar collection",
            )),
            _ => Err(call.refused(&reply, None, Utc::now())),
        }
    }

    /// One resource's bytes.
    pub async fn get(&self, name: &str) -> Result<Vec<u8>, Failure> {
        let request = Request { method: "GET", headers: &[], content_type: None, body: Vec::new() };
        let (call, reply) =
            self.client.once_only(self.resource(name)?, request).await.map_err(Lost::failure)?;
        if reply.status.is_success() {
            Ok(reply.body().to_vec())
        } else {
            Err(call.refused(&reply, None, Utc::now()))
        }
    }

    /// Makes the collection.
    pub async fn make(&self) -> Outcome {
        let request = Request { method: "MKCALENDAR", headers: &[], content_type: None, body: Vec::new() };
        self.change(self.folder(), request).await
    }

    /// Puts a resource.
    pub async fn put(&self, name: &str, text: &str, condition: &Condition) -> Outcome {
        let condition = match condition {
            Condition::Absent => ("if-none-match", "*"),
            Condition::Is(etag) => ("if-match", etag.as_str()),
        };
        let body = text.as_bytes().to_vec();
        let request = Request { method: "PUT", headers: &[condition], content_type: Some(CALENDAR), body };
        self.change(self.resource(name), request).await
    }

    /// Deletes a resource that is in this state.
    pub async fn delete(&self, name: &str, etag: &str) -> Outcome {
        let headers = [("if-match", etag)];
        let request = Request { method: "DELETE", headers: &headers, content_type: None, body: Vec::new() };
        match self.change(self.resource(name), request).await {
            // Somebody else deleted it: it is gone all the same.
            Outcome::Failed(failure) if failure.kind == FailureKind::NotFound => Outcome::Done(None),
            other => other,
        }
    }

    async fn change(&self, url: Result<Url, Failure>, request: Request<'_>) -> Outcome {
        let url = match url {
            Ok(url) => url,
            Err(failure) => return Outcome::Failed(failure),
        };
        match self.client.once_only(url, request).await {
            Ok((_, reply)) if reply.status.is_success() => {
                Outcome::Done(reply.header("etag").map(str::to_owned))
            }
            Ok((_, reply)) if reply.status.as_u16() == 412 => Outcome::Conflict,
            // A proxy in front may have lost the answer of a server that did it.
            Ok((call, reply)) if reply.status.is_server_error() => Outcome::Unknown(refused(&call, &reply)),
            Ok((call, reply)) => Outcome::Failed(refused(&call, &reply)),
            Err(Lost::NotSent(failure)) => Outcome::Failed(failure),
            Err(Lost::Unclear(failure)) => Outcome::Unknown(failure),
        }
    }

    /// The collection's address, which ends in a slash.
    fn folder(&self) -> Result<Url, Failure> {
        self.client.url(&[""])
    }

    fn resource(&self, name: &str) -> Result<Url, Failure> {
        self.client.url(&[name])
    }
}

fn refused(call: &Call, reply: &Reply) -> Failure {
    call.refused(reply, None, Utc::now())
}

impl IdentitySource for Caldav {
    fn identity(&self) -> Answering<'_, Identity> {
        Box::pin(async {
            let found = self.list().await?;
            let what = match found {
                Some(resources) => format!("calendar with {} entries", resources.len()),
                None => "calendar that is not there yet: publishing makes it".to_owned(),
            };
            Ok(Identity {
                product: Safe::new(format!("CalDAV, a {what}")),
                user: self.client.config().user.as_ref().map(Safe::new),
                clock_skew_seconds: self.client.clock_skew(),
            })
        })
    }
}
