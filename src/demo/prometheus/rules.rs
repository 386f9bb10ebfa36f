//! Alerting rules: evaluated as Prometheus does, from the last evaluation up to now, whenever someone
//! asks.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use crate::demo::metrics::{Metrics, Scraped};
use crate::demo::promql::{self, Column, Grid, Labels, Matching, Memory, Sample, Series, Source};
use crate::demo::story::Story;

/// Between two evaluations, in milliseconds.
const INTERVAL: i64 = 5_000;

/// An alerting rule.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    pub(super) name: &'static str,
    pub(super) query: &'static str,
    /// How long it must hold at normal speed, in seconds.
    hold: f64,
    pub(super) severity: &'static str,
    pub(super) summary: &'static str,
    pub(super) runbook: &'static str,
}

/// All rules.
pub(super) const RULES: [Rule; 4] = [
    Rule {
        name: "HighErrorRatio",
        query: r#"sum by (service, env, region, version) (rate(http_requests_total{code=~"5..",env="production"}[1m])) / sum by (service, env, region, version) (rate(http_requests_total{env="production"}[1m])) > 0.02"#,
        hold: 45.0,
        severity: "critical",
        summary: "{service} {version} in {env} {region}: {percent} of requests fail",
        runbook: "https://runbooks.example.com/high-error-ratio",
    },
    Rule {
        name: "SlowRequests",
        query: r#"histogram_quantile(0.95, sum by (service, env, region, version, le) (rate(http_request_duration_seconds_bucket{env="production"}[1m]))) > 0.75"#,
        hold: 90.0,
        severity: "warning",
        summary: "{service} {version} in {env} {region}: p95 is {value} s",
        runbook: "https://runbooks.example.com/slow-requests",
    },
    Rule {
        name: "SearchIndexLag",
        query: "max by (service, env, region) (search_index_lag_seconds) > 900",
        hold: 300.0,
        severity: "warning",
        summary: "the search index in {env} is {value} s behind",
        runbook: "https://runbooks.example.com/search-index-lag",
    },
    Rule {
        name: "InstanceDown",
        query: "up == 0",
        hold: 120.0,
        severity: "critical",
        summary: "{instance} of {service} in {env} does not answer",
        runbook: "https://runbooks.example.com/instance-down",
    },
];

/// An alert.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::demo) struct Alert {
    /// Its labels, `alertname` and `severity` among them.
    pub(in crate::demo) labels: Labels,
    /// What it says.
    pub(in crate::demo) summary: String,
    /// Where to read what to do.
    pub(in crate::demo) runbook: &'static str,
    /// The query behind it.
    pub(in crate::demo) query: &'static str,
    /// Since when its condition holds.
    pub(in crate::demo) since: DateTime<Utc>,
    /// Since when it fires; `None`: pending.
    pub(in crate::demo) fires_since: Option<DateTime<Utc>>,
    /// The number that made it.
    pub(in crate::demo) value: f64,
}

/// The rules' state.
#[derive(Debug)]
pub(super) struct Rules {
    evaluated: i64,
    speed: f64,
    active: BTreeMap<(usize, Labels), Alert>,
    /// What they wrote: `ALERTS` and `ALERTS_FOR_STATE`.
    pub(super) written: Memory,
}

/// The scraped metrics and what the rules wrote.
pub(super) struct Everything<'a> {
    pub(super) scraped: Scraped<'a>,
    pub(super) written: &'a Memory,
}

impl Source for Everything<'_> {
    fn select<'a>(&'a self, matching: &Matching, from: i64, to: i64) -> Vec<Box<dyn Series + 'a>> {
        let mut found = self.scraped.select(matching, from, to);
        found.extend(self.written.select(matching, from, to));
        found
    }
}

impl Rule {
    /// How long it must hold in this story, in seconds.
    pub(super) fn hold(&self, speed: f64) -> f64 {
        (self.hold / speed).max(INTERVAL as f64 / 1000.0)
    }
}

impl Rules {
    /// As if they had been running for a while before the story.
    pub(super) fn new(story: &Story) -> Self {
        let begun = (story.now - TimeDelta::minutes(10)).timestamp_millis();
        let evaluated = begun.div_euclid(INTERVAL) * INTERVAL;
        Self { evaluated, speed: story.speed, active: BTreeMap::new(), written: Memory::default() }
    }

    /// Evaluates what is due up to now, in milliseconds.
    pub(super) fn catch_up(&mut self, metrics: &Metrics, now: i64) {
        // After a long sleep only the last hour is made up for.
        let from = (self.evaluated + INTERVAL).max(now.div_euclid(INTERVAL) * INTERVAL - 3_600_000);
        if from > now {
            return;
        }
        let grid = Grid { from, to: now, step: INTERVAL };
        let scraped = Scraped { metrics, now };
        for (index, rule) in RULES.iter().enumerate() {
            let columns = promql::parse(rule.query).and_then(|query| promql::range(&scraped, &query, grid));
            // A rule that cannot be evaluated changes nothing; a test holds that all can.
            if let Ok(columns) = columns {
                self.apply(index, rule, &columns, grid);
            }
        }
        self.evaluated = grid.times().last().unwrap_or(self.evaluated);
    }

    /// All alerts, pending ones too.
    pub(super) fn alerts(&self) -> impl Iterator<Item = (&'static str, &Alert)> {
        self.active.iter().map(|((index, _), alert)| (RULES[*index].name, alert))
    }

