//! The run of show and the war room: counting, holding, late, done, empty.

use std::sync::Arc;

use chrono::TimeDelta;
use chrono_tz::Tz;
use tminus::app::form::Name;
use tminus::app::message::Typed;
use tminus::app::{Intent, Message, State, update};
use tminus::domain::condition::Condition;
use tminus::domain::question::{Alert, AlertState, Checked};
use tminus::domain::release::Check as Poll;
use tminus::domain::show::{Anchor, Check, CountTime, Hold, Step};
use tminus::domain::{Answer, Failure, FailureKind, Question, Status, Workspace};

use crate::forms::{fill, go_to, types};
use crate::{assert_screens, sample};

#[expect(clippy::unwrap_used, reason = "a wrong time in a test should end it")]
fn step(id: &str, title: &str, at: &str, after: &[&str], minutes: i64, owner: &str) -> Step {
    Step {
        id: id.into(),
        title: title.into(),
        at: (!at.is_empty()).then(|| CountTime::parse(at).unwrap()),
        after: after.iter().map(|id| (*id).to_owned()).collect(),
        duration: TimeDelta::minutes(minutes),
        owner: (!owner.is_empty()).then(|| owner.to_owned()),
        ..Step::default()
    }
}

/// Checkout 4.2 goes to production at 15:00 in Berlin; it is 14:22.
#[expect(clippy::unwrap_used, reason = "a sample without its release should end the test")]
fn workspace() -> Workspace {
    let mut workspace = sample::workspace();
    let release = workspace.releases.iter_mut().find(|release| release.id == "checkout-4.2").unwrap();
    release.show.anchor = Anchor::Environment { environment: "production".into(), region: None };
    let done = |mut step: Step, started: &str, done: &str, by: &str| {
        step.started = Some(sample::instant(started));
        step.done = Some(sample::instant(done));
        step.by = Some(by.into());
        step
    };
    let query = Check::Query {
        query: "sum(ci_failed{release=\"checkout-4.2\"})".into(),
        until: Condition::parse("== 0").unwrap(),
    };
    let command = Check::Command { argv: vec!["./smoke".into(), "{{version}}".into()], timeout: None };
    let mut india = step("numbers", "Compare orders with last week", "T+6h30m", &["watch"], 30, "priya");
    india.time_zone = Some(Tz::Asia__Kolkata);
    release.show.steps = vec![
        done(
            step("freeze", "Freeze the release branch", "T-2d", &[], 30, "mira"),
            "2026-11-23T14:02:00Z",
            "2026-11-23T14:20:00Z",
            "mira",
        ),
        done(
            step("tests", "Every test is green", "", &["freeze"], 60, "ci"),
            "2026-11-23T14:20:00Z",
            "2026-11-23T15:05:00Z",
            "check",
        ),
        Step {
            skipped: Some("no flags this time".into()),
            done: Some(sample::instant("2026-11-25T09:00:00Z")),
            ..step("flags", "Prepare the feature flags", "T-4h", &[], 15, "luc")
        },
        Step {
            started: Some(sample::instant("2026-11-25T12:50:00Z")),
            ..step("backup", "Back the order database up", "T-1h", &[], 20, "diego")
        },
        Step {
            check: Some(query),
            ..step("smoke", "Smoke tests on staging", "T-45m", &["tests"], 10, "ana")
        },
        Step { check: Some(command), ..step("briefed", "Support has the summary", "T-40m", &[], 5, "noor") },
        step("poll", "Go or no-go", "T-15m", &["backup", "smoke", "briefed"], 10, "mira"),
        step("deploy", "Canary at 5 % in Europe", "T-0", &["poll"], 40, "mira"),
        step("watch", "Watch errors and latency", "", &["deploy"], 60, ""),
        india,
    ];
    release.checks = vec![
        Poll {
            id: "support".into(),
            title: "Support has the impact summary".into(),
            role: Some("support".into()),
        },
        Poll { id: "marketing".into(), title: "Marketing knows the hour".into(), role: None },
    ];
    workspace
}

fn press(state: &mut State, intents: &[Intent]) {
    let now = state.now;
    for intent in intents {
        update(state, now, Message::Intent(*intent));
    }
}

fn opened(workspace: Workspace, intent: Intent) -> State {
    let mut state = sample::with(workspace);
    state.release = Some("checkout-4.2".into());
    state.who = Some("mira".into());
    press(&mut state, &[intent]);
    state
}

