//! The header, the status line, the windows over the panels.

use tminus::app::{Intent, Message, update};
use tminus::domain::release::Exception;
use tminus::domain::window::WallTime;
use tminus::domain::{Window, WindowKind};

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

/// A freeze of everything that runs now.
#[expect(clippy::unwrap_used, reason = "a wrong time in a test should end it")]
fn freeze(id: &str, title: &str) -> Window {
    let local = |text: &str| WallTime::Local(text.parse().unwrap());
    Window {
        id: id.into(),
        kind: WindowKind::Freeze,
        title: title.into(),
        start: local("2026-11-25T12:00:00"),
        end: local("2026-11-27T06:00:00"),
        time_zone: chrono_tz::Tz::Europe__Berlin,
        repeat: None,
        environments: None,
        services: None,
        regions: None,
        allow: Vec::new(),
        hard: false,
        skip: Vec::new(),
        also: Vec::new(),
        uid: None,
        layer: None,
        branches: Vec::new(),
    }
}

fn broken_glass() -> tminus::domain::Workspace {
    let mut workspace = sample::workspace();
    workspace.windows = vec![freeze("month-end", "Month-end close")];
    workspace.releases[1].exceptions.push(Exception {
        window: "month-end".into(),
        reason: "CVE in the payment library".into(),
        by: "mira".into(),
        ticket: Some("SEC-77".into()),
        commits: Vec::new(),
        expires: sample::instant("2026-11-25T17:00:00Z"),
    });
    workspace
}

#[test]
fn an_exception_that_is_live_is_red_in_every_panel() {
    let mut state = sample::with(broken_glass());
    assert_screens("break-glass", &state);
    for panel in tminus::app::Panel::ALL {
        update(&mut state, sample::now(), Message::Intent(Intent::ShowPanel(panel)));
        update(&mut state, sample::now(), Message::Intent(Intent::ShowHelp));
        let shown = text(&draw(&state, (80, 24)));
        assert!(
            shown.contains("✖ BREAK-GLASS · Checkout 4.2 · until 18:00 CET · mira · SEC-77 · CVE"),
            "{shown}"
        );
    }
    update(&mut state, sample::at("2026-11-25T17:00:00Z"), Message::Tick);
    assert!(!text(&draw(&state, (80, 24))).contains("BREAK-GLASS"));
}

#[test]
fn a_stopped_line_comes_first_and_what_has_no_row_is_counted() {
    let mut workspace = broken_glass();
    workspace.windows.push(freeze("stop-the-line-20261125", "Checkout drops orders (mira)"));
    let mut another = workspace.releases[1].exceptions[0].clone();
    another.by = "jan".into();
    workspace.releases[0].exceptions.push(another);
    assert_screens("stopped", &sample::with(workspace));
}

#[test]
fn what_was_edited_is_listed_the_newest_first() {
    use tminus::domain::edit::Standing;
    let known = |number: u64, title: &str, file: &str, standing| tminus::domain::edit::Recorded {
        number,
        time: "2026-11-24T09:30:00Z".parse().unwrap(),
        title: title.to_owned(),
        file: file.to_owned(),
        standing,
        edit: tminus::domain::Edit::Restore {
            file: tminus::domain::PlanFile::Windows,
            title: title.to_owned(),
            now: number.to_string(),
            then: String::new(),
        },
    };
    let mut state = sample::open();
    let edits = vec![
        known(1, "move checkout-4.2, stage 1", "releases/checkout-4.2.toml", Standing::Stuck),
        known(2, "add freeze year-end", "windows.toml", Standing::Done),
        known(3, "edit checkout-4.2", "releases/checkout-4.2.toml", Standing::Undone),
    ];
    update(&mut state, sample::now(), Message::HistoryLoaded(edits));
    update(&mut state, sample::now(), Message::Intent(Intent::ShowEdits));
    assert_screens("edits", &state);
}
