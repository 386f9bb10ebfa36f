//! A small graph as a picture of text: who lays it out is nobody else's business.

mod layered;

pub use layered::Layered;

/// A graph laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// Its rows; every character is one column.
    pub rows: Vec<String>,
    /// Where each node's label goes, in the order the nodes were given.
    pub places: Vec<Place>,
}

impl Drawing {
    /// Columns of its widest row.
    pub fn width(&self) -> usize {
        self.rows.iter().map(|row| row.chars().count()).max().unwrap_or(0)
    }
}

/// Where a node's label goes, in cells from the drawing's corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Left column.
    pub x: usize,
    /// Row.
    pub y: usize,
    /// Columns.
    pub width: usize,
}

/// Lays a graph out.
pub trait Layout {
    /// Nodes by the width of their labels, and edges between their numbers; `None`: it cannot.
    fn draw(&self, widths: &[usize], edges: &[(usize, usize)]) -> Option<Drawing>;
}
