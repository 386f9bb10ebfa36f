//! Forms, filled in key by key.

mod acts;
mod following;
mod quick;
mod windows;

use std::sync::Arc;

use chrono_tz::Tz;

use super::*;
use crate::app::message::Typed;
use crate::app::state::Look;
use crate::app::{Effect, Intent, Message, Overlay, State, update};
use crate::domain::release::Item;
use crate::domain::samples;
use crate::domain::{Before, Change, Edit, Now, Patch, Place, PlanFile, Region, Stage, Strategy, Value};

fn now() -> Now {
    // Wednesday, 14:22 in Berlin.
    Now { wall: "2026-11-25T13:22:00Z".parse().unwrap(), ..Now::default() }
}

fn workspace() -> Workspace {
    let region = |id: &str, zone| Region { id: id.into(), time_zone: Some(zone) };
    let environment = |id: &str, regions: Vec<Region>| crate::domain::Environment {
        id: id.into(),
        regions,
        capacity: None,
        versions: None,
    };
    let stage = Stage {
        environment: "production".into(),
        region: Some("eu".into()),
        start: "2026-11-26T13:00:00Z".parse().unwrap(),
        end: "2026-11-26T15:00:00Z".parse().unwrap(),
        time_zone: Tz::Europe__Berlin,
        strategy: Some(Strategy::Canary),
        steps: vec![5.0, 100.0],
        soak: Some(chrono::TimeDelta::minutes(60)),
    };
    Workspace {
        name: "Storefront".into(),
        time_zone: Tz::Europe__Berlin,
        environments: vec![
            environment("staging", Vec::new()),
            environment(
                "production",
                vec![region("eu", Tz::Europe__Berlin), region("us", Tz::America__New_York)],
            ),
        ],
        services: vec![samples::service("checkout", &[]), samples::service("payments", &[])],
        releases: vec![Release {
            id: "checkout-4.2".into(),
            title: "Checkout 4.2".into(),
            owner: Some("mira".into()),
            items: vec![Item { service: "checkout".into(), version: "4.2.0".into() }],
            stages: vec![stage],
            ..Release::default()
        }],
        origin: crate::domain::workspace::Origin::Files("/w".into()),
        ..Workspace::default()
    }
}

fn open() -> State {
    let mut state = State::new(now(), Tz::Europe__Berlin, Look::default());
    state.names = vec!["Mira Berg".into(), "mira".into()];
    load(&mut state, workspace());
    state
}

fn load(state: &mut State, workspace: Workspace) {
    update(state, now(), Message::WorkspaceLoaded(Arc::new(workspace), Vec::new()));
}

fn want(state: &mut State, intent: Intent) -> Vec<Effect> {
    update(state, now(), Message::Intent(intent))
}

fn types(state: &mut State, text: &str) {
    for character in text.chars() {
        update(state, now(), Message::Typed(Typed::Character(character)));
    }
}

fn form(state: &State) -> &Form {
    match state.overlays.last() {
        Some(Overlay::Form(form)) => form,
        other => panic!("no form: {other:?}"),
    }
}

/// Puts the focus on a field, of the stage with this number where one is given.
fn go_to(state: &mut State, name: Name, stage: Option<usize>) {
    let form = form(state);
    let section = stage.map(|stage| form.sections[stage].id);
    let index = form.at(name, section).unwrap();
    want(state, Intent::SelectRow(crate::app::ListId::Form, index));
}

/// Types a field anew.
fn fill(state: &mut State, name: Name, stage: Option<usize>, text: &str) {
    go_to(state, name, stage);
    update(state, now(), Message::Typed(Typed::End));
    update(state, now(), Message::Typed(Typed::DeleteToStart));
    types(state, text);
    want(state, Intent::NextField);
}

