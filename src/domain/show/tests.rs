//! The rules of the count, on a small run of show.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;

use super::*;
use crate::domain::samples;
use crate::domain::{Change, Status, Value};

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn step(id: &str, at: &str, after: &[&str], minutes: i64) -> Step {
    Step {
        id: id.into(),
        title: id.into(),
        at: (!at.is_empty()).then(|| CountTime::parse(at).unwrap()),
        after: after.iter().map(|id| (*id).to_owned()).collect(),
        duration: TimeDelta::minutes(minutes),
        ..Step::default()
    }
}

/// T-0 is at 14:00: freeze, then tests, then the poll; flags on their own; a look back after.
fn release() -> Release {
    let mut release = samples::release(
        "checkout-4.2",
        &[("checkout", "4.2.0")],
        vec![samples::stage("production", "2026-11-25T14:00:00Z", "2026-11-25T16:00:00Z")],
    );
    release.show.steps = vec![
        step("freeze", "T-4h", &[], 30),
        step("tests", "", &["freeze"], 60),
        step("poll", "T-1h", &["tests"], 30),
        step("flags", "T-2h", &[], 15),
        step("look", "T+1h", &[], 10),
    ];
    release
}

fn at(release: &Release, now: &str) -> Reckoning<'static> {
    // Leaked so that a test can read on one line what comes of a release that was made there.
    let release: &'static Release = Box::leak(Box::new(release.clone()));
    reckon(release, Tz::UTC, utc(now)).unwrap()
}

fn hold(since: &str, until: Option<&str>) -> Hold {
    Hold { since: utc(since), until: until.map(utc), by: Some("mira".into()), reason: "ledger".into() }
}

fn clock(time: DateTime<Utc>) -> String {
    time.format("%H:%M").to_string()
}

/// `id state due-start expected-end late slack` a line, minutes.
fn table(reckoning: &Reckoning<'_>) -> Vec<String> {
    let line = |step: &Reckoned<'_>| {
        let slack = step.slack.map_or("-".to_owned(), |slack| slack.num_minutes().to_string());
        let critical = if step.is_critical { " *" } else { "" };
        let (due, end, late) = (clock(step.due.0), clock(step.expected.1), step.late.num_minutes());
        format!("{} {} {due} {end} {late} {slack}{critical}", step.step.id, step.word())
    };
    reckoning.steps.iter().map(line).collect()
}

#[test]
fn a_day_before_everything_lies_where_it_was_planned() {
    let reckoning = at(&release(), "2026-11-24T14:00:00Z");
    assert_eq!(
        table(&reckoning),
        [
            "freeze planned 10:00 10:30 0 120",
            "tests planned 10:30 11:30 0 120",
            "flags planned 12:00 12:15 0 105",
            "poll planned 13:00 13:30 0 30 *",
            "look planned 15:00 15:10 0 -",
        ]
    );
    assert!(reckoning.is_on_plan());
    assert_eq!(reckoning.clock.left(reckoning.now), TimeDelta::days(1));
    assert_eq!(reckoning.clock.slack, Some(TimeDelta::minutes(30)));
}

#[test]
fn what_is_late_moves_what_waits_for_it_and_in_the_end_t_0() {
    let mut release = release();
    release.show.steps[0].started = Some(utc("2026-11-25T10:05:00Z"));
    // Still at it at 13:00, where half an hour was planned.
    let reckoning = at(&release, "2026-11-25T13:00:00Z");
    assert_eq!(
        table(&reckoning),
        [
            "freeze late 10:00 13:00 150 -30 *",
            "tests waiting 10:30 14:00 150 -30 *",
            "flags late 12:00 13:15 60 45",
            "poll waiting 13:00 14:30 60 -30 *",
            "look planned 15:00 15:10 0 -",
        ]
    );
    assert_eq!(clock(reckoning.clock.expected), "14:30");
    assert_eq!(reckoning.clock.slips(), TimeDelta::minutes(30));
    assert!(!reckoning.is_on_plan());
    let tests = reckoning.step("tests").unwrap();
    assert_eq!(tests.waits_for.iter().map(|step| step.id.as_str()).collect::<Vec<_>>(), ["freeze"]);
    let late: Vec<&str> = reckoning.late().map(|step| step.step.id.as_str()).collect();
    assert_eq!(late, ["freeze", "flags"], "who waits for others is not late");
}

