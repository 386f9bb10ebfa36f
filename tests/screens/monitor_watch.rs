//! Releases in their watch: fresh, easing, open and called for, not known, and the line in the
//! overview.

use chrono::{DateTime, TimeDelta, Utc};
use tminus::app::monitor::View;
use tminus::app::{Effect, Intent, Message, State, snapshot, update};
use tminus::domain::question::{Alert, AlertState, RunningHistory, ShareLine, Span};
use tminus::domain::release::{Item, Release, Stage};
use tminus::domain::stabilisation::{Note, Plan};
use tminus::domain::{Answer, Failure, Now, Question, Workspace};

use crate::monitor::{World, answer, later, minutes_ago, open_with, press};
use crate::{assert_screens, draw, sample, text};

/// A release that went out so many minutes ago.
fn release(workspace: &Workspace, id: &str, item: (&str, &str), region: &str, minutes: i64) -> Release {
    let model = &workspace.releases[0];
    Release {
        id: id.into(),
        title: format!("{id} for everyone"),
        items: vec![Item { service: item.0.into(), version: item.1.into() }],
        stages: vec![Stage {
            environment: "production".into(),
            region: Some(region.into()),
            start: minutes_ago(minutes + 60),
            end: minutes_ago(minutes),
            ..model.stages[0].clone()
        }],
        ..model.clone()
    }
}

fn note(minutes: i64, by: &str, to: Option<&str>, acknowledge: bool, text: &str) -> Note {
    Note {
        time: minutes_ago(minutes),
        by: by.into(),
        to: to.map(Into::into),
        acknowledge,
        close: false,
        text: text.into(),
    }
}

/// web arrived half an hour ago and nobody watches it; payments five hours ago, handed over; ledger
/// two days ago; search was replaced.
fn watched(workspace: &mut Workspace) {
    let mut web = release(workspace, "web-9", ("web", "9.0.0"), "eu", 30);
    web.owner = None;
    let mut payments = release(workspace, "payments-4.4", ("payments", "4.4.0"), "us", 290);
    payments.watch = Plan {
        by: Some("mira".into()),
        notes: vec![
            note(250, "mira", None, false, "refund queue drained, p95 back to 180 ms"),
            note(100, "mira", Some("sam"), false, "p95 a little up in us, ticket PAY-77"),
        ],
        ..Plan::default()
    };
    let ledger = release(workspace, "ledger-2.8", ("ledger", "2.8.1"), "eu", 2800);
    let search = release(workspace, "search-6", ("search", "6.0.0"), "eu", 900);
    for service in &mut workspace.services {
        service.owner = Some("team-payments".into());
        service.escalation = vec!["mira".into(), "@payments-oncall".into(), "@duty-manager".into()];
    }
    if let Some(service) = workspace.services.iter_mut().find(|service| service.id == "web") {
        service.owner = None;
    }
    workspace.releases = vec![ledger, payments, search, web];
}

fn history(span: Span, now: Now) -> RunningHistory {
    let (start, end) = span.bounds(now.wall);
    let count = (end - start).num_seconds() / i64::from(span.step);
    let times: Vec<_> =
        (0..=count).map(|index| start + TimeDelta::seconds(index * i64::from(span.step))).collect();
    let mut lines = Vec::new();
    for (service, region, versions) in [
        ("web", "eu", &[("8.9.0", 90_000), ("9.0.0", 31)][..]),
        ("payments", "us", &[("4.3.2", 90_000), ("4.4.0", 300)]),
        ("ledger", "eu", &[("2.8.0", 90_000), ("2.8.1", 2790)]),
        ("search", "eu", &[("5.9.0", 90_000), ("6.0.0", 910), ("6.0.1", 400)]),
    ] {
        for (index, (version, minutes)) in versions.iter().enumerate() {
            let until = versions.get(index + 1).map_or(DateTime::<Utc>::MAX_UTC, |next| minutes_ago(next.1));
            let began = minutes_ago(*minutes);
            let runs = |at: &DateTime<Utc>| (*at >= began && *at < until).then_some(12.0);
            lines.push(ShareLine {
                service: service.into(),
                region: Some(region.into()),
                version: (*version).into(),
                counts: times.iter().map(runs).collect(),
            });
        }
    }
    RunningHistory { times, lines, warnings: Vec::new() }
}

fn answered(question: &Question, now: Now, world: World) -> Result<Answer, Failure> {
    match question {
        Question::RunningHistory { environment, span }
            if world != World::Down && environment == "production" =>
        {
            Ok(Answer::RunningHistory(history(*span, now)))
        }
        Question::Alerts { backend } if world == World::Failing && backend == "prometheus" => {
            let labels = [("service", "payments"), ("environment", "production"), ("region", "us")];
            let alert = Alert {
                name: "PaymentsSlow".into(),
                labels: labels.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
                summary: "p95 above 400 ms for 10 m".into(),
                state: AlertState::Firing,
                since: minutes_ago(22),
                id: None,
                silenced_by: Vec::new(),
                inhibited_by: Vec::new(),
            };
            Ok(Answer::Alerts(vec![alert].into()))
        }
        Question::Alerts { .. } if world != World::Down => Ok(Answer::Alerts(Vec::new().into())),
        _ => answer(question, now, world),
    }
}

