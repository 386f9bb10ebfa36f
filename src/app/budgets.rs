//! Who may be asked how much more: a budget for each backend that is reached over the network, and
//! how many questions wait for it.

use std::collections::BTreeMap;

use crate::domain::budget::{Budget, Importance};
use crate::domain::burn::Part;
use crate::domain::{Now, Question, Workspace};

/// The budgets, by backend.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Budgets {
    known: BTreeMap<String, Budget>,
    waiting: BTreeMap<String, usize>,
}

/// How a backend's budget is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spent {
    /// Requests sent in the last minute.
    pub used: usize,
    /// Requests a minute that are allowed.
    pub allowed: u32,
    /// Questions that are due and wait, because the budget is spent.
    pub waiting: usize,
}

impl Spent {
    /// In words: `41 of 600 requests in the last minute`.
    pub fn words(&self) -> String {
        let used = format!("{} of {} requests in the last minute", self.used, self.allowed);
        match self.waiting {
            0 => used,
            1 => format!("{used}; budget spent, slower: 1 question waits"),
            waiting => format!("{used}; budget spent, slower: {waiting} questions wait"),
        }
    }
}

impl Budgets {
    /// Takes a question's request out of its backend's budget; `false`: it has to wait, and is
    /// counted.
    pub fn take(&mut self, workspace: &Workspace, backend: &str, importance: Importance, now: Now) -> bool {
        let Some(budget) = self.of(workspace, backend, now) else { return true };
        let may = budget.take(importance, now.mono);
        if !may {
            *self.waiting.entry(backend.to_owned()).or_default() += 1;
        }
        may
    }

    /// Requests that went out beyond the one that was taken for a question.
    pub fn charge(&mut self, workspace: &Workspace, backend: &str, requests: u32, now: Now) {
        if let Some(budget) = self.of(workspace, backend, now) {
            budget.charge(requests, now.mono);
        }
    }

    /// Nobody waits, until the next look.
    pub fn nobody_waits(&mut self) {
        self.waiting.clear();
    }

    /// How long a question has to wait.
    pub fn wait(&self, backend: &str, importance: Importance, now: Now) -> std::time::Duration {
        self.known.get(backend).map(|budget| budget.wait(importance, now.mono)).unwrap_or_default()
    }

    /// How a backend's budget is; `None`: it has none.
    pub fn spent(&self, workspace: &Workspace, backend: &str, now: Now) -> Option<Spent> {
        let allowed = workspace.backend(backend)?.requests_a_minute()?;
        let used = self.known.get(backend).map_or(0, |budget| budget.used(now.mono));
        Some(Spent { used, allowed, waiting: self.waiting.get(backend).copied().unwrap_or(0) })
    }

    fn of(&mut self, workspace: &Workspace, backend: &str, now: Now) -> Option<&mut Budget> {
        let allowed = workspace.backend(backend)?.requests_a_minute()?;
        let known = self.known.entry(backend.to_owned());
        let budget = known.or_insert_with(|| Budget::new(allowed, now.mono));
        if budget.allowed() != allowed {
            *budget = Budget::new(allowed, now.mono);
        }
        Some(budget)
    }
}

/// How much a question matters when not all can be asked.
pub fn importance(question: &Question) -> Importance {
    match question {
        // What ended does not change, and a coarse span says little of now.
        Question::Metric { span, .. } | Question::RunningHistory { span, .. }
            if span.end.is_some() || span.step > 60 =>
        {
            Importance::Background
        }
        Question::Burn { part: Part::Period, .. } | Question::TrackerVersions { .. } => {
            Importance::Background
        }
        Question::Alerts { .. }
        | Question::Silences { .. }
        | Question::Running { .. }
        | Question::RunningHistory { .. }
        | Question::Burn { .. }
        | Question::StepQuery { .. }
        | Question::StepCommand { .. } => Importance::Vital,
        _ => Importance::Ordinary,
    }
}
