//! Aggregation over labels.

use std::collections::HashMap;

use promql_parser::parser::token::{
    T_AVG, T_BOTTOMK, T_COUNT, T_COUNT_VALUES, T_GROUP, T_MAX, T_MIN, T_QUANTILE, T_STDDEV, T_STDVAR, T_SUM,
    T_TOPK,
};
use promql_parser::parser::{AggregateExpr, Expr, LabelModifier};

use super::evaluate::{Context, scalar, vector};
use super::labels::NAME;
use super::value::Columns;
use super::{Column, Labels, QueryError, format_number, over_time};

/// Evaluates an aggregation.
pub(super) fn evaluate(
    context: &Context<'_>,
    aggregation: &AggregateExpr,
) -> Result<Vec<Column>, QueryError> {
    let columns = vector(context, &aggregation.expr)?;
    let steps = context.grid.len();
    let groups = group(&columns, aggregation.modifier.as_ref());
    let parameter = || match aggregation.param.as_deref() {
        Some(parameter) => scalar(context, parameter),
        None => Err(QueryError::execution("the aggregation lacks its parameter")),
    };
    match aggregation.op.id() {
        T_TOPK => best(groups, &parameter()?, |left, right| right.total_cmp(&left)),
        T_BOTTOMK => best(groups, &parameter()?, |left, right| left.total_cmp(&right)),
        T_QUANTILE => {
            let shares = parameter()?;
            Ok(fold(groups, steps, |step, values| over_time::quantile(shares[step], values)))
        }
        T_COUNT_VALUES => count_values(groups, steps, aggregation.param.as_deref()),
        T_SUM => Ok(fold(groups, steps, |_, values| values.iter().sum())),
        T_AVG => Ok(fold(groups, steps, |_, values| mean(values))),
        T_MIN => Ok(fold(groups, steps, |_, values| extreme(values, |new, old| new < old))),
        T_MAX => Ok(fold(groups, steps, |_, values| extreme(values, |new, old| new > old))),
        T_COUNT => Ok(fold(groups, steps, |_, values| values.len() as f64)),
        T_GROUP => Ok(fold(groups, steps, |_, _| 1.0)),
        T_STDVAR => Ok(fold(groups, steps, |_, values| over_time::variance(values.iter().copied()))),
        T_STDDEV => Ok(fold(groups, steps, |_, values| over_time::variance(values.iter().copied()).sqrt())),
        _ => Err(QueryError::BadData(format!("parse error: unknown aggregation {}", aggregation.op))),
    }
}

type Group<'a> = (Labels, Vec<&'a Column>);

fn group<'a>(columns: &'a [Column], modifier: Option<&LabelModifier>) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut index: HashMap<Labels, usize> = HashMap::new();
    for column in columns {
        let labels = match modifier {
            None => Labels::default(),
            Some(LabelModifier::Include(names)) => column.labels.only(&names.labels),
            Some(LabelModifier::Exclude(names)) => {
                let mut names = names.labels.clone();
                names.push(NAME.to_owned());
                column.labels.except(&names)
            }
        };
        let place = *index.entry(labels.clone()).or_insert_with(|| {
            groups.push((labels, Vec::new()));
            groups.len() - 1
        });
        groups[place].1.push(column);
    }
    groups
}

fn fold(groups: Vec<Group<'_>>, steps: usize, function: impl Fn(usize, &mut [f64]) -> f64) -> Vec<Column> {
    let mut values = Vec::new();
    groups
        .into_iter()
        .map(|(labels, members)| {
            let mut points = Vec::with_capacity(steps);
            for step in 0..steps {
                values.clear();
                values.extend(members.iter().filter_map(|column| column.points[step]));
                points.push((!values.is_empty()).then(|| function(step, &mut values)));
            }
            Column { labels, points }
        })
        .collect()
}

fn mean(values: &[f64]) -> f64 {
    let sum: f64 = values.iter().sum();
    if sum.is_infinite() && values.iter().all(|value| value.is_finite()) {
        return values.iter().map(|value| value / values.len() as f64).sum();
    }
    sum / values.len() as f64
}

/// The value that beats all others; NaN only where there is nothing else.
fn extreme(values: &[f64], beats: impl Fn(f64, f64) -> bool) -> f64 {
    let mut best = f64::NAN;
    for value in values {
        if best.is_nan() || beats(*value, best) {
            best = *value;
        }
    }
    best
}

/// `topk` and `bottomk`: members keep their labels; NaN comes last.
fn best(
    groups: Vec<Group<'_>>,
    wanted: &[f64],
    order: impl Fn(f64, f64) -> std::cmp::Ordering,
) -> Result<Vec<Column>, QueryError> {
    let mut found: Vec<Column> = Vec::new();
    let instant = wanted.len() == 1;
    for (_, members) in groups {
        let blank =
            |column: &&Column| Column { labels: column.labels.clone(), points: vec![None; wanted.len()] };
        let mut kept: Vec<Column> = members.iter().map(blank).collect();
        let mut first_ranks = vec![usize::MAX; members.len()];
        for (step, wanted) in wanted.iter().enumerate() {
            if wanted.is_nan() || wanted.abs() >= 9.2e18 {
                let message = format!("Scalar value {} overflows int64", format_number(*wanted));
                return Err(QueryError::execution(message));
            }
            let present = members.iter().enumerate();
            let mut ranked: Vec<(usize, f64)> =
                present.filter_map(|(index, column)| Some((index, column.points[step]?))).collect();
            ranked.sort_by(|left, right| match (left.1.is_nan(), right.1.is_nan()) {
                (false, false) => order(left.1, right.1),
                (left, right) => left.cmp(&right),
            });
            for (rank, (index, value)) in ranked.into_iter().take(wanted.max(0.0) as usize).enumerate() {
                kept[index].points[step] = Some(value);
                first_ranks[index] = first_ranks[index].min(rank);
            }
        }
        let mut ranked: Vec<(usize, Column)> = first_ranks.into_iter().zip(kept).collect();
        if instant {
            ranked.sort_by_key(|(rank, _)| *rank);
        }
        found.extend(ranked.into_iter().map(|(_, column)| column));
    }
    found.retain(|column| column.points.iter().any(Option::is_some));
    Ok(found)
}

fn count_values(
    groups: Vec<Group<'_>>,
    steps: usize,
    parameter: Option<&Expr>,
) -> Result<Vec<Column>, QueryError> {
    let Some(Expr::StringLiteral(name)) = parameter else {
        return Err(QueryError::execution("count_values wants the name of a label"));
    };
    let valid = name.val.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.val.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if !valid {
        return Err(QueryError::execution(format!("invalid label name {:?}", name.val)));
    }
    let mut counted = Columns::new(steps);
    for (labels, members) in groups {
        for step in 0..steps {
            let mut counts: HashMap<String, f64> = HashMap::new();
            for value in members.iter().filter_map(|column| column.points[step]) {
                *counts.entry(format_number(value)).or_default() += 1.0;
            }
            for (value, count) in counts {
                let mut labels = labels.clone();
                labels.set(&name.val, value);
                counted.put(&labels, step, count);
            }
        }
    }
    Ok(counted.finish())
}
