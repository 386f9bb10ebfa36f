//! One HTTP client layer for all backends: bounded, polite, and careful with credentials.
//!
//! Redirects are never followed, and an address found in an answer is never asked: what we send
//! goes to the origin that the workspace names, and nowhere else.

mod connect;
mod limits;
pub mod meter;
mod refusal;
pub mod retry;
mod write;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use chrono::Utc;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use tokio::sync::OnceCell;
use url::Url;

pub use connect::is_loopback;
pub use limits::Limits;
pub use refusal::{Call, address, origin, words};
pub use write::{Lost, Request};

use super::secret::{self, Secrets};
use crate::domain::workspace::{BackendConfig, HeaderValue as ConfiguredHeader, SecretSource};
use crate::domain::{Failure, FailureKind};

/// Where a backend is asked over HTTP. Cheap to make: the real client, with its certificate
/// authorities, comes to life with the first call.
#[derive(Debug)]
pub struct Client {
    config: BackendConfig,
    secrets: Arc<Secrets>,
    limits: Limits,
    built: OnceCell<reqwest::Client>,
    budget: Mutex<retry::Budget>,
    /// The server's clock minus ours, in seconds; `i64::MIN`: it never said.
    skew: AtomicI64,
}

/// A read. Both kinds are reads: `Form` is for queries too long for an address.
#[derive(Debug, Clone, Copy)]
pub enum Read<'a> {
    /// GET with these parameters; tried again when that may help.
    Get(&'a [(&'a str, &'a str)]),
    /// POST of a form; never tried again.
    Form(&'a [(&'a str, &'a str)]),
}

/// An answer, whatever its status.
#[derive(Debug)]
pub struct Reply {
    /// Its status.
    pub status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Reply {
    /// A header's value, where it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body as it came.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body, without a byte order mark.
    pub fn text(&self) -> &[u8] {
        let body = self.body.as_slice();
        body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii()
    }

    /// Whether it is a page for people.
    pub fn is_html(&self) -> bool {
        self.text().first() == Some(&b'<')
    }

    /// The body as JSON; deeper than 128 levels is refused.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(self.text())
    }
}

impl Client {
    /// For this backend.
    pub fn new(config: BackendConfig, secrets: Arc<Secrets>, limits: Limits) -> Self {
        Self {
            config,
            secrets,
            limits,
            built: OnceCell::new(),
            budget: Mutex::default(),
            skew: AtomicI64::new(i64::MIN),
        }
    }

    /// The backend's name.
    pub fn name(&self) -> &str {
        &self.config.name
    }

    /// Its configuration.
    pub fn config(&self) -> &BackendConfig {
        &self.config
    }

    /// The bounds of its calls.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The server's clock minus ours, in seconds, as of its last answer.
    pub fn clock_skew(&self) -> Option<i64> {
        let skew = self.skew.load(Ordering::Relaxed);
        (skew != i64::MIN).then_some(skew)
    }

    /// The address of a call: the base with its path prefix, and these segments below it.
    pub fn url(&self, segments: &[&str]) -> Result<Url, Failure> {
        let mut url = connect::base(&self.config)?;
        url.path_segments_mut()
            .map_err(|()| connect::wrong(&self.config, "cannot carry a path"))?
            .pop_if_empty()
            .extend(segments);
        Ok(url)
    }

    /// The configured address itself, its query included.
    pub fn exact_url(&self) -> Result<Url, Failure> {
        let base = connect::base(&self.config)?;
        let exact = self.config.url.as_deref().and_then(|text| Url::parse(text).ok());
        Ok(exact.unwrap_or(base))
    }

    /// Asks, and reads the answer as JSON. What is not a success is a failure.
    pub async fn json<T: DeserializeOwned>(&self, segments: &[&str], read: Read<'_>) -> Result<T, Failure> {
        let (call, reply) = self.ask(segments, read).await?;
        if !reply.status.is_success() {
            return Err(call.refused(&reply, None, Utc::now()));
        }
        reply.json().map_err(|error| call.garbled(&reply, error))
    }

    /// Asks. An answer of any status is an answer, once trying again has not helped.
    pub async fn ask(&self, segments: &[&str], read: Read<'_>) -> Result<(Call, Reply), Failure> {
        let call = Call {
            backend: self.config.name.clone(),
            method: if matches!(read, Read::Get(_)) { "GET" } else { "POST" },
            url: self.url(segments)?,
            secret: self.config.token.as_ref().map(secret::title),
        };
        let begun = Instant::now();
        self.budget().call(begun);
        let in_time = tokio::time::timeout(self.limits.total, self.persist(&call, read, begun)).await;
        let reply = in_time.unwrap_or_else(|_| {
            let what = format!("was not answered within {:?}", self.limits.total);
            Err(call.failure(FailureKind::Timeout, what, "ask for less, or ask who runs it"))
        })?;
        Ok((call, reply))
    }

    async fn persist(&self, call: &Call, read: Read<'_>, begun: Instant) -> Result<Reply, Failure> {
        let mut tried = 0;
        loop {
            tried += 1;
            let outcome = self.once(call, read).await;
            let failure = match &outcome {
                Ok(reply) if matches!(reply.status.as_u16(), 429 | 500..=599) => {
                    call.refused(reply, None, Utc::now())
                }
                Ok(_) => return outcome,
                Err(failure) => failure.clone(),
            };
            let left = self.limits.total.saturating_sub(begun.elapsed());
            let pause = retry::pause(&self.limits, tried, left, &failure, fastrand::f64());
            let pause = pause.filter(|_| matches!(read, Read::Get(_)));
            match pause {
                Some(pause) if self.budget().take(Instant::now(), self.limits.spare_retries) => {
                    tracing::debug!(backend = self.name(), kind = ?failure.kind, tried, ?pause, "trying again");
                    tokio::time::sleep(pause).await;
                }
                _ => return outcome,
            }
        }
    }

    /// One attempt; a refused secret is read anew, once, and only tried when it has changed.
    async fn once(&self, call: &Call, read: Read<'_>) -> Result<Reply, Failure> {
        let token = match &self.config.token {
            Some(source) => Some((source, self.secrets.get(source).await?)),
            None => None,
        };
        let reply = self.send(call, read, token.as_ref().map(|(_, secret)| secret)).await?;
        if reply.status == StatusCode::UNAUTHORIZED
            && let Some((source, refused)) = token
            && let Some(renewed) = self.secrets.renew(source, &refused).await?
        {
            return self.send(call, read, Some(&renewed)).await;
        }
        Ok(reply)
    }

    async fn send(
        &self,
        call: &Call,
        read: Read<'_>,
        token: Option<&SecretString>,
    ) -> Result<Reply, Failure> {
        let connect = || connect::client(&self.config, &self.secrets, &self.limits);
        let client = self.built.get_or_try_init(connect).await?;
        let request = match read {
            Read::Get(query) => client.request(Method::GET, call.url.clone()).query(query),
            Read::Form(form) => client.request(Method::POST, call.url.clone()).form(form),
        };
        let request = request.headers(self.headers(token).await?);
        meter::note();
        let mut response = request.send().await.map_err(|error| call.no_answer(&error))?;
        let headers = std::mem::take(response.headers_mut());
        let length: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        if length > self.limits.headers {
            let what = format!("answered more than {} bytes of headers", self.limits.headers);
            return Err(call.failure(FailureKind::TooLarge, what, "is this the right url?"));
        }
        self.note_clock(&headers);
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| call.no_answer(&error))? {
            if body.len() + chunk.len() > self.limits.body {
                let what = format!("answered more than {} MiB", self.limits.body >> 20);
                return Err(call.failure(FailureKind::TooLarge, what, "ask for less: narrow the query"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply { status: response.status(), headers, body })
    }

    async fn headers(&self, token: Option<&SecretString>) -> Result<HeaderMap, Failure> {
        let mut headers = HeaderMap::new();
        headers.insert(reqwest::header::ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(token) = token {
            let value = connect::authorization(self.config.user.as_deref(), token);
            let place = self.config.token.as_ref().map(secret::title).unwrap_or_default();
            headers.insert(reqwest::header::AUTHORIZATION, self.value(&value, &place)?);
        }
        for (name, value) in &self.config.headers {
            let header = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| connect::wrong(&self.config, "has a header with an impossible name"))?;
            let value = match value {
                ConfiguredHeader::Text(text) => self.value(&SecretString::from(text.clone()), name)?,
                ConfiguredHeader::Secret(source) => {
                    self.value(&self.secrets.get(source).await?, &secret::title(source))?
                }
            };
            headers.insert(header, value);
        }
        Ok(headers)
    }

    fn value(&self, secret: &SecretString, place: &str) -> Result<HeaderValue, Failure> {
        let mut value = HeaderValue::from_str(secret.expose_secret()).map_err(|_| {
            let what = format!("{}: {place} holds characters that no header can carry", self.name());
            Failure::new(FailureKind::Secret, what, "one line of plain characters, without quotes")
        })?;
        value.set_sensitive(true);
        Ok(value)
    }

    fn note_clock(&self, headers: &HeaderMap) {
        let date = headers.get(reqwest::header::DATE).and_then(|value| value.to_str().ok());
        if let Some(date) = date.and_then(retry::http_date) {
            self.skew.store((date - Utc::now()).num_seconds(), Ordering::Relaxed);
        }
    }

    fn budget(&self) -> std::sync::MutexGuard<'_, retry::Budget> {
        self.budget.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the token comes from.
    pub fn token(&self) -> Option<&SecretSource> {
        self.config.token.as_ref()
    }
}
