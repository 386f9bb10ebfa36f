//! A stage is picked up, moved, put down, saved, and taken back.

use super::*;

fn to(state: &App) -> (String, String) {
    let moving = state.calendar.moving.as_ref().unwrap();
    let local =
        |time: DateTime<Utc>| time.with_timezone(&moving.hand.time_zone).format("%d %H:%M %Z").to_string();
    (local(moving.hand.to.0), local(moving.hand.to.1))
}

#[test]
fn two_o_clock_stays_two_o_clock_over_a_clock_change() {
    let mut state = open(planned("2027-03-25T13:00:00Z", 2), "2027-03-25T08:00:00Z");
    press(&mut state, &[Intent::MoveStage, Intent::NextPeriod]);
    assert_eq!(to(&state), ("01 14:00 CEST".into(), "01 16:00 CEST".into()));
    let effects = press(&mut state, &[Intent::Open]);
    let (_, edit) = saved(&effects).unwrap();
    let Edit::MoveStage { from, to, .. } = edit else { panic!("{edit:?}") };
    assert_eq!(to.0 - from.0, TimeDelta::hours(7 * 24 - 1));
}

#[test]
fn a_skipped_time_is_jumped_over_and_said() {
    // 02:30 on Saturday; clocks go forward on Sunday the 28th.
    let mut state = open(planned("2027-03-27T01:30:00Z", 2), "2027-03-26T08:00:00Z");
    press(&mut state, &[Intent::MoveStage, Intent::Right]);
    assert_eq!(to(&state), ("28 03:00 CEST".into(), "28 04:30 CEST".into()));
    let notice = state.calendar.moving.as_ref().unwrap().notice.clone().unwrap();
    assert!(notice.contains("02:30 does not occur in Europe/Berlin"), "{notice}");
    press(&mut state, &[Intent::Right]);
    assert_eq!(to(&state), ("29 02:30 CEST".into(), "29 04:30 CEST".into()));
    press(&mut state, &[Intent::Left, Intent::Up]);
    assert_eq!(to(&state).0, "28 01:45 CET");
    press(&mut state, &[Intent::Down]);
    assert_eq!(to(&state).0, "28 03:00 CEST");
}

#[test]
fn a_time_that_occurs_twice_is_the_earlier_and_said() {
    let mut state = open(planned("2026-10-24T00:30:00Z", 1), "2026-10-23T08:00:00Z");
    press(&mut state, &[Intent::MoveStage, Intent::Right]);
    assert_eq!(to(&state).0, "25 02:30 CEST");
    let moving = state.calendar.moving.as_ref().unwrap();
    assert!(moving.notice.as_ref().unwrap().contains("occurs twice"));
}

#[test]
fn a_stage_is_lengthened_but_never_to_nothing() {
    let mut state = open(planned("2026-11-25T13:00:00Z", 1), "2026-11-25T08:00:00Z");
    press(&mut state, &[Intent::MoveStage, Intent::Lengthen]);
    assert_eq!(to(&state).1, "25 15:15 CET");
    press(&mut state, &[Intent::Shorten; 9]);
    assert_eq!(to(&state), ("25 14:00 CET".into(), "25 14:15 CET".into()));
}

#[test]
fn what_was_put_down_is_unsaved_until_the_files_say_so() {
    let workspace = planned("2026-11-25T13:00:00Z", 2);
    let mut state = open(workspace.clone(), "2026-11-25T08:00:00Z");
    let effects = press(&mut state, &[Intent::MoveStage, Intent::PageDown, Intent::Open]);
    let (number, edit) = saved(&effects).unwrap();
    assert_eq!(state.calendar.placed.len(), 1);
    let now = state.now;
    let inverse = edit.clone();
    update(&mut state, now, Message::EditSaved { number, inverse, notices: Vec::new() });
    assert_eq!(state.calendar.placed.len(), 1);
    let mut moved = workspace;
    moved.releases[0].stages[0].start += TimeDelta::hours(1);
    moved.releases[0].stages[0].end += TimeDelta::hours(1);
    load(&mut state, moved);
    assert_eq!(state.calendar.placed, []);
}

#[test]
fn a_refused_move_is_not_shown_any_more() {
    let mut state = open(planned("2026-11-25T13:00:00Z", 2), "2026-11-25T08:00:00Z");
    let effects = press(&mut state, &[Intent::MoveStage, Intent::PageDown, Intent::Open]);
    let (number, _) = saved(&effects).unwrap();
    let now = state.now;
    update(&mut state, now, Message::EditFailed { number, why: "the disk is full".into() });
    assert_eq!(state.calendar.placed, []);
}

#[test]
fn leaving_it_or_not_moving_it_saves_nothing() {
    let mut state = open(planned("2026-11-25T13:00:00Z", 2), "2026-11-25T08:00:00Z");
    assert_eq!(saved(&press(&mut state, &[Intent::MoveStage, Intent::PageDown, Intent::Back])), None);
    assert_eq!(saved(&press(&mut state, &[Intent::MoveStage, Intent::Open])), None);
    assert_eq!(state.calendar.moving, None);
}

