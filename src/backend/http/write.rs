//! Changing something over HTTP: sent once, never again, and honest about what is not known.

use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderValue};

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

impl Client {
    /// Sends a JSON document with PUT, once. An answer of any status is an answer; a success whose
    /// body breaks off is one too, because its status says that it was carried out.
    pub async fn put(&self, segments: &[&str], body: &serde_json::Value) -> Result<(Call, Reply), Lost> {
        let call = Call {
            backend: self.name().to_owned(),
            method: "PUT",
            url: self.url(segments).map_err(Lost::NotSent)?,
            secret: self.token().map(secret::title),
        };
        let request = self.request(&call, body).await.map_err(Lost::NotSent)?;
        let sent = tokio::time::timeout(self.limits().total, self.send_once(&call, request)).await;
        let reply = sent.unwrap_or_else(|_| {
            let what = format!("was not answered within {:?}", self.limits().total);
            Err(Lost::Unclear(call.failure(FailureKind::Timeout, what, "look there before trying again")))
        })?;
        Ok((call, reply))
    }

    async fn request(
        &self,
        call: &Call,
        body: &serde_json::Value,
    ) -> Result<reqwest::RequestBuilder, Failure> {
        let token = match self.token() {
            Some(source) => Some(self.secrets.get(source).await?),
            None => None,
        };
        let connect = || connect::client(&self.config, &self.secrets, &self.limits);
        let client = self.built.get_or_try_init(connect).await?;
        let headers = self.headers(token.as_ref()).await?;
        let json = HeaderValue::from_static("application/json");
        let request = client.request(Method::PUT, call.url.clone()).headers(headers);
        Ok(request.header(CONTENT_TYPE, json).body(body.to_string()))
    }

    async fn send_once(&self, call: &Call, request: reqwest::RequestBuilder) -> Result<Reply, Lost> {
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
        while let Ok(Some(chunk)) = response.chunk().await {
            if body.len() + chunk.len() > self.limits().body {
                break;
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply { status: response.status(), headers, body })
    }
}
