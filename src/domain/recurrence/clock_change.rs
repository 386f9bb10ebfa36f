//! Local times that a clock change skips or repeats.
//!
//! RFC 5545 contradicts itself about them; ignoring a freeze would open the gate, so windows
//! fail closed: a freeze only ever grows, a change window only ever shrinks. What was imported
//! from a calendar happens when that calendar says ([`as_calendars_do`]).

use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;

use crate::domain::WindowKind;
use crate::domain::moment::{Resolved, resolve_local};

/// The start of an occurrence of a window.
pub fn start(kind: WindowKind, zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    match (resolve_local(zone, local), kind) {
        (Resolved::Unique(instant), _) => instant,
        (Resolved::Skipped { transition, .. }, WindowKind::Freeze) => transition,
        (Resolved::Skipped { read_before, .. }, WindowKind::Change) => read_before,
        (Resolved::Ambiguous { earlier, .. }, WindowKind::Freeze) => earlier,
        (Resolved::Ambiguous { later, .. }, WindowKind::Change) => later,
    }
}

/// The end of an occurrence of a window.
pub fn end(kind: WindowKind, zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    match (resolve_local(zone, local), kind) {
        (Resolved::Unique(instant), _) => instant,
        (Resolved::Skipped { read_before, .. }, WindowKind::Freeze) => read_before,
        (Resolved::Skipped { transition, .. }, WindowKind::Change) => transition,
        (Resolved::Ambiguous { later, .. }, WindowKind::Freeze) => later,
        (Resolved::Ambiguous { earlier, .. }, WindowKind::Change) => earlier,
    }
}

/// A time of an imported calendar, as RFC 5545 reads it (3.3.5): what is skipped is read with the
/// offset before the gap, and what occurs twice is the first.
pub fn as_calendars_do(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    match resolve_local(zone, local) {
        Resolved::Unique(instant) => instant,
        Resolved::Skipped { read_before, .. } => read_before,
        Resolved::Ambiguous { earlier, .. } => earlier,
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn starts_and_ends(zone: &str, local: &str) -> [String; 4] {
        let zone = zone.parse().unwrap();
        let local = local.parse().unwrap();
        [
            start(WindowKind::Freeze, zone, local),
            end(WindowKind::Freeze, zone, local),
            start(WindowKind::Change, zone, local),
            end(WindowKind::Change, zone, local),
        ]
        .map(|instant| instant.format("%m-%dT%H:%M:%S").to_string())
    }

    #[test]
    fn a_skipped_time_is_read_closed_in_every_kind_of_zone() {
        for (zone, skipped, transition, before) in [
            ("Europe/Berlin", "2026-03-29T02:30:00", "03-29T01:00:00", "03-29T01:30:00"),
            ("Europe/Berlin", "2026-03-29T02:00:00", "03-29T01:00:00", "03-29T01:00:00"),
            ("America/New_York", "2026-03-08T02:59:59", "03-08T07:00:00", "03-08T07:59:59"),
            ("Australia/Lord_Howe", "2026-10-04T02:15:00", "10-03T15:30:00", "10-03T15:45:00"),
            ("America/Sao_Paulo", "2018-11-04T00:30:00", "11-04T03:00:00", "11-04T03:30:00"),
            ("Pacific/Apia", "2011-12-30T12:00:00", "12-30T10:00:00", "12-30T22:00:00"),
            ("Europe/Dublin", "2026-03-29T01:30:00", "03-29T01:00:00", "03-29T01:30:00"),
        ] {
            let expected = [transition, before, before, transition];
            assert_eq!(starts_and_ends(zone, skipped), expected, "{zone} {skipped}");
        }
    }

    #[test]
    fn a_repeated_time_is_read_closed_in_every_kind_of_zone() {
        for (zone, repeated, first, second) in [
            ("Europe/Berlin", "2026-10-25T02:30:00", "10-25T00:30:00", "10-25T01:30:00"),
            ("America/New_York", "2026-11-01T01:00:00", "11-01T05:00:00", "11-01T06:00:00"),
            ("Australia/Lord_Howe", "2026-04-05T01:45:00", "04-04T14:45:00", "04-04T15:15:00"),
            ("Europe/Dublin", "2026-10-25T01:30:00", "10-25T00:30:00", "10-25T01:30:00"),
        ] {
            let expected = [first, second, second, first];
            assert_eq!(starts_and_ends(zone, repeated), expected, "{zone} {repeated}");
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