#[test]
fn what_cannot_be_moved_says_why() {
    for (status, word) in [
        (Status::Completed, "completed"),
        (Status::Cancelled, "cancelled"),
        (Status::RolledBack, "rolled back"),
    ] {
        let mut workspace = planned("2026-11-25T13:00:00Z", 2);
        workspace.releases[0].status = status;
        let mut state = open(workspace, "2026-11-25T08:00:00Z");
        press(&mut state, &[Intent::Left, Intent::Right, Intent::MoveStage]);
        assert_eq!(state.calendar.moving, None);
        assert!(state.notice.as_ref().unwrap().text.contains(word), "{:?}", state.notice);
    }
    let mut workspace = planned("2026-11-25T13:00:00Z", 2);
    workspace.origin = Origin::Git("/w".into());
    let mut state = open(workspace, "2026-11-25T08:00:00Z");
    press(&mut state, &[Intent::MoveStage]);
    assert_eq!(state.calendar.moving, None);
    assert!(state.notice.as_ref().unwrap().text.contains("read-only"));
}

#[test]
fn what_is_no_stage_names_the_keys_that_help() {
    let mut workspace = planned("2026-11-25T13:00:00Z", 2);
    workspace.windows.push(samples::window("year-end", WindowKind::Freeze));
    let mut state = open(workspace, "2026-11-25T08:00:00Z");
    let at = utc("2026-11-20T08:00:00Z");
    for (selected, keys) in [
        (Selected::Window { window: "year-end".into(), start: at }, ["its form, e", "Del"]),
        (Selected::Tag { service: "a".into(), name: "v1".into(), at }, ["n plans", "Enter"]),
        (
            Selected::Version {
                reference: crate::domain::release::TrackerRef::parse("jira:PAY/4.2").unwrap(),
            },
            ["i plans it", "tracker"],
        ),
    ] {
        for intent in [
            Intent::MoveStage,
            Intent::MoveRelease,
            Intent::CopyRelease,
            Intent::SplitStage,
            Intent::FindSlots,
        ] {
            state.calendar.selected = Some(selected.clone());
            state.notice = None;
            press(&mut state, &[intent]);
            let said = &state.notice.as_ref().unwrap().text;
            assert!(keys.iter().all(|key| said.contains(key)), "{intent:?}: {said}");
        }
    }
}

#[test]
fn a_stage_that_changes_under_the_hand_is_let_go() {
    let mut state = open(planned("2026-11-25T13:00:00Z", 2), "2026-11-25T08:00:00Z");
    press(&mut state, &[Intent::MoveStage, Intent::Right]);
    load(&mut state, planned("2026-11-25T15:00:00Z", 2));
    assert_eq!(state.calendar.moving, None);
}

/// What is saved, by number, and what would take it back.
fn on_disk(state: &mut App, number: u64, inverse: Edit) -> Vec<Effect> {
    let now = state.now;
    update(state, now, Message::EditSaved { number, inverse, notices: Vec::new() })
}

#[test]
fn what_is_taken_back_before_it_is_on_disk_waits_for_it_and_for_nothing_else() {
    let mut state = open(planned("2026-11-25T13:00:00Z", 2), "2026-11-25T08:00:00Z");
    let back = |hours| Edit::MoveRelease { release: "r".into(), by: TimeDelta::hours(hours) };
    // One edit is on disk, a second one on its way there.
    let now = state.now;
    let edit = |state: &mut App, hours| {
        let effects = update(state, now, Message::FileEdited(back(hours)));
        saved(&effects).unwrap().0
    };
    let first = edit(&mut state, 1);
    on_disk(&mut state, first, back(-1));
    let second = edit(&mut state, 2);
    // Taken back at once, and then the one before it too, and that done again.
    for intent in [Intent::Undo, Intent::Undo, Intent::Redo] {
        assert_eq!(saved(&press(&mut state, &[intent])), None, "{intent:?} would take the first one");
    }
    // Each waits for the one before it, and takes what was meant.
    let mut number = second;
    let mut inverse = back(-2);
    for (wanted, then) in [(back(-2), back(2)), (back(-1), back(1)), (back(1), back(-1))] {
        let effects = on_disk(&mut state, number, inverse);
        let (next, edit) = saved(&effects).expect("what waited goes on");
        assert_eq!(*edit, wanted);
        (number, inverse) = (next, then);
    }
    assert_eq!(saved(&on_disk(&mut state, number, inverse)), None, "nothing waits any more");
    assert_eq!(state.history.unsaved(), 0);
}

#[test]
fn what_waited_for_an_edit_that_failed_is_let_go() {
    let mut state = open(planned("2026-11-25T13:00:00Z", 2), "2026-11-25T08:00:00Z");
    let effects = press(&mut state, &[Intent::MoveStage, Intent::PageDown, Intent::Open]);
    let (number, edit) = saved(&effects).map(|(number, edit)| (number, edit.clone())).unwrap();
    press(&mut state, &[Intent::Undo]);
    let now = state.now;
    let failed = Message::EditFailed { number, why: "the disk is full".into() };
    assert_eq!(saved(&update(&mut state, now, failed)), None);
    // The next one is saved and stays.
    let effects = press(&mut state, &[Intent::MoveStage, Intent::PageDown, Intent::Open]);
    let (number, _) = saved(&effects).unwrap();
    assert_eq!(saved(&on_disk(&mut state, number, edit)), None);
}
