//! What comes of a run of show at an instant.
//!
//! Three times a step: *planned*, as the file says it, holds left out; *due*, the same with the
//! holds so far; *expected*, what comes of it: a forward pass over the steps, in which a step
//! begins when it is due, when all it waits for is done, and not before now. What is late thus
//! moves what depends on it, and never anything to an earlier time. A backward pass from T-0 gives
//! the slack: by how much a step may still slip before T-0 does.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;

use super::order::order;
use super::{Hold, Step, Zero, zero};
use crate::domain::Release;
use crate::domain::moment::{Resolved, resolve_local};

/// From when on a step counts as late: a whole minute.
const LATE_FROM: TimeDelta = TimeDelta::minutes(1);
/// The hours of the night in which nobody should have to work: 02:00 to 06:00 (algorithms,
/// section 3).
const NIGHT: std::ops::Range<u32> = 2..6;

/// A stretch of time.
pub type Between = (DateTime<Utc>, DateTime<Utc>);

/// A run of show at an instant.
#[derive(Debug, Clone, PartialEq)]
pub struct Reckoning<'a> {
    /// The release.
    pub release: &'a Release,
    /// The instant.
    pub now: DateTime<Utc>,
    /// The count.
    pub clock: Clock<'a>,
    /// In the order of the plan: by planned start, then as they wait for each other.
    pub steps: Vec<Reckoned<'a>>,
}

/// The count at an instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clock<'a> {
    /// T-0 as planned, holds left out.
    pub zero: Zero,
    /// T-0 as it is counted: later by all holds; while one goes on, as if it ended now.
    pub counted: DateTime<Utc>,
    /// The earliest T-0 at which everything that must be done before can be: not before `counted`.
    pub expected: DateTime<Utc>,
    /// How long the count was held, altogether.
    pub held: TimeDelta,
    /// The hold that goes on.
    pub hold: Option<&'a Hold>,
    /// By how much what is left before T-0 may still slip; `None`: nothing is left.
    pub slack: Option<TimeDelta>,
    /// Whether nothing counts any more: the release ended.
    pub is_over: bool,
}

/// A step at an instant.
#[derive(Debug, Clone, PartialEq)]
pub struct Reckoned<'a> {
    /// The step.
    pub step: &'a Step,
    /// Its place in the file, from 0.
    pub place: usize,
    /// As the file plans it, holds left out.
    pub planned: Between,
    /// As the count has it: later by the holds before it.
    pub due: Between,
    /// What comes of it; what happened, where it did.
    pub expected: Between,
    /// Where it stands.
    pub state: StepState,
    /// How far what is not done lies behind the count; zero below a minute.
    pub late: TimeDelta,
    /// How much later than planned it ends; negative: earlier.
    pub slip: TimeDelta,
    /// By how much it may still slip before T-0 does; `None`: it is done, or T-0 does not wait
    /// for it.
    pub slack: Option<TimeDelta>,
    /// Whether T-0 waits for it most: nothing left has less slack.
    pub is_critical: bool,
    /// What it still waits for.
    pub waits_for: Vec<&'a Step>,
    /// Whether it falls in the night of who does it.
    pub is_at_night: bool,
}

/// Where a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepState {
    /// Its time has not come.
    Planned,
    /// Its time has come, and it waits for others.
    Waiting,
    /// It can begin.
    Ready,
    /// It was begun.
    Running,
    /// It is done.
    Done,
    /// It was left out.
    Skipped,
}

impl StepState {
    /// The word for it, in JSON and for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Waiting => "waiting",
            Self::Ready => "ready",
            Self::Running => "running",
            Self::Done => "done",
            Self::Skipped => "skipped",
        }
    }

    /// Whether nothing has to be done any more.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Skipped)
    }
}

impl Reckoned<'_> {
    /// Whether who does it is late: it could have begun, or takes too long. What only waits for
    /// others is not late by itself.
    pub fn is_late(&self) -> bool {
        self.late > TimeDelta::zero() && matches!(self.state, StepState::Ready | StepState::Running)
    }

    /// The word for where it stands: `late` where it is.
    pub fn word(&self) -> &'static str {
        if self.is_late() { "late" } else { self.state.word() }
    }
}

impl Clock<'_> {
    /// What is left to T-0; negative: how long ago it was.
    pub fn left(&self, now: DateTime<Utc>) -> TimeDelta {
        self.counted - now
    }

    /// By how much T-0 cannot be met.
    pub fn slips(&self) -> TimeDelta {
        self.expected - self.counted
    }
}

