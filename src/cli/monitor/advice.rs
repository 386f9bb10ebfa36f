//! What the triggers say of a rollout that `tminus monitor` watches: the same rules as in the cockpit,
//! live and over history. It only recommends.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::source::Source;
use crate::domain::alerts::{Past, Place, merge};
use crate::domain::analysis::Assessment;
use crate::domain::analysis::subject::{Phase, Subject};
use crate::domain::backout;
use crate::domain::burn::{self, Exhaustion, Known};
use crate::domain::compatibility;
use crate::domain::health::CheckResult;
use crate::domain::judge::Verdict;
use crate::domain::question::{Alert, AlertState};
use crate::domain::trigger::{self, Advised, Look, Observation, Situation, Watch, When};
use crate::domain::workspace::BackendKind;
use crate::domain::{Answer, Question, Service, Workspace};

/// A value older than so many samples is none.
const OLD: i32 = 3;

/// Which rollout: service, environment, region, version.
type Key = (String, String, Option<String>, String);

/// What the triggers have seen so far.
#[derive(Debug, Default)]
pub struct Advisor {
    watches: BTreeMap<Key, Watch>,
}

impl Advisor {
    /// Lets the triggers of a rollout look; answers with what they recommend.
    pub async fn look(
        &mut self,
        workspace: &Workspace,
        source: &mut Source,
        (service, subject): (&Service, &Subject),
        assessment: &Assessment,
    ) -> Option<Advised> {
        let Phase::Rollout(phase) = subject.phase else { return None };
        let now = assessment.now;
        if !trigger::is_watched(phase, subject.since, now) {
            return None;
        }
        let triggers = trigger::of_service(service);
        let is_asked = |wanted: fn(&When) -> bool| triggers.iter().any(|trigger| wanted(&trigger.when));
        let account = match &service.slo {
            Some(slo) => {
                let place = burn::query::place(workspace, slo);
                let questions = burn::query::questions(&service.id, place.as_deref());
                if is_asked(|when| matches!(when, When::Burn(_))) {
                    source.ask(&questions).await;
                }
                let mut known = Known::default();
                for question in &questions {
                    if let Some(Answer::Burned(burned)) = source.fresh(question) {
                        known.take(burned);
                    }
                }
                Some(burn::account(slo, &known, now))
            }
            None => None,
        };
        let alerts = if !is_asked(|when| matches!(when, When::Alert(_))) {
            None
        } else if source.is_of_the_past() {
            fired_then(workspace, source, subject, now).await
        } else {
            firing(workspace, source, subject).await
        };
        let observation = Observation {
            verdict: verdict(subject, assessment),
            values: values(assessment),
            alerts,
            burn: account.as_ref().and_then(burn::Account::last_hour),
            health: health(assessment),
        };
        let key = (
            subject.service.clone(),
            subject.environment.clone(),
            subject.region.clone(),
            subject.to.to_string(),
        );
        let watch = self.watches.entry(key).or_default();
        watch.look(
            &triggers,
            Look { at: now, began: subject.since, environment: &subject.environment, seen: &observation },
        );
        let fired = watch.fired();
        if fired.is_empty() {
            return None;
        }
        let running = Question::Running { environment: subject.environment.clone() };
        if !source.is_of_the_past() {
            source.ask(std::slice::from_ref(&running)).await;
        }
        let known = match source.fresh(&running) {
            Some(Answer::Running(running)) => compatibility::Known::Running(running),
            _ => compatibility::Known::Unknown("what runs beside it is not known"),
        };
        trigger::advise(&Situation {
            workspace,
            service,
            version: &subject.to,
            seen_before: subject.from.as_deref(),
            place: backout::Place {
                environment: &subject.environment,
                region: subject.region.as_deref(),
                known,
                tags: &BTreeMap::new(),
                now,
            },
            triggers: &triggers,
            fired: &fired,
            baseline: assessment.baseline(),
            burn: account.as_ref().and_then(|account| Some((account.lately()?, None))),
            budget_lasts: account.as_ref().and_then(|account| match account.outlook.exhaustion {
                Exhaustion::At(at) => Some(at - now),
                _ => None,
            }),
        })
    }
}

/// The verdict, where the numbers behind it are fresh; what was found stays found.
fn verdict(subject: &Subject, assessment: &Assessment) -> Option<Verdict> {
    let is_doubted = subject.doubt.is_some() || assessment.is_doubted();
    (assessment.verdict == Verdict::Failing || !is_doubted).then_some(assessment.verdict)
}

/// The latest values that are known and not old.
fn values(assessment: &Assessment) -> BTreeMap<String, f64> {
    let fresh = |at: DateTime<Utc>, interval: u32| {
        let patience = (TimeDelta::seconds(i64::from(interval)) * OLD).max(TimeDelta::seconds(90));
        assessment.now - at <= patience
    };
    let known = assessment.metrics.iter().filter(|metric| metric.doubt.is_none());
    let latest = known.filter_map(|metric| {
        let (_, value) = metric.value.filter(|(at, _)| fresh(*at, metric.interval))?;
        Some((metric.name.clone(), value))
    });
    latest.collect()
}

