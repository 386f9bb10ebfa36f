//! A silence that is asked for: from a stage and an alert to what is sent.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::{Deployment, Matcher, holds, left, matcher, own, window};
use crate::domain::question::{Alert, Silence};
use crate::domain::{Release, Safe, Stage, format};

/// What is sent, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The Alertmanager.
    pub backend: String,
    /// What it is for.
    pub deployment: Deployment,
    /// What it mutes.
    pub matchers: Vec<Matcher>,
    /// From when.
    pub start: DateTime<Utc>,
    /// Until when.
    pub end: DateTime<Utc>,
    /// Who.
    pub by: String,
    /// Why, without the marker.
    pub reason: String,
    /// The id of the silence that it takes the place of, which ends once this one is there.
    pub replaces: Option<Safe>,
}

impl Request {
    /// The comment: the reason, and the marker by which it is found again.
    pub fn comment(&self) -> String {
        format!("{} [{}]", self.reason, self.deployment)
    }

    /// `alertname=Slow, service=checkout`
    pub fn what(&self) -> String {
        list(&self.matchers)
    }

    /// Whether a silence says what this asks for. Its start may be later: Alertmanager moves one
    /// that lies in the past to now.
    pub fn is_same(&self, silence: &Silence) -> bool {
        let sorted = |matchers: &[Matcher]| {
            let mut sorted = matchers.to_vec();
            sorted.sort();
            sorted
        };
        silence.comment.as_str() == Safe::new(self.comment()).as_str()
            && silence.by.as_str() == Safe::new(&self.by).as_str()
            && silence.ends.timestamp() == self.end.timestamp()
            && sorted(&silence.matchers) == sorted(&self.matchers)
    }

    /// The alerts that it would mute, of those that are known.
    pub fn mutes<'a>(matchers: &[Matcher], alerts: impl Iterator<Item = &'a Alert>) -> Vec<&'a Alert> {
        let Ok(tests) = matcher::tests(matchers) else { return Vec::new() };
        alerts.filter(|alert| tests.iter().all(|test| test.accepts(&alert.labels))).collect()
    }
}

/// Matchers as they are typed.
pub fn list(matchers: &[Matcher]) -> String {
    matchers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// What a silence for a stage begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What it is for.
    pub deployment: Deployment,
    /// What it mutes.
    pub matchers: Vec<Matcher>,
    /// The earliest start.
    pub from: DateTime<Utc>,
    /// The latest end: the stage's, its soak included.
    pub to: DateTime<Utc>,
    /// The zone the stage is planned in.
    pub zone: Tz,
    /// Why.
    pub reason: String,
}

impl Draft {
    /// For a stage of a release, about an alert where one is chosen. `labels`: how the alerts here
    /// name service, environment and region.
    pub fn of(
        release: &Release,
        stage: usize,
        alert: Option<&Alert>,
        labels: &LabelNames,
        now: DateTime<Utc>,
    ) -> Result<Self, String> {
        let id = Safe::new(&release.id);
        let Some(planned) = release.stages.get(stage) else {
            return Err(match release.stages.len() {
                0 => format!("{id} has no stage, and a silence is bounded to one: plan a stage first"),
                count => format!("{id} has no stage {stage}: they count from 0, the last is {}", count - 1),
            });
        };
        let (from, to) = left(planned, now)?;
        let matchers = match alert {
            Some(alert) => of_alert(alert, labels),
            None => of_stage(release, planned, labels),
        };
        let reason = format!("release {}: {}", release.id, release.title);
        let deployment = Deployment { release: release.id.clone(), stage };
        Ok(Self { deployment, matchers, from, to, zone: planned.time_zone, reason })
    }
}

/// The alert itself: its name, and the labels that say what it is about and where.
fn of_alert(alert: &Alert, labels: &LabelNames) -> Vec<Matcher> {
    let mut matchers = vec![Matcher::equal("alertname", &alert.name)];
    for name in [&labels.service, &labels.environment, &labels.region] {
        matchers.extend(alert.label(name).map(|value| Matcher::equal(name, value)));
    }
    matchers
}

/// Everything about the release's services where the stage is.
fn of_stage(release: &Release, stage: &Stage, labels: &LabelNames) -> Vec<Matcher> {
    let services: Vec<&str> = release.services().collect();
    let place = [
        Some(Matcher::equal(&labels.environment, &stage.environment)),
        stage.region.as_ref().map(|region| Matcher::equal(&labels.region, region)),
    ];
    Matcher::any(&labels.service, &services).into_iter().chain(place.into_iter().flatten()).collect()
}

