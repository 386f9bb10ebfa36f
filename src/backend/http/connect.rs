//! From a backend's configuration to a client: address, proxy, certificates, who we are.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::redirect::Policy;
use reqwest::{Certificate, Identity};
use secrecy::zeroize::Zeroize;
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

use super::Limits;
use crate::backend::secret::{Secrets, locate};
use crate::domain::workspace::BackendConfig;
use crate::domain::{Failure, FailureKind};

/// The base address.
pub fn base(config: &BackendConfig) -> Result<Url, Failure> {
    let text = config.url.as_deref().ok_or_else(|| wrong(config, "has no url"))?;
    let mut url =
        Url::parse(text).map_err(|error| wrong(config, format!("has a url that is none ({error})")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong(config, "has a url that is neither http:// nor https://"));
    }
    if url.password().is_some() || !url.username().is_empty() {
        // Not repeated: it may be a password.
        return Err(wrong(config, "has a url with a user in it: use user and token instead"));
    }
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

/// A backend whose configuration cannot work.
pub fn wrong(config: &BackendConfig, what: impl std::fmt::Display) -> Failure {
    let name = &config.name;
    Failure::new(
        FailureKind::NotConfigured,
        format!("[backend.{name}] {what}"),
        format!("write url = \"https://…\" under [backend.{name}]"),
    )
}

/// The value of `Authorization`: basic with a user, bearer without.
pub fn authorization(user: Option<&str>, token: &SecretString) -> SecretString {
    let Some(user) = user else { return SecretString::from(format!("Bearer {}", token.expose_secret())) };
    let mut pair = format!("{user}:{}", token.expose_secret());
    let basic = format!("Basic {}", STANDARD.encode(&pair));
    pair.zeroize();
    SecretString::from(basic)
}

/// The client that speaks with this backend.
pub async fn client(
    config: &BackendConfig,
    secrets: &Secrets,
    limits: &Limits,
) -> Result<reqwest::Client, Failure> {
    let url = base(config)?;
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("tminus/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .referer(false)
        .connect_timeout(limits.connect)
        .timeout(limits.total)
        .tls_version_min(reqwest::tls::Version::TLS_1_2)
        .pool_max_idle_per_host(2);
    if is_loopback(&url) {
        builder = builder.no_proxy();
        if url.scheme() == "http" {
            // No TLS will be spoken: spare the reading of the system's authorities.
            builder = builder.tls_certs_only([]);
        }
    }
    if let Some(path) = &config.ca {
        let pem = pem(config, secrets, "ca", path).await?;
        let bundle = Certificate::from_pem_bundle(&pem)
            .map_err(|_| tls(config, format!("ca {} holds no PEM certificate", path.display())))?;
        if bundle.is_empty() {
            return Err(tls(config, format!("ca {} holds no PEM certificate", path.display())));
        }
        builder = builder.tls_certs_merge(bundle);
    }
    if let Some(path) = &config.client_certificate {
        let mut pair = pem(config, secrets, "client_certificate", path).await?;
        if let Some(key) = &config.client_key {
            pair.push(b'\n');
            pair.extend(pem(config, secrets, "client_key", key).await?);
        }
        let identity = Identity::from_pem(&pair);
        pair.zeroize();
        builder = builder.identity(identity.map_err(|_| {
            let path = path.display();
            tls(config, format!("client_certificate {path} (with client_key) is no PEM certificate and key"))
        })?);
    }
    builder.build().map_err(|error| tls(config, format!("no TLS client can be made: {error}")))
}

async fn pem(
    config: &BackendConfig,
    secrets: &Secrets,
    key: &str,
    path: &std::path::Path,
) -> Result<Vec<u8>, Failure> {
    let path = locate(secrets.root(), path);
    tokio::fs::read(&path)
        .await
        .map_err(|error| tls(config, format!("{key} {} cannot be read: {error}", path.display())))
}

fn tls(config: &BackendConfig, what: impl std::fmt::Display) -> Failure {
    let name = &config.name;
    Failure::new(
        FailureKind::Tls,
        format!("{name}: {what}"),
        format!("check ca, client_certificate and client_key under [backend.{name}]"),
    )
}

/// Whether an address is on this machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}
