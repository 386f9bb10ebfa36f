//! What Jira says on the wire, Cloud and Data Center alike. Nearly everything may be missing.

use std::fmt;

use chrono::{DateTime, NaiveDate};
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};

use crate::domain::Safe;

/// `GET serverInfo`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServerInfo {
    /// `Cloud`, or `Server` (Data Center too); old servers leave it out.
    pub deployment_type: Option<String>,
    /// The version.
    #[serde(default)]
    pub version: String,
}

/// `GET myself`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Myself {
    /// For people.
    pub display_name: Option<Safe>,
    /// Data Center's login name.
    pub name: Option<Safe>,
}

/// `GET project/K/versions` answers a bare array, `GET project/K/version` a page.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Versions {
    /// All of them.
    All(Vec<Version>),
    /// Some of them.
    Page(VersionPage),
}

/// A page of versions.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VersionPage {
    /// The versions of this page.
    pub values: Vec<Version>,
    /// Whether it is the last.
    #[serde(default)]
    pub is_last: bool,
}

/// A version of a project.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Version {
    /// Its id: a text, or in places a number.
    #[serde(default)]
    pub id: Text,
    /// Its name.
    #[serde(default)]
    pub name: Text,
    /// Planned start.
    #[serde(default)]
    pub start_date: Day,
    /// Planned or actual release.
    #[serde(default)]
    pub release_date: Day,
    /// Whether it is released.
    #[serde(default)]
    pub released: bool,
    /// Whether it is archived.
    #[serde(default)]
    pub archived: bool,
    /// Cloud, with `expand=issuesstatus`.
    #[serde(rename = "issuesStatusForFixVersion")]
    pub counts: Option<IssuesStatus>,
}

/// How many issues stand where.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
pub struct IssuesStatus {
    /// Not begun.
    pub to_do: u32,
    /// Begun.
    pub in_progress: u32,
    /// Done.
    pub done: u32,
    /// In a status without a category.
    pub unmapped: u32,
}

/// `GET version/ID/relatedIssueCounts`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Related {
    /// Issues that this version fixes.
    pub issues_fixed_count: u32,
}

/// `GET version/ID/unresolvedIssueCount`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unresolved {
    /// Open ones among them.
    pub issues_unresolved_count: u32,
}

/// A page of issues, in both dialects.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IssuePage {
    /// The issues of this page.
    #[serde(default)]
    pub issues: Vec<Issue>,
    /// Data Center: how many there are.
    pub total: Option<u64>,
    /// Cloud: where to go on; missing on the last page.
    pub next_page_token: Option<String>,
    /// Cloud: whether it is the last.
    #[serde(default)]
    pub is_last: bool,
}

/// An issue.
#[derive(Debug, Default, Deserialize)]
pub struct Issue {
    /// `PAY-12`.
    #[serde(default)]
    pub key: Text,
    /// What was asked for of it.
    #[serde(default)]
    pub fields: Fields,
}

/// The fields of an issue.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields {
    /// Its title.
    pub summary: Option<Safe>,
    /// Its status.
    pub status: Option<Status>,
    /// Its priority.
    pub priority: Option<Named>,
    /// Its type.
    pub issuetype: Option<Named>,
    /// Whose turn it is.
    pub assignee: Option<Myself>,
    /// Its links.
    pub issuelinks: Option<Vec<Link>>,
    /// When it last changed: `2026-11-25T13:22:00.000+0100`.
    pub updated: Option<String>,
}

/// Something with a name.
#[derive(Debug, Default, Deserialize)]
pub struct Named {
    /// The name, in the server's language.
    #[serde(default)]
    pub name: Safe,
}

/// A status.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Status {
    /// Its name.
    pub name: Safe,
    /// What it amounts to.
    pub status_category: Option<Category>,
}

/// What a status amounts to.
#[derive(Debug, Default, Deserialize)]
pub struct Category {
    /// `new`, `indeterminate`, `done`.
    #[serde(default)]
    pub key: Safe,
}

/// A link: this issue `type.inward` the inward issue, or `type.outward` the outward one.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Link {
    /// Its words.
    #[serde(rename = "type")]
    pub kind: LinkWords,
    /// The other end, seen from which this issue is inward.
    pub inward_issue: Option<Box<Issue>>,
    /// The other end, seen from which this issue is outward.
    pub outward_issue: Option<Box<Issue>>,
}

/// A link type's words, which are free text.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct LinkWords {
    /// `is blocked by`.
    pub inward: String,
    /// `blocks`.
    pub outward: String,
}

/// How it refuses.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    /// For people.
    #[serde(default)]
    pub error_messages: Vec<String>,
    /// By field.
    #[serde(default)]
    pub errors: std::collections::BTreeMap<String, serde_json::Value>,
    /// What some gateways say instead.
    pub message: Option<String>,
}

/// A text that is a number in places.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text(pub Safe);

/// A civil date: `2026-11-20`, a timestamp whose date counts, or milliseconds since 1970. What is
/// neither is no date: a tracker's oddity must not cost its whole list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Day(pub Option<NaiveDate>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let scalar = deserializer.deserialize_any(Lenient)?;
        Ok(Self(match scalar {
            Scalar::Text(text) => Safe::new(text),
            Scalar::Number(number) => Safe::new(number.to_string()),
            Scalar::Other => Safe::default(),
        }))
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let scalar = deserializer.deserialize_any(Lenient)?;
        Ok(Self(match scalar {
            Scalar::Text(text) => text.get(..10).and_then(|day| day.parse().ok()),
            Scalar::Number(millis) => DateTime::from_timestamp_millis(millis).map(|at| at.date_naive()),
            Scalar::Other => None,
        }))
    }
}

enum Scalar {
    Text(String),
    Number(i64),
    Other,
}

struct Lenient;

impl<'de> Visitor<'de> for Lenient {
    type Value = Scalar;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text or a number")
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(text.to_owned()))
    }
    fn visit_i64<E: Error>(self, number: i64) -> Result<Scalar, E> {
        Ok(Scalar::Number(number))
    }
    fn visit_u64<E: Error>(self, number: u64) -> Result<Scalar, E> {
        Ok(i64::try_from(number).map_or(Scalar::Other, Scalar::Number))
    }
    fn visit_f64<E: Error>(self, number: f64) -> Result<Scalar, E> {
        Ok(Scalar::Number(number as i64))
    }
    fn visit_bool<E: Error>(self, _: bool) -> Result<Scalar, E> {
        Ok(Scalar::Other)
    }
    fn visit_unit<E: Error>(self) -> Result<Scalar, E> {
        Ok(Scalar::Other)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, sequence: A) -> Result<Scalar, A::Error> {
        de::IgnoredAny.visit_seq(sequence).map(|IgnoredAny| Scalar::Other)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Scalar, A::Error> {
        de::IgnoredAny.visit_map(map).map(|IgnoredAny| Scalar::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_read_from_what_servers_write() {
        let day = |json: &str| serde_json::from_str::<Day>(json).unwrap().0.map(|day| day.to_string());
        assert_eq!(day(r#""2010-07-06""#).as_deref(), Some("2010-07-06"));
        assert_eq!(day(r#""2026-11-20T10:00:00.000+0000""#).as_deref(), Some("2026-11-20"));
        assert_eq!(day("1278385482288").as_deref(), Some("2010-07-06"));
        for nothing in ["null", "\"\"", "\"31/juil./25\"", "{\"a\":1}", "[1]", "1e300", "\"éééééééé\""]
        {
            assert_eq!(day(nothing), None, "{nothing}");
        }
    }
}
