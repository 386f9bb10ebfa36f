//! `[[service.health]]` of `tminus.toml`.

use serde::Deserialize;

use super::At;

/// `[[service.health]]`: it asks one of query (with until), http and run.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Health {
    /// Its id.
    pub id: At<String>,
    /// For people; absent: its id.
    pub title: Option<String>,
    /// PromQL with {{environment}}, {{region}}, {{version}}, {{service}}.
    pub query: Option<At<String>>,
    /// What every series of the query must meet: < 0.01, == 1…
    pub until: Option<At<String>>,
    /// A request over HTTP.
    pub http: Option<At<HttpProbe>>,
    /// A program and its arguments; it is run when a person wants it.
    #[serde(default)]
    pub run: Vec<String>,
    /// How long the program may take.
    pub timeout: Option<At<String>>,
    /// Only there; absent: everywhere.
    #[serde(default)]
    pub environments: Vec<At<String>>,
    /// Between two runs: 30s, 5m…; absent: 1m.
    pub interval: Option<At<String>>,
    /// Failing alone fails the verdict.
    #[serde(default)]
    pub critical: bool,
    /// It looks at data, not at the service.
    #[serde(default)]
    pub data: bool,
}

/// A GET, and what must come back.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct HttpProbe {
    /// Where; templates as in a query.
    pub url: At<String>,
    /// The status that is right; absent: 200 to 299.
    pub status: Option<At<i64>>,
    /// From connecting to the last byte; absent: 5s.
    pub timeout: Option<At<String>>,
    /// What the body must hold.
    pub contains: Option<String>,
    /// Follow redirects.
    #[serde(default)]
    pub redirects: bool,
}
