//! `tminus rollouts`: rollouts beside their plans, releases as trains, what is astray, and what
//! changed before alerts and rises. It asks and derives what the monitor's views do, in the same
//! way: a cockpit without a screen.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use super::output::{complain, print, print_json};
use super::table::{Style, Table};
use super::{CliError, Context, Exit, names, unseen};
use crate::app::State;
use crate::app::monitor::rollouts::{Key, Seen, environments, present_question};
use crate::app::monitor::window::Window;
use crate::app::monitor::{self, View, lanes, past, skew, train};
use crate::domain::correlation::Correlated;
use crate::domain::rollout::plan::Eta;
use crate::domain::{Question, Workspace, format};

/// Rollouts for which is asked what changed before what went wrong.
const MOST_ASKED: usize = 8;

/// Options of `tminus rollouts`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only this release
    #[arg(value_name = "RELEASE")]
    release: Option<String>,
    /// How far back is looked: 15m, 1h, 3h, 6h, 24h, 7d
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = length)]
    window: TimeDelta,
}

/// A length of time as people write it.
fn length(text: &str) -> Result<TimeDelta, String> {
    let length = crate::domain::moment::parse_span(text)?;
    if length > TimeDelta::zero() { Ok(length) } else { Err("it must be longer than nothing".to_owned()) }
}

/// Runs it.
pub fn run(context: &Context, args: &Args) -> Result<Exit, CliError> {
    let opened = context.open()?;
    let workspace = &opened.workspace;
    let now = context.now(workspace)?;
    if let Some(release) = &args.release {
        names::release(workspace, release)?;
    }
    let as_of = context.global.at.is_some().then_some(now);
    let mut state = cockpit(workspace, args, now, as_of);
    let (correlated, not_known) = look(&mut state, now, as_of)?;
    let is_known = complain_about(&state);
    let shown = Shown { not_known, ..Shown::of(&state, args.release.as_deref(), correlated) };
    if context.global.json {
        print_json("rollouts", shown.document(&state));
    } else {
        print(&shown.text(&state));
    }
    let exit = if is_known { Exit::Yes } else { Exit::Unknown };
    Ok(Context::exit_with(&opened.problems, exit))
}

/// A cockpit on the monitor's lanes, which nobody sees.
fn cockpit(workspace: &Workspace, args: &Args, now: DateTime<Utc>, as_of: Option<DateTime<Utc>>) -> State {
    let seconds = u32::try_from(args.window.num_seconds()).unwrap_or(u32::MAX);
    unseen::monitor(workspace, View::Lanes, Window::over(seconds, as_of), now)
}

/// Asks what the lanes ask, for one rollout after the other, and brings together what changed
/// before what went wrong.
fn look(
    state: &mut State,
    now: DateTime<Utc>,
    as_of: Option<DateTime<Utc>>,
) -> Result<(Vec<Correlated>, BTreeSet<String>), CliError> {
    ask_all(state, now, as_of)?;
    let keys: Vec<Key> =
        monitor::listed(state).iter().take(MOST_ASKED).map(|seen| seen.key.clone()).collect();
    let mut all: Vec<Correlated> = lanes::correlated(state);
    let mut not_known: BTreeSet<String> = past::unknown(state).into_iter().collect();
    for key in keys {
        monitor::select(state, &key);
        ask_all(state, now, as_of)?;
        not_known.extend(past::unknown(state));
        for found in lanes::correlated(state) {
            if !all.iter().any(|known| known.signal == found.signal) {
                all.push(found);
            }
        }
    }
    all.sort_by_key(|found| found.signal.at);
    Ok((all, not_known))
}

/// Asks until nothing is left to ask. Of the past only what is kept over time can be asked: alerts
/// that fire now say nothing of then.
fn ask_all(state: &mut State, now: DateTime<Utc>, as_of: Option<DateTime<Utc>>) -> Result<(), CliError> {
    unseen::ask_all(state, now, |state| {
        let mut wanted = monitor::wanted(state);
        wanted.retain(|question| as_of.is_none() || !matches!(question, Question::Alerts { .. }));
        wanted
    })
}

/// Says on standard error what was not answered; whether what runs is known everywhere.
fn complain_about(state: &State) -> bool {
    for (question, remote) in state.remotes.iter() {
        if let Some(trouble) = remote.trouble() {
            let about = match question {
                Question::RunningHistory { environment, .. } => format!("{environment}: "),
                Question::Metric { service, metric, .. } => format!("{service} {metric}: "),
                Question::WorkspaceChanges => "changes of the workspace: ".to_owned(),
                _ => String::new(),
            };
            complain(&format!("tminus: {about}{}", trouble.failure));
        }
    }
    let mut is_known = true;
    for environment in environments(&state.workspace) {
        let face = state.remotes.history(&present_question(state, environment), state.now);
        let warnings = crate::app::remotes::value_of(&face).map(|history| history.warnings.as_slice());
        for warning in warnings.unwrap_or_default() {
            complain(&format!("tminus: notice: {environment}: {warning}"));
        }
        is_known &= warnings.is_some_and(<[_]>::is_empty);
    }
    is_known && environments(&state.workspace).next().is_some()
}

