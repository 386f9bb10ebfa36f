//! The charts view: a grid, one large with a cursor and the last weeks, places compared, and every
//! way of not knowing.

use tminus::app::monitor::View;
use tminus::app::{Intent, Message, State, update};

use crate::monitor::{World, later, open, press, serve, view_of};
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
    assert!(shown.contains("difference +") && shown.contains("last weeks 0."), "{shown}");
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
    let shown = text(&draw(&state, (120, 40)));
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
