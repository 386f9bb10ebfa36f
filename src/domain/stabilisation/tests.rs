use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::changes::{Said, add};
use super::*;
use crate::domain::question::{AlertState, RunningHistory, ShareLine};
use crate::domain::rollout::rollouts;
use crate::domain::trigger::Trigger;
use crate::domain::{Change, samples};

fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_600_800, 0).unwrap() + TimeDelta::minutes(minutes)
}

/// A point every ten minutes; a digit a version's count, `.` no data.
fn history(lines: &[(&str, &str)]) -> RunningHistory {
    let count = |c: char| c.to_digit(10).map(f64::from);
    let line = |(version, counts): &(&str, &str)| ShareLine {
        service: "checkout".into(),
        region: None,
        version: (*version).into(),
        counts: counts.chars().map(count).collect(),
    };
    let points = lines.first().map_or(0, |(_, counts)| counts.len());
    RunningHistory {
        times: (0..points as i64).map(|point| at(point * 10)).collect(),
        lines: lines.iter().map(line).collect(),
        warnings: Vec::new(),
    }
}

fn looked(lines: &[(&str, &str)], version: &str) -> Seen {
    let history = history(lines);
    let now = *history.times.last().unwrap();
    seen(&history, &rollouts(&history, now), ("checkout", None), version)
}

fn everywhere(since: Since, last: i64) -> Seen {
    Seen::Everywhere { since, last: at(last) }
}

#[test]
fn a_release_is_everywhere_once_only_it_runs() {
    let going = [("4.1.3", "4443"), ("4.2.0", "0001")];
    assert_eq!(looked(&going, "4.2.0"), Seen::OnItsWay);
    let done = [("4.1.3", "444310000"), ("4.2.0", "000134444")];
    assert_eq!(looked(&done, "v4.2.0"), everywhere(Since::At(at(50)), 80));
    assert_eq!(looked(&[("4.2.0", "4444")], "4.2.0"), everywhere(Since::Before(at(0)), 30));
    assert_eq!(looked(&[("4.1.3", "4444")], "4.2.0"), Seen::Nowhere);
    assert!(matches!(looked(&[("4.1.3", "....")], "4.2.0"), Seen::NotTold(_)));
}

#[test]
fn a_gap_neither_ends_nor_begins_anything() {
    let gap = [("4.1.3", "4431..000"), ("4.2.0", "0013..444")];
    assert_eq!(looked(&gap, "4.2.0"), everywhere(Since::At(at(60)), 80));
    let silent = [("4.1.3", "4310....."), ("4.2.0", "0134.....")];
    assert_eq!(looked(&silent, "4.2.0"), everywhere(Since::At(at(30)), 30));
}

#[test]
fn what_takes_its_place_is_newer_or_older() {
    let newer = [("4.2.0", "4431000"), ("4.2.1", "0013444")];
    assert_eq!(
        looked(&newer, "4.2.0"),
        Seen::Gone {
            complete: Some(Since::Before(at(0))),
            at: at(40),
            by: "4.2.1".to_owned(),
            is_older: false
        }
    );
    let back = [("4.1.3", "4200044"), ("4.2.0", "0244400")];
    assert_eq!(
        looked(&back, "4.2.0"),
        Seen::Gone { complete: Some(Since::At(at(20))), at: at(50), by: "4.1.3".to_owned(), is_older: true }
    );
    // Taken back halfway: it never ran alone, and there is nothing to watch.
    let halfway = [("4.1.3", "4334444"), ("4.2.0", "0110000")];
    assert!(matches!(looked(&halfway, "4.2.0"), Seen::Gone { complete: None, .. }));
    // A newer one that was tried and taken back does not end the watch.
    let tried = [("4.2.0", "4443344"), ("4.2.1", "0001100")];
    assert_eq!(looked(&tried, "4.2.0"), everywhere(Since::Before(at(0)), 60));
}

fn release(plan: Plan) -> Release {
    let stages = vec![samples::stage("production", "2026-11-25T08:00:00Z", "2026-11-25T09:00:00Z")];
    Release { watch: plan, ..samples::release("checkout-4.2", &[("checkout", "4.2.0")], stages) }
}

fn note(minutes: i64, by: &str) -> Note {
    Note {
        time: at(minutes),
        by: by.to_owned(),
        to: None,
        acknowledge: false,
        close: false,
        text: "seen".to_owned(),
    }
}

