//! The monitor: a canary that goes well, one that fails, and every way of not knowing.

use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tminus::app::monitor::View;
use tminus::app::{Effect, Feedback, Intent, ListId, Message, Panel, State, update};
use tminus::domain::alerts::{History, Past};
use tminus::domain::question::{
    Alert, AlertState, Alerts, Changes, Commit, Identity, RunningHistory, Series, ShareLine, Silence,
    SilenceState, Span, Ticket, TrackerVersion,
};
use tminus::domain::service::{Direction, Metric};
use tminus::domain::trigger::{Remedy, SCOPE, Trigger, When};

use tminus::domain::silence::Matcher;
use tminus::domain::{Answer, Failure, FailureKind, Now, Question, Safe, Workspace};

use tminus::input::Keymap;
use tminus::theme::default_theme;

use crate::{assert_screens, draw, sample, text};

/// How the world is, which answers every question.
#[derive(Clone, Copy, PartialEq)]
pub enum World {
    /// Every service runs one version.
    Quiet,
    /// checkout 4.2.0 is a canary at 25 % that does well.
    Canary,
    /// It does not do well.
    Failing,
    /// Twenty services roll out at once.
    Busy,
    /// Prometheus does not answer.
    Down,
}

pub fn open() -> State {
    open_with(|_| {})
}

/// The panel on the sample workspace, changed.
pub fn open_with(change: impl FnOnce(&mut Workspace)) -> State {
    let mut workspace = sample::workspace();
    let metric = |name: &str, unit: &str, limit, direction| Metric {
        name: name.into(),
        query: format!("{name}{{version=\"{{{{version}}}}\"}}"),
        direction,
        critical: true,
        unit: Some(unit.into()),
        limit,
        ..Metric::default()
    };
    workspace.services[0].metrics = vec![
        metric("error rate", "ratio", Some(0.01), Direction::Increase),
        metric("latency p95", "seconds", Some(0.3), Direction::Increase),
        // A canary serves less: that is there to be looked at, and weighs nothing.
        Metric { critical: false, weight: Some(0.0), ..metric("throughput", "1/s", None, Direction::Either) },
    ];
    workspace.services[0].repository = Some("../checkout".into());
    change(&mut workspace);
    let mut state = sample::with(workspace);
    update(&mut state, sample::now(), Message::Intent(Intent::ShowPanel(Panel::Monitor)));
    state
}

/// Asks the world until nothing is left to ask.
pub fn serve(state: &mut State, now: Now, world: World) {
    serve_by(state, now, &|_| world);
}

/// Answers every question by the world it is of.
pub fn serve_by(state: &mut State, now: Now, world: &dyn Fn(&Question) -> World) {
    let ticked = update(state, now, Message::Tick);
    let on_their_way = state.remotes.iter().filter_map(|(question, remote)| {
        let (generation, _) = remote.pending()?;
        Some(Effect::Ask { question: question.clone(), generation })
    });
    let mut effects: Vec<Effect> = on_their_way.collect();
    effects.extend(ticked.into_iter().filter(|effect| matches!(effect, Effect::Assess(_))));
    while let Some(effect) = effects.pop() {
        let message = match effect {
            Effect::Ask { question, generation } => {
                let result = answer(&question, now, world(&question));
                Message::Answered { question, generation, result }
            }
            Effect::Assess(job) => Message::Assessed { number: job.number, result: Ok(job.run()) },
            _ => continue,
        };
        effects.extend(update(state, now, message));
    }
}

pub fn seen(world: World) -> State {
    let mut state = open();
    serve(&mut state, sample::now(), world);
    state
}

pub fn press(state: &mut State, intent: Intent) {
    let now = state.now;
    update(state, now, Message::Intent(intent));
}

pub fn later(seconds: u64) -> Now {
    let now = sample::now();
    Now { wall: now.wall + TimeDelta::seconds(seconds as i64), mono: now.mono + Duration::from_secs(seconds) }
}

