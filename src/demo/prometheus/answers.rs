//! Answers in Prometheus's JSON.

use std::fmt::Write as _;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::demo::promql::{Answer, Column, Grid, Labels, QueryError, Sample, format_number};

/// A refusal in Prometheus's shape.
pub(super) struct Refusal {
    status: StatusCode,
    kind: &'static str,
    message: String,
}

impl Refusal {
    /// A call that makes no sense: 400.
    pub(super) fn bad_data(message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, kind: "bad_data", message: message.into() }
    }

    /// A parameter that makes no sense: 400.
    pub(super) fn parameter(name: &str, message: &str) -> Self {
        Self::bad_data(format!("invalid parameter {name:?}: {message}"))
    }

    /// A query that cannot be answered.
    pub(super) fn query(parameter: &str, error: &QueryError) -> Self {
        match error {
            QueryError::BadData(message) => Self::parameter(parameter, message),
            QueryError::Execution(message) => {
                let status = StatusCode::UNPROCESSABLE_ENTITY;
                Self { status, kind: "execution", message: message.clone() }
            }
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({"status": "error", "errorType": self.kind, "error": self.message});
        (self.status, axum::Json(body)).into_response()
    }
}

/// Success with this data.
pub(super) fn success(data: &Value) -> Response {
    axum::Json(json!({"status": "success", "data": data})).into_response()
}

/// The answer to an instant query at a time in milliseconds.
pub(super) fn instant(answer: &Answer, time: i64) -> Response {
    let mut text = String::new();
    let kind = match answer {
        Answer::Scalar(number) => {
            point(&mut text, (time, *number));
            "scalar"
        }
        Answer::Text(string) => {
            let _ = write!(text, "[{},{}]", seconds(time), json!(string));
            "string"
        }
        Answer::Vector(vector) => {
            list(&mut text, vector, |text, (labels, value)| {
                let _ = write!(text, "{{\"metric\":{},\"value\":", metric(labels));
                point(text, (time, *value));
                text.push('}');
            });
            "vector"
        }
        Answer::Matrix(matrix) => {
            list(&mut text, matrix, |text, (labels, samples)| series(text, labels, samples));
            "matrix"
        }
    };
    result(kind, &text)
}

/// The answer to a range query.
pub(super) fn range(columns: &[Column], grid: Grid) -> Response {
    let mut text = String::new();
    list(&mut text, columns, |text, column| {
        let points = grid.times().zip(&column.points);
        let samples: Vec<Sample> = points.filter_map(|(time, point)| Some((time, (*point)?))).collect();
        series(text, &column.labels, &samples);
    });
    result("matrix", &text)
}

/// Labels as a JSON object.
pub(super) fn metric(labels: &Labels) -> Value {
    labels.iter().map(|(name, value)| (name.to_owned(), json!(value))).collect()
}

fn result(kind: &str, text: &str) -> Response {
    let body = format!(r#"{{"status":"success","data":{{"resultType":"{kind}","result":{text}}}}}"#);
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

fn list<T>(text: &mut String, items: &[T], mut one: impl FnMut(&mut String, &T)) {
    text.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        one(text, item);
    }
    text.push(']');
}

fn series(text: &mut String, labels: &Labels, samples: &[Sample]) {
    let _ = write!(text, "{{\"metric\":{},\"values\":", metric(labels));
    list(text, samples, |text, sample| point(text, *sample));
    text.push('}');
}

fn point(text: &mut String, (time, value): Sample) {
    let _ = write!(text, "[{},\"{}\"]", seconds(time), format_number(value));
}

/// Seconds with up to three decimals.
fn seconds(time: i64) -> String {
    let text = format!("{}.{:03}", time.div_euclid(1000), time.rem_euclid(1000));
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
