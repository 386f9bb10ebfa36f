//! Silences that outlast what they were made for are spoken of, once.

use chrono::TimeDelta;

use super::*;
use crate::domain::Stage;
use crate::domain::question::{Silence, SilenceState};
use crate::domain::silence::Matcher;

fn silence(id: &str, comment: &str, state: SilenceState) -> Silence {
    Silence {
        id: id.into(),
        matchers: vec![Matcher::equal("service", "cart")],
        starts: at(-40),
        ends: at(200),
        by: "mira".into(),
        comment: comment.into(),
        state,
    }
}

fn ours(id: &str, release: &str) -> Silence {
    silence(id, &format!("noise [tminus:{release}/0]"), SilenceState::Active)
}

fn told(state: &mut crate::app::State, silences: Vec<Silence>) {
    answer(state, &Question::Silences { backend: "am".into() }, Ok(Answer::Silences(silences)));
}

/// Both releases have a stage that goes on until three hours from now, and so they are.
fn with_status(state: &mut crate::app::State, cart: Status, mail: Status) {
    let mut workspace = workspace();
    for (release, status) in workspace.releases.iter_mut().zip([cart, mail]) {
        release.status = status;
        release.stages = vec![Stage {
            environment: "production".into(),
            region: None,
            start: at(-60),
            end: at(180),
            time_zone: Tz::UTC,
            strategy: None,
            steps: Vec::new(),
            soak: None,
        }];
    }
    let now = state.now;
    update(state, now, Message::WorkspaceLoaded(Arc::new(workspace), Vec::new()));
}

fn going_on() -> crate::app::State {
    let mut state = open();
    state.panel = Panel::Calendar;
    with_status(&mut state, Status::Planned, Status::Planned);
    told(
        &mut state,
        vec![
            ours("1", "cart-2"),
            ours("2", "cart-2"),
            ours("3", "mail-5"),
            silence("4", "a disk is moved", SilenceState::Active),
            silence("5", "noise [tminus:cart-2/0]", SilenceState::Expired),
        ],
    );
    state
}

fn said(state: &crate::app::State) -> Option<&str> {
    state.notice.as_ref().map(|notice| notice.text.as_str())
}

/// Seconds pass, long enough for what was said to go.
fn wait(state: &mut crate::app::State, seconds: i64) {
    let then = Now {
        wall: state.now.wall + TimeDelta::seconds(seconds),
        mono: state.now.mono + Duration::from_secs(seconds.cast_unsigned()),
    };
    update(state, then, Message::Tick);
}

const CART: &str = "2 silences of cart-2 still hold: E in the monitor ends them (the release is completed)";

#[test]
fn silences_of_a_release_that_is_over_are_spoken_of_once_whatever_the_panel() {
    for panel in Panel::ALL {
        let mut state = going_on();
        state.panel = panel;
        assert_eq!(said(&state), None, "it goes on");
        with_status(&mut state, Status::Completed, Status::Planned);
        assert_eq!(said(&state), Some(CART));
        wait(&mut state, 7);
        assert_eq!(said(&state), None, "once");
        with_status(&mut state, Status::Completed, Status::RolledBack);
        let mail = "1 silence of mail-5 still holds: E in the monitor ends it (the release is rolled-back)";
        assert_eq!(said(&state), Some(mail));
        wait(&mut state, 7);
        assert_eq!(said(&state), None);
    }
}

#[test]
fn it_waits_for_what_else_is_said_and_for_windows() {
    let mut state = going_on();
    state.say(Tone::Done, "saved");
    with_status(&mut state, Status::Completed, Status::Planned);
    assert_eq!(said(&state), Some("saved"));
    press(&mut state, Intent::ShowHelp);
    wait(&mut state, 7);
    assert_eq!(said(&state), None);
    press(&mut state, Intent::Back);
    assert_eq!(said(&state), Some(CART));
}

#[test]
fn who_ends_them_or_sees_the_offer_is_not_told() {
    for view in [View::Overview, View::Alerts] {
        let mut state = going_on();
        state.panel = Panel::Monitor;
        state.monitor.view = view;
        if view == View::Overview {
            state.release = Some("cart-2".into());
            press(&mut state, Intent::EndSilences);
            assert_eq!(state.overlays.len(), 1, "{:?}", state.notice);
            press(&mut state, Intent::Back);
        }
        with_status(&mut state, Status::Completed, Status::Planned);
        assert_eq!(said(&state), None, "{view:?}");
        state.panel = Panel::Calendar;
        wait(&mut state, 1);
        assert_eq!(said(&state), None, "{view:?}");
    }
}

#[test]
fn what_is_not_freshly_known_is_not_said_to_hold() {
    let mut state = going_on();
    wait(&mut state, 95);
    with_status(&mut state, Status::Completed, Status::Planned);
    assert_eq!(said(&state), None);
    told(&mut state, vec![ours("1", "cart-2"), ours("2", "cart-2")]);
    assert_eq!(said(&state), Some(CART));
}

#[test]
fn silences_are_asked_for_whatever_the_panel_while_one_of_ours_can_hold() {
    let question = Question::Silences { backend: "am".into() };
    let mut state = going_on();
    assert!(crate::app::polling::wanted(&state).contains(&question));
    wait(&mut state, 181 * 60);
    assert!(!crate::app::polling::wanted(&state).contains(&question));
}
