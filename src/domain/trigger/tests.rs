use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::*;
use crate::domain::playbook::{Playbook, QueryCondition, Step, Verify};

fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_600_800, 0).unwrap() + TimeDelta::minutes(minutes)
}

fn errors(hold: i64) -> Trigger {
    Trigger {
        id: "errors".to_owned(),
        title: "too many errors".to_owned(),
        when: When::Metric { name: "error rate".to_owned(), is: Condition::parse("> 0.02").unwrap() },
        hold: TimeDelta::minutes(hold),
        within: SCOPE,
        remedy: Remedy::Rollback,
        environments: Vec::new(),
    }
}

fn seen(value: Option<f64>) -> Observation {
    let values = value.map(|value| ("error rate".to_owned(), value)).into_iter().collect();
    Observation { values, ..Observation::default() }
}

/// Looks once a minute from the beginning of the rollout on.
fn standings(trigger: &Trigger, values: &[Option<f64>]) -> Vec<Standing> {
    let mut watch = Watch::default();
    let look = |(minute, value): (usize, &Option<f64>)| {
        let seen = seen(*value);
        let look = Look { at: at(minute as i64), began: at(0), environment: "production", seen: &seen };
        watch.look(std::slice::from_ref(trigger), look)[0]
    };
    values.iter().enumerate().map(look).collect()
}

fn held(minutes: i64) -> Standing {
    Standing::Holding { held: TimeDelta::minutes(minutes) }
}

#[test]
fn a_condition_must_hold_for_as_long_as_it_says() {
    let values = [Some(0.01), Some(0.03), Some(0.03), Some(0.03), Some(0.03), Some(0.01)];
    let fired = Standing::Fired { at: at(3) };
    assert_eq!(
        standings(&errors(2), &values),
        [Standing::Quiet, held(0), held(1), fired, fired, Standing::Quiet]
    );
    assert_eq!(standings(&errors(0), &values)[1], Standing::Fired { at: at(1) });
}

#[test]
fn what_is_not_known_neither_fires_nor_calms() {
    let bad = Some(0.03);
    // Two minutes that nobody saw do not count, and what was seen before them still does.
    let values = [bad, bad, None, None, bad, bad];
    assert_eq!(
        standings(&errors(2), &values),
        [held(0), held(1), Standing::Unknown, Standing::Unknown, held(1), Standing::Fired { at: at(5) }]
    );
    // Once it fired, silence does not take it back.
    let fired = Standing::Fired { at: at(0) };
    assert_eq!(standings(&errors(0), &[bad, None, Some(f64::NAN)]), [fired, fired, fired]);
}

#[test]
fn a_trigger_looks_at_its_time_and_place_only() {
    let mut trigger = errors(1);
    trigger.within = TimeDelta::minutes(2);
    let bad = Some(0.03);
    let late = [Some(0.0), Some(0.0), bad, bad, bad];
    assert_eq!(standings(&trigger, &late)[3..], [Standing::OutOfScope, Standing::OutOfScope]);
    let in_time = [bad, bad, bad, bad, Some(0.0), bad];
    let fired = Standing::Fired { at: at(1) };
    assert_eq!(
        standings(&trigger, &in_time)[1..],
        [fired, fired, fired, Standing::Quiet, Standing::OutOfScope]
    );
    trigger.environments = vec!["staging".to_owned()];
    assert_eq!(standings(&trigger, &[bad]), [Standing::OutOfScope]);
}

#[test]
fn an_inconclusive_verdict_is_not_known_to_fail_nor_to_go_well() {
    let of = |verdict| Observation { verdict, ..Observation::default() };
    let failing = When::Verdict(Verdict::Failing);
    assert_eq!(of(Some(Verdict::Failing)).holds(&failing), Some(true));
    assert_eq!(of(Some(Verdict::Healthy)).holds(&failing), Some(false));
    assert_eq!(of(Some(Verdict::Inconclusive)).holds(&failing), None);
    assert_eq!(of(None).holds(&failing), None);
    assert_eq!(of(None).holds(&When::Alert("Down".to_owned())), None);
    let health = When::Health("smoke".to_owned());
    assert_eq!(of(None).holds(&health), None);
    let mut failed = of(None);
    failed.health.insert("smoke".to_owned(), false);
    assert_eq!(failed.holds(&health), Some(true));
}

