//! When a number rose: the first point from which on it stays beyond its limit, or far above what
//! it usually was.

use chrono::{DateTime, Utc};

use crate::domain::question::Series;
use crate::domain::service::Direction;

/// Points in a row that make a rise: one may be noise.
const IN_A_ROW: usize = 3;
/// Points before it by which the usual is known.
const USUAL: usize = 10;
/// So many median deviations (scaled by 1.4826, as of a normal one) above the usual median is far.
const FAR: f64 = 6.0;
/// And at least so much of it: a number that hardly moves deviates by nothing.
const AT_LEAST: f64 = 0.25;

/// A number that rose (or fell, where less is worse), and has not come back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rise {
    /// At which point.
    pub at: DateTime<Utc>,
    /// The median before.
    pub from: f64,
    /// The median since.
    pub to: f64,
    /// Whether its limit says so; else it is far from its usual.
    pub beyond_limit: bool,
}

/// The latest rise of a series; `None`: it did not rise, or too little is known.
///
/// With a limit a rise is the first of [`IN_A_ROW`] points beyond it, after a point that was not.
/// Without one it is the first of as many points further than [`FAR`] median deviations and
/// [`AT_LEAST`] of the median from the median of the points before, of which [`USUAL`] must be known.
pub fn rise(series: &Series, limit: Option<f64>, direction: Direction) -> Option<Rise> {
    let known: Vec<(usize, f64)> =
        series.values.iter().enumerate().filter_map(|(i, value)| value.map(|value| (i, value))).collect();
    let values: Vec<f64> = known.iter().map(|(_, value)| *value).filter(|value| value.is_finite()).collect();
    if values.len() != known.len() {
        return None;
    }
    let is_worse = |value: f64, than: f64| match direction {
        Direction::Decrease => value < than,
        Direction::Increase | Direction::Either => value > than,
    };
    let mut found = None;
    let mut position = 1;
    while position + IN_A_ROW <= values.len() {
        let before = &values[..position];
        let run = &values[position..position + IN_A_ROW];
        let is_rise = if let Some(limit) = limit {
            !is_worse(values[position - 1], limit) && run.iter().all(|value| is_worse(*value, limit))
        } else {
            let usual = &before[before.len().saturating_sub(3 * USUAL)..];
            usual.len() >= USUAL && {
                let middle = median(usual);
                let deviations: Vec<f64> = usual.iter().map(|value| (value - middle).abs()).collect();
                let far = (FAR * 1.4826 * median(&deviations)).max(AT_LEAST * middle.abs());
                let bound = if direction == Direction::Decrease { middle - far } else { middle + far };
                run.iter().all(|value| is_worse(*value, bound))
            }
        };
        if is_rise {
            let usual = &before[before.len().saturating_sub(3 * USUAL)..];
            found = Some(Rise {
                at: series.time_of(known[position].0),
                from: median(usual),
                to: median(&values[position..]),
                beyond_limit: limit.is_some(),
            });
            position += IN_A_ROW;
            // One rise is told once: up to where it has come back.
            let middle = median(usual);
            let near = AT_LEAST * middle.abs();
            let back =
                limit.unwrap_or(if direction == Direction::Decrease { middle - near } else { middle + near });
            while position < values.len() && is_worse(values[position], back) {
                position += 1;
            }
        }
        position += 1;
    }
    found
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => sorted[count / 2],
        count => f64::midpoint(sorted[count / 2 - 1], sorted[count / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(values: &[f64]) -> Series {
        Series {
            start: DateTime::UNIX_EPOCH,
            step: 60,
            values: values.iter().map(|value| Some(*value)).collect(),
            ..Series::default()
        }
    }

    fn minute(rise: Option<Rise>) -> Option<i64> {
        rise.map(|rise| (rise.at - DateTime::UNIX_EPOCH).num_minutes())
    }

    #[test]
    fn a_rise_is_where_the_limit_is_crossed_for_good_measure() {
        let up = series(&[0.1, 0.1, 0.3, 0.1, 0.1, 0.4, 0.5, 0.6, 0.7]);
        let found = rise(&up, Some(0.2), Direction::Increase);
        assert_eq!((minute(found), found.map(|rise| rise.beyond_limit)), (Some(5), Some(true)));
        assert_eq!(rise(&up, Some(0.9), Direction::Increase), None);
        let down = series(&[9.0, 9.0, 3.0, 3.0, 3.0]);
        assert_eq!(minute(rise(&down, Some(5.0), Direction::Decrease)), Some(2));
        // Beyond it from the first point: when it rose nobody saw.
        assert_eq!(rise(&series(&[0.5; 9]), Some(0.2), Direction::Increase), None);
    }

    #[test]
    fn without_a_limit_it_is_far_from_its_usual() {
        let mut values: Vec<f64> = (0..20).map(|point| 1.0 + f64::from(point % 3) * 0.1).collect();
        assert_eq!(rise(&series(&values), None, Direction::Increase), None);
        values.extend([4.0, 4.1, 3.9, 4.0]);
        let found = rise(&series(&values), None, Direction::Increase);
        assert_eq!(minute(found), Some(20));
        assert!(found.is_some_and(|rise| (rise.from - 1.1).abs() < 1e-9 && (rise.to - 4.0).abs() < 0.1));
        assert_eq!(rise(&series(&values), None, Direction::Decrease), None);
        assert_eq!(rise(&series(&values[..10]), None, Direction::Increase), None);
    }

    #[test]
    fn the_latest_of_several_counts_and_gaps_are_no_points() {
        let mut twice = vec![0.0, 1.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0];
        assert_eq!(minute(rise(&series(&twice), Some(0.5), Direction::Increase)), Some(6));
        twice[7] = f64::NAN;
        assert_eq!(rise(&series(&twice), Some(0.5), Direction::Increase), None);
        let mut gaps = series(&[0.0, 1.0, 1.0, 1.0]);
        gaps.values.insert(1, None);
        assert_eq!(minute(rise(&gaps, Some(0.5), Direction::Increase)), Some(2));
    }

    #[test]
    fn how_far_is_far_and_how_long_is_usual() {
        let after = |usual: &[f64], run: f64| {
            let values: Vec<f64> = usual.iter().copied().chain([run; 3]).collect();
            minute(rise(&series(&values), None, Direction::Increase))
        };
        // Ten points are enough to know the usual, nine are not.
        assert_eq!((after(&[1.0; 10], 4.0), after(&[1.0; 9], 4.0)), (Some(10), None));
        // What hardly moves: a quarter of it. 1 + 0.25.
        assert_eq!((after(&[1.0; 10], 1.26), after(&[1.0; 10], 1.24)), (Some(10), None));
        // 0.9 and 1.1 in turns: 1 + 6 * 1.4826 * 0.1 = 1.88956.
        let turns: Vec<f64> = (0..10).map(|point| if point % 2 == 0 { 0.9 } else { 1.1 }).collect();
        assert_eq!((after(&turns, 1.9), after(&turns, 1.88)), (Some(10), None));
        // Only the thirty points before it are the usual.
        let settled = [[10.0; 30], [1.0; 30]].concat();
        assert_eq!(after(&settled, 4.0), Some(60));
        let medians = rise(&series(&[0.1, 0.1, 0.5, 0.7, 0.9]), Some(0.2), Direction::Increase).unwrap();
        assert_eq!((medians.from, medians.to), (0.1, 0.7));
    }

    #[test]
    fn a_number_that_fell_and_came_back_may_fall_again() {
        let twice = [&[10.0; 10][..], &[1.0; 3], &[10.0; 20], &[1.0; 3]].concat();
        assert_eq!(minute(rise(&series(&twice), None, Direction::Decrease)), Some(33));
        let upside_down: Vec<f64> = twice.iter().map(|value| -value).collect();
        assert_eq!(minute(rise(&series(&upside_down), None, Direction::Increase)), Some(33));
    }

    proptest::proptest! {
        /// A scaled series rises where it rose.
        #[test]
        fn scaling_moves_no_rise(values in proptest::collection::vec(0.1_f64..10.0, 12..60), by in 0.1_f64..10.0) {
            let scaled: Vec<f64> = values.iter().map(|value| value * by).collect();
            let plain = rise(&series(&values), Some(5.0), Direction::Increase);
            let other = rise(&series(&scaled), Some(5.0 * by), Direction::Increase);
            proptest::prop_assert_eq!(minute(plain), minute(other));
        }

        /// What only gets better never rises.
        #[test]
        fn falling_is_no_rise(mut values in proptest::collection::vec(0.1_f64..10.0, 12..60)) {
            values.sort_by(|one, other| other.total_cmp(one));
            proptest::prop_assert_eq!(rise(&series(&values), None, Direction::Increase), None);
            proptest::prop_assert_eq!(rise(&series(&values), Some(5.0), Direction::Increase), None);
        }
    }
}
