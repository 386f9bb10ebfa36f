//! The same hour of the weeks before: between which values a metric usually lies at this time.
//!
//! A metric of a service has a shape over the day and the week; the same local hour of the weeks
//! before is the nearest thing to "as usual" that needs no model.

use chrono::{DateTime, Days, TimeDelta, Utc};
use chrono_tz::Tz;

use super::question::Series;
use super::{Resolved, resolve_local};

/// Weeks that are looked back.
pub const WEEKS: u32 = 3;

/// At an instant: the lowest and the highest value; `None`: not known.
pub type Between = (DateTime<Utc>, Option<(f64, f64)>);

/// Between which values a metric lay, an entry an instant; `None`: no week is known there.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Band {
    /// Instants of now, with the lowest and the highest of the weeks before.
    pub points: Vec<Between>,
    /// How many weeks have at least one value.
    pub weeks: usize,
}

impl Band {
    /// Between which values it lay at the point nearest to an instant.
    pub fn at(&self, at: DateTime<Utc>) -> Option<(f64, f64)> {
        let nearest = self.points.iter().min_by_key(|(time, _)| (*time - at).abs())?;
        nearest.1
    }
}

/// The instant with the same local time so many weeks before: across a clock change the day has
/// another length, but people come to work at the same hour.
pub fn weeks_before(at: DateTime<Utc>, weeks: u32, zone: Tz) -> DateTime<Utc> {
    let local = at.with_timezone(&zone).naive_local();
    let plain = at - TimeDelta::weeks(i64::from(weeks));
    let Some(earlier) = local.checked_sub_days(Days::new(7 * u64::from(weeks))) else { return plain };
    match resolve_local(zone, earlier) {
        Resolved::Unique(instant) | Resolved::Ambiguous { earlier: instant, .. } => instant,
        Resolved::Skipped { .. } => plain,
    }
}

/// What the weeks say of the instants of now. Each week comes with how much earlier it lies.
pub fn band(times: &[DateTime<Utc>], weeks: &[(TimeDelta, &Series)]) -> Band {
    let points: Vec<Between> = times
        .iter()
        .map(|at| {
            let values = weeks.iter().filter_map(|(shift, series)| series.value_at(*at - *shift));
            let between = values.fold(None, |between: Option<(f64, f64)>, value| {
                Some(between.map_or((value, value), |(low, high)| (low.min(value), high.max(value))))
            });
            (*at, between)
        })
        .collect();
    let is_known = |(shift, series): &&(TimeDelta, &Series)| {
        times.iter().any(|at| series.value_at(*at - *shift).is_some())
    };
    Band { points, weeks: weeks.iter().filter(is_known).count() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    fn second(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn a_week_before_is_the_same_local_hour_across_a_clock_change() {
        let berlin = Tz::Europe__Berlin;
        assert_eq!(weeks_before(at("2026-11-25T13:00:00Z"), 1, berlin), at("2026-11-18T13:00:00Z"));
        // Summer time ended on 25 October: 14:00 in Berlin was an hour earlier by UTC.
        assert_eq!(weeks_before(at("2026-10-27T13:00:00Z"), 1, berlin), at("2026-10-20T12:00:00Z"));
        // 02:30 does not exist on 29 March: some instant is taken, no panic.
        let odd = weeks_before(at("2026-04-05T00:30:00Z"), 1, berlin);
        assert!((odd - at("2026-03-29T00:30:00Z")).abs() <= TimeDelta::hours(1), "{odd}");
    }

    #[test]
    fn an_hour_that_was_there_twice_is_its_first_and_the_nearest_point_is_read() {
        // 02:30 on 25 October was there twice: summer time first.
        let berlin = Tz::Europe__Berlin;
        assert_eq!(weeks_before(at("2026-11-01T01:30:00Z"), 1, berlin), at("2026-10-25T00:30:00Z"));
        let points = [0, 15, 30].map(|time| (second(time), Some((time as f64, time as f64))));
        let band = Band { points: points.to_vec(), weeks: 1 };
        assert_eq!([band.at(second(14)), band.at(second(99))], [Some((15.0, 15.0)), Some((30.0, 30.0))]);
    }

    proptest! {
        #[test]
        fn a_band_holds_every_week_and_nothing_else(
            weeks in prop::collection::vec(prop::collection::vec(prop::option::of(-9.0..9.0_f64), 8), 0..4),
        ) {
            let times: Vec<_> = (0..8).map(|index| second(10_000 + index * 15)).collect();
            let shift = |week: usize| TimeDelta::seconds(1000 * (week as i64 + 1));
            let series: Vec<Series> = weeks
                .iter()
                .enumerate()
                .map(|(week, values)| Series {
                    start: times[0] - shift(week),
                    step: 15,
                    values: values.clone(),
                    ..Series::default()
                })
                .collect();
            let shifted: Vec<_> = series.iter().enumerate().map(|(week, series)| (shift(week), series)).collect();
            let band = band(&times, &shifted);
            prop_assert_eq!(band.weeks, weeks.iter().filter(|week| week.iter().any(Option::is_some)).count());
            for (index, (_, between)) in band.points.iter().enumerate() {
                let values: Vec<f64> = weeks.iter().filter_map(|week| week[index]).collect();
                match between {
                    None => prop_assert!(values.is_empty()),
                    Some((low, high)) => {
                        prop_assert!(values.iter().all(|value| (low..=high).contains(&value)));
                        prop_assert!(values.contains(low) && values.contains(high));
                    }
                }
            }
        }
    }
}