fn change(change: impl FnOnce(&mut tminus::domain::Release)) -> Workspace {
    let mut workspace = workspace();
    workspace.releases.iter_mut().filter(|release| release.id == "checkout-4.2").take(1).for_each({
        let mut change = Some(change);
        move |release| {
            if let Some(change) = change.take() {
                change(release);
            }
        }
    });
    workspace
}

fn on_time(release: &mut tminus::domain::Release) {
    for step in &mut release.show.steps {
        match step.id.as_str() {
            "backup" => {
                step.started = Some(sample::instant("2026-11-25T13:00:00Z"));
                step.done = Some(sample::instant("2026-11-25T13:18:00Z"));
            }
            "smoke" => step.started = Some(sample::instant("2026-11-25T13:16:00Z")),
            "briefed" => step.done = Some(sample::instant("2026-11-25T13:21:00Z")),
            _ => {}
        }
    }
}

fn held(release: &mut tminus::domain::Release) {
    release.show.holds = vec![Hold {
        since: sample::instant("2026-11-25T13:10:00Z"),
        until: None,
        by: Some("mira".into()),
        reason: "the ledger migration is slow".into(),
    }];
}

fn over(release: &mut tminus::domain::Release) {
    release.status = Status::Completed;
    for step in &mut release.show.steps {
        step.done = step.done.or(Some(sample::instant("2026-11-25T13:20:00Z")));
    }
}

/// Answers what is on its way.
fn answer(state: &mut State, reply: impl Fn(&Question) -> Option<Result<Answer, Failure>>) {
    let pending: Vec<_> = state
        .remotes
        .iter()
        .filter_map(|(question, remote)| Some((question.clone(), remote.pending()?.0)))
        .collect();
    let now = state.now;
    for (question, generation) in pending {
        if let Some(result) = reply(&question) {
            update(state, now, Message::Answered { question, generation, result });
        }
    }
}

fn alert(environment: &str) -> Alert {
    Alert {
        name: "CheckoutErrors".into(),
        labels: [("environment".into(), environment.into())].into_iter().collect(),
        summary: "errors".into(),
        state: AlertState::Firing,
        since: sample::now().wall,
        id: None,
        silenced_by: Vec::new(),
        inhibited_by: Vec::new(),
    }
}

#[test]
fn steps_on_plan() {
    let mut state = opened(change(on_time), Intent::ShowRunOfShow);
    answer(&mut state, |question| match question {
        Question::StepQuery { .. } => {
            Some(Ok(Answer::Checked(Checked { holds: false, found: "2, wanted == 0".into() })))
        }
        _ => None,
    });
    assert_screens("show-steps", &state);
}

#[test]
fn steps_that_are_late_move_what_waits_for_them() {
    assert_screens("show-late", &opened(workspace(), Intent::ShowRunOfShow));
}

#[test]
fn a_skip_asks_why() {
    let mut state = opened(workspace(), Intent::ShowRunOfShow);
    press(&mut state, &[Intent::SkipStep]);
    let now = state.now;
    update(&mut state, now, Message::Typed(Typed::Paste("the backup of last night is enough".into())));
    assert_screens("show-skip", &state);
}

#[test]
fn a_program_is_shown_before_it_runs() {
    let mut state = opened(workspace(), Intent::ShowRunOfShow);
    press(&mut state, &[Intent::Down, Intent::Down, Intent::CheckStep]);
    assert_screens("show-check", &state);
}

#[test]
fn a_release_without_a_run_of_show() {
    assert_screens("show-none", &opened(sample::workspace(), Intent::ShowRunOfShow));
}

#[test]
fn a_step_that_is_added_and_what_is_wrong_with_it() {
    let mut state = opened(workspace(), Intent::ShowRunOfShow);
    press(&mut state, &[Intent::AddStep]);
    fill(&mut state, Name::Id, 0, "smoke");
    fill(&mut state, Name::Title, 0, "Warm the caches");
    fill(&mut state, Name::At, 0, "30m");
    fill(&mut state, Name::Duration, 0, "15m");
    fill(&mut state, Name::Query, 0, "sum(cache_misses)");
    fill(&mut state, Name::Run, 0, "./warm --all");
    press(&mut state, &[Intent::SaveForm]);
    go_to(&mut state, Name::After, 0);
    types(&mut state, "b");
    assert_screens("form-step-new", &state);
}