fn step(id: &str, timeout: i64) -> Step {
    Step {
        id: id.to_owned(),
        run: vec!["true".to_owned()],
        timeout: (timeout > 0).then(|| TimeDelta::minutes(timeout)),
        ..Step::default()
    }
}

fn playbook() -> Playbook {
    let verify = QueryCondition {
        hold: Some(TimeDelta::minutes(2)),
        timeout: Some(TimeDelta::minutes(3)),
        ..QueryCondition::default()
    };
    let mut second = step("b", 1);
    second.verify = Some(Verify::Query(verify.clone()));
    let mut book = Playbook {
        id: "checkout".to_owned(),
        target: Some(TimeDelta::minutes(10)),
        steps: vec![step("a", 2), second],
        ..Playbook::default()
    };
    book.done.queries = vec![verify.clone(), QueryCondition { hold: None, ..verify }];
    book
}

#[test]
fn the_way_back_takes_what_its_steps_may_take() {
    // 2 + (1 + 3) minutes.
    assert_eq!(time_to_restore(&playbook()).seconds, Some(6 * 60));
    let mut book = playbook();
    book.steps.push(step("c", 0));
    let time = time_to_restore(&book);
    assert_eq!((time.seconds, time.words().as_str()), (None, "?"));
    assert_eq!(time.rests_on, "a step of the playbook checkout has no timeout");
    book.steps.clear();
    assert_eq!(time_to_restore(&book).seconds, None);
}

struct Case {
    fired: Vec<Fired>,
    triggers: Vec<Trigger>,
    playbook: Playbook,
    obstacles: Vec<String>,
}

impl Case {
    fn new() -> Self {
        Self {
            fired: vec![Fired { trigger: "verdict".to_owned(), since: at(5), at: at(6) }],
            triggers: vec![Trigger::default_of_service(), errors(2)],
            playbook: playbook(),
            obstacles: Vec::new(),
        }
    }

    fn facts(&self) -> Facts<'_> {
        Facts {
            triggers: &self.triggers,
            fired: &self.fired,
            now: at(7),
            previous: Some("4.1.3"),
            version: "v4.2.0",
            playbook: Some(&self.playbook),
            obstacles: &self.obstacles,
            cautions: &[],
            fix_forward: Some(TimeDelta::minutes(35)),
            baseline: Baseline::Concurrent,
            burn: None,
            budget_lasts: None,
        }
    }
}

#[test]
fn back_is_recommended_with_two_clocks_and_reasons() {
    let case = Case::new();
    let found = recommend(&case.facts()).unwrap();
    assert_eq!((found.remedy, found.confidence), (Remedy::Rollback, Confidence::High));
    assert_eq!(found.detected, at(5));
    assert_eq!((found.clocks.back.words(), found.clocks.forward.words()), ("6 m".into(), "35 m".into()));
    assert_eq!(found.clocks.objective_left_seconds, Some(8 * 60));
    assert_eq!(found.reasons[0], "the verdict is failing: verdict failing, for 2 m");
    let nothing = Facts { fired: &[], ..case.facts() };
    assert_eq!(recommend(&nothing), None);
}

#[test]
fn forward_is_recommended_where_there_is_no_way_back_or_it_is_slower() {
    let mut case = Case::new();
    let quick = Facts { fix_forward: Some(TimeDelta::minutes(3)), ..case.facts() };
    assert_eq!(recommend(&quick).unwrap().remedy, Remedy::FixForward);
    for previous in [None, Some("4.2.0")] {
        let facts = Facts { previous, ..case.facts() };
        assert_eq!(recommend(&facts).unwrap().remedy, Remedy::FixForward, "{previous:?}");
    }
    case.obstacles = vec!["the schema is contracted".to_owned()];
    let found = recommend(&case.facts()).unwrap();
    assert_eq!(found.remedy, Remedy::FixForward);
    assert!(found.reasons.contains(&"there is no safe way back: the schema is contracted".to_owned()));
}

