//! Rollouts are judged beside the loop, one judgement at a time.

use super::*;
use crate::app::monitor::judge::{self, Job};

fn jobs(effects: Vec<Effect>) -> Vec<Job> {
    let of = |effect| if let Effect::Assess(job) = effect { Some(*job) } else { None };
    effects.into_iter().filter_map(of).collect()
}

/// The first judgement of what is rolling is on its way.
fn judging() -> (crate::app::State, Job) {
    let mut state = open();
    let question = rollouts::question(&state, "production");
    let now = state.now;
    let generation = state.remotes.ask(&question, now);
    let result = Ok(Answer::RunningHistory(history()));
    let effects = update(&mut state, now, Message::Answered { question, generation, result });
    let mut jobs = jobs(effects);
    assert_eq!(jobs.len(), 1);
    let job = jobs.remove(0);
    (state, job)
}

#[test]
fn one_judgement_is_on_its_way_at_a_time_and_no_message_waits_for_it() {
    let (mut state, job) = judging();
    assert!(judge::of_selected(&state).is_none(), "nothing was judged in the loop");
    for minute in 1..4 {
        assert_eq!(jobs(update(&mut state, now(minute), Message::Tick)), [], "minute {minute}");
    }
    let number = job.number;
    let effects = update(&mut state, now(4), Message::Assessed { number, result: Ok(job.run()) });
    assert!(judge::of_selected(&state).is_some());
    // It was judged as of minutes ago: the next one follows.
    assert_eq!(jobs(effects).len(), 1);
}

#[test]
fn a_judgement_that_failed_leaves_no_verdict_and_says_why() {
    let (mut state, job) = judging();
    let number = job.number;
    update(&mut state, now(0), Message::Assessed { number, result: Ok(job.run()) });
    assert!(judge::of_selected(&state).is_some());
    let again = jobs(update(&mut state, now(1), Message::Tick)).remove(0);
    // An answer that nobody waits for changes nothing.
    let late = Message::Assessed { number, result: Err("late".into()) };
    update(&mut state, now(1), late);
    assert!(judge::of_selected(&state).is_some());
    let failed = Message::Assessed { number: again.number, result: Err("it panicked".into()) };
    update(&mut state, now(1), failed);
    assert!(judge::of_selected(&state).is_none());
    assert!(state.notice.as_ref().is_some_and(|notice| notice.text.contains("it panicked")));
}
