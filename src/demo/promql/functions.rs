//! The functions.

use chrono::{DateTime, Datelike, Timelike, Utc};
use promql_parser::label::{MatchOp, Matcher};
use promql_parser::parser::{Call, Expr, MatrixSelector};

use super::evaluate::{Context, scalar, vector, windows};
use super::over_time::{self, Naming, Rise, Window, apply};
use super::value::{Value, join};
use super::{Column, Labels, QueryError, histogram, selector};

/// Evaluates a call.
pub(super) fn evaluate(context: &Context<'_>, call: &Call) -> Result<Value, QueryError> {
    let steps = context.grid.len();
    let seconds = || context.grid.times().map(|time| time as f64 / 1000.0);
    let number = |index: usize| scalar(context, argument(call, index)?);
    match call.func.name {
        "time" => Ok(Value::Scalar(seconds().collect())),
        "pi" => Ok(Value::Scalar(vec![std::f64::consts::PI; steps])),
        "scalar" => Ok(Value::Scalar(to_scalar(&vector(context, argument(call, 0)?)?, steps))),
        "vector" => {
            let points = number(0)?.into_iter().map(Some).collect();
            Ok(Value::Vector(vec![Column { labels: Labels::default(), points }]))
        }
        "absent" => {
            let columns = vector(context, argument(call, 0)?)?;
            Ok(Value::Vector(absent(argument(call, 0)?, &columns, steps)))
        }
        "absent_over_time" => {
            let windows = windows(context, argument(call, 0)?)?;
            let columns = apply(windows, Naming::Drop, |_| Some(1.0));
            Ok(Value::Vector(absent(argument(call, 0)?, &columns, steps)))
        }
        "timestamp" => timestamp(context, argument(call, 0)?).map(Value::Vector),
        "sort" => Ok(Value::Vector(sort(vector(context, argument(call, 0)?)?, |left, right| {
            left.total_cmp(&right)
        }))),
        "sort_desc" => Ok(Value::Vector(sort(vector(context, argument(call, 0)?)?, |left, right| {
            right.total_cmp(&left)
        }))),
        "histogram_quantile" => {
            let columns = vector(context, argument(call, 1)?)?;
            Ok(Value::Vector(histogram::quantile(&number(0)?, &columns)))
        }
        "label_replace" => label_replace(context, call).map(Value::Vector),
        "label_join" => label_join(context, call).map(Value::Vector),
        "round" => {
            let nearest = if call.args.len() > 1 { number(1)? } else { vec![1.0; steps] };
            with_numbers(context, call, |step, value| {
                let inverse = 1.0 / nearest[step];
                Some((value * inverse + 0.5).floor() / inverse)
            })
        }
        "clamp" => {
            let (low, high) = (number(1)?, number(2)?);
            with_numbers(context, call, |step, value| {
                (low[step] <= high[step] || low[step].is_nan() || high[step].is_nan())
                    .then(|| most(low[step], least(high[step], value)))
            })
        }
        "clamp_min" => {
            let low = number(1)?;
            with_numbers(context, call, |step, value| Some(most(low[step], value)))
        }
        "clamp_max" => {
            let high = number(1)?;
            with_numbers(context, call, |step, value| Some(least(high[step], value)))
        }
        name => {
            if let Some(function) = of_number(name) {
                return Ok(Value::Vector(map(vector(context, argument(call, 0)?)?, steps, function)?));
            }
            if let Some(function) = of_date(name) {
                let columns = match call.args.args.first() {
                    Some(argument) => vector(context, argument)?,
                    None => vec![Column { labels: Labels::default(), points: seconds().map(Some).collect() }],
                };
                let date =
                    |value: f64| DateTime::<Utc>::from_timestamp(value as i64, 0).map_or(f64::NAN, function);
                return Ok(Value::Vector(map(columns, steps, date)?));
            }
            of_range(context, call, name)
        }
    }
}

fn argument(call: &Call, index: usize) -> Result<&Expr, QueryError> {
    let missing = || QueryError::execution(format!("{} lacks an argument", call.func.name));
    call.args.args.get(index).map(|argument| &**argument).ok_or_else(missing)
}

