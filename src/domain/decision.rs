//! May it happen then? What windows say of a span of time: the one evaluator that conflicts,
//! the slot finder and the panels share.

use chrono::{DateTime, TimeDelta, Utc};

use super::almanac::Almanac;
use super::recurrence::Occurrence;
use super::release::Exception;
use super::{ChangeType, Release, Stage, Window, WindowKind};

/// How far ahead the next allowed start is looked for.
pub const HORIZON: TimeDelta = TimeDelta::days(400);

/// What would happen: where, of which services, as what change, with which exceptions.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject<'a> {
    /// The environment.
    pub environment: &'a str,
    /// The region; `None`: every region of the environment.
    pub region: Option<&'a str>,
    /// The services.
    pub services: Vec<&'a str>,
    /// The change type.
    pub change: ChangeType,
    /// Break-glass exceptions of its release.
    pub exceptions: &'a [Exception],
}

impl<'a> Subject<'a> {
    /// A stage of a release.
    pub fn of(release: &'a Release, stage: &'a Stage) -> Self {
        Self {
            environment: &stage.environment,
            region: stage.region.as_deref(),
            services: release.services().collect(),
            change: release.change,
            exceptions: &release.exceptions,
        }
    }
}

/// Whether a window's scope takes in the subject: each of its three lists is absent or matches.
/// What is in no region in particular is in every one.
pub fn applies(window: &Window, subject: &Subject<'_>) -> bool {
    let lists = |list: &Option<Vec<String>>, has: &dyn Fn(&str) -> bool| {
        list.as_ref().is_none_or(|list| list.iter().any(|entry| has(entry)))
    };
    lists(&window.environments, &|environment| environment == subject.environment)
        && lists(&window.regions, &|region| subject.region.is_none_or(|own| own == region))
        && lists(&window.services, &|service| subject.services.contains(&service))
}

/// A freeze that meets a span and applies, and what it says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frozen<'a> {
    /// The freeze.
    pub window: &'a Window,
    /// Which of its occurrences.
    pub occurrence: Occurrence,
    /// Where the overlap with the span begins.
    pub start: DateTime<Utc>,
    /// Where it ends.
    pub end: DateTime<Utc>,
    /// What it says.
    pub answer: FreezeAnswer<'a>,
}

/// What a freeze says of a subject.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FreezeAnswer<'a> {
    /// It allows this change type.
    AllowsType,
    /// An exception lets it through.
    Excepted(&'a Exception),
    /// It denies.
    Denies,
}

/// The freezes that apply to a subject and meet [from, to), by start.
pub fn freezes<'a>(
    almanac: &'a Almanac,
    subject: &Subject<'a>,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Vec<Frozen<'a>> {
    let met = almanac.meeting(WindowKind::Freeze, from, to).into_iter();
    met.filter(|(window, _)| applies(window, subject))
        .map(|(window, occurrence)| {
            let (start, end) = (occurrence.start.max(from), occurrence.end.min(to));
            // It lets through only what ends before it lapses.
            let excepts = |exception: &&Exception| exception.window == window.id && end <= exception.expires;
            let answer = if window.allow.contains(&subject.change) {
                FreezeAnswer::AllowsType
            } else if window.hard {
                FreezeAnswer::Denies
            } else {
                let exception = subject.exceptions.iter().find(excepts);
                exception.map_or(FreezeAnswer::Denies, FreezeAnswer::Excepted)
            };
            Frozen { window, occurrence, start, end, answer }
        })
        .collect()
}

/// The change windows that apply to a subject, in file order.
pub fn openings<'a>(almanac: &'a Almanac, subject: &Subject<'_>) -> Vec<&'a Window> {
    let changes = almanac.windows().iter().filter(|window| window.kind == WindowKind::Change);
    changes.filter(|window| applies(window, subject)).collect()
}

/// The occurrence of a change window that applies and holds [from, to) wholly; adjoining ones do
/// not join.
pub fn opening<'a>(
    almanac: &'a Almanac,
    subject: &Subject<'_>,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Option<(&'a Window, Occurrence)> {
    almanac.meeting(WindowKind::Change, from, to).into_iter().find(|(window, occurrence)| {
        occurrence.start <= from && to <= occurrence.end && applies(window, subject)
    })
}

/// Whether it may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It may.
    Allow,
    /// It may, because of an exception.
    AllowByException,
    /// It may not.
    Deny,
}

/// The answer, and what decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision<'a> {
    /// Whether it may happen.
    pub verdict: Verdict,
    /// Every freeze that applies then, with its answer.
    pub freezes: Vec<Frozen<'a>>,
    /// The change windows that apply; empty: none is needed.
    pub openings: Vec<&'a Window>,
    /// The occurrence that holds it.
    pub opening: Option<(&'a Window, Occurrence)>,
    /// The freezes that the soak runs into.
    pub runway: Vec<Frozen<'a>>,
    /// Where it may not: the next start at which it may; `None`: not within [`HORIZON`].
    pub next: Option<DateTime<Utc>>,
}

