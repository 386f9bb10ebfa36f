//! The searches: bounded JQL, a page at a time, without a total.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::tracker::Issue;
use super::{Jira, Outcome, Parameters, Refused, Shared, answer, jql, number, refusal};

/// The most issues of one page.
const MOST_ISSUES: usize = 100;

/// A search's parameters: from the query string, or from a JSON body.
struct Search {
    jql: String,
    most: usize,
    token: Option<String>,
    fields: Vec<String>,
    history: bool,
}

impl Search {
    fn read(parameters: &Parameters, body: &[u8]) -> Result<Self, Refused> {
        let wrong = |message: &str| refusal(StatusCode::BAD_REQUEST, message);
        let body: Value = if body.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(body).map_err(|_| {
                wrong("Invalid request payload. Refer to the REST API documentation and try again.")
            })?
        };
        let text =
            |name: &str| body[name].as_str().or(parameters.get(name).map(String::as_str)).map(str::to_owned);
        let most = body["maxResults"]
            .as_u64()
            .map_or_else(|| number(parameters, "maxResults", 50), |most| most as usize);
        if most > 5_000 {
            return Err(wrong("The value of 'maxResults' must be between 1 and 5000."));
        }
        let listed = body["fields"]
            .as_array()
            .map(|fields| fields.iter().filter_map(|field| field.as_str().map(str::to_owned)).collect());
        let fields = listed.unwrap_or_else(|| {
            text("fields")
                .into_iter()
                .flat_map(|fields| fields.split(',').map(|field| field.trim().to_owned()).collect::<Vec<_>>())
                .collect()
        });
        Ok(Self {
            jql: text("jql").unwrap_or_default(),
            most,
            token: text("nextPageToken").filter(|token| !token.is_empty()),
            fields,
            history: text("expand").is_some_and(|expand| expand.contains("changelog")),
        })
    }
}

/// The issues of a bounded JQL query.
fn chosen<'a>(jira: &'a Jira, jql: &str) -> Result<Vec<&'a Issue>, Refused> {
    let wrong = |message: String| refusal(StatusCode::BAD_REQUEST, message);
    let query = jql::Query::parse(jql, &jira.tracker).map_err(wrong)?;
    if !query.is_bounded() {
        let message =
            "Unbounded JQL queries are not allowed here. Please add a search restriction to your query.";
        return Err(wrong(message.to_owned()));
    }
    Ok(query.find(&jira.tracker))
}

/// `search/jql`: a page of issues.
pub(super) async fn find(State(jira): Shared, parameters: Parameters, body: Bytes) -> Outcome {
    let search = Search::read(&parameters, &body)?;
    let found = chosen(&jira, &search.jql)?;
    let start = match &search.token {
        None => 0,
        Some(token) => {
            let decoded = STANDARD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            let start = decoded.and_then(|text| text.strip_prefix("from:")?.parse::<usize>().ok());
            start
                .ok_or_else(|| refusal(StatusCode::BAD_REQUEST, "The nextPageToken is invalid or expired."))?
        }
    };
    let most = search.most.clamp(1, MOST_ISSUES);
    let fields = (!search.fields.is_empty() && search.fields != ["id"]).then_some(search.fields.as_slice());
    let page = found.iter().skip(start).take(most);
    let issues: Vec<Value> =
        page.map(|issue| jira.issue(&jira.tracker, issue, fields, search.history)).collect();
    let next = start + issues.len();
    let last = next >= found.len();
    let mut value = json!({"issues": issues, "isLast": last});
    if !last {
        value["nextPageToken"] = json!(STANDARD.encode(format!("from:{next}")));
    }
    Ok(answer(value))
}

/// `search/approximate-count`: how many there are.
pub(super) async fn count(State(jira): Shared, parameters: Parameters, body: Bytes) -> Outcome {
    let search = Search::read(&parameters, &body)?;
    Ok(answer(json!({"count": chosen(&jira, &search.jql)?.len()})))
}