/// How the alerts name what they are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelNames {
    /// `service` or `app`.
    pub service: String,
    /// `environment` or `env`.
    pub environment: String,
    /// `region`.
    pub region: String,
}

impl LabelNames {
    /// The names that most of these alerts use; the first of each where none does.
    pub fn of<'a>(alerts: impl Iterator<Item = &'a Alert>) -> Self {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for alert in alerts {
            for name in alert.labels.keys() {
                *counts.entry(name.as_str()).or_default() += 1;
            }
        }
        let usual = |names: &[&str]| {
            let count = |name: &&&str| counts.get(**name).copied().unwrap_or_default();
            // The last of equals is taken, so the first stands last.
            names.iter().rev().max_by_key(count).map(|name| (*name).to_owned()).unwrap_or_default()
        };
        Self {
            service: usual(&["service", "app"]),
            environment: usual(&["environment", "env"]),
            region: "region".to_owned(),
        }
    }
}

/// Why matchers reach beyond a stage, or `Ok` with what should be known of how far they reach.
pub fn check_reach(
    matchers: &[Matcher],
    release: &Release,
    stage: &Stage,
    labels: &LabelNames,
) -> Result<Vec<String>, String> {
    matcher::check(matchers)?;
    let of = |name: &str| {
        matchers.iter().find(|matcher| matcher.name.as_str() == name && matcher.sign.is_positive())
    };
    let fits = |matcher: &Matcher, value: &str| {
        let alone = BTreeMap::from([(matcher.name.clone(), Safe::new(value))]);
        matcher.test().is_ok_and(|test| test.accepts(&alone))
    };
    let place = [
        (&labels.environment, "environment", Some(&stage.environment)),
        (&labels.region, "region", stage.region.as_ref()),
    ];
    let mut notices = Vec::new();
    for (name, what, planned) in place {
        let Some(planned) = planned else { continue };
        match of(name) {
            Some(matcher) if !fits(matcher, planned) => {
                return Err(format!("{matcher} is not where the stage is: its {what} is {planned}"));
            }
            Some(_) => {}
            None => notices.push(format!("no {name}=…: it mutes in every {what}, not in {planned} alone")),
        }
    }
    match of(&labels.service) {
        Some(matcher) if !release.services().any(|service| fits(matcher, service)) => {
            notices.push(format!("{matcher} is no service of {}", release.id));
        }
        _ => {}
    }
    Ok(notices)
}

/// Why a silence cannot begin then; `Ok`: it can.
pub fn check_start(stage: &Stage, start: DateTime<Utc>) -> Result<(), String> {
    let (from, to) = window(stage);
    if start < from {
        let begins = format::local_time(from, stage.time_zone);
        return Err(format!("the stage begins {begins}: a silence for it does not begin before"));
    }
    if start >= to {
        return Err(format!("the stage is over then: it ends {}", until(stage)));
    }
    Ok(())
}

/// Why a silence cannot end then; `Ok`: it can.
pub fn check_end(
    stage: &Stage,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), String> {
    let (_, to) = window(stage);
    if end > to {
        return Err(format!("a silence for this stage ends with it: at the latest {}", until(stage)));
    }
    if end <= now {
        return Err("this is past: it would mute nothing".to_owned());
    }
    if end <= start {
        return Err("it would end before it begins".to_owned());
    }
    Ok(())
}

/// `Wed 25 Nov 18:00 CET, 1 h of soak included`
pub fn until(stage: &Stage) -> String {
    let (_, to) = window(stage);
    let at = format::local_time(to, stage.time_zone);
    match stage.soak {
        Some(soak) => format!("{at}, {} of soak included", format::duration(soak)),
        None => at,
    }
}

/// The silence that a request with these matchers would take the place of: one of ours for the
/// same stage that says the same and still holds. It is never extended: a longer one is a new one.
pub fn replaced<'a>(
    deployment: &Deployment,
    matchers: &[Matcher],
    silences: impl Iterator<Item = &'a Silence>,
) -> Option<&'a Silence> {
    let sorted = |matchers: &[Matcher]| {
        let mut sorted = matchers.to_vec();
        sorted.sort();
        sorted
    };
    let wanted = sorted(matchers);
    let mut ours = silences.filter(|silence| holds(silence) && own(silence).as_ref() == Some(deployment));
    ours.find(|silence| sorted(&silence.matchers) == wanted)
}
