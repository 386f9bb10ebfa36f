//! The search itself: where a start is blocked, and where the block can end.

use std::borrow::Cow;
use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};

use super::{HORIZON, Moved, Placed, Refused, Slot, Slots, push, rank};
use crate::domain::almanac::Almanac;
use crate::domain::conflicts::{Checker, Code, Conflict, NotBefore, Obstacles, Reason, Severity};
use crate::domain::decision::{FreezeAnswer, HORIZON as FAR, Subject, applies, freezes, opening, openings};
use crate::domain::format::local_time;
use crate::domain::moment::{Resolved, resolve_local};
use crate::domain::{Release, Stage, Window, WindowKind};

/// More tries than a plan of any size needs; the finder ends in any case.
const TRIES: usize = 20_000;

/// Starts outside working hours that are looked at for each that is asked for.
const ENOUGH: usize = 4;

/// The grid.
pub(super) const QUARTER: TimeDelta = TimeDelta::minutes(15);

/// A stage that is moved, and what may block it.
struct Mover<'a> {
    index: usize,
    stage: &'a Stage,
    subject: Subject<'a>,
    obstacles: Obstacles,
    needs_opening: bool,
}

/// Why a start does not do, and where it could.
struct Block {
    code: Code,
    with: Vec<String>,
    message: String,
    /// When the stage may begin at the earliest; `None`: not within the horizon.
    until: Option<DateTime<Utc>>,
}

pub(super) struct Search<'a> {
    checker: &'a Checker,
    release: &'a Release,
    movers: Vec<Mover<'a>>,
    almanac: Cow<'a, Almanac>,
    /// The start of the earliest moved stage, on its wall.
    anchor: NaiveDateTime,
    anchor_zone: chrono_tz::Tz,
    /// The last start that is looked at.
    until: DateTime<Utc>,
    /// Others that wait for this release, whenever it comes.
    waiting_anyway: BTreeSet<(String, usize, Vec<String>)>,
    /// What the stages that stay collide with, wherever the others go: no start clears it.
    staying: Vec<Conflict>,
}

impl<'a> Search<'a> {
    pub(super) fn new(
        checker: &'a Checker,
        release: &'a Release,
        moved: Moved,
        from: DateTime<Utc>,
    ) -> Option<Self> {
        let stages = release.stages.iter().enumerate();
        let chosen: Vec<(usize, &Stage)> = match moved {
            Moved::Whole => stages.collect(),
            Moved::Stage(index) => stages.filter(|(own, _)| *own == index).collect(),
        };
        let (_, first) = chosen.iter().min_by_key(|(index, stage)| (stage.start, *index))?;
        let last = chosen.iter().map(|(_, stage)| stage.end).max()?;
        let until = from.checked_add_signed(HORIZON)?;
        // A day for clock changes on the way.
        let reach = until.checked_add_signed(last - first.start + TimeDelta::days(1))?;
        let subjects: Vec<Subject<'_>> =
            chosen.iter().map(|(_, stage)| Subject::of(release, stage)).collect();
        let applying = |window: &&Window| subjects.iter().any(|subject| applies(window, subject));
        let almanac = if checker.almanac().covers(from, reach) {
            Cow::Borrowed(checker.almanac())
        } else {
            let windows: Vec<Window> = checker.almanac().windows().iter().filter(applying).cloned().collect();
            Cow::Owned(Almanac::new(&windows, [(from, reach)]))
        };
        let movers = chosen
            .iter()
            .zip(subjects)
            .map(|((index, stage), subject)| Mover {
                index: *index,
                stage,
                needs_opening: !openings(&almanac, &subject).is_empty(),
                obstacles: obstacles(checker, release, moved, *index),
                subject,
            })
            .collect();
        let zone = first.time_zone;
        Some(Self {
            checker,
            release,
            movers,
            almanac,
            anchor: first.start.with_timezone(&zone).naive_local(),
            anchor_zone: zone,
            until,
            waiting_anyway: waiting_anyway(checker, release),
            staying: staying(checker, release, moved),
        })
    }