#[test]
fn the_confidence_follows_from_what_was_compared() {
    let case = Case::new();
    let of = |facts: Facts<'_>| recommend(&facts).unwrap().confidence;
    assert_eq!(of(Facts { baseline: Baseline::Before, ..case.facts() }), Confidence::Medium);
    assert_eq!(of(Facts { burn: Some((8.0, Some(0.4))), ..case.facts() }), Confidence::Low);
    assert_eq!(of(Facts { burn: Some((8.0, Some(7.0))), ..case.facts() }), Confidence::High);
    let mut both = Case::new();
    both.fired.push(Fired { trigger: "errors".to_owned(), since: at(4), at: at(6) });
    let found = recommend(&Facts { baseline: Baseline::Before, ..both.facts() }).unwrap();
    assert_eq!((found.confidence, found.detected), (Confidence::High, at(4)));
}

#[test]
fn it_looks_from_the_beginning_to_the_end_of_its_time_the_last_instant_included() {
    let trigger = Trigger { within: TimeDelta::minutes(5), ..errors(0) };
    let bad = seen(Some(0.03));
    let stands = |minute| {
        let look = Look { at: at(minute), began: at(0), environment: "production", seen: &bad };
        Watch::default().look(std::slice::from_ref(&trigger), look)[0]
    };
    assert_eq!([stands(-1), stands(6)], [Standing::OutOfScope; 2]);
    assert_eq!([stands(0), stands(5)], [0, 5].map(|minute| Standing::Fired { at: at(minute) }));
}

#[test]
fn a_clock_that_goes_back_lengthens_no_hold() {
    let (trigger, bad) = (errors(6), seen(Some(0.03)));
    let mut watch = Watch::default();
    let mut stands = |minute| {
        let look = Look { at: at(minute), began: at(0), environment: "production", seen: &bad };
        watch.look(std::slice::from_ref(&trigger), look)[0]
    };
    // Four minutes were seen, however often the clock is put back into them.
    assert_eq!([0, 4, 1, 4].map(&mut stands), [held(0), held(4), held(4), held(4)]);
    assert_eq!(stands(6), Standing::Fired { at: at(6) });
}

#[test]
fn the_first_that_fired_comes_first_with_the_time_it_was_seen_from() {
    let quick = Trigger { id: "z".to_owned(), ..errors(1) };
    let slow = Trigger { id: "a".to_owned(), ..errors(3) };
    let (mut watch, bad) = (Watch::default(), seen(Some(0.03)));
    for minute in 2..8 {
        let look = Look { at: at(minute), began: at(0), environment: "production", seen: &bad };
        watch.look(&[slow.clone(), quick.clone()], look);
    }
    let fired: Vec<_> = watch.fired().into_iter().map(|it| (it.trigger, it.since, it.at)).collect();
    assert_eq!(fired, [("z".to_owned(), at(2), at(3)), ("a".to_owned(), at(2), at(5))]);
}

#[test]
fn a_burn_that_is_no_number_is_not_known() {
    let burns = When::Burn(Condition::parse("> 2").unwrap());
    let of = |burn| Observation { burn, ..Observation::default() }.holds(&burns);
    assert_eq!([of(Some(3.0)), of(Some(1.0)), of(None)], [Some(true), Some(false), None]);
    assert_eq!([of(Some(f64::NAN)), of(Some(f64::INFINITY))], [None, None]);
}

#[test]
fn which_way_where_triggers_and_clocks_do_not_agree() {
    let mut case = Case::new();
    let remedy = |facts: &Facts<'_>| recommend(facts).unwrap().remedy;
    // The way back takes six minutes: as long is not sooner.
    let same = Facts { fix_forward: Some(TimeDelta::minutes(6)), ..case.facts() };
    assert_eq!(remedy(&same), Remedy::Rollback);
    // One that wants a fix does not outvote one that wants the old version back.
    case.fired.push(Fired { trigger: "errors".to_owned(), since: at(4), at: at(6) });
    case.triggers[1].remedy = Remedy::FixForward;
    assert_eq!(remedy(&case.facts()), Remedy::Rollback);
    case.triggers[0].remedy = Remedy::FixForward;
    assert_eq!(remedy(&case.facts()), Remedy::FixForward);
}