impl Decision<'_> {
    /// The freezes that deny.
    pub fn denying(&self) -> impl Iterator<Item = &Frozen<'_>> {
        self.freezes.iter().filter(|frozen| frozen.answer == FreezeAnswer::Denies)
    }

    /// Whether change windows apply and none holds it.
    pub fn is_outside(&self) -> bool {
        !self.openings.is_empty() && self.opening.is_none()
    }
}

/// Whether [start, end) may happen, and after it a soak without a freeze; an `end` that is not
/// after `start` asks of the instant. Where it may not, the next start is looked for.
pub fn decide<'a>(
    almanac: &'a Almanac,
    subject: &Subject<'a>,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    soak: Option<TimeDelta>,
) -> Decision<'a> {
    let end = end.max(start + TimeDelta::nanoseconds(1));
    let mut decision = weigh(almanac, subject, start, end, soak);
    if decision.verdict == Verdict::Deny {
        decision.next = next_allowed(almanac, subject, start, end - start);
    }
    decision
}

/// The same as [`decide`] without looking for the next start.
pub fn weigh<'a>(
    almanac: &'a Almanac,
    subject: &Subject<'a>,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
    soak: Option<TimeDelta>,
) -> Decision<'a> {
    let end = end.max(start + TimeDelta::nanoseconds(1));
    let found = freezes(almanac, subject, start, end);
    let openings = openings(almanac, subject);
    let opening = if openings.is_empty() { None } else { opening(almanac, subject, start, end) };
    let denied = found.iter().any(|frozen| frozen.answer == FreezeAnswer::Denies)
        || (!openings.is_empty() && opening.is_none());
    let excepted = found.iter().any(|frozen| matches!(frozen.answer, FreezeAnswer::Excepted(_)));
    let verdict = match (denied, excepted) {
        (true, _) => Verdict::Deny,
        (false, true) => Verdict::AllowByException,
        (false, false) => Verdict::Allow,
    };
    let runway = runway(almanac, subject, end, soak);
    Decision { verdict, freezes: found, openings, opening, runway, next: None }
}

/// The freezes that would deny it and that a soak after `end` runs into.
pub fn runway<'a>(
    almanac: &'a Almanac,
    subject: &Subject<'a>,
    end: DateTime<Utc>,
    soak: Option<TimeDelta>,
) -> Vec<Frozen<'a>> {
    let until = soak.and_then(|soak| end.checked_add_signed(soak)).filter(|until| *until > end);
    let mut found = until.map(|until| freezes(almanac, subject, end, until)).unwrap_or_default();
    found.retain(|frozen| frozen.answer == FreezeAnswer::Denies);
    found
}

/// The first start at `from` or later, at most [`HORIZON`] later, at which windows allow
/// something of this length.
///
/// From a start that is denied it jumps to where the denial can end: the end of the freezes that
/// deny, or the beginning of the next occurrence of a change window that is long enough.
pub fn next_allowed(
    almanac: &Almanac,
    subject: &Subject<'_>,
    from: DateTime<Utc>,
    length: TimeDelta,
) -> Option<DateTime<Utc>> {
    let until = from.checked_add_signed(HORIZON)?;
    let reach = until.checked_add_signed(length)?;
    let applying: Vec<Window>;
    let expanded;
    let almanac = if almanac.covers(from, reach) {
        almanac
    } else {
        applying = almanac.windows().iter().filter(|window| applies(window, subject)).cloned().collect();
        expanded = Almanac::new(&applying, [(from, reach)]);
        &expanded
    };
    let needs_opening = !openings(almanac, subject).is_empty();
    let mut start = from;
    while start <= until {
        let end = start + length;
        let denials = freezes(almanac, subject, start, end).into_iter();
        let frozen_until = denials
            .filter(|frozen| frozen.answer == FreezeAnswer::Denies)
            .map(|frozen| frozen.occurrence.end)
            .max();
        if let Some(frozen_until) = frozen_until {
            start = frozen_until;
        } else if needs_opening && opening(almanac, subject, start, end).is_none() {
            let mut later = almanac
                .starting_from(WindowKind::Change, start)
                .filter(|(window, _)| applies(window, subject));
            let holds = |found: &(&Window, Occurrence)| {
                found.1.start > start && found.1.end - found.1.start >= length
            };
            start = later.find(holds)?.1.start;
        } else {
            return Some(start);
        }
    }
    None
}

#[cfg(test)]
mod tests;
