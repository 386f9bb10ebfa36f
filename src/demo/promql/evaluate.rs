//! The walk over the syntax tree.

use std::cell::Cell;

use promql_parser::parser::value::ValueType;
use promql_parser::parser::{Expr, SubqueryExpr};

use super::selector::{self, Sample, Source, is_stale, milliseconds};
use super::value::{Value, join};
use super::{Column, Labels, QueryError, aggregate, binary, functions};

/// Prometheus's default for `--query.max-samples`.
const MOST_SAMPLES: usize = 50_000_000;

/// The step of a subquery that names none, in milliseconds: the evaluation interval.
const DEFAULT_STEP: i64 = 60_000;

/// The times of a query, in milliseconds since the epoch: `from`, `from + step` … up to `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    /// The first.
    pub from: i64,
    /// None is later.
    pub to: i64,
    /// Between two of them; above zero.
    pub step: i64,
}

impl Grid {
    /// How many there are.
    pub fn len(&self) -> usize {
        if self.to < self.from { 0 } else { ((self.to - self.from) / self.step) as usize + 1 }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Each of them.
    pub fn times(self) -> impl Iterator<Item = i64> {
        (0..self.len() as i64).map(move |index| self.from + index * self.step)
    }
}

/// The answer to an instant query.
#[derive(Debug, Clone)]
pub enum Answer {
    /// One number.
    Scalar(f64),
    /// A string literal.
    Text(String),
    /// One value a series, in the order to show.
    Vector(Vec<(Labels, f64)>),
    /// Raw samples.
    Matrix(Vec<(Labels, Vec<Sample>)>),
}

/// What the walk carries.
pub(super) struct Context<'a> {
    pub(super) source: &'a dyn Source,
    /// The times this part is evaluated at (a subquery has its own).
    pub(super) grid: Grid,
    /// The times that were asked for.
    pub(super) asked: Grid,
    spent: &'a Cell<usize>,
}

impl Context<'_> {
    /// Counts samples against the limit.
    pub(super) fn spend(&self, samples: usize) -> Result<(), QueryError> {
        self.spent.set(self.spent.get() + samples);
        if self.spent.get() > MOST_SAMPLES {
            let message = "query processing would load too many samples into memory in query execution";
            return Err(QueryError::execution(message));
        }
        Ok(())
    }
}

/// A range vector: samples, and for each step the window's closed ends in milliseconds.
pub(super) struct Windows {
    pub(super) series: Vec<(Labels, Vec<Sample>)>,
    pub(super) ends: Vec<i64>,
    pub(super) range: i64,
}

/// Answers a query at one time, in milliseconds since the epoch.
pub fn instant(source: &dyn Source, expression: &Expr, time: i64) -> Result<Answer, QueryError> {
    let grid = Grid { from: time, to: time, step: 1 };
    let spent = Cell::new(0);
    let context = Context { source, grid, asked: grid, spent: &spent };
    if expression.value_type() == ValueType::Matrix {
        let windows = windows(&context, expression)?;
        let series = windows.series.into_iter().filter(|(_, samples)| !samples.is_empty());
        return Ok(Answer::Matrix(sorted(series.collect())));
    }
    Ok(match evaluate(&context, expression)? {
        Value::Scalar(numbers) => Answer::Scalar(numbers.first().copied().unwrap_or(f64::NAN)),
        Value::Text(text) => Answer::Text(text),
        Value::Vector(columns) => Answer::Vector(
            columns
                .into_iter()
                .filter_map(|column| Some((column.labels, column.points.first().copied().flatten()?)))
                .collect(),
        ),
    })
}

/// Answers a query at many times; series sorted by their labels.
pub fn range(source: &dyn Source, expression: &Expr, grid: Grid) -> Result<Vec<Column>, QueryError> {
    let kind = match expression.value_type() {
        ValueType::Matrix => "range vector",
        ValueType::String => "string",
        ValueType::Scalar | ValueType::Vector => "",
    };
    if !kind.is_empty() {
        return Err(QueryError::BadData(format!(
            "invalid expression type {kind:?} for range query, must be Scalar or instant Vector"
        )));
    }
    let spent = Cell::new(0);
    let context = Context { source, grid, asked: grid, spent: &spent };
    let mut columns = match evaluate(&context, expression)? {
        Value::Vector(columns) => join(columns, grid.len())?,
        Value::Scalar(numbers) => {
            vec![Column { labels: Labels::default(), points: numbers.into_iter().map(Some).collect() }]
        }
        Value::Text(_) => Vec::new(),
    };
    columns.sort_by(|left, right| left.labels.cmp(&right.labels));
    Ok(columns)
}

