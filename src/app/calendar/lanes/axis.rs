//! The timeline's axis of time: how much of it is on screen, and from where on.

use chrono::{
    DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc, Weekday,
};
use chrono_tz::Tz;

use crate::domain::calendar::{later_month, month_of, week_of};
use crate::domain::moment::{Resolved, resolve_local};

/// How much time the timeline shows at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Zoom {
    /// Six hours.
    Hours,
    /// A day.
    Day,
    /// Three days.
    Days,
    /// A week.
    Week,
    /// Two weeks.
    #[default]
    Weeks,
    /// A month.
    Month,
    /// Three months.
    Quarter,
}

impl Zoom {
    /// From the closest to the farthest.
    pub const ALL: [Self; 7] =
        [Self::Hours, Self::Day, Self::Days, Self::Week, Self::Weeks, Self::Month, Self::Quarter];

    /// In words, for people and for JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Hours => "6 hours",
            Self::Day => "day",
            Self::Days => "3 days",
            Self::Week => "week",
            Self::Weeks => "2 weeks",
            Self::Month => "month",
            Self::Quarter => "quarter",
        }
    }

    /// From its words.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|zoom| zoom.word() == word)
    }

    /// Less time; the closest stays.
    #[must_use]
    pub fn closer(self) -> Self {
        Self::ALL[(self as usize).saturating_sub(1)]
    }

    /// More time; the farthest stays.
    #[must_use]
    pub fn farther(self) -> Self {
        Self::ALL[(self as usize + 1).min(Self::ALL.len() - 1)]
    }

    /// Where the axis begins by itself for a local time on it.
    pub(super) fn begin(self, at: NaiveDateTime, week_start: Weekday) -> NaiveDateTime {
        let day = |date: NaiveDate| date.and_time(NaiveTime::MIN);
        let date = at.date();
        match self {
            Self::Hours => {
                let hour = date.and_hms_opt(at.hour(), 0, 0).unwrap_or(at);
                hour.checked_sub_signed(TimeDelta::hours(1)).unwrap_or(hour)
            }
            Self::Day => day(date),
            Self::Days => day(date.checked_sub_days(Days::new(1)).unwrap_or(date)),
            Self::Week | Self::Weeks => day(week_of(date, week_start)),
            Self::Month => day(month_of(date)),
            Self::Quarter => {
                let first = month_of(date);
                day(later_month(first, -(first.month0() as i32 % 3)))
            }
        }
    }

    /// Where an axis ends that begins at a local time.
    pub(super) fn end(self, from: NaiveDateTime) -> NaiveDateTime {
        self.turned(from, 1)
    }

    /// A local time some screens later or earlier.
    pub(super) fn turned(self, at: NaiveDateTime, by: i32) -> NaiveDateTime {
        match self {
            Self::Hours => later(at, TimeDelta::hours(6 * i64::from(by))),
            Self::Day => later(at, TimeDelta::days(i64::from(by))),
            Self::Days => later(at, TimeDelta::days(3 * i64::from(by))),
            Self::Week => later(at, TimeDelta::days(7 * i64::from(by))),
            Self::Weeks => later(at, TimeDelta::days(14 * i64::from(by))),
            Self::Month => later_month(at.date(), by).and_time(at.time()),
            Self::Quarter => later_month(at.date(), 3 * by).and_time(at.time()),
        }
    }

    /// By how much a key goes along the axis.
    pub(super) fn step(self) -> TimeDelta {
        match self {
            Self::Hours => TimeDelta::minutes(30),
            Self::Day => TimeDelta::hours(1),
            Self::Days => TimeDelta::hours(6),
            Self::Week | Self::Weeks | Self::Month => TimeDelta::days(1),
            Self::Quarter => TimeDelta::days(7),
        }
    }

    /// By how much the axis scrolls when the cursor leaves it.
    fn scroll(self, from: NaiveDateTime, by: i32) -> NaiveDateTime {
        let by_time = i64::from(by);
        match self {
            Self::Hours => later(from, TimeDelta::hours(by_time)),
            Self::Day => later(from, TimeDelta::hours(6 * by_time)),
            Self::Days | Self::Week | Self::Weeks => later(from, TimeDelta::days(by_time)),
            Self::Month => later(from, TimeDelta::days(7 * by_time)),
            Self::Quarter => later_month(from.date(), by).and_time(from.time()),
        }
    }

    /// The beginning of the axis with a local time on it, moved as little as can be; far away it
    /// begins anew.
    pub(super) fn following(
        self,
        from: NaiveDateTime,
        at: NaiveDateTime,
        week_start: Weekday,
    ) -> NaiveDateTime {
        let mut moved = from;
        for _ in 0..8 {
            let by = match (at < moved, at >= self.end(moved)) {
                (true, _) => -1,
                (_, true) => 1,
                _ => return moved,
            };
            moved = self.scroll(moved, by);
        }
        self.begin(at, week_start)
    }
}

/// The instant of a local time; the clock change where it is skipped.
pub(super) fn instant(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    match resolve_local(zone, local) {
        Resolved::Unique(instant) | Resolved::Ambiguous { earlier: instant, .. } => instant,
        Resolved::Skipped { transition, .. } => transition,
    }
}

fn later(at: NaiveDateTime, by: TimeDelta) -> NaiveDateTime {
    at.checked_add_signed(by).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn an_axis_begins_where_people_expect_it() {
        let at = local("2026-11-25T14:22:00");
        let begins = |zoom: Zoom| zoom.begin(at, Weekday::Mon).to_string();
        assert_eq!(begins(Zoom::Hours), "2026-11-25 13:00:00");
        assert_eq!(begins(Zoom::Day), "2026-11-25 00:00:00");
        assert_eq!(begins(Zoom::Days), "2026-11-24 00:00:00");
        assert_eq!(begins(Zoom::Week), "2026-11-23 00:00:00");
        assert_eq!(Zoom::Week.begin(at, Weekday::Sun).to_string(), "2026-11-22 00:00:00");
        assert_eq!(begins(Zoom::Month), "2026-11-01 00:00:00");
        assert_eq!(begins(Zoom::Quarter), "2026-10-01 00:00:00");
        assert_eq!(Zoom::Quarter.end(local("2026-10-01T00:00:00")), local("2027-01-01T00:00:00"));
    }

    #[test]
    fn it_scrolls_by_as_little_as_can_be_and_jumps_when_far_away() {
        let from = local("2026-11-23T00:00:00");
        let after = |at: &str| Zoom::Week.following(from, local(at), Weekday::Mon).to_string();
        assert_eq!(after("2026-11-29T23:59:00"), "2026-11-23 00:00:00");
        assert_eq!(after("2026-11-30T00:00:00"), "2026-11-24 00:00:00");
        assert_eq!(after("2026-11-21T09:00:00"), "2026-11-21 00:00:00");
        assert_eq!(after("2027-03-10T09:00:00"), "2027-03-08 00:00:00");
    }

    proptest::proptest! {
        #[test]
        fn what_is_followed_is_always_on_the_axis(hours in -20_000_i64..20_000, zoom in 0_usize..7) {
            let zoom = Zoom::ALL[zoom];
            let from = zoom.begin(local("2026-11-25T14:22:00"), Weekday::Mon);
            let at = local("2026-11-25T14:22:00") + TimeDelta::hours(hours);
            let moved = zoom.following(from, at, Weekday::Mon);
            proptest::prop_assert!(moved <= at && at < zoom.end(moved));
        }
    }
}