/// Applies a function of one number to every value; the metric's name goes.
pub(super) fn map(
    mut columns: Vec<Column>,
    steps: usize,
    function: impl Fn(f64) -> f64,
) -> Result<Vec<Column>, QueryError> {
    for column in &mut columns {
        column.labels = std::mem::take(&mut column.labels).nameless();
        for point in &mut column.points {
            *point = point.map(&function);
        }
    }
    join(columns, steps)
}

fn with_numbers(
    context: &Context<'_>,
    call: &Call,
    function: impl Fn(usize, f64) -> Option<f64>,
) -> Result<Value, QueryError> {
    let mut columns = vector(context, argument(call, 0)?)?;
    for column in &mut columns {
        column.labels = std::mem::take(&mut column.labels).nameless();
        for (step, point) in column.points.iter_mut().enumerate() {
            *point = point.and_then(|value| function(step, value));
        }
    }
    join(columns, context.grid.len()).map(Value::Vector)
}

/// The larger one; NaN wins, unlike `f64::max`.
fn most(left: f64, right: f64) -> f64 {
    if left.is_nan() || right.is_nan() { f64::NAN } else { left.max(right) }
}

/// The smaller one; NaN wins, unlike `f64::min`.
fn least(left: f64, right: f64) -> f64 {
    if left.is_nan() || right.is_nan() { f64::NAN } else { left.min(right) }
}

fn of_number(name: &str) -> Option<fn(f64) -> f64> {
    Some(match name {
        "abs" => f64::abs,
        "ceil" => f64::ceil,
        "floor" => f64::floor,
        "exp" => f64::exp,
        "ln" => f64::ln,
        "log2" => f64::log2,
        "log10" => f64::log10,
        "sqrt" => f64::sqrt,
        "sgn" => |value| if value == 0.0 || value.is_nan() { value } else { value.signum() },
        "sin" => f64::sin,
        "cos" => f64::cos,
        "tan" => f64::tan,
        "asin" => f64::asin,
        "acos" => f64::acos,
        "atan" => f64::atan,
        "sinh" => f64::sinh,
        "cosh" => f64::cosh,
        "tanh" => f64::tanh,
        "asinh" => f64::asinh,
        "acosh" => f64::acosh,
        "atanh" => f64::atanh,
        "deg" => f64::to_degrees,
        "rad" => f64::to_radians,
        _ => return None,
    })
}

fn of_date(name: &str) -> Option<fn(DateTime<Utc>) -> f64> {
    Some(match name {
        "minute" => |date| f64::from(date.minute()),
        "hour" => |date| f64::from(date.hour()),
        "day_of_week" => |date| f64::from(date.weekday().num_days_from_sunday()),
        "day_of_month" => |date| f64::from(date.day()),
        "day_of_year" => |date| f64::from(date.ordinal()),
        "days_in_month" => |date| f64::from(date.num_days_in_month()),
        "month" => |date| f64::from(date.month()),
        "year" => |date| f64::from(date.year()),
        _ => return None,
    })
}

