//! Alertmanager, API v2: what fires, what is hidden, and by whom.

pub(super) mod wire;

use std::sync::Arc;

use chrono::Utc;
use serde::de::DeserializeOwned;

use super::capability::{AlertSource, Answering, IdentitySource, SilenceSource};
use super::http::{Client, Read};
use super::labels;
use crate::domain::question::{Alert, AlertState, Alerts, Identity, Silence};
use crate::domain::{Failure, Safe};

/// One Alertmanager.
#[derive(Debug)]
pub struct Alertmanager {
    http: Arc<Client>,
}

impl Alertmanager {
    /// At the end of this client.
    pub fn new(http: Arc<Client>) -> Self {
        Self { http }
    }

    async fn ask<T: DeserializeOwned>(&self, what: &str, query: &[(&str, &str)]) -> Result<T, Failure> {
        let (call, reply) = self.http.ask(&["api", "v2", what], Read::Get(query)).await?;
        if reply.status.is_success() {
            return reply.json().map_err(|error| call.garbled(&reply, error));
        }
        let said = match reply.json::<wire::Refusal>() {
            Ok(wire::Refusal::Text(text) | wire::Refusal::Coded { message: text }) => Some(text),
            Err(_) => None,
        };
        Err(call.refused(&reply, said.as_deref(), Utc::now()))
    }

    async fn alerts_of(&self) -> Result<Alerts, Failure> {
        let all = [("active", "true"), ("silenced", "true"), ("inhibited", "true")];
        let alerts: Vec<wire::Alert> = self.ask("alerts", &all).await?;
        let mut alerts: Vec<Alert> = alerts
            .into_iter()
            .map(|alert| {
                let state = state(&alert.status);
                labels::alert(alert.labels, &alert.annotations, state, alert.starts_at.unwrap_or_default())
            })
            .collect();
        alerts.sort_by(|a, b| (a.state, a.since, &a.name).cmp(&(b.state, b.since, &b.name)));
        Ok(alerts.into())
    }

    async fn silences_of(&self) -> Result<Vec<Silence>, Failure> {
        let silences: Vec<wire::Silence> = self.ask("silences", &[]).await?;
        let live = silences.into_iter().filter(|silence| silence.status.state != "expired");
        let mut silences: Vec<Silence> = live.map(silence).collect();
        silences.sort_by(|a, b| (a.starts, &a.id).cmp(&(b.starts, &b.id)));
        Ok(silences)
    }

    async fn who(&self) -> Result<Identity, Failure> {
        let status: wire::Status = self.ask("status", &[]).await?;
        let product = Safe::new(format!("Alertmanager {}", status.version_info.version));
        Ok(Identity { product, user: None, clock_skew_seconds: self.http.clock_skew() })
    }
}

fn state(status: &wire::AlertStatus) -> AlertState {
    if !status.silenced_by.is_empty() {
        AlertState::Silenced
    } else if !status.inhibited_by.is_empty() {
        AlertState::Inhibited
    } else {
        AlertState::Firing
    }
}

fn silence(silence: wire::Silence) -> Silence {
    let matcher = |matcher: &wire::Matcher| {
        let operator = match (matcher.is_equal.unwrap_or(true), matcher.is_regex) {
            (true, false) => "=",
            (true, true) => "=~",
            (false, false) => "!=",
            (false, true) => "!~",
        };
        Safe::new(format!("{}{operator}{}", matcher.name, matcher.value))
    };
    Silence {
        id: Safe::new(&silence.id),
        matchers: silence.matchers.iter().map(matcher).collect(),
        starts: silence.starts_at,
        ends: silence.ends_at,
        by: Safe::new(&silence.created_by),
        comment: Safe::new(&silence.comment),
        active: silence.status.state == "active",
    }
}

impl IdentitySource for Alertmanager {
    fn identity(&self) -> Answering<'_, Identity> {
        Box::pin(self.who())
    }
}

impl AlertSource for Alertmanager {
    fn alerts(&self) -> Answering<'_, Alerts> {
        Box::pin(self.alerts_of())
    }
}

impl SilenceSource for Alertmanager {
    fn silences(&self) -> Answering<'_, Vec<Silence>> {
        Box::pin(self.silences_of())
    }
}
