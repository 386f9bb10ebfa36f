//! The header, the status line, the windows over the panels.

use tminus::app::{Intent, Message, update};

use crate::{assert_screens, draw, sample, text};

#[test]
fn before_anything_was_read() {
    assert_screens("opening", &sample::opening());
}

#[test]
fn no_workspace_is_near() {
    assert_screens("welcome", &sample::with(tminus::domain::Workspace::default()));
}

#[test]
fn the_help_of_a_panel() {
    let mut state = sample::open();
    update(&mut state, sample::now(), Message::Intent(Intent::ShowHelp));
    assert_screens("help", &state);
}

#[test]
fn the_palette() {
    let mut state = sample::open();
    update(&mut state, sample::now(), Message::Intent(Intent::ShowPalette));
    assert_screens("palette", &state);
}

#[test]
fn a_terminal_too_small_is_told_so() {
    for size in [(1, 1), (20, 3), (59, 15), (60, 14)] {
        let shown = text(&draw(&sample::open(), size));
        assert!(size.0 < 20 || shown.contains("tminus needs"), "{shown}");
    }
}

#[test]
fn no_size_panics() {
    for width in (0..210).step_by(7) {
        for height in (0..70).step_by(3) {
            draw(&sample::open(), (width, height));
        }
    }
}

#[test]
fn ascii_is_ascii() {
    let mut state = sample::open();
    state.look.ascii = true;
    assert!(text(&draw(&state, (120, 40))).is_ascii());
}
