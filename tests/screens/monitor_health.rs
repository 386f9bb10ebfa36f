//! Health checks in the monitor: passing, failing, not known, old; their history; running one.

use chrono::TimeDelta;
use tminus::app::monitor::{View, health};
use tminus::app::{Effect, Intent, Message, State, snapshot, update};
use tminus::domain::condition::Condition;
use tminus::domain::health::{CheckResult as Passed, HealthCheck, HttpProbe, Outcome, Probe, Target};
use tminus::domain::trigger::{Trigger, When};
use tminus::domain::{Failure, FailureKind, Question, Workspace};

use crate::monitor::{World, later, open_with, press, serve};
use crate::{assert_screens, draw, sample, text};

fn checks(workspace: &mut Workspace) {
    let check = |id: &str, title: &str, probe| HealthCheck {
        id: id.to_owned(),
        title: title.to_owned(),
        probe,
        environments: vec!["production".to_owned()],
        interval: TimeDelta::seconds(30),
        critical: true,
        data: false,
    };
    let http = Probe::Http(HttpProbe {
        url: "https://{{region}}.shop.example/health?v={{version}}".to_owned(),
        status: Vec::new(),
        timeout: TimeDelta::seconds(5),
        contains: None,
        redirects: false,
    });
    let query = Probe::Query {
        query: "abs(orders_total - ledger_total)".to_owned(),
        until: Condition::parse("< 5").unwrap(),
    };
    let command = Probe::Command { argv: vec!["./smoke".to_owned(), "--fast".to_owned()], timeout: None };
    workspace.services[0].health = vec![
        check("front", "front door", http),
        HealthCheck { critical: false, data: true, ..check("orders", "orders in the ledger", query) },
        HealthCheck { critical: false, ..check("smoke", "smoke test", command) },
    ];
}

/// What comes of a check in a world.
pub fn outcome(target: &Target, world: World) -> Result<Outcome, Failure> {
    let outcome =
        |passes, found: &str, milliseconds| Ok(Outcome { passes, found: found.into(), milliseconds });
    match (target.check.as_str(), world) {
        ("orders", World::Down) => {
            Err(Failure::new(FailureKind::Unreachable, "prometheus: refused the connection", "start it"))
        }
        ("orders", _) => outcome(true, "0, wanted < 5", 14),
        ("front", World::Failing) if target.region.as_deref() == Some("eu") => {
            outcome(false, "status 503, wanted 200 to 299", 871)
        }
        ("front", _) => outcome(true, "status 200", 48),
        _ => outcome(true, "ended with 0: 12 of 12", 2300),
    }
}

fn open() -> State {
    open_with(checks)
}

fn shown(worlds: &[World]) -> State {
    let mut state = open();
    serve(&mut state, sample::now(), worlds[0]);
    press(&mut state, Intent::ShowView(View::Health));
    for (index, world) in worlds.iter().enumerate() {
        serve(&mut state, later(31 * index as u64), *world);
    }
    state
}

#[test]
fn what_fails_stands_first_with_its_history_and_data_checks_stand_apart() {
    let state = shown(&[World::Canary, World::Canary, World::Failing, World::Failing]);
    assert_screens("monitor-health", &state);
    let screen = text(&draw(&state, (120, 40)));
    assert!(screen.contains("✖ fails") && screen.contains("2 times in a row: status 503"), "{screen}");
    let json = &snapshot::of(&state)["monitor"]["health"]["checks"];
    assert_eq!(json[0]["result"], "fails");
    assert_eq!(json[0]["region"], "eu");
    assert_eq!(json[0]["streak"], 2);
    assert_eq!(json[0]["history"].as_array().unwrap().len(), 4, "{}", json[0]);
    let rollout = tminus::app::monitor::selected(&state).unwrap();
    assert_eq!(health::result_of(&state, rollout, "front"), Some(Passed::Fails));
    assert_eq!(health::result_of(&state, rollout, "smoke"), Some(Passed::Unknown));
}

#[test]
fn loading_stale_and_unanswered_checks_never_pass() {
    let mut loading = open();
    press(&mut loading, Intent::ShowView(View::Health));
    assert_screens("monitor-health-loading", &loading);
    let mut down = shown(&[World::Canary, World::Canary]);
    for seconds in [70, 110, 150, 200, 260] {
        serve(&mut down, later(seconds), World::Down);
    }
    assert_screens("monitor-health-stale", &down);
    let screen = text(&draw(&down, (120, 40)));
    let row = screen.lines().find(|line| line.contains("orders in the ledger")).unwrap();
    assert!(row.contains("≈ stale"), "{screen}");
    let mut empty = open_with(|_| {});
    press(&mut empty, Intent::ShowView(View::Health));
    assert_screens("monitor-health-empty", &empty);
}

