//! `tminus burn`: how fast error budgets are spent, and what is left of them.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::output::{complain, print, print_json};
use super::table::{Style, Table};
use super::{CliError, Context, Exit, ask, names, unseen};
use crate::app::State;
use crate::app::monitor::rollouts::present_question;
use crate::app::monitor::window::Window;
use crate::app::monitor::{self, View};
use crate::domain::burn::{self, Account, Firing, Known, Standing, Told, ToldCaused, words};
use crate::domain::service::Slo;
use crate::domain::{Answer, Question, Safe, Service, Workspace};

/// Options of `tminus burn`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only this service; without it, every one with an objective
    #[arg(value_name = "SERVICE")]
    service: Option<String>,
    /// Where, for objectives whose queries ask for an environment; without it, the last one
    #[arg(long, value_name = "ENV")]
    environment: Option<String>,
}

/// A service's objective and what is known of it.
struct Entry<'a> {
    service: &'a Service,
    slo: &'a Slo,
    environment: Option<String>,
    account: Account,
    why: Option<String>,
}

/// Runs it.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let opened = context.open()?;
    let workspace = &opened.workspace;
    let now = context.now(workspace)?;
    if let Some(environment) = &args.environment {
        names::environment(workspace, environment)?;
    }
    let entries = entries(workspace, args, now)?;
    let cockpit = rollouts(workspace, context.global.at.is_some().then_some(now), now)?;
    let part = |entry: &Entry<'_>| monitor::burn::part(&cockpit, &entry.service.id, &entry.account);
    if context.global.json {
        let told = entries.iter().map(|entry| {
            Told::new(&entry.service.id, entry.environment.as_deref(), entry.slo, &entry.account)
                .with_release(part(entry))
                .because(entry.why.clone())
        });
        print_json("burn", json!({ "at": now, "services": told.collect::<Vec<_>>() }));
    } else {
        print(&text(workspace, &entries, now, part));
    }
    Ok(Context::exit_with(&opened.problems, exit(&entries)))
}

/// The rollouts that go on, and the numbers of their versions, as the cockpit asks for them.
fn rollouts(
    workspace: &Workspace,
    as_of: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<State, CliError> {
    let window = Window::over(Window::default().seconds(), as_of);
    let mut state = unseen::monitor(workspace, View::Burn, window, now);
    unseen::ask_all(&mut state, now, |state| {
        let environments = monitor::rollouts::environments(&state.workspace);
        let mut wanted: Vec<Question> =
            environments.map(|environment| present_question(state, environment)).collect();
        wanted.extend(monitor::burn::wanted_of_rollouts(state));
        wanted
    })?;
    for environment in monitor::rollouts::environments(&state.workspace) {
        let remote = state.remotes.get(&present_question(&state, environment));
        if let Some(trouble) = remote.and_then(|remote| remote.trouble()) {
            complain(&format!(
                "tminus: notice: no part of a release is told in {environment}: {}",
                trouble.failure
            ));
        }
    }
    Ok(state)
}

/// Worst first. The windows of all services are asked for at once.
fn entries<'a>(
    workspace: &'a Workspace,
    args: &Args,
    now: DateTime<Utc>,
) -> Result<Vec<Entry<'a>>, CliError> {
    let chosen: Vec<&Service> = match &args.service {
        Some(id) => vec![names::service(workspace, id)?],
        None => workspace.services.iter().collect(),
    };
    let with: Vec<(&Service, &Slo)> =
        chosen.iter().filter_map(|service| Some((*service, service.slo.as_ref()?))).collect();
    if with.is_empty() {
        let whose = args.service.as_deref().map_or("no service".to_owned(), |id| Safe::new(id).to_string());
        let what = format!("{whose} has {} objective", if args.service.is_some() { "no" } else { "an" });
        return Err(CliError::wrong(what, "write [service.slo] under its [[service]] in tminus.toml"));
    }
    let place = |slo: &Slo| {
        let asked = args.environment.clone().filter(|_| burn::query::asks_for_environment(slo));
        asked.or_else(|| burn::query::place(workspace, slo))
    };
    let places: Vec<Option<String>> = with.iter().map(|(_, slo)| place(slo)).collect();
    let questions: Vec<_> = with
        .iter()
        .zip(&places)
        .flat_map(|((service, _), place)| burn::query::questions(&service.id, place.as_deref()))
        .collect();
    let answers = ask::all(workspace, &questions, now)?;
    let mut entries = Vec::new();
    let parts = burn::Part::ALL.len();
    for (((service, slo), environment), answers) in with.into_iter().zip(places).zip(answers.chunks(parts)) {
        let mut known = Known::default();
        for answer in answers {
            match answer {
                Ok(Answer::Burned(burned)) => known.take(burned),
                Ok(_) => known.miss("the answer is to another question: report this"),
                Err(failure) => known.miss(failure.to_string()),
            }
        }
        let account = burn::account(slo, &known, now);
        entries.push(Entry { service, slo, environment, account, why: known.why });
    }
    entries.sort_by(|one, other| {
        let ((a, heat), (b, other_heat)) = (one.account.heat(), other.account.heat());
        b.cmp(&a).then(other_heat.total_cmp(&heat)).then_with(|| one.service.id.cmp(&other.service.id))
    });
    Ok(entries)
}