pub fn minutes_ago(minutes: i64) -> DateTime<Utc> {
    sample::now().wall - TimeDelta::minutes(minutes)
}

pub fn answer(question: &Question, now: Now, world: World) -> Result<Answer, Failure> {
    let down = Failure::new(
        FailureKind::Unreachable,
        "prometheus: http://localhost:9090 refused the connection",
        "start it, or change `url` under [backend.prometheus]",
    );
    let is_prometheus = match question {
        Question::Identity { backend }
        | Question::Alerts { backend }
        | Question::AlertHistory { backend, .. } => backend == "prometheus",
        Question::Metric { .. }
        | Question::Measured { .. }
        | Question::Burn { .. }
        | Question::RunningHistory { .. } => true,
        _ => false,
    };
    if world == World::Down && is_prometheus {
        return Err(down);
    }
    Ok(match question {
        Question::Identity { .. } => {
            Answer::Identity(Identity { product: "a product".into(), user: None, clock_skew_seconds: None })
        }
        Question::RunningHistory { environment, span } => {
            Answer::RunningHistory(history(environment, *span, now, world))
        }
        Question::Metric { metric, version, span, .. } => {
            Answer::Metric(series(metric, version == "4.2.0", *span, now, world))
        }
        Question::Measured { metric, version, from, until, step, .. } => {
            let end = until.unwrap_or(now.wall).min(now.wall);
            let seconds = (end - *from).num_seconds() as u32;
            let span = Span { end: Some(end), seconds, step: *step };
            Answer::Metric(series(metric, version == "4.2.0", span, now, world))
        }
        Question::Burn { service, part, .. } => {
            Answer::Burned(crate::monitor_burn::burned(service, *part, world))
        }
        Question::Health { target, .. } | Question::HealthCommand(target) => {
            Answer::Health(crate::monitor_health::outcome(target, world)?)
        }
        Question::Alerts { backend } => Answer::Alerts(alerts(backend, world).into()),
        Question::AlertHistory { .. } => Answer::AlertHistory(alert_history(world)),
        Question::Silences { .. } => Answer::Silences(vec![Silence {
            id: "1".into(),
            matchers: vec![Matcher::equal("alertname", "DiskFull")],
            starts: minutes_ago(60),
            ends: minutes_ago(-60),
            by: "mira".into(),
            comment: "moving it".into(),
            state: SilenceState::Active,
        }]),
        Question::Changes { .. } => Answer::Changes(Changes {
            count: 38,
            commits: vec![
                commit(55, "PAY-412: refunds above 500 in the US", "Mira Okafor"),
                commit(900, "PAY-401: update the runbook for the new card check", "Jonas Keller"),
            ],
            unkept: false,
        }),
        Question::WorkspaceChanges => Answer::Changes(Changes {
            count: 1,
            commits: vec![commit(24, "checkout-4.2: eu an hour earlier", "Mira Okafor")],
            unkept: false,
        }),
        Question::Tracker { .. } => Answer::Tracker(TrackerVersion {
            name: "4.2.0".into(),
            open: Some(vec![Ticket {
                key: "PAY-412".into(),
                summary: "Refunds over 500 € fail in the US".into(),
                status: "In Progress".into(),
                blocker: true,
                updated: Some(minutes_ago(6)),
                ..Ticket::default()
            }]),
            ..TrackerVersion::default()
        }),
        other => {
            return Err(Failure::new(FailureKind::Internal, format!("not asked here: {other:?}"), "look"));
        }
    })
}

fn commit(minutes: i64, subject: &str, author: &str) -> Commit {
    Commit { id: "4f1c2aa".into(), author: author.into(), at: minutes_ago(minutes), subject: subject.into() }
}

fn grid(span: Span, now: Now) -> Vec<DateTime<Utc>> {
    let (start, end) = span.bounds(now.wall);
    let count = (end - start).num_seconds() / i64::from(span.step);
    (0..=count).map(|index| start + TimeDelta::seconds(index * i64::from(span.step))).collect()
}

