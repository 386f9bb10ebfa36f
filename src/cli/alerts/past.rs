//! `tminus alerts --at` and `--from`: alerts that went on at an instant of the past, or at some time
//! within a stretch of it, as Prometheus' own series of them tell.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use super::super::output::{complain, print, print_json};
use super::super::table::{Style, Table};
use super::super::{CliError, Context, Exit, ask};
use super::Told;
use crate::domain::alerts::{Began, History, Past, document, of_release, past};
use crate::domain::question::{Answer, Question, Silence, Span};
use crate::domain::silence::LATELY;
use crate::domain::workspace::BackendKind;
use crate::domain::{Release, Workspace, format};

/// How far back an alert that goes on may have begun.
const BEFORE: TimeDelta = TimeDelta::days(1);
/// Points that are asked for, and the least seconds between them.
const POINTS: u32 = 2880;
const GRAIN: u32 = 15;

/// Which alerts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    /// From when on; `None`: those that went on at the end.
    pub(super) from: Option<DateTime<Utc>>,
    /// Until when.
    pub(super) to: DateTime<Utc>,
    /// Only those about this release.
    pub(super) release: Option<&'a Release>,
}

/// One row.
struct Row {
    past: Past,
    source: String,
    began: Option<Began>,
    silence: Option<Silence>,
}

/// Lists them.
pub(super) fn run(context: &Context, workspace: &Workspace, asked: &Asked<'_>) -> Result<Exit, CliError> {
    let told = histories(workspace, asked)?;
    let (silences, mut unknown) = silences(workspace, asked)?;
    let known = told.iter().filter_map(|(name, told)| Some((name.as_str(), told.as_ref().ok()?)));
    let rows = rows(past::merge(known), asked, &silences);
    let mut is_whole = true;
    for (name, told) in &told {
        let doubts = match told {
            Ok(history) => {
                // An instant is read from the point before it: what was recorded up to that counts.
                let point = TimeDelta::seconds(i64::from(history.step));
                let from = asked.from.unwrap_or(asked.to - point);
                history.doubts(from, asked.to, workspace.time_zone)
            }
            Err(failure) => vec![failure.to_string()],
        };
        is_whole &= doubts.is_empty();
        unknown.extend(doubts.into_iter().map(|why| (name.clone(), why)));
    }
    for (name, why) in &unknown {
        complain(&format!("tminus: not known of {name}: {why}"));
    }
    if context.global.json {
        print_json("alerts", report(&rows, asked, &unknown));
    } else {
        print(&text(&rows, asked, workspace.time_zone));
    }
    let counts = |row: &Row| {
        let is_its = asked.release.is_none() || row.began == Some(Began::After);
        row.past.fired.is_some() && row.silence.is_none() && is_its
    };
    Ok(match (rows.iter().any(counts), is_whole) {
        (true, _) => Exit::No,
        (false, true) => Exit::Yes,
        (false, false) => Exit::Unknown,
    })
}

fn histories(workspace: &Workspace, asked: &Asked<'_>) -> Result<Vec<Told<History>>, CliError> {
    let servers = workspace.backends.iter().filter(|backend| backend.kind == BackendKind::Prometheus);
    let names: Vec<String> = servers.map(|backend| backend.name.clone()).collect();
    if names.is_empty() {
        let what = "alerts of the past are not known: an Alertmanager tells of now alone";
        return Err(CliError::wrong(what, "write [backend.prometheus] with its url, or leave --at out"));
    }
    let length = asked.to - asked.from.map_or(asked.to - BEFORE, |from| from - TimeDelta::minutes(5));
    let seconds = u32::try_from(length.num_seconds()).unwrap_or(u32::MAX).max(60);
    let mut span = Span::new(Some(asked.to), seconds, POINTS);
    span.step = span.step.max(GRAIN);
    let questions: Vec<Question> =
        names.iter().map(|name| Question::AlertHistory { backend: name.clone(), span }).collect();
    let answers = ask::all(workspace, &questions, asked.to)?.into_iter().map(|answer| {
        answer.map(|answer| match answer {
            Answer::AlertHistory(history) => history,
            _ => History::default(),
        })
    });
    Ok(names.into_iter().zip(answers).collect())
}

