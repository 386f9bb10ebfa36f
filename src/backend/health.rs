//! Health checks: a query, a request with bounds of its own, a program.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use reqwest::redirect::Policy;
use url::Url;

use super::check;
use crate::backend::Inner;
use crate::domain::health::{HealthCheck, HttpProbe, Outcome, Probe, Target};
use crate::domain::template::{self, Escape, UnknownTemplate};
use crate::domain::{Environment, Failure, FailureKind, Safe};

/// How many bytes of a probe's answer are read.
const BODY: usize = 1 << 20;
/// How many redirects are followed where they are allowed.
const REDIRECTS: usize = 5;

/// Runs a check at a place.
pub(super) async fn ask(inner: &Inner, target: &Target, now: DateTime<Utc>) -> Result<Outcome, Failure> {
    let service = inner.service(&target.service)?;
    let found = service.health.iter().find(|check| check.id == target.check);
    let check = found.ok_or_else(|| {
        let what = format!("the service {} has no health check {}", target.service, target.check);
        Failure::new(FailureKind::NotConfigured, what, "write it as [[service.health]]")
    })?;
    let environment = inner.environment(&target.environment)?;
    let begun = Instant::now();
    let (passes, found) = match &check.probe {
        Probe::Query { query, until } => {
            let query = fill_query(check, target, environment, query)?;
            let checked = check::by_query(inner.series(None)?, &query, *until, now).await?;
            (checked.holds, checked.found)
        }
        Probe::Http(probe) => {
            let url = fill_url(check, target, &probe.url)?;
            by_http(check, probe, &url).await?
        }
        Probe::Command { argv, timeout } => {
            let argv = argv.iter().map(|argument| fill(check, target, argument));
            let argv = argv.collect::<Result<Vec<_>, _>>()?;
            let timeout = timeout.and_then(|timeout| timeout.to_std().ok());
            let root = inner.ground.root.as_deref();
            let checked = check::by_command(root, &argv, timeout, &inner.ground.limits).await?;
            (checked.holds, checked.found)
        }
    };
    let milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(Outcome { passes, found, milliseconds })
}

fn fill(check: &HealthCheck, target: &Target, text: &str) -> Result<String, Failure> {
    template::fill(text, &target.values(), Escape::None).map_err(|error| garbled(check, target, &error))
}

/// A region of which nobody spoke is any of them.
fn fill_query(
    check: &HealthCheck,
    target: &Target,
    environment: &Environment,
    query: &str,
) -> Result<String, Failure> {
    let mut values = target.values();
    values.insert("region", environment.region_in_query(target.region.as_deref()));
    template::fill(query, &values, Escape::PromQl).map_err(|error| garbled(check, target, &error))
}

/// Values become parts of the address, and cannot change where it leads.
fn fill_url(check: &HealthCheck, target: &Target, url: &str) -> Result<Url, Failure> {
    let mut values = target.values();
    for value in values.values_mut() {
        *value = encoded(value);
    }
    let filled =
        template::fill(url, &values, Escape::None).map_err(|error| garbled(check, target, &error))?;
    let parsed = Url::parse(&filled).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    parsed.ok_or_else(|| {
        let what = format!("the url of the check {} is no address over http or https", check.id);
        Failure::new(FailureKind::NotConfigured, what, "write url = \"https://…\" in its http table")
    })
}

