//! The rollback panel: the way back of a release, and every face of not knowing it.

#![expect(clippy::unwrap_used, reason = "what a test has built is there")]

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tminus::app::rollback::{Pane, Picked, RolloutId};
use tminus::app::{Effect, Intent, ListId, Message, Panel, State, snapshot, update};
use tminus::domain::playbook::{Done, QueryCondition, Step, Verify};
use tminus::domain::question::{Answer, Running, Tag, VersionShare};
use tminus::domain::release::Item;
use tminus::domain::{Failure, FailureKind, Now, Playbook, Question, Status, Workspace};

use crate::{assert_screens, draw, sample, text};

/// The sample workspace with a release of three services under way, and playbooks.
fn workspace() -> Workspace {
    let mut workspace = sample::workspace();
    for service in &mut workspace.services {
        service.repository = Some(format!("../{}", service.id));
    }
    for release in &mut workspace.releases {
        if release.id == "search-2.9" {
            release.status = Status::Completed;
        }
        if release.id == "checkout-4.2" {
            release.status = Status::InProgress;
            release.stages[1].start = sample::instant("2026-11-25T13:00:00Z");
            for (service, version) in [("web", "5.6.0"), ("ledger", "3.1.0")] {
                release.items.push(Item { service: service.into(), version: version.into() });
            }
        }
    }
    let mut before = workspace.releases[1].clone();
    before.id = "checkout-4.1".into();
    before.title = "Checkout 4.1".into();
    before.status = Status::Completed;
    before.items = vec![
        Item { service: "checkout".into(), version: "4.1.3".into() },
        Item { service: "web".into(), version: "5.5.2".into() },
    ];
    for stage in &mut before.stages {
        stage.start -= TimeDelta::days(14);
        stage.end -= TimeDelta::days(14);
    }
    workspace.releases.push(before);
    workspace.releases.sort_by(|a, b| a.id.cmp(&b.id));
    workspace.playbooks = vec![checkout(), ledger(), web()];
    for (service, playbook) in [("checkout", "checkout"), ("ledger", "ledger"), ("web", "web")] {
        let found = workspace.services.iter_mut().find(|found| found.id == service);
        found.unwrap().playbook = Some(playbook.into());
    }
    workspace
}

fn words(argv: &[&str]) -> Vec<String> {
    argv.iter().map(|word| (*word).to_owned()).collect()
}

fn minutes(minutes: i64) -> Option<TimeDelta> {
    Some(TimeDelta::minutes(minutes))
}

fn condition(name: &str, query: &str, until: &str) -> QueryCondition {
    QueryCondition {
        name: name.into(),
        query: query.into(),
        until: until.into(),
        hold: minutes(2),
        timeout: minutes(10),
    }
}

fn checkout() -> Playbook {
    let errors =
        "sum(rate(http_requests_total{service=\"{{service}}\",env=\"{{environment}}\",code=~\"5..\"}[1m]))";
    Playbook {
        id: "checkout".into(),
        title: "Bring checkout back".into(),
        service: Some("checkout".into()),
        target: minutes(10),
        steps: vec![
            Step {
                id: "abort".into(),
                title: "Stop sending traffic to the canary".into(),
                run: words(&["kubectl", "argo", "rollouts", "abort", "{{service}}", "-n", "{{environment}}"]),
                timeout: minutes(2),
                repeatable: true,
                verify: Some(Verify::Query(condition("", errors, "< 0.01"))),
                ..Step::default()
            },
            Step {
                id: "image".into(),
                title: "Put the old image back and say why".into(),
                run: words(&[
                    "kubectl",
                    "set",
                    "image",
                    "deployment/{{service}}",
                    "{{service}}=registry.example.com/storefront/{{service}}:{{previous}}",
                    "-n",
                    "{{environment}}",
                    "--annotation=reason=back from {{version}} ({{release}})",
                ]),
                timeout: minutes(5),
                repeatable: true,
                verify: Some(Verify::Run {
                    run: words(&["kubectl", "rollout", "status", "deployment/{{service}}"]),
                    timeout: minutes(5),
                }),
                ..Step::default()
            },
        ],
        done: Done {
            queries: vec![condition("error rate back to baseline", errors, "< 0.01")],
            versions: true,
        },
    }
}