    pub(super) fn run(&self, from: DateTime<Utc>, count: usize) -> Slots {
        let mut found = Slots::default();
        let hours = &self.checker.workspace().policy.hours;
        let zone = self.checker.workspace().time_zone;
        let mut by = self.grid(from);
        let mut at_work = 0;
        for _ in 0..TRIES {
            let Some(start) = self.anchor_at(by).filter(|start| *start <= self.until) else { break };
            if start < from {
                by += QUARTER;
                continue;
            }
            let Some(moved) = self.shifted(by) else {
                // It does not occur in the zone of one of the stages.
                by += QUARTER;
                continue;
            };
            if let Some((mover, block)) = self.blocked(&moved) {
                by = self.refuse(&mut found.refused, (by, start), mover, block);
                continue;
            }
            let conflicts = self.conflicts(&moved);
            if let Some(block) = conflicts.iter().find(|it| it.severity() == Severity::Block) {
                let next = self.after(by, block);
                let to = next.and_then(|next| self.anchor_at(next)).unwrap_or(self.until);
                push(&mut found.refused, refusal(start, to, block));
                let Some(next) = next else { break };
                by = next;
                continue;
            }
            let slot = Slot {
                start,
                warnings: conflicts.iter().map(|it| it.code).collect::<BTreeSet<_>>().into_iter().collect(),
                at_work: moved.iter().filter(|it| hours.hold(it.start, it.end, zone)).count(),
                stages: moved,
            };
            at_work += usize::from(slot.at_work == self.movers.len());
            found.slots.push(slot);
            if at_work >= count || found.slots.len() >= count.saturating_mul(ENOUGH) {
                break;
            }
            // The earliest start is found; what is worth more is at work.
            by = hours.next(start, zone).map_or(by, |opens| self.grid(opens)).max(by + QUARTER);
        }
        rank(&mut found, count);
        found
    }

    /// Writes down why a start does not do, and answers with the next that may.
    fn refuse(
        &self,
        refused: &mut Vec<Refused>,
        (by, start): (TimeDelta, DateTime<Utc>),
        mover: &Mover<'_>,
        block: Block,
    ) -> TimeDelta {
        let next = block.until.map(|until| {
            let own = mover.stage.start.with_timezone(&mover.stage.time_zone).naive_local();
            let needed = until.with_timezone(&mover.stage.time_zone).naive_local() - own;
            self.on_grid(needed).max(by + QUARTER)
        });
        let last = self.until - start + by + QUARTER;
        let next = next.unwrap_or(last);
        let to = self.anchor_at(next).unwrap_or(self.until).min(self.until);
        let Block { code, with, message, .. } = block;
        push(refused, Refused { from: start, to: to.max(start), code, with, message });
        next
    }

    /// What blocks any of the moved stages, the one that blocks longest.
    fn blocked(&self, moved: &[Placed]) -> Option<(&Mover<'a>, Block)> {
        let blocks = self.movers.iter().zip(moved).filter_map(|(mover, placed)| {
            let block = self.block(mover, placed.start, placed.end)?;
            let waits = block.until.map_or(TimeDelta::MAX, |until| until - placed.start);
            Some((waits, mover, block))
        });
        blocks.max_by_key(|(waits, mover, _)| (*waits, std::cmp::Reverse(mover.index))).map(|it| (it.1, it.2))
    }

