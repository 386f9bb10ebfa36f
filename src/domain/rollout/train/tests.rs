use super::*;
use crate::domain::release::{Stage, Strategy};
use crate::domain::rollout::Since;
use crate::domain::rollout::skew::{Place, Row};
use crate::domain::samples;

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::minutes(minute)
}

fn stage(environment: &str, region: Option<&str>, start: i64, end: i64) -> Stage {
    Stage {
        region: region.map(Into::into),
        start: at(start),
        end: at(end),
        strategy: Some(Strategy::Canary),
        ..samples::stage(environment, "1970-01-01T00:00:00Z", "1970-01-01T01:00:00Z")
    }
}

/// checkout needs ledger; both go to eu, then to us.
fn workspace() -> Workspace {
    let items = [("checkout", "4.2.0"), ("ledger", "3.1.0")];
    let stages = vec![stage("production", Some("eu"), 0, 60), stage("production", Some("us"), 60, 120)];
    Workspace {
        services: vec![samples::service("checkout", &[("ledger", "")]), samples::service("ledger", &[])],
        releases: vec![samples::release("autumn", &items, stages)],
        ..Workspace::default()
    }
}

/// How many of each version run in eu and us.
fn map(rows: &[(&str, &str, Option<f64>, Option<f64>)]) -> Skew {
    let place = |region: &str| Place { environment: "production".into(), region: Some(region.into()) };
    let row = |(service, version, eu, us): &(&str, &str, Option<f64>, Option<f64>)| Row {
        service: (*service).into(),
        version: (*version).into(),
        counts: vec![*eu, *us],
    };
    Skew {
        places: vec![place("eu"), place("us")],
        rows: rows.iter().map(row).collect(),
        findings: Vec::new(),
    }
}

fn position(full: Eta, until: i64) -> Position {
    Position {
        release: "autumn".into(),
        stage: 0,
        planned: (at(0), at(60)),
        strategy: Some(Strategy::Canary),
        steps: vec![0.25, 1.0],
        at: At::Step { step: 1, since: Since::At(at(0)), until: Some(at(until)) },
        full,
        done: None,
        delay: None,
        off: Vec::new(),
    }
}

