//! `tminus health`: smoke, synthetic and data checks, asked once.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::output::{print, print_json};
use super::table::{Style, Table};
use super::{CliError, Context, Exit, ask, names};
use crate::domain::health::{self, CheckResult as Passed, HealthCheck, Outcome, Target, Told};
use crate::domain::judge::Verdict;
use crate::domain::{Answer, Failure, Question, Service};

/// Options of `tminus health`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only this service; without it, every one with checks
    #[arg(value_name = "SERVICE")]
    service: Option<String>,
    /// Only there
    #[arg(long, value_name = "ENV")]
    environment: Option<String>,
    /// The version, for checks that ask for one
    #[arg(long, value_name = "VERSION")]
    version: Option<String>,
    /// Run the programs of checks too; without it they are left out, as not known
    #[arg(long)]
    run: bool,
}

struct Entry<'a> {
    check: &'a HealthCheck,
    target: Target,
    answer: Result<Outcome, String>,
}

impl Entry<'_> {
    fn result(&self) -> Passed {
        match &self.answer {
            Ok(outcome) if outcome.passes => Passed::Passes,
            Ok(_) => Passed::Fails,
            Err(_) => Passed::Unknown,
        }
    }
}

/// Runs it.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let opened = context.open()?;
    let workspace = &opened.workspace;
    let now = context.now(workspace)?;
    if let Some(environment) = &args.environment {
        names::environment(workspace, environment)?;
    }
    let services: Vec<&Service> = match &args.service {
        Some(id) => vec![names::service(workspace, id)?],
        None => workspace.services.iter().collect(),
    };
    let version = |_: &str, _: Option<&str>| args.version.clone();
    let asked: Vec<(&HealthCheck, Question)> = services
        .into_iter()
        .flat_map(|service| health::targets(workspace, service, version))
        .filter(|(_, question)| {
            question.health_target().is_some_and(|target| {
                args.environment.as_ref().is_none_or(|environment| target.environment == *environment)
            })
        })
        .collect();
    if asked.is_empty() {
        let mend = "write [[service.health]] under its [[service]] in tminus.toml";
        return Err(CliError::wrong("there is no health check to ask", mend));
    }
    let wanted: Vec<Question> = asked
        .iter()
        .map(|(_, question)| question.clone())
        .filter(|q| args.run || !q.is_on_demand())
        .collect();
    let answers = ask::all(workspace, &wanted, now)?;
    let mut answered = wanted.iter().zip(answers).collect::<Vec<_>>();
    let mut entries = Vec::new();
    for (check, question) in asked {
        let Some(target) = question.health_target().cloned() else { continue };
        let place = answered.iter().position(|(wanted, _)| **wanted == question);
        let answer = match place.map(|index| answered.swap_remove(index).1) {
            Some(answer) => outcome(answer),
            None => Err("its program was not run: --run does".to_owned()),
        };
        entries.push(Entry { check, target, answer });
    }
    let results: Vec<(Passed, bool)> =
        entries.iter().map(|entry| (entry.result(), entry.check.critical)).collect();
    let verdict = health::standing(&results).unwrap_or(Verdict::Inconclusive);
    if context.global.json {
        let told = entries.iter().map(|entry| told(entry, now)).collect::<Vec<_>>();
        print_json("health", json!({ "at": now, "verdict": verdict, "checks": told }));
    } else {
        print(&text(&entries, verdict));
    }
    let exit = match verdict {
        Verdict::Healthy | Verdict::Marginal => Exit::Yes,
        Verdict::Failing => Exit::No,
        Verdict::Inconclusive => Exit::Unknown,
    };
    Ok(Context::exit_with(&opened.problems, exit))
}

fn outcome(answer: Result<Answer, Failure>) -> Result<Outcome, String> {
    match answer {
        Ok(Answer::Health(outcome)) => Ok(outcome),
        Ok(_) => Err("the answer is to another question: report this".to_owned()),
        Err(failure) => Err(failure.to_string()),
    }
}

fn told(entry: &Entry<'_>, now: DateTime<Utc>) -> Told {
    let told = Told::new(entry.check, &entry.target);
    match &entry.answer {
        Ok(outcome) => told.found(entry.result(), outcome, now),
        Err(why) => told.because(Some(why.clone())),
    }
}

fn text(entries: &[Entry<'_>], verdict: Verdict) -> String {
    let style = Style::of_stdout();
    let mut out = String::new();
    for (data, heading) in [(false, "CHECK"), (true, "DATA CHECK")] {
        let mut table = Table::new(&["", heading, "SERVICE", "WHERE", "TOOK", "FOUND"]);
        for entry in entries.iter().filter(|entry| entry.check.data == data) {
            let sign = match entry.result() {
                Passed::Passes => "● passes",
                Passed::Fails if entry.check.critical => "✖ fails",
                Passed::Fails => "▲ fails",
                Passed::Unknown => "◌ not known",
            };
            let (took, found) = match &entry.answer {
                Ok(outcome) => (format!("{} ms", outcome.milliseconds), outcome.found.to_string()),
                Err(why) => (String::new(), why.clone()),
            };
            table.row([
                sign,
                &entry.check.title,
                &entry.target.service,
                &entry.target.place(),
                &took,
                &found,
            ]);
        }
        if !table.is_empty() {
            out.push_str(&table.render(style));
        }
    }
    let word = verdict.word();
    let word = match verdict {
        Verdict::Healthy => style.good(word),
        Verdict::Failing => style.bad(word),
        Verdict::Marginal | Verdict::Inconclusive => style.doubtful(word),
    };
    out + &word + "\n"
}
