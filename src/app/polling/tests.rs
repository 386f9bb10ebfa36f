//! Who is asked what when the budget does not reach, and that nobody is asked twice.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::*;
use crate::app::state::Look;
use crate::app::{Intent, Message, update};
use crate::domain::question::{Identity, RunningHistory, Series, ShareLine, Span};
use crate::domain::workspace::{BackendConfig, BackendKind, Origin, VersionsSource};
use crate::domain::{Answer, Environment, Failure, FailureKind, Metric, Service, Workspace};

const METRICS: usize = 12;

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_612_800, 0).unwrap()
}

fn now(seconds: u64) -> Now {
    let wall = start() + TimeDelta::seconds(seconds.cast_signed());
    Now { wall, mono: Duration::from_secs(10_000 + seconds) }
}

/// A canary of a service with twelve metrics, and a Prometheus with so many requests a minute.
/// And what was asked as it was opened.
fn open(budget: u32) -> (State, Vec<Question>) {
    let metric = |index| Metric {
        name: format!("metric {index:02}"),
        query: "m{v=\"{{version}}\"}".into(),
        ..Metric::default()
    };
    let prometheus =
        BackendConfig { budget: Some(budget), ..BackendConfig::new("prom", BackendKind::Prometheus) };
    let workspace = Workspace {
        environments: vec![Environment {
            id: "production".into(),
            regions: Vec::new(),
            capacity: None,
            versions: Some(VersionsSource::Query { backend: None, query: "q".into() }),
        }],
        services: vec![Service {
            id: "cart".into(),
            metrics: (0..METRICS).map(metric).collect(),
            ..Service::default()
        }],
        backends: vec![prometheus],
        origin: Origin::Files("/srv/shop".into()),
        ..Workspace::default()
    };
    let mut state = State::new(now(0), Tz::UTC, Look::default());
    state.panel = Panel::Monitor;
    let effects = update(&mut state, now(0), Message::WorkspaceLoaded(Arc::new(workspace), Vec::new()));
    let asked = serve(&mut state, now(0), effects);
    (state, asked)
}

fn answer(question: &Question, at: Now) -> Result<Answer, Failure> {
    Ok(match question {
        Question::Identity { .. } => {
            Answer::Identity(Identity { product: "p".into(), user: None, clock_skew_seconds: None })
        }
        Question::RunningHistory { .. } => {
            let line = |version: &str, counts: [f64; 3]| ShareLine {
                service: "cart".into(),
                region: None,
                version: version.into(),
                counts: counts.map(|count| Some(count).filter(|count| *count > 0.0)).to_vec(),
            };
            Answer::RunningHistory(RunningHistory {
                times: vec![start() - TimeDelta::minutes(5), start() - TimeDelta::minutes(1), at.wall],
                lines: vec![line("1", [4.0, 2.0, 2.0]), line("2", [0.0, 2.0, 2.0])],
                warnings: Vec::new(),
            })
        }
        Question::Metric { span, .. } => {
            let (start, _) = span.bounds(at.wall);
            Answer::Metric(Series { start, step: span.step, values: vec![Some(1.0)], ..Series::default() })
        }
        Question::Measured { from, step, .. } => {
            Answer::Metric(Series { start: *from, step: *step, values: vec![Some(1.0)], ..Series::default() })
        }
        Question::Alerts { .. } => Answer::Alerts(Vec::new().into()),
        _ => return Err(Failure::new(FailureKind::Internal, "not asked here", "look")),
    })
}

/// Answers what is asked, and what is asked then, at once; every question that was asked.
fn serve(state: &mut State, at: Now, mut effects: Vec<Effect>) -> Vec<Question> {
    let mut asked = Vec::new();
    while let Some(effect) = effects.pop() {
        let message = match effect {
            Effect::Ask { question, generation } => {
                asked.push(question.clone());
                let result = answer(&question, at);
                Message::Answered { question, generation, result }
            }
            Effect::Assess(job) => Message::Assessed { number: job.number, result: Ok(job.run()) },
            _ => continue,
        };
        effects.extend(update(state, at, message));
    }
    asked
}

/// Lets time pass, a second at a time; what was asked, and when.
fn live(state: &mut State, seconds: std::ops::Range<u64>) -> Vec<(u64, Question)> {
    let mut asked = Vec::new();
    for second in seconds {
        let effects = update(state, now(second), Message::Tick);
        let questions = serve(state, now(second), effects);
        asked.extend(questions.into_iter().map(|question| (second, question)));
    }
    asked
}

#[test]
fn where_the_budget_does_not_reach_alerts_go_on_and_every_metric_has_its_turn() {
    let (mut state, at_once) = open(48);
    let mut asked: Vec<_> = at_once.into_iter().map(|question| (0, question)).collect();
    asked.extend(live(&mut state, 1..600));
    for from in 0..540 {
        let within = asked.iter().filter(|(at, _)| (from..from + 60).contains(at)).count();
        assert!(within <= 48, "{within} from second {from}");
    }
    let mut times: BTreeMap<&Question, Vec<u64>> = BTreeMap::new();
    for (at, question) in &asked {
        times.entry(question).or_default().push(*at);
    }
    let mut metrics = 0;
    for (question, at) in times {
        let longest = at.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or(0);
        match question {
            // Every ten seconds, as if there were no budget.
            Question::Alerts { .. } => assert!(longest <= 11, "{longest}"),
            Question::Metric { .. } => {
                metrics += 1;
                assert!((30..=150).contains(&longest), "{question:?} {longest}");
            }
            _ => {}
        }
    }
    assert_eq!(metrics, 2 * METRICS);
    let spent = state.budgets.spent(&state.workspace, "prom", state.now).unwrap();
    assert!(spent.used > 30 && spent.used <= 48 && spent.waiting > 0, "{spent:?}");
    assert!(spent.words().contains("budget spent, slower"), "{}", spent.words());
}

