//! A real Prometheus with a history in which rollouts are hidden: some bad, brought back after a
//! while, most of them harmless. Two kinds: all at once, with series that do not tell versions apart;
//! and canaries, with series that do.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Seconds between scrapes.
const STEP: u64 = 30;
/// How long the server may take to be ready.
const PATIENCE: Duration = Duration::from_mins(1);

/// When what happened, in seconds since 1970.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// The end of the history: now.
    pub end: u64,
    /// When the bad versions began.
    pub bad: u64,
    /// When they were brought back.
    pub back: u64,
    /// When the harmless ones began.
    pub harmless: u64,
    /// When the canary that still goes on began.
    pub live: u64,
}

/// What a history holds.
#[derive(Debug, Clone, Copy)]
pub struct Stretch {
    /// When what happened.
    pub times: Times,
    /// Seconds before now.
    pub past: u64,
    /// Seconds after now, for a clock that runs faster than real.
    pub future: u64,
    /// Of which services; none: of all.
    pub services: &'static [&'static str],
    /// Whether the server evaluated rules: `PaymentsErrors` was about to fire a minute after the bad
    /// versions began, and fired from [`FIRED`] on until they were brought back.
    pub has_alerts: bool,
}

/// Seconds from the beginning of the bad versions until the alert about them fired.
pub const FIRED: u64 = 300;

impl Stretch {
    /// Two days of every service.
    pub fn two_days() -> Self {
        Self { times: Times::now(), past: 48 * 3600, future: 0, services: &[], has_alerts: false }
    }

    fn stories(self) -> impl Iterator<Item = &'static Story> {
        let is_told =
            move |story: &&Story| self.services.is_empty() || self.services.contains(&story.service);
        STORIES.iter().filter(is_told)
    }
}

impl Times {
    /// As they are told of two days.
    pub fn now() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let end = now / STEP * STEP;
        Self {
            end,
            bad: end - 20 * 3600 + 90,
            back: end - 19 * 3600 + 90,
            harmless: end - 30 * 3600 + 330,
            live: end - 1800,
        }
    }
}

