//! A rollout beside its plan: which stage plans it, which step it is in, what is left, when it will
//! be done, and where it leaves the plan.
//!
//! A stage plans its steps (percent) within [start, end) and does not say when each is due: the time
//! is shared evenly between them, `hold` = (end − start) / steps. `soak` is how long the last step is
//! watched after it was reached. What nothing says is not known.

mod reading;

pub use reading::{position, stage_of, steps_of};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::{Event, Phase, Since};
use crate::domain::release::Strategy;
use crate::domain::{Safe, format};

/// A rollout as it was seen.
#[derive(Debug, Clone, Copy)]
pub struct Observed<'a> {
    /// The service.
    pub service: &'a str,
    /// The environment.
    pub environment: &'a str,
    /// The region, where the source tells regions apart.
    pub region: Option<&'a str>,
    /// The version to come.
    pub to: &'a Safe,
    /// How it stands.
    pub phase: Phase,
    /// Its share, between 0 and 1.
    pub share: f64,
    /// Instances (or what is counted) of the new version, and of all.
    pub instances: (f64, f64),
    /// When it began.
    pub began: Since,
    /// Its share over time; `None`: a gap.
    pub shares: &'a [(DateTime<Utc>, Option<f64>)],
    /// What happened.
    pub events: &'a [Event],
}

/// A rollout beside its plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Position {
    /// The release that plans it.
    pub release: String,
    /// Which of the release's stages, counted from 0.
    pub stage: usize,
    /// When the stage begins and ends.
    pub planned: (DateTime<Utc>, DateTime<Utc>),
    /// How.
    pub strategy: Option<Strategy>,
    /// The planned shares, rising, between 0 and 1; the last is the whole.
    pub steps: Vec<f64>,
    /// Where it is.
    pub at: At,
    /// When all of it will run the new version.
    pub full: Eta,
    /// When it will have been watched for as long as planned; `None`: no soak is planned, or
    /// nobody can say.
    pub done: Option<Eta>,
    /// How far behind the plan (positive) or ahead of it (negative); `None`: on time.
    pub delay: Option<TimeDelta>,
    /// Where it leaves the plan.
    pub off: Vec<Off>,
}

/// Where a rollout is on its plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// At a step, counted from 1.
    Step {
        /// Which.
        step: usize,
        /// Since when.
        since: Since,
        /// When its time is over; `None`: not known.
        until: Option<DateTime<Utc>>,
    },
    /// Between two steps: from the one with this number (0: none yet) to the next.
    Between(usize),
    /// Everywhere, and watched until then; `None`: no soak is planned.
    Soaking(Option<DateTime<Utc>>),
    /// Everywhere, and watched for as long as planned.
    Done,
    /// Back on the version before.
    BackedOut,
    /// Nobody says any more.
    Unknown,
}

/// When something will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Eta {
    /// It was, at this time or before it.
    Reached(Since),
    /// About then.
    About(DateTime<Utc>),
    /// Between the two.
    Between(DateTime<Utc>, DateTime<Utc>),
    /// Nothing says.
    NotKnown,
}

/// Where a rollout leaves its plan.
#[derive(Debug, Clone, PartialEq)]
pub enum Off {
    /// Its share has stopped where no step is.
    NoStep,
    /// A step was left out.
    LeftOut(f64),
    /// It began so long before its stage.
    Early(TimeDelta),
    /// Both versions run, where the strategy plans one.
    Mix,
}

impl Eta {
    /// `about 15:12`, `15:12–16:00`, `since 14:40`, `not known`; with the day where it is another.
    pub fn words(self, now: DateTime<Utc>, zone: Tz) -> String {
        let clock = |at: DateTime<Utc>| {
            let (local, today) = (at.with_timezone(&zone), now.with_timezone(&zone));
            let form = if local.date_naive() == today.date_naive() { "%H:%M" } else { "%a %H:%M" };
            local.format(form).to_string()
        };
        match self {
            Self::Reached(Since::At(at)) => format!("since {}", clock(at)),
            Self::Reached(Since::Before(at)) => format!("since before {}", clock(at)),
            Self::About(at) => format!("about {}", clock(at)),
            Self::Between(from, to) => format!("{}–{}", clock(from), clock(to)),
            Self::NotKnown => "not known".to_owned(),
        }
    }

    /// The latest instant it may be; `None`: not known.
    pub fn latest(self) -> Option<DateTime<Utc>> {
        match self {
            Self::Reached(since) => Some(super::skew::instant_of(since)),
            Self::About(at) | Self::Between(_, at) => Some(at),
            Self::NotKnown => None,
        }
    }

    /// The same so much later.
    #[must_use]
    pub fn later(self, by: TimeDelta) -> Self {
        match self {
            Self::Reached(Since::At(at)) | Self::About(at) => Self::About(at + by),
            Self::Reached(Since::Before(_)) | Self::NotKnown => Self::NotKnown,
            Self::Between(from, to) => Self::Between(from + by, to + by),
        }
    }
}

