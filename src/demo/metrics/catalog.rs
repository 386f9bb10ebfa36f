//! Which series there are.

use std::collections::HashMap;
use std::f64::consts::PI;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Kind, Line, Metrics, Piece, SCRAPE, Traffic};
use crate::demo::promql::Labels;
use crate::demo::story::{Life, REMEMBERED_DAYS, Share, Story};

/// Upper bounds of the duration buckets, in seconds.
const BOUNDS: [(&str, f64); 15] = [
    ("0.01", 0.01),
    ("0.025", 0.025),
    ("0.05", 0.05),
    ("0.075", 0.075),
    ("0.1", 0.1),
    ("0.15", 0.15),
    ("0.2", 0.2),
    ("0.3", 0.3),
    ("0.4", 0.4),
    ("0.6", 0.6),
    ("0.8", 0.8),
    ("1.2", 1.2),
    ("2", 2.0),
    ("5", 5.0),
    ("+Inf", f64::INFINITY),
];

/// How quickly durations fall off: a log-logistic curve, whose p95 is 2.5 times its median.
const SHAPE: f64 = 3.2;

/// A metric's type and what it is, for people.
pub(in crate::demo) fn help(name: &str) -> (&'static str, &'static str) {
    match name {
        "app_build_info" => ("gauge", "Which version an instance runs; always 1"),
        "http_requests_total" => ("counter", "Requests answered, by status code"),
        "http_request_duration_seconds" => ("histogram", "How long requests took"),
        "process_cpu_seconds_total" => ("counter", "Processor time used, user and system"),
        "process_resident_memory_bytes" => ("gauge", "Memory held"),
        "process_start_time_seconds" => ("gauge", "When the process began, in seconds since the epoch"),
        "search_index_lag_seconds" => ("gauge", "Age of the newest product in the search index"),
        "up" => ("gauge", "Whether the last scrape went well"),
        _ => ("unknown", ""),
    }
}

/// Builds all series.
pub(super) fn build(story: &Story) -> Metrics {
    let mut random = fastrand::Rng::with_seed(story.seed ^ 0x7261_6666_6963);
    let origin = (story.now - TimeDelta::days(REMEMBERED_DAYS)).timestamp_millis();
    let mut metrics = Metrics { traffics: Vec::new(), lines: HashMap::new() };
    let mut builder = Builder { metrics: &mut metrics, random: &mut random };
    let mut before = None;
    for life in &story.lives {
        let place = (life.firm.id, life.place.environment, life.place.region);
        if before != Some(place) {
            before = Some(place);
            let peak = if life.place.region == "us" { 0.5 } else { 18.5 };
            let mean = life.firm.rate * life.place.size;
            let traffic = Traffic::new(mean, origin, peak, builder.random);
            builder.metrics.traffics.push(traffic);
        }
        builder.life(life);
    }
    builder.lag(story);
    metrics
}

struct Builder<'a> {
    metrics: &'a mut Metrics,
    random: &'a mut fastrand::Rng,
}

