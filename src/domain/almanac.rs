//! The windows of a workspace with their occurrences over a stretch of time, expanded once.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::intervals::{Interval, Intervals};
use super::recurrence::{Occurrence, Recurrence, RecurrenceError};
use super::{Window, WindowKind};

/// Spans nearer to each other than this are expanded as one.
const NEAR: TimeDelta = TimeDelta::days(45);

/// Windows and their occurrences. What was expanded is asked quickly; what was not is expanded
/// when it is asked for, with the same answer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Almanac {
    windows: Vec<Window>,
    /// What has been expanded: disjoint, sorted.
    covered: Vec<(DateTime<Utc>, DateTime<Utc>)>,
    freezes: Intervals<Which>,
    changes: Intervals<Which>,
    unreadable: Vec<Unreadable>,
}

/// An occurrence of one of the almanac's windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Which {
    window: u32,
    occurrence: Occurrence,
}

/// A window whose rule cannot be expanded: what it denies or allows is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The window's id.
    pub window: String,
    /// Why.
    pub error: RecurrenceError,
}

impl Almanac {
    /// Expands windows over spans of time [start, end), in any order.
    pub fn new(windows: &[Window], spans: impl IntoIterator<Item = (DateTime<Utc>, DateTime<Utc>)>) -> Self {
        let covered = joined(spans.into_iter().collect());
        let mut unreadable = Vec::new();
        let (mut freezes, mut changes) = (Vec::new(), Vec::new());
        for (index, window) in windows.iter().enumerate() {
            match expand(window, &covered) {
                Ok(found) => {
                    let intervals = match window.kind {
                        WindowKind::Freeze => &mut freezes,
                        WindowKind::Change => &mut changes,
                    };
                    intervals.extend(found.into_iter().map(|occurrence| Interval {
                        start: occurrence.start,
                        end: occurrence.end,
                        what: Which { window: index as u32, occurrence },
                    }));
                }
                Err(error) => unreadable.push(Unreadable { window: window.id.clone(), error }),
            }
        }
        Self {
            windows: windows.to_vec(),
            covered,
            freezes: Intervals::new(freezes),
            changes: Intervals::new(changes),
            unreadable,
        }
    }

    /// The windows, in file order.
    pub fn windows(&self) -> &[Window] {
        &self.windows
    }

    /// Windows whose rule cannot be expanded, in file order.
    pub fn unreadable(&self) -> &[Unreadable] {
        &self.unreadable
    }

    /// What has been expanded: disjoint, sorted.
    pub fn covered(&self) -> &[(DateTime<Utc>, DateTime<Utc>)] {
        &self.covered
    }

