//! Binary operators, and how two vectors are matched.

use std::collections::HashMap;

use promql_parser::parser::token::{T_LAND, T_LOR, T_LUNLESS};
use promql_parser::parser::{BinModifier, BinaryExpr, LabelModifier, VectorMatchCardinality};

use super::evaluate::{self, Context};
use super::labels::NAME;
use super::scalar::Operator;
use super::value::{Columns, Value, join};
use super::{Column, Labels, QueryError};

/// Evaluates a binary expression.
pub(super) fn evaluate(context: &Context<'_>, operation: &BinaryExpr) -> Result<Value, QueryError> {
    let default = BinModifier::default();
    let modifier = operation.modifier.as_ref().unwrap_or(&default);
    if modifier.fill_values.lhs.is_some() || modifier.fill_values.rhs.is_some() {
        return Err(QueryError::BadData("parse error: unexpected \"fill\"".to_owned()));
    }
    let steps = context.grid.len();
    let left = evaluate::evaluate(context, &operation.lhs)?;
    let right = evaluate::evaluate(context, &operation.rhs)?;
    if let (Value::Vector(left), Value::Vector(right)) = (&left, &right)
        && matches!(operation.op.id(), T_LAND | T_LOR | T_LUNLESS)
    {
        return set(operation.op.id(), left, right, modifier, steps).map(Value::Vector);
    }
    let operator = Operator::from_token(operation.op)?;
    let returns_truth = modifier.return_bool;
    match (left, right) {
        (Value::Scalar(left), Value::Scalar(right)) => {
            let numbers = left.into_iter().zip(right).map(|(left, right)| operator.compute(left, right));
            Ok(Value::Scalar(numbers.collect()))
        }
        (Value::Vector(columns), Value::Scalar(numbers)) => {
            let compute = |value, number| combine(operator, returns_truth, value, number, value);
            with_scalar(columns, &numbers, operator, returns_truth, compute).map(Value::Vector)
        }
        (Value::Scalar(numbers), Value::Vector(columns)) => {
            let compute = |value, number| combine(operator, returns_truth, number, value, value);
            with_scalar(columns, &numbers, operator, returns_truth, compute).map(Value::Vector)
        }
        (Value::Vector(left), Value::Vector(right)) => {
            matched(operator, &left, &right, modifier, steps).map(Value::Vector)
        }
        _ => Err(QueryError::execution("strings cannot be computed with")),
    }
}

/// The result of one pair; `kept` is what a comparison lets through.
fn combine(operator: Operator, returns_truth: bool, left: f64, right: f64, kept: f64) -> Option<f64> {
    if operator.compares() && !returns_truth {
        return operator.holds(left, right).then_some(kept);
    }
    Some(operator.compute(left, right))
}

fn with_scalar(
    mut columns: Vec<Column>,
    numbers: &[f64],
    operator: Operator,
    returns_truth: bool,
    compute: impl Fn(f64, f64) -> Option<f64>,
) -> Result<Vec<Column>, QueryError> {
    let nameless = !operator.compares() || returns_truth;
    for column in &mut columns {
        if nameless {
            column.labels = std::mem::take(&mut column.labels).nameless();
        }
        for (point, number) in column.points.iter_mut().zip(numbers) {
            *point = point.and_then(|value| compute(value, *number));
        }
    }
    if nameless { join(columns, numbers.len()) } else { Ok(columns) }
}

/// The labels two series must share to be matched.
fn signature(labels: &Labels, modifier: &BinModifier) -> Labels {
    match &modifier.matching {
        Some(LabelModifier::Include(names)) => labels.only(&names.labels),
        Some(LabelModifier::Exclude(names)) => {
            let mut names = names.labels.clone();
            names.push(NAME.to_owned());
            labels.except(&names)
        }
        None => labels.except(&[NAME.to_owned()]),
    }
}