#[test]
fn a_step_as_its_file_says() {
    let mut state = opened(workspace(), Intent::ShowRunOfShow);
    press(&mut state, &[Intent::Down, Intent::EditSelected]);
    fill(&mut state, Name::After, 0, "tests, poll");
    assert_screens("form-step-circle", &state);
}

#[test]
fn a_step_that_is_taken_out() {
    let mut state = opened(workspace(), Intent::ShowRunOfShow);
    press(&mut state, &[Intent::Down, Intent::Remove]);
    assert_screens("form-step-remove", &state);
}

#[test]
fn the_keys_of_a_run_of_show() {
    let mut state = opened(workspace(), Intent::ShowRunOfShow);
    press(&mut state, &[Intent::ShowHelp]);
    assert_screens("show-help", &state);
}

#[test]
fn a_war_room_that_counts() {
    let mut state = opened(change(on_time), Intent::ShowWarRoom);
    answer(&mut state, |question| match question {
        Question::Alerts { .. } => Some(Ok(Answer::Alerts(Vec::new().into()))),
        _ => None,
    });
    assert_screens("war-room", &state);
}

#[test]
fn a_war_room_where_somebody_is_late_and_an_alert_fires() {
    let mut state = opened(workspace(), Intent::ShowWarRoom);
    answer(&mut state, |question| match question {
        Question::Alerts { .. } => {
            Some(Ok(Answer::Alerts(vec![alert("production"), alert("staging")].into())))
        }
        _ => None,
    });
    assert_screens("war-room-late", &state);
}

#[test]
fn a_war_room_that_holds_and_knows_nothing_of_alerts() {
    let mut state = opened(change(held), Intent::ShowWarRoom);
    answer(&mut state, |question| match question {
        Question::Alerts { .. } => {
            Some(Err(Failure::new(FailureKind::Unreachable, "connection refused", "start it")))
        }
        _ => None,
    });
    assert_screens("war-room-held", &state);
}

#[test]
fn a_war_room_days_before() {
    let mut state = opened(workspace(), Intent::ShowWarRoom);
    state.now.wall -= TimeDelta::days(3);
    assert_screens("war-room-early", &state);
}

#[test]
fn a_war_room_when_all_is_done() {
    assert_screens("war-room-done", &opened(change(over), Intent::ShowWarRoom));
}

#[test]
fn a_second_later_only_a_digit_changes() {
    let mut state = opened(change(on_time), Intent::ShowWarRoom);
    state.size = (120, 40);
    state.now.wall += TimeDelta::seconds(5);
    let one = crate::draw(&state, state.size);
    state.now.wall += TimeDelta::seconds(1);
    let other = crate::draw(&state, state.size);
    let changed = one.content.iter().zip(&other.content).filter(|(one, other)| one != other).count();
    assert!(changed > 0 && changed <= 200, "{changed} cells changed");
    // A digit is 3 by 5 pixels of 3 by 2 cells; two of them change here, and minutes in words do not.
    let rows: std::collections::BTreeSet<usize> = one
        .content
        .iter()
        .zip(&other.content)
        .enumerate()
        .filter(|(_, (one, other))| one != other)
        .map(|(at, _)| at / 120)
        .collect();
    assert!(rows.len() <= 10, "{rows:?}");
}

#[test]
fn nothing_is_told_by_colour_or_beyond_ascii_alone() {
    for intent in [Intent::ShowRunOfShow, Intent::ShowWarRoom] {
        let mut state = opened(workspace(), intent);
        state.look.ascii = true;
        state.size = (120, 40);
        let text = crate::text(&crate::draw(&state, state.size));
        assert!(text.is_ascii(), "{text}");
        assert!(text.to_lowercase().contains("late") && text.contains("Smoke tests on staging"), "{text}");
    }
    let mut state = opened(change(held), Intent::ShowWarRoom);
    state.look.ascii = true;
    state.size = (80, 24);
    let text = crate::text(&crate::draw(&state, state.size));
    assert!(text.contains("HOLD since"), "{text}");
}

#[test]
fn a_release_that_is_gone_says_so() {
    let mut state = opened(workspace(), Intent::ShowRunOfShow);
    let mut gone = workspace();
    gone.releases.clear();
    let now = state.now;
    update(&mut state, now, Message::WorkspaceLoaded(Arc::new(gone), Vec::new()));
    let text = crate::text(&crate::draw(&state, (80, 24)));
    assert!(text.contains("the release checkout-4.2 is gone"), "{text}");
}
