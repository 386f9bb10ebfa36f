//! The value axis: its unit, round steps, and where a limit lies on it.

use crate::domain::format;
use crate::domain::service::Direction;

/// A value axis with round ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// Between two ticks.
    pub step: f64,
    factor: f64,
    /// The unit of its labels: `%`, `ms`, `s`, `1/s`.
    pub unit: String,
}

impl Axis {
    /// An axis that shows everything between two values in about `intervals` round steps. Zero
    /// is always on it: a cut-off axis makes small differences look large.
    pub fn new(unit: Option<&str>, lowest: f64, highest: f64, intervals: usize) -> Self {
        let lowest = lowest.min(0.0);
        let highest = if highest > lowest.max(0.0) { highest } else { smallest_top(unit) };
        let step = round_up((highest - lowest) / intervals.max(1) as f64);
        let low = (lowest / step).floor() * step;
        // A hair above a round value must not cost a whole step.
        let high = (highest / step - 1e-9).ceil() * step;
        let (factor, unit) = match unit {
            Some("ratio") => (100.0, "%"),
            Some("seconds") if high < 1e-4 => (1e6, "µs"),
            Some("seconds") if high < 10.0 => (1000.0, "ms"),
            Some("1/s") if high < 1e-3 => (1e6, "1e-6/s"),
            Some("seconds") => (1.0, "s"),
            Some("1/s") if high >= 10_000.0 => (1e-3, "1000/s"),
            Some("bytes") => {
                let (size, word) = format::byte_unit(high);
                (1.0 / size, word)
            }
            other => {
                // The labels stay narrow: what is counted in it is written before the unit.
                let (size, letter) = match high.max(-low) {
                    size if size < 1e-3 => (1e-6, "1e-6"),
                    _ if high >= 1e10 => (1e9, "G"),
                    _ if high >= 1e7 => (1e6, "M"),
                    _ if high >= 1e4 => (1e3, "k"),
                    _ => (1.0, ""),
                };
                let unit = format!("{letter} {}", other.unwrap_or_default());
                return Self { low, high, step, factor: 1.0 / size, unit: unit.trim().to_owned() };
            }
        };
        Self { low, high, step, factor, unit: unit.to_owned() }
    }

    /// The values of its ticks with their labels, lowest first.
    pub fn ticks(&self) -> Vec<(f64, String)> {
        let count = ((self.high - self.low) / self.step).round().clamp(1.0, 50.0) as usize;
        let shown_step = self.step * self.factor;
        let is_whole = |places: &usize| {
            let shifted = shown_step * 10f64.powi(*places as i32);
            (shifted - shifted.round()).abs() < 1e-6
        };
        let places = (0..6).find(is_whole).unwrap_or(6);
        (0..=count)
            .map(|index| {
                let value = self.low + index as f64 * self.step;
                (value, format!("{:.places$}", value * self.factor))
            })
            .collect()
    }

    /// Which of `dots` rows a value lies on, counted from the top; what lies outside is drawn
    /// at the edge.
    pub fn row(&self, value: f64, dots: usize) -> usize {
        let share = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        let last = dots.saturating_sub(1) as f64;
        (last - (share * last).round()) as usize
    }
}

/// The top of an axis on which everything is zero.
fn smallest_top(unit: Option<&str>) -> f64 {
    match unit {
        Some("ratio") => 0.01,
        Some("seconds") => 0.1,
        _ => 1.0,
    }
}

/// The next 1, 2, 2.5 or 5 times a power of ten.
fn round_up(raw: f64) -> f64 {
    let power = 10f64.powf(raw.log10().floor());
    let factor = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(|factor| factor * power >= raw * (1.0 - 1e-9));
    factor.unwrap_or(10.0) * power
}

/// How far up an axis a limit may push the values before it is only named: beyond this the
/// values themselves could no longer be told apart.
pub const LIMIT_REACH: f64 = 4.0;