/// Silences that may have held then, and why there may have been others.
#[expect(clippy::type_complexity, reason = "silences, and reasons by backend")]
fn silences(
    workspace: &Workspace,
    asked: &Asked<'_>,
) -> Result<(Vec<Silence>, Vec<(String, String)>), CliError> {
    let managers = workspace.backends.iter().filter(|backend| backend.kind == BackendKind::Alertmanager);
    let names: Vec<String> = managers.map(|backend| backend.name.clone()).collect();
    let questions: Vec<Question> =
        names.iter().map(|name| Question::Silences { backend: name.clone() }).collect();
    let clock = Context::clock();
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for (name, answer) in names.into_iter().zip(ask::all(workspace, &questions, clock)?) {
        match answer {
            Ok(Answer::Silences(silences)) => known.extend(silences),
            Ok(_) => {}
            Err(failure) => unknown.push((name.clone(), format!("silences: {failure}"))),
        }
        if asked.from.unwrap_or(asked.to) < clock - LATELY {
            let lately = format::duration(LATELY);
            unknown.push((name, format!("silences that ended more than {lately} ago are told no more")));
        }
    }
    Ok((known, unknown))
}

fn rows(told: Vec<(String, Past)>, asked: &Asked<'_>, silences: &[Silence]) -> Vec<Row> {
    let is_asked = |past: &Past| match asked.from {
        Some(from) => past.touches(from, asked.to),
        None => past.ended.is_none(),
    };
    let row = |(source, past): (String, Past)| {
        let began = match asked.release {
            None => None,
            Some(release) => of_release(&past.heard(&source), release, asked.to)?,
        };
        let silence = silences.iter().find(|silence| past.is_silenced_by(silence)).cloned();
        Some(Row { past, source, began, silence })
    };
    told.into_iter().filter(|(_, past)| is_asked(past)).filter_map(row).collect()
}

fn report(rows: &[Row], asked: &Asked<'_>, unknown: &[(String, String)]) -> Value {
    let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let alerts = rows.iter().map(|row| {
        let mut value = document(&row.past.heard(&row.source), &[]);
        value["began"] = json!(row.began);
        value["began_before"] = json!(row.past.began_before);
        value["fired"] = json!(row.past.fired.map(time));
        value["ended"] = json!(row.past.ended.map(time));
        value["silenced_by"] = json!(row.silence.iter().map(|silence| &silence.id).collect::<Vec<_>>());
        value
    });
    json!({
        "release": asked.release.map(|release| &release.id),
        "from": asked.from.map(time),
        "to": time(asked.to),
        "alerts": alerts.collect::<Vec<_>>(),
        "unknown": unknown.iter().map(|(name, why)| json!({ "backend": name, "why": why })).collect::<Vec<_>>(),
    })
}

fn text(rows: &[Row], asked: &Asked<'_>, zone: chrono_tz::Tz) -> String {
    let when = match asked.from {
        Some(from) => {
            format!("between {} and {}", format::local_time(from, zone), format::local_time(asked.to, zone))
        }
        None => format!("at {}", format::local_time(asked.to, zone)),
    };
    if rows.is_empty() {
        return format!("no alert that is known {when}\n");
    }
    let mut table = Table::new(&["STATE", "BEGAN", "OVER AFTER", "ALERT", "ABOUT", "WHY QUIET"]);
    for row in rows {
        let alert = &row.past.alert;
        let before = if row.past.began_before { "before " } else { "" };
        let began = match row.began {
            Some(began) => format!("{before}{} {}", format::local_time(alert.since, zone), began.word()),
            None => format!("{before}{}", format::local_time(alert.since, zone)),
        };
        let over = row.past.ended.map_or_else(|| "-".to_owned(), |_| format::duration(row.past.length()));
        let about = row.past.heard(&row.source).about().join(" · ");
        let quiet =
            row.silence.as_ref().map_or_else(String::new, |silence| format!("silence {}", silence.id));
        table.row([alert.state.word(), &began, &over, &alert.name, &about, &quiet]);
    }
    format!("{}\n{}", when, table.render(Style::of_stdout()))
}