#[test]
fn a_skipped_step_keeps_nobody_waiting() {
    let mut release = release();
    release.show.steps[0].done = Some(utc("2026-11-25T10:20:00Z"));
    release.show.steps[1].skipped = Some("tests run elsewhere".into());
    let reckoning = at(&release, "2026-11-25T13:00:00Z");
    assert_eq!(reckoning.step("tests").unwrap().state, StepState::Skipped);
    assert_eq!(reckoning.step("poll").unwrap().state, StepState::Ready);
    assert_eq!(reckoning.step("freeze").unwrap().slip, TimeDelta::minutes(-10));
}

#[test]
fn a_step_that_only_waits_for_others_is_ready_when_they_are_done_even_early() {
    let mut release = release();
    release.show.steps[0].done = Some(utc("2026-11-25T09:00:00Z"));
    let reckoning = at(&release, "2026-11-25T09:10:00Z");
    let tests = reckoning.step("tests").unwrap();
    assert_eq!((tests.state, clock(tests.expected.0).as_str()), (StepState::Ready, "10:30"));
    assert_eq!(reckoning.step("flags").unwrap().state, StepState::Planned);
}

#[test]
fn a_hold_stops_the_count_and_moves_t_0_and_all_that_was_to_come() {
    let mut release = release();
    release.show.holds = vec![hold("2026-11-25T11:00:00Z", None)];
    release.show.steps[0].done = Some(utc("2026-11-25T10:30:00Z"));
    let early = at(&release, "2026-11-25T11:10:00Z");
    let later = at(&release, "2026-11-25T11:40:00Z");
    assert_eq!(early.clock.left(early.now), TimeDelta::hours(3), "the count stands at T-3h");
    assert_eq!(later.clock.left(later.now), TimeDelta::hours(3));
    assert_eq!(clock(later.clock.counted), "14:40");
    assert!(!later.is_on_plan());
    release.show.holds = vec![hold("2026-11-25T11:00:00Z", Some("2026-11-25T11:40:00Z"))];
    let resumed = at(&release, "2026-11-25T12:00:00Z");
    assert_eq!(
        table(&resumed),
        [
            "freeze done 10:00 10:30 0 -",
            // Its time had come before the hold began.
            "tests late 10:30 13:00 90 70",
            "flags planned 12:40 12:55 0 105",
            "poll planned 13:40 14:10 0 30 *",
            "look planned 15:40 15:50 0 -",
        ]
    );
    assert_eq!(resumed.clock.held, TimeDelta::minutes(40));
    assert_eq!(resumed.step("poll").unwrap().slip, TimeDelta::minutes(40));
}

#[test]
fn asked_as_of_then_what_came_later_has_not_happened() {
    let mut release = release();
    release.show.holds = vec![hold("2026-11-25T11:00:00Z", Some("2026-11-25T11:40:00Z"))];
    release.show.steps[0].started = Some(utc("2026-11-25T10:05:00Z"));
    release.show.steps[0].done = Some(utc("2026-11-25T10:40:00Z"));
    release.show.steps[3].skipped = Some("no flags".into());
    release.show.steps[3].done = Some(utc("2026-11-25T10:50:00Z"));
    let states = |now: &str| {
        let reckoning = at(&release, now);
        let of = |id: &str| reckoning.step(id).unwrap().state.word();
        (of("freeze"), of("flags"), reckoning.clock.hold.is_some())
    };
    assert_eq!(states("2026-11-25T10:04:00Z"), ("ready", "planned", false));
    assert_eq!(states("2026-11-25T10:30:00Z"), ("running", "planned", false));
    assert_eq!(states("2026-11-25T11:20:00Z"), ("done", "skipped", true));
    assert_eq!(states("2026-11-25T11:50:00Z"), ("done", "skipped", false));
}

