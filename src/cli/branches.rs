//! `tminus branches`: what landed on frozen branches, by whom, excused or not.

use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use super::output::{complain, print, print_json};
use super::table::{Style, Table};
use super::{CliError, Context, Exit, ask};
use crate::domain::format::local_span;
use crate::domain::frozen::{
    BranchLog, Excuse, Excuses, Frozen, FrozenCommit, Rewritten, frozen, is_kept, unauthorised,
};
use crate::domain::{Answer, Failure, FailureKind, Question, Safe, Service, Workspace};

/// Days looked back where `--from` says nothing.
const DAYS: i64 = 30;

/// Options of `tminus branches`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Freezes that touch the range from here; without it, from 30 days ago
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    from: Option<String>,
    /// And until here; without it, now
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    to: Option<String>,
}

/// A freeze, and each of its repositories with what it answered.
struct Watched<'a> {
    frozen: Frozen<'a>,
    repositories: Vec<(&'a Service, Result<Vec<BranchLog>, Failure>)>,
}

/// Runs it.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let opened = context.open()?;
    let workspace = &opened.workspace;
    let now = context.now(workspace)?;
    let read = |option: &str, text: &Option<String>| {
        text.as_deref().map(|text| Context::moment(workspace, now, option, text)).transpose()
    };
    let from = read("--from", &args.from)?.unwrap_or(now - TimeDelta::days(DAYS));
    // A range is half-open; a freeze that begins this very moment runs.
    let to = read("--to", &args.to)?.unwrap_or(now + TimeDelta::seconds(1));
    if to < from {
        return Err(CliError::wrong("the range ends before it begins", "give a --to after --from"));
    }
    let (freezes, unreadable) = frozen(workspace, from, to, now);
    for (window, why) in &unreadable {
        complain(&format!("tminus: window {}: {}", Safe::new(&window.id), Safe::new(why.to_string())));
    }
    let watched = watch(workspace, &freezes, now)?;
    let unknown = complain_about(&watched);
    let found: usize = watched.iter().map(|watched| watched.unauthorised(workspace)).sum();
    if context.global.json {
        let freezes: Vec<Value> = watched.iter().map(|watched| watched.document(workspace, now)).collect();
        let fields = json!({
            "from": rfc3339(from), "to": rfc3339(to), "dates": "committer", "unauthorised": found,
            "freezes": freezes,
        });
        print_json("branches", fields);
    } else {
        print(&text(workspace, &watched, now));
    }
    let exit = if watched.iter().any(|watched| watched.is_broken(workspace)) {
        Exit::No
    } else if unknown || !unreadable.is_empty() {
        Exit::Unknown
    } else {
        Exit::Yes
    };
    Ok(Context::exit_with(&opened.problems, exit))
}

fn watch<'a>(
    workspace: &'a Workspace,
    freezes: &[Frozen<'a>],
    now: DateTime<Utc>,
) -> Result<Vec<Watched<'a>>, CliError> {
    let questions: Vec<Question> =
        freezes.iter().flat_map(|frozen| frozen.questions(workspace, now)).collect();
    let mut answers = ask::all(workspace, &questions, Context::clock())?.into_iter();
    let watched = freezes.iter().map(|frozen| {
        let repositories = frozen.services(workspace).map(|service| {
            let logs = match answers.next() {
                Some(Ok(Answer::FrozenBranches(logs))) => Ok(logs),
                Some(Err(failure)) => Err(failure),
                _ => Err(Failure::new(
                    FailureKind::Internal,
                    "the answer is to another question",
                    "report this",
                )),
            };
            (service, logs)
        });
        Watched { frozen: *frozen, repositories: repositories.collect() }
    });
    Ok(watched.collect())
}

/// Says on standard error what is not known; whether there is anything.
fn complain_about(watched: &[Watched<'_>]) -> bool {
    let mut unknown = false;
    for watched in watched {
        let window = &watched.frozen.window.id;
        if watched.repositories.is_empty() {
            unknown = true;
            complain(&format!(
                "tminus: the freeze {window} names branches, and no service it applies to has a repository: \
                 write `repository` under the service"
            ));
        }
        for (service, logs) in &watched.repositories {
            match logs {
                Err(failure) => {
                    unknown = true;
                    complain(&format!("tminus: {} under {window} is not known: {failure}", service.id));
                }
                Ok(logs) => {
                    for (log, warning) in
                        logs.iter().flat_map(|log| log.warnings.iter().map(move |it| (log, it)))
                    {
                        unknown = true;
                        complain(&format!("tminus: {} of {}: {warning}", log.name, service.id));
                    }
                }
            }
        }
    }
    unknown
}

impl Watched<'_> {
    fn unauthorised(&self, workspace: &Workspace) -> usize {
        let logs = self.repositories.iter().filter_map(|(_, logs)| logs.as_ref().ok()).flatten();
        logs.map(|log| unauthorised(workspace, self.frozen.window, log)).sum()
    }

    fn is_broken(&self, workspace: &Workspace) -> bool {
        let logs = self.repositories.iter().filter_map(|(_, logs)| logs.as_ref().ok()).flatten();
        logs.into_iter().any(|log| is_kept(workspace, self.frozen.window, log) == Some(false))
    }

    fn document(&self, workspace: &Workspace, now: DateTime<Utc>) -> Value {
        let (window, occurrence) = (self.frozen.window, self.frozen.occurrence);
        let (mut branches, mut unknown) = (Vec::new(), Vec::new());
        let excuses = Excuses::new(workspace, window);
        for (service, logs) in &self.repositories {
            match logs {
                Ok(logs) => branches.extend(logs.iter().map(|log| {
                    let commits = log.commits.iter().map(|it| commit(excuses.of(it), it));
                    let lost = match &log.rewritten {
                        Rewritten::Yes { lost, .. } => Some(lost),
                        _ => None,
                    };
                    json!({
                        "service": service.id, "branch": log.name, "reference": log.reference,
                        "head": log.head, "rewritten": log.rewritten.word(), "lost": lost,
                        "late": log.late, "commits": commits.collect::<Vec<_>>(), "more": log.more,
                        "warnings": log.warnings,
                    })
                })),
                Err(failure) => unknown.push(json!({
                    "service": service.id, "code": failure.kind, "why": failure.to_string(),
                })),
            }
        }
        json!({
            "window": window.id, "title": window.title,
            "start": rfc3339(occurrence.start), "end": rfc3339(occurrence.end),
            "running": now < occurrence.end, "branches": branches, "unknown": unknown,
        })
    }
}