/// The watch of a release that was everywhere at minute 0, so many minutes later.
fn after(release: &Release, minutes: i64) -> Option<Watch> {
    let seen = Seen::Everywhere { since: Since::At(at(0)), last: at(minutes) };
    watch(&Facts { release, service: None, planned_end: at(30), seen: &seen, now: at(minutes) })
}

#[test]
fn a_watch_goes_from_its_first_hour_to_its_end() {
    let release = release(Plan::default());
    let phase = |minutes| after(&release, minutes).unwrap().phase;
    assert_eq!(phase(0), Phase::FirstHour);
    assert_eq!(phase(59), Phase::FirstHour);
    assert_eq!(phase(60), Phase::Watching);
    assert_eq!(phase(72 * 60 - 1), Phase::Watching);
    assert_eq!(phase(72 * 60), Phase::Over);
    // It is remembered for a day, and no longer.
    assert_eq!(phase(95 * 60), Phase::Over);
    assert_eq!(after(&release, 97 * 60), None);
    let watch = after(&release, 5 * 60).unwrap();
    assert_eq!(watch.begins, Beginning::Observed(at(0)));
    assert_eq!(watch.line(at(300)), "watch: nobody watches, 67 h left");
}

#[test]
fn without_a_sight_of_it_the_plan_says_when_and_that_is_said() {
    let release = release(Plan::default());
    let of = |seen: Seen, minutes| {
        watch(&Facts { release: &release, service: None, planned_end: at(30), seen: &seen, now: at(minutes) })
    };
    assert_eq!(of(Seen::NotTold("down".to_owned()), 20), None);
    let planned = of(Seen::NotTold("down".to_owned()), 40).unwrap();
    assert_eq!((planned.begins, planned.phase), (Beginning::Planned(at(30)), Phase::FirstHour));
    assert!(planned.doubt.unwrap().contains("not known: down"));
    let nowhere = of(Seen::Nowhere, 40).unwrap();
    assert_eq!((nowhere.phase, nowhere.sensitivity), (Phase::NotKnown, Sensitivity::NORMAL));
    assert_eq!(of(Seen::OnItsWay, 40), None);
    // The history reaches back to minute 35 only, and it ran everywhere then.
    let before = |first| of(Seen::Everywhere { since: Since::Before(at(first)), last: at(90) }, 90).unwrap();
    assert_eq!(before(35).begins, Beginning::Planned(at(30)));
    assert_eq!(before(10).begins, Beginning::Before(at(10)));
}

#[test]
fn the_first_of_what_ends_it_counts() {
    let close = |minutes| Note { close: true, ..note(minutes, "mira") };
    // A note from before it began closed another place's watch.
    let plan = Plan { notes: vec![close(-5), close(200)], ..Plan::default() };
    let release = release(plan);
    assert_eq!(after(&release, 199).unwrap().phase, Phase::Watching);
    let closed = after(&release, 201).unwrap();
    assert_eq!((closed.phase, closed.left_words(at(201)).as_str()), (Phase::Closed, "closed by mira"));
    let gone =
        Seen::Gone { complete: Some(Since::At(at(0))), at: at(100), by: "4.2.1".to_owned(), is_older: false };
    let facts = Facts { release: &release, service: None, planned_end: at(30), seen: &gone, now: at(300) };
    let replaced = watch(&facts).unwrap();
    assert_eq!(replaced.ended, Some(Ended { at: Some(at(100)), why: Why::Replaced("4.2.1".to_owned()) }));
    assert!(replaced.sensitivity.is_normal());
}

#[test]
fn somebody_watches_or_the_gap_is_said() {
    let mut release = release(Plan::default());
    let mut service = samples::service("checkout", &[]);
    let who = |release: &Release, service: &Service, minutes| {
        watcher(release, Some(service), at(minutes)).map(|watcher| watcher.name)
    };
    assert_eq!(who(&release, &service, 0), None);
    service.owner = Some("team-checkout".to_owned());
    assert_eq!(who(&release, &service, 0).as_deref(), Some("team-checkout"));
    release.owner = Some("noor".to_owned());
    assert_eq!(who(&release, &service, 0).as_deref(), Some("noor"));
    release.watch.by = Some("mira".to_owned());
    assert_eq!(who(&release, &service, 0).as_deref(), Some("mira"));
    let to = |minutes, to: &str| Note { to: Some(to.to_owned()), ..note(minutes, "mira") };
    release.watch.notes = vec![to(60, "ada"), to(30, "sam"), note(90, "sam")];
    assert_eq!(who(&release, &service, 29).as_deref(), Some("mira"));
    assert_eq!(who(&release, &service, 45).as_deref(), Some("sam"));
    assert_eq!(who(&release, &service, 99).as_deref(), Some("ada"));
    let words = watcher(&release, None, at(99)).unwrap().words(at(99), chrono_tz::Tz::UTC);
    assert!(words.starts_with("ada, handed over by mira at "), "{words}");
}