    fn block(&self, mover: &Mover<'_>, start: DateTime<Utc>, end: DateTime<Utc>) -> Option<Block> {
        let when = |instant: DateTime<Utc>| local_time(instant, mover.stage.time_zone);
        for bound in &mover.obstacles.not_before {
            if bound.until.is_none_or(|until| start < until) {
                let with = bound.reason.with.clone();
                let provider = with.join(", ");
                let message = match (bound.reason.code, bound.until) {
                    (Code::DependencyOrder, Some(until)) => format!("{provider} lands {}", when(until)),
                    (Code::DependencyOrder, None) => format!("{provider} lands in no release"),
                    (Code::PromotionOrder, Some(until)) => {
                        format!("an earlier environment is not done until {}", when(until))
                    }
                    _ => format!("{} holds no release at all", mover.stage.environment),
                };
                return Some(Block { code: bound.reason.code, with, message, until: bound.until });
            }
        }
        let frozen = freezes(&self.almanac, &mover.subject, start, end).into_iter();
        let frozen = frozen.filter(|it| it.answer == FreezeAnswer::Denies).max_by_key(|it| it.occurrence.end);
        if let Some(frozen) = frozen {
            let until = frozen.occurrence.end;
            return Some(Block {
                code: Code::Freeze,
                with: vec![frozen.window.id.clone()],
                message: format!("the freeze {} lasts until {}", frozen.window.title, when(until)),
                until: Some(until),
            });
        }
        if mover.needs_opening && opening(&self.almanac, &mover.subject, start, end).is_none() {
            return Some(self.closed(mover, start, end));
        }
        let busy = mover.obstacles.busy.meeting(start, end).max_by_key(|taken| taken.end)?;
        let reason = &mover.obstacles.reasons[busy.what as usize];
        let others = reason.with.join(", ");
        let message = match reason.code {
            Code::Capacity => {
                format!("{} is full with {others} until {}", mover.stage.environment, when(busy.end))
            }
            _ => format!("{others} changes a service of it until {}", when(busy.end)),
        };
        Some(Block { code: reason.code, with: reason.with.clone(), message, until: Some(busy.end) })
    }

    /// No occurrence of a change window holds the stage: the next that is long enough.
    fn closed(&self, mover: &Mover<'_>, start: DateTime<Utc>, end: DateTime<Utc>) -> Block {
        let mut with: Vec<String> =
            openings(&self.almanac, &mover.subject).into_iter().map(|window| window.id.clone()).collect();
        with.sort_unstable();
        let opens = self
            .almanac
            .starting_from(WindowKind::Change, start)
            .find(|(window, one)| {
                one.start > start && one.end - one.start >= end - start && applies(window, &mover.subject)
            })
            .map(|(_, occurrence)| occurrence.start);
        let names = with.join(", ");
        let message = match opens {
            Some(opens) => {
                format!("{names} opens {}", local_time(opens, mover.stage.time_zone))
            }
            None => format!("no occurrence of {names} is long enough"),
        };
        Block { code: Code::OutsideWindow, with, message, until: opens }
    }

    /// What collides with the release where it would be, but for those who wait for it anyway.
    fn conflicts(&self, moved: &[Placed]) -> Vec<Conflict> {
        let mut release = self.release.clone();
        for placed in moved {
            let stage = &mut release.stages[placed.stage];
            (stage.start, stage.end) = (placed.start, placed.end);
        }
        let mut found = self.checker.what_if(&release);
        found.retain(|it| !self.staying.contains(it));
        found.retain(|it| {
            it.names(&self.release.id)
                || !self.waiting_anyway.contains(&(it.release.clone(), it.stage, it.with.clone()))
        });
        found
    }

    /// Where to go on after a block that a full check finds: order among the release's own stages
    /// can change with the clocks, and those who wait for it will wait longer the later it is.
    fn after(&self, by: TimeDelta, block: &Conflict) -> Option<TimeDelta> {
        match block.code {
            Code::DependencyOrder if block.release != self.release.id => None,
            // A stage that stays comes too soon after one that is moved.
            Code::PromotionOrder if self.movers.iter().all(|mover| mover.index != block.stage) => None,
            Code::PromotionOrder => Some(self.tomorrow(by)),
            _ => Some(by + QUARTER),
        }
    }

    /// The moved stages shifted on their walls; `None` where one would begin or end at a time
    /// that does not occur.
    fn shifted(&self, by: TimeDelta) -> Option<Vec<Placed>> {
        let moved = self.movers.iter().map(|mover| {
            let Stage { start, end, time_zone, .. } = *mover.stage;
            if by.is_zero() {
                return Some(Placed { stage: mover.index, start, end });
            }
            let (start, end) = (on_wall(start, by, time_zone)?, on_wall(end, by, time_zone)?);
            (start < end).then_some(Placed { stage: mover.index, start, end })
        });
        moved.collect()
    }

