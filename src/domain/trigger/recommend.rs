//! What to do about a rollout that goes badly: back or forward, how long each would take, why, and
//! how sure that is.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::{Fired, Remedy, Trigger};
use crate::domain::format::age;
use crate::domain::playbook::{Estimate, Playbook};
use crate::domain::version::same_version;

/// What is known when a recommendation is asked for.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// The service's triggers.
    pub triggers: &'a [Trigger],
    /// Those that fired, the first first.
    pub fired: &'a [Fired],
    /// Now.
    pub now: DateTime<Utc>,
    /// The version to return to; `None`: not known.
    pub previous: Option<&'a str>,
    /// The version to leave.
    pub version: &'a str,
    /// The way back as it is written down.
    pub playbook: Option<&'a Playbook>,
    /// What keeps the way back from being one, in words.
    pub obstacles: &'a [String],
    /// What must be known before going back, in words: data that is lost.
    pub cautions: &'a [String],
    /// How long a fix usually takes from the finding to running everywhere, where somebody said.
    pub fix_forward: Option<TimeDelta>,
    /// What the verdict was compared with.
    pub baseline: Baseline,
    /// How fast the error budget burns, and which part of that this release causes.
    pub burn: Option<(f64, Option<f64>)>,
    /// How long the error budget lasts at this rate.
    pub budget_lasts: Option<TimeDelta>,
}

/// What a verdict was compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Baseline {
    /// The old version, at the same time.
    Concurrent,
    /// The time before.
    Before,
    /// Nothing was compared.
    #[default]
    None,
}

/// What is recommended, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recommendation {
    /// What.
    pub remedy: Remedy,
    /// When the first of its triggers saw it.
    pub detected: DateTime<Utc>,
    /// How long each way would take.
    pub clocks: Clocks,
    /// Why, each in a sentence; the strongest first.
    pub reasons: Vec<String>,
    /// How sure.
    pub confidence: Confidence,
}

/// How long each way takes to restore the service, and how long there is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Clocks {
    /// Back.
    pub back: TimeToRestore,
    /// Forward.
    pub forward: TimeToRestore,
    /// What is left of the recovery objective (`target` of the playbook), in seconds; negative:
    /// missed by so much. `None`: there is no objective.
    pub objective_left_seconds: Option<i64>,
    /// How long the error budget lasts at this rate, in seconds.
    pub budget_lasts_seconds: Option<i64>,
}

/// How long a way takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TimeToRestore {
    /// In seconds; `None`: not known.
    pub seconds: Option<i64>,
    /// What it rests on, or what is missing.
    pub rests_on: String,
}

impl TimeToRestore {
    fn known(time: TimeDelta, rests_on: impl Into<String>) -> Self {
        Self { seconds: Some(time.num_seconds()), rests_on: rests_on.into() }
    }

    fn unknown(why: impl Into<String>) -> Self {
        Self { seconds: None, rests_on: why.into() }
    }

    /// `4 m`, or `?`.
    pub fn words(&self) -> String {
        self.seconds.map_or_else(|| "?".to_owned(), |seconds| age(TimeDelta::seconds(seconds)))
    }
}

/// How sure a recommendation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// One sign that may have another cause.
    Low,
    /// Numbers that moved with the rollout.
    Medium,
    /// Compared with the old version at the same time, or seen in several ways.
    High,
}

