//! The calendar: stages and window occurrences on one line of time, and the days people see
//! them in.

use chrono::{DateTime, Datelike, Days, NaiveDate, Offset, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::Tz;

use super::moment::midnight;
use super::recurrence::{Occurrence, RecurrenceError, occurrences};
use super::{Release, Stage, Window, Workspace};

/// What touches a range of time, and which windows could not be looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing<'a> {
    /// Sorted by start, kind and id.
    pub entries: Vec<Entry<'a>>,
    /// Windows whose rule cannot be expanded: what they deny or allow is not known.
    pub unreadable: Vec<(&'a Window, RecurrenceError)>,
}

/// A stage or an occurrence of a window: the half-open interval [start, end).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entry<'a> {
    /// When it begins.
    pub start: DateTime<Utc>,
    /// When it ends.
    pub end: DateTime<Utc>,
    /// What it is.
    pub what: What<'a>,
}

/// What an [`Entry`] is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum What<'a> {
    /// A stage of a release.
    Stage {
        /// The release.
        release: &'a Release,
        /// The stage's index, counted from 0, in file order.
        index: usize,
        /// The stage.
        stage: &'a Stage,
    },
    /// An occurrence of a window.
    Window {
        /// The window.
        window: &'a Window,
        /// Which of its occurrences.
        occurrence: Occurrence,
    },
}

impl Entry<'_> {
    /// `change`, `freeze` or `stage`.
    pub fn kind(&self) -> &'static str {
        match self.what {
            What::Stage { .. } => "stage",
            What::Window { window, .. } => window.kind.word(),
        }
    }

    /// The id of the release or of the window.
    pub fn id(&self) -> &str {
        match self.what {
            What::Stage { release, .. } => &release.id,
            What::Window { window, .. } => &window.id,
        }
    }

    /// The title of the release or of the window.
    pub fn title(&self) -> &str {
        match self.what {
            What::Stage { release, .. } => &release.title,
            What::Window { window, .. } => &window.title,
        }
    }

    /// Whether the half-open intervals [start, end) and [from, to) meet.
    pub fn touches(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> bool {
        self.start < to && from < self.end
    }

    fn index(&self) -> usize {
        match self.what {
            What::Stage { index, .. } => index,
            What::Window { .. } => 0,
        }
    }
}

/// The stages (of every status) and window occurrences that touch [from, to).
pub fn entries(workspace: &Workspace, from: DateTime<Utc>, to: DateTime<Utc>) -> Listing<'_> {
    let mut entries = Vec::new();
    let mut unreadable = Vec::new();
    for release in &workspace.releases {
        for (index, stage) in release.stages.iter().enumerate().filter(|(_, stage)| stage.touches(from, to)) {
            let what = What::Stage { release, index, stage };
            entries.push(Entry { start: stage.start, end: stage.end, what });
        }
    }
    for window in &workspace.windows {
        match occurrences(window, from, to) {
            Ok(found) => entries.extend(found.into_iter().map(|occurrence| Entry {
                start: occurrence.start,
                end: occurrence.end,
                what: What::Window { window, occurrence },
            })),
            Err(error) => unreadable.push((window, error)),
        }
    }
    entries.sort_by(|one, other| {
        let key = |entry: &Entry<'_>| (entry.start, entry.kind());
        key(one)
            .cmp(&key(other))
            .then_with(|| one.id().cmp(other.id()))
            .then_with(|| (one.index(), one.end).cmp(&(other.index(), other.end)))
    });
    Listing { entries, unreadable }
}

/// The stage that begins next, at `now` or later, of a release that can still happen: the
/// release, the stage's index, the stage.
pub fn next_stage(workspace: &Workspace, now: DateTime<Utc>) -> Option<(&Release, usize, &Stage)> {
    let live = workspace.releases.iter().filter(|release| release.is_live());
    live.flat_map(|release| {
        release.stages.iter().enumerate().map(move |(index, stage)| (release, index, stage))
    })
    .filter(|(_, _, stage)| stage.start >= now)
    .min_by(|one, other| (one.2.start, &one.0.id, one.1).cmp(&(other.2.start, &other.0.id, other.1)))
}

