//! The layout of a graph in layers, left to right, by the crate `ascii-dag`.

use ascii_dag::graph::Graph;
use ascii_dag::{Direction, LayoutConfig, RenderOptions};

use super::{Drawing, Layout, Place};

/// Layers from left to right.
pub struct Layered;

impl Layout for Layered {
    fn draw(&self, widths: &[usize], edges: &[(usize, usize)]) -> Option<Drawing> {
        // The crate counts characters, not columns, and only needs to know how wide a node is:
        // it is given as many letters, and the real label is painted over them.
        let labels: Vec<String> = widths.iter().map(|width| "x".repeat((*width).max(1))).collect();
        let mut graph = Graph::new();
        graph.set_direction(Direction::LeftRight);
        for (number, label) in labels.iter().enumerate() {
            graph.add_node(number, label.as_str());
        }
        for (from, to) in edges.iter().filter(|(from, to)| from != to) {
            graph.add_edge(*from, *to, None);
        }
        let mut config = LayoutConfig::standard();
        config.direction = Direction::LeftRight;
        config.node_spacing = 0;
        let layout = graph.compute_layout_with_config(&config);
        let text = layout.render_string(&RenderOptions::plain());
        let mut places = Vec::with_capacity(widths.len());
        for (number, width) in widths.iter().enumerate() {
            let node = layout.node_by_id(number)?;
            // Inside the brackets.
            places.push(Place { x: node.x + 1, y: node.y, width: *width });
        }
        let rows: Vec<String> = text.lines().map(str::to_owned).collect();
        let fits =
            places.iter().all(|place| rows.get(place.y).is_some_and(|row| row.chars().count() > place.x));
        fits.then_some(Drawing { rows, places })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_where_the_drawing_says() {
        let drawing = Layered.draw(&[3, 8, 6, 9, 7], &[(0, 1), (1, 2), (1, 3), (1, 4), (2, 3)]).unwrap();
        for place in &drawing.places {
            let row: Vec<char> = drawing.rows[place.y].chars().collect();
            assert_eq!(row[place.x - 1], '[');
            assert_eq!(row[place.x + place.width], ']');
            assert!(row[place.x..place.x + place.width].iter().all(|c| *c == 'x'));
        }
    }

    #[test]
    fn a_cycle_is_drawn_too() {
        let drawing = Layered.draw(&[3, 4, 5], &[(0, 1), (1, 2), (2, 0), (1, 1)]).unwrap();
        assert_eq!(drawing.places.len(), 3);
    }
}
