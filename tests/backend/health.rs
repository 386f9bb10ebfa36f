//! Health checks against a server that behaves well and badly, and against programs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use tminus::backend::Backends;
use tminus::domain::health::{HealthCheck, HttpProbe, INTERVAL, Outcome, Probe};
use tminus::domain::workspace::{BackendKind, VersionsSource};
use tminus::domain::{Answer, Failure, FailureKind, Service, Workspace};

use super::ground::{backend, environment, now, workspace};
use super::server::{Server, Step, json, reply};

fn http(url: &str) -> HttpProbe {
    let url = url.to_owned();
    HttpProbe {
        url,
        status: Vec::new(),
        timeout: TimeDelta::milliseconds(400),
        contains: None,
        redirects: false,
    }
}

async fn ask_in(root: &std::path::Path, probe: Probe, prometheus: &str) -> Result<Outcome, Failure> {
    let check = HealthCheck {
        id: "smoke".to_owned(),
        title: "Smoke".to_owned(),
        probe,
        environments: Vec::new(),
        interval: INTERVAL,
        critical: true,
        data: false,
    };
    let question = check.question("checkout", "production", None, Some("4.2.0"));
    let service = Service { id: "checkout".to_owned(), health: vec![check], ..Service::default() };
    let production = environment("production", VersionsSource::Command(Vec::new()));
    let workspace = Workspace {
        environments: vec![production],
        services: vec![service],
        ..workspace(root, vec![backend(BackendKind::Prometheus, prometheus)])
    };
    match Backends::new(Arc::new(workspace)).answer(&question, now()).await {
        Ok(Answer::Health(outcome)) => Ok(outcome),
        Ok(other) => panic!("{other:?}"),
        Err(failure) => Err(failure),
    }
}

async fn ask(probe: Probe) -> Result<Outcome, Failure> {
    ask_in(std::path::Path::new("/tmp"), probe, "http://127.0.0.1:9").await
}

async fn found(probe: HttpProbe) -> (bool, String) {
    let outcome = ask(Probe::Http(probe)).await.unwrap();
    (outcome.passes, outcome.found.to_string())
}

#[tokio::test]
async fn a_status_and_a_body_decide() {
    let server = Server::saying(reply("200 OK", "", "all systems go")).await;
    let (passes, said) = found(http(&format!("{}/{{{{version}}}}/health", server.url))).await;
    assert!(passes && said == "status 200", "{said}");
    assert!(server.requests()[0].line.starts_with("GET /4.2.0/health"), "{:?}", server.requests());
    for (wanted, passes) in [("systems go", true), ("all systems gone", false)] {
        let probe = HttpProbe { contains: Some(wanted.to_owned()), ..http(&server.url) };
        assert_eq!(found(probe).await.0, passes, "{wanted}");
    }
    let probe = HttpProbe { status: vec![204], ..http(&server.url) };
    assert_eq!(found(probe).await, (false, "status 200, wanted 204".to_owned()));
    let broken = Server::saying(reply("503 Service Unavailable", "", "")).await;
    assert_eq!(found(http(&broken.url)).await, (false, "status 503, wanted 200 to 299".to_owned()));
}

#[tokio::test]
async fn a_redirect_is_an_answer_unless_it_may_be_followed() {
    let target = Server::saying(reply("200 OK", "", "here")).await;
    let address = target.url.clone();
    let server = Server::start(move |_, _| {
        vec![Step::Send(reply("302 Found", &format!("Location: {address}/\r\n"), ""))]
    })
    .await;
    assert_eq!(found(http(&server.url)).await, (false, "status 302, wanted 200 to 299".to_owned()));
    assert!(target.requests().is_empty());
    let probe = HttpProbe { redirects: true, ..http(&server.url) };
    assert_eq!(found(probe).await, (true, "status 200".to_owned()));
}

#[tokio::test]
async fn who_does_not_answer_fails_in_time() {
    let silent = Server::start(|_, _| vec![Step::Pause(Duration::from_secs(30))]).await;
    let begun = Instant::now();
    let (passes, said) = found(http(&silent.url)).await;
    assert!(!passes && said == "no answer within 400 ms", "{said}");
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    let reset = Server::start(|_, _| vec![Step::Reset]).await;
    assert!(!found(http(&reset.url)).await.0);
    let (passes, said) = found(http("http://127.0.0.1:1/")).await;
    assert!(!passes && said.starts_with("no connection"), "{said}");
    // A body that never ends is cut off.
    let endless = Server::start(|_, _| {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n";
        vec![Step::Send(head.into()), Step::Forever(vec![b'x'; 65_536], Duration::ZERO)]
    })
    .await;
    let timeout = TimeDelta::seconds(20);
    let probe = HttpProbe { contains: Some("never".to_owned()), timeout, ..http(&endless.url) };
    let (passes, said) = found(probe).await;
    assert!(!passes && said.contains("more than 1024 KiB"), "{said}");
}

#[tokio::test]
async fn a_query_without_an_answer_is_unknown_and_no_failure() {
    let probe = || Probe::Query {
        query: "lag".to_owned(),
        until: tminus::domain::condition::Condition::parse("< 60").unwrap(),
    };
    let vector = |value: &str| {
        json(format!(r#"{{"status":"success","data":{{"resultType":"vector","result":[{value}]}}}}"#))
    };
    let ask = async |bytes: Vec<u8>| {
        let server = Server::saying(bytes).await;
        ask_in(std::path::Path::new("/tmp"), probe(), &server.url).await
    };
    let passes = |found: Result<Outcome, Failure>| found.map(|outcome| outcome.passes).map_err(|f| f.kind);
    assert_eq!(passes(ask(vector(r#"{"metric":{},"value":[1,"12"]}"#)).await), Ok(true));
    assert_eq!(passes(ask(vector(r#"{"metric":{},"value":[1,"61"]}"#)).await), Ok(false));
    assert_eq!(passes(ask(vector("")).await), Err(FailureKind::NotFound));
    assert_eq!(passes(ask(vector(r#"{"metric":{},"value":[1,"NaN"]}"#)).await), Err(FailureKind::NotFound));
}

#[cfg(unix)]
#[tokio::test]
async fn a_program_runs_in_the_workspace_within_its_time() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("here"), "").unwrap();
    let run = async |script: &str, timeout: i64| {
        let argv = ["sh", "-c", script, "smoke", "{{service}}@{{version}}"].map(str::to_owned).to_vec();
        let probe = Probe::Command { argv, timeout: Some(TimeDelta::milliseconds(timeout)) };
        ask_in(folder.path(), probe, "http://127.0.0.1:9").await
    };
    let outcome = run("test -f here && echo $1", 5000).await.unwrap();
    assert_eq!((outcome.passes, outcome.found.as_str()), (true, "ended with 0: checkout@4.2.0"));
    assert!(!run("exit 3", 5000).await.unwrap().passes);
    let failure = run("sleep 30; echo late", 100).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Command);
}
