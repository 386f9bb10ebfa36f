//! Alertmanager, API v2: what fires, what is hidden, and by whom.

mod control;
pub(super) mod wire;

use std::sync::Arc;

use chrono::Utc;
use serde::de::DeserializeOwned;

use super::capability::{AlertSource, Answering, IdentitySource, SilenceSource};
use super::http::{Call, Client, Read, Reply};
use super::labels;
use crate::domain::question::{Alert, AlertState, Alerts, Identity, Silence, SilenceState};
use crate::domain::silence::{LATELY, Matcher, Sign, holds};
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
        Err(refused(&call, &reply))
    }

    async fn alerts_of(&self) -> Result<Alerts, Failure> {
        let all = [("active", "true"), ("silenced", "true"), ("inhibited", "true")];
        let alerts: Vec<wire::Alert> = self.ask("alerts", &all).await?;
        let mut alerts: Vec<Alert> = alerts
            .into_iter()
            .map(|alert| {
                let state = state(&alert.status);
                let since = alert.starts_at.unwrap_or_default();
                let ids = |ids: &[String]| ids.iter().map(Safe::new).collect();
                Alert {
                    id: alert.fingerprint.map(Safe::new),
                    silenced_by: ids(&alert.status.silenced_by),
                    inhibited_by: ids(&alert.status.inhibited_by),
                    ..labels::alert(alert.labels, &alert.annotations, state, since)
                }
            })
            .collect();
        alerts.sort_by(|a, b| (a.state, a.since, &a.name).cmp(&(b.state, b.since, &b.name)));
        Ok(alerts.into())
    }

    async fn silences_of(&self) -> Result<Vec<Silence>, Failure> {
        let silences: Vec<wire::Silence> = self.ask("silences", &[]).await?;
        let since = Utc::now() - LATELY;
        let mut silences: Vec<Silence> = silences.into_iter().map(silence).collect();
        silences.retain(|silence| holds(silence) || silence.ends >= since);
        silences.sort_by(|a, b| (a.state, a.starts, &a.id).cmp(&(b.state, b.starts, &b.id)));
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
    let matcher = |matcher: &wire::Matcher| Matcher {
        name: Safe::new(&matcher.name),
        sign: Sign::of(matcher.is_equal.unwrap_or(true), matcher.is_regex),
        value: Safe::new(&matcher.value),
    };
    Silence {
        id: Safe::new(&silence.id),
        matchers: silence.matchers.iter().map(matcher).collect(),
        starts: silence.starts_at,
        ends: silence.ends_at,
        by: Safe::new(&silence.created_by),
        comment: Safe::new(&silence.comment),
        state: match silence.status.state.as_str() {
            "active" => SilenceState::Active,
            "pending" => SilenceState::Pending,
            _ => SilenceState::Expired,
        },
    }
}

/// An answer that is not a success, with what is said of it in each of the three shapes: a bare
/// text (its rules), a code of its own with a message (its check of what was sent), nothing.
fn refused(call: &Call, reply: &Reply) -> Failure {
    let said = match reply.json::<wire::Refusal>() {
        Ok(wire::Refusal::Text(text)) => Some(text),
        Ok(wire::Refusal::Coded { code: Some(code), message }) => {
            Some(format!("{message}; its own code {code}"))
        }
        Ok(wire::Refusal::Coded { code: None, message }) => Some(message),
        Err(_) if reply.text().is_empty() => Some("without a word".to_owned()),
        Err(_) => None,
    };
    call.refused(reply, said.as_deref(), Utc::now())
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