fn history(environment: &str, span: Span, now: Now, world: World) -> RunningHistory {
    let times = grid(span, now);
    let line = |service: &str, region: Option<&str>, version: &str, count: &dyn Fn(DateTime<Utc>) -> f64| {
        let of = |at: &DateTime<Utc>| Some(count(*at)).filter(|count| *count > 0.0);
        ShareLine {
            service: service.into(),
            region: region.map(Into::into),
            version: version.into(),
            counts: times.iter().map(of).collect(),
        }
    };
    let mut lines = Vec::new();
    for service in ["payments", "ledger", "catalog", "search", "web"] {
        lines.push(line(service, None, "3.1.0", &|_| 8.0));
    }
    let production = environment == "production";
    if production && matches!(world, World::Canary | World::Failing) {
        let canary = |at: DateTime<Utc>| match at {
            at if at < minutes_ago(21) => 0.0,
            at if at < minutes_ago(10) => 2.0,
            _ => 12.0,
        };
        lines.push(line("checkout", Some("eu"), "4.1.3", &|at| 48.0 - canary(at)));
        lines.push(line("checkout", Some("eu"), "4.2.0", &canary));
        lines.push(line("checkout", Some("us"), "4.1.3", &|_| 40.0));
    } else {
        lines.push(line("checkout", None, "4.1.3", &|_| 48.0));
    }
    if production && world == World::Busy {
        for number in 0..20_i64 {
            let service = format!("recommendation-worker-{number:02}");
            let share =
                |at: DateTime<Utc>| if at < minutes_ago(2 * number + 1) { 0.0 } else { 1.0 + number as f64 };
            lines.push(line(&service, None, "1.0.0", &|at| 20.0 - share(at)));
            lines.push(line(&service, None, "1.1.0-rc.1+build.77", &share));
        }
    }
    RunningHistory { times, lines, warnings: Vec::new() }
}

/// Where the rollout fails an alert came and went before the one that stays.
fn alert_history(world: World) -> History {
    let alert = Alert {
        name: "CheckoutSlow".into(),
        labels: [("service", "checkout"), ("env", "production"), ("region", "eu")]
            .iter()
            .map(|(name, value)| (Safe::new(name), Safe::new(value)))
            .collect(),
        summary: Safe::default(),
        state: AlertState::Firing,
        since: minutes_ago(18),
        id: None,
        silenced_by: Vec::new(),
        inhibited_by: Vec::new(),
    };
    let past = Past {
        alert,
        fired: Some(minutes_ago(17)),
        ended: Some(minutes_ago(12)),
        seen: minutes_ago(12),
        began_before: false,
    };
    let list = if world == World::Failing { vec![past] } else { Vec::new() };
    History { list, step: 60, ..History::default() }
}

fn series(metric: &str, is_new: bool, span: Span, now: Now, world: World) -> Series {
    let times = grid(span, now);
    let value = |at: DateTime<Utc>| {
        let minute = (at - minutes_ago(60)).num_seconds() as f64 / 60.0;
        let wave = (minute / 3.0).sin() * 0.1 + (minute * 1.7).sin() * 0.05;
        let bad = if world == World::Failing && is_new && at >= minutes_ago(10) {
            (at - minutes_ago(10)).num_seconds() as f64 / 600.0
        } else {
            0.0
        };
        match metric {
            _ if is_new && at < minutes_ago(21) => None,
            // Nobody scraped for three minutes.
            _ if (minutes_ago(40)..minutes_ago(37)).contains(&at) => None,
            "error rate" => Some(0.003 * (1.0 + wave) + 0.016 * bad),
            "latency p95" => Some(0.21 * (1.0 + wave * 0.4) + 0.05 * bad),
            _ if is_new => Some(if at < minutes_ago(10) { 40.0 } else { 240.0 } * (1.0 + wave * 0.3)),
            _ => Some(if at < minutes_ago(10) { 920.0 } else { 720.0 } * (1.0 + wave * 0.3)),
        }
    };
    Series {
        start: times[0],
        step: span.step,
        values: times.iter().map(|at| value(*at)).collect(),
        ..Series::default()
    }
}