fn open(minutes: i64) -> Open {
    Open { kind: Kind::Alert, what: format!("alert {minutes}"), since: at(minutes), is_exact: true }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn each_quarter_of_an_hour_names_the_next_until_somebody_acknowledges() {
    let mut plan = Plan::default();
    let list = names(&["mira", "@oncall", "@duty"]);
    let chain = chain(&list, Some("mira"));
    assert_eq!(chain, ["@oncall", "@duty"]);
    let look = |plan: &Plan, minutes| timers(plan, vec![open(0)], chain, at(minutes)).remove(0);
    assert_eq!((look(&plan, 14).call, look(&plan, 14).level), (None, 0));
    assert_eq!(look(&plan, 14).next, Some((at(15), "@oncall".to_owned())));
    assert_eq!(look(&plan, 15).call.as_deref(), Some("@oncall"));
    assert_eq!(look(&plan, 15).next, Some((at(30), "@duty".to_owned())));
    assert_eq!((look(&plan, 31).call.as_deref(), look(&plan, 31).next.clone()), (Some("@duty"), None));
    assert_eq!(look(&plan, 300).call.as_deref(), Some("@duty"));
    let acknowledge = |minutes| Note { acknowledge: true, ..note(minutes, "sam") };
    // What was acknowledged before it began is not acknowledged.
    plan.notes = vec![acknowledge(-1), acknowledge(20)];
    assert_eq!(look(&plan, 19).call.as_deref(), Some("@oncall"));
    assert_eq!(look(&plan, 20).acknowledged, Some(("sam".to_owned(), at(20))));
    assert_eq!(look(&plan, 50).call, None);
    // A new thing has a clock of its own.
    let both = timers(&plan, vec![open(0), open(25)], chain, at(41));
    assert_eq!(both[1].call.as_deref(), Some("@oncall"));
    assert_eq!(foremost(&both).map(|timer| timer.open.what.as_str()), Some("alert 25"));
    assert_eq!(words::escalation(&both, chain, at(41)), "call @oncall, then @duty in 14 m");
}

#[test]
fn where_nobody_can_be_called_that_is_said() {
    let said = |list: &[String], watcher| {
        let chain = chain(list, watcher);
        words::escalation(&timers(&Plan::default(), vec![open(0)], chain, at(20)), chain, at(20))
    };
    assert!(said(&[], None).starts_with("nobody to call"));
    assert!(said(&names(&["mira"]), Some("mira")).starts_with("nobody to call"));
    assert_eq!(said(&names(&["@duty"]), Some("mira")), "call @duty, the last of the list");
    assert_eq!(words::escalation(&[], &[], at(0)), "nothing is open");
}

#[test]
fn a_note_says_something_and_who_says_it() {
    let release = release(Plan::default());
    let said = |by: &str, text: &str| Said { by: by.to_owned(), text: text.to_owned(), ..Said::default() };
    assert!(add(&release, &said("", "x"), at(0)).is_err());
    assert!(add(&release, &said("mira", " "), at(0)).is_err());
    let handed = Said { to: Some("sam".to_owned()), ..said("mira", "") };
    let patch = add(&release, &handed, at(0)).unwrap();
    assert_eq!(patch.title, "checkout-4.2: hand the watch over to sam");
    let Change::Add { list, table } = &patch.changes[0] else { panic!("{patch:?}") };
    assert_eq!(list, "watch.note");
    let keys: Vec<&str> = table.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["time", "by", "to"]);
    let draft = Release { status: Status::Draft, ..release };
    assert!(add(&draft, &said("mira", "x"), at(0)).is_err());
}

#[test]
fn sensitivity_is_said_with_its_times() {
    let release = release(Plan::default());
    let said = |minutes| {
        let watch = after(&release, minutes).unwrap();
        watch.sensitivity_words(&release.watch, at(minutes), chrono_tz::Tz::UTC)
    };
    assert_eq!(said(10), "sensitive: holds ×0.5 until 11:00, normal from Sat 10:00");
    assert_eq!(said(60 * 18), "raised: holds ×0.62, pending alerts ring until 22:30, normal from Sat 10:00");
    assert_eq!(said(60 * 60), "easing: holds ×0.92, normal from Sat 10:00");
    assert_eq!(said(60 * 72), "normal");
}