#[test]
fn t_0_lies_where_the_file_says() {
    let mut release = release();
    release.stages.insert(0, samples::stage("staging", "2026-11-24T09:00:00Z", "2026-11-24T10:00:00Z"));
    let zero_of = |release: &Release| zero(release, Tz::UTC).map(|zero| zero.at.to_rfc3339());
    assert_eq!(zero_of(&release).unwrap(), "2026-11-24T09:00:00+00:00");
    release.show.anchor = Anchor::Environment { environment: "production".into(), region: None };
    assert_eq!(zero_of(&release).unwrap(), "2026-11-25T14:00:00+00:00");
    release.show.anchor = Anchor::Environment { environment: "production".into(), region: Some("us".into()) };
    assert!(zero_of(&release).unwrap_err().contains("no stage goes to production/us"));
    release.show.anchor = Anchor::Instant(utc("2026-12-01T00:00:00Z"));
    assert_eq!(zero_of(&release).unwrap(), "2026-12-01T00:00:00+00:00");
    release.show.anchor = Anchor::FirstStage;
    release.stages.clear();
    assert!(zero_of(&release).unwrap_err().contains("plan a stage"));
}

#[test]
fn work_in_somebodys_night_is_said() {
    let mut release = release();
    release.show.steps[4].time_zone = Some(Tz::Asia__Kolkata);
    let is_night =
        |release: &Release, id: &str| at(release, "2026-11-24T00:00:00Z").step(id).unwrap().is_at_night;
    // 15:00 UTC is 20:30 in India.
    assert!(!is_night(&release, "look"));
    release.show.steps[4].at = Some(CountTime::parse("T+7h").unwrap());
    assert!(is_night(&release, "look"), "02:30 in India");
    release.show.steps[4].at = Some(CountTime::parse("T+5h").unwrap());
    release.show.steps[4].duration = TimeDelta::hours(2);
    assert!(is_night(&release, "look"), "00:30 to 02:30 in India");
    release.show.steps[4].duration = TimeDelta::minutes(90);
    assert!(!is_night(&release, "look"), "it ends as the night begins");
}

#[test]
fn a_release_that_ended_is_late_with_nothing() {
    let mut release = release();
    release.status = Status::Completed;
    let reckoning = at(&release, "2026-12-25T14:00:00Z");
    assert!(reckoning.clock.is_over && reckoning.is_on_plan());
    assert_eq!(reckoning.late().count(), 0);
}

#[test]
fn deeds_are_refused_where_they_make_no_sense() {
    let mut release = release();
    release.show.steps[0].started = Some(utc("2026-11-25T10:00:00Z"));
    let now = utc("2026-11-25T10:10:00Z");
    let said = |release: &Release, id: &str, deed: StepDeed| {
        changes::change_step(release, Tz::UTC, id, &deed, None, now).map_err(|refused| refused.to_string())
    };
    let skip = |reason: &str| StepDeed::Skip { reason: reason.into() };
    let to = |text: &str| StepDeed::Move(CountTime::parse(text).unwrap());
    for (id, deed, word) in [
        ("tests", StepDeed::Start, "tests waits for freeze: finish or skip that first"),
        ("tests", StepDeed::Finish, "waits for freeze"),
        ("freeze", StepDeed::Start, "runs already"),
        ("freeze", to("T-5h"), "what happened stays"),
        ("flags", skip("  "), "say why"),
        ("flags", StepDeed::Reopen, "nothing has happened"),
        ("flag", StepDeed::Start, "has no step `flag`: there are freeze, tests, poll, flags, look"),
    ] {
        let error = said(&release, id, deed).unwrap_err();
        assert!(error.contains(word), "{id}: {error}");
    }
    assert!(said(&release, "flags", skip("no flags")).is_ok());
    assert!(said(&release, "tests", to("T-3h")).is_ok());
    release.show.holds = vec![hold("2026-11-25T10:05:00Z", None)];
    assert!(said(&release, "flags", StepDeed::Start).unwrap_err().contains("the count is held"));
    assert!(said(&release, "freeze", StepDeed::Finish).is_ok(), "what runs goes on");
    assert!(changes::hold(&release, Tz::UTC, "again", None, now).is_err());
    release.status = Status::Cancelled;
    assert!(said(&release, "freeze", StepDeed::Finish).unwrap_err().contains("is cancelled"));
    assert!(changes::resume(&release, Tz::UTC, now).is_err());
}