fn ledger() -> Playbook {
    Playbook {
        id: "ledger".into(),
        title: "Bring ledger back".into(),
        service: Some("ledger".into()),
        target: minutes(60),
        steps: vec![
            Step {
                id: "column".into(),
                title: "Put the old column back".into(),
                manual: true,
                no_return: true,
                ..Step::default()
            },
            Step {
                id: "back".into(),
                title: "Deploy the version before".into(),
                run: words(&["./deploy", "{{service}}", "{{previous}}", "--region", "{{region}}"]),
                timeout: minutes(15),
                ..Step::default()
            },
        ],
        done: Done { queries: vec![], versions: true },
    }
}

fn web() -> Playbook {
    Playbook {
        id: "web".into(),
        title: "Bring web back".into(),
        service: Some("web".into()),
        target: minutes(5),
        steps: vec![Step {
            id: "undo".into(),
            title: "Undo the rollout".into(),
            run: words(&["kubectl", "argo", "rollouts", "undo", "web", "-n", "{{environment}}"]),
            timeout: minutes(3),
            repeatable: true,
            verify: Some(Verify::Query(condition("", "up{version=\"{{version}}\"}", "== 0"))),
            ..Step::default()
        }],
        done: Done { queries: vec![], versions: true },
    }
}

fn running() -> Running {
    let one = |version: &str| vec![VersionShare { version: version.into(), share: 1.0 }];
    let two = |new: &str, old: &str| {
        vec![
            VersionShare { version: new.into(), share: 0.25 },
            VersionShare { version: old.into(), share: 0.75 },
        ]
    };
    let services = [
        ("checkout", two("4.2.0", "4.1.3")),
        ("web", one("5.6.0")),
        ("ledger", one("3.1.0")),
        ("payments", one("8.0.1")),
        ("catalog", two("1.7.0-rc.1", "1.6.9")),
        ("search", one("2.9.0")),
    ];
    Running {
        services: services.into_iter().map(|(service, shares)| (service.to_owned(), shares)).collect(),
        ..Running::default()
    }
}

fn tags() -> Vec<Tag> {
    [("v3.1.0", "2026-11-20T10:00:00Z"), ("v3.0.8", "2026-10-12T10:00:00Z")]
        .map(|(name, at)| Tag { name: name.into(), at: sample::instant(at), subject: "".into() })
        .into()
}

/// The panel on a workspace, with what answers.
fn open(workspace: Workspace, mut answer: impl FnMut(&Question) -> Option<Result<Answer, Failure>>) -> State {
    let mut state = sample::opening();
    state.panel = Panel::Rollback;
    let loaded = Message::WorkspaceLoaded(Arc::new(workspace), Vec::new());
    play(&mut state, sample::now(), loaded, &mut answer);
    state
}

fn play(
    state: &mut State,
    now: Now,
    message: Message,
    answer: &mut dyn FnMut(&Question) -> Option<Result<Answer, Failure>>,
) {
    let mut effects = update(state, now, message);
    while let Some(effect) = effects.pop() {
        if let Effect::Ask { question, generation } = effect
            && let Some(result) = answer(&question)
        {
            effects.extend(update(state, now, Message::Answered { question, generation, result }));
        }
    }
}

/// The panel with all that it asks answered.
pub fn answered() -> State {
    open(workspace(), answers)
}

fn answers(question: &Question) -> Option<Result<Answer, Failure>> {
    match question {
        Question::Running { environment } if environment == "production" => {
            Some(Ok(Answer::Running(running())))
        }
        Question::Running { .. } => Some(Ok(Answer::Running(Running::default()))),
        Question::Tags { service } if service == "ledger" => Some(Ok(Answer::Tags(tags()))),
        Question::Tags { .. } => Some(Ok(Answer::Tags(Vec::new()))),
        _ => None,
    }
}

fn down(question: &Question) -> Option<Result<Answer, Failure>> {
    match question {
        Question::Running { .. } => Some(Err(Failure::new(
            FailureKind::Unreachable,
            "prometheus: http://localhost:9090: connection refused",
            "see that it runs, and that the address is right",
        ))),
        other => answers(other),
    }
}

