//! Whatever a server does, the answer is a failure with a name, in time, and nothing leaks.

use std::io::Write;
use std::time::{Duration, Instant};

use tminus::backend::{Backends, Limits};
use tminus::domain::workspace::{BackendConfig, BackendKind, HeaderValue, SecretSource};
use tminus::domain::{Failure, FailureKind};

use super::ground::{alerts, backend, identity, limits, one, workspace};
use super::server::{Server, Step, json, reply};

const OK: &str = r#"{"status":"success","data":{"alerts":[]}}"#;

fn prometheus(url: &str) -> Backends {
    one(backend(BackendKind::Prometheus, url))
}

async fn failure_of(url: &str) -> Failure {
    alerts(&prometheus(url), "prometheus").await.expect_err("this should fail")
}

async fn kind_of(bytes: impl Into<Vec<u8>>) -> FailureKind {
    failure_of(&Server::saying(bytes).await.url).await.kind
}

#[tokio::test]
async fn every_status_has_a_name_and_a_mend() {
    for (status, kind) in [
        ("401 Unauthorized", FailureKind::Unauthorized),
        ("403 Forbidden", FailureKind::Forbidden),
        ("404 Not Found", FailureKind::NotFound),
        ("410 Gone", FailureKind::Gone),
        ("429 Too Many Requests", FailureKind::RateLimited),
        ("500 Internal Server Error", FailureKind::Unavailable),
        ("503 Service Unavailable", FailureKind::Unavailable),
        ("400 Bad Request", FailureKind::BadQuery),
        ("418 I'm a teapot", FailureKind::Garbled),
    ] {
        let server = Server::saying(reply(status, "Content-Type: text/plain\r\n", "no \x1b[31mway\n")).await;
        let failure = failure_of(&server.url).await;
        assert_eq!(failure.kind, kind, "{status}");
        assert!(failure.what.contains(&status[..3]) && failure.what.contains("prometheus: GET"), "{failure}");
        assert!(failure.what.contains("no ␛[31mway") && !failure.mend.is_empty(), "{failure}");
    }
}

#[tokio::test]
async fn reads_are_tried_three_times_and_then_given_up() {
    let server = Server::saying(reply("503 Service Unavailable", "", "")).await;
    assert_eq!(failure_of(&server.url).await.kind, FailureKind::Unavailable);
    assert_eq!(server.requests().len(), 3);
    let server = Server::start(|_, before| {
        vec![Step::Send(if before < 2 { reply("502 Bad Gateway", "", "") } else { json(OK) })]
    })
    .await;
    assert!(alerts(&prometheus(&server.url), "prometheus").await.is_ok());
}

#[tokio::test]
async fn every_attempt_counts_towards_the_budget() {
    let server = Server::saying(reply("503 Service Unavailable", "", "")).await;
    let backends = prometheus(&server.url);
    let (answer, sent) = tminus::backend::http::meter::counted(alerts(&backends, "prometheus")).await;
    assert!(answer.is_err());
    assert_eq!((sent as usize, sent), (server.requests().len(), 3));
    let server = Server::saying(json(OK)).await;
    let backends = prometheus(&server.url);
    assert_eq!(tminus::backend::http::meter::counted(alerts(&backends, "prometheus")).await.1, 1);
}

#[tokio::test]
async fn an_outage_does_not_become_a_storm() {
    let server = Server::saying(reply("500 Internal Server Error", "", "")).await;
    let backends = prometheus(&server.url);
    for _ in 0..20 {
        assert!(alerts(&backends, "prometheus").await.is_err());
    }
    assert_eq!(server.requests().len(), 20 + 2);
}

#[tokio::test]
async fn retry_after_is_honoured_or_handed_up() {
    for (wait, expected) in
        [("60", Some(60)), ("1000000000", Some(60)), ("-5", None), ("soon", None), ("0", None)]
    {
        let server =
            Server::saying(reply("429 Too Many Requests", &format!("Retry-After: {wait}\r\n"), "")).await;
        let failure = failure_of(&server.url).await;
        assert_eq!(failure.retry_after.map(|wait| wait.as_secs()), expected, "{wait}");
        // A wait that is longer than the deadline is nobody's to sit out.
        assert_eq!(server.requests().len() == 1, expected.is_some(), "{wait}");
    }
}

