//! Calling somebody outside the terminal: a document that is posted, a program that is run.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::backend::http::{Client, Limits, Request};
use crate::backend::process::{self, Program};
use crate::backend::secret::Secrets;
use crate::domain::ring::{Ring, RingSettings};
use crate::domain::workspace::{BackendConfig, BackendKind};

/// How long a program may take.
const TIME: Duration = Duration::from_secs(10);
/// Of what it prints, this much is read and dropped.
const BYTES: usize = 64 * 1024;

/// Calls by every way that the settings name; what did not work, in words.
pub async fn call(settings: &RingSettings, ring: &Ring) -> Vec<String> {
    let (posted, ran) = tokio::join!(post(settings, ring), run(settings, ring));
    [posted, ran].into_iter().filter_map(Result::err).collect()
}

/// Posts the ring once: who gets it twice is called twice.
async fn post(settings: &RingSettings, ring: &Ring) -> Result<(), String> {
    let Some(url) = &settings.webhook else { return Ok(()) };
    let limits = Limits::default();
    let mut config = BackendConfig::new("the webhook of [ring]", BackendKind::Alertmanager);
    config.url = Some(url.clone());
    let client = Client::new(config, Arc::new(Secrets::new(None, limits)), limits);
    let body = json!({
        "schema": "tminus/1",
        "kind": "ring",
        "title": ring.title,
        "text": ring.text,
        "cause": ring.cause,
    });
    let request = Request {
        method: "POST",
        headers: &[],
        content_type: Some("application/json"),
        body: body.to_string().into_bytes(),
    };
    let address = client.exact_url().map_err(|failure| failure.to_string())?;
    let (_, reply) = client.once_only(address, request).await.map_err(|lost| lost.failure().to_string())?;
    if reply.status.is_success() {
        return Ok(());
    }
    Err(format!("the webhook of [ring] answered {}: look at its address in your config.toml", reply.status))
}

/// Runs the person's program, with the ring in its environment.
async fn run(settings: &RingSettings, ring: &Ring) -> Result<(), String> {
    if settings.command.is_empty() {
        return Ok(());
    }
    let program = Program {
        argv: settings.command.iter().map(Into::into).collect(),
        folder: None,
        set: vec![
            ("TMINUS_RING_TITLE", ring.title.as_str().into()),
            ("TMINUS_RING_TEXT", ring.text.as_str().into()),
        ],
        unset: &[],
        time: TIME,
        bytes: BYTES,
    };
    let name = settings.command.first().map_or("", String::as_str);
    match process::run(&program).await {
        Ok(outcome) if outcome.status.success() => Ok(()),
        Ok(outcome) => Err(format!("the command of [ring], {name}, ended with {}", outcome.status)),
        Err(error) => Err(format!("the command of [ring], {name}: {error}")),
    }
}