#[test]
fn what_is_said_beside_a_recommendation() {
    let case = Case::new();
    let cautions = ["after the step drop (Drop) data is lost: no return".to_owned()];
    let lasts = Some(TimeDelta::minutes(90));
    let facts = Facts { cautions: &cautions, budget_lasts: lasts, ..case.facts() };
    let found = recommend(&facts).unwrap();
    assert_eq!(found.clocks.budget_lasts_seconds, Some(5400));
    assert_eq!(found.reasons.last(), Some(&cautions[0]));
}

#[test]
fn the_confidence_of_a_single_sign_and_of_several() {
    let of = |fired: &[(&str, When)], baseline, burn| {
        let trigger = |(id, when): &(&str, When)| Trigger {
            id: (*id).to_owned(),
            when: when.clone(),
            ..Trigger::default_of_service()
        };
        let triggers: Vec<Trigger> = fired.iter().map(trigger).collect();
        let fired: Vec<Fired> = triggers
            .iter()
            .map(|trigger| Fired { trigger: trigger.id.clone(), since: at(5), at: at(6) })
            .collect();
        let case = Case { fired, triggers, ..Case::new() };
        recommend(&Facts { baseline, burn, ..case.facts() }).unwrap().confidence
    };
    let alert = || ("alert", When::Alert("Down".to_owned()));
    let health = || ("health", When::Health("smoke".to_owned()));
    let burns = || ("burn", When::Burn(Condition::parse("> 2").unwrap()));
    let verdict = || ("verdict", When::Verdict(Verdict::Failing));
    let none = Baseline::None;
    assert_eq!(of(&[alert()], none, None), Confidence::Low);
    assert_eq!(of(&[burns()], none, None), Confidence::Medium);
    assert_eq!(of(&[alert(), health()], none, None), Confidence::Medium, "two weak signs are not certain");
    assert_eq!(of(&[alert(), burns()], none, None), Confidence::High);
    // Less than a fifth of a burn above 1 is from this release: then it is low.
    let judged = |burn| of(&[verdict()], Baseline::Concurrent, Some(burn));
    assert_eq!(judged((8.0, Some(1.5))), Confidence::Low);
    assert_eq!(judged((8.0, Some(1.7))), Confidence::High);
    assert_eq!(judged((0.9, Some(0.0))), Confidence::High, "a budget that is kept blames nobody");
    assert_eq!(judged((8.0, None)), Confidence::High);
}

#[test]
fn a_rollout_is_watched_while_it_goes_on_and_for_an_hour_after() {
    use crate::domain::rollout::Phase;
    assert!(is_watched(Phase::Paused, at(0), at(5000)));
    assert!(is_watched(Phase::Completed, at(0), at(60)));
    assert!(!is_watched(Phase::Completed, at(0), at(61)));
    assert!(!is_watched(Phase::RolledBack, at(0), at(1)));
}

proptest! {
    /// Whenever it fires, the looks at which the condition was seen to hold, without one that said
    /// otherwise between, span at least the hold time.
    #[test]
    fn it_never_fires_on_less_than_it_has_seen(
        values in proptest::collection::vec(
            prop_oneof![Just(None), Just(Some(0.0)), Just(Some(1.0))], 1..60),
        hold in 0_i64..6,
    ) {
        let standings = standings(&errors(hold), &values);
        let (mut run, mut last_known_bad) = (0_i64, false);
        for (minute, (value, standing)) in values.iter().zip(&standings).enumerate() {
            match value {
                Some(value) if *value > 0.5 => {
                    if last_known_bad { run += 1; }
                    last_known_bad = true;
                }
                Some(_) => { run = 0; last_known_bad = false; }
                None => last_known_bad = false,
            }
            let fires = matches!(standing, Standing::Fired { .. });
            prop_assert!(!fires || run >= hold, "minute {minute}: {standings:?}");
            if *value == Some(0.0) { prop_assert_eq!(*standing, Standing::Quiet); }
            if *value == Some(1.0) { prop_assert_eq!(fires, run >= hold); }
        }
    }
}