    fn apply(&mut self, index: usize, rule: &Rule, columns: &[Column], grid: Grid) {
        for (step, time) in grid.times().enumerate() {
            let moment = DateTime::from_timestamp_millis(time).unwrap_or_default();
            let mut seen = Vec::new();
            for column in columns {
                let Some(value) = column.points[step] else { continue };
                let mut labels = column.labels.clone().nameless();
                labels.set("alertname", rule.name.to_owned());
                labels.set("severity", rule.severity.to_owned());
                let key = (index, labels.clone());
                seen.push(key.clone());
                let alert = self.active.entry(key).or_insert_with(|| Alert {
                    labels,
                    summary: String::new(),
                    runbook: rule.runbook,
                    query: rule.query,
                    since: moment,
                    fires_since: None,
                    value,
                });
                alert.value = value;
                alert.summary = fill(rule.summary, &alert.labels, value);
                let held = (moment - alert.since).as_seconds_f64();
                let turns = alert.fires_since.is_none() && held >= rule.hold(self.speed);
                if turns {
                    alert.fires_since = Some(moment);
                    write(&mut self.written, &alert.labels, "pending", (time, promql::stale()));
                }
                let state = if alert.fires_since.is_some() { "firing" } else { "pending" };
                write(&mut self.written, &alert.labels, state, (time, 1.0));
                write_since(&mut self.written, &alert.labels, (time, alert.since.timestamp() as f64));
            }
            let gone: Vec<_> =
                self.active.keys().filter(|key| key.0 == index && !seen.contains(key)).cloned().collect();
            for key in gone {
                if let Some(alert) = self.active.remove(&key) {
                    let state = if alert.fires_since.is_some() { "firing" } else { "pending" };
                    write(&mut self.written, &alert.labels, state, (time, promql::stale()));
                    write_since(&mut self.written, &alert.labels, (time, promql::stale()));
                }
            }
        }
    }
}

fn write(memory: &mut Memory, labels: &Labels, state: &str, sample: Sample) {
    let mut labels = labels.clone();
    labels.set("__name__", "ALERTS".to_owned());
    labels.set("alertstate", state.to_owned());
    push(memory, labels, sample);
}

/// Since when an alert's condition holds.
fn write_since(memory: &mut Memory, labels: &Labels, sample: Sample) {
    let mut labels = labels.clone();
    labels.set("__name__", "ALERTS_FOR_STATE".to_owned());
    push(memory, labels, sample);
}

fn push(memory: &mut Memory, labels: Labels, sample: Sample) {
    match memory.series.iter_mut().find(|(other, _)| *other == labels) {
        Some((_, samples)) => samples.push(sample),
        None => memory.series.push((labels, vec![sample])),
    }
}

fn fill(template: &str, labels: &Labels, value: f64) -> String {
    let mut text = template.to_owned();
    for (name, value) in labels.iter() {
        text = text.replace(&format!("{{{name}}}"), value);
    }
    text.replace("{percent}", &format!("{:.1}%", value * 100.0)).replace("{value}", &format!("{value:.2}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn story(speed: f64) -> Story {
        Story::new(DateTime::from_timestamp(1_795_616_400, 0).unwrap(), speed, 7)
    }

    #[test]
    fn every_rule_can_be_evaluated() {
        let story = story(1.0);
        let metrics = Metrics::new(&story);
        let scraped = Scraped { metrics: &metrics, now: story.now.timestamp_millis() };
        for rule in RULES {
            let query = promql::parse(rule.query).unwrap();
            assert!(promql::instant(&scraped, &query, scraped.now).is_ok(), "{}", rule.name);
        }
    }

    #[test]
    fn the_canary_fails_after_a_minute_and_its_alert_is_pending_then_fires() {
        let story = story(1.0);
        let metrics = Metrics::new(&story);
        let mut rules = Rules::new(&story);
        let mut states = Vec::new();
        for second in (0..420).step_by(5) {
            rules.catch_up(&metrics, story.now.timestamp_millis() + second * 1000);
            let own = rules
                .alerts()
                .find(|(name, alert)| *name == "HighErrorRatio" && alert.labels.get("service") == "checkout");
            let state = own.map(|(_, alert)| alert.fires_since.is_some());
            if states.last().is_none_or(|(_, last)| *last != state) {
                states.push((second, state));
            }
        }
        let [(0, None), (pending, Some(false)), (firing, Some(true))] = states[..] else {
            panic!("{states:?}")
        };
        assert!((75..=140).contains(&pending) && (45..=60).contains(&(firing - pending)), "{states:?}");
        let written: Vec<&str> =
            rules.written.series.iter().map(|(labels, _)| labels.get("alertstate")).collect();
        let since =
            rules.written.series.iter().find(|(labels, _)| labels.get("__name__").ends_with("_STATE"));
        let began = since.and_then(|(_, samples)| samples.last()).map(|sample| sample.1);
        assert!(began.is_some_and(|began| began > 1.7e9), "since when it holds: {began:?}");
        assert!(written.contains(&"pending") && written.contains(&"firing"));
    }

    #[test]
    fn a_faster_story_fails_sooner() {
        let story = story(10.0);
        let metrics = Metrics::new(&story);
        let mut rules = Rules::new(&story);
        rules.catch_up(&metrics, story.now.timestamp_millis() + 60_000);
        assert!(rules.alerts().any(|(name, alert)| name == "HighErrorRatio" && alert.fires_since.is_some()));
    }
}
