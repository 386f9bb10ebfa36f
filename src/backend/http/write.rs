//! Changing something over HTTP: sent once, never again, and honest about what is not known.

use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue};
use url::Url;

use super::{Call, Client, Reply, connect};
use crate::backend::secret;
use crate::domain::{Failure, FailureKind};

/// A change that got no answer.
#[derive(Debug)]
pub enum Lost {
    /// It did not leave this machine: nothing was changed.
    NotSent(Failure),
    /// It may have arrived.
    Unclear(Failure),
}

impl Lost {
    /// What went wrong, where it does not matter whether it arrived.
    pub fn failure(self) -> Failure {
        match self {
            Self::NotSent(failure) | Self::Unclear(failure) => failure,
        }
    }
}

/// A request that is sent once.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// `PUT`, `DELETE`, `PROPFIND`…
    pub method: &'static str,
    /// Headers of its own.
    pub headers: &'a [(&'a str, &'a str)],
    /// What its body is; `None`: it has none.
    pub content_type: Option<&'static str>,
    /// Its body.
    pub body: Vec<u8>,
}

impl Client {
    /// Sends a JSON document with PUT, once. An answer of any status is an answer; a success whose
    /// body breaks off is one too, because its status says that it was carried out.
    pub async fn put(&self, segments: &[&str], body: &serde_json::Value) -> Result<(Call, Reply), Lost> {
        let request = Request {
            method: "PUT",
            headers: &[("accept", "application/json")],
            content_type: Some("application/json"),
            body: body.to_string().into_bytes(),
        };
        self.once_only(self.url(segments).map_err(Lost::NotSent)?, request).await
    }

    /// Sends a request once. An answer of any status is an answer, as with [`Client::put`].
    pub async fn once_only(&self, url: Url, request: Request<'_>) -> Result<(Call, Reply), Lost> {
        let call = Call {
            backend: self.name().to_owned(),
            method: request.method,
            url,
            secret: self.token().map(secret::title),
        };
        let request = self.built_request(&call, request).await.map_err(Lost::NotSent)?;
        let sent = tokio::time::timeout(self.limits().total, self.send_once(&call, request)).await;
        let reply = sent.unwrap_or_else(|_| {
            let what = format!("was not answered within {:?}", self.limits().total);
            Err(Lost::Unclear(call.failure(FailureKind::Timeout, what, "look there before trying again")))
        })?;
        Ok((call, reply))
    }

    async fn built_request(&self, call: &Call, own: Request<'_>) -> Result<reqwest::RequestBuilder, Failure> {
        let token = match self.token() {
            Some(source) => Some(self.secrets.get(source).await?),
            None => None,
        };
        let connect = || connect::client(&self.config, &self.secrets, &self.limits);
        let client = self.built.get_or_try_init(connect).await?;
        let impossible = || connect::wrong(&self.config, "would be sent something that HTTP cannot carry");
        let method = Method::from_bytes(own.method.as_bytes()).map_err(|_| impossible())?;
        let mut headers = self.headers(token.as_ref()).await?;
        headers.remove(ACCEPT);
        for (name, value) in own.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| impossible())?;
            headers.insert(name, HeaderValue::from_str(value).map_err(|_| impossible())?);
        }
        if let Some(kind) = own.content_type {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        Ok(client.request(method, call.url.clone()).headers(headers).body(own.body))
    }

    async fn send_once(&self, call: &Call, request: reqwest::RequestBuilder) -> Result<Reply, Lost> {
        super::meter::note();
        let mut response = request.send().await.map_err(|error| {
            let failure = call.no_answer(&error);
            // Without a connection nothing went out; after that nobody can say.
            if error.is_connect() || error.is_builder() {
                Lost::NotSent(failure)
            } else {
                Lost::Unclear(failure)
            }
        })?;
        let headers = std::mem::take(response.headers_mut());
        self.note_clock(&headers);
        let mut body = Vec::new();
        let reads = ["GET", "PROPFIND"].contains(&call.method);
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() <= self.limits().body => {
                    body.extend_from_slice(&chunk);
                }
                // Half an answer to a question is none; a change was carried out all the same.
                Ok(Some(_)) if reads => {
                    let what = format!("answered more than {} MiB", self.limits().body >> 20);
                    return Err(Lost::Unclear(call.failure(FailureKind::TooLarge, what, "ask for less")));
                }
                Err(error) if reads => return Err(Lost::Unclear(call.no_answer(&error))),
                Ok(_) | Err(_) => break,
            }
        }
        Ok(Reply { status: response.status(), headers, body })
    }
}