impl<'a> Reckoning<'a> {
    /// The steps that run.
    pub fn running(&self) -> impl Iterator<Item = &Reckoned<'a>> {
        self.steps.iter().filter(|step| step.state == StepState::Running)
    }

    /// What comes next: what can begin, then what is planned, each by its time.
    pub fn next(&self) -> impl Iterator<Item = &Reckoned<'a>> {
        let of = |state| self.steps.iter().filter(move |step| step.state == state);
        of(StepState::Ready).chain(of(StepState::Waiting)).chain(of(StepState::Planned))
    }

    /// The steps whose doers are late.
    pub fn late(&self) -> impl Iterator<Item = &Reckoned<'a>> {
        self.steps.iter().filter(|step| step.is_late())
    }

    /// A step by its id.
    pub fn step(&self, id: &str) -> Option<&Reckoned<'a>> {
        self.steps.iter().find(|step| step.step.id == id)
    }

    /// Whether everything goes as the count has it: nothing late, no hold, T-0 can be met.
    pub fn is_on_plan(&self) -> bool {
        self.clock.is_over
            || (self.clock.hold.is_none()
                && self.clock.slips() < LATE_FROM
                && self.steps.iter().all(|step| step.late.is_zero()))
    }

    /// How many steps are done or left out.
    pub fn over(&self) -> usize {
        self.steps.iter().filter(|step| step.state.is_over()).count()
    }
}

/// Reckons a release's run of show at an instant. What the file says of later instants has not
/// happened yet. The error says what is missing.
pub fn reckon(release: &Release, workspace: Tz, now: DateTime<Utc>) -> Result<Reckoning<'_>, String> {
    let zero = zero(release, workspace)?;
    let show = &release.show;
    let order = order(&show.steps).map_err(|circle| {
        let names: Vec<&str> = circle.0.iter().map(|place| show.steps[*place].id.as_str()).collect();
        format!("these steps wait for each other: {}", names.join(", "))
    })?;
    let holds = Holds::at(&show.holds, now);
    let happened: Vec<Happened> = show.steps.iter().map(|step| Happened::at(step, now)).collect();
    let before = befores(&show.steps);

    let mut planned: Vec<Between> = vec![(zero.at, zero.at); show.steps.len()];
    for place in &order {
        let step = &show.steps[*place];
        let own = step.at.map(|at| at.resolve(zero));
        let others = before[*place].iter().map(|other| planned[*other].1).max();
        let start = own.max(others).unwrap_or(zero.at);
        planned[*place] = (start, start + step.duration);
    }
    let due: Vec<Between> = planned
        .iter()
        .map(|(start, end)| {
            let begins = holds.shifted(*start);
            (begins, begins + (*end - *start))
        })
        .collect();

    let mut expected = due.clone();
    for place in &order {
        let others = before[*place].iter().filter_map(|other| match happened[*other] {
            Happened::Skipped => None,
            _ => Some(expected[*other].1),
        });
        let others = others.max();
        let step = &show.steps[*place];
        expected[*place] = match happened[*place] {
            Happened::Done { started, done } => (started.unwrap_or(done).min(done), done),
            Happened::Started(started) => (started, (started + step.duration).max(now)),
            Happened::Skipped => due[*place],
            Happened::Not => {
                let start = due[*place].0.max(now).max(others.unwrap_or(now));
                (start, start + step.duration)
            }
        };
    }
    let counted = holds.shifted(zero.at);
    let slack = slack(&order, &before, &happened, &expected, |place| planned[place].1 <= zero.at, counted);
    let least = slack.iter().flatten().min().copied();
    let is_over = !release.is_live();
    let mut steps: Vec<Reckoned<'_>> = order
        .iter()
        .map(|place| {
            let place = *place;
            let step = &show.steps[place];
            let waits_for: Vec<&Step> = before[place]
                .iter()
                .filter(|other| !happened[**other].is_over())
                .map(|other| &show.steps[*other])
                .collect();
            let state = happened[place].state(step, &waits_for, due[place].0, now);
            let behind = expected[place].1 - due[place].1;
            let is_late = !state.is_over() && !is_over && behind >= LATE_FROM;
            let owner_zone = step.time_zone.unwrap_or(zero.zone);
            Reckoned {
                step,
                place,
                planned: planned[place],
                due: due[place],
                expected: expected[place],
                state,
                late: if is_late { behind } else { TimeDelta::zero() },
                slip: if state == StepState::Skipped {
                    TimeDelta::zero()
                } else {
                    expected[place].1 - planned[place].1
                },
                slack: slack[place],
                is_critical: slack[place].is_some() && slack[place] == least,
                waits_for,
                is_at_night: !state.is_over() && touches_night(expected[place], owner_zone),
            }
        })
        .collect();
    // A stable sort: what begins together stays as it waits for each other.
    steps.sort_by_key(|step| step.planned.0);
    let last = steps.iter().filter(|step| step.slack.is_some()).map(|step| step.expected.1).max();
    let clock = Clock {
        zero,
        counted,
        expected: last.map_or(counted, |last| last.max(counted)),
        held: holds.total(),
        hold: holds.open,
        slack: least,
        is_over,
    };
    Ok(Reckoning { release, now, clock, steps })
}

