//! PromQL, evaluated: the syntax tree comes from `promql-parser`, the meaning is here.
//!
//! An expression is evaluated for all steps of a query at once: every node becomes columns (a label
//! set and one optional value a step), so labels are matched and grouped once a query rather than
//! once a step. The semantics are those of Prometheus 2.x, including its closed ranges
//! (`[t - range, t]`), its extrapolation and its wording of errors; `tests/demo/promql.rs` compares
//! them with the real program.

mod aggregate;
mod binary;
mod evaluate;
mod functions;
mod histogram;
mod labels;
mod memory;
mod over_time;
mod scalar;
mod selector;
mod value;

pub use evaluate::{Answer, Grid, instant, range};
pub use labels::Labels;
pub use memory::Memory;
pub use selector::{Ends, Matching, Sample, Series, Source, matching, stale};
pub use value::{Column, format_number};

use promql_parser::parser::Expr;

/// What may go wrong with a query; the words are Prometheus's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// The query cannot be read (HTTP 400, `bad_data`).
    #[error("{0}")]
    BadData(String),
    /// The query can be read but not answered (HTTP 422, `execution`).
    #[error("{0}")]
    Execution(String),
}

impl QueryError {
    fn execution(message: impl Into<String>) -> Self {
        Self::Execution(message.into())
    }
}

/// Reads a query.
pub fn parse(query: &str) -> Result<Expr, QueryError> {
    promql_parser::parser::parse(query).map_err(|message| {
        let first = message.lines().next().unwrap_or_default();
        let unfinished = first.contains("unclosed") || first.contains("no expression found");
        // The parser does not say where; at the end of the input it is known all the same.
        let place = if unfinished { format!("1:{}: ", query.chars().count() + 1) } else { String::new() };
        QueryError::BadData(format!("{place}parse error: {first}"))
    })
}