fn only(workspace: &Workspace, seen: &[Seen<'_>], map: &Skew, now: i64) -> Train {
    let mut trains = trains(workspace, seen, map, (at(-60), at(600)), at(now));
    assert_eq!(trains.len(), 1);
    trains.remove(0)
}

fn cars(train: &Train) -> Vec<(String, usize, &'static str)> {
    train
        .cars
        .iter()
        .map(|car| (format!("{} {}", car.service, car.place()), car.wave, car.state.word()))
        .collect()
}

#[test]
fn providers_go_first_and_what_runs_says_what_is_done() {
    let map = map(&[
        ("ledger", "3.1.0", Some(8.0), Some(0.0)),
        ("ledger", "3.0.0", Some(0.0), Some(8.0)),
        ("checkout", "4.1.3", Some(8.0), Some(8.0)),
    ]);
    let train = only(&workspace(), &[], &map, 10);
    let row = |name: &str, wave, state| (name.to_owned(), wave, state);
    assert_eq!(
        cars(&train),
        [
            row("ledger production · eu", 1, "done"),
            row("checkout production · eu", 2, "waiting"),
            row("ledger production · us", 1, "waiting"),
            row("checkout production · us", 2, "waiting"),
        ]
    );
    assert_eq!((train.done(), train.progress, train.holding()), (1, 0.25, None));
    assert_eq!(train.full, Some(Eta::About(at(130))), "eu's stage takes its hour from now on, us's follows");
}

#[test]
fn a_stage_that_nothing_is_seen_of_is_late_and_pushes_what_follows() {
    let nothing =
        map(&[("ledger", "3.0.0", Some(8.0), Some(8.0)), ("checkout", "4.1.3", Some(8.0), Some(8.0))]);
    let train = only(&workspace(), &[], &nothing, 30);
    assert_eq!(train.cars[0].state, CarState::Late);
    assert_eq!(train.holding().map(|car| car.service.as_str()), Some("ledger"));
    assert_eq!(train.cars[2].full, Some(Eta::About(at(150))));
}

#[test]
fn the_one_over_its_time_holds_the_train_and_the_end_moves_with_it() {
    let runs = map(&[
        ("ledger", "3.1.0", Some(8.0), Some(0.0)),
        ("ledger", "3.0.0", Some(0.0), Some(8.0)),
        ("checkout", "4.2.0", Some(2.0), Some(0.0)),
        ("checkout", "4.1.3", Some(6.0), Some(8.0)),
    ]);
    let to = Safe::new("4.2.0");
    let late = position(Eta::Between(at(80), at(90)), 30);
    let seen = |position| Seen {
        index: 7,
        service: "checkout",
        environment: "production",
        region: Some("eu"),
        to: &to,
        phase: Phase::Paused,
        share: 0.25,
        position: Some(position),
    };
    let train = only(&workspace(), &[seen(&late)], &runs, 35);
    let holding = train.holding().expect("a holder");
    assert_eq!(
        (holding.service.as_str(), holding.rollout, holding.progress),
        ("checkout", Some(7), Some(0.25))
    );
    assert_eq!(train.cars[2].full, Some(Eta::About(at(150))), "us begins when eu is done");
    let in_time = position(Eta::Between(at(50), at(60)), 40);
    assert_eq!(only(&workspace(), &[seen(&in_time)], &runs, 35).holder, None);
    let nobody = position(Eta::NotKnown, 40);
    assert_eq!(only(&workspace(), &[seen(&nobody)], &runs, 35).full, Some(Eta::NotKnown));
}

#[test]
fn what_nobody_counts_is_unknown_and_never_done() {
    let train = only(&workspace(), &[], &Skew::default(), 30);
    assert_eq!(train.cars[0].state, CarState::Unknown);
    assert_eq!((train.cars[2].state, train.full), (CarState::Waiting, Some(Eta::NotKnown)));
    let half = map(&[("ledger", "3.1.0", None, None), ("checkout", "4.2.0", None, None)]);
    assert!(only(&workspace(), &[], &half, 200).cars.iter().all(|car| car.state == CarState::Unknown));
}

#[test]
fn a_newer_version_has_passed_the_one_to_come_and_all_done_is_done() {
    let newer =
        map(&[("ledger", "3.2.0", Some(8.0), Some(8.0)), ("checkout", "4.2.0", Some(8.0), Some(8.0))]);
    let train = only(&workspace(), &[], &newer, 200);
    assert_eq!((train.done(), train.full, train.progress), (4, None, 1.0));
}

#[test]
fn releases_of_another_day_and_drafts_are_no_trains() {
    let mut workspace = workspace();
    let later = vec![stage("production", None, 5000, 5060)];
    workspace.releases.push(samples::release("winter", &[("ledger", "4.0.0")], later));
    let mut draft = workspace.releases[0].clone();
    draft.id = "draft".into();
    draft.status = Status::Draft;
    workspace.releases.push(draft);
    only(&workspace, &[], &Skew::default(), 0);
}

/// One service to all regions of production at once.
fn alone() -> Workspace {
    let stages = vec![stage("production", None, 0, 60)];
    Workspace {
        services: vec![samples::service("checkout", &[])],
        releases: vec![samples::release("autumn", &[("checkout", "4.2.0")], stages)],
        ..Workspace::default()
    }
}

fn seen_in_eu<'a>(to: &'a Safe, phase: Phase, position: &'a Position) -> Seen<'a> {
    Seen {
        index: 7,
        service: "checkout",
        environment: "production",
        region: Some("eu"),
        to,
        phase,
        share: if phase == Phase::Completed { 1.0 } else { 0.25 },
        position: Some(position),
    }
}

#[test]
fn a_stage_of_all_regions_is_done_when_the_last_of_them_is() {
    let (to, at_eu) = (Safe::new("4.2.0"), position(Eta::Reached(Since::At(at(20))), 200));
    let seen = [seen_in_eu(&to, Phase::Completed, &at_eu)];
    let half =
        map(&[("checkout", "4.2.0", Some(8.0), Some(0.0)), ("checkout", "4.1.3", Some(0.0), Some(8.0))]);
    let train = only(&alone(), &seen, &half, 30);
    assert_eq!((train.cars[0].state, train.cars[0].progress), (CarState::Going, Some(0.5)));
    let both = map(&[("checkout", "4.2.0", Some(8.0), Some(8.0))]);
    assert_eq!(only(&alone(), &seen, &both, 30).cars[0].state, CarState::Done);
    // What nobody counted in one of them is not known to be done.
    let one = map(&[("checkout", "4.2.0", Some(8.0), None)]);
    assert_eq!(only(&alone(), &[], &one, 30).cars[0].state, CarState::Unknown);
}

#[test]
fn a_car_is_held_from_the_end_of_its_step_on_and_keeps_both_of_its_ends() {
    let to = Safe::new("4.2.0");
    let runs =
        map(&[("checkout", "4.2.0", Some(2.0), Some(2.0)), ("checkout", "4.1.3", Some(6.0), Some(6.0))]);
    let train = |until, now| {
        let position = position(Eta::Between(at(80), at(90)), until);
        only(&alone(), &[seen_in_eu(&to, Phase::Paused, &position)], &runs, now)
    };
    assert_eq!(train(37, 35).cars[0].state, CarState::Going, "it has two minutes");
    assert_eq!(train(34, 35).cars[0].state, CarState::Held);
    assert_eq!(train(37, 35).full, Some(Eta::Between(at(80), at(90))));
}

#[test]
fn what_goes_back_says_no_time_at_which_it_will_be_there() {
    let (to, planned) = (Safe::new("4.2.0"), position(Eta::About(at(90)), 40));
    for phase in [Phase::RollingBack, Phase::RolledBack, Phase::Unknown] {
        let train = only(&alone(), &[seen_in_eu(&to, phase, &planned)], &Skew::default(), 30);
        assert_eq!((train.cars[0].full, train.full), (Some(Eta::NotKnown), Some(Eta::NotKnown)), "{phase:?}");
    }
}

#[test]
fn a_rollout_of_one_stage_does_not_speak_for_another_at_the_same_place() {
    let mut workspace = alone();
    workspace.releases[0].stages.push(stage("production", None, 200, 260));
    let (to, second) = (Safe::new("4.2.0"), Position { stage: 1, ..position(Eta::About(at(260)), 240) });
    let train = only(&workspace, &[seen_in_eu(&to, Phase::Progressing, &second)], &Skew::default(), 210);
    let rollouts: Vec<_> = train.cars.iter().map(|car| car.rollout).collect();
    assert_eq!(rollouts, [None, Some(7)]);
}
