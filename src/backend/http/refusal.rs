//! What went wrong with a call, by name, and the mend.

use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use url::Url;

use super::{Reply, retry};
use crate::domain::{Failure, FailureKind, Safe};

/// How much of a server's own words is repeated.
const WORDS: usize = 300;

/// A server's words, made harmless and cut.
pub fn words(text: impl AsRef<str>) -> Safe {
    let text = text.as_ref();
    let cut: String = text.trim().chars().take(WORDS).collect();
    let more = if text.trim().chars().count() > WORDS { "…" } else { "" };
    Safe::new(format!("{cut}{more}"))
}

/// `https://host:port/path`: an address without user, password, query or fragment.
pub fn address(url: &Url) -> String {
    format!("{}{}", origin(url), url.path())
}

/// `https://host:port`: where an address leads, and nothing that could be a secret.
pub fn origin(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}", url.scheme(), url.host_str().unwrap_or_default())
}

/// Who asked what of whom, for messages.
#[derive(Debug, Clone)]
pub struct Call {
    /// The backend's name.
    pub backend: String,
    /// `GET`, `POST` or `PUT`.
    pub method: &'static str,
    /// Where to.
    pub url: Url,
    /// Where the secret comes from, in words; `None`: nothing is sent.
    pub secret: Option<String>,
}

impl Call {
    /// A failure of this call.
    pub fn failure(&self, kind: FailureKind, what: impl std::fmt::Display, mend: impl AsRef<str>) -> Failure {
        let place = address(&self.url);
        Failure::new(kind, format!("{}: {} {place} {what}", self.backend, self.method), mend)
    }

    /// Not even an answer.
    pub fn no_answer(&self, error: &reqwest::Error) -> Failure {
        let reasons = reasons(error);
        let host = self.url.host_str().unwrap_or_default();
        if let Some((what, mend)) = tls(&reasons, &self.backend) {
            return self.failure(FailureKind::Tls, format!("failed in TLS: {what}"), mend);
        }
        if error.is_dns() {
            return self.failure(
                FailureKind::Dns,
                format!("failed: the name {host} does not resolve"),
                format!("check the url of {}, the network and the VPN", section(&self.backend)),
            );
        }
        if error.is_timeout() {
            let what =
                if error.is_connect() { "found no connection in time" } else { "got no answer in time" };
            return self.failure(FailureKind::Timeout, what, "check the network, the VPN and the proxy");
        }
        let last = reasons.last().map_or("no reason given", String::as_str);
        if reasons.iter().any(|reason| reason.contains("too large") || reason.contains("too many headers")) {
            return self.failure(
                FailureKind::TooLarge,
                format!("was refused: {last}"),
                "is this the right url?",
            );
        }
        if error.is_decode() || reasons.iter().any(|reason| is_nonsense(reason)) {
            return self.failure(
                FailureKind::Garbled,
                format!("was answered with something that is not HTTP ({})", words(last)),
                "is this the right url and port?",
            );
        }
        self.failure(
            FailureKind::Unreachable,
            format!("failed: {}", words(last)),
            format!("is it running, and is the url of {} right?", section(&self.backend)),
        )
    }

    /// An answer that is not a success. `said` is the server's own message, where it could be read.
    pub fn refused(&self, reply: &Reply, said: Option<&str>, now: DateTime<Utc>) -> Failure {
        let status = reply.status;
        let said = said.map_or_else(|| plain(reply), words);
        let said = if said.is_empty() { String::new() } else { format!(" ({said})") };
        let what = format!("answered {}{said}", title(status));
        let place = section(&self.backend);
        let mut failure = match status.as_u16() {
            300..=399 => return self.redirected(reply),
            401 => self.failure(FailureKind::Unauthorized, what, self.who()),
            403 => self.failure(
                FailureKind::Forbidden,
                what,
                format!("ask for read access for the user of {place}"),
            ),
            404 => self.failure(
                FailureKind::NotFound,
                what,
                format!("check the url of {place} with its path prefix; it may also mean: not allowed"),
            ),
            410 => self.failure(FailureKind::Gone, what, "the server removed this call: update tminus"),
            429 => self.failure(FailureKind::RateLimited, what, format!("raise poll in {place}")),
            500..=599 => self.failure(FailureKind::Unavailable, what, "wait, or ask who runs it"),
            400 | 422 => self.failure(FailureKind::BadQuery, what, "check the query"),
            _ => self.failure(FailureKind::Garbled, what, format!("is the url of {place} right?")),
        };
        let asked = reply.header("retry-after");
        failure.retry_after = asked.and_then(|value| retry::retry_after(value, now));
        failure
    }

