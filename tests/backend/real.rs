//! A real Prometheus and a real Alertmanager, with a deployment that went bad in their history.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use tminus::backend::Backends;
use tminus::domain::question::{AlertState, SilenceState, Span};
use tminus::domain::workspace::{BackendKind, Region, VersionsSource, Workspace};
use tminus::domain::{Answer, FailureKind, Metric, Question, Service};

use super::ground::{alerts, backend, environment, identity, workspace};
use super::servers::{BAD, ERRORS, GOOD, HISTORY, STEP, Servers, VERSIONS};

fn company(servers: &Servers) -> Workspace {
    let backends = vec![
        backend(BackendKind::Prometheus, &servers.prometheus),
        backend(BackendKind::Alertmanager, &servers.alertmanager),
    ];
    let metric = |name: &str, query: &str| Metric {
        name: name.to_owned(),
        query: query.to_owned(),
        critical: true,
        ..Metric::default()
    };
    let checkout = Service {
        id: "checkout".to_owned(),
        slo: Some(super::burn::objective()),
        metrics: vec![
            metric("errors", ERRORS),
            metric("unbalanced", "sum("),
            metric("many", "http_requests_total * on (service) app_build_info"),
            metric("several", "app_build_info"),
            metric(
                "regional",
                r#"count(app_build_info{service="{{service}}",region=~"{{region}}",version="{{version}}"})"#,
            ),
            metric("misspelt", "up{a=\"{{verison}}\"}"),
        ],
        ..Service::default()
    };
    let mut production =
        environment("production", VersionsSource::Query { backend: None, query: VERSIONS.to_owned() });
    production.regions =
        ["eu", "us"].iter().map(|id| Region { id: (*id).to_owned(), time_zone: None }).collect();
    let nameless =
        VersionsSource::Query { backend: None, query: "count by (service) (app_build_info)".to_owned() };
    Workspace {
        environments: vec![production, environment("nameless", nameless)],
        services: vec![checkout],
        ..workspace(std::path::Path::new("/nonexistent"), backends)
    }
}

/// The same with another objective.
pub fn with_objective(servers: &Servers, slo: tminus::domain::service::Slo) -> Backends {
    let mut company = company(servers);
    company.services[0].slo = Some(slo);
    Backends::new(Arc::new(company))
}

fn metric(name: &str, region: Option<&str>, version: &str, span: Span) -> Question {
    Question::Metric {
        service: "checkout".to_owned(),
        environment: "production".to_owned(),
        region: region.map(str::to_owned),
        version: version.to_owned(),
        metric: name.to_owned(),
        span,
    }
}

#[tokio::test]
async fn what_a_real_prometheus_and_alertmanager_say_is_read_right() {
    let Some(mut servers) = Servers::start() else { return };
    let backends = Backends::new(Arc::new(company(&servers)));
    let now = DateTime::from_timestamp(servers.end as i64, 0).unwrap();
    who_they_are(&backends).await;
    what_runs(&backends, now).await;
    what_ran(&backends, &servers, now).await;
    the_bad_hour(&backends, &servers, now).await;
    super::burn::how_fast_the_budget_goes(&backends, &servers).await;
    wrong_questions(&backends, now).await;
    what_fires(&backends, &servers).await;
    servers.stop();
    for name in ["prometheus", "alertmanager"] {
        assert_eq!(alerts(&backends, name).await.unwrap_err().kind, FailureKind::Unreachable);
    }
}

async fn who_they_are(backends: &Backends) {
    for (name, product) in [("prometheus", "Prometheus "), ("alertmanager", "Alertmanager ")] {
        let Ok(Answer::Identity(who)) = identity(backends, name).await else { panic!("{name}") };
        assert!(who.product.starts_with(product), "{}", who.product);
        assert!(who.clock_skew_seconds.is_some_and(|skew| skew.abs() <= 1));
    }
}

async fn what_runs(backends: &Backends, now: DateTime<Utc>) {
    let question = Question::Running { environment: "production".to_owned() };
    assert_eq!(backends.source_of(&question).as_deref(), Some("prometheus"));
    let answer = backends.answer(&question, now).await;
    let Ok(Answer::Running(running)) = answer else { panic!("{answer:?}") };
    let shares = |versions: &[tminus::domain::question::VersionShare]| {
        versions.iter().map(|v| format!("{} {}", v.version, v.share)).collect::<Vec<_>>()
    };
    assert_eq!(shares(&running.services["search"]), ["2.0.0 0.75", "2.1.0 0.25"]);
    assert_eq!(shares(&running.regions[&("checkout".into(), "us".into())]), ["4.1.3 1"]);
    let nameless = Question::Running { environment: "nameless".to_owned() };
    let failure = backends.answer(&nameless, now).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Garbled);
    assert!(failure.what.contains("without the label version"), "{failure}");
}

async fn what_ran(backends: &Backends, servers: &Servers, now: DateTime<Utc>) {
    let span = Span::new(None, HISTORY as u32 - 600, 120);
    let question = Question::RunningHistory { environment: "production".to_owned(), span };
    let answer = backends.answer(&question, now).await;
    let Ok(Answer::RunningHistory(history)) = answer else { panic!("{answer:?}") };
    let line = |version: &str, region: &str| {
        let found = history.lines.iter().find(|line| {
            line.service == "checkout" && *line.version == *version && line.region.as_deref() == Some(region)
        });
        found.unwrap_or_else(|| panic!("no line of {version} in {region}"))
    };
    let (new, old) = (line("4.2.0", "eu"), line("4.1.3", "eu"));
    assert!(!history.times.is_empty() && new.counts.len() == history.times.len());
    for (index, time) in history.times.iter().enumerate() {
        let at = time.timestamp() as u64;
        // A series that ends is seen for five more minutes.
        let expected = match at {
            at if (servers.bad_from..servers.bad_to).contains(&at) => (Some(2.0), Some(2.0)),
            at if at < servers.bad_from || at > servers.bad_to + 300 => (None, Some(4.0)),
            _ => continue,
        };
        // Instances that stop are seen for five minutes too.
        if !(servers.bad_from..=servers.bad_from + 300).contains(&at) {
            assert_eq!((new.counts[index], old.counts[index]), expected, "{time}");
        }
    }
}