#[test]
fn a_program_runs_at_the_second_press_and_never_by_itself() {
    let mut state = shown(&[World::Canary]);
    let asked = |state: &State| {
        state.remotes.iter().any(|(question, _)| matches!(question, Question::HealthCommand(_)))
    };
    assert!(!asked(&state));
    let entries = health::listed(&state);
    let row = entries.iter().position(|entry| entry.target.check == "smoke").unwrap();
    press(&mut state, Intent::SelectRow(tminus::app::ListId::Health, row));
    let now = state.now;
    assert!(!update(&mut state, now, Message::Intent(Intent::RunCheck)).iter().any(is_program));
    assert!(state.notice.as_ref().unwrap().text.contains("./smoke --fast"), "{:?}", state.notice);
    // Looking elsewhere puts it away.
    press(&mut state, Intent::Last);
    press(&mut state, Intent::SelectRow(tminus::app::ListId::Health, row));
    assert!(!update(&mut state, now, Message::Intent(Intent::RunCheck)).iter().any(is_program));
    assert!(update(&mut state, now, Message::Intent(Intent::RunCheck)).iter().any(is_program));
}

#[test]
fn a_trigger_on_a_check_recommends_when_it_fails() {
    let advised = |world: World| {
        let mut state = open_with(|workspace| {
            checks(workspace);
            let when = When::Health("front".to_owned());
            let trigger = Trigger {
                id: "front".to_owned(),
                when,
                hold: TimeDelta::zero(),
                ..Trigger::default_of_service()
            };
            workspace.services[0].triggers = vec![trigger];
        });
        for seconds in [0, 5, 10] {
            serve(&mut state, later(seconds), world);
        }
        tminus::app::monitor::advice::foremost(&state).map(|advice| advice.key.service.clone())
    };
    assert_eq!(advised(World::Canary), None);
    assert_eq!(advised(World::Failing).as_deref(), Some("checkout"));
}

fn is_program(effect: &Effect) -> bool {
    matches!(effect, Effect::Ask { question: Question::HealthCommand(_), .. })
}

#[test]
fn a_critical_check_that_fails_fails_the_verdict_and_one_that_is_not_known_keeps_it_open() {
    use tminus::domain::judge::Verdict;
    let only = |critical: bool| {
        move |workspace: &mut Workspace| {
            checks(workspace);
            workspace.services[0].health.retain(|check| check.id != "smoke");
            for check in &mut workspace.services[0].health {
                check.critical = critical;
            }
            workspace.services[0].metrics.truncate(2);
            for metric in &mut workspace.services[0].metrics {
                metric.interval = Some(TimeDelta::seconds(30));
            }
        }
    };
    let judged = |state: &State| {
        let key = &tminus::app::monitor::selected(state).unwrap().key;
        tminus::app::monitor::judge::of(state, key).unwrap().assessment.verdict
    };
    // Its metrics are those of a canary that does well; only the check is of another world.
    let state =
        |critical: bool, checks: World| {
            let mut state = open_with(only(critical));
            for seconds in [0, 31, 32, 33] {
                crate::monitor::serve_by(&mut state, later(seconds), &|question| match question
                    .health_target()
                {
                    Some(_) => checks,
                    None => World::Canary,
                });
            }
            state
        };
    let well = state(true, World::Canary);
    let before = judged(&well);
    assert_eq!(before, Verdict::Healthy, "{}", snapshot::of(&well)["monitor"]["verdict"]);
    let failing = state(true, World::Failing);
    assert_eq!(judged(&failing), Verdict::Failing);
    assert_screens("monitor-health-verdict", &failing);
    for size in [(80, 24), (120, 40), (200, 60)] {
        let screen = text(&draw(&failing, size));
        assert!(screen.contains("✖ FAILING") && screen.contains("health check front"), "{size:?}\n{screen}");
    }
    let json = &snapshot::of(&failing)["monitor"]["verdict"];
    assert_eq!(
        (&json["verdict"], &json["health"][0]["result"]),
        (&"failing".into(), &"fails".into()),
        "{json}"
    );
    let marginal = state(false, World::Failing);
    assert_eq!(judged(&marginal), Verdict::Marginal, "{}", snapshot::of(&marginal)["monitor"]["verdict"]);
    // Nobody answers any more: what passed a while ago does not count.
    let mut silent = well;
    for seconds in [140, 150, 160] {
        crate::monitor::serve_by(&mut silent, later(seconds), &|question| match question.health_target() {
            Some(_) => World::Down,
            None => World::Canary,
        });
    }
    assert_eq!(judged(&silent), Verdict::Inconclusive);
}
