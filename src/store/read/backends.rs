//! `[backend.NAME]`

use std::path::PathBuf;

use toml::de::{DeTable, DeValue};

use super::super::report::Report;
use super::super::wire::{At, workspace as wire};
use super::entry::{Value, entry, take_table};
use super::values;
use crate::domain::Safe;
use crate::domain::workspace::{BackendConfig, BackendKind, HeaderValue, SecretSource};

const SOURCES: &str =
    "use { env = \"NAME\" }, { command = [\"…\"] }, { file = \"…\" } or { keyring = \"service/user\" }";

/// Reads the backends, in file order; a bad one is left out.
pub fn read(report: &mut Report<'_>, table: &mut DeTable<'_>) -> Vec<BackendConfig> {
    let Some(value) = take_table(report, table, "backend") else { return Vec::new() };
    let DeValue::Table(backends) = value.into_inner() else { return Vec::new() };
    let mut entries: Vec<_> = backends.into_iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    entries
        .into_iter()
        .filter_map(|(name, value)| {
            let at = At { span: name.span(), value: name.into_inner().into_owned() };
            backend(report, &at, value)
        })
        .collect()
}

fn backend(report: &mut Report<'_>, name: &At<String>, value: Value<'_>) -> Option<BackendConfig> {
    let errors = report.errors();
    let id = values::word(report, name, "backend's name")?;
    let wire = entry::<wire::Backend>(report, value, &format!("backend.{id}"))?;
    let Some(kind) = wire.kind.or_else(|| kind_of(&id)) else {
        let known = BackendKind::ALL.map(BackendKind::word).join(", ");
        report.error(&name.span, format!("the backend `{id}` has no `type`: write one of {known}"));
        return None;
    };
    let url = wire.url.as_ref().and_then(|at| url(report, at));
    if url.is_none() && wire.url.is_none() && kind.needs_url() {
        report.error(&name.span, format!("the {} backend `{id}` has no `url`", kind.word()));
    }
    if kind == BackendKind::Plugin && wire.command.is_empty() {
        report.error(
            &name.span,
            format!("the plugin `{id}` has no `command`: write command = [\"./program\"]"),
        );
    }
    let token = wire.token.and_then(|at| secret(report, at));
    let headers = wire.headers.into_iter().filter_map(|(name, at)| header(report, name, at)).collect();
    let poll_seconds = values::maybe_span(report, wire.poll.as_ref()).and_then(|span| {
        let seconds = u32::try_from(span.num_seconds()).ok().filter(|seconds| *seconds > 0);
        if seconds.is_none() {
            let place = wire.poll.as_ref().map(|at| at.span.clone()).unwrap_or_default();
            report.error(&place, "`poll` must be a second or more: write 15s or 1m");
        }
        seconds
    });
    let budget = wire.budget.as_ref().and_then(|at| budget(report, at));
    if report.errors() > errors {
        return None;
    }
    Some(BackendConfig {
        url,
        user: wire.user,
        token,
        headers,
        ca: wire.ca.map(PathBuf::from),
        client_certificate: wire.client_certificate.map(PathBuf::from),
        client_key: wire.client_key.map(PathBuf::from),
        command: wire.command,
        poll_seconds,
        budget,
        blocking_links: wire.blocking_links,
        projects: wire.projects,
        ..BackendConfig::new(id, kind)
    })
}

/// Requests a minute; a backend that may hardly be asked anything would be no backend.
fn budget(report: &mut Report<'_>, at: &At<i64>) -> Option<u32> {
    let accepted = u32::try_from(at.value).ok().filter(|requests| (10..=60_000).contains(requests));
    if accepted.is_none() {
        let message =
            format!("found a budget of {}: 10 to 60000 requests a minute are accepted, 600", at.value);
        report.error(&at.span, message);
    }
    accepted
}

fn kind_of(name: &str) -> Option<BackendKind> {
    BackendKind::ALL.into_iter().find(|kind| kind.word() == name)
}

fn url(report: &mut Report<'_>, at: &At<String>) -> Option<String> {
    let wrong = match url::Url::parse(&at.value) {
        Ok(url) if !matches!(url.scheme(), "http" | "https") => {
            format!("the scheme `{}` is not spoken: write http:// or https://", Safe::new(url.scheme()))
        }
        Ok(url) if url.password().is_some() => {
            format!("a literal password in a URL is refused: write `user`, and `token`: {SOURCES}")
        }
        Ok(url) if url.query().is_some() || url.fragment().is_some() => {
            "the URL has a `?` or `#` part: write only its base".to_owned()
        }
        Ok(_) => return Some(at.value.clone()),
        Err(error) => format!("not a URL ({error}): write https://example.com or http://localhost:9090"),
    };
    report.error(&at.span, wrong);
    None
}

/// A calendar's address: whole, because private addresses carry their key in the query.
pub fn calendar_url(report: &mut Report<'_>, at: &At<String>) -> Option<String> {
    // Calendars like to be named by a scheme of their own.
    let text = match at.value.strip_prefix("webcal://") {
        Some(rest) => format!("https://{rest}"),
        None => at.value.clone(),
    };
    let bare = text.split(['?', '#']).next().unwrap_or_default().to_owned();
    url(report, &At { span: at.span.clone(), value: bare }).map(|_| text)
}

/// One source of a secret; a literal one is refused.
pub fn secret(report: &mut Report<'_>, at: At<wire::Secret>) -> Option<SecretSource> {
    match at.value {
        wire::Secret::Text(_) => {
            report.error(&at.span, format!("a literal token is refused: {SOURCES}"));
            None
        }
        wire::Secret::Source(source) => {
            let source = one_source(source);
            if source.is_none() {
                report.error(&at.span, format!("a secret has one source: {SOURCES}"));
            }
            source
        }
    }
}

fn one_source(wire: wire::SecretSource) -> Option<SecretSource> {
    match (wire.env, wire.file, wire.command, wire.keyring) {
        (Some(env), None, None, None) if !env.is_empty() => Some(SecretSource::Env(env)),
        (None, Some(file), None, None) if !file.is_empty() => Some(SecretSource::File(PathBuf::from(file))),
        (None, None, Some(command), None) if !command.is_empty() => Some(SecretSource::Command(command)),
        (None, None, None, Some(entry)) if entry.contains('/') => Some(SecretSource::Keyring(entry)),
        _ => None,
    }
}

/// A header, literal or fetched; a literal secret is refused.
pub fn header(report: &mut Report<'_>, name: String, at: At<wire::Secret>) -> Option<(String, HeaderValue)> {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if name.is_empty() || !name.chars().all(is_token) {
        let shown = Safe::new(&name);
        report.error(&at.span, format!("`{shown}` is not a header's name: write letters, digits and `-`"));
        return None;
    }
    let secret = ["authorization", "token", "cookie", "api-key", "apikey", "secret", "password"];
    match at.value {
        wire::Secret::Text(_) if secret.iter().any(|word| name.to_ascii_lowercase().contains(word)) => {
            report.error(&at.span, format!("a literal secret in the header {name} is refused: {SOURCES}"));
            None
        }
        wire::Secret::Text(text) => {
            if text.chars().any(char::is_control) {
                report.error(&at.span, format!("the header {name} holds a control character: leave it out"));
                return None;
            }
            Some((name, HeaderValue::Text(text)))
        }
        source @ wire::Secret::Source(_) => self::secret(report, At { span: at.span, value: source })
            .map(|source| (name, HeaderValue::Secret(source))),
    }
}