    /// A redirect: named, and not followed, because it could lead the credentials astray.
    fn redirected(&self, reply: &Reply) -> Failure {
        let target = reply.header("location").and_then(|location| self.url.join(location).ok());
        let (place, mend) = match target {
            Some(target) if origin(&target) != origin(&self.url) => {
                let origin = origin(&target);
                (
                    origin.clone(),
                    format!("if {origin} is right, write it as the url of {}", section(&self.backend)),
                )
            }
            Some(target) => (
                words(address(&target)).to_string(),
                format!("write the address it moved to as the url of {}", section(&self.backend)),
            ),
            None => ("nowhere".to_owned(), format!("check the url of {}", section(&self.backend))),
        };
        let what = format!("answered {}, a redirect to {place} that is not followed", title(reply.status));
        self.failure(FailureKind::Redirected, what, mend)
    }

    /// A success whose body is not what was expected.
    pub fn garbled(&self, reply: &Reply, error: impl std::fmt::Display) -> Failure {
        if reply.is_html() {
            return self.failure(
                FailureKind::Garbled,
                "answered an HTML page instead of JSON",
                format!("is the url of {} right, or is there a login page in front?", section(&self.backend)),
            );
        }
        let mend = format!("is the url of {} right?", section(&self.backend));
        self.failure(
            FailureKind::Garbled,
            format!("answered something unexpected ({})", words(error.to_string())),
            mend,
        )
    }

    fn who(&self) -> String {
        match &self.secret {
            Some(secret) => format!("check {secret}: it was refused"),
            None => format!("give {} a token", section(&self.backend)),
        }
    }
}

fn title(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(reason) => format!("{} {reason}", status.as_u16()),
        None => status.as_u16().to_string(),
    }
}

/// A short text body as it is; HTML and JSON say nothing that people want to read.
fn plain(reply: &Reply) -> Safe {
    if reply.is_html() || matches!(reply.text().first(), Some(b'{' | b'[') | None) {
        return Safe::default();
    }
    words(Safe::from_bytes(&reply.text()[..reply.text().len().min(4 * WORDS)]))
}

/// The chain of reasons, outermost first, without what reqwest says (it repeats the address).
fn reasons(error: &reqwest::Error) -> Vec<String> {
    let mut reasons = Vec::new();
    let mut next = std::error::Error::source(error);
    while let Some(reason) = next {
        reasons.push(reason.to_string());
        next = reason.source();
    }
    reasons
}

fn is_nonsense(reason: &str) -> bool {
    [
        "invalid HTTP",
        "invalid header",
        "message is incomplete",
        "invalid chunk",
        "Invalid chunk",
        "unexpected EOF",
    ]
    .iter()
    .any(|nonsense| reason.contains(nonsense))
}

/// Where a person finds its url: a followed calendar is no backend of theirs.
fn section(backend: &str) -> String {
    match backend.strip_prefix("calendar ") {
        Some(id) => format!("[[calendar]] {id}"),
        None => format!("[backend.{backend}]"),
    }
}

fn tls(reasons: &[String], backend: &str) -> Option<(String, String)> {
    let reason = reasons.iter().rev().find(|reason| {
        let reason = reason.to_ascii_lowercase();
        ["certificate", "tls", "handshake", "corrupt message", "fatal alert"]
            .iter()
            .any(|sign| reason.contains(sign))
    })?;
    let has = |signs: &[&str]| signs.iter().any(|sign| reason.contains(sign));
    let (what, mend) = if has(&["UnknownIssuer", "self-signed", "UnsupportedCertVersion"]) {
        (
            "the certificate is self-signed or from an unknown authority",
            "name its authority: ca = \"file.pem\"",
        )
    } else if has(&["CaUsedAsEndEntity"]) {
        (
            "the certificate is self-signed as an authority's own (CA:TRUE), which no server may show",
            "make it with `-addext basicConstraints=critical,CA:FALSE`, and name it: ca = \"file.pem\"",
        )
    } else if has(&["xpired"]) {
        ("the certificate has expired", "renew it on the server; also check this machine's clock")
    } else if has(&["NotValidYet"]) {
        ("the certificate is not valid yet", "check this machine's clock")
    } else if has(&["NotValidForName", "not valid for name"]) {
        ("the certificate is for another host", "use the name in the certificate as the url's host")
    } else if has(&["InvalidContentType", "corrupt message"]) {
        (
            "the server does not speak TLS on this port",
            "write http:// if it really has no TLS, or the TLS port",
        )
    } else if has(&["CertificateRequired", "BadCertificate", "certificate required"]) {
        ("the server asks for a client certificate", "set client_certificate and client_key")
    } else {
        return Some((words(reason).to_string(), format!("check the url and ca of [backend.{backend}]")));
    };
    Some((what.to_owned(), format!("{mend} in [backend.{backend}]")))
}

#[cfg(test)]
mod tests {
    use super::section;

    #[test]
    fn the_mend_names_the_table_that_holds_the_url() {
        assert_eq!(section("prometheus"), "[backend.prometheus]");
        assert_eq!(section("calendar holidays"), "[[calendar]] holidays");
    }
}
