//! The board: every face, at three sizes.

use std::time::Duration;

use chrono::TimeDelta;
use tminus::app::{Intent, ListId, Message, Panel, State, update};
use tminus::domain::question::{
    Changes, Commit, Running, RunningHistory, ShareLine, Span, Tag, Ticket, TrackerVersion, VersionShare,
};
use tminus::domain::workspace::VersionsSource;
use tminus::domain::{
    Answer, Dependency, DependencyKind, Environment, Failure, FailureKind, Now, Question, Safe, Service,
    Workspace,
};

use crate::{assert_screens, draw, sample, text};

fn board(workspace: Workspace) -> State {
    let mut state = sample::with(workspace);
    state.panel = Panel::Board;
    state.board.environment = Some("production".into());
    state
}

fn answer(state: &mut State, question: Question, result: Result<Answer, Failure>) {
    answer_at(state, sample::now(), question, result);
}

fn answer_at(state: &mut State, now: Now, question: Question, result: Result<Answer, Failure>) {
    let generation = state.remotes.ask(&question, now);
    assert!(state.remotes.answer(&question, generation, now, result));
}

fn shares(versions: &[(&str, f64)]) -> Vec<VersionShare> {
    versions
        .iter()
        .map(|(version, share)| VersionShare { version: Safe::new(version), share: *share })
        .collect()
}

fn running(services: &[(&str, &[(&str, f64)])]) -> Running {
    let services = services.iter().map(|(id, versions)| ((*id).to_owned(), shares(versions))).collect();
    Running { services, ..Running::default() }
}

fn staging() -> Running {
    running(&[
        ("checkout", &[("4.2.0", 1.0)]),
        ("payments", &[("8.0.1", 1.0)]),
        ("ledger", &[("3.1.0", 1.0)]),
        ("catalog", &[("1.7.0", 1.0)]),
        ("search", &[("2.9.0", 1.0)]),
        ("web", &[("5.6.0", 1.0)]),
    ])
}

fn production() -> Running {
    let mut running = running(&[
        ("checkout", &[("4.1.3", 0.75), ("4.2.0", 0.25)]),
        ("payments", &[("8.0.1", 1.0)]),
        ("ledger", &[("3.1.0", 1.0)]),
        ("catalog", &[("1.6.9", 1.0)]),
        ("web", &[("5.5.2", 1.0)]),
    ]);
    let region = |service: &str, region: &str| (service.to_owned(), region.to_owned());
    running.regions.insert(region("checkout", "eu"), shares(&[("4.1.3", 0.5), ("4.2.0", 0.5)]));
    running.regions.insert(region("checkout", "us"), shares(&[("4.1.3", 1.0)]));
    running
}

fn tag(name: &str, days_ago: i64) -> Tag {
    Tag {
        name: Safe::new(name),
        at: sample::now().wall - TimeDelta::days(days_ago),
        subject: Safe::new(format!("Release {name}")),
    }
}

fn changes(count: u32) -> Changes {
    let subjects = ["Retry the card check once", "Round the tax per line", "Name the timeout in the error"];
    let commits = subjects.iter().zip(1_i64..).map(|(subject, number)| Commit {
        id: Safe::new(format!("{:x}", 0xa1b2_c3d4_e5f6_0718_u64 / number as u64).repeat(3)),
        author: Safe::new(if number == 2 { "Jonas Weber" } else { "Mira Okafor" }),
        at: sample::now().wall - TimeDelta::hours(20 * number),
        subject: Safe::new(subject),
    });
    Changes { count, commits: commits.collect(), unkept: false }
}

fn ticket(key: &str, summary: &str, status: &str) -> Ticket {
    Ticket {
        key: Safe::new(key),
        summary: Safe::new(summary),
        status: Safe::new(status),
        category: Safe::new("new"),
        assignee: Some(Safe::new("Mira Okafor")),
        ..Ticket::default()
    }
}