fn alerts(backend: &str, world: World) -> Vec<Alert> {
    let alert = |name: &str, labels: &[(&str, &str)], summary: &str, state, minutes| Alert {
        name: name.into(),
        labels: labels
            .iter()
            .chain(&[("alertname", name)])
            .map(|(name, value)| (Safe::new(name), Safe::new(value)))
            .collect::<BTreeMap<_, _>>(),
        summary: summary.into(),
        state,
        since: minutes_ago(minutes),
        id: None,
        silenced_by: Vec::new(),
        inhibited_by: Vec::new(),
    };
    if !matches!(world, World::Failing | World::Down) {
        return Vec::new();
    }
    let mut alerts = vec![
        alert(
            "CheckoutErrors",
            &[("service", "checkout"), ("env", "production"), ("version", "4.2.0"), ("severity", "page")],
            "more than 1 % of checkout's requests fail",
            AlertState::Firing,
            3,
        ),
        alert(
            "CertificateExpires",
            &[("service", "search"), ("env", "staging")],
            "the certificate of search expires in 12 days",
            AlertState::Firing,
            2000,
        ),
    ];
    if backend == "alertmanager" {
        alerts.push(Alert {
            silenced_by: vec!["1".into()],
            ..alert("DiskFull", &[("instance", "db-7")], "8 % left", AlertState::Silenced, 50)
        });
    } else {
        alerts.push(alert(
            "CheckoutSlow",
            &[("service", "checkout"), ("env", "production")],
            "p95 above 250 ms",
            AlertState::Pending,
            1,
        ));
    }
    alerts
}

#[test]
fn before_any_answer() {
    let mut state = open();
    update(&mut state, sample::now(), Message::Tick);
    assert_screens("monitor-loading", &state);
}

#[test]
fn no_rollout_is_calm_and_says_what_would_make_one_appear() {
    assert_screens("monitor-empty", &seen(World::Quiet));
}

#[test]
fn a_canary_at_a_quarter() {
    assert_screens("monitor-canary", &seen(World::Canary));
}

#[test]
fn a_canary_that_fails_and_its_alert() {
    let state = seen(World::Failing);
    assert_screens("monitor-failing", &state);
    let mut plain = state.clone();
    plain.look.ascii = true;
    let shown = text(&draw(&plain, (120, 40)));
    assert!(shown.is_ascii() && shown.contains("1.94 % x") && shown.contains("limit"), "{shown}");
}

#[test]
fn prometheus_goes_away_and_the_last_numbers_stay() {
    let mut state = seen(World::Failing);
    for seconds in [16, 40, 80, 140, 200] {
        serve(&mut state, later(seconds), World::Down);
    }
    assert_screens("monitor-stale", &state);
    let shown = text(&draw(&state, (120, 40)));
    assert!(shown.contains("≈ checkout") && !shown.contains("● checkout"), "{shown}");
}

#[test]
fn prometheus_was_never_there() {
    assert_screens("monitor-down", &seen(World::Down));
}

#[test]
fn paused_stays_where_it_is() {
    let mut state = seen(World::Canary);
    press(&mut state, Intent::PanBack);
    serve(&mut state, later(1), World::Canary);
    assert_screens("monitor-paused", &state);
}

#[test]
fn on_a_thin_line_the_charts_sweep() {
    let mut state = open();
    state.look.low_bandwidth = true;
    serve(&mut state, sample::now(), World::Failing);
    assert_screens("monitor-sweep", &state);
}