/// What is printed.
struct Shown<'a> {
    rollouts: Vec<&'a Seen>,
    trains: Vec<&'a crate::domain::rollout::train::Train>,
    skew: crate::domain::rollout::skew::Skew,
    before: Vec<Correlated>,
    not_known: BTreeSet<String>,
}

impl<'a> Shown<'a> {
    /// Of one release: its rollouts, its train, and what concerns its services.
    fn of(state: &'a State, release: Option<&str>, before: Vec<Correlated>) -> Self {
        let services: Option<BTreeSet<&str>> = release.map(|id| {
            state.workspace.release(id).into_iter().flat_map(crate::domain::Release::services).collect()
        });
        let is_about = |service: &str| services.as_ref().is_none_or(|services| services.contains(service));
        let mut skew = state.monitor.index.skew.clone();
        skew.rows.retain(|row| is_about(&row.service));
        skew.findings.retain(|finding| is_about(&finding.service));
        let concerns = |found: &Correlated| {
            let own = found.signal.service.as_deref().is_some_and(is_about);
            own || found.before.iter().any(|before| before.change.service.as_deref().is_some_and(is_about))
        };
        Self {
            rollouts: monitor::listed(state)
                .into_iter()
                .filter(|seen| release.is_none_or(|id| seen.release.as_deref() == Some(id)))
                .collect(),
            trains: state
                .monitor
                .index
                .trains
                .iter()
                .filter(|train| release.is_none_or(|id| train.release == id))
                .collect(),
            skew,
            not_known: BTreeSet::new(),
            before: before.into_iter().filter(|found| services.is_none() || concerns(found)).collect(),
        }
    }

    fn document(&self, state: &State) -> Value {
        let (from, to) = bounds(state);
        let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        json!({
            "from": time(from),
            "to": time(to),
            "rollouts": self.rollouts.iter().map(|seen| monitor::rollout_document(state, seen)).collect::<Vec<_>>(),
            "trains": self.trains.iter().map(|train| train::document(train)).collect::<Vec<_>>(),
            "skew": skew::document(&self.skew, state.zone),
            "before": lanes::document(&self.before),
            "not_known": self.not_known,
        })
    }

    fn text(&self, state: &State) -> String {
        let now = state.monitor.window.end(state.now.wall);
        let mut out = String::new();
        if self.rollouts.is_empty() {
            let _ = writeln!(out, "no rollout within {}", state.monitor.window.length());
        } else {
            let head =
                ["SERVICE", "PLACE", "FROM", "TO", "SHARE", "PHASE", "RELEASE", "STEP", "LEFT", "EVERYWHERE"];
            let mut table = Table::new(&head);
            for seen in &self.rollouts {
                let position = seen.position.as_ref();
                let full = match position.map(|position| position.full) {
                    None | Some(Eta::Reached(_)) => String::new(),
                    Some(full) => full.words(now, state.zone),
                };
                table.row([
                    seen.key.service.clone(),
                    seen.key.place(),
                    seen.from.as_deref().unwrap_or("-").to_owned(),
                    seen.key.to.to_string(),
                    format::share(seen.share),
                    seen.phase.word().to_owned(),
                    position.map_or_else(|| "not planned".to_owned(), |position| position.release.clone()),
                    position.map_or_else(String::new, crate::domain::rollout::plan::Position::at_words),
                    position.and_then(|position| position.left_words(now)).unwrap_or_default(),
                    full,
                ]);
            }
            out.push_str(&table.render(Style::of_stdout()));
        }
        for train in &self.trains {
            let full = match train.full {
                None => "everywhere".to_owned(),
                Some(full) => format!("everywhere {}", full.words(now, state.zone)),
            };
            let held = train
                .holding()
                .map_or_else(String::new, |car| format!(", held by {} in {}", car.service, car.place()));
            let (done, of) = (train.done(), train.cars.len());
            let _ = write!(out, "\n{}: {done} of {of} done, {full}{held}", train.release);
        }
        if !self.trains.is_empty() {
            out.push('\n');
        }
        for finding in &self.skew.findings {
            let _ = write!(out, "\nastray: {}", finding.sentence(state.zone));
        }
        if !self.skew.findings.is_empty() {
            out.push('\n');
        }
        for found in &self.before {
            let at = found.signal.at.with_timezone(&state.zone).format("%H:%M:%S %Z");
            let _ = write!(out, "\n{at} {}", found.sentence());
        }
        if !self.before.is_empty() {
            out.push_str("\nlag and count only: what came before need not be the cause\n");
        }
        for what in &self.not_known {
            let _ = write!(out, "\nnot known: {what}");
        }
        if !self.not_known.is_empty() {
            out.push('\n');
        }
        out
    }
}

fn bounds(state: &State) -> (DateTime<Utc>, DateTime<Utc>) {
    let window = &state.monitor.window;
    (window.start(state.now.wall), window.end(state.now.wall))
}