/// Evaluates any expression that is not a range vector.
pub(super) fn evaluate(context: &Context<'_>, expression: &Expr) -> Result<Value, QueryError> {
    let steps = context.grid.len();
    match expression {
        Expr::NumberLiteral(literal) => Ok(Value::Scalar(vec![literal.val; steps])),
        Expr::StringLiteral(literal) => Ok(Value::Text(literal.val.clone())),
        Expr::Paren(inner) => evaluate(context, &inner.expr),
        Expr::VectorSelector(selector) => Ok(Value::Vector(selector::columns(context, selector)?)),
        Expr::Unary(unary) => match evaluate(context, &unary.expr)? {
            Value::Scalar(numbers) => Ok(Value::Scalar(numbers.into_iter().map(|number| -number).collect())),
            Value::Vector(columns) => Ok(Value::Vector(functions::map(columns, steps, |number| -number)?)),
            Value::Text(_) => Err(unexpected("a string")),
        },
        Expr::Binary(operation) => binary::evaluate(context, operation),
        Expr::Aggregate(aggregation) => aggregate::evaluate(context, aggregation).map(Value::Vector),
        Expr::Call(call) => functions::evaluate(context, call),
        Expr::MatrixSelector(_) | Expr::Subquery(_) => Err(unexpected("a range vector")),
        Expr::Extension(_) => Err(unexpected("an extension")),
    }
}

/// Evaluates to one number a step.
pub(super) fn scalar(context: &Context<'_>, expression: &Expr) -> Result<Vec<f64>, QueryError> {
    match evaluate(context, expression)? {
        Value::Scalar(numbers) => Ok(numbers),
        _ => Err(unexpected("something else than a scalar")),
    }
}

/// Evaluates to an instant vector a step.
pub(super) fn vector(context: &Context<'_>, expression: &Expr) -> Result<Vec<Column>, QueryError> {
    match evaluate(context, expression)? {
        Value::Vector(columns) => Ok(columns),
        _ => Err(unexpected("something else than an instant vector")),
    }
}

/// Evaluates to a range vector a step.
pub(super) fn windows(context: &Context<'_>, expression: &Expr) -> Result<Windows, QueryError> {
    match expression {
        Expr::Paren(inner) => windows(context, &inner.expr),
        Expr::Subquery(subquery) => subquery_windows(context, subquery),
        Expr::MatrixSelector(matrix) => {
            let ends = selector::moments(context, matrix.vs.at.as_ref(), matrix.vs.offset.as_ref())?;
            let range = milliseconds(matrix.range)?;
            let (Some(first), Some(last)) = (ends.iter().min(), ends.iter().max()) else {
                return Ok(Windows { series: Vec::new(), ends, range });
            };
            let (from, to) = (first - range, *last);
            let sparse = ends.len() > 1 && context.grid.step > 2 * range && from < to;
            let mut series = Vec::new();
            for found in context.source.select(&selector::matching(&matrix.vs)?, from, to) {
                let mut samples = Vec::new();
                if sparse && ends[0] < ends[1] {
                    // Windows far apart: what lies between them is never read.
                    for end in &ends {
                        found.read(end - range, *end, &mut samples);
                    }
                } else {
                    found.read(from, to, &mut samples);
                }
                samples.retain(|sample| !is_stale(sample.1));
                context.spend(samples.len())?;
                series.push((found.labels().clone(), samples));
            }
            Ok(Windows { series, ends, range })
        }
        _ => Err(unexpected("something else than a range vector")),
    }
}

fn subquery_windows(context: &Context<'_>, subquery: &SubqueryExpr) -> Result<Windows, QueryError> {
    let ends = selector::moments(context, subquery.at.as_ref(), subquery.offset.as_ref())?;
    let range = milliseconds(subquery.range)?;
    let step = subquery.step.map_or(Ok(DEFAULT_STEP), milliseconds)?;
    if step <= 0 {
        return Err(QueryError::BadData("parse error: duration must be greater than 0".to_owned()));
    }
    let (Some(first), Some(last)) = (ends.iter().min(), ends.iter().max()) else {
        return Ok(Windows { series: Vec::new(), ends, range });
    };
    // Times of a subquery are multiples of its step, whatever the outer query's times.
    let mut from = (first - range).div_euclid(step) * step;
    if from < first - range {
        from += step;
    }
    let grid = Grid { from, to: *last, step };
    context.spend(grid.len())?;
    let inner = Context { grid, ..*context };
    let columns = match evaluate(&inner, &subquery.expr)? {
        Value::Vector(columns) => join(columns, grid.len())?,
        Value::Scalar(numbers) => {
            vec![Column { labels: Labels::default(), points: numbers.into_iter().map(Some).collect() }]
        }
        Value::Text(_) => return Err(unexpected("a string")),
    };
    let series = columns
        .into_iter()
        .map(|column| {
            let samples = grid.times().zip(column.points);
            (column.labels, samples.filter_map(|(time, point)| Some((time, point?))).collect())
        })
        .collect();
    Ok(Windows { series, ends, range })
}

fn sorted(mut series: Vec<(Labels, Vec<Sample>)>) -> Vec<(Labels, Vec<Sample>)> {
    series.sort_by(|left, right| left.0.cmp(&right.0));
    series
}

fn unexpected(what: &str) -> QueryError {
    QueryError::execution(format!("unexpected {what} in this place of the expression"))
}