#[test]
fn many_rollouts_scroll_and_long_names_are_shortened() {
    let mut state = seen(World::Busy);
    state.feedback = drawn_feedback(&state, (120, 40));
    for _ in 0..9 {
        press(&mut state, Intent::Down);
    }
    assert_screens("monitor-many", &state);
}

#[test]
fn a_filter_that_nothing_passes_says_so() {
    let mut state = seen(World::Canary);
    state.monitor.filter = "nonsense".into();
    let shown = text(&draw(&state, (120, 40)));
    assert!(shown.contains("none of 1 rollouts has “nonsense” in it"), "{shown}");
}

#[test]
fn the_numbers_stay_on_screen_while_another_window_is_asked_for() {
    let mut state = seen(World::Failing);
    press(&mut state, Intent::ZoomIn);
    let shown = text(&draw(&state, (120, 40)));
    assert!(shown.contains("loading …") && shown.contains("limit 1 %"), "{shown}");
    assert!(shown.contains("4.2.0 ── …") && !shown.contains("1.94 %"), "{shown}");
}

#[test]
fn no_size_panics() {
    for world in [World::Quiet, World::Failing, World::Busy, World::Down] {
        for view in View::ALL {
            let mut state = seen(world);
            press(&mut state, Intent::ShowView(*view));
            serve(&mut state, sample::now(), world);
            for width in (60..210).step_by(13) {
                for height in (15..70).step_by(5) {
                    state.size = (width, height);
                    state.feedback = drawn_feedback(&state, (width, height));
                }
            }
        }
    }
}

/// A view of a world that has answered everything the view asks.
pub fn view_of(view: View, world: World) -> State {
    let mut state = seen(world);
    press(&mut state, Intent::ShowView(view));
    serve(&mut state, sample::now(), world);
    state
}

#[test]
fn a_release_is_a_train_of_cars_in_order() {
    let state = view_of(View::Train, World::Failing);
    assert_screens("monitor-train", &state);
    let mut plain = state;
    plain.look.ascii = true;
    assert!(text(&draw(&plain, (120, 40))).is_ascii());
    let busy = text(&draw(&view_of(View::Train, World::Busy), (120, 40)));
    assert!(busy.contains("not planned"), "{busy}");
}

#[test]
fn no_train_and_a_train_nobody_says_anything_of() {
    let mut workspace = sample::workspace();
    workspace.releases.clear();
    let mut nothing = sample::with(workspace);
    press(&mut nothing, Intent::ShowPanel(Panel::Monitor));
    press(&mut nothing, Intent::ShowView(View::Train));
    let shown = text(&draw(&nothing, (120, 40)));
    assert!(shown.contains("no release is on its way"), "{shown}");
    let mut loading = open();
    press(&mut loading, Intent::ShowView(View::Train));
    assert_screens("monitor-train-loading", &loading);
    let mut stale = view_of(View::Train, World::Failing);
    for seconds in [16, 40, 80, 140, 200] {
        serve(&mut stale, later(seconds), World::Down);
    }
    assert_screens("monitor-train-stale", &stale);
    let down = text(&draw(&view_of(View::Train, World::Down), (120, 40)));
    assert!(down.contains("◌") && !down.contains('●'.to_string().repeat(2).as_str()), "{down}");
}

#[test]
fn what_happened_lies_in_lanes_and_what_changed_before_is_counted() {
    let mut state = view_of(View::Lanes, World::Failing);
    assert_screens("monitor-lanes", &state);
    let shown = text(&draw(&state, (120, 40)));
    for words in ["after checkout 4.2.0", "same service", "followed 1 of 1", "lag and count, no cause"] {
        assert!(shown.contains(words), "{words} in {shown}");
    }
    press(&mut state, Intent::NextPane);
    let events = text(&draw(&state, (80, 24)));
    assert!(events.contains("4.2.0 stands at 25 % since"), "{events}");
    state.look.ascii = true;
    assert!(text(&draw(&state, (120, 40))).is_ascii());
}

