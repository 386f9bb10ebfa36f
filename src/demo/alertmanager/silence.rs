//! Silences: who asked for quiet, about what, until when.

use chrono::{DateTime, Utc};
use promql_parser::label::Matcher;
use promql_parser::parser::token::{T_EQL, T_EQL_REGEX, T_NEQ, T_NEQ_REGEX};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::time;
use crate::demo::promql::Labels;

/// One condition on a label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Condition {
    #[serde(default = "yes")]
    is_equal: bool,
    is_regex: bool,
    name: String,
    value: String,
}

fn yes() -> bool {
    true
}

impl Condition {
    /// That a label has this value.
    pub(super) fn equal(name: &str, value: &str) -> Self {
        Self { is_equal: true, is_regex: false, name: name.to_owned(), value: value.to_owned() }
    }

    /// From text such as `service="checkout"` or `version=~4\.2.*`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let at = text.find(['=', '!'])?;
        let (name, rest) = text.split_at(at);
        let operators = [("=~", true, true), ("!~", false, true), ("!=", false, false), ("=", true, false)];
        let (operator, is_equal, is_regex) =
            operators.into_iter().find(|(sign, ..)| rest.starts_with(sign))?;
        let value = rest[operator.len()..].trim();
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
        let condition =
            Self { is_equal, is_regex, name: name.trim().to_owned(), value: value.replace("\\\"", "\"") };
        (!condition.name.is_empty() && condition.matcher().is_some()).then_some(condition)
    }

    fn matcher(&self) -> Option<Matcher> {
        let token = match (self.is_equal, self.is_regex) {
            (true, false) => T_EQL,
            (false, false) => T_NEQ,
            (true, true) => T_EQL_REGEX,
            (false, true) => T_NEQ_REGEX,
        };
        Matcher::new_matcher(token, self.name.clone(), self.value.clone()).ok()
    }

    /// Whether these labels meet it.
    pub(super) fn accepts(&self, labels: &Labels) -> bool {
        self.matcher().is_some_and(|matcher| matcher.is_match(labels.get(&self.name)))
    }
}

/// A silence.
#[derive(Debug, Clone)]
pub(super) struct Silence {
    pub(super) id: String,
    pub(super) conditions: Vec<Condition>,
    pub(super) starts: DateTime<Utc>,
    pub(super) ends: DateTime<Utc>,
    pub(super) updated: DateTime<Utc>,
    pub(super) by: String,
    pub(super) comment: String,
}

impl Silence {
    /// `pending`, `active` or `expired`.
    pub(super) fn state(&self, now: DateTime<Utc>) -> &'static str {
        if now < self.starts {
            "pending"
        } else if now < self.ends {
            "active"
        } else {
            "expired"
        }
    }

    /// Whether it silences an alert with these labels.
    pub(super) fn silences(&self, labels: &Labels, now: DateTime<Utc>) -> bool {
        self.state(now) == "active" && self.conditions.iter().all(|condition| condition.accepts(labels))
    }

    /// In the API's shape.
    pub(super) fn json(&self, now: DateTime<Utc>) -> Value {
        json!({
            "id": self.id, "status": {"state": self.state(now)}, "updatedAt": time(self.updated),
            "comment": self.comment, "createdBy": self.by, "endsAt": time(self.ends), "matchers": self.conditions,
            "startsAt": time(self.starts),
        })
    }
}

/// What is sent to make one, or why it cannot be: the code and the message of the API's validation.
pub(super) fn read(body: &Value, now: DateTime<Utc>) -> Result<Silence, (u16, String)> {
    let required = |name: &str| {
        let text = body[name].as_str().ok_or_else(|| (602, format!("{name} in body is required")))?;
        Ok::<String, (u16, String)>(text.to_owned())
    };
    let moment = |name: &str| {
        let text = required(name)?;
        let parsed = DateTime::parse_from_rfc3339(&text).map(|time| time.to_utc());
        parsed.map_err(|_| (601, format!("{name} in body must be of type date-time: {text:?}")))
    };
    let matchers =
        body["matchers"].as_array().ok_or_else(|| (602, "matchers in body is required".to_owned()))?;
    if matchers.is_empty() {
        return Err((612, "matchers in body should have at least 1 items".to_owned()));
    }
    let conditions = matchers.iter().enumerate().map(|(index, matcher)| {
        let condition = serde_json::from_value::<Condition>(matcher.clone());
        condition
            .ok()
            .filter(|condition| condition.matcher().is_some())
            .ok_or_else(|| (602, format!("matchers.{index} in body must be a matcher")))
    });
    let conditions = conditions.collect::<Result<Vec<_>, _>>()?;
    Ok(Silence {
        id: body["id"].as_str().unwrap_or_default().to_owned(),
        conditions,
        starts: moment("startsAt")?.max(now),
        ends: moment("endsAt")?,
        updated: now,
        by: required("createdBy")?,
        comment: required("comment")?,
    })
}
