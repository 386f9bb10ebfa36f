//! How a run of show is said, the same everywhere.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::{Clock, CountTime, Reckoned, Reckoning, Step, StepState};
use crate::domain::format::{countdown, countdown_seconds, duration};

/// How the whole stands, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// The count stands still.
    Held,
    /// T-0 cannot be met.
    Slips,
    /// A step is behind the count.
    Late,
    /// Everything goes as the count has it.
    OnPlan,
    /// Nothing counts any more.
    Over,
}

impl Standing {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Slips => "slips",
            Self::Late => "late",
            Self::OnPlan => "on plan",
            Self::Over => "over",
        }
    }
}

/// How the whole stands.
pub fn standing(reckoning: &Reckoning<'_>) -> Standing {
    if reckoning.clock.is_over {
        Standing::Over
    } else if reckoning.clock.hold.is_some() {
        Standing::Held
    } else if reckoning.clock.slips() >= TimeDelta::minutes(1) {
        Standing::Slips
    } else if reckoning.is_on_plan() {
        Standing::OnPlan
    } else {
        Standing::Late
    }
}

/// How the whole stands, in one sentence; times in `zone`.
pub fn sentence(reckoning: &Reckoning<'_>, zone: Tz) -> String {
    let clock = &reckoning.clock;
    match standing(reckoning) {
        Standing::Over => "nothing counts any more".to_owned(),
        Standing::Held => {
            let Some(hold) = clock.hold else { return String::new() };
            let since = hold.since.with_timezone(&zone).format("%H:%M %Z");
            let by = hold.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
            format!("HOLD since {since}{by}: {}", hold.reason)
        }
        Standing::Slips => {
            let first = reckoning.steps.iter().find(|step| step.is_critical);
            let who = first.map(|step| format!(", {} decides", named(step.step))).unwrap_or_default();
            format!("T-0 cannot be met, {} short{who}", minutes(clock.slips()))
        }
        Standing::Late => {
            let behind = reckoning.steps.iter().filter(|step| !step.late.is_zero()).count();
            let steps = if behind == 1 { "1 step is".to_owned() } else { format!("{behind} steps are") };
            format!("{steps} behind the count{}", slack(clock))
        }
        Standing::OnPlan => format!("on plan{}", slack(clock)),
    }
}

fn slack(clock: &Clock<'_>) -> String {
    clock.slack.map(|slack| format!(", {} slack to T-0", minutes(slack))).unwrap_or_default()
}

/// The count: `T-00:38:20` within a day of T-0, `T-3d 04:10` further away.
pub fn count(clock: &Clock<'_>, now: DateTime<Utc>, tick_seconds: u32) -> String {
    let is_near = clock.left(now).num_seconds().abs() < 86_400;
    if is_near && tick_seconds <= 1 {
        countdown_seconds(clock.counted, now)
    } else {
        countdown(clock.counted, now)
    }
}

/// When a step is due, on the count: as its file says it, else as it follows from the others.
pub fn at(step: &Reckoned<'_>, clock: &Clock<'_>) -> String {
    // With `after` too it may follow from the others.
    match step.step.at.filter(|at| at.resolve(clock.zero) == step.planned.0) {
        Some(at) => at.to_string(),
        None => CountTime::elapsed(step.planned.0 - clock.zero.at).to_string(),
    }
}

/// A step and who does it: `tests-green (mira)`.
pub fn named(step: &Step) -> String {
    match &step.owner {
        Some(owner) => format!("{} ({owner})", step.id),
        None => step.id.clone(),
    }
}

/// How much later or earlier than planned, in minutes: `+12 m`, `-3 m`, `+2 h 05 m`; nothing below
/// a minute.
pub fn slip(slip: TimeDelta) -> String {
    if slip.num_minutes() == 0 {
        return String::new();
    }
    let sign = if slip < TimeDelta::zero() { "-" } else { "+" };
    format!("{sign}{}", minutes(slip.abs()))
}

/// A length of time without its seconds, which change too often to be read.
pub fn minutes(length: TimeDelta) -> String {
    duration(TimeDelta::minutes(length.num_minutes()))
}

/// The sign of a step; its word always stands beside.
pub fn sign(step: &Reckoned<'_>) -> &'static str {
    if step.is_late() {
        return "▲";
    }
    match step.state {
        StepState::Planned => "·",
        StepState::Waiting => "─",
        StepState::Ready => "›",
        StepState::Running => "▶",
        StepState::Done => "●",
        StepState::Skipped => "×",
    }
}

/// What a step waits for, and for whom: `freeze (mira), tests`.
pub fn waits_for(step: &Reckoned<'_>) -> String {
    step.waits_for.iter().map(|other| named(other)).collect::<Vec<_>>().join(", ")
}
