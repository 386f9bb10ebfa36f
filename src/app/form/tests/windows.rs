//! Freezes and change windows by form.

use super::*;

#[test]
fn a_recurring_freeze_is_built_and_read_back() {
    let mut state = open();
    want(&mut state, Intent::NewWindow);
    fill(&mut state, Name::Title, None, "Night batch");
    fill(&mut state, Name::Start, None, "fri 22:00");
    fill(&mut state, Name::End, None, "8h");
    go_to(&mut state, Name::Repeats, None);
    types(&mut state, "w");
    fill(&mut state, Name::Interval, None, "2");
    fill(&mut state, Name::Weekdays, None, "fri");
    fill(&mut state, Name::Until, None, "31 dec");
    fill(&mut state, Name::Allow, None, "emergency");
    let said = readings(&state, Name::Repeats);
    let spans: Vec<_> = said.iter().filter(|line| line.contains("CET")).collect();
    assert_eq!(said[0], "every second Friday at 22:00 to the next day 06:00, until 31 Dec 2026");
    assert_eq!(spans.len(), 3, "{said:?}");
    assert!(spans[2].starts_with("Fri 25 Dec 22:00 – Sat 26 Dec 06:00 CET"), "{said:?}");
    let (_, patch) = saved_patch(&want(&mut state, Intent::SaveForm));
    assert_eq!(patch.file, PlanFile::Windows);
    let [Change::Add { list, table }] = patch.changes.as_slice() else { panic!("{patch:?}") };
    assert_eq!(list, "window");
    let expected: Vec<(String, Value)> = [
        ("id", Value::text("night-batch")),
        ("kind", Value::text("freeze")),
        ("title", Value::text("Night batch")),
        ("start", Value::Time("2026-11-27T22:00:00".into())),
        ("end", Value::Time("2026-11-28T06:00:00".into())),
        ("repeat", Value::text("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;UNTIL=20261231")),
        ("allow", Value::words(["emergency"])),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .to_vec();
    assert_eq!(*table, expected);
}

#[test]
fn a_window_is_changed_key_by_key() {
    let mut state = frozen();
    edit_window(&mut state, "year-end");
    assert!(!form(&state).is_touched());
    fill(&mut state, Name::Environments, None, "production");
    fill(&mut state, Name::Skip, None, "2027-11-26 12:00");
    go_to(&mut state, Name::Hard, None);
    types(&mut state, "y");
    let (_, patch) = saved_patch(&want(&mut state, Intent::SaveForm));
    let expected = [
        ("environments".to_owned(), Some(Value::words(["production"]))),
        ("hard".to_owned(), Some(Value::Boolean(true))),
        ("skip".to_owned(), Some(Value::List(vec![Value::Time("2027-11-26T12:00:00".into())]))),
    ];
    assert_eq!(sets(&patch), expected);
    assert!(
        patch
            .changes
            .iter()
            .all(|change| matches!(change, Change::Set { place: Place::Id(_, id), .. } if id == "year-end"))
    );
    assert_eq!(patch.before.as_deref(), Some(&Before::Window(freeze())));
}

#[test]
fn what_never_happens_is_said_and_a_clock_change_too() {
    let mut state = frozen();
    edit_window(&mut state, "year-end");
    go_to(&mut state, Name::Repeats, None);
    types(&mut state, "b");
    fill(&mut state, Name::Rule, None, "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30");
    let wrongs = form(&state).wrongs();
    assert!(
        wrongs.iter().any(|(name, why)| *name == Name::Rule && why.contains("never happens")),
        "{wrongs:?}"
    );
    fill(&mut state, Name::Rule, None, "every friday");
    let wrongs = form(&state).wrongs();
    assert!(wrongs.iter().any(|(_, why)| why.contains("NAME=VALUE")), "{wrongs:?}");
    fill(&mut state, Name::Rule, None, "FREQ=WEEKLY");
    fill(&mut state, Name::Start, None, "2027-03-28 02:30");
    fill(&mut state, Name::End, None, "04:00");
    let said = readings(&state, Name::Start);
    assert!(said[0].contains("does not occur") && said[0].contains("begins at 03:00 CEST"), "{said:?}");
    assert_eq!(form(&state).wrongs(), []);
    fill(&mut state, Name::End, None, "01:00");
    let wrongs = form(&state).wrongs();
    assert!(wrongs[0].1.contains("after 2027-03-28 02:30"), "{wrongs:?}");
}

#[test]
fn a_new_windows_id_is_free_and_what_it_names_exists() {
    let mut state = frozen();
    want(&mut state, Intent::NewWindow);
    fill(&mut state, Name::Title, None, "Year end");
    assert_eq!(readings(&state, Name::Id), ["year-end-2"]);
    fill(&mut state, Name::Id, None, "year-end");
    fill(&mut state, Name::Regions, None, "eu, moon");
    fill(&mut state, Name::Services, None, "chekout");
    let wrongs = form(&state).wrongs();
    assert!(wrongs.iter().any(|(name, why)| *name == Name::Id && why.contains("year-end-2")), "{wrongs:?}");
    assert!(wrongs.iter().any(|(name, why)| *name == Name::Regions && why.contains("`moon`")), "{wrongs:?}");
}

#[test]
fn an_occurrence_is_left_out_and_another_added() {
    let mut state = frozen();
    skip_occurrence(&mut state, "year-end", "2026-11-26T11:00:00Z".parse().unwrap());
    types(&mut state, "year");
    assert_eq!(want(&mut state, Intent::SaveForm), []);
    types(&mut state, "-end");
    let (_, patch) = saved_patch(&want(&mut state, Intent::SaveForm));
    assert_eq!(
        sets(&patch),
        [("skip".to_owned(), Some(Value::List(vec![Value::Time("2026-11-26T12:00:00".into())])))]
    );
    want(&mut state, Intent::Back);
    add_occurrence(&mut state, "year-end");
    types(&mut state, "2026-11-26 12:00");
    assert_eq!(want(&mut state, Intent::SaveForm), []);
    assert!(form(&state).wrongs()[0].1.contains("happens then already"));
    fill(&mut state, Name::Start, None, "2026-12-04 12:00");
    let (_, patch) = saved_patch(&want(&mut state, Intent::SaveForm));
    assert_eq!(
        sets(&patch),
        [("also".to_owned(), Some(Value::List(vec![Value::Time("2026-12-04T12:00:00".into())])))]
    );
}

#[test]
fn the_calendar_goes_to_a_new_window_and_holds_on_to_it() {
    let mut state = open();
    want(&mut state, Intent::NewWindow);
    fill(&mut state, Name::Title, None, "Stocktaking");
    fill(&mut state, Name::Start, None, "2027-02-03 18:00");
    fill(&mut state, Name::End, None, "2027-02-05 06:00");
    let (number, patch) = saved_patch(&want(&mut state, Intent::SaveForm));
    let inverse = Edit::Patch(patch);
    update(&mut state, now(), Message::EditSaved { number, inverse, notices: Vec::new() });
    let start = "2027-02-03T17:00:00Z".parse().unwrap();
    assert!(state.overlays.is_empty());
    assert_eq!(state.calendar.focus, start);
    let held = crate::app::calendar::Selected::Window { window: "stocktaking".into(), start };
    assert_eq!(state.calendar.selected, Some(held));
}

#[test]
fn only_the_form_of_a_release_has_stages() {
    let mut state = frozen();
    edit_window(&mut state, "year-end");
    assert!(!form(&state).has_stages());
    let fields = form(&state).fields.len();
    want(&mut state, Intent::AddPart);
    assert_eq!(form(&state).fields.len(), fields);
}

#[test]
fn another_id_is_one_edit_with_what_else_changed() {
    let mut state = frozen();
    edit_window(&mut state, "year-end");
    fill(&mut state, Name::Id, None, "close");
    fill(&mut state, Name::Title, None, "The close");
    let effects = want(&mut state, Intent::SaveForm);
    let [Effect::Save { number, edit: Edit::Rename(rename) }] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert_eq!((rename.from.as_str(), rename.to.as_str()), ("year-end", "close"));
    let patch = rename.patch.clone().unwrap();
    assert_eq!(sets(&patch), [("title".to_owned(), Some(Value::text("The close")))]);
    let inverse = Edit::Rename(rename.clone());
    let start = "2026-11-26T11:00:00Z".parse().unwrap();
    state.calendar.selected =
        Some(crate::app::calendar::Selected::Window { window: "year-end".into(), start });
    update(&mut state, now(), Message::EditSaved { number: *number, inverse, notices: Vec::new() });
    let held = crate::app::calendar::Selected::Window { window: "close".into(), start };
    assert_eq!(state.calendar.selected, Some(held));

    // A release's id too; what it is called by others is said before it is saved.
    let mut state = frozen();
    edit_release(&mut state, "checkout-4.2", 0);
    fill(&mut state, Name::Id, None, "");
    assert_eq!(want(&mut state, Intent::SaveForm), []);
    fill(&mut state, Name::Id, None, "checkout-4.3");
    assert!(readings(&state, Name::Id)[0].contains("becomes releases/checkout-4.3.toml"));
    let effects = want(&mut state, Intent::SaveForm);
    let [Effect::Save { edit: Edit::Rename(rename), .. }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!((rename.to.as_str(), rename.patch.as_ref()), ("checkout-4.3", None));
}