fn commit(excuse: Option<Excuse<'_>>, commit: &FrozenCommit) -> Value {
    let ticket = match excuse {
        Some(Excuse::Exception(_, exception)) => exception.ticket.as_ref(),
        _ => None,
    };
    json!({
        "id": commit.id, "subject": commit.subject, "author": commit.author, "committer": commit.committer,
        "authored": rfc3339(commit.authored), "committed": rfc3339(commit.committed), "merge": commit.merge,
        "dispute": commit.dispute,
        "verdict": if excuse.is_some() { "excused" } else { "unauthorised" },
        "release": excuse.map(|excuse| excuse.release().id.clone()),
        "ticket": ticket,
    })
}

fn text(workspace: &Workspace, watched: &[Watched<'_>], now: DateTime<Utc>) -> String {
    let zone = workspace.time_zone;
    if watched.is_empty() {
        return "no freeze with `branches` runs or ran in the range\n".to_owned();
    }
    let style = Style::of_stdout();
    let mut out = String::new();
    for Watched { frozen, repositories } in watched {
        let (window, occurrence) = (frozen.window, frozen.occurrence);
        let when = local_span(occurrence.start, occurrence.end, zone);
        let state = if now < occurrence.end { "running" } else { "over" };
        let title = Safe::new(format!("{} ({}), {state}", window.title, window.id));
        out.push_str(&format!("{}  {when}\n", style.heading(&title)));
        for (service, logs) in repositories {
            match logs {
                Err(failure) => {
                    let _ = writeln!(out, "  {}: not known, {}", service.id, failure.kind.word());
                }
                Ok(logs) => {
                    for log in logs {
                        out.push_str(&branch(workspace, frozen, service, log));
                    }
                }
            }
        }
    }
    out.push_str(
        "\ncommits are placed by their committer date, which whoever commits can write at will, and along \
         first parents\n",
    );
    out
}

fn branch(workspace: &Workspace, frozen: &Frozen<'_>, service: &Service, log: &BranchLog) -> String {
    let style = Style::of_stdout();
    let count = log.commits.len() + log.more;
    let found = unauthorised(workspace, frozen.window, log);
    let words = match (count, found) {
        (0, _) => style.good("nothing landed"),
        (_, 0) => style.good(&format!("{count} landed, all excused")),
        _ => style.bad(&format!("{count} landed, {found} UNAUTHORISED")),
    };
    let mut out = format!("  {} of {}: {words}\n", log.name, service.id);
    match &log.rewritten {
        Rewritten::No => {}
        Rewritten::Yes { held, lost } => {
            let held: String = held.chars().take(10).collect();
            let gone =
                if *lost == 1 { "1 commit is gone".to_owned() } else { format!("{lost} commits are gone") };
            let words = format!("    REWRITTEN: {held} was its end when the freeze began, {gone}");
            out.push_str(&format!("{}\n", style.bad(&words)));
        }
        Rewritten::Unknown => {
            out.push_str("    whether it was rewritten is not known: this clone's reflog begins later\n");
        }
    }
    if let Some(late @ 1..) = log.late {
        out.push_str(&format!(
            "    {late} more are dated before the freeze and came to this clone after it began\n"
        ));
    }
    if !log.commits.is_empty() {
        out.push_str(&commits(workspace, frozen, log));
    }
    if log.more > 0 {
        out.push_str(&format!("    and {} more, not looked at: counted as unauthorised\n", log.more));
    }
    out
}

fn commits(workspace: &Workspace, frozen: &Frozen<'_>, log: &BranchLog) -> String {
    let zone = workspace.time_zone;
    let excuses = Excuses::new(workspace, frozen.window);
    let mut table = Table::new(&["COMMIT", "COMMITTED", "BY", "VERDICT", "SUBJECT"]);
    for commit in &log.commits {
        let by = if commit.author == commit.committer {
            commit.author.to_string()
        } else {
            format!("{}, committed by {}", commit.author, commit.committer)
        };
        let mut verdict =
            excuses.of(commit).map_or_else(|| "UNAUTHORISED".to_owned(), |excuse| excuse.sentence());
        if let Some(dispute) = commit.dispute {
            verdict.push_str(&format!("; {}", dispute.sentence()));
        }
        let merge = if commit.merge { "merge: " } else { "" };
        table.row([
            commit.id.chars().take(10).collect::<String>(),
            commit.committed.with_timezone(&zone).format("%Y-%m-%d %H:%M %Z").to_string(),
            by,
            verdict,
            format!("{merge}{}", commit.subject),
        ]);
    }
    let table = table.render(Style::Plain);
    let mut out = String::new();
    for line in table.lines() {
        let _ = writeln!(out, "    {line}");
    }
    out
}

fn rfc3339(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