fn press(state: &mut State, intents: &[Intent]) {
    for intent in intents {
        // What the frame drawn before learned counts, as in the cockpit.
        let mut buffer = ratatui::buffer::Buffer::empty(ratatui::layout::Rect::new(0, 0, 120, 40));
        let keymap = tminus::input::Keymap::default();
        state.feedback = tminus::view::draw(state, &tminus::theme::default_theme(), &keymap, &mut buffer);
        let now = state.now;
        play(state, now, Message::Intent(*intent), &mut answers);
    }
}

#[test]
fn the_way_back_of_several_services() {
    let mut state = open(workspace(), answers);
    assert_screens("rollback-list", &state);
    press(&mut state, &[Intent::Open, Intent::Down, Intent::Down, Intent::Down]);
    assert_screens("rollback-plan", &state);
}

#[test]
fn the_end_of_a_long_plan() {
    let mut state = open(workspace(), answers);
    press(&mut state, &[Intent::Open, Intent::Last]);
    assert_screens("rollback-plan-end", &state);
}

#[test]
fn no_release() {
    let workspace = Workspace { releases: Vec::new(), ..workspace() };
    assert_screens("rollback-none", &open(workspace, answers));
}

#[test]
fn a_release_that_goes_nowhere() {
    let mut workspace = workspace();
    workspace.releases.retain(|release| release.id == "checkout-4.2");
    workspace.releases[0].stages.clear();
    let mut state = open(workspace, answers);
    press(&mut state, &[Intent::Open]);
    assert_screens("rollback-no-stage", &state);
}

#[test]
fn what_runs_is_not_known_yet() {
    let mut state = open(workspace(), |_| None);
    press(&mut state, &[]);
    state.rollback.pane = Pane::Plan;
    assert_screens("rollback-loading", &state);
}

#[test]
fn what_runs_cannot_be_asked() {
    let mut state = open(workspace(), down);
    state.rollback.pane = Pane::Plan;
    assert_screens("rollback-failing", &state);
}

#[test]
fn what_runs_is_old() {
    let mut state = open(workspace(), answers);
    let later = Now {
        wall: sample::now().wall + TimeDelta::minutes(14),
        mono: sample::now().mono + Duration::from_mins(14),
    };
    play(&mut state, later, Message::Tick, &mut down);
    state.rollback.pane = Pane::Plan;
    let shown = text(&draw(&state, (120, 40)));
    assert!(shown.contains("≈ 14 m") && !shown.contains("● seen"), "{shown}");
    assert_screens("rollback-stale", &state);
}

#[test]
fn nobody_can_say_what_runs() {
    let mut workspace = workspace();
    for environment in &mut workspace.environments {
        environment.versions = None;
    }
    let mut state = open(workspace, answers);
    state.rollback.pane = Pane::Plan;
    assert_screens("rollback-no-source", &state);
    let asked = state.remotes.iter().any(|(question, _)| matches!(question, Question::Running { .. }));
    assert!(!asked, "a question that cannot be answered was asked");
}

#[test]
fn playbooks_are_missing() {
    let mut workspace = workspace();
    workspace.playbooks.remove(0);
    workspace.services.iter_mut().find(|service| service.id == "web").unwrap().playbook = None;
    workspace.playbooks.pop();
    let mut state = open(workspace, answers);
    state.rollback.pane = Pane::Plan;
    assert_screens("rollback-no-playbook", &state);
}

#[test]
fn a_rollout_that_no_release_knows() {
    let mut state = open(workspace(), answers);
    let rollout = RolloutId { environment: "production".into(), service: "catalog".into() };
    press(&mut state, &[Intent::Down]);
    assert_eq!(state.rollback.rollout, Some(Picked { rollout, beside: None }));
    press(&mut state, &[Intent::Open]);
    assert_screens("rollback-rollout", &state);
    // The calendar's choice wins over an older one here.
    state.release = Some("search-2.9".into());
    assert!(text(&draw(&state, (120, 40))).contains("Back from search 2.9.0"));
}