/// 1: something pages; 3: nothing is known to, and not all is known.
fn exit(entries: &[Entry<'_>]) -> Exit {
    let is = |standing| entries.iter().any(|entry| entry.account.standing == standing);
    let unknown = |entry: &Entry<'_>| entry.account.judged.iter().any(|row| row.firing == Firing::Unknown);
    if is(Standing::Page) {
        Exit::No
    } else if is(Standing::Unknown) || entries.iter().any(unknown) {
        Exit::Unknown
    } else {
        Exit::Yes
    }
}

fn text(
    workspace: &Workspace,
    entries: &[Entry<'_>],
    now: DateTime<Utc>,
    part: impl Fn(&Entry<'_>) -> Option<ToldCaused>,
) -> String {
    let style = Style::of_stdout();
    let mut out = String::new();
    for (index, entry) in entries.iter().enumerate() {
        let Entry { service, slo, environment, account, why } = entry;
        if index > 0 {
            out.push('\n');
        }
        let place = environment.as_deref().map(|id| format!(" in {}", Safe::new(id))).unwrap_or_default();
        let word = format!("{} {}", words::sign(account.standing), account.standing.word());
        let word = match account.standing {
            Standing::Page => style.bad(&word),
            Standing::Quiet => style.good(&word),
            Standing::Ticket | Standing::Unknown => style.doubtful(&word),
        };
        let (id, period) = (Safe::new(&service.id), burn::Window::Period.written(slo));
        let _ = writeln!(out, "{id}{place}: {} % over {period}: {word}", slo.objective);
        if let Some(why) = why {
            let _ = writeln!(out, "  {}", style.doubtful(&format!("not all is known: {why}")));
        }
        let mut table = Table::new(&["ROW", "LONG", "BURN", "SHORT", "BURN", "FIRES ABOVE", ""]);
        for judged in &account.judged {
            let number = |burn: Result<f64, burn::Unknown>| burn.map_or("?".to_owned(), words::burn);
            table.row([
                judged.row.severity.word().to_owned(),
                judged.row.long.written(slo),
                number(judged.long),
                judged.row.short.written(slo),
                number(judged.short),
                words::burn(judged.threshold),
                words::row(slo, judged),
            ]);
        }
        out.push_str(&table.render(style));
        let left = words::left(&account.outlook);
        let until = words::exhaustion(&account.outlook, now, workspace.time_zone);
        let _ = writeln!(
            out,
            "budget {left}{}",
            if left == until { String::new() } else { format!(", {until}") }
        );
        if let Some(part) = part(entry) {
            let _ = writeln!(out, "release {}: {}", part.to, part.sentence);
        }
    }
    out
}