#[test]
fn a_watch_at_its_bounds() {
    // A first hour that is longer than the whole ends with it.
    let short = Plan { length: TimeDelta::minutes(30), ..Plan::default() };
    let watched = after(&release(short), 10).unwrap();
    assert_eq!((watched.first_until, watched.ends), (at(30), at(30)));
    let (hour, half) = (TimeDelta::hours(1), TimeDelta::minutes(30));
    assert_eq!(Sensitivity::pending_until(at(0), hour, half), at(30));
    assert!(Sensitivity::at(at(0), hour, half, at(30)).is_normal());
    assert!(Sensitivity::at(at(0), half, half, at(30)).is_normal());
    // Halfway down pending alerts still ring.
    let middle = Sensitivity::at(at(0), TimeDelta::zero(), hour, at(30));
    assert!(middle.rings(AlertState::Pending) && middle.word() == "raised");
    // To the end of its day it is remembered.
    let release = release(Plan::default());
    assert!(after(&release, 96 * 60).is_some());
    assert!(after(&release, 96 * 60 + 1).is_none());
}

#[test]
fn the_earliest_end_is_the_one_that_counts() {
    let mut plan = Plan::default();
    plan.notes.push(Note { close: true, ..note(500, "mira") });
    let release = release(plan);
    let seen =
        Seen::Gone { complete: Some(Since::At(at(0))), at: at(600), by: "4.1.3".to_owned(), is_older: true };
    let facts = Facts { release: &release, service: None, planned_end: at(30), seen: &seen, now: at(700) };
    let ended = watch(&facts).unwrap().ended.unwrap();
    assert_eq!(ended, Ended { at: Some(at(500)), why: Why::Closed("mira".to_owned()) });
}

#[test]
fn what_ran_before_anybody_looked_began_as_planned_where_that_fits() {
    let release = release(Plan::default());
    let begins = |planned| {
        let seen = Seen::Everywhere { since: Since::Before(at(30)), last: at(60) };
        let facts =
            Facts { release: &release, service: None, planned_end: at(planned), seen: &seen, now: at(60) };
        watch(&facts).unwrap().begins
    };
    assert_eq!(begins(30), Beginning::Planned(at(30)));
    assert_eq!(begins(31), Beginning::Before(at(30)));
}

#[test]
fn what_was_told_more_than_half_an_hour_ago_is_doubted() {
    let release = release(Plan::default());
    let doubt = |last| {
        let seen = Seen::Everywhere { since: Since::At(at(0)), last: at(last) };
        watch(&Facts { release: &release, service: None, planned_end: at(30), seen: &seen, now: at(100) })
            .unwrap()
            .doubt
    };
    assert_eq!(doubt(70), None);
    assert!(doubt(69).is_some_and(|doubt| doubt.contains("31 m ago")));
}

#[test]
fn it_is_watched_where_its_last_stage_ends() {
    let mut release = release(Plan::default());
    release.stages = vec![
        samples::stage("production", "2026-11-25T08:00:00Z", "2026-11-25T12:00:00Z"),
        samples::stage("staging", "2026-11-25T09:00:00Z", "2026-11-25T10:00:00Z"),
    ];
    assert_eq!(environments(&release), ["production"]);
}

#[test]
fn what_runs_in_one_region_says_nothing_of_another() {
    let mut history = history(&[("4.1.3", "444000"), ("4.2.0", "000444")]);
    for line in &mut history.lines {
        line.region = Some("eu".to_owned());
    }
    let mut us = history.lines.clone();
    for line in &mut us {
        line.region = Some("us".to_owned());
        line.counts = if line.version.as_str() == "4.1.3" { vec![Some(4.0); 6] } else { vec![Some(0.0); 6] };
    }
    history.lines.extend(us);
    let now = *history.times.last().unwrap();
    let of = |region| seen(&history, &rollouts(&history, now), ("checkout", Some(region)), "4.2.0");
    assert_eq!(of("eu"), everywhere(Since::At(at(30)), 50));
    assert_eq!(of("us"), Seen::Nowhere);
}

#[test]
fn an_acknowledgement_counts_from_the_beginning_of_what_it_is_about() {
    let acknowledged = |note_at, is_exact| {
        let notes = vec![Note { acknowledge: true, ..note(note_at, "sam") }];
        let plan = Plan { notes, ..Plan::default() };
        let thing = Open { since: at(300), is_exact, ..open(0) };
        !timers(&plan, vec![thing], &[], at(400)).remove(0).is_unacknowledged()
    };
    assert_eq!([acknowledged(299, true), acknowledged(300, true)], [false, true]);
    // Of what was only first seen then, one of the four hours before counts.
    assert_eq!([acknowledged(59, false), acknowledged(60, false)], [false, true]);
}

