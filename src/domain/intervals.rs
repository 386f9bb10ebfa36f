//! Half-open intervals of time that can be asked which of them meet a span, without looking at
//! the rest: also where some are very long.

use chrono::{DateTime, Utc};

/// Intervals [start, end), each with what it stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct Intervals<T> {
    /// Sorted by start, then end.
    items: Vec<Interval<T>>,
    /// The latest end below each node of a binary tree over `items`; the root is at 1.
    latest: Vec<DateTime<Utc>>,
}

/// One half-open interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interval<T> {
    /// When it begins.
    pub start: DateTime<Utc>,
    /// When it ends.
    pub end: DateTime<Utc>,
    /// What it stands for.
    pub what: T,
}

impl<T> Default for Intervals<T> {
    fn default() -> Self {
        Self { items: Vec::new(), latest: Vec::new() }
    }
}

impl<T> Intervals<T> {
    /// Sorts them; those that begin and end together keep their order.
    pub fn new(mut items: Vec<Interval<T>>) -> Self {
        items.sort_by_key(|item| (item.start, item.end));
        let leaves = items.len().next_power_of_two();
        let mut latest = vec![DateTime::<Utc>::MIN_UTC; 2 * leaves];
        for (index, item) in items.iter().enumerate() {
            latest[leaves + index] = item.end;
        }
        for node in (1..leaves).rev() {
            latest[node] = latest[2 * node].max(latest[2 * node + 1]);
        }
        Self { items, latest }
    }

    /// All of them, by start and end.
    pub fn items(&self) -> &[Interval<T>] {
        &self.items
    }

    /// Those that begin at `from` or later, by start.
    pub fn starting_from(&self, from: DateTime<Utc>) -> &[Interval<T>] {
        &self.items[self.items.partition_point(|item| item.start < from)..]
    }

    /// Those that meet [from, to), by start and end: O(log n) for each.
    pub fn meeting(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Meeting<'_, T> {
        let begun = self.items.partition_point(|item| item.start < to);
        Meeting { of: self, from, begun, open: if begun == 0 { Vec::new() } else { vec![1] } }
    }
}

/// The intervals that meet a span.
#[derive(Debug)]
pub struct Meeting<'a, T> {
    of: &'a Intervals<T>,
    from: DateTime<Utc>,
    /// How many begin before the span ends.
    begun: usize,
    /// Nodes still to look at, the next one last.
    open: Vec<usize>,
}

impl<'a, T> Iterator for Meeting<'a, T> {
    type Item = &'a Interval<T>;

    fn next(&mut self) -> Option<Self::Item> {
        let leaves = self.of.latest.len() / 2;
        while let Some(node) = self.open.pop() {
            if self.of.latest[node] <= self.from {
                continue;
            }
            if node >= leaves {
                return self.of.items[..self.begun].get(node - leaves);
            }
            let right = 2 * node + 1;
            if first_leaf(right, leaves) < self.begun {
                self.open.push(right);
            }
            self.open.push(2 * node);
        }
        None
    }
}

/// The index of the first leaf below a node.
fn first_leaf(node: usize, leaves: usize) -> usize {
    let depth = leaves.ilog2() - node.ilog2();
    (node << depth) - leaves
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hours)
    }

    proptest::proptest! {
        #[test]
        fn those_that_meet_are_those_that_meet(
            spans in proptest::collection::vec((0_i64..200, 1_i64..90), 0..70),
            from in -5_i64..250,
            length in 1_i64..60,
        ) {
            let items = spans.iter().enumerate().map(|(what, (start, length))| {
                Interval { start: at(*start), end: at(start + length), what }
            });
            let intervals = Intervals::new(items.collect());
            let (from, to) = (at(from), at(from + length));
            let found: Vec<_> = intervals.meeting(from, to).copied().collect();
            let expected: Vec<_> =
                intervals.items().iter().filter(|item| item.start < to && from < item.end).copied().collect();
            proptest::prop_assert_eq!(found, expected);
            let later = intervals.items().iter().filter(|item| item.start >= from).count();
            proptest::prop_assert_eq!(intervals.starting_from(from).len(), later);
        }
    }
}