fn tracker() -> TrackerVersion {
    TrackerVersion {
        id: Safe::new("10042"),
        name: Safe::new("4.2.0"),
        to_do: Some(1),
        in_progress: Some(2),
        done: Some(12),
        open: Some(vec![
            Ticket {
                blocker: true, ..ticket("PAY-412", "Refunds over 500 € fail in the US", "In Progress")
            },
            Ticket {
                blocked_by: vec![Safe::new("LEDG-77")],
                ..ticket("PAY-398", "Show the ledger's reference on the receipt", "To Do")
            },
            ticket("PAY-401", "Update the runbook for the new card check", "In Review"),
        ]),
        ..TrackerVersion::default()
    }
}

fn running_in(environment: &str) -> Question {
    Question::Running { environment: environment.into() }
}

fn history() -> (Question, RunningHistory) {
    let span = Span { end: None, seconds: 14 * 86_400, step: 3600 };
    let question = Question::RunningHistory { environment: "production".into(), span };
    let (start, end) = span.bounds(sample::now().wall);
    let times: Vec<_> = (0..=(end - start).num_hours()).map(|hour| start + TimeDelta::hours(hour)).collect();
    let line = |service: &str, version: &str, from_days: i64, to_days: i64| ShareLine {
        service: service.into(),
        region: None,
        version: Safe::new(version),
        counts: times
            .iter()
            .map(|time| {
                let ago = (sample::now().wall - *time).num_hours();
                (ago <= from_days * 24 && ago > to_days * 24).then_some(12.0)
            })
            .collect(),
    };
    let lines = vec![
        line("checkout", "4.1.2", 20, 9),
        line("checkout", "4.1.3", 9, -1),
        line("payments", "8.0.0", 20, 2),
        line("payments", "8.0.1", 2, -1),
        line("ledger", "3.1.0", 1, -1),
        line("ledger", "3.0.9", 20, 1),
        line("catalog", "1.6.9", 20, -1),
    ];
    (question, RunningHistory { times, lines, warnings: Vec::new() })
}

/// Every question the panel asks is answered, well.
fn answered(mut state: State) -> State {
    let (question, history) = history();
    answer(&mut state, question, Ok(Answer::RunningHistory(history)));
    answer(&mut state, running_in("staging"), Ok(Answer::Running(staging())));
    answer(&mut state, running_in("production"), Ok(Answer::Running(production())));
    for (service, tags) in [
        ("checkout", vec![tag("v4.2.0", 2), tag("v4.1.3", 10), tag("v4.1.2", 30)]),
        ("payments", vec![tag("v8.0.1", 3), tag("v8.0.0", 40)]),
        ("ledger", vec![tag("v3.1.0", 2)]),
        ("catalog", vec![tag("v1.7.0", 5), tag("v1.6.9", 25)]),
        ("search", vec![tag("v2.9.0", 4)]),
        ("web", vec![tag("v5.6.0", 1), tag("v5.5.2", 12)]),
    ] {
        answer(&mut state, Question::Tags { service: service.into() }, Ok(Answer::Tags(tags)));
    }
    for (service, from, to, count) in [
        ("checkout", "4.1.3", "v4.2.0", 38),
        ("catalog", "1.6.9", "v1.7.0", 12),
        ("web", "5.5.2", "v5.6.0", 1),
    ] {
        let question =
            Question::Changes { service: service.into(), from: Some(from.into()), to: Some(to.into()) };
        answer(&mut state, question, Ok(Answer::Changes(changes(count))));
    }
    for release in ["checkout-4.2", "catalog-1.7"] {
        answer(&mut state, Question::Tracker { release: release.into() }, Ok(Answer::Tracker(tracker())));
    }
    state
}

fn press(state: &mut State, intents: &[Intent]) {
    for intent in intents {
        // A frame between two keys, as in life.
        let buffer_size = state.size;
        state.feedback = crate::feedback(state, buffer_size);
        update(state, sample::now(), Message::Intent(*intent));
    }
}

fn unreachable() -> Failure {
    Failure::new(
        FailureKind::Unreachable,
        "prometheus: GET http://localhost:9090/api/v1/query: connection refused",
        "start it, or correct `url` under [backend.prometheus]",
    )
}

#[test]
fn before_any_backend_answered() {
    assert_screens("board-loading", &board(sample::workspace()));
}

#[test]
fn without_services() {
    let workspace = Workspace { services: Vec::new(), releases: Vec::new(), ..sample::workspace() };
    assert_screens("board-empty", &board(workspace));
}