fn set(
    token: promql_parser::parser::token::TokenId,
    left: &[Column],
    right: &[Column],
    modifier: &BinModifier,
    steps: usize,
) -> Result<Vec<Column>, QueryError> {
    let presence = |columns: &[Column]| {
        let mut there: HashMap<Labels, Vec<bool>> = HashMap::new();
        for column in columns {
            let mark = there.entry(signature(&column.labels, modifier)).or_insert_with(|| vec![false; steps]);
            for (mark, point) in mark.iter_mut().zip(&column.points) {
                *mark |= point.is_some();
            }
        }
        there
    };
    let filtered = |columns: &[Column], there: &HashMap<Labels, Vec<bool>>, wanted: bool| {
        let kept = columns.iter().map(|column| {
            let marks = there.get(&signature(&column.labels, modifier));
            let points = column.points.iter().enumerate();
            let points =
                points.map(|(step, point)| point.filter(|_| marks.is_some_and(|m| m[step]) == wanted));
            Column { labels: column.labels.clone(), points: points.collect() }
        });
        kept.filter(|column| column.points.iter().any(Option::is_some)).collect::<Vec<_>>()
    };
    match token {
        T_LAND => Ok(filtered(left, &presence(right), true)),
        T_LUNLESS => Ok(filtered(left, &presence(right), false)),
        _ => {
            let mut all = left.to_vec();
            all.extend(filtered(right, &presence(left), false));
            join(all, steps)
        }
    }
}

/// One-to-one, many-to-one and one-to-many matching.
fn matched(
    operator: Operator,
    left: &[Column],
    right: &[Column],
    modifier: &BinModifier,
    steps: usize,
) -> Result<Vec<Column>, QueryError> {
    let swapped = matches!(modifier.card, VectorMatchCardinality::OneToMany(_));
    let (many, one) = if swapped { (right, left) } else { (left, right) };
    let side = if swapped { "left" } else { "right" };
    let grouped =
        matches!(modifier.card, VectorMatchCardinality::ManyToOne(_) | VectorMatchCardinality::OneToMany(_));
    let mut ones: HashMap<Labels, Vec<&Column>> = HashMap::new();
    for column in one {
        ones.entry(signature(&column.labels, modifier)).or_default().push(column);
    }
    for (signature, members) in &ones {
        for step in 0..steps {
            let mut present = members.iter().filter(|column| column.points[step].is_some());
            if let (Some(first), Some(second)) = (present.next(), present.next()) {
                return Err(QueryError::execution(format!(
                    "found duplicate series for the match group {signature} on the {side} hand-side of the \
                     operation: [{}, {}];many-to-many matching not allowed: matching labels must be unique \
                     on one side",
                    second.labels, first.labels
                )));
            }
        }
    }
    let mut result = Columns::new(steps);
    // With one-to-one matching, which group already has a result at which step.
    let mut taken: HashMap<Labels, Vec<bool>> = HashMap::new();
    for column in many {
        let signature = signature(&column.labels, modifier);
        let Some(members) = ones.get(&signature) else { continue };
        for member in members {
            let mut place = None;
            for step in 0..steps {
                let (Some(value), Some(other)) = (column.points[step], member.points[step]) else { continue };
                let (first, second) = if swapped { (other, value) } else { (value, other) };
                let computed = combine(operator, modifier.return_bool, first, second, first);
                if !grouped {
                    let taken = taken.entry(signature.clone()).or_insert_with(|| vec![false; steps]);
                    if taken[step] {
                        let message = "multiple matches for labels: many-to-one matching must be explicit \
                                       (group_left/group_right)";
                        return Err(QueryError::execution(message));
                    }
                    taken[step] = true;
                }
                let Some(computed) = computed else { continue };
                let place = *place.get_or_insert_with(|| {
                    result.place(result_labels(operator, modifier, &column.labels, &member.labels))
                });
                if !result.put_at(place, step, computed) {
                    let message = "multiple matches for labels: grouping labels must ensure unique matches";
                    return Err(QueryError::execution(message));
                }
            }
        }
    }
    Ok(result.finish())
}

fn result_labels(operator: Operator, modifier: &BinModifier, many: &Labels, one: &Labels) -> Labels {
    let mut labels = many.clone();
    if !operator.compares() || modifier.return_bool {
        labels = labels.nameless();
    }
    match (&modifier.card, &modifier.matching) {
        (VectorMatchCardinality::OneToOne, Some(LabelModifier::Include(names))) => {
            labels = labels.only(&names.labels);
        }
        (VectorMatchCardinality::OneToOne, Some(LabelModifier::Exclude(names))) => {
            labels = labels.except(&names.labels);
        }
        _ => {}
    }
    if let Some(included) = modifier.card.labels() {
        for name in &included.labels {
            labels.set(name, one.get(name).to_owned());
        }
    }
    labels
}
