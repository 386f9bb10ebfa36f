//! The steps of a rollout: when each began, how long it lasted, and what its own measurements say.

use chrono::{DateTime, Utc};

use super::answers::Answers;
use super::memory::Memory;
use super::subject::Subject;
use super::{Evidence, as_of_now, conclude, health, measured};
use crate::domain::judge::Verdict;

/// A share this near to a step's has reached it: instances are whole.
const NEAR: f64 = 0.02;

/// A step.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Counted from 1.
    pub number: usize,
    /// The share it brings, in percent.
    pub percent: f64,
    /// When the share reached it; `None`: not yet.
    pub began: Option<DateTime<Utc>>,
    /// When the next one began, or the rollout ended.
    pub ended: Option<DateTime<Utc>>,
    /// What the measurements within it say; `None`: it has not begun.
    pub verdict: Option<Verdict>,
    /// It ended before its measurements could say anything.
    pub is_incomplete: bool,
    /// Why, in words.
    pub why: String,
}

impl Step {
    /// Whether the rollout stands here.
    pub fn is_now(&self) -> bool {
        self.began.is_some() && self.ended.is_none()
    }

    /// Whether its measurements speak against the new version.
    pub fn is_bad(&self) -> bool {
        matches!(self.verdict, Some(Verdict::Failing | Verdict::Marginal))
    }
}

/// The steps of a plan with when each was reached; without a plan, the levels that were seen.
pub fn reached(subject: &Subject, now: DateTime<Utc>) -> Vec<Step> {
    let percents = if subject.steps.is_empty() { levels(subject) } else { subject.steps.clone() };
    let end = subject.ended.filter(|ended| *ended <= now);
    let mut steps: Vec<Step> = Vec::new();
    for (index, percent) in percents.iter().enumerate() {
        let wanted = (percent / 100.0 - NEAR).min(1.0 - 1e-9);
        let after = steps.last().map_or(Some(subject.since), |step: &Step| step.began);
        let began = after.and_then(|after| {
            let mut known = subject.shares.iter().filter_map(|(at, share)| Some((*at, (*share)?)));
            known.find(|(at, share)| *at >= after && *at <= now && *share >= wanted).map(|(at, _)| at)
        });
        if let (Some(last), Some(began)) = (steps.last_mut(), began) {
            last.ended = Some(began);
        }
        steps.push(Step {
            number: index + 1,
            percent: *percent,
            began,
            ended: None,
            verdict: None,
            is_incomplete: false,
            why: String::new(),
        });
    }
    // The last step lasts through its soak; one that was brought back ended then.
    if let Some(end) = end.filter(|_| subject.is_over)
        && let Some(open) = steps.iter_mut().rev().find(|step| step.began.is_some())
    {
        open.ended = Some(end.max(open.began.unwrap_or(end)));
    }
    steps
}

/// The levels at which the share stood, in percent, rising.
fn levels(subject: &Subject) -> Vec<f64> {
    let mut levels: Vec<f64> = Vec::new();
    for (_, share) in &subject.shares {
        let Some(share) = share else { continue };
        if *share > levels.last().map_or(0.0, |last| last / 100.0) + NEAR {
            levels.push(share * 100.0);
        }
    }
    // Autoscaling moves shares all the time: that is no list of steps.
    if levels.len() > 12 { Vec::new() } else { levels }
}

/// The steps with their verdicts.
pub(super) fn of(evidence: &Evidence<'_>, answers: &[Answers<'_>], memory: &mut Memory) -> Vec<Step> {
    let mut steps = reached(evidence.subject, evidence.now);
    for step in &mut steps {
        let Some(began) = step.began else { continue };
        let end = step.ended.unwrap_or_else(|| evidence.subject.until(evidence.now));
        if began == end && step.ended.is_some() {
            step.verdict = Some(Verdict::Inconclusive);
            step.is_incomplete = true;
            "it was passed at once".clone_into(&mut step.why);
            continue;
        }
        let metrics: Vec<_> =
            answers.iter().map(|answers| measured::assess(evidence, answers, (began, end), memory)).collect();
        let (verdict, _, why) = conclude(evidence, &metrics);
        // Checks speak of the step it stands on.
        let checks = if step.is_now() { evidence.health } else { &[] };
        let verdict = if step.is_now() { as_of_now(verdict, &metrics) } else { verdict };
        let (verdict, why) = health::weigh(verdict, why, checks);
        step.is_incomplete = step.ended.is_some() && verdict == Verdict::Inconclusive;
        step.verdict = Some(verdict);
        step.why = why;
    }
    steps
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::domain::analysis::subject::subjects;
    use crate::domain::question::{RunningHistory, ShareLine};

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_600_800 + minute * 60, 0).unwrap()
    }

    /// Shares of the new version in percent, minute by minute.
    fn subject(shares: &[f64], steps: &[f64]) -> Subject {
        let line = |version: &str, of: fn(f64) -> f64| ShareLine {
            service: "checkout".into(),
            region: None,
            version: version.into(),
            counts: shares.iter().map(|share| Some(of(*share))).collect(),
        };
        let history = RunningHistory {
            times: (0..shares.len() as i64).map(at).collect(),
            lines: vec![line("1", |share| 100.0 - share), line("2", |share| share)],
            ..RunningHistory::default()
        };
        let now = at(shares.len() as i64 - 1);
        let mut subject = subjects(&history, "checkout", "production", now).remove(0);
        subject.steps = steps.to_vec();
        subject
    }

    fn told(subject: &Subject, minute: i64) -> Vec<(f64, Option<i64>, Option<i64>)> {
        let minutes = |time: Option<DateTime<Utc>>| time.map(|time| (time - at(0)).num_minutes());
        let steps = reached(subject, at(minute)).into_iter();
        steps.map(|step| (step.percent, minutes(step.began), minutes(step.ended))).collect()
    }

    #[test]
    fn the_step_that_it_stands_on_is_read_from_the_share() {
        let canary = subject(&[0.0, 5.0, 5.0, 24.0, 25.0, 25.0], &[5.0, 25.0, 50.0, 100.0]);
        assert_eq!(
            told(&canary, 5),
            [(5.0, Some(1), Some(3)), (25.0, Some(3), None), (50.0, None, None), (100.0, None, None)]
        );
    }

    #[test]
    fn steps_that_are_passed_at_once_and_one_that_is_brought_back_end() {
        let fast = subject(&[0.0, 0.0, 100.0, 100.0], &[5.0, 100.0]);
        assert_eq!(told(&fast, 3), [(5.0, Some(2), Some(2)), (100.0, Some(2), None)]);
        let back = subject(&[0.0, 5.0, 25.0, 0.0, 0.0], &[5.0, 25.0, 100.0]);
        assert_eq!(told(&back, 4), [(5.0, Some(1), Some(2)), (25.0, Some(2), Some(3)), (100.0, None, None)]);
    }

    #[test]
    fn without_a_plan_the_levels_that_were_seen_are_the_steps() {
        let canary = subject(&[0.0, 5.0, 5.0, 25.0, 25.0, 50.0], &[]);
        let percents: Vec<f64> = reached(&canary, at(5)).iter().map(|step| step.percent).collect();
        assert_eq!(percents, [5.0, 25.0, 50.0]);
        assert_eq!(canary.grain, TimeDelta::minutes(1));
    }
}
