//! `tminus alerts`

mod past;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::output::{complain, print, print_json};
use super::table::{Style, Table};
use super::{CliError, Context, Exit, ask, names};
use crate::domain::alerts::{Began, Heard, document, inhibitors, merge, of_release, sort};
use crate::domain::question::{Alert, AlertState, Alerts, Answer, Question};
use crate::domain::workspace::BackendKind;
use crate::domain::{Failure, Release, Workspace, format};

/// Options of `tminus alerts`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only alerts about this release's services where its stages are
    #[arg(long, value_name = "ID")]
    release: Option<String>,
    /// Those that went on at some time since TIME, up to --at or to now
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
}

/// Runs it.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let opened = context.open()?;
    let workspace = &opened.workspace;
    let release = args.release.as_deref().map(|id| names::release(workspace, id)).transpose()?;
    let now = Context::clock();
    if context.global.at.is_some() || args.from.is_some() {
        let to = context.now(workspace)?;
        let from = args.from.as_ref().map(|text| Context::moment(workspace, now, "--from", text));
        let from = from.transpose()?;
        if to > now {
            return Err(CliError::wrong("--at lies in the future", "alerts are known up to now"));
        }
        if from.is_some_and(|from| from >= to) {
            return Err(CliError::wrong("--from does not lie before --at", "give an earlier --from"));
        }
        let exit = past::run(context, workspace, &past::Asked { from, to, release })?;
        return Ok(Context::exit_with(&opened.problems, exit));
    }
    let told = told(workspace, now)?;
    let good = told.iter().filter_map(|(name, told)| {
        let alerts: &[Alert] = told.as_ref().ok()?;
        Some((name.as_str(), alerts))
    });
    let mut all = merge(good);
    sort(&mut all, None, |_| false);
    let rows: Vec<Row<'_>> = all.iter().filter_map(|heard| Row::of(heard, release, now)).collect();
    for (name, told) in &told {
        match told {
            Ok(alerts) => {
                for warning in &alerts.warnings {
                    complain(&format!("tminus: {name} tells only a part: {warning}"));
                }
            }
            Err(failure) => complain(&format!("tminus: the alerts of {name} are not known: {failure}")),
        }
    }
    let is_whole = told.iter().all(|(_, told)| told.as_ref().is_ok_and(|alerts| alerts.warnings.is_empty()));
    if context.global.json {
        print_json("alerts", report(&told, &rows, &all, release));
    } else {
        print(&text(&rows, &all, release, now));
    }
    // What began before the release did is not its doing.
    let counts = |row: &Row<'_>| {
        row.heard.alert.state == AlertState::Firing && (release.is_none() || row.began == Some(Began::After))
    };
    let exit = match (rows.iter().any(counts), is_whole) {
        (true, _) => Exit::No,
        (false, true) => Exit::Yes,
        (false, false) => Exit::Unknown,
    };
    Ok(Context::exit_with(&opened.problems, exit))
}

/// Alerts and silences are known as of now alone.
pub fn no_past(context: &Context, what: &str) -> Result<(), CliError> {
    if context.global.at.is_none() {
        return Ok(());
    }
    Err(CliError::wrong(format!("{what} are known as of now alone"), "leave --at out"))
}

/// A backend by name, and what it answered.
pub type Told<T> = (String, Result<T, Failure>);

/// An alert, and whether it began after the release did.
struct Row<'a> {
    heard: &'a Heard,
    began: Option<Began>,
}

impl<'a> Row<'a> {
    fn of(heard: &'a Heard, release: Option<&Release>, now: DateTime<Utc>) -> Option<Self> {
        let began = match release {
            None => None,
            Some(release) => of_release(heard, release, now)?,
        };
        Some(Self { heard, began })
    }
}

/// What each source says, the better informed first.
pub fn told(workspace: &Workspace, now: DateTime<Utc>) -> Result<Vec<Told<Alerts>>, CliError> {
    let of = |kind| workspace.backends.iter().filter(move |backend| backend.kind == kind);
    let sources: Vec<String> = of(BackendKind::Alertmanager)
        .chain(of(BackendKind::Prometheus))
        .map(|backend| backend.name.clone())
        .collect();
    if sources.is_empty() {
        let mend = "write [backend.alertmanager] with its url in tminus.toml";
        return Err(CliError::wrong("nobody tells of alerts here", mend));
    }
    let questions: Vec<Question> =
        sources.iter().map(|name| Question::Alerts { backend: name.clone() }).collect();
    let answers = ask::all(workspace, &questions, now)?;
    let alerts = answers.into_iter().map(|answer| {
        answer.map(|answer| match answer {
            Answer::Alerts(alerts) => alerts,
            _ => Alerts::default(),
        })
    });
    Ok(sources.into_iter().zip(alerts).collect())
}

fn report(told: &[Told<Alerts>], rows: &[Row<'_>], all: &[Heard], release: Option<&Release>) -> Value {
    let alerts = rows.iter().map(|row| {
        let mut value = document(row.heard, all);
        value["began"] = json!(row.began);
        value
    });
    let unknown = told.iter().filter_map(|(name, told)| {
        let why = match told {
            Err(failure) => (json!(failure.kind), failure.to_string()),
            Ok(alerts) => (json!("partial"), alerts.warnings.first()?.to_string()),
        };
        Some(json!({ "backend": name, "code": why.0, "why": why.1 }))
    });
    json!({
        "release": release.map(|release| &release.id),
        "alerts": alerts.collect::<Vec<_>>(),
        "elsewhere": all.len() - rows.len(),
        "unknown": unknown.collect::<Vec<_>>(),
    })
}

fn text(rows: &[Row<'_>], all: &[Heard], release: Option<&Release>, now: DateTime<Utc>) -> String {
    let elsewhere = match all.len() - rows.len() {
        0 => String::new(),
        count => format!("{count} elsewhere\n"),
    };
    if rows.is_empty() {
        return format!("no alert that is known\n{elsewhere}");
    }
    let mut table = Table::new(&["STATE", "SINCE", "ALERT", "ABOUT", "SUMMARY", "WHY QUIET"]);
    for row in rows {
        let alert = &row.heard.alert;
        let since = match row.began {
            Some(began) => format!("{} {}", format::age(now - alert.since), began.word()),
            None => format::age(now - alert.since),
        };
        let about = row.heard.about().join(" · ");
        let quiet = quiet(row.heard, all);
        table.row([alert.state.word(), &since, &alert.name, &about, &alert.summary, &quiet]);
    }
    let count = |began| rows.iter().filter(|row| row.began == Some(began)).count();
    let began = match release {
        Some(release) if rows.iter().any(|row| row.began.is_some()) => {
            let (after, before) = (count(Began::After), count(Began::Before));
            format!("{after} after {} began where the alert is, {before} before\n", release.id)
        }
        Some(release) => format!("{} has not begun where these alerts are\n", release.id),
        None => String::new(),
    };
    format!("{}{began}{elsewhere}", table.render(Style::of_stdout()))
}

/// Why nobody hears it: by which silence, hidden by which alert.
fn quiet(heard: &Heard, all: &[Heard]) -> String {
    let silences = heard.alert.silenced_by.iter().map(|id| format!("silence {id}"));
    let others = inhibitors(heard, all);
    let hidden = match (others.is_empty(), heard.alert.inhibited_by.is_empty()) {
        (true, false) => vec!["hidden by another alert".to_owned()],
        _ => others.iter().map(|other| format!("hidden by {}", other.alert.name)).collect(),
    };
    silences.chain(hidden).collect::<Vec<_>>().join(", ")
}
