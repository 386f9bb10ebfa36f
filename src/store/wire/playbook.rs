//! `playbooks/<id>.toml`

use serde::Deserialize;

use super::At;

/// A backout plan.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Playbook {
    /// For people.
    pub title: Option<String>,
    /// The service it brings back.
    pub service: Option<At<String>>,
    /// Recovery objective, from detection to verified: 10m…
    pub target: Option<At<String>>,
    /// In order.
    #[serde(rename = "step", default)]
    pub steps: Vec<At<Step>>,
    /// What must hold for the backout to be complete.
    pub done: Option<Done>,
}

/// One step.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Step {
    /// Its id.
    pub id: At<String>,
    /// For people.
    pub title: Option<String>,
    /// Program and arguments, with templates; no shell unless it is named.
    #[serde(default)]
    pub run: Vec<String>,
    /// How long it may take: 2m…
    pub timeout: Option<At<String>>,
    /// May run again after a crash without asking.
    #[serde(default)]
    pub repeatable: bool,
    /// A person does it and says so.
    #[serde(default)]
    pub manual: bool,
    /// Data after this point is lost.
    #[serde(default)]
    pub no_return: bool,
    /// How its effect is seen.
    pub verify: Option<At<Verify>>,
    /// Environment variables the command may see.
    #[serde(default)]
    pub env: Vec<String>,
}

/// How an effect is seen: a query that must meet a condition, or a command that ends with 0.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Verify {
    /// PromQL, with templates.
    pub query: Option<At<String>>,
    /// `< 0.01`, `== 1`…
    pub until: Option<At<String>>,
    /// How long it must hold.
    #[serde(rename = "for")]
    pub hold: Option<At<String>>,
    /// Program and arguments.
    #[serde(default)]
    pub run: Vec<String>,
    /// How long it may take.
    pub timeout: Option<At<String>>,
}

/// What must hold for the backout to be complete.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Done {
    /// All must hold.
    #[serde(default)]
    pub queries: Vec<DoneQuery>,
    /// Every instance must report the old version.
    #[serde(default)]
    pub versions: bool,
}

/// One condition of `[done]`.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct DoneQuery {
    /// For people.
    pub name: Option<String>,
    /// PromQL, with templates.
    pub query: At<String>,
    /// `< 0.01`, `== 1`…
    pub until: At<String>,
    /// How long it must hold.
    #[serde(rename = "for")]
    pub hold: Option<At<String>>,
    /// How long it may take.
    pub timeout: Option<At<String>>,
}
