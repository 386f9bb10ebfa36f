//! What can be selected in a plan, top to bottom.

use crate::domain::backout::shell_words;

use super::plan::{Move, Plan};

/// One thing in a plan, by what it is rather than where: it stays selected when the plan changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A service's row in the table.
    Move(String),
    /// What is missing or in the way, by its words.
    Problem(String),
    /// A step of a service's playbook.
    Step {
        /// The service.
        service: String,
        /// The step's place, counted from 0.
        place: usize,
        /// Its id: where the steps change, the selection follows it.
        id: String,
    },
    /// What must hold at the end: service, place.
    Done(String, usize),
}

/// Everything that can be selected, in the order it is drawn.
pub fn items(plan: &Plan) -> Vec<Item> {
    let mut items: Vec<Item> =
        plan.moves.iter().map(|going| Item::Move(going.plan.service.clone())).collect();
    items.extend(plan.problems.iter().map(|problem| Item::Problem(problem.what.clone())));
    for Move { plan, .. } in &plan.moves {
        items.extend(plan.steps.iter().enumerate().map(|(place, step)| Item::Step {
            service: plan.service.clone(),
            place,
            id: step.id.to_string(),
        }));
        items.extend((0..plan.done.len()).map(|place| Item::Done(plan.service.clone(), place)));
    }
    items
}

/// Where the selected item stands; the first where it is gone or nothing was chosen.
pub fn position(items: &[Item], selected: Option<&Item>) -> usize {
    let Some(selected) = selected else { return 0 };
    let exact = items.iter().position(|item| item == selected);
    exact.or_else(|| items.iter().position(|item| is_same_step(item, selected))).unwrap_or(0)
}

fn is_same_step(one: &Item, other: &Item) -> bool {
    match (one, other) {
        (Item::Step { service, id, .. }, Item::Step { service: other_service, id: other_id, .. }) => {
            service == other_service && id == other_id
        }
        _ => false,
    }
}

/// An item as text to copy: a step's exact command, a condition, words.
pub fn text(plan: &Plan, item: &Item) -> Option<String> {
    let going = |service: &str| plan.moves.iter().find(|going| going.plan.service == service);
    match item {
        Item::Move(service) => {
            let Move { plan: going, .. } = going(service)?;
            let to = going.to.as_ref().map_or("?", |to| to.version.as_str());
            Some(format!("{} {} → {to} ({})", going.service, going.from, plan.target))
        }
        Item::Problem(what) => {
            let problem = plan.problems.iter().find(|problem| problem.what == *what)?;
            Some(format!("{}: {}", problem.what, problem.mend))
        }
        Item::Step { service, place, .. } => {
            let step = going(service)?.plan.steps.get(*place)?;
            Some(if step.argv.is_empty() { step.title.to_string() } else { shell_words(&step.argv) })
        }
        Item::Done(service, place) => going(service)?.plan.done.get(*place).map(ToString::to_string),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(place: usize, id: &str) -> Item {
        Item::Step { service: "checkout".into(), place, id: id.into() }
    }

    #[test]
    fn a_step_stays_selected_when_another_comes_before_it() {
        let before = step(0, "abort");
        let after = [Item::Move("checkout".into()), step(0, "page"), step(1, "abort")];
        assert_eq!(position(&after, Some(&before)), 2);
    }

    #[test]
    fn two_steps_with_one_id_are_two() {
        let items = [step(0, "same"), step(1, "same")];
        assert_eq!(position(&items, Some(&items[1])), 1);
        assert_eq!(position(&items, Some(&Item::Done("gone".into(), 3))), 0);
    }
}