/// Everything but letters, digits and `-._~` as `%XX`.
fn encoded(value: &str) -> String {
    let mut out = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(byte as char);
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn garbled(check: &HealthCheck, target: &Target, error: &UnknownTemplate) -> Failure {
    if error.name == "version" {
        let what = format!("the check {} of {} asks for a version", check.id, target.service);
        let mend = "it is known while a rollout is on its way; or give --version";
        return Failure::new(FailureKind::NotConfigured, what, mend);
    }
    if error.name == "region" {
        let what = format!("the check {} of {} asks for a region", check.id, target.service);
        let mend = format!("{} has none: give it regions, or leave the check out there", target.environment);
        return Failure::new(FailureKind::NotConfigured, what, mend);
    }
    let what = format!("the check {} of {}: {error}", check.id, target.service);
    Failure::new(FailureKind::BadQuery, what, "correct it in tminus.toml")
}

/// A request. That nobody answers is what the check is there to find: it fails, and is not unknown.
async fn by_http(check: &HealthCheck, probe: &HttpProbe, url: &Url) -> Result<(bool, Safe), Failure> {
    let timeout = probe.timeout.to_std().unwrap_or(Duration::from_secs(5));
    let policy = if probe.redirects { Policy::limited(REDIRECTS) } else { Policy::none() };
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("tminus/", env!("CARGO_PKG_VERSION")))
        .redirect(policy)
        .referer(false)
        .connect_timeout(timeout)
        .timeout(timeout);
    if super::http::is_loopback(url) {
        builder = builder.no_proxy();
        if url.scheme() == "http" && !probe.redirects {
            builder = builder.tls_certs_only([]);
        }
    }
    let client = builder.build().map_err(|error| {
        let what = format!("the check {}: no client can be made: {error}", check.id);
        Failure::new(FailureKind::Tls, what, "look at the machine's certificate authorities")
    })?;
    match get(&client, probe, url).await {
        Ok(found) => Ok(found),
        Err(error) if error.is_builder() => {
            let what = format!("the check {}: {}", check.id, error.without_url());
            Err(Failure::new(FailureKind::NotConfigured, what, "correct its url"))
        }
        Err(error) if error.is_timeout() => {
            Ok((false, Safe::new(format!("no answer within {} ms", timeout.as_millis()))))
        }
        Err(error) if error.is_redirect() => {
            Ok((false, Safe::new(format!("more than {REDIRECTS} redirects"))))
        }
        Err(error) if error.is_connect() => {
            Ok((false, Safe::new(format!("no connection: {}", root(&error)))))
        }
        Err(error) => Ok((false, Safe::new(format!("no whole answer: {}", root(&error))))),
    }
}

/// The innermost reason, which is the one that people know.
fn root(error: &dyn std::error::Error) -> String {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

async fn get(client: &reqwest::Client, probe: &HttpProbe, url: &Url) -> reqwest::Result<(bool, Safe)> {
    let mut response = client.get(url.clone()).send().await?;
    let status = response.status().as_u16();
    let is_right =
        if probe.status.is_empty() { (200..300).contains(&status) } else { probe.status.contains(&status) };
    if !is_right {
        let wanted = match probe.status.as_slice() {
            [] => "200 to 299".to_owned(),
            some => some.iter().map(u16::to_string).collect::<Vec<_>>().join(" or "),
        };
        return Ok((false, Safe::new(format!("status {status}, wanted {wanted}"))));
    }
    let Some(wanted) = &probe.contains else { return Ok((true, Safe::new(format!("status {status}")))) };
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > BODY {
            let found = format!("status {status}, more than {} KiB without being done", BODY >> 10);
            return Ok((false, Safe::new(found)));
        }
    }
    let holds = body.windows(wanted.len().max(1)).any(|part| part == wanted.as_bytes()) || wanted.is_empty();
    let said = if holds { "holds" } else { "does not hold" };
    Ok((holds, Safe::new(format!("status {status}, the body {said} “{wanted}”"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_change_where_an_address_leads() {
        assert_eq!(encoded("4.2.0-rc_1"), "4.2.0-rc_1");
        assert_eq!(encoded("../a?b#c@d e"), "..%2Fa%3Fb%23c%40d%20e");
    }

    #[test]
    fn a_check_that_asks_for_a_region_where_there_is_none_says_so() {
        let target = Target {
            service: "checkout".to_owned(),
            check: "front".to_owned(),
            environment: "staging".to_owned(),
            region: None,
            version: None,
        };
        let url = "https://{{region}}.shop.example/health";
        let check = HealthCheck {
            id: "front".to_owned(),
            title: "front".to_owned(),
            probe: Probe::Command { argv: Vec::new(), timeout: None },
            environments: Vec::new(),
            interval: chrono::TimeDelta::minutes(1),
            critical: false,
            data: false,
        };
        let failure = fill_url(&check, &target, url).expect_err("there is no region");
        assert!(failure.to_string().contains("asks for a region"), "{failure}");
        let environment =
            Environment { id: "staging".to_owned(), regions: Vec::new(), capacity: None, versions: None };
        let query = fill_query(&check, &target, &environment, r#"up{region=~"{{region}}"}"#);
        assert_eq!(query.expect("it can be asked"), r#"up{region=~".*"}"#);
    }
}
