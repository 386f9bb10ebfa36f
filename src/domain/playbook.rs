//! Playbooks: backout plans, the steps that bring a release back.

use chrono::TimeDelta;

/// One `playbooks/<id>.toml`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Playbook {
    /// The file's name without `.toml`.
    pub id: String,
    /// For people; the id where the file has none.
    pub title: String,
    /// The service it brings back.
    pub service: Option<String>,
    /// Recovery objective, from detection to verified.
    pub target: Option<TimeDelta>,
    /// In order.
    pub steps: Vec<Step>,
    /// What must hold for the backout to be complete.
    pub done: Done,
}

/// One `[[step]]`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Step {
    /// Its id.
    pub id: String,
    /// For people; the id where the file has none.
    pub title: String,
    /// argv, with templates; empty for a manual step.
    pub run: Vec<String>,
    /// How long it may take.
    pub timeout: Option<TimeDelta>,
    /// May run again after a crash without asking.
    pub repeatable: bool,
    /// A person does it and says so.
    pub manual: bool,
    /// Data after this point is lost.
    pub no_return: bool,
    /// How its effect is seen.
    pub verify: Option<Verify>,
    /// Names of environment variables the command may see.
    pub env: Vec<String>,
}

/// How an effect is seen.
#[derive(Debug, Clone, PartialEq)]
pub enum Verify {
    /// A query that must meet a condition for some time.
    Query(QueryCondition),
    /// A command that must end with status 0.
    Run {
        /// argv, with templates.
        run: Vec<String>,
        /// How long it may take.
        timeout: Option<TimeDelta>,
    },
}

/// PromQL and what its value must be.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct QueryCondition {
    /// For people; empty where the file has none.
    pub name: String,
    /// PromQL, with templates.
    pub query: String,
    /// `< 0.01`, `== 1`…, as written.
    pub until: String,
    /// How long it must hold.
    pub hold: Option<TimeDelta>,
    /// How long it may take.
    pub timeout: Option<TimeDelta>,
}

/// `[done]`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Done {
    /// All must hold.
    pub queries: Vec<QueryCondition>,
    /// Every instance must report the old version.
    pub versions: bool,
}

/// An upper bound of how long steps take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Estimate {
    /// The sum of the timeouts: the commands' and their verifications'.
    pub at_most: TimeDelta,
    /// Steps or verifications that have none, so that the sum is no bound.
    pub open: usize,
}

impl Estimate {
    /// Of a playbook: its steps one after the other, with their verifications.
    pub fn of(playbook: &Playbook) -> Self {
        let mut estimate = Self::default();
        for step in &playbook.steps {
            let verify = step.verify.as_ref().map(|verify| match verify {
                Verify::Query(condition) => condition.timeout,
                Verify::Run { timeout, .. } => *timeout,
            });
            for timeout in std::iter::once(step.timeout).chain(verify) {
                match timeout {
                    Some(timeout) => estimate.at_most += timeout,
                    None => estimate.open += 1,
                }
            }
        }
        estimate
    }
}
