//! A real Prometheus and a real Alertmanager on loopback, with a history of this company:
//! `checkout` went from 4.1.3 to 4.2.0 in half of its instances, failed, and was brought back;
//! a quarter of `search` runs 2.1.0.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How long a server may take to be ready.
const PATIENCE: Duration = Duration::from_secs(30);
/// Seconds of history.
pub const HISTORY: u64 = 6 * 3600;
/// Seconds between samples.
pub const STEP: u64 = 30;
/// The share of requests to the bad version that failed.
pub const BAD: f64 = 0.18;
/// The share of requests to every other version that failed.
pub const GOOD: f64 = 0.002;

/// Which version runs in production now, and how to ask for it.
pub const VERSIONS: &str = r#"count by (service, version, region) (app_build_info{env="production"})"#;
/// The share of failed requests of a version.
pub const ERRORS: &str = r#"sum(rate(http_requests_total{service="{{service}}",env="{{environment}}",version="{{version}}",code=~"5.."}[2m])) / sum(rate(http_requests_total{service="{{service}}",env="{{environment}}",version="{{version}}"}[2m]))"#;

/// Both servers, until they are dropped.
pub struct Servers {
    /// Prometheus' base address.
    pub prometheus: String,
    /// Alertmanager's base address.
    pub alertmanager: String,
    /// When the history ends, in seconds since 1970.
    pub end: u64,
    /// When checkout 4.2.0 began to run.
    pub bad_from: u64,
    /// When it was brought back.
    pub bad_to: u64,
    children: Vec<Child>,
    _folder: tempfile::TempDir,
}

impl Servers {
    /// Starts both. `None`: they are not installed, and that is allowed.
    pub fn start() -> Option<Self> {
        let programs = ["prometheus", "promtool", "prometheus-alertmanager"];
        if let Some(missing) = programs.iter().find(|program| !installed(program)) {
            let required = std::env::var("TMINUS_REQUIRE_SERVERS").is_ok_and(|value| value == "1");
            assert!(!required, "{missing} is required and not installed");
            println!("SKIPPED: {missing} is not installed");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let end = now / STEP * STEP;
        let (bad_from, bad_to) = (end - 3 * 3600, end - 2 * 3600);
        std::fs::write(root.join("history.om"), history(end, bad_from, bad_to)).unwrap();
        finish(
            Command::new("promtool").args([
                "tsdb",
                "create-blocks-from",
                "openmetrics",
                "history.om",
                "data",
            ]),
            root,
        );
        std::fs::write(root.join("prometheus.yml"), PROMETHEUS).unwrap();
        std::fs::write(root.join("rules.yml"), RULES).unwrap();
        std::fs::write(root.join("alertmanager.yml"), ALERTMANAGER).unwrap();
        let (one, other) = (free_port(), free_port());
        let prometheus = Command::new("prometheus")
            .args([
                "--config.file=prometheus.yml",
                "--storage.tsdb.path=data",
                "--storage.tsdb.retention.time=400d",
            ])
            .arg(format!("--web.listen-address={one}"))
            .current_dir(root)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let alertmanager = Command::new("prometheus-alertmanager")
            .args(["--config.file=alertmanager.yml", "--storage.path=am", "--cluster.listen-address="])
            .arg(format!("--web.listen-address={other}"))
            .current_dir(root)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let servers = Self {
            prometheus: format!("http://{one}"),
            alertmanager: format!("http://{other}"),
            end,
            bad_from,
            bad_to,
            children: vec![prometheus, alertmanager],
            _folder: folder,
        };
        wait_until(|| request(one, "GET", "/-/ready", "").starts_with("HTTP/1.1 200"));
        wait_until(|| request(other, "GET", "/-/ready", "").starts_with("HTTP/1.1 200"));
        Some(servers)
    }

    /// Posts JSON to Alertmanager's API v2.
    pub fn tell_alertmanager(&self, what: &str, json: &str) {
        let address = self.alertmanager.trim_start_matches("http://").parse().unwrap();
        let reply = request(address, "POST", &format!("/api/v2/{what}"), json);
        assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
    }

    /// Ends both.
    pub fn stop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        self.stop();
    }
}

