//! Which step waits for which.

use std::collections::BTreeMap;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use super::Step;

/// Steps that wait for each other in a circle, by their places in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circle(pub Vec<usize>);

/// The places of the steps, each behind all that it waits for. An `after` that names no step
/// orders nothing: the store says so in place.
pub fn order(steps: &[Step]) -> Result<Vec<usize>, Circle> {
    let places: BTreeMap<&str, usize> =
        steps.iter().enumerate().map(|(at, step)| (step.id.as_str(), at)).collect();
    let mut graph: DiGraph<usize, ()> = DiGraph::new();
    let nodes: Vec<NodeIndex> = (0..steps.len()).map(|place| graph.add_node(place)).collect();
    for (place, step) in steps.iter().enumerate() {
        for before in step.after.iter().filter_map(|id| places.get(id.as_str())) {
            if *before == place {
                return Err(Circle(vec![place]));
            }
            graph.add_edge(nodes[place], nodes[*before], ());
        }
    }
    // Groups come in post order: what an edge points to stands before where it begins.
    let mut ordered = Vec::with_capacity(steps.len());
    for group in kosaraju_scc(&graph) {
        let mut places: Vec<usize> = group.into_iter().map(|node| graph[node]).collect();
        if places.len() > 1 {
            places.sort_unstable();
            return Err(Circle(places));
        }
        ordered.extend(places);
    }
    Ok(ordered)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(id: &str, after: &[&str]) -> Step {
        Step { id: id.into(), after: after.iter().map(|id| (*id).to_owned()).collect(), ..Step::default() }
    }

    #[test]
    fn each_step_stands_behind_what_it_waits_for() {
        let steps = [step("go", &["poll", "freeze"]), step("poll", &["freeze"]), step("freeze", &["nobody"])];
        assert_eq!(order(&steps), Ok(vec![2, 1, 0]));
    }

    #[test]
    fn a_circle_is_named() {
        let steps = [step("a", &["c"]), step("b", &[]), step("c", &["d"]), step("d", &["a"])];
        assert_eq!(order(&steps), Err(Circle(vec![0, 2, 3])));
        assert_eq!(order(&[step("a", &["a"])]), Err(Circle(vec![0])));
    }
}