#[test]
fn the_lanes_while_nothing_is_known_and_while_all_is_calm() {
    let mut loading = open();
    press(&mut loading, Intent::ShowView(View::Lanes));
    assert_screens("monitor-lanes-loading", &loading);
    let calm = text(&draw(&view_of(View::Lanes, World::Quiet), (120, 40)));
    assert!(calm.contains("● no alert began and no watched number rose within 1 h"), "{calm}");
    let mut stale = view_of(View::Lanes, World::Failing);
    for seconds in [16, 40, 80, 140, 200] {
        serve(&mut stale, later(seconds), World::Down);
    }
    assert_screens("monitor-lanes-stale", &stale);
    let mut sweeping = view_of(View::Lanes, World::Failing);
    sweeping.look.low_bandwidth = true;
    assert!(text(&draw(&sweeping, (120, 40))).contains("CheckoutErrors"));
}

#[test]
fn which_version_runs_where_and_what_is_astray() {
    let state = view_of(View::Skew, World::Failing);
    assert_screens("monitor-skew", &state);
    let mut plain = state;
    plain.look.ascii = true;
    let shown = text(&draw(&plain, (120, 40)));
    assert!(shown.is_ascii() && shown.contains("! 12"), "{shown}");
}

#[test]
fn nothing_is_called_in_order_while_somebody_does_not_say_what_runs() {
    let quiet = text(&draw(&view_of(View::Skew, World::Quiet), (120, 40)));
    assert!(quiet.contains("● every version is where a release brings it"), "{quiet}");
    let mut loading = open();
    press(&mut loading, Intent::ShowView(View::Skew));
    assert_screens("monitor-skew-loading", &loading);
    let mut stale = view_of(View::Skew, World::Quiet);
    for seconds in [16, 40, 80, 140, 200] {
        serve(&mut stale, later(seconds), World::Down);
    }
    assert_screens("monitor-skew-stale", &stale);
    let down = text(&draw(&view_of(View::Skew, World::Down), (120, 40)));
    assert!(down.contains("◌ what runs is not known"), "{down}");
}

#[test]
fn a_click_selects_a_row_and_the_wheel_scrolls_it() {
    let mut state = seen(World::Busy);
    state.size = (120, 40);
    state.feedback = drawn_feedback(&state, (120, 40));
    let hit = state.feedback.at(10, 6).copied();
    assert_eq!(hit.map(|hit| hit.intent), Some(Intent::SelectRow(ListId::Rollouts, 2)));
    press(&mut state, Intent::SelectRow(ListId::Rollouts, 2));
    let selected = |state: &State| tminus::app::monitor::selected(state).map(|seen| seen.key.service.clone());
    assert_eq!(selected(&state).as_deref(), Some("recommendation-worker-02"));
    press(&mut state, Intent::ScrollList(ListId::Rollouts, 3));
    assert_eq!(selected(&state).as_deref(), Some("recommendation-worker-05"));
}

fn drawn_feedback(state: &State, size: (u16, u16)) -> Feedback {
    let mut buffer = Buffer::empty(Rect::new(0, 0, size.0, size.1));
    tminus::view::draw(state, &default_theme(), &Keymap::default(), &mut buffer)
}

#[test]
fn a_partial_list_of_alerts_is_no_good_news() {
    let mut state = seen(World::Canary);
    for backend in ["prometheus", "alertmanager"] {
        let question = Question::Alerts { backend: backend.into() };
        let generation = state.remotes.ask(&question, state.now);
        let partial = Alerts { list: Vec::new(), warnings: vec!["store eu-2 did not answer".into()] };
        state.remotes.answer(&question, generation, state.now, Ok(Answer::Alerts(partial)));
    }
    let shown = text(&draw(&state, (200, 60)));
    assert!(shown.contains("partial: store eu-2 did not answer"), "{shown}");
    assert!(shown.contains("◌ none known") && shown.contains("◌ checkout"), "{shown}");
}

