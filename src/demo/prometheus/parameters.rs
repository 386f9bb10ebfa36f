//! Parameters of a call: from the query string and from a form.

use chrono::DateTime;
use promql_parser::parser::Expr;

use super::answers::Refusal;
use crate::demo::promql::{self, Grid, Matching};

/// The most points a series of a range answer may have.
const MOST_POINTS: i64 = 11_000;

/// The parameters as sent.
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// From a query string and a form's body.
    pub(super) fn read(query: Option<&str>, form: &[u8]) -> Self {
        let mut pairs = Vec::new();
        for bytes in [query.unwrap_or_default().as_bytes(), form] {
            pairs.extend(url::form_urlencoded::parse(bytes).into_owned());
        }
        Self(pairs)
    }

    /// A parameter; absent and empty are the same.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|pair| pair.0 == name);
        found.map(|pair| pair.1.as_str()).filter(|value| !value.is_empty())
    }

    /// A parameter that is a time, in milliseconds.
    pub(super) fn time(&self, name: &str, default: Option<i64>) -> Result<i64, Refusal> {
        let text = self.get(name).unwrap_or_default();
        if let (true, Some(default)) = (text.is_empty(), default) {
            return Ok(default);
        }
        if let Some(seconds) = text.parse::<f64>().ok().filter(|seconds| seconds.abs() < 9e12) {
            return Ok((seconds * 1000.0).round() as i64);
        }
        let wrong = || Refusal::parameter(name, &format!("cannot parse {text:?} to a valid timestamp"));
        DateTime::parse_from_rfc3339(text).map(|time| time.timestamp_millis()).map_err(|_| wrong())
    }

    /// The query.
    pub(super) fn query(&self) -> Result<Expr, Refusal> {
        let text = self.get("query").unwrap_or_default();
        promql::parse(text).map_err(|error| Refusal::query("query", &error))
    }

    /// The times of a range query.
    pub(super) fn grid(&self) -> Result<Grid, Refusal> {
        let from = self.time("start", None)?;
        let to = self.time("end", None)?;
        if to < from {
            return Err(Refusal::parameter("end", "end timestamp must not be before start time"));
        }
        let text = self.get("step").unwrap_or_default();
        let step = duration(text).ok_or_else(|| {
            Refusal::parameter("step", &format!("cannot parse {text:?} to a valid duration"))
        })?;
        if step <= 0 {
            let message =
                "zero or negative query resolution step widths are not accepted. Try a positive integer";
            return Err(Refusal::parameter("step", message));
        }
        if (to - from) / step > MOST_POINTS {
            return Err(Refusal::bad_data(
                "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query \
                 resolution (?step=XX)",
            ));
        }
        Ok(Grid { from, to, step })
    }

    /// The selectors of `match[]`.
    pub(super) fn selectors(&self) -> Result<Vec<Matching>, Refusal> {
        let selectors = self.0.iter().filter(|pair| pair.0 == "match[]");
        selectors
            .map(|(_, text)| {
                match promql::parse(text).map_err(|error| Refusal::query("match[]", &error))? {
                    Expr::VectorSelector(selector) => {
                        promql::matching(&selector).map_err(|error| Refusal::query("match[]", &error))
                    }
                    _ => Err(Refusal::parameter(
                        "match[]",
                        "parse error: unexpected expression, want a selector",
                    )),
                }
            })
            .collect()
    }
}

/// Seconds, or a duration such as `1m30s`, in milliseconds.
fn duration(text: &str) -> Option<i64> {
    if let Ok(seconds) = text.parse::<f64>() {
        return (seconds.abs() < 9e12).then_some((seconds * 1000.0).round() as i64);
    }
    let parsed = promql_parser::util::parse_duration(text).ok()?;
    i64::try_from(parsed.as_millis()).ok()
}