async fn the_bad_hour(backends: &Backends, servers: &Servers, now: DateTime<Utc>) {
    let span = Span::new(None, HISTORY as u32 - 600, 360);
    for (version, bad) in [("4.2.0", BAD), ("4.1.3", GOOD)] {
        let answer = backends.answer(&metric("errors", None, version, span), now).await;
        let Ok(Answer::Metric(series)) = answer else { panic!("{answer:?}") };
        assert!(!series.ambiguous && series.warnings.is_empty());
        for (index, value) in series.values.iter().enumerate() {
            let at = series.time_of(index).timestamp() as u64;
            let inside = (servers.bad_from + 2 * STEP..servers.bad_to).contains(&at);
            let outside = at < servers.bad_from || at > servers.bad_to + 120;
            match value {
                Some(value) if inside || version == "4.1.3" => {
                    assert!((value - bad).abs() < 0.001, "{version} {at}: {value}");
                }
                Some(_) => assert!(!outside, "{version} has numbers when it did not run"),
                None => assert!(!inside, "{version} lacks numbers when it ran"),
            }
        }
    }
    let few = Span::new(None, 60, 2);
    for (region, expected) in [(Some("eu"), 4.0), (None, 8.0)] {
        let answer = backends.answer(&metric("regional", region, "4.1.3", few), now).await;
        let Ok(Answer::Metric(series)) = answer else { panic!("{answer:?}") };
        assert_eq!(series.latest().map(|(_, value)| value), Some(expected), "{region:?}");
    }
}

async fn wrong_questions(backends: &Backends, now: DateTime<Utc>) {
    let few = Span::new(None, 60, 2);
    for (name, words) in
        [("unbalanced", "parse error"), ("many", "duplicate series"), ("misspelt", "{{verison}}")]
    {
        let failure = backends.answer(&metric(name, None, "4.1.3", few), now).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::BadQuery, "{failure}");
        assert!(failure.what.contains(words), "{failure}");
    }
    let hostile = metric("errors", None, "1\"} or vector(1) #", few);
    let answer = backends.answer(&hostile, now).await;
    let Ok(Answer::Metric(series)) = answer else { panic!("{answer:?}") };
    assert!(series.values.iter().all(Option::is_none), "a version broke out of its string");
    let Ok(Answer::Metric(several)) = backends.answer(&metric("several", None, "", few), now).await else {
        panic!("several")
    };
    assert!(several.ambiguous);
}

async fn what_fires(backends: &Backends, servers: &Servers) {
    use AlertState::{Firing, Inhibited, Silenced};
    // Rules are evaluated each second.
    let mut found = Vec::new();
    for _ in 0..100 {
        let answer = alerts(backends, "prometheus").await;
        let Ok(Answer::Alerts(alerts)) = answer else { panic!("{answer:?}") };
        found = alerts.list;
        if found.len() == 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let shown: Vec<_> =
        found.iter().map(|alert| (alert.name.as_str(), alert.state, alert.summary.as_str())).collect();
    assert_eq!(
        shown,
        [("CanaryRuns", AlertState::Firing, "search runs a canary"), ("NotYet", AlertState::Pending, "")]
    );
    servers.tell_alertmanager(
        "alerts",
        r#"[{"labels": {"alertname": "A", "service": "search"}, "annotations": {"summary": "a"}},
            {"labels": {"alertname": "B", "service": "checkout", "severity": "critical"}},
            {"labels": {"alertname": "C", "service": "checkout", "severity": "warning"}},
            {"labels": {"alertname": "D", "service": "quiet"}}]"#,
    );
    let (start, end) = (Utc::now(), Utc::now() + chrono::TimeDelta::hours(1));
    servers.tell_alertmanager(
        "silences",
        &format!(
            r#"{{"matchers": [{{"name": "service", "value": "qu.*", "isRegex": true, "isEqual": true}}],
                "startsAt": "{}", "endsAt": "{}", "createdBy": "mira", "comment": "known"}}"#,
            start.to_rfc3339(),
            end.to_rfc3339()
        ),
    );
    let mut states = Vec::new();
    for _ in 0..100 {
        let answer = alerts(backends, "alertmanager").await;
        let Ok(Answer::Alerts(alerts)) = answer else { panic!("{answer:?}") };
        states = alerts.iter().map(|alert| (alert.name.to_string(), alert.state)).collect();
        states.sort();
        if states.iter().any(|(_, state)| *state == AlertState::Inhibited)
            && states.iter().any(|(_, state)| *state == AlertState::Silenced)
        {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let expected = [("A", Firing), ("B", Firing), ("C", Inhibited), ("D", Silenced)];
    assert_eq!(states, expected.map(|(name, state)| (name.to_owned(), state)));
    let question = Question::Silences { backend: "alertmanager".to_owned() };
    let Ok(Answer::Silences(silences)) = backends.answer(&question, Utc::now()).await else { panic!() };
    assert_eq!(silences.len(), 1);
    assert_eq!(
        (silences[0].by.as_str(), silences[0].matchers[0].to_string()),
        ("mira", "service=~qu.*".to_owned())
    );
    assert_eq!(silences[0].state, SilenceState::Active);
}
