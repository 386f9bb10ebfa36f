//! Alerts that began and ended, from a real Prometheus that evaluates rules, from one that has none,
//! and from servers that keep no series of them.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tminus::domain::alerts::History;
use tminus::domain::question::{AlertState, Span};
use tminus::domain::workspace::BackendKind;
use tminus::domain::{Answer, Failure, FailureKind, Question};

use super::ground::{backend, one};
use super::server::{Server, Step, json, reply};

/// A Prometheus with a configuration of its own, until it is dropped.
struct Lone {
    url: String,
    child: Child,
    _folder: tempfile::TempDir,
}

impl Lone {
    /// `None`: it is not installed, and that is allowed.
    fn start(rules: &str) -> Option<Self> {
        let installed = Command::new("prometheus").arg("--version").output().is_ok();
        if !installed {
            let required = std::env::var("TMINUS_REQUIRE_SERVERS").is_ok_and(|value| value == "1");
            assert!(!required, "prometheus is required and not installed");
            println!("SKIPPED: prometheus is not installed");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let configuration = format!(
            "global: {{ scrape_interval: 1s, evaluation_interval: 1s }}\nrule_files: [rules.yml]\n\
             scrape_configs: [{{ job_name: own, static_configs: [{{ targets: ['{address}'] }}] }}]\n"
        );
        std::fs::write(folder.path().join("prometheus.yml"), configuration).unwrap();
        std::fs::write(folder.path().join("rules.yml"), rules).unwrap();
        let child = Command::new("prometheus")
            .args(["--config.file=prometheus.yml", "--storage.tsdb.path=data"])
            .arg(format!("--web.listen-address={address}"))
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Some(Self { url: format!("http://{address}"), child, _folder: folder })
    }
}

impl Drop for Lone {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn ask(url: &str, span: Span) -> Result<History, Failure> {
    let backends = one(backend(BackendKind::Prometheus, url));
    let question = Question::AlertHistory { backend: "prometheus".to_owned(), span };
    assert_eq!(backends.source_of(&question).as_deref(), Some("prometheus"));
    match backends.answer(&question, Utc::now()).await? {
        Answer::AlertHistory(history) => Ok(history),
        other => panic!("{other:?}"),
    }
}

fn minutes(minutes: u32, step: u32) -> Span {
    Span { end: None, seconds: minutes * 60, step }
}

/// Asks until the history is as it will be.
async fn until(url: &str, span: Span, is_enough: impl Fn(&History) -> bool) -> History {
    let begun = Instant::now();
    loop {
        match ask(url, span).await {
            Ok(history) if is_enough(&history) => return history,
            other => assert!(begun.elapsed() < Duration::from_secs(45), "{other:?}"),
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

/// Three of eight seconds; one that is pending for ever; one that never is.
const RULES: &str = r"
groups:
  - name: own
    rules:
      - { alert: Beats, expr: 'vector(time()) % 8 < 3', labels: { service: checkout } }
      - { alert: Waits, expr: vector(1), for: 1h }
      - { alert: Never, expr: vector(1) > 2 }
";

#[tokio::test]
async fn a_real_prometheus_tells_of_alerts_that_began_and_ended() {
    let Some(server) = Lone::start(RULES) else { return };
    let begun = Utc::now();
    let ended = |history: &History| history.list.iter().filter(|past| past.ended.is_some()).count();
    let history = until(&server.url, minutes(5, 1), |history| ended(history) >= 2).await;
    let beats: Vec<_> = history.list.iter().filter(|past| &*past.alert.name == "Beats").collect();
    for past in &beats {
        assert_eq!(past.alert.state, AlertState::Firing);
        assert_eq!(past.alert.label("service").map(tminus::domain::Safe::as_str), Some("checkout"));
        let length = past.length().num_seconds();
        // One that began before the server had scraped anything ended at an unknown instant.
        let is_seen = history.gaps.iter().all(|gap| gap.to < past.alert.since);
        assert!(past.ended.is_none() || !is_seen || (1..=4).contains(&length), "{past:?}");
    }
    let starts: Vec<_> = beats.iter().map(|past| past.alert.since).collect();
    let apart: Vec<i64> = starts.windows(2).map(|pair| (pair[1] - pair[0]).num_seconds()).collect();
    assert!(!apart.is_empty() && apart.iter().all(|seconds| (7..=9).contains(seconds)), "{apart:?}");
    let waits = history.list.iter().find(|past| &*past.alert.name == "Waits").unwrap();
    assert_eq!((waits.alert.state, waits.fired, waits.ended), (AlertState::Pending, None, None));
    assert!((waits.alert.since - begun).abs() < TimeDelta::seconds(15), "{waits:?}");
    assert!(history.list.iter().all(|past| &*past.alert.name != "Never"));

    // Before the server began nothing was recorded, which is not the same as none.
    let from = begun - TimeDelta::minutes(4);
    let doubts = history.doubts(from, Utc::now(), chrono_tz::UTC);
    assert!(doubts.len() == 1 && doubts[0].starts_with("nothing was recorded"), "{doubts:?}");
    assert!(history.is_whole(Utc::now() - TimeDelta::seconds(3), Utc::now()), "{:?}", history.gaps);

    // A coarse step loses none of them, though it cannot tell them apart.
    let told = |history: &History| {
        history.list.iter().any(|past| &*past.alert.name == "Beats" && past.fired.is_some())
    };
    until(&server.url, minutes(5, 10), told).await;
}

#[tokio::test]
async fn rules_that_never_held_are_none_and_no_rules_are_not_known() {
    let quiet = "groups: [{ name: own, rules: [{ alert: Never, expr: 'vector(1) > 2' }] }]";
    let (Some(quiet), Some(without)) = (Lone::start(quiet), Lone::start("groups: []")) else { return };
    let recorded = |history: &History| history.gaps.len() == 1;
    let none = until(&quiet.url, minutes(2, 1), recorded).await;
    assert_eq!((none.list.len(), &none.not_kept), (0, &None));
    let nobody = until(&without.url, minutes(2, 1), recorded).await;
    let why = nobody.not_kept.as_deref().unwrap();
    assert!(why.contains("evaluates no rules for alerts"), "{why}");
    assert!(!nobody.is_whole(Utc::now() - TimeDelta::seconds(2), Utc::now()));
}

/// A server that tells these rules and these series.
async fn saying(rules: Vec<u8>, series: &str) -> Server {
    let series = json(format!(
        r#"{{"status":"success","warnings":["store eu-2 did not answer"],
            "data":{{"resultType":"matrix","result":[{series}]}}}}"#
    ));
    Server::start(move |request, _| {
        let is_rules = request.line.contains("/rules");
        vec![Step::Send(if is_rules { rules.clone() } else { series.clone() })]
    })
    .await
}

#[tokio::test]
async fn a_server_that_tells_of_alerts_but_keeps_no_series_of_them_is_not_believed() {
    let since: DateTime<Utc> = Utc::now() - TimeDelta::minutes(20);
    let active = format!(
        r#"{{"status":"success","data":{{"groups":[{{"rules":[{{"type":"alerting","name":"A","alerts":
            [{{"labels":{{"alertname":"A"}},"state":"firing","activeAt":"{}"}}]}}]}}]}}}}"#,
        since.to_rfc3339()
    );
    let server = saying(json(active), "").await;
    let history = ask(&server.url, minutes(60, 60)).await.unwrap();
    assert!(history.not_kept.as_deref().unwrap().contains("keeps no series of them"), "{history:?}");
    assert_eq!(history.warnings.len(), 1, "a partial answer says so");

    let unknown = saying(reply("404 Not Found", "", "404 page not found"), "").await;
    let history = ask(&unknown.url, minutes(60, 60)).await.unwrap();
    assert!(
        history.not_kept.as_deref().unwrap().contains("does not say whether it has rules"),
        "{history:?}"
    );

    let broken = saying(reply("500 Internal Server Error", "", "boom"), "").await;
    assert_eq!(ask(&broken.url, minutes(60, 60)).await.unwrap_err().kind, FailureKind::Unavailable);
}

#[tokio::test]
async fn hostile_series_are_read_without_harm() {
    let now = Utc::now().timestamp();
    let series = format!(
        r#"{{"metric":{{"alertname":"A\u001b[2J","alertstate":"firing"}},"values":[[{now},"1"],[1e300,"1"],[-5,"NaN"]]}},
           {{"metric":{{"alertstate":"odd"}},"values":[[{now},"1"]]}},
           {{"metric":{{"__name__":"ALERTS_FOR_STATE","alertname":"A\u001b[2J"}},"values":[[{now},"9e300"]]}}"#
    );
    let server = saying(json("{}"), &series).await;
    let history = ask(&server.url, minutes(60, 1)).await.unwrap();
    let names: Vec<_> = history.list.iter().map(|past| past.alert.name.to_string()).collect();
    assert_eq!(names, ["(unnamed alert)", "A␛[2J"]);
    assert_eq!(history.list[1].alert.state, AlertState::Firing);
}
