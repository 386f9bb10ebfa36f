//! Dots in braille: two columns and four rows a cell, in layers that do not wipe each other out.

use crate::theme::Role;

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stroke {
    /// Every dot.
    Solid,
    /// Every other dot.
    Dotted,
    /// One dot of four: told apart from a solid line without any colour.
    Sparse,
}

impl Stroke {
    /// Its sample in a legend.
    pub fn sample(self) -> &'static str {
        match self {
            Self::Solid => "──",
            Self::Dotted => "··",
            Self::Sparse => "· ·",
        }
    }
}

/// A field of dots over a number of cells.
#[derive(Debug, Clone)]
pub struct Grid {
    columns: usize,
    cells: Vec<Option<(u8, Role)>>,
}

impl Grid {
    /// An empty field over so many cells.
    pub fn new(columns: usize, rows: usize) -> Self {
        Self { columns, cells: vec![None; columns * rows] }
    }

    /// How many dots wide.
    pub fn width(&self) -> usize {
        self.columns * 2
    }

    /// How many dots high.
    pub fn height(&self) -> usize {
        self.cells.len().checked_div(self.columns).unwrap_or(0) * 4
    }

    /// Sets a dot; the cell takes on the role of the latest.
    pub fn set(&mut self, x: usize, y: usize, role: Role) {
        /// Unicode's order of the dots of a cell, by row and column.
        const BITS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];
        if x < self.width() && y < self.height() {
            let cell = &mut self.cells[y / 4 * self.columns + x / 2];
            let dots = cell.map_or(0, |(dots, _)| dots);
            *cell = Some((dots | BITS[y % 4][x % 2], role));
        }
    }

    /// A point between gaps, with four dots around it: one alone is easily overlooked.
    pub fn mark(&mut self, point: Point, role: Role) {
        let Point { x, y } = point;
        let around = [(Some(x), Some(y)), (x.checked_sub(1), Some(y)), (Some(x + 1), Some(y))];
        let upright = [(Some(x), y.checked_sub(1)), (Some(x), Some(y + 1))];
        for place in around.into_iter().chain(upright) {
            if let (Some(x), Some(y)) = place {
                self.set(x, y, role);
            }
        }
    }

    /// Whether nothing was drawn in a cell.
    pub fn is_empty(&self, column: usize, row: usize) -> bool {
        self.cells.get(row * self.columns + column).is_none_or(Option::is_none)
    }

    /// Empties a column of cells.
    pub fn clear_column(&mut self, column: usize) {
        if column < self.columns {
            self.cells.iter_mut().skip(column).step_by(self.columns).for_each(|cell| *cell = None);
        }
    }

    /// Connects two points. `parity` makes dotted lines keep their dots while they scroll.
    pub fn connect(&mut self, from: Point, to: Point, stroke: Stroke, parity: usize, role: Role) {
        if from.x == to.x {
            self.column(from.x, from.y, to.y, stroke, parity, role);
            return;
        }
        let run = (to.x - from.x) as f64;
        let rise = to.y as f64 - from.y as f64;
        let mut last = from.y;
        for x in from.x..=to.x {
            let y = (from.y as f64 + rise * (x - from.x) as f64 / run).round() as usize;
            // The step to the next height is drawn where it happens, without the dot before.
            let begin = match y.cmp(&last) {
                std::cmp::Ordering::Greater => last + 1,
                std::cmp::Ordering::Less => last - 1,
                std::cmp::Ordering::Equal => y,
            };
            self.column(x, begin, y, stroke, parity, role);
            last = y;
        }
    }

    fn column(&mut self, x: usize, one: usize, other: usize, stroke: Stroke, parity: usize, role: Role) {
        let (top, bottom) = (one.min(other), one.max(other));
        for y in top..=bottom {
            let kept = match stroke {
                Stroke::Solid => true,
                Stroke::Dotted if bottom - top > 1 => y % 2 == 0,
                Stroke::Dotted => (x + parity).is_multiple_of(2),
                Stroke::Sparse if bottom - top > 1 => y % 4 == 0,
                Stroke::Sparse => (x + parity).is_multiple_of(4),
            };
            if kept {
                self.set(x, y, role);
            }
        }
    }

    /// The cells with something in them: column, row, symbol, role.
    pub fn cells(&self) -> impl Iterator<Item = (usize, usize, char, Role)> {
        self.cells.iter().enumerate().filter_map(|(index, cell)| {
            let (dots, role) = (*cell)?;
            let symbol = char::from_u32(0x2800 + u32::from(dots))?;
            Some((index % self.columns, index / self.columns, symbol, role))
        })
    }
}

/// A dot's place, from the top left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// From the left.
    pub x: usize,
    /// From the top.
    pub y: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(grid: &Grid) -> String {
        let rows = grid.cells.len() / grid.columns;
        let mut lines = vec![vec!['·'; grid.columns]; rows];
        for (column, row, symbol, _) in grid.cells() {
            lines[row][column] = symbol;
        }
        lines.into_iter().map(|line| line.into_iter().collect::<String>()).collect::<Vec<_>>().join("\n")
    }

    fn draw(points: [(usize, usize); 2], stroke: Stroke) -> String {
        let mut grid = Grid::new(4, 1);
        let [from, to] = points.map(|(x, y)| Point { x, y });
        grid.connect(from, to, stroke, 0, Role::ChartNew);
        text(&grid)
    }

    #[test]
    fn each_dot_has_its_place_in_the_cell() {
        let places: Vec<String> = (0..8)
            .map(|index| {
                let mut grid = Grid::new(1, 1);
                grid.set(index % 2, index / 2, Role::ChartNew);
                text(&grid)
            })
            .collect();
        assert_eq!(places.join(""), "⠁⠈⠂⠐⠄⠠⡀⢀");
    }

    #[test]
    fn lines_run_through_exact_dots() {
        assert_eq!(draw([(0, 3), (7, 3)], Stroke::Solid), "⣀⣀⣀⣀");
        assert_eq!(draw([(0, 3), (7, 0)], Stroke::Solid), "⣀⠤⠒⠉");
        assert_eq!(draw([(2, 3), (2, 0)], Stroke::Solid), "·⡇··");
        assert_eq!(draw([(0, 0), (7, 0)], Stroke::Dotted), "⠁⠁⠁⠁");
        assert_eq!(draw([(0, 0), (7, 0)], Stroke::Sparse), "⠁·⠁·");
    }

    #[test]
    fn a_point_alone_is_seen() {
        let mut grid = Grid::new(2, 1);
        grid.mark(Point { x: 0, y: 0 }, Role::ChartNew);
        grid.mark(Point { x: 3, y: 3 }, Role::ChartNew);
        assert_eq!(text(&grid), "⠋⣠");
    }

    #[test]
    fn what_lies_outside_is_not_drawn() {
        let mut grid = Grid::new(1, 1);
        grid.set(2, 0, Role::ChartNew);
        grid.set(0, 4, Role::ChartNew);
        assert_eq!(grid.cells().count(), 0);
        Grid::new(0, 0).set(0, 0, Role::ChartNew);
    }
}
