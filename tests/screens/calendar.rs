//! The calendar: week, month, agenda, details, faces, moving a stage.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use chrono_tz::Tz;
use tminus::app::{Effect, Intent, Message, State, update};
use tminus::domain::question::{Tag, TrackerVersion};
use tminus::domain::window::WallTime;
use tminus::domain::{
    Answer, ChangeType, Failure, FailureKind, Now, Question, Release, Status, Window, WindowKind, Workspace,
};

use crate::{assert_screens, draw, sample, text};

pub fn press(state: &mut State, intents: &[Intent]) -> Vec<Effect> {
    let now = state.now;
    intents.iter().flat_map(|intent| update(state, now, Message::Intent(*intent))).collect()
}

#[expect(clippy::unwrap_used, reason = "a wrong time in a test should end it")]
pub fn window(id: &str, kind: WindowKind, title: &str, start: &str, end: &str, zone: Tz) -> Window {
    let local = |text: &str| WallTime::Local(text.parse().unwrap());
    Window {
        id: id.into(),
        kind,
        title: title.into(),
        start: local(start),
        end: local(end),
        time_zone: zone,
        repeat: None,
        environments: Some(vec!["production".into()]),
        services: None,
        regions: None,
        allow: vec![ChangeType::Emergency],
        hard: false,
        skip: Vec::new(),
        also: Vec::new(),
        uid: None,
        layer: None,
        branches: Vec::new(),
    }
}

/// The sample company with freezes, change windows, more releases and repositories.
#[expect(clippy::unwrap_used, reason = "a sample without its release should end the test")]
pub fn busy() -> Workspace {
    let mut workspace = sample::workspace();
    for service in &mut workspace.services {
        service.repository = Some(format!("../{}", service.id));
    }
    let thanksgiving = window(
        "thanksgiving",
        WindowKind::Freeze,
        "Thanksgiving",
        "2026-11-26T00:00:00",
        "2026-11-28T00:00:00",
        Tz::America__New_York,
    );
    let mut office = window(
        "office",
        WindowKind::Change,
        "Office hours",
        "2026-11-02T09:00:00",
        "2026-11-02T16:00:00",
        Tz::Europe__Berlin,
    );
    office.repeat = Some("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH".into());
    let mut backup = window(
        "backup",
        WindowKind::Freeze,
        "Backup",
        "2026-11-06T17:00:00",
        "2026-11-06T18:00:00",
        Tz::Europe__Berlin,
    );
    backup.repeat = Some("FREQ=WEEKLY".into());
    workspace.windows = vec![thanksgiving, office, backup];
    let template = workspace.release("checkout-4.2").unwrap().clone();
    let mut add = |id: &str, title: &str, status: Status, starts: &[(&str, &str, i64)]| {
        let stages = starts.iter().map(|(environment, start, hours)| {
            let mut stage = template.stages[0].clone();
            stage.environment = (*environment).into();
            stage.start = sample::instant(start);
            stage.end = stage.start + TimeDelta::hours(*hours);
            stage
        });
        workspace.releases.push(Release {
            id: id.into(),
            title: title.into(),
            status,
            tracker: None,
            stages: stages.collect(),
            ..template.clone()
        });
    };
    add("ledger-3.1", "Ledger 3.1", Status::Completed, &[("production", "2026-11-24T09:00:00Z", 2)]);
    add("payments-8", "Payments 8", Status::Approved, &[("production", "2026-11-27T13:00:00Z", 2)]);
    add("web-5.6", "Web 5.6", Status::Draft, &[("production", "2026-11-25T14:30:00Z", 2)]);
    add(
        "search-3",
        "Search 3 with a title that is long",
        Status::Cancelled,
        &[("staging", "2026-12-02T14:30:00Z", 2)],
    );
    workspace.releases.sort_by(|one, other| one.id.cmp(&other.id));
    workspace
}

fn tag(name: &str, at: &str, subject: &str) -> Tag {
    Tag { name: name.into(), at: sample::instant(at), subject: subject.into() }
}

