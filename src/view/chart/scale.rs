//! The value axis: units, round steps, and how a number is written.

use crate::domain::service::Direction;

/// What a metric counts in, as its `unit` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit<'a> {
    /// A ratio between 0 and 1, written in percent.
    Ratio,
    /// Seconds, written in milliseconds where that reads better.
    Seconds,
    /// Events a second.
    PerSecond,
    /// Any other word; empty: a plain number.
    Other(&'a str),
}

impl<'a> Unit<'a> {
    /// From the file's word; none: a plain number.
    pub fn new(word: Option<&'a str>) -> Self {
        match word {
            Some("ratio") => Self::Ratio,
            Some("seconds") => Self::Seconds,
            Some("1/s") => Self::PerSecond,
            Some(word) => Self::Other(word),
            None => Self::Other(""),
        }
    }

    /// A value with its unit: `1.9 %`, `240 ms`, `312 /s`.
    pub fn written(self, value: f64) -> String {
        match self {
            Self::Ratio => format!("{} %", significant(value * 100.0)),
            Self::Seconds if value.abs() < 1.0 => format!("{} ms", significant(value * 1000.0)),
            Self::Seconds => format!("{} s", significant(value)),
            Self::PerSecond => format!("{} /s", significant(value)),
            Self::Other("") => significant(value),
            Self::Other(word) => format!("{} {word}", significant(value)),
        }
    }
}

/// Three significant digits and no more: `0.31`, `1.92`, `24.1`, `312`, `14.2 k`.
fn significant(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        return "◌".to_owned();
    }
    match size {
        _ if size == 0.0 => "0".to_owned(),
        _ if size < 0.001 => format!("{value:.1e}"),
        _ if size < 10.0 => trimmed(&format!("{value:.2}"), size < 0.01, value),
        _ if size < 99.95 => trimmed(&format!("{value:.1}"), false, value),
        _ if size < 10_000.0 => format!("{value:.0}"),
        _ if size < 1e6 => format!("{:.1} k", value / 1e3),
        _ if size < 1e9 => format!("{:.1} M", value / 1e6),
        _ => format!("{value:.1e}"),
    }
}

/// Without zeros that say nothing; a small number keeps a third place.
fn trimmed(text: &str, small: bool, value: f64) -> String {
    let text = if small { format!("{value:.3}") } else { text.to_owned() };
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

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
    pub fn new(unit: Unit<'_>, lowest: f64, highest: f64, intervals: usize) -> Self {
        let lowest = lowest.min(0.0);
        let highest = if highest > lowest.max(0.0) { highest } else { smallest_top(unit) };
        let step = round_up((highest - lowest) / intervals.max(1) as f64);
        let low = (lowest / step).floor() * step;
        // A hair above a round value must not cost a whole step.
        let high = (highest / step - 1e-9).ceil() * step;
        let (factor, unit) = match unit {
            Unit::Ratio => (100.0, "%"),
            Unit::Seconds if high <= 1.0 => (1000.0, "ms"),
            Unit::Seconds => (1.0, "s"),
            Unit::PerSecond if high >= 10_000.0 => (1e-3, "k/s"),
            Unit::PerSecond => (1.0, "1/s"),
            Unit::Other(word) => (1.0, word),
        };
        Self { low, high, step, factor, unit: unit.to_owned() }
    }

    /// The values of its ticks with their labels, lowest first.
    pub fn ticks(&self) -> Vec<(f64, String)> {
        let count = ((self.high - self.low) / self.step).round().clamp(1.0, 50.0) as usize;
        let shown_step = self.step * self.factor;
        let places = (-shown_step.log10().floor()).clamp(0.0, 6.0) as usize;
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
fn smallest_top(unit: Unit<'_>) -> f64 {
    match unit {
        Unit::Ratio => 0.01,
        Unit::Seconds => 0.1,
        _ => 1.0,
    }
}

/// The next 1, 2 or 5 times a power of ten.
fn round_up(raw: f64) -> f64 {
    let power = 10f64.powf(raw.log10().floor());
    let factor = [1.0, 2.0, 5.0, 10.0].into_iter().find(|factor| factor * power >= raw * (1.0 - 1e-9));
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
    fn values_are_written_with_their_unit() {
        for (unit, value, written) in [
            (Unit::Ratio, 0.019, "1.9 %"),
            (Unit::Ratio, 0.0, "0 %"),
            (Unit::Ratio, 0.25, "25 %"),
            (Unit::Ratio, 0.000_05, "0.005 %"),
            (Unit::Seconds, 0.2405, "240 ms"),
            (Unit::Seconds, 1.24, "1.24 s"),
            (Unit::PerSecond, 312.4, "312 /s"),
            (Unit::PerSecond, 14_230.0, "14.2 k /s"),
            (Unit::Other("orders"), 7.0, "7 orders"),
            (Unit::Other(""), -3.5, "-3.5"),
        ] {
            assert_eq!(unit.written(value), written);
        }
    }

    #[test]
    fn an_axis_has_round_ticks_in_the_unit_people_read() {
        let labels = |unit, high| -> (Vec<String>, String) {
            let axis = Axis::new(unit, 0.0, high, 3);
            (axis.ticks().into_iter().map(|(_, label)| label).collect(), axis.unit)
        };
        let text = |words: &[&str]| -> Vec<String> { words.iter().map(|word| (*word).to_owned()).collect() };
        assert_eq!(labels(Unit::Ratio, 0.019), (text(&["0", "1", "2"]), "%".into()));
        assert_eq!(labels(Unit::Ratio, 0.012), (text(&["0.0", "0.5", "1.0", "1.5"]), "%".into()));
        assert_eq!(labels(Unit::Seconds, 0.3), (text(&["0", "100", "200", "300"]), "ms".into()));
        assert_eq!(labels(Unit::Seconds, 2.4), (text(&["0", "1", "2", "3"]), "s".into()));
        assert_eq!(labels(Unit::PerSecond, 0.0).0, text(&["0.0", "0.5", "1.0"]));
    }

    #[test]
    fn a_value_has_an_exact_row() {
        let axis = Axis::new(Unit::Other(""), 0.0, 3.0, 3);
        assert_eq!([0.0, 1.0, 2.0, 3.0, 9.0].map(|value| axis.row(value, 4)), [3, 2, 1, 0, 0]);
    }

    #[test]
    fn negative_values_stay_on_the_axis() {
        let axis = Axis::new(Unit::Other(""), -0.4, 1.0, 2);
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
