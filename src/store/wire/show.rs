//! The run of show in `releases/<id>.toml`: `[count]`, `[[hold]]`, `[[step]]`.

use serde::Deserialize;
use toml::value::Datetime;

use super::At;

/// Where T-0 lies; absent: at the start of the first stage.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Count {
    /// T-0 is the start of the first stage in this environment.
    pub environment: Option<At<String>>,
    /// And in this region of it.
    pub region: Option<At<String>>,
    /// T-0 itself: a local time in time_zone, or with an offset. A release that is moved does not
    /// take it along; environment does.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub zero: Option<At<Datetime>>,
    /// The zone in which days are counted (IANA); absent: that of the stage at T-0.
    pub time_zone: Option<At<String>>,
}

/// A stretch of time in which the count stood still; tminus writes it.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Hold {
    /// From when.
    #[cfg_attr(test, schemars(with = "String"))]
    pub since: At<Datetime>,
    /// Until when; absent: it still does.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub until: Option<At<Datetime>>,
    /// Who held it.
    pub by: Option<String>,
    /// Why.
    pub reason: At<String>,
}

/// One step of the run of show.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Step {
    /// Its id, unique in the release.
    pub id: At<String>,
    /// For people.
    pub title: Option<String>,
    /// When on the count: T-7d, T-2d4h, T-30m, T-0, T+72h. Days are civil days, the rest is
    /// elapsed time. With after too: not before.
    pub at: Option<At<String>>,
    /// The ids of the steps that must be done before it begins.
    #[serde(default)]
    pub after: Vec<At<String>>,
    /// How long it takes: 30m, 2h…; absent: a moment.
    pub duration: Option<At<String>>,
    /// Who does it.
    pub owner: Option<String>,
    /// The zone of who does it (IANA); absent: the count's.
    pub time_zone: Option<At<String>>,
    /// What tells that it is done: a query with until, or a program to run.
    pub check: Option<At<StepCheck>>,
    /// When it was begun; tminus writes it.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub started: Option<At<Datetime>>,
    /// When it was done or skipped; tminus writes it.
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub done: Option<At<Datetime>>,
    /// Who said so; tminus writes it.
    pub by: Option<String>,
    /// Why it was left out; tminus writes it.
    pub skipped: Option<At<String>>,
}

/// What tells that a step is done.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StepCheck {
    /// PromQL, with templates; every series it answers must meet the condition.
    pub query: Option<At<String>>,
    /// < 0.01, == 1…
    pub until: Option<At<String>>,
    /// Program and arguments; it ends with 0 when the step is done. Only run when asked for.
    #[serde(default)]
    pub run: Vec<String>,
    /// How long the program may take.
    pub timeout: Option<At<String>>,
}