#[test]
fn a_deed_is_a_small_change_of_the_file() {
    let mut release = release();
    let now = utc("2026-11-25T10:10:00.750Z");
    let patch =
        changes::change_step(&release, Tz::UTC, "freeze", &StepDeed::Start, Some("mira"), now).unwrap();
    assert_eq!(patch.title, "checkout-4.2: start freeze");
    let Change::Set { key, value, .. } = &patch.changes[0] else { panic!("{patch:?}") };
    assert_eq!((key.as_str(), value), ("started", &Some(Value::Time("2026-11-25T10:10:00Z".into()))));
    assert_eq!(patch.changes.len(), 2);
    let held = changes::hold(&release, Tz::UTC, "ledger", Some("mira"), now).unwrap();
    let Change::Add { list, table } = &held.changes[0] else { panic!("{held:?}") };
    assert_eq!((list.as_str(), table.len()), ("hold", 3));
    // A clock that lags behind the one that wrote the last hold.
    release.show.holds = vec![hold("2026-11-25T10:00:00Z", Some("2026-11-25T10:10:30Z"))];
    let held = changes::hold(&release, Tz::UTC, "ledger", None, now).unwrap();
    let Change::Add { table, .. } = &held.changes[0] else { panic!("{held:?}") };
    assert_eq!(table[0].1, Value::Time("2026-11-25T10:10:30Z".into()));
}

/// Any run of show: steps wait only for earlier ones, so there is no circle.
fn any_steps() -> impl Strategy<Value = Vec<Step>> {
    let one = (0_u32..2000, 0_i64..180, proptest::collection::vec(0_usize..12, 0..3), any::<bool>());
    proptest::collection::vec(one, 1..12).prop_map(|steps| {
        let made = steps.into_iter().enumerate().map(|(place, (before, minutes, after, has_time))| {
            let after: Vec<String> =
                after.into_iter().filter(|other| *other < place).map(|other| format!("s{other}")).collect();
            let after: Vec<&str> = after.iter().map(String::as_str).collect();
            let time = format!("T-{before}m");
            let at = if has_time || after.is_empty() { time.as_str() } else { "" };
            step(&format!("s{place}"), at, &after, minutes)
        });
        made.collect()
    })
}

fn with_steps(steps: Vec<Step>) -> Release {
    let mut release = release();
    release.show.steps = steps;
    release
}