    /// Whether [from, to) has been expanded.
    pub fn covers(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> bool {
        let next = self.covered.partition_point(|span| span.0 <= from);
        next > 0 && to <= self.covered[next - 1].1
    }

    /// The occurrences of this kind of window that meet [from, to), by start.
    pub fn meeting(
        &self,
        kind: WindowKind,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Vec<(&Window, Occurrence)> {
        if self.covers(from, to) {
            let found = self.intervals(kind).meeting(from, to);
            return found
                .map(|interval| (&self.windows[interval.what.window as usize], interval.what.occurrence))
                .collect();
        }
        let of_kind = self.windows.iter().filter(|window| window.kind == kind);
        // One that cannot be expanded is among the unreadable already.
        let mut found: Vec<_> = of_kind
            .flat_map(|window| {
                let found = expand(window, &[(from, to)]).unwrap_or_default();
                found.into_iter().map(move |occurrence| (window, occurrence))
            })
            .collect();
        found.sort_by_key(|(_, occurrence)| (occurrence.start, occurrence.end));
        found
    }

    /// The occurrences of this kind of window that begin at `from` or later, by start, as far as
    /// they have been expanded.
    pub fn starting_from(
        &self,
        kind: WindowKind,
        from: DateTime<Utc>,
    ) -> impl Iterator<Item = (&Window, Occurrence)> {
        self.intervals(kind)
            .starting_from(from)
            .iter()
            .map(|interval| (&self.windows[interval.what.window as usize], interval.what.occurrence))
    }

    fn intervals(&self, kind: WindowKind) -> &Intervals<Which> {
        match kind {
            WindowKind::Freeze => &self.freezes,
            WindowKind::Change => &self.changes,
        }
    }
}

/// The occurrences that meet any of the spans, once each.
fn expand(
    window: &Window,
    spans: &[(DateTime<Utc>, DateTime<Utc>)],
) -> Result<Vec<Occurrence>, RecurrenceError> {
    let recurrence = Recurrence::new(window)?;
    if let [(from, to)] = spans {
        return recurrence.between(*from, *to);
    }
    // A long one meets several spans.
    let mut found = BTreeSet::new();
    for (from, to) in spans {
        found.extend(recurrence.between(*from, *to)?);
    }
    Ok(found.into_iter().collect())
}

/// Sorted, without overlap, and what lies near together as one.
fn joined(mut spans: Vec<(DateTime<Utc>, DateTime<Utc>)>) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    spans.sort_unstable();
    let mut joined: Vec<(DateTime<Utc>, DateTime<Utc>)> = Vec::new();
    for (from, to) in spans {
        match joined.last_mut() {
            Some(last) if from - last.1 <= NEAR => last.1 = last.1.max(to),
            _ => joined.push((from, to)),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::samples;
    use crate::domain::window::WallTime;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn weekly(kind: WindowKind) -> Window {
        let mut window = samples::window("weekly", kind);
        window.start = WallTime::Local("2026-01-02T18:00:00".parse().unwrap());
        window.end = WallTime::Local("2026-01-05T06:00:00".parse().unwrap());
        window.repeat = Some("FREQ=WEEKLY".to_owned());
        window
    }

    #[test]
    fn what_was_not_expanded_answers_the_same() {
        let windows = [weekly(WindowKind::Freeze), samples::window("once", WindowKind::Freeze)];
        let wide = Almanac::new(&windows, [(utc("2025-12-01T00:00:00Z"), utc("2026-12-01T00:00:00Z"))]);
        let none = Almanac::new(&windows, []);
        for (from, to) in [
            ("2026-01-01T12:00:00Z", "2026-02-01T00:00:00Z"),
            ("2026-01-05T05:59:59Z", "2026-01-05T06:00:00Z"),
            ("2026-01-05T06:00:00Z", "2026-01-05T07:00:00Z"),
        ] {
            let (from, to) = (utc(from), utc(to));
            assert!(wide.covers(from, to) && !none.covers(from, to));
            let ids = |almanac: &Almanac| {
                let found = almanac.meeting(WindowKind::Freeze, from, to);
                found.iter().map(|(window, one)| (window.id.clone(), *one)).collect::<Vec<_>>()
            };
            assert_eq!(ids(&wide), ids(&none), "{from}");
        }
        assert!(wide.meeting(WindowKind::Change, from_new_year(), from_new_year()).is_empty());
    }

    fn from_new_year() -> DateTime<Utc> {
        utc("2026-01-01T00:00:00Z")
    }

    #[test]
    fn an_occurrence_that_meets_two_far_spans_is_one() {
        let mut long = samples::window("long", WindowKind::Freeze);
        long.end = WallTime::Local("2026-12-31T00:00:00".parse().unwrap());
        let spans = [
            (utc("2026-09-01T00:00:00Z"), utc("2026-09-02T00:00:00Z")),
            (utc("2026-02-01T00:00:00Z"), utc("2026-02-02T00:00:00Z")),
        ];
        let almanac = Almanac::new(&[long], spans);
        assert_eq!(almanac.covered.len(), 2);
        assert_eq!(almanac.starting_from(WindowKind::Freeze, from_new_year()).count(), 1);
        assert!(!almanac.covers(utc("2026-02-01T00:00:00Z"), utc("2026-09-02T00:00:00Z")));
    }

    #[test]
    fn a_window_that_cannot_be_expanded_is_said_and_the_rest_is_expanded() {
        let mut broken = weekly(WindowKind::Freeze);
        broken.id = "broken".to_owned();
        broken.repeat = Some("FREQ=SOMETIMES".to_owned());
        let span = (utc("2026-01-01T00:00:00Z"), utc("2026-02-01T00:00:00Z"));
        let almanac = Almanac::new(&[broken, weekly(WindowKind::Freeze)], [span]);
        let said: Vec<_> = almanac.unreadable().iter().map(|unreadable| &unreadable.window[..]).collect();
        assert_eq!(said, ["broken"]);
        assert_eq!(almanac.meeting(WindowKind::Freeze, span.0, span.1).len(), 5);
    }
}
