//! Why something from outside could not be had: a name, what happened, and the mend.

use std::time::Duration;

use serde::Serialize;

use super::Safe;

/// What a backend's refusal or silence is called. Every failure has a name and a mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {mend}")]
pub struct Failure {
    /// Its name.
    pub kind: FailureKind,
    /// What happened, where: `jira: GET https://…/myself answered 401 Unauthorized`.
    pub what: Safe,
    /// What to do about it.
    pub mend: Safe,
    /// How long the server asked us to wait.
    pub retry_after: Option<Duration>,
}

impl Failure {
    /// A failure without a wait.
    pub fn new(kind: FailureKind, what: impl AsRef<str>, mend: impl AsRef<str>) -> Self {
        Self { kind, what: Safe::new(what), mend: Safe::new(mend), retry_after: None }
    }
}

/// The names of failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// No backend is set up for the question.
    NotConfigured,
    /// A secret could not be had, or others can read it.
    Secret,
    /// 401: who are you?
    Unauthorized,
    /// 403: you may not.
    Forbidden,
    /// 404.
    NotFound,
    /// 410: the call no longer exists.
    Gone,
    /// 429: too many calls.
    RateLimited,
    /// 5xx.
    Unavailable,
    /// No connection: refused, reset, unroutable.
    Unreachable,
    /// The name does not resolve.
    Dns,
    /// The certificate or the handshake.
    Tls,
    /// Connect or total deadline passed.
    Timeout,
    /// The answer is larger than is allowed.
    TooLarge,
    /// A redirect, which is not followed.
    Redirected,
    /// The answer is not what the protocol says.
    Garbled,
    /// 400 or 422: the question is wrong, usually a query.
    BadQuery,
    /// A program ended with an error (git, a command).
    Command,
    /// A file could not be read.
    File,
    /// Given up because nobody waits for it.
    Cancelled,
    /// A bug of ours: a task panicked.
    Internal,
}

impl FailureKind {
    /// The name in words.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotConfigured => "not configured",
            Self::Secret => "secret missing",
            Self::Unauthorized => "not signed in",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not found",
            Self::Gone => "call removed",
            Self::RateLimited => "rate limited",
            Self::Unavailable => "server error",
            Self::Unreachable => "unreachable",
            Self::Dns => "unknown host",
            Self::Tls => "TLS failed",
            Self::Timeout => "timed out",
            Self::TooLarge => "answer too large",
            Self::Redirected => "redirected",
            Self::Garbled => "garbled answer",
            Self::BadQuery => "query refused",
            Self::Command => "command failed",
            Self::File => "file unreadable",
            Self::Cancelled => "cancelled",
            Self::Internal => "internal error",
        }
    }
}