impl Off {
    /// In words.
    pub fn words(&self, position: &Position, share: f64) -> String {
        match self {
            Self::NoStep if position.strategy == Some(Strategy::Rolling) => {
                format!("stopped at {}", format::share(share))
            }
            Self::NoStep => {
                format!("{} is no step of {}", format::share(share), position.steps_words())
            }
            Self::LeftOut(step) => format!("{} was left out", format::share(*step)),
            Self::Early(by) => format!("began {} before its stage", format::duration(*by)),
            Self::Mix => match position.strategy {
                Some(Strategy::BlueGreen) => "both versions serve, which blue-green does not plan".to_owned(),
                _ => "a mix that stands, where all at once is planned".to_owned(),
            },
        }
    }
}

impl Position {
    /// `5 → 25 → 50 → 100 %`.
    pub fn steps_words(&self) -> String {
        let steps: Vec<String> = self.steps.iter().map(|step| format::number(step * 100.0)).collect();
        format!("{} %", steps.join(" → "))
    }

    /// The step it is at or has passed, counted from 1; 0: none yet.
    pub fn step(&self) -> usize {
        match self.at {
            At::Step { step, .. } | At::Between(step) => step,
            At::Soaking(_) | At::Done => self.steps.len(),
            At::BackedOut | At::Unknown => 0,
        }
    }

    /// Where it is, in few words: `step 2 of 4`, `batch 1 of 2`, `green serves`.
    pub fn at_words(&self) -> String {
        let of = self.steps.len();
        match (self.at, self.strategy) {
            (At::BackedOut, _) => "backed out".to_owned(),
            (At::Unknown, _) => "not known".to_owned(),
            (At::Done, _) => "done".to_owned(),
            (At::Soaking(_), Some(Strategy::BlueGreen)) => "green serves".to_owned(),
            (At::Soaking(_), _) => "everywhere".to_owned(),
            (At::Step { .. }, Some(Strategy::BlueGreen)) => "blue serves, green stands by".to_owned(),
            (At::Between(_), Some(Strategy::BlueGreen)) => "green comes up".to_owned(),
            (At::Step { step, .. }, Some(Strategy::Rolling)) => format!("batch {step} of {of}"),
            (At::Between(step), Some(Strategy::Rolling)) if of > 1 => {
                format!("batch {} of {of}, moving", (step + 1).min(of))
            }
            (At::Between(_), Some(Strategy::Rolling | Strategy::AllAtOnce) | None) if of <= 1 => {
                "moving".to_owned()
            }
            (At::Step { step, .. }, _) => format!("step {step} of {of}"),
            (At::Between(step), _) => format!("to step {} of {of}", (step + 1).min(of)),
        }
    }

    /// What is left of the present step or soak; negative: over it.
    pub fn left(&self, now: DateTime<Utc>) -> Option<TimeDelta> {
        match self.at {
            At::Step { until, .. } | At::Soaking(until) => until.map(|until| until - now),
            _ => None,
        }
    }

    /// `9 m left`, `12 m over`.
    pub fn left_words(&self, now: DateTime<Utc>) -> Option<String> {
        let left = self.left(now)?;
        Some(match left {
            left if left < TimeDelta::zero() => format!("{} over", format::age(-left)),
            left => format!("{} left", format::age(left)),
        })
    }

    /// The whole of it, in one line; what matters most first, for a line may be cut.
    pub fn sentence(&self, share: f64, now: DateTime<Utc>, zone: Tz) -> String {
        let mut parts = vec![self.at_words()];
        parts.extend(self.left_words(now));
        parts.extend(self.off.iter().map(|off| format!("off plan: {}", off.words(self, share))));
        parts.extend(self.delay_words());
        match self.full {
            Eta::Reached(_) => {}
            Eta::NotKnown if self.at == At::BackedOut => {}
            full => parts.push(format!("everywhere {}", full.words(now, zone))),
        }
        parts.extend(self.done.filter(|done| *done != Eta::NotKnown).map(|done| match done {
            Eta::Reached(_) => "watched as planned".to_owned(),
            done => format!("watched until {}", done.words(now, zone)),
        }));
        let strategy = self.strategy.map_or("", Strategy::word);
        let steps = if self.steps.len() > 1 { self.steps_words() } else { String::new() };
        let plan = [strategy, &steps].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
        parts.extend((!plan.is_empty()).then(|| plan.join(" ")));
        parts.join(", ")
    }

    /// `12 m behind plan`.
    pub fn delay_words(&self) -> Option<String> {
        self.delay.map(|delay| match delay {
            delay if delay < TimeDelta::zero() => format!("{} ahead of plan", format::age(-delay)),
            delay => format!("{} behind plan", format::age(delay)),
        })
    }
}

#[cfg(test)]
mod tests;