/// A civil day in a zone: 23, 24 or 25 hours, or what the zone's clock makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// Its date.
    pub date: NaiveDate,
    /// Its first instant.
    pub start: DateTime<Utc>,
    /// The first instant of the next day.
    pub end: DateTime<Utc>,
}

impl Day {
    /// The day of this date in a zone.
    pub fn of(date: NaiveDate, zone: Tz) -> Self {
        Self { date, start: midnight(zone, date), end: midnight(zone, later(date, 1)) }
    }

    /// The day that an instant lies in.
    pub fn at(instant: DateTime<Utc>, zone: Tz) -> Self {
        Self::of(instant.with_timezone(&zone).date_naive(), zone)
    }

    /// Those of `entries` that touch it. `entries` are sorted by start, as [`entries`] does.
    pub fn entries<'e, 'a>(&self, entries: &'e [Entry<'a>]) -> impl Iterator<Item = &'e Entry<'a>> {
        let (start, end) = (self.start, self.end);
        let begun = entries.partition_point(|entry| entry.start < end);
        entries[..begun].iter().filter(move |entry| entry.touches(start, end))
    }
}

/// When the clocks of a zone change in [from, to), and by how much: later (positive) or earlier.
pub fn clock_changes(zone: Tz, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<(DateTime<Utc>, TimeDelta)> {
    let offset = |at: DateTime<Utc>| {
        TimeDelta::seconds(i64::from(zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc()))
    };
    let mut changes = Vec::new();
    let (mut before, mut at) = (offset(from), from);
    while at < to {
        // Zones change their clocks months apart: no two changes hide in half a day.
        let next = (at + TimeDelta::hours(12)).min(to);
        let after = offset(next);
        if after != before {
            let moment = |seconds: i64| DateTime::from_timestamp(seconds, 0).unwrap_or(at);
            // Clocks change on whole seconds.
            let (mut low, mut high) = (at.timestamp(), next.timestamp() + 1);
            while high - low > 1 {
                let middle = low.midpoint(high);
                if offset(moment(middle)) == before {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            if moment(high) < to {
                changes.push((moment(high), after - before));
            }
        }
        (before, at) = (after, next);
    }
    changes
}

/// `count` days from a date on.
pub fn days(first: NaiveDate, count: u32, zone: Tz) -> Vec<Day> {
    (0..count).map(|offset| Day::of(later(first, u64::from(offset)), zone)).collect()
}

/// The first day of the week that a date lies in.
pub fn week_of(date: NaiveDate, week_start: Weekday) -> NaiveDate {
    let into = date.weekday().days_since(week_start);
    date.checked_sub_days(Days::new(u64::from(into))).unwrap_or(date)
}

/// The first day of the month's grid (the first of the month, or the days of its week before
/// it) and how many weeks the grid has: 4 to 6.
pub fn month_grid(date: NaiveDate, week_start: Weekday) -> (NaiveDate, u32) {
    let first = month_of(date);
    let grid = week_of(first, week_start);
    let covered = (later_month(first, 1) - grid).num_days();
    (grid, u32::try_from(covered).unwrap_or(0).div_ceil(7))
}

/// The first of the month that a date lies in.
pub fn month_of(date: NaiveDate) -> NaiveDate {
    date.with_day(1).unwrap_or(date)
}

/// The same day some months later (or earlier), or the month's last where it has no such day.
pub fn later_month(date: NaiveDate, months: i32) -> NaiveDate {
    let by = chrono::Months::new(months.unsigned_abs());
    let moved = if months < 0 { date.checked_sub_months(by) } else { date.checked_add_months(by) };
    moved.unwrap_or(date)
}

/// Lanes side by side for intervals that overlap: each one's lane, counted from 0, and how many
/// lanes there are. Intervals in one lane never overlap, and there are as few lanes as can be.
pub fn lanes(intervals: &[(DateTime<Utc>, DateTime<Utc>)]) -> (Vec<usize>, usize) {
    let mut order: Vec<usize> = (0..intervals.len()).collect();
    order.sort_by_key(|&index| (intervals[index].0, std::cmp::Reverse(intervals[index].1), index));
    let mut ends: Vec<DateTime<Utc>> = Vec::new();
    let mut lanes = vec![0; intervals.len()];
    for index in order {
        let (start, end) = intervals[index];
        let free = ends.iter().position(|taken| *taken <= start);
        let lane = free.unwrap_or(ends.len());
        if free.is_some() {
            ends[lane] = end;
        } else {
            ends.push(end);
        }
        lanes[index] = lane;
    }
    (lanes, ends.len())
}

fn later(date: NaiveDate, by: u64) -> NaiveDate {
    date.checked_add_days(Days::new(by)).unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::release::Status;
    use crate::domain::samples;
    use crate::domain::window::{WallTime, WindowKind};

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn entries_are_sorted_by_start_kind_and_id_by_bytes() {
        let stage = samples::stage("staging", "2026-11-25T10:00:00Z", "2026-11-25T11:00:00Z");
        let mut cancelled = samples::release("rel-9", &[("a", "1.0.0")], vec![stage.clone(), stage.clone()]);
        cancelled.status = Status::Cancelled;
        let mut window = samples::window("all-day", WindowKind::Freeze);
        window.start = WallTime::Local("2026-11-25T10:00:00".parse().unwrap());
        window.end = WallTime::Local("2026-11-25T12:00:00".parse().unwrap());
        let mut broken = samples::window("broken", WindowKind::Freeze);
        broken.repeat = Some("FREQ=SOMETIMES".to_owned());
        let workspace = Workspace {
            releases: vec![samples::release("rel-10", &[("a", "1.0.0")], vec![stage]), cancelled],
            windows: vec![window.clone(), Window { kind: WindowKind::Change, ..window }, broken],
            ..Workspace::default()
        };
        let listing = entries(&workspace, utc("2026-11-25T10:59:59Z"), utc("2026-11-26T00:00:00Z"));
        let said: Vec<_> =
            listing.entries.iter().map(|entry| (entry.kind(), entry.id(), entry.index())).collect();
        assert_eq!(
            said,
            [
                ("change", "all-day", 0),
                ("freeze", "all-day", 0),
                ("stage", "rel-10", 0),
                ("stage", "rel-9", 0),
                ("stage", "rel-9", 1)
            ]
        );
        assert_eq!(listing.unreadable.len(), 1);
        let none = entries(&workspace, utc("2026-11-25T12:00:00Z"), utc("2026-11-26T00:00:00Z"));
        assert!(none.entries.is_empty());
    }

    #[test]
    fn the_next_stage_is_of_a_release_that_can_still_happen() {
        let stage = |start: &str| samples::stage("staging", start, "2026-12-31T00:00:00Z");
        let mut cancelled = samples::release("a", &[], vec![stage("2026-11-25T10:00:00Z")]);
        cancelled.status = Status::Cancelled;
        let workspace = Workspace {
            releases: vec![
                cancelled,
                samples::release(
                    "b",
                    &[],
                    vec![stage("2026-11-27T10:00:00Z"), stage("2026-11-26T10:00:00Z")],
                ),
            ],
            ..Workspace::default()
        };
        let next =
            |now: &str| next_stage(&workspace, utc(now)).map(|(release, index, _)| (&release.id[..], index));
        assert_eq!(next("2026-11-25T00:00:00Z"), Some(("b", 1)));
        assert_eq!(next("2026-11-26T10:00:00Z"), Some(("b", 1)));
        assert_eq!(next("2026-11-26T10:00:01Z"), Some(("b", 0)));
        assert_eq!(next("2026-12-26T10:00:01Z"), None);
    }

    #[test]
    fn a_day_is_as_long_as_its_zone_makes_it() {
        let hours = |day: &str, zone: &str| {
            let day = Day::of(date(day), zone.parse().unwrap());
            (day.end - day.start).num_minutes() as f64 / 60.0
        };
        assert!((hours("2026-03-29", "Europe/Berlin") - 23.0).abs() < 1e-9);
        assert!((hours("2026-10-25", "Europe/Berlin") - 25.0).abs() < 1e-9);
        assert!((hours("2026-10-04", "Australia/Lord_Howe") - 23.5).abs() < 1e-9);
        assert!((hours("2026-06-01", "Asia/Kolkata") - 24.0).abs() < 1e-9);
    }

    #[test]
    fn clock_changes_are_found_to_the_minute() {
        let found = |zone: &str, from: &str, to: &str| -> Vec<(String, i64)> {
            let changes = clock_changes(zone.parse().unwrap(), utc(from), utc(to));
            changes.iter().map(|(at, by)| (at.to_rfc3339(), by.num_minutes())).collect()
        };
        let (year, next) = ("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z");
        assert_eq!(
            found("Europe/Berlin", year, next),
            [("2026-03-29T01:00:00+00:00".to_owned(), 60), ("2026-10-25T01:00:00+00:00".to_owned(), -60)]
        );
        assert_eq!(
            found("Australia/Lord_Howe", year, next),
            [("2026-04-04T15:00:00+00:00".to_owned(), -30), ("2026-10-03T15:30:00+00:00".to_owned(), 30)]
        );
        assert_eq!(found("Asia/Kolkata", year, next), []);
        assert_eq!(found("Europe/Berlin", "2026-03-29T00:59:59Z", "2026-03-29T01:00:01Z").len(), 1);
        assert_eq!(found("Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"), []);
    }

    #[test]
    fn weeks_and_months_begin_where_the_person_wants() {
        assert_eq!(week_of(date("2026-11-25"), Weekday::Mon), date("2026-11-23"));
        assert_eq!(week_of(date("2026-11-25"), Weekday::Sun), date("2026-11-22"));
        assert_eq!(week_of(date("2026-11-22"), Weekday::Sun), date("2026-11-22"));
        assert_eq!(month_grid(date("2026-11-25"), Weekday::Mon), (date("2026-10-26"), 6));
        assert_eq!(month_grid(date("2026-11-25"), Weekday::Sun), (date("2026-11-01"), 5));
        assert_eq!(month_grid(date("2027-02-10"), Weekday::Mon), (date("2027-02-01"), 4));
        assert_eq!(later_month(date("2026-01-31"), 1), date("2026-02-28"));
        assert_eq!(later_month(date("2026-01-31"), -2), date("2025-11-30"));
    }

    proptest::proptest! {
        #[test]
        fn lanes_never_overlap_and_are_as_few_as_can_be(
            spans in proptest::collection::vec((0_i64..100, 1_i64..30), 0..40)
        ) {
            let at = |hours: i64| DateTime::UNIX_EPOCH + TimeDelta::hours(hours);
            let spans: Vec<_> = spans.iter().map(|(start, length)| (at(*start), at(start + length))).collect();
            let (lane, count) = lanes(&spans);
            let overlap = |a: usize, b: usize| spans[a].0 < spans[b].1 && spans[b].0 < spans[a].1;
            for a in 0..spans.len() {
                proptest::prop_assert!(lane[a] < count);
                for b in 0..a {
                    proptest::prop_assert!(lane[a] != lane[b] || !overlap(a, b));
                }
            }
            let deepest = spans.iter().map(|(start, _)| {
                spans.iter().filter(|other| other.0 <= *start && *start < other.1).count()
            }).max().unwrap_or(0);
            proptest::prop_assert_eq!(count, deepest);
        }
    }
}
