//! From instants to cells, and what is written along the axis.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta, Timelike, Utc};
use ratatui::layout::Rect;

use crate::app::State;
use crate::app::calendar::Zoom;
use crate::domain::calendar::{Day, later_month, month_of, week_of};
use crate::domain::moment::{Resolved, midnight, resolve_local};

/// The axis in cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    /// The column of `from`.
    pub x: u16,
    /// Columns.
    pub width: u16,
    /// The first instant.
    pub from: DateTime<Utc>,
    /// The first instant after it.
    pub to: DateTime<Utc>,
}

/// Something written along the axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    /// Where.
    pub at: DateTime<Utc>,
    /// What, the longest first: the first that fits is written.
    pub labels: Vec<String>,
    /// It lies on a Saturday or Sunday.
    pub weekend: bool,
}

impl Scale {
    /// The axis of the state in these columns. Days and hours are of the same width where that
    /// costs little room.
    pub fn new(state: &State, columns: Rect) -> Self {
        let (from, to) = state.calendar.lanes.range(state.zone);
        let parts = match state.calendar.lanes.zoom {
            Zoom::Hours | Zoom::Day => 24,
            _ => (to - from).num_days().max(1) as u16,
        };
        let even = columns.width / parts * parts;
        let width = if even * 10 >= columns.width * 9 { even } else { columns.width };
        Self { x: columns.x, width: width.max(1), from, to }
    }

    /// Columns from the left edge of the axis, whatever the range; may lie outside.
    fn offset(&self, at: DateTime<Utc>) -> i64 {
        let (whole, part) = ((self.to - self.from).num_seconds().max(1), (at - self.from).num_seconds());
        (part * i64::from(self.width)).div_euclid(whole)
    }

    /// The column of an instant; `None` outside the axis.
    pub fn column(&self, at: DateTime<Utc>) -> Option<u16> {
        let offset = self.offset(at);
        (at >= self.from && at < self.to).then(|| self.x + offset as u16)
    }

    /// The columns from the left edge of an interval, at least one, clipped to the axis: the first and
    /// the one after the last.
    pub fn columns(&self, start: DateTime<Utc>, end: DateTime<Utc>) -> (u16, u16) {
        let last = i64::from(self.width) - 1;
        let first = self.offset(start).clamp(0, last);
        // An end in the middle of a cell takes the cell.
        let after = (self.offset(end - TimeDelta::seconds(1)) + 1).clamp(first + 1, last + 1);
        (first as u16, after as u16)
    }

    /// Columns of a day.
    pub fn per_day(&self) -> f64 {
        f64::from(self.width) * 86_400.0 / (self.to - self.from).num_seconds().max(1) as f64
    }
}

/// The two rows along the axis: days, weeks or months above; hours, days or weeks below.
pub fn ticks(state: &State, scale: &Scale) -> (Vec<Tick>, Vec<Tick>) {
    let zone = state.zone;
    let date_of = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
    let (first, last) = (date_of(scale.from), date_of(scale.to - TimeDelta::seconds(1)));
    let dates = |mut date: NaiveDate, next: &dyn Fn(NaiveDate) -> NaiveDate| {
        let mut dates = Vec::new();
        while date <= last {
            dates.push(date);
            let after = next(date);
            if after <= date {
                break;
            }
            date = after;
        }
        dates
    };
    let later = |days: u64| move |date: NaiveDate| date.checked_add_days(Days::new(days)).unwrap_or(date);
    // What begins before the axis is written at its edge.
    let tick = |date: NaiveDate, labels: Vec<String>| Tick {
        at: midnight(zone, date).max(scale.from),
        labels,
        weekend: is_weekend(date),
    };
    let said = |date: NaiveDate, formats: &[&str]| -> Vec<String> {
        formats.iter().map(|format| date.format(format).to_string()).collect()
    };
    let days = |formats: &[&str]| -> Vec<Tick> {
        dates(first, &later(1)).into_iter().map(|date| tick(date, said(date, formats))).collect()
    };
    match state.calendar.lanes.zoom {
        Zoom::Month => {
            let week_start = crate::app::calendar::week_start(state);
            let weeks = dates(week_of(first, week_start), &later(7)).into_iter();
            let weeks = weeks.map(|date| {
                let thursday = date.checked_add_days(Days::new(3)).unwrap_or(date);
                let number = thursday.iso_week().week();
                let labels = vec![format!("Week {number}  {}", date.format("%-d %b")), format!("W{number}")];
                Tick { weekend: false, ..tick(date, labels) }
            });
            (weeks.collect(), days(&["%a %-d", "%-d"]))
        }
        Zoom::Quarter => {
            let months = dates(month_of(first), &|date| later_month(date, 1)).into_iter();
            let months =
                months.map(|date| Tick { weekend: false, ..tick(date, said(date, &["%B %Y", "%b"])) });
            let week_start = crate::app::calendar::week_start(state);
            let weeks =
                dates(week_of(first, week_start), &later(7)).into_iter().filter(|date| *date >= first);
            let weeks = weeks.map(|date| Tick { weekend: false, ..tick(date, said(date, &["%-d"])) });
            (months.collect(), weeks.collect())
        }
        _ => (days(&["%A %-d %B", "%a %-d %b", "%a %-d", "%-d"]), hours(state, scale, first, last)),
    }
}