/// Answers what the cockpit asked, as `reply` does; `None`: no answer yet.
pub fn answer(state: &mut State, now: Now, reply: impl Fn(&Question) -> Option<Result<Answer, Failure>>) {
    let effects = update(state, now, Message::Tick);
    let pending: Vec<_> = state
        .remotes
        .iter()
        .filter_map(|(question, remote)| Some((question.clone(), remote.pending()?.0)))
        .collect();
    drop(effects);
    for (question, generation) in pending {
        if let Some(result) = reply(&question) {
            update(state, now, Message::Answered { question, generation, result });
        }
    }
}

pub fn world(question: &Question) -> Option<Result<Answer, Failure>> {
    match question {
        Question::Tags { service } => Some(Ok(Answer::Tags(match service.as_str() {
            "checkout" => vec![
                tag("v4.1.3", "2026-11-23T10:15:00Z", "Checkout 4.1.3: retry the ledger"),
                tag("v4.1.2", "2026-11-12T10:15:00Z", "Checkout 4.1.2"),
            ],
            "web" => vec![tag("v5.5.2", "2026-11-24T15:40:00Z", "Web 5.5.2")],
            _ => Vec::new(),
        }))),
        Question::Tracker { .. } => Some(Ok(Answer::Tracker(TrackerVersion {
            name: "4.2.0".into(),
            done: Some(12),
            in_progress: Some(2),
            to_do: Some(1),
            ..TrackerVersion::default()
        }))),
        _ => None,
    }
}

pub fn full() -> State {
    let mut state = sample::with(busy());
    answer(&mut state, sample::now(), world);
    state
}

#[test]
fn a_week() {
    assert_screens("calendar-week", &full());
}

#[test]
fn a_month() {
    let mut state = full();
    press(&mut state, &[Intent::ShowMonth]);
    assert_screens("calendar-month", &state);
}

#[test]
fn an_agenda() {
    let mut state = full();
    press(&mut state, &[Intent::ShowAgenda]);
    assert_screens("calendar-agenda", &state);
}

#[test]
fn a_timeline_by_team() {
    let mut state = full();
    press(&mut state, &[Intent::ShowTimeline]);
    assert_screens("calendar-timeline", &state);
}

#[test]
fn a_timeline_by_environment_of_three_days() {
    let mut state = full();
    press(&mut state, &[Intent::ShowTimeline, Intent::GroupLanes, Intent::ZoomIn, Intent::ZoomIn]);
    assert_screens("calendar-timeline-environment", &state);
}

#[test]
fn a_timeline_by_region_of_a_month() {
    let mut state = full();
    press(&mut state, &[Intent::ShowTimeline, Intent::GroupLanes, Intent::GroupLanes, Intent::ZoomOut]);
    assert_screens("calendar-timeline-region", &state);
}

#[test]
fn a_timeline_by_service_of_a_quarter() {
    let mut state = full();
    press(&mut state, &[Intent::ShowTimeline, Intent::GroupLanes, Intent::GroupLanes, Intent::GroupLanes]);
    press(&mut state, &[Intent::ZoomOut, Intent::ZoomOut]);
    assert_screens("calendar-timeline-service", &state);
}

#[test]
fn a_timeline_of_six_hours_while_a_stage_is_moved() {
    let mut state = full();
    press(&mut state, &[Intent::ShowTimeline]);
    press(&mut state, &[Intent::ZoomIn; 4]);
    press(&mut state, &[Intent::MoveStage, Intent::PageDown]);
    assert_screens("calendar-timeline-moving", &state);
}

#[test]
fn a_timeline_over_a_clock_change() {
    let mut state = over_a_clock_change(Tz::Europe__Berlin, "2027-03-28T00:30:00Z");
    press(&mut state, &[Intent::ShowTimeline, Intent::ZoomIn, Intent::ZoomIn, Intent::ZoomIn]);
    assert_screens("calendar-timeline-clock", &state);
}

