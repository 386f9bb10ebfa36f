//! A release in one line.

use super::*;

#[test]
fn a_line_becomes_a_release_and_nothing_typed_is_lost() {
    let mut state = open();
    want(&mut state, Intent::QuickAdd);
    types(&mut state, "checkout 4.3 prod eu tue 14:00-");
    assert_eq!(want(&mut state, Intent::Open), []);
    assert_eq!(form(&state).value(Name::Line, None), "checkout 4.3 prod eu tue 14:00-");
    assert!(!form(&state).wrongs().is_empty());
    types(&mut state, "16:00");
    assert_eq!(form(&state).wrongs(), []);
    let effects = want(&mut state, Intent::Open);
    let [Effect::Save { number, edit: Edit::AddRelease(new) }] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert_eq!(new.stages[0].start, "2026-12-01T14:00:00");
    update(&mut state, now(), Message::EditFailed { number: *number, why: "no space".into() });
    assert_eq!(form(&state).value(Name::Line, None), "checkout 4.3 prod eu tue 14:00-16:00");
}

#[test]
fn tab_takes_what_is_offered_into_the_line() {
    let mut state = open();
    want(&mut state, Intent::QuickAdd);
    types(&mut state, "check");
    want(&mut state, Intent::NextField);
    types(&mut state, "4.3 prod");
    want(&mut state, Intent::NextField);
    assert_eq!(form(&state).fields[0].value(), "checkout 4.3 production ");
}
