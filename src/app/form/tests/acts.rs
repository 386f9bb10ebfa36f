//! Acts that cannot be overlooked: they are confirmed by a name.

use super::*;

#[test]
fn the_glass_is_broken_for_one_freeze_with_a_reason_a_name_and_an_end() {
    let mut state = frozen();
    except(&mut state, "checkout-4.2", 0);
    assert_eq!(form(&state).value(Name::Window, None), "year-end");
    assert_eq!(form(&state).value(Name::By, None), "mira");
    fill(&mut state, Name::Reason, None, "CVE in the payment library");
    fill(&mut state, Name::Ticket, None, "SEC-77");
    fill(&mut state, Name::Expires, None, "2026-11-26 15:00");
    let wrongs = form(&state).wrongs();
    assert!(wrongs[0].1.contains("too early"), "{wrongs:?}");
    fill(&mut state, Name::Expires, None, "2026-11-26 16:00");
    assert_eq!(want(&mut state, Intent::SaveForm), [], "not without the release's id");
    fill(&mut state, Name::Confirm, None, "checkout-4.2");
    let (_, patch) = saved_patch(&want(&mut state, Intent::SaveForm));
    let [Change::Add { list, table }] = patch.changes.as_slice() else { panic!("{patch:?}") };
    let expected: Vec<(String, Value)> = [
        ("window", Value::text("year-end")),
        ("reason", Value::text("CVE in the payment library")),
        ("by", Value::text("mira")),
        ("ticket", Value::text("SEC-77")),
        ("expires", Value::Time("2026-11-26T15:00:00Z".into())),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .to_vec();
    assert_eq!((list.as_str(), table), ("exception", &expected));
}

#[test]
fn a_hard_freeze_knows_no_exception() {
    let mut state = open();
    except(&mut state, "checkout-4.2", 0);
    assert!(state.overlays.is_empty() && state.notice.clone().unwrap().text.contains("needs no exception"));
    let mut hard = workspace();
    hard.windows.push(Window { hard: true, ..freeze() });
    load(&mut state, hard);
    except(&mut state, "checkout-4.2", 0);
    assert!(state.overlays.is_empty() && state.notice.clone().unwrap().text.contains("is hard"));
}

#[test]
fn the_line_is_stopped_and_goes_on() {
    let mut state = open();
    want(&mut state, Intent::StopTheLine);
    types(&mut state, "Payments lose money");
    fill(&mut state, Name::Confirm, None, "stp");
    assert_eq!(want(&mut state, Intent::SaveForm), []);
    assert!(form(&state).wrongs()[0].1.contains("type stop"));
    fill(&mut state, Name::Confirm, None, "stop");
    let (_, patch) = saved_patch(&want(&mut state, Intent::SaveForm));
    let [Change::Add { table, .. }] = patch.changes.as_slice() else { panic!("{patch:?}") };
    let expected: Vec<(String, Value)> = [
        ("id", Value::text("stop-the-line-20261125-1422")),
        ("kind", Value::text("freeze")),
        ("title", Value::text("Payments lose money")),
        ("start", Value::Time("2026-11-25T14:22:00".into())),
        ("end", Value::Time("2026-11-26T14:22:00".into())),
        ("time_zone", Value::text("Europe/Berlin")),
        ("layer", Value::text("stop-the-line")),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .to_vec();
    assert_eq!(*table, expected);
    want(&mut state, Intent::Back);

    let mut stopped = workspace();
    let mut window = freeze();
    window.start = crate::domain::window::WallTime::Local("2026-11-25T14:00:00".parse().unwrap());
    window.repeat = None;
    window.id = "stop-the-line-1".into();
    window.layer = Some(crate::domain::window::STOP_LAYER.into());
    stopped.windows.push(window);
    load(&mut state, stopped);
    want(&mut state, Intent::StopTheLine);
    types(&mut state, "lift");
    let (_, patch) = saved_patch(&want(&mut state, Intent::SaveForm));
    assert_eq!(sets(&patch), [("end".to_owned(), Some(Value::Time("2026-11-25T14:22:00".into())))]);
}

#[test]
fn cancelling_and_removing_want_the_name() {
    let mut state = frozen();
    cancel_release(&mut state, "checkout-4.2");
    types(&mut state, "checkout-4.1");
    assert_eq!(want(&mut state, Intent::SaveForm), []);
    fill(&mut state, Name::Confirm, None, "checkout-4.2");
    let effects = want(&mut state, Intent::SaveForm);
    let [Effect::Save { edit: Edit::SetStatus { to: crate::domain::Status::Cancelled, .. }, .. }] =
        effects.as_slice()
    else {
        panic!("{effects:?}")
    };
    want(&mut state, Intent::Back);
    remove_window(&mut state, "year-end");
    types(&mut state, "year-end");
    let (_, patch) = saved_patch(&want(&mut state, Intent::SaveForm));
    assert!(
        matches!(patch.changes.as_slice(), [Change::Remove { place: Place::Id(_, id) }] if id == "year-end")
    );
}
