//! What Prometheus says on the wire.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error, IgnoredAny, Visitor};
use serde::{Deserialize, Deserializer};

use crate::domain::Safe;

/// The envelope of every answer.
#[derive(Debug, Deserialize)]
pub struct Envelope<T> {
    /// `success` or `error`.
    pub status: String,
    /// The answer.
    pub data: Option<T>,
    /// `bad_data`, `execution`, `timeout`, …
    #[serde(rename = "errorType")]
    pub error_type: Option<String>,
    /// What is wrong.
    pub error: Option<String>,
    /// The answer may be partial.
    #[serde(default)]
    pub warnings: Vec<Safe>,
    /// Remarks of newer servers on how the query is written; the answer is whole all the same.
    #[serde(default)]
    pub infos: Vec<Safe>,
    /// VictoriaMetrics: some of its storage nodes did not answer.
    #[serde(rename = "isPartial", default)]
    pub is_partial: bool,
}

/// The answer to a query. Prometheus writes the tag first, so nothing is buffered.
#[derive(Debug, Deserialize)]
#[serde(tag = "resultType", content = "result", rename_all = "lowercase")]
pub enum Data {
    /// One value a series.
    Vector(Vec<Instant>),
    /// Many values a series.
    Matrix(Vec<Range>),
    /// One value.
    Scalar(Sample),
    /// A text.
    String(IgnoredAny),
}

/// One series at one instant.
#[derive(Debug, Deserialize)]
pub struct Instant {
    /// Its labels.
    #[serde(default)]
    pub metric: BTreeMap<String, String>,
    /// Its value; absent for a native histogram.
    pub value: Option<Sample>,
    /// A native histogram.
    pub histogram: Option<IgnoredAny>,
}

/// One series over time.
#[derive(Debug, Deserialize)]
pub struct Range {
    /// Its labels.
    #[serde(default)]
    pub metric: BTreeMap<String, String>,
    /// Its values; none for a native histogram.
    #[serde(default)]
    pub values: Vec<Sample>,
    /// Native histograms.
    pub histograms: Option<IgnoredAny>,
}

/// `[unix seconds, "value"]`.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Sample(pub f64, pub Value);

/// A number in a string: `0.18`, `NaN`, `+Inf`, `1.8e-01`.
#[derive(Debug, Clone, Copy)]
pub struct Value(pub f64);

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Value;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a number in a string")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
                text.parse().map(Value).map_err(|_| E::custom("a sample that is not a number"))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// `GET alerts`.
#[derive(Debug, Deserialize)]
pub struct Alerts {
    /// Firing and pending ones.
    pub alerts: Vec<Alert>,
}

/// One alert.
#[derive(Debug, Deserialize)]
pub struct Alert {
    /// Its labels, `alertname` among them.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Its annotations.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
    /// `firing`, `pending` or `inactive`.
    pub state: String,
    /// Since when its condition holds.
    #[serde(rename = "activeAt")]
    pub active_at: Option<chrono::DateTime<chrono::Utc>>,
}

/// `GET rules?type=alert`.
#[derive(Debug, Deserialize)]
pub struct Rules {
    /// Groups that are evaluated together.
    pub groups: Vec<RuleGroup>,
}

/// Rules that are evaluated together.
#[derive(Debug, Deserialize)]
pub struct RuleGroup {
    /// Its rules.
    #[serde(default)]
    pub rules: Vec<Rule>,
}

/// One rule.
#[derive(Debug, Deserialize)]
pub struct Rule {
    /// `alerting` or `recording`.
    #[serde(rename = "type", default)]
    kind: String,
    /// Its alerts, those that are pending or fire.
    #[serde(default)]
    alerts: Vec<Alert>,
}

impl Rule {
    /// Whether it makes alerts; a server that is asked for those alone may tell of others too.
    pub fn is_alerting(&self) -> bool {
        self.kind == "alerting"
    }

    /// Since when the conditions of its alerts hold.
    pub fn active(&self) -> impl Iterator<Item = chrono::DateTime<chrono::Utc>> {
        let active = self.alerts.iter().filter(|alert| alert.state != "inactive");
        active.filter_map(|alert| alert.active_at)
    }
}

/// `GET status/buildinfo`.
#[derive(Debug, Deserialize)]
pub struct Build {
    /// The version.
    #[serde(default)]
    pub version: String,
    /// The product, where a compatible server names itself.
    pub application: Option<String>,
}
