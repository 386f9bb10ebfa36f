//! Alerts of several sources as one list: each alert once, and which of them matter to a rollout.

pub mod past;

pub use past::{Gap, History, Past};

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use super::question::{Alert, AlertState};
use super::{Release, Safe};

/// One alert, wherever it was heard of.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// The alert.
    pub alert: Alert,
    /// The backend that told of it.
    pub source: String,
    /// Other backends that told of it too.
    pub also: Vec<String>,
    /// The same for the same alert until it ends; what is acknowledged.
    pub fingerprint: String,
}

/// Where a version is rolled out: what an alert may concern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The service.
    pub service: &'a str,
    /// The environment.
    pub environment: &'a str,
    /// The region; `None`: all of them.
    pub region: Option<&'a str>,
    /// The version to come; `None`: any.
    pub version: Option<&'a str>,
}

/// Whether an alert began after a rollout did, or before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Began {
    /// After it: it may have to do with it.
    After,
    /// Before it: it was there already.
    Before,
}

impl Began {
    /// Seen from a rollout that began at an instant.
    pub fn of(alert: &Alert, rollout: DateTime<Utc>) -> Self {
        if alert.since >= rollout { Self::After } else { Self::Before }
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::After => "after",
            Self::Before => "before",
        }
    }
}

impl Heard {
    /// Whether somebody or something decided that nobody needs to hear it.
    pub fn is_muted(&self) -> bool {
        matches!(self.alert.state, AlertState::Silenced | AlertState::Inhibited)
    }

    /// The labels that say what it is about: service, environment, region, version.
    pub fn about(&self) -> Vec<&str> {
        let names = [&["service", "app"][..], &["environment", "env"], &["region"], &["version"]];
        names.iter().filter_map(|names| self.label(names)).collect()
    }

    fn label(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.alert.label(name)).map(Safe::as_str)
    }

    /// Whether its labels fit a place: its service, and nothing that says otherwise.
    pub fn concerns(&self, place: &Place<'_>) -> bool {
        let fits = |found: Option<&str>, wanted: &str| found.is_none_or(|found| found == wanted);
        self.label(&["service", "app"]) == Some(place.service)
            && fits(self.label(&["environment", "env"]), place.environment)
            && place.region.is_none_or(|region| fits(self.label(&["region"]), region))
            && place.version.is_none_or(|version| fits(self.label(&["version"]), version))
    }

    /// What a filter looks at.
    pub fn text(&self) -> String {
        let labels = self.alert.labels.values().map(Safe::as_str);
        let words = [self.alert.name.as_str(), self.alert.summary.as_str(), self.alert.state.word()];
        words.into_iter().chain(labels).collect::<Vec<_>>().join(" ")
    }
}

/// Every alert once, from sources in order of trust: one that two of them tell of is taken from
/// the first, and the other is remembered beside it.
pub fn merge<'a>(told: impl IntoIterator<Item = (&'a str, &'a [Alert])>) -> Vec<Heard> {
    let mut heard: Vec<Heard> = Vec::new();
    let mut by_name: BTreeMap<Safe, Vec<usize>> = BTreeMap::new();
    for (source, alerts) in told {
        // Two alerts of one source are two, however alike.
        let known = heard.len();
        for alert in alerts {
            let same_name = by_name.get(&alert.name).into_iter().flatten();
            let mut same = same_name.filter(|index| **index < known);
            if let Some(index) = same.find(|index| is_same(&heard[**index].alert, alert)).copied() {
                heard[index].also.push(source.to_owned());
                continue;
            }
            by_name.entry(alert.name.clone()).or_default().push(heard.len());
            heard.push(Heard {
                alert: alert.clone(),
                source: source.to_owned(),
                also: Vec::new(),
                fingerprint: fingerprint(alert),
            });
        }
    }
    heard
}

/// First what fires, what began after the rollout before the rest; last what is muted. `began`:
/// when the rollout did, where there is one; `concerns`: whether an alert is about it.
pub fn sort(heard: &mut [Heard], began: Option<DateTime<Utc>>, concerns: impl Fn(&Heard) -> bool) {
    heard.sort_by_cached_key(|heard| {
        let after = began.is_some_and(|began| Began::of(&heard.alert, began) == Began::After);
        let place = (heard.is_muted(), !after, !concerns(heard), heard.alert.state);
        (place, Reverse(heard.alert.since), heard.fingerprint.clone())
    });
}