/// A service: its versions with their instances at a time, and whether its series tell versions.
struct Story {
    service: &'static str,
    tells_versions: bool,
    instances: fn(Times, u64) -> Vec<(&'static str, u32)>,
}

/// 5, 25, 50 % and, where `to_the_end`, all, a step every ten minutes.
fn canary(since: u64, at: u64, to_the_end: bool) -> Vec<(&'static str, u32)> {
    let new = match at.saturating_sub(since) / 600 {
        _ if at < since => 0,
        0 => 1,
        1 => 5,
        2 => 10,
        _ if to_the_end => 20,
        _ => 10,
    };
    [("v1.0.0", 20 - new), ("v1.1.0", new)].into_iter().filter(|(_, count)| *count > 0).collect()
}

const STORIES: [Story; 5] = [
    Story {
        service: "checkout",
        tells_versions: false,
        instances: |times, at| {
            vec![(if (times.bad..times.back).contains(&at) { "v1.1.0" } else { "v1.0.0" }, 4)]
        },
    },
    Story {
        service: "catalog",
        tells_versions: false,
        instances: |times, at| vec![(if at >= times.harmless { "v1.1.0" } else { "v1.0.0" }, 4)],
    },
    Story {
        service: "payments",
        tells_versions: true,
        instances: |times, at| {
            if at < times.back { canary(times.bad, at, false) } else { vec![("v1.0.0", 20)] }
        },
    },
    Story {
        service: "search",
        tells_versions: true,
        instances: |times, at| canary(times.harmless, at, true),
    },
    Story { service: "web", tells_versions: true, instances: |times, at| canary(times.live, at, false) },
];

/// OpenMetrics text: families must be contiguous.
fn history(stretch: Stretch) -> String {
    let times = stretch.times;
    let mut random = fastrand::Rng::with_seed(4711);
    let mut text = "# TYPE deployment gauge\n".to_owned();
    let all = || (times.end - stretch.past..=times.end + stretch.future).step_by(STEP as usize);
    for Story { service, instances, .. } in stretch.stories() {
        for at in all() {
            for (version, count) in instances(times, at) {
                let _ =
                    writeln!(text, "deployment{{service=\"{service}\",version=\"{version}\"}} {count} {at}");
            }
        }
    }
    let is_bad =
        |service: &str, version: &str| version == "v1.1.0" && ["checkout", "payments"].contains(&service);
    text.push_str("# TYPE http_requests counter\n");
    for Story { service, instances, tells_versions } in stretch.stories() {
        let mut counters: BTreeMap<String, f64> = BTreeMap::new();
        for at in all() {
            for (version, count) in instances(times, at) {
                let requests = (f64::from(count) * 600.0 * (0.9 + 0.2 * random.f64())).round();
                let share = if is_bad(service, version) { 0.08 } else { 0.002 };
                // As many as chance has it, near enough: a mean with noise of its own size.
                let mean = requests * share;
                let noise = (0..12).map(|_| random.f64()).sum::<f64>() - 6.0;
                let errors = (mean + noise * mean.sqrt()).round().clamp(0.0, requests);
                for (code, events) in [("200", requests - errors), ("500", errors)] {
                    let label =
                        if *tells_versions { format!("version=\"{version}\",") } else { String::new() };
                    let series =
                        format!("http_requests_total{{service=\"{service}\",{label}code=\"{code}\"}}");
                    let counter = counters.entry(series).or_insert(0.0);
                    *counter += events;
                }
            }
            let running: Vec<&str> = instances(times, at).into_iter().map(|(version, _)| version).collect();
            for (series, counter) in &counters {
                let is_gone = *tells_versions && !running.iter().any(|version| series.contains(version));
                if !is_gone {
                    let _ = writeln!(text, "{series} {counter} {at}");
                }
            }
        }
    }
    text.push_str("# TYPE latency gauge\n");
    for Story { service, instances, tells_versions } in stretch.stories() {
        for at in all() {
            let running = instances(times, at);
            let shown = if *tells_versions { &running[..] } else { &running[..1] };
            for (version, _) in shown {
                let noise = (0..12).map(|_| random.f64()).sum::<f64>() - 6.0;
                let seconds = 0.12 * (noise * 0.1).exp();
                let label = if *tells_versions { format!(",version=\"{version}\"") } else { String::new() };
                let _ = writeln!(text, "latency{{service=\"{service}\"{label}}} {seconds} {at}");
            }
        }
    }
    if stretch.has_alerts {
        alerts(&mut text, stretch);
    }
    text.push_str("# EOF\n");
    text
}

/// What a server writes of its alerts, and that it recorded something all the time.
fn alerts(text: &mut String, stretch: Stretch) {
    let times = stretch.times;
    let own = "alertname=\"PaymentsErrors\",service=\"payments\",severity=\"page\"";
    let during = || (times.bad + 60..times.back).step_by(15);
    text.push_str("# TYPE ALERTS gauge\n");
    for (state, is_now) in [("pending", false), ("firing", true)] {
        for at in during().filter(|at| (*at >= times.bad + FIRED) == is_now) {
            let _ = writeln!(text, "ALERTS{{{own},alertstate=\"{state}\"}} 1 {at}");
        }
    }
    text.push_str("# TYPE ALERTS_FOR_STATE gauge\n");
    for at in during() {
        let _ = writeln!(text, "ALERTS_FOR_STATE{{{own}}} {} {at}", times.bad + 60);
    }
    text.push_str("# TYPE up gauge\n");
    for at in (times.end - stretch.past..=times.end).step_by(STEP as usize) {
        let _ = writeln!(text, "up{{job=\"own\"}} 1 {at}");
    }
}

/// A rule that never holds: that none fired is known where rules are evaluated.
const RULES: &str = "groups: [{ name: own, rules: [{ alert: Never, expr: 'vector(1) > 2' }] }]";

/// The server, until it is dropped.
pub struct Prometheus {
    /// What happened when.
    pub times: Times,
    address: SocketAddr,
    folder: tempfile::TempDir,
    child: Option<Child>,
}

impl Prometheus {
    /// Starts it. `None`: it is not installed, and that is allowed.
    pub fn start(stretch: Stretch) -> Option<Self> {
        let is_there = |program: &&str| {
            let run =
                Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
            run.is_ok_and(|status| status.success())
        };
        if let Some(missing) = ["prometheus", "promtool"].iter().find(|program| !is_there(program)) {
            let required = std::env::var("TMINUS_REQUIRE_SERVERS").is_ok_and(|value| value == "1");
            assert!(!required, "{missing} is required and not installed");
            println!("SKIPPED: {missing} is not installed");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        std::fs::write(root.join("history.om"), history(stretch)).unwrap();
        let blocks = Command::new("promtool")
            .args(["tsdb", "create-blocks-from", "openmetrics", "history.om", "data"])
            .current_dir(root)
            .output()
            .unwrap();
        assert!(blocks.status.success(), "{}", String::from_utf8_lossy(&blocks.stderr));
        let rules = if stretch.has_alerts { RULES } else { "groups: []" };
        std::fs::write(root.join("rules.yml"), rules).unwrap();
        let configuration = "global: { scrape_interval: 1s }\nrule_files: [rules.yml]\n";
        std::fs::write(root.join("prometheus.yml"), configuration).unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut server = Self { times: stretch.times, address, folder, child: None };
        server.restart();
        Some(server)
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Starts it again.
    pub fn restart(&mut self) {
        let root: &Path = self.folder.path();
        let child = Command::new("prometheus")
            .args(["--config.file=prometheus.yml", "--storage.tsdb.path=data"])
            .arg("--storage.tsdb.retention.time=400d")
            .arg(format!("--web.listen-address={}", self.address))
            .current_dir(root)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.child = Some(child.unwrap());
        let begun = Instant::now();
        while !self.is_ready() {
            assert!(begun.elapsed() < PATIENCE, "the server does not become ready");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn is_ready(&self) -> bool {
        let ask = || -> std::io::Result<String> {
            let mut stream = TcpStream::connect_timeout(&self.address, Duration::from_secs(1))?;
            stream.set_read_timeout(Some(Duration::from_secs(5)))?;
            write!(stream, "GET /-/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
            let mut reply = String::new();
            stream.read_to_string(&mut reply)?;
            Ok(reply)
        };
        ask().is_ok_and(|reply| reply.starts_with("HTTP/1.1 200"))
    }

    /// Kills it.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        self.kill();
    }
}