#[test]
fn a_window_selected_in_another_zone() {
    let mut state = full();
    press(&mut state, &[Intent::NextZone, Intent::Right, Intent::Up, Intent::Up]);
    press(&mut state, &[Intent::Open]);
    assert_screens("calendar-window", &state);
}

#[test]
fn a_past_release() {
    let mut state = full();
    press(&mut state, &[Intent::Left, Intent::Left, Intent::Down]);
    assert_screens("calendar-tag", &state);
}

#[test]
fn nothing_is_planned() {
    let workspace = Workspace { releases: Vec::new(), ..sample::workspace() };
    assert_screens("calendar-empty", &sample::with(workspace));
}

#[test]
fn nothing_matches_the_filter() {
    let mut state = full();
    state.calendar.filter = "no such thing".into();
    press(&mut state, &[Intent::Stay]);
    assert_screens("calendar-no-match", &state);
}

#[test]
fn tags_on_their_way() {
    let mut state = sample::with(busy());
    press(&mut state, &[Intent::Stay]);
    assert_screens("calendar-loading", &state);
}

#[test]
fn tags_and_tracker_that_failed() {
    let mut state = sample::with(busy());
    answer(&mut state, sample::now(), |question| {
        let refused = |what: &str, mend: &str| Some(Err(Failure::new(FailureKind::Unreachable, what, mend)));
        match question {
            Question::Tags { .. } => refused("git: no route", "check the network"),
            Question::Tracker { .. } => {
                refused("jira: no route", "is example.atlassian.net reachable from here?")
            }
            _ => None,
        }
    });
    assert_screens("calendar-failed", &state);
}

#[test]
fn tags_and_tracker_that_grew_stale() {
    let mut state = full();
    let now =
        Now { wall: sample::now().wall + TimeDelta::minutes(20), mono: Duration::from_secs(1000 + 1200) };
    update(&mut state, now, Message::Tick);
    assert_screens("calendar-stale", &state);
}

#[test]
fn an_unreadable_window() {
    let mut workspace = busy();
    workspace.windows[2].repeat = Some("FREQ=SOMETIMES".into());
    let mut state = sample::with(workspace);
    answer(&mut state, sample::now(), world);
    assert_screens("calendar-unreadable", &state);
}

#[test]
fn moving_a_stage() {
    let mut state = full();
    press(&mut state, &[Intent::NextZone, Intent::MoveStage, Intent::Right, Intent::PageDown, Intent::Down]);
    assert_screens("calendar-moving", &state);
    press(&mut state, &[Intent::Open]);
    assert_screens("calendar-unsaved", &state);
    press(&mut state, &[Intent::ShowAgenda]);
    assert_screens("calendar-unsaved-agenda", &state);
}

#[test]
fn moving_into_a_freeze_says_what_it_breaks() {
    let mut state = full();
    press(&mut state, &[Intent::MoveStage, Intent::Right]);
    assert_screens("calendar-into-a-freeze", &state);
    press(&mut state, &[Intent::ShowAgenda]);
    assert_screens("calendar-into-a-freeze-agenda", &state);
}

#[test]
fn the_slot_finder() {
    let mut state = full();
    // The production stage of Payments 8, on Thanksgiving.
    state.release = Some("payments-8".into());
    let effects = press(&mut state, &[Intent::Stay, Intent::FindSlots]);
    sample::judge(&mut state, effects);
    press(&mut state, &[Intent::Down]);
    assert_screens("calendar-slots", &state);
    let mut workspace = busy();
    workspace.windows[0].end = WallTime::Local("2027-11-28T00:00:00".parse().unwrap());
    let mut state = sample::with(workspace);
    state.release = Some("payments-8".into());
    let effects = press(&mut state, &[Intent::Stay, Intent::FindSlots]);
    sample::judge(&mut state, effects);
    assert_screens("calendar-slots-none", &state);
}