/// Asks until nothing is left to ask, and lets the rules look.
fn serve(state: &mut State, now: Now, world: World) {
    for seconds in [0, 2, 4] {
        let moment = Now {
            wall: now.wall + TimeDelta::seconds(seconds),
            mono: now.mono + std::time::Duration::from_secs(seconds.cast_unsigned()),
        };
        let mut effects = update(state, moment, Message::Tick);
        let on_their_way = state.remotes.iter().filter_map(|(question, remote)| {
            let (generation, _) = remote.pending()?;
            Some(Effect::Ask { question: question.clone(), generation })
        });
        effects.extend(on_their_way.collect::<Vec<_>>());
        while let Some(effect) = effects.pop() {
            let message = match effect {
                Effect::Ask { question, generation } => {
                    let result = answered(&question, moment, world);
                    Message::Answered { question, generation, result }
                }
                Effect::Assess(job) => Message::Assessed { number: job.number, result: Ok(job.run()) },
                _ => continue,
            };
            effects.extend(update(state, moment, message));
        }
    }
}

fn shown(world: World) -> State {
    let mut state = open_with(watched);
    press(&mut state, Intent::ShowView(View::Watch));
    serve(&mut state, sample::now(), world);
    state
}

fn choose(state: &mut State, release: &str) {
    for _ in 0..10 {
        if state.release.as_deref() == Some(release) {
            return;
        }
        press(state, Intent::Down);
    }
    panic!("{release} is not listed");
}

#[test]
fn who_watches_until_when_and_what_was_noted() {
    let mut state = shown(World::Quiet);
    choose(&mut state, "payments-4.4");
    assert_screens("monitor-watch", &state);
    let screen = text(&draw(&state, (120, 40)));
    assert!(screen.contains("sam, handed over by mira"), "{screen}");
    assert!(screen.contains("▲ nobody"), "{screen}");
    assert!(screen.contains("replaced by 6.0.1"), "{screen}");
    let json = &snapshot::of(&state)["monitor"]["watch"]["watches"];
    assert_eq!(json[0]["release"], "web-9");
    assert_eq!((&json[0]["phase"], &json[0]["sensitivity"]["value"]), (&"first-hour".into(), &1.0.into()));
    assert_eq!(json[1]["watcher"]["name"], "sam");
    assert_eq!(json[1]["notes"][0]["text"], "p95 a little up in us, ticket PAY-77");
    assert_eq!(json[3]["phase"], "over");
}

#[test]
fn what_is_open_names_who_is_to_be_called() {
    let mut state = shown(World::Failing);
    choose(&mut state, "payments-4.4");
    assert_screens("monitor-watch-open", &state);
    let screen = text(&draw(&state, (200, 60)));
    assert!(screen.contains("PaymentsSlow fires"), "{screen}");
    assert!(screen.contains("call mira, then @payments-oncall in 7 m"), "{screen}");
    let json = &snapshot::of(&state)["monitor"]["watch"]["watches"][1];
    assert_eq!(json["open"][0]["call"], "mira");
    let mut plain = state;
    plain.look.ascii = true;
    let screen = text(&draw(&plain, (120, 40)));
    assert!(screen.is_ascii() && screen.contains("x payments-4.4"), "{screen}");
}

#[test]
fn loading_stale_and_failing_are_never_good() {
    let mut loading = open_with(watched);
    press(&mut loading, Intent::ShowView(View::Watch));
    assert_screens("monitor-watch-loading", &loading);
    let mut stale = shown(World::Quiet);
    for seconds in [130, 260, 400, 530] {
        serve(&mut stale, later(seconds), World::Down);
    }
    assert_screens("monitor-watch-stale", &stale);
    let failing = shown(World::Down);
    assert_screens("monitor-watch-failing", &failing);
    for state in [&loading, &stale, &failing] {
        let screen = text(&draw(state, (120, 40)));
        assert!(!screen.lines().skip(2).any(|line| line.starts_with('●')), "{screen}");
    }
}

#[test]
fn without_a_release_that_arrived_it_says_what_a_watch_is() {
    let mut state = open_with(|workspace| workspace.releases.clear());
    press(&mut state, Intent::ShowView(View::Watch));
    serve(&mut state, sample::now(), World::Quiet);
    assert_screens("monitor-watch-empty", &state);
}

#[test]
fn the_overview_says_who_watches_the_selected_rollout() {
    let mut state = open_with(watched);
    serve(&mut state, sample::now(), World::Quiet);
    let screen = text(&draw(&state, (120, 40)));
    assert!(screen.contains("watch: nobody watches, 71 h left"), "{screen}");
    assert_screens("monitor-watch-line", &state);
    let json = snapshot::of(&state);
    assert_eq!(json["monitor"]["rollouts"][0]["watch"], "watch: nobody watches, 71 h left", "{json}");
}

#[test]
fn the_form_of_a_hand_over_asks_for_a_name() {
    let mut state = shown(World::Failing);
    choose(&mut state, "payments-4.4");
    press(&mut state, Intent::HandOver);
    assert_screens("monitor-watch-hand-over", &state);
    press(&mut state, Intent::Back);
    press(&mut state, Intent::CloseWatch);
    assert_screens("monitor-watch-close", &state);
}