impl Confidence {
    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// What to do; `None`: no trigger fired.
pub fn recommend(facts: &Facts<'_>) -> Option<Recommendation> {
    let first = facts.fired.first()?;
    let fired: Vec<(&Trigger, &Fired)> = facts
        .fired
        .iter()
        .filter_map(|fired| Some((facts.triggers.iter().find(|trigger| trigger.id == fired.trigger)?, fired)))
        .collect();
    let detected = facts.fired.iter().map(|fired| fired.since).min().unwrap_or(first.since);
    let clocks = clocks(facts, detected);
    let mut reasons: Vec<String> = fired
        .iter()
        .map(|(trigger, fired)| {
            let held = age(facts.now - fired.since);
            format!("{}: {}, for {held}", trigger.title, trigger.when.words())
        })
        .collect();
    let remedy = remedy(facts, &fired, &clocks, &mut reasons);
    let confidence = confidence(facts, &fired, &mut reasons);
    reasons.extend(facts.cautions.iter().cloned());
    Some(Recommendation { remedy, detected, clocks, reasons, confidence })
}

fn clocks(facts: &Facts<'_>, detected: DateTime<Utc>) -> Clocks {
    let back = match facts.playbook {
        Some(playbook) => time_to_restore(playbook),
        None => TimeToRestore::unknown("no playbook says how: write playbooks/ID.toml"),
    };
    let forward = match facts.fix_forward {
        Some(time) => TimeToRestore::known(time, "fix_forward of the service"),
        None => TimeToRestore::unknown("nobody said how long a fix takes: write fix_forward = \"45m\""),
    };
    let target = facts.playbook.and_then(|playbook| playbook.target);
    Clocks {
        back,
        forward,
        objective_left_seconds: target.map(|target| (target - (facts.now - detected)).num_seconds()),
        budget_lasts_seconds: facts.budget_lasts.map(|time| time.num_seconds()),
    }
}

fn remedy(
    facts: &Facts<'_>,
    fired: &[(&Trigger, &Fired)],
    clocks: &Clocks,
    reasons: &mut Vec<String>,
) -> Remedy {
    if let Some(obstacle) = facts.obstacles.first() {
        reasons.push(format!("there is no safe way back: {obstacle}"));
        return Remedy::FixForward;
    }
    match facts.previous {
        None => {
            reasons.push("no version to return to is known".to_owned());
            return Remedy::FixForward;
        }
        Some(previous) if same_version(previous, facts.version) => {
            reasons.push(format!("{previous} is what runs already"));
            return Remedy::FixForward;
        }
        Some(_) => {}
    }
    if !fired.is_empty() && fired.iter().all(|(trigger, _)| trigger.remedy == Remedy::FixForward) {
        return Remedy::FixForward;
    }
    if let (Some(back), Some(forward)) = (clocks.back.seconds, clocks.forward.seconds)
        && forward < back
    {
        reasons.push(format!(
            "a fix is there sooner ({}) than the way back ({})",
            clocks.forward.words(),
            clocks.back.words()
        ));
        return Remedy::FixForward;
    }
    Remedy::Rollback
}

/// Where most of the burn has another cause, taking this release back does not end it.
const MOSTLY_FROM_ELSEWHERE: f64 = 0.2;

fn confidence(facts: &Facts<'_>, fired: &[(&Trigger, &Fired)], reasons: &mut Vec<String>) -> Confidence {
    use super::When;
    let judged = fired.iter().any(|(trigger, _)| matches!(trigger.when, When::Verdict(_)));
    let measured =
        fired.iter().any(|(trigger, _)| matches!(trigger.when, When::Metric { .. } | When::Burn(_)));
    let mut confidence = match facts.baseline {
        Baseline::Concurrent if judged => {
            reasons.push("the old version, at the same time, does not show it".to_owned());
            Confidence::High
        }
        Baseline::Before if judged => {
            reasons.push("compared with the time before only: something else may have changed".to_owned());
            Confidence::Medium
        }
        _ if measured => Confidence::Medium,
        _ => Confidence::Low,
    };
    if fired.len() > 1 {
        reasons.push(format!("seen in {} ways", fired.len()));
        confidence = if confidence == Confidence::Low { Confidence::Medium } else { Confidence::High };
    }
    if let Some((total, Some(part))) = facts.burn
        && total > 1.0
        && part < total * MOSTLY_FROM_ELSEWHERE
    {
        let words =
            format!("most of the burn ({total:.1}, {part:.1} of it from this release) is from elsewhere");
        reasons.push(words);
        confidence = Confidence::Low;
    }
    confidence
}

/// How long a playbook takes at most, by its own timeouts. A step or a verification that has none
/// makes it unknown.
pub fn time_to_restore(playbook: &Playbook) -> TimeToRestore {
    if playbook.steps.is_empty() {
        return TimeToRestore::unknown(format!("the playbook {} has no steps", playbook.id));
    }
    let Estimate { at_most, open } = Estimate::of(playbook);
    match open {
        0 => TimeToRestore::known(at_most, format!("the timeouts of the playbook {}, at most", playbook.id)),
        1 => TimeToRestore::unknown(format!("a step of the playbook {} has no timeout", playbook.id)),
        _ => TimeToRestore::unknown(format!("{open} steps of the playbook {} have no timeout", playbook.id)),
    }
}