impl Builder<'_> {
    fn life(&mut self, life: &Life) {
        let labels = |more: &[(&str, &str)]| {
            let own = [
                ("service", life.firm.id),
                ("env", life.place.environment),
                ("region", life.place.region),
                ("version", life.version.as_str()),
                ("job", "services"),
            ];
            Labels::new(own.into_iter().chain(more.iter().copied()))
        };
        let offset = self.random.i64(0..SCRAPE);
        for (code, part, kind) in [
            ("200", Part::Good(0.982), Kind::Events),
            ("404", Part::Good(0.018), Kind::RareEvents),
            ("500", Part::Failed(0.7), Kind::RareEvents),
            ("503", Part::Failed(0.3), Kind::RareEvents),
        ] {
            let weight = |share: &Share| match part {
                Part::Good(part) => share.part * (1.0 - share.errors) * part,
                Part::Failed(part) => share.part * share.errors * part,
            };
            self.line("http_requests_total", labels(&[("code", code)]), kind, offset, life, weight);
        }
        let median = life.firm.median;
        for (text, bound) in BOUNDS {
            let weight = |share: &Share| {
                let below = 1.0 / (1.0 + (bound / (median * share.slowness)).powf(-SHAPE));
                share.part * below
            };
            let name = "http_request_duration_seconds_bucket";
            self.line(name, labels(&[("le", text)]), Kind::Events, offset, life, weight);
        }
        let name = "http_request_duration_seconds_count";
        self.line(name, labels(&[]), Kind::Events, offset, life, |share| share.part);
        // The mean of a log-logistic curve.
        let mean = median * (PI / SHAPE) / (PI / SHAPE).sin();
        let name = "http_request_duration_seconds_sum";
        self.line(name, labels(&[]), Kind::Sum, offset, life, |share| share.part * share.slowness * mean);
        self.instances(life, labels);
    }

    fn instances(&mut self, life: &Life, labels: impl Fn(&[(&str, &str)]) -> Labels) {
        let all = (life.firm.instances as f64 * life.place.size).ceil().max(2.0);
        let most = life.shares.iter().map(|share| share.part).fold(0.0, f64::max);
        let hash = self.random.u32(0x1000_0000..0xffff_ffff);
        for number in 0..(all * most).round() as usize {
            let running = |share: &Share| ((all * share.part).round() as usize) > number;
            let instance = format!("{}-{hash:08x}-{:05x}", life.firm.id, self.random.u32(0x10000..0xfffff));
            let labels = labels(&[("instance", &instance)]);
            let offset = self.random.i64(0..SCRAPE);
            let memory = (120.0 + 260.0 * self.random.f64()) * 1_048_576.0;
            let begun =
                life.shares.iter().find(|share| running(share)).map_or(0, |share| share.from.timestamp());
            let flag = |value: f64| move |share: &Share| if running(share) { value } else { 0.0 };
            self.line("app_build_info", labels.clone(), Kind::Gauge, offset, life, flag(1.0));
            self.line("up", labels.clone(), Kind::Gauge, offset, life, flag(1.0));
            let name = "process_resident_memory_bytes";
            self.line(name, labels.clone(), Kind::Gauge, offset, life, flag(memory.round()));
            let name = "process_start_time_seconds";
            self.line(name, labels.clone(), Kind::Gauge, offset, life, flag(begun as f64));
            let cost = life.firm.median * 0.4;
            let weight = |share: &Share| {
                let others = (all * share.part).round().max(1.0);
                if running(share) { share.part * cost * share.slowness.sqrt() / others } else { 0.0 }
            };
            self.line("process_cpu_seconds_total", labels, Kind::Sum, offset, life, weight);
        }
    }

    /// A series that lives while its weight is above zero.
    fn line(
        &mut self,
        name: &'static str,
        mut labels: Labels,
        kind: Kind,
        offset: i64,
        life: &Life,
        weight: impl Fn(&Share) -> f64,
    ) {
        labels.set("__name__", name.to_owned());
        let traffic = self.metrics.traffics.len() - 1;
        let mut pieces: Vec<Piece> = Vec::new();
        let mut end = FAR;
        for share in &life.shares {
            let weight = weight(share);
            let from = milliseconds(share.from);
            if weight == 0.0 {
                if !pieces.is_empty() {
                    end = from;
                    break;
                }
                continue;
            }
            let requests = self.metrics.traffics[traffic].requests(from);
            let before = match pieces.last() {
                Some(last) => last.before + last.weight * (requests - last.requests),
                None => 0.0,
            };
            pieces.push(Piece { from, requests, before, weight });
        }
        if pieces.is_empty() {
            return;
        }
        let phase = self.random.f64() * 6.0;
        let line = Line { labels, kind, traffic, offset, pieces, end, phase };
        self.metrics.lines.entry(name).or_default().push(line);
    }

    /// Staging's search index is behind: a nuisance that everyone knows of.
    fn lag(&mut self, story: &Story) {
        let labels = [("__name__", "search_index_lag_seconds"), ("service", "search"), ("job", "services")];
        for (environment, region, lag) in
            [("staging", "eu", 2_340.0), ("production", "eu", 41.0), ("production", "us", 57.0)]
        {
            let place = [("env", environment), ("region", region)];
            let pieces = (0..REMEMBERED_DAYS * 24).map(|hour| Piece {
                from: milliseconds(story.now - TimeDelta::hours(REMEMBERED_DAYS * 24 - hour)),
                requests: 0.0,
                before: 0.0,
                weight: (lag * (0.9 + 0.2 * self.random.f64()) * 10.0_f64).round() / 10.0,
            });
            let pieces = pieces.collect();
            let labels = Labels::new(labels.into_iter().chain(place));
            let line =
                Line { labels, kind: Kind::Gauge, traffic: 0, offset: 1_700, pieces, end: FAR, phase: 0.0 };
            self.metrics.lines.entry("search_index_lag_seconds").or_default().push(line);
        }
    }
}

/// Which requests a status code counts.
enum Part {
    /// A part of those that went well.
    Good(f64),
    /// A part of those that failed.
    Failed(f64),
}

/// An end that never comes, in milliseconds.
const FAR: i64 = i64::MAX / 4;

fn milliseconds(time: DateTime<Utc>) -> i64 {
    time.timestamp_millis()
}
