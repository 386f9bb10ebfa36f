//! When a metric is measured: the time between two measurements, and the grid they lie on.
//!
//! Two samples whose ranges overlap share events and are not independent, so that a test which
//! takes them for independent is too sure of itself: by default the interval is the longest range
//! of the query.

use chrono::TimeDelta;

use super::subject::GRAIN;
use crate::domain::metric::Metric;

/// The shortest interval that is chosen by itself, in seconds.
const SHORTEST: u32 = 15;
/// The longest, in seconds.
const LONGEST: u32 = 300;
/// The longest that is chosen for counts, whose range is the interval: short enough to find a bad
/// version soon, long enough to hold two scrapes a minute apart.
const LONGEST_OF_COUNTS: u32 = 120;
/// Where the query has no range, in seconds.
const USUAL: u32 = 30;
/// Conditions are looked at no more rarely than this where nothing else is said, in seconds: a value
/// beyond its limit needs no statistics.
const CONDITIONS: u32 = 60;

/// When a metric is measured; all in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rhythm {
    /// Between two samples that are compared.
    pub interval: u32,
    /// Between two measurements that are held against conditions; divides the interval.
    pub conditions: u32,
    /// Between the points that are asked for; divides both, and the grain of rollouts.
    pub step: u32,
}

impl Rhythm {
    /// Of a metric.
    pub fn of(metric: &Metric) -> Self {
        let stated = metric.interval.and_then(|interval| u32::try_from(interval.num_seconds()).ok());
        let interval = stated.unwrap_or_else(|| by_query(metric)).max(1);
        let step = greatest_common_divisor(interval, GRAIN);
        // Where a number of failures is allowed, each must be a measurement of its own.
        let counts_failures = metric.failure_limit > 0 || metric.inconclusive_limit > 0;
        let divides = |seconds: &u32| interval.is_multiple_of(*seconds) && seconds.is_multiple_of(step);
        let conditions = match stated {
            None if !counts_failures && interval > CONDITIONS => {
                (step..=CONDITIONS).rev().find(divides).unwrap_or(interval)
            }
            _ => interval,
        };
        Self { interval, conditions, step }
    }

    /// The interval as a length of time.
    pub fn length(&self) -> TimeDelta {
        TimeDelta::seconds(i64::from(self.interval))
    }
}

fn by_query(metric: &Metric) -> u32 {
    let longest = longest_range(&metric.query);
    if metric.counts.is_some() {
        return longest.unwrap_or(2 * USUAL).clamp(USUAL, LONGEST_OF_COUNTS);
    }
    longest.unwrap_or(USUAL).clamp(SHORTEST, LONGEST)
}

/// The longest range selector of a PromQL query, in seconds: `[5m]` is 300.
pub fn longest_range(query: &str) -> Option<u32> {
    let mut longest = None;
    let mut quote = None;
    let mut characters = query.char_indices();
    while let Some((at, character)) = characters.next() {
        match (quote, character) {
            (Some('"' | '\''), '\\') => {
                characters.next();
            }
            (Some(open), _) if open == character => quote = None,
            (None, '"' | '\'' | '`') => quote = Some(character),
            (None, '[') => {
                let inside = query[at + 1..].split([']', ':']).next().unwrap_or_default();
                longest = longest.max(promql_seconds(inside.trim()));
            }
            _ => {}
        }
    }
    longest
}

/// A length of time as PromQL writes it: `1h30m`, `90s`, `1500ms`; whole seconds, rounded up.
fn promql_seconds(text: &str) -> Option<u32> {
    let mut rest = text;
    let mut milliseconds = 0_u64;
    while !rest.is_empty() {
        let digits = rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len());
        let number: u64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let unit = rest.find(|character: char| character.is_ascii_digit()).unwrap_or(rest.len());
        let length = match &rest[..unit] {
            "ms" => 1,
            // A bare number is seconds.
            "s" | "" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            "w" => 604_800_000,
            "y" => 31_536_000_000,
            _ => return None,
        };
        milliseconds = milliseconds.checked_add(number.checked_mul(length)?)?;
        rest = &rest[unit..];
    }
    u32::try_from(milliseconds.div_ceil(1000)).ok().filter(|seconds| *seconds > 0)
}

fn greatest_common_divisor(one: u32, other: u32) -> u32 {
    if other == 0 { one.max(1) } else { greatest_common_divisor(other, one % other) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::metric::Counts;

    fn rhythm(query: &str, interval: Option<i64>) -> (u32, u32, u32) {
        let interval = interval.map(TimeDelta::seconds);
        let rhythm = Rhythm::of(&Metric { query: query.into(), interval, ..Metric::default() });
        (rhythm.interval, rhythm.conditions, rhythm.step)
    }

    #[test]
    fn the_longest_range_is_found_and_text_in_quotes_is_none() {
        for (query, range) in [
            ("sum(rate(x[5m])) / sum(rate(y[1h30m]))", Some(5400)),
            ("max_over_time(rate(x[30s])[10m:1m])", Some(600)),
            (r#"x{path="[1d]",other='[2d]',raw=`\[3d]`}"#, None),
            (r#"x{path="a\"[1d]"}[90s]"#, Some(90)),
            ("rate(x[{{window}}])", None),
            ("x[1500ms]", Some(2)),
            ("x[300]", Some(300)),
            ("x[0s] [", None),
        ] {
            assert_eq!(longest_range(query), range, "{query}");
        }
    }

    #[test]
    fn samples_do_not_overlap_and_conditions_are_looked_at_every_minute() {
        assert_eq!(rhythm("rate(x[5m])", None), (300, 60, 30));
        assert_eq!(rhythm("rate(x[90s])", None), (90, 30, 30));
        assert_eq!(rhythm("rate(x[1m])", None), (60, 60, 30));
        assert_eq!(rhythm("rate(x[1h])", None), (300, 60, 30));
        assert_eq!(rhythm("up", None), (30, 30, 30));
        assert_eq!(rhythm("rate(x[10s])", None), (15, 15, 15));
        assert_eq!(rhythm("rate(x[5m])", Some(45)), (45, 45, 15));
        assert_eq!(rhythm("up", Some(7)), (7, 7, 1));
    }

    #[test]
    fn counted_failures_do_not_overlap_and_counts_are_looked_at_soon() {
        let metric = Metric { query: "rate(x[5m])".into(), failure_limit: 2, ..Metric::default() };
        assert_eq!(Rhythm::of(&metric).conditions, 300);
        let counts = Counts { bad: "b".into(), total: "t".into() };
        let metric = Metric { counts: Some(counts), failure_limit: 0, ..metric };
        assert_eq!(Rhythm::of(&metric), Rhythm { interval: 120, conditions: 60, step: 30 });
    }
}