#[test]
fn the_exact_command_is_what_is_copied() {
    let mut state = open(workspace(), answers);
    press(&mut state, &[Intent::Open]);
    let mut copied = Vec::new();
    for _ in 0..30 {
        press(&mut state, &[Intent::Down]);
        copied.extend(tminus::app::rollback::selected_text(&state));
    }
    copied.dedup();
    let line = "kubectl set image deployment/checkout checkout=registry.example.com/storefront/checkout:4.1.3 \
                -n production '--annotation=reason=back from 4.2.0 (checkout-4.2)'";
    assert!(copied.iter().any(|text| text == line), "{copied:#?}");
}

#[test]
fn places_go_round() {
    let mut state = open(workspace(), answers);
    let mut seen = Vec::new();
    for _ in 0..4 {
        let shown = snapshot::of(&state);
        let plan = &shown["rollback"]["plan"];
        seen.push(format!("{} {}", plan["environment"], plan["region"]).replace('"', ""));
        press(&mut state, &[Intent::NextEnvironment]);
    }
    assert_eq!(seen, ["production eu", "production us", "staging null", "production eu"]);
}

#[test]
fn the_plan_is_had_as_json() {
    let state = open(workspace(), answers);
    let shown = snapshot::of(&state);
    let plan = &shown["rollback"]["plan"];
    let order: Vec<Vec<&str>> = plan["waves"]
        .as_array()
        .unwrap()
        .iter()
        .map(|wave| wave.as_array().unwrap().iter().filter_map(|going| going["service"].as_str()).collect())
        .collect();
    assert_eq!(order, [vec!["web"], vec!["checkout"], vec!["ledger"]]);
    assert_eq!(plan["waves"][1][0]["to"], "4.1.3");
    assert_eq!(plan["waves"][2][0]["to_source"]["tag"], "v3.0.8");
    assert_eq!(plan["barriers"][0]["step"], "column");
    assert_eq!(plan["running"]["known"], "fresh");
    assert_eq!(plan["estimate"], serde_json::Value::Null, "a step without a timeout has no bound");
}

#[test]
fn only_what_is_shown_is_asked() {
    let mut asked = Vec::new();
    // Releases that arrived are watched whatever the panel: what ran and alerts are asked for that,
    // and silences, so that one that outlasts its deployment is spoken of.
    let is_everybodys = |question: &Question| {
        matches!(
            question,
            Question::Identity { .. }
                | Question::RunningHistory { .. }
                | Question::Alerts { .. }
                | Question::Silences { .. }
        )
    };
    open(workspace(), |question| {
        if !is_everybodys(question) {
            asked.push(question.clone());
        }
        answers(question)
    });
    asked.sort();
    asked.dedup();
    let running = |environment: &str| Question::Running { environment: environment.into() };
    let tags = |service: &str| Question::Tags { service: service.into() };
    assert_eq!(
        asked,
        [tags("checkout"), tags("ledger"), tags("web"), running("production"), running("staging")]
    );
}

#[test]
fn a_click_and_the_wheel_choose() {
    let mut state = open(workspace(), answers);
    press(&mut state, &[Intent::SelectRow(ListId::Backouts, 2)]);
    assert_eq!(state.release.as_deref(), Some("search-2.9"));
    press(&mut state, &[Intent::ScrollList(ListId::Backouts, -3)]);
    assert_eq!(state.release.as_deref(), Some("checkout-4.2"));
    press(&mut state, &[Intent::SelectRow(ListId::Plan, 1), Intent::Back]);
    assert_eq!(state.rollback.pane, Pane::List);
}

#[test]
fn a_filter_keeps_the_plan_and_shortens_the_list() {
    let mut state = open(workspace(), answers);
    state.set_filter("SEARCH comp".into());
    let shown = text(&draw(&state, (120, 40)));
    assert!(shown.contains("search-2.9") || shown.contains("Search 2.9"), "{shown}");
    assert!(!shown.contains("Catalog 1.7"), "{shown}");
    state.set_filter("nothing like it".into());
    assert!(text(&draw(&state, (120, 40))).contains("nothing matches"));
}