#[test]
fn a_spent_budget_is_said() {
    let mut workspace = (*open().workspace).clone();
    let prometheus = workspace.backends.iter_mut().find(|backend| backend.name == "prometheus").unwrap();
    prometheus.budget = Some(20);
    let mut state = sample::with(workspace);
    update(&mut state, sample::now(), Message::Intent(Intent::ShowPanel(Panel::Monitor)));
    serve(&mut state, sample::now(), World::Canary);
    let shown = text(&draw(&state, (120, 40)));
    assert!(shown.contains("prometheus ▲ budget spent, slower"), "{shown}");
    press(&mut state, Intent::ShowBackends);
    let shown = text(&draw(&state, (120, 40)));
    assert!(shown.contains("of 20 requests in the last minute; budget spent, slower: "), "{shown}");
    let json = tminus::app::snapshot::of(&state);
    let prometheus =
        json["backends"].as_array().unwrap().iter().find(|it| it["name"] == "prometheus").unwrap();
    assert_eq!(prometheus["requests"]["budget"], 20);
    assert!(prometheus["requests"]["waiting"].as_u64().unwrap() > 0, "{prometheus}");
}

#[test]
fn no_series_and_no_number_are_said_in_words() {
    for (series, beside, below) in [
        (Series { absent: true, ..Series::default() }, "◌ no series", "no series in this window"),
        (
            Series { undefined: Some(sample::now().wall), ..Series::default() },
            "◌ no number",
            "not a number: nothing to divide by",
        ),
        (Series::default(), "◌ no data", "no samples in this window"),
    ] {
        let mut state = seen(World::Canary);
        let questions: Vec<Question> = state.remotes.iter().map(|(question, _)| question.clone()).collect();
        for question in questions {
            if let Question::Metric { metric, version, span, .. } = &question
                && metric == "error rate"
                && version == "4.2.0"
            {
                let generation = state.remotes.ask(&question, state.now);
                let (start, _) = span.bounds(state.now.wall);
                let series = Series { start, step: span.step, values: vec![None; 240], ..series.clone() };
                state.remotes.answer(&question, generation, state.now, Ok(Answer::Metric(series)));
            }
        }
        let shown = text(&draw(&state, (120, 40)));
        assert!(shown.contains(beside) && shown.contains(&format!("◌ 4.2.0: {below}")), "{shown}");
        let json = tminus::app::snapshot::of(&state);
        let why = json["monitor"]["metrics"][0]["versions"][0]["why"].as_str().unwrap();
        assert!(why.contains(below), "{why}");
    }
}

/// What the triggers say stands in every panel, and in the monitor why.
#[test]
fn a_way_back_is_recommended() {
    let mut state = open();
    let mut workspace = (*state.workspace).clone();
    let is = tminus::domain::condition::Condition::parse("> 0.01").unwrap();
    workspace.services[0].triggers = vec![Trigger {
        id: "errors".into(),
        title: "too many requests fail".into(),
        when: When::Metric { name: "error rate".into(), is },
        hold: TimeDelta::seconds(30),
        within: SCOPE,
        remedy: Remedy::Rollback,
        environments: Vec::new(),
    }];
    workspace.services[0].fix_forward = Some(TimeDelta::minutes(45));
    update(&mut state, sample::now(), Message::WorkspaceLoaded(Arc::new(workspace), Vec::new()));
    for quarter in 0..4 {
        serve(&mut state, later(quarter * 15), World::Failing);
    }
    let moment = Now { mono: later(47).mono, wall: later(47).wall };
    serve(&mut state, moment, World::Failing);
    assert_screens("monitor-recommends", &state);
    update(&mut state, moment, Message::Intent(Intent::ShowPanel(Panel::Calendar)));
    let lines = text(&draw(&state, (120, 40)));
    assert!(lines.lines().any(|line| line.contains("ROLL BACK checkout 4.2.0")), "{lines}");
}
