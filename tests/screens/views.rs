//! What stands around the days: layers, the load, clocks, what each office sees, the details.

use chrono::Weekday;
use chrono_tz::Tz;
use tminus::app::{Intent, Message, State, update};
use tminus::domain::office::DayHours;
use tminus::domain::release::{Check, Exception};
use tminus::domain::{ChangeType, Person, Region, WindowKind, Workspace};

use crate::calendar::{answer, busy, full, press, window, world};
use crate::{assert_screens, draw, sample, text};

/// With a holiday that lets everything pass, and a campaign that does not.
fn layered() -> Workspace {
    let mut workspace = busy();
    let mut holiday = window(
        "st-andrew",
        WindowKind::Freeze,
        "St Andrew's Day",
        "2026-11-27T00:00:00",
        "2026-11-28T00:00:00",
        Tz::Europe__Berlin,
    );
    holiday.allow = ChangeType::ALL.to_vec();
    holiday.environments = None;
    holiday.layer = Some("holidays".into());
    let mut campaign = window(
        "black-friday",
        WindowKind::Freeze,
        "Black Friday",
        "2026-11-27T08:00:00",
        "2026-11-27T12:00:00",
        Tz::Europe__Berlin,
    );
    campaign.layer = Some("marketing".into());
    workspace.windows.extend([holiday, campaign]);
    workspace
}

fn open(workspace: Workspace) -> State {
    let mut state = sample::with(workspace);
    answer(&mut state, sample::now(), world);
    state
}

fn adopt(state: &mut State, person: Person) {
    let now = state.now;
    update(state, now, Message::PersonLoaded(person, Vec::new()));
}

#[test]
fn layers_are_listed_and_hidden() {
    let mut state = open(layered());
    assert_screens("views-layers-shown", &state);
    press(&mut state, &[Intent::ShowLayers, Intent::Open, Intent::Down, Intent::Open]);
    assert_screens("views-layers", &state);
    press(&mut state, &[Intent::Back]);
    let week = text(&draw(&state, (120, 40)));
    assert!(week.contains("2 layers hidden") && !week.contains("Black Friday"), "{week}");
    assert_eq!(state.person.hidden_layers, ["holidays", "marketing"]);
    press(&mut state, &[Intent::ShowLayers, Intent::Open, Intent::Back]);
    let week = text(&draw(&state, (120, 40)));
    assert!(week.contains("1 layer hidden") && week.contains("St Andrew's"), "{week}");
}

#[test]
fn no_layer_says_how_to_make_one() {
    let mut state = full();
    press(&mut state, &[Intent::ShowLayers]);
    assert_screens("views-no-layers", &state);
}

/// Offices around the world; the stage in Berlin's afternoon is Tokyo's night, and a clock changes
/// before it.
fn around_the_world() -> Workspace {
    let mut workspace = busy();
    let regions = &mut workspace.environments[1].regions;
    for (id, zone) in [
        ("in", Tz::Asia__Kolkata),
        ("jp", Tz::Asia__Tokyo),
        ("nz", Tz::Pacific__Auckland),
        ("br", Tz::America__Sao_Paulo),
    ] {
        regions.push(Region { id: id.into(), time_zone: Some(zone) });
    }
    workspace
}

#[test]
fn offices_around_the_world() {
    let mut state = open(around_the_world());
    assert_screens("views-offices", &state);
    press(&mut state, &[Intent::MoveStage, Intent::Right, Intent::PageDown]);
    assert_screens("views-offices-moving", &state);
}

#[test]
fn both_offsets_where_a_clock_changes_before_the_stage() {
    let mut workspace = around_the_world();
    let release = workspace.releases.iter_mut().find(|release| release.id == "checkout-4.2");
    let release = release.expect("the sample has it");
    for stage in &mut release.stages {
        stage.start += chrono::TimeDelta::days(126);
        stage.end += chrono::TimeDelta::days(126);
    }
    let mut state = open(workspace);
    state.release = Some("checkout-4.2".into());
    press(&mut state, &[Intent::Stay]);
    assert_screens("views-offices-clock-change", &state);
}

#[test]
fn details_say_who_owns_what_and_who_is_asked() {
    let mut workspace = busy();
    workspace.services.retain(|service| service.id != "ledger");
    for service in workspace.services.iter_mut().filter(|service| service.id == "catalog") {
        service.owner = None;
    }
    let release = workspace.releases.iter_mut().find(|release| release.id == "checkout-4.2");
    let release = release.expect("the sample has it");
    release.items.extend(
        ["ledger", "catalog"].map(|service| tminus::domain::release::Item {
            service: service.into(),
            version: "3.1.0".into(),
        }),
    );
    let check = |id: &str, title: &str, role: Option<&str>| Check {
        id: id.into(),
        title: title.into(),
        role: role.map(Into::into),
    };
    release.checks = vec![
        check("support-briefed", "Support has the impact summary", Some("support")),
        check("security", "The pen test's findings are closed", None),
    ];
    release.exceptions = vec![Exception {
        window: "thanksgiving".into(),
        reason: "CVE in the payment library".into(),
        by: "mira".into(),
        ticket: Some("SEC-77".into()),
        expires: sample::instant("2026-11-26T00:00:00Z"),
        commits: Vec::new(),
    }];
    release.notes = Some(
        "Rolls out the new retry of the ledger.\n\n- watch p95 in the first hour, it doubled last time we tried\n- \
         rollback is safe until the contract step\n"
            .into(),
    );
    assert_screens("views-details", &open(workspace));
}

#[test]
fn a_week_begins_and_is_as_long_as_the_person_says() {
    let mut state = full();
    let hours = DayHours { from: 6 * 60, to: 21 * 60 };
    adopt(&mut state, Person { week_start: Some(Weekday::Sun), hours: Some(hours), ..Person::default() });
    press(&mut state, &[Intent::Stay]);
    assert_screens("views-sunday", &state);
}

#[test]
fn the_locale_says_where_a_week_begins_unless_the_person_does() {
    let mut state = full();
    state.look.week_start = Weekday::Sat;
    press(&mut state, &[Intent::Stay]);
    let first_day = |state: &State| {
        let shown = text(&draw(state, (120, 40)));
        let row = shown.lines().find(|row| row.contains("Mon 2")).unwrap_or_default().to_owned();
        row.split_whitespace().next().unwrap_or_default().to_owned()
    };
    assert_eq!(first_day(&state), "Sat");
    adopt(&mut state, Person { week_start: Some(Weekday::Mon), ..Person::default() });
    assert_eq!(first_day(&state), "Mon");
}

#[test]
fn views_are_ascii_where_the_terminal_is() {
    let mut state = open(around_the_world());
    state.look.ascii = true;
    state.size = (200, 60);
    for show in [Intent::ShowWeek, Intent::ShowMonth, Intent::ShowAgenda, Intent::ShowTimeline] {
        press(&mut state, &[show]);
        let shown = text(&draw(&state, state.size));
        assert!(shown.is_ascii(), "{shown}");
        assert!(
            !shown.contains('?') || shown.matches('?').count() <= 4,
            "no sign without a plain one:\n{shown}"
        );
    }
}
