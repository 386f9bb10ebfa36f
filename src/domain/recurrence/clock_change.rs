//! Local times that a clock change skips or repeats.
//!
//! RFC 5545 contradicts itself about them; ignoring a freeze would open the gate, so windows
//! fail closed: a freeze only ever grows, a change window only ever shrinks.

use chrono::{DateTime, LocalResult, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use crate::domain::WindowKind;

/// What a local time is in a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// One instant: nearly always.
    Once(DateTime<Utc>),
    /// The clock jumped over it.
    Skipped {
        /// When the clock jumped.
        transition: DateTime<Utc>,
        /// The local time read with the offset before the jump: later than the jump.
        with_offset_before: DateTime<Utc>,
    },
    /// The clock showed it twice.
    Twice {
        /// The first time.
        first: DateTime<Utc>,
        /// The second time.
        second: DateTime<Utc>,
    },
}

/// Reads a local time in a zone.
pub fn read(zone: Tz, local: NaiveDateTime) -> Reading {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(instant) => Reading::Once(instant.to_utc()),
        LocalResult::Ambiguous(one, other) => {
            let (one, other) = (one.to_utc(), other.to_utc());
            Reading::Twice { first: one.min(other), second: one.max(other) }
        }
        LocalResult::None => {
            let transition = transition_over(zone, local);
            let before = zone.offset_from_utc_datetime(&(transition - TimeDelta::seconds(1)).naive_utc());
            let with_offset_before =
                local.and_utc() - TimeDelta::seconds(before.fix().local_minus_utc().into());
            Reading::Skipped { transition, with_offset_before }
        }
    }
}

/// The start of an occurrence of a window.
pub fn start(kind: WindowKind, zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    match (read(zone, local), kind) {
        (Reading::Once(instant), _) => instant,
        (Reading::Skipped { transition, .. }, WindowKind::Freeze) => transition,
        (Reading::Skipped { with_offset_before, .. }, WindowKind::Change) => with_offset_before,
        (Reading::Twice { first, .. }, WindowKind::Freeze) => first,
        (Reading::Twice { second, .. }, WindowKind::Change) => second,
    }
}

/// The end of an occurrence of a window.
pub fn end(kind: WindowKind, zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    match (read(zone, local), kind) {
        (Reading::Once(instant), _) => instant,
        (Reading::Skipped { with_offset_before, .. }, WindowKind::Freeze) => with_offset_before,
        (Reading::Skipped { transition, .. }, WindowKind::Change) => transition,
        (Reading::Twice { second, .. }, WindowKind::Freeze) => second,
        (Reading::Twice { first, .. }, WindowKind::Change) => first,
    }
}

/// The instant at which the clock of a zone jumped over a local time it never showed.
///
/// Offsets lie within a day of UTC, so the jump lies within 26 hours of the local time read as
/// UTC; between those bounds the clock goes from before it to after it exactly there.
fn transition_over(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    let shows = |second: i64| {
        DateTime::from_timestamp(second, 0).map(|instant| instant.with_timezone(&zone).naive_local())
    };
    let middle = local.and_utc().timestamp();
    let (mut before, mut after) = (middle - 26 * 3600, middle + 26 * 3600);
    while after - before > 1 {
        let half = before + (after - before) / 2;
        if shows(half).is_some_and(|shown| shown < local) {
            before = half;
        } else {
            after = half;
        }
    }
    DateTime::from_timestamp(after, 0).unwrap_or_else(|| local.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_gap_knows_its_transition_in_every_kind_of_zone() {
        for (zone, skipped, transition, before) in [
            ("Europe/Berlin", "2026-03-29T02:30:00", "2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z"),
            ("Europe/Berlin", "2026-03-29T02:00:00", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"),
            ("America/New_York", "2026-03-08T02:59:59", "2026-03-08T07:00:00Z", "2026-03-08T07:59:59Z"),
            ("Australia/Lord_Howe", "2026-10-04T02:15:00", "2026-10-03T15:30:00Z", "2026-10-03T15:45:00Z"),
            ("America/Sao_Paulo", "2018-11-04T00:30:00", "2018-11-04T03:00:00Z", "2018-11-04T03:30:00Z"),
            ("Pacific/Apia", "2011-12-30T12:00:00", "2011-12-30T10:00:00Z", "2011-12-30T22:00:00Z"),
            ("Europe/Dublin", "2026-03-29T01:30:00", "2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z"),
        ] {
            let expected = Reading::Skipped { transition: utc(transition), with_offset_before: utc(before) };
            assert_eq!(read(zone.parse().unwrap(), local(skipped)), expected, "{zone} {skipped}");
        }
    }

    #[test]
    fn a_repeated_hour_has_a_first_and_a_second() {
        for (zone, repeated, first, second) in [
            ("Europe/Berlin", "2026-10-25T02:30:00", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"),
            ("America/New_York", "2026-11-01T01:00:00", "2026-11-01T05:00:00Z", "2026-11-01T06:00:00Z"),
            ("Australia/Lord_Howe", "2026-04-05T01:45:00", "2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z"),
            ("Europe/Dublin", "2026-10-25T01:30:00", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"),
        ] {
            let expected = Reading::Twice { first: utc(first), second: utc(second) };
            assert_eq!(read(zone.parse().unwrap(), local(repeated)), expected, "{zone} {repeated}");
        }
    }

    proptest::proptest! {
        /// Whatever the zone and time, a freeze covers what a change window of the same wall
        /// times covers, and more.
        #[test]
        fn a_freeze_never_shrinks_and_a_change_window_never_grows(
            zone in 0..chrono_tz::TZ_VARIANTS.len(),
            seconds in 946_684_800_i64..2_208_988_800,
            length in 60_i64..200_000,
        ) {
            let zone = chrono_tz::TZ_VARIANTS[zone];
            let from = DateTime::from_timestamp(seconds, 0).unwrap().naive_utc();
            let to = from + TimeDelta::seconds(length);
            let freeze = (start(WindowKind::Freeze, zone, from), end(WindowKind::Freeze, zone, to));
            let change = (start(WindowKind::Change, zone, from), end(WindowKind::Change, zone, to));
            proptest::prop_assert!(freeze.0 <= change.0 && change.1 <= freeze.1);
            proptest::prop_assert!(freeze.0 <= freeze.1);
        }
    }
}
