//! What becomes of the others when a step is taken out of a run of show.

use super::{CountTime, RunOfShow, Step};

/// A step that waited for one that is taken out, and what it goes by then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heir {
    /// Its id.
    pub id: String,
    /// What it waits for then, in the order of its file.
    pub after: Vec<String>,
    /// When it begins at the earliest then; `None`: when all it waits for is done.
    pub at: Option<CountTime>,
}

/// The steps that wait for a step, as they stand without it: they wait for what it waited for. One
/// that would wait for nothing, and has no time of its own, takes that of the step that goes, so
/// that no step begins never.
pub fn heirs(show: &RunOfShow, id: &str) -> Vec<Heir> {
    let Some(gone) = show.step(id) else { return Vec::new() };
    let waits = show.steps.iter().filter(|step| step.id != id && step.after.iter().any(|after| after == id));
    waits.map(|step| heir(step, gone)).collect()
}

fn heir(step: &Step, gone: &Step) -> Heir {
    let mut after: Vec<String> = Vec::new();
    for id in &step.after {
        let instead = if *id == gone.id { gone.after.as_slice() } else { std::slice::from_ref(id) };
        for id in instead {
            if !after.contains(id) {
                after.push(id.clone());
            }
        }
    }
    let at = if after.is_empty() { step.at.or(gone.at) } else { step.at };
    Heir { id: step.id.clone(), after, at }
}

#[cfg(test)]
mod tests {
    use super::super::order::order;
    use super::*;

    fn step(id: &str, at: &str, after: &[&str]) -> Step {
        Step {
            id: id.into(),
            at: (!at.is_empty()).then(|| CountTime::parse(at).unwrap()),
            after: after.iter().map(|id| (*id).to_owned()).collect(),
            ..Step::default()
        }
    }

    #[test]
    fn who_waited_for_it_waits_for_what_it_waited_for() {
        let steps = vec![
            step("freeze", "T-2d", &[]),
            step("tests", "", &["freeze"]),
            step("poll", "T-30m", &["freeze", "tests"]),
            step("deploy", "T-0", &["poll"]),
        ];
        let show = RunOfShow { steps, ..RunOfShow::default() };
        let said = |id: &str| -> Vec<(String, String, Option<String>)> {
            let heirs = heirs(&show, id).into_iter();
            heirs.map(|heir| (heir.id, heir.after.join(" "), heir.at.map(|at| at.to_string()))).collect()
        };
        let heir = |id: &str, after: &str, at: Option<&str>| {
            (id.to_owned(), after.to_owned(), at.map(str::to_owned))
        };
        assert_eq!(said("tests"), [heir("poll", "freeze", Some("T-30m"))]);
        // The tests have no time of their own: they take that of the freeze.
        assert_eq!(said("freeze"), [heir("tests", "", Some("T-2d")), heir("poll", "tests", Some("T-30m"))]);
        assert_eq!(said("deploy"), []);
        assert_eq!(said("nobody"), []);
        assert!(order(&show.steps).is_ok());
    }
}