/// Whether each check passes, over its places; what is not known of one is left out.
fn health(assessment: &Assessment) -> BTreeMap<String, bool> {
    let mut worst: BTreeMap<String, CheckResult> = BTreeMap::new();
    for check in &assessment.health {
        let found = worst.entry(check.id().to_owned()).or_insert(CheckResult::Passes);
        let is_worse = matches!(
            (*found, check.result()),
            (CheckResult::Passes, _) | (CheckResult::Unknown, CheckResult::Fails)
        );
        if is_worse {
            *found = check.result();
        }
    }
    let known = worst.into_iter().filter(|(_, result)| *result != CheckResult::Unknown);
    known.map(|(id, result)| (id, result == CheckResult::Passes)).collect()
}

/// Names of the alerts that fired for a rollout at an instant of the past, began after it and were not
/// muted by a silence that is still told of; `None`: that is not known. Only a Prometheus remembers.
async fn fired_then(
    workspace: &Workspace,
    source: &mut Source,
    subject: &Subject,
    then: DateTime<Utc>,
) -> Option<Vec<String>> {
    let of = |kind| workspace.backends.iter().filter(move |backend| backend.kind == kind);
    let servers: Vec<(&str, Question)> = of(BackendKind::Prometheus)
        .map(|backend| Some((backend.name.as_str(), source.past_alerts(&backend.name)?)))
        .collect::<Option<_>>()?;
    let managers: Vec<Question> = of(BackendKind::Alertmanager)
        .map(|backend| Question::Silences { backend: backend.name.clone() })
        .collect();
    if servers.is_empty() {
        return None;
    }
    let questions = servers.iter().map(|(_, question)| question).chain(&managers);
    source.ask(&questions.cloned().collect::<Vec<_>>()).await;
    let place = place(subject);
    let mut firing: Vec<&Past> = Vec::new();
    for (name, question) in &servers {
        let Some(Answer::AlertHistory(history)) = source.fresh(question) else { return None };
        let is_its = |past: &&Past| past.alert.since >= subject.since && past.heard(name).concerns(&place);
        firing.extend(history.firing(then)?.into_iter().filter(is_its));
    }
    // Where none fires nobody need say whether it was muted.
    let managers = if firing.is_empty() { &[][..] } else { &managers };
    for question in managers {
        let Some(Answer::Silences(silences)) = source.fresh(question) else { return None };
        firing.retain(|past| !silences.iter().any(|silence| past.is_silenced_at(silence, then)));
    }
    Some(firing.iter().map(|past| past.alert.name.to_string()).collect())
}

fn place(subject: &Subject) -> Place<'_> {
    Place {
        service: &subject.service,
        environment: &subject.environment,
        region: subject.region.as_deref(),
        version: Some(&subject.to),
    }
}

/// Names of the alerts that fire for a rollout and began after it; `None`: somebody does not say.
async fn firing(workspace: &Workspace, source: &mut Source, subject: &Subject) -> Option<Vec<String>> {
    let of = |kind| workspace.backends.iter().filter(move |backend| backend.kind == kind);
    let backends: Vec<&str> = of(BackendKind::Alertmanager)
        .chain(of(BackendKind::Prometheus))
        .map(|backend| backend.name.as_str())
        .collect();
    let question = |backend: &str| Question::Alerts { backend: backend.to_owned() };
    let questions: Vec<Question> = backends.iter().map(|backend| question(backend)).collect();
    if questions.is_empty() {
        return None;
    }
    source.ask(&questions).await;
    let mut told: Vec<(&str, &[Alert])> = Vec::new();
    for (backend, question) in backends.iter().zip(&questions) {
        match source.fresh(question) {
            Some(Answer::Alerts(alerts)) if alerts.warnings.is_empty() => told.push((backend, alerts)),
            _ => return None,
        }
    }
    let place = place(subject);
    let heard = merge(told).into_iter().filter(|heard| {
        heard.alert.state == AlertState::Firing
            && heard.concerns(&place)
            && heard.alert.since >= subject.since
    });
    Some(heard.map(|heard| heard.alert.name.to_string()).collect())
}

/// What is recommended, as JSON.
pub fn document(advised: &Advised) -> Value {
    let mut value = serde_json::to_value(&advised.recommendation).unwrap_or_default();
    value["previous"] = json!(advised.previous);
    value
}

/// In one line for people.
pub fn words(subject: &Subject, advised: &Advised) -> String {
    let Advised { previous, recommendation } = advised;
    let clocks = &recommendation.clocks;
    let at_most = if clocks.back.seconds.is_some() { "at most " } else { "" };
    format!(
        "{}: {}; back {at_most}{}, forward {}; confidence {}",
        recommendation.remedy.label(&subject.service, &subject.to, previous.as_deref()),
        recommendation.reasons.join("; "),
        clocks.back.words(),
        clocks.forward.words(),
        recommendation.confidence.word(),
    )
}