#[tokio::test]
async fn garbage_is_garbled() {
    for (name, bytes) in [
        ("no http", b"\x00\x01\x02 hello\r\n\r\n".to_vec()),
        ("empty body", json("")),
        ("truncated json", json(&OK[..20])),
        ("wrong type", json(r#"{"status":"success","data":{"alerts":7}}"#)),
        ("not an object", json("[]")),
        ("no data", json(r#"{"status":"success"}"#)),
        ("latin-1", json(b"{\"status\":\"succ\xe9s\"}")),
        ("duplicate keys", json(r#"{"status":"success","status":"error"}"#)),
        ("deep", json("[".repeat(1_000_000))),
        ("deep data", json(format!(r#"{{"status":"success","data":{}"#, "[".repeat(1_000_000)))),
        ("cut", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"status\"".to_vec()),
        ("bad chunk", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".to_vec()),
        ("not gzip", reply("200 OK", "Content-Encoding: gzip\r\n", OK)),
    ] {
        assert_eq!(kind_of(bytes).await, FailureKind::Garbled, "{name}");
    }
}

#[tokio::test]
async fn a_login_page_is_called_one() {
    let page = reply("200 OK", "Content-Type: text/html\r\n", "\n<!doctype html><title>Sign in</title>");
    let failure = failure_of(&Server::saying(page).await.url).await;
    assert_eq!(failure.kind, FailureKind::Garbled);
    assert!(
        failure.what.contains("an HTML page instead of JSON") && failure.mend.contains("login page"),
        "{failure}"
    );
}

#[tokio::test]
async fn oddities_that_do_no_harm_are_taken() {
    for (name, bytes) in [
        ("byte order mark", json([b"\xef\xbb\xbf", OK.as_bytes()].concat())),
        ("wrong content type", reply("200 OK", "Content-Type: text/html\r\n", OK)),
        ("unknown fields", json(OK.replacen('{', r#"{"a":{"b":[1]},"#, 1))),
    ] {
        let server = Server::saying(bytes).await;
        assert!(alerts(&prometheus(&server.url), "prometheus").await.is_ok(), "{name}");
    }
}

#[tokio::test]
async fn slow_servers_are_cut_in_time() {
    let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    let drip = Duration::from_millis(20);
    for (name, steps) in [
        ("silence", vec![Step::Pause(Duration::from_secs(30))]),
        ("dripping headers", vec![Step::Forever(b"H".to_vec(), drip)]),
        ("dripping body", vec![Step::Send(head.clone()), Step::Forever(b"1\r\n \r\n".to_vec(), drip)]),
        ("interim answers", vec![Step::Forever(b"HTTP/1.1 100 Continue\r\n\r\n".to_vec(), drip)]),
    ] {
        let server = Server::start(move |_, _| steps.clone()).await;
        let begun = Instant::now();
        let kind = failure_of(&server.url).await.kind;
        assert!(matches!(kind, FailureKind::Timeout | FailureKind::Garbled), "{name}: {kind:?}");
        assert!(begun.elapsed() < limits().total.mul_f64(1.1) + Duration::from_millis(150), "{name}");
    }
}

#[tokio::test]
async fn an_answer_without_end_is_cut_by_size() {
    let endless = Server::start(|_, _| {
        let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
        let chunk = [b"10000\r\n".to_vec(), vec![b' '; 0x10000], b"\r\n".to_vec()].concat();
        vec![Step::Send(head), Step::Forever(chunk, Duration::ZERO)]
    })
    .await;
    let small = Limits { body: 1 << 20, total: Duration::from_secs(5), ..limits() };
    let config = backend(BackendKind::Prometheus, &endless.url);
    let backends = Backends::with_limits(workspace("/nonexistent".as_ref(), vec![config]).into(), small);
    assert_eq!(alerts(&backends, "prometheus").await.unwrap_err().kind, FailureKind::TooLarge);
}

/// Where the child of the next test finds the bomb.
const BOMB: &str = "TMINUS_TEST_BOMB";

/// The most memory this process ever had, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0)
}

#[tokio::test]
async fn a_gzip_bomb_costs_no_more_than_the_limit() {
    let patient = Limits { total: Duration::from_secs(10), ..limits() };
    if let Ok(url) = std::env::var(BOMB) {
        // The child: nothing else runs here, so what is measured is the bomb's.
        let config = backend(BackendKind::Prometheus, &url);
        let backends =
            Backends::with_limits(workspace("/nonexistent".as_ref(), vec![config]).into(), patient);
        let before = peak();
        let failure = alerts(&backends, "prometheus").await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::TooLarge, "{failure}");
        let grown = (peak() - before) >> 10;
        println!("the bomb took {grown} MiB");
        assert!(grown <= 64, "the bomb took {grown} MiB");
        return;
    }
    // Gzip by gzip itself where it is there: 64 MiB of nothing, sixteen times over.
    let packed = std::process::Command::new("sh")
        .args(["-c", "head -c 67108864 /dev/zero | gzip -1"])
        .output()
        .ok()
        .filter(|output| output.status.success() && output.stdout.len() > 1000);
    let Some(packed) = packed else {
        println!("SKIPPED: no gzip here");
        return;
    };
    let server =
        Server::saying(reply("200 OK", "Content-Encoding: gzip\r\n", packed.stdout.repeat(16))).await;
    let mut child = tokio::process::Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "misbehaviour::a_gzip_bomb_costs_no_more_than_the_limit", "--nocapture"]);
    let output = child.env(BOMB, &server.url).output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{said}");
    assert!(output.status.success() && said.contains("the bomb took"), "{said}");
}

#[tokio::test]
async fn a_flood_of_headers_is_refused() {
    let many: String =
        (0..5000).fold(String::new(), |all, index| all + &format!("X-{index}: {}\r\n", "a".repeat(50)));
    let long = format!("X-Long: {}\r\n", "a".repeat(100_000));
    for headers in [many, long] {
        let kind = kind_of(reply("200 OK", &headers, OK)).await;
        assert!(matches!(kind, FailureKind::TooLarge | FailureKind::Garbled), "{kind:?}");
    }
}

#[tokio::test]
async fn no_connection_is_named() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(failure_of(&format!("http://{closed}")).await.kind, FailureKind::Unreachable);
    let server = Server::start(|_, _| vec![Step::Reset]).await;
    assert_eq!(failure_of(&server.url).await.kind, FailureKind::Unreachable);
    for url in ["", "localhost:9090", "ftp://localhost", "http://mira:hunter2@localhost"] {
        let failure = failure_of(url).await;
        assert_eq!(failure.kind, FailureKind::NotConfigured, "{url}");
        assert!(!failure.to_string().contains("hunter2"), "{failure}");
    }
}

/// A backend that carries secrets in every place it can.
fn with_secrets(kind: BackendKind, url: &str, user: Option<&str>, folder: &std::path::Path) -> BackendConfig {
    let file = |name: &str, text: &str| {
        let path = folder.join(name);
        let mut options = std::fs::OpenOptions::new();
        std::os::unix::fs::OpenOptionsExt::mode(options.write(true).create(true), 0o600);
        options.open(&path).unwrap().write_all(text.as_bytes()).unwrap();
        SecretSource::File(path)
    };
    BackendConfig {
        user: user.map(str::to_owned),
        token: Some(file("token", "canary-token\n")),
        headers: vec![
            ("X-Api-Key".into(), HeaderValue::Secret(file("key", "canary-key"))),
            ("PRIVATE-TOKEN".into(), HeaderValue::Text("canary-text".into())),
            ("Cookie".into(), HeaderValue::Text("canary-cookie".into())),
        ],
        ..backend(kind, url)
    }
}

#[tokio::test]
async fn no_redirect_carries_a_credential_anywhere() {
    let folder = tempfile::tempdir().unwrap();
    let canary = Server::saying(json(OK)).await;
    let host = canary.url.trim_start_matches("http://").to_owned();
    let port = host.rsplit(':').next().unwrap().to_owned();
    for status in [301, 302, 303, 307, 308] {
        for location in [
            canary.url.clone(),
            format!("{}/api/v1/alerts?token=canary-query#x", canary.url),
            format!("//{host}/"),
            format!("http://user:canary-password@{host}/"),
            format!("http://localhost:{port}/"),
            format!("http://127.0.0.1%2F@{host}/"),
            "/elsewhere".to_owned(),
            "\x1b[2J".to_owned(),
            "http://".to_owned(),
        ] {
            let moved = reply(&format!("{status} Moved"), &format!("Location: {location}\r\n"), "");
            let server = Server::saying(moved).await;
            let config = with_secrets(BackendKind::Prometheus, &server.url, None, folder.path());
            let failure = alerts(&one(config), "prometheus").await.unwrap_err();
            let shown = format!("{failure} {failure:?}");
            let named = failure.kind == FailureKind::Redirected || location.contains('\x1b');
            assert!(named, "{status} {location}: {shown}");
            assert!(!shown.contains("canary") && !shown.contains('\x1b'), "{status} {location}: {shown}");
        }
    }
    assert_eq!(canary.requests().len(), 0);
}

#[tokio::test]
async fn secrets_are_sent_and_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    for (user, expected) in [(None, "Bearer canary-token"), (Some("mira"), "Basic bWlyYTpjYW5hcnktdG9rZW4=")]
    {
        let server = Server::saying(reply("401 Unauthorized", "", "")).await;
        let config = with_secrets(BackendKind::Jira, &server.url, user, folder.path());
        let backends = one(config);
        let failure = identity(&backends, "jira").await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Unauthorized);
        assert!(failure.mend.contains("token"), "the mend says which secret: {failure}");
        let sent = &server.requests()[0].text;
        for secret in [expected, "canary-key", "canary-text", "canary-cookie"] {
            assert!(sent.contains(secret), "{secret} is missing in {sent}");
        }
        let shown = format!("{failure} {failure:?} {backends:?}");
        for secret in ["canary", "bWlyYTpjYW5hcnktdG9rZW4"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}

/// What was logged.
#[derive(Clone, Default)]
struct Logged(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_finest_log_holds_no_secret() {
    let logged = Logged::default();
    let writer = logged.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    // This test and the client it makes stay on this thread.
    let _guard = tracing::subscriber::set_default(subscriber);
    let folder = tempfile::tempdir().unwrap();
    let server = Server::saying(reply("503 Service Unavailable", "", "")).await;
    for user in [None, Some("mira")] {
        let config = with_secrets(BackendKind::Jira, &server.url, user, folder.path());
        assert!(identity(&one(config), "jira").await.is_err());
    }
    assert!(server.requests().iter().all(|request| request.text.contains("canary-key")));
    let logged = String::from_utf8_lossy(&logged.0.lock().unwrap()).into_owned();
    assert!(logged.contains("trying again"), "nothing was logged: {logged}");
    for secret in ["canary", "bWlyYTpjYW5hcnktdG9rZW4"] {
        assert!(!logged.contains(secret), "{logged}");
    }
}

#[tokio::test]
async fn a_secret_that_was_changed_is_read_anew_after_a_401() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    let write = |text: &str| {
        let mut options = std::fs::OpenOptions::new();
        std::os::unix::fs::OpenOptionsExt::mode(options.write(true).create(true).truncate(true), 0o600);
        options.open(&path).unwrap().write_all(text.as_bytes()).unwrap();
    };
    write("first");
    let server = Server::start(|request, before| {
        let good =
            (before == 0 && request.text.contains("Bearer first")) || request.text.contains("Bearer second");
        vec![Step::Send(if good { json(OK) } else { reply("401 Unauthorized", "", "") })]
    })
    .await;
    let token = Some(SecretSource::File(path.clone()));
    let backends = one(BackendConfig { token, ..backend(BackendKind::Prometheus, &server.url) });
    assert!(alerts(&backends, "prometheus").await.is_ok());
    assert!(alerts(&backends, "prometheus").await.is_err(), "an unchanged secret is not tried again");
    assert_eq!(server.requests().len(), 2);
    write("second");
    assert!(alerts(&backends, "prometheus").await.is_ok());
}

#[tokio::test]
async fn the_path_prefix_is_kept_and_the_clock_is_noticed() {
    let build = r#"{"status":"success","data":{"version":"2.53.0"}}"#;
    for prefix in ["/prometheus", "/prometheus/", "/a%20b/c//"] {
        let late = reply("200 OK", "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n", build);
        let server = Server::saying(late).await;
        let answer = identity(&prometheus(&format!("{}{prefix}", server.url)), "prometheus").await;
        let Ok(tminus::domain::Answer::Identity(who)) = answer else { panic!("{answer:?}") };
        assert_eq!(who.product.as_str(), "Prometheus 2.53.0");
        assert!(who.clock_skew_seconds.is_some_and(|skew| skew < -900_000_000));
        let line = &server.requests()[0].line;
        assert!(line.starts_with(&format!("GET {}/", prefix.trim_end_matches('/'))), "{line}");
        assert!(line.contains("/api/v1/status/buildinfo "), "{line}");
    }
}

#[tokio::test]
async fn mutated_answers_do_no_harm() {
    let random = fastrand::Rng::with_seed(7);
    let random = std::sync::Mutex::new(random);
    let alerts_json = super::ground::fixture("prometheus/alerts.json");
    let server = Server::start(move |_, _| {
        let mut random = random.lock().unwrap();
        let mut body = alerts_json.clone();
        for _ in 0..random.usize(1..6) {
            let at = random.usize(..body.len());
            match random.u8(..3) {
                0 => body[at] = random.u8(..),
                1 => body.truncate(at.max(1)),
                _ => body.insert(at, random.u8(..)),
            }
        }
        vec![Step::Send(json(body))]
    })
    .await;
    let backends = prometheus(&server.url);
    for _ in 0..500 {
        if let Err(failure) = alerts(&backends, "prometheus").await {
            assert!(!failure.what.is_empty() && !failure.mend.is_empty());
        }
    }
}