/// An Alertmanager's alert carries the sender's external labels too: one set of labels holds
/// the other.
fn is_same(one: &Alert, other: &Alert) -> bool {
    let (small, large) = if one.labels.len() <= other.labels.len() { (one, other) } else { (other, one) };
    one.name == other.name && small.labels.iter().all(|(name, value)| large.labels.get(name) == Some(value))
}

/// FNV-1a over name, labels and beginning: an alert that ends and comes again is a new one, and
/// is not acknowledged.
fn fingerprint(alert: &Alert) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut feed = |text: &str| {
        for byte in text.bytes().chain([0]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    feed(&alert.name);
    for (name, value) in &alert.labels {
        feed(name);
        feed(value);
    }
    feed(&alert.since.timestamp().to_string());
    format!("{hash:016x}")
}

/// What an alert has to do with a release: `None`, nothing; else whether it began after the release
/// did where the alert is, where it has begun there.
pub fn of_release(heard: &Heard, release: &Release, now: DateTime<Utc>) -> Option<Option<Began>> {
    let services = release.services();
    let mut places = services.flat_map(|service| {
        release.stages.iter().map(move |stage| {
            let place = Place {
                service,
                environment: &stage.environment,
                region: stage.region.as_deref(),
                version: None,
            };
            (place, stage.start)
        })
    });
    let concerned: Vec<DateTime<Utc>> =
        places.by_ref().filter(|(place, _)| heard.concerns(place)).map(|(_, start)| start).collect();
    let begun = concerned.iter().filter(|start| **start <= now).min();
    (!concerned.is_empty()).then(|| begun.map(|began| Began::of(&heard.alert, *began)))
}

/// The worse alerts that hide one, of those that are known.
pub fn inhibitors<'a>(heard: &Heard, all: impl IntoIterator<Item = &'a Heard>) -> Vec<&'a Heard> {
    let hides = |other: &&Heard| {
        other.source == heard.source
            && other.alert.id.as_ref().is_some_and(|id| heard.alert.inhibited_by.contains(id))
    };
    all.into_iter().filter(hides).collect()
}

