//! A real Prometheus that scrapes: native histograms, counters that begin again, series that end,
//! samples that are no number, and a query that would take for ever.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::Utc;
use tminus::backend::{Backends, Limits};
use tminus::domain::question::{Series, Span};
use tminus::domain::workspace::{BackendKind, VersionsSource, Workspace};
use tminus::domain::{Answer, Failure, FailureKind, Metric, Question, Service};

use super::ground::{backend, environment, workspace};

/// Metrics as they are asked for: a name and a query each.
const METRICS: [(&str, &str); 7] = [
    ("histogram", "request_seconds"),
    ("quantile", "histogram_quantile(0.5, rate(request_seconds[10s]))"),
    ("rate", "rate(requests_total[5s])"),
    ("here", "passing"),
    ("ratio", "sum(quiet_errors) / sum(quiet_requests)"),
    ("misspelt", "request_secnods"),
    ("slow", "sum_over_time((count({__name__=~\".+\"} + on() group_left() vector(1)))[90d:1s])"),
];

/// The scrape at which the counter begins again and a series ends.
const TURN: u32 = 6;

#[tokio::test(flavor = "multi_thread")]
async fn a_prometheus_that_scrapes_is_read_as_it_is() {
    let Some(server) = Scraping::start() else { return };
    let company = Arc::new(company(&server.url));
    let backends = Backends::new(Arc::clone(&company));
    let begun = Instant::now();
    while server.scrapes.load(Ordering::SeqCst) < TURN + 4 {
        assert!(begun.elapsed() < Duration::from_secs(40), "Prometheus does not scrape");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // A histogram is no line, and its quantile is: every request took between 0.25 s and 0.5 s.
    let failure = ask(&backends, "histogram").await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::BadQuery);
    assert!(failure.what.contains("native histograms") && failure.mend.contains("histogram_quantile"));
    let quantile = ask(&backends, "quantile").await.unwrap();
    let (_, median) = quantile.latest().unwrap();
    assert!((0.25..=0.5).contains(&median), "{median}");
    // A counter that began again has no negative rate.
    let rate = ask(&backends, "rate").await.unwrap();
    let rates: Vec<f64> = rate.values.iter().flatten().copied().collect();
    assert!(rates.len() > 4 && rates.iter().all(|rate| *rate >= 0.0), "{rates:?}");
    // A series that ended leaves a gap at once: Prometheus' staleness marker, not five minutes.
    let here = ask(&backends, "here").await.unwrap();
    assert!(!here.absent && here.latest().is_some());
    assert_eq!(here.values.last(), Some(&None), "{:?}", here.values);
    // Nothing divided by nothing.
    let ratio = ask(&backends, "ratio").await.unwrap();
    assert!(!ratio.absent && ratio.latest().is_none() && ratio.undefined.is_some());
    let misspelt = ask(&backends, "misspelt").await.unwrap();
    assert!(misspelt.absent && misspelt.undefined.is_none());
    a_slow_query_is_cut_and_forgotten(&server, &company).await;
}

