//! Error budgets in the monitor: quiet, burning, not known, old, and the line in the overview.

use tminus::app::monitor::View;
use tminus::app::{Intent, State, snapshot};
use tminus::domain::burn::{Part, Rates, Window};
use tminus::domain::question::Burned;
use tminus::domain::service::Slo;

use crate::monitor::{World, later, open_with, press, serve};
use crate::{assert_screens, draw, sample, text};

fn open() -> State {
    open_with(|workspace| {
        for (index, objective) in [(0, 99.97), (1, 99.95), (2, 99.5), (3, 90.0), (4, 99.0)] {
            let (errors, total) = ("errors[{{window}}]".to_owned(), "total[{{window}}]".to_owned());
            workspace.services[index].slo = Some(Slo { objective, window_days: 30.0, errors, total });
        }
    })
}

/// How many requests fail: checkout burns where the world fails, ledger lost its budget earlier,
/// catalog cannot page, and nobody counts search's errors.
pub fn burned(service: &str, part: Part, world: World) -> Burned {
    let failing = world == World::Failing && service == "checkout";
    let share = |window: Window| match (service, window) {
        ("checkout", Window::Minutes5) if failing => 0.0062,
        ("checkout", Window::Minutes30) if failing => 0.0055,
        ("checkout", Window::Hour1) if failing => 0.0046,
        ("checkout", Window::Hours2 | Window::Hours6) if failing => 0.0012,
        ("checkout", _) => 0.000_12,
        ("ledger", Window::Period) => 0.0058,
        ("ledger", _) => 0.001,
        _ => 0.0002,
    };
    let rates = |window: Window| match (service, window) {
        ("search", _) => Rates { errors: None, total: Some(40.0) },
        // A night with hardly a request.
        ("payments", Window::Minutes5) => Rates { errors: Some(0.0), total: Some(0.1) },
        _ => Rates { errors: Some(900.0 * share(window)), total: Some(900.0) },
    };
    let readings = part.windows().iter().map(|window| (*window, rates(*window)));
    Burned { readings: readings.collect(), warnings: Vec::new(), recorded: None }
}

fn shown(world: World) -> State {
    let mut state = open();
    serve(&mut state, sample::now(), world);
    press(&mut state, Intent::ShowView(View::Burn));
    serve(&mut state, sample::now(), world);
    state
}

#[test]
fn what_burns_stands_first_and_says_what_of_it_the_release_causes() {
    let state = shown(World::Failing);
    assert_screens("monitor-burn", &state);
    let screen = text(&draw(&state, (120, 40)));
    assert!(screen.contains("✖ checkout"), "{screen}");
    assert!(screen.contains("of 20.7 from this release"), "{screen}");
    let json = &snapshot::of(&state)["monitor"]["burn"]["services"];
    assert_eq!(json[0]["service"], "checkout");
    assert_eq!(json[0]["standing"], "page");
    assert_eq!(json[0]["rows"][0]["state"], "fires");
    assert!(json[0]["release"]["burn"].as_f64().unwrap() > 0.0, "{json}");
    let mut plain = state;
    plain.look.ascii = true;
    let screen = text(&draw(&plain, (120, 40)));
    assert!(screen.contains("x checkout"), "{screen}");
}

#[test]
fn loading_stale_and_failing_are_never_quiet() {
    let mut loading = open();
    press(&mut loading, Intent::ShowView(View::Burn));
    assert_screens("monitor-burn-loading", &loading);
    let mut stale = shown(World::Quiet);
    for seconds in [70, 130, 200, 270] {
        serve(&mut stale, later(seconds), World::Down);
    }
    assert_screens("monitor-burn-stale", &stale);
    let down = text(&draw(&shown(World::Down), (120, 40)));
    let rows: Vec<&str> = down.lines().filter(|line| line.contains("checkout")).collect();
    assert!(!rows.is_empty() && rows.iter().all(|row| !row.contains('●')), "{down}");
    assert!(down.contains("◌ checkout not known") && down.contains("refused the connection"), "{down}");
}

#[test]
fn without_an_objective_the_view_says_how_to_write_one() {
    let mut state = open_with(|_| {});
    press(&mut state, Intent::ShowView(View::Burn));
    assert_screens("monitor-burn-empty", &state);
}

#[test]
fn the_overview_carries_one_line_for_the_selected_rollouts_service() {
    let mut state = open();
    serve(&mut state, sample::now(), World::Failing);
    let screen = text(&draw(&state, (120, 40)));
    assert!(screen.contains("✖ burn 1 h 15.3 fires"), "{screen}");
    assert_screens("monitor-burn-line", &state);
    let json = snapshot::of(&state);
    assert_eq!(json["monitor"]["error_budget"]["standing"], "page", "{json}");
}

#[test]
fn keys_choose_a_service_and_lead_to_its_rollout() {
    let mut state = shown(World::Failing);
    press(&mut state, Intent::Down);
    assert!(state.monitor.burn.service.is_some());
    press(&mut state, Intent::First);
    assert_eq!(state.monitor.burn.service.as_deref(), Some("checkout"));
    press(&mut state, Intent::Open);
    assert_eq!(state.monitor.view, View::Overview);
}