fn of_range(context: &Context<'_>, call: &Call, name: &str) -> Result<Value, QueryError> {
    let place = usize::from(name == "quantile_over_time");
    let numbers = match name {
        "quantile_over_time" => scalar(context, argument(call, 0)?)?,
        "predict_linear" => scalar(context, argument(call, 1)?)?,
        _ => Vec::new(),
    };
    let naming = if name == "last_over_time" { Naming::Keep } else { Naming::Drop };
    let times: Vec<i64> = context.grid.times().collect();
    let values = |window: &Window<'_>| window.samples.iter().map(|sample| sample.1).collect::<Vec<f64>>();
    let fold = |window: &Window<'_>, beats: fn(f64, f64) -> bool| {
        let pick = |best: f64, value: f64| if best.is_nan() || beats(value, best) { value } else { best };
        Some(window.samples.iter().map(|sample| sample.1).fold(f64::NAN, pick))
    };
    let pairs = |window: &Window<'_>, counts: fn(f64, f64) -> bool| {
        let pairs = window.samples.windows(2);
        Some(pairs.filter(|pair| counts(pair[0].1, pair[1].1)).count() as f64)
    };
    let known = [
        "rate",
        "increase",
        "delta",
        "irate",
        "idelta",
        "deriv",
        "predict_linear",
        "avg_over_time",
        "sum_over_time",
        "min_over_time",
        "max_over_time",
        "count_over_time",
        "last_over_time",
        "present_over_time",
        "quantile_over_time",
        "stddev_over_time",
        "stdvar_over_time",
        "changes",
        "resets",
    ];
    if !known.contains(&name) {
        return Err(QueryError::BadData(format!("parse error: unknown function with name {name:?}")));
    }
    if let ("rate" | "increase", Expr::MatrixSelector(matrix)) = (name, argument(call, place)?)
        && times.len() == 1
    {
        let rise = if name == "rate" { Rise::Rate } else { Rise::Increase };
        return join(rises(context, matrix, rise)?, 1).map(Value::Vector);
    }
    let windows = windows(context, argument(call, place)?)?;
    let columns = apply(windows, naming, |window| match name {
        "rate" => over_time::extrapolated(window, Rise::Rate),
        "increase" => over_time::extrapolated(window, Rise::Increase),
        "delta" => over_time::extrapolated(window, Rise::Delta),
        "irate" => over_time::last_two(window, Rise::Rate),
        "idelta" => over_time::last_two(window, Rise::Delta),
        "deriv" => over_time::regression(window.samples, window.samples[0].0).map(|line| line.0),
        "predict_linear" => over_time::regression(window.samples, times[window.step])
            .map(|(slope, intercept)| slope * numbers[window.step] + intercept),
        "avg_over_time" => Some(over_time::mean(window.samples)),
        "sum_over_time" => Some(window.samples.iter().map(|sample| sample.1).sum()),
        "min_over_time" => fold(window, |value, best| value < best),
        "max_over_time" => fold(window, |value, best| value > best),
        "count_over_time" => Some(window.samples.len() as f64),
        "last_over_time" => window.samples.last().map(|sample| sample.1),
        "quantile_over_time" => Some(over_time::quantile(numbers[window.step], &mut values(window))),
        "stdvar_over_time" => Some(over_time::variance(values(window).into_iter())),
        "stddev_over_time" => Some(over_time::variance(values(window).into_iter()).sqrt()),
        "changes" => pairs(window, |before, after| {
            before.to_bits() != after.to_bits() && !(before.is_nan() && after.is_nan())
        }),
        "resets" => pairs(window, |before, after| after < before),
        _ => Some(1.0),
    });
    join(columns, times.len()).map(Value::Vector)
}

/// The rise of each counter over one window: by its ends where that is enough, for windows of weeks.
fn rises(context: &Context<'_>, matrix: &MatrixSelector, rise: Rise) -> Result<Vec<Column>, QueryError> {
    let range = selector::milliseconds(matrix.range)?;
    let ends = selector::moments(context, matrix.vs.at.as_ref(), matrix.vs.offset.as_ref())?;
    let Some(&end) = ends.first() else { return Ok(Vec::new()) };
    let mut columns = Vec::new();
    let mut samples = Vec::new();
    for series in context.source.select(&selector::matching(&matrix.vs)?, end - range, end) {
        let point = if let Some(ends) = series.ends(end - range, end) {
            context.spend(2)?;
            over_time::extrapolate(&ends, ends.last.1 - ends.first.1, (end, range), rise)
        } else {
            samples.clear();
            series.read(end - range, end, &mut samples);
            samples.retain(|sample| !selector::is_stale(sample.1));
            context.spend(samples.len())?;
            over_time::extrapolated(&Window { samples: &samples, end, range, step: 0 }, rise)
        };
        columns.push(Column { labels: series.labels().clone().nameless(), points: vec![point] });
    }
    Ok(columns)
}

fn to_scalar(columns: &[Column], steps: usize) -> Vec<f64> {
    (0..steps)
        .map(|step| {
            let mut present = columns.iter().filter_map(|column| column.points[step]);
            match (present.next(), present.next()) {
                (Some(only), None) => only,
                _ => f64::NAN,
            }
        })
        .collect()
}

