//! What is told: a line for each change, as JSON or for people.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::super::CliError;
use super::super::output::{print, print_json};
use super::{Seen, advice};
use crate::domain::analysis::subject::Phase;
use crate::domain::analysis::{document, file};
use crate::domain::format;
use crate::domain::health::Told;

/// A service, an environment, a region.
type Place = (String, String, Option<String>);
/// What was told, and when.
type Last = (String, DateTime<Utc>);

/// What was told last of each place.
pub struct Teller {
    json: bool,
    last: BTreeMap<Place, Last>,
}

impl Teller {
    /// Nothing yet.
    pub fn new(json: bool) -> Self {
        Self { json, last: BTreeMap::new() }
    }

    /// Tells what changed since the last look.
    pub fn changes(&mut self, seen: &[Seen]) {
        for seen in seen {
            let subject = &seen.subject;
            let place = (subject.service.clone(), subject.environment.clone(), subject.region.clone());
            let state = state(seen);
            let before = self.last.get(&place);
            if before.is_none_or(|(before, _)| *before != state) {
                let since = before.map(|(_, at)| *at);
                self.tell(seen, since, false);
                self.last.insert(place, (state, seen.assessment.now));
            }
        }
    }

    /// Tells how it ended.
    pub fn last(&mut self, seen: &[Seen]) {
        for seen in seen {
            let subject = &seen.subject;
            let place = (subject.service.clone(), subject.environment.clone(), subject.region.clone());
            let since = self.last.get(&place).map(|(_, at)| *at);
            self.tell(seen, since, true);
        }
    }

    fn tell(&self, seen: &Seen, since: Option<DateTime<Utc>>, last: bool) {
        if self.json {
            print_json("monitor", json_of(seen, since, last));
        } else {
            print(&text_of(seen, last));
        }
    }
}

/// What makes a line worth telling: everything but the numbers that always move.
fn state(seen: &Seen) -> String {
    let subject = &seen.subject;
    let metrics: Vec<&str> = seen.assessment.metrics.iter().map(|metric| metric.found.word()).collect();
    let health: Vec<_> = seen.assessment.health.iter().map(Told::result).collect();
    let step = seen.assessment.steps.iter().rev().find(|step| step.began.is_some()).map(|step| step.number);
    let advised = seen.advised.as_ref().map(|advised| {
        (advised.recommendation.remedy, advised.recommendation.confidence, advised.recommendation.detected)
    });
    format!(
        "{:?} {} {} {:?} {step:?} {advised:?} {} {metrics:?} {health:?} {}",
        subject.from,
        subject.to,
        subject.phase.word(),
        subject.share.map(format::share),
        seen.verdict().word(),
        subject.doubt.is_some(),
    )
}

fn why(seen: &Seen) -> String {
    let why = &seen.assessment.why;
    if seen.stopped { format!("stopped early, so it is incomplete; until then: {why}") } else { why.clone() }
}

fn json_of(seen: &Seen, since: Option<DateTime<Utc>>, last: bool) -> Value {
    let mut value = document::of(&seen.subject, &seen.assessment, since);
    value["verdict"] = json!(seen.verdict());
    value["why"] = json!(why(seen));
    value["recommendation"] = seen.advised.as_ref().map_or(Value::Null, advice::document);
    value["final"] = json!(last);
    value["incomplete"] = json!(seen.stopped);
    value
}

fn text_of(seen: &Seen, last: bool) -> String {
    let subject = &seen.subject;
    let time = seen.assessment.now.to_rfc3339_opts(SecondsFormat::Secs, true);
    let versions = match (&subject.from, subject.to.is_empty()) {
        (_, true) => String::new(),
        (Some(from), _) => format!(" {from} -> {}", subject.to),
        (None, _) => format!(" {}", subject.to),
    };
    let share = match (subject.share, subject.phase) {
        (Some(share), Phase::Rollout(_)) => format!(" {}", format::share(share)),
        _ => String::new(),
    };
    let word =
        if last { format!("final: {}", seen.verdict().word()) } else { seen.verdict().word().to_owned() };
    let advised = seen.advised.as_ref();
    let advised = advised.map(|it| format!("{time}  {}\n", advice::words(subject, it))).unwrap_or_default();
    format!(
        "{time}  {}{versions}  {}  {}{share}  {word}: {}\n{advised}",
        subject.service,
        subject.place(),
        subject.phase.word(),
        why(seen)
    )
}

/// Writes the numbers that were compared, as `tminus judge` takes them.
pub fn write_judge_file(path: &Path, seen: &[Seen]) -> Result<(), CliError> {
    let mut metrics: Vec<Value> = Vec::new();
    for one in seen {
        let mut document = file::document(&one.assessment);
        let found = document["metrics"].as_array_mut().map(std::mem::take).unwrap_or_default();
        for mut metric in found {
            if seen.len() > 1
                && let Some(metric) = metric.as_object_mut()
            {
                // Several rollouts share one file: names tell them apart, and weights are no more
                // those of one service.
                let name = metric["name"].as_str().unwrap_or_default().to_owned();
                let subject = &one.subject;
                metric
                    .insert("name".into(), format!("{} {}: {name}", subject.service, subject.place()).into());
                metric.remove("weight");
                metric.remove("group");
            }
            metrics.push(metric);
        }
    }
    let text = serde_json::to_string_pretty(&json!({ "metrics": metrics })).unwrap_or_default() + "\n";
    std::fs::write(path, text).map_err(|error| {
        CliError::wrong(
            format!("{} cannot be written ({error})", path.display()),
            "name a file in a folder that you may write to",
        )
    })
}