#[test]
fn what_waits_for_the_budget_wakes_nobody_before_there_is_some() {
    let (mut state, _) = open(60);
    let (mut wakes, mut at) = (0, now(0));
    while at.mono < now(120).mono {
        let next = next_due(&state).unwrap();
        assert!(next > at.mono, "it would spin");
        wakes += 1;
        at = Now {
            mono: next,
            wall: start() + TimeDelta::from_std(next.saturating_sub(now(0).mono)).unwrap(),
        };
        let effects = update(&mut state, at, Message::Tick);
        serve(&mut state, at, effects);
    }
    assert!(wakes < 200, "{wakes} wakes in two minutes");
}

#[test]
fn with_budget_enough_nobody_waits() {
    let (mut state, _) = open(600);
    live(&mut state, 0..90);
    let spent = state.budgets.spent(&state.workspace, "prom", state.now).unwrap();
    // 24 series each 15 s and, for the verdict, each 30 s; what runs each 15 s, alerts each 10 s,
    // alerts of the last day and who it is each minute.
    assert_eq!((spent.waiting, spent.used), (0, 24 * 4 + 24 * 2 + 4 + 6 + 1 + 1));
}

#[test]
fn what_took_more_requests_than_one_is_counted() {
    let (mut state, _) = open(600);
    live(&mut state, 0..3);
    let used = |state: &State| state.budgets.spent(&state.workspace, "prom", state.now).unwrap().used;
    let before = used(&state);
    update(&mut state, now(3), Message::Metered { backend: "prom".into(), more: 7 });
    assert_eq!(used(&state), before + 7);
}

#[test]
fn panels_that_want_the_same_ask_once() {
    let (mut state, mut asked) = open(600);
    for panel in [Panel::Monitor, Panel::Rollback, Panel::Board, Panel::Monitor] {
        let effects = update(&mut state, now(0), Message::Intent(Intent::ShowPanel(panel)));
        asked.extend(serve(&mut state, now(0), effects));
    }
    let distinct: BTreeSet<&Question> =
        asked.iter().filter(|q| !matches!(q, Question::Running { .. })).collect();
    let answered = asked.iter().filter(|q| !matches!(q, Question::Running { .. })).count();
    assert_eq!(answered, distinct.len(), "{asked:?}");
    // The same question from two panels at once is one, and one answer serves both.
    let twice: Vec<Question> = [wanted(&state), wanted(&state)].concat();
    assert!(twice.len() > 2 && poll(&mut state).is_empty());
}

#[test]
fn the_past_gives_way_to_the_present() {
    let metric = |span| Question::Metric {
        service: "s".into(),
        environment: "e".into(),
        region: None,
        version: "1".into(),
        metric: "m".into(),
        span,
    };
    let present = metric(Span::new(None, 3600, 240));
    let week = metric(Span::new(None, 604_800, 240));
    let past = metric(Span::new(Some(start()), 3600, 240));
    let alerts = Question::Alerts { backend: "prom".into() };
    assert!(importance(&alerts) < importance(&present));
    assert!(importance(&present) < importance(&week));
    assert_eq!(importance(&week), importance(&past));
}

#[test]
fn who_fails_is_asked_half_as_often_each_time_and_as_it_asks_for_itself() {
    let waits = |question: &Question, count: u64, retry_after: Option<u64>| {
        let mut remote: Remote<()> = Remote::default();
        for generation in 0..count {
            let failure = Failure::new(FailureKind::Unavailable, "away", "wait");
            let retry_after = retry_after.map(Duration::from_secs);
            remote.ask(generation, now(0));
            remote.answer(generation, now(0), Err(Failure { retry_after, ..failure }));
        }
        due(question, Some(&remote)).unwrap().saturating_sub(now(0).mono).as_secs()
    };
    let alerts = Question::Alerts { backend: "prom".into() };
    assert_eq!([1, 2, 3, 4, 9].map(|count| waits(&alerts, count, None)), [10, 20, 40, 60, 60]);
    assert_eq!([5, 30, 600].map(|asked| waits(&alerts, 1, Some(asked))), [10, 30, 60]);
    // What is asked less often than once a minute is not asked more often because it failed.
    assert_eq!([1, 3].map(|count| waits(&Question::WorkspaceChanges, count, None)), [120, 120]);
}

#[test]
fn a_backend_has_so_many_questions_at_a_time_and_those_nobody_looks_at_are_given_up() {
    let (mut state, _) = open(600);
    state.now = now(400);
    let asked = |effects: &[Effect]| effects.iter().filter(|it| matches!(it, Effect::Ask { .. })).count();
    assert_eq!(asked(&poll(&mut state)), MOST_PENDING);
    assert_eq!(asked(&poll(&mut state)), 0, "the rest waits until one is answered");
    // Who wants everything anew waits for what is on its way already.
    refresh(&mut state);
    let pending = |question: &Question| state.remotes.get(question).is_some_and(|it| it.pending().is_some());
    assert!(!state.overdue.is_empty() && !state.overdue.iter().any(pending));
    state.panel = Panel::Calendar;
    let given_up = poll(&mut state);
    let is_chart = |it: &Effect| matches!(it, Effect::Cancel(Question::Metric { .. }));
    assert!(given_up.iter().any(is_chart), "{given_up:?}");
}

#[test]
fn what_is_wanted_anew_and_does_not_fit_the_budget_is_asked_later() {
    let (mut state, _) = open(8);
    refresh(&mut state);
    let wanted = state.overdue.len();
    let asked = ask_overdue(&mut state).len();
    assert!(asked < wanted);
    assert_eq!(state.overdue.len(), wanted - asked);
}