proptest! {
    #[test]
    fn before_the_first_step_nothing_slips(steps in any_steps()) {
        let release = with_steps(steps);
        let reckoning = reckon(&release, Tz::UTC, utc("2026-11-20T00:00:00Z")).unwrap();
        for step in &reckoning.steps {
            prop_assert_eq!(step.expected, step.planned);
            prop_assert_eq!(step.slip, TimeDelta::zero());
        }
        // A plan may itself be too long for T-0; then it says so.
        let last = reckoning.steps.iter().filter(|step| step.slack.is_some()).map(|step| step.expected.1).max();
        prop_assert!(last.is_none_or(|last| last <= reckoning.clock.expected));
    }

    #[test]
    fn nothing_begins_before_what_it_waits_for_is_done(steps in any_steps(), minutes in 0_i64..3000, done in 0_usize..12) {
        let mut release = with_steps(steps);
        let now = utc("2026-11-24T00:00:00Z") + TimeDelta::minutes(minutes);
        // The first few are done, in their order.
        for step in release.show.steps.iter_mut().take(done) {
            step.done = Some(now - TimeDelta::minutes(1));
        }
        let reckoning = reckon(&release, Tz::UTC, now).unwrap();
        for step in reckoning.steps.iter().filter(|step| !step.state.is_over()) {
            prop_assert!(step.expected.0 >= now.min(step.due.0));
            for before in &step.step.after {
                prop_assert!(step.expected.0 >= reckoning.step(before).unwrap().expected.1);
            }
        }
    }

    #[test]
    fn a_slip_moves_nothing_to_an_earlier_time(steps in any_steps(), which in 0_usize..12, late in 0_i64..600) {
        let calm = with_steps(steps);
        let mut slipped = calm.clone();
        let which = which % slipped.show.steps.len();
        slipped.show.steps[which].duration += TimeDelta::minutes(late);
        let now = utc("2026-11-20T00:00:00Z");
        let (calm, slipped) = (reckon(&calm, Tz::UTC, now).unwrap(), reckon(&slipped, Tz::UTC, now).unwrap());
        for step in &calm.steps {
            let other = slipped.step(&step.step.id).unwrap();
            prop_assert!(other.expected.0 >= step.expected.0 && other.expected.1 >= step.expected.1);
            let is_after = other.place > which;
            prop_assert!(is_after || other.place == which || other.expected == step.expected);
        }
        prop_assert!(slipped.clock.expected >= calm.clock.expected);
    }

    #[test]
    fn time_that_passes_moves_nothing_to_an_earlier_time(steps in any_steps(), first in 0_i64..4000, more in 0_i64..500) {
        let release = with_steps(steps);
        let then = utc("2026-11-23T00:00:00Z") + TimeDelta::minutes(first);
        let one = reckon(&release, Tz::UTC, then).unwrap();
        let other = reckon(&release, Tz::UTC, then + TimeDelta::minutes(more)).unwrap();
        for step in &one.steps {
            prop_assert!(other.step(&step.step.id).unwrap().expected.1 >= step.expected.1);
        }
    }

    #[test]
    fn a_hold_adds_itself_and_nothing_else(steps in any_steps(), begin in 1_i64..3000, length in 0_i64..500) {
        let calm = with_steps(steps);
        let since = utc("2026-11-22T23:59:00Z") + TimeDelta::minutes(begin);
        let until = since + TimeDelta::minutes(length);
        let mut held = calm.clone();
        held.show.holds = vec![Hold { since, until: Some(until), by: None, reason: "x".into() }];
        let mut open = calm.clone();
        open.show.holds = vec![Hold { since, until: None, by: None, reason: "x".into() }];
        let calm = reckon(&calm, Tz::UTC, since).unwrap();
        let resumed = reckon(&held, Tz::UTC, until).unwrap();
        // While it goes on it counts as if it ended now.
        let going_on = reckon(&open, Tz::UTC, until).unwrap();
        prop_assert_eq!(going_on.clock.counted, resumed.clock.counted);
        prop_assert_eq!(resumed.clock.left(until), calm.clock.left(since));
        for step in &calm.steps {
            let other = resumed.step(&step.step.id).unwrap();
            // Nothing had begun, so all that is to come moves by the whole hold.
            prop_assert_eq!(other.expected.0 - step.expected.0, TimeDelta::minutes(length));
            prop_assert_eq!(other.slack, step.slack);
        }
    }

    #[test]
    fn the_slack_is_what_a_step_can_slip_before_t_0_does(steps in any_steps(), which in 0_usize..12) {
        let release = with_steps(steps);
        let now = utc("2026-11-20T00:00:00Z");
        let calm = reckon(&release, Tz::UTC, now).unwrap();
        let which = which % release.show.steps.len();
        let slack = calm.step(&format!("s{which}")).unwrap().slack;
        let longer = |more: TimeDelta| {
            let mut release = release.clone();
            release.show.steps[which].duration += more;
            let reckoning = reckon(&release, Tz::UTC, now).unwrap();
            let before_zero = calm.steps.iter().filter(|step| step.slack.is_some());
            before_zero.map(|step| reckoning.step(&step.step.id).unwrap().expected.1).max()
        };
        // Where the plan itself is too long there is nothing to give.
        if let Some(slack) = slack.filter(|slack| *slack >= TimeDelta::zero()) && calm.clock.slips().is_zero() {
            prop_assert!(longer(slack) <= Some(calm.clock.counted));
            prop_assert!(longer(slack + TimeDelta::minutes(1)) > Some(calm.clock.counted));
        }
    }
}