/// An alert as JSON; the cockpit and the command line say the same.
pub fn document<'a>(heard: &Heard, all: impl IntoIterator<Item = &'a Heard>) -> Value {
    let labels = heard.alert.labels.iter().map(|(name, value)| (name.to_string(), json!(value)));
    let by = inhibitors(heard, all);
    json!({
        "name": heard.alert.name,
        "state": heard.alert.state.word(),
        "since": heard.alert.since.to_rfc3339_opts(SecondsFormat::Secs, true),
        "summary": heard.alert.summary,
        "labels": labels.collect::<serde_json::Map<_, _>>(),
        "source": heard.source,
        "also_from": heard.also,
        "silenced_by": heard.alert.silenced_by,
        "inhibited_by": by.iter().map(|other| &other.alert.name).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alert(name: &str, labels: &[(&str, &str)], state: AlertState, minutes: i64) -> Alert {
        Alert {
            name: name.into(),
            labels: labels.iter().map(|(name, value)| (Safe::new(name), Safe::new(value))).collect(),
            summary: Safe::default(),
            state,
            since: DateTime::from_timestamp(1_795_612_800 + minutes * 60, 0).unwrap(),
            id: None,
            silenced_by: Vec::new(),
            inhibited_by: Vec::new(),
        }
    }

    #[test]
    fn what_two_sources_tell_of_is_one_row_of_the_first_and_names_both() {
        let with_outside = [("service", "cart"), ("cluster", "a")];
        let muted = [alert("Slow", &with_outside, AlertState::Silenced, 0)];
        let fires = [
            alert("Slow", &[("service", "cart")], AlertState::Firing, 0),
            alert("Slow", &[("service", "mail")], AlertState::Pending, 0),
        ];
        let heard = merge([("am", &muted[..]), ("prom", &fires[..])]);
        let rows: Vec<_> = heard
            .iter()
            .map(|heard| (heard.source.as_str(), heard.also.join(" "), heard.alert.state))
            .collect();
        assert_eq!(
            rows,
            [("am", "prom".to_owned(), AlertState::Silenced), ("prom", String::new(), AlertState::Pending)]
        );
    }

    #[test]
    fn two_alerts_of_one_source_stay_two() {
        let alike = [
            alert("Slow", &[("service", "cart")], AlertState::Firing, 0),
            alert("Slow", &[("service", "cart"), ("pod", "a")], AlertState::Firing, 0),
        ];
        assert_eq!(merge([("am", &alike[..])]).len(), 2);
    }

    #[test]
    fn what_began_after_the_rollout_comes_first_and_what_is_muted_last() {
        let cart = [("service", "cart")];
        let alerts = [
            alert("Old", &cart, AlertState::Firing, -60),
            alert("Muted", &cart, AlertState::Silenced, 5),
            alert("Other", &[("service", "mail")], AlertState::Firing, 6),
            alert("New", &cart, AlertState::Firing, 5),
            alert("Soon", &cart, AlertState::Pending, 7),
        ];
        let mut heard = merge([("am", &alerts[..])]);
        let place = Place { service: "cart", environment: "production", region: None, version: None };
        let began = DateTime::from_timestamp(1_795_612_800, 0).unwrap();
        sort(&mut heard, Some(began), |heard| heard.concerns(&place));
        let names: Vec<_> = heard.iter().map(|heard| heard.alert.name.as_str()).collect();
        assert_eq!(names, ["New", "Soon", "Other", "Old", "Muted"]);
    }

    #[test]
    fn a_label_that_says_otherwise_keeps_an_alert_from_concerning_a_place() {
        let place =
            Place { service: "cart", environment: "production", region: Some("eu"), version: Some("2.0.0") };
        let concerns = |labels: &[(&str, &str)]| {
            let alerts = [alert("Slow", labels, AlertState::Firing, 0)];
            merge([("am", &alerts[..])])[0].concerns(&place)
        };
        assert!(concerns(&[("service", "cart")]));
        assert!(concerns(&[("app", "cart"), ("env", "production"), ("region", "eu"), ("version", "2.0.0")]));
        assert!(!concerns(&[("alertname", "x")]));
        for other in [("env", "staging"), ("region", "us"), ("version", "1.9.0")] {
            assert!(!concerns(&[("service", "cart"), other]), "{other:?}");
        }
    }

    #[test]
    fn an_alert_of_a_release_began_before_or_after_its_stage_did() {
        use crate::domain::samples;
        let stages = vec![
            samples::stage("staging", "2026-11-25T08:00:00Z", "2026-11-25T09:00:00Z"),
            samples::stage("production", "2026-11-25T13:00:00Z", "2026-11-25T15:00:00Z"),
        ];
        let release = samples::release("cart-2", &[("cart", "2.0.0")], stages);
        let now: DateTime<Utc> = "2026-11-25T14:00:00Z".parse().unwrap();
        let of = |labels: &[(&str, &str)], since: &str| {
            let since = since.parse().unwrap();
            let alerts = [Alert { since, ..alert("Slow", labels, AlertState::Firing, 0) }];
            of_release(&merge([("am", &alerts[..])])[0], &release, now)
        };
        let production = [("service", "cart"), ("env", "production")];
        assert_eq!(of(&production, "2026-11-25T12:00:00Z"), Some(Some(Began::Before)));
        assert_eq!(of(&production, "2026-11-25T13:00:00Z"), Some(Some(Began::After)));
        assert_eq!(
            of(&[("service", "cart"), ("env", "staging")], "2026-11-25T12:00:00Z"),
            Some(Some(Began::After))
        );
        assert_eq!(of(&[("service", "mail")], "2026-11-25T13:30:00Z"), None);
        assert_eq!(
            of_release(
                &merge([("am", &[alert("Slow", &production, AlertState::Firing, 0)][..])])[0],
                &release,
                "2026-11-25T10:00:00Z".parse().unwrap()
            ),
            Some(None)
        );
    }

    #[test]
    fn what_hides_an_alert_is_found_by_the_name_its_source_gives_it() {
        let worse = Alert { id: Some("f1".into()), ..alert("Down", &[], AlertState::Firing, 0) };
        let hidden = Alert {
            inhibited_by: vec!["f1".into()],
            ..alert("Slow", &[("a", "b")], AlertState::Inhibited, 0)
        };
        let alerts = [worse, hidden];
        let heard = merge([("am", &alerts[..])]);
        let names: Vec<_> =
            inhibitors(&heard[1], &heard).iter().map(|other| other.alert.name.as_str()).collect();
        assert_eq!(names, ["Down"]);
        assert_eq!(document(&heard[1], &heard)["inhibited_by"], json!(["Down"]));
    }
}
