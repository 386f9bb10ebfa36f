//! A rollout of fifty services at once, whose hundred series move every second: the workspace, and
//! what a Prometheus would answer about it.

use std::fmt::Write as _;

/// Services on their way from one version to the next: two series each.
const SERVICES: usize = 50;
/// Metrics of each of them.
const METRICS: [(&str, &str, f64); 6] = [
    ("error rate", "ratio", 0.01),
    ("latency p95", "seconds", 0.4),
    ("latency p99", "seconds", 0.9),
    ("throughput", "1/s", 120.0),
    ("saturation", "ratio", 0.6),
    ("orders", "1/s", 4.0),
];

/// The workspace, asking a server.
pub fn workspace(url: &str) -> String {
    let mut text = format!(
        "[workspace]\nname = \"Moving\"\ntime_zone = \"UTC\"\n\n[[environment]]\nid = \"production\"\n\
         versions = 'count by (service, version) (build_info)'\n\n[backend.prometheus]\n\
         type = \"prometheus\"\nurl = \"{url}\"\n"
    );
    for index in 0..SERVICES {
        let _ = write!(text, "\n[[service]]\nid = \"service-{index:02}\"\nowner = \"team-{}\"\n", index % 7);
        for (name, unit, _) in METRICS {
            let _ = write!(
                text,
                "\n[[service.metric]]\nname = \"{name}\"\nunit = \"{unit}\"\n\
                 query = 'measure{{of=\"{name}\",service=\"service-{index:02}\",version=\"{{{{version}}}}\"}}'\n"
            );
        }
    }
    text
}

/// How the values move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// In waves; what was answered once stays as it was.
    Waves,
    /// Every value of every answer is another one, those of the past too, and their size is another
    /// one every twenty seconds: more than any data does.
    Leaps,
}

/// What a Prometheus would say to a request: its first line, and its form.
pub fn answer(manner: Manner, request: &str) -> String {
    if request.contains("buildinfo") {
        return r#"{"status":"success","data":{"version":"2.53.0"}}"#.to_owned();
    }
    if request.contains("/alerts") {
        return r#"{"status":"success","data":{"alerts":[]}}"#.to_owned();
    }
    let form = request.rsplit(' ').next().unwrap_or_default();
    let target = request.split(' ').nth(1).unwrap_or_default();
    let asked =
        if form.contains("query=") { form } else { target.split_once('?').map_or("", |(_, asked)| asked) };
    let of = |name: &str| {
        let mut pairs = url::form_urlencoded::parse(asked.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    let number = |name: &str| of(name).and_then(|value| value.parse::<f64>().ok());
    let now = chrono::Utc::now().timestamp() as f64;
    let query = of("query").unwrap_or_default();
    if target.contains("query_range") {
        let (start, end) = (number("start").unwrap_or(now - 3600.0), number("end").unwrap_or(now));
        let step = number("step").unwrap_or(15.0).max(1.0);
        let count = (((end - start) / step) as usize).min(11_000);
        let times: Vec<f64> = (0..=count).map(|index| start + index as f64 * step).collect();
        return wrap(
            "matrix",
            &of_each(manner, &query, &|labels, value| {
                let values: Vec<String> =
                    times.iter().map(|at| format!("[{at},\"{}\"]", value(*at))).collect();
                format!("{{\"metric\":{labels},\"values\":[{}]}}", values.join(","))
            }),
        );
    }
    let at = number("time").unwrap_or(now);
    wrap(
        "vector",
        &of_each(manner, &query, &|labels, value| {
            format!("{{\"metric\":{labels},\"value\":[{at},\"{}\"]}}", value(at))
        }),
    )
}

fn of_each(manner: Manner, query: &str, written: &dyn Fn(&str, &Value) -> String) -> Vec<String> {
    series(manner, query).iter().map(|(labels, value)| written(labels, value)).collect()
}

fn wrap(kind: &str, results: &[String]) -> String {
    format!(
        "{{\"status\":\"success\",\"data\":{{\"resultType\":\"{kind}\",\"result\":[{}]}}}}",
        results.join(",")
    )
}

/// A value by the time, in seconds.
type Value = dyn Fn(f64) -> f64;

/// Anything from 0 to 1, by a number and the second it is.
fn leap(of: f64) -> f64 {
    let second = chrono::Utc::now().timestamp() as u64;
    fastrand::Rng::with_seed(of.to_bits() ^ second.wrapping_mul(0x9E37_79B9_7F4A_7C15)).f64()
}

/// The labels of each series and its value at a time.
fn series(manner: Manner, query: &str) -> Vec<(String, Box<Value>)> {
    if query.contains("build_info") {
        return (0..SERVICES * 2)
            .map(|index| {
                let (service, new) = (index / 2, index % 2);
                let labels = format!("{{\"service\":\"service-{service:02}\",\"version\":\"1.{new}.0\"}}");
                // Of forty instances ten to twelve are new, another number every second.
                let moved = move |at: f64| match manner {
                    Manner::Waves => (at + service as f64 * 7.0).rem_euclid(3.0).floor() + 10.0,
                    Manner::Leaps => (leap(at + service as f64) * 30.0).floor() + 5.0,
                };
                let value = move |at: f64| if new == 1 { moved(at) } else { 40.0 - moved(at) };
                (labels, Box::new(value) as Box<Value>)
            })
            .collect();
    }
    let usual = METRICS.iter().find(|(name, _, _)| query.contains(name)).map_or(1.0, |(_, _, usual)| *usual);
    let own = query.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    let value = move |at: f64| match manner {
        Manner::Waves => {
            usual * (1.0 + 0.4 * (at / 7.0 + f64::from(own % 63)).sin() + 0.1 * (at / 1.9).sin())
        }
        Manner::Leaps => {
            let size = leap((chrono::Utc::now().timestamp() / 20) as f64 + f64::from(own));
            usual * leap(at + f64::from(own)) * 10f64.powf(size * 3.0 - 1.5)
        }
    };
    vec![("{}".to_owned(), Box::new(value))]
}
