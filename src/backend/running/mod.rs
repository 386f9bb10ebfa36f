//! What runs in an environment: by PromQL, from a file, or from a command.

mod shares;

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use self::shares::Counts;
use super::capability::SeriesSource;
use super::http::{Limits, words};
use super::labels;
use super::process::{self, Program};
use super::secret::locate;
use crate::domain::question::{Running, RunningHistory, ShareLine, Span};
use crate::domain::{Failure, FailureKind, Safe};

/// What runs now, by a query whose result carries `service` and `version` (and maybe `region`).
pub async fn by_query(
    source: &dyn SeriesSource,
    environment: &str,
    query: &str,
    now: DateTime<Utc>,
) -> Result<Running, Failure> {
    let answer = source.instant(query, now).await?;
    let mut counts = Counts::default();
    for (labels, count) in &answer.samples {
        let (service, version) = place(labels, environment)?;
        counts.add(service, labels::value(labels, "region"), version, *count);
    }
    Ok(counts.shares(answer.warnings))
}

/// What ran over a span, by the same query.
pub async fn history_by_query(
    source: &dyn SeriesSource,
    environment: &str,
    query: &str,
    span: Span,
    now: DateTime<Utc>,
) -> Result<RunningHistory, Failure> {
    let grid = source.range(query, span, now).await?;
    let step = TimeDelta::seconds(i64::from(grid.step));
    let mut lines: BTreeMap<(String, Option<String>, Safe), Vec<Option<f64>>> = BTreeMap::new();
    for (labels, values) in grid.lines {
        let (service, version) = place(&labels, environment)?;
        let region = labels::value(&labels, "region").map(|region| Safe::new(region).to_string());
        let line = lines.entry((Safe::new(service).to_string(), region, Safe::new(version)));
        let sum = line.or_insert_with(|| vec![None; grid.points]);
        for (sum, value) in sum.iter_mut().zip(values) {
            // Fewer than none do not run.
            if let Some(value) = value.filter(|value| *value >= 0.0) {
                *sum = Some(sum.unwrap_or(0.0) + value);
            }
        }
    }
    Ok(RunningHistory {
        times: (0..grid.points).map(|index| grid.start + step * index as i32).collect(),
        lines: lines
            .into_iter()
            .map(|((service, region, version), counts)| ShareLine { service, region, version, counts })
            .collect(),
        warnings: grid.warnings,
    })
}

fn place<'a>(labels: &'a labels::Labels, environment: &str) -> Result<(&'a str, &'a str), Failure> {
    let label = |name: &str| {
        labels::value(labels, name).ok_or_else(|| {
            Failure::new(
                FailureKind::Garbled,
                format!("the versions query of {environment} answers a series without the label {name}"),
                "let it keep both: count by (service, version) (…)",
            )
        })
    };
    Ok((label("service")?, label("version")?))
}

/// What runs now, by a JSON file.
pub async fn by_file(root: Option<&Path>, file: &Path, limits: &Limits) -> Result<Running, Failure> {
    let path = locate(root, file);
    let shown = path.display();
    let unreadable = |error: std::io::Error| {
        let what = format!("the versions file {shown} cannot be read: {error}");
        Failure::new(FailureKind::File, what, "write it, or correct versions = { file = … }")
    };
    let about = tokio::fs::metadata(&path).await.map_err(unreadable)?;
    if !about.is_file() || about.len() > limits.output as u64 {
        let what =
            format!("the versions file {shown} is no plain file of at most {} MiB", limits.output >> 20);
        return Err(Failure::new(FailureKind::File, what, "correct versions = { file = … }"));
    }
    let text = tokio::fs::read(&path).await.map_err(unreadable)?;
    read(&text, &format!("the versions file {shown}"))
}

/// What runs now, by a command's standard output.
pub async fn by_command(root: Option<&Path>, argv: &[String], limits: &Limits) -> Result<Running, Failure> {
    let name = format!("the versions command {}", argv.first().map_or("(empty)", String::as_str));
    let program = Program {
        argv: argv.iter().map(Into::into).collect(),
        folder: root.map(Path::to_owned),
        set: Vec::new(),
        unset: &[],
        time: limits.program,
        bytes: limits.output,
    };
    let outcome = process::run(&program).await.map_err(|error| {
        Failure::new(
            FailureKind::Command,
            format!("{name}: {error}"),
            "run it by hand in the workspace folder",
        )
    })?;
    if !outcome.status.success() {
        let said = words(Safe::from_bytes(&outcome.stderr));
        let said = if said.trim().is_empty() { String::new() } else { format!(": {said}") };
        let what = format!("{name} ended with {}{said}", outcome.status);
        return Err(Failure::new(FailureKind::Command, what, "run it by hand in the workspace folder"));
    }
    read(&outcome.stdout, &name)
}

/// A file and a command know only now: their history is a single point.
pub fn history_of(running: Running, now: DateTime<Utc>) -> RunningHistory {
    let line = |service: String, share: crate::domain::question::VersionShare| ShareLine {
        service,
        region: None,
        version: share.version,
        counts: vec![Some(share.share)],
    };
    let services = running.services.into_iter();
    let lines = services
        .flat_map(|(service, shares)| shares.into_iter().map(move |share| line(service.clone(), share)));
    RunningHistory { times: vec![now], lines: lines.collect(), warnings: running.warnings }
}

/// `{"checkout": "4.1.3"}` or `{"checkout": {"4.1.3": 0.9, "4.2.0": 0.1}}`.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Versions {
    One(String),
    Many(BTreeMap<String, f64>),
}

fn read(text: &[u8], name: &str) -> Result<Running, Failure> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let services: BTreeMap<String, Versions> = serde_json::from_slice(text).map_err(|error| {
        Failure::new(
            FailureKind::Garbled,
            format!("{name} says something unexpected ({})", words(error.to_string())),
            r#"let it say {"checkout": "4.1.3"} or {"checkout": {"4.1.3": 0.9, "4.2.0": 0.1}}"#,
        )
    })?;
    let mut counts = Counts::default();
    for (service, versions) in services {
        match versions {
            Versions::One(version) => counts.add(&service, None, &version, 1.0),
            Versions::Many(versions) => {
                for (version, share) in &versions {
                    counts.add(&service, None, version, *share);
                }
            }
        }
    }
    Ok(counts.shares(Vec::new()))
}