#[test]
fn the_clock_that_is_furthest_is_spoken_of_first_and_then_the_gravest() {
    let chain = ["ines".to_owned(), "omar".to_owned()];
    let plan = Plan::default();
    let named = |what: &str, kind, since| Open { kind, what: what.to_owned(), ..open(since) };
    let first = |things| {
        let timers = timers(&plan, things, &chain, at(100));
        foremost(&timers).unwrap().open.what.clone()
    };
    assert_eq!(first(vec![named("new", Kind::Alert, 95), named("old", Kind::Burn, 50)]), "old");
    let together = vec![named("burn", Kind::Burn, 50), named("back", Kind::Recommendation, 50)];
    assert_eq!(first(together), "back");
    assert_eq!(foremost(&[]), None);
}

proptest! {
    /// From its beginning on it only falls, it stays between 0 and 1, and it ends at normal.
    #[test]
    fn sensitivity_falls_evenly_to_normal(
        first in 0_i64..10_000,
        length in 1_i64..300_000,
        one in -1_000_i64..400_000,
        later in 0_i64..100_000,
    ) {
        let of = |seconds| Sensitivity::at(
            at(0), TimeDelta::seconds(first), TimeDelta::seconds(length), at(0) + TimeDelta::seconds(seconds));
        let (now, then) = (of(one), of(one + later));
        prop_assert!((0.0..=1.0).contains(&now.value()));
        prop_assert!((0.5..=1.0).contains(&now.factor()));
        prop_assert!(one < 0 || then <= now, "{now:?} {then:?}");
        prop_assert!(one < length || now.is_normal());
        prop_assert!(!(0..first.min(length)).contains(&one) || now.value() == 1.0);
        // Evenly: what falls in equal times is equal.
        let middle = of(first + (length - first) / 2).value();
        prop_assert!(first + 10 >= length || (middle - 0.5).abs() <= 1.0 / (length - first) as f64);
    }

    /// A hold is never longer than written, never below half of it nor below zero, and at normal it
    /// is the plain rule.
    #[test]
    fn a_hold_is_shortened_and_never_below_zero(
        hold in 0_i64..100_000_000,
        seconds in 0_i64..400_000,
        later in 0_i64..100_000,
    ) {
        let of = |seconds| Sensitivity::at(
            at(0), TimeDelta::hours(1), TimeDelta::hours(72), at(0) + TimeDelta::seconds(seconds));
        let hold = TimeDelta::milliseconds(hold);
        let short = of(seconds).hold(hold);
        prop_assert!(short >= TimeDelta::zero() && short <= hold);
        prop_assert!(short * 2 >= hold - TimeDelta::milliseconds(2));
        prop_assert!(of(seconds + later).hold(hold) >= short);
        prop_assert_eq!(Sensitivity::NORMAL.hold(hold), hold);
        prop_assert!(of(seconds).rings(AlertState::Firing));
        prop_assert_eq!(of(seconds).rings(AlertState::Pending), of(seconds).value() >= 0.5);
        prop_assert!(!of(seconds).rings(AlertState::Silenced));
        // What a trigger looks at and for how long after the rollout stays as written.
        let trigger = Trigger { hold, ..Trigger::default_of_service() };
        let eager = of(seconds).eager(&trigger);
        prop_assert_eq!((eager.within, &eager.when, eager.hold), (trigger.within, &trigger.when, short));
    }

    /// The longer nobody acknowledges, the further it goes, one name a turn, to the end of the list.
    #[test]
    fn an_escalation_never_goes_back_by_itself(
        after in 1_i64..120,
        minutes in 0_i64..2_000,
        later in 0_i64..500,
        count in 0_usize..5,
    ) {
        let plan = Plan { escalate_after: TimeDelta::minutes(after), ..Plan::default() };
        let chain: Vec<String> = (0..count).map(|name| format!("person-{name}")).collect();
        let look = |minutes| timers(&plan, vec![open(0)], &chain, at(minutes)).remove(0);
        let (now, then) = (look(minutes), look(minutes + later));
        prop_assert!(then.level >= now.level);
        prop_assert_eq!(now.call.is_some(), now.level > 0 && count > 0);
        prop_assert_eq!(now.next.is_some(), now.level < count);
        if let Some((at_, _)) = &now.next {
            prop_assert!(*at_ > at(minutes) && *at_ <= at(minutes + after));
        }
    }
}
