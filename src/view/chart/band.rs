//! The band behind a chart's lines: between which values it lay at the same hour of other weeks.

use super::{Axis, Clock, Grid, Plot, scale};
use crate::theme::Role;

/// How high the band asks the axis to reach: not so far that the lines can no longer be told apart.
pub fn top(plot: &Plot<'_>, clock: &Clock, highest: f64) -> Option<f64> {
    let inside = plot.band.iter().filter(|(at, _)| clock.dot(*at).is_some());
    let highs = inside.filter_map(|(_, between)| between.map(|(_, high)| high));
    let band = highs.filter(|high| high.is_finite()).reduce(f64::max)?;
    Some(if highest > 0.0 { band.min(highest * scale::LIMIT_REACH) } else { band })
}

/// The band's dots: every other one, so that it stays behind the lines. What lies beyond the axis is
/// not drawn.
pub fn draw(like: &Grid, plot: &Plot<'_>, axis: &Axis, clock: &Clock) -> Grid {
    let mut grid = Grid::new(like.width() / 2, like.height() / 4);
    let parity = clock.parity();
    let mut last: Option<(usize, (f64, f64))> = None;
    for (at, between) in &plot.band {
        let here = clock.dot(*at).zip(*between);
        if let Some((x, (low, high))) = here {
            let (from, before) = last.filter(|(from, _)| *from <= x).unwrap_or((x, (low, high)));
            for column in from..=x {
                let share = if x == from { 1.0 } else { (column - from) as f64 / (x - from) as f64 };
                let mix = |one: f64, other: f64| one + (other - one) * share;
                fill(&mut grid, axis, column, (mix(before.0, low), mix(before.1, high)), parity);
            }
        }
        last = here;
    }
    grid
}

fn fill(grid: &mut Grid, axis: &Axis, x: usize, (low, high): (f64, f64), parity: usize) {
    if !(low.is_finite() && high.is_finite()) || low > axis.high || !(x + parity).is_multiple_of(2) {
        return;
    }
    let (top, bottom) = (axis.row(high, grid.height()), axis.row(low, grid.height()));
    for y in top..=bottom {
        // Both edges, and every other dot between them.
        if y == bottom || (y == top && high <= axis.high) || y % 2 == 0 {
            grid.set(x, y, Role::Dim);
        }
    }
}