fn saved_patch(effects: &[Effect]) -> (u64, Patch) {
    match effects {
        [Effect::Save { number, edit: Edit::Patch(patch) }] => (*number, patch.clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_release_is_planned_from_nothing() {
    let mut state = open();
    want(&mut state, Intent::NewRelease);
    types(&mut state, "pay");
    // Only services that exist are offered; Enter takes the first.
    want(&mut state, Intent::Open);
    types(&mut state, "8.1.0");
    fill(&mut state, Name::Environment, Some(0), "prod");
    fill(&mut state, Name::Region, Some(0), "us");
    fill(&mut state, Name::Start, Some(0), "tue 14:00");
    fill(&mut state, Name::End, Some(0), "2h");
    fill(&mut state, Name::Soak, Some(0), "60m");
    let said = form(&state).fields.iter().flat_map(|field| &field.said).map(|(_, text)| text.as_str());
    let said: Vec<_> = said.collect();
    assert!(said.contains(&"Tue 1 Dec 14:00 EST  = 19:00 UTC  = Tue 1 Dec 20:00 CET"), "{said:?}");
    assert!(said.contains(&"releases/payments-8.1.0.toml"), "{said:?}");
    let (number, patch) = saved_patch(&want(&mut state, Intent::SaveForm));
    assert_eq!(patch.file, PlanFile::Release("payments-8.1.0".into()));
    assert_eq!(patch.before.as_deref(), Some(&Before::Nothing));
    let top = |key: &str, value: &str| Change::Set {
        place: Place::Top,
        key: key.into(),
        value: Some(Value::text(value)),
    };
    let table = |pairs: &[(&str, Value)]| {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect()
    };
    let expected = vec![
        top("change", "normal"),
        top("status", "planned"),
        top("owner", "mira"),
        Change::Add {
            list: "item".into(),
            table: table(&[("service", Value::text("payments")), ("version", Value::text("8.1.0"))]),
        },
        Change::Add {
            list: "stage".into(),
            table: table(&[
                ("environment", Value::text("production")),
                ("region", Value::text("us")),
                ("start", Value::Time("2026-12-01T14:00:00".into())),
                ("end", Value::Time("2026-12-01T16:00:00".into())),
                ("soak", Value::text("60m")),
            ]),
        },
    ];
    assert_eq!(patch.changes, expected);
    assert!(matches!(form(&state).stand, Stand::Saving(saving) if saving == number));
    let inverse = Edit::MoveRelease { release: "x".into(), by: chrono::TimeDelta::zero() };
    update(&mut state, now(), Message::EditSaved { number, inverse, notices: Vec::new() });
    assert!(state.overlays.is_empty());
}

#[test]
fn only_what_changed_is_written() {
    let mut state = open();
    edit_release(&mut state, "checkout-4.2", 0);
    fill(&mut state, Name::Start, Some(0), "2026-11-27 14:00");
    let (_, patch) = saved_patch(&want(&mut state, Intent::SaveForm));
    // The end is a time on the day of the start: it moves along.
    let at = |key: &str, time: &str| Change::Set {
        place: Place::Nth("stage".into(), 0),
        key: key.into(),
        value: Some(Value::Time(time.into())),
    };
    assert_eq!(patch.changes, [at("start", "2026-11-27T14:00:00"), at("end", "2026-11-27T16:00:00")]);
    assert_eq!(patch.title, "change checkout-4.2: stages");
    assert!(
        matches!(patch.before.as_deref(), Some(Before::Release(release)) if release.id == "checkout-4.2")
    );
}

#[test]
fn another_region_keeps_the_wall_time_and_says_the_new_instant() {
    let mut state = open();
    edit_release(&mut state, "checkout-4.2", 0);
    fill(&mut state, Name::Region, Some(0), "us");
    let (_, patch) = saved_patch(&want(&mut state, Intent::SaveForm));
    let keys: Vec<_> = patch
        .changes
        .iter()
        .map(|change| match change {
            Change::Set { key, value, .. } => (key.as_str(), value.clone()),
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = [
        ("region", Some(Value::text("us"))),
        ("start", Some(Value::Time("2026-11-26T14:00:00".into()))),
        ("end", Some(Value::Time("2026-11-26T16:00:00".into()))),
        ("time_zone", None),
    ];
    assert_eq!(keys, expected);
}

#[test]
fn what_is_wrong_is_said_in_place_with_what_would_be_right() {
    let mut state = open();
    edit_release(&mut state, "checkout-4.2", 0);
    fill(&mut state, Name::Items, None, "chekout@4.2.0, payments");
    fill(&mut state, Name::TimeZone, Some(0), "");
    for (name, text, said) in [
        (Name::Start, "2026-03-29 02:30", "next valid time is 2026-03-29T03:00:00"),
        (Name::Start, "teusday", "tue 14:00"),
        (Name::End, "2026-11-26 13:00", "after 2026-11-26 14:00"),
        (Name::TimeZone, "Europe/Brelin", "did you mean `Europe/Berlin`?"),
        (Name::Region, "asia", "there are eu, us"),
        (Name::Environment, "produktion", "did you mean `production`?"),
        (Name::Steps, "5, 3", "above 5"),
        (Name::Soak, "an hour", "write 90s, 60m"),
    ] {
        let before = form(&state).value(name, Some(form(&state).sections[0].id)).to_owned();
        fill(&mut state, name, Some(0), text);
        let wrongs = form(&state).wrongs();
        assert!(wrongs.iter().any(|(at, why)| *at == name && why.contains(said)), "{text}: {wrongs:?}");
        fill(&mut state, name, Some(0), &before);
    }
    let wrongs = form(&state).wrongs();
    assert_eq!(wrongs.len(), 2, "{wrongs:?}");
    assert!(wrongs[0].1.contains("did you mean `checkout`?") && wrongs[1].1.contains("payments@4.2.0"));
    assert_eq!(want(&mut state, Intent::SaveForm), []);
    assert_eq!(form(&state).fields[form(&state).focus].name, Name::Items);
}

#[test]
fn an_hour_that_occurs_twice_is_the_earlier_and_the_later_can_be_said() {
    let mut state = open();
    edit_release(&mut state, "checkout-4.2", 0);
    fill(&mut state, Name::Start, Some(0), "2027-10-31 02:30");
    fill(&mut state, Name::End, Some(0), "2h");
    let said: Vec<_> = form(&state).fields.iter().flat_map(|field| field.said.clone()).collect();
    let notice = said.iter().find(|(meaning, _)| *meaning == Meaning::Notice).unwrap();
    assert!(notice.1.contains("occurs twice") && notice.1.contains("2027-10-31T02:30+01:00"), "{said:?}");
    fill(&mut state, Name::Start, Some(0), "2027-10-31T02:30+01:00");
    let (_, patch) = saved_patch(&want(&mut state, Intent::SaveForm));
    let Change::Set { value: Some(Value::Time(start)), .. } = &patch.changes[0] else { panic!() };
    assert_eq!(start, "2027-10-31T02:30:00+01:00");
}

#[test]
fn stages_are_added_and_taken_out() {
    let mut state = open();
    edit_release(&mut state, "checkout-4.2", 0);
    want(&mut state, Intent::AddPart);
    fill(&mut state, Name::Environment, Some(1), "production");
    fill(&mut state, Name::Region, Some(1), "us");
    fill(&mut state, Name::End, Some(1), "2h");
    go_to(&mut state, Name::Start, Some(0));
    want(&mut state, Intent::RemovePart);
    let (_, patch) = saved_patch(&want(&mut state, Intent::SaveForm));
    assert!(matches!(&patch.changes[0], Change::Remove { place: Place::Nth(list, 0) } if list == "stage"));
    assert!(matches!(&patch.changes[1], Change::Add { list, .. } if list == "stage"));
    assert_eq!(patch.changes.len(), 2);
}

#[test]
fn leaving_asks_when_something_was_typed() {
    let mut state = open();
    edit_release(&mut state, "checkout-4.2", 0);
    want(&mut state, Intent::Back);
    assert!(state.overlays.is_empty());
    edit_release(&mut state, "checkout-4.2", 0);
    fill(&mut state, Name::Title, None, "Another");
    want(&mut state, Intent::Back);
    assert_eq!(form(&state).stand, Stand::AskedToLeave);
    types(&mut state, "x");
    want(&mut state, Intent::Back);
    want(&mut state, Intent::Back);
    assert!(state.overlays.is_empty());
}

#[test]
fn a_refused_save_keeps_everything_and_can_be_tried_again() {
    let mut state = open();
    edit_release(&mut state, "checkout-4.2", 0);
    fill(&mut state, Name::Title, None, "Another");
    let (number, first) = saved_patch(&want(&mut state, Intent::SaveForm));
    update(&mut state, now(), Message::EditFailed { number, why: "no space left: free some".into() });
    assert_eq!(form(&state).stand, Stand::Refused("no space left: free some".into()));
    let (_, second) = saved_patch(&want(&mut state, Intent::SaveForm));
    assert_eq!(first, second);
}

#[test]
fn several_lines_are_typed_with_enter() {
    let mut state = open();
    edit_release(&mut state, "checkout-4.2", 0);
    go_to(&mut state, Name::Notes, None);
    types(&mut state, "one");
    want(&mut state, Intent::Open);
    update(&mut state, now(), Message::Typed(Typed::Paste("two\nthree".into())));
    go_to(&mut state, Name::Checks, None);
    types(&mut state, "support: Support was told @support");
    let (_, patch) = saved_patch(&want(&mut state, Intent::SaveForm));
    let notes =
        Change::Set { place: Place::Top, key: "notes".into(), value: Some(Value::text("one\ntwo\nthree")) };
    assert_eq!(patch.changes[0], notes);
    let Change::Add { list, table } = &patch.changes[1] else { panic!("{patch:?}") };
    assert_eq!((list.as_str(), table.len()), ("check", 3));
}

#[test]
fn a_read_only_workspace_opens_no_form() {
    let mut state = open();
    let mut tags = workspace();
    tags.origin = crate::domain::workspace::Origin::Git("/w".into());
    load(&mut state, tags);
    want(&mut state, Intent::NewRelease);
    assert!(state.overlays.is_empty() && state.notice.is_some());
}

fn freeze() -> Window {
    let mut window = samples::window("year-end", crate::domain::WindowKind::Freeze);
    window.title = "Year-end close".into();
    window.start = crate::domain::window::WallTime::Local("2026-11-26T12:00:00".parse().unwrap());
    window.end = crate::domain::window::WallTime::Local("2026-11-27T06:00:00".parse().unwrap());
    window.time_zone = Tz::Europe__Berlin;
    window.repeat = Some("FREQ=YEARLY".into());
    window
}

fn frozen() -> State {
    let mut state = open();
    let mut with_freeze = workspace();
    with_freeze.windows.push(freeze());
    load(&mut state, with_freeze);
    state
}

fn readings(state: &State, name: Name) -> Vec<String> {
    let form = form(state);
    let index = form.at(name, None).unwrap();
    form.fields[index].said.iter().map(|(_, text)| text.clone()).collect()
}

/// The keys that a patch of one table sets, with their values.
fn sets(patch: &Patch) -> Vec<(String, Option<Value>)> {
    let pair = |change: &'_ Change| match change {
        Change::Set { key, value, .. } => (key.clone(), value.clone()),
        other => panic!("{other:?}"),
    };
    patch.changes.iter().map(pair).collect()
}

proptest::proptest! {
    #[test]
    fn no_order_of_keys_breaks_a_form(keys in proptest::collection::vec(0..18u8, 0..80)) {
        let mut state = open();
        edit_release(&mut state, "checkout-4.2", 0);
        for key in keys {
            let typed = |typed| Message::Typed(typed);
            let message = match key {
                0 => Message::Intent(Intent::NextField), 1 => Message::Intent(Intent::PreviousField),
                2 => Message::Intent(Intent::Up), 3 => Message::Intent(Intent::Down),
                4 => Message::Intent(Intent::Open), 5 => Message::Intent(Intent::ShowOffers),
                6 => Message::Intent(Intent::AddPart), 7 => Message::Intent(Intent::RemovePart),
                8 => Message::Intent(Intent::ResetField), 9 => Message::Intent(Intent::PageDown),
                10 => Message::Intent(Intent::PageUp), 11 => typed(Typed::Backspace),
                12 => typed(Typed::DeleteWord), 13 => typed(Typed::Paste("prod, x@\n1".into())),
                14 => typed(Typed::Character('p')), 15 => typed(Typed::Character(' ')),
                16 => Message::Intent(Intent::SaveForm), _ => typed(Typed::Character('2')),
            };
            update(&mut state, now(), message);
            if let Some(Overlay::Form(form)) = state.overlays.last() {
                proptest::prop_assert!(form.focus < form.fields.len());
            } else {
                break;
            }
        }
    }
}