/// Our own deadline ends it, and the dropped connection makes Prometheus stop computing.
async fn a_slow_query_is_cut_and_forgotten(server: &Scraping, company: &Arc<Workspace>) {
    let limits = Limits { total: Duration::from_millis(700), ..Limits::default() };
    let backends = Backends::with_limits(Arc::clone(company), limits);
    let begun = Instant::now();
    let slow = tokio::spawn(async move { ask(&backends, "slow").await });
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert!(server.queries() >= 1, "it runs");
    let failure = slow.await.unwrap().unwrap_err();
    assert_eq!(failure.kind, FailureKind::Timeout, "{failure}");
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    let dropped = Instant::now();
    while server.queries() > 0 {
        assert!(dropped.elapsed() < Duration::from_secs(10), "Prometheus goes on with it");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn ask(backends: &Backends, metric: &str) -> Result<Series, Failure> {
    let question = Question::Metric {
        service: "shop".to_owned(),
        environment: "production".to_owned(),
        region: None,
        version: "1".to_owned(),
        metric: metric.to_owned(),
        span: Span { end: None, seconds: 30, step: 1 },
    };
    match backends.answer(&question, Utc::now()).await? {
        Answer::Metric(series) => Ok(series),
        other => panic!("{other:?}"),
    }
}

fn company(url: &str) -> Workspace {
    let metric = |(name, query): (&str, &str)| Metric {
        name: name.to_owned(),
        query: query.to_owned(),
        ..Metric::default()
    };
    let versions = VersionsSource::Query { backend: None, query: "up".to_owned() };
    Workspace {
        environments: vec![environment("production", versions)],
        services: vec![Service {
            id: "shop".to_owned(),
            metrics: METRICS.map(metric).into(),
            ..Service::default()
        }],
        ..workspace("/nonexistent".as_ref(), vec![backend(BackendKind::Prometheus, url)])
    }
}

/// A Prometheus that scrapes a target of ours each second.
struct Scraping {
    url: String,
    address: SocketAddr,
    scrapes: Arc<AtomicU32>,
    child: Mutex<Child>,
    _folder: tempfile::TempDir,
}

impl Scraping {
    /// `None`: it is not installed, and that is allowed.
    fn start() -> Option<Self> {
        let known = Command::new("prometheus").arg("--version").stdout(Stdio::null()).status();
        if !known.is_ok_and(|status| status.success()) {
            let required = std::env::var("TMINUS_REQUIRE_SERVERS").is_ok_and(|value| value == "1");
            assert!(!required, "prometheus is required and not installed");
            println!("SKIPPED: prometheus is not installed");
            return None;
        }
        let scrapes = Arc::new(AtomicU32::new(0));
        let target = target(Arc::clone(&scrapes));
        let folder = tempfile::tempdir().unwrap();
        let config = format!(
            "global: {{ scrape_interval: 1s }}\nscrape_configs:\n  - job_name: shop\n    static_configs: [{{ targets: [\"{target}\"] }}]\n"
        );
        std::fs::write(folder.path().join("prometheus.yml"), config).unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let child = Command::new("prometheus")
            .args(["--config.file=prometheus.yml", "--storage.tsdb.path=data"])
            .arg("--enable-feature=native-histograms")
            .arg(format!("--web.listen-address={address}"))
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let url = format!("http://{address}");
        Some(Self { url, address, scrapes, child: Mutex::new(child), _folder: folder })
    }

    /// How many queries it computes now, by its own count.
    fn queries(&self) -> u64 {
        let metrics = get(self.address, "/metrics");
        let line = metrics.lines().find(|line| line.starts_with("prometheus_engine_queries "));
        let value = line.and_then(|line| line.rsplit(' ').next()).and_then(|value| value.parse::<f64>().ok());
        value.expect("it tells its queries") as u64
    }
}

impl Drop for Scraping {
    fn drop(&mut self) {
        let child = self.child.get_mut().unwrap();
        let _ = child.kill();
        let _ = child.wait();
    }
}

fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n").unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    reply
}

/// Serves metrics in Prometheus' protobuf, the only form that carries native histograms.
fn target(scrapes: Arc<AtomicU32>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let mut seen = [0; 4096];
            let _ = stream.read(&mut seen);
            let body = metrics(scrapes.fetch_add(1, Ordering::SeqCst));
            let head = format!(
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\nContent-Type: application/vnd.google.protobuf; \
                 proto=io.prometheus.client.MetricFamily; encoding=delimited\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
        }
    });
    address
}

/// The target's metrics at a scrape.
fn metrics(scrape: u32) -> Vec<u8> {
    let count = u64::from(scrape + 1) * 100;
    let since = if scrape < TURN { count } else { u64::from(scrape + 1 - TURN) * 100 };
    let mut body = family("request_seconds", HISTOGRAM, &native_histogram(count));
    body.extend(family("requests_total", COUNTER, &message(3, &double(1, since as f64))));
    if scrape < TURN {
        body.extend(family("passing", GAUGE, &message(2, &double(1, 1.0))));
    }
    for name in ["quiet_errors", "quiet_requests"] {
        body.extend(family(name, GAUGE, &message(2, &double(1, 0.0))));
    }
    body
}

// Of `io.prometheus.client.MetricFamily`: the numbers of types and fields.
const COUNTER: u64 = 0;
const GAUGE: u64 = 1;
const HISTOGRAM: u64 = 4;

/// A family of one metric, behind its length.
fn family(name: &str, kind: u64, metric: &[u8]) -> Vec<u8> {
    let inside = [message(1, name.as_bytes()), number(3, kind), message(4, metric)].concat();
    [varint(inside.len() as u64), inside].concat()
}

/// A metric's histogram of schema 0 with everything in the bucket from 0.25 to 0.5.
fn native_histogram(count: u64) -> Vec<u8> {
    // Bucket -1 of schema 0 reaches from 2^-2 to 2^-1; signed numbers are zigzagged.
    let span = [number(1, zigzag(-1)), number(2, 1)].concat();
    let inside = [
        number(1, count),
        double(2, count as f64 * 0.4),
        number(5, zigzag(0)),
        double(6, 1e-9),
        message(12, &span),
        message(13, &varint(zigzag(count as i64))),
    ];
    message(7, &inside.concat())
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)).cast_unsigned()
}

fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

fn double(field: u64, value: f64) -> Vec<u8> {
    [varint(field << 3 | 1), value.to_le_bytes().to_vec()].concat()
}

fn message(field: u64, inside: &[u8]) -> Vec<u8> {
    [varint(field << 3 | 2), varint(inside.len() as u64), inside.to_vec()].concat()
}