#[test]
fn everything_is_known() {
    assert_screens("board-full", &answered(board(sample::workspace())));
}

#[test]
fn the_details_have_the_panel() {
    let mut state = answered(board(sample::workspace()));
    press(&mut state, &[Intent::Open]);
    assert_screens("board-inside", &state);
}

#[test]
fn one_environment_does_not_answer_and_the_other_grew_old() {
    let mut state = board(sample::workspace());
    answer(&mut state, running_in("staging"), Ok(Answer::Running(staging())));
    answer(&mut state, running_in("production"), Err(unreachable()));
    state.now.mono += Duration::from_mins(14);
    state.now.wall += TimeDelta::minutes(14);
    let now = state.now;
    answer_at(&mut state, now, running_in("staging"), Err(unreachable()));
    assert_screens("board-failing", &state);
    let shown = text(&draw(&state, (120, 40)));
    assert!(shown.contains("≈ 4.2.0") && !shown.contains("● "), "stale is never good: {shown}");
}

#[test]
fn services_that_need_each_other() {
    let mut workspace = sample::workspace();
    let need = |service: &str| Dependency {
        service: service.into(),
        version: Some("^4".into()),
        kind: DependencyKind::Hard,
    };
    for service in &mut workspace.services {
        if service.id == "ledger" {
            service.depends_on.push(need("checkout"));
        }
    }
    assert_screens("board-cycle", &answered(board(workspace)));
}

#[test]
fn a_service_that_does_not_fit_and_one_that_is_not_there() {
    let mut state = answered(board(sample::workspace()));
    press(&mut state, &[Intent::Last, Intent::Up]);
    assert_eq!(tminus::app::board::selected_text(&state).as_deref().map(|text| &text[..6]), Some("search"));
    assert_screens("board-absent", &state);
}

#[test]
fn long_names_and_many_environments() {
    let mut workspace = sample::workspace();
    let query = || Some(VersionsSource::Query { backend: None, query: "up".into() });
    for id in ["integration-testing-europe", "performance", "pre-production-for-partners"] {
        workspace
            .environments
            .insert(0, Environment { id: id.into(), regions: Vec::new(), capacity: None, versions: query() });
    }
    for (number, name) in
        ["recommendation-and-personalisation-service", "決済サービス基盤と台帳同期"].into_iter().enumerate()
    {
        workspace.services[number].id = name.into();
        workspace.services[number].owner = Some("the-team-with-the-very-long-name".into());
    }
    let mut state = board(workspace);
    let long = [("2026.11.24-rc.12+build.4711", 0.995), ("2026.11.25", 0.005)];
    let runs =
        running(&[("recommendation-and-personalisation-service", &long), ("ledger", &[("3.1.0", 1.0)])]);
    answer(&mut state, running_in("production"), Ok(Answer::Running(runs)));
    assert_screens("board-long", &state);
}

fn many() -> Workspace {
    let services = (0..500).map(|number: usize| Service {
        id: format!("service-{number:03}"),
        owner: Some(format!("team-{}", number % 40)),
        tier: Some((number % 4 + 1) as u8),
        depends_on: (1..4)
            .filter(|step| number >= step * 7)
            .map(|step| Dependency {
                service: format!("service-{:03}", number - step * 7),
                version: Some("^1.0".into()),
                kind: DependencyKind::Hard,
            })
            .collect(),
        ..Service::default()
    });
    Workspace { services: services.collect(), ..sample::workspace() }
}

fn many_answered() -> State {
    let mut state = board(many());
    let services = (0..500).map(|number: u32| {
        (format!("service-{number:03}"), shares(&[(format!("1.{}.0", number % 20).as_str(), 1.0)]))
    });
    let running = Running { services: services.collect(), ..Running::default() };
    answer(&mut state, running_in("staging"), Ok(Answer::Running(running.clone())));
    answer(&mut state, running_in("production"), Ok(Answer::Running(running)));
    state
}

#[test]
fn five_hundred_services_scrolled() {
    let mut state = many_answered();
    press(&mut state, &[Intent::Last, Intent::PageUp, Intent::PageUp, Intent::Up]);
    assert_screens("board-many", &state);
}

