//! What an expression evaluates to.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::{Labels, QueryError};

/// A series of an answer: one optional value a step.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its labels.
    pub labels: Labels,
    /// A value for each step; `None` where it has none.
    pub points: Vec<Option<f64>>,
}

/// The value of a subexpression, for all steps.
#[derive(Debug, Clone)]
pub(super) enum Value {
    /// One number a step.
    Scalar(Vec<f64>),
    /// An instant vector a step.
    Vector(Vec<Column>),
    /// A string literal.
    Text(String),
}

/// Columns that are being put together: parts with one label set join, unless they overlap.
#[derive(Default)]
pub(super) struct Columns {
    steps: usize,
    made: Vec<Column>,
    index: HashMap<Labels, usize>,
}

impl Columns {
    /// For answers of so many steps.
    pub(super) fn new(steps: usize) -> Self {
        Self { steps, ..Self::default() }
    }

    /// Puts one value; says whether the place was free.
    pub(super) fn put(&mut self, labels: &Labels, step: usize, value: f64) -> bool {
        let place = self.place(labels.clone());
        let point = &mut self.made[place].points[step];
        let free = point.is_none();
        *point = Some(value);
        free
    }

    /// The place of a label set; made when it is new.
    pub(super) fn place(&mut self, labels: Labels) -> usize {
        match self.index.entry(labels) {
            Entry::Occupied(entry) => *entry.get(),
            Entry::Vacant(entry) => {
                let points = vec![None; self.steps];
                self.made.push(Column { labels: entry.key().clone(), points });
                *entry.insert(self.made.len() - 1)
            }
        }
    }

    /// Puts one value at a known place; says whether the place was free.
    pub(super) fn put_at(&mut self, place: usize, step: usize, value: f64) -> bool {
        let point = &mut self.made[place].points[step];
        let free = point.is_none();
        *point = Some(value);
        free
    }

    /// Those that have a value anywhere.
    pub(super) fn finish(self) -> Vec<Column> {
        let mut columns = self.made;
        columns.retain(|column| column.points.iter().any(Option::is_some));
        columns
    }
}

/// Joins columns whose labels became the same; two values at one step are an error.
pub(super) fn join(columns: Vec<Column>, steps: usize) -> Result<Vec<Column>, QueryError> {
    let mut joined = Columns::new(steps);
    for column in columns {
        let place = joined.place(column.labels);
        for (step, point) in column.points.into_iter().enumerate() {
            if let Some(value) = point
                && !joined.put_at(place, step, value)
            {
                return Err(QueryError::execution("vector cannot contain metrics with the same labelset"));
            }
        }
    }
    Ok(joined.finish())
}

/// A number as Prometheus writes it: the shortest text that reads back as the same number.
pub fn format_number(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let size = number.abs();
    if size == 0.0 || (1e-6..1e21).contains(&size) {
        return number.to_string();
    }
    let text = format!("{number:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |rest| ('-', rest));
    format!("{digits}e{sign}{exponent:0>2}")
}
