//! The evaluator against the real Prometheus: the same samples, the same questions, the same numbers.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tminus::demo::promql::{self, Answer, Grid, Labels, Memory};

use crate::queries::QUERIES;
use crate::real;

/// The time around which the samples lie, in seconds; two hours old enough to be a finished block.
const NOW: i64 = 1_790_000_000;

type Numbers = BTreeMap<String, Vec<(i64, f64)>>;

#[test]
fn answers_are_those_of_the_real_prometheus() {
    let (Some(prometheus), Some(promtool)) = (real::find("prometheus"), real::find("promtool")) else {
        return real::skip("prometheus and promtool are not installed");
    };
    let memory = samples();
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("samples.om");
    std::fs::write(&text, open_metrics(&memory)).unwrap();
    let data = folder.path().join("data");
    let made = Command::new(promtool)
        .args(["tsdb", "create-blocks-from", "openmetrics"])
        .args([&text, &data])
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let server = Server::start(&prometheus, folder.path());
    let client = client();
    let mut wrong = Vec::new();
    let mut points = 0;
    for query in QUERIES {
        for time in [NOW, NOW - 457, NOW + 290] {
            let parameters = [("query", (*query).to_owned()), ("time", time.to_string())];
            let theirs = client.ask(&format!("{}/api/v1/query", server.url), &parameters);
            let ours = our_instant(&memory, query, time * 1000);
            if let Err(why) = compare(&theirs, ours.as_ref()) {
                wrong.push(format!("{query} @ {time}: {why}"));
            }
        }
        for (from, to, step) in [(NOW - 1800, NOW, 15), (NOW - 3600, NOW + 400, 97), (NOW - 3000, NOW, 700)] {
            let mut parameters = vec![("query", (*query).to_owned())];
            parameters.extend([
                ("start", from.to_string()),
                ("end", to.to_string()),
                ("step", step.to_string()),
            ]);
            let theirs = client.ask(&format!("{}/api/v1/query_range", server.url), &parameters);
            let ours =
                our_range(&memory, query, Grid { from: from * 1000, to: to * 1000, step: step * 1000 });
            points += ours.iter().flat_map(|numbers| numbers.values()).map(Vec::len).sum::<usize>();
            if let Err(why) = compare(&theirs, ours.as_ref()) {
                wrong.push(format!("{query} from {from} to {to} step {step}: {why}"));
            }
        }
    }
    assert!(points > 50_000, "only {points} points were compared");
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Counters with resets and gaps, gauges of every sign, a histogram, series that end and begin.
fn samples() -> Memory {
    let mut memory = Memory::default();
    let mut random = fastrand::Rng::with_seed(7);
    let times = |random: &mut fastrand::Rng, offset: i64| {
        let mut times: Vec<i64> = Vec::new();
        for index in 0..(5400 / 15) {
            // Now and then a scrape is missed, and none is quite on time.
            if random.f64() > 0.03 {
                times.push((NOW - 5000 + index * 15) * 1000 + offset + random.i64(-400..400));
            }
        }
        times
    };
    for service in ["cart", "search", "pay"] {
        for code in ["200", "404", "500"] {
            let labels =
                [("__name__", "requests_total"), ("service", service), ("code", code), ("env", "prod")];
            let (mut count, mut held) = (random.u32(0..500), Vec::new());
            for time in times(&mut random, 3000) {
                count = if random.f64() < 0.01 { 0 } else { count + random.u32(0..40) };
                // `pay` fell silent for ten minutes; `search` began late.
                let silent = service == "pay" && (time / 1000) > NOW - 1500 && (time / 1000) < NOW - 900;
                let late = service == "search" && code == "500" && (time / 1000) < NOW - 1200;
                if !silent && !late {
                    held.push((time, f64::from(count)));
                }
            }
            memory.series.push((Labels::new(labels), held));
        }
        for instance in ["a", "b"] {
            let labels = [("__name__", "temperature"), ("service", service), ("instance", instance)];
            let held = times(&mut random, 7000).into_iter().map(|time| (time, random.f64() * 20.0 - 8.0));
            let held = held.collect();
            memory.series.push((Labels::new(labels), held));
        }
        let labels = [("__name__", "info"), ("service", service), ("team", "one"), ("version", "1.2.3")];
        let held = times(&mut random, 0).into_iter().map(|time| (time, 1.0)).collect();
        memory.series.push((Labels::new(labels), held));
        let mut counts = [0_u32; 5];
        let mut held: Vec<Vec<(i64, f64)>> = vec![Vec::new(); 5];
        for time in times(&mut random, 5000) {
            let mut below = 0;
            for (index, count) in counts.iter_mut().enumerate() {
                below += random.u32(0..9);
                *count += below;
                held[index].push((time, f64::from(*count)));
            }
        }
        for (bound, held) in ["0.1", "0.5", "1", "2.5", "+Inf"].into_iter().zip(held) {
            let labels = [("__name__", "seconds_bucket"), ("service", service), ("le", bound)];
            memory.series.push((Labels::new(labels), held));
        }
    }
    for (kind, value) in
        [("nan", f64::NAN), ("inf", f64::INFINITY), ("minus", -2.5), ("tiny", 1e-9), ("big", 3e22)]
    {
        let held = times(&mut random, 1000).into_iter().map(|time| (time, value)).collect();
        memory.series.push((Labels::new([("__name__", "odd"), ("kind", kind)]), held));
    }
    memory
}

fn open_metrics(memory: &Memory) -> String {
    let mut text = String::new();
    let mut family = String::new();
    let mut order: Vec<_> = memory.series.iter().collect();
    order.sort_by(|left, right| left.0.get("__name__").cmp(right.0.get("__name__")));
    for (labels, samples) in order {
        let name = labels.get("__name__");
        if name != family {
            let base = name.trim_end_matches("_total");
            let kind = if name == base { "unknown" } else { "counter" };
            writeln!(text, "# TYPE {base} {kind}").unwrap();
            name.clone_into(&mut family);
        }
        let pairs: Vec<String> = labels
            .iter()
            .filter(|(label, _)| *label != "__name__")
            .map(|(label, value)| format!("{label}={value:?}"))
            .collect();
        for (time, value) in samples {
            let value = promql::format_number(*value);
            let time = *time as f64 / 1000.0;
            writeln!(text, "{name}{{{}}} {value} {time:.3}", pairs.join(",")).unwrap();
        }
    }
    text + "# EOF\n"
}

fn our_instant(memory: &Memory, query: &str, time: i64) -> Result<Numbers, String> {
    let expression = promql::parse(query).map_err(|error| error.to_string())?;
    let one = |labels: &Labels, value: f64| (labels.to_string(), vec![(time, value)]);
    Ok(match promql::instant(memory, &expression, time).map_err(|error| error.to_string())? {
        Answer::Scalar(value) => BTreeMap::from([("{}".to_owned(), vec![(time, value)])]),
        Answer::Text(text) => BTreeMap::from([(text, Vec::new())]),
        Answer::Vector(vector) => vector.iter().map(|(labels, value)| one(labels, *value)).collect(),
        Answer::Matrix(matrix) => {
            matrix.into_iter().map(|(labels, samples)| (labels.to_string(), samples)).collect()
        }
    })
}

fn our_range(memory: &Memory, query: &str, grid: Grid) -> Result<Numbers, String> {
    let expression = promql::parse(query).map_err(|error| error.to_string())?;
    let columns = promql::range(memory, &expression, grid).map_err(|error| error.to_string())?;
    let points = |points: Vec<Option<f64>>| {
        grid.times().zip(points).filter_map(|(time, point)| Some((time, point?))).collect()
    };
    Ok(columns.into_iter().map(|column| (column.labels.to_string(), points(column.points))).collect())
}

/// Both fail in the same way, or hold the same series with the same numbers to 1e-9.
fn compare(theirs: &Value, ours: Result<&Numbers, &String>) -> Result<(), String> {
    let ours = match (theirs["status"] == "error", ours) {
        (true, Err(_)) => return Ok(()),
        (true, Ok(_)) => return Err(format!("they fail with {theirs}, we do not")),
        (false, Err(ours)) => return Err(format!("we fail with {ours}, they do not")),
        (false, Ok(ours)) => ours,
    };
    let theirs = numbers(&theirs["data"]);
    let (left, right) = (theirs.keys().collect::<Vec<_>>(), ours.keys().collect::<Vec<_>>());
    if left != right {
        return Err(format!("series differ:\n  theirs {left:?}\n  ours   {right:?}"));
    }
    for (series, points) in &theirs {
        let same = |left: f64, right: f64| {
            left.to_bits() == right.to_bits()
                || (left.is_nan() && right.is_nan())
                || (left - right).abs() <= 1e-9 * left.abs().max(right.abs()).max(1e-12)
        };
        let ours = &ours[series];
        if points.len() != ours.len() {
            return Err(format!("{series}: they have {} points, we {}", points.len(), ours.len()));
        }
        for (theirs, ours) in points.iter().zip(ours) {
            if theirs.0 != ours.0 || !same(theirs.1, ours.1) {
                return Err(format!("{series}: they say {theirs:?}, we {ours:?}"));
            }
        }
    }
    Ok(())
}

fn numbers(data: &Value) -> Numbers {
    let point = |pair: &Value| {
        let time = (pair[0].as_f64().unwrap() * 1000.0).round() as i64;
        (time, pair[1].as_str().unwrap().parse::<f64>().unwrap())
    };
    let result = &data["result"];
    match data["resultType"].as_str().unwrap() {
        "scalar" => BTreeMap::from([("{}".to_owned(), vec![point(result)])]),
        "string" => BTreeMap::from([(result[1].as_str().unwrap().to_owned(), Vec::new())]),
        _ => result
            .as_array()
            .unwrap()
            .iter()
            .map(|series| {
                let pairs = series["metric"].as_object().unwrap();
                let labels = Labels::new(pairs.iter().map(|(name, value)| (name, value.as_str().unwrap())));
                let points = match series["values"].as_array() {
                    Some(values) => values.iter().map(point).collect(),
                    None => vec![point(&series["value"])],
                };
                (labels.to_string(), points)
            })
            .collect(),
    }
}

struct Client {
    client: reqwest::Client,
    runtime: tokio::runtime::Runtime,
}

fn client() -> Client {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    Client { client: reqwest::Client::builder().no_proxy().build().unwrap(), runtime }
}

impl Client {
    fn ask(&self, url: &str, parameters: &[(&str, String)]) -> Value {
        self.runtime.block_on(async {
            let answer = self.client.post(url).form(parameters).send().await.unwrap();
            answer.json().await.unwrap()
        })
    }
}

struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(program: &Path, folder: &Path) -> Self {
        let config = folder.join("prometheus.yml");
        std::fs::write(&config, "global: { scrape_interval: 1m, evaluation_interval: 1m }\n").unwrap();
        let mut child = Command::new(program)
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", folder.join("data").display()))
            .args(["--storage.tsdb.retention.time=100y", "--web.listen-address=127.0.0.1:0"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        let (mut address, mut ready) = (None, false);
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut log = String::new();
        while let Some(Ok(line)) = lines.next() {
            if line.contains("Listening on") {
                let after = line.split("address=").nth(1).map(|rest| rest.split_whitespace().next().unwrap());
                address = after.map(str::to_owned);
            }
            log = log + &line + "\n";
            ready |= line.contains("Server is ready to receive");
            // They come in either order.
            if ready && address.is_some() {
                break;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "prometheus is not ready:\n{log}");
        }
        std::thread::spawn(move || lines.for_each(drop));
        let address = address.unwrap_or_else(|| panic!("prometheus did not say where it listens:\n{log}"));
        Self { child, url: format!("http://{address}") }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