#[test]
fn only_what_is_on_screen_is_asked() {
    let mut state = many_answered();
    press(&mut state, &[Intent::Last]);
    state.feedback = crate::feedback(&state, state.size);
    let wanted = tminus::app::board::wanted(&state);
    let (_, rows) = state.feedback.list(ListId::Services).unwrap();
    let tags = wanted.iter().filter(|question| matches!(question, Question::Tags { .. })).count();
    assert_eq!(tags, rows);
    assert!(wanted.contains(&Question::Tags { service: "service-499".into() }));
}

#[test]
fn a_filter_that_nothing_holds() {
    let mut state = answered(board(sample::workspace()));
    state.board.filter = "no-such-thing".into();
    let shown = text(&draw(&state, (120, 40)));
    assert!(shown.contains("no service matches /no-such-thing"), "{shown}");
}

#[test]
fn no_size_and_no_face_panics() {
    let made: [fn() -> State; 3] =
        [|| answered(board(sample::workspace())), many_answered, || board(Workspace::default())];
    for make in made {
        let state = make();
        for inside in [false, true] {
            let mut state = state.clone();
            state.board.inside = inside;
            state.board.details_top = 7;
            for width in (60..210).step_by(13) {
                for height in (15..70).step_by(9) {
                    draw(&state, (width, height));
                }
            }
        }
    }
}

#[test]
fn a_click_on_a_neighbour_selects_it() {
    let mut state = answered(board(sample::workspace()));
    state.size = (120, 40);
    let shown = text(&draw(&state, state.size));
    state.feedback = crate::feedback(&state, state.size);
    let (y, row) = shown.lines().enumerate().find(|(_, row)| row.contains("[catalog")).unwrap();
    let x = row.chars().position(|c| c == '[').unwrap();
    let x =
        row.chars().collect::<String>().find("[catalog").map_or(x, |byte| row[..byte].chars().count()) + 2;
    let hit = *state.feedback.at(x as u16, y as u16).unwrap();
    update(&mut state, sample::now(), Message::Intent(hit.intent));
    assert_eq!(state.board.chosen.as_deref(), Some("catalog"));
    assert_eq!(state.release.as_deref(), Some("catalog-1.7"));
}

#[test]
fn a_workspace_made_from_a_repository() {
    let workspace = Workspace {
        name: "checkout".into(),
        environments: Vec::new(),
        services: vec![Service { id: "checkout".into(), ..Service::default() }],
        origin: tminus::domain::workspace::Origin::Git("/srv/checkout".into()),
        releases: Vec::new(),
        ..sample::workspace()
    };
    let mut state = board(workspace);
    let tags = vec![tag("v4.2.0", 2), tag("v4.1.3", 10)];
    answer(&mut state, Question::Tags { service: "checkout".into() }, Ok(Answer::Tags(tags)));
    let question = Question::Changes { service: "checkout".into(), from: Some("v4.2.0".into()), to: None };
    assert!(tminus::app::board::wanted(&state).contains(&question));
    answer(&mut state, question, Ok(Answer::Changes(changes(3))));
    assert_screens("board-repository", &state);
}

#[test]
fn a_click_on_an_environment_selects_it() {
    let mut state = answered(board(sample::workspace()));
    state.size = (120, 40);
    state.feedback = crate::feedback(&state, state.size);
    let header = text(&draw(&state, state.size)).lines().nth(2).unwrap().to_owned();
    let x = header[..header.find("staging").unwrap()].chars().count();
    let hit = *state.feedback.at(x as u16, 2).unwrap();
    update(&mut state, sample::now(), Message::Intent(hit.intent));
    assert_eq!(state.board.environment.as_deref(), Some("staging"));
}

#[test]
fn what_a_partial_answer_lacks_is_not_known() {
    let mut state = board(sample::workspace());
    let warnings = vec![Safe::new("shard 3 of 4 did not answer")];
    let running = Running { warnings, ..production() };
    answer(&mut state, running_in("production"), Ok(Answer::Running(running)));
    press(&mut state, &[Intent::Last, Intent::Up]);
    let shown = text(&draw(&state, (120, 40)));
    assert!(shown.contains("◌ not in a partial answer"), "{shown}");
    assert!(shown.contains("▲ shard 3 of 4 did not answer"), "{shown}");
    assert!(!shown.contains("not there"), "{shown}");
}
