//! The rows of the list: the steps, T-0 among them, and where the count stands.

use crate::domain::show::Reckoning;

/// A row of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Row {
    /// T-0; what begins then stands below.
    Zero,
    /// A step, by its place.
    Step(usize),
    /// Where the count stands; what is due then stands above.
    Now,
}

/// All rows, in the order of the plan.
pub fn rows(reckoning: &Reckoning<'_>) -> Vec<Row> {
    let zero = reckoning.clock.zero.at;
    let steps = reckoning.steps.iter().enumerate().map(|(place, step)| (step.planned.0, Row::Step(place)));
    let mut rows: Vec<_> = steps.chain([(zero, Row::Zero)]).collect();
    if !reckoning.clock.is_over {
        // On the plan's own line of time, holds left out.
        rows.push((zero - reckoning.clock.left(reckoning.now), Row::Now));
    }
    rows.sort();
    rows.into_iter().map(|(_, row)| row).collect()
}