const PROMETHEUS: &str =
    "global: { scrape_interval: 1s, evaluation_interval: 1s }\nrule_files: [rules.yml]\n";

const RULES: &str = r#"
groups:
  - name: demo
    rules:
      - alert: CanaryRuns
        expr: count by (service) (app_build_info{service="search",version="2.1.0"}) > 0
        labels: { severity: warning }
        annotations: { summary: "{{ $labels.service }} runs a canary" }
      - alert: NotYet
        expr: count by (service) (app_build_info{service="search"}) > 0
        for: 1h
"#;

const ALERTMANAGER: &str = "
route: { receiver: none, group_wait: 1s }
receivers: [{ name: none }]
inhibit_rules:
  - source_matchers: ['severity=\"critical\"']
    target_matchers: ['severity=\"warning\"']
    equal: [service]
";

/// Instances of (service, version, region) at a time.
fn instances(at: u64, bad_from: u64, bad_to: u64) -> Vec<(&'static str, &'static str, &'static str, u32)> {
    let bad = (bad_from..bad_to).contains(&at);
    let mut running = vec![("search", "2.0.0", "eu", 3), ("search", "2.1.0", "eu", 1)];
    running.extend(if bad {
        vec![("checkout", "4.1.3", "eu", 2), ("checkout", "4.2.0", "eu", 2), ("checkout", "4.1.3", "us", 4)]
    } else {
        vec![("checkout", "4.1.3", "eu", 4), ("checkout", "4.1.3", "us", 4)]
    });
    running
}

/// OpenMetrics text: families must be contiguous.
fn history(end: u64, bad_from: u64, bad_to: u64) -> String {
    let mut text = "# TYPE app_build_info gauge\n".to_owned();
    let start = end - HISTORY;
    for at in (start..=end).step_by(STEP as usize) {
        for (service, version, region, count) in instances(at, bad_from, bad_to) {
            for instance in 0..count {
                let _ = writeln!(
                    text,
                    "app_build_info{{env=\"production\",service=\"{service}\",version=\"{version}\",region=\"{region}\",instance=\"{instance}\"}} 1 {at}"
                );
            }
        }
    }
    text.push_str("# TYPE http_requests counter\n");
    let mut counters = std::collections::BTreeMap::new();
    for at in (start..=end).step_by(STEP as usize) {
        for (service, version, region, count) in instances(at, bad_from, bad_to) {
            let errors = if version == "4.2.0" { BAD } else { GOOD };
            for (code, share) in [("200", 1.0 - errors), ("500", errors)] {
                let counter = counters.entry((service, version, region, code)).or_insert(0.0);
                *counter += f64::from(count) * 10.0 * STEP as f64 * share;
                let _ = writeln!(
                    text,
                    "http_requests_total{{env=\"production\",service=\"{service}\",version=\"{version}\",region=\"{region}\",code=\"{code}\"}} {counter} {at}"
                );
            }
        }
    }
    text.push_str("# EOF\n");
    text
}

fn installed(program: &str) -> bool {
    let run = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    run.is_ok_and(|status| status.success())
}

fn finish(command: &mut Command, folder: &Path) {
    let output = command.current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn free_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn wait_until(ready: impl Fn() -> bool) {
    let begun = Instant::now();
    while !ready() {
        assert!(begun.elapsed() < PATIENCE, "the server does not become ready");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The answer's beginning; empty where there is none.
fn request(address: SocketAddr, method: &str, path: &str, body: &str) -> String {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        )?;
        let mut reply = String::new();
        stream.read_to_string(&mut reply)?;
        Ok(reply)
    };
    ask().unwrap_or_default()
}
