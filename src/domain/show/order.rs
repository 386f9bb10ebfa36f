//! Which step waits for which.

use std::collections::{BTreeMap, BTreeSet};

use super::Step;

/// Steps that wait for each other in a circle, by their places in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circle(pub Vec<usize>);

/// The places of the steps, each behind all that it waits for; else as they stand in the file. An
/// `after` that names no step orders nothing: the store says so in place.
pub fn order(steps: &[Step]) -> Result<Vec<usize>, Circle> {
    let places: BTreeMap<&str, usize> =
        steps.iter().enumerate().map(|(at, step)| (step.id.as_str(), at)).collect();
    let befores = |step: &Step| -> BTreeSet<usize> {
        step.after.iter().filter_map(|id| places.get(id.as_str()).copied()).collect()
    };
    let mut waits: Vec<BTreeSet<usize>> = steps.iter().map(befores).collect();
    let mut free: BTreeSet<usize> = (0..steps.len()).filter(|place| waits[*place].is_empty()).collect();
    let mut ordered = Vec::with_capacity(steps.len());
    while let Some(place) = free.pop_first() {
        ordered.push(place);
        for (other, waits) in waits.iter_mut().enumerate() {
            if waits.remove(&place) && waits.is_empty() {
                free.insert(other);
            }
        }
    }
    if ordered.len() == steps.len() { Ok(ordered) } else { Err(circle(&waits)) }
}

/// A circle among steps of which some wait for ever.
fn circle(waits: &[BTreeSet<usize>]) -> Circle {
    // Who waits for ever waits for another who does: following that leads round.
    let mut trail: Vec<usize> = Vec::new();
    let mut at = waits.iter().position(|waits| !waits.is_empty()).unwrap_or(0);
    while !trail.contains(&at) {
        trail.push(at);
        at = waits[at].first().copied().unwrap_or(at);
    }
    let begins = trail.iter().position(|place| *place == at).unwrap_or(0);
    let mut round = trail.split_off(begins);
    round.sort_unstable();
    Circle(round)
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
        let steps = [step("b", &[]), step("c", &["a"]), step("a", &[]), step("d", &["b"])];
        assert_eq!(order(&steps), Ok(vec![0, 2, 1, 3]), "as in the file where nothing waits");
    }

    #[test]
    fn a_circle_is_named() {
        let steps = [step("a", &["c"]), step("b", &[]), step("c", &["d"]), step("d", &["a"])];
        assert_eq!(order(&steps), Err(Circle(vec![0, 2, 3])));
        assert_eq!(order(&[step("a", &["a"])]), Err(Circle(vec![0])));
    }
}