/// Where a limit is on an axis: on it, or too far off to be drawn.
pub fn limit_on_axis(limit: Option<f64>, highest: f64) -> Option<f64> {
    limit.filter(|limit| highest <= 0.0 || *limit <= highest * LIMIT_REACH)
}

/// The word before a limit: which side of it is bad.
pub fn limit_word(direction: Direction) -> &'static str {
    match direction {
        Direction::Decrease => "at least",
        _ => "limit",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_round_ticks_in_the_unit_people_read() {
        let labels = |unit, high| -> (Vec<String>, String) {
            let axis = Axis::new(unit, 0.0, high, 3);
            (axis.ticks().into_iter().map(|(_, label)| label).collect(), axis.unit)
        };
        let text = |words: &[&str]| -> Vec<String> { words.iter().map(|word| (*word).to_owned()).collect() };
        assert_eq!(labels(Some("ratio"), 0.019), (text(&["0", "1", "2"]), "%".into()));
        assert_eq!(labels(Some("ratio"), 0.012), (text(&["0.0", "0.5", "1.0", "1.5"]), "%".into()));
        assert_eq!(labels(Some("seconds"), 4e-7), (text(&["0.0", "0.2", "0.4"]), "µs".into()));
        assert_eq!(labels(Some("queues"), 4e-7), (text(&["0.0", "0.2", "0.4"]), "1e-6 queues".into()));
        assert_eq!(labels(Some("seconds"), 0.3), (text(&["0", "100", "200", "300"]), "ms".into()));
        assert_eq!(labels(Some("seconds"), 24.0), (text(&["0", "10", "20", "30"]), "s".into()));
        assert_eq!(labels(Some("1/s"), 0.0).0, text(&["0.0", "0.5", "1.0"]));
        assert_eq!(labels(Some("EUR"), 24_000.0), (text(&["0", "10", "20", "30"]), "k EUR".into()));
        assert_eq!(labels(Some("bytes"), 2.9e9), (text(&["0", "1", "2", "3"]), "GB".into()));
        assert_eq!(labels(None, 2_000_000.0), (text(&["0", "1000", "2000"]), "k".into()));
    }

    #[test]
    fn an_axis_ends_at_its_round_value_and_says_its_unit() {
        // Sums of decimals are a hair above them.
        assert_eq!(Axis::new(None, 0.0, 0.1 + 0.2, 3).ticks().len(), 4);
        let unit = |high| Axis::new(Some("seconds"), 0.0, high, 3).unit;
        assert_eq!([unit(5.0), unit(9.0), unit(11.0)], ["ms", "s", "s"]);
        assert_eq!(limit_word(Direction::Decrease), "at least");
        assert_eq!([Direction::Increase, Direction::Either].map(limit_word), ["limit"; 2]);
        // A limit four times as high is drawn, one a little higher is only named.
        assert_eq!((limit_on_axis(Some(4.0), 1.0), limit_on_axis(Some(4.1), 1.0)), (Some(4.0), None));
    }

    #[test]
    fn a_value_has_an_exact_row() {
        let axis = Axis::new(None, 0.0, 3.0, 3);
        assert_eq!([0.0, 1.0, 2.0, 3.0, 9.0].map(|value| axis.row(value, 4)), [3, 2, 1, 0, 0]);
    }

    #[test]
    fn negative_values_stay_on_the_axis() {
        let axis = Axis::new(None, -0.4, 1.0, 2);
        assert!(axis.low <= -0.4 && axis.high >= 1.0);
        assert!(axis.ticks().iter().any(|(value, _)| *value == 0.0));
    }

    #[test]
    fn a_limit_far_above_the_values_does_not_flatten_them() {
        assert_eq!(limit_on_axis(Some(1.0), 0.2), None);
        assert_eq!(limit_on_axis(Some(0.3), 0.2), Some(0.3));
        assert_eq!(limit_on_axis(Some(0.3), 0.0), Some(0.3));
    }
}