/// The places of what each step waits for.
fn befores(steps: &[Step]) -> Vec<Vec<usize>> {
    let places: BTreeMap<&str, usize> =
        steps.iter().enumerate().map(|(place, step)| (step.id.as_str(), place)).collect();
    steps
        .iter()
        .map(|step| step.after.iter().filter_map(|id| places.get(id.as_str()).copied()).collect())
        .collect()
}

/// Latest finishes, backward from T-0, less what is expected.
fn slack(
    order: &[usize],
    before: &[Vec<usize>],
    happened: &[Happened],
    expected: &[Between],
    is_before_zero: impl Fn(usize) -> bool,
    zero: DateTime<Utc>,
) -> Vec<Option<TimeDelta>> {
    let mut latest: Vec<Option<DateTime<Utc>>> =
        (0..order.len()).map(|place| is_before_zero(place).then_some(zero)).collect();
    for place in order.iter().rev().filter(|place| !happened[**place].is_over()) {
        let Some(end) = latest[*place] else { continue };
        let begin = end - (expected[*place].1 - expected[*place].0);
        for other in &before[*place] {
            latest[*other] = Some(latest[*other].map_or(begin, |known| known.min(begin)));
        }
    }
    (0..order.len())
        .map(|place| latest[place].filter(|_| !happened[place].is_over()).map(|end| end - expected[place].1))
        .collect()
}

/// What happened of a step by an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Happened {
    Not,
    Started(DateTime<Utc>),
    Done { started: Option<DateTime<Utc>>, done: DateTime<Utc> },
    Skipped,
}

impl Happened {
    fn at(step: &Step, now: DateTime<Utc>) -> Self {
        let started = step.started.filter(|time| *time <= now);
        match step.done {
            Some(done) if done <= now && step.skipped.is_none() => Self::Done { started, done },
            None if step.skipped.is_some() => Self::Skipped,
            Some(done) if done <= now => Self::Skipped,
            _ => started.map_or(Self::Not, Self::Started),
        }
    }

    fn is_over(self) -> bool {
        matches!(self, Self::Done { .. } | Self::Skipped)
    }

    fn state(self, step: &Step, waits_for: &[&Step], due: DateTime<Utc>, now: DateTime<Utc>) -> StepState {
        match self {
            Self::Done { .. } => StepState::Done,
            Self::Skipped => StepState::Skipped,
            Self::Started(_) => StepState::Running,
            Self::Not if !waits_for.is_empty() && now >= due => StepState::Waiting,
            Self::Not if !waits_for.is_empty() => StepState::Planned,
            Self::Not if now >= due || step.at.is_none() => StepState::Ready,
            Self::Not => StepState::Planned,
        }
    }
}

/// Holds as they are known at an instant.
struct Holds<'a> {
    stretches: Vec<Between>,
    open: Option<&'a Hold>,
}

impl<'a> Holds<'a> {
    fn at(holds: &'a [Hold], now: DateTime<Utc>) -> Self {
        let begun = || holds.iter().filter(|hold| hold.since <= now);
        let is_open = |hold: &&Hold| hold.until.is_none_or(|until| until > now);
        let stretches = begun().map(|hold| (hold.since, hold.until.map_or(now, |until| until.min(now))));
        Self { stretches: stretches.collect(), open: begun().find(is_open) }
    }

    /// When the count reaches what it would have reached at an instant, had it not been held. What
    /// was reached when a hold began stays where it was.
    fn shifted(&self, planned: DateTime<Utc>) -> DateTime<Utc> {
        self.stretches.iter().fold(
            planned,
            |time, (since, until)| {
                if *since < time { time + (*until - *since) } else { time }
            },
        )
    }

    fn total(&self) -> TimeDelta {
        self.stretches.iter().map(|(since, until)| *until - *since).sum()
    }
}

/// Whether a stretch of time meets the night of a zone.
fn touches_night((start, end): Between, zone: Tz) -> bool {
    let local = start.with_timezone(&zone);
    if NIGHT.contains(&local.hour()) {
        return true;
    }
    let today = local.date_naive();
    let date = if local.hour() < NIGHT.start { Some(today) } else { today.checked_add_days(Days::new(1)) };
    let begins = date.zip(NaiveTime::from_hms_opt(NIGHT.start, 0, 0)).map(|(date, time)| date.and_time(time));
    begins.is_some_and(|begins| {
        let begins = match resolve_local(zone, begins) {
            Resolved::Unique(time) | Resolved::Ambiguous { earlier: time, .. } => time,
            Resolved::Skipped { transition, .. } => transition,
        };
        begins < end
    })
}