/// Hours on the wall, as close as they can be read.
fn hours(state: &State, scale: &Scale, first: NaiveDate, last: NaiveDate) -> Vec<Tick> {
    let per_hour = scale.per_day() / 24.0;
    // Room for `14:00` and a blank, or for `14` and a blank.
    let every =
        |room: f64| [1_u32, 2, 3, 4, 6, 12].into_iter().find(|hours| f64::from(*hours) * per_hour >= room);
    let (every, format) = match (every(7.0), every(4.0)) {
        (Some(every), _) if every <= 6 => (every, "%H:%M"),
        (_, Some(every)) => (every, "%H"),
        _ => return Vec::new(),
    };
    let mut ticks = Vec::new();
    let mut date = first;
    while date <= last {
        for hour in (0..24).step_by(every as usize) {
            let Some(wall) = date.and_hms_opt(hour, 0, 0) else { continue };
            if let Some(at) = on_wall(state, wall).filter(|at| scale.column(*at).is_some()) {
                let labels = vec![wall.format(format).to_string()];
                ticks.push(Tick { at, labels, weekend: is_weekend(date) });
            }
        }
        let Some(next) = date.checked_add_days(Days::new(1)) else { break };
        date = next;
    }
    ticks
}

/// The instant of a time on the wall; `None` where it is skipped.
fn on_wall(state: &State, wall: NaiveDateTime) -> Option<DateTime<Utc>> {
    match resolve_local(state.zone, wall) {
        Resolved::Unique(at) | Resolved::Ambiguous { earlier: at, .. } => Some(at),
        Resolved::Skipped { .. } => None,
    }
}

/// Whether a date lies at the weekend.
pub fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), chrono::Weekday::Sat | chrono::Weekday::Sun)
}

/// The range on the axis in words, for the title.
pub fn period(state: &State) -> String {
    let (from, to) = state.calendar.lanes.wall();
    let last = to.checked_sub_signed(TimeDelta::seconds(1)).unwrap_or(to);
    match state.calendar.lanes.zoom {
        Zoom::Hours => {
            let date = from.format("%a %-d %b %Y");
            format!("{date}   {}–{}", from.format("%H:%M"), to.format("%H:%M"))
        }
        Zoom::Day if from.hour() == 0 => from.format("%A %-d %B %Y").to_string(),
        _ if from.date() == last.date() => from.format("%A %-d %B %Y").to_string(),
        _ if from.year() != last.year() => {
            format!("{}–{}", from.format("%-d %b %Y"), last.format("%-d %b %Y"))
        }
        _ if from.month() != last.month() => {
            format!("{}–{}", from.format("%-d %b"), last.format("%-d %b %Y"))
        }
        _ => format!("{}–{}", from.format("%-d"), last.format("%-d %b %Y")),
    }
}

/// The days on the axis.
pub fn days(state: &State, scale: &Scale) -> Vec<Day> {
    let first = scale.from.with_timezone(&state.zone).date_naive();
    let count = ((scale.to - scale.from).num_days() + 2) as u32;
    let mut days = crate::domain::calendar::days(first, count, state.zone);
    days.retain(|day| day.start < scale.to && scale.from < day.end);
    days
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(hours: i64, width: u16) -> Scale {
        let from = DateTime::UNIX_EPOCH;
        Scale { x: 10, width, from, to: from + TimeDelta::hours(hours) }
    }

    #[test]
    fn an_interval_takes_every_cell_it_touches_and_at_least_one() {
        let day = scale(24, 48);
        let at = |minutes: i64| DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes);
        assert_eq!(day.columns(at(0), at(60)), (0, 2));
        assert_eq!(day.columns(at(10), at(20)), (0, 1));
        assert_eq!(day.columns(at(10), at(40)), (0, 2));
        assert_eq!(day.columns(at(60), at(60)), (2, 3));
        assert_eq!(day.columns(at(-90), at(5000)), (0, 48));
        assert_eq!(day.columns(at(1439), at(1440)), (47, 48));
        assert_eq!((day.column(at(30)), day.column(at(1440))), (Some(11), None));
    }

    proptest::proptest! {
        #[test]
        fn what_comes_later_is_never_drawn_further_left(
            one in -3000_i64..6000, other in -3000_i64..6000, width in 1_u16..300
        ) {
            let scale = scale(48, width);
            let at = |minutes: i64| DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes);
            let (early, late) = (one.min(other), one.max(other));
            let (first, after) = scale.columns(at(early), at(late));
            proptest::prop_assert!(first < after && after <= width);
            proptest::prop_assert!(scale.columns(at(late), at(late)).0 >= first);
        }
    }
}