#[test]
fn a_staged_go_live() {
    let mut state = full();
    state.release = Some("checkout-4.2".into());
    press(&mut state, &[Intent::Stay, Intent::PlanGoLive]);
    assert_screens("calendar-go-live-none", &state);
    let mut workspace = busy();
    workspace.windows.remove(1);
    let mut state = sample::with(workspace);
    state.release = Some("checkout-4.2".into());
    press(&mut state, &[Intent::Stay, Intent::PlanGoLive, Intent::Down, Intent::Right]);
    assert_screens("calendar-go-live", &state);
}

#[test]
fn everything_that_collides_is_a_list() {
    let mut state = full();
    press(&mut state, &[Intent::ShowConflicts, Intent::Down]);
    assert_screens("calendar-conflicts", &state);
    // Nothing collides, and what runs is not known.
    let mut workspace = busy();
    workspace.releases.truncate(1);
    workspace.windows.clear();
    let mut state = sample::with(workspace);
    press(&mut state, &[Intent::ShowConflicts]);
    assert_screens("calendar-conflicts-none", &state);
}

#[test]
fn a_long_freeze_shades_the_month() {
    let mut workspace = busy();
    let mut freeze = window(
        "year-end",
        WindowKind::Freeze,
        "Year-end close",
        "2026-12-18T18:00:00",
        "2027-01-04T06:00:00",
        Tz::Europe__Berlin,
    );
    freeze.repeat = Some("FREQ=YEARLY".into());
    workspace.windows.push(freeze);
    let mut state = sample::with(workspace);
    press(&mut state, &[Intent::ShowMonth, Intent::NextPeriod]);
    assert_screens("calendar-freeze-month", &state);
    let days = [Intent::Down, Intent::Down, Intent::Down, Intent::ShowWeek];
    press(&mut state, &days);
    assert_screens("calendar-freeze-week", &state);
}

fn over_a_clock_change(zone: Tz, start: &str) -> State {
    let mut workspace = sample::workspace();
    let stage = &mut workspace.releases[0].stages[0];
    stage.start = sample::instant(start);
    stage.end = stage.start + TimeDelta::hours(2);
    stage.time_zone = zone;
    let id = workspace.releases[0].id.clone();
    let now = sample::at("2027-03-10T08:00:00Z");
    let mut state = State::new(now, zone, tminus::app::state::Look::default());
    update(&mut state, now, Message::WorkspaceLoaded(Arc::new(workspace), Vec::new()));
    state.release = Some(id);
    update(&mut state, now, Message::Tick);
    state
}

#[test]
fn a_week_in_which_berlin_loses_an_hour() {
    // 02:30 on Saturday; a day later that hour is skipped.
    let mut state = over_a_clock_change(Tz::Europe__Berlin, "2027-03-27T01:30:00Z");
    press(&mut state, &[Intent::MoveStage, Intent::Right]);
    assert_screens("calendar-berlin-moving", &state);
}

#[test]
fn a_week_in_which_new_york_loses_an_hour() {
    assert_screens("calendar-new-york", &over_a_clock_change(Tz::America__New_York, "2027-03-14T06:00:00Z"));
}

#[test]
fn no_size_panics() {
    for shape in [Intent::ShowWeek, Intent::ShowMonth, Intent::ShowAgenda, Intent::ShowTimeline] {
        let mut state = full();
        press(&mut state, &[shape]);
        for moving in [false, true] {
            if moving {
                press(&mut state, &[Intent::MoveStage, Intent::Right]);
            }
            for width in (56..210).step_by(11) {
                for height in (13..70).step_by(5) {
                    state.size = (width, height);
                    draw(&state, (width, height));
                }
            }
        }
    }
}

#[test]
fn large_digits_are_readable_in_ascii() {
    let mut state = full();
    state.look.ascii = true;
    state.size = (120, 40);
    let shown = text(&draw(&state, state.size));
    assert!(shown.is_ascii() && shown.contains("|_|"), "{shown}");
}