/// 1 where nothing is there, with the labels that the selector pins down.
fn absent(expression: &Expr, columns: &[Column], steps: usize) -> Vec<Column> {
    let matchers: &[Matcher] = match expression {
        Expr::VectorSelector(selector) => &selector.matchers.matchers,
        Expr::MatrixSelector(matrix) => &matrix.vs.matchers.matchers,
        Expr::Paren(inner) => return absent(&inner.expr, columns, steps),
        _ => &[],
    };
    let mut labels = Labels::default();
    for matcher in matchers {
        let alone = matchers.iter().filter(|other| other.name == matcher.name).count() == 1;
        if alone && matcher.op == MatchOp::Equal && matcher.name != super::labels::NAME {
            labels.set(&matcher.name, matcher.value.clone());
        }
    }
    let there = |step: usize| columns.iter().any(|column| column.points[step].is_some());
    let points: Vec<Option<f64>> = (0..steps).map(|step| (!there(step)).then_some(1.0)).collect();
    vec![Column { labels, points }]
}

fn timestamp(context: &Context<'_>, expression: &Expr) -> Result<Vec<Column>, QueryError> {
    let mut inner = expression;
    while let Expr::Paren(paren) = inner {
        inner = &paren.expr;
    }
    let columns = if let Expr::VectorSelector(selector) = inner {
        let found = selector::instant(context, selector)?.into_iter().map(|(labels, points)| {
            let points = points.into_iter().map(|point| point.map(|sample| sample.0 as f64 / 1000.0));
            Column { labels: labels.nameless(), points: points.collect() }
        });
        found.collect()
    } else {
        let mut columns = vector(context, expression)?;
        for column in &mut columns {
            column.labels = std::mem::take(&mut column.labels).nameless();
            for (point, time) in column.points.iter_mut().zip(context.grid.times()) {
                *point = point.map(|_| time as f64 / 1000.0);
            }
        }
        columns
    };
    join(columns, context.grid.len())
}

/// Orders an instant answer by value, NaN last; a range answer has an order of its own.
fn sort(mut columns: Vec<Column>, order: impl Fn(f64, f64) -> std::cmp::Ordering) -> Vec<Column> {
    let value = |column: &Column| column.points.first().copied().flatten().unwrap_or(f64::NAN);
    columns.sort_by(|left, right| {
        let (left, right) = (value(left), value(right));
        if left.is_nan() || right.is_nan() { left.is_nan().cmp(&right.is_nan()) } else { order(left, right) }
    });
    columns
}

fn text(call: &Call, index: usize) -> Result<&str, QueryError> {
    match argument(call, index)? {
        Expr::StringLiteral(literal) => Ok(&literal.val),
        _ => Err(QueryError::execution(format!("{} wants a string literal", call.func.name))),
    }
}

fn label_name(call: &Call, index: usize) -> Result<&str, QueryError> {
    let name = text(call, index)?;
    let valid = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    let message = || format!("invalid destination label name in {}(): {name}", call.func.name);
    if valid { Ok(name) } else { Err(QueryError::execution(message())) }
}

fn label_replace(context: &Context<'_>, call: &Call) -> Result<Vec<Column>, QueryError> {
    let (target, replacement) = (label_name(call, 1)?, text(call, 2)?);
    let (source, pattern) = (text(call, 3)?, text(call, 4)?);
    let invalid =
        || QueryError::execution(format!("invalid regular expression in label_replace(): {pattern}"));
    let token = promql_parser::parser::token::T_EQL_REGEX;
    let matcher =
        Matcher::new_matcher(token, source.to_owned(), pattern.to_owned()).map_err(|_| invalid())?;
    let MatchOp::Re(expression) = matcher.op else { return Err(invalid()) };
    let mut columns = vector(context, argument(call, 0)?)?;
    for column in &mut columns {
        if let Some(captures) = expression.captures(column.labels.get(source)) {
            let mut value = String::new();
            captures.expand(replacement, &mut value);
            column.labels.set(target, value);
        }
    }
    join(columns, context.grid.len())
}

fn label_join(context: &Context<'_>, call: &Call) -> Result<Vec<Column>, QueryError> {
    let (target, separator) = (label_name(call, 1)?, text(call, 2)?);
    let sources = (3..call.args.len()).map(|index| text(call, index)).collect::<Result<Vec<_>, _>>()?;
    let mut columns = vector(context, argument(call, 0)?)?;
    for column in &mut columns {
        let values: Vec<&str> = sources.iter().map(|source| column.labels.get(source)).collect();
        let value = values.join(separator);
        column.labels.set(target, value);
    }
    join(columns, context.grid.len())
}
