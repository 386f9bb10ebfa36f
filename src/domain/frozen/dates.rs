//! Dates of commits beside their ancestry: a commit cannot be older than its parent.
//!
//! Of the dates along a branch, the longest run that never goes back is believed (where two runs
//! are as long, the one of older commits: they were seen by more people). A commit outside that run
//! says something that cannot be; it happened between its believed neighbours, and is looked at
//! wherever that stretch, or its own date, touches the freeze.
//!
//! What remains: a commit that is dated back to between its parent's date and the start of the
//! freeze looks like an honest one. Only a record of when it arrived can tell.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

/// Clocks of honest machines differ by less than this.
const SKEW: TimeDelta = TimeDelta::minutes(5);

/// Why a commit's dates are not to be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dispute {
    /// It is dated later than now.
    Future,
    /// It is dated before a commit that it stands on.
    BeforeParent,
    /// It is dated after a commit that stands on it.
    AfterChild,
    /// It says that it was written after it was committed.
    AuthoredLater,
}

impl Dispute {
    /// For people.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Future => "dated in the future",
            Self::BeforeParent => "dated before the commit below it",
            Self::AfterChild => "dated after the commit above it",
            Self::AuthoredLater => "written after it was committed, as it says",
        }
    }
}

/// When a commit happened, as far as its date and its neighbours' tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// Its own date.
    pub own: DateTime<Utc>,
    /// Not before; `None`: nothing older is believed.
    pub from: Option<DateTime<Utc>>,
    /// Not after.
    pub to: DateTime<Utc>,
    /// Why it is not simply its own date.
    pub dispute: Option<Dispute>,
}

impl Placed {
    /// Whether it may have happened within [from, to).
    pub fn touches(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> bool {
        let own = from <= self.own && self.own < to;
        own || (self.dispute.is_some() && self.from.is_none_or(|start| start < to) && from <= self.to)
    }

    /// Whether it surely happened before an instant.
    pub fn is_before(&self, instant: DateTime<Utc>) -> bool {
        self.own < instant && self.to < instant
    }
}

/// Places the commits of a branch, oldest first, each the parent of the next.
pub fn place(dates: &[DateTime<Utc>], now: DateTime<Utc>) -> Vec<Placed> {
    let believed = believed(dates, now + SKEW);
    let mut placed: Vec<Placed> = Vec::with_capacity(dates.len());
    let mut before = None;
    for (own, is_believed) in dates.iter().zip(&believed) {
        if *is_believed {
            before = Some(*own);
        }
        placed.push(Placed { own: *own, from: before, to: *own, dispute: None });
    }
    let mut after = now;
    for (place, is_believed) in placed.iter_mut().zip(&believed).rev() {
        if *is_believed {
            after = place.own;
            continue;
        }
        place.to = after;
        place.dispute = Some(if place.own > now + SKEW {
            Dispute::Future
        } else if place.from.is_some_and(|from| place.own < from) {
            Dispute::BeforeParent
        } else {
            Dispute::AfterChild
        });
    }
    placed
}

/// Which dates are in the longest run that never goes back and ends by `latest`.
fn believed(dates: &[DateTime<Utc>], latest: DateTime<Utc>) -> Vec<bool> {
    // From the newest back the dates must never rise. For each length of a run, the place of the
    // latest date that such a run can end with: these never rise either, so they can be halved.
    let mut ends: Vec<usize> = Vec::new();
    let mut after: Vec<Option<usize>> = vec![None; dates.len()];
    for index in (0..dates.len()).rev().filter(|index| dates[*index] <= latest) {
        let length = ends.partition_point(|end| dates[*end] >= dates[index]);
        after[index] = length.checked_sub(1).map(|shorter| ends[shorter]);
        if length == ends.len() {
            ends.push(index);
        } else {
            ends[length] = index;
        }
    }
    let mut believed = vec![false; dates.len()];
    let mut next = ends.last().copied();
    while let Some(index) = next {
        believed[index] = true;
        next = after[index];
    }
    believed
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(hour: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_000_000 + hour * 3600, 0).unwrap()
    }

    fn disputes(hours: &[i64], now: i64) -> Vec<Option<Dispute>> {
        let dates: Vec<_> = hours.iter().map(|hour| at(*hour)).collect();
        place(&dates, at(now)).into_iter().map(|placed| placed.dispute).collect()
    }

    #[test]
    fn honest_dates_are_believed_and_equal_ones_too() {
        assert_eq!(disputes(&[1, 2, 2, 5], 9), [None; 4]);
        assert_eq!(disputes(&[], 9), []);
    }

    #[test]
    fn a_liar_is_found_and_does_not_drag_others_along() {
        // Dated back on top of a later one.
        assert_eq!(disputes(&[1, 2, 8, 3], 9), [None, None, None, Some(Dispute::BeforeParent)]);
        // One with a clock that runs ahead.
        assert_eq!(disputes(&[1, 7, 2, 3, 4], 9), [None, Some(Dispute::AfterChild), None, None, None]);
        // From 2037, and from 1970.
        assert_eq!(disputes(&[1, 99, 2, 3], 9), [None, Some(Dispute::Future), None, None]);
        assert_eq!(disputes(&[1, -999, 2, 3], 9), [None, Some(Dispute::BeforeParent), None, None]);
    }

    #[test]
    fn a_disputed_commit_is_looked_at_wherever_it_may_have_happened() {
        let dates: Vec<_> = [1, 2, 8, 3].map(at).to_vec();
        let placed = place(&dates, at(9));
        // The freeze runs from 6 to 9: the third is in it, and the last, which says 3, stands on it.
        let within: Vec<bool> = placed.iter().map(|placed| placed.touches(at(6), at(9))).collect();
        assert_eq!(within, [false, false, true, true]);
        assert!(placed[0].is_before(at(6)) && !placed[3].is_before(at(6)));
    }

    proptest! {
        #[test]
        fn the_believed_never_go_back_and_are_as_many_as_can_be(
            hours in prop::collection::vec(0_i64..12, 0..10),
        ) {
            let dates: Vec<_> = hours.iter().map(|hour| at(*hour)).collect();
            let kept: Vec<_> = believed(&dates, at(10));
            let run: Vec<_> = dates.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(date, _)| *date).collect();
            prop_assert!(run.is_sorted() && run.iter().all(|date| *date <= at(10)));
            // By trying every subset.
            let longest = (0_u32..1 << dates.len())
                .filter_map(|set| {
                    let chosen: Vec<_> = (0..dates.len()).filter(|i| set >> i & 1 == 1).map(|i| dates[i]).collect();
                    (chosen.is_sorted() && chosen.iter().all(|date| *date <= at(10))).then_some(chosen.len())
                })
                .max();
            prop_assert_eq!(Some(run.len()), longest);
        }

        #[test]
        fn nothing_dated_within_the_freeze_is_overlooked(
            hours in prop::collection::vec(0_i64..12, 1..10),
        ) {
            let dates: Vec<_> = hours.iter().map(|hour| at(*hour)).collect();
            for (placed, date) in place(&dates, at(10)).iter().zip(&dates) {
                if at(4) <= *date && *date < at(8) {
                    prop_assert!(placed.touches(at(4), at(8)));
                }
            }
        }
    }
}