    fn anchor_at(&self, by: TimeDelta) -> Option<DateTime<Utc>> {
        match resolve_local(self.anchor_zone, self.anchor.checked_add_signed(by)?) {
            Resolved::Unique(start) | Resolved::Ambiguous { earlier: start, .. } => Some(start),
            Resolved::Skipped { transition, .. } => Some(transition),
        }
    }

    /// The shift that brings the first stage to an instant, or the next quarter of an hour.
    fn grid(&self, instant: DateTime<Utc>) -> TimeDelta {
        self.on_grid(instant.with_timezone(&self.anchor_zone).naive_local() - self.anchor)
    }

    /// The shift, or the next that brings the first stage to a quarter of an hour.
    fn on_grid(&self, by: TimeDelta) -> TimeDelta {
        let wall = self.anchor + by;
        let into = i64::from(wall.time().num_seconds_from_midnight()) % QUARTER.num_seconds();
        let fraction = TimeDelta::nanoseconds(wall.nanosecond().into());
        if into == 0 && fraction.is_zero() {
            return by;
        }
        by + (QUARTER - TimeDelta::seconds(into) - fraction)
    }

    /// The shift that brings the first stage to the next midnight.
    fn tomorrow(&self, by: TimeDelta) -> TimeDelta {
        let day = (self.anchor + by).date();
        let next = day.checked_add_days(Days::new(1)).unwrap_or(day).and_time(NaiveTime::MIN);
        (next - self.anchor).max(by + QUARTER)
    }
}

/// What blocks a stage; where it is moved alone, also its own release's stages that come before.
fn obstacles(checker: &Checker, release: &Release, moved: Moved, index: usize) -> Obstacles {
    let stage = &release.stages[index];
    let mut found = checker.obstacles(release, stage);
    let environments = &checker.workspace().environments;
    let rank = |stage: &Stage| environments.iter().position(|it| it.id == stage.environment);
    let own = rank(stage);
    let before = |other: &&Stage| rank(other).is_some_and(|rank| own.is_some_and(|own| rank < own));
    if let Moved::Stage(_) = moved
        && let Some(until) = release.stages.iter().filter(before).map(|earlier| earlier.end).max()
    {
        let reason = Reason { code: Code::PromotionOrder, with: Vec::new() };
        found.not_before.push(NotBefore { until: Some(until), reason });
    }
    found
}

/// What stages that are not moved collide with as they stand.
fn staying(checker: &Checker, release: &Release, moved: Moved) -> Vec<Conflict> {
    let Moved::Stage(index) = moved else { return Vec::new() };
    let mut found = checker.of(&release.id);
    found.retain(|it| {
        let own = if it.release == release.id { Some(it.stage) } else { it.with_stage };
        own.is_some_and(|own| own != index)
    });
    found
}

/// Those who need a version that the release brings and would wait for it even if it had landed
/// long ago: for a newer version, or in another place.
fn waiting_anyway(checker: &Checker, release: &Release) -> BTreeSet<(String, usize, Vec<String>)> {
    let mut early = release.clone();
    for stage in &mut early.stages {
        let length = stage.end - stage.start;
        stage.start = DateTime::<Utc>::MIN_UTC + FAR;
        stage.end = stage.start + length;
    }
    checker.waiting_for(&early).into_iter().map(|it| (it.release, it.stage, it.with)).collect()
}

pub(super) fn on_wall(instant: DateTime<Utc>, by: TimeDelta, zone: chrono_tz::Tz) -> Option<DateTime<Utc>> {
    let local = instant.with_timezone(&zone).naive_local().checked_add_signed(by)?;
    match resolve_local(zone, local) {
        Resolved::Unique(instant) | Resolved::Ambiguous { earlier: instant, .. } => Some(instant),
        Resolved::Skipped { .. } => None,
    }
}

fn refusal(from: DateTime<Utc>, to: DateTime<Utc>, conflict: &Conflict) -> Refused {
    let message = conflict.message.clone();
    Refused { from, to: to.max(from), code: conflict.code, with: conflict.with.clone(), message }
}
