//! The charts view: a grid, one large with a cursor and the last weeks, places compared, and every
//! way of not knowing.

use tminus::app::monitor::View;
use tminus::app::{Intent, Message, State, update};
use tminus::domain::{Metric, Question};

use crate::monitor::{World, later, open, open_with, press, serve, view_of};
use crate::{assert_screens, draw, sample, text};

/// The charts after these keys, with everything answered.
fn after(world: World, intents: &[Intent]) -> State {
    let mut state = view_of(View::Charts, world);
    // What is asked for depends on what fits.
    update(&mut state, sample::now(), Message::Resized(200, 60));
    serve(&mut state, sample::now(), world);
    for intent in intents {
        press(&mut state, *intent);
        serve(&mut state, sample::now(), world);
    }
    // What a frame shows does not depend on what was said last.
    state.notice = None;
    state
}

#[test]
fn every_metric_of_the_rollout_in_a_grid() {
    assert_screens("charts-grid", &after(World::Failing, &[]));
}

#[test]
fn one_large_with_the_last_weeks_and_values_read_off() {
    let keys = [Intent::ToggleBand, Intent::Open, Intent::CursorFarBack, Intent::CursorBack];
    let state = after(World::Failing, &keys);
    assert_screens("charts-large", &state);
    let shown = text(&draw(&state, (120, 40)));
    assert!(shown.contains(" points, ×") && shown.contains("last weeks 0."), "{shown}");
    let mut plain = state;
    plain.look.ascii = true;
    let shown = text(&draw(&plain, (120, 40)));
    assert!(shown.is_ascii() && shown.contains("limit") && shown.contains('|'), "{shown}");
}

#[test]
fn the_same_metric_at_other_places_on_one_scale() {
    assert_screens("charts-compare", &after(World::Failing, &[Intent::CompareChart]));
}

#[test]
fn a_pinned_chart_is_first_in_the_overview_too() {
    let mut state = after(World::Failing, &[Intent::Down, Intent::PinChart]);
    press(&mut state, Intent::ShowView(View::Overview));
    serve(&mut state, sample::now(), World::Failing);
    state.notice = None;
    assert_screens("charts-pinned", &state);
}

#[test]
fn nothing_is_known_yet() {
    // What runs is known, and no number yet.
    let mut state = open();
    press(&mut state, Intent::ShowView(View::Skew));
    serve(&mut state, sample::now(), World::Failing);
    press(&mut state, Intent::ShowView(View::Charts));
    update(&mut state, sample::now(), Message::Tick);
    let shown = text(&draw(&state, (120, 40)));
    assert!(shown.contains("loading …") && !shown.contains("1.94 %"), "{shown}");
}

#[test]
fn without_rollouts_or_without_prometheus_it_says_so() {
    let quiet = text(&draw(&after(World::Quiet, &[]), (120, 40)));
    assert!(quiet.contains("no rollout"), "{quiet}");
    let down = text(&draw(&after(World::Down, &[]), (120, 40)));
    assert!(down.contains("refused the connection"), "{down}");
}

#[test]
fn old_numbers_are_marked_old_and_read_off_as_old() {
    let mut state = after(World::Failing, &[Intent::CursorFarBack]);
    for seconds in [16, 40, 80, 140, 200] {
        serve(&mut state, later(seconds), World::Down);
    }
    let shown = text(&draw(&state, (200, 60)));
    assert!(shown.contains("≈ stale"), "{shown}");
    let values = shown.lines().find(|line| line.contains("difference")).unwrap_or_default();
    assert!(values.contains("4.2.0 ≈ "), "{values}");
}

#[test]
fn weeks_that_are_not_known_are_said() {
    let mut state = after(World::Failing, &[Intent::Open]);
    press(&mut state, Intent::ToggleBand);
    let shown = text(&draw(&state, (120, 40)));
    assert!(shown.contains("band: 0 of the last 3 weeks (loading …)"), "{shown}");
}

#[test]
fn no_size_panics() {
    for keys in [
        &[][..],
        &[Intent::Open, Intent::ToggleBand, Intent::CursorFarBack],
        &[Intent::CompareChart, Intent::PinChart],
    ] {
        for world in [World::Quiet, World::Failing, World::Busy, World::Down] {
            let mut state = after(world, keys);
            for width in (60..250).step_by(17) {
                for height in (15..70).step_by(6) {
                    state.size = (width, height);
                    draw(&state, (width, height));
                }
            }
        }
    }
}

/// Debug builds on a busy machine: a hang would take seconds, and the best of some tries does not.
const LONGEST_KEY: std::time::Duration = std::time::Duration::from_millis(300);

#[test]
fn a_thousand_series_do_not_stop_a_key() {
    let mut state = open_with(|workspace| {
        let checkout = workspace.services.iter_mut().find(|service| service.id == "checkout").unwrap();
        let like = checkout.metrics[0].clone();
        checkout.metrics = (0..500)
            .map(|number| Metric { name: format!("error rate {number:03}"), ..like.clone() })
            .collect();
        // All within one moment.
        for backend in &mut workspace.backends {
            backend.budget = Some(60_000);
        }
    });
    update(&mut state, sample::now(), Message::Resized(200, 60));
    press(&mut state, Intent::ShowView(View::Charts));
    for _ in 0..40 {
        serve(&mut state, sample::now(), World::Canary);
        press(&mut state, Intent::PageDown);
    }
    let is_known = |question: &Question| matches!(question, Question::Metric { .. });
    assert_eq!(state.remotes.iter().filter(|(question, _)| is_known(question)).count(), 1000);
    press(&mut state, Intent::First);
    let mut key = |intent| {
        let begun = std::time::Instant::now();
        press(&mut state, intent);
        draw(&state, (200, 60));
        begun.elapsed()
    };
    let quickest = [Intent::Down, Intent::Up, Intent::PageDown, Intent::PageUp, Intent::CursorBack]
        .into_iter()
        .cycle()
        .take(15)
        .map(&mut key)
        .min()
        .unwrap_or_default();
    assert!(quickest < LONGEST_KEY, "{quickest:?}");
}
